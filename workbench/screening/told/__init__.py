"""What programs are told of the screening, the same by the API and by the command line: plain values, reasons as codes.

A record comes through what the desk shows, so that what a stage masks is masked here too; a conflict comes through what
its page shows to the same person, so that nobody gets more of it here (B1, B5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.reviews.models import Member
from workbench.reviews.queries import reasons
from workbench.reviews.rules import Stage
from workbench.screening.models import Vote
from workbench.screening.queries import lists, queue
from workbench.screening.queries import votes as queries
from workbench.screening.queries.ballots import ballot_of
from workbench.screening.queries.lists import Own
from workbench.screening.queries.reasons import reason_codes
from workbench.screening.rules import Decision, Design, StageRule, Variant

Codes = Mapping[int, str]


@dataclass(frozen=True)
class OwnVote:
    """One of one's own votes as it stands."""

    record: int
    decision: Decision
    reason: Annotated[str | None, "The code of the exclusion reason."]
    questions: Annotated[Sequence[str], "Codes of the questions that the report answers."]
    design: Design | None
    note: Annotated[str | None, "Opens with the vote."]
    private_note: Annotated[str | None, "Nobody else ever sees it."]
    tags: Sequence[str]
    page: Annotated[int | None, "The page of the full text on which the decision rests."]
    quote: Annotated[str | None, "The words on that page; they open with the vote."]
    quoted_from: Annotated[int | None, "The file of the report that has the page."]
    turn: Annotated[int, "How many votes one has cast on this record."]
    is_handed_in: Annotated[bool, "Final; else it is in hand and can be changed or withdrawn."]
    cast_at: datetime


@dataclass(frozen=True)
class OwnVotes:
    """One page of one's own votes, newest first."""

    items: Sequence[OwnVote]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class NamedReason:
    """An exclusion reason in force at the stage."""

    code: str
    label: str


@dataclass(frozen=True)
class OwnProgress:
    """One's own progress; what one decided is shown to nobody else while the stage is open (B10)."""

    left: Annotated[int, "Records that wait for this person now."]
    voted: Annotated[int, "Records with a vote of one's own."]
    in_hand: Annotated[int, "Votes that can still be changed; finishing hands them in."]
    included: int
    excluded: int
    unclear: int


@dataclass(frozen=True)
class StageTold:
    """One stage as it stands for one person: its rule, the reasons, and their own progress."""

    stage: Stage
    is_open: bool
    may_vote: bool
    protocol_version: Annotated[int, "The version whose rule the stage was last opened under."]
    variant: Variant
    votes: Annotated[int, "The most votes one record can need."]
    check_percent: float
    reasons_asked: bool
    masked: bool
    order: str
    reasons: Annotated[Sequence[NamedReason], "In order of priority: name the first that applies."]
    mine: OwnProgress


def stage_told(session: Session, member: Member, stage: Stage) -> StageTold:
    """The stage as it stands for this person."""
    rule, version = (
        queries.stage_rule(session, member.review_id, stage), queries.stage_version(session, member.review_id, stage)
    )  # fmt: skip
    return StageTold(
        stage, queries.is_running(session, member.review_id, stage), queries.may_vote(member, rule), version.number,
        rule.variant, rule.most_votes, rule.check_percent, rule.reasons_asked, rule.masked, rule.order,
        [NamedReason(one.code, one.label) for one in reasons(session, member.review_id, stage)],
        own_progress(session, member, rule),
    )  # fmt: skip


def own_progress(session: Session, member: Member, rule: StageRule) -> OwnProgress:
    """How far this person is at the stage."""
    decided = lists.own_decisions(session, member, rule.stage)
    return OwnProgress(
        left=queue.how_many_wait(session, member, rule) if queries.may_vote(member, rule) else 0,
        voted=queries.n_voted(session, member, rule.stage),
        in_hand=len(queries.in_hand(session, member, rule.stage)),
        included=decided[Decision.INCLUDE],
        excluded=decided[Decision.EXCLUDE],
        unclear=decided[Decision.UNCLEAR],
    )


def own_votes(session: Session, reviewer: Member, stage: Stage, number: int) -> OwnVotes:
    """One page of this person's votes at the stage, newest first."""
    page, codes = lists.own_votes(session, reviewer, stage, number), reason_codes(session, reviewer.review_id)
    return OwnVotes([_own(one, codes) for one in page.rows], page.total, page.number, page.last)


def one_vote(session: Session, reviewer: Member, vote: Vote) -> OwnVote:
    """One vote of this person."""
    is_final = queries.is_handed_in(session, vote)
    return _vote(vote, reason_codes(session, reviewer.review_id), is_handed_in=is_final)


def _own(one: Own, codes: Codes) -> OwnVote:
    return _vote(one.vote, codes, is_handed_in=one.is_handed_in)


def _vote(vote: Vote, codes: Codes, *, is_handed_in: bool) -> OwnVote:
    said = ballot_of(vote)
    return OwnVote(
        vote.record_id, said.decision, codes.get(said.reason_id or 0), said.questions, said.design, said.note,
        said.private_note, said.tags, said.page, said.quote, said.quoted_from, vote.turn, is_handed_in, vote.cast_at,
    )  # fmt: skip
