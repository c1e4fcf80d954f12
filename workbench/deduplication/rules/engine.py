"""One run: sort, block, compare, decide, cluster, link, and list what is left to a person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from workbench.deduplication.rules import decide
from workbench.deduplication.rules.blocking import candidates
from workbench.deduplication.rules.clusters import Clusters
from workbench.deduplication.rules.compare import Comparison, compare, title_likeness, worth_comparing
from workbench.deduplication.rules.evidence import evidence, reason_for, score
from workbench.deduplication.rules.findings import Findings, Join, Link, Pair
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.links import SAY_TWO, TRIAL, link_kind
from workbench.deduplication.rules.settings import PROBABLE, Settings

ENGINE = "2"
PERSON = "person"
Progress = Callable[[int, int], None]
_STEP = 2000


@dataclass(slots=True)
class _Edge:
    """A compared pair with what the rules say of it; `first` and `second` are places in the sorted list."""

    first: int
    second: int
    comparison: Comparison
    veto: str | None
    rule: decide.Rule | None


@dataclass(slots=True)
class _Run:
    """The state of one run over records sorted by content, so that the order of input cannot matter."""

    forms: list[NormalForm]
    settings: Settings
    judged: dict[tuple[int, int], _Edge] = field(default_factory=dict)

    def judge(self, first: int, second: int) -> _Edge:
        """Compare two records and ask vetoes and rules, once."""
        key = (first, second) if first < second else (second, first)
        known = self.judged.get(key)
        if known is None:
            comparison = compare(self.forms[key[0]], self.forms[key[1]])
            known = self._said(key, comparison)
            self.judged[key] = known
        return known

    def _said(self, key: tuple[int, int], comparison: Comparison) -> _Edge:
        rule = decide.rule(comparison, self.settings)
        return _Edge(*key, comparison, decide.veto(comparison, self.settings), rule)

    def forbids(self, first: int, second: int) -> bool:
        """Say whether two records may never stand in one cluster."""
        return self.judge(first, second).veto is not None


def find(
    forms: Sequence[NormalForm],
    settings: Settings,
    *,
    must: Iterable[tuple[int, int]] = (),
    cannot: Iterable[tuple[int, int]] = (),
    progress: Progress | None = None,
) -> Findings:
    """Find which records are one report.

    Args:
        forms: The records' normal forms; positions in this list name them.
        settings: Strictness and what to do with versions.
        must: Pairs a person called duplicates; joined whatever the rules say.
        cannot: Pairs a person called different; never joined, not even through others.
        progress: Called with candidate pairs done and in all.

    The clusters, as sets of records, do not depend on the order of `forms`.
    """
    order = sorted(range(len(forms)), key=lambda place: (forms[place].rank, place))
    place_of = {position: place for place, position in enumerate(order)}
    run = _Run([forms[position] for position in order], settings)
    edges = _edges(run, progress)
    clusters = Clusters(len(forms), run.forbids)
    clusters.part((place_of[a], place_of[b]) for a, b in cannot)
    joins = _join(clusters, edges, [(place_of[a], place_of[b]) for a, b in must], settings)
    links = _links(run, clusters, edges)
    pairs = _pairs(run, clusters, edges, links)
    return _as_given(order, clusters, joins, pairs, links)


def _edges(run: _Run, progress: Progress | None) -> list[_Edge]:
    """Compare every candidate pair worth it; keep those of which a rule or a link may speak."""
    found = []
    pairs = candidates(run.forms)
    for done, (first, second) in enumerate(pairs):
        one, other = run.forms[first], run.forms[second]
        if worth_comparing(one, other, title_likeness(one, other)):
            found.append(run.judge(first, second))
        if progress and done % _STEP == 0:
            progress(done, len(pairs))
    if progress:
        progress(len(pairs), len(pairs))
    return found


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


def _links(run: _Run, clusters: Clusters, edges: list[_Edge]) -> list[Link]:
    """Link reports that belong together, once per pair of clusters and kind."""
    found: dict[tuple[int, int, str], Link] = {}
    for edge in edges:
        ends = clusters.home(edge.first), clusters.home(edge.second)
        if ends[0] == ends[1] or (edge.veto is None and edge.rule is not None):
            continue
        named = link_kind(run.forms[edge.first], run.forms[edge.second], edge.comparison)
        if named:
            kind, forward = named
            first, second = (edge.first, edge.second) if forward else (edge.second, edge.first)
            key = (*sorted(ends), kind)
            found.setdefault(key, Link(first, second, kind, edge.veto or kind, evidence(edge.comparison)))  # type: ignore[arg-type]
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
    order: list[int], clusters: Clusters, joins: list[Join], pairs: list[Pair], links: list[Link]
) -> Findings:
    """Name records by their positions in the input again."""
    return Findings(
        clusters=sorted(sorted(order[place] for place in members) for members in clusters.all()),
        joins=[Join(order[j.first], order[j.second], j.rule, j.reason) for j in joins],
        pairs=[Pair(order[p.first], order[p.second], p.score, p.reason, p.evidence) for p in pairs],
        links=[Link(order[k.first], order[k.second], k.kind, k.rule, k.reason) for k in links],
    )
