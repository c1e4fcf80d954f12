"""Pairs that wait for the same reason on the same evidence, so that a person can answer them together."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.words import _

_SHARE = re.compile(r"(\d{1,3}) %$")
_BANDS = (100, 97, 95, 90, 85, 80)


@dataclass(frozen=True, slots=True)
class Group:
    """What pairs have in common: which numbers they share, how alike their titles are, and why they were left."""

    numbers: tuple[str, ...]
    likeness: int
    """The titles are at least so much alike, in percent; 0 where less than any band."""
    reason: str

    @property
    def words(self) -> str:
        """The group in one line."""
        title = _("title %(share)s %% or more", share=self.likeness) if self.likeness else _("titles hardly alike")
        said = ", ".join((*self.numbers, _("same title") if self.likeness == 100 else title))
        return _("%(evidence)s; left because: %(reason)s", evidence=said, reason=self.reason)

    @property
    def code(self) -> str:
        """The group's name in an address."""
        return hashlib.sha256(repr((self.numbers, self.likeness, self.reason)).encode()).hexdigest()[:12]

    @property
    def is_safe(self) -> bool:
        """Whether a number of the report itself is shared and the titles are alike to a few letters."""
        return bool(self.numbers) and self.likeness >= 97


def group_of(evidence: Sequence[tuple[str, str]], reason: str) -> Group:
    """Say to which group a pair belongs, by the tags of its evidence.

    >>> group_of([("same", "same DOI"), ("near", "title 98 %"), ("differs", "pages differ")], "pages differ")
    Group(numbers=('same DOI',), likeness=97, reason='pages differ')
    """
    numbers: list[str] = []
    for kind, words in evidence:
        if share := _SHARE.search(words):
            likeness = next((band for band in _BANDS if int(share[1]) >= band), 0)
            return Group(tuple(numbers), likeness, reason)
        if kind == "same":
            numbers.append(words)
    return Group(tuple(numbers), 0, reason)
