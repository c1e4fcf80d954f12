"""CSV and TSV: rows with the lines they stand on; the headers are matched to fields elsewhere."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Warning_
from workbench.words import _

MOST_IN_CELL = 5_000_000
"""Characters of one cell; a larger one is a quotation mark that never closes, or an attack."""
MOST_COLUMNS = 10_000
csv.field_size_limit(MOST_IN_CELL)

DELIMITERS = (",", ";", "\t", "|")
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SPREADSHEET_ERRORS = frozenset(("#NAME?", "#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!"))

_VERTICAL = frozenset(("TITLE", "AUTHOR NAMES", "SOURCE", "PUI", "ABSTRACT", "PUBLICATION YEAR", "EMBASE LINK"))


@dataclass(slots=True)
class Row:
    """One row: its cells, its first and last line, and how many quotation marks stand in it."""

    cells: list[str]
    first: int
    last: int
    quotes: int = 0
    is_broken: bool = False

    @property
    def filled(self) -> int:
        """Count the cells that hold something."""
        return sum(1 for cell in self.cells if cell.strip())


@dataclass(slots=True)
class Sheet:
    """A table as found in a file: its delimiter, its headers, the header's line, and what stood above it."""

    delimiter: str
    headers: list[str]
    header_line: int
    query: str
    query_line: int


def rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    r"""Read rows; a cell may span lines, which are joined with \n. One that cannot be read reaches to the end."""
    quotes = 0

    def fed() -> Iterator[str]:
        nonlocal quotes
        for line in lines:
            quotes += line.count('"')
            yield line + "\n"

    feed = fed()
    reader = csv.reader(feed, delimiter=delimiter)
    before = quotes_before = 0
    try:
        for cells in reader:
            yield Row(cells, before + 1, reader.line_num, quotes - quotes_before)
            before, quotes_before = reader.line_num, quotes
    except csv.Error:
        last = reader.line_num + sum(1 for _line in feed)
        yield Row([], before + 1, last, is_broken=True)


def sheet_with(lines: list[str], delimiter: str) -> Sheet | None:
    """Find the header row: the first row with two cells or more that is not the search query above it."""
    query, query_line = "", 0
    for row in rows(lines[:2000], delimiter):
        if row.cells and row.cells[0].strip().upper() == "SEARCH QUERY":
            query, query_line = " ".join(cell for cell in row.cells[1:] if cell), row.first
        elif row.filled >= 2:
            return Sheet(delimiter, [cell.strip() for cell in row.cells], row.last, query, query_line)
    return None


def is_vertical(lines: list[str], delimiter: str) -> bool:
    """Say whether this is Embase's layout of one row per field, several values per row."""
    names = {row.cells[0].strip() for row in rows(lines[:300], delimiter) if row.filled >= 2}
    return "TITLE" in names and len(names & _VERTICAL) >= 3


def clean(value: str) -> str:
    """Return a cell without what a spreadsheet left in it: `="1932"` is 1932, `#NAME?` is nothing.

    >>> clean('="19326203"'), clean("#NAME?")
    ('19326203', '')
    """
    if value.startswith('="') and (found := _EXCEL_TEXT.fullmatch(value)):
        return found[1]
    return "" if value.strip() in _SPREADSHEET_ERRORS else value


def records(lines: Iterable[str], sheet: Sheet) -> Iterator[Piece]:
    """Read the rows below the headers; every filled cell is a pair of header and value."""
    if sheet.query:
        yield Warning_(sheet.query_line, _("The file carries its search: %(query)s", query=sheet.query))
    names = named(sheet.headers)
    held: Row | None = None
    for row in rows(islice(lines, sheet.header_line, None), sheet.delimiter):
        if held is not None:
            yield from _row(held, names)
        row.first += sheet.header_line
        row.last += sheet.header_line
        held = row
    if held is not None:
        yield from _row(held, names, is_open=held.quotes % 2 == 1)


def named(headers: list[str]) -> list[str]:
    """Return the headers; a column without one is named by its place."""
    return [header or _("column %(n)s", n=place) for place, header in enumerate(headers, 1)]


def _row(row: Row, names: list[str], *, is_open: bool = False) -> Iterator[Piece]:
    """Turn one row of text into a record, unless it cannot be read or the end of the file cuts it off."""
    if row.is_broken:
        yield _too_large(row)
    elif is_open and row.filled:
        yield Rejected(row.first, row.last, _("A quotation mark that opens in this row never closes."))
    else:
        yield from pieces_of(row, names)


def pieces_of(row: Row, names: list[str]) -> Iterator[Piece]:
    """Turn the cells of one row into a record under the names of their columns, or say what is wrong with it."""
    cells = row.cells
    if not any(map(str.strip, cells)):
        return
    if len(cells) == 1 and len(names) > 2:
        yield Rejected(row.first, row.last, _("These lines are no row of the table."))
    elif len(cells) <= len(names):
        line = row.first
        pairs = [(name, cell, line) for name, cell in zip(names, cells, strict=False) if cell]
        yield RawRecord(line, row.last, pairs)
    else:
        yield from _long_row(row, names)


def _too_large(row: Row) -> Rejected:
    """Say what is wrong with a row that cannot be read."""
    return Rejected(row.first, row.last, _("A cell is too large: a quotation mark that opens in it never closes."))


def _long_row(row: Row, names: list[str]) -> Iterator[Piece]:
    """Turn a row with more cells than the header into a record; those that hold something deserve a word."""
    if any(cell.strip() for cell in row.cells[len(names) :]):
        yield Warning_(row.first, _("This row has %(n)s cells, the header %(m)s.", n=len(row.cells), m=len(names)))
    extra = [_("column %(n)s", n=place) for place in range(len(names) + 1, len(row.cells) + 1)]
    pairs = [(name, cell, row.first) for name, cell in zip(names + extra, row.cells, strict=False) if cell]
    yield RawRecord(row.first, row.last, pairs)


def vertical_records(lines: Iterable[str], delimiter: str) -> Iterator[Piece]:
    """Read Embase's vertical layout: a blank row, or a second title, begins the next record."""
    record: RawRecord | None = None
    for row in rows(lines, delimiter):
        if row.is_broken:
            yield Rejected(
                row.first, row.last, _("A cell is too large: a quotation mark that opens in it never closes.")
            )
            continue
        name = row.cells[0].strip() if row.cells else ""
        if name.upper() == "SEARCH QUERY":
            query = " ".join(cell for cell in row.cells[1:] if cell)
            yield Warning_(row.first, _("The file carries its search: %(query)s", query=query))
            continue
        if record and (not row.filled or (name == "TITLE" and any(tag == name for tag, _value, _line in record.pairs))):
            yield record
            record = None
        if row.filled >= 2:
            record = _with(record, row, name)
    if record:
        yield record


def _with(record: RawRecord | None, row: Row, name: str) -> RawRecord:
    """Add a row's values to the record it belongs to."""
    pairs: list[Pair] = [(name, cell, row.first) for cell in row.cells[1:] if cell.strip()]
    if record is None:
        return RawRecord(row.first, row.last, pairs)
    record.pairs.extend(pairs)
    record.last = row.last
    return record
