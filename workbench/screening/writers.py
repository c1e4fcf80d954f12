"""Figures of agreement as people read them: without the leading zero, and "not estimable" in words."""

from workbench.screening.agreement import Interval
from workbench.words import _


def figure(value: float | None) -> str:
    """Write a figure between -1 and 1 with two decimals; what is near 1 or 0 is not written as if it were.

    >>> [figure(x) for x in (0.976, -0.05, 1.0, 0.9996, 0.0004, 0.0, None)]
    ['.98', '−.05', '1', '> .99', '< .01', '0', 'not estimable']
    """
    if value is None:
        return str(_("not estimable"))
    if value in {0, 1, -1}:
        return f"{value:.0f}".replace("-0", "0").replace("-", "\u2212")
    size, sign = abs(value), "\u2212" if value < 0 else ""
    if 0.005 <= size < 0.995:
        return f"{sign}{size:.2f}".replace("0.", ".", 1)
    is_near_one = size >= 0.995
    beyond = ">" if is_near_one is (value > 0) else "<"
    return f"{beyond} {sign}{'.99' if is_near_one else '.01'}"


def interval(found: Interval | None) -> str:
    """Write the ends of an interval."""
    return str(_("not estimable")) if found is None else f"{figure(found.low)} – {figure(found.high)}"
