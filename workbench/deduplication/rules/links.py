"""Links beside duplicates: reports that belong together and stay apart."""

from workbench.deduplication.rules.compare import Comparison
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.values import AGREE, CONFLICT, UNKNOWN

VERSION, ABSTRACT, PREPRINT, TRIAL = "version-of", "abstract-of", "preprint-of", "same-trial"
_OF = {"erratum": "erratum-of", "retraction": "retraction-of", "comment": "comment-on"}
_CONGRESS = frozenset(("conference", "supplement"))
SAY_TWO = frozenset((VERSION, ABSTRACT, PREPRINT, *_OF.values()))
"""Links that say by their kind that the two are not one report: no person is asked whether they are."""

Named = tuple[str, bool]


def link_kind(one: NormalForm, other: NormalForm, c: Comparison) -> Named | None:
    """Name the link of two records that are not one report, and whether the first is the one that points."""
    if c.version == CONFLICT and c.title >= (NUMBERS.alike_title if c.review == AGREE else NUMBERS.near_title):
        return VERSION, _is_newer(one, other)
    if c.title >= NUMBERS.near_title and c.length >= NUMBERS.short_title and not c.generic:
        named = _notice(one, other, c) or _preprint_of(one, other, c) or _abstract_of(one, other, c)
        if named:
            return named
    return _same_trial(one, other, c)


def _is_newer(one: NormalForm, other: NormalForm) -> bool:
    """Say whether the first is the newer version."""
    return (one.year or 0, one.review_version.zfill(3)) >= (other.year or 0, other.review_version.zfill(3))


def _notice(one: NormalForm, other: NormalForm, c: Comparison) -> Named | None:
    """An erratum, retraction or comment points to its article in the same journal, which is not younger.

    A comment comes within a few years; an erratum or a retraction may take long.
    """
    if c.kinds != CONFLICT or c.journal == CONFLICT:
        return None
    for kind, link in _OF.items():
        if (kind in one.kinds) != (kind in other.kinds):
            forward = kind in one.kinds
            late = kind == "comment" and c.years_apart > NUMBERS.years_between
            return None if late or not _may_follow(*((one, other) if forward else (other, one))) else (link, forward)
    return None


def _may_follow(later: NormalForm, earlier: NormalForm) -> bool:
    """Say whether the years allow that one came after the other; print and online may be a year apart."""
    return not (later.year and earlier.year) or later.year >= earlier.year - 1


def _preprint_of(one: NormalForm, other: NormalForm, c: Comparison) -> Named | None:
    """A preprint points to the article by the same people that came of it within a few years."""
    is_preprint = "preprint" in one.kinds
    if is_preprint == ("preprint" in other.kinds) or c.authors != AGREE or c.years_apart > NUMBERS.years_between:
        return None
    return PREPRINT, is_preprint


def _abstract_of(one: NormalForm, other: NormalForm, c: Comparison) -> Named | None:
    """A congress abstract points to the article of the same title and people that stands elsewhere and is not older.

    Two papers as long as each other in one volume are neighbours, not abstract and article.
    """
    same = c.title >= NUMBERS.same_title and c.authors == AGREE and c.kinds != CONFLICT
    if not same or c.years_apart > NUMBERS.years_between or UNKNOWN == c.pages == c.volume:
        return None
    congress, other_congress = bool(_CONGRESS & set(one.kinds)), bool(_CONGRESS & set(other.kinds))
    if congress == other_congress or (c.journal == AGREE and c.volume != CONFLICT and c.like_extent):
        return None
    abstract, article = (one, other) if congress else (other, one)
    is_abstract_too = bool(article.first_page) and article.first_page == article.last_page
    return None if is_abstract_too or not _may_follow(article, abstract) else (ABSTRACT, congress)


def _same_trial(one: NormalForm, other: NormalForm, c: Comparison) -> Named | None:
    """Reports that bear one trial's number: a report points to the register's entry, else the newer to the older.

    A paper that names many trials is a review of them, not their report.
    """
    if c.registry != AGREE or max(len(one.registry), len(other.registry)) > NUMBERS.trials_of_a_report:
        return None
    entry, other_entry = "registry" in one.kinds, "registry" in other.kinds
    return TRIAL, other_entry if entry != other_entry else _is_newer(one, other)
