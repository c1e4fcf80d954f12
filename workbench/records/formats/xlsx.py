"""Excel workbooks: the first sheet, row by row; a line is a row.

What is in the file is looked at before anything is unpacked, since a small workbook can hold gigabytes.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from workbench.records.formats.raw import Piece, Unreadable, Warning_
from workbench.records.formats.tables import Row, named, pieces_of
from workbench.words import _

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_BYTES = 400_000_000
"""Bytes of everything inside; half a million records have less."""
MOST_TEXTS = 60_000_000
"""Bytes of the list of texts, which is held in memory."""
MOST_FILES = 2000
MOST_COLUMNS = 2000
LAST_ROW = 1_048_576
"""The last row that a sheet can have."""
SIGNATURE = b"PK\x03\x04"
"""How a workbook begins, as every zip archive does."""

_BOOK = "xl/workbook.xml"
_TEXTS = "xl/sharedStrings.xml"
_ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_START = 4096
# How a spreadsheet shows the dates it makes of pages such as 6-10 or 10-25.
_SHOWN = {"d-mmm": "%d-%b", "dd-mmm": "%d-%b", "mmm-yy": "%b-%y"}


def headers(source: BinaryIO) -> list[str]:
    """Return the headers of the first sheet: those of its first row with two cells or more.

    Raises:
        Unreadable: the file is no workbook that can be read, or its first sheet holds no table.
    """
    with _opened(source) as book:
        for row in _rows(book):
            if row.filled >= 2:
                return [cell.strip() for cell in row.cells]
    raise Unreadable(_("The first sheet of the workbook holds no table."))


def records(source: BinaryIO) -> Iterator[Piece]:
    """Read the rows below the headers; every filled cell is a pair of header and value."""
    names: list[str] = []
    with _opened(source) as book:
        if others := [sheet.title for sheet in book.worksheets[1:]]:
            message = _("Only the first sheet is read, not %(names)s.", names=", ".join(others))
            yield Warning_(1, message)
        for row in _rows(book):
            if not names and row.filled >= 2:
                names = named([cell.strip() for cell in row.cells])
            elif names and row.filled:
                yield from pieces_of(row, names)


def rows(source: BinaryIO) -> int:
    """Count the rows of the first sheet, up to the last that holds something."""
    with _opened(source) as book:
        return max((row.last for row in _rows(book) if row.filled), default=0)


def lines(source: BinaryIO) -> Iterator[str]:
    """Hand out each row of the first sheet as a line, its cells apart by tabs."""
    with _opened(source) as book:
        for row in _rows(book):
            yield "\t".join(" ".join(cell.split()) for cell in row.cells)


@contextmanager
def _opened(source: BinaryIO) -> "Iterator[Workbook]":
    """Open a workbook for reading, once it is seen to do no harm."""
    from openpyxl import load_workbook

    _check(source)
    source.seek(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(source, read_only=True, data_only=True)
        except Exception as error:  # openpyxl lets through whatever a damaged part raises
            raise _damaged() from error
    if not book.worksheets:
        raise Unreadable(_("The workbook holds no sheet with cells."))
    yield book


def _damaged() -> Unreadable:
    return Unreadable(_("The workbook is damaged or protected by a password. Save it anew, or save the sheet as CSV."))


def _check(source: BinaryIO) -> None:
    """Refuse an archive that is no workbook, is too large inside, or defines entities.

    Raises:
        Unreadable: it is.
    """
    source.seek(0)
    try:
        with zipfile.ZipFile(source) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            if _BOOK not in sizes:
                raise Unreadable(
                    _("This is a zip archive, but no Excel workbook. Unpack it and give the files inside.")
                )
            too_much = sum(sizes.values()) > MOST_BYTES or sizes.get(_TEXTS, 0) > MOST_TEXTS
            if too_much or len(sizes) > MOST_FILES:
                raise Unreadable(_("The workbook is too large inside. Save the sheet as CSV."))
            for name in sizes:
                _refuse_entities(archive, name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _damaged() from error


def _refuse_entities(archive: zipfile.ZipFile, name: str) -> None:
    """Refuse XML that begins with definitions of its own; a workbook never does."""
    if name.endswith((".xml", ".rels")):
        with archive.open(name) as part:
            if _ENTITIES.search(part.read(_START)):
                raise Unreadable(_("The workbook defines entities, which is not allowed: no export needs them."))


def _rows(book: "Workbook") -> Iterator[Row]:
    """Hand out the rows of the first sheet; what the sheet says of its own size is not believed."""
    sheet: Any = book.worksheets[0]
    sheet.reset_dimensions()
    cells = sheet.iter_rows(min_row=1, max_row=LAST_ROW)
    number = 0
    while True:
        try:
            row = next(cells, None)
        except Exception as error:
            raise _damaged() from error
        if row is None:
            return
        number += 1
        if len(row) > MOST_COLUMNS:
            raise Unreadable(_("Row %(n)s has more than %(most)s columns.", n=number, most=MOST_COLUMNS))
        yield Row([_shown(cell) for cell in row], number, number)


def _shown(cell: Any) -> str:
    """Return what a cell holds as text, as the sheet shows it where that tells more."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date) and cell.number_format in _SHOWN:
        return value.strftime(_SHOWN[cell.number_format])
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)
