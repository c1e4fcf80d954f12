"""From clusters to rows: which record of a cluster is kept, why each other stands under it, and what is to be changed.

Pure thought, on ids of records. A chain cannot arise: every record of a cluster stands directly under the kept one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.deduplication.queries import Standing
from workbench.words import _


@dataclass(frozen=True, slots=True)
class Edge:
    """Why two records are one report; `decided_by` is the member who said so, None where the engine did."""

    first: int
    second: int
    rule: str
    reason: str
    decided_by: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written: duplicates that end, those that move under another kept record, and new ones with why."""

    gone: list[int] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    new: list[tuple[int, int, Edge]] = field(default_factory=list)


def elect(
    cluster: Collection[int], kept: Collection[int], preferred: Collection[int] = (), formerly: Collection[int] = ()
) -> int:
    """Say which record of a cluster is kept: one that was kept already, the first imported before all others.

    Where none is kept, one that was kept formerly, until a person put it under another, goes before the rest.

    >>> elect([3, 5, 9], kept={5, 9}), elect([3, 5, 9], kept={5, 9}, preferred={9}), elect([3, 5], kept=())
    (5, 9, 3)
    """
    for group in (preferred, kept, formerly):
        if standing := [record for record in cluster if record in group]:
            return min(standing)
    return min(cluster)


def changes(
    clusters: Iterable[Collection[int]],
    edges: Iterable[Edge],
    standing: Mapping[int, Standing],
    *,
    preferred: Collection[int] = (),
    asked_anew: Collection[int] = (),
    elect_anew: bool = False,
) -> Changes:
    """Say what must be written so that `standing` becomes these clusters.

    A duplicate whose kept record is still in its cluster keeps its reason, but for those `asked_anew`. A record that
    was kept stays kept; with `elect_anew`, only a preferred one does, so that nothing hangs on the order of searches.
    """
    found = Changes()
    by_record: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_record[edge.first].append(edge)
    kept_before = set() if elect_anew else {row.kept_id for row in standing.values()}
    formerly = {row.record_id for row in standing.values() if row.decided_by is not None}
    joined = set()
    for cluster in clusters:
        if len(cluster) > 1:
            kept = elect(cluster, kept_before, preferred, formerly)
            whole = set(cluster)
            inner = [edge for record in cluster for edge in by_record[record] if edge.second in whole]
            _one_cluster(found, whole, kept, inner, standing, asked_anew)
            joined |= whole - {kept}
    found.gone.extend(sorted(set(standing) - joined))
    return found


def _one_cluster(
    found: Changes,
    cluster: set[int],
    kept: int,
    edges: Sequence[Edge],
    standing: Mapping[int, Standing],
    asked_anew: Collection[int],
) -> None:
    """Add what must be written for one cluster."""
    home = {record: _home(record, cluster, standing, asked_anew) for record in cluster}
    entries = _entries(home, home[kept], edges)
    for record in sorted(cluster - {kept}):
        before = standing.get(record)
        if home[record] != record:
            if before and before.kept_id != kept:
                found.moved[record] = kept
            continue
        edge = entries.get(record) or Edge(record, kept, "together", _("stays together"))
        told = _told(edge, record, kept)
        if before and _is_the_same(before, kept, told):
            continue
        if before:
            found.gone.append(record)
        found.new.append((record, kept, told))


def _is_the_same(before: Standing, kept: int, told: Edge) -> bool:
    """Say whether a row stands as it would be written anew; what a person said is written once."""
    if (before.kept_id, before.decided_by) != (kept, told.decided_by):
        return False
    return told.decided_by is not None or (before.rule, before.reason) == (told.rule, told.reason)


def _home(record: int, cluster: set[int], standing: Mapping[int, Standing], asked_anew: Collection[int]) -> int:
    """The record under which this one stood and still may stand; itself, where it needs a reason of its own."""
    before = standing.get(record)
    if before is None or record in asked_anew or before.kept_id not in cluster:
        return record
    return before.kept_id


def _entries(home: Mapping[int, int], start: int, edges: Sequence[Edge]) -> dict[int, Edge]:
    """For each group of records that stood together: the edge by which it comes to the kept one's group."""
    ways: dict[int, list[tuple[int, Edge]]] = defaultdict(list)
    for edge in edges:
        ways[home[edge.first]].append((home[edge.second], edge))
        ways[home[edge.second]].append((home[edge.first], edge))
    entries: dict[int, Edge] = {}
    reached, front = {start}, [start]
    while front:
        here = front.pop(0)
        for there, edge in ways[here]:
            if there not in reached:
                reached.add(there)
                entries[there] = edge
                front.append(there)
    return entries


def _told(edge: Edge, record: int, kept: int) -> Edge:
    """Name the records that the reason speaks of, where they are not the duplicate and its kept record."""
    if {edge.first, edge.second} == {record, kept}:
        return edge
    first, second = sorted((edge.first, edge.second))
    reason = _("records %(first)s and %(second)s: %(reason)s", first=first, second=second, reason=edge.reason)
    return Edge(edge.first, edge.second, edge.rule, reason, edge.decided_by)
