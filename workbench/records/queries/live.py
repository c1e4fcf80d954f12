"""Reading what PubMed answered: for a run, for each line of its strategy, and how far a harvest is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from workbench.errors import WorkbenchError
from workbench.jobs.models import Job
from workbench.jobs.rules import MOST_ATTEMPTS
from workbench.protocols import queries as protocols
from workbench.protocols.models import ProtocolVersion, SearchRun
from workbench.protocols.rules import KnownStudy, Plan, plan_of
from workbench.records.models import Harvest, HarvestBatch, HarvestPart, LineFind, LiveSearch
from workbench.records.rules.live import LiveLine, Wording, is_pubmed, known, wording
from workbench.reviews.models import Member


@dataclass(frozen=True)
class Search:
    """A run as PubMed would be asked under the protocol in force; where it cannot be, `trouble` says why."""

    run: SearchRun
    version: ProtocolVersion
    wording: Wording | None
    trouble: WorkbenchError | None
    known: tuple[KnownStudy, ...]

    @property
    def ready(self) -> Wording:
        """How it is asked.

        Raises:
            NotPubMed, NoStrategy, UnresolvedLine: it cannot be.
        """
        if self.trouble is not None:
            raise self.trouble
        assert self.wording is not None  # noqa: S101  # one of the two is there
        return self.wording


@dataclass(frozen=True)
class Gathering:
    """One harvest with what is counted of it."""

    harvest: Harvest
    member: Member
    job: Job | None
    search: LiveSearch | None
    delivered: int
    missing: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is neither complete nor given up."""
        return self.harvest.completed_at is None and self.harvest.dropped_at is None

    @property
    def is_stuck(self) -> bool:
        """Whether it is open and no worker will go on by itself."""
        ended = self.job is None or self.job.finished_at is not None or self.job.attempts >= MOST_ATTEMPTS
        return self.is_open and ended

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is at it or will be."""
        return self.is_open and not self.is_stuck


@dataclass(frozen=True)
class LineAnswer:
    """A line of a strategy with PubMed's newest answer to it; an answer to other words is none."""

    line: LiveLine
    answer: LiveSearch | None


@dataclass(frozen=True)
class StudyFound:
    """A study that the team knows, and which lines of a run find it; `is_held` is None until PubMed was asked."""

    study: KnownStudy
    is_held: bool | None
    found_by: tuple[str, ...]
    missed_by: tuple[str, ...]


def search_of(session: Session, review_id: int, run_id: int) -> Search:
    """A run of this review as PubMed would be asked."""
    run = protocols.run_of(session, review_id, run_id)
    version = protocols.version_in_force(session, review_id)
    plan = plan_of(version.document)
    try:
        said = wording(plan, run.source, run.code)
    except WorkbenchError as error:
        return Search(run, version, None, error, known(plan))
    return Search(run, version, said, said.final.trouble, known(plan))


def pubmed_sources(plan: Plan) -> frozenset[str]:
    """The ids of the sources that are PubMed itself."""
    return frozenset(source.id for _step, source in plan.sources() if is_pubmed(source))


def answers(session: Session, run_id: int, line: str | None = None) -> Sequence[tuple[LiveSearch, Member]]:
    """Every answer of PubMed for this run (or one line of it) with who asked, newest first."""
    wanted = select(LiveSearch, Member).join(Member, Member.id == LiveSearch.asked_by)
    wanted = wanted.where(LiveSearch.run_id == run_id)
    if line is not None:
        wanted = wanted.where(LiveSearch.line == line)
    rows = session.execute(wanted.order_by(LiveSearch.id.desc())).unique()
    return [(row[0], row[1]) for row in rows]


def line_hits(session: Session, run_id: int) -> dict[str, LiveSearch]:
    """The newest answer for each line of a run, by the line's number; its term says whether the line is still so."""
    newest = select(func.max(LiveSearch.id)).where(LiveSearch.run_id == run_id).group_by(LiveSearch.line)
    return {row.line: row for row in session.scalars(select(LiveSearch).where(LiveSearch.id.in_(newest)))}


