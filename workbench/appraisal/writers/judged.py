"""Tables of judgements as robvis and RevMan read them; no cell is a formula."""

from collections.abc import Iterable
from html import escape

from workbench.appraisal.formats import Column, Judged, Line
from workbench.records.writers.cells import csv_line, safe_cell

ALL_OUTCOMES = "All outcomes"
"""What RevMan calls the one group of outcomes."""


def as_robvis_csv(judged: Judged) -> str:
    """Write the CSV of robvis, in full words: it cuts others to their first letter.

    A column for the whole stands last, and after it the weight, where there are any. Without a mark, a domain was not
    assessed, and its cell is empty.
    """
    has_weight = judged.has_overall and any(line.weight is not None for line in judged.lines)
    header = ["Study", *(column.id for column in judged.columns)]
    header += ["Overall"] * judged.has_overall + ["Weight"] * has_weight
    return _table(header, (_robvis_row(judged, line, has_weight=has_weight) for line in judged.lines))


def _robvis_row(judged: Judged, line: Line, *, has_weight: bool) -> list[object]:
    marks = [line.marks.get(column.id) for column in judged.columns] + [line.overall] * judged.has_overall
    study = f"{line.study} ({line.outcome})" if line.outcome else line.study
    return [study, *(mark.judgement if mark else "" for mark in marks), *([line.weight] if has_weight else [])]


def as_revman_csv(judged: Judged) -> str:
    """Write the risk-of-bias table of a RevMan data package: judgements, then supports, as its own files name them.

    The supports are HTML there, so what they hold is escaped.
    """
    names = [_revman_name(column) for column in judged.columns]
    header = [
        "Study",
        *(f"Domain (judgement): {name}" for name in names),
        *(f"Domain (support): {name}" for name in names),
    ]
    return _table(header, (_revman_row(judged, line) for line in judged.lines))


def _revman_row(judged: Judged, line: Line) -> list[object]:
    marks = [line.marks.get(column.id) for column in judged.columns]
    return [
        line.study,
        *(mark.judgement if mark else "" for mark in marks),
        *(_paragraph(mark.support) if mark else "" for mark in marks),
    ]


def _revman_name(column: Column) -> str:
    return f"{column.name}: {column.group or ALL_OUTCOMES}"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>" if text else ""


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table without the mark of UTF-8, which robvis would take for a part of the first header."""
    lines = [csv_line(safe_cell(cell) for cell in header), *(csv_line(safe_cell(cell) for cell in row) for row in rows)]
    return "".join(lines)
