"""The door of every review page: who asks, with what role. A route without a door fails a test."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g
from flask_security import auth_required, current_user

from workbench.reviews import queries
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.web.transactions import current_session

View = TypeVar("View", bound=Callable[..., Any])


def door(deed: Deed) -> Callable[[View], View]:
    """Let pass only members of the review in the address whose role allows the deed (at the stage in the address)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(slug: str, **rest: Any) -> Any:
            member = queries.member_of(current_session(), slug, current_user.id)
            stage = Stage(rest["stage"]) if rest.get("stage") in set(Stage) else None
            allowed(member.roles, deed, stage)
            g.member = member
            return view(slug=slug, **rest)

        whole: View = auth_required("session")(guarded)
        whole.door = deed  # type: ignore[attr-defined]
        return whole

    return guard


def asking_member() -> Member:
    """The member who passed the door of this request."""
    member: Member = g.member
    return member
