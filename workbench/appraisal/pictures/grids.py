"""AMSTAR 2: reviews by items, each answer by colour and letters, critical items marked, confidence last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.appraisal.instruments import Instrument, Level
from workbench.appraisal.pictures.canvas import LINE, Canvas, fitted, widest
from workbench.appraisal.pictures.lights import EDGE, GRID, WIDEST_NAME
from workbench.appraisal.pictures.palettes import Look, Style, ink_on
from workbench.words import _

CELL, ROW, WHOLE = 40.0, 30.0, 124.0
LEVEL_OF = {"Y": Level.LOW, "PY": Level.SOME, "N": Level.HIGH}
"""How the answers to items are coloured; any other says that the item does not apply."""


@dataclass(frozen=True)
class Reviewed:
    """One review: the answer to each item, and the confidence in its results, where it is known."""

    name: str
    answers: Mapping[str, str]
    confidence: str | None = None


def grid(
    instrument: Instrument,
    reviews: Sequence[Reviewed],
    critical: Sequence[str],
    settings: str,
    *,
    palette: str = "cochrane",
    ident: str = "grid",
) -> str:
    """Draw reviews by items as SVG.

    Args:
        instrument: whose items and judgements they are.
        reviews: in the order of the rows.
        critical: the items that are critical by the protocol.
        settings: the settings under which the confidence holds, in words; they stand below the grid.
        palette: the name of the colours.
        ident: start of the ids, so that several pictures can stand on one page.
    """
    levels = {**dict.fromkeys(instrument.answers, Level.NOT_APPLICABLE), **LEVEL_OF}
    answers = Look(Style.ROBVIS, palette, levels)
    whole = Look(Style.ROBVIS, palette, dict(instrument.overall_judgements))
    said = _("%(n)s reviews; * marks a critical item.", n=len(reviews))
    canvas = Canvas(_("%(name)s: answers by review and item", name=instrument.short), said, ident)
    items = list(dict.fromkeys(item.part_of or item.id for item in instrument.items.values()))
    left = EDGE + min(WIDEST_NAME, widest([one.name for one in reviews])) + 18
    right = left + CELL * len(items) + WHOLE
    _heading(canvas, items, critical, left)
    y = EDGE + 30
    for one in reviews:
        y = _row(canvas, one, items, answers, whole, left, y)
    y = _below(canvas, instrument, answers, whole, y + 14, right)
    for line in fitted(settings, right - EDGE, 3):
        canvas.text(line, EDGE, y + 12, size=12)
        y += LINE
    return canvas.svg(right + EDGE, _key(canvas, instrument, items, critical, y + 10, right) + EDGE)


def _heading(canvas: Canvas, items: Sequence[str], critical: Sequence[str], left: float) -> None:
    for place, item in enumerate(items):
        is_critical = item in critical
        text = f"{item}*" if is_critical else item
        canvas.text(text, left + CELL * (place + 0.5), EDGE + 18, anchor="middle", bold=is_critical)
    canvas.text(_("Confidence"), left + CELL * len(items) + WHOLE / 2, EDGE + 18, anchor="middle", bold=True)


def _row(
    canvas: Canvas, one: Reviewed, items: Sequence[str], answers: Look, whole: Look, left: float, y: float
) -> float:
    name = fitted(one.name, left - EDGE - 10)
    high = max(ROW, LINE * len(name) + 10)
    canvas.lines(name, EDGE, y + high / 2)
    for place, item in enumerate(items):
        code = one.answers.get(item, "")
        x = left + CELL * place
        if not code:
            canvas.rect(x, y, CELL, high, "#ffffff", GRID)
            continue
        with canvas.group("cell", f"{one.name}, {item}: {code}", study=one.name, domain=item, judgement=code):
            _coloured(canvas, code, answers.fill(code), x, y, CELL, high)
    if one.confidence:
        x, word = left + CELL * len(items), one.confidence
        with canvas.group("cell", f"{one.name}: {word}", study=one.name, domain="overall", judgement=word):
            _coloured(canvas, word, whole.fill(word), x, y, WHOLE, high)
    return y + high


def _coloured(canvas: Canvas, text: str, fill: str, x: float, y: float, w: float, high: float) -> None:
    canvas.rect(x, y, w, high, fill, "#ffffff")
    canvas.text(text, x + w / 2, y + high / 2 + 4.5, anchor="middle", size=12, bold=True, fill=ink_on(fill))


def _below(canvas: Canvas, instrument: Instrument, answers: Look, whole: Look, y: float, right: float) -> float:
    """Write the legend: every answer and every confidence."""
    shown = [code for code in instrument.answers if code not in {"ONLY_RCT", "ONLY_NRSI"}]
    entries = [(code, instrument.answers[code], answers.fill(code)) for code in shown]
    entries += [("", word, whole.fill(word)) for word in instrument.overall_judgements]
    x = EDGE
    for code, label, fill in entries:
        wide = 50 + widest([label])
        if x + wide > right and x > EDGE:
            x, y = EDGE, y + 28
        with canvas.group("legend", label, judgement=code or label):
            _coloured(canvas, code, fill, x, y, 34, 22)
            canvas.text(label, x + 40, y + 15.5, size=12)
        x += wide + 6
    return y + 34


def _key(
    canvas: Canvas, instrument: Instrument, items: Sequence[str], critical: Sequence[str], y: float, right: float
) -> float:
    """Write what the items are, in two columns."""
    labels = {item.part_of or item.id: item.label.split(" (")[0] for item in instrument.items.values()}
    half = (len(items) + 1) // 2
    lowest = y
    for column, part in enumerate((items[:half], items[half:])):
        x, at = EDGE + column * (right - EDGE) / 2, y
        for item in part:
            mark = "*" if item in critical else ""
            for line in fitted(f"{item}{mark}: {labels[item]}", (right - EDGE) / 2 - 12, 2):
                canvas.text(line, x, at + 12, size=12)
                at += LINE
        lowest = max(lowest, at)
    return lowest
