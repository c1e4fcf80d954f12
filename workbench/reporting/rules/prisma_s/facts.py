"""What the house knows of the searches beside the protocol: what runs brought, how duplicates were removed."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.reviews.rules import Lane


@dataclass(frozen=True, slots=True)
class Brought:
    """What one documented run brought (R16); `hits` is None where not known, `elsewhere` came by a shared file."""

    run: str
    source: str
    name: str
    lane: Lane
    searched_on: str
    hits: int | None
    imported: int
    elsewhere: int
    rejected: int
    unexplained: int
    explained: int
    explanation: str
    files: int


@dataclass(frozen=True, slots=True)
class OfSource:
    """One source before deduplication, what the program and people removed of it, and what stands after."""

    name: str
    before: int
    automatic: int
    by_person: int
    after: int


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """How duplicates were removed: records compared, removed by the program and by people, pairs that wait.

    `engines` are the versions whose decisions stand, the one of the last search last; none: nobody searched yet.
    `by_one` and `by_several` count the pairs that one person answered, and those that two or more did.
    """

    engines: tuple[str, ...]
    strictness: str
    versions: str
    records: int
    automatic: int
    by_person: int
    waiting: int
    by_one: int = 0
    by_several: int = 0
    sources: Sequence[OfSource] = ()
    people: int = 1
    """How many people were asked about each pair that the program left to them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the house knows of the searches beside the protocol."""

    runs: Sequence[Brought]
    deduplicated: Deduplicated
