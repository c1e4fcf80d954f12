"""What people said of one pair, and what counts of it: one answer that stands alone, or two that agree."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """One person's answer to a pair that was not taken back; `content` is the answer with its link."""

    member_id: int
    content: Hashable
    alone: bool


def in_force(said: Sequence[Saying]) -> Saying | None:
    """Say which of these answers, in the order of time, counts: the newest that stands alone, else one said by two.

    >>> same, two = Saying(1, "same", alone=False), Saying(2, "two", alone=False)
    >>> in_force([same]), in_force([same, two]), in_force([same, Saying(2, "same", alone=False)]).member_id
    (None, None, 2)
    """
    alone = [one for one in said if one.alone]
    if alone:
        return alone[-1]
    newest = {one.member_id: one for one in said}.values()
    agreed = [one for one in newest if sum(other.content == one.content for other in newest) > 1]
    return agreed[-1] if agreed else None


def is_open(said: Sequence[Saying]) -> bool:
    """Say whether everybody may know what was said: one answer stands alone, or two people have answered."""
    return any(one.alone for one in said) or len({one.member_id for one in said}) > 1
