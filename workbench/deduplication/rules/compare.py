"""Two records side by side, field by field, in three values: agree, unknown, conflict. Unknown is not conflict."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from struct import Struct
from typing import cast

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.names import same_surname, shared
from workbench.deduplication.rules.places import same_journal
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import word_set

AGREE, UNKNOWN, CONFLICT = 1, 0, -1
TRUNCATED = NUMBERS.truncated_from
_STEM = NUMBERS.weighty_word
_SAME = NUMBERS.same_title
_NOTICES = frozenset(("erratum", "retraction", "comment"))
_OFTEN_UNTOLD = frozenset(("conference", "supplement", "thesis"))
_OPPOSED = tuple(
    word_set(group)
    for group in (
        "adult adults adolescent adolescents child children childhood pediatric paediatric neonatal neonates infants",
        "men women male female males females boys girls", "left right", "with without", "high low higher lower",
        "increased decreased increases decreases increase decrease", "acute chronic subacute", "early late",
        "before after", "hypertension hypotension", "positive negative", "short long", "primary secondary tertiary",
        "oral intravenous topical", "inhibition activation", "systolic diastolic", "anterior posterior", "upper lower",
        "rat rats mouse mice rabbit rabbits dog dogs pig pigs human humans", "hyperglycemia hypoglycemia",
        "protocol results",
    )
)  # fmt: skip
_PREFIXES = (
    ("hypo", "hyper"), ("in", "out"), ("pre", "post"), ("pre", "peri"), ("peri", "post"), ("intra", "extra"),
    ("intra", "inter"), ("under", "over"), ("micro", "macro"), ("mono", "poly"), ("mono", "bi"), ("uni", "bi"),
    ("endo", "exo"), ("homo", "hetero"), ("anti", "pro"), ("ante", "post"), ("pre", ""), ("post", ""), ("un", ""),
    ("non", ""), ("in", ""), ("anti", ""),
)  # fmt: skip
_SMALL_WORDS = word_set(
    "of in on at by to for from with and or the a an as is are vs v via de la le der die und des et"
)


@dataclass(slots=True)
class Comparison:
    """What each field of two records says; `title` is the best likeness of their titles, 0 to 1."""

    title: float
    length: int
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
    return bool(one.first_page and one.first_page == other.first_page) or _is_truncated(one.key, other.key)


def compare(one: NormalForm, other: NormalForm, likeness: float | None = None) -> Comparison:
    """Compare two records field by field."""
    title = title_likeness(one, other) if likeness is None else likeness
    truncated = title < _SAME and _is_truncated(one.key, other.key)
    people = shared(one.surnames, other.surnames)
    apart = abs(one.year - other.year) if one.year and other.year else -1
    return Comparison(
        title=max(title, NUMBERS.truncated_title) if truncated else title,
        length=min(len(one.key), len(other.key)),
        truncated=truncated,
        wording=AGREE if title == 1 else _wording(one.words, other.words, truncated),
        numerals=_numerals(one, other),
        kinds=_kinds(one, other),
        people=people,
        authors=_authors(one.surnames, other.surnames, people),
        first_author=_first_author(one.surnames, other.surnames),
        everyone=people == max(len(one.surnames), len(other.surnames)),
        year=UNKNOWN if apart < 0 or apart == 1 else AGREE if apart == 0 else CONFLICT,
        years_apart=apart,
        journal=_journal(one, other),
        volume=_volume(one, other),
        issue=_equal(one.issue, other.issue),
        pages=_pages(one, other),
        whole_range=_whole_range(one, other),
        page_mark=one.page_mark == other.page_mark,
        like_extent=_like_extent(one, other),
        one_page=_is_on_one_page(one) and _is_on_one_page(other),
        doi=_equal(one.doi, other.doi),
        pmid=_equal(one.pmid, other.pmid),
        accession=AGREE if AGREE in (_equal(one.embase, other.embase), _equal(one.central, other.central)) else UNKNOWN,
        registry=_registry(one, other),
        review=_equal(one.review, other.review),
        version=_version(one, other, title),
        abstract=_abstract(one.abstract, other.abstract),
        conference="conference" in one.kinds or "conference" in other.kinds,
        notice=not _NOTICES.isdisjoint(one.kinds),
        thesis="thesis" in one.kinds and "thesis" in other.kinds,
        entry="registry" in one.kinds and "registry" in other.kinds,
        generic=one.is_generic or other.is_generic,
    )


def _equal(one: str, other: str) -> int:
    """Compare two values that are right or wrong, nothing between."""
    if not one or not other:
        return UNKNOWN
    return AGREE if one == other else CONFLICT


def _is_truncated(one: str, other: str) -> bool:
    """Say whether one title is the start, the end or a middle piece of the other, from 30 characters on."""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if len(short) < TRUNCATED or len(short) == len(long):
        return False
    return short in long or Indel.normalized_similarity(short, long[: len(short)]) >= NUMBERS.truncated_likeness


def _wording(ones: list[str], others: list[str], truncated: bool) -> int:
    """Say whether the titles differ in a word of weight, not in spelling: another drug, other patients, "without"."""
    left, right = set(ones).difference(others), set(others).difference(ones)
    if not left and not right:
        return AGREE
    if any(not group.isdisjoint(left) and not group.isdisjoint(right) for group in _OPPOSED):
        return CONFLICT
    if {"not", "without", "non"} & (left ^ right) and not truncated:
        return CONFLICT
    one, other = "".join(ones), "".join(others)
    if _has_stranger(left, right, other) and _has_stranger(right, left, one):
        return CONFLICT
    return CONFLICT if _swapped(ones, others) or _has_opposites(left, right, one, other) else UNKNOWN


def _swapped(ones: list[str], others: list[str]) -> bool:
    """Say whether short words stand for each other in titles else alike: Ca2+ and Mg2+, FDG and FLT."""
    if len(ones) != len(others):
        return False
    differ = [(one, other) for one, other in zip(ones, others, strict=True) if one != other]
    return len(differ) <= NUMBERS.words_swapped and any(_are_two_marks(*pair) for pair in differ)


def _are_two_marks(one: str, other: str) -> bool:
    """Say whether two short words are marks of two things: not small words, not spellings of one, not mere numbers."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) > NUMBERS.weighty_word or len(shorter) < 2 or {one, other} & _SMALL_WORDS:
        return False
    telling = not one.isdigit() and not other.isdigit() and not longer.startswith(shorter)
    return telling and fuzz.ratio(one, other) < 100 * NUMBERS.like_word


