"""Which report a PDF is: by its DOI or PMID, else by its title; and whether that is safe enough to need no person.

Only what stands where an article names itself counts: the properties of the file, and the lines of its first two pages
before its references. An identifier alone is not believed, since a letter or a reply cites another paper's: the title
must stand there too, as whole lines. A title alone must agree in its words and numbers, with first author and year
near by, and no other report may fit. All else is proposed, and a person says yes or no.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from rapidfuzz.distance import Indel

from workbench.deduplication.rules.names import surnames
from workbench.deduplication.rules.text import fold, numerals, word_set
from workbench.files.formats import Reading
from workbench.records.rules import identifiers
from workbench.words import _

PAGES = 2
"""Pages on which an article names itself; before it may lie the cover sheet of a repository."""
LINES = 80
"""Lines of a page among which a title is looked for."""
AS_LONG = 10
"""Lines over which a title may run."""
TOP = 25
"""Lines of a page among which the title of what begins there stands; further down stands what is cited."""
ALIKE, NEARLY, SAME = 80, 92, 96
"""Likeness of titles in percent: worth showing; enough beside an identifier in the text; enough by itself."""
LONG_ENOUGH = 28
"""Letters that a title needs to stand for a report by itself."""
LABEL = 7
"""Words of a line that says what kind of text follows."""
MOST = 5
"""Reports that are proposed for one file."""

_REFERENCES = re.compile(
    r"\W*(?:\d+\.?\s+)?(?:references?(?: list| cited| and notes)?|bibliography|literature(?: cited)?|works cited|"
    r"literatur(?:verzeichnis)?|referencer|referenser|referanser|litteratur|bibliographie|r[ée]f[ée]rences|"
    r"bibliograf[ií]a|referencias)(?:\W*\d*\W*|\W+\[?1[\].)]?\s.*)",
    re.IGNORECASE,
)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SUPPLEMENT = re.compile(
    r"\b(?:supplement(?:ary|al)?|supporting information|appendix|appendices|supp|esm|checklist|data ?sheet)\b", re.I
)
_NOTICES = word_set(
    "erratum errata corrigendum corrigenda correction addendum retraction retracted withdrawn withdrawal comment "
    "comments commentary reply response rejoinder letter letters editorial re protocol concern summary abstract "
    "abstracts"
)


class By(StrEnum):
    """What names a report."""

    DOI = "doi"
    PMID = "pmid"
    PMCID = "pmcid"
    TITLE = "title"
    PROPERTIES = "properties"
    FILE_NAME = "file-name"


class Doubt(StrEnum):
    """Why a match waits for a person."""

    OTHER_TITLE = "other-title"
    OTHER_DOI = "other-doi"
    OTHER_WORDS = "other-words"
    NOTICE = "notice"
    NO_AUTHOR = "no-author"
    NO_YEAR = "no-year"
    SHORT = "short"
    LOW = "low"
    RIVAL = "rival"
    HAS_FILE = "has-file"
    SUPPLEMENT = "supplement"
    WEAK = "weak"


@dataclass(frozen=True)
class Sought:
    """A report that is sought, as far as a file can name it."""

    record_id: int
    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    has_file: bool = False
    keys: tuple["Key", ...] = field(init=False, compare=False)
    first_author: str | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Fold titles and authors once, for many files."""
        object.__setattr__(self, "keys", tuple(Key(fold(title)) for title in self.titles if fold(title)))
        object.__setattr__(self, "first_author", next(iter(surnames(self.authors)), None))


@dataclass(frozen=True)
class Key:
    """A folded title: its words, and its letters without blanks."""

    words: str
    letters: str = field(init=False)
    long_words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Take the words apart."""
        object.__setattr__(self, "letters", self.words.replace(" ", ""))
        object.__setattr__(self, "long_words", frozenset(word for word in self.words.split() if len(word) > 3))


@dataclass(frozen=True)
class Match:
    """A report that a file may be, what speaks for it, and what is in doubt; without doubt it is safe."""

    record_id: int
    by: By
    page: int = 0
    title: int = 0
    has_author: bool = False
    has_year: bool = False
    doubts: frozenset[Doubt] = frozenset()

    @property
    def is_safe(self) -> bool:
        """Whether the file can be attached without asking."""
        return not self.doubts

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Orders the proposals: safe ones first, then those an identifier names, then by title."""
        return self.is_safe, self.by in {By.DOI, By.PMID, By.PMCID}, self.title


