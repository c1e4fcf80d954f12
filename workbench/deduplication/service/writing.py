"""Writing the rows of this room in bulk; one writer for each review at a time."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from workbench.db import now
from workbench.deduplication.models import Duplicate, StoredForm
from workbench.deduplication.queries import portions
from workbench.deduplication.rules import ENGINE, NormalForm, mark_of
from workbench.deduplication.service.partition import Changes
from workbench.reviews.models import Review

AS_IT_IS = {"synchronize_session": False}
"""Rows of these tables are never held as objects, so nothing in the session has to follow."""


def lock(session: Session, review_id: int) -> None:
    """Let one deed at a time change the clusters of a review, so that two joins at once cannot make a chain."""
    session.execute(select(Review.id).where(Review.id == review_id).with_for_update(key_share=True))


def keep_forms(session: Session, made: Mapping[int, NormalForm]) -> None:
    """Store normal forms of this version of the engine; those of earlier versions make room."""
    for some in portions(made):
        session.execute(delete(StoredForm).where(StoredForm.record_id.in_(some)), execution_options=AS_IT_IS)
    rows = [_stored(record_id, form) for record_id, form in made.items()]
    if rows:
        session.execute(insert(StoredForm), rows)


def _stored(record_id: int, form: NormalForm) -> dict[str, Any]:
    mark = mark_of(form)
    return {"record_id": record_id, "engine": ENGINE, "form": form.as_dict(), "rank": mark.rank, "keys": mark.keys}


def write(session: Session, changes: Changes) -> None:
    """Write the differences between two partitions: what ends, what moves under another record, what is new."""
    for some in portions(changes.gone):
        session.execute(delete(Duplicate).where(Duplicate.record_id.in_(some)), execution_options=AS_IT_IS)
    _move(session, changes.moved)
    if rows := _rows(changes):
        session.execute(insert(Duplicate), rows)


def _move(session: Session, moved: Mapping[int, int]) -> None:
    """Put duplicates under another kept record; the pairs they join, and why, stay as they were."""
    if not moved:
        return
    table = Duplicate.__table__
    change = update(Duplicate).where(table.c.record_id == bindparam("of")).values(kept_id=bindparam("under"))
    session.connection().execute(change, [{"of": record, "under": kept} for record, kept in moved.items()])


def _rows(changes: Changes) -> list[dict[str, Any]]:
    moment = now()
    return [
        {
            "record_id": record,
            "kept_id": kept,
            "low_id": edge.pair[0],
            "high_id": edge.pair[1],
            "rule": edge.rule,
            "reason": edge.reason,
            "engine": None if edge.decided_by else edge.engine or ENGINE,
            "decided_by": edge.decided_by,
            "decided_at": edge.decided_at or moment,
        }
        for record, kept, edge in changes.new
    ]