def _has_opposites(left: set[str], right: set[str], ones: str, others: str) -> bool:
    """Say whether a word of one title is the opposite of a word of the other: hypo- and hyper-, in- and outpatients.

    A word that the other title writes apart ("non small", "nonsmall") is no opposite.
    """
    news = [word for word in left if word not in others], [word for word in right if word not in ones]
    return any(_are_opposites(a, b) for a in left for b in right if a in news[0] or b in news[1])


def _are_opposites(one: str, other: str) -> bool:
    """Say whether two words of one stem differ by prefixes that turn the meaning."""
    if one[-_STEM:] != other[-_STEM:] or min(len(one), len(other)) < _STEM:
        return False
    return any(
        one.startswith(a) and other.startswith(b) and one[len(a) :] == other[len(b) :]
        for pair in _PREFIXES
        for a, b in (pair, pair[::-1])
    )


def _has_stranger(words: set[str], others: set[str], text: str) -> bool:
    """Say whether a word of four letters and more has no like word on the other side, nor stands in its text."""
    return any(len(word) >= NUMBERS.weighty_word and word not in text and not _has_like(word, others) for word in words)


def _has_like(word: str, others: set[str]) -> bool:
    """Say whether a word has another spelling among others."""
    return any(fuzz.ratio(word, other) >= 100 * NUMBERS.like_word for other in others)


def _numerals(one: NormalForm, other: NormalForm) -> int:
    """Compare the numbers in the titles: each has one that the other lacks is conflict, so is a part that only one has.

    Any other number that only one title has, as in a subtitle, says nothing.
    """
    if one.key == other.key or (one.numerals == other.numerals and one.series == other.series):
        return AGREE
    left, right = [*one.numerals, *one.series], [*other.numerals, *other.series]
    if "".join(left) == "".join(right):
        return AGREE
    both_lack = _minus(left, right) and _minus(right, left)
    return CONFLICT if both_lack or one.parts != other.parts else UNKNOWN


def _minus(ones: list[str], others: list[str]) -> list[str]:
    """List what the first holds beyond the second, each as often as it stands."""
    rest = list(ones)
    for number in others:
        if number in rest:
            rest.remove(number)
    return rest


def _kinds(one: NormalForm, other: NormalForm) -> int:
    """Compare kinds: an erratum is not its article; congress, supplement and thesis are left to place and date."""
    if one.kinds == other.kinds:
        return AGREE
    differ = set(one.kinds) ^ set(other.kinds)
    return CONFLICT if differ - _OFTEN_UNTOLD else UNKNOWN


def _authors(ones: Sequence[str], others: Sequence[str], people: int) -> int:
    """Compare author lists: most of the shorter list in the other agrees; nobody shared is conflict."""
    if not ones or not others:
        return UNKNOWN
    if people == 0:
        return CONFLICT
    return AGREE if people >= NUMBERS.people_share * min(len(ones), len(others)) else UNKNOWN


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
    if not same_review and not (one.is_cochrane and other.is_cochrane and title >= NUMBERS.near_title):
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