@dataclass(frozen=True)
class Titled:
    """Where a title stands: its page, how alike in percent (0: nowhere), the lines, and those right above."""

    page: int = 0
    line: int = 0
    percent: int = 0
    key: "Key | None" = None
    words: tuple[str, ...] = ()
    above: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """Where a PDF names itself: the lines of its first pages before the references, folded once."""

    pages: tuple[tuple[str, ...], ...]
    folded: tuple[tuple[str, ...], ...]
    letters: str
    words: frozenset[str]
    years: frozenset[int]
    properties: str
    dois: Mapping[str, int]
    """DOIs, with the page on which each stands first; 0: in the properties."""
    pmids: Mapping[str, int]
    pmcids: Mapping[str, int]
    file_name: str


def matches(reading: Reading, file_name: str, sought: Sequence[Sought]) -> list[Match]:
    """The reports that a file may be, most likely first; the first one is attached without asking if it is safe."""
    head = head_of(reading, file_name)
    found = [match for one in sought if (match := _match(head, one))]
    found = _rivals(_best_of_each(found))
    if head_is_supplement(reading, file_name):
        found = [replace(one, doubts=one.doubts | {Doubt.SUPPLEMENT}) for one in found]
    return sorted(found, key=lambda one: one.weight, reverse=True)[:MOST]


def _best_of_each(found: Sequence[Match]) -> list[Match]:
    """One match for each report, though several of its records fit."""
    best: dict[int, Match] = {}
    for one in found:
        if one.record_id not in best or one.weight > best[one.record_id].weight:
            best[one.record_id] = one
    return list(best.values())


def head_is_supplement(reading: Reading, file_name: str) -> bool:
    """Whether a file calls itself a supplement, in its name or its first lines."""
    first = " ".join((reading.text[0] if reading.text else "").split("\n")[:4])
    return bool(_SUPPLEMENT.search(first) or _SUPPLEMENT.search(re.sub(r"[\W_]+", " ", file_name)))


def head_of(reading: Reading, file_name: str = "") -> Head:
    """Read the first pages up to the references, and the properties."""
    pages = tuple(tuple(lines) for lines in _before_references(reading.text[:PAGES]))
    folded = tuple(tuple(fold(line) for line in lines[:LINES]) for lines in pages)
    whole = " ".join(line for lines in folded for line in lines)
    texts = [(0, list(reading.told.values())), *enumerate(pages, start=1)]
    return Head(
        pages=pages,
        folded=folded,
        letters=_plain(whole.replace(" ", "")),
        words=frozenset(re.sub(r"\d", "", word) for word in whole.split()),
        years=frozenset(int(year) for lines in pages for line in lines for year in _YEAR.findall(line)),
        properties=fold(reading.told.get("Title") or reading.told.get("xmp title") or ""),
        dois=_first(texts, _dois),
        pmids=_first(texts, lambda lines: (one for line in lines if (one := identifiers.pmid_named(line)))),
        pmcids=_first(texts, lambda lines: (one for line in lines if (one := identifiers.pmcid(line)))),
        file_name=fold(re.sub(r"[_\W]+", " ", file_name.rpartition(".")[0])),
    )


def _before_references(pages: Sequence[str]) -> Iterator[list[str]]:
    for page in pages:
        lines = [line.strip() for line in page.split("\n") if line.strip()]
        cut = next((place for place, line in enumerate(lines) if _REFERENCES.fullmatch(line)), None)
        yield lines[:cut]
        if cut is not None:
            return


