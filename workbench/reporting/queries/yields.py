"""What each source and run brought after deduplication, what it alone brought, and what any two have in common."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from workbench.protocols.models import SearchRun
from workbench.reporting.queries.brought import reports, runs_of_imports
from workbench.reporting.queries.entries import box
from workbench.reporting.queries.scope import scope_of
from workbench.reporting.rules import Overlap, overlap
from workbench.reviews.rules import Lane, Stage
from workbench.screening.queries.votes import is_running, last_event


class SourceName(NamedTuple):
    """A source as the reader knows it, in whatever steps it was searched."""

    name: str
    lane: Lane


@dataclass(frozen=True, slots=True)
class SourceYield:
    """What one source brought: records, reports, those that no other brought, and of the included those it alone had.

    `only_included` is None while somebody may still vote (B1, B10).
    """

    source: SourceName
    records: int
    reports: int
    unique: int
    only_included: int | None


@dataclass(frozen=True, slots=True)
class RunYield:
    """What one run brought: records, reports after deduplication, those it had first, and those no other run has."""

    run: SearchRun
    records: int
    reports: int
    first: int
    unique: int


@dataclass(frozen=True, slots=True)
class Yields:
    """Sources and runs with what each brought, in the order they were documented; `included` is None while hidden."""

    sources: list[SourceYield]
    runs: list[RunYield]
    between: Overlap[SourceName]
    sets: list[tuple[tuple[SourceName, ...], int]]
    """How many reports came from just these sources, the largest number first."""
    reports: int
    included: int | None


def source_of(run: SearchRun) -> SourceName:
    """The source that a run searched."""
    return SourceName(run.source_name, run.lane)


Came = tuple[int, ...]
"""The imports that the records of a report came by, in the order in which they arrived; few differ."""

Runs = Mapping[int, Sequence[SearchRun]]
"""The runs to which the records of each import belong."""


def yields(session: Session, review_id: int) -> Yields:
    """Count what each source and run of a review brought."""
    runs = runs_of_imports(session, review_id)
    found = {
        kept: tuple(import_id for _record, import_id in members)
        for kept, members in reports(session, review_id).items()
    }
    came, included = Counter(found.values()), _included(session, review_id)
    by_source = _by_source(came, runs)
    between = overlap(by_source)
    of_included = None if included is None else Counter(found[kept] for kept in included)
    return Yields(
        _sources(runs, came, between, of_included),
        _runs(runs, came),
        between,
        _sets(by_source, runs),
        len(found),
        None if included is None else len(included),
    )


def shared_reports(
    session: Session, review_id: int, sources: Collection[SourceName], *, alone: bool = False
) -> list[int]:
    """The reports that all of these sources brought, or that no other brought, by their kept record."""
    runs, wanted = runs_of_imports(session, review_id), frozenset(sources)
    found = []
    for kept, members in reports(session, review_id).items():
        brought = {source_of(run) for _record, import_id in members for run in runs[import_id]}
        if brought == wanted if alone else brought >= wanted:
            found.append(kept)
    return sorted(found)


def _by_source(came: Counter[Came], runs: Runs) -> Counter[frozenset[SourceName]]:
    """How many reports came from each set of sources."""
    found: Counter[frozenset[SourceName]] = Counter()
    for imports, n in came.items():
        found[frozenset(source_of(run) for import_id in imports for run in runs[import_id])] += n
    return found


def _sets(by_source: Counter[frozenset[SourceName]], runs: Runs) -> list[tuple[tuple[SourceName, ...], int]]:
    """Each set of sources in the order they were documented; sets of one size with fewer sources first."""
    place = {name: at for at, name in enumerate(dict.fromkeys(map(source_of, _documented(runs))))}
    sets = [(tuple(sorted(some, key=place.__getitem__)), n) for some, n in by_source.items()]
    return sorted(sets, key=lambda one: (-one[1], len(one[0]), [place[name] for name in one[0]]))


def _sources(
    runs: Runs, came: Counter[Came], between: Overlap[SourceName], included: Counter[Came] | None
) -> list[SourceYield]:
    records: Counter[SourceName] = Counter()
    for imports, n in came.items():
        for import_id in imports:
            records.update(dict.fromkeys(map(source_of, runs[import_id]), n))
    only = None if included is None else overlap(_by_source(included, runs))
    names = dict.fromkeys(map(source_of, _documented(runs)))
    return [
        SourceYield(
            name,
            records[name],
            between.reports(name),
            between.unique(name),
            None if only is None else only.unique(name),
        )
        for name in names
    ]


def _runs(runs: Runs, came: Counter[Came]) -> list[RunYield]:
    records, first, sets = Counter[int](), Counter[int](), Counter[frozenset[int]]()
    for imports, n in came.items():
        brought = [run.id for import_id in imports for run in runs[import_id]]
        first[brought[0]] += n
        sets[frozenset(brought)] += n
        for run_id in brought:
            records[run_id] += n
    counted = overlap(sets)
    return [
        RunYield(run, records[run.id], counted.reports(run.id), first[run.id], counted.unique(run.id))
        for run in _documented(runs)
    ]


def _documented(runs: Runs) -> list[SearchRun]:
    """Every run that has an import, in the order in which they were documented."""
    return sorted({run.id: run for some in runs.values() for run in some}.values(), key=lambda run: run.id)


def _included(session: Session, review_id: int) -> set[int] | None:
    """The included reports by their kept record; None until full texts were judged and while a stage is open."""
    judged = last_event(session, review_id, Stage.FULL_TEXT) is not None
    if not judged or any(is_running(session, review_id, stage) for stage in Stage):
        return None
    return {one.kept_id for one in box(session, review_id, "new_reports", scope_of(session, review_id))}
