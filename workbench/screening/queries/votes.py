"""Reading votes: one's own, whose stand beside each other once a record is open, and what keeps a stage going."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from workbench.accounts.models import User
from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.queries import plan_of_version, which_in_force
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.models import Bar, HandIn, Looked, Message, Proposal, Removal, Settlement, StageEvent, Vote
from workbench.screening.queries.arranged import arranged
from workbench.screening.queries.ballots import ballot_of, is_current
from workbench.screening.queries.outcomes import handed_in_for_pilots, kept_id, settled_records, standings
from workbench.screening.rules import (
    Decision,
    Look,
    Origin,
    Outcome,
    StageDeed,
    StageRule,
    counting,
    is_history,
    is_named,
    rule_of,
)
from workbench.words import _


class NoSuchRecord(NotFound):
    """A record is screened in its own review, while its import stands."""


@dataclass(frozen=True)
class Barring:
    """A bar with the title of its record, the name of whom it keeps from voting, and of who set it."""

    bar: Bar
    title: str | None
    name: str
    by: str


def last_event(session: Session, review_id: int, stage: Stage) -> StageEvent | None:
    """What happened to the stage last."""
    wanted = select(StageEvent).where(StageEvent.review_id == review_id, StageEvent.stage == stage)
    return session.scalars(wanted.order_by(StageEvent.id.desc()).limit(1)).first()


def is_running(session: Session, review_id: int, stage: Stage) -> bool:
    """Whether the stage is open for votes."""
    event = last_event(session, review_id, stage)
    return event is not None and event.deed is not StageDeed.CLOSED


def stage_rule(session: Session, review_id: int, stage: Stage) -> StageRule:
    """The rule the stage was last opened under; before that, the one of the protocol in force."""
    plan = plan_of_version(session, *_which_version(session, review_id, stage)).stages[stage]
    return rule_of(plan, arranged(session, review_id, stage))


def stage_version(session: Session, review_id: int, stage: Stage) -> ProtocolVersion:
    """The protocol version that the stage was last opened under; before that, the one in force."""
    return session.get_one(ProtocolVersion, _which_version(session, review_id, stage)[0])


def _which_version(session: Session, review_id: int, stage: Stage) -> tuple[int, datetime]:
    opened = (
        select(ProtocolVersion.id, ProtocolVersion.registered_at)
        .join(StageEvent, StageEvent.protocol_version_id == ProtocolVersion.id)
        .where(StageEvent.review_id == review_id, StageEvent.stage == stage, StageEvent.deed != StageDeed.CLOSED)
        .order_by(StageEvent.id.desc())
        .limit(1)
    )
    found = session.execute(opened).first()
    return (found[0], found[1]) if found else which_in_force(session, review_id)


def may_vote(member: Member, rule: StageRule) -> bool:
    """Whether role and protocol let this person vote at the stage."""
    return may(member.roles, Deed.VOTE, rule.stage) and is_named(rule.voters, member.roles, member.user.email)


def may_adjudicate(member: Member, rule: StageRule) -> bool:
    """Whether role and protocol let this person adjudicate at the stage."""
    return may(member.roles, Deed.ADJUDICATE, rule.stage) and is_named(
        rule.adjudicators, member.roles, member.user.email
    )


def is_senior(member: Member, rule: StageRule) -> bool:
    """Whether the rule asks for a senior in each pair and this person is one."""
    return bool(rule.seniors) and is_named(rule.seniors, member.roles, member.user.email)


def screenable(session: Session, review_id: int, record_id: int) -> Record:
    """A record of this review whose import stands.

    Raises:
        NoSuchRecord: it is another review's, or its import was taken back.
    """
    check_screenable(session, review_id, record_id)
    return session.get_one(Record, record_id)


def check_screenable(session: Session, review_id: int, record_id: int) -> None:
    """The same without reading the record, which is long: every vote asks it."""
    stands = (Import.completed_at.is_not(None), Import.taken_back_at.is_(None))
    wanted = select(Record.id).join(Import).where(Record.id == record_id, Record.review_id == review_id, *stands)
    if session.scalar(wanted) is None:
        raise NoSuchRecord(_("There is no record %(id)s in this review.", id=record_id))


def cluster(session: Session, record_id: int) -> list[int]:
    """The records of one report, the kept one first."""
    kept = kept_of(session, record_id)
    members = session.scalars(
        select(Duplicate.record_id).where(Duplicate.kept_id == kept).order_by(Duplicate.record_id)
    )
    return [kept, *members]


def kept_of(session: Session, record_id: int) -> int:
    """The record that stands for this one's report; itself where it is no duplicate."""
    return session.scalar(select(Duplicate.kept_id).where(Duplicate.record_id == record_id)) or record_id


