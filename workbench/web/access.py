"""Every route says at its door who may pass: the public, anyone signed in, or a role of the review's table."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask_security import auth_required

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Anyone may call this route, signed in or not."""
    view.door = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anyone who is signed in may call this route; it shows only what is theirs."""
    guarded: View = auth_required("session")(view)
    guarded.door = "signed in"  # type: ignore[attr-defined]
    return guarded
