"""AGREE II: guidelines by domains, each score a bar from 0 to 100 %, with the protocol's threshold as a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import floor

from workbench.appraisal.instruments import Instrument
from workbench.appraisal.pictures.canvas import LINE, Canvas, fitted, widest
from workbench.appraisal.pictures.lights import EDGE, WIDEST_NAME
from workbench.words import _

FULL, PANEL, ROW, TALL = 100.0, 148.0, 30.0, 16.0
"""Pixels: a bar of 100 %, a domain's panel, least height of a row, height of a bar."""
BAR, BELOW, TRACK = "#0b5573", "#7f9aa8", "#eceff1"


@dataclass(frozen=True)
class Scores:
    """One guideline: the score of each domain in percent, None where there is none, and what was said of the whole."""

    name: str
    percent: Mapping[str, float | None]
    closing: Sequence[str] = field(default=())


def score_bars(
    instrument: Instrument,
    guidelines: Sequence[Scores],
    thresholds: Mapping[str, float],
    settings: str,
    *,
    ident: str = "scores",
) -> str:
    """Draw guidelines by domains as SVG; domains are never added up.

    Args:
        instrument: whose domains they are.
        guidelines: in the order of the rows.
        thresholds: by domain, the percent that the protocol asks for; there is no official one.
        settings: what the scores rest on, in words (appraisers, skipped items); it stands below.
        ident: start of the ids, so that several pictures can stand on one page.
    """
    domains = list(instrument.domains.values())
    canvas = Canvas(
        _("%(name)s: domain scores by guideline", name=instrument.short),
        _("%(n)s guidelines.", n=len(guidelines)),
        ident,
    )
    left = EDGE + min(WIDEST_NAME, widest([one.name for one in guidelines])) + 18
    headings = [fitted(f"{domain.id}. {domain.label}", PANEL - 14, 3, bold=True) for domain in domains]
    top = EDGE + LINE * max(len(lines) for lines in headings) + 10
    for place, lines in enumerate(headings):
        canvas.lines(lines, left + PANEL * place, (EDGE + top) / 2, bold=True)
    y = top
    for place, one in enumerate(guidelines):
        y = _row(canvas, one, [domain.id for domain in domains], thresholds, left, y, is_striped=place % 2 == 1)
    for place, domain in enumerate(domains):
        if domain.id in thresholds:
            x = left + PANEL * place + FULL * thresholds[domain.id] / 100
            canvas.line(x, top, x, y, "#b00020", "4 3")
    return canvas.svg(left + PANEL * len(domains) + EDGE, _below(canvas, thresholds, settings, left, y + 10) + EDGE)


def _row(
    canvas: Canvas,
    one: Scores,
    domains: Sequence[str],
    thresholds: Mapping[str, float],
    left: float,
    y: float,
    *,
    is_striped: bool,
) -> float:
    name = fitted(one.name, left - EDGE - 10)
    high = max(ROW, LINE * len(name) + 8)
    if is_striped:
        canvas.rect(0, y, left + PANEL * len(domains) + EDGE, high, "#f6f7f8")
    canvas.lines(name, EDGE, y + high / 2)
    for place, domain in enumerate(domains):
        x, score = left + PANEL * place, one.percent.get(domain)
        canvas.rect(x, y + (high - TALL) / 2, FULL, TALL, TRACK)
        says = f"{floor(score + 0.5)} %" if score is not None else "–"
        with canvas.group("score", f"{one.name}, {domain}: {says}", study=one.name, domain=domain, score=says):
            if score is not None:
                fill = BELOW if score < thresholds.get(domain, 0) else BAR
                canvas.rect(x, y + (high - TALL) / 2, FULL * score / 100, TALL, fill)
            canvas.text(says, x + FULL + 6, y + high / 2 + 4.5, size=12)
    return y + high


def _below(canvas: Canvas, thresholds: Mapping[str, float], settings: str, left: float, y: float) -> float:
    """Write the legend and what the scores rest on."""
    if thresholds:
        canvas.line(EDGE, y + 8, EDGE + 24, y + 8, "#b00020", "4 3")
        canvas.text(_("Threshold of the protocol; below it the bar is paler"), EDGE + 32, y + 12, size=12)
        y += 22
    for line in fitted(settings, left + PANEL * 5, 3):
        canvas.text(line, EDGE, y + 12, size=12)
        y += LINE
    return y
