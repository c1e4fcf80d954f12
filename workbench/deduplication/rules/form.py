"""The normal form of a record: what the engine compares, made once at import and stored beside the record."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from operator import attrgetter
from typing import Any
from urllib.parse import unquote

from workbench.deduplication.rules import kinds, places
from workbench.deduplication.rules.names import surnames
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import fold, folded_words, numbered_parts, numbered_series, numerals, word_set
from workbench.records.rules import Item

_CD = re.compile(r"\b(cd|mr)0*(\d{4,6})(?:\.pub(\d+))?", re.IGNORECASE)
_PREPRINT_VERSION = re.compile(r"^10\.(?:21203/(rs\..+?)/v|20944/(preprints\d+\.\d+)\.v|26434/(chemrxiv-.+?)-v)(\d+)$")
_REGISTRY = re.compile(
    r"\b(nct\d{8}|isrctn\d{8}|eudract\d{4}-?\d{6}-?\d{2}|eucte?r?\d{4}-\d{6}-\d{2}|chictr[a-z\d-]{6,16}|actrn\d{14}|drks\d{8}|umin\d{9}"
    r"|jprn-[a-z\d]{6,16}|ctri/\d{4}/\d{2,3}/\d{6}|irct[\dn]{10,20}|ntr\d{3,4}|pactr\d{15,16}|kct\d{7}|rbr-[a-z\d]{6,8}|tctr\d{11})\b",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d{3}")
_PUBMED_LINK = re.compile(r"pubmed(?:\.ncbi\.nlm\.nih\.gov)?/(\d{4,8})\b")
_OVID_LINK = re.compile(r"D=o?emed\w*(?:&\w+=\w+){0,9}?&AN=(\d{6,12})")
_ISSN = re.compile(r"\b(\d{4})-?(\d{3}[\dXx])\b")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_LABELS = word_set(
    "background objective objectives aim aims purpose introduction methods method results conclusion conclusions"
    " setting design context importance abstract main summary copyright c the of and review study to in"
)
_DAMAGED_TITLE = re.compile(r"^\W*(?:#name\?|#n/a|#value!|no title|not available|untitled|n/a)\W*$", re.IGNORECASE)
_HALVES = re.compile(r"\s+=\s+|\s*\]\s*\.?\s*\[|\s*\[(?=[^\]]{20,}\]\W*$)")
_REGISTERS = ("clinicaltrials.gov", "trialsearch", "isrctn", "who.int/ictrp", "clinicaltrialsregister", "drks.de")


@dataclass(frozen=True)
class NormalForm:
    """One record as the engine sees it: folded texts, numbers as texts of digits, unknown empty; JSON-able.

    `titles` holds the title without decoration first, then other readings of it (halves of a parallel title, the
    original title). `kinds` are erratum, retraction, comment, conference, supplement, registry, preprint, thesis.
    """

    titles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    surnames: tuple[str, ...] = ()
    year: int | None = None
    journals: tuple[str, ...] = ()
    issns: tuple[str, ...] = ()
    volume: str = ""
    issue: str = ""
    first_page: str = ""
    last_page: str = ""
    page_mark: str = ""
    is_locator: bool = False
    doi: str = ""
    pmid: str = ""
    embase: str = ""
    central: str = ""
    review: str = ""
    review_version: str = ""
    registry: tuple[str, ...] = ()
    abstract: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Write the form as plain JSON values; blank fields are left out."""
        values = ((name, getattr(self, name)) for name in _NAMES)
        return {name: value for name, value in values if value is not False and value not in ("", (), None)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "NormalForm":
        """Read a form back from JSON; keys of other versions of the engine are passed over."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items() if k in _NAMES}
        return cls(**values)

    @cached_property
    def title(self) -> str:
        """The folded title, words with blanks between."""
        return self.titles[0] if self.titles else ""

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Each reading of the title without blanks."""
        return tuple(title.replace(" ", "") for title in self.titles)

    @cached_property
    def key(self) -> str:
        """The title without blanks."""
        return self.keys[0] if self.titles else ""

    @property
    def words(self) -> list[str]:
        """The words of the title."""
        return self.title.split()

    @cached_property
    def numerals(self) -> tuple[str, ...]:
        """The numbers in the title."""
        return numerals(self.words)

    @cached_property
    def series(self) -> tuple[str, ...]:
        """The single words in the title that may number a series."""
        return numbered_series(self.words)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The numbers of parts in the title ("Part II")."""
        return numbered_parts(self.words)

    @cached_property
    def is_generic(self) -> bool:
        """Whether the title is one that many reports bear ("Editorial")."""
        return not self.title or self.title in kinds.GENERIC

    @cached_property
    def is_cochrane(self) -> bool:
        """Whether it is a Cochrane review: its number says so, or its journal."""
        return self.review.startswith(("cd", "mr")) or any(
            places.same_journal(name, places.COCHRANE) for name in self.journals
        )

    @property
    def rank(self) -> str:
        """A text of the whole content: sorts records the same way in whatever order they came."""
        content = repr(list(_CONTENT(self)))
        return self.key[:40] + hashlib.sha256(content.encode()).hexdigest()


_NAMES = tuple(field.name for field in fields(NormalForm))
_CONTENT = attrgetter(*_NAMES)


def normal_form(item: Item) -> NormalForm:
    """Bring a delivered record into the form in which it is compared."""
    told = kinds.told(_whole_title(item.title))
    first, last, locator = places.pages(item.pages or "")
    doi = _doi(item.doi)
    review, version = _review(item, doi)
    return NormalForm(
        titles=_titles(told.title, item.original_title),
        kinds=_kinds(item, told.kinds, doi),
        surnames=surnames(item.authors),
        year=item.year,
        journals=_journals(item),
        issns=tuple(sorted({"".join(pair).lower() for text in item.issn for pair in _ISSN.findall(text)})),
        volume=places.volume(item.volume or ""),
        issue=places.volume(item.issue or ""),
        first_page="" if review and locator else first,
        last_page=last,
        page_mark=places.page_mark(item.pages or ""),
        is_locator=locator,
        doi=doi,
        pmid=item.pmid or _from_links("pubmed", _PUBMED_LINK, item.urls),
        embase=_embase(item),
        central=_central(item.cochrane_id),
        review=review,
        review_version=version,
        registry=_registry(item),
        abstract=_abstract(item.abstract),
    )


def _whole_title(title: str | None) -> str:
    """Take a title damaged by a spreadsheet as missing."""
    return "" if not title or _DAMAGED_TITLE.match(title) else title


def _titles(title: str, original: str | None) -> tuple[str, ...]:
    """Fold the title and its other readings, the title itself first."""
    readings = [title]
    if "=" in title or "[" in title[1:]:
        readings += [half for half in _HALVES.split(title) if len(half) >= NUMBERS.half_title]
    if original:
        readings.append(kinds.told(original).title)
    folded = [fold(reading) for reading in readings]
    return tuple(dict.fromkeys(text for text in folded if text))


def _kinds(item: Item, told: tuple[str, ...], doi: str) -> tuple[str, ...]:
    """Name the kinds that title, journal, volume, DOI and type tell of."""
    types = " ".join(item.publication_types).lower()
    found = [*told, *kinds.told_by_journal(item.journal or "", types, item.kind or "")]
    if kinds.is_supplement(item.volume or "", item.issue or "") or (item.pages or "")[:1] in ("S", "A", "P"):
        found.append("supplement")
    if item.kind == "registry" or "registry" in types or _is_in_register(item):
        found.append("registry")
    if kinds.is_degree(item.volume or ""):
        found.append("thesis")
    if kinds.is_preprint(doi):
        found.append("preprint")
    return tuple(sorted(set(found)))


def _is_in_register(item: Item) -> bool:
    """Say whether journal or links name a trial register."""
    text = " ".join((item.journal or "", *item.urls)).lower()
    return any(map(text.__contains__, _REGISTERS))


def _journals(item: Item) -> tuple[str, ...]:
    """Fold the journal's names, and the congress's where it stands behind them."""
    delivered = [name for name in (item.journal, item.journal_abbreviation) if name]
    names = [part for name in delivered for part in name.split(" = ")]
    folded = [*map(places.journal, names), places.congress(item.journal or "")]
    return tuple(dict.fromkeys(name for name in folded if name))


def _doi(doi: str | None) -> str:
    """Read a DOI without resolver, escapes and trailing signs."""
    found = _DOI.search(unquote(doi).lower()) if doi else None
    return found[0].rstrip(".,;)]>") if found else ""


def _review(item: Item, doi: str) -> tuple[str, str]:
    """Read the number of a Cochrane review or a preprint, and its version; a review's first publication has none."""
    if preprint := _PREPRINT_VERSION.match(doi):
        return preprint[1] or preprint[2] or preprint[3], preprint[4]
    for text in (doi, item.cochrane_id, item.pages):
        found = _CD.search(text) if text else None
        if found:
            return f"{found[1].lower()}{found[2].zfill(6)}", found[3] or ("1" if text == doi else "")
    return "", ""


def _central(cochrane_id: str | None) -> str:
    """Keep a CENTRAL accession number."""
    return cochrane_id.lower() if cochrane_id and cochrane_id.lower().startswith("cn-") else ""


def _embase(item: Item) -> str:
    """Take the Embase number of the record, or of its link."""
    return (item.embase_id or "").lower().lstrip("l") or _from_links("&AN=", _OVID_LINK, item.urls)


def _from_links(mark: str, pattern: re.Pattern[str], urls: Sequence[str]) -> str:
    """Read a number from the first link that holds one; only links with the mark are looked at."""
    return next((found[1] for found in (pattern.search(url) for url in urls if mark in url) if found), "")


def _registry(item: Item) -> tuple[str, ...]:
    """List trial registration numbers, sorted."""
    texts = " ".join([*item.registry_ids, item.title or ""])
    if not _LONG_NUMBER.search(texts):
        return ()
    found = {number.lower().replace("-", "") for number in _REGISTRY.findall(places.plain_dashes(texts))}
    return tuple(sorted(found))


def _abstract(abstract: str | None) -> str:
    """Fold the start of an abstract without blanks and section labels."""
    if not abstract or len(abstract) < NUMBERS.abstract_least:
        return ""
    words = folded_words(abstract[: NUMBERS.abstract_kept + 200])
    return "".join([word for word in words if word not in _LABELS])[: NUMBERS.abstract_kept]
