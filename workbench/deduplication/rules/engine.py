"""One run: sort, block, compare, decide, cluster, link, and list what is left to a person."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.deduplication.rules import decide
from workbench.deduplication.rules.blocking import Keys, candidates, keys_of
from workbench.deduplication.rules.clusters import Clusters
from workbench.deduplication.rules.compare import Comparison, Glance, compare
from workbench.deduplication.rules.evidence import evidence, reason_for, score
from workbench.deduplication.rules.findings import Doubt, Findings, Join, Link, Pair
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.links import SAY_TWO, TRIAL, link_kind
from workbench.deduplication.rules.settings import PROBABLE, Settings
from workbench.deduplication.rules.sifting import Progress, sift
from workbench.words import _

ENGINE = "2"
PERSON = "person"


class Mark(NamedTuple):
    """What a run needs of every record before it looks at any: its rank, which sorts, and its keys."""

    rank: str
    keys: Keys


class Likeness(NamedTuple):
    """One comparison, and the link it would be if the two are no duplicates; says nothing of clusters or settings."""

    comparison: Comparison
    link: tuple[str, bool] | None


class Before(NamedTuple):
    """A record as the last run met it: its keys and group then, and its position now.

    The position is below 0 where it left or was changed since.
    """

    keys: Keys
    group: int
    now: int


@dataclass(slots=True)
class Memo:
    """What earlier runs compared, so that a run compares only what is new; positions name records as in `find`.

    A memo changes how long a run takes, never what it finds: each answer in it is that of the same two records.
    """

    before: Sequence[Before] = ()
    """The records of the last run, sorted as that run sorted them: by rank, then by position."""
    known: Mapping[tuple[int, int], Likeness] = field(default_factory=dict)
    """Those of their candidate pairs of which a rule or a link speaks."""
    fresh: dict[tuple[int, int], Likeness] = field(default_factory=dict)
    """Filled by the run: what it compared that was not known."""


CompareAll = Callable[
    [Sequence[NormalForm], Settings, NDArray[np.int64], Progress | None], Iterable[tuple[int, int, Likeness]]
]


@dataclass(slots=True)
class _Edge:
    """A compared pair with what the rules say of it; `first` and `second` are places in the sorted list."""

    first: int
    second: int
    comparison: Comparison
    link: tuple[str, bool] | None
    veto: str | None
    rule: decide.Rule | None


@dataclass(slots=True)
class _Run:
    """The state of one run over records sorted by content, so that the order of input cannot matter."""

    forms: Sequence[NormalForm]
    settings: Settings
    judged: dict[int, _Edge] = field(default_factory=dict)

    def judge(self, first: int, second: int) -> _Edge:
        """Compare two records and ask vetoes and rules, once."""
        first, second = (first, second) if first < second else (second, first)
        known = self.judged.get(first * len(self.forms) + second)
        return known or self.take(first, second, likeness(self.forms[first], self.forms[second]))

    def take(self, first: int, second: int, said: Likeness) -> _Edge:
        """Ask vetoes and rules of a comparison that is made."""
        comparison, settings = said.comparison, self.settings
        veto, rule = decide.veto(comparison, settings), decide.rule(comparison, settings)
        edge = _Edge(first, second, comparison, said.link, veto, rule)
        self.judged[first * len(self.forms) + second] = edge
        return edge

    def forbids(self, first: int, second: int) -> bool:
        """Say whether two records may never stand in one cluster."""
        return self.judge(first, second).veto is not None


class _Sorted(Sequence[NormalForm]):
    """The forms in the order of the run, each made when it is asked for, where the caller makes them so."""

    def __init__(self, forms: Sequence[NormalForm], order: Sequence[int]) -> None:
        self._forms, self._order = forms, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, place: Any) -> Any:
        return self._forms[self._order[place]]


def likeness(one: NormalForm, other: NormalForm) -> Likeness:
    """Compare two records."""
    comparison = compare(one, other)
    return Likeness(comparison, link_kind(one, other, comparison))


def alike(
    forms: Sequence[NormalForm], settings: Settings, pairs: NDArray[np.int64], progress: Progress | None = None
) -> Iterator[tuple[int, int, Likeness]]:
    """Compare candidate pairs, given as for `sift`; hand out those of which a rule or a link speaks."""
    for first, second, title in sift(forms, pairs, settings.numbers, progress):
        one, other = forms[first], forms[second]
        glance = Glance(one, other, title)
        link = link_kind(one, other, glance)
        if link or decide.rule(glance, settings):
            yield first, second, Likeness(glance.whole(), link)


def why_apart(one: NormalForm, other: NormalForm, settings: Settings) -> str:
    """Say in one line why the rules do not call two records one report."""
    comparison = compare(one, other)
    veto = decide.veto(comparison, settings)
    said = reason_for(veto) if veto else _("too little agrees, or another record of the group speaks against it")
    return f"{said} ({evidence(comparison)})"


def mark_of(form: NormalForm) -> Mark:
    """Give the mark of a record."""
    return Mark(form.rank, keys_of(form))


def find(
    forms: Sequence[NormalForm],
    settings: Settings,
    *,
    must: Iterable[tuple[int, int]] = (),
    held: Iterable[tuple[int, int]] = (),
    cannot: Iterable[tuple[int, int]] = (),
    groups: Sequence[int] | None = None,
    marks: Sequence[Mark] | None = None,
    memo: Memo | None = None,
    progress: Progress | None = None,
    compare_all: CompareAll | None = None,
    fetch: Callable[[Iterable[int]], None] | None = None,
) -> Findings:
    """Find which records are one report.

    Args:
        forms: The records' normal forms; positions in this list name them.
        settings: Strictness and what to do with versions.
        must: Pairs a person called duplicates; joined whatever the rules say.
        held: Pairs that stay together for another reason, such as votes; where the rules would part them, they are
            joined all the same and told as doubts.
        cannot: Pairs a person called different; never joined, not even through others.
        groups: The group of each record, where only records of one group are compared.
        marks: What `mark_of` gives for each form, where it is known already.
        memo: What earlier runs with the same kind of groups compared; it is told what this one does.
        progress: Called with candidate pairs done and in all.
        compare_all: Does what `alike` does, in another way.
        fetch: Told which positions of `forms` will be asked for, before they are, where they are read one by one.

    The clusters, as sets of records, do not depend on the order of `forms`, nor on the memo.
    """
    marks = marks or [mark_of(form) for form in forms]
    order = sorted(range(len(forms)), key=lambda position: (marks[position].rank, position))
    place_of = {position: place for place, position in enumerate(order)}
    pairs = candidates([marks[at].keys for at in order], groups and [groups[at] for at in order])
    run = _Run(_Sorted(forms, order), settings)
    compare_all = compare_all or alike
    if memo:
        pairs = _remembered(run, memo, order, pairs, is_grouped=groups is not None)
    if fetch:
        fetch(order[place] for place in np.unique(np.divmod(pairs, max(len(order), 1))).tolist())
    for first, second, said in compare_all(run.forms, settings, pairs, progress):
        run.take(first, second, said)
        if memo:
            memo.fresh[order[first], order[second]] = said
    edges = [run.judged[pair] for pair in sorted(run.judged)]
    never = [(place_of[a], place_of[b]) for a, b in cannot]
    bound, tied = ([(place_of[a], place_of[b]) for a, b in some] for some in (must, held))
    clusters = Clusters(len(forms), run.forbids)
    clusters.part(never)
    joins = _join(clusters, edges, bound + tied, settings)
    links = _links(clusters, edges)
    left = _pairs(run, clusters, edges, links)
    doubts = _doubts(run, clusters, edges, bound, tied, never) if tied else []
    return _as_given(order, clusters, joins, left, links, doubts)


def _remembered(
    run: _Run, memo: Memo, order: Sequence[int], pairs: NDArray[np.int64], *, is_grouped: bool
) -> NDArray[np.int64]:
    """Take what is known of candidate pairs; give back the pairs that nothing is known of."""
    known = _known(memo, order)
    old = np.sort(np.fromiter(known, np.int64, len(known)))
    for pair in np.intersect1d(pairs, old, assume_unique=True).tolist():
        first, second = divmod(pair, len(order))
        run.take(first, second, known[pair])
    return _without(_without(pairs, old), _compared(memo, order, is_grouped=is_grouped))


def _without(pairs: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Take some sorted pairs out of others."""
    if not len(others):
        return pairs
    at = np.minimum(np.searchsorted(others, pairs), len(others) - 1)
    rest: NDArray[np.int64] = pairs[others[at] != pairs]
    return rest


