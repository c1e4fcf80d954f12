"""Programs ask here for whom they act, and with what token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint, g

from workbench.accounts.access import by_token
from workbench.accounts.rules import Scope
from workbench.web.api import answers

bp = Blueprint("accounts_api", __name__)


@dataclass(frozen=True)
class Me:
    """The person a program acts for, and the token it has."""

    name: str
    email: str
    token: Annotated[str, "The name its person gave this token."]
    scope: Scope
    expires_at: datetime


@bp.get("/me")
@by_token(Scope.READ)
@answers(Me)
def me() -> Me:
    """Say for whom this token acts, what it allows and until when."""
    token, person = g.token, g.person
    return Me(person.name, person.email, token.name, token.scope, token.expires_at)
