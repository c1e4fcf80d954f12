"""How far a stage is: what is done, awaited and in conflict, how much each person still has to give, and when it ends.

Only that people voted is counted, never what they said (B1), and only what is handed in; one's own pace is one's own.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Bar, HandIn, Vote
from workbench.screening.queries import votes as queries
from workbench.screening.queries.again import to_answer
from workbench.screening.queries.arranged import still_counts
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.lists import judged_here
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import kept_id, of_team, standing_records
from workbench.screening.rules import Decision, Origin, Outcome, StageRule

LOOK_BACK = 14
"""Days over which a pace is taken, so that a weekend or a holiday does not change it much."""
A_SITTING = timedelta(minutes=10)
"""A longer pause between two votes is no part of the work."""
A_GLANCE = timedelta(seconds=1)
"""Votes that come faster are a script's or a list's, and tell nothing of a person's pace."""
NEWEST = 500
"""One's newest votes, from which one's own pace is taken."""

Allotted = Mapping[int, AbstractSet[int]]
"""The kept records that each member is to judge, by the member's id."""


@dataclass(frozen=True)
class Pace:
    """So many votes in so many days, and so many still to give."""

    votes: int
    days: int
    left: int
    today: date

    @property
    def a_day(self) -> float:
        """Votes a day."""
        return self.votes / self.days

    @property
    def end(self) -> date | None:
        """The day on which the last vote is given if all goes on like this; None where nothing goes on or is left.

        >>> Pace(votes=28, days=14, left=9, today=date(2026, 5, 12)).end
        datetime.date(2026, 5, 17)
        """
        if not self.votes or not self.left:
            return None
        days = -(-self.left * self.days // self.votes)
        return self.today + timedelta(days=days) if days < 3650 else None


@dataclass(frozen=True)
class Share:
    """What one person has given and can still give at a stage; handed-in votes only."""

    member: Member
    given: int
    waiting: int
    """Records on which this person's vote can still be asked."""
    awaited: int
    """Of those, the ones on which somebody else has voted: only this second vote is missing (B7)."""
    conflicts: int
    may_vote: bool


@dataclass(frozen=True)
class Progress:
    """Where a stage stands, counted in records and in votes."""

    total: int
    settled: int
    """All votes are in, and they agree or their conflict is settled."""
    conflicts: int
    awaited: int
    """At least one vote is in and another is missing."""
    untouched: int
    votes_left: int
    """Votes that are still asked, at the least where the first may decide alone."""
    pace: Pace
    left_by_day: Sequence[tuple[date, int]]
    shares: Sequence[Share]
    is_shared: bool
    """More people may vote than votes are asked, so what waits for one may be done by another."""


@dataclass(frozen=True)
class OwnPace:
    """One's own pace; nobody else sees it (B10)."""

    given: int
    in_hand: int
    waiting: int
    pace: Pace
    an_hour: float | None
    """Votes an hour while at it; None before there are enough."""


@dataclass(frozen=True)
class _Facts:
    """What progress is counted from."""

    records: AbstractSet[int]
    pending: AbstractSet[int]
    conflicts: AbstractSet[int]
    given: Mapping[int, Mapping[int, datetime]]
    """When each person's first vote on a record was handed in, by record and person, in the order of hand-in."""
    barred: AbstractSet[tuple[int, int]]


def progress(session: Session, review_id: int, rule: StageRule, allotted: Allotted | None = None) -> Progress:
    """Count how far a stage is.

    Args:
        session: reading is enough.
        review_id: the review.
        rule: the rule that the stage was opened under.
        allotted: which records are whose, where they are shared out; where not given everyone may judge any.
    """
    facts = _facts(session, review_id, rule)
    members = reviews.team(session, review_id)
    voters = [member for member in members if queries.may_vote(member, rule)]
    awaited = {one for one in facts.pending if one in facts.given}
    left, today, moments = _votes_left(facts, rule), now().date(), _moments(facts, rule)
    return Progress(
        total=len(facts.records),
        settled=len(facts.records) - len(facts.pending) - len(facts.conflicts),
        conflicts=len(facts.conflicts),
        awaited=len(awaited),
        untouched=len(facts.pending) - len(awaited),
        votes_left=left,
        pace=_pace(moments, left, today),
        left_by_day=_left_by_day(moments, left, today),
        shares=_shares(members, voters, facts, allotted),
        is_shared=allotted is None and len(voters) > rule.most_votes,
    )


def own_pace(session: Session, member: Member, rule: StageRule, waiting: int) -> OwnPace:
    """One's own pace, from one's newest votes.

    `waiting` is what one's share says, votes in hand not yet taken off. What one is asked again is added here and not
    in the share: that one's own votes differ is nobody else's business (B1).
    """
    wanted = select(Vote.cast_at).where(
        Vote.reviewer_id == member.id, Vote.stage == rule.stage, Vote.decision != Decision.WITHDRAWN, is_current(Vote)
    )
    moments = sorted(session.scalars(wanted.order_by(Vote.id.desc()).limit(NEWEST)))
    in_hand = queries.in_hand(session, member, rule.stage)
    left = max(0, waiting - sum(vote.origin is not Origin.ASKED_AGAIN for vote in in_hand))
    left += len(to_answer(session, member, rule))
    given = queries.n_voted(session, member, rule.stage)
    return OwnPace(given, len(in_hand), left, _pace(moments, left, now().date()), an_hour(moments))


def an_hour(moments: Sequence[datetime]) -> float | None:
    """Votes an hour, from the middle one of the pauses between votes of one sitting; None with less than ten pauses.

    >>> from datetime import UTC
    >>> begin = datetime(2026, 5, 12, 8, tzinfo=UTC)
    >>> an_hour([begin + timedelta(minutes=n) for n in range(12)])
    60.0
    """
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    at_it = [pause.total_seconds() for pause in pauses if A_GLANCE <= pause < A_SITTING]
    return 3600 / median(at_it) if len(at_it) >= 10 else None


def _facts(session: Session, review_id: int, rule: StageRule) -> _Facts:
    stood = decided_standings(session, review_id, rule)
    every = set(session.scalars(standing_records(review_id)))
    if rule.stage is Stage.FULL_TEXT:
        every &= judged_here(session, review_id)
    conflicts = {one.record_id for one in stood.values() if one.outcome is Outcome.CONFLICT}
    return _Facts(every, every - stood.keys(), conflicts & every, _given(session, review_id, rule, every),
                  _barred(session, review_id))  # fmt: skip


def _given(
    session: Session, review_id: int, rule: StageRule, among: AbstractSet[int]
) -> Mapping[int, Mapping[int, datetime]]:
    rows = session.execute(
        select(kept_id(Vote.record_id), Vote.reviewer_id, HandIn.handed_in_at)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == rule.stage,
            of_team(review_id),
            Vote.decision != Decision.WITHDRAWN,
            *still_counts(rule.arranged, Vote),
        )
        .order_by(HandIn.id)
    )
    given: dict[int, dict[int, datetime]] = {}
    for kept, reviewer_id, at in rows:
        if kept in among:
            given.setdefault(kept, {}).setdefault(reviewer_id, at)
    return given


