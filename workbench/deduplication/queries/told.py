"""What is told of duplicates: counts, one row per removed record, where records came from."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from workbench.accounts.models import User
from workbench.deduplication.models import DoubtedRecord, Duplicate, LinkKind
from workbench.deduplication.queries.said import verdicts
from workbench.deduplication.queries.standing import kept_of, portions
from workbench.deduplication.queries.waiting import how_many_wait
from workbench.deduplication.rules.evidence import speaking_of
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.records.queries import counts_now
from workbench.reviews.models import Member
from workbench.reviews.rules import Lane


@dataclass(frozen=True, slots=True)
class Counts:
    """Where deduplication stands: records that count, duplicates by who decided, and pairs that wait."""

    records: int
    automatic: int
    by_person: int
    waiting: int

    @property
    def duplicates(self) -> int:
        """All records that stand under another."""
        return self.automatic + self.by_person

    @property
    def kept(self) -> int:
        """Records that go on to screening."""
        return self.records - self.duplicates


def counts(session: Session, review_id: int) -> Counts:
    """Count records, duplicates and waiting pairs of a review."""
    wanted = (
        select(func.count(Record.id), func.count(Duplicate.id), func.count(Duplicate.decided_by))
        .join(Import, Import.id == Record.import_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(Record.review_id == review_id, *counts_now())
    )
    records, duplicates, by_person = session.execute(wanted).one()
    return Counts(records, duplicates - by_person, by_person, how_many_wait(session, review_id))


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source before and after deduplication; a duplicate counts where it came from itself."""

    name: str
    lane: Lane
    records: int
    automatic: int
    by_person: int

    @property
    def duplicates(self) -> int:
        """Records of this source that stand under another."""
        return self.automatic + self.by_person

    @property
    def kept(self) -> int:
        """Records of this source that go on."""
        return self.records - self.duplicates