def line_answers(session: Session, search: Search) -> list[LineAnswer]:
    """Every line of a run with PubMed's newest answer to just these words."""
    hits = line_hits(session, search.run.id)
    lines = search.wording.lines if search.wording else ()
    found = [(line, hits.get(line.name)) for line in lines]
    return [LineAnswer(line, answer if answer and answer.term == line.term else None) for line, answer in found]


def line_finds(session: Session, review_id: int, run_id: int | None = None) -> Sequence[LineFind]:
    """The newest answer on each known study for each line of each run (or of one run), in the order asked."""
    newest = select(func.max(LineFind.id)).join(SearchRun, SearchRun.id == LineFind.run_id)
    newest = newest.where(SearchRun.review_id == review_id)
    if run_id is not None:
        newest = newest.where(LineFind.run_id == run_id)
    newest = newest.group_by(LineFind.run_id, LineFind.line, LineFind.doi, LineFind.pmid)
    return session.scalars(select(LineFind).where(LineFind.id.in_(newest)).order_by(LineFind.id)).all()


def known_by_line(session: Session, review_id: int, search: Search) -> list[StudyFound]:
    """Each known study with the lines of a run that find it, as last asked about just these words."""
    terms = {line.name: line.term for line in search.wording.lines} if search.wording else {}
    finds = [find for find in line_finds(session, review_id, search.run.id) if terms.get(find.line, "") == find.term]
    return [_found_by(study, finds, list(terms)) for study in search.known]


def _found_by(study: KnownStudy, finds: Sequence[LineFind], order: list[str]) -> StudyFound:
    own = sorted(
        (find for find in finds if (find.doi, find.pmid) == (study.doi, study.pmid)),
        key=lambda find: order.index(find.line),
    )
    return StudyFound(
        study,
        own[-1].is_held if own else None,
        tuple(find.line for find in own if find.is_found),
        tuple(find.line for find in own if not find.is_found),
    )


def last_asking(session: Session, review_id: int, run_id: int, kind: str) -> Job | None:
    """The last work of this kind on the lines of this run."""
    wanted = select(Job).where(Job.review_id == review_id, Job.kind == kind).order_by(Job.id.desc())
    return next((job for job in session.scalars(wanted) if job.payload.get("run_id") == run_id), None)


def open_harvest(session: Session, run_id: int) -> Harvest | None:
    """The harvest of this run that is neither complete nor given up."""
    wanted = select(Harvest).where(Harvest.run_id == run_id, Harvest.completed_at.is_(None))
    return session.scalar(wanted.where(Harvest.dropped_at.is_(None)))


def newest_harvest(session: Session, run_id: int) -> Gathering | None:
    """The last harvest of this run that was not given up, with what is counted of it."""
    row = session.execute(
        select(Harvest, Member, Job, LiveSearch)
        .join(Member, Member.id == Harvest.started_by)
        .outerjoin(Job, Job.id == Harvest.job_id)
        .outerjoin(LiveSearch, LiveSearch.id == Harvest.search_id)
        .where(Harvest.run_id == run_id, Harvest.dropped_at.is_(None))
        .order_by(Harvest.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    found = batches(session, row[0].id)
    missing = tuple(uid for batch in found for uid in batch.missing)
    return Gathering(*row, sum(len(batch.uids) for batch in found), missing)


def parts(session: Session, harvest_id: int) -> Sequence[HarvestPart]:
    """The parts of a harvest with their numbers, lowest first."""
    wanted = select(HarvestPart).where(HarvestPart.harvest_id == harvest_id).options(undefer(HarvestPart.uids))
    return session.scalars(wanted.order_by(HarvestPart.low)).all()


def batches(session: Session, harvest_id: int) -> Sequence[HarvestBatch]:
    """What was fetched of a harvest, in the order of the parts."""
    wanted = select(HarvestBatch).join(HarvestPart, HarvestPart.id == HarvestBatch.part_id)
    wanted = wanted.where(HarvestPart.harvest_id == harvest_id)
    return session.scalars(wanted.order_by(HarvestPart.low, HarvestBatch.position)).all()
