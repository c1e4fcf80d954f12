"""Beginning a review and gathering its team."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.accounts.rules import LINK_LIVES, fingerprint, new_token
from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound
from workbench.reviews import queries
from workbench.reviews.events import Invited, MemberJoined, MemberLeft, ReviewCreated, RoleChanged
from workbench.reviews.models import Invitation, Member, Review, RoleGrant
from workbench.reviews.rules import Deed, Role, allowed
from workbench.words import _


class SlugTaken(Clash):
    """Each review has an address of its own."""

    hint = "Choose another id in the protocol, under review."


class BadSlug(Invalid):
    """The address of a review is made of small letters, digits and hyphens."""


class LastLead(Clash):
    """A review always has a lead."""

    hint = "Make somebody else a lead first."


class AlreadyMember(Clash):
    """A person is in a team once; roles can be added."""


class NoSuchMember(NotFound):
    """A member belongs to one review."""


def create(session: Session, user: User, slug: str, title: str) -> Member:
    """Begin a review; who begins it leads it."""
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?", slug):
        raise BadSlug(_("“%(slug)s” cannot be an address: use small letters, digits and hyphens.", slug=slug))
    if session.scalar(select(Review.id).where(Review.slug == slug)):
        raise SlugTaken(_("There is already a review “%(slug)s” in this house.", slug=slug))
    review = Review(slug=slug, title=title, created_at=now())
    session.add(review)
    session.flush()
    audit.record(session, review.id, None, ReviewCreated(slug))
    return join(session, review, user, Role.LEAD)


def join(session: Session, review: Review, user: User, role: Role) -> Member:
    """Add a person to the team, or give a member one more role."""
    member = session.scalar(select(Member).where(Member.review_id == review.id, Member.user_id == user.id))
    if member is None:
        member = Member(review_id=review.id, user_id=user.id, joined_at=now(), user=user, review=review, grants=[])
        session.add(member)
    member.left_at = None
    session.flush()
    _grant(session, member, role)
    audit.record(session, review.id, member.id, MemberJoined(member.id, role.value))
    return member


def invite(session: Session, lead: Member, role: Role) -> str:
    """Make a link by which one person joins with this role; returns its secret, which is stored nowhere."""
    allowed(lead.roles, Deed.MANAGE_TEAM)
    token = new_token()
    invitation = Invitation(
        review_id=lead.review_id,
        role=role,
        token_sha256=fingerprint(token),
        invited_by=lead.id,
        created_at=now(),
        expires_at=now() + LINK_LIVES,
    )
    session.add(invitation)
    session.flush()
    audit.record(session, lead.review_id, lead.id, Invited(invitation.id, role.value))
    return token


def accept(session: Session, token: str, user: User) -> Member:
    """Join by an invitation; the link is spent."""
    invitation = queries.invitation(session, token)
    review = session.get_one(Review, invitation.review_id)
    member = join(session, review, user, invitation.role)
    invitation.accepted_at, invitation.accepted_by = now(), user.id
    return member


def withdraw_invitation(session: Session, lead: Member, invitation_id: int) -> None:
    """Stop a link from opening."""
    allowed(lead.roles, Deed.MANAGE_TEAM)
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.review_id != lead.review_id:
        raise NoSuchMember(_("There is no such invitation in this review."))
    invitation.withdrawn_at = now()


def set_roles(session: Session, lead: Member, member_id: int, roles: set[Role]) -> Member:
    """Give a member exactly these roles."""
    allowed(lead.roles, Deed.MANAGE_TEAM)
    member = _member(session, lead.review_id, member_id)
    _keep_a_lead(session, member, still=Role.LEAD in roles)
    had = set(member.roles)
    for role in sorted(had - roles):
        member.grants = [grant for grant in member.grants if grant.role is not role]
        audit.record(session, lead.review_id, lead.id, RoleChanged(member.id, role.value, given=False))
    for role in sorted(roles - had):
        _grant(session, member, role)
        audit.record(session, lead.review_id, lead.id, RoleChanged(member.id, role.value, given=True))
    session.flush()
    return member


def part(session: Session, lead: Member, member_id: int) -> None:
    """A member leaves the team; every vote they gave stays (domain B8)."""
    allowed(lead.roles, Deed.MANAGE_TEAM)
    member = _member(session, lead.review_id, member_id)
    _keep_a_lead(session, member, still=False)
    member.left_at = now()
    audit.record(session, lead.review_id, lead.id, MemberLeft(member.id))
    session.flush()


def _grant(session: Session, member: Member, role: Role) -> None:
    if role not in {grant.role for grant in member.grants}:
        member.grants.append(RoleGrant(role=role))
    session.flush()


def _member(session: Session, review_id: int, member_id: int) -> Member:
    member = session.get(Member, member_id)
    if member is None or member.review_id != review_id:
        raise NoSuchMember(_("There is no member %(id)s in this review.", id=member_id))
    return member


def _keep_a_lead(session: Session, member: Member, *, still: bool) -> None:
    leads = [one for one in queries.team(session, member.review_id) if Role.LEAD in one.roles]
    if not still and leads == [member]:
        raise LastLead(_("%(name)s is the only lead of this review.", name=member.name))
