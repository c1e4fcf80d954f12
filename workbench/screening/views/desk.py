"""What the screening desk of one reviewer shows: the next record, what it is judged by, and one's own votes in hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from workbench.deduplication.queries import merged as whole
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.queries import version_in_force
from workbench.protocols.rules import Plan, plan_of
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import ExclusionReason, Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Vote
from workbench.screening.queries import alike, lists, merged, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Ballot, Decision, StageRule
from workbench.screening.service import voting
from workbench.screening.views.reading import Shown, shown
from workbench.web.transactions import short_write

AHEAD = 5
"""So many records are on their way to the desk at once."""


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

    @property
    def goal(self) -> int:
        """All records that are or were one's own to judge."""
        return max(1, self.left + self.done)


def desk_of(
    session: Session, reviewer: Member, stage: Stage, again: Record | None = None, given: Ballot | None = None
) -> Desk:
    """The desk with the next record; or with one that the reviewer looks at again, with the ballot given on it."""
    version = version_in_force(session, reviewer.review_id)
    rule, plan = queries.stage_rule(session, reviewer.review_id, stage), plan_of(version.document)
    record = again or _next(session, reviewer, rule)
    earlier = queries.own_vote(session, reviewer, record.id, stage) if record else None
    return Desk(
        stage=stage, rule=rule, plan=plan, version=version,
        state=State.RECORD if record else _why_none(session, reviewer, rule),
        record=show(session, [record], rule, plan, reviewer.name)[0] if record else None,
        given=given or (queue.ballot_of(earlier) if again and earlier else None),
        turn=earlier.turn if earlier else 0,
        reasons=reasons_of(session, reviewer, rule),
        left=_how_many_wait(session, reviewer, rule) if queries.may_vote(reviewer, rule) else 0,
        done=queries.n_voted(session, reviewer, stage),
        in_hand=queries.in_hand(session, reviewer, stage),
    )  # fmt: skip


def _how_many_wait(session: Session, reviewer: Member, rule: StageRule) -> int:
    return queue.how_many_wait(session, reviewer, rule, merged.held_back(session, reviewer.review_id, rule.stage))


def reasons_of(session: Session, reviewer: Member, rule: StageRule) -> Sequence[ExclusionReason]:
    """The reasons to choose from; at title-abstract only where the rule asks for them."""
    asked = rule.reasons_asked or rule.stage is Stage.FULL_TEXT
    return reviews.reasons(session, reviewer.review_id, rule.stage) if asked else []


def in_hand_again(session: Session, reviewer: Member, stage: Stage, record_id: int) -> Record | None:
    """A record that the reviewer voted on, while that vote can be changed; None where there is no such vote."""
    record = queries.screenable(session, reviewer.review_id, record_id)
    vote = queries.own_vote(session, reviewer, record_id, stage)
    return None if vote is None or queries.is_handed_in(session, vote) else record


def show(session: Session, records: Sequence[Record], rule: StageRule, plan: Plan, reader: str = "") -> list[Shown]:
    """These records as the desk shows them to the reader of this name, each as its whole cluster tells it."""
    ids = [record.id for record in records]
    found, links = {} if rule.masked else lists.found_in(session, ids), alike.linked(session, ids)
    return [
        shown(
            report, plan.highlights, found.get(report.id, []), masked=rule.masked, limits=plan.limits, reader=reader,
            links=links[report.id],
        )
        for report in whole.reports(session, records)
    ]  # fmt: skip


def _next(session: Session, reviewer: Member, rule: StageRule) -> Record | None:
    """The next record; where places must be held, a short write beside the page holds its place."""
    if voting.needs_places(session, reviewer.review_id, rule):
        with short_write() as own:
            turns = voting.serve(own, reviewer, rule.stage, 1)
    else:
        turns = voting.serve(session, reviewer, rule.stage, 1)
    return session.get_one(Record, turns[0].record_id) if turns else None


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
    return queue.ballot_of(vote) == ballot or vote.decision is ballot.decision is Decision.WITHDRAWN
