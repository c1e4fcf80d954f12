"""Where long work stands: a page for people, JSON for the page's script."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from workbench.jobs import queries
from workbench.jobs.models import Job
from workbench.jobs.rules import State
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session
from workbench.words import _

bp = Blueprint("review_jobs", __name__)

NAMES = {
    "records:import": "Reading the file",
    "records:harvest": "Fetching from PubMed",
    "records:ask-lines": "Asking PubMed about each line",
    "deduplication:run": "Looking for duplicates",
}
BACK = {
    "records:import": "records.searches",
    "records:harvest": "records.searches",
    "records:ask-lines": "records.searches",
    "deduplication:run": "deduplication.pairs",
}


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
        back=BACK.get(found.kind),
    )


def progress(job: Job) -> dict[str, object]:
    """What a page needs to draw a bar and to know when to stop asking."""
    return {
        "id": job.id,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "failure": job.failure,
        "is_over": job.state in {State.DONE, State.FAILED},
    }
