"""Reading pilot rounds: their samples, whom they wait for, and, once they are open, what everybody said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import (
    Bar,
    HandIn,
    PilotRecord,
    PilotRound,
    PilotVoter,
    Rank,
    Settlement,
    Vote,
)
from workbench.screening.queries import merged, reports
from workbench.screening.queries.arranged import criteria_version
from workbench.screening.queries.ballots import ballot_of, is_current
from workbench.screening.queries.lists import records_by_id
from workbench.screening.queries.outcomes import kept_id, standing_records
from workbench.screening.queries.queue import pilot_that_waits
from workbench.screening.rules import Decision, Found, Origin, StageRule
from workbench.words import _


class NoSuchRound(NotFound):
    """A pilot round belongs to one stage of one review."""

    hint = "The page of the pilot rounds lists every one."


@dataclass(frozen=True)
class Asked:
    """One person whom a round asks: for how many records, and on how many a vote is handed in."""

    member: Member
    asked: int
    handed_in: int
    is_released: bool

    @property
    def is_waited_for(self) -> bool:
        """Whether the round cannot open before this person hands in."""
        return not self.is_released and self.handed_in < self.asked


@dataclass(frozen=True)
class Read:
    """One record of an open round, with each voter's vote by member id; None: barred or released."""

    record: Record
    votes: Mapping[int, Vote | None]
    differs: bool


def rounds(session: Session, review_id: int, stage: Stage) -> Sequence[PilotRound]:
    """Every pilot round of a stage, the newest first."""
    wanted = select(PilotRound).where(PilotRound.review_id == review_id, PilotRound.stage == stage)
    return session.scalars(wanted.order_by(PilotRound.number.desc())).all()


def running(session: Session, review_id: int, stage: Stage) -> PilotRound | None:
    """The round that has not opened yet; there is at most one."""
    wanted = select(PilotRound).where(
        PilotRound.review_id == review_id, PilotRound.stage == stage, PilotRound.opened_at.is_(None)
    )
    return session.scalar(wanted)


def pilot_round(session: Session, review_id: int, stage: Stage, number: int) -> PilotRound:
    """One round by its number.

    Raises:
        NoSuchRound: the stage has none of this number.
    """
    wanted = select(PilotRound).where(
        PilotRound.review_id == review_id, PilotRound.stage == stage, PilotRound.number == number
    )
    found = session.scalar(wanted)
    if found is None:
        raise NoSuchRound(_("There is no pilot round %(n)s at this stage.", n=number))
    return found


def that_asks(session: Session, reviewer: Member, rule: StageRule) -> PilotRound | None:
    """The round that asks this reviewer and has not opened yet; None where there is none."""
    waits = pilot_that_waits(session, reviewer, rule)
    return session.get_one(PilotRound, waits) if waits else None


def candidates(session: Session, review_id: int, stage: Stage) -> list[int]:
    """Kept records that can be drawn: nobody has voted on them, nothing settles them, no earlier round had them.

    At full text they are retrieved, too. It shows that there is a vote, never what it says (B1).
    """
    voted = _kept_of(Vote).where(Vote.stage == stage, Vote.decision != Decision.WITHDRAWN, is_current(Vote))
    settled = _kept_of(Settlement).where(Settlement.stage == stage)
    drawn = _kept_of(PilotRecord).where(PilotRecord.stage == stage)
    wanted = standing_records(review_id).where(
        Record.id.in_(select(Rank.record_id).where(Rank.review_id == review_id, Rank.stage == stage)),
        *(Record.id.not_in(some.correlate(None)) for some in (voted, settled, drawn)),
    )
    found = list(session.scalars(wanted.order_by(Record.id)))
    if stage is Stage.FULL_TEXT:
        there = {one.record.id for one in reports.reports(session, review_id) if one.found is Found.RETRIEVED}
        found = [one for one in found if one in there]
    return found


def sample(session: Session, of: PilotRound) -> list[int]:
    """The kept records of a round that still count, in the order in which they were drawn."""
    kept = _kept_of(PilotRecord).where(PilotRecord.round_id == of.id)
    stands = set(session.scalars(standing_records(of.review_id).where(Record.id.in_(kept.correlate(None)))))
    drawn = session.scalars(kept.order_by(PilotRecord.id))
    return [one for one in dict.fromkeys(drawn) if one in stands]


