"""An item of PRISMA-S, and what every item asks of the protocol: its sources, their runs, their names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.reviews.rules import Lane
from workbench.words import _

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Missing:
    """What an item lacks, and what to do."""

    what: str
    remedy: str


Said = str | Missing


@dataclass(frozen=True, slots=True)
class Item:
    """One item of PRISMA-S: its number, section and name, what is reported, and what is missing."""

    number: int
    section: str
    name: str
    lines: tuple[str, ...]
    missing: tuple[Missing, ...]

    @property
    def is_filled(self) -> bool:
        """Whether something is reported and nothing is missing."""
        return bool(self.lines) and not self.missing


def sources_of(document: Node) -> list[Node]:
    """Every source of every step, in the order of the protocol."""
    return [source for step in document["steps"] for source in step["sources"]]


def runs_of(document: Node) -> Iterator[tuple[Node, Node]]:
    """Every run with its source."""
    return ((source, run) for source in sources_of(document) for run in source.get("runs", ()))


def in_lane(document: Node, *lanes: Lane) -> list[Node]:
    """The sources of some lanes."""
    return [source for source in sources_of(document) if source["prisma_lane"] in lanes]


def platform_of(source: Node) -> str:
    """The platform of a source with its vendor; empty where not named."""
    return ", ".join(source[key] for key in ("platform", "vendor") if source.get(key))


def named(source: Node) -> str:
    """A source with its platform and address."""
    parts = [platform_of(source), source.get("url", "")]
    return f"{source['name']} ({'; '.join(filter(None, parts))})" if any(parts) else str(source["name"])


def unique(lines: Iterator[Said]) -> Iterator[Said]:
    """Each line once: a source that is searched in several steps is one source."""
    return iter(dict.fromkeys(lines))


def listed(document: Node, key: str, none: str, what: str) -> Iterator[Said]:
    """A list of the protocol; an empty one says "none", a missing one says nothing."""
    if key not in document:
        remedy = _("List it under “%(key)s”; write “%(key)s: []” where there was none.", key=key)
        yield Missing(_("%(what)s is not said.", what=what), remedy)
    yield from document.get(key) or ([none] if key in document else [])
