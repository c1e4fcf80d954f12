"""Late changes: retractions, concerns and errata of reports, as records and links tell, and who has looked at them."""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.deduplication import queries as deduplication
from workbench.records.models import Record
from workbench.records.rules.notices import MARKS, STAMP, NoticeKind, notices
from workbench.reviews.models import Member
from workbench.studies.models import NoticeSeen
from workbench.studies.queries.links import links

BY_LINK = {"retraction-of": NoticeKind.RETRACTION, "erratum-of": NoticeKind.ERRATUM}
IN_ORDER = list(NoticeKind)


@dataclass(frozen=True, slots=True)
class Late:
    """One late change of a report: what it is, where it was printed, and who looked at it first."""

    kind: NoticeKind
    words: str
    """Where the notice was printed, as the report's own record says; empty where it does not."""
    notice_id: int | None
    """The record of the notice itself, where it is among the records."""
    source: str
    """By what it is known again: the notice's record, or the fingerprint of what the report's record says."""
    seen_by: str | None = None
    seen_at: datetime | None = None


def late(session: Session, review_id: int, kept_ids: Collection[int]) -> dict[int, list[Late]]:
    """The late changes of these reports, by kept record; retractions first. A report without any is left out."""
    members = deduplication.members_of(session, kept_ids)
    kept = {record_id: one for one, records in members.items() for record_id in records}
    told: dict[int, dict[tuple[NoticeKind, str], Late]] = {}
    linked = _linked(session, review_id, kept_ids)
    numbers = _numbers(session, {one.notice_id for _of, one in linked if one.notice_id})
    for of, one in (*linked, *_told(session, kept)):
        _add(told.setdefault(of, {}), one, numbers)
    seen = _seen(session, kept)
    return {of: [_with_look(one, seen.get((of, *key))) for key, one in _in_order(some)] for of, some in told.items()}


def _add(some: dict[tuple[NoticeKind, str], Late], one: Late, numbers: dict[int, str]) -> None:
    """Add a late change; where the words name the PubMed number of a notice among the records, they are of that."""
    for key, known in some.items():
        number = numbers.get(known.notice_id or 0)
        if number and known.kind is one.kind and re.search(rf"\b{number}\b", one.words):
            some[key] = replace(known, words=known.words or one.words)
            return
    some.setdefault((one.kind, one.source), one)


def _in_order(some: dict[tuple[NoticeKind, str], Late]) -> list[tuple[tuple[NoticeKind, str], Late]]:
    """Retractions first; a stamp that names no place is left out where another tells of the same."""
    placed = {one.kind for one in some.values() if one.words or one.notice_id}
    told = [(key, one) for key, one in some.items() if one.words or one.notice_id or one.kind not in placed]
    return sorted(told, key=lambda pair: IN_ORDER.index(pair[1].kind))


def _with_look(one: Late, look: tuple[str, datetime] | None) -> Late:
    return one if look is None else replace(one, seen_by=look[0], seen_at=look[1])


def _linked(session: Session, review_id: int, kept_ids: Collection[int]) -> list[tuple[int, Late]]:
    """Notices that are records of the review themselves."""
    return [
        (one.second_id, Late(BY_LINK[one.kind], "", one.first_id, f"record:{one.first_id}"))
        for one in links(session, review_id)
        if one.kind in BY_LINK and one.second_id in kept_ids
    ]


def _numbers(session: Session, record_ids: Collection[int]) -> dict[int, str]:
    """The PubMed numbers of these records, as far as they have one."""
    rows = session.execute(select(Record.id, Record.pmid).where(Record.id.in_(sorted(record_ids))))
    return {row.id: row.pmid for row in rows if row.pmid and row.pmid.isdigit()}


def _told(session: Session, kept: dict[int, int]) -> Iterator[tuple[int, Late]]:
    """What the records of these reports say of themselves; only those that hold a mark of it are read."""
    raw = cast(Record.raw, Text)
    marked = or_(*(raw.contains(mark, autoescape=True) for mark in MARKS))
    stamped = or_(*(cast(column, Text).icontains(STAMP) for column in (Record.publication_types, Record.title)))
    wanted = select(Record.id, Record.raw, Record.publication_types, Record.title)
    rows = session.execute(wanted.where(Record.id.in_(kept), or_(marked, stamped)).order_by(Record.id))
    for record_id, tags, types, title in rows:
        for one in notices(tags or [], types, title):
            fingerprint = hashlib.sha256(one.source.encode()).hexdigest()[:40]
            yield kept[record_id], Late(one.kind, one.source, None, f"told:{fingerprint}")


def _seen(session: Session, kept: dict[int, int]) -> dict[tuple[int, NoticeKind, str], tuple[str, datetime]]:
    """Who looked first at which notice, by report."""
    wanted = (
        select(NoticeSeen, User.name)
        .join(Member, Member.id == NoticeSeen.member_id)
        .join(User, User.id == Member.user_id)
        .where(NoticeSeen.record_id.in_(kept))
        .order_by(NoticeSeen.id.desc())
    )
    return {(kept[row.record_id], row.kind, row.source): (name, row.seen_at) for row, name in session.execute(wanted)}
