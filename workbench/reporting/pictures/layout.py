"""Where everything in the diagram stands: boxes grow with their lines, and the rows below move down."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from workbench.drawing.text import legal, width, wrap
from workbench.reporting.rules import Flow, Template, is_draft, unknown_keys
from workbench.words import _

LINE, PAD, STEP, HANG = 17, 12, 14, 8
"""Pixels: from line to line, from edge to text, one step in, and what a broken line hangs in."""
BAND, GAP = 30, 40
"""Pixels: height of a lane's heading; room between rows, where a pill and an arrow meet."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; `link` where its number leads to records of its own."""

    text: str
    x: float
    y: float
    bold: bool = False
    link: str = ""


@dataclass(frozen=True, slots=True)
class Pill:
    """A mark at the edge of a box: how much is open there."""

    text: str
    x: float
    y: float
    w: float
    link: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A box with its lines."""

    x: float
    y: float
    w: float
    h: float
    lines: tuple[Line, ...]
    link: str = ""
    pill: Pill | None = None

    @property
    def middle(self) -> float:
        """Where arrows leave downwards."""
        return self.x + self.w / 2

    @property
    def bottom(self) -> float:
        """Where the box ends."""
        return self.y + self.h


@dataclass(frozen=True, slots=True)
class Band:
    """The heading of a lane, or the name of a phase along the side."""

    text: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line and its tip, each as an SVG path."""

    line: str
    tip: str


@dataclass(slots=True)
class Picture:
    """All there is to draw, in pixels."""

    template: Template
    title: str
    description: str
    width: float
    height: float = 0
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    lanes: list[Band] = field(default_factory=list)
    phases: list[Band] = field(default_factory=list)
    notes: list[Line] = field(default_factory=list)
    draft: Pill | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A stack of boxes."""

    x: float
    w: float


@dataclass(frozen=True, slots=True)
class Columns:
    """The stacks of a template; the lane of other methods and of the previous version only where it has them."""

    main: Column
    side: Column
    previous: Column | None = None
    other: Column | None = None
    other_side: Column | None = None

    @property
    def right(self) -> float:
        """Where the last column ends."""
        last = self.other_side or self.side
        return last.x + last.w


def columns(template: Template) -> Columns:
    """Place the columns of a template; without other methods there is room for wider boxes."""
    x = 276.0 if template.is_update else 46.0
    previous = Column(46, 200) if template.is_update else None
    if not template.has_other_methods:
        return Columns(Column(x, 330), Column(x + 374, 400), previous)
    return Columns(Column(x, 264), Column(x + 296, 276), previous, Column(x + 590, 252), Column(x + 874, 276))


class Sheet:
    """A flow being laid out: knows the numbers, the links and how to write a number."""

    def __init__(self, flow: Flow, template: Template, links: Mapping[str, str], number: Callable[[int], str]) -> None:
        self.flow = flow
        self.links = links
        self.number = number
        self.columns = columns(template)
        self.picture = Picture(template, "", "", self.columns.right + 8)

    def n(self, value: int | None) -> str:
        """Write a number as the template does, and say where there is none."""
        return _("(not known)") if value is None else _("(n = %(n)s)", n=self.number(value))

    def count(self, words: str, key: str, *, step: int = 0, bold: bool = False) -> "Entry":
        """Write one number of the flow with its words."""
        return Entry(words, self.n(self.flow[key]), step, bold, self.links.get(key, ""))

    def below(self, words: str, key: str, *, bold: bool = True) -> list["Entry"]:
        """Write the words and, on a line of its own, the number."""
        link = self.links.get(key, "")
        return [Entry(words, "", 0, bold, link), Entry("", self.n(self.flow[key]), 0, False, link)]

    def listed(self, key: str) -> Iterator["Entry"]:
        """Write the names under a key, each with its number, one step in."""
        for name, n in self.flow.listed(key).items():
            yield Entry(name, self.n(n), 1, False, self.links.get(f"{key}:{name}", ""))

    def box(self, column: Column, y: float, key: str, entries: list["Entry"], *, waits: str = "") -> Box:
        """Set entries into a box as high as its lines."""
        lines: list[Line] = []
        for entry in entries:
            x = column.x + PAD + STEP * entry.step
            room, hang = column.w - 2 * PAD - STEP * entry.step, HANG if entry.step else 0
            for index, text in enumerate(wrap(entry.text, entry.tail, room, hang=hang, bold=entry.bold)):
                at = y + 21 + LINE * len(lines)
                lines.append(Line(text, x + (hang if index else 0), at, entry.bold, entry.link))
        h = LINE * len(lines) + 16
        pill = self.pill(waits, column.x + column.w - 10, y + h + 10, lines[-1]) if waits else None
        link = "" if all(line.link for line in lines) else self.links.get(key, "")
        box = Box(column.x, y, column.w, h, tuple(lines), link, pill)
        self.picture.boxes.append(box)
        return box

    def pill(self, key: str, right: float, bottom: float, last: Line) -> Pill | None:
        """Mark how much is open, where anything is; lower where it would cover the last line."""
        n = self.flow[key]
        if not n:
            return None
        if key == "duplicates_waiting":
            text = _("1 pair") if n == 1 else _("%(n)s pairs", n=self.number(n))
        else:
            text = _("%(n)s open", n=self.number(n))
        w = round(width(text, bold=True, size=12)) + 22
        covers = last.x + width(last.text, bold=last.bold) > right - w - 6
        return Pill(text, right - w, bottom - 21 + (8 if covers else 0), w, self.links.get(key, ""))

    def down(self, start: Box, end: Box) -> None:
        """Draw an arrow from the foot of a box to the head of another."""
        x, y = start.middle, end.y - 1
        self.picture.arrows.append(Arrow(f"M{x:g} {start.bottom:g}V{y - 6:g}", f"M{x - 4:g} {y - 8:g}h8L{x:g} {y:g}z"))

    def across(self, start: Box, end: Box) -> None:
        """Draw an arrow to the box beside it."""
        self.turning(f"M{start.x + start.w:g} {start.y + 25:g}", end.x, start.y + 25, 1)

    def turning(self, path: str, edge: float, y: float, direction: int) -> None:
        """End a path with an arrow that reaches an edge, to the right (1) or to the left (-1)."""
        x = edge - direction
        back = x - 8 * direction
        self.picture.arrows.append(Arrow(f"{path}H{x - 6 * direction:g}", f"M{back:g} {y - 4:g}v8L{x:g} {y:g}z"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A text with the number that belongs to it, before it is broken into lines."""

    text: str
    tail: str = ""
    step: int = 0
    bold: bool = False
    link: str = ""


