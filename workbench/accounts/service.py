"""Bringing accounts into being."""

import uuid

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts import queries, rules
from workbench.accounts.events import SignedUp
from workbench.accounts.models import FirstLink, User
from workbench.audit import service as audit
from workbench.audit.models import HOUSE
from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound
from workbench.words import _


class AddressTaken(Clash):
    """One address signs in one person."""

    hint = "Sign in with it instead."


class NotAnAddress(Invalid):
    """People sign in with an e-mail address."""


class WeakPassword(Invalid):
    """A password has at least ten characters and is not the address itself."""

    hint = "A few words that only you would put together are easy to keep in mind."


class NameMissing(Invalid):
    """The team sees people by their name."""


class DeadLink(NotFound):
    """A link opens once, and until it expires."""

    hint = "Ask for a new one."


def sign_up(session: Session, name: str, email: str, password: str, hashed: str) -> User:
    """Create an account; `hashed` is the password as it is stored."""
    address = _address(email)
    if not name.strip():
        raise NameMissing(_("Please say your name."))
    if len(password) < rules.SHORTEST_PASSWORD or password.lower() == address:
        raise WeakPassword(
            _("This password is too easy to guess: it needs at least %(n)s characters.", n=rules.SHORTEST_PASSWORD)
        )
    if queries.person_or_none(session, address):
        raise AddressTaken(_("There is already an account for %(email)s.", email=address))
    return add_person(session, name.strip(), address, hashed)


def add_person(session: Session, name: str, email: str, hashed: str | None) -> User:
    """Add a person; without a password nobody can sign in as them yet."""
    user = User(name=name, email=email, password=hashed, active=True, fs_uniquifier=uuid.uuid4().hex)
    session.add(user)
    session.flush()
    audit.record(session, HOUSE, user.id, SignedUp(user.id))
    return user


def first_link(session: Session) -> str:
    """Make the one-time link by which the first lead of an empty house signs up; earlier ones stop working."""
    for old in session.scalars(select(FirstLink)):
        session.delete(old)
    token = rules.new_token()
    session.add(FirstLink(token_sha256=rules.fingerprint(token), expires_at=now() + rules.LINK_LIVES))
    session.flush()
    return token


def use_first_link(session: Session, token: str) -> None:
    """Spend the one-time link, or raise DeadLink."""
    session.delete(find_first_link(session, token))


def find_first_link(session: Session, token: str) -> FirstLink:
    """The link with this secret, while it lives and the house is empty."""
    link = session.get(FirstLink, rules.fingerprint(token))
    if link is None or link.expires_at < now() or not queries.is_empty_house(session):
        raise DeadLink(_("This link has been used or has expired."))
    return link


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise NotAnAddress(_("“%(email)s” is not an e-mail address.", email=email.strip()), str(error)) from None
