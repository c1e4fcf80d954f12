"""What a team may set, and every number the engine decides by."""

from dataclasses import dataclass
from typing import Literal

Strictness = Literal["cautious", "balanced", "thorough"]
Versions = Literal["apart", "together"]
TIERS: dict[str, int] = {"cautious": 1, "balanced": 2, "thorough": 3}


@dataclass(frozen=True, slots=True)
class Settings:
    """How bold the engine is, and whether versions of one review (Cochrane updates) count as one report.

    *cautious* merges only what a careful person would merge unseen; *balanced* also what is probable; *thorough*
    whatever is likely. What a step leaves out is in its list for a person.
    """

    strictness: Strictness = "cautious"
    versions: Versions = "apart"

    @property
    def tier(self) -> int:
        """The boldest tier of rules that merges without a person."""
        return TIERS[self.strictness]


WORTH_COMPARING = 0.78
SAME_TITLE = 0.95
NEAR_TITLE = 0.88
ALIKE_TITLE = 0.80
SHORT_TITLE = 20
PAIRS_PER_THOUSAND = 10
FEWEST_PAIRS = 5
SHOWN_SCORE = 0.75