def own_vote(session: Session, reviewer: Member, record_id: int, stage: Stage) -> Vote | None:
    """This reviewer's newest vote on exactly this record, withdrawn or not."""
    wanted = select(Vote).where(Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.record_id == record_id)
    return session.scalars(wanted.order_by(Vote.turn.desc()).limit(1)).first()


def vote_by_key(session: Session, reviewer: Member, key: str) -> Vote | None:
    """The vote that was sent with this key before."""
    return session.scalar(select(Vote).where(Vote.reviewer_id == reviewer.id, Vote.idempotency_key == key))


def is_handed_in(session: Session, vote: Vote) -> bool:
    """Whether the vote is final for its author."""
    return session.scalar(select(HandIn.id).where(HandIn.vote_id == vote.id)) is not None


def in_hand(session: Session, reviewer: Member, stage: Stage) -> Sequence[Vote]:
    """This reviewer's votes that can still be changed, newest first.

    Whatever hands votes in takes the oldest, so they are looked for above the newest that is handed in, and the answer
    takes as long however many votes there are.
    """
    final = select(Vote.id).where(
        Vote.reviewer_id == reviewer.id, Vote.stage == stage, exists(HandIn.id).where(HandIn.vote_id == Vote.id)
    )
    newest_final = func.coalesce(final.order_by(Vote.id.desc()).limit(1).correlate(None).scalar_subquery(), 0)
    wanted = _in_hand().where(Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.id > newest_final)
    return session.scalars(wanted.order_by(Vote.id.desc())).all()


def all_in_hand(session: Session, reviewer: Member, stage: Stage) -> Sequence[Vote]:
    """The same, looked for among all votes: two devices at once may leave one below a newer vote that is handed in."""
    wanted = _in_hand().where(Vote.reviewer_id == reviewer.id, Vote.stage == stage)
    return session.scalars(wanted.order_by(Vote.id.desc())).all()


def in_hand_since_before(session: Session, moment: datetime) -> Sequence[Vote]:
    """Everybody's votes in hand that were cast before this moment."""
    return session.scalars(_in_hand().where(Vote.cast_at < moment).order_by(Vote.id)).all()


@lru_cache(maxsize=1)
def _in_hand() -> Select[Vote]:
    """Looks for the hand-in first: among thousands of one person's votes it leaves twenty to look at further."""
    in_hand = not_(exists(HandIn.id).where(HandIn.vote_id == Vote.id))
    return select(Vote).where(in_hand, is_current(Vote), Vote.decision != Decision.WITHDRAWN)


def n_voted(session: Session, reviewer: Member, stage: Stage) -> int:
    """How many records this reviewer has a vote on; nobody else's business while the stage is open (B10)."""
    return (
        session.scalar(
            select(func.count(Vote.id)).where(
                Vote.reviewer_id == reviewer.id,
                Vote.stage == stage,
                is_current(Vote),
                Vote.decision != Decision.WITHDRAWN,
            )
        )
        or 0
    )


def is_open(session: Session, review_id: int, record_id: int, stage: Stage) -> bool:
    """Whether all votes that the rule asks for are handed in, so that they may be seen (B3)."""
    rule = stage_rule(session, review_id, stage)
    found = standings(session, review_id, rule, only=cluster(session, record_id)[:1])
    return bool(found) and found[0].outcome is not Outcome.PENDING


