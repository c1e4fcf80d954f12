"""How far appraisers agree, from their first independent answers; None where a figure is not estimable, never 0 or 1.

Percent, kappa and AC1 are those of screening. Weighted kappa: Cohen, Psychol Bull 1968;70:213-220. Several appraisers:
Fleiss, Psychol Bull 1971;76:378-382. Numbers on a scale: Shrout & Fleiss, Psychol Bull 1979;86:420-428.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.screening.agreement import Pair, Table, ac1, kappa, observed, tabulate

NOTHING = 1e-12
"""What a sum of squares may be off by; less is nothing."""

Weight = Callable[[int, int], float]
"""How grave it is when one says class i and the other class j; 0 where i is j."""


@dataclass(frozen=True)
class Agreement:
    """What the answers of two appraisers say of their agreement."""

    n: int
    """Pairs of answers."""
    left_out: int
    """Pairs in which one gave an answer that is none of the classes, such as no information."""
    observed: float | None
    kappa: float | None
    linear: float | None
    """Weighted by the steps between classes; None where the classes have no order."""
    quadratic: float | None
    ac1: float | None


@dataclass(frozen=True)
class Intraclass:
    """Two-way random effects, absolute agreement: of one appraiser, and of the mean of all of them."""

    targets: int
    appraisers: int
    single: float | None
    """ICC(2,1)"""
    mean: float | None
    """ICC(2,k)"""


def agreement(pairs: Iterable[Pair], classes: Sequence[str], *, are_ordered: bool) -> Agreement:
    """Ask pairs of answers for every figure of agreement.

    Args:
        pairs: what the one and what the other said of the same item or domain.
        classes: the answers that count, best first where they have an order; pairs with any other are left out, and
            how many they are is told.
        are_ordered: whether the classes have an order, so that steps between them mean something.

    >>> agreement([("Low", "Low"), ("Low", "High"), ("NI", "Low")], ["Low", "High"], are_ordered=True).left_out
    1
    """
    found = list(pairs)
    counted = [pair for pair in found if set(pair) <= set(classes)]
    table = tabulate(counted, tuple(classes))
    return Agreement(
        n=table.n,
        left_out=len(found) - len(counted),
        observed=observed(table),
        kappa=kappa(table),
        linear=weighted_kappa(table, steps) if are_ordered else None,
        quadratic=weighted_kappa(table, squared_steps) if are_ordered else None,
        ac1=ac1(table),
    )


def collapsed(pairs: Iterable[Pair], alike: Mapping[str, str]) -> list[Pair]:
    """Take answers for others, such as probably yes for yes.

    >>> collapsed([("Y", "PY"), ("NI", "PN")], {"PY": "Y", "PN": "N"})
    [('Y', 'Y'), ('NI', 'N')]
    """
    return [(alike.get(one, one), alike.get(other, other)) for one, other in pairs]


def steps(i: int, j: int) -> float:
    """Linear weights: as grave as the classes are apart."""
    return abs(i - j)


def squared_steps(i: int, j: int) -> float:
    """Quadratic weights: as grave as the square of that."""
    return (i - j) ** 2


def weighted_kappa(table: Table, weight: Weight) -> float | None:
    """Cohen's weighted kappa; not estimable without pairs, or where all said one and the same."""
    k = range(len(table.classes))
    rows, columns = table.rows, table.columns
    by_chance = sum(weight(i, j) * rows[i] * columns[j] for i in k for j in k)
    seen = table.n * sum(weight(i, j) * table.cells[i][j] for i in k for j in k)
    return 1 - seen / by_chance if by_chance else None


def fleiss_kappa(answers: Iterable[Sequence[str]]) -> float | None:
    """Kappa of more than two appraisers, who all answered everything.

    Args:
        answers: for each item, what each appraiser said.

    Raises:
        ValueError: not all items have as many answers.
    """
    counted = [Counter(one) for one in answers]
    n = len(counted)
    raters = {sum(one.values()) for one in counted}
    if len(raters) > 1:
        raise ValueError("every item needs an answer of every appraiser")
    m = raters.pop() if raters else 0
    if n == 0 or m < 2:
        return None
    alike = sum(sum(times * (times - 1) for times in one.values()) / (m * (m - 1)) for one in counted) / n
    totals: Counter[str] = sum(counted, Counter())
    by_chance = sum((times / (n * m)) ** 2 for times in totals.values())
    return (alike - by_chance) / (1 - by_chance) if len(totals) > 1 else None


def intraclass(ratings: Sequence[Sequence[float]]) -> Intraclass:
    """ICC(2,1) and ICC(2,k) of numbers that the same appraisers gave.

    For AGREE II the targets are the items of a domain over the guidelines that the same appraisers rated.

    Args:
        ratings: for each target, the number of each appraiser.

    Raises:
        ValueError: not all targets were rated by as many appraisers.
    """
    n, k = len(ratings), len(ratings[0]) if ratings else 0
    if any(len(one) != k for one in ratings):
        raise ValueError("every target needs a number of every appraiser")
    if n < 2 or k < 2:
        return Intraclass(n, k, None, None)
    rows, columns, rest = _mean_squares(ratings, n, k)
    between = (columns - rest) / n
    return Intraclass(
        n, k, _ratio(rows - rest, rows + (k - 1) * rest + k * between), _ratio(rows - rest, rows + between)
    )


def _mean_squares(ratings: Sequence[Sequence[float]], n: int, k: int) -> tuple[float, float, float]:
    """Mean squares of targets, of appraisers, and of what is left."""
    grand = sum(map(sum, ratings)) / (n * k)
    rows = k * sum((sum(one) / k - grand) ** 2 for one in ratings)
    columns = n * sum((sum(one) / n - grand) ** 2 for one in zip(*ratings, strict=True))
    total = sum((x - grand) ** 2 for one in ratings for x in one)
    return rows / (n - 1), columns / (k - 1), max(0.0, total - rows - columns) / ((n - 1) * (k - 1))


def _ratio(part: float, whole: float) -> float | None:
    """A share; not estimable where all numbers are the same."""
    return part / whole if abs(whole) > NOTHING else None
