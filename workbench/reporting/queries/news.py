"""What each run of a source brought that was not there before: the log of a search over time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.protocols import queries as protocols
from workbench.protocols.models import SearchRun
from workbench.records.models import Import
from workbench.records.queries import counts_now
from workbench.reporting.queries.brought import Member, reports, runs_of_imports

LATER_KINDS = ("update", "rerun")


@dataclass(slots=True)
class News:
    """One run against everything that was there when its records arrived.

    records = repeated + again + elsewhere + new: further records of a report within the run; reports that an earlier
    run of the same source had brought; reports that came from elsewhere; new reports, by the run's first record.
    `kind` is the protocol's word for the run, None where the protocol does not know it.
    """

    run: SearchRun
    kind: str | None
    is_later: bool
    repeated: int = 0
    again: int = 0
    elsewhere: int = 0
    new: list[int] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records the run brought."""
        return self.repeated + self.again + self.elsewhere + len(self.new)

    @property
    def known(self) -> int:
        """How many of its reports were there already."""
        return self.again + self.elsewhere


def news(session: Session, review_id: int) -> list[News]:
    """Every run of a review with what was new in it: source by source, each source's runs in the order of time."""
    found = _empty(session, review_id)
    runs = runs_of_imports(session, review_id)
    for members in reports(session, review_id).values():
        for run in {run.id: run for _record, of in members for run in runs[of]}.values():
            _count(found[run.id], members, runs)
    return list(found.values())


def news_of(session: Session, review_id: int, run_id: int) -> News:
    """What was new in one run of this review."""
    protocols.run_of(session, review_id, run_id)
    return next(one for one in news(session, review_id) if one.run.id == run_id)


def last_import(session: Session, review_id: int, run_id: int) -> Import | None:
    """The newest import of a run whose records count."""
    wanted = select(Import).where(Import.review_id == review_id, Import.run_id == run_id, *counts_now())
    return session.scalars(wanted.order_by(Import.completed_at.desc(), Import.id.desc()).limit(1)).first()


def _empty(session: Session, review_id: int) -> dict[int, News]:
    plan = protocols.plan_in_force(session, review_id)
    kinds = {run.id: run.kind for _step, _source, run in plan.runs()}
    found: dict[int, News] = {}
    for runs in _by_source(protocols.runs(session, review_id)):
        for place, run in enumerate(runs):
            kind = kinds.get(run.code)
            found[run.id] = News(run, kind, place > 0 or kind in LATER_KINDS)
    return found


def _by_source(runs: Sequence[SearchRun]) -> Iterator[list[SearchRun]]:
    """The runs of each source in the order of time; sources in the order they were documented."""
    for source in dict.fromkeys(run.source for run in runs):
        yield sorted((run for run in runs if run.source == source), key=lambda run: (run.searched_on, run.id))


def _count(one: News, members: Sequence[Member], runs: Mapping[int, Sequence[SearchRun]]) -> None:
    """Add a report to the news of a run that brought it; what came before the run's first record was there already."""
    own = [record for record, of in members if any(run.id == one.run.id for run in runs[of])]
    before = [runs[of][0] for record, of in members if record <= own[0] and runs[of][0].id != one.run.id]
    one.repeated += len(own) - 1
    if any(run.source == one.run.source for run in before):
        one.again += 1
    elif before:
        one.elsewhere += 1
    else:
        one.new.append(own[0])
