"""A record as a reviewer reads it: terms marked, the abstract in its parts, and nothing that the stage masks.

What a record says came from outside, so every word of it is escaped here; only our own marks are markup.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from workbench.deduplication.queries.merged import Report
from workbench.deduplication.rules.names import surnames
from workbench.protocols.rules import Highlights, Limits, Plan, short_code
from workbench.records.models import Record
from workbench.records.writers import told_types
from workbench.screening.queries.alike import Linked
from workbench.screening.rules import LimitRule, outside
from workbench.words import _

READ = ("title", "authors", "journal", "doi", "abstract", "keywords")
"""The fields of a record that the desk shows and that its cluster may tell more fully."""
LABELS = (
    "aims?|aim of the study|background|background and objectives?|background/objectives?|case (?:presentation|report)|"
    "clinical (?:question|relevance|significance|trial registration)|conclusions?|conclusions? and relevance|context|"
    "data (?:extraction|extraction and synthesis|sources|synthesis)|design|design and setting|discussion|evidence|"
    "exposures?|findings|funding|hypothesis|importance|interpretation|interventions?|introduction|key findings|"
    "level of evidence|limitations|main (?:outcomes?|outcomes? and measures?|outcome measures?|results)|"
    "materials? and methods?|materials?/methods?|materials?|measurements|measurements and main results|methodology|"
    "methods?|"
    "methods? and (?:findings|materials|results)|methods/design|objectives?|outcomes?|outcome measures?|participants?|"
    "patients?|patients? and methods?|population|purpose|purpose/objective(?:s|\\(s\\))?|"
    "purpose of (?:review|the study)|rationale|recent findings|"
    "recommendations?|registration|results?|results? and (?:conclusions?|discussion)|review methods|sample|"
    "search (?:methods|strategy)|selection criteria|setting|significance|source of funding|statement of significance|"
    "study (?:design|design and setting|objectives?|selection)|subjects?|summary|summary of background data|"
    "trial registration|unlabelled"
)
MOST_WORDS = 40
"""So many keywords, and so many subject headings, are shown of one record."""

_LABEL = re.compile(
    rf"(?:^|(?<=[.?!)\]%;])[ \t]+|\n[ \t]*)((?i:{LABELS})|[A-Z][A-Z ,/&()'-]{{2,50}}[A-Z)])"
    r"[ \t]*:[ \t]*(?=\S)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Part:
    """One paragraph of an abstract, with its label where it has one."""

    label: str | None
    text: Markup


@dataclass
class Marker:
    """Marks terms in escaped text, and counts them: `in` speak for a record, `out` against it, `pico` for neither."""

    terms: Highlights
    tally: dict[str, int] = field(default_factory=lambda: {"in": 0, "out": 0, "pico": 0})

    def __call__(self, text: str) -> Markup:
        """The text, escaped, with each term in a mark of its kind."""
        pattern = _pattern(self.terms)
        return Markup("".join(self._pieces(pattern, text))) if pattern else escape(text)  # noqa: S704  # escaped in parts

    def _pieces(self, pattern: re.Pattern[str], text: str) -> Iterator[str]:
        at = 0
        for hit in pattern.finditer(text):
            kind = str(hit.lastgroup)
            self.tally[kind] += 1
            yield escape(text[at : hit.start()])
            yield f'<mark class="hl hl-{kind}">{escape(hit[0])}</mark>'
            at = hit.end()
        yield escape(text[at:])


@dataclass(frozen=True)
class Shown:
    """What the desk shows of one record; what the stage masks is not here, so that no template can show it."""

    id: int
    title: Markup
    lang: str | None
    abstract: Sequence[Part]
    keywords: Sequence[Markup]
    headings: Sequence[Markup]
    """Subject headings: MeSH, Emtree, or those of another thesaurus."""
    kinds: Sequence[str]
    tally: Mapping[str, int]
    year: int | None
    is_masked: bool
    authors: Sequence[str] = ()
    journal: str | None = None
    doi: str | None = None
    pmid: str | None = None
    sources: Sequence[str] = ()
    outside: Sequence[LimitRule] = ()
    """The limits of the protocol that the record is outside of."""
    has_added_abstract: bool = False
    """Whether a person added the abstract, from another place than the export."""
    links: Sequence[Linked] = ()
    """Records that stand beside it: its errata, other versions, the article to its abstract."""
    abstract_of: int = 0
    """The record that the abstract is from."""
    is_put_together: bool = False
    """Whether another record of the same report gives part of what is read."""
    has_your_name: bool = False
    """Whether an author may be the reader: that is a question, not a bar (B12)."""


def shown(
    record: Record | Report, terms: Highlights, sources: Sequence[str], *, masked: bool, limits: Limits | None = None,
    reader: str = "", links: Sequence[Linked] = (),
) -> Shown:  # fmt: skip
    """A record, or a report of several, for the desk; author, journal, identifiers and sources where not masked."""
    mark = Marker(terms)
    names = () if masked else ("authors", "journal", "doi", "pmid")
    known: dict[str, Any] = {name: getattr(record, name) for name in names}
    sources_of = record.sources if isinstance(record, Report) else {}
    return Shown(
        id=record.id,
        title=mark(record.title or record.original_title or _("Without a title")),
        lang=language(record.languages),
        abstract=[Part(label, mark(text)) for label, text in paragraphs(record.abstract or "")],
        keywords=[mark(word) for word in record.keywords[:MOST_WORDS]],
        headings=[mark(word) for word in record.subject_headings[:MOST_WORDS]],
        kinds=told_types(record.publication_types)[:2],
        tally=mark.tally,
        year=record.year,
        is_masked=masked,
        sources=() if masked else sources,
        outside=outside(limits, record.year, record.languages),
        has_added_abstract=record.found.get("abstract", {}).get("how") == "added",
        links=links,
        abstract_of=sources_of.get("abstract", record.id),
        is_put_together=not masked and any(sources_of.get(field, record.id) != record.id for field in READ),
        has_your_name=not masked and has_name(record.authors, reader),
        **known,
    )


def has_name(authors: Sequence[str], reader: str) -> bool:
    """Say whether an author has the reader's family name, however many words it has.

    >>> has_name(["Holm K", "Lindqvist, Jonas"], "Jonas Lindqvist"), has_name(["de la Cruz, M"], "Maria de la Cruz")
    (True, True)
    >>> has_name(["Holmberg K"], "Karen Holm"), has_name(["Holm K"], "")
    (False, False)
    """
    words = reader.split()
    endings = {ending for at in range(len(words)) for ending in surnames([" ".join(words[at:])])}
    return any(endings.intersection(surnames([author])) for author in authors)


def paragraphs(abstract: str) -> list[tuple[str | None, str]]:
    """An abstract in its labelled parts; text without labels in its own lines.

    >>> paragraphs("BACKGROUND: Pain is common. METHODS: We asked.")
    [('Background', 'Pain is common.'), ('Methods', 'We asked.')]
    """
    pieces = _LABEL.split(abstract)
    found: list[tuple[str | None, str]] = [(None, line) for line in _lines(pieces[0])]
    for label, text in zip(pieces[1::2], pieces[2::2], strict=True):
        first, *more = _lines(text) or [""]
        found += [(_spelt(label), first), *((None, line) for line in more)]
    return found


def _spelt(label: str) -> str | None:
    """A label as we print it; PubMed's "UNLABELLED" says that there is none."""
    if label.upper() == "UNLABELLED":
        return None
    return label.capitalize() if label.isupper() else label


