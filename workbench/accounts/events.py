"""Facts about signing in; no name and no address goes into the trail."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class SignedIn(Event):
    """A person signed in."""

    name: ClassVar[str] = "accounts:session:begun"


@dataclass(frozen=True)
class PasswordChanged(Event):
    """A person chose a new password."""

    name: ClassVar[str] = "accounts:password:changed"


@dataclass(frozen=True)
class SignedUp(Event):
    """An account came into being by a link."""

    name: ClassVar[str] = "accounts:account:created"
    user_id: int


@dataclass(frozen=True)
class TokenMade(Event):
    """A person made a token for a program; neither it nor its name is told."""

    name: ClassVar[str] = "accounts:token:made"
    token_id: int
    scope: str
    expires_at: str


@dataclass(frozen=True)
class TokenRevoked(Event):
    """A person took a program's token back."""

    name: ClassVar[str] = "accounts:token:revoked"
    token_id: int
