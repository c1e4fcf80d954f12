"""Facts about duplicates."""

from dataclasses import dataclass
from typing import ClassVar

from workbench.audit.events import Event


@dataclass(frozen=True)
class DuplicatesSearched(Event):
    """The engine went over all records that stand; so many were joined to another, parted, or left to a person."""

    name: ClassVar[str] = "deduplication:run:finished"
    engine: str
    strictness: str
    versions: str
    records: int
    joined: int
    parted: int
    duplicates: int
    waiting: int
    links: int
    doubted: int = 0


@dataclass(frozen=True)
class PairAnswered(Event):
    """A person said of two records: same report, two reports, linked, or later.

    Where it does not stand alone, nobody else may know what was said before a second person has answered too.
    """

    name: ClassVar[str] = "deduplication:pair:answered"
    low_id: int
    high_id: int
    answer: str
    link: str | None = None
    pointing_id: int | None = None
    alone: bool = True


@dataclass(frozen=True)
class PairSettled(Event):
    """A person settled a pair of which two had said different things."""

    name: ClassVar[str] = "deduplication:pair:settled"
    low_id: int
    high_id: int
    answer: str
    link: str | None = None
    pointing_id: int | None = None


@dataclass(frozen=True)
class GroupAnswered(Event):
    """A person said the same of a whole group of pairs, after a look at a sample; those in `left` could not be."""

    name: ClassVar[str] = "deduplication:group:answered"
    answer: str
    group: str
    pairs: list[tuple[int, int]]
    left: list[tuple[int, int]]
    alone: bool = True


@dataclass(frozen=True)
class FieldChosen(Event):
    """A person chose the record that gives a field of its report; withdrawn, it is left to the fullest record again."""

    name: ClassVar[str] = "deduplication:field:chosen"
    chosen_id: int
    field: str
    withdrawn: bool = False


@dataclass(frozen=True)
class PairSuspected(Event):
    """Somebody pointed out two records that may be one report, or took that back."""

    name: ClassVar[str] = "deduplication:pair:suspected"
    low_id: int
    high_id: int
    is_withdrawn: bool


@dataclass(frozen=True)
class RecordParted(Event):
    """A person took one record out of its cluster."""

    name: ClassVar[str] = "deduplication:record:parted"
    parted_id: int
    kept_id: int


@dataclass(frozen=True)
class AnswerWithdrawn(Event):
    """A person's answer on a pair was taken back."""

    name: ClassVar[str] = "deduplication:answer:withdrawn"
    low_id: int
    high_id: int
    answer: str
    alone: bool = True


@dataclass(frozen=True)
class ImportReleased(Event):
    """An import was taken back: so many of its records left their clusters, so many clusters keep another one."""

    name: ClassVar[str] = "deduplication:import:released"
    import_id: int
    left: int
    kept_anew: int
