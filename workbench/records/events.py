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


@dataclass(frozen=True)
class UploadHeld(Event):
    """A table whose headers are not known waits for a person to say what its columns hold."""

    name: ClassVar[str] = "records:upload:held"
    upload_id: int
    run_id: int
    file_sha256: str


@dataclass(frozen=True)
class UploadDropped(Event):
    """A table that waited for its columns was let go: by a person, or after a day."""

    name: ClassVar[str] = "records:upload:dropped"
    upload_id: int


@dataclass(frozen=True)
class ColumnsMapped(Event):
    """Somebody said what the columns of a source's tables hold."""

    name: ClassVar[str] = "records:columns:mapped"
    mapping_id: int
    source: str
    headers_sha256: str


@dataclass(frozen=True)
class FieldAdded(Event):
    """Somebody added to a field of a record that had none, and said where it was found."""

    name: ClassVar[str] = "records:field:added"
    addition_id: int
    added_to: int
    field: str
    value_sha256: str | None
    said_source_sha256: str | None


@dataclass(frozen=True)
class AdditionWithdrawn(Event):
    """What was added to a record was taken off again."""

    name: ClassVar[str] = "records:field:withdrawn"
    addition_id: int
    added_to: int
    field: str


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


@dataclass(frozen=True)
class LettersMended(Event):
    """Somebody had the garbled letters of an import put right, in so many fields of so many records."""

    name: ClassVar[str] = "records:letters:mended"
    import_id: int
    records: int
    fields: int


@dataclass(frozen=True)
class LettersRestored(Event):
    """The letters of an import stand again as they were delivered."""

    name: ClassVar[str] = "records:letters:restored"
    import_id: int
    fields: int
