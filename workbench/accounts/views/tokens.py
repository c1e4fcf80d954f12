"""A person's own page of tokens, by which programs act for them: made, shown once, revoked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug import Response

from workbench.accounts import queries, service
from workbench.accounts.rules import TOKEN_DAYS, Scope
from workbench.db import now
from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.web.access import signed_in
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("tokens", __name__)


class NoSuchScope(Invalid):
    """A token reads, votes, or does all that its person may."""

    hint = "Choose one of the three."


@bp.get("/account/tokens")
@signed_in
def tokens() -> str:
    """Show one's tokens and the form for a new one."""
    return _page()


@bp.post("/account/tokens")
@signed_in
def make() -> ResponseReturnValue:
    """Make a token and show it, once."""
    form = request.form
    try:
        with transaction() as session:
            scope, days = _scope(form.get("scope", "")), form.get("days", 0, type=int)
            _token, secret = service.make_token(session, current_user, form.get("name", ""), scope, days)
    except (Invalid, Clash) as error:
        return _page(refused=error), 409 if isinstance(error, Clash) else 422
    return _page(secret=secret)


@bp.post("/account/tokens/<int:token_id>/revoke")
@signed_in
def revoke(token_id: int) -> Response:
    """Take a token back."""
    with transaction() as session:
        token = service.revoke_token(session, current_user, token_id)
    flash(_("“%(name)s” is revoked. A program that uses it is refused from now on.", name=token.name))
    return redirect(url_for(".tokens"), 303)


def _scope(word: str) -> Scope:
    if word not in set(Scope):
        raise NoSuchScope(_("Say what the program may do."))
    return Scope(word)


def _page(secret: str | None = None, refused: WorkbenchError | None = None) -> str:
    found = queries.tokens_of(current_session(), current_user.id)
    return render_template(
        "accounts/tokens.html", tokens=found, secret=secret, refused=refused, form=request.form, now=now(),
        today=service.today(), choices=TOKEN_DAYS, scopes=list(Scope),
    )  # fmt: skip
