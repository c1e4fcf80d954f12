"""The traffic light: studies by domains, each judgement a disc with its symbol; as in robvis or as in RevMan."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.appraisal.formats import LEVELS, Column, Judged, Line, Mark
from workbench.appraisal.instruments import Instrument, Level
from workbench.appraisal.pictures.canvas import LINE, Canvas, fitted, widest
from workbench.appraisal.pictures.palettes import DEFAULT, Look, Style, ink_on, mixed
from workbench.words import _

EDGE, CELL, ROW, DISC = 14.0, 50.0, 34.0, 12.0
"""Pixels: the margin, width of a column, least height of a row, radius of a disc."""
WIDEST_NAME = 300.0
WIDEST_KEY = 420.0
STRIP, STRIP_EDGE, WHOLE, GRID = "#a9a9a9", "#595959", "#d3d3d3", "#c8c8c8"
LONGEST_HEADING = 5
OVERALL = "Overall"


def look_of(style: Style, palette: str | None, instrument: Instrument | None) -> Look:
    """Choose colours and symbols; what an instrument calls its judgements goes before what they are commonly called."""
    levels = {**LEVELS, **(dict(instrument.judgements) | dict(instrument.overall_judgements) if instrument else {})}
    return Look(style, palette or DEFAULT[style], levels)


def legend_of(judged: Judged, look: Look, instrument: Instrument | None) -> list[str]:
    """Every judgement that the instrument has or that is drawn, best first."""
    drawn = [mark.judgement for line in judged.lines for mark in (*line.marks.values(), line.overall) if mark]
    known = [*instrument.judgements, *instrument.overall_judgements] if instrument else []
    return look.ordered(
        [*(one for one in known if look.level(one) is not Level.NOT_APPLICABLE or one in drawn), *drawn]
    )


def traffic_light(
    judged: Judged,
    *,
    style: Style = Style.ROBVIS,
    palette: str | None = None,
    instrument: Instrument | None = None,
    title: str | None = None,
    ident: str = "traffic-light",
) -> str:
    """Draw studies by domains as SVG; results of several outcomes stand under a heading each, and are never averaged.

    Args:
        judged: the judgements; a domain without one is left blank.
        style: as robvis draws it (domains by number, key below) or as RevMan does (names turned above their columns).
        palette: the name of the colours; those of the style where not given.
        instrument: whose judgements the legend lists in full.
        title: what the picture is called.
        ident: start of the ids, so that several pictures can stand on one page.
    """
    look = look_of(style, palette, instrument)
    said = _("%(n)s rows, %(m)s domains.", n=len(judged.lines), m=len(judged.columns))
    canvas = Canvas(title or _("Risk of bias by study and domain"), said, ident)
    sheet = _Sheet(judged, look, canvas)
    return sheet.drawn(legend_of(judged, look, instrument))


class _Sheet:
    """A table being drawn: knows where its columns stand."""

    def __init__(self, judged: Judged, look: Look, canvas: Canvas) -> None:
        self.judged, self.look, self.canvas = judged, look, canvas
        self.is_robvis = look.style is Style.ROBVIS
        self.columns = [*judged.columns, *([Column(OVERALL, _("Overall"))] if judged.has_overall else [])]
        self.names = min(WIDEST_NAME, widest([line.study for line in judged.lines])) + 18
        self.left = EDGE + (22 if self.is_robvis else 0)
        self.start = self.left + self.names
        self.cell = CELL if self.is_robvis else 36.0
        self.right = self.start + self.cell * len(self.columns)
        self.reach = 0.0
        """How far to the right key and legend go."""

    def headings(self) -> list[str]:
        """What stands above the columns."""
        whole = [_("Overall")] * self.judged.has_overall
        if not self.is_robvis:
            return [*(_full(column) for column in self.judged.columns), *whole]
        return [*_short(self.judged.columns), *whole]

    def drawn(self, legend: Sequence[str]) -> str:
        """Draw everything from top to bottom."""
        top = self._head()
        bottom = self._rows(top)
        high = self._foot(bottom + 18, legend)
        return self.canvas.svg(max(self.right + EDGE, self.reach), high + EDGE)

    def _head(self) -> float:
        return self._strips() if self.is_robvis else self._turned()

    def _strips(self) -> float:
        """Draw the grey strips with the domains' numbers."""
        y, canvas = EDGE + 24, self.canvas
        canvas.text(_("Risk of bias domains"), (self.start + self.right) / 2, EDGE + 12, anchor="middle")
        for place, text in enumerate(self.headings()):
            w = self.cell if text != _("Overall") else self.cell + 12
            canvas.rect(self.start + self.cell * place, y, w, 26, STRIP, STRIP_EDGE)
            canvas.text(text, self.start + self.cell * place + w / 2, y + 17.5, anchor="middle", size=12)
        if self.judged.has_overall:
            self.right += 12
        return y + 26

    def _turned(self) -> float:
        """Write the domains' names upwards."""
        headings = [fitted(text, 250, 2) for text in self.headings()]
        high = max((widest(lines) for lines in headings), default=0) + 12
        for place, lines in enumerate(headings):
            middle = self.start + self.cell * (place + 0.5)
            for at, text in enumerate(lines):
                x = middle + 4.5 + (at - (len(lines) - 1) / 2) * 14
                self.canvas.text(text, x, EDGE + high - 6, size=12, turned=True)
        return EDGE + high

    def _rows(self, y: float) -> float:
        top, outcome = y, ""
        lines = _ordered(self.judged.lines, by_name=not self.is_robvis)
        for line in lines:
            if line.outcome != outcome:
                outcome = line.outcome
                y = self._outcome(outcome, y)
            y = self._row(line, y)
        if self.is_robvis and lines:
            self.canvas.text(_("Study"), EDGE + 12, (top + y) / 2, anchor="middle", turned=True)
        return y

    def _outcome(self, name: str, y: float) -> float:
        lines = fitted(name or _("No outcome named"), self.right - self.left - 16, 2, bold=True)
        high = LINE * len(lines) + 12
        self.canvas.rect(self.left, y, self.right - self.left, high, "#eeeeee", GRID)
        self.canvas.lines(lines, self.left + 8, y + high / 2, bold=True)
        return y + high

    def _row(self, line: Line, y: float) -> float:
        name = fitted(line.study, self.names - 14)
        high = max(ROW if self.is_robvis else 30, LINE * len(name) + 10)
        with self.canvas.group("study", line.study, study=line.study):
            edge = (STRIP, STRIP_EDGE) if self.is_robvis else ("#ffffff", GRID)
            self.canvas.rect(self.left, y, self.names, high, *edge)
            self.canvas.lines(name, self.left + 8, y + high / 2)
        for place, column in enumerate(self.columns):
            mark = (
                line.overall
                if column.id == OVERALL and place >= len(self.judged.columns)
                else line.marks.get(column.id)
            )
            self._cell(line, column, mark, self.start + self.cell * place, y, high)
        return y + high

    def _cell(self, line: Line, column: Column, mark: Mark | None, x: float, y: float, high: float) -> None:
        is_whole = column.id == OVERALL
        w = self.cell + (12 if is_whole and self.is_robvis else 0)
        if mark is None:
            self.canvas.rect(x, y, w, high, WHOLE if is_whole and self.is_robvis else "#ffffff", GRID)
            return
        fill, judgement = self.look.fill(mark.judgement), mark.judgement
        ground = (WHOLE if is_whole else "#ffffff") if self.is_robvis else mixed(fill, 0.25)
        says = f"{line.study}, {column.name}: {judgement}"
        about = {"study": line.study, "domain": column.id, "judgement": judgement, "outcome": line.outcome}
        with self.canvas.group("cell", says, **about):
            self.canvas.rect(x, y, w, high, ground, GRID)
            self.disc(judgement, x + w / 2, y + high / 2)

    def disc(self, judgement: str, x: float, y: float) -> None:
        """Draw a judgement: its disc and its symbol."""
        fill, symbol = self.look.fill(judgement), self.look.symbol(judgement)
        is_outlined = self.look.level(judgement) is not Level.NOT_APPLICABLE
        self.canvas.disc(x, y, DISC, fill, "#000000" if is_outlined else "")
        symbol_on(self.canvas, symbol, x, y, ink_on(fill))

    def _foot(self, y: float, legend: Sequence[str]) -> float:
        """Write the key of the domains at the left and the legend at the right."""
        key = self._key() if self.is_robvis else []
        legend_wide = 34 + max(widest(legend), 90) + EDGE
        key_wide = min(WIDEST_KEY, widest(key)) if key else 0.0
        x = max(self.left + key_wide + 30, self.right - legend_wide) if key else self.left
        self.reach = x + legend_wide
        left = self._key_drawn(key, key_wide, y)
        graded = [one for one in legend if self._is_graded(one)]
        worst_first = [*reversed(graded), *(one for one in legend if one not in graded)]
        return max(left, self._legend(worst_first if self.is_robvis else legend, x, y))

    def _is_graded(self, judgement: str) -> bool:
        return self.look.level(judgement) not in {Level.UNKNOWN, Level.NOT_APPLICABLE}

    def _key(self) -> list[str]:
        if all(_full(column) == column.id and len(column.id) <= LONGEST_HEADING for column in self.judged.columns):
            return []
        shorts = _short(self.judged.columns)
        return [f"{short}: {_full(column)}" for short, column in zip(shorts, self.judged.columns, strict=True)]

    def _key_drawn(self, key: Sequence[str], wide: float, y: float) -> float:
        if not key:
            return y
        self.canvas.text(_("Domains:"), self.left, y + 12, bold=True)
        y += 20
        for text in key:
            for line in fitted(text, wide + 2, 3):
                self.canvas.text(line, self.left, y + 12)
                y += LINE
        return y

    def _legend(self, legend: Sequence[str], x: float, y: float) -> float:
        self.canvas.text(_("Judgement"), x, y + 12, bold=True)
        y += 22
        for judgement in legend:
            with self.canvas.group("legend", judgement, judgement=judgement):
                self.disc(judgement, x + DISC, y + DISC)
                self.canvas.text(judgement, x + 32, y + DISC + 4.5)
            y += 28
        if any(len(line.marks) < len(self.judged.columns) for line in self.judged.lines):
            self.canvas.text(_("Blank: not assessed"), x, y + 12, size=12)
            y += LINE
        return y


