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
class DecisionsAdded(Event):
    """What another screening tool's log says was added to the records of an import, apart from them and no vote."""

    name: ClassVar[str] = "records:decisions:added"
    import_id: int
    sha256: str
    records: int
    decisions: int
    unmatched: int
