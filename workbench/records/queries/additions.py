"""Reading what people added to records."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.records.models import Addition
from workbench.records.queries import record_of
from workbench.reviews.models import Member
from workbench.words import _


class NoSuchAddition(NotFound):
    """What was added belongs to one record, and is known there by its number."""


def standing(session: Session, record_id: int) -> Sequence[tuple[Addition, Member]]:
    """What was added to a record and not withdrawn, with who added it."""
    wanted = select(Addition, Member).join(Member, Member.id == Addition.added_by)
    wanted = wanted.where(Addition.record_id == record_id, Addition.withdrawn_at.is_(None))
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Addition.id)).unique()]


def addition_of(session: Session, review_id: int, record_id: int, addition_id: int) -> Addition:
    """One addition to a record of this review."""
    record_of(session, review_id, record_id)
    found = session.get(Addition, addition_id)
    if found is None or found.record_id != record_id:
        raise NoSuchAddition(_("Nothing of this number was added to this record."))
    return found
