"""Finding people."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
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
