"""Two records side by side, field by field, in three values: agree, unknown, conflict. Unknown is not conflict."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from struct import Struct
from typing import Any, cast

from rapidfuzz.distance import Indel

from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.names import same_surname, shared
from workbench.deduplication.rules.places import same_journal
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.title_words import compare_numerals, compare_words
from workbench.deduplication.rules.values import AGREE, CONFLICT, UNKNOWN

TRUNCATED = NUMBERS.truncated_from
_SAME = NUMBERS.same_title
PIECE = 2 * NUMBERS.truncated_likeness - 1e-6
_NOTICES = frozenset(("erratum", "retraction", "comment"))
_OFTEN_UNTOLD = frozenset(("conference", "supplement", "thesis"))


@dataclass(slots=True)
class Comparison:
    """What each field of two records says; `title` is the best likeness of their titles, 0 to 1."""

    title: float
    length: int
    untitled: bool
    truncated: bool
    wording: int
    numerals: int
    kinds: int
    people: int
    authors: int
    first_author: int
    everyone: bool
    year: int
    years_apart: int
    journal: int
    volume: int
    issue: int
    pages: int
    whole_range: bool
    page_mark: bool
    like_extent: bool
    one_page: bool
    doi: int
    pmid: int
    accession: int
    registry: int
    review: int
    version: int
    abstract: int
    conference: bool
    notice: bool
    thesis: bool
    entry: bool
    generic: bool


_FIELDS = fields(Comparison)
_VALUES = attrgetter(*(one.name for one in _FIELDS))
_PACKED = Struct("<" + "".join({float: "d", int: "i", bool: "?"}[cast(type, one.type)] for one in _FIELDS))


def packed(comparison: Comparison) -> bytes:
    """Write a comparison to be stored; only the same version of the engine can read it."""
    return _PACKED.pack(*_VALUES(comparison))


def unpacked(stored: bytes) -> Comparison:
    """Read a stored comparison."""
    return Comparison(*_PACKED.unpack(stored))


def title_likeness(one: NormalForm, other: NormalForm) -> float:
    """Say how alike the titles are, 0 to 1, over all readings of both; no title on either side is 0."""
    best = Indel.normalized_similarity(one.key, other.key) if one.key and other.key else 0.0
    if best < _SAME and (len(one.keys) > 1 or len(other.keys) > 1):
        best = max((Indel.normalized_similarity(a, b) for a in one.keys for b in other.keys), default=best)
    return best


def worth_comparing(one: NormalForm, other: NormalForm, likeness: float) -> bool:
    """Say whether two records that met by a key deserve a full comparison."""
    if likeness >= NUMBERS.worth_comparing:
        return True
    number = (one.doi and one.doi == other.doi) or (one.pmid and one.pmid == other.pmid)
    if number or (one.review and one.review == other.review) or set(one.registry) & set(other.registry):
        return True
    return bool(one.first_page and one.first_page == other.first_page) or _is_truncated(one.key, other.key, likeness)


def compare(one: NormalForm, other: NormalForm, likeness: float | None = None) -> Comparison:
    """Compare two records field by field."""
    return Glance(one, other, likeness).whole()


class Glance(Comparison):
    """A comparison whose fields are looked at when they are asked for: a few are enough for most of many pairs.

    `likeness` is that of the whole titles, before a cut one counts as more.
    """

    __slots__ = ("_one", "_other", "likeness")

    def __init__(self, one: NormalForm, other: NormalForm, likeness: float | None = None) -> None:
        self._one, self._other = one, other
        self.likeness = title_likeness(one, other) if likeness is None else likeness

    def __getattr__(self, field: str) -> Any:
        """Look at a field for the first time; from then on it is known."""
        look = _LOOK.get(field)
        if look is None:
            raise AttributeError(field)
        said = look(self._one, self._other, self)
        setattr(self, field, said)
        return said

    def whole(self) -> Comparison:
        """Look at every field."""
        return Comparison(*_VALUES(self))


def _title(_one: NormalForm, _other: NormalForm, c: Glance) -> float:
    return max(c.likeness, NUMBERS.truncated_title) if c.truncated else c.likeness


def _years_apart(one: NormalForm, other: NormalForm, _c: Glance) -> int:
    return abs(one.year - other.year) if one.year and other.year else -1


def _year(_one: NormalForm, _other: NormalForm, c: Glance) -> int:
    return UNKNOWN if c.years_apart in (-1, 1) else AGREE if c.years_apart == 0 else CONFLICT


_LOOK: dict[str, Callable[[NormalForm, NormalForm, Glance], Any]] = {
    "title": _title,
    "length": lambda one, other, _c: min(len(one.key), len(other.key)),
    "untitled": lambda one, other, _c: bool(one.key) != bool(other.key),
    "truncated": lambda one, other, c: c.likeness < _SAME and _is_truncated(one.key, other.key, c.likeness),
    "wording": lambda one, other, c: AGREE if c.likeness == 1 else compare_words(one.words, other.words, c.truncated),
    "numerals": lambda one, other, _c: compare_numerals(one, other),
    "kinds": lambda one, other, _c: _kinds(one, other),
    "people": lambda one, other, _c: shared(one.surnames, other.surnames),
    "authors": lambda one, other, c: _authors(one.surnames, other.surnames, c),
    "first_author": lambda one, other, _c: _first_author(one.surnames, other.surnames),
    "everyone": lambda one, other, c: c.people == max(len(one.surnames), len(other.surnames)),
    "year": _year,
    "years_apart": _years_apart,
    "journal": lambda one, other, _c: _journal(one, other),
    "volume": lambda one, other, _c: _volume(one, other),
    "issue": lambda one, other, _c: _equal(one.issue, other.issue),
    "pages": lambda one, other, _c: _pages(one, other),
    "whole_range": lambda one, other, _c: _whole_range(one, other),
    "page_mark": lambda one, other, _c: one.page_mark == other.page_mark,
    "like_extent": lambda one, other, _c: _like_extent(one, other),
    "one_page": lambda one, other, _c: _is_on_one_page(one) and _is_on_one_page(other),
    "doi": lambda one, other, _c: _equal(one.doi, other.doi),
    "pmid": lambda one, other, _c: _equal(one.pmid, other.pmid),
    "accession": lambda one, other, _c: _accession(one, other),
    "registry": lambda one, other, _c: _registry(one, other),
    "review": lambda one, other, _c: _equal(one.review, other.review),
    "version": lambda one, other, c: _version(one, other, c.likeness),
    "abstract": lambda one, other, _c: _abstract(one.abstract, other.abstract),
    "conference": lambda one, other, _c: "conference" in one.kinds or "conference" in other.kinds,
    "notice": lambda one, _other, _c: not _NOTICES.isdisjoint(one.kinds),
    "thesis": lambda one, other, _c: "thesis" in one.kinds and "thesis" in other.kinds,
    "entry": lambda one, other, _c: "registry" in one.kinds and "registry" in other.kinds,
    "generic": lambda one, other, _c: one.is_generic or other.is_generic,
}


def _equal(one: str, other: str) -> int:
    """Compare two values that are right or wrong, nothing between."""
    if not one or not other:
        return UNKNOWN
    return AGREE if one == other else CONFLICT


def may_be_piece(one: str, other: str, likeness: float) -> bool:
    """Say whether two titles have letters enough in common for one to be a piece of the other.

    `likeness` is that of the whole titles, or more.
    """
    short = min(len(one), len(other))
    return short >= TRUNCATED and likeness * (len(one) + len(other)) >= PIECE * short


def _is_truncated(one: str, other: str, likeness: float) -> bool:
    """Say whether one title is the start, the end or a middle piece of the other, from 30 characters on."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if len(short) == len(long) or not may_be_piece(one, other, likeness):
        return False
    return short in long or Indel.normalized_similarity(short, long[: len(short)]) >= NUMBERS.truncated_likeness