def by_source(session: Session, review_id: int) -> list[SourceCount]:
    """Count each source's records and duplicates in whatever steps it was searched, in the order documented."""
    names = (SearchRun.source_name, SearchRun.lane)
    by_person = func.count(Duplicate.decided_by)
    wanted = (
        select(*names, func.count(Record.id), func.count(Duplicate.id) - by_person, by_person)
        .select_from(Record)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(Record.review_id == review_id, *counts_now())
        .group_by(*names)
        .order_by(func.min(SearchRun.id))
    )
    return [SourceCount(*row) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Removed:
    """One record that stands under another: what, under which, why, who (None: the engine), when."""

    record_id: int
    title: str | None
    year: int | None
    journal: str | None
    source: str
    run: str
    kept_id: int
    kept_title: str | None
    kept_source: str
    rule: str
    told: str
    low_id: int
    high_id: int
    engine: str | None
    person: str | None
    decided_at: datetime

    @property
    def reason(self) -> str:
        """Why, with the names of the records it speaks of where they are others."""
        return speaking_of(self.told, (self.low_id, self.high_id), (self.record_id, self.kept_id))


def removed(session: Session, review_id: int, kept_ids: Collection[int] | None = None) -> list[Removed]:
    """Every record that stands under another, cluster by cluster: of all clusters, or of those with these kept ones."""
    wanted = every_removed(review_id)
    if kept_ids is not None:
        wanted = wanted.where(Duplicate.kept_id.in_(sorted(kept_ids)))
    return [Removed(*list(row)) for row in session.execute(wanted)]


def every_removed(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every record that stands under another, as columns of Removed, to be narrowed by Duplicate and SearchRun."""
    kept, kept_import, kept_run = aliased(Record), aliased(Import), aliased(SearchRun)
    return (
        select(
            Record.id,
            Record.title,
            Record.year,
            Record.journal,
            SearchRun.source_name,
            SearchRun.code,
            kept.id,
            kept.title,
            kept_run.source_name,
            Duplicate.rule,
            Duplicate.reason,
            Duplicate.low_id,
            Duplicate.high_id,
            Duplicate.engine,
            User.name,
            Duplicate.decided_at,
        )
        .select_from(Duplicate)
        .join(Record, Record.id == Duplicate.record_id)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .join(kept, kept.id == Duplicate.kept_id)
        .join(kept_import, kept_import.id == kept.import_id)
        .join(kept_run, kept_run.id == kept_import.run_id)
        .outerjoin(Member, Member.id == Duplicate.decided_by)
        .outerjoin(User, User.id == Member.user_id)
        .where(Record.review_id == review_id, *counts_now())
        .order_by(Duplicate.kept_id, Duplicate.record_id)
    )


@dataclass(frozen=True, slots=True)
class Doubted:
    """A duplicate in a cluster held by votes that the engine would part from the kept record by now, and why."""

    record_id: int
    kept_id: int
    title: str | None
    kept_title: str | None
    reason: str


def doubted(session: Session, review_id: int) -> list[Doubted]:
    """The list of the last run, without records that stand elsewhere since; a person parts a cluster with votes."""
    kept = aliased(Record)
    wanted = (
        select(DoubtedRecord.record_id, DoubtedRecord.kept_id, Record.title, kept.title, DoubtedRecord.reason)
        .join(Record, Record.id == DoubtedRecord.record_id)
        .join(kept, kept.id == DoubtedRecord.kept_id)
        .join(Duplicate, Duplicate.record_id == DoubtedRecord.record_id)
        .where(DoubtedRecord.review_id == review_id, Duplicate.kept_id == kept_of(DoubtedRecord.kept_id))
        .order_by(DoubtedRecord.kept_id, DoubtedRecord.record_id)
    )
    return [Doubted(*row) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class KeptApart:
    """Two records that people keep apart: two reports, or linked ones, of which `pointing_id` is `link` the other."""

    low_id: int
    high_id: int
    low_title: str | None
    high_title: str | None
    person: str
    said_at: datetime
    link: LinkKind | None = None
    pointing_id: int | None = None


def kept_apart(session: Session, review_id: int) -> list[KeptApart]:
    """Every pair that people called two reports or linked, newest first."""
    two = {pair: one for pair, one in verdicts(session, review_id).items() if one.answer.parts}
    titles = titles_of(session, {record for pair in two for record in pair})
    names = names_of(session, review_id)
    rows = [
        KeptApart(low, high, titles[low], titles[high], names[one.member_id], one.said_at, one.link, one.pointing_id)
        for (low, high), one in two.items()
    ]
    return sorted(rows, key=lambda row: (row.said_at, row.low_id), reverse=True)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from."""

    record_id: int
    source: str
    step: str
    run: str
    searched_on: str


def sources(session: Session, record_ids: Collection[int]) -> dict[int, Source]:
    """The search run of each of these records."""
    wanted = (
        select(Record.id, SearchRun.source_name, SearchRun.step, SearchRun.code, SearchRun.searched_on)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
    )
    rows = [row for some in portions(record_ids) for row in session.execute(wanted.where(Record.id.in_(some)))]
    return {row.id: Source(*row) for row in rows}


def records(session: Session, record_ids: Collection[int]) -> dict[int, Record]:
    """These records, by their id."""
    found = session.scalars(select(Record).where(Record.id.in_(sorted(record_ids))))
    return {record.id: record for record in found}


def names_of(session: Session, review_id: int) -> dict[int, str]:
    """The names of a review's members, of those who left too."""
    wanted = select(Member.id, User.name).join(User, User.id == Member.user_id).where(Member.review_id == review_id)
    return {row.id: row.name for row in session.execute(wanted)}


def titles_of(session: Session, record_ids: Collection[int]) -> dict[int, str | None]:
    """The titles of some records."""
    wanted = select(Record.id, Record.title)
    return {
        row.id: row.title for some in portions(record_ids) for row in session.execute(wanted.where(Record.id.in_(some)))
    }
