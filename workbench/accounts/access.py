"""The door for programs: a token in the header `Authorization: Bearer …`, and nothing else; no cookie is looked at."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, g, request
from sqlalchemy.orm import Session

from workbench.accounts import queries, service
from workbench.accounts.models import Token, User
from workbench.accounts.rules import TOKEN_MARK, Scope, Throttle, fingerprint
from workbench.db import now
from workbench.errors import NotAllowed, NotKnown, TooOften
from workbench.web.transactions import current_session, short_write
from workbench.words import _

View = TypeVar("View", bound=Callable[..., Any])


class NoToken(NotKnown):
    """A program shows its token with every request."""

    hint = "Send the header “Authorization: Bearer <token>”. You make a token on your page “Access for programs”."


class WrongToken(NotKnown):
    """A token opens nothing once it is revoked or has expired, nor one that nobody made."""

    hint = "Make a new one on your page “Access for programs”."


class TooManyWrongTokens(TooOften):
    """So many wrong tokens came from one place that no more are looked at for a minute."""

    hint = "Wait a minute, then try again with a token that works."


class ScopeTooSmall(NotAllowed):
    """A token allows what its scope says, and never more than its person may do."""

    hint = "Make a token with a wider scope on your page “Access for programs”."


def by_token(scope: Scope) -> Callable[[View], View]:
    """Let pass any program with a token of this scope; the route gives only what is its person's."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            asking_person(scope)
            return view(**values)

        whole: Any = guarded
        whole.door, whole.scope = "token", scope
        found: View = whole
        return found

    return guard


def asking_person(scope: Scope) -> User:
    """The person whose token came with this request.

    Raises:
        NoToken, WrongToken: nobody is known by what came.
        TooManyWrongTokens: too many wrong ones came from there.
        ScopeTooSmall: the token does not allow this.
    """
    secret = _secret()
    token, user = _known(secret)
    if not token.scope.covers(scope):
        raise ScopeTooSmall(
            _("This token allows “%(held)s”; this takes “%(wanted)s”.", held=token.scope.value, wanted=scope.value)
        )
    _note_use(current_session(), token)
    g.token, g.person = token, user
    return user


def init_app(app: Any) -> None:
    """Begin to count wrong tokens."""
    app.extensions["workbench.throttle"] = Throttle()


def _secret() -> str:
    kind, _blank, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise NoToken(_("This request came without a token."))
    return secret.strip()


def _known(secret: str) -> tuple[Token, User]:
    """The token and its person; a wrong one is counted, and after many none is looked up for a while."""
    throttle: Throttle = current_app.extensions["workbench.throttle"]
    place = request.remote_addr or ""
    mark = fingerprint(secret)
    if throttle.is_shut(place, mark, time.monotonic()):
        raise TooManyWrongTokens(_("Too many wrong tokens came from your address."))
    found = queries.token_of(current_session(), secret) if secret.startswith(TOKEN_MARK) else None
    if found is None or not found[1].active:
        throttle.was_wrong(place, time.monotonic())
        raise WrongToken(_("This token is not known here."))
    if not found[0].works_at(now()):
        raise WrongToken(_("This token was revoked.") if found[0].revoked_at else _("This token has expired."))
    throttle.was_right(mark)
    return found


def _note_use(session: Session, token: Token) -> None:
    """Once a day; a request that only reads writes it beside itself."""
    if token.last_used_at == service.today():
        return
    if session.info.get("reads"):
        with short_write() as own:
            service.note_use(own, token.id)
    else:
        service.note_use(session, token.id)
