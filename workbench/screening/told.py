"""What programs are told of the screening, the same by the API and by the command line: plain values, reasons as codes.

A record comes through what the desk shows, so that what a stage masks is masked here too; a conflict comes through what
its page shows to the same person, so that nobody gets more of it here (B1, B5).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from markupsafe import Markup
from sqlalchemy.orm import Session

from workbench.protocols.queries import plan_in_force
from workbench.reviews.models import Member
from workbench.reviews.queries import reasons
from workbench.reviews.rules import Stage
from workbench.screening.models import Proposal, Settlement, Vote
from workbench.screening.queries import lists, queue
from workbench.screening.queries import votes as queries
from workbench.screening.queries.desk import terms_of
from workbench.screening.queries.lists import Own
from workbench.screening.queries.queue import ballot_of
from workbench.screening.queries.reasons import reason_codes
from workbench.screening.rules import Ballot, Decision, Design, LimitRule, Look, Path, StageRule, Variant, Verdict
from workbench.screening.views.case import Case, Part, Saying, Side
from workbench.screening.views.conflicts import Sorted
from workbench.screening.views.desk import show
from workbench.screening.views.reading import Shown

Codes = Mapping[int, str]
_MARK = re.compile(r"</?mark[^<>]*>")
"""The one tag that the desk puts into a text; everything else in it is escaped."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of an abstract, with its label where it has one."""

    label: str | None
    text: str


@dataclass(frozen=True)
class Card:
    """A record as the stage shows it; where the stage masks, authors, journal, identifiers and sources are not told."""

    record: Annotated[int, "Named by the vote on it."]
    title: str
    abstract: Annotated[Sequence[Paragraph], "Empty where no abstract came with the record."]
    keywords: Sequence[str]
    subject_headings: Sequence[str]
    publication_types: Sequence[str]
    year: int | None
    language: Annotated[str | None, "Two letters, null where not known."]
    is_masked: bool
    authors: Sequence[str]
    journal: str | None
    doi: str | None
    pmid: str | None
    sources: Sequence[str]
    outside_limits: Annotated[Sequence[LimitRule], "Limits of the protocol that it is outside of."]


@dataclass(frozen=True)
class Cards:
    """The next records for this person; empty where none waits, or the stage is not open to them."""

    items: Sequence[Card]


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


@dataclass(frozen=True)
class ProposalTold:
    """A way out of a conflict that a voter proposed."""

    id: Annotated[int, "Named by who agrees to it."]
    verdict: Verdict
    reason: str | None
    questions: Sequence[str]
    design: Design | None
    statement: str


@dataclass(frozen=True)
class OpenConflict:
    """One open conflict, with what the asker can do about it."""

    record: int
    title: str | None
    part: Annotated[Part, "voter: discuss and propose; judge: decide as a third person; onlooker: nothing."]
    proposal: Annotated[ProposalTold | None, "The newest one, told to the voters."]


@dataclass(frozen=True)
class OpenConflicts:
    """The open conflicts of a stage."""

    items: Sequence[OpenConflict]


@dataclass(frozen=True)
class SideTold:
    """One of the votes that differ; the name is told only to a third person who asked for it."""

    who: str
    is_mine: bool
    name: str | None
    decision: Decision
    reason: str | None
    questions: Sequence[str]
    design: Design | None
    note: str | None
    tags: Sequence[str]


@dataclass(frozen=True)
class SayingTold:
    """One thing that was said or proposed."""

    who: str
    is_mine: bool
    at: datetime
    text: str
    proposal: ProposalTold | None


@dataclass(frozen=True)
class SettlementTold:
    """How a conflict ended."""

    verdict: Verdict
    path: Path
    reason: str | None
    questions: Sequence[str]
    design: Design | None
    statement: str
    settled_at: datetime


