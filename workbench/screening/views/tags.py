"""The tags of a review: what they mean, and the records that bear them as far as one may know."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.screening.queries import lists, tags
from workbench.screening.service import team
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("tags", __name__, url_prefix="/reviews/<slug>/tags")


@bp.get("")
@door(Deed.LOOK)
def index(slug: str) -> str:
    """List the tags with their meaning and the number of records that one may know to bear them."""
    return _page()


@bp.get("/records")
@door(Deed.LOOK)
def records(slug: str) -> str:
    """List the records that bear one tag, as far as one may know; a tag that nobody gave has none."""
    session, member, name = current_session(), asking_member(), request.args.get("tag", "")
    found = next((one for one in tags.used(session, member) if one.name == name), tags.Used(name, None, []))
    number = lists.within(request.args.get("page", 1, type=int), len(found.record_ids))
    here = found.record_ids[(number - 1) * lists.ON_A_PAGE : number * lists.ON_A_PAGE]
    page = lists.Page(lists.records_by_id(session, here), len(found.record_ids), number)
    return render_template("screening/tagged.html", found=found, page=page)


@bp.post("")
@door(Deed.AMEND_PROTOCOL)
def define(slug: str) -> ResponseReturnValue:
    """Give a tag its meaning."""
    form = request.form
    try:
        with transaction() as session:
            team.define_tag(session, asking_member(), form.get("name", ""), form.get("meaning", ""),
                            carries_judgement=form.get("judgement") == "yes")  # fmt: skip
    except (Invalid, Clash) as error:
        return _page(error), 409 if isinstance(error, Clash) else 422
    flash(_("The tag is offered at the ballot from now on."))
    return redirect(url_for(".index", slug=slug), 303)


@bp.post("/<int:tag_id>/retire")
@door(Deed.AMEND_PROTOCOL)
def retire(slug: str, tag_id: int) -> Response:
    """Take a tag out of use."""
    with transaction() as session:
        tag = team.retire_tag(session, asking_member(), tag_id)
        flash(_("“%(name)s” is offered no more. Votes keep it as a word.", name=tag.name))
    return redirect(url_for(".index", slug=slug), 303)


def _page(refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    return render_template(
        "screening/tags.html", used=tags.used(session, member), refused=refused,
        filled=request.form if refused else {}, may_define=may(member.roles, Deed.AMEND_PROTOCOL),
    )  # fmt: skip