def open_votes(session: Session, record_id: int, stage: Stage) -> Sequence[Vote]:
    """The handed-in votes on a record's cluster; the caller has made sure that the record is open."""
    wanted = (
        select(Vote)
        .join(HandIn)
        .where(
            Vote.record_id.in_(cluster(session, record_id)), Vote.stage == stage, Vote.decision != Decision.WITHDRAWN
        )
    )
    return session.scalars(wanted.order_by(HandIn.id)).all()


def counted_votes(session: Session, review_id: int, record_id: int, stage: Stage) -> list[Vote]:
    """The votes that made the outcome of an open record: one per person, in the order of hand-in, surplus left out.

    The twin of `outcomes._counted` for one record. All votes of a pilot round count, until they are history. Votes on
    different records of one report that do not say the same count all, however many people they are: their members
    stood at different outcomes. Votes that led to a settlement count no more once another record joined the report,
    unless there are no others.
    Where one person's own votes differ on two records of the cluster, none of them is among these until that person's
    answer to being asked again is handed in.
    """
    rule = stage_rule(session, review_id, stage)
    given = open_votes(session, record_id, stage)
    votes = [vote for vote in given if not is_history(vote.origin, vote.protocol_version_id, rule.arranged)]
    settled = settled_records(session, review_id, stage, cluster(session, record_id)[:1])
    fresh = [vote for vote in votes if vote.record_id not in settled]
    counted = _agreed(fresh, stage) if fresh else _newest(votes)
    differs = (
        len({vote.record_id for vote in counted}) > 1 and len({ballot_of(vote).says(stage) for vote in counted}) > 1
    )
    if differs:
        return counted
    piloted = handed_in_for_pilots(session, review_id, stage, counted) if rule.arranged.piloted else set()
    ballots = [replace(ballot_of(vote), in_pilot=vote.id in piloted) for vote in counted]
    return [counted[place] for place in counting(ballots, rule)]


def _agreed(votes: Sequence[Vote], stage: Stage) -> list[Vote]:
    """One vote of each person whose votes say the same, or who was asked again."""
    answers = {vote.reviewer_id: vote for vote in votes if vote.origin is Origin.ASKED_AGAIN}
    by_person: dict[int, list[Vote]] = {}
    for vote in votes:
        if answers.get(vote.reviewer_id, vote) is vote:
            by_person.setdefault(vote.reviewer_id, []).append(vote)
    agreed = [own for own in by_person.values() if len({ballot_of(vote).says(stage) for vote in own}) == 1]
    return [max(own, key=lambda vote: vote.id) for own in agreed]


def _newest(votes: Sequence[Vote]) -> list[Vote]:
    """The newest vote of each person, in the order in which they first handed one in."""
    return list({vote.reviewer_id: vote for vote in sorted(votes, key=lambda vote: vote.id)}.values())


def voters(session: Session, record_id: int, stage: Stage) -> set[int]:
    """Who has voted on a record's cluster, in hand or handed in."""
    wanted = select(Vote.reviewer_id).where(
        Vote.record_id.in_(cluster(session, record_id)),
        Vote.stage == stage,
        is_current(Vote),
        Vote.decision != Decision.WITHDRAWN,
    )
    return set(session.scalars(wanted))


def voters_of(session: Session, record_ids: Collection[int], stage: Stage) -> dict[int, set[int]]:
    """Who has handed in a vote on each of these kept records' clusters."""
    kept = kept_id(Vote.record_id)
    rows = session.execute(
        select(kept, Vote.reviewer_id)
        .join(HandIn)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(Vote.stage == stage, kept.in_(record_ids), Vote.decision != Decision.WITHDRAWN)
    )
    found: dict[int, set[int]] = {record_id: set() for record_id in record_ids}
    for record_id, reviewer_id in rows:
        found[record_id].add(reviewer_id)
    return found


def settlement(session: Session, record_id: int, stage: Stage) -> Settlement | None:
    """How the conflict on this record's cluster ended, if it did."""
    wanted = select(Settlement).where(Settlement.record_id.in_(cluster(session, record_id)), Settlement.stage == stage)
    return session.scalars(wanted.order_by(Settlement.turn.desc(), Settlement.id.desc()).limit(1)).first()


