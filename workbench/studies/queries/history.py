"""What was done to one study, newest first, with what can still be undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.reviews import queries as reviews
from workbench.studies.models import Fact, PrimaryReport, Study, StudyDeed, StudyName, StudyReport
from workbench.studies.rules import DeedKind
from workbench.words import _

FACTS: tuple[type[Fact], ...] = (StudyReport, PrimaryReport, StudyName)
"""The tables whose rows a deed begins and ends."""


class NoSuchDeed(NotFound):
    """A deed on studies belongs to its review."""


@dataclass(frozen=True)
class Done:
    """One deed: who did it, the reports that came to this study and left it by it, and whether it can be undone."""

    deed: StudyDeed
    who: str
    came: Sequence[int]
    left: Sequence[int]
    is_undone: bool
    can_be_undone: bool


def deed_of(session: Session, review_id: int, deed_id: int) -> StudyDeed:
    """One deed of this review.

    Raises:
        NoSuchDeed: the review has none of this number.
    """
    found = session.get(StudyDeed, deed_id)
    if found is None or found.review_id != review_id:
        raise NoSuchDeed(_("There is no deed %(id)s on studies of this review.", id=deed_id))
    return found


def begun_by(session: Session, deed_id: int) -> list[Fact]:
    """Every row that a deed began."""
    return [row for table in FACTS for row in session.scalars(select(table).where(table.begun_in == deed_id))]


def ended_by(session: Session, deed_id: int) -> list[Fact]:
    """Every row that a deed ended."""
    return [row for table in FACTS for row in session.scalars(select(table).where(table.ended_in == deed_id))]


def undone(session: Session, review_id: int) -> set[int]:
    """Deeds that were undone."""
    wanted = select(StudyDeed.undoes_id).where(StudyDeed.review_id == review_id, StudyDeed.undoes_id.is_not(None))
    return {one for one in session.scalars(wanted) if one is not None}


def history(session: Session, review_id: int, study_id: int) -> list[Done]:
    """What was done to a study, newest first."""
    rows = [row for table in FACTS for row in session.scalars(select(table).where(table.study_id == study_id))]
    ids = {one for row in rows for one in (row.begun_in, row.ended_in) if one is not None}
    touched = or_(StudyDeed.id.in_(ids), StudyDeed.undoes_id.in_(ids))
    deeds = session.scalars(select(StudyDeed).where(StudyDeed.review_id == review_id, touched)).all()
    names, gone = reviews.names(session, review_id), undone(session, review_id)
    over = overtaken(session, ids, gone)
    reports = [row for row in rows if isinstance(row, StudyReport)]
    return [
        Done(
            deed,
            names.get(deed.member_id, ""),
            list(dict.fromkeys(row.record_id for row in reports if row.begun_in == deed.id)),
            [row.record_id for row in reports if row.ended_in == deed.id],
            deed.id in gone,
            deed.id not in gone | over and deed.kind is not DeedKind.UNDO,
        )
        for deed in sorted(deeds, key=lambda one: -one.id)
    ]


def exists(session: Session, review_id: int, study_id: int) -> bool:
    """Whether the review ever had a study of this number."""
    return session.scalar(select(Study.id).where(Study.id == study_id, Study.review_id == review_id)) is not None


def overtaken(session: Session, deed_ids: set[int], gone: set[int]) -> set[int]:
    """Those of these deeds of which a later one, itself not undone, ended something: the later one is undone first."""
    return {
        row.begun_in
        for table in FACTS
        for row in session.execute(select(table.begun_in, table.ended_in).where(table.begun_in.in_(deed_ids)))
        if row.ended_in is not None and row.ended_in not in gone
    }
