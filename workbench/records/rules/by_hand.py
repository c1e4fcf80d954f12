"""Records entered by hand: what a person types, checked, and written as a small file that our own reader knows."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

from workbench.errors import Invalid
from workbench.records.rules import identifiers
from workbench.records.rules.items import Item
from workbench.words import _

MOST = 200
"""Records of one form."""
LONGEST = 50_000

HEADERS = {
    "title": "Title",
    "authors": "Authors",
    "year": "Year",
    "journal": "Journal",
    "volume": "Volume",
    "issue": "Issue",
    "pages": "Pages",
    "doi": "DOI",
    "pmid": "PMID",
    "url": "URL",
    "abstract": "Abstract",
    "language": "Language",
    "kind": "Type",
    "notes": "Notes",
}
"""What can be typed, and under which header our file keeps it."""
DAY = "Found by hand"
"""The header by which our own file is known; its column holds the day."""

_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")
_MARK = re.compile(r"^\s*(?:\[?\d{1,3}[.)\]]|[-*•–])\s+")
_INITIALS = re.compile(r"[^\W\d_][\w'’-]+,? (?:[A-Z]\.?[- ]?){1,4}(?:,|;|$| et al)")
_SENTENCE = re.compile(r"(?<=[^\W\d_]{2}[.?!])\s+|(?<=[A-Z][.?!])\s+(?=[^\W\d_]{2})|(?<=[)\]][.?!])\s+")


class BadEntry(Invalid):
    """Each record entered by hand has a title, or a DOI or PMID by which it can be found."""

    hint = "Nothing was saved, and nothing that was typed is lost."


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as typed; empty where nothing was."""

    title: str = ""
    authors: str = ""
    year: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    doi: str = ""
    pmid: str = ""
    url: str = ""
    abstract: str = ""
    language: str = ""
    kind: str = ""
    notes: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was typed."""
        return not any(getattr(self, name) for name in HEADERS)

    def filled_from(self, item: Item) -> "Entry":
        """The same entry, with what was left empty taken from a record of a database."""
        known = {
            "title": item.title,
            "authors": "; ".join(item.authors),
            "year": str(item.year or ""),
            "journal": item.journal or item.journal_abbreviation,
            "volume": item.volume,
            "issue": item.issue,
            "pages": item.pages,
            "doi": item.doi,
            "pmid": item.pmid,
            "abstract": item.abstract,
            "language": "; ".join(item.languages),
            "kind": "; ".join(item.publication_types),
        }
        return replace(self, **{name: value for name, value in known.items() if value and not getattr(self, name)})


NAMES = tuple(one.name for one in fields(Entry))


def tidy(typed: dict[str, str]) -> Entry:
    """What was typed in one row, without blanks around it and without what no text should hold."""
    return Entry(**{name: typed.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip() for name in NAMES})


def checked(entries: Sequence[Entry]) -> list[Entry]:
    """The entries that hold something, with DOI and PMID in their plain form.

    Raises:
        BadEntry: nothing was typed, or something that cannot be kept so; the message names the row, counted from 1.
    """
    rows = [(number, entry) for number, entry in enumerate(entries, start=1) if not entry.is_empty]
    if not rows:
        raise BadEntry(_("Nothing was typed yet."))
    if len(rows) > MOST:
        raise BadEntry(_("These are more than %(n)s records; save them in parts, or use the template.", n=MOST))
    return [_checked(number, entry) for number, entry in rows]


def _checked(number: int, entry: Entry) -> Entry:
    if not (entry.title or entry.doi or entry.pmid):
        raise BadEntry(_("Record %(n)s has no title, no DOI and no PMID.", n=number))
    if any(len(getattr(entry, name)) > LONGEST for name in NAMES):
        raise BadEntry(_("Record %(n)s is too long.", n=number))
    doi, pmid = identifiers.doi(entry.doi), _pmid(entry.pmid)
    wrong = [
        (entry.doi, entry.doi and not doi, "DOI"),
        (entry.pmid, entry.pmid and not pmid, "PMID"),
        (entry.year, entry.year and not _YEAR.fullmatch(entry.year), _("year")),
        (entry.url, entry.url and not _WEB.fullmatch(entry.url), _("web address (it begins with https://)")),
    ]
    for given, is_wrong, name in wrong:
        if is_wrong:
            raise BadEntry(_("Record %(n)s: “%(given)s” is no %(name)s.", n=number, given=given[:80], name=name))
    return replace(entry, doi=doi or "", pmid=pmid or "")


def _pmid(value: str) -> str | None:
    return identifiers.digits(value) or identifiers.pmid_in_url(value) or identifiers.pmid_named(value)


def as_file(entries: Iterable[Entry], day: str) -> bytes:
    """The entries as the file that is imported: the same entries of one day give the same bytes.

    Cells are written as typed, since this is what arrived and not an export for a spreadsheet.
    """
    rows = ([*(_cell(entry, name) for name in HEADERS), day] for entry in entries)
    return _csv([[*HEADERS.values(), DAY], *rows])


def template() -> bytes:
    """An empty table with the headers our reader knows, marked as UTF-8 for spreadsheets."""
    return b"\xef\xbb\xbf" + _csv([[*HEADERS.values(), DAY]])


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def _cell(entry: Entry, name: str) -> str:
    """One cell; authors are parted by semicolons, so that no name is cut at its comma or its "and"."""
    value: str = getattr(entry, name)
    if name != "authors" or not value:
        return value
    return ";".join([*(part.strip() for part in re.split(r"[;\n]", value) if part.strip()), ""]).replace(";", "; ")


def pasted(text: str) -> list[Entry]:
    r"""Entries for a list of DOIs, PMIDs, web addresses or references, one on a line; each line once.

    >>> [(entry.doi, entry.pmid, entry.url) for entry in pasted("10.1000/X\n123456\nhttps://example.org/a")]
    [('10.1000/x', '', ''), ('', '123456', ''), ('', '', 'https://example.org/a')]
    """
    lines = dict.fromkeys(line.strip() for line in text.replace("\x00", "").splitlines() if line.strip())
    return [_of_line(_MARK.sub("", line)) for line in lines]


def _of_line(line: str) -> Entry:
    """One pasted line as an entry; of a reference the whole line stays in the notes."""
    doi, pmid = identifiers.doi(line), _pmid(line)
    web = _WEB.search(line)
    url = web[0].rstrip(".,;)") if web and not (doi and "doi.org/" in web[0]) else ""
    url = "" if pmid and "pubmed" in url else url
    if not any(word.isalpha() and len(word) > 2 for word in re.split(r"[\s:./]+", _without_identifiers(line))):
        return Entry(doi=doi or "", pmid=pmid or "", url=url)
    year = _YEAR.search(_without_identifiers(line))
    authors, title = _parts(line)
    return Entry(
        title=title, authors=authors, year=year[1] if year else "", doi=doi or "", pmid=pmid or "", url=url, notes=line
    )


def _without_identifiers(line: str) -> str:
    """A line without what names a record: address, DOI, PMID and the words before them."""
    line = _WEB.sub(" ", line)
    return re.sub(r"(?i)\b(?:doi:?\s*)?10\.\d{4,9}/\S+|\bdoi\b|\bpm(?:id|cid)\b:?\s*\d*", " ", line)


def _parts(line: str) -> tuple[str, str]:
    """Authors and title of a reference, where it begins with authors as references do; else all of it is the title.

    >>> _parts("Holm K, Berg M. Cement in painful metastases. Spine J 2014;3:1-9.")
    ('Holm K; Berg M', 'Cement in painful metastases')
    """
    said = re.sub(r"\s+", " ", _without_identifiers(line)).strip(" .;,:")
    sentences = [part for part in _SENTENCE.split(said) if part]
    if len(sentences) > 1 and _INITIALS.match(sentences[0]):
        authors = "; ".join(part.strip(" .") for part in re.split(r"[,;] (?=[^\W\d_]{2})", sentences[0]))
        return authors, sentences[1].rstrip(".")
    return "", said


def numbered(form: dict[str, str]) -> Iterator[Entry]:
    """The rows of a form, whose fields are named field-row, in the order of their rows."""
    rows: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        field, _dash, row = name.rpartition("-")
        if field in NAMES and row.isascii() and row.isdecimal() and len(row) < 4:
            rows.setdefault(int(row), {})[field] = value
    return (tidy(rows[row]) for row in sorted(rows))