def lay_out(flow: Flow, template: Template, links: Mapping[str, str], number: Callable[[int], str]) -> Picture:
    """Place everything: rows from top to bottom, each as high as its highest box."""
    sheet = Sheet(flow, template, links, number)
    _name(sheet)
    top = _mark_draft(sheet)
    _lanes(sheet, top)
    identified = _identified(sheet, top + BAND + 12)
    assessed = _screened(sheet, identified)
    bottom = _included(sheet, identified, assessed)
    sheet.picture.height = _footnotes(sheet, bottom + 26)
    return sheet.picture


def _name(sheet: Sheet) -> None:
    """Say in words what the picture shows, for those who do not see it."""
    flow, number = sheet.flow, sheet.number
    said = [
        (_("%(n)s records from databases"), flow["database_results"]),
        (_("%(n)s from registers"), flow["register_results"]),
        (_("%(n)s records screened"), flow["records_screened"]),
        (_("%(n)s reports assessed"), flow["dbr_assessed"]),
        (_("%(n)s reports included"), flow["new_reports"]),
        (_("%(n)s studies included"), flow["new_studies"]),
    ]
    sheet.picture.title = _("PRISMA 2020 flow diagram, draft") if is_draft(flow) else _("PRISMA 2020 flow diagram")
    sheet.picture.title += f": {legal(flow.name)}" if flow.name else ""
    sheet.picture.description = "; ".join(words % {"n": number(n)} for words, n in said if n is not None)


def _mark_draft(sheet: Sheet) -> float:
    """Put the mark of a draft at the top; give back where the diagram begins."""
    if not is_draft(sheet.flow):
        return 8
    text = _draft_words(len(sheet.flow.open_numbers), len(unknown_keys(sheet.flow)))
    w = round(width(text, bold=True, size=12)) + 24
    sheet.picture.draft = Pill(text, sheet.columns.right - w, 8, w)
    return 40


def _draft_words(waiting: int, unknown: int) -> str:
    """Say why it is a draft."""
    if waiting and unknown:
        return _("Draft: %(n)s open, %(unknown)s not known", n=waiting, unknown=unknown)
    if waiting:
        return _("Draft: 1 number is open") if waiting == 1 else _("Draft: %(n)s numbers are open", n=waiting)
    if unknown:
        return _("Draft: 1 number is not known") if unknown == 1 else _("Draft: %(n)s numbers are not known", n=unknown)
    return _("Draft")


