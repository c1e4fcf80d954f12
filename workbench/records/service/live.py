"""Running a documented search on PubMed: what it answers per line, and fetching all of it before any is imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.files.stores import FolderStore, Store
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.jobs.rules import State
from workbench.protocols import queries as protocols
from workbench.records import queries, service
from workbench.records.entrez import Batch, Found, Whole
from workbench.records.events import (
    HarvestCompleted,
    HarvestDropped,
    HarvestResumed,
    HarvestStarted,
    KnownStudiesAsked,
    SearchAsked,
)
from workbench.records.models import Harvest, HarvestBatch, HarvestPart, Import, LineFind, LiveSearch
from workbench.records.queries import live
from workbench.records.rules.live import LiveLine
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

HARVEST = "records:harvest"
ASK_LINES = "records:ask-lines"
IDS_TOLD = 50
"""PubMed numbers that an explanation names; the run's page lists all of them."""


class HasRecords(Clash):
    """A run is fetched once; its records are those of one search."""

    hint = "For an update, document a new run of the same source. To fetch this one anew, take its imports back first."


class HarvestUnderWay(Clash):
    """A run is fetched by one harvest at a time."""

    hint = "Its page shows how far it is."


class NothingStuck(Clash):
    """Only a harvest that stopped is resumed or given up."""


class Spoilt(Invalid):
    """What was fetched lies in files until all of it is there."""

    hint = "Give this harvest up and fetch anew."


@dataclass(frozen=True)
class Known:
    """A study that the team knows, and its number in PubMed; None where PubMed does not hold it."""

    doi: str | None
    pmid: str | None
    uid: int | None


def note_answer(session: Session, member: Member, run_id: int, line: LiveLine, found: Found) -> LiveSearch:
    """Write down what PubMed answered to a line of a run."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    run = protocols.run_of(session, member.review_id, run_id)
    version = protocols.version_in_force(session, member.review_id)
    return _answer(session, member, run.id, version.id, line.name, found)


def note_finds(
    session: Session, member: Member, run_id: int, line: LiveLine, studies: Sequence[Known], found: Sequence[int]
) -> None:
    """Write down which of the known studies a line of a run finds."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    run = protocols.run_of(session, member.review_id, run_id)
    rows = [
        LineFind(
            run_id=run.id,
            line=line.name,
            term=line.term or "",
            doi=study.doi,
            pmid=study.pmid,
            is_held=study.uid is not None,
            is_found=study.uid in found,
            asked_by=member.id,
            asked_at=now(),
        )
        for study in studies
    ]
    if not rows:
        return
    session.add_all(rows)
    session.flush()
    event = KnownStudiesAsked(run.id, line.name, len(rows), sum(row.is_found for row in rows))
    audit.record(session, member.review_id, member.id, event)


def ask_lines(session: Session, member: Member, run_id: int) -> Job:
    """Put on the list of jobs: ask PubMed for the hits of every line, and which known studies each finds."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    search = live.search_of(session, member.review_id, run_id)
    running = live.last_asking(session, member.review_id, run_id, ASK_LINES)
    if running is not None and running.state in {State.WAITING, State.RUNNING}:
        return running
    lines = search.wording.lines if search.wording else search.ready.lines
    return jobs.submit(
        session,
        ASK_LINES,
        {"run_id": search.run.id},
        review_id=member.review_id,
        started_by=member.id,
        total=len(lines),
    )


def start_harvest(session: Session, member: Member, run_id: int) -> tuple[Harvest, Job]:
    """Put on the list of jobs: fetch everything that PubMed finds for a run, then import it.

    Raises:
        NotPubMed, NoStrategy, UnresolvedLine: it cannot be run.
        HasRecords: the run has its records.
        HarvestUnderWay: it is being fetched.
    """
    allowed(member.roles, Deed.IMPORT)
    search = live.search_of(session, member.review_id, run_id)
    final = search.ready.final
    if live.open_harvest(session, run_id) is not None:
        raise HarvestUnderWay(_("Run %(code)s is being fetched already.", code=search.run.code))
    _has_no_records(session, member.review_id, run_id)
    harvest = Harvest(
        run_id=search.run.id,
        protocol_version_id=search.version.id,
        line=final.name,
        term=final.term or "",
        started_by=member.id,
        started_at=now(),
    )
    session.add(harvest)
    session.flush()
    event = HarvestStarted(harvest.id, search.run.id, text_hash(harvest.term))
    audit.record(session, member.review_id, member.id, event)
    return harvest, _submit(session, member, harvest)


def resume_harvest(session: Session, member: Member, run_id: int) -> Job:
    """Let a harvest that stopped go on; what is fetched of it stays fetched."""
    allowed(member.roles, Deed.IMPORT)
    harvest = _stuck(session, member, run_id)
    audit.record(session, member.review_id, member.id, HarvestResumed(harvest.id))
    return _submit(session, member, harvest)


def drop_harvest(session: Session, member: Member, run_id: int) -> Harvest:
    """Give a harvest up that stopped; nothing of it was imported. The caller clears its shelf after the commit."""
    allowed(member.roles, Deed.IMPORT)
    harvest = _stuck(session, member, run_id)
    harvest.dropped_at, harvest.dropped_by = now(), member.id
    session.flush()
    audit.record(session, member.review_id, member.id, HarvestDropped(harvest.id))
    return harvest


def note_whole(session: Session, member: Member, harvest_id: int, whole: Whole) -> None:
    """Write down what PubMed finds for a harvest, and the numbers that are to be fetched."""
    harvest = session.get_one(Harvest, harvest_id)
    version, run_id = harvest.protocol_version_id, harvest.run_id
    harvest.search_id = _answer(session, member, run_id, version, harvest.line, whole.found).id
    session.add_all(
        HarvestPart(harvest_id=harvest.id, low=part.low, high=part.high, uids=list(part.uids)) for part in whole.parts
    )
    session.flush()


def note_batch(session: Session, part_id: int, position: int, sha256: str, batch: Batch) -> None:
    """Write down what was fetched just now; the bytes lie on the harvest's shelf."""
    session.add(
        HarvestBatch(
            part_id=part_id,
            position=position,
            sha256=sha256,
            uids=list(batch.uids),
            missing=list(batch.missing),
            fetched_at=now(),
        )
    )


