"""The door of every review page: who asks, with what role. A route without a door fails a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from flask import g
from flask_security import auth_required, current_user

from workbench.accounts.access import asking_person
from workbench.accounts.rules import Scope
from workbench.reviews import queries
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.web.transactions import close_session, current_session

View = TypeVar("View", bound=Callable[..., Any])


def door(deed: Deed, scope: Scope | None = None) -> Callable[[View], View]:
    """Let pass only members of the review in the address whose role allows the deed (at the stage in the address).

    With a scope the door is one for programs: it asks for a token that allows as much, and looks at no session.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(slug: str, **rest: Any) -> Any:
            user_id = asking_person(scope).id if scope else current_user.id
            member = queries.member_of(current_session(), slug, user_id)
            stage = Stage(rest["stage"]) if rest.get("stage") in set(Stage) else None
            allowed(member.roles, deed, stage)
            g.member = member
            return view(slug=slug, **rest)

        whole: Any = guarded if scope else auth_required("session")(guarded)
        whole.door, whole.scope = deed, scope
        found: View = whole
        return found

    return guard


@contextmanager
def apart() -> Iterator[None]:
    """Let go of the database while something slow is done without it; then the member is asked for anew."""
    slug, user_id = g.member.review.slug, g.member.user_id
    close_session()
    try:
        yield
    finally:
        g.member = queries.member_of(current_session(), slug, user_id)


def asking_member() -> Member:
    """The member who passed the door of this request."""
    member: Member = g.member
    return member
