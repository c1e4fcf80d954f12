"""One conflict as its page shows it: who asks decides what is on it (B1, B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import Plan
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import ExclusionReason, Member, Question
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.models import Message, Proposal, Settlement, Vote
from workbench.screening.queries import conflicts, merged
from workbench.screening.queries import votes as queries
from workbench.screening.queries.ballots import ballot_of
from workbench.screening.queries.desk import terms_of
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Look, Outcome, StageRule, shuffled
from workbench.screening.views.desk import show
from workbench.screening.views.reading import Shown
from workbench.words import _


class NoSuchConflict(NotFound):
    """A conflict has a page once all votes are handed in and differ; settled, it keeps the page."""

    hint = "The list of conflicts names every one of this stage."


class Part(StrEnum):
    """What the reader is in one conflict."""

    VOTER = "voter"
    JUDGE = "judge"
    ONLOOKER = "onlooker"


@dataclass(frozen=True)
class Side:
    """One of the votes that differ; the name is there only for an adjudicator who asked for it."""

    who: str
    is_mine: bool
    ballot: Ballot
    reason: ExclusionReason | None
    name: str | None


@dataclass(frozen=True)
class Saying:
    """One thing that was said or proposed."""

    who: str
    at: datetime
    text: str
    proposal: Proposal | None = None
    is_mine: bool = False
    is_newest: bool = False
    is_spent: bool = False
    """The report was settled since it was proposed."""


@dataclass(frozen=True)
class Case:
    """One conflict; `sides` and `talk` are empty where the reader may not see them."""

    record: Shown
    stage: Stage
    rule: StageRule
    plan: Plan
    part: Part
    settlement: Settlement | None
    sides: Sequence[Side]
    talk: Sequence[Saying]
    looks: frozenset[Look]
    reasons: Sequence[ExclusionReason]
    questions: Sequence[Question]
    labels: Mapping[int, str]
    """Every exclusion reason of the review as it is printed, by its id."""
    is_merged: bool
    """Whether votes were given on several records that proved to be one: they may have stood at different outcomes."""
    met_by_merge: bool
    """Whether its voters judged different records of the report; such a pair is left out of agreement."""
    earlier: Sequence[Settlement]
    """Settlements of the members that an open conflict brings into question, for those who see the votes."""

    @property
    def is_full_text(self) -> bool:
        """Whether reports are judged here, with reasons, questions and design."""
        return self.stage is Stage.FULL_TEXT

    @property
    def newest(self) -> Saying | None:
        """The proposal that counts."""
        return next((one for one in self.talk if one.is_newest and not one.is_spent), None)

    @property
    def suggested(self) -> int | None:
        """Where two people exclude a report for different reasons: the reason higher on the list (B9)."""
        named = [side.reason for side in self.sides if side.ballot.decision is Decision.EXCLUDE and side.reason]
        if not self.is_full_text or len(named) < 2 or len(named) < len(self.sides):
            return None
        return min(named, key=lambda reason: reason.position).id


def case_of(session: Session, member: Member, record: Record, stage: Stage) -> Case:
    """The conflict on a kept record, as this member may see it.

    Raises:
        NoSuchConflict: the record is not open yet, or its votes agree.
    """
    rule = queries.stage_rule(session, member.review_id, stage)
    settlement = _settlement(session, member, record, rule)
    votes = queries.counted_votes(session, member.review_id, record.id, stage)
    members = queries.cluster(session, record.id)
    part, looks = _part(session, member, record, rule, votes), queries.looks(session, member, record.id, stage)
    sees, name = _sight(part, looks, rule)
    plan = plan_in_force(session, member.review_id)
    who, terms = _Voices(member, votes), terms_of(session, member, plan).all
    return Case(
        record=show(session, [record], rule, plan, terms)[0], stage=stage, rule=rule, plan=plan, part=part,
        settlement=settlement, looks=frozenset(looks),
        sides=_sides(session, who, names=name) if sees else [],
        talk=_talk(session, record.id, stage, who) if sees else [],
        reasons=reviews.reasons(session, member.review_id, stage),
        questions=reviews.questions(session, member.review_id),
        labels=conflicts.reason_labels(session, member.review_id), is_merged=_is_merged(session, record, stage),
        met_by_merge=record.id in merged.met_by_merge(session, [record.id], stage),
        earlier=conflicts.settlements(session, members, stage) if sees and settlement is None else [],
    )  # fmt: skip


def _is_merged(session: Session, record: Record, stage: Stage) -> bool:
    """Whether the report was put together after its votes; before them it makes no difference to who judges it."""
    return len({vote.record_id for vote in queries.open_votes(session, record.id, stage)}) > 1


def _settlement(session: Session, member: Member, record: Record, rule: StageRule) -> Settlement | None:
    """How the conflict ended; None while it is open, also where two settled records proved to be one report."""
    found = standings(session, member.review_id, rule, only=[record.id])
    if found and found[0].outcome is Outcome.CONFLICT:
        return None
    settlement = queries.settlement(session, record.id, rule.stage)
    if settlement is None:
        raise NoSuchConflict(_("Record %(id)s is not in conflict.", id=record.id))
    return settlement


def _part(session: Session, member: Member, record: Record, rule: StageRule, votes: Sequence[Vote]) -> Part:
    if member.id in {vote.reviewer_id for vote in votes}:
        return Part.VOTER if may(member.roles, Deed.SETTLE, rule.stage) else Part.ONLOOKER
    stands_apart = member.id not in queries.voters(session, record.id, rule.stage)
    barred = queries.is_barred(session, member.id, record.id)
    return Part.JUDGE if queries.may_adjudicate(member, rule) and stands_apart and not barred else Part.ONLOOKER


def _sight(part: Part, looks: set[Look], rule: StageRule) -> tuple[bool, bool]:
    """Whether the reader sees the votes and the discussion, and whether with names."""
    if part is Part.JUDGE:
        reasons = rule.reasons_at_once or bool(looks)
        return reasons, reasons and Look.NAMES in looks
    return part is Part.VOTER, False


class _Voices:
    """How each voter is called on the page, in an order drawn once for each reader."""

    def __init__(self, reader: Member, votes: Sequence[Vote]) -> None:
        self._reader = reader
        self.votes = sorted(votes, key=lambda vote: shuffled(reader.id, vote.id))
        words = (_("One reviewer"), _("The other reviewer"))
        self._words = {vote.reviewer_id: word for vote, word in zip(self.votes, words, strict=False)}

    def __call__(self, member_id: int) -> str:
        return _("You") if member_id == self._reader.id else self._words.get(member_id, _("Another reviewer"))

    def is_reader(self, member_id: int) -> bool:
        """Whether this is the reader."""
        return member_id == self._reader.id


def _sides(session: Session, who: _Voices, *, names: bool) -> list[Side]:
    return [
        Side(
            who(vote.reviewer_id),
            who.is_reader(vote.reviewer_id),
            ballot_of(vote),
            session.get(ExclusionReason, vote.reason_id) if vote.reason_id else None,
            session.get_one(Member, vote.reviewer_id).name if names else None,
        )
        for vote in who.votes
    ]


def _talk(session: Session, record_id: int, stage: Stage, who: _Voices) -> list[Saying]:
    """What was said and proposed, in the order of time."""
    proposed = conflicts.proposals(session, queries.cluster(session, record_id), stage)
    said = [_said(one, who) for one in queries.discussion(session, record_id, stage)]
    counts = queries.proposal(session, record_id, stage)
    ways = [_way(one, who, is_newest=one is proposed[-1], is_spent=one is not counts) for one in proposed]
    return sorted([*said, *ways], key=attrgetter("at"))


def _said(message: Message, who: _Voices) -> Saying:
    return Saying(who(message.member_id), message.said_at, message.text, is_mine=who.is_reader(message.member_id))


def _way(one: Proposal, who: _Voices, *, is_newest: bool, is_spent: bool) -> Saying:
    mine = who.is_reader(one.member_id)
    return Saying(who(one.member_id), one.proposed_at, one.statement, one, mine, is_newest, is_spent)
