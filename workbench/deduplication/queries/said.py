"""What people said of pairs of records, and what of it counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, exists, or_, select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication.models import Answer, LinkKind, Verdict
from workbench.deduplication.queries.standing import KNOWN, Pair, homes, in_order
from workbench.deduplication.rules.people import Saying, in_force, is_open
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Import, Record
from workbench.reviews.models import Member


@dataclass(frozen=True, slots=True)
class Said:
    """What counts of a pair: an answer with its link, and who gave it, or who was the second to give it."""

    id: int
    answer: Answer
    member_id: int
    said_at: datetime
    link: LinkKind | None = None
    pointing_id: int | None = None
    alone: bool = True


def verdicts(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[Pair, Said]:
    """What counts of the pairs of this review's records that count, or of those among some records.

    An answer that waits for a second person counts nowhere, and a pair that was put off has none.
    """
    said = answers(session, review_id, among)
    return {pair: found for pair, rows in said.items() if (found := counted(rows)) is not None}


def open_pairs(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Those of some pairs of which everybody may know what was said."""
    found = _by_pair(session, _standing().where(Verdict.low_id.in_(sorted({low for low, _high in pairs}))))
    return {pair for pair, rows in found.items() if pair in pairs and is_open([_saying(one) for one in rows])}


def said_of(session: Session, pair: Pair) -> list[Said]:
    """Every answer to a pair that was not taken back, in the order of time; being put off is none."""
    wanted = _standing().where(Verdict.low_id == pair[0], Verdict.high_id == pair[1]).order_by(Verdict.id)
    return [_as_said(row) for row in session.execute(wanted)]


def answers(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[Pair, list[Said]]:
    """Every answer not taken back to pairs of this review's records that count, or of those among some records."""
    if among is not None:
        ids = sorted(among)
        return _by_pair(session, _standing().where(Verdict.low_id.in_(ids), Verdict.high_id.in_(ids)))
    return _by_pair(session, _answers_of(review_id))


@lru_cache(maxsize=KNOWN)
def _answers_of(review_id: int) -> Select[*tuple[Any, ...]]:
    return of_counting(_standing(), Verdict, review_id)


def of_counting(wanted: Select[*tuple[Any, ...]], table: Any, review_id: int) -> Select[*tuple[Any, ...]]:
    """Pairs of this review, of which both records count; joined, since two lists of ids would be walked crosswise."""
    for end in (table.low_id, table.high_id):
        record, arrived = aliased(Record), aliased(Import)
        wanted = wanted.join(record, record.id == end).join(arrived, arrived.id == record.import_id)
        wanted = wanted.where(
            record.review_id == review_id, arrived.completed_at.is_not(None), arrived.taken_back_at.is_(None)
        )
    return wanted


def _by_pair(session: Session, wanted: Select[*tuple[Any, ...]]) -> dict[Pair, list[Said]]:
    found: dict[Pair, list[Said]] = {}
    for row in session.execute(wanted.order_by(Verdict.id)):
        found.setdefault((row.low_id, row.high_id), []).append(_as_said(row))
    return found


def _standing() -> Select[*tuple[Any, ...]]:
    columns = (Verdict.id, Verdict.low_id, Verdict.high_id, Verdict.answer, Verdict.member_id, Verdict.said_at,
               Verdict.link, Verdict.pointing_id, Verdict.alone)  # fmt: skip
    return select(*columns).where(Verdict.withdrawn_at.is_(None), Verdict.answer != Answer.LATER)


def _as_said(row: Row[Any]) -> Said:
    return Said(row.id, row.answer, row.member_id, row.said_at, row.link, row.pointing_id, row.alone)


def _saying(one: Said) -> Saying:
    return Saying(one.member_id, (one.answer, one.link, one.pointing_id), one.alone)


def counted(said: Sequence[Said]) -> Said | None:
    """Which of the answers to one pair counts."""
    found = in_force([_saying(one) for one in said])
    return next((one for one in reversed(said) if _saying(one) == found), None)


def differ(said: Sequence[Said]) -> bool:
    """Whether two people answered one pair and did not say the same."""
    return counted(said) is None and is_open([_saying(one) for one in said])


def people_asked(session: Session, review_id: int) -> int:
    """How many people the protocol in force asks about each pair."""
    return plan_in_force(session, review_id).deduplication.people


def is_done(session: Session, member: Member, act: str) -> bool:
    """Whether a deed of this member under this key was done before."""
    return session.scalar(select(exists().where(Verdict.member_id == member.id, Verdict.act == act))) or False


def in_hand(session: Session, member: Member, act: str | None = None) -> list[Verdict]:
    """What a member said in one deed and may take back: in the last of this review, or in the one under this key.

    Where two people are asked, an answer is out of one's hand once the other has answered too.
    """
    other = aliased(Verdict)
    same_pair = (other.low_id == Verdict.low_id, other.high_id == Verdict.high_id, other.member_id != member.id)
    answered = exists().where(*same_pair, other.withdrawn_at.is_(None), other.answer != Answer.LATER)
    mine = (
        select(Verdict)
        .join(Record, Record.id == Verdict.low_id)
        .where(Verdict.member_id == member.id, Verdict.withdrawn_at.is_(None), Record.review_id == member.review_id)
        .where(or_(Verdict.alone, Verdict.answer == Answer.LATER, ~answered))
    )
    last = session.scalars(mine.order_by(Verdict.id.desc()).limit(1)).first() if act is None else None
    if act is None and last is None:
        return []
    together = mine.where(Verdict.act == (last.act if last else act))
    return list(session.scalars(together.order_by(Verdict.id)))


def kept_homes(session: Session, said: Mapping[Pair, Said]) -> set[Pair]:
    """Kept records of clusters that people keep apart, as pairs."""
    pairs = [pair for pair, one in said.items() if one.answer.parts]
    home = homes(session, {record for pair in pairs for record in pair})
    return {in_order(home.get(low, low), home.get(high, high)) for low, high in pairs}