def language(languages: Collection[str]) -> str | None:
    """The two-letter code of a record's language for the page, or None where it is not known.

    >>> language(["ger"]), language(["multilingual"])
    ('de', None)
    """
    code = short_code(next(iter(languages), "").lower())
    return code if re.fullmatch(r"[a-z]{2}", code) else None


@dataclass(frozen=True)
class Asked:
    """One letter of PICO with what the questions say of it, and of which questions that is said (None: of all)."""

    letter: str
    name: str
    says: Sequence[tuple[str, str | None]]


def pico(plan: Plan) -> list[Asked]:
    """What the questions ask, letter by letter, with what they share said once."""
    letters = [("P", _("Population"), "population"), ("I", _("Intervention"), "intervention"),
               ("C", _("Comparison"), "comparison")]  # fmt: skip
    found = []
    for letter, name, part in letters:
        said: dict[str, list[str]] = {}
        for number, question in enumerate(plan.questions, start=1):
            if text := getattr(question, part):
                said.setdefault(text, []).append(str(number))
        all_alike = len(plan.questions)
        says = [(text, None if len(of) == all_alike else ", ".join(of)) for text, of in said.items()]
        if says:
            found.append(Asked(letter, name, says))
    return found


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@lru_cache(maxsize=256)
def _pattern(terms: Highlights) -> re.Pattern[str] | None:
    lists = (("in", terms.include), ("out", terms.exclude), ("pico", terms.pico))
    kinds = [f"(?P<{kind}>{_any_of(some)})" for kind, some in lists if some]
    return re.compile(rf"(?<!\w)(?:{'|'.join(kinds)})(?!\w)", re.IGNORECASE) if kinds else None


def _any_of(terms: tuple[str, ...]) -> str:
    """The longest term first, a * standing for any ending, a blank for any white space."""
    ordered = sorted({term.strip() for term in terms if term.strip(" *")}, key=len, reverse=True)
    return "|".join(re.escape(term).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for term in ordered) or r"(?!)"
