"""What each source and run brought after deduplication, what it alone brought, and what any two have in common."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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
    reports: int
    included: int | None


def source_of(run: SearchRun) -> SourceName:
    """The source that a run searched."""
    return SourceName(run.source_name, run.lane)


def yields(session: Session, review_id: int) -> Yields:
    """Count what each source and run of a review brought."""
    runs = runs_of_imports(session, review_id)
    found = {
        kept: [runs[import_id] for _record, import_id in members]
        for kept, members in reports(session, review_id).items()
    }
    sources = {kept: frozenset(map(source_of, _each(came))) for kept, came in found.items()}
    included = _included(session, review_id)
    between = overlap(sources.values())
    return Yields(
        _sources(runs, found.values(), between, None if included is None else [sources[kept] for kept in included]),
        _runs(runs, found.values()),
        between,
        len(found),
        None if included is None else len(included),
    )


Came = Collection[Sequence[SearchRun]]
"""The runs of each record of a report, the records in the order in which they arrived."""


def _each(came: Came) -> Iterator[SearchRun]:
    return (run for runs in came for run in runs)


def _sources(
    runs: Mapping[int, Sequence[SearchRun]],
    found: Iterable[Came],
    between: Overlap[SourceName],
    included: Iterable[frozenset[SourceName]] | None,
) -> list[SourceYield]:
    records = Counter(source for came in found for runs_of in came for source in set(map(source_of, runs_of)))
    only = None if included is None else overlap(included)
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


def _runs(runs: Mapping[int, Sequence[SearchRun]], found: Collection[Came]) -> list[RunYield]:
    records = Counter(run.id for came in found for run in _each(came))
    first = Counter(next(_each(came)).id for came in found)
    counted = overlap(frozenset(run.id for run in _each(came)) for came in found)
    return [
        RunYield(run, records[run.id], counted.reports(run.id), first[run.id], counted.unique(run.id))
        for run in _documented(runs)
    ]


def _documented(runs: Mapping[int, Sequence[SearchRun]]) -> list[SearchRun]:
    """Every run that has an import, in the order in which they were documented."""
    return sorted({run.id: run for some in runs.values() for run in some}.values(), key=lambda run: run.id)


def _included(session: Session, review_id: int) -> set[int] | None:
    """The included reports by their kept record; None until full texts were judged and while a stage is open."""
    judged = last_event(session, review_id, Stage.FULL_TEXT) is not None
    if not judged or any(is_running(session, review_id, stage) for stage in Stage):
        return None
    return {one.kept_id for one in box(session, review_id, "new_reports", scope_of(session, review_id))}
