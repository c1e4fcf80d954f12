"""Which record gives a field of a report: a person's choice, and its withdrawal."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import FieldChosen
from workbench.deduplication.models import FieldChoice
from workbench.deduplication.queries import merged
from workbench.deduplication.rules.fullest import FIELDS
from workbench.deduplication.service import writing
from workbench.errors import Invalid
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _


class NothingToTake(Invalid):
    """A report takes a field from a record that has it."""

    hint = "Choose one of the values that the page shows."


def choose_field(session: Session, member: Member, record_id: int, field: str) -> None:
    """Let one record give this field of its report; what counts already is not written twice.

    Raises:
        NothingToTake: there is no such field, or the record has no value in it.
        NoSuchRecord: it is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    cluster = queries.cluster_of(session, member.review_id, record_id)
    if field not in FIELDS or getattr(session.get_one(Record, record_id), field) in (None, "", []):
        raise NothingToTake(_("Record %(id)s has no such field to take.", id=record_id))
    counts = merged.newest(merged.choices(session, cluster), cluster).get(field)
    if counts and counts.record_id == record_id:
        return
    session.add(FieldChoice(record_id=record_id, field=field, member_id=member.id, chosen_at=now()))
    audit.record(session, member.review_id, member.id, FieldChosen(record_id, field))
    session.flush()


def leave_field(session: Session, member: Member, record_id: int, field: str) -> None:
    """Leave this field of a report to its fullest record again; what people chose for it is withdrawn.

    Raises:
        NoSuchRecord: it is no record of this review that counts.
    """
    allowed(member.roles, Deed.DEDUPLICATE)
    writing.lock(session, member.review_id)
    cluster = queries.cluster_of(session, member.review_id, record_id)
    standing = select(FieldChoice).where(
        FieldChoice.record_id.in_(cluster), FieldChoice.field == field, FieldChoice.withdrawn_at.is_(None)
    )
    for one in session.scalars(standing):
        one.withdrawn_at = now()
        audit.record(session, member.review_id, member.id, FieldChosen(one.record_id, field, withdrawn=True))
    session.flush()
