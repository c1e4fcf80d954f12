"""Which records look garbled, and which were put right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.records.models import MendedField, Record
from workbench.records.rules.mending import FIELDS, mended_value
from workbench.reviews.models import Member

ASKED_ON_THE_PAGE = 3_000
"""Records of an import up to which its page looks for garbled letters by itself (a quarter of a second at most)."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """One record that looks garbled: field -> (as it stands, as it would read)."""

    record_id: int
    title: str | None
    fields: dict[str, tuple[Any, Any]]


def garbled(session: Session, import_id: int) -> list[Garbled]:
    """The records of an import in which letters look garbled, in the order of the file."""
    columns = [getattr(Record, field) for field in FIELDS]
    wanted = select(Record.id, *columns).where(Record.import_id == import_id).order_by(Record.number)
    found = []
    for record_id, *values in session.execute(wanted.execution_options(yield_per=1000)):
        pairs = {field: (value, mended_value(value)) for field, value in zip(FIELDS, values, strict=True) if value}
        wrong = {field: pair for field, pair in pairs.items() if pair[0] != pair[1]}
        if wrong:
            found.append(Garbled(record_id, values[0], wrong))
    return found


def standing(session: Session, import_id: int) -> Sequence[tuple[MendedField, Member]]:
    """What was put right in the records of an import and not undone, with who had it done."""
    wanted = select(MendedField, Member).join(Member, Member.id == MendedField.mended_by)
    wanted = wanted.join(Record, Record.id == MendedField.record_id).where(Record.import_id == import_id)
    return _rows(session, wanted)


def of_record(session: Session, record_id: int) -> dict[str, tuple[MendedField, Member]]:
    """What was put right in one record and not undone, by its field."""
    wanted = select(MendedField, Member).join(Member, Member.id == MendedField.mended_by)
    return {row.field: (row, by) for row, by in _rows(session, wanted.where(MendedField.record_id == record_id))}


def _rows(session: Session, wanted: Any) -> Sequence[tuple[MendedField, Member]]:
    found = session.execute(wanted.where(MendedField.undone_at.is_(None)).order_by(MendedField.id)).unique()
    return [(row[0], row[1]) for row in found]
