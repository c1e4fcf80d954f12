"""What kind of link a person probably wants for two records, and which of them points to the other."""

from workbench.deduplication.rules.compare import compare
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.links import link_kind

_BY_KIND = (
    ("erratum", "erratum-of"), ("retraction", "retraction-of"), ("comment", "comment-on"),
    ("conference", "abstract-of"), ("supplement", "abstract-of"),
)  # fmt: skip
_BEFORE = frozenset(("abstract-of", "preprint-of"))
"""Links whose pointing record comes out before the other one."""


def proposed_link(one: NormalForm, other: NormalForm) -> tuple[str, bool] | None:
    """Name the likely link of two records that are not one report, and whether the first is the one that points."""
    found = link_kind(one, other, compare(one, other))
    if found:
        return found
    for kind, link in _BY_KIND:
        if (kind in one.kinds) != (kind in other.kinds):
            return link, kind in one.kinds
    return None


def first_points(link: str, one: NormalForm, other: NormalForm) -> bool:
    """Say whether the first record is the one that points, where only the years can tell.

    >>> old, new = NormalForm(year=2009), NormalForm(year=2012)
    >>> first_points("version-of", old, new), first_points("preprint-of", old, new)
    (False, True)
    """
    years = (one.year or 0, other.year or 0)
    return years[0] <= years[1] if link in _BEFORE else years[0] > years[1]
