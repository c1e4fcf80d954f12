"""What one sets up at the desk: the words that are marked, and the keys."""

from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import Highlights
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.queries import desk as queries
from workbench.screening.rules import RAYYAN_KEYS, WORKBENCH_KEYS
from workbench.screening.service import desk as service
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("settings", __name__, url_prefix='/reviews/<slug>/screen/<any("title-abstract", "full-text"):stage>')

SETS = {"workbench": WORKBENCH_KEYS, "rayyan": RAYYAN_KEYS}


@bp.get("/words")
@door(Deed.VOTE)
def words(slug: str, stage: str) -> str:
    """Show the words that the desk marks: one's own, the review's, the protocol's."""
    return _words(Stage(stage))


@bp.post("/words")
@door(Deed.VOTE)
def save_words(slug: str, stage: str) -> ResponseReturnValue:
    """Save one's own words, or those of the whole review."""
    for_review = request.form.get("of") == "review"
    terms = Highlights(*(tuple(request.form.get(kind, "").splitlines()) for kind in ("include", "exclude", "pico")))
    try:
        with transaction() as session:
            known = request.form.get("known", 0, type=int)
            service.save_terms(session, asking_member(), terms, known, for_review=for_review)
    except (Invalid, Clash) as error:
        return _words(Stage(stage), error), 409 if isinstance(error, Clash) else 422
    whose = _("Saved. Everybody’s desk marks these words now."), _("Saved. Your desk marks these words now.")
    flash(whose[not for_review])
    return redirect(url_for(".words", slug=slug, stage=stage), 303)


@bp.get("/keys")
@door(Deed.VOTE)
def keys(slug: str, stage: str) -> str:
    """Show the keys in force, each to be changed."""
    return _keys(Stage(stage), queries.keys_of(current_session(), asking_member().user_id).keys)


@bp.post("/keys")
@door(Deed.VOTE)
def save_keys(slug: str, stage: str) -> ResponseReturnValue:
    """Save the keys: those typed, or a whole set; or, from the desk's module, only whether they are on."""
    if request.is_json:
        return _switch(request.get_json(silent=True))
    chosen = SETS.get(request.form.get("set", ""), request.form)
    try:
        with transaction() as session:
            service.save_keys(session, asking_member(), chosen, are_on=bool(request.form.get("are_on")))
    except Invalid as error:
        return _keys(Stage(stage), request.form, error), 422
    flash(_("Saved. These keys are in force on every device."))
    return redirect(url_for(".keys", slug=slug, stage=stage), 303)


def _switch(asked: object) -> ResponseReturnValue:
    are_on = bool(asked.get("are_on")) if isinstance(asked, Mapping) else True
    with transaction() as session:
        member = asking_member()
        service.save_keys(session, member, queries.keys_of(session, member.user_id).keys, are_on=are_on)
    return jsonify({"are_on": are_on})


def _words(stage: Stage, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    terms = queries.terms_of(session, member, plan_in_force(session, member.review_id))
    return render_template(
        "screening/words.html", stage=stage, terms=terms, refused=refused, form=request.form if refused else {},
        may_save_for_all=may(member.roles, Deed.RUN_STAGE), most=service.MOST_TERMS,
    )  # fmt: skip


def _keys(stage: Stage, chosen: Mapping[str, str], refused: WorkbenchError | None = None) -> str:
    in_force = queries.keys_of(current_session(), asking_member().user_id)
    return render_template(
        "screening/keys.html", stage=stage, chosen=chosen, refused=refused, are_on=in_force.are_on,
        deeds=list(WORKBENCH_KEYS),
    )  # fmt: skip