def _barred(session: Session, review_id: int) -> AbstractSet[tuple[int, int]]:
    """Who does not vote on which kept record; a bar holds for the whole cluster (B12)."""
    rows = session.execute(
        select(Bar.member_id, kept_id(Bar.record_id))
        .join(Record, Record.id == Bar.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Bar.record_id)
        .where(Record.review_id == review_id, Bar.lifted_at.is_(None))
    )
    return {(member_id, kept) for member_id, kept in rows}


def _votes_left(facts: _Facts, rule: StageRule) -> int:
    """Votes still asked: of an untouched record two where two people judge all of them, else one at the least."""
    fresh = rule.most_votes if rule.is_independent else 1
    return sum(1 if one in facts.given else fresh for one in facts.pending)


def _moments(facts: _Facts, rule: StageRule) -> list[datetime]:
    """When each vote was handed in that counted towards its record, in order."""
    return sorted(at for given in facts.given.values() for at in [*given.values()][: rule.most_votes])


def _pace(moments: Sequence[datetime], left: int, today: date) -> Pace:
    """The votes of the last days; of a stage that began later, since its first one."""
    begin = today - timedelta(days=LOOK_BACK - 1)
    recent = [at.date() for at in moments if at.date() >= begin]
    began_before = bool(moments) and moments[0].date() < begin
    days = LOOK_BACK if began_before or not recent else (today - recent[0]).days + 1
    return Pace(len(recent), max(1, days), left, today)


def _left_by_day(moments: Sequence[datetime], left: int, today: date) -> list[tuple[date, int]]:
    """Votes that were left at the end of each day, from the day before the first one was handed in."""
    if not moments:
        return []
    by_day = Counter(at.date() for at in moments)
    first = min(by_day) - timedelta(days=1)
    after, found = left, []
    for back in range(max(0, (today - first).days) + 1):
        day = today - timedelta(days=back)
        found.append((day, after))
        after += by_day[day]
    return found[::-1]


def _shares(
    members: Collection[Member], voters: Collection[Member], facts: _Facts, allotted: Allotted | None
) -> list[Share]:
    given = Counter(who for people in facts.given.values() for who in people)
    in_conflict = Counter(who for one in facts.conflicts for who in facts.given.get(one, ()))
    return [
        _share(member, given[member.id], in_conflict[member.id], facts, allotted, may_vote=member in voters)
        for member in members
        if member in voters or given[member.id]
    ]


def _share(
    member: Member, given: int, conflicts: int, facts: _Facts, allotted: Allotted | None, *, may_vote: bool
) -> Share:
    mine = facts.pending if allotted is None else facts.pending & allotted.get(member.id, frozenset())
    waiting = [
        one
        for one in (mine if may_vote else ())
        if member.id not in facts.given.get(one, ()) and (member.id, one) not in facts.barred
    ]
    return Share(member, given, len(waiting), sum(one in facts.given for one in waiting), conflicts, may_vote=may_vote)
