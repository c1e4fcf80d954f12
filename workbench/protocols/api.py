"""One review as its protocol in force fixes it, for programs: questions, criteria, reasons, rules of the stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.queries import version_in_force
from workbench.protocols.rules import plan_of
from workbench.protocols.rules.plan import Criterion, ExclusionReason, Highlights, Question, StagePlan
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Role, Stage
from workbench.web.api import answers
from workbench.web.transactions import current_session

bp = Blueprint("protocols_api", __name__)


@dataclass(frozen=True)
class AskedOutcome:
    """An outcome that a question asks about."""

    name: str
    importance: str | None


@dataclass(frozen=True)
class AskedQuestion:
    """One question of the review, in the parts of PICO."""

    code: Annotated[str, "Named by a vote that includes a full text."]
    text: str
    population: str
    intervention: str
    comparison: str | None
    outcomes: Sequence[AskedOutcome]
    study_designs: Sequence[str]


@dataclass(frozen=True)
class EligibilityCriterion:
    """A criterion; no questions means all of them."""

    code: str
    text: str
    includes: Annotated[bool, "Whether it stands on the list of what is included."]
    questions: Sequence[str]
    applies_at: Sequence[Stage]


@dataclass(frozen=True)
class Reason:
    """A reason to exclude; the first of the list that applies is the one to name."""

    code: Annotated[str, "Named by a vote that excludes for this reason."]
    label: str
    applies_at: Sequence[Stage]
    concerns_outcome_data: Annotated[bool, "Unusable outcome data alone is no ground to exclude (MECIR C40)."]


@dataclass(frozen=True)
class RuleOfStage:
    """The rule of one stage in the protocol in force; a stage that is open keeps the one it was opened under."""

    stage: Stage
    variant: str
    votes: int
    check_percent: float | None
    reasons_asked: bool
    masked: bool
    order: str
    voters: Annotated[Sequence[str], "Roles and addresses; empty where everybody with the role may vote."]
    adjudicators: Sequence[str]


@dataclass(frozen=True)
class Terms:
    """Words that the protocol wants to be seen; a * at the end stands for any ending."""

    include: Sequence[str]
    exclude: Sequence[str]


@dataclass(frozen=True)
class Version:
    """The version of the protocol that is in force."""

    number: int
    plan_sha256: str
    registered_at: datetime


@dataclass(frozen=True)
class ReviewTold:
    """One review: who the person is in it, and what the protocol in force asks."""

    slug: str
    title: str
    roles: Sequence[Role]
    version: Version
    questions: Sequence[AskedQuestion]
    criteria: Sequence[EligibilityCriterion]
    exclusion_reasons: Sequence[Reason]
    stages: Sequence[RuleOfStage]
    terms: Terms


@bp.get("/reviews/<slug>")
@door(Deed.LOOK, Scope.READ)
@answers(ReviewTold)
def review(slug: str) -> ReviewTold:
    """Tell one review: questions, criteria, exclusion reasons and stage rules, as the protocol in force has them."""
    member = asking_member()
    return _told(member, version_in_force(current_session(), member.review_id))


def _told(member: Member, version: ProtocolVersion) -> ReviewTold:
    plan = plan_of(version.document)
    return ReviewTold(
        member.review.slug, member.review.title, sorted(member.roles),
        Version(version.number, version.plan_sha256, version.registered_at),
        [_question(one) for one in plan.questions], [_criterion(one) for one in plan.criteria],
        [_reason(one) for one in plan.exclusion_reasons], [_rule(one) for one in plan.stages.values()],
        _terms(plan.highlights),
    )  # fmt: skip


def _question(one: Question) -> AskedQuestion:
    outcomes = [AskedOutcome(outcome.name, outcome.importance) for outcome in one.outcomes]
    return AskedQuestion(
        one.id, one.text, one.population, one.intervention, one.comparison, outcomes, one.study_designs
    )


def _criterion(one: Criterion) -> EligibilityCriterion:
    return EligibilityCriterion(one.id, one.text, one.includes, one.questions, one.applies_at)


def _reason(one: ExclusionReason) -> Reason:
    return Reason(one.id, one.label, one.applies_at, one.concerns_outcome_data)


def _rule(one: StagePlan) -> RuleOfStage:
    return RuleOfStage(
        one.stage, one.variant, one.votes, one.check_percent, one.reasons_asked, one.masked, one.order, one.voters,
        one.adjudicators,
    )  # fmt: skip


def _terms(terms: Highlights) -> Terms:
    return Terms(terms.include, terms.exclude)
