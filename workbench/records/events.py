"""Facts about imports."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class ImportStarted(Event):
    """A file was handed in for a run; `same_as` names the import that brought its records already, if one did."""

    name: ClassVar[str] = "records:import:started"
    import_id: int
    run_id: int
    sha256: str
    same_as: int | None


@dataclass(frozen=True)
class ImportCompleted(Event):
    """All records of a file arrived; from now on they count."""

    name: ClassVar[str] = "records:import:completed"
    import_id: int
    records: int
    rejected: int


@dataclass(frozen=True)
class ImportTakenBack(Event):
    """An import was taken back: its records count no more, and its file may be imported again."""

    name: ClassVar[str] = "records:import:taken-back"
    import_id: int


@dataclass(frozen=True)
class SearchAsked(Event):
    """PubMed was asked how many records a line of a run finds."""

    name: ClassVar[str] = "records:search:asked"
    run_id: int
    line: str
    count: int
    term_sha256: str | None


@dataclass(frozen=True)
class KnownStudiesAsked(Event):
    """PubMed was asked which of the studies that the team knows a line of a run finds."""

    name: ClassVar[str] = "records:known-studies:asked"
    run_id: int
    line: str
    studies: int
    found: int


@dataclass(frozen=True)
class HarvestStarted(Event):
    """Everything that PubMed finds for a run is to be fetched."""

    name: ClassVar[str] = "records:harvest:started"
    harvest_id: int
    run_id: int
    term_sha256: str | None


@dataclass(frozen=True)
class HarvestResumed(Event):
    """A harvest that failed goes on where it stopped."""

    name: ClassVar[str] = "records:harvest:resumed"
    harvest_id: int


@dataclass(frozen=True)
class HarvestCompleted(Event):
    """Everything that PubMed delivers for a run is there and was handed in as a file; `missing` were not delivered."""

    name: ClassVar[str] = "records:harvest:completed"
    harvest_id: int
    count: int
    delivered: int
    missing: int
    import_id: int | None


@dataclass(frozen=True)
class HarvestDropped(Event):
    """A harvest that failed was given up; nothing of it was imported."""

    name: ClassVar[str] = "records:harvest:dropped"
    harvest_id: int
