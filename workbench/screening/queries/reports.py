"""Where the full texts stand: sought, on their way, retrieved or not; asked of the facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.records.models import Record
from workbench.reviews.rules import Stage
from workbench.screening.models import FullText, Retrieval
from workbench.screening.queries.memo import standing_at
from workbench.screening.queries.outcomes import kept_id, outcomes
from workbench.screening.queries.votes import cluster, stage_rule
from workbench.screening.rules import Channel, FileKind, Found, Outcome
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
    channel: Channel | None = None
    since: date | None = None
    """The day of what happened last."""
    expected_by: date | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether it should have been here before today."""
        return self.expected_by is not None and self.expected_by < today


def reports(session: Session, review_id: int) -> list[Report]:
    """Every report sought: the records that title and abstract screening included, in order of author and year."""
    rule = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    sought = [one.record_id for one in standing_at(session, review_id, rule, Outcome.INCLUDED)]
    last, files = where_found(session, review_id), _how_many_files(session, review_id)
    rows = session.scalars(
        select(Record).where(Record.id.in_(sought)).order_by(Record.year.desc(), Record.title, Record.id)
    )
    return [_report(record, last.get(record.id), files.get(record.id, 0)) for record in rows]


def _report(record: Record, last: Retrieval | None, files: int) -> Report:
    if last is None:
        return Report(record, None, None, files)
    return Report(record, last.found, last.note, files, last.channel, last.tried_on or last.at.date(), last.expected_by)


def _how_many_files(session: Session, review_id: int) -> dict[int, int]:
    """How many files each report has, by its kept record."""
    kept = kept_id(FullText.record_id)
    wanted = (
        select(kept, func.count())
        .select_from(FullText)
        .join(Record, Record.id == FullText.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == FullText.record_id)
        .where(FullText.detached_at.is_(None), Record.review_id == review_id)
        .group_by(kept)
    )
    return {row[0]: row[1] for row in session.execute(wanted)}


def is_sought(session: Session, review_id: int, record_id: int) -> bool:
    """Whether title and abstract screening included this record."""
    rule = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    found = outcomes(review_id, rule, only=[record_id])
    return session.scalar(select(found.c.outcome)) == Outcome.INCLUDED.value


def found(session: Session, record_id: int) -> Found | None:
    """Where this report's full text stands, whichever of its records it was found for."""
    newest = last(session, record_id)
    return newest.found if newest else None


def last(session: Session, record_id: int) -> Retrieval | None:
    """What says where this report's full text stands."""
    return _last_of(history(session, record_id))


def _last_of(events: Sequence[Retrieval]) -> Retrieval | None:
    """The event that says where a report stands: the newest of a record that is retrieved, else the newest of all."""
    newest = {one.record_id: one for one in events}
    retrieved = [one for one in newest.values() if one.found is Found.RETRIEVED]
    return max(retrieved or newest.values(), key=lambda one: one.id, default=None)


def where_found(session: Session, review_id: int) -> dict[int, Retrieval]:
    """What says where each report's full text stands, by its kept record; those never sought are left out."""
    newest = (
        select(func.max(Retrieval.id))
        .join(Record, Record.id == Retrieval.record_id)
        .where(Record.review_id == review_id, Retrieval.withdrawn_at.is_(None))
        .group_by(Retrieval.record_id)
    )
    rows = session.execute(
        select(kept_id(Retrieval.record_id), Retrieval)
        .select_from(Retrieval)
        .outerjoin(Duplicate, Duplicate.record_id == Retrieval.record_id)
        .where(Retrieval.id.in_(newest))
    )
    events: dict[int, list[Retrieval]] = {}
    for kept, event in rows:
        events.setdefault(kept, []).append(event)
    return {kept: last for kept, some in events.items() if (last := _last_of(some))}


def history(session: Session, record_id: int) -> Sequence[Retrieval]:
    """What happened on the way to this report's full text, oldest first; what was taken back is in the trail only."""
    of_it = Retrieval.record_id.in_(cluster(session, record_id))
    wanted = select(Retrieval).where(of_it, Retrieval.withdrawn_at.is_(None))
    return session.scalars(wanted.order_by(Retrieval.id)).all()


def files_of(session: Session, record_id: int) -> Sequence[FullText]:
    """The files of a report: what stands before what was replaced, the article before the rest, else oldest first."""
    of_it = FullText.record_id.in_(cluster(session, record_id))
    wanted = select(FullText).where(of_it, FullText.detached_at.is_(None))
    found = session.scalars(wanted.order_by(FullText.id)).all()
    replaced = replaced_among(found)
    return sorted(found, key=lambda one: (one.id in replaced, one.kind is not FileKind.ARTICLE, one.id))


def ever_attached(session: Session, record_id: int) -> set[int]:
    """The files that stand or stood at a report."""
    return set(session.scalars(select(FullText.id).where(FullText.record_id.in_(cluster(session, record_id)))))


def replaced_among(files: Sequence[FullText]) -> set[int]:
    """Of these files, those of which a newer version stands among them."""
    return {one.supersedes_id for one in files if one.supersedes_id is not None}


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
