"""Where the full texts stand: sought, on their way, retrieved or not; asked of the facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from workbench.errors import NotFound
from workbench.records.models import Record
from workbench.reviews.rules import Stage
from workbench.screening.models import FullText, Retrieval
from workbench.screening.queries.memo import standing_at
from workbench.screening.queries.outcomes import outcomes
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Found, Outcome
from workbench.words import _


class NoSuchFullText(NotFound):
    """A full text is read by the members of its review."""


@dataclass(frozen=True)
class Report:
    """One report that is sought, and where its full text stands; None while nothing happened."""

    record: Record
    found: Found | None
    note: str | None
    files: int


def reports(session: Session, review_id: int) -> list[Report]:
    """Every report sought: the records that title and abstract screening included, in order of author and year."""
    rule = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    sought = [one.record_id for one in standing_at(session, review_id, rule, Outcome.INCLUDED)]
    last = _last_events(review_id)
    files = (
        select(FullText.record_id, func.count().label("n"))
        .where(FullText.detached_at.is_(None))
        .group_by(FullText.record_id)
        .subquery()
    )
    rows = session.execute(
        select(Record, last.found, last.note, func.coalesce(files.c.n, 0))
        .outerjoin(last, last.record_id == Record.id)
        .outerjoin(files, files.c.record_id == Record.id)
        .where(Record.id.in_(sought))
        .order_by(Record.year.desc(), Record.title, Record.id)
    )
    return [Report(*row) for row in rows]


def is_sought(session: Session, review_id: int, record_id: int) -> bool:
    """Whether title and abstract screening included this record."""
    rule = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    found = outcomes(review_id, rule, only=[record_id])
    return session.scalar(select(found.c.outcome)) == Outcome.INCLUDED.value


def found(session: Session, record_id: int) -> Found | None:
    """Where this report's full text stands."""
    wanted = select(Retrieval.found).where(Retrieval.record_id == record_id)
    return session.scalar(wanted.order_by(Retrieval.id.desc()).limit(1))


def history(session: Session, record_id: int) -> Sequence[Retrieval]:
    """What happened on the way to this report's full text, oldest first."""
    return session.scalars(select(Retrieval).where(Retrieval.record_id == record_id).order_by(Retrieval.id)).all()


def files_of(session: Session, record_id: int) -> Sequence[FullText]:
    """The files of a report, oldest first."""
    wanted = select(FullText).where(FullText.record_id == record_id, FullText.detached_at.is_(None))
    return session.scalars(wanted.order_by(FullText.id)).all()


def full_text(session: Session, review_id: int, full_text_id: int) -> FullText:
    """One file of this review.

    Raises:
        NoSuchFullText: it is another review's, or was taken off its report.
    """
    wanted = (
        select(FullText)
        .join(Record, Record.id == FullText.record_id)
        .where(FullText.id == full_text_id, Record.review_id == review_id, FullText.detached_at.is_(None))
    )
    one = session.scalar(wanted)
    if one is None:
        raise NoSuchFullText(_("There is no full text %(id)s in this review.", id=full_text_id))
    return one


def _last_events(review_id: int) -> type[Retrieval]:
    newest = (
        select(func.max(Retrieval.id))
        .join(Record, Record.id == Retrieval.record_id)
        .where(Record.review_id == review_id)
        .group_by(Retrieval.record_id)
    )
    return aliased(Retrieval, select(Retrieval).where(Retrieval.id.in_(newest)).subquery())
