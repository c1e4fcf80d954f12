"""Reading the jobs."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.jobs.models import Job
from workbench.jobs.rules import MOST_ATTEMPTS
from workbench.words import _


class NoSuchJob(NotFound):
    """A job is known by its number, in its own review."""


def job_of(session: Session, review_id: int, job_id: int) -> Job:
    """One job of this review."""
    job = session.get(Job, job_id)
    if job is None or job.review_id != review_id:
        raise NoSuchJob(_("There is no job %(id)s in this review.", id=job_id))
    return job


def newest_in(session: Session, review_id: int, most: int = 50) -> Sequence[Job]:
    """The newest jobs of this review, newest first."""
    return session.scalars(select(Job).where(Job.review_id == review_id).order_by(Job.id.desc()).limit(most)).all()


def unfinished(session: Session) -> Sequence[Job]:
    """Jobs that some worker may still have to do, oldest first."""
    wanted = select(Job).where(Job.finished_at.is_(None), Job.attempts < MOST_ATTEMPTS)
    return session.scalars(wanted.order_by(Job.id)).all()


def running_in(session: Session, review_id: int, kind: str) -> Job | None:
    """The newest unfinished job of this kind in this review."""
    wanted = select(Job).where(Job.review_id == review_id, Job.kind == kind, Job.finished_at.is_(None))
    return session.scalars(wanted.order_by(Job.id.desc()).limit(1)).first()


def last_result(session: Session, review_id: int, kind: str) -> Any:
    """What the newest job of this kind that came to its end found; None where there was none."""
    wanted = select(Job.result).where(Job.review_id == review_id, Job.kind == kind, Job.result.is_not(None))
    return session.scalars(wanted.order_by(Job.id.desc()).limit(1)).first()
