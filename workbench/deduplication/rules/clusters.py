"""Clusters with must-not-link: a union is refused where any two members conflict, so one bad edge costs one pair."""

from collections.abc import Callable, Iterable

Forbids = Callable[[int, int], bool]


class Clusters:
    """A partition that grows by unions; `forbids` says whether two records may never be one report."""

    def __init__(self, count: int, forbids: Forbids) -> None:
        self._home = list(range(count))
        self._members: dict[int, list[int]] = {place: [place] for place in range(count)}
        self._forbids = forbids
        self._never: set[tuple[int, int]] = set()

    def part(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Take a person's "not a duplicate": never to be joined."""
        self._never.update((min(pair), max(pair)) for pair in pairs)

    def home(self, place: int) -> int:
        """Name the cluster of a record."""
        return self._home[place]

    def members(self, home: int) -> list[int]:
        """List the records of a cluster, by its name."""
        return sorted(self._members[home])

    def are_parted(self, first: int, second: int) -> bool:
        """Say whether a person keeps the clusters of the two apart."""
        ones, others = self._members[self._home[first]], self._members[self._home[second]]
        return bool(self._never) and any((min(a, b), max(a, b)) in self._never for a in ones for b in others)

    def bind(self, first: int, second: int) -> bool:
        """Join two records because a person says so: only a person's "not a duplicate" refuses."""
        if self._home[first] == self._home[second] or self.are_parted(first, second):
            return False
        self._unite(first, second)
        return True

    def join(self, first: int, second: int) -> bool:
        """Join two records because a rule says so: refused where any two members conflict."""
        if self._home[first] == self._home[second] or self.are_parted(first, second):
            return False
        ones, others = self._members[self._home[first]], self._members[self._home[second]]
        if any(self._forbids(a, b) for a in ones for b in others if (a, b) != (first, second)):
            return False
        self._unite(first, second)
        return True

    def all(self) -> list[list[int]]:
        """List the clusters, each in any order."""
        return list(self._members.values())

    def _unite(self, first: int, second: int) -> None:
        keep, gone = self._home[first], self._home[second]
        if len(self._members[keep]) < len(self._members[gone]):
            keep, gone = gone, keep
        for place in self._members[gone]:
            self._home[place] = keep
        self._members[keep] += self._members.pop(gone)
