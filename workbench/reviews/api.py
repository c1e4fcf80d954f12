"""The reviews of a person, and the long work of one review, for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint, g

from workbench.accounts.access import by_token
from workbench.accounts.rules import Scope
from workbench.jobs import queries as jobs
from workbench.jobs.models import Job
from workbench.jobs.rules import State
from workbench.reviews import queries
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Role
from workbench.reviews.views.jobs import progress
from workbench.web.api import answers
from workbench.web.transactions import current_session

bp = Blueprint("reviews_api", __name__)


@dataclass(frozen=True)
class Mine:
    """A review that the person is a member of."""

    slug: Annotated[str, "Stands in the address of everything of this review."]
    title: str
    roles: Sequence[Role]


@dataclass(frozen=True)
class MyReviews:
    """The reviews of the person, newest first."""

    items: Sequence[Mine]


@dataclass(frozen=True)
class Work:
    """One piece of long work, and how far it is."""

    id: int
    kind: str
    state: State
    done: int
    total: int
    failure: Annotated[str | None, "What went wrong, where it failed."]
    is_over: bool
    seconds_left: Annotated[float | None, "A guess; null while nothing can be said."]
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class AllWork:
    """The newest work of a review, at most fifty pieces."""

    items: Sequence[Work]


@bp.get("/reviews")
@by_token(Scope.READ)
@answers(MyReviews)
def mine() -> MyReviews:
    """List the reviews of which the person is a member, with their roles."""
    found = queries.memberships(current_session(), g.person.id)
    return MyReviews([Mine(one.review.slug, one.review.title, sorted(one.roles)) for one in found])


@bp.get("/reviews/<slug>/jobs")
@door(Deed.LOOK, Scope.READ)
@answers(AllWork)
def all_work(slug: str) -> AllWork:
    """List the newest pieces of long work: imports, searches for duplicates."""
    return AllWork([_told(job) for job in jobs.newest_in(current_session(), asking_member().review_id)])


@bp.get("/reviews/<slug>/jobs/<int:job_id>")
@door(Deed.LOOK, Scope.READ)
@answers(Work)
def work(slug: str, job_id: int) -> Work:
    """Say how far one piece of long work is."""
    return _told(jobs.job_of(current_session(), asking_member().review_id, job_id))


def _told(job: Job) -> Work:
    told = progress(job)
    told |= {"kind": job.kind, "created_at": job.created_at, "finished_at": job.finished_at}
    return Work(**told)  # type: ignore[arg-type]
