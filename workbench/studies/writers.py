"""How a report is cited in tables of studies: authors, title, journal, year; volume(issue):pages, DOI."""

import re

from workbench.deduplication.queries.merged import Report
from workbench.deduplication.rules.names import family_name
from workbench.words import _

MOST_AUTHORS = 6
_INITIAL = re.compile(r"(?<!\w)(\w)")


def short_name(author: str) -> str:
    """A name as reference lists print it: family name and initials; a name that has no comma stays as it is.

    >>> short_name("Klazen, Caroline A H"), short_name("Buchbinder R"), short_name("Holm, K.A.")
    ('Klazen CAH', 'Buchbinder R', 'Holm KA')
    """
    given = author.split(",", 1)[1].strip() if "," in author else ""
    if not given:
        return author.strip(" ,")
    glued = given if given.isupper() and len(given) <= 3 else "".join(_INITIAL.findall(given)).upper()
    return f"{family_name(author).strip()} {glued}"


def citation(report: Report) -> str:
    """One report as a reference in one line, as far as its records tell."""
    names = [short_name(one) for one in report.authors[:MOST_AUTHORS]]
    people = ", ".join(names) + (_(", et al") if len(report.authors) > MOST_AUTHORS else "")
    title = report.title or report.original_title or _("Without a title")
    parts = [_ended(people), _ended(title), _ended(_where(report))]
    doi = f"https://doi.org/{report.doi}" if report.doi else f"PMID {report.pmid}" if report.pmid else ""
    return " ".join(part for part in (*parts, doi) if part)


def _where(report: Report) -> str:
    """Where it was printed: `Lancet 2010;376(9746):1085-92`."""
    issue = f"({report.issue})" if report.issue else ""
    volume = f"{report.volume or ''}{issue}"
    pages = f":{report.pages}" if report.pages else ""
    when = f"{report.year or ''}{';' if volume else ''}{volume}{pages}"
    return " ".join(part for part in (report.journal or report.journal_abbreviation or "", when) if part)


def _ended(text: str) -> str:
    text = " ".join(text.split())
    return text if not text or text.endswith((".", "?", "!")) else f"{text}."
