"""What a run of the engine finds: clusters, why they were joined, what is left to a person, and links beside them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Join:
    """Two records put together, by which rule, and why in words."""

    first: int
    second: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records a person should look at; `score` 0 to 1 orders the list."""

    first: int
    second: int
    score: float
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Link:
    """Two reports that belong together and are not one: the first is `kind` the second (erratum-of, version-of, …)."""

    first: int
    second: int
    kind: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cluster that only holds because it must: the pieces in which the rules would leave it."""

    pieces: list[list[int]]


@dataclass(frozen=True, slots=True)
class Findings:
    """All a run found, as positions in the list of records given; every record is in one cluster, alone or not."""

    clusters: list[list[int]]
    joins: list[Join]
    pairs: list[Pair]
    links: list[Link]
    doubts: list[Doubt] = field(default_factory=list)
