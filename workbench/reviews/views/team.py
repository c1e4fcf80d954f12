"""The team's page, joining it, and the list of one's reviews: what waits in each is asked by those who know."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_security import current_user, hash_password, login_user
from sqlalchemy.orm import Session
from werkzeug import Response

from workbench.accounts import service as accounts
from workbench.errors import Invalid
from workbench.reviews import queries, service
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Deed, Role, may
from workbench.web.access import public, signed_in
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("reviews", __name__)


class NoSuchRole(Invalid):
    """A member's role is one of six."""


@dataclass(frozen=True)
class Waiting:
    """Something that waits for one person in one review: how many, what, where to do it, and the deed as a verb."""

    n: int
    what: str
    url: str
    do: str


AskWaiting = Callable[[Session, Member], list[Waiting]]


@bp.get("/")
@signed_in
def home() -> str:
    """What waits for me, over all my reviews."""
    session = current_session()
    ask: AskWaiting = current_app.extensions["workbench.waiting"]
    mine = [(member, ask(session, member)) for member in queries.memberships(session, current_user.id)]
    total = sum(one.n for _member, waiting in mine for one in waiting)
    return render_template("reviews/home.html", mine=mine, total=total)


@bp.get("/reviews/<slug>/team")
@door(Deed.LOOK)
def team(slug: str) -> str:
    """Show who is in the team."""
    return _team_page(link=None)


@bp.post("/reviews/<slug>/team/invitations")
@door(Deed.MANAGE_TEAM)
def invite(slug: str) -> str:
    """Make an invitation link and show it, once."""
    with transaction() as session:
        token = service.invite(session, asking_member(), _role(request.form.get("role", "")))
    return _team_page(link=url_for(".join", token=token, _external=True))


@bp.post("/reviews/<slug>/team/invitations/<int:invitation_id>/withdraw")
@door(Deed.MANAGE_TEAM)
def withdraw(slug: str, invitation_id: int) -> Response:
    """Stop an invitation from opening."""
    with transaction() as session:
        service.withdraw_invitation(session, asking_member(), invitation_id)
    flash(_("The invitation is withdrawn."))
    return redirect(url_for(".team", slug=slug), 303)


@bp.post("/reviews/<slug>/team/<int:member_id>/roles")
@door(Deed.MANAGE_TEAM)
def set_roles(slug: str, member_id: int) -> Response:
    """Give a member exactly the roles that are ticked."""
    with transaction() as session:
        roles = {_role(value) for value in request.form.getlist("role")}
        member = service.set_roles(session, asking_member(), member_id, roles)
    flash(_("Saved: the roles of %(name)s.", name=member.name))
    return redirect(url_for(".team", slug=slug), 303)


@bp.post("/reviews/<slug>/team/<int:member_id>/part")
@door(Deed.MANAGE_TEAM)
def part(slug: str, member_id: int) -> Response:
    """A member leaves the team; their votes stay."""
    with transaction() as session:
        service.part(session, asking_member(), member_id)
    flash(_("They have left the team. Every vote they gave stays."))
    return redirect(url_for(".team", slug=slug), 303)


@bp.get("/join/<token>")
@public
def join(token: str) -> str:
    """Show an invitation: to whom it leads, and the form to join."""
    session = current_session()
    invitation = queries.invitation(session, token)
    title = session.get_one(Review, invitation.review_id).title
    return render_template("accounts/welcome.html", invitation=invitation, title=title)


@bp.post("/join/<token>")
@public
def accept(token: str) -> Response:
    """Join the review, with the account one has or with a new one."""
    form = request.form
    with transaction() as session:
        queries.invitation(session, token)
        if not current_user.is_authenticated:
            password = form.get("password", "")
            hashed = hash_password(password)
            login_user(accounts.sign_up(session, form.get("name", ""), form.get("email", ""), password, hashed))
        member = service.accept(session, token, current_user._get_current_object())
        slug = member.review.slug
    flash(_("Welcome to the team. This is where the review stands; your work is listed as soon as there is some."))
    return redirect(url_for("reporting.overview", slug=slug), 303)


def _team_page(link: str | None) -> str:
    session, member = current_session(), asking_member()
    manage = may(member.roles, Deed.MANAGE_TEAM)
    return render_template(
        "reviews/team.html",
        link=link,
        may_manage=manage,
        roles=list(Role),
        team=queries.team(session, member.review_id),
        invitations=queries.invitations(session, member.review_id) if manage else [],
    )


def _role(value: str) -> Role:
    if value not in set(Role):
        raise NoSuchRole(_("There is no role “%(role)s”.", role=value))
    return Role(value)