def _first(texts: Sequence[tuple[int, Sequence[str]]], find: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for page, lines in texts:
        for one in find(lines):
            found.setdefault(one, page)
    return found


def _dois(lines: Sequence[str]) -> Iterator[str]:
    """DOIs in these lines; one at the end of a line also as it reads when it goes on in the next."""
    for place, line in enumerate(lines):
        for found in _DOI.finditer(line):
            if one := identifiers.doi(found[0]):
                yield one
            after = lines[place + 1].split(maxsplit=1) if place + 1 < len(lines) else []
            if found.end() == len(line) and after and (whole := identifiers.doi(found[0] + after[0])):
                yield whole


def _plain(letters: str) -> str:
    """Letters as `surnames` writes them, so that Müller, Mueller and Muller meet."""
    return letters.replace("ue", "u").replace("oe", "o").replace("ae", "a")


def _match(head: Head, one: Sought) -> Match | None:
    """What speaks for one report, or nothing."""
    named, titled = _named(head, one), _titled(head, one)
    author, year = _has_author(head, one), _has_year(head, one)
    if named is None and titled.percent < ALIKE:
        return _weak(head, one, has_author=author, has_year=year)
    by, page = named or (By.TITLE, titled.page)
    doubts = _doubts_of_title(one, titled) | ({Doubt.HAS_FILE} if one.has_file else set())
    if named is not None and page and titled.percent < NEARLY and Doubt.OTHER_TITLE not in doubts:
        doubts.add(Doubt.OTHER_WORDS)
    if named is None:
        doubts |= _doubts_without_identifier(head, one, titled, has_author=author, has_year=year)
    return Match(one.record_id, by, page, titled.percent, author, year, frozenset(doubts))


def _named(head: Head, one: Sought) -> tuple[By, int] | None:
    """The identifier that names a report, and the page."""
    for by, mine, there in (
        (By.DOI, one.doi, head.dois), (By.PMID, one.pmid, head.pmids), (By.PMCID, one.pmcid, head.pmcids),
    ):  # fmt: skip
        if mine and mine.lower() in there:
            return by, there[mine.lower()]
        if mine and mine in there:
            return by, there[mine]
    return None


def _titled(head: Head, one: Sought) -> Titled:
    """Where the title stands best, as whole lines."""
    best = Titled()
    for key in one.keys:
        for page, lines in enumerate(head.folded, start=1):
            if _may_stand(key, lines):
                best = max(best, _best_window(key, page, lines), key=lambda found: found.percent)
    return best


def _may_stand(key: Key, lines: Sequence[str]) -> bool:
    """Say quickly that a title does not stand on a page: too few of its words do."""
    if len(key.long_words) < 3:
        return True
    there = {word for line in lines for word in line.split()}
    return len(key.long_words & there) * 2 >= len(key.long_words)


def _best_window(key: Key, page: int, lines: Sequence[str]) -> Titled:
    best = Titled()
    for start in range(len(lines)):
        letters = ""
        for end in range(start + 1, min(start + AS_LONG, len(lines)) + 1):
            letters += lines[end - 1].replace(" ", "")
            if len(letters) > len(key.letters) * 1.3 + 8:
                break
            likeness = Indel.normalized_similarity(letters, key.letters, score_cutoff=max(0.8, best.percent / 100))
            if likeness * 100 > best.percent:
                above = tuple(lines[:start])
                words = " ".join(lines[start:end]).split()
                best = Titled(page, start, int(likeness * 100), key, _without_footnote(words, key.words.split()), above)
    return best


def _doubts_of_title(one: Sought, titled: Titled) -> set[Doubt]:
    """What is in doubt about the title that was found, whatever else names the report."""
    if titled.key is None:
        return {Doubt.OTHER_TITLE}
    title, doubts = titled.key.words.split(), {Doubt.LOW} if titled.line >= TOP else set()
    if _NOTICES & ((set(titled.words) ^ set(title)) | (_labels(titled.above) - set(title))):
        doubts.add(Doubt.NOTICE)
    if numerals(title) != numerals(list(titled.words)) or _is_cited(one, titled):
        doubts.add(Doubt.OTHER_WORDS)
    return doubts


def _is_cited(one: Sought, titled: Titled) -> bool:
    """Whether the lines read like an entry of a list of references: author or year run together with the title."""
    more = _more(titled)
    return len(more) > 2 or one.first_author in more or any(_YEAR.fullmatch(word) for word in more)


def _more(titled: Titled) -> list[str]:
    """Words of the lines that the title lacks."""
    letters = titled.key.letters if titled.key else ""
    return [word for word in titled.words if len(word) > 2 and word not in letters]


def _labels(above: Sequence[str]) -> set[str]:
    """Words of short lines above a title, where "Letter to the editor" or "Erratum" stands."""
    return {word for line in above if line.count(" ") < LABEL for word in line.split()}


def _without_footnote(words: list[str], title: list[str]) -> tuple[str, ...]:
    """Words without the number of a footnote that hangs on the last of them."""
    bare = words[-1].rstrip("0123456789") if words else ""
    return (*words[:-1], bare) if bare and title and title[-1] == bare else tuple(words)


def _doubts_without_identifier(
    head: Head, one: Sought, titled: Titled, *, has_author: bool, has_year: bool
) -> set[Doubt]:
    """What is in doubt where the title alone names a report."""
    title, letters = titled.key or Key(""), "".join(titled.words)
    has_other_words = any(word not in letters for word in title.words.split()) or any(
        word not in title.letters for word in titled.words
    )
    doubts = {
        Doubt.OTHER_WORDS: titled.percent < SAME or has_other_words,
        Doubt.SHORT: len(title.letters) < LONG_ENOUGH,
        Doubt.NO_AUTHOR: not has_author,
        Doubt.NO_YEAR: not has_year,
        Doubt.OTHER_DOI: bool(one.doi and any(page <= 1 for page in head.dois.values())),
    }
    return {doubt for doubt, stands in doubts.items() if stands}


def _has_author(head: Head, one: Sought) -> bool:
    name = one.first_author
    if not name:
        return False
    return name in head.letters if len(name) > 4 else name in {_plain(word) for word in head.words}


def _has_year(head: Head, one: Sought) -> bool:
    """Whether the year stands there, or the one before or after: online first."""
    return one.year is not None and bool(head.years & {one.year - 1, one.year, one.year + 1})


def _weak(head: Head, one: Sought, *, has_author: bool, has_year: bool) -> Match | None:
    """What is worth a proposal though neither identifier nor title was found in the text."""
    told = max(
        (Indel.normalized_similarity(head.properties.replace(" ", ""), key.letters) for key in one.keys), default=0.0
    )
    if told * 100 >= ALIKE:
        return Match(one.record_id, By.PROPERTIES, 0, int(told * 100), has_author, has_year, frozenset({Doubt.WEAK}))
    words = head.file_name.split()
    named = one.first_author and one.first_author in {_plain(word) for word in words}
    if named and one.year and str(one.year) in words:
        return Match(one.record_id, By.FILE_NAME, 0, 0, True, True, frozenset({Doubt.WEAK}))
    return None


def _rivals(found: list[Match]) -> list[Match]:
    """Put in doubt what another report fits as well: two identifiers, or two titles where no identifier decides."""
    named = [one for one in found if one.by in {By.DOI, By.PMID, By.PMCID}]
    titled = [one for one in found if one.title >= 90]

    def has_rival(one: Match) -> bool:
        others = [other for other in named if other is not one and (one not in named or other.title >= ALIKE)]
        others += [other for other in titled if other is not one and (one not in named or other.title > one.title)]
        return bool(others)

    return [replace(one, doubts=one.doubts | {Doubt.RIVAL}) if has_rival(one) else one for one in found]


def told(match: Match) -> str:
    """Say in a line what speaks for a match: "DOI on page 1, title 100 %"."""
    name = {By.DOI: "DOI", By.PMID: "PMID", By.PMCID: "PMCID"}.get(match.by)
    parts = []
    if name:
        parts.append(_("%(name)s on page %(n)s", name=name, n=match.page) if match.page else
                     _("%(name)s in its properties", name=name))  # fmt: skip
        parts += [_("title %(n)s %%", n=match.title)] if match.title else []
    elif match.by is By.TITLE:
        parts.append(_("title %(n)s %% on page %(page)s", n=match.title, page=match.page))
    elif match.by is By.PROPERTIES:
        parts.append(_("title %(n)s %% in its properties only", n=match.title))
    else:
        parts.append(_("first author and year in the name of the file only"))
    if match.by in {By.TITLE, By.PROPERTIES}:
        parts += _beside(match)
    return ", ".join(parts)


def _beside(match: Match) -> list[str]:
    if match.has_author and match.has_year:
        return [_("first author and year found")]
    return [_("first author found")] if match.has_author else [_("year found")] if match.has_year else []


def doubted(doubt: Doubt) -> str:
    """Say why a match waits for a person."""
    return {
        Doubt.OTHER_TITLE: _("its title is not on the first pages"),
        Doubt.OTHER_DOI: _("the file names another DOI"),
        Doubt.OTHER_WORDS: _("the titles differ in a word or number"),
        Doubt.NOTICE: _("it may be a comment, a correction or a protocol"),
        Doubt.NO_AUTHOR: _("the first author is not found"),
        Doubt.NO_YEAR: _("the year is not found"),
        Doubt.SHORT: _("the title is short"),
        Doubt.LOW: _("the title stands far down the page"),
        Doubt.RIVAL: _("another report fits too"),
        Doubt.HAS_FILE: _("the report has a file"),
        Doubt.SUPPLEMENT: _("it calls itself a supplement"),
        Doubt.WEAK: _("nothing in its text names the report"),
    }[doubt]


def as_json(match: Match) -> dict[str, Any]:
    """A match as it is stored."""
    return {
        "record": match.record_id, "by": match.by.value, "page": match.page, "title": match.title,
        "author": match.has_author, "year": match.has_year, "doubts": sorted(match.doubts),
    }  # fmt: skip


def from_json(stored: Mapping[str, Any]) -> Match:
    """A match as it was stored."""
    return Match(
        stored["record"], By(stored["by"]), stored["page"], stored["title"], stored["author"], stored["year"],
        frozenset(Doubt(one) for one in stored["doubts"]),
    )  # fmt: skip
