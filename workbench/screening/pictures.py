"""Small pictures: one figure over time, all on the same axis from 0 to 1; and what is left to do, day by day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from workbench.screening.agreement import Interval

LEFT, RIGHT, TOP, BOTTOM = 30.0, 232.0, 8.0, 88.0
"""Edges of the field in which values stand, in a picture of 240 by 110."""

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """One line of values with its band, as paths; values below 0 stand at the bottom, and the caption tells them."""

    line: str
    band: str
    dots: Points
    """Values without a neighbour, which no line shows, and the last value."""


def chart(values: Sequence[float | None], intervals: Sequence[Interval | None] = ()) -> Chart:
    """Draw values, first to last; where one is not estimable the line is broken."""
    places = [_x(i, len(values)) for i in range(len(values))]
    known = [(x, _y(value)) if value is not None else None for x, value in zip(places, values, strict=True)]
    edges = [((x, _y(one.high)), (x, _y(one.low))) if one else None for x, one in zip(places, intervals, strict=False)]
    runs = list(_runs(known))
    dots = [run[0] for run in runs if len(run) == 1] + [run[-1] for run in runs[-1:] if len(run) > 1]
    bands = [_ring([high for high, _low in run], [low for _high, low in run]) for run in _runs(edges) if len(run) > 1]
    return Chart(" ".join(_path(run) for run in runs if len(run) > 1), " ".join(bands), dots)


def burn_down(left: Sequence[int]) -> Chart:
    """Draw what is left, day by day, on an axis from 0 to the most that ever was left."""
    most = max(left, default=0) or 1
    return chart([n / most for n in left])


def _runs(known: Sequence[object]) -> Iterator[list]:  # type: ignore[type-arg]  # points, or pairs of points
    """The stretches without a gap."""
    for there, some in groupby(known, key=lambda one: one is not None):
        if there:
            yield list(some)


def _x(i: int, n: int) -> float:
    return round(LEFT + 4 + (RIGHT - LEFT - 4) * (i / (n - 1) if n > 1 else 0.5), 1)


def _y(value: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(1.0, max(0.0, value)), 1)


def _path(points: Points) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _ring(there: Points, back: Points) -> str:
    return _path([*there, *reversed(back)]) + "Z"
