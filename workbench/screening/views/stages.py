"""The hub of a stage: its rule, where its records stand, and what is one's own to do there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response

from workbench.protocols import writers
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import plan_of
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.queries import limits, lists, merged, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Decision, LimitRule, Outcome, StageRule
from workbench.screening.service import stages
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("stages", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>')

SHOWN_AS = {
    Outcome.INCLUDED: "include", Outcome.EXCLUDED: "exclude", Outcome.AWAITING: "unclear", Outcome.CONFLICT: "conflict",
    Outcome.PENDING: "open",
}  # fmt: skip
"""The sign and colour of each outcome, in the order in which they are told."""


@dataclass(frozen=True)
class Mine:
    """What one voter has done and has to do at a stage; nobody else sees it (B10)."""

    waiting: int
    in_hand: int
    decisions: Mapping[Decision, int]
    conflicts: int

    @property
    def done(self) -> int:
        """Records voted on."""
        return sum(self.decisions.values())

    @property
    def rate(self) -> float | None:
        """The share of one's own votes that keep a record in; None before the first vote."""
        kept = self.done - self.decisions[Decision.EXCLUDE]
        return kept / self.done if self.done else None


@dataclass(frozen=True)
class Outside:
    """How many records are outside each limit and without a vote, and the lists that were removed."""

    flagged: Mapping[LimitRule, int]
    removed: Sequence[limits.RemovedList]


@bp.get("")
@door(Deed.LOOK)
def stage(slug: str, stage: str) -> str:
    """Show the rule of a stage, its progress, and what is one's own to do."""
    session, member, here = current_session(), asking_member(), Stage(stage)
    version = queries.stage_version(session, member.review_id, here)
    plan = plan_of(version.document).stages[here]
    rule = queries.stage_rule(session, member.review_id, here)
    last = queries.last_event(session, member.review_id, here)
    counts = lists.stage_counts(session, member.review_id, rule)
    return render_template(
        "screening/stage.html", stage=here, rule=rule, version=version, last=last, counts=counts, shown_as=SHOWN_AS,
        words=writers.stage_words(plan), warning=writers.independence_warning(plan),
        is_running=queries.is_running(session, member.review_id, here),
        total=sum(counts.values()), sought=_sought(session, member, here),
        mine=_mine(session, member, rule) if queries.may_vote(member, rule) else None,
        may_run=may(member.roles, Deed.RUN_STAGE, here), may_import=may(member.roles, Deed.IMPORT),
        bars=queries.bars(session, member.review_id), judges=_judges(session, member),
        limits=_limits(session, member, here),
        voters=sum(queries.may_vote(one, rule) for one in reviews.team(session, member.review_id)),
    )  # fmt: skip


@bp.post("/open")
@door(Deed.RUN_STAGE)
def open_stage(slug: str, stage: str) -> Response:
    """Open the stage for votes, or open it again."""
    with transaction() as session:
        stages.open_stage(session, asking_member(), Stage(stage))
    flash(_("The stage is open. Its rule stays as it is until the stage is closed."))
    return redirect(url_for(".stage", slug=slug, stage=stage), 303)


@bp.post("/close")
@door(Deed.RUN_STAGE)
def close_stage(slug: str, stage: str) -> Response:
    """Close the stage; nothing is lost."""
    with transaction() as session:
        stages.close_stage(session, asking_member(), Stage(stage))
    flash(_("The stage is closed. No vote is taken until it is opened again."))
    return redirect(url_for(".stage", slug=slug, stage=stage), 303)


@bp.get('/<any("pending", "conflict", "included", "excluded", "awaiting"):outcome>')
@door(Deed.LOOK)
def outcome(slug: str, stage: str, outcome: str) -> str:
    """List the records that stand at one outcome; of the pending ones nobody's votes are told."""
    session, member = current_session(), asking_member()
    rule = queries.stage_rule(session, member.review_id, Stage(stage))
    wanted = Outcome[outcome.upper()]
    page = lists.records_at(session, member.review_id, rule, wanted, request.args.get("page", 1, type=int))
    return render_template(
        "screening/outcome.html", stage=Stage(stage), rule=rule, outcome=wanted, page=page, shown_as=SHOWN_AS[wanted],
        is_masked=rule.masked and queries.is_running(session, member.review_id, Stage(stage)),
    )  # fmt: skip


def _judges(session: Session, member: Member) -> list[Member]:
    """Who votes or adjudicates, for those who may bar a member of the team from a record."""
    team = reviews.team(session, member.review_id) if may(member.roles, Deed.MANAGE_TEAM) else []
    return [one for one in team if may(one.roles, Deed.VOTE) or may(one.roles, Deed.ADJUDICATE)]


def _limits(session: Session, member: Member, here: Stage) -> Outside | None:
    """The records outside the limits, where the protocol sets limits that can be checked; they are not judged later."""
    if here is not Stage.TITLE_ABSTRACT:
        return None
    flagged = limits.flagged(session, member.review_id, plan_in_force(session, member.review_id))
    removed = limits.removed(session, member.review_id)
    return Outside({rule: len(ids) for rule, ids in flagged.items()}, removed) if flagged or removed else None


def _sought(session: Session, member: Member, here: Stage) -> int | None:
    """How many reports are sought, for the full-text stage."""
    if here is Stage.TITLE_ABSTRACT:
        return None
    rule = queries.stage_rule(session, member.review_id, Stage.TITLE_ABSTRACT)
    return lists.stage_counts(session, member.review_id, rule)[Outcome.INCLUDED]


def _mine(session: Session, member: Member, rule: StageRule) -> Mine:
    conflicts = lists.conflicts_at(session, member.review_id, rule)
    voters = queries.voters_of(session, conflicts, rule.stage)
    return Mine(
        waiting=queue.how_many_wait(session, member, rule, merged.held_back(session, member.review_id, rule.stage)),
        in_hand=len(queries.in_hand(session, member, rule.stage)),
        decisions=lists.own_decisions(session, member, rule.stage),
        conflicts=sum(member.id in who for who in voters.values()),
    )
