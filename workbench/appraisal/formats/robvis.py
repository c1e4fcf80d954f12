"""The CSV of robvis: by position, the study, its domains, the whole, and perhaps a weight."""

import re

from workbench.appraisal.formats.judged import Column, Judged, Line, UnreadableJudgements
from workbench.appraisal.formats.rows import mark_of, table_of, without_apostrophe
from workbench.appraisal.instruments import Instrument
from workbench.words import _

_WHOLE = re.compile(r"overall\b", re.IGNORECASE)
_OF_DIRECTIONS = re.compile(r"d([0-9]{1,2})j", re.IGNORECASE)


def read_robvis(data: bytes, instrument: Instrument | None = None) -> Judged:
    """Read judgements as robvis takes them; a table of biases with directions gives their judgements.

    Args:
        data: the CSV.
        instrument: whose full names the columns D1, D2 … stand for.

    Raises:
        UnreadableJudgements: it is no such table; the message names line and column.
    """
    header, rows = table_of(data)
    places = [place for place, name in enumerate(header) if _OF_DIRECTIONS.fullmatch(name)]
    if places:
        return _with_directions(header, rows, places)
    if len(header) < 2:
        raise UnreadableJudgements(_("The table has no domain beside the study."))
    whole = next((place for place, name in enumerate(header) if place and _WHOLE.match(name)), None)
    weight = len(header) - 1 if whole is not None and whole == len(header) - 2 else None
    domains = [place for place in range(1, len(header)) if place not in {whole, weight}]
    columns = {place: Column(header[place], _name(header[place], instrument)) for place in domains}
    if len({column.id for column in columns.values()}) < len(columns):
        raise UnreadableJudgements(_("Two columns have the same header."))
    return _judged(header, rows, 0, columns, whole, weight)


def _with_directions(header: list[str], rows: list[tuple[int, list[str]]], places: list[int]) -> Judged:
    columns = {place: Column(f"D{header[place][1:-1]}", f"D{header[place][1:-1]}") for place in places}
    study = next((place for place, name in enumerate(header) if name.lower() == "study"), 0)
    whole = next((place for place, name in enumerate(header) if _WHOLE.match(name)), None)
    note = _("Types and directions of bias were not read.")
    return Judged(*_parts(_judged(header, rows, study, columns, whole, None)), notes=(note,))


def _parts(judged: Judged) -> tuple[tuple[Column, ...], tuple[Line, ...]]:
    return judged.columns, judged.lines


def _judged(
    header: list[str],
    rows: list[tuple[int, list[str]]],
    study: int,
    columns: dict[int, Column],
    whole: int | None,
    weight: int | None,
) -> Judged:
    lines = []
    for number, cells in rows:
        marks = {
            column.id: mark
            for place, column in columns.items()
            if (mark := mark_of(cells[place], _("line %(line)s, column %(name)s", line=number, name=header[place])))
        }
        where = _("line %(line)s, column %(name)s", line=number, name=header[whole] if whole is not None else "")
        lines.append(
            Line(
                without_apostrophe(cells[study]).strip(),
                marks,
                mark_of(cells[whole], where) if whole is not None else None,
                _weight(cells[weight], number) if weight is not None else None,
            )
        )
    return Judged(tuple(columns.values()), tuple(lines))


def _weight(text: str, line: int) -> float | None:
    try:
        value = float(text) if text.strip() else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value < 1e12:
        raise UnreadableJudgements(_("line %(line)s: the weight “%(given)s” is no number.", line=line, given=text[:40]))
    return value


def _name(header: str, instrument: Instrument | None) -> str:
    """The full name of a column: that of the instrument's domain, else the header as robvis shows it."""
    for domain in instrument.domains.values() if instrument else ():
        if header in {domain.slot, domain.id}:
            return domain.name
    return header.replace(".", " ").strip()
