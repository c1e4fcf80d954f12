"""Adding what a record lacks, with where it was found; the file's own tags stay as they were."""

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.records import queries
from workbench.records.events import AdditionWithdrawn, FieldAdded
from workbench.records.models import Addition, Record
from workbench.records.queries.additions import addition_of
from workbench.records.rules.additions import BadAddition, value_of
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

LONGEST_SOURCE = 500
FORMS = "deduplication:form"
"""The job that makes what the search for duplicates compares anew."""


class AlreadyFilled(Clash):
    """Only a field that holds nothing is added to; what the database delivered is never replaced."""

    hint = "Nothing was changed. Load the page again to see what the record holds."


class NotAsAdded(Clash):
    """What was added is withdrawn as it was added, once."""

    hint = "Load the page again to see what stands."


def add(
    session: Session, member: Member, record_id: int, field: str, text: str, said_source: str
) -> tuple[Addition, Job]:
    """Add to a field of a record that has none, and say where it was found.

    Raises:
        BadAddition: the value does not fit the field, or no source is said.
        AlreadyFilled: the record holds something there.
    """
    allowed(member.roles, Deed.IMPORT)
    record = queries.record_of(session, member.review_id, record_id)
    value, source = value_of(field, text), said_source.replace("\x00", "").strip()
    if not source or len(source) > LONGEST_SOURCE:
        raise BadAddition(_("Say where it was found, in a few words."))
    if getattr(record, field) not in {None, ""}:
        raise AlreadyFilled(_("The record has this already."))
    row = Addition(
        record_id=record.id, field=field, value=value, said_source=source, added_by=member.id, added_at=now()
    )
    session.add(row)
    setattr(record, field, value)
    record.found = {**record.found, field: {"tag": _("added by hand"), "line": 0, "how": "added"}}
    session.flush()
    told = FieldAdded(row.id, record.id, field, text_hash(str(value)), text_hash(source))
    audit.record(session, member.review_id, member.id, told)
    return row, form_anew(session, member, [record.id])


def withdraw(session: Session, member: Member, record_id: int, addition_id: int) -> tuple[Record, Job]:
    """Take off again what was added; the row stays, with who withdrew it.

    Raises:
        NotAsAdded: it was withdrawn before, or the field was changed since.
    """
    allowed(member.roles, Deed.IMPORT)
    row = addition_of(session, member.review_id, record_id, addition_id)
    record = queries.record_of(session, member.review_id, record_id)
    if row.withdrawn_at is not None or getattr(record, row.field) != row.value:
        raise NotAsAdded(_("This does not stand as it was added."))
    row.withdrawn_at, row.withdrawn_by = now(), member.id
    setattr(record, row.field, None)
    record.found = {field: how for field, how in record.found.items() if field != row.field}
    audit.record(session, member.review_id, member.id, AdditionWithdrawn(row.id, record.id, row.field))
    session.flush()
    return record, form_anew(session, member, [record.id])


def form_anew(session: Session, member: Member, record_ids: list[int]) -> Job:
    """Have what the search for duplicates compares made anew for records whose fields were changed."""
    payload = {"record_ids": sorted(record_ids)}
    return jobs.submit(session, FORMS, payload, review_id=member.review_id, started_by=member.id, total=len(record_ids))
