"""Looking for records in one's own queue: a list to screen by itself, or to vote on at once after a sample."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening.queries import desk as own
from workbench.screening.queries import lists, queue, wishes
from workbench.screening.queries import votes as queries
from workbench.screening.queries.merged import held_back
from workbench.screening.rules import MOST_IN_BULK, StageRule, Wish
from workbench.screening.service import bulk
from workbench.screening.views.ballots import ballot_from, key_of, listed, wish_from
from workbench.screening.views.desk import reasons_of, show
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("finding", __name__, url_prefix='/reviews/<slug>/screen/<any("title-abstract", "full-text"):stage>')

FIRST = 50
"""So many records of a list are named on its page."""

SAMPLE = 10
"""So many records are read before a list is voted on at once."""


@dataclass(frozen=True)
class Found:
    """What waits for one reviewer and fits a wish: how many, and the first of them in the order of the queue."""

    wish: Wish
    rule: StageRule
    n: int
    records: Sequence[Record]


@bp.get("/find")
@door(Deed.VOTE)
def find(slug: str, stage: str) -> str:
    """Ask what to look for, and show what of it waits."""
    session, member = current_session(), asking_member()
    found = _found(session, member, Stage(stage), FIRST)
    terms = own.terms_of(session, member, plan_in_force(session, member.review_id)).all
    return render_template(
        "screening/find.html", stage=Stage(stage), found=found, most=MOST_IN_BULK, terms=terms,
        runs=[] if found.rule.masked else wishes.runs_of(session, member.review_id),
        languages=wishes.languages_of(session, member.review_id),
        is_running=queries.is_running(session, member.review_id, Stage(stage)),
    )  # fmt: skip


@bp.get("/find/bulk")
@door(Deed.VOTE)
def confirm(slug: str, stage: str) -> ResponseReturnValue:
    """Show a sample of a list, and ask for the vote on all of it."""
    return _confirm(Stage(stage))


@bp.post("/find/bulk")
@door(Deed.VOTE)
def vote(slug: str, stage: str) -> ResponseReturnValue:
    """Vote on the whole list, as it was shown."""
    here = Stage(stage)
    try:
        record_ids = listed(request.form.get("records", ""))
        if not request.form.get("confirmed"):
            raise bulk.NotInBulk(_("No vote was taken."), "Tick that you have looked at the sample.")
        ballot, key = ballot_from(request.form), key_of(request.form)
        with transaction() as session:
            wish = _wish(session, here)
            given = bulk.vote_in_bulk(session, asking_member(), here, record_ids, wish, ballot, key)
            n = len(own.in_hand_of_bulk(session, asking_member(), here, given.id))
    except (Invalid, Clash) as error:
        return _confirm(here, error), 409 if isinstance(error, Clash) else 422
    flash(
        several(n, _("One vote was given in bulk. It is in hand."), _("%(n)s votes were given in bulk; all in hand."))
    )
    return redirect(url_for("voting.mine", slug=slug, stage=stage), 303)


@bp.post("/bulk/<int:bulk_id>/back")
@door(Deed.VOTE)
def take_back(slug: str, stage: str, bulk_id: int) -> ResponseReturnValue:
    """Take a list's votes back, all that are still in hand."""
    with transaction() as session:
        n = bulk.take_back(session, asking_member(), Stage(stage), bulk_id)
    flash(several(n, _("One vote is taken back."), _("%(n)s votes are taken back.")))
    back = "voting.mine" if request.form.get("back") == "mine" else "voting.desk"
    return redirect(url_for(back, slug=slug, stage=stage), 303)


def _confirm(stage: Stage, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    found = _found(session, member, stage, MOST_IN_BULK + 1)
    plan = plan_in_force(session, member.review_id)
    sample = spread(found.records, SAMPLE)
    return render_template(
        "screening/bulk.html", stage=stage, found=found, refused=refused, most=MOST_IN_BULK, form=request.form,
        sample=show(session, sample, found.rule, plan, own.terms_of(session, member, plan).all),
        reasons=reasons_of(session, member, found.rule), key=secrets.token_hex(12),
        is_running=queries.is_running(session, member.review_id, stage),
    )  # fmt: skip


def spread(records: Sequence[Record], most: int) -> Sequence[Record]:
    """At most so many of these, spread evenly over their order, so that the end is looked at as well as the beginning.

    >>> spread(range(100), 4), spread(range(3), 10)
    ([0, 33, 66, 99], [0, 1, 2])
    """
    if len(records) <= most:
        return list(records)
    return [records[at * (len(records) - 1) // (most - 1)] for at in range(most)]


def _found(session: Session, member: Member, stage: Stage, most: int) -> Found:
    rule, wish = queries.stage_rule(session, member.review_id, stage), _wish(session, stage)
    if not queries.may_vote(member, rule):
        return Found(wish, rule, 0, [])
    back = held_back(session, member.review_id, stage)
    turns = queue.waiting_for(session, member, rule, most, back, wish) if wish else []
    records = lists.records_by_id(session, [turn.record_id for turn in turns])
    n = len(turns) if len(turns) < most else queue.how_many_wait(session, member, rule, back, wish)
    return Found(wish, rule, n, records)


def _wish(session: Session, stage: Stage) -> Wish:
    rule = queries.stage_rule(session, asking_member().review_id, stage)
    return wish_from(request.args, masked=rule.masked)
