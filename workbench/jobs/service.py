"""Submitting a job, and holding it while it is worked on. A worker may die at any moment; nothing is lost."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult, or_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.models import HOUSE
from workbench.db import Sessions, now
from workbench.errors import Clash, WorkbenchError
from workbench.files.stores import Store
from workbench.jobs.events import JobCancelled
from workbench.jobs.models import Job
from workbench.jobs.rules import MOST_ATTEMPTS
from workbench.words import _

log = logging.getLogger(__name__)


class Lost(Exception):
    """Another worker took the job over, or it was cancelled; what this one was about to write is dropped."""


class AlreadyOver(Clash):
    """Only work that is not over yet can be cancelled."""

    hint = "Load the page again to see how it ended."


def submit(
    session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    review_id: int | None = None,
    started_by: int | None = None,
    total: int = 0,
) -> Job:
    """Put a job on the list, by the name of its kind; it runs once the transaction is committed."""
    job = Job(
        kind=kind,
        payload=dict(payload),
        review_id=review_id,
        started_by=started_by,
        total=total,
        created_at=now(),
        done=0,
        beat=0,
        attempts=0,
    )
    session.add(job)
    session.flush()
    return job


def claim(session: Session, job_id: int, owner: str, gone_at: int | None = None) -> bool:
    """Take a job that nobody holds, or whose holder's beat stood still at `gone_at`; say whether it is ours now."""
    free = Job.owner.is_(None) if gone_at is None else or_(Job.owner.is_(None), Job.beat == gone_at)
    taken = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.finished_at.is_(None), Job.attempts < MOST_ATTEMPTS, free)
        .values(owner=owner, beat=Job.beat + 1, attempts=Job.attempts + 1)
    )
    return _touched(taken)


def cancel(session: Session, job: Job, member_id: int) -> None:
    """End a job of a review before it is done; whoever works on it notices at the next step and drops that step.

    Raises:
        AlreadyOver: it ended meanwhile, by itself or by somebody else.
    """
    open_job = update(Job).where(Job.id == job.id, Job.finished_at.is_(None))
    if not _touched(session.execute(open_job.values(finished_at=now(), cancelled_by=member_id))):
        raise AlreadyOver(_("This work is over already."))
    audit.record(session, job.review_id or HOUSE, member_id, JobCancelled(job.id, job.kind))
    session.flush()


class Work:
    """A job in somebody's hands: its payload, its progress, and steps that commit results and progress together."""

    def __init__(self, sessions: Sessions, files: Store, job_id: int, owner: str) -> None:
        self.sessions, self.files, self.job_id, self.owner = sessions, files, job_id, owner
        with sessions.read() as session:
            job = session.get_one(Job, job_id)
            self.payload: dict[str, Any] = job.payload
            self.review_id, self.started_by, self.done = job.review_id, job.started_by, job.done

    @contextmanager
    def step(self, done: int, total: int) -> Iterator[Session]:
        """One short transaction: what the body writes and the new progress commit together, or neither does.

        Raises:
            Lost: another worker holds the job now, or it was cancelled.
        """
        with self.sessions.write.begin() as session:
            yield session
            self._hold(session, done=done, total=total)
        self.done = done

    def _hold(self, session: Session, **values: Any) -> None:
        mine = update(Job).where(Job.id == self.job_id, Job.owner == self.owner, Job.finished_at.is_(None))
        if not _touched(session.execute(mine.values(beat=Job.beat + 1, **values))):
            raise Lost(self.job_id)

    def finish(self, session: Session, *, result: Any = None, failure: str | None = None) -> None:
        """Write down how it ended."""
        self._hold(session, finished_at=now(), result=result, failure=failure)

    @contextmanager
    def beating(self, every: float) -> Iterator[None]:
        """Beat every so many seconds while the body works, so that nobody takes a long step for a death.

        A database that is busy or away for a moment costs one beat, not the heart.
        """
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(every):
                try:
                    with self.sessions.write.begin() as session:
                        self._hold(session)
                except Lost:
                    return
                except OperationalError:
                    log.warning("job %s: a beat was missed, since the database was busy", self.job_id, exc_info=True)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


Task = Callable[[Work], Any]
Follow = Callable[[Session, Work], None]


def run(
    sessions: Sessions,
    files: Store,
    tasks: Mapping[str, Task],
    job_id: int,
    owner: str,
    *,
    gone_at: int | None = None,
    beat_seconds: float = 3.0,
    after: Mapping[str, Follow] | None = None,
) -> bool:
    """Claim a job and do it; say whether it was ours to do. What follows a kind is submitted with its end."""
    with sessions.write.begin() as session:
        if not claim(session, job_id, owner, gone_at):
            return False
        kind = session.get_one(Job, job_id).kind
    work = Work(sessions, files, job_id, owner)
    try:
        with work.beating(beat_seconds):
            result = tasks[kind](work)
        with sessions.write.begin() as session:
            work.finish(session, result=result)
            if after and kind in after:
                after[kind](session, work)
    except Lost:
        log.info("job %s was taken over or cancelled", job_id)
    except WorkbenchError as error:
        _fail(work, " ".join(part for part in (str(error), error.way_out) if part))
    except Exception:
        log.exception("job %s failed", job_id)
        _fail(work, f"Something went wrong on our side while doing this (job {job_id}). Nothing was lost; try again.")
    return True


def _fail(work: Work, words: str) -> None:
    try:
        with work.sessions.write.begin() as session:
            work.finish(session, failure=words)
    except Lost:
        log.info("job %s was taken over or cancelled", work.job_id)


def _touched(result: Any) -> bool:
    return isinstance(result, CursorResult) and result.rowcount == 1
