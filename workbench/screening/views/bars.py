"""Who does not judge what (B12): barring oneself at the desk, the lead's form, and lifting a bar."""

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug import Response

from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage
from workbench.screening.service import aside, stages
from workbench.screening.views.ballots import LARGEST_ID
from workbench.web.transactions import transaction
from workbench.words import _

bp = Blueprint("bars", __name__, url_prefix="/reviews/<slug>/bars")


@bp.post("/mine")
@door(Deed.VOTE)
def oneself(slug: str) -> Response:
    """Bar oneself from the record on the desk; a vote of one's own that is still in hand is taken back."""
    stage, record_id = _stage(), _number("record")
    with transaction() as session:
        aside.bar_oneself(session, asking_member(), record_id, stage, request.form.get("reason", ""))
    flash(_("You do not judge record %(id)s. Somebody else does.", id=record_id))
    return redirect(url_for("voting.desk", slug=slug, stage=stage.value), 303)


@bp.post("/language")
@door(Deed.VOTE)
def language(slug: str) -> Response:
    """Pass the record on the desk on to others, since one does not read its language."""
    stage, record_id = _stage(), _number("record")
    try:
        with transaction() as session:
            aside.pass_on(session, asking_member(), record_id, stage)
    except aside.NobodyElse as refused:
        flash(f"{refused} {refused.way_out}", "refused")
    else:
        flash(_("Record %(id)s goes to somebody else. “Not my language” lists it, to take it back.", id=record_id))
    return redirect(url_for("voting.desk", slug=slug, stage=stage.value), 303)


@bp.post("")
@door(Deed.MANAGE_TEAM)
def bar(slug: str) -> Response:
    """Bar a member of the team from a record."""
    with transaction() as session:
        reason = request.form.get("reason", "")
        found = stages.bar(session, asking_member(), _number("record"), _number("member"), reason)
        flash(_("The bar on record %(id)s stands.", id=found.record_id))
    return _back(slug)


@bp.post("/<int:bar_id>/lift")
@door(Deed.LOOK)
def lift(slug: str, bar_id: int) -> Response:
    """Lift a bar that one has set oneself, or any as the lead; that it stood stays on record."""
    with transaction() as session:
        stages.lift_bar(session, asking_member(), bar_id)
    flash(_("The bar is lifted. That it stood stays on record."))
    return _back(slug)


def _back(slug: str) -> Response:
    """To where the form stood: the list of what one passed on, or the bars of the stage."""
    if request.form.get("back") == "language":
        return redirect(url_for("lists.waiting", slug=slug, stage=_stage().value, which="language"), 303)
    return redirect(url_for("stages.stage", slug=slug, stage=_stage().value, _anchor="bars"), 303)


def _stage() -> Stage:
    """The stage that the form was on; the first where it does not say."""
    return Stage.FULL_TEXT if request.form.get("stage") == Stage.FULL_TEXT else Stage.TITLE_ABSTRACT


def _number(name: str) -> int:
    """A number that a row can have, or 0, which none has."""
    number = request.form.get(name, 0, type=int)
    return number if 0 < number < LARGEST_ID else 0
