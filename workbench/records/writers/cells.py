"""Cells of tables that no spreadsheet takes for a formula."""

import csv
import io
import re
from collections.abc import Iterable

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula; one apostrophe is added, and can be taken off again.

    >>> safe_cell("=1+1"), safe_cell("'=1"), safe_cell("a=b"), safe_cell(-3), safe_cell(None)
    ("'=1+1", "''=1", 'a=b', '-3', '')
    """
    text = "" if value is None else str(value)
    return "'" + text if isinstance(value, str) and _FORMULA.match(text) else text


def csv_line(cells: Iterable[object]) -> str:
    """One row of CSV, ended as spreadsheets like it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def as_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table for spreadsheets: marked as UTF-8, lines ended as they like it, no cell a formula."""
    lines = [csv_line(header), *(csv_line(safe_cell(cell) for cell in row) for row in rows)]
    return "\ufeff" + "".join(lines)
