"""Facts about protocols and their searches."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class ProtocolRegistered(Event):
    """A version of the protocol came into force; from the second on it is an amendment with a reason."""

    name: ClassVar[str] = "protocols:version:registered"
    version_id: int
    number: int
    plan_sha256: str
    reason_sha256: str | None


@dataclass(frozen=True)
class SearchDocumented(Event):
    """One more run of a source was documented."""

    name: ClassVar[str] = "protocols:run:documented"
    run_id: int
    searched_on: str


@dataclass(frozen=True)
class HitsReported(Event):
    """A member wrote down how many hits a database reported for a run."""

    name: ClassVar[str] = "protocols:hits:reported"
    run_id: int
    hits: int


@dataclass(frozen=True)
class DifferenceExplained(Event):
    """A member said why hits and records of a run differ."""

    name: ClassVar[str] = "protocols:difference:explained"
    run_id: int
    difference: int
    reason_sha256: str | None


@dataclass(frozen=True)
class LinesCounted(Event):
    """A member wrote down how many hits the lines of a run's strategy had."""

    name: ClassVar[str] = "protocols:lines:counted"
    run_id: int
    lines: int


@dataclass(frozen=True)
class DraftBegun(Event):
    """Somebody began to write a protocol: the next version of a review's, or one for a review to come."""

    name: ClassVar[str] = "protocols:draft:begun"
    draft_id: int


@dataclass(frozen=True)
class DraftSaved(Event):
    """Somebody changed a draft; nothing of it is in force."""

    name: ClassVar[str] = "protocols:draft:saved"
    draft_id: int
    document_sha256: str | None


@dataclass(frozen=True)
class DraftEnded(Event):
    """A draft was put in force or laid aside; or, laid aside, was taken up again."""

    name: ClassVar[str] = "protocols:draft:ended"
    draft_id: int
    how: str
