"""From clusters to rows: which record of a cluster is kept, why each other stands under it, and what is to be changed.

Pure thought, on ids of records. A chain cannot arise: every record of a cluster stands directly under the kept one.
The pairs of its rows are a tree over its records, so that each row taken away leaves two sides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workbench.deduplication.queries import Pair, Standing, in_order
from workbench.words import _


@dataclass(frozen=True, slots=True)
class Edge:
    """Why two records are one report; `decided_by` is the member who said so, None where the engine did.

    An edge that stood already tells which version of the engine found it, and when.
    """

    first: int
    second: int
    rule: str
    reason: str
    decided_by: int | None = None
    engine: str | None = None
    decided_at: datetime | None = None

    @property
    def pair(self) -> Pair:
        """The two records, the lower first."""
        return in_order(self.first, self.second)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written: duplicates that end, those that move under another kept record, and new ones with why."""

    gone: list[int] = field(default_factory=list)
    moved: dict[int, int] = field(default_factory=dict)
    new: list[tuple[int, int, Edge]] = field(default_factory=list)


def homes(records: Iterable[int], ties: Iterable[Pair]) -> dict[int, int]:
    """For each record: the lowest that these ties hold together with it, directly or through others.

    >>> homes([1, 2, 3, 4, 5], [(3, 4), (1, 4)])
    {1: 1, 2: 2, 3: 1, 4: 1, 5: 5}
    """
    home = {record: record for record in records}
    for one, other in ties:
        low, high = in_order(home[one], home[other])
        if low != high:
            home |= {record: low for record, at in home.items() if at == high}
    return home


def sides(standing: Mapping[int, Standing], without: Collection[int]) -> list[list[int]]:
    """The pieces in which clusters stand without the rows of some of their duplicates."""
    records = {one for row in standing.values() for one in (row.record_id, row.kept_id)}
    found: dict[int, list[int]] = defaultdict(list)
    ties = [row.pair for record, row in standing.items() if record not in without]
    for record, home in sorted(homes(records, ties).items()):
        found[home].append(record)
    return list(found.values())


def elect(
    cluster: Collection[int], kept: Collection[int], preferred: Collection[int] = (), tied: Collection[int] = ()
) -> int:
    """Say which record of a cluster is kept: one that was kept already, the first imported before all others.

    Where none is kept, one without a row of its own that ties it to the others goes before the rest: it was kept
    until its cluster was put under another.

    >>> elect([3, 5, 9], kept={5, 9}), elect([3, 5, 9], kept={5, 9}, preferred={9}), elect([3, 5], kept=())
    (5, 9, 3)
    >>> elect([3, 5], kept=(), tied={3})
    5
    """
    for group in (preferred, kept):
        if standing := [record for record in cluster if record in group]:
            return min(standing)
    return min(set(cluster).difference(tied) or cluster)


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

    A row whose pair is still in one cluster stays, but for those of the duplicates `asked_anew`. Edges tie together
    what the rows that stay do not; what no edge ties stands under the kept record all the same. A record that
    was kept stays kept; with `elect_anew`, only a preferred one does, so that nothing hangs on the order of searches.
    """
    found = Changes()
    by_record: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_record[edge.first].append(edge)
    by_pair: dict[int, list[Standing]] = defaultdict(list)
    for row in standing.values():
        if row.record_id not in asked_anew:
            by_pair[row.low_id].append(row)
    kept_before = set() if elect_anew else {row.kept_id for row in standing.values()}
    joined = set()
    for cluster in clusters:
        if len(cluster) > 1:
            whole = set(cluster)
            ties = [row for record in sorted(whole) for row in by_pair[record] if row.high_id in whole]
            inner = [edge for record in cluster for edge in by_record[record] if edge.second in whole]
            kept = elect(cluster, kept_before, preferred, {row.record_id for row in ties})
            _one_cluster(found, whole, kept, ties, inner, standing)
            joined |= whole - {kept}
    found.gone.extend(sorted(set(standing) - joined))
    return found


def _one_cluster(
    found: Changes,
    cluster: set[int],
    kept: int,
    ties: Sequence[Standing],
    edges: Sequence[Edge],
    standing: Mapping[int, Standing],
) -> None:
    """Add what must be written for one cluster: rows stay with their duplicates, other edges go to those without."""
    home = homes(cluster, [row.pair for row in ties])
    stay = {row.record_id: row for row in ties if row.record_id in cluster and row.record_id != kept}
    found.moved.update({record: kept for record, row in stay.items() if row.kept_id != kept})
    bare = cluster - {kept} - set(stay)
    loose = [(home[row.low_id], _as_edge(row)) for row in ties if row.record_id not in stay]
    for place, edge in [*loose, *_entries(home, kept, edges, bare)]:
        record = _whose(edge, place, bare, home)
        bare.remove(record)
        before = standing.get(record)
        if before and _is_the_same(before, kept, edge):
            continue
        if before:
            found.gone.append(record)
        found.new.append((record, kept, edge))


def _whose(edge: Edge, place: int, bare: Collection[int], home: Mapping[int, int]) -> int:
    """The duplicate without a row that takes an edge: of the group that it brings in, and of its pair, if may be."""
    return min(bare, key=lambda one: (home[one] != place, one not in edge.pair, one))


def _as_edge(row: Standing) -> Edge:
    return Edge(*row.pair, row.rule, row.reason, row.decided_by, row.engine, row.decided_at)


def _is_the_same(before: Standing, kept: int, edge: Edge) -> bool:
    """Say whether a row stands as it would be written anew; what a person said is written once."""
    if (before.kept_id, before.decided_by, before.pair) != (kept, edge.decided_by, edge.pair):
        return False
    return edge.decided_by is not None or (before.rule, before.reason) == (edge.rule, edge.reason)


def _entries(
    home: Mapping[int, int], kept: int, edges: Sequence[Edge], bare: Collection[int]
) -> list[tuple[int, Edge]]:
    """For each group of records that stand together: the edge by which it comes to the kept one's group."""
    ways: dict[int, list[tuple[int, Edge]]] = defaultdict(list)
    for edge in edges:
        ways[home[edge.first]].append((home[edge.second], edge))
        ways[home[edge.second]].append((home[edge.first], edge))
    entries: dict[int, Edge] = {}
    groups = [home[kept], *sorted(set(home.values()) - {home[kept]})]
    for group in groups:
        if group != home[kept] and group not in entries:
            top = min((one for one in bare if home[one] == group), default=group)
            entries[group] = Edge(kept, top, "together", _("stays together"))
        _reach(group, home[kept], ways, entries)
    return list(entries.items())


def _reach(start: int, first: int, ways: Mapping[int, list[tuple[int, Edge]]], entries: dict[int, Edge]) -> None:
    """Go from one group to all that edges lead to, and note the edge by which each is come to."""
    front = [start]
    while front:
        for there, edge in ways.get(front.pop(0), ()):
            if there != first and there not in entries:
                entries[there] = edge
                front.append(there)
