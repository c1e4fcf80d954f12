"""Conflicts for programs: what the page of a conflict shows to the same person, and no more (B5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Proposal, Settlement
from workbench.screening.queries import votes as queries
from workbench.screening.queries.reasons import reason_codes
from workbench.screening.rules import Decision, Design, Look, Path, Verdict
from workbench.screening.told import Codes
from workbench.screening.told.records import Card, card
from workbench.screening.views.case import Case, Part, Saying, Side, case_of
from workbench.screening.views.conflicts import Sorted


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
    page: Annotated[int | None, "The page of the full text on which the decision rests."]
    quote: Annotated[str | None, "The words on that page."]
    quoted_from: Annotated[int | None, "The file of the report that has the page."]


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
        card(session, case.record, case.stage), case.stage, case.part, sorted(case.looks),
        [_side(one, codes) for one in case.sides], [_saying(one, codes) for one in case.talk],
        codes.get(case.suggested or 0), _settlement(case.settlement, codes) if case.settlement else None,
    )  # fmt: skip


def conflict_on(session: Session, member: Member, stage: Stage, record_id: int) -> ConflictTold:
    """The conflict on a report, by any of its records, as this person may see it."""
    queries.screenable(session, member.review_id, record_id)
    kept = session.get_one(Record, queries.cluster(session, record_id)[0])
    return conflict(session, member, case_of(session, member, kept, stage))


def _side(one: Side, codes: Codes) -> SideTold:
    said = one.ballot
    return SideTold(
        one.who, one.is_mine, one.name, said.decision, codes.get(said.reason_id or 0), said.questions, said.design,
        said.note, said.tags, said.page, said.quote, said.quoted_from,
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
