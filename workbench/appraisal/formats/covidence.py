"""The CSV of quality assessments from Covidence: a row for each study and reviewer, judgements and what supports them.

No header is relied on but that of the study: a column is a judgement when its filled cells are judgements, and the
column that begins like it, or follows it and is called a support or comment, is its support.
"""

import re

from workbench.appraisal.formats.judged import WORDS, Column, Judged, Line, UnreadableJudgements
from workbench.appraisal.formats.rows import mark_of, table_of, without_apostrophe
from workbench.words import _

_STUDY = ("study id", "study", "study name", "study identifier", "covidence #")
_WHO = ("reviewer name", "reviewer", "assessor", "extractor")
_JUDGED = re.compile(r"[\s:–-]*\(?\b(judge?ment|rating|risk)\b\)?(\s*[-:–]\s*)?", re.IGNORECASE)
_SUPPORT = re.compile(r"\b(support\w*|comments?|notes?|rationale|justification|quotes?)\b", re.IGNORECASE)
_WHOLE = re.compile(r"overall\b", re.IGNORECASE)

Rows = list[tuple[int, list[str]]]


def read_covidence(data: bytes) -> Judged:
    """Read the judgements of a quality assessment.

    Raises:
        UnreadableJudgements: no column names the study, or none holds judgements.
    """
    header, rows = table_of(data)
    study, who = _named(header, _STUDY), _named(header, _WHO)
    if study is None:
        message = _("No column names the study.")
        raise UnreadableJudgements(message, _("One column must be called Study ID or Study."))
    judged = [place for place in range(len(header)) if place not in {study, who} and _holds_judgements(rows, place)]
    if not judged:
        raise UnreadableJudgements(_("No column holds judgements that are known."))
    supports = {place: _support(header, place, judged) for place in judged}
    columns = {place: _column(header[place], number) for number, place in enumerate(judged, 1)}
    whole = next((place for place in judged if _WHOLE.match(columns[place].name)), None)
    used = {study, who, *judged, *supports.values()}
    unread = [name for place, name in enumerate(header) if place not in used and name]
    lines = []
    for number, cells in rows:
        marks = {}
        for place in judged:
            at, beside = _("line %(line)s, column %(name)s", line=number, name=header[place]), supports[place]
            if mark := mark_of(cells[place], at, cells[beside] if beside is not None else ""):
                marks[place] = mark
        lines.append(
            Line(
                without_apostrophe(cells[study]).strip(),
                {columns[place].id: mark for place, mark in marks.items() if place != whole},
                marks.get(whole) if whole is not None else None,
                appraiser=cells[who].strip() if who is not None else "",
            )
        )
    notes = (_("Columns that were not read: %(names)s.", names=", ".join(unread)),) if unread else ()
    return Judged(tuple(column for place, column in columns.items() if place != whole), tuple(lines), notes)


def _named(header: list[str], names: tuple[str, ...]) -> int | None:
    small = [name.casefold() for name in header]
    return next((small.index(name) for name in names if name in small), None)


def _holds_judgements(rows: Rows, place: int) -> bool:
    filled = [cells[place].strip().casefold() for _line, cells in rows if cells[place].strip()]
    return bool(filled) and all(cell in WORDS for cell in filled)


def _support(header: list[str], place: int, judged: list[int]) -> int | None:
    """Find the column that supports a judgement."""
    name = _domain(header[place]).casefold()
    others = [at for at, text in enumerate(header) if at not in judged and _SUPPORT.search(text)]
    alike = [at for at in others if name and name in header[at].casefold()]
    return alike[0] if alike else next((at for at in others if at == place + 1), None)


def _domain(header: str) -> str:
    return _JUDGED.sub(" ", header).strip(" :-–") or header


def _column(header: str, number: int) -> Column:
    name, _colon, group = (part.strip() for part in _domain(header).partition(": "))
    return Column(f"D{number}", name, group)