def progress(session: Session, of: PilotRound) -> list[Asked]:
    """Whom a round asks, and how far each has handed in; totals of work done, which B1 allows to show.

    A round that runs does not ask for a report that was joined with another one and is settled or held back since.
    """
    records = set(sample(session, of))
    if of.opened_at is None:
        settled = _kept_of(Settlement).where(Settlement.stage == of.stage)
        records -= {*session.scalars(settled), *merged.held_back(session, of.review_id, of.stage)}
    barred = _pairs(session, Bar.member_id, Bar, Bar.lifted_at.is_(None))
    since = criteria_version(session, of.review_id) if of.opened_at is None else 0
    members = select(Duplicate.record_id).where(Duplicate.kept_id.in_(records))
    done = _pairs(
        session,
        Vote.reviewer_id,
        Vote,
        or_(Vote.record_id.in_(records), Vote.record_id.in_(members.correlate(None))),
        Vote.stage == of.stage,
        Vote.decision != Decision.WITHDRAWN,
        Vote.protocol_version_id >= since,
        exists().where(HandIn.vote_id == Vote.id),
    )
    voters = session.execute(
        select(PilotVoter, Member)
        .join(Member, Member.id == PilotVoter.member_id)
        .where(PilotVoter.round_id == of.id)
        .order_by(Member.id)
    )
    found = []
    for voter, member in voters:
        mine = {one for one in records if (member.id, one) not in barred}
        handed_in = sum((member.id, one) in done for one in mine)
        found.append(Asked(member, len(mine), handed_in, bool(voter.released_at or member.left_at)))
    return found


def is_complete(session: Session, of: PilotRound) -> bool:
    """Whether everybody whom the round waits for has handed in on all of its records."""
    return not any(one.is_waited_for for one in progress(session, of))


def last_hand_in(session: Session, of: PilotRound) -> datetime | None:
    """When the people of a round handed in last, at its stage."""
    wanted = select(func.max(HandIn.handed_in_at)).join(Vote, Vote.id == HandIn.vote_id)
    asked = select(PilotVoter.member_id).where(PilotVoter.round_id == of.id)
    return session.scalar(wanted.where(Vote.reviewer_id.in_(asked), Vote.stage == of.stage))


def said(session: Session, of: PilotRound) -> list[Read]:
    """What everybody said of each record of a round; the caller has made sure that the round is open."""
    kept = kept_id(Vote.record_id)
    rows = session.execute(
        select(kept, Vote)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == of.stage,
            Vote.origin == Origin.PILOT,
            Vote.decision != Decision.WITHDRAWN,
            HandIn.handed_in_at <= of.opened_at,
            kept.in_(_kept_of(PilotRecord).where(PilotRecord.round_id == of.id).correlate(None)),
        )
        .order_by(Vote.id)
    )
    votes: dict[int, dict[int, Vote]] = {}
    for record_id, vote in rows:
        votes.setdefault(record_id, {})[vote.reviewer_id] = vote
    people = list(session.scalars(select(PilotVoter.member_id).where(PilotVoter.round_id == of.id)))
    return [
        Read(record, {one: given.get(one) for one in people}, _differ(given, of.stage))
        for record in records_by_id(session, sample(session, of))
        for given in [votes.get(record.id, {})]
    ]


def _differ(votes: Mapping[int, Vote], stage: Stage) -> bool:
    return len({ballot_of(vote).says(stage) for vote in votes.values()}) > 1


def _kept_of(table: type[Vote | Settlement | PilotRecord | Bar]) -> Select[int]:
    """The records that stand for those of this table."""
    wanted = select(kept_id(table.record_id)).select_from(table)
    return wanted.outerjoin(Duplicate, Duplicate.record_id == table.record_id)


def _pairs(
    session: Session, person: InstrumentedAttribute[int], table: type[Vote | Bar], *which: ColumnElement[bool]
) -> set[tuple[int, int]]:
    """Person and kept record of the rows of a table."""
    wanted = _kept_of(table).where(and_(*which)).add_columns(person)
    return {(who, record_id) for record_id, who in session.execute(wanted)}
