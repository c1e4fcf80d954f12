"""Putting garbled letters right, for a whole import by one person's deed, and back again."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash
from workbench.jobs.models import Job
from workbench.records import queries
from workbench.records.events import LettersMended, LettersRestored
from workbench.records.models import MendedField, Record
from workbench.records.queries import mending
from workbench.records.service.additions import form_anew
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

AT_ONCE = 500


class NothingToMend(Clash):
    """Letters are put right where some look garbled, in an import whose records count."""

    hint = "Load the page again to see what stands."


def mend(session: Session, member: Member, import_id: int) -> tuple[int, Job]:
    """Put the garbled letters of an import right, each field noted with how it was; returns how many records.

    Raises:
        NothingToMend: nothing looks garbled, or the import does not count.
    """
    allowed(member.roles, Deed.IMPORT)
    found = mending.garbled(session, import_id) if _counts(session, member, import_id) else []
    if not found:
        raise NothingToMend(_("No letters of this import look garbled."))
    by_record = {one.record_id: one.fields for one in found}
    rows = 0
    for record in _records(session, sorted(by_record)):
        for field, (before, after) in by_record[record.id].items():
            setattr(record, field, after)
            session.add(_row(record.id, field, before, after, member))
            rows += 1
    audit.record(session, member.review_id, member.id, LettersMended(import_id, len(found), rows))
    session.flush()
    return len(found), form_anew(session, member, sorted(by_record))


def restore(session: Session, member: Member, import_id: int) -> tuple[int, Job]:
    """Put the letters of an import back as delivered; a field changed since stays. Returns how many records.

    Raises:
        NothingToMend: none was put right.
    """
    allowed(member.roles, Deed.IMPORT)
    queries.import_of(session, member.review_id, import_id)
    rows = [row for row, _by in mending.standing(session, import_id)]
    if not rows:
        raise NothingToMend(_("No letters of this import were put right."))
    records = {record.id: record for record in _records(session, sorted({row.record_id for row in rows}))}
    for row in rows:
        row.undone_at, row.undone_by = now(), member.id
        if getattr(records[row.record_id], row.field) == row.after:
            setattr(records[row.record_id], row.field, row.before)
    audit.record(session, member.review_id, member.id, LettersRestored(import_id, len(rows)))
    session.flush()
    return len(records), form_anew(session, member, sorted(records))


def _row(record_id: int, field: str, before: object, after: object, member: Member) -> MendedField:
    """The fact of one field put right."""
    return MendedField(
        record_id=record_id, field=field, before=before, after=after, mended_by=member.id, mended_at=now()
    )


def _counts(session: Session, member: Member, import_id: int) -> bool:
    the_import = queries.import_of(session, member.review_id, import_id)
    return the_import.completed_at is not None and the_import.taken_back_at is None


def _records(session: Session, ids: Sequence[int]) -> Iterator[Record]:
    for start in range(0, len(ids), AT_ONCE):
        yield from session.scalars(select(Record).where(Record.id.in_(ids[start : start + AT_ONCE])))
