"""What PRISMA-S and the search histories ask for: the protocol in force, and what its runs brought."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication.models import Answer, DeduplicationRun, Duplicate, Verdict
from workbench.protocols import queries as protocols
from workbench.protocols.models import ProtocolVersion
from workbench.records import queries as records
from workbench.records.models import Record
from workbench.records.queries import Balance
from workbench.reporting.rules import Brought, Deduplicated, Facts, Item, OfSource, Search, history, prisma_s


def checklist(session: Session, review_id: int, version: ProtocolVersion) -> list[Item]:
    """The 16 items of PRISMA-S, from a version of the protocol and the facts."""
    return prisma_s(version.document, Facts(_brought(session, review_id), _deduplicated(session, review_id)))


def histories(session: Session, review_id: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """The search history of every documented run, by the run's id, in the order the runs were documented."""
    version, hits = protocols.version_in_force(session, review_id), protocols.hits(session, review_id)
    arrived = [one for one in records.arrivals(session, review_id) if one.counts]
    for run in protocols.runs(session, review_id):
        files = [one.the_import.file_name for one in arrived if one.run.id == run.id]
        entered = run.documented_at.date().isoformat()
        search = Search(run.code, run.source, run.source_name, run.searched_on, entered, hits.get(run.id), files)
        yield run.id, history(version.document, search, version.number, version.plan_sha256)


def _brought(session: Session, review_id: int) -> list[Brought]:
    return [
        Brought(
            run=one.run.code,
            source=one.run.source,
            name=one.run.source_name,
            lane=one.run.lane,
            searched_on=one.run.searched_on,
            hits=one.hits,
            imported=one.imported,
            elsewhere=one.elsewhere,
            rejected=one.rejected,
            unexplained=one.unexplained,
            **_explained(one),
            files=one.files,
        )
        for one in records.balances(session, review_id)
    ]


def _explained(one: Balance) -> dict[str, Any]:
    if one.explanation is None or not one.is_explained:
        return {"explained": 0, "explanation": ""}
    return {"explained": one.difference or 0, "explanation": one.explanation.reason}


def _deduplicated(session: Session, review_id: int) -> Deduplicated:
    last, found = deduplication.last_run(session, review_id), deduplication.counts(session, review_id)
    people = deduplication.people_asked(session, review_id)
    by_one, by_several = _answered_by(session, review_id)
    return Deduplicated(
        engines=_engines(session, review_id, last),
        strictness=last.strictness if last else "",
        versions=last.versions if last else "",
        records=found.records,
        automatic=found.automatic,
        by_person=found.by_person,
        waiting=found.waiting,
        by_one=by_one,
        by_several=by_several,
        people=people,
        sources=[
            OfSource(one.name, one.records, one.automatic, one.by_person, one.kept)
            for one in deduplication.by_source(session, review_id)
        ],
    )


def _engines(session: Session, review_id: int, last: DeduplicationRun | None) -> tuple[str, ...]:
    """The versions of the engine whose joins stand, and the one that searched last."""
    if last is None:
        return ()
    wanted = select(Duplicate.engine).join(Record, Record.id == Duplicate.record_id).distinct()
    named = session.scalars(wanted.where(Record.review_id == review_id, Duplicate.engine.is_not(None)))
    return (*sorted({engine for engine in named if engine} - {last.engine}), last.engine)


def _answered_by(session: Session, review_id: int) -> tuple[int, int]:
    """How many pairs one person answered, and how many two or more; what was put off or taken back is no answer."""
    people = func.count(Verdict.member_id.distinct())
    pairs = (
        select(people.label("people"))
        .join(Record, Record.id == Verdict.low_id)
        .where(Record.review_id == review_id, Verdict.withdrawn_at.is_(None), Verdict.answer != Answer.LATER)
        .group_by(Verdict.low_id, Verdict.high_id)
        .subquery()
    )
    several = func.count(case((pairs.c.people > 1, 1)))
    n, by_several = session.execute(select(func.count(), several).select_from(pairs)).one()
    return n - by_several, by_several
