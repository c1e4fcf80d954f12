"""Links beside duplicates: reports that belong together and stay apart."""

from workbench.deduplication.rules.compare import AGREE, CONFLICT, UNKNOWN, Comparison
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NEAR_TITLE, SAME_TITLE, SHORT_TITLE

_OF = {"erratum": "erratum-of", "retraction": "retraction-of", "comment": "comment-on"}
_CONGRESS = frozenset(("conference", "supplement"))
CERTAIN = frozenset(("version-of", *_OF.values()))


def link_kind(one: NormalForm, other: NormalForm, c: Comparison) -> tuple[str, bool] | None:
    """Name the link of two records that are not one report, and whether the first is the one that points."""
    if c.version == CONFLICT and c.title >= NEAR_TITLE:
        return "version-of", _is_newer(one, other)
    if c.title < NEAR_TITLE or c.length < SHORT_TITLE or c.generic:
        return None
    return _notice(one, other, c) or _abstract_of(one, other, c)


def _is_newer(one: NormalForm, other: NormalForm) -> bool:
    """Say whether the first is the newer version."""
    return (one.year or 0, one.review_version.zfill(3)) >= (other.year or 0, other.review_version.zfill(3))


def _notice(one: NormalForm, other: NormalForm, c: Comparison) -> tuple[str, bool] | None:
    """An erratum, retraction or comment points to its article in the same journal."""
    if c.kinds != CONFLICT or c.journal == CONFLICT:
        return None
    for kind, link in _OF.items():
        if (kind in one.kinds) != (kind in other.kinds):
            return link, kind in one.kinds
    return None


def _abstract_of(one: NormalForm, other: NormalForm, c: Comparison) -> tuple[str, bool] | None:
    """A congress abstract points to the article of the same title and people that stands elsewhere."""
    if c.title < SAME_TITLE or c.authors != AGREE or c.kinds == CONFLICT or (c.year == CONFLICT and c.years_apart > 3):
        return None
    congress, other_congress = bool(_CONGRESS & set(one.kinds)), bool(_CONGRESS & set(other.kinds))
    if congress == other_congress or UNKNOWN == c.pages == c.volume:
        return None
    return "abstract-of", congress
