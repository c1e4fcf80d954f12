"""Facts about reviews and teams."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class ReviewCreated(Event):
    """A review began."""

    name: ClassVar[str] = "reviews:review:created"
    slug: str


@dataclass(frozen=True)
class MemberJoined(Event):
    """A person joined with a role."""

    name: ClassVar[str] = "reviews:member:joined"
    member_id: int
    role: str


@dataclass(frozen=True)
class RoleChanged(Event):
    """A role was given to or taken from a member."""

    name: ClassVar[str] = "reviews:role:changed"
    member_id: int
    role: str
    given: bool


@dataclass(frozen=True)
class MemberLeft(Event):
    """A person left; their votes stay."""

    name: ClassVar[str] = "reviews:member:left"
    member_id: int


@dataclass(frozen=True)
class Invited(Event):
    """A link was made by which one person can join."""

    name: ClassVar[str] = "reviews:invitation:made"
    invitation_id: int
    role: str
