"""Reading reviews and their teams."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.accounts.rules import fingerprint
from workbench.db import now
from workbench.errors import NotFound
from workbench.reviews.models import ExclusionReason, Invitation, Member, Question, Review, RoleGrant
from workbench.reviews.rules import MAY, Deed, Stage
from workbench.words import _


class NoSuchReview(NotFound):
    """A review is shown to its members only; to others it does not exist."""

    hint = "Check the address, or ask the lead to invite you."


class NoSuchPerson(NotFound):
    """A person is named by the address with which they are a member of the review."""

    hint = "The page of the team lists every address."


class DeadInvitation(NotFound):
    """An invitation opens once, and until it expires or is withdrawn."""

    hint = "Ask the lead for a new link."


def member_of(session: Session, slug: str, user_id: int) -> Member:
    """This person in this review; NoSuchReview for all who are not in it."""
    found = session.scalar(
        select(Member).join(Review).where(Review.slug == slug, Member.user_id == user_id, Member.left_at.is_(None))
    )
    if found is None:
        raise NoSuchReview(_("There is no review “%(slug)s” that you are a member of.", slug=slug))
    return found


def member_by_email(session: Session, slug: str, email: str) -> Member:
    """The member of this review who signs in with this address."""
    found = session.scalar(
        select(Member)
        .join(Review)
        .join(User)
        .where(Review.slug == slug, func.lower(User.email) == email.strip().lower(), Member.left_at.is_(None))
    )
    if found is None:
        raise NoSuchReview(_("%(email)s is not a member of a review “%(slug)s”.", email=email, slug=slug))
    return found


def review_by_slug(session: Session, slug: str) -> Review:
    """A review, whoever asks; for the command line on the host."""
    found = session.scalar(select(Review).where(Review.slug == slug))
    if found is None:
        raise NoSuchReview(_("There is no review “%(slug)s”.", slug=slug), "`workbench reviews list` names them.")
    return found


def all_reviews(session: Session) -> Sequence[Review]:
    """Every review of the house, oldest first."""
    return session.scalars(select(Review).order_by(Review.id)).all()


def memberships(session: Session, user_id: int) -> Sequence[Member]:
    """A person's memberships, newest review first."""
    wanted = select(Member).where(Member.user_id == user_id, Member.left_at.is_(None))
    return session.scalars(wanted.order_by(Member.review_id.desc())).all()


def team(session: Session, review_id: int) -> Sequence[Member]:
    """Everybody who is or was in the team, in the order they joined."""
    return session.scalars(select(Member).where(Member.review_id == review_id).order_by(Member.id)).all()


def names(session: Session, review_id: int) -> dict[int, str]:
    """How everybody is called who is or was in the team, by member."""
    return {member.id: member.name for member in team(session, review_id)}


def member_called(session: Session, review_id: int, email: str) -> Member:
    """A person of a review by address, also one who has left.

    Raises:
        NoSuchPerson: nobody of this address is or was a member.
    """
    wanted = email.strip().lower()
    found = next((one for one in team(session, review_id) if one.user.email.lower() == wanted), None)
    if found is None:
        raise NoSuchPerson(_("%(email)s is not a member of this review.", email=email[:80]))
    return found


def how_many_may(session: Session, review_id: int, deed: Deed) -> int:
    """How many members of the team have a role that allows the deed."""
    wanted = select(func.count(Member.id.distinct())).join(RoleGrant)
    wanted = wanted.where(Member.review_id == review_id, Member.left_at.is_(None), RoleGrant.role.in_(MAY[deed]))
    return session.scalar(wanted) or 0


def questions(session: Session, review_id: int) -> Sequence[Question]:
    """The questions in force, in the protocol's order."""
    wanted = select(Question).where(Question.review_id == review_id, Question.retired_at.is_(None))
    return session.scalars(wanted.order_by(Question.position)).all()


def reasons(session: Session, review_id: int, stage: Stage) -> Sequence[ExclusionReason]:
    """The exclusion reasons in force at this stage, in order of priority."""
    at = ExclusionReason.at_full_text if stage is Stage.FULL_TEXT else ExclusionReason.at_title_abstract
    wanted = select(ExclusionReason).where(
        ExclusionReason.review_id == review_id, ExclusionReason.retired_at.is_(None), at
    )
    return session.scalars(wanted.order_by(ExclusionReason.position)).all()


def invitations(session: Session, review_id: int) -> Sequence[Invitation]:
    """Links that still open, newest first."""
    wanted = select(Invitation).where(
        Invitation.review_id == review_id,
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > now(),
    )
    return session.scalars(wanted.order_by(Invitation.id.desc())).all()


def invitation(session: Session, token: str) -> Invitation:
    """The invitation behind this link, while it opens."""
    found = session.scalar(select(Invitation).where(Invitation.token_sha256 == fingerprint(token)))
    if found is None or found.accepted_at or found.withdrawn_at or found.expires_at < now():
        raise DeadInvitation(_("This invitation has been used, was withdrawn or has expired."))
    return found
