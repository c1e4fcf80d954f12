"""A report as its records tell it together: each field from the fullest of them or from the one a person chose."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate, FieldChoice
from workbench.deduplication.rules.fullest import FIELDS, put_together
from workbench.records.models import Record

COLUMNS = tuple(getattr(Record, field) for field in FIELDS)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose choice the value of a field is."""

    field: str
    record_id: int
    member_id: int
    chosen_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What the records of one cluster tell of their report; `sources` names the record that gives each field."""

    id: int
    """The kept record."""
    title: str | None
    original_title: str | None
    authors: list[str]
    year: int | None
    date: str | None
    journal: str | None
    journal_abbreviation: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    doi: str | None
    pmid: str | None
    pmcid: str | None
    embase_id: str | None
    cochrane_id: str | None
    registry_ids: list[str]
    issn: list[str]
    isbn: list[str]
    abstract: str | None
    keywords: list[str]
    subject_headings: list[str]
    languages: list[str]
    publication_types: list[str]
    databases: list[str]
    urls: list[str]
    kind: str | None
    found: Mapping[str, Any]
    """How each value was found in the record that gives it."""
    sources: Mapping[str, int]

    @property
    def from_others(self) -> dict[str, int]:
        """The fields that another record than the kept one gives."""
        return {field: record for field, record in self.sources.items() if record != self.id}


def reports(session: Session, records: Sequence[Record]) -> list[Report]:
    """These kept records as reports, in this order; two statements, one where none has a duplicate."""
    kept = [record.id for record in records]
    others: dict[int, list[Row[Any]]] = {}
    for row in session.execute(_members(kept)):
        others.setdefault(row.kept_id, []).append(row)
    ids = [*kept, *(row.id for rows in others.values() for row in rows)]
    chosen = choices(session, ids) if others else {}
    return [_report(record, others.get(record.id, []), chosen) for record in records]


@dataclass(frozen=True, slots=True)
class FromOthers:
    """The fields of a report that other records than the kept one give, with their values."""

    values: Mapping[str, Any]
    sources: Mapping[str, int]

    @property
    def listed(self) -> str:
        """Which record gives which field, for a cell of a table."""
        return "; ".join(f"{field}: {record}" for field, record in self.sources.items())


def told_by_others(session: Session, kept_ids: Collection[int]) -> dict[int, FromOthers]:
    """For those of these kept records that are told more fully by their clusters: what others give."""
    doubled = select(Duplicate.kept_id).where(Duplicate.kept_id.in_(sorted(kept_ids)))
    records = session.scalars(select(Record).where(Record.id.in_(doubled)).order_by(Record.id)).all()
    told = reports(session, records) if records else []
    return {
        one.id: FromOthers({field: getattr(one, field) for field in one.from_others}, one.from_others)
        for one in told
        if one.from_others
    }


def choices(session: Session, record_ids: Collection[int]) -> dict[int, list[Chosen]]:
    """What people chose from these records, the newest last, by record."""
    wanted = (
        select(FieldChoice.field, FieldChoice.record_id, FieldChoice.member_id, FieldChoice.chosen_at)
        .where(FieldChoice.record_id.in_(sorted(record_ids)), FieldChoice.withdrawn_at.is_(None))
        .order_by(FieldChoice.id)
    )
    found: dict[int, list[Chosen]] = {}
    for row in session.execute(wanted):
        found.setdefault(row.record_id, []).append(Chosen(*row))
    return found


def newest(chosen: Mapping[int, Sequence[Chosen]], record_ids: Collection[int]) -> dict[str, Chosen]:
    """Which choice counts for each field, of those from these records."""
    some = [one for record in record_ids for one in chosen.get(record, ())]
    return {one.field: one for one in sorted(some, key=lambda one: one.chosen_at)}


def _members(kept: Collection[int]) -> Select[*tuple[Any, ...]]:
    wanted = select(Duplicate.kept_id, Record.id, Record.found, *COLUMNS).join(Record, Record.id == Duplicate.record_id)
    return wanted.where(Duplicate.kept_id.in_(kept)).order_by(Record.id)


def _report(record: Record, others: Sequence[Row[Any]], chosen: Mapping[int, Sequence[Chosen]]) -> Report:
    members = [(record.id, {field: getattr(record, field) for field in FIELDS})]
    members += [(row.id, {field: getattr(row, field) for field in FIELDS}) for row in others]
    told = newest(chosen, [one for one, _values in members])
    values, sources = put_together(members, {field: one.record_id for field, one in told.items()})
    how = {record.id: record.found} | {row.id: row.found for row in others}
    found = {field: how[of][field] for field, of in sources.items() if field in how[of]}
    return Report(id=record.id, found=found, sources=sources, **values)
