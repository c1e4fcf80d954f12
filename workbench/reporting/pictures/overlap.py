"""How sources overlap, drawn like an UpSet plot: a row per source, a column per set of sources, a bar for each.

The plot: Lex et al., UpSet: Visualization of intersecting sets, IEEE TVCG 2014;20:1983. The drawing is our own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workbench.drawing.text import legal, width
from workbench.reporting.pictures.drawing import templates
from workbench.words import _, several, spaced

ROW, COLUMN, DOT = 26, 30, 6
"""Pixels: height of a source's row, width of a set's column, radius of a dot."""
TALL, LONG, FIGURE, EDGE, GAP = 170, 100, 48, 14, 12
"""Pixels: the tallest bar above, the longest at the side and room for its figure, the margin, and between parts."""
WIDEST_NAME = 240
MOST = 30
"""So many sets are drawn, the largest; the table beside the picture has them all."""


@dataclass(frozen=True, slots=True)
class Row:
    """One source: its name as it fits, the whole name, how many reports it brought, and where its bar stands."""

    name: str
    whole_name: str
    y: float
    n: int
    bar: float
    link: str


@dataclass(frozen=True, slots=True)
class Column:
    """One set of sources: how many reports came from these and no other, its dots, and what a reader hears."""

    x: float
    n: int
    bar: float
    dots: tuple[float, ...]
    empty: tuple[float, ...]
    says: str
    link: str


@dataclass(slots=True)
class Plot:
    """All there is to draw, in pixels."""

    title: str
    description: str
    names: float
    left: float
    base: float
    width: float
    height: float
    rows: list[Row] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


Sets = Sequence[tuple[Sequence[int], int]]
"""Which sources (by their place in the list), and how many reports came from just these; the largest first."""


def draw_overlap(
    names: Sequence[str],
    totals: Sequence[int],
    sets: Sets,
    *,
    source_link: Callable[[int], str] = lambda _place: "",
    set_link: Callable[[Sequence[int]], str] = lambda _places: "",
    number: Callable[[int], str] = spaced,
    standalone: bool = False,
    ident: str = "overlap",
) -> str:
    """Draw the overlap of sources as SVG, to stand in a page or in a file of its own.

    Args:
        names: the sources, in the order of the rows.
        totals: how many reports each brought.
        sets: the sets of sources with how many reports came from just these, the largest first.
        source_link: the address of all reports of a source.
        set_link: the address of the reports of just these sources.
        number: how a number is written, in the reader's language.
        standalone: whether to lay a white ground, for a file that has no page around it.
        ident: start of the ids, so that several pictures can stand on one page.
    """
    plot = lay_out(names, totals, sets, source_link, set_link)
    return (
        templates()
        .get_template("overlap.svg")
        .render(p=plot, id=ident, standalone=standalone, number=number, row=ROW, dot=DOT, gap=GAP)
    )


def lay_out(
    names: Sequence[str],
    totals: Sequence[int],
    sets: Sets,
    source_link: Callable[[int], str],
    set_link: Callable[[Sequence[int]], str],
) -> Plot:
    """Say where everything stands; bars share the scale of their kind, and none is shorter than a pixel."""
    shown = sets[:MOST]
    wide = min(WIDEST_NAME, max((width(name) for name in names), default=0))
    left = EDGE + FIGURE + LONG + GAP + wide + GAP
    base = EDGE + ROW + TALL
    plot = Plot(
        _("Overlap of sources"), _told(names, totals, sets), EDGE + FIGURE + LONG + GAP, left, base,
        left + COLUMN * len(shown) + EDGE, base + GAP + ROW * len(names) + EDGE,
    )  # fmt: skip
    middle = [base + GAP + ROW * (place + 0.5) for place in range(len(names))]
    plot.rows = [
        Row(_fitted(name), legal(name), middle[place], n, _length(n, totals, LONG), source_link(place))
        for place, (name, n) in enumerate(zip(names, totals, strict=True))
    ]
    tallest = [n for _places, n in shown]
    plot.columns = [
        _column(left + COLUMN * (at + 0.5), places, n, _length(n, tallest, TALL), names, middle, set_link(places))
        for at, (places, n) in enumerate(shown)
    ]
    return plot


def _column(
    x: float, places: Sequence[int], n: int, bar: float, names: Sequence[str], middle: Sequence[float], link: str
) -> Column:
    dots = tuple(middle[place] for place in sorted(places))
    empty = tuple(y for place, y in enumerate(middle) if place not in places)
    return Column(x, n, bar, dots, empty, _says(n, [names[place] for place in sorted(places)]), link)


def _says(n: int, names: Sequence[str]) -> str:
    reports = several(n, _("1 report"), _("%(n)s reports"))
    said = _("%(reports)s in %(names)s alone") if len(names) == 1 else _("%(reports)s in %(names)s, and in no other")
    return said % {"reports": reports, "names": legal(", ".join(names))}


def _told(names: Sequence[str], totals: Sequence[int], sets: Sets) -> str:
    """Say the picture in words."""
    brought = ", ".join(f"{legal(name)} {spaced(n)}" for name, n in zip(names, totals, strict=True))
    parts = [_("Reports by source: %(brought)s.", brought=brought)]
    if sets:
        largest = _says(sets[0][1], [names[place] for place in sorted(sets[0][0])])
        parts.append(_("The largest set: %(largest)s.", largest=largest))
    if len(sets) > MOST:
        parts.append(_("The %(n)s largest of %(all)s sets are drawn.", n=MOST, all=len(sets)))
    return " ".join(parts)


def _length(n: int, among: Sequence[int], longest: float) -> float:
    return round(max(1.0, longest * n / max(among)), 2) if n else 0.0


def _fitted(name: str) -> str:
    """A name cut to the room it has."""
    name = legal(name)
    if width(name) <= WIDEST_NAME:
        return name
    end = next(end for end in range(len(name), 0, -1) if width(name[:end] + "…") <= WIDEST_NAME)
    return name[:end].rstrip() + "…"