@dataclass(frozen=True)
class ConflictTold:
    """One conflict as this person may see it; sides and talk are empty where they may not be seen yet."""

    card: Card
    stage: Stage
    part: Part
    looks: Annotated[Sequence[Look], "What this person has asked to see as a third person."]
    sides: Sequence[SideTold]
    talk: Sequence[SayingTold]
    suggested_reason: Annotated[str | None, "Where reasons differ: the one higher on the list; proposed, not taken."]
    settlement: SettlementTold | None


def cards(session: Session, reviewer: Member, rule: StageRule, record_ids: Sequence[int]) -> list[Card]:
    """These records as the stage shows them to this person."""
    records = lists.records_by_id(session, record_ids)
    plan = plan_in_force(session, reviewer.review_id)
    return [
        card(one) for one in show(session, records, rule, plan, terms_of(session, reviewer, plan).all, reviewer.name)
    ]


def card(one: Shown) -> Card:
    """A record as the desk shows it, without the marks of highlighted terms."""
    return Card(
        one.id, _bare(one.title), [Paragraph(part.label, _bare(part.text)) for part in one.abstract],
        [_bare(word) for word in one.keywords], [_bare(word) for word in one.headings], one.kinds, one.year,
        one.lang, one.is_masked, one.authors, one.journal, one.doi, one.pmid, one.sources, one.outside,
    )  # fmt: skip


def _bare(text: str) -> str:
    """A text without our marks; what the record itself wrote in pointed brackets stays."""
    return Markup(_MARK.sub("", text)).unescape() if isinstance(text, Markup) else text  # noqa: S704


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


def open_conflicts(session: Session, member: Member, found: Sorted) -> OpenConflicts:
    """The open conflicts of a stage: those to discuss, those to decide, the others."""
    codes = reason_codes(session, member.review_id)
    parts = ((Part.VOTER, found.to_discuss), (Part.JUDGE, found.to_decide), (Part.ONLOOKER, found.of_others))
    return OpenConflicts(
        [
            OpenConflict(one.record.id, one.record.title, part, _proposal(one.proposal, codes))
            for part, some in parts
            for one in some
        ]
    )


def conflict(session: Session, member: Member, case: Case) -> ConflictTold:
    """One conflict, as its page shows it to the same person."""
    codes = reason_codes(session, member.review_id)
    return ConflictTold(
        card(case.record), case.stage, case.part, sorted(case.looks), [_side(one, codes) for one in case.sides],
        [_saying(one, codes) for one in case.talk], codes.get(case.suggested or 0),
        _settlement(case.settlement, codes) if case.settlement else None,
    )  # fmt: skip


def _own(one: Own, codes: Codes) -> OwnVote:
    return _vote(one.vote, codes, is_handed_in=one.is_handed_in)


def _vote(vote: Vote, codes: Codes, *, is_handed_in: bool) -> OwnVote:
    said = ballot_of(vote)
    return OwnVote(
        vote.record_id, said.decision, _code(said, codes), said.questions, said.design, said.note, said.private_note,
        said.tags, vote.turn, is_handed_in, vote.cast_at,
    )  # fmt: skip


def _code(said: Ballot, codes: Codes) -> str | None:
    return codes.get(said.reason_id or 0)


def _side(one: Side, codes: Codes) -> SideTold:
    said = one.ballot
    return SideTold(
        one.who, one.is_mine, one.name, said.decision, _code(said, codes), said.questions, said.design, said.note,
        said.tags,
    )  # fmt: skip


def _saying(one: Saying, codes: Codes) -> SayingTold:
    return SayingTold(one.who, one.is_mine, one.at, one.text, _proposal(one.proposal, codes))


def _proposal(one: Proposal | None, codes: Codes) -> ProposalTold | None:
    if one is None:
        return None
    questions = (one.questions or "").split()
    return ProposalTold(one.id, one.verdict, codes.get(one.reason_id or 0), questions, one.design, one.statement)


def _settlement(one: Settlement, codes: Codes) -> SettlementTold:
    questions = (one.questions or "").split()
    return SettlementTold(
        one.verdict, one.path, codes.get(one.reason_id or 0), questions, one.design, one.statement, one.settled_at
    )
