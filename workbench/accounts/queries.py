"""Finding people."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.accounts.models import Token, User
from workbench.accounts.rules import fingerprint
from workbench.errors import NotFound
from workbench.words import _


class NoSuchPerson(NotFound):
    """A person is known by the address they sign in with."""

    hint = "Check the address, or invite the person with a link."


def person(session: Session, email: str) -> User:
    """The person who signs in with this address."""
    found = person_or_none(session, email)
    if found is None:
        raise NoSuchPerson(_("Nobody signs in as %(email)s.", email=email))
    return found


def person_or_none(session: Session, email: str) -> User | None:
    """The person who signs in with this address, if there is one."""
    return session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))


def is_empty_house(session: Session) -> bool:
    """Whether nobody can sign in yet."""
    return session.scalar(select(User.id).limit(1)) is None


def token_of(session: Session, secret: str) -> tuple[Token, User] | None:
    """The token with this secret and the person it acts for, whether it still works or not."""
    wanted = select(Token, User).join(User, User.id == Token.user_id).where(Token.token_sha256 == fingerprint(secret))
    found = session.execute(wanted).first()
    return (found[0], found[1]) if found else None


def tokens_of(session: Session, user_id: int) -> Sequence[Token]:
    """A person's tokens that were not revoked, expired ones too, newest first."""
    wanted = select(Token).where(Token.user_id == user_id, Token.revoked_at.is_(None))
    return session.scalars(wanted.order_by(Token.id.desc())).all()