def _lanes(sheet: Sheet, y: float) -> None:
    """Head the lanes with the words of the official template."""
    at, update = sheet.columns, sheet.picture.template.is_update
    new = _("Identification of new studies via databases and registers")
    plain = _("Identification of studies via databases and registers")
    lanes = [(new if update else plain, at.main, at.side)]
    if at.previous:
        lanes.append((_("Previous studies"), at.previous, at.previous))
    if at.other and at.other_side:
        new = _("Identification of new studies via other methods")
        plain = _("Identification of studies via other methods")
        lanes.append((new if update else plain, at.other, at.other_side))
    for text, first, last in lanes:
        sheet.picture.lanes.append(Band(text, first.x, y, last.x + last.w - first.x, BAND))


@dataclass(frozen=True, slots=True)
class _Row:
    """The boxes of one row that arrows leave downwards, and where the row begins and ends."""

    y: float
    bottom: float
    main: Box
    other: Box | None = None
    previous: Box | None = None


def _identified(sheet: Sheet, y: float) -> _Row:
    """Draw what was found, what was removed before screening, and the previous version."""
    at = sheet.columns
    found = sheet.box(at.main, y, "identified", [
        Entry(_("Records identified from:"), bold=True),
        sheet.count(_("Databases"), "database_results", bold=True), *sheet.listed("database_specific_results"),
        sheet.count(_("Registers"), "register_results", bold=True), *sheet.listed("register_specific_results"),
    ])  # fmt: skip
    removed = sheet.box(at.side, y, "removed", [
        Entry(_("Records removed before screening:"), bold=True),
        sheet.count(_("Duplicate records"), "duplicates", step=1),
        sheet.count(_("Records marked as ineligible by automation tools"), "excluded_automatic", step=1),
        sheet.count(_("Records removed for other reasons"), "excluded_other", step=1),
    ], waits="duplicates_waiting")  # fmt: skip
    sheet.across(found, removed)
    other = _found_elsewhere(sheet, at.other, y) if at.other else None
    previous = _previous(sheet, at.previous, y) if at.previous else None
    bottom = max([y + 104, *(box.bottom for box in (found, removed, other, previous) if box)])
    sheet.picture.phases.append(Band(_("Identification"), 8, y, 26, bottom - y))
    return _Row(y, bottom, found, other, previous)


def _found_elsewhere(sheet: Sheet, column: Column, y: float) -> Box:
    """Draw what was found by other methods."""
    entries = [
        Entry(_("Records identified from:"), bold=True),
        sheet.count(_("Websites"), "website_results", step=1),
        sheet.count(_("Organisations"), "organisation_results", step=1),
        sheet.count(_("Citation searching"), "citations_results", step=1),
    ]
    if sheet.flow["other_results"]:
        entries.append(sheet.count(_("Other"), "other_results", step=1))
    return sheet.box(column, y, "other_identified", entries, waits="other_records_undecided")


def _previous(sheet: Sheet, column: Column, y: float) -> Box:
    """Draw what the previous version of the review held."""
    words = (
        _("Studies included in previous version of review"),
        _("Reports of studies included in previous version of review"),
    )
    return sheet.box(column, y, "previous", [
        *sheet.below(words[0], "previous_studies"), *sheet.below(words[1], "previous_reports", bold=False),
    ])  # fmt: skip


def _screened(sheet: Sheet, above: _Row) -> _Row:
    """Draw screening, retrieval and assessment, with what leaves at each."""
    at, y = sheet.columns, above.bottom + 34
    leaving = (_("Records excluded"), "records_excluded")
    screened = _pair(
        sheet, at.main, at.side, y, (_("Records screened"), "records_screened"), leaving, "records_undecided"
    )
    sheet.down(above.main, screened[0])
    sought = _retrieval(sheet, max(box.bottom for box in screened) + GAP)
    sheet.down(screened[0], sought.main)
    if above.other and sought.other:
        sheet.down(above.other, sought.other)
    assessed = _assessment(sheet, sought.bottom + GAP)
    sheet.down(sought.main, assessed.main)
    if sought.other and assessed.other:
        sheet.down(sought.other, assessed.other)
    sheet.picture.phases.append(Band(_("Screening"), 8, y, 26, assessed.bottom - y))
    return assessed


def _pair(
    sheet: Sheet, first: Column, second: Column, y: float, stays: tuple[str, str], leaves: tuple[str, str], waits: str
) -> tuple[Box, Box]:
    """Draw what goes on and, beside it, what leaves: each as its words and its key."""
    left = sheet.box(first, y, stays[1], sheet.below(*stays), waits=waits)
    right = sheet.box(second, y, leaves[1], sheet.below(*leaves))
    sheet.across(left, right)
    return left, right