def _known(memo: Memo, order: Sequence[int]) -> dict[int, Likeness]:
    """What is known, by pair of places."""
    place_of = {position: place for place, position in enumerate(order)}
    found = {}
    for (a, b), likeness in memo.known.items():
        first, second = place_of[a], place_of[b]
        found[min(first, second) * len(order) + max(first, second)] = likeness
    return found


def _compared(memo: Memo, order: Sequence[int], *, is_grouped: bool) -> NDArray[np.int64]:
    """The candidate pairs of the last run, as pairs of places now; only of records that are as they were."""
    groups = [one.group for one in memo.before] if is_grouped else None
    pairs = candidates([one.keys for one in memo.before], groups)
    place = np.full(len(order) + 1, -1, np.int64)
    place[list(order)] = np.arange(len(order))
    now = place[np.fromiter((max(one.now, -1) for one in memo.before), np.int64, len(memo.before))]
    first, second = (now[side] for side in np.divmod(pairs, max(len(memo.before), 1)))
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.sort((low * len(order) + high)[low >= 0])


def _join(clusters: Clusters, edges: list[_Edge], must: list[tuple[int, int]], settings: Settings) -> list[Join]:
    """Join what a person bound, then what the rules join, the strongest first."""
    joins = [
        Join(first, second, PERSON, reason_for(PERSON))
        for first, second in sorted((min(pair), max(pair)) for pair in must)
        if clusters.bind(first, second)
    ]
    for edge in sorted(edges, key=_strength):
        if edge.rule and not edge.veto and edge.rule.tier <= settings.tier and clusters.join(edge.first, edge.second):
            joins.append(Join(edge.first, edge.second, edge.rule.name, evidence(edge.comparison)))
    return joins