def _kinds(one: NormalForm, other: NormalForm) -> int:
    """Compare kinds: an erratum is not its article; congress, supplement and thesis are left to place and date."""
    if one.kinds == other.kinds:
        return AGREE
    differ = set(one.kinds) ^ set(other.kinds)
    return CONFLICT if differ - _OFTEN_UNTOLD else UNKNOWN


def _authors(ones: Sequence[str], others: Sequence[str], c: Comparison) -> int:
    """Compare author lists: most of the shorter list in the other agrees; nobody shared is conflict."""
    if not ones or not others:
        return UNKNOWN
    if c.people == 0:
        return CONFLICT
    return AGREE if c.people >= NUMBERS.people_share * min(len(ones), len(others)) else UNKNOWN


def _first_author(ones: Sequence[str], others: Sequence[str]) -> int:
    """Compare first authors."""
    if not ones or not others:
        return UNKNOWN
    return AGREE if same_surname(ones[0], others[0]) else CONFLICT


def _journal(one: NormalForm, other: NormalForm) -> int:
    """Compare journals by ISSN or any of their names; a congress's name says nothing."""
    if set(one.issns) & set(other.issns):
        return AGREE
    if not one.journals or not other.journals:
        return UNKNOWN
    if any(same_journal(*sorted((a, b))) for a in one.journals for b in other.journals):
        return AGREE
    return UNKNOWN if "conference" in one.kinds or "conference" in other.kinds else CONFLICT


