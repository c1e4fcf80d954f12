"""CSV and TSV: rows with the lines they stand on; the headers are matched to fields elsewhere."""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Warning_
from workbench.words import _

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

DELIMITERS = (",", ";", "\t", "|")
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SPREADSHEET_ERRORS = frozenset(("#NAME?", "#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NULL!", "#NUM!"))
SPOILT = frozenset("=# ")
"""How a cell begins that a spreadsheet may have spoilt."""

_VERTICAL = frozenset(("TITLE", "AUTHOR NAMES", "SOURCE", "PUI", "ABSTRACT", "PUBLICATION YEAR", "EMBASE LINK"))


@dataclass(slots=True)
class Row:
    """One row: its cells and its first and last line."""

    cells: list[str]
    first: int
    last: int

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
    r"""Read rows; a cell may span lines, which are joined with \n."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter)
    before = 0
    for cells in reader:
        yield Row(cells, before + 1, reader.line_num)
        before = reader.line_num


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


def records(lines: list[str], sheet: Sheet) -> Iterator[Piece]:
    """Read the rows below the headers; every filled cell is a pair of header and value."""
    if sheet.query:
        yield Warning_(sheet.query_line, _("The file carries its search: %(query)s", query=sheet.query))
    names = named(sheet.headers)
    for row in rows(lines[sheet.header_line :], sheet.delimiter):
        row.first += sheet.header_line
        row.last += sheet.header_line
        if any(map(str.strip, row.cells)):
            yield from _row(row, names, lines)


def named(headers: list[str]) -> list[str]:
    """Return the headers; a column without one is named by its place."""
    return [header or _("column %(n)s", n=place) for place, header in enumerate(headers, 1)]


def _row(row: Row, names: list[str], lines: list[str]) -> Iterator[Piece]:
    """Turn one row of text into a record, unless the end of the file cuts it off."""
    if row.last == len(lines) and _is_open(lines[row.first - 1 :]):
        yield Rejected(row.first, row.last, _("A quotation mark that opens in this row never closes."))
    else:
        yield from pieces_of(row, names)


def pieces_of(row: Row, names: list[str]) -> Iterator[Piece]:
    """Turn the cells of one row into a record under the names of their columns, or say what is wrong with it."""
    if len(row.cells) == 1 and len(names) > 2:
        yield Rejected(row.first, row.last, _("These lines are no row of the table."))
        return
    if len(row.cells) > len(names) and any(cell.strip() for cell in row.cells[len(names) :]):
        yield Warning_(row.first, _("This row has %(n)s cells, the header %(m)s.", n=len(row.cells), m=len(names)))
    extra = [_("column %(n)s", n=place) for place in range(len(names) + 1, len(row.cells) + 1)]
    pairs = [(name, cell, row.first) for name, cell in zip(names + extra, row.cells, strict=False) if cell]
    yield RawRecord(row.first, row.last, pairs)


def _is_open(lines: list[str]) -> bool:
    """Say whether a quotation mark is left open at the end of the file."""
    return sum(line.count('"') for line in lines) % 2 == 1


def vertical_records(lines: list[str], delimiter: str) -> Iterator[Piece]:
    """Read Embase's vertical layout: a blank row, or a second title, begins the next record."""
    record: RawRecord | None = None
    for row in rows(lines, delimiter):
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