def _strength(edge: _Edge) -> tuple[int, float, int, int]:
    """Sort by the boldness of the rule, then by likeness of title, then by content."""
    rank = decide.RANK[edge.rule.name] if edge.rule else len(decide.RANK)
    return rank, -edge.comparison.title, edge.first, edge.second


def _doubts(
    run: _Run,
    clusters: Clusters,
    edges: list[_Edge],
    bound: list[tuple[int, int]],
    tied: list[tuple[int, int]],
    never: list[tuple[int, int]],
) -> list[Doubt]:
    """Say which clusters would fall apart if nothing but a person's word and the rules held them."""
    homes = {clusters.home(first) for first, _second in tied}
    alone = Clusters(len(run.forms), run.forbids)
    alone.part(never)
    inner = [edge for edge in edges if clusters.home(edge.first) == clusters.home(edge.second) in homes]
    _join(alone, inner, bound, run.settings)
    found = []
    for home in sorted(homes):
        pieces: dict[int, list[int]] = {}
        for member in clusters.members(home):
            pieces.setdefault(alone.home(member), []).append(member)
        if len(pieces) > 1:
            found.append(Doubt(list(pieces.values())))
    return found


def _links(clusters: Clusters, edges: list[_Edge]) -> list[Link]:
    """Link reports that belong together, once per pair of clusters and kind."""
    found: dict[tuple[int, int, str], Link] = {}
    for edge in edges:
        ends = clusters.home(edge.first), clusters.home(edge.second)
        if edge.link is None or ends[0] == ends[1] or (edge.veto is None and edge.rule is not None):
            continue
        kind, forward = edge.link
        first, second = (edge.first, edge.second) if forward else (edge.second, edge.first)
        key = (min(ends), max(ends), kind)
        found.setdefault(key, Link(first, second, kind, edge.veto or kind, evidence(edge.comparison)))
    return _thinned(clusters, list(found.values()))


def _thinned(clusters: Clusters, links: list[Link]) -> list[Link]:
    """Leave out links of one trial's reports that others already tie together: of many reports, one chain is enough."""
    tied: dict[int, int] = {}

    def root(home: int) -> int:
        while home in tied:
            home = tied[home]
        return home

    kept = []
    for link in links:
        one, other = root(clusters.home(link.first)), root(clusters.home(link.second))
        if link.kind != TRIAL or one != other:
            kept.append(link)
        if link.kind == TRIAL and one != other:
            tied[max(one, other)] = min(one, other)
    return kept


def _pairs(run: _Run, clusters: Clusters, edges: list[_Edge], links: list[Link]) -> list[Pair]:
    """List what is left to a person, most likely first, one pair for two clusters, at most ten per 1,000 records."""
    two = [link for link in links if link.kind in SAY_TWO]
    linked = {frozenset((clusters.home(link.first), clusters.home(link.second))) for link in two}
    best: dict[frozenset[int], Pair] = {}
    numbers = run.settings.numbers
    for edge in edges:
        ends = frozenset((clusters.home(edge.first), clusters.home(edge.second)))
        if len(ends) == 1 or edge.rule is None or ends in linked or clusters.are_parted(edge.first, edge.second):
            continue
        likely = score(edge.comparison, numbers)
        is_probable = (edge.veto is None and edge.rule.tier <= PROBABLE) or decide.is_for_a_person(edge.veto, edge.rule)
        if (is_probable or likely >= numbers.shown_score) and (ends not in best or likely > best[ends].score):
            too_bold = edge.rule.tier > run.settings.tier
            reason = reason_for(edge.veto or (edge.rule.name if too_bold else "member-differs"))
            best[ends] = Pair(edge.first, edge.second, likely, reason, evidence(edge.comparison))
    most = max(numbers.fewest_pairs, len(run.forms) * numbers.pairs_per_thousand // 1000)
    return sorted(best.values(), key=lambda pair: (-pair.score, pair.first, pair.second))[:most]


def _as_given(
    order: list[int],
    clusters: Clusters,
    joins: list[Join],
    pairs: list[Pair],
    links: list[Link],
    doubts: list[Doubt],
) -> Findings:
    """Name records by their positions in the input again."""
    return Findings(
        clusters=sorted(sorted([order[place] for place in members]) for members in clusters.all()),
        joins=[Join(order[j.first], order[j.second], j.rule, j.reason) for j in joins],
        pairs=[Pair(order[p.first], order[p.second], p.score, p.reason, p.evidence) for p in pairs],
        links=[Link(order[k.first], order[k.second], k.kind, k.rule, k.reason) for k in links],
        doubts=[Doubt(sorted(sorted(order[place] for place in piece) for piece in one.pieces)) for one in doubts],
    )
