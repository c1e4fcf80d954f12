"""What the screening desk of one reviewer shows: the next record, what it is judged by, and one's own votes in hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from workbench.deduplication.queries import merged as whole
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.queries import version_in_force
from workbench.protocols.rules import Highlights, Plan, plan_of
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import ExclusionReason, Member
from workbench.reviews.rules import Stage
from workbench.screening.models import PilotRound, Vote
from workbench.screening.queries import alike, lists, merged, pilots, queue
from workbench.screening.queries import desk as own
from workbench.screening.queries import votes as queries
from workbench.screening.queries.ballots import ballot_of
from workbench.screening.rules import Ballot, Decision, StageRule, Wish, pace
from workbench.screening.service import voting
from workbench.screening.views.reading import Shown, shown
from workbench.web.transactions import short_write

AHEAD = 5
"""So many records are on their way to the desk at once."""

ALL = Wish()
"""The whole queue, not narrowed."""


class State(StrEnum):
    """Why the desk shows a record, or none."""

    RECORD = "record"
    CLOSED = "closed"
    NOT_NAMED = "not-named"
    PILOT = "pilot"
    EMPTY = "empty"
    DONE = "done"


@dataclass(frozen=True)
class Desk:
    """One reviewer's desk at one stage; every number is the reviewer's own."""

    stage: Stage
    rule: StageRule
    plan: Plan
    version: ProtocolVersion
    state: State
    record: Shown | None
    given: Ballot | None
    """One's own ballot on the record that is shown, where one looks at it again."""
    turn: int
    """How many votes one has cast on this record so far, so that a form sent twice is one vote."""
    reasons: Sequence[ExclusionReason]
    left: int
    done: int
    in_hand: Sequence[Vote]
    keys: own.Keys
    pace: int | None
    """Votes an hour, lately; shown to oneself only (B10)."""
    wish: Wish = ALL
    """What the desk is narrowed to."""
    look: "Look | None" = None
    """Where one looks at an own vote once more."""
    pilot: PilotRound | None = None
    """The pilot round whose records one is asked for; nothing else comes to the desk while it waits."""

    @property
    def goal(self) -> int:
        """All records that are or were one's own to judge."""
        return max(1, self.left + self.done)


@dataclass(frozen=True)
class Look:
    """One's own vote on the record that is shown: what it says, whether it is final, and the votes beside it."""

    is_final: bool
    earlier: int | None
    later: int | None


def desk_of(
    session: Session, reviewer: Member, stage: Stage, again: Record | None = None, given: Ballot | None = None,
    wish: Wish = ALL,
) -> Desk:  # fmt: skip
    """The desk with the next record; or with one that the reviewer looks at again, with the ballot given on it."""
    version = version_in_force(session, reviewer.review_id)
    rule, plan = queries.stage_rule(session, reviewer.review_id, stage), plan_of(version.document)
    record = again or _next(session, reviewer, rule, wish)
    earlier = queries.own_vote(session, reviewer, record.id, stage) if record else None
    terms = own.terms_of(session, reviewer, plan).all
    return Desk(
        stage=stage, rule=rule, plan=plan, version=version,
        state=State.RECORD if record else _why_none(session, reviewer, rule),
        record=show(session, [record], rule, plan, terms, reviewer.name)[0] if record else None,
        given=given or (_given(session, earlier) if again and earlier else None),
        turn=earlier.turn if earlier else 0,
        reasons=reasons_of(session, reviewer, rule),
        left=_how_many_wait(session, reviewer, rule, wish) if queries.may_vote(reviewer, rule) else 0,
        done=0 if wish else queries.n_voted(session, reviewer, stage),
        in_hand=queries.in_hand(session, reviewer, stage),
        keys=own.keys_of(session, reviewer.user_id),
        pace=pace(own.moments(session, reviewer, stage)),
        wish=wish,
        look=look_at(session, reviewer, stage, earlier) if again and earlier else None,
        pilot=pilots.that_asks(session, reviewer, rule),
    )  # fmt: skip


def _how_many_wait(session: Session, reviewer: Member, rule: StageRule, wish: Wish) -> int:
    return queue.how_many_wait(session, reviewer, rule, merged.held_back(session, reviewer.review_id, rule.stage), wish)


def look_at(session: Session, reviewer: Member, stage: Stage, vote: Vote) -> Look:
    """Where one of one's own votes stands among the others."""
    before = own.earlier(session, reviewer, stage, vote.record_id)
    after = own.later(session, reviewer, stage, vote.record_id)
    is_final = queries.is_handed_in(session, vote)
    return Look(is_final, before.record_id if before else None, after.record_id if after else None)


def _given(session: Session, vote: Vote) -> Ballot:
    """What one said of a record; after a withdrawal with the note, the private note and the tags of the vote before."""
    before = own.said_before(session, vote) if vote.decision is Decision.WITHDRAWN else None
    said = ballot_of(before or vote)
    return replace(said, decision=vote.decision, reason_id=vote.reason_id)


def reasons_of(session: Session, reviewer: Member, rule: StageRule) -> Sequence[ExclusionReason]:
    """The reasons to choose from; at title-abstract only where the rule asks for them."""
    asked = rule.reasons_asked or rule.stage is Stage.FULL_TEXT
    return reviews.reasons(session, reviewer.review_id, rule.stage) if asked else []


def voted_on(session: Session, reviewer: Member, stage: Stage, record_id: int) -> Record | None:
    """A record that the reviewer voted on, final or not; None where there is no vote."""
    record = queries.screenable(session, reviewer.review_id, record_id)
    return record if queries.own_vote(session, reviewer, record_id, stage) else None


def show(
    session: Session, records: Sequence[Record], rule: StageRule, plan: Plan, terms: Highlights, reader: str = ""
) -> list[Shown]:
    """These records with these terms marked, each as its whole cluster tells it."""
    ids = [record.id for record in records]
    found, links = {} if rule.masked else lists.found_in(session, ids), alike.linked(session, ids)
    return [
        shown(
            report, terms, found.get(report.id, []), masked=rule.masked, limits=plan.limits, reader=reader,
            links=links[report.id],
        )
        for report in whole.reports(session, records)
    ]  # fmt: skip


def _next(session: Session, reviewer: Member, rule: StageRule, wish: Wish) -> Record | None:
    turns = served(session, reviewer, rule, 1, (), wish)
    return session.get_one(Record, turns[0].record_id) if turns else None


def served(
    session: Session, reviewer: Member, rule: StageRule, limit: int, skip: Sequence[int], wish: Wish
) -> list[queue.Turn]:
    """The next records; where places must be held, a short write beside the page holds them."""
    if not voting.needs_places(session, reviewer.review_id, rule):
        return voting.serve(session, reviewer, rule.stage, limit, skip, wish)
    with short_write() as beside:
        return voting.serve(beside, reviewer, rule.stage, limit, skip, wish)


def _why_none(session: Session, reviewer: Member, rule: StageRule) -> State:
    if not queries.is_running(session, reviewer.review_id, rule.stage):
        return State.CLOSED
    if not queries.may_vote(reviewer, rule):
        return State.NOT_NAMED
    if queue.pilot_that_waits(session, reviewer, rule) is not None:
        return State.PILOT
    return State.DONE if lists.n_ranked(session, reviewer.review_id, rule.stage) else State.EMPTY


def says_the_same(vote: Vote | None, ballot: Ballot, turn: int) -> bool:
    """Whether a form was sent twice: a newer vote than the form knew says exactly this already."""
    if vote is None or vote.turn <= turn:
        return False
    return ballot_of(vote) == ballot or vote.decision is ballot.decision is Decision.WITHDRAWN
