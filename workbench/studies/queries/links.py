"""How reports belong together, by what the engine found and by what people said of pairs of records."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication.models import Answer, Duplicate, RecordLink

AT_ONCE = 5000
"""How many ids go into one question to the database."""


class ReportLink(NamedTuple):
    """One report is this of another: its erratum, its congress abstract; both named by their kept records."""

    first_id: int
    second_id: int
    kind: str
    reason: str


def links(session: Session, review_id: int) -> list[ReportLink]:
    """Every link between two reports of a review, each once; what people said comes first."""
    said = [*_by_people(session, review_id), *_by_engine(session, review_id)]
    kept = _kept(session, {end for one in said for end in (one.first_id, one.second_id)})
    found: dict[tuple[int, int, str], ReportLink] = {}
    for one in said:
        first, second = kept.get(one.first_id, one.first_id), kept.get(one.second_id, one.second_id)
        if first != second:
            found.setdefault((first, second, one.kind), ReportLink(first, second, one.kind, one.reason))
    return list(found.values())


def _by_people(session: Session, review_id: int) -> Iterator[ReportLink]:
    for (low, high), said in deduplication.verdicts(session, review_id).items():
        if said.answer is Answer.LINKED and said.link and said.pointing_id:
            yield ReportLink(said.pointing_id, low + high - said.pointing_id, said.link.value, "")


def _by_engine(session: Session, review_id: int) -> Iterator[ReportLink]:
    wanted = select(RecordLink.first_id, RecordLink.second_id, RecordLink.kind, RecordLink.reason)
    rows = session.execute(wanted.where(RecordLink.review_id == review_id).order_by(RecordLink.id))
    return (ReportLink(*row) for row in rows)


def _kept(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """The kept records of those of these that are duplicates; asked in parts, since a list of ids has its limit."""
    ids = sorted(record_ids)
    found: dict[int, int] = {}
    for start in range(0, len(ids), AT_ONCE):
        wanted = select(Duplicate.record_id, Duplicate.kept_id)
        rows = session.execute(wanted.where(Duplicate.record_id.in_(ids[start : start + AT_ONCE])))
        found |= {row.record_id: row.kept_id for row in rows}
    return found