def _volume(one: NormalForm, other: NormalForm) -> int:
    """Compare volumes; a year for a volume, or an issue that slipped into its place, says nothing."""
    if not one.volume or not other.volume:
        return AGREE if _slid(one, other) or _slid(other, one) else UNKNOWN
    if one.volume == other.volume:
        return AGREE
    slipped = _slipped(one, other) or _slipped(other, one)
    return UNKNOWN if slipped or one.volume == str(one.year) or other.volume == str(other.year) else CONFLICT


def _slid(one: NormalForm, other: NormalForm) -> bool:
    """Say whether one's fields slid by a column: its issue is the other's volume, its page the other's issue."""
    return bool(not one.volume and other.issue) and (one.issue, one.first_page) == (other.volume, other.issue)


def _slipped(one: NormalForm, other: NormalForm) -> bool:
    """Say whether one's volume is the other's issue, and its own issue missing or the other's volume."""
    return one.volume == other.issue and one.issue in ("", other.volume)


def _pages(one: NormalForm, other: NormalForm) -> int:
    """Compare pages: same first page agrees; locator against page, pages within pages, pages of a proof say nothing."""
    if not one.first_page or not other.first_page:
        return UNKNOWN
    if one.first_page == other.first_page:
        return AGREE
    if one.is_locator != other.is_locator:
        return UNKNOWN
    if one.last_page and one.last_page == other.last_page:
        return AGREE if abs(int(one.first_page) - int(other.first_page)) <= NUMBERS.first_page_slip else UNKNOWN
    told = (_within, _counts_itself, _slid)
    return UNKNOWN if any(test(one, other) or test(other, one) for test in told) else CONFLICT


def _whole_range(one: NormalForm, other: NormalForm) -> bool:
    """Say whether first and last page agree over more than one page: no other report stands there."""
    return bool(one.last_page) and (one.first_page, one.last_page) == (other.first_page, other.last_page) != (
        one.last_page,
        one.first_page,
    )


def _within(one: NormalForm, other: NormalForm) -> bool:
    """Say whether one's first page lies within the other's pages."""
    return bool(other.last_page) and int(other.first_page) <= int(one.first_page) <= int(other.last_page)


def _counts_itself(one: NormalForm, other: NormalForm) -> bool:
    """Say whether one counts its own pages from 1: ahead of print and about as long as the other, or beside its number.

    An online journal numbers its articles; some databases give the number, others the pages of each.
    """
    if one.first_page != "1" or not one.last_page:
        return False
    if not other.last_page:
        return len(other.first_page) >= NUMBERS.article_digits
    return not one.volume and abs(_extent(one) - _extent(other)) <= NUMBERS.extent_slip


def _extent(form: NormalForm) -> int:
    """Count the pages of a report."""
    return int(form.last_page) - int(form.first_page) + 1


def _like_extent(one: NormalForm, other: NormalForm) -> bool:
    """Say whether both stand on one page, or both on several: an abstract seldom is as long as its article."""
    return _is_on_one_page(one) == _is_on_one_page(other)


def _is_on_one_page(form: NormalForm) -> bool:
    """Say whether a report is not known to go on over the page."""
    return form.last_page in ("", form.first_page)


def _accession(one: NormalForm, other: NormalForm) -> int:
    """Compare the numbers that databases give; different ones say nothing."""
    return AGREE if AGREE in (_equal(one.embase, other.embase), _equal(one.central, other.central)) else UNKNOWN


def _registry(one: NormalForm, other: NormalForm) -> int:
    """Compare trial numbers: one shared agrees; both have some and share none is conflict."""
    if not one.registry or not other.registry:
        return UNKNOWN
    return AGREE if set(one.registry) & set(other.registry) else CONFLICT


def _version(one: NormalForm, other: NormalForm, title: float) -> int:
    """Compare versions of one Cochrane review or preprint: CONFLICT is another, AGREE the same, UNKNOWN no such work.

    The number of a review stays through its updates; its DOI counts them (".pub2"), else the year tells them apart.
    """
    same_review = one.review and one.review == other.review
    if not same_review and not (title >= NUMBERS.near_title and one.is_cochrane and other.is_cochrane):
        return UNKNOWN
    if one.review_version and other.review_version:
        return AGREE if one.review_version == other.review_version else CONFLICT
    return CONFLICT if one.year and other.year and one.year != other.year else AGREE


def _abstract(one: str, other: str) -> int:
    """Compare the starts of abstracts over their common length; a short one says nothing."""
    common = min(len(one), len(other), NUMBERS.abstract_compared)
    if common < NUMBERS.abstract_least:
        return UNKNOWN
    likeness = Indel.normalized_similarity(one[:common], other[:common])
    if likeness >= NUMBERS.same_abstract:
        return AGREE
    return CONFLICT if likeness < NUMBERS.other_abstract else UNKNOWN
