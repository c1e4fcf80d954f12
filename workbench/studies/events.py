"""Facts about studies, as the trail keeps them; names and notes go in as hashes."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class ReportsGathered(Event):
    """Reports were gathered into one study."""

    name: ClassVar[str] = "studies:reports:gathered"
    study_id: int
    record_ids: list[int]
    deed_id: int


@dataclass(frozen=True)
class ReportsSplit(Event):
    """Reports were taken out of a study; together they are a study of their own where there is more than one."""

    name: ClassVar[str] = "studies:reports:split"
    study_id: int
    into_id: int | None
    record_ids: list[int]
    deed_id: int


@dataclass(frozen=True)
class StudiesMerged(Event):
    """All reports of one study went into another."""

    name: ClassVar[str] = "studies:studies:merged"
    study_id: int
    from_id: int
    deed_id: int


@dataclass(frozen=True)
class PrimaryNamed(Event):
    """A report was named the primary one of its study."""

    name: ClassVar[str] = "studies:primary:named"
    study_id: int
    record_id: int
    deed_id: int


@dataclass(frozen=True)
class StudyNamed(Event):
    """A study got its name, registration numbers and note."""

    name: ClassVar[str] = "studies:study:named"
    study_id: int
    said_sha256: str | None
    deed_id: int


@dataclass(frozen=True)
class DeedUndone(Event):
    """A deed on studies was undone: everything is as it was before it."""

    name: ClassVar[str] = "studies:deed:undone"
    undone_id: int
    deed_id: int


@dataclass(frozen=True)
class PairSaid(Event):
    """Somebody said that reports are of different studies, put the question off, or took that back."""

    name: ClassVar[str] = "studies:pair:said"
    answer: str
    first_ids: list[int]
    second_ids: list[int]
    is_withdrawn: bool


@dataclass(frozen=True)
class OngoingSaid(Event):
    """A report that awaits classification was said to tell of a study under way, or no longer."""

    name: ClassVar[str] = "studies:report:ongoing"
    record_id: int
    is_withdrawn: bool


@dataclass(frozen=True)
class NoticeLookedAt(Event):
    """Somebody looked at a retraction, concern or erratum of a report."""

    name: ClassVar[str] = "studies:notice:seen"
    record_id: int
    kind: str
