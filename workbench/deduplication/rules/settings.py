"""What a team may set, and every number the engine decides by; `numbers.toml` explains each, and is read once."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

Strictness = Literal["cautious", "balanced", "thorough"]
Versions = Literal["apart", "together"]
TIERS: dict[str, int] = {"cautious": 1, "balanced": 2, "thorough": 3}
PROBABLE = TIERS["balanced"]
NUMBERS_FILE = Path(__file__).with_name("numbers.toml")


@dataclass(frozen=True, slots=True)
class Numbers:
    """Every number the engine decides by; `numbers.toml` says what each means."""

    same_title: float
    near_title: float
    alike_title: float
    doi_title: float
    faint_title: float
    short_title: int
    long_title: int
    sure_title: int
    whole_title: float
    retitled_title: float
    many_people: int
    most_authors: int
    same_surname: float
    surname_piece: int
    people_share: float
    worth_of_author: int
    authors_counted: int
    abstract_kept: int
    abstract_least: int
    abstract_compared: int
    same_abstract: float
    other_abstract: float
    half_title: int
    truncated_from: int
    truncated_likeness: float
    truncated_title: float
    worth_comparing: float
    weighty_word: int
    like_word: float
    words_swapped: int
    locator_digits: int
    article_digits: int
    first_page_slip: int
    extent_slip: int
    abbreviated_least: int
    abbreviated_most: int
    initials_least: int
    initials_left_out: int
    journal_words: int
    years_between: int
    trials_of_a_report: int
    shown_score: float
    pairs_per_thousand: int
    fewest_pairs: int
    base: float
    of_title: float
    agrees: dict[str, float] = field(hash=False)
    differs: dict[str, float] = field(hash=False)


def numbers_from(text: str) -> Numbers:
    """Read the numbers from TOML; every one must be there, and none that the engine does not know.

    Raises:
        TypeError: A number is missing or unknown.
    """
    tables: dict[str, dict[str, Any]] = tomllib.loads(text)
    return Numbers(**{name: value for table in tables.values() for name, value in table.items()})


NUMBERS = numbers_from(NUMBERS_FILE.read_text(encoding="utf-8"))
NAMES = tuple(one.name for one in fields(Numbers))


@dataclass(frozen=True, slots=True)
class Settings:
    """How bold the engine is, and whether versions of one review (Cochrane updates) count as one report.

    *cautious* merges only what a careful person would merge unseen; *balanced* also what is probable; *thorough*
    whatever is likely. What a step leaves out is in its list for a person. `numbers` are what decisions go by; a team
    has no need to change them.
    """

    strictness: Strictness = "cautious"
    versions: Versions = "apart"
    numbers: Numbers = NUMBERS

    @property
    def tier(self) -> int:
        """The boldest tier of rules that merges without a person."""
        return TIERS[self.strictness]
