"""How far two people agree: tables of paired ballots and the figures asked of them. Pure thought; no cut-off gates.

Cohen's kappa with its large-sample interval: Fleiss, Cohen & Everitt, Psychol Bull 1969;72:323-327. PABAK: Byrt, Bishop
& Carlin, J Clin Epidemiol 1993;46:423-429. AC1: Gwet, Br J Math Stat Psychol 2008;61:29-48. Positive and negative
agreement: Cicchetti & Feinstein, J Clin Epidemiol 1990;43:551-558.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

INCLUDE, UNCLEAR, EXCLUDE = "include", "unclear", "exclude"

TWO = (INCLUDE, EXCLUDE)
"""The classes where unclear counts as include."""

THREE = (INCLUDE, UNCLEAR, EXCLUDE)
"""The classes where unclear stands for itself."""

Pair = tuple[str, str]
"""What one person and what the other said of the same record."""

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Table:
    """Records by what one person (rows) and the other (columns) said; `cells[i][j]` belongs to classes i and j."""

    classes: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """Records in the table."""
        return sum(self.rows)

    @property
    def rows(self) -> list[int]:
        """Sums of the rows: how often the one said each class."""
        return [sum(row) for row in self.cells]

    @property
    def columns(self) -> list[int]:
        """Sums of the columns: how often the other said each class."""
        return [sum(column) for column in zip(*self.cells, strict=True)]

    @property
    def agreed(self) -> int:
        """Records of which both said the same."""
        return sum(self.cells[i][i] for i in range(len(self.classes)))


@dataclass(frozen=True)
class Interval:
    """A 95 % confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Agreement:
    """What a table says of two people's agreement; None where a figure is not estimable, never 0 or 1 in its stead."""

    n: int
    observed: float | None
    kappa: float | None
    interval: Interval | None
    """Of kappa; None also where the large-sample error is nil, which is no certainty."""
    pabak: float | None
    ac1: float | None
    specific: tuple[float | None, ...]
    """The agreement on each class: of all ballots that said it, the share that met the same."""

    @property
    def positive(self) -> float | None:
        """Agreement on includes."""
        return self.specific[0]

    @property
    def negative(self) -> float | None:
        """Agreement on excludes."""
        return self.specific[-1]


def two_by_two(pairs: Iterable[Pair]) -> Table:
    """Sort pairs into include and exclude; unclear counts as include.

    >>> two_by_two([("include", "unclear"), ("exclude", "include")]).cells
    ((1, 0), (1, 0))
    """
    return tabulate(((as_include(one), as_include(other)) for one, other in pairs), TWO)


def three_by_three(pairs: Iterable[Pair]) -> Table:
    """Sort pairs into include, unclear and exclude.

    >>> three_by_three([("include", "unclear"), ("exclude", "exclude")]).cells
    ((0, 1, 0), (0, 0, 0), (0, 0, 1))
    """
    return tabulate(pairs, THREE)


def as_include(said: str) -> str:
    """What was said, with unclear as include."""
    return INCLUDE if said == UNCLEAR else said


def tabulate(pairs: Iterable[Pair], classes: tuple[str, ...]) -> Table:
    """Count pairs into a table of these classes.

    Raises:
        ValueError: somebody said what is none of the classes.
    """
    counted = Counter(pairs)
    unknown = {said for pair in counted for said in pair} - set(classes)
    if unknown:
        raise ValueError(f"not among {', '.join(classes)}: {', '.join(sorted(unknown))}")
    return Table(classes, tuple(tuple(counted[one, other] for other in classes) for one in classes))


def agreement(table: Table) -> Agreement:
    """Ask a table for every figure of agreement.

    The table 10, 10, 10, 970 shows why agreement on includes stands beside the rest:

    >>> found = agreement(Table(TWO, ((10, 10), (10, 970))))
    >>> [round(x, 2) for x in (found.observed, found.kappa, found.pabak, found.ac1, found.positive)]
    [0.98, 0.49, 0.96, 0.98, 0.5]
    >>> agreement(Table(TWO, ((0, 0), (0, 25)))).kappa is None
    True
    """
    value = kappa(table)
    return Agreement(
        n=table.n,
        observed=observed(table),
        kappa=value,
        interval=kappa_interval(table),
        pabak=pabak(table),
        ac1=ac1(table),
        specific=tuple(specific(table, i) for i in range(len(table.classes))),
    )


def observed(table: Table) -> float | None:
    """The share of records of which both said the same."""
    return table.agreed / table.n if table.n else None


def kappa(table: Table) -> float | None:
    """Cohen's kappa; not estimable without records, and where both said one and the same of all of them.

    Counted in whole numbers, so that "nothing left to agree on" is met exactly and not nearly.
    """
    squared, met = table.n**2, _met(table)
    return (table.n * table.agreed - met) / (squared - met) if squared > met else None


def kappa_interval(table: Table) -> Interval | None:
    """The large-sample 95 % interval of kappa (Fleiss, Cohen & Everitt 1969, for a kappa that is not 0)."""
    error = kappa_error(table)
    value = kappa(table)
    if not error or value is None:
        return None
    return Interval(max(-1.0, value - Z_95 * error), min(1.0, value + Z_95 * error))


def kappa_error(table: Table) -> float | None:
    """The large-sample standard error of kappa; None where kappa is not estimable."""
    value = kappa(table)
    if value is None:
        return None
    n, rows, columns = table.n, table.rows, table.columns
    by_chance = _met(table) / n**2
    same = other = 0.0
    for i, row in enumerate(table.cells):
        for j, count in enumerate(row):
            if i == j:
                same += count / n * (1 - (rows[i] + columns[i]) / n * (1 - value)) ** 2
            else:
                other += count / n * ((columns[i] + rows[j]) / n) ** 2
    spread = same + (1 - value) ** 2 * other - (value - by_chance * (1 - value)) ** 2
    return sqrt(max(0.0, spread) / n) / (1 - by_chance) if spread > 1e-12 else 0.0


def pabak(table: Table) -> float | None:
    """Prevalence- and bias-adjusted kappa: chance agreement taken as 1 in k classes (2 po - 1 for two)."""
    share, k = observed(table), len(table.classes)
    return None if share is None else (k * share - 1) / (k - 1)


def ac1(table: Table) -> float | None:
    """Gwet's AC1, which stays near the observed agreement where almost all records fall into one class."""
    share, k = observed(table), len(table.classes)
    if share is None:
        return None
    means = [(row + column) / (2 * table.n) for row, column in zip(table.rows, table.columns, strict=True)]
    by_chance = sum(mean * (1 - mean) for mean in means) / (k - 1)
    return (share - by_chance) / (1 - by_chance)


def specific(table: Table, i: int) -> float | None:
    """Agreement on one class; not estimable where nobody said it."""
    said = table.rows[i] + table.columns[i]
    return 2 * table.cells[i][i] / said if said else None


def added(tables: Sequence[Table], classes: tuple[str, ...]) -> Table:
    """Several pairs' tables as one; who is row and who column is then by the order of joining, and means little."""
    k = range(len(classes))
    return Table(classes, tuple(tuple(sum(table.cells[i][j] for table in tables) for j in k) for i in k))


def _met(table: Table) -> int:
    """Sum of the products of row and column sums: n² times the agreement that chance alone would give."""
    return sum(row * column for row, column in zip(table.rows, table.columns, strict=True))
