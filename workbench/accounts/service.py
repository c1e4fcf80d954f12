"""Bringing accounts into being."""

import uuid
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workbench.accounts import queries, rules
from workbench.accounts.events import SignedUp, TokenMade, TokenRevoked
from workbench.accounts.models import FirstLink, Token, User
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


class TokenNameMissing(Invalid):
    """A token is known by the name of the program that uses it."""

    hint = "Name the program or the machine, for example “reading script on my laptop”."


class TokenNameTaken(Clash):
    """Two tokens of one person that stand have different names."""

    hint = "Choose another name, or revoke the token of this name first."


class NoSuchLife(Invalid):
    """A token lives for one of a few spans of days, so that a forgotten one ends by itself."""


class NoSuchToken(NotFound):
    """A token is revoked by the person who made it, once."""

    hint = "The list of your tokens names those that stand."


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


def make_token(session: Session, user: User, name: str, scope: rules.Scope, days: int) -> tuple[Token, str]:
    """Make a token by which a program acts as this person: its row and its secret, which is told this once only."""
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > rules.LONGEST_NAME:
        raise TokenNameMissing(_("A token needs a name of at most %(n)s characters.", n=rules.LONGEST_NAME))
    if days not in rules.TOKEN_DAYS:
        raise NoSuchLife(_("A token lives for %(days)s days.", days=", ".join(map(str, rules.TOKEN_DAYS))))
    if any(one.name == name for one in queries.tokens_of(session, user.id)):
        raise TokenNameTaken(_("You have a token named “%(name)s”.", name=name))
    secret, at = rules.TOKEN_MARK + rules.new_token(), now()
    token = Token(user_id=user.id, name=name, scope=scope, token_sha256=rules.fingerprint(secret), made_at=at,
                  expires_at=at + timedelta(days=days))  # fmt: skip
    session.add(token)
    session.flush()
    made = TokenMade(token.id, scope.value, token.expires_at.isoformat(timespec="seconds"))
    audit.record(session, HOUSE, user.id, made)
    return token, secret


def token_named(session: Session, user: User, name: str) -> Token:
    """The person's token of this name."""
    found = next((one for one in queries.tokens_of(session, user.id) if one.name == name), None)
    if found is None:
        raise NoSuchToken(_("There is no token named “%(name)s”.", name=name))
    return found


def revoke_token(session: Session, user: User, token_id: int) -> Token:
    """Take a token back; it opens nothing from here on."""
    found = next((one for one in queries.tokens_of(session, user.id) if one.id == token_id), None)
    if found is None:
        raise NoSuchToken(_("You have no such token."))
    found.revoked_at = now()
    audit.record(session, HOUSE, user.id, TokenRevoked(found.id))
    session.flush()
    return found


def note_use(session: Session, token_id: int) -> None:
    """Write down the day on which a token was used last."""
    used = update(Token).where(Token.id == token_id).values(last_used_at=today())
    session.execute(used.execution_options(synchronize_session=False))


def today() -> datetime:
    """The day, as its first moment in UTC: what is kept of a token's last use."""
    return now().replace(hour=0, minute=0, second=0, microsecond=0)


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise NotAnAddress(_("“%(email)s” is not an e-mail address.", email=email.strip()), str(error)) from None
