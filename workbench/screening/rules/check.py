"""The second check of what one person excluded: its error rate with the 95 % interval of Wilson. Pure thought."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Check:
    """How the second check stands.

    `drawn` single exclusions are in the seeded share; on `checked` the second vote is handed in; on `differs` of these
    the second person would keep the record; of those `wrong` were settled as included and `undecided` are not settled.
    """

    drawn: int
    checked: int
    differs: int
    wrong: int
    undecided: int

    @property
    def is_over(self) -> bool:
        """Whether all votes of the check are handed in and all that differed is settled."""
        return self.checked == self.drawn and not self.undecided

    @property
    def rate(self) -> float | None:
        """The share of checked exclusions that were wrong; None (not estimable) before the end and without any."""
        return self.wrong / self.checked if self.is_over and self.checked else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the rate; None where the rate is not estimable."""
        return None if self.rate is None else wilson(self.wrong, self.checked)


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of k in n (Wilson, J Am Stat Assoc 1927;22:209-212); n is at least 1.

    >>> [round(one, 4) for one in wilson(0, 100)], [round(one, 4) for one in wilson(5, 100)]
    ([0.0, 0.037], [0.0215, 0.1118])
    """
    share, z2 = k / n, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
