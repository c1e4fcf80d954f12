"""Records as tables: CSV and Excel workbooks, one row for each, lists in one cell apart by semicolons.

No cell is a formula: one that begins like one gets an apostrophe before it, which our reader takes off again. A list
whose values hold semicolons has each on a line of its own. Excel holds no more than 32,767 characters in a cell: what
is longer is cut off in a workbook, and said so. Neither can hold control characters.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain
from xml.sax.saxutils import escape

from workbench.records.rules import own
from workbench.records.writers.cells import csv_line, safe_cell
from workbench.records.writers.record import Entry, Losses
from workbench.words import _

LONGEST_CELL = 32_767
_DAY_ONE = (1980, 1, 1, 0, 0, 0)
"""The date of every file within a workbook, so that the same records give the same bytes."""
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_AROUND = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="records" sheetId="1" r:id="rId1"/></sheets></workbook>',
}


def csv(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write CSV as spreadsheets like it: marked as UTF-8, lines ended by CR and LF."""
    for number, cells in enumerate(_rows(entries, losses)):
        yield ("" if number else "\ufeff") + csv_line([safe_cell(cell) for cell in cells])


def xlsx(entries: Iterable[Entry], losses: Losses) -> Iterator[bytes]:
    """Write a workbook with one sheet, part by part: nothing but what is not yet handed out is held."""
    out = _Passing()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _AROUND.items():
            archive.writestr(_about(name), _HEAD + text)
        with archive.open(_about("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, cells in enumerate(_rows(entries, losses), 1):
                sheet.write(_row(number, cells, losses).encode())
                yield out.taken()
            sheet.write(b"</sheetData></worksheet>")
    yield out.taken()


def _rows(entries: Iterable[Entry], losses: Losses) -> Iterator[list[str]]:
    """Hand out the headers, then the cells of each record; the first says what the list tells beside it."""
    stream = iter(entries)
    first = next(stream, None)
    beside = list(first.beside) if first else []
    yield ["record_id", *own.COLUMNS, *beside]
    for entry in chain([first] if first else [], stream):
        cells = [_cell(entry, name, losses) for name in own.COLUMNS.values()]
        yield [losses.one(entry.id), *cells, *(losses.one(entry.beside.get(name)) for name in beside)]


def _cell(entry: Entry, name: str, losses: Losses) -> str:
    value = getattr(entry.record, name)
    if name in own.LISTS:
        return losses.joined(value)
    return "\n".join(losses.lines(value)) if name == "abstract" else losses.one(value)


def _row(number: int, cells: list[str], losses: Losses) -> str:
    written = (_sheet_cell(cell, losses) for cell in cells)
    return f'<row r="{number}">{"".join(written)}</row>'


def _sheet_cell(cell: str, losses: Losses) -> str:
    """Write a cell as text, a year as a number."""
    if len(cell) == 4 and cell.isdecimal() and cell.isascii() and cell[0] != "0":
        return f"<c><v>{cell}</v></c>"
    text = safe_cell(cell)
    if len(text) > LONGEST_CELL:
        losses.times[_("a cell was cut off after 32,767 characters, the most that Excel holds")] += 1
        text = text[:LONGEST_CELL]
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>' if text else "<c/>"


def _about(name: str) -> zipfile.ZipInfo:
    about = zipfile.ZipInfo(name, _DAY_ONE)
    about.compress_type = zipfile.ZIP_DEFLATED
    return about


class _Passing(io.RawIOBase):
    """A file that is only written on, and hands out what was written since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[bytes] = []

    def writable(self) -> bool:
        """Say that it can be written on; it can be neither read nor moved about in."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Keep what is written until it is asked for."""
        self.waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data, self.waiting = b"".join(self.waiting), []
        return data
