"""Asking the team about a record, replying, and reading the replies."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from workbench.errors import Invalid, WorkbenchError
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.queries import inquiries
from workbench.screening.queries import votes as queries
from workbench.screening.queries.desk import terms_of
from workbench.screening.service import team
from workbench.screening.views.ballots import form_key
from workbench.screening.views.desk import show
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("inquiries", __name__, url_prefix="/reviews/<slug>/team-questions")


@bp.get("")
@door(Deed.LOOK)
def index(slug: str) -> str:
    """List the questions that one may read: those with news, those without a reply, the others."""
    return render_template(
        "screening/inquiries.html", threads=inquiries.threads(current_session(), asking_member()), **_frame()
    )


@bp.get('/<any("title-abstract", "full-text"):stage>/<int:record_id>')
@door(Deed.LOOK)
def record(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Show a record with the questions about it, and a place to ask."""
    session, member = current_session(), asking_member()
    queries.screenable(session, member.review_id, record_id)
    kept = queries.cluster(session, record_id)[0]
    if kept != record_id:
        return redirect(url_for(".record", slug=slug, stage=stage, record_id=kept))
    return _page(Stage(stage), record_id)


@bp.post('/<any("title-abstract", "full-text"):stage>/<int:record_id>')
@door(Deed.ASK)
def ask(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Ask the team about a record."""
    try:
        with transaction() as session:
            team.ask(
                session, asking_member(), record_id, Stage(stage), request.form.get("text", ""), form_key(request.form)
            )
    except Invalid as error:
        return _page(Stage(stage), record_id, error), 422
    flash(_("Asked. The replies are told on your desk and on the overview."))
    return redirect(url_for(".record", slug=slug, stage=stage, record_id=record_id, _anchor="questions"), 303)


@bp.post("/<int:inquiry_id>/replies")
@door(Deed.ASK)
def reply(slug: str, inquiry_id: int) -> Response:
    """Reply to a question."""
    with transaction() as session:
        team.reply(session, asking_member(), inquiry_id, request.form.get("text", ""), form_key(request.form))
    flash(_("Your reply stands under the question."))
    return _back(slug, inquiry_id)


@bp.post("/<int:inquiry_id>/read")
@door(Deed.ASK)
def read(slug: str, inquiry_id: int) -> Response:
    """Say that one has read the replies."""
    with transaction() as session:
        team.read_replies(session, asking_member(), inquiry_id)
    return redirect(url_for(".index", slug=slug), 303)


def _back(slug: str, inquiry_id: int) -> Response:
    found = inquiries.thread(current_session(), asking_member(), inquiry_id)
    address = url_for(".record", slug=slug, stage=found.inquiry.stage.value, record_id=found.kept)
    return redirect(f"{address}#question-{inquiry_id}", 303)


def _page(stage: Stage, record_id: int, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    rule = queries.stage_rule(session, member.review_id, stage)
    here, plan = session.get_one(Record, record_id), plan_in_force(session, member.review_id)
    terms = terms_of(session, member, plan).all
    threads = [
        one for one in inquiries.threads(session, member) if one.kept == record_id and one.inquiry.stage is stage
    ]
    return render_template(
        "screening/inquiry.html", record=show(session, [here], rule, plan, terms)[0],
        stage=stage, threads=threads[::-1], refused=refused, filled=request.form.get("text", "") if refused else "",
        at_once=inquiries.readers_at_once(session, member, stage),
        votes=queries.may_vote(member, rule), **_frame(),
    )  # fmt: skip


def _frame() -> dict[str, object]:
    return {"may_ask": may(asking_member().roles, Deed.ASK), "key": secrets.token_hex(12)}
