"""Records outside one limit of the protocol: the list, its acceptance as a whole, and the way back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug import Response

from workbench.protocols.queries import plan_in_force
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.screening.queries import limits
from workbench.screening.rules import LimitRule
from workbench.screening.service import stages
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several, spaced

bp = Blueprint("limits", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract"):stage>/outside')


@bp.get('/<any("year", "language"):limit>')
@door(Deed.LOOK)
def records(slug: str, stage: str, limit: str) -> str:
    """List the records outside one limit that nobody has voted on, with the way to accept the list whole."""
    session, member = current_session(), asking_member()
    plan, rule = plan_in_force(session, member.review_id), LimitRule(limit)
    found = limits.flagged(session, member.review_id, plan).get(rule, [])
    may_accept = may(member.roles, Deed.AMEND_PROTOCOL)
    return render_template(
        "screening/limits.html", stage=stage, limit=rule, limits=plan.limits,
        page=limits.a_page(session, found, request.args.get("page", 1, type=int)),
        sample=limits.sample(session, found) if may_accept else [], may_accept=may_accept,
        removed=[one for one in limits.removed(session, member.review_id) if one.rule == rule],
    )  # fmt: skip


@bp.post('/<any("year", "language"):limit>/accept')
@door(Deed.AMEND_PROTOCOL)
def accept(slug: str, stage: str, limit: str) -> Response:
    """Remove the whole list, as it was seen."""
    with transaction() as session:
        n = stages.accept_list(session, asking_member(), LimitRule(limit), request.form.get("n", -1, type=int))
    flash(several(n, _("One record is removed before screening."), _("%(n)s records are removed before screening.")))
    return redirect(url_for(".records", slug=slug, stage=stage, limit=limit), 303)


@bp.post('/<any("year", "language"):limit>/restore')
@door(Deed.AMEND_PROTOCOL)
def restore(slug: str, stage: str, limit: str) -> Response:
    """Put what this rule removed back into screening."""
    with transaction() as session:
        n = stages.restore_removed(session, asking_member(), LimitRule(limit))
    flash(_("Records put back into screening: %(n)s.", n=spaced(n)))
    return redirect(url_for(".records", slug=slug, stage=stage, limit=limit), 303)
