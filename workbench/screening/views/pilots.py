"""Pilot rounds: begin one, see whom it waits for, and, once all have handed in, on what people differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from workbench.errors import Clash, Invalid
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.models import PilotRound
from workbench.screening.queries import pilots as queries
from workbench.screening.queries import votes
from workbench.screening.queries.agreement import Figures, figures_of
from workbench.screening.queries.arranged import criteria_version
from workbench.screening.queries.conflicts import reason_labels
from workbench.screening.service import pilots
from workbench.screening.views.ballots import LARGEST_ID
from workbench.screening.writers import figure, interval
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint(
    "pilots", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>/pilots'
)


@dataclass(frozen=True)
class PairAgreed:
    """How far two people agree in a round, on the records that both voted on."""

    one: str
    other: str
    figures: Figures


@bp.get("")
@door(Deed.LOOK)
def overview(slug: str, stage: str) -> str:
    """List the rounds, with the form to begin the next one."""
    return _overview(Stage(stage))


@bp.post("")
@door(Deed.RUN_STAGE)
def begin(slug: str, stage: str) -> ResponseReturnValue:
    """Draw a sample and ask everybody who may vote for all of it."""
    size, seed = (request.form.get(name, -1, type=int) for name in ("size", "seed"))
    try:
        if not 0 <= seed < 2**31:
            raise pilots.SampleImpossible(_("A seed is a whole number from 0 on."), _("Any will do; it is printed."))
        with transaction() as session:
            number = pilots.begin(session, asking_member(), Stage(stage), size, seed).number
    except (Invalid, Clash) as error:
        return _overview(Stage(stage), error), 422 if isinstance(error, Invalid) else 409
    flash(_("Pilot round %(n)s has begun. Everybody who votes gets its records first.", n=number))
    return redirect(url_for(".pilot", slug=slug, stage=stage, number=number), 303)


@bp.get("/<int:number>")
@door(Deed.LOOK)
def pilot(slug: str, stage: str, number: int) -> str:
    """Show whom a round waits for; once it is open, the agreement and every disagreement."""
    session, member = current_session(), asking_member()
    found = queries.pilot_round(session, member.review_id, Stage(stage), number)
    asked = queries.progress(session, found)
    read = queries.said(session, found) if found.opened_at else []
    return render_template(
        "screening/pilot.html", stage=Stage(stage), round=found, asked=asked, read=read,
        sample=len(queries.sample(session, found)), is_voter=member.id in {one.member.id for one in asked},
        pairs=pairs_of(read, asked), labels=reason_labels(session, member.review_id),
        is_history=_is_history(session, found, read), may_run=may(member.roles, Deed.RUN_STAGE, Stage(stage)),
        may_amend=may(member.roles, Deed.DRAFT_PROTOCOL), figure=figure, interval=interval,
    )  # fmt: skip


@bp.post("/<int:number>/release")
@door(Deed.RUN_STAGE)
def release(slug: str, stage: str, number: int) -> Response:
    """Wait no longer for one person."""
    who = request.form.get("member", 0, type=int)
    with transaction() as session:
        pilots.release(session, asking_member(), Stage(stage), number, who if 0 < who < LARGEST_ID else 0)
    flash(_("The round waits for this person no longer. Votes that they handed in count."))
    return redirect(url_for(".pilot", slug=slug, stage=stage, number=number), 303)


@bp.post("/<int:number>/open")
@door(Deed.RUN_STAGE)
def open_round(slug: str, stage: str, number: int) -> Response:
    """Open a round that nobody holds up any more."""
    with transaction() as session:
        pilots.open_round(session, asking_member(), Stage(stage), number)
    flash(_("The round is open."))
    return redirect(url_for(".pilot", slug=slug, stage=stage, number=number), 303)


def pairs_of(read: Sequence[queries.Read], asked: Sequence[queries.Asked]) -> list[PairAgreed]:
    """The agreement of every two voters of an open round, asked of all records that both voted on."""
    found = []
    for one, other in combinations([each.member for each in asked], 2):
        both = [
            (mine.decision.value, theirs.decision.value)
            for each in read
            if (mine := each.votes.get(one.id)) and (theirs := each.votes.get(other.id))
        ]
        found.append(PairAgreed(one.name, other.name, figures_of(both)))
    return found


def _is_history(session: Session, found: PilotRound, read: Sequence[queries.Read]) -> bool:
    """Whether the criteria changed after the votes of the round, so that they count no longer."""
    given = [vote.protocol_version_id for one in read for vote in one.votes.values() if vote]
    return bool(given) and min(given) < criteria_version(session, found.review_id)


def _overview(here: Stage, refused: Exception | None = None) -> str:
    session, member = current_session(), asking_member()
    may_run = may(member.roles, Deed.RUN_STAGE, here)
    rule = votes.stage_rule(session, member.review_id, here)
    rounds = queries.rounds(session, member.review_id, here)
    return render_template(
        "screening/pilots.html", stage=here, rule=rule, refused=refused, sent=request.form, may_run=may_run,
        rounds=[(one, _differing(session, one)) for one in rounds],
        is_running=votes.is_running(session, member.review_id, here),
        there=len(queries.candidates(session, member.review_id, here)) if may_run else 0,
        seed=rule.seed + len(rounds) + 1, most=pilots.MOST,
    )  # fmt: skip


def _differing(session: Session, found: PilotRound) -> int | None:
    """On how many records people differ; None while it is nobody's business."""
    return sum(one.differs for one in queries.said(session, found)) if found.opened_at else None