def _retrieval(sheet: Sheet, y: float) -> _Row:
    """Draw the reports sought and those not retrieved, in each lane."""
    at = sheet.columns
    sought, missing = _("Reports sought for retrieval"), _("Reports not retrieved")
    boxes: list[Box] = []
    for lane, first, second in (("dbr", at.main, at.side), ("other", at.other, at.other_side)):
        if first and second:
            stays, leaves = (sought, f"{lane}_sought_reports"), (missing, f"{lane}_notretrieved_reports")
            boxes += _pair(sheet, first, second, y, stays, leaves, f"{lane}_awaited")
    return _Row(y, max(box.bottom for box in boxes), boxes[0], boxes[2] if at.other else None)


def _assessment(sheet: Sheet, y: float) -> _Row:
    """Draw the reports assessed and those excluded with their reasons, in each lane."""
    at = sheet.columns
    boxes = [*_assessed(sheet, at.main, at.side, y, "dbr")]
    if at.other and at.other_side:
        boxes += _assessed(sheet, at.other, at.other_side, y, "other")
    return _Row(y, max(box.bottom for box in boxes), boxes[0], boxes[2] if at.other else None)


def _assessed(sheet: Sheet, first: Column, second: Column, y: float, lane: str) -> tuple[Box, Box]:
    """Draw assessment in one lane."""
    key, excluded = f"{lane}_assessed", f"{lane}_excluded"
    entries = sheet.below(_("Reports assessed for eligibility"), key)
    stays = sheet.box(first, y, key, entries, waits=f"{lane}_undecided")
    n, reasons = sheet.n(sheet.flow.excluded(excluded)), [*sheet.listed(excluded)]
    words = _("Reports excluded")
    head = [Entry(words, n, bold=True)] if reasons else [Entry(words, bold=True), Entry("", n)]
    leaves = sheet.box(second, y, excluded, [*head, *reasons])
    sheet.across(stays, leaves)
    return stays, leaves


def _included(sheet: Sheet, identified: _Row, assessed: _Row) -> float:
    """Draw what is included, what is not counted yet, and the total of an update; give back where it ends."""
    y = assessed.bottom + GAP
    included = sheet.box(sheet.columns.main, y, "included", _studies(sheet, "new"))
    sheet.down(assessed.main, included)
    if assessed.other:
        path = f"M{assessed.other.middle:g} {assessed.other.bottom:g}V{y + 18:g}"
        sheet.turning(path, included.x + included.w, y + 18, -1)
    boxes = [included, *_not_counted(sheet, y + (42 if assessed.other else 0))]
    if identified.previous:
        whole = sheet.box(sheet.columns.main, included.bottom + GAP, "total", _studies(sheet, "total"))
        sheet.down(included, whole)
        middle = whole.y + whole.h / 2
        sheet.turning(f"M{identified.previous.middle:g} {identified.previous.bottom:g}V{middle:g}", whole.x, middle, 1)
        boxes.append(whole)
    bottom = max(box.bottom for box in boxes)
    sheet.picture.phases.append(Band(_("Included"), 8, y, 26, bottom - y))
    return bottom


def _studies(sheet: Sheet, which: str) -> list[Entry]:
    """Write studies and their reports, and the meta-analysis below the last of them."""
    update = sheet.picture.template.is_update
    if which == "total":
        words = _("Total studies included in review"), _("Reports of total included studies")
    elif update:
        words = _("New studies included in review"), _("Reports of new included studies")
    else:
        words = _("Studies included in review"), _("Reports of included studies")
    entries = [
        *sheet.below(words[0], f"{which}_studies"),
        *sheet.below(words[1], f"{which}_reports", bold=False),
    ]
    if sheet.flow["total_studies_ma"] is not None and update == (which == "total"):
        entries.append(sheet.count(_("Studies in the meta-analysis"), "total_studies_ma"))
    return entries


def _not_counted(sheet: Sheet, y: float) -> list[Box]:
    """Draw the assessed reports that are neither excluded nor counted here, where there are any."""
    words = {
        "awaiting_classification": _("Awaiting classification"),
        "ongoing": _("Ongoing"),
        "included_other_question": _("Included for another question only"),
    }
    entries = [sheet.count(text, key, step=1) for key, text in words.items() if sheet.flow[key] != 0]
    head = Entry(_("Not counted here"), bold=True)
    return [sheet.box(sheet.columns.side, y, "not_counted", [head, *entries])] if entries else []


def _footnotes(sheet: Sheet, y: float) -> float:
    """Write below what the template has no box for; give back the height of the whole."""
    words = {
        "other_duplicates": _("Other methods: records that were already found, not sought again"),
        "other_not_eligible": _("Other methods: records not eligible by title and abstract, not sought"),
    }
    for key, text in words.items():
        if sheet.picture.template.has_other_methods and sheet.flow[key]:
            tail = sheet.n(sheet.flow[key])
            sheet.picture.notes.append(Line(f"{text} {tail}", 46, y, link=sheet.links.get(key, "")))
            y += LINE + 1
    return y - 8