def complete_harvest(
    session: Session, store: Store, member: Member, harvest_id: int, file: Path | None
) -> Import | None:
    """Hand in what was fetched as the file of the run, now that all of it is there; None where there is no record.

    A file that this run has already is not imported again.
    """
    harvest = session.get_one(Harvest, harvest_id)
    the_import = _import(session, store, member, harvest, file) if file else None
    batches = live.batches(session, harvest.id)
    harvest.completed_at, harvest.import_id = now(), the_import.id if the_import else None
    session.flush()
    event = HarvestCompleted(
        harvest.id,
        session.get_one(LiveSearch, harvest.search_id).count,
        sum(len(batch.uids) for batch in batches),
        sum(len(batch.missing) for batch in batches),
        harvest.import_id,
    )
    audit.record(session, member.review_id, member.id, event)
    return the_import


def difference(count: int, listed: int, delivered: int, missing: Sequence[int]) -> tuple[int, str]:
    """By how many records PubMed's count and its delivery differ, and where that comes from (R16); 0 where they agree.

    >>> difference(3, 3, 2, [17])
    (1, 'Counted by PubMed but not delivered: PMID 17.')
    """
    reasons = []
    if count != listed:
        reasons.append(
            _(
                "PubMed's count changed while its records were listed: %(count)s counted, %(listed)s listed.",
                count=count,
                listed=listed,
            )
        )
    if missing:
        ids = ", ".join(map(str, missing[:IDS_TOLD])) + ("…" if len(missing) > IDS_TOLD else "")
        reasons.append(_("Counted by PubMed but not delivered: PMID %(ids)s.", ids=ids))
    return count - delivered, " ".join(reasons)


def shelf(store: Store, harvest_id: int) -> FolderStore:
    """Where the answers of an unfinished harvest lie, apart from the files that count."""
    return FolderStore(store.folder / "harvests" / str(harvest_id))


def clear_shelf(store: Store, harvest_id: int) -> None:
    """Take away what an ended harvest left; missing already is as good."""
    folder = shelf(store, harvest_id).folder
    for path in sorted(folder.rglob("*"), reverse=True):
        _remove(path)
    _remove(folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _answer(session: Session, member: Member, run_id: int, version_id: int, line: str, found: Found) -> LiveSearch:
    row = LiveSearch(
        run_id=run_id,
        protocol_version_id=version_id,
        line=line,
        term=found.term,
        count=found.count,
        translation=found.translation,
        warnings=[list(pair) for pair in found.warnings],
        errors=[list(pair) for pair in found.errors],
        asked_by=member.id,
        asked_at=now(),
    )
    session.add(row)
    session.flush()
    event = SearchAsked(run_id, line, found.count, text_hash(found.term))
    audit.record(session, member.review_id, member.id, event)
    return row


def _import(session: Session, store: Store, member: Member, harvest: Harvest, file: Path) -> Import:
    run = protocols.run_of(session, member.review_id, harvest.run_id)
    with file.open("rb") as whole:
        earlier = queries.standing_file(session, member.review_id, store.put(whole))
        if earlier is not None and earlier.run_id == run.id:
            return earlier
        name = f"{run.code}-{harvest.started_at:%Y-%m-%d}-pubmed.xml"
        return service.start_import(session, store, member, run.id, name, whole, also_another_run=True)[0]


def _has_no_records(session: Session, review_id: int, run_id: int) -> None:
    standing = [
        one
        for one in queries.arrivals(session, review_id)
        if one.run.id == run_id and one.the_import.taken_back_at is None
    ]
    if standing:
        names = ", ".join(one.the_import.file_name for one in standing)
        raise HasRecords(_("Run %(code)s has its file already: %(names)s.", code=standing[0].run.code, names=names))


def _stuck(session: Session, member: Member, run_id: int) -> Harvest:
    run = protocols.run_of(session, member.review_id, run_id)
    newest = live.newest_harvest(session, run.id)
    if newest is None or not newest.is_stuck:
        raise NothingStuck(_("No harvest of run %(code)s has stopped.", code=run.code))
    return newest.harvest


def _submit(session: Session, member: Member, harvest: Harvest) -> Job:
    payload = {"harvest_id": harvest.id}
    job = jobs.submit(session, HARVEST, payload, review_id=member.review_id, started_by=member.id)
    harvest.job_id = job.id
    session.flush()
    return job
