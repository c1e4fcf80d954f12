"""The summary: for each domain a bar of 100 %, by how many studies got each judgement, or by how much they weigh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.appraisal.formats import Judged, Line, Mark
from workbench.appraisal.instruments import Instrument
from workbench.appraisal.pictures.canvas import LINE, Canvas, fitted, widest
from workbench.appraisal.pictures.lights import EDGE, OVERALL, legend_of, look_of, symbol_on
from workbench.appraisal.pictures.palettes import Look, Style, ink_on
from workbench.errors import Invalid
from workbench.words import _

LONG, TALL, GAP = 420.0, 26.0, 12.0
"""Pixels: length of a bar, its height, and between bars."""
WIDEST_LABEL = 330.0


class NoWeights(Invalid):
    """A weighted picture needs a weight of every study, and one of them above 0."""

    hint = "Give the weights in the last column, after the whole, or draw without them."


@dataclass(frozen=True)
class Bar:
    """One domain: the share of each judgement, 0 to 1."""

    id: str
    label: str
    shares: Mapping[str, float]


def summary(
    judged: Judged,
    *,
    style: Style = Style.ROBVIS,
    palette: str | None = None,
    weighted: bool = False,
    instrument: Instrument | None = None,
    title: str | None = None,
    ident: str = "summary",
) -> str:
    """Draw a bar for each domain as SVG, and one for the whole where it is judged.

    Args:
        judged: the judgements of one outcome; studies that did not get one for a domain do not count in its bar.
        style: whose symbols, colours and order of things to follow.
        palette: the name of the colours; those of the style where not given.
        weighted: whether studies count by their weight.
        instrument: whose judgements the legend lists in full.
        title: what the picture is called.
        ident: start of the ids, so that several pictures can stand on one page.

    Raises:
        NoWeights: a study has no weight.
    """
    look = look_of(style, palette, instrument)
    bars = bars_of(judged, look, weighted=weighted)
    said = _("By weight of the studies.") if weighted else _("By number of studies: %(n)s.", n=len(judged.lines))
    canvas = Canvas(title or _("Risk of bias by domain"), said, ident)
    return _drawn(canvas, bars, look, legend_of(judged, look, instrument), said)


def bars_of(judged: Judged, look: Look, *, weighted: bool) -> list[Bar]:
    """Work out the shares, each bar from best to worst."""
    if weighted and (
        any(line.weight is None for line in judged.lines) or not sum(line.weight or 0 for line in judged.lines)
    ):
        raise NoWeights(_("Not every study has a weight."))
    bars = [
        Bar(column.id, ": ".join(filter(None, (column.name, column.group))), _shares(
            [(line, line.marks.get(column.id)) for line in judged.lines], look, weighted=weighted
        ))
        for column in judged.columns
    ]  # fmt: skip
    if judged.has_overall:
        whole = _shares([(line, line.overall) for line in judged.lines], look, weighted=weighted)
        bars.append(Bar(OVERALL, _("Overall risk of bias"), whole))
    return bars


def _shares(marks: Sequence[tuple[Line, Mark | None]], look: Look, *, weighted: bool) -> dict[str, float]:
    counted = [(mark.judgement, (line.weight or 0) if weighted else 1.0) for line, mark in marks if mark]
    total = sum(weight for _judgement, weight in counted)
    if not total:
        return {}
    return {
        judgement: sum(weight for one, weight in counted if one == judgement) / total
        for judgement in look.ordered(one for one, _weight in counted)
    }


def _drawn(canvas: Canvas, bars: Sequence[Bar], look: Look, legend: Sequence[str], said: str) -> str:
    labels = [fitted(bar.label, WIDEST_LABEL, 3, bold=bar.id == OVERALL) for bar in bars]
    left = EDGE + max((widest(lines, bold=True) for lines in labels), default=0) + 14
    y = EDGE + 4
    for bar, lines in zip(bars, labels, strict=True):
        high = max(TALL, LINE * len(lines))
        canvas.lines(lines, left - 12, y + high / 2, anchor="end", bold=bar.id == OVERALL)
        _bar(canvas, bar, look, left, y + (high - TALL) / 2)
        y += high + GAP
    y = _axis(canvas, left, y)
    canvas.text(said, left, y + 12, size=12)
    reach, y = _legend(canvas, look, legend, left, y + 24)
    return canvas.svg(max(left + LONG + 28, reach + EDGE), y + EDGE)


def _bar(canvas: Canvas, bar: Bar, look: Look, x: float, y: float) -> None:
    for judgement, share in bar.shares.items():
        wide, fill = LONG * share, look.fill(judgement)
        says = f"{bar.label}: {judgement} {share:.1%}"
        about = {"domain": bar.id, "judgement": judgement, "share": f"{share:.6f}"}
        with canvas.group("segment", says, **about):
            canvas.rect(x, y, wide, TALL, fill, "#000000")
            if wide >= 16:
                symbol_on(canvas, look.symbol(judgement), x + wide / 2, y + TALL / 2, ink_on(fill))
        x += wide


def _axis(canvas: Canvas, left: float, y: float) -> float:
    canvas.line(left, y - 4, left + LONG, y - 4, "#000000")
    for quarter in range(5):
        x = left + LONG * quarter / 4
        canvas.line(x, y - 4, x, y + 1, "#000000")
        canvas.text(f"{25 * quarter}%", x, y + 15, anchor="middle", size=12)
    return y + 24


def _legend(canvas: Canvas, look: Look, legend: Sequence[str], left: float, y: float) -> tuple[float, float]:
    """Box the legend, in rows as long as the bars."""
    places, x, row = [], left + 10, 0
    for judgement in legend:
        wide = widest([judgement]) + 44
        if x + wide > left + max(LONG, wide + 10) and x > left + 10:
            x, row = left + 10, row + 1
        places.append((judgement, x, y + 8 + 28 * row))
        x += wide
    reach = max((x + widest([judgement]) + 44 for judgement, x, _y in places), default=left)
    canvas.rect(left, y, max(LONG, reach - left), 28 * (row + 1) + 10, "#ffffff", "#000000")
    for judgement, at, top in places:
        fill = look.fill(judgement)
        with canvas.group("legend", judgement, judgement=judgement):
            canvas.rect(at, top, 22, 22, fill, "#000000")
            symbol_on(canvas, look.symbol(judgement), at + 11, top + 11, ink_on(fill))
            canvas.text(judgement, at + 30, top + 15.5)
    return max(left + LONG, reach), y + 28 * (row + 1) + 10
