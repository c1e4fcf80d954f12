"""AGREE II: the score of a domain from the independent ratings of several appraisers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from workbench.appraisal.instruments import Domain, Scale
from workbench.appraisal.rules.answers import Refusal
from workbench.appraisal.rules.settings import Settings
from workbench.words import _

Ratings = Mapping[str, Mapping[str, int]]
"""By appraiser, the number given to each item."""


@dataclass(frozen=True)
class DomainScore:
    """What a domain got of what it could get."""

    obtained: int
    lowest: int
    highest: int

    @property
    def share(self) -> Fraction:
        """The score, exactly: 0 where everything was rated lowest, 1 where all was highest."""
        return Fraction(self.obtained - self.lowest, self.highest - self.lowest)

    @property
    def score(self) -> float:
        """The score in percent, unrounded."""
        return float(100 * self.share)

    @property
    def percent(self) -> int:
        """The score as it is shown: in whole percent, half up.

        >>> DomainScore(53, 12, 84).percent
        57
        """
        return floor(100 * self.share + Fraction(1, 2))


@dataclass(frozen=True)
class Scored:
    """The score of a domain, or why there is none; the six domains are never added up."""

    score: DomainScore | None = None
    missing: tuple[tuple[str, str], ...] = ()
    """(appraiser, item) without a number."""
    refused: tuple[Refusal, ...] = ()
    items: tuple[str, ...] = ()
    """The items that count."""


def score_domain(scale: Scale, domain: Domain, ratings: Ratings, settings: Settings) -> Scored:
    """Score one domain of one guideline: 100 × (obtained - least possible) / (most possible - least possible).

    An item that is skipped by everybody, as settled beforehand, makes the range smaller. One that only some left out
    leaves the domain without a score, unless the protocol counts what was rated (`per_rating`).
    """
    items = tuple(item for item in domain.items if item not in settings.skipped)
    if refused := _refusals(scale, items, ratings):
        return Scored(refused=refused, items=items)
    missing = tuple((who, item) for who, given in ratings.items() for item in items if item not in given)
    rated = [given[item] for given in ratings.values() for item in items if item in given]
    if not rated or (missing and not settings.per_rating):
        return Scored(missing=missing, items=items)
    n = len(rated)
    return Scored(DomainScore(sum(rated), scale.lowest * n, scale.highest * n), missing, items=items)


def wide_items(ratings: Ratings, items: Sequence[str], span: int = 3) -> dict[str, int]:
    """Items on which the numbers lie far apart, with how far: they are what a discussion begins with.

    >>> wide_items({"A": {"7": 6, "8": 5}, "B": {"7": 2, "8": 4}}, ["7", "8"])
    {'7': 4}
    """
    found = {}
    for item in items:
        numbers = [given[item] for given in ratings.values() if item in given]
        if numbers and max(numbers) - min(numbers) >= span:
            found[item] = max(numbers) - min(numbers)
    return found


def _refusals(scale: Scale, items: Sequence[str], ratings: Ratings) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(
            item,
            _("%(who)s gave %(n)s; it takes %(low)s to %(high)s", who=who, n=n, low=scale.lowest, high=scale.highest),
        )
        for who, given in ratings.items()
        for item, n in given.items()
        if item in items and not scale.lowest <= n <= scale.highest
    )