def proposal(session: Session, record_id: int, stage: Stage) -> Proposal | None:
    """The newest way out that a voter proposed since the report was settled last; an earlier one is spent."""
    members = cluster(session, record_id)
    settled = select(func.max(Settlement.settled_at)).where(
        Settlement.record_id.in_(members), Settlement.stage == stage
    )
    used = select(Settlement.proposal_id).where(Settlement.record_id.in_(members), Settlement.proposal_id.is_not(None))
    wanted = select(Proposal).where(Proposal.record_id.in_(members), Proposal.stage == stage)
    last = session.scalar(settled)
    if last is not None:
        wanted = wanted.where(Proposal.proposed_at >= last, Proposal.id.not_in(used))
    return session.scalars(wanted.order_by(Proposal.id.desc()).limit(1)).first()


def discussion(session: Session, record_id: int, stage: Stage) -> Sequence[Message]:
    """What was said, oldest first."""
    wanted = select(Message).where(Message.record_id.in_(cluster(session, record_id)), Message.stage == stage)
    return session.scalars(wanted.order_by(Message.id)).all()


def looks(session: Session, member: Member, record_id: int, stage: Stage) -> set[Look]:
    """What this adjudicator has asked to see of this record."""
    wanted = select(Looked.what).where(
        Looked.member_id == member.id, Looked.record_id == record_id, Looked.stage == stage
    )
    return set(session.scalars(wanted))


def is_barred(session: Session, member_id: int, record_id: int) -> bool:
    """Whether this person does not vote on this record (B12)."""
    barred = session.scalars(select(Bar.record_id).where(Bar.member_id == member_id, Bar.lifted_at.is_(None))).all()
    return bool(barred) and not set(barred).isdisjoint(cluster(session, record_id))


def bars(session: Session, review_id: int) -> list[Barring]:
    """Every bar of the review, lifted ones too: they are printed in the methods text. Those that stand come first."""
    member, other = aliased(Member), aliased(Member)
    person, by = aliased(User), aliased(User)
    rows = session.execute(
        select(Bar, Record.title, person.name, by.name)
        .join(Record, Record.id == Bar.record_id)
        .join(member, member.id == Bar.member_id)
        .join(person, person.id == member.user_id)
        .join(other, other.id == Bar.barred_by)
        .join(by, by.id == other.user_id)
        .where(Record.review_id == review_id)
        .order_by(Bar.lifted_at.is_not(None), Bar.id)
    )
    return [Barring(*row) for row in rows]


def standing_bar(session: Session, member_id: int, record_id: int) -> Bar | None:
    """The bar that keeps this person from voting on exactly this record."""
    wanted = select(Bar).where(Bar.member_id == member_id, Bar.record_id == record_id, Bar.lifted_at.is_(None))
    return session.scalars(wanted.order_by(Bar.id).limit(1)).first()


def is_removed(session: Session, record_id: int) -> bool:
    """Whether a limit's list, accepted whole, took the whole report of this record away before screening."""
    members = cluster(session, record_id)
    n = session.scalar(select(func.count(Removal.id)).where(Removal.record_id.in_(members)))
    return n == len(members)


def has_votes(session: Session, import_id: int) -> bool:
    """Whether anybody has voted on a record of this import."""
    wanted = select(Vote.id).join(Record, Record.id == Vote.record_id).where(Record.import_id == import_id)
    return session.scalar(wanted.limit(1)) is not None


def clusters_with_votes(session: Session, review_id: int) -> list[set[int]]:
    """Clusters that hold a vote, and so all that are settled or read: they stay together until a person parts them."""
    voted = exists().where(or_(Vote.record_id == Duplicate.record_id, Vote.record_id == Duplicate.kept_id))
    rows = session.execute(
        select(Duplicate.kept_id, Duplicate.record_id)
        .join(Record, Record.id == Duplicate.record_id)
        .where(and_(Record.review_id == review_id, Duplicate.kept_id.in_(select(Duplicate.kept_id).where(voted))))
    )
    found: dict[int, set[int]] = {}
    for kept, record_id in rows:
        found.setdefault(kept, {kept}).add(record_id)
    return list(found.values())