def symbol_on(canvas: Canvas, symbol: str, x: float, y: float, ink: str) -> None:
    """Write a symbol around a point."""
    size = 11.0 if len(symbol) > 1 else 26.0 if symbol == "-" else 18.0
    lift = {"+": 0.34, "-": 0.27, "x": 0.27}.get(symbol, 0.36)
    canvas.text(symbol, x, y + size * lift, size=size, anchor="middle", bold=True, fill=ink)


def _short(columns: Sequence[Column]) -> list[str]:
    """The columns' own headings where they are short, else numbers."""
    if all(len(column.id) <= LONGEST_HEADING for column in columns):
        return [column.id for column in columns]
    return [f"D{number}" for number, _column in enumerate(columns, 1)]


def _full(column: Column) -> str:
    return f"{column.name}: {column.group}" if column.group else column.name


def _ordered(lines: Sequence[Line], *, by_name: bool) -> list[Line]:
    """Outcomes in the order they come; within one, studies as they come or by name."""
    outcomes = {outcome: place for place, outcome in enumerate(dict.fromkeys(line.outcome for line in lines))}
    return sorted(lines, key=lambda line: (outcomes[line.outcome], line.study.casefold() if by_name else ""))


def of_outcome(judged: Judged, outcome: str) -> Judged:
    """The judgements of one outcome alone."""
    return replace(judged, lines=tuple(line for line in judged.lines if line.outcome == outcome))
