"""The reports that are sought, and their files, for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.screening.models import FullText, Retrieval
from workbench.screening.queries import reports as queries
from workbench.screening.queries import votes
from workbench.screening.queries.reports import Report
from workbench.screening.rules import Channel, Found
from workbench.screening.views.retrieval import NotSoughtHere
from workbench.words import _


@dataclass(frozen=True)
class FileTold:
    """One PDF of a report."""

    id: Annotated[int, "Stands in the address of the file."]
    name: str
    attached_at: datetime


@dataclass(frozen=True)
class ReportListed:
    """One report that is sought."""

    record: int
    title: str | None
    doi: str | None
    pmid: str | None
    state: Annotated[Found | None, "Null while nothing happened yet."]
    files: Annotated[int, "How many PDFs are attached."]
    channel: Annotated[Channel | None, "By which way it was looked for last."]
    expected_by: Annotated[date | None, "The day by which it should be here."]


@dataclass(frozen=True)
class ReportsTold:
    """Every report that title and abstract screening included."""

    items: Sequence[ReportListed]


@dataclass(frozen=True)
class EventTold:
    """One thing that happened on the way to a full text."""

    state: Found
    note: str | None
    by: str
    at: datetime
    channel: Annotated[Channel | None, "By which way it was looked for."]
    on: Annotated[date, "The day it happened."]
    expected_by: Annotated[date | None, "The day by which it should be here."]


@dataclass(frozen=True)
class ReportTold:
    """One report that is sought: where its full text stands, what was tried, and its files."""

    record: int
    title: str | None
    doi: str | None
    pmid: str | None
    state: Annotated[Found | None, "Null while nothing happened yet."]
    events: Annotated[Sequence[EventTold], "Oldest first."]
    files: Sequence[FileTold]


def reports(session: Session, review_id: int) -> ReportsTold:
    """Every report that is sought."""
    return ReportsTold([_listed(one) for one in queries.reports(session, review_id)])


def report(session: Session, member: Member, record_id: int) -> ReportTold:
    """One report that is sought, by any of its records.

    Raises:
        NotSoughtHere: title and abstract screening did not include it.
    """
    votes.screenable(session, member.review_id, record_id)
    kept = session.get_one(Record, votes.cluster(session, record_id)[0])
    if not queries.is_sought(session, member.review_id, kept.id):
        raise NotSoughtHere(_("Record %(id)s is not sought.", id=record_id))
    names = reviews.names(session, member.review_id)
    events = [_event(one, names[one.member_id]) for one in queries.history(session, kept.id)]
    return ReportTold(
        kept.id, kept.title or kept.original_title, kept.doi, kept.pmid, queries.found(session, kept.id), events,
        files_of(session, kept.id),
    )  # fmt: skip


def files_of(session: Session, record_id: int) -> list[FileTold]:
    """The files of a report, oldest first."""
    return [_file(one) for one in queries.files_of(session, record_id)]


def _event(one: Retrieval, name: str) -> EventTold:
    return EventTold(
        one.found, one.note, name, one.at, one.channel, one.tried_on or one.at.date(), one.expected_by
    )  # fmt: skip


def _file(one: FullText) -> FileTold:
    return FileTold(one.id, one.file_name, one.attached_at)


def _listed(one: Report) -> ReportListed:
    record = one.record
    title = record.title or record.original_title
    return ReportListed(
        record.id, title, record.doi, record.pmid, one.found, one.files, one.channel, one.expected_by
    )  # fmt: skip
