"""Which records stand together: clusters, and the kept record of each."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.records.models import Import, Record
from workbench.records.queries import NoSuchRecord, counts_now
from workbench.words import _

BY_PERSON, BY_ENGINE = "person", "engine"
AT_ONCE = 500
"""How many ids go into one question to the database."""
KNOWN = 512
"""Questions to the database that are kept as asked, since building one takes longer than its answer."""
Pair = tuple[int, int]


class NotJoined(NotFound):
    """Only a record that stands in one cluster with another can be parted from it."""

    hint = "The list of joined records shows what stands together."


def in_order(first_id: int, second_id: int) -> Pair:
    """A pair with the lower record first, as it is stored."""
    return (first_id, second_id) if first_id < second_id else (second_id, first_id)


def portions(ids: Collection[int]) -> Iterator[list[int]]:
    """Cut ids, in order, into as many as go into one question to the database."""
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def standing_records(review_id: int) -> Select[int]:
    """Ids of all records of a review that count, duplicates among them."""
    wanted = select(Record.id).join(Import, Import.id == Record.import_id)
    return wanted.where(Record.review_id == review_id, *counts_now())


def kept_records(review_id: int) -> Select[int]:
    """What leaves this room: ids of the records that count and stand under no other, one for each report."""
    return standing_records(review_id).where(~exists().where(Duplicate.record_id == Record.id))


def kept_of(record_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The kept record of the cluster of a record, as SQL: itself, where it is no duplicate."""
    kept = select(Duplicate.kept_id).where(Duplicate.record_id == record_id).correlate_except(Duplicate)
    return func.coalesce(kept.scalar_subquery(), record_id)


def clusters(review_id: int) -> Select[int, int]:
    """Every record that counts, with the kept record of its cluster: columns record_id and kept_id."""
    kept = func.coalesce(Duplicate.kept_id, Record.id)
    wanted = select(Record.id.label("record_id"), kept.label("kept_id")).join(Import, Import.id == Record.import_id)
    return wanted.outerjoin(Duplicate, Duplicate.record_id == Record.id).where(
        Record.review_id == review_id, *counts_now()
    )


def members(session: Session, kept_id: int) -> list[int]:
    """The records of one cluster, the kept one first."""
    wanted = select(Duplicate.record_id).where(Duplicate.kept_id == kept_id).order_by(Duplicate.record_id)
    return [kept_id, *session.scalars(wanted)]


def members_of(session: Session, kept_ids: Collection[int]) -> dict[int, list[int]]:
    """The records of each of these clusters, the kept one first."""
    found = {kept_id: [kept_id] for kept_id in sorted(kept_ids)}
    for some in portions(kept_ids):
        wanted = select(Duplicate.kept_id, Duplicate.record_id).where(Duplicate.kept_id.in_(some))
        for kept_id, record_id in session.execute(wanted.order_by(Duplicate.record_id)):
            found[kept_id].append(record_id)
    return found


def kept_over(session: Session, record_ids: Collection[int]) -> set[int]:
    """The kept records of the clusters of more than one record in which any of these records stands."""
    found: set[int] = set()
    for some in portions(record_ids):
        found |= set(
            session.scalars(
                select(Duplicate.kept_id).where(or_(Duplicate.record_id.in_(some), Duplicate.kept_id.in_(some)))
            )
        )
    return found


def cluster_of(session: Session, review_id: int, record_id: int) -> list[int]:
    """The records of the cluster in which a record of this review stands, the kept one first.

    Raises:
        NoSuchRecord: the review has no such record, or its import was taken back.
    """
    wanted = clusters(review_id).where(Record.id == record_id)
    found = session.execute(wanted).first()
    if found is None:
        raise NoSuchRecord(_("There is no record %(id)s in this review.", id=record_id))
    return members(session, found.kept_id)


def homes(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """The kept records of those of some records that stand under another."""
    wanted = select(Duplicate.record_id, Duplicate.kept_id)
    rows = (session.execute(wanted.where(Duplicate.record_id.in_(some))) for some in portions(record_ids))
    return {row.record_id: row.kept_id for some in rows for row in some}


def joined(session: Session, review_id: int, by: str | None, page: int, size: int) -> tuple[list[int], int]:
    """One page of clusters of more than one record, as ids of their kept records, and how many clusters there are.

    `by` leaves those in which a person (BY_PERSON) or the engine (BY_ENGINE) put at least one record.
    """
    wanted = select(Duplicate.kept_id).where(Duplicate.record_id.in_(standing_records(review_id)))
    if by == BY_PERSON:
        wanted = wanted.where(Duplicate.decided_by.is_not(None))
    elif by == BY_ENGINE:
        wanted = wanted.where(Duplicate.decided_by.is_(None))
    total = session.scalar(select(func.count()).select_from(wanted.distinct().subquery())) or 0
    some = wanted.distinct().order_by(Duplicate.kept_id).offset((page - 1) * size).limit(size)
    return list(session.scalars(some)), total


@dataclass(frozen=True, slots=True)
class Standing:
    """One duplicate as it stands: the record, the kept one, the pair it joins, who decided (None: the engine), why."""

    record_id: int
    kept_id: int
    low_id: int
    high_id: int
    decided_by: int | None
    rule: str = ""
    reason: str = ""
    engine: str | None = None
    decided_at: datetime | None = None

    @property
    def pair(self) -> "Pair":
        """The two records of which the reason speaks."""
        return self.low_id, self.high_id


def duplicates_of(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[int, Standing]:
    """The duplicates of a review by their record, all of them or those among some records."""
    columns = (Duplicate.record_id, Duplicate.kept_id, Duplicate.low_id, Duplicate.high_id, Duplicate.decided_by,
               Duplicate.rule, Duplicate.reason, Duplicate.engine, Duplicate.decided_at)  # fmt: skip
    wanted = select(*columns).join(Record, Record.id == Duplicate.record_id).where(Record.review_id == review_id)
    if among is not None:
        rows = [row for some in portions(among) for row in session.execute(wanted.where(Duplicate.record_id.in_(some)))]
    else:
        rows = list(session.execute(wanted))
    return {row.record_id: Standing(*row) for row in rows}
