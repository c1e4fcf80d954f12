"""Where long work stands: a page for people, JSON for the page's script."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from workbench.db import now
from workbench.errors import NotFound
from workbench.jobs import queries, service
from workbench.jobs.models import Job
from workbench.jobs.rules import State, seconds_left
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("review_jobs", __name__)

NAMES = {
    "records:import": "Reading the file",
    "deduplication:run": "Looking for duplicates",
    "deduplication:form": "Preparing changed records",
    "records:harvest": "Fetching from PubMed",
    "records:ask-lines": "Asking PubMed about each line",
    "screening:allocate": "Allocating records",
    "full-texts:match": "Finding the reports of PDFs",
}
BACK = {
    "records:import": "records.searches",
    "records:harvest": "records.searches",
    "records:ask-lines": "records.searches",
    "deduplication:run": "deduplication.pairs",
    "screening:allocate": "allocation.overview",
    "full-texts:match": "sent_pdfs.sent",
}
"""Where one goes on; at a stage where the work was for one."""

FOR_IMPORTERS = frozenset({"records:import"})
"""Kinds of work that whoever may import can cancel: what it wrote so far counts nowhere, and it can be resumed."""
AGAIN = {"records:import": ("records.try_again", "import_id")}
"""Where work that did not end is tried again: the address, and the particular of the job that it asks for."""


class NotToCancel(NotFound):
    """Imports can be cancelled; other work is short, or would leave a review half done."""


@bp.get("/reviews/<slug>/jobs/<int:job_id>")
@door(Deed.LOOK)
def job(slug: str, job_id: int) -> ResponseReturnValue:
    """Show how far a job is."""
    found = queries.job_of(current_session(), asking_member().review_id, job_id)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(progress(found))
    return render_template(
        "reviews/job.html",
        job=found,
        name=_(NAMES.get(found.kind, "Working")),
        progress=progress(found),
        back=_back(found),
        may_cancel=may_cancel(found),
        again=_again(found),
    )


@bp.post("/reviews/<slug>/jobs/<int:job_id>/cancel")
@door(Deed.IMPORT)
def cancel(slug: str, job_id: int) -> ResponseReturnValue:
    """End an import before it is done."""
    with transaction() as session:
        member = asking_member()
        found = queries.job_of(session, member.review_id, job_id)
        if found.kind not in FOR_IMPORTERS:
            raise NotToCancel(_("This work cannot be cancelled."))
        service.cancel(session, found, member.id)
    flash(_("Cancelled. Nothing of it counts; it can be resumed or taken back."))
    return redirect(_again_page(slug, found) or url_for(".job", slug=slug, job_id=job_id), 303)


def may_cancel(job: Job) -> bool:
    """Whether who asks can end this job now."""
    return job.finished_at is None and job.kind in FOR_IMPORTERS and may(asking_member().roles, Deed.IMPORT)


def _back(job: Job) -> str | None:
    at = {"stage": job.payload["stage"]} if "stage" in job.payload else {}
    return url_for(BACK[job.kind], slug=asking_member().review.slug, **at) if job.kind in BACK else None


def _again(job: Job) -> str | None:
    """The address at which a job that did not end is tried again, for those who may."""
    endpoint, particular = AGAIN.get(job.kind, ("", ""))
    if not endpoint or job.state not in {State.FAILED, State.CANCELLED}:
        return None
    if not may(asking_member().roles, Deed.IMPORT):
        return None
    return url_for(endpoint, slug=asking_member().review.slug, **{particular: job.payload[particular]})


def _again_page(slug: str, job: Job) -> str | None:
    """The page of what a job works on, where it has one."""
    return url_for("records.an_import", slug=slug, import_id=job.payload["import_id"]) if job.kind in AGAIN else None


def progress(job: Job) -> dict[str, object]:
    """What a page needs to draw a bar and to know when to stop asking."""
    return {
        "id": job.id,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "failure": job.failure,
        "is_over": job.finished_at is not None,
        "seconds_left": seconds_left(job.done, job.total, (now() - job.created_at).total_seconds()),
    }
