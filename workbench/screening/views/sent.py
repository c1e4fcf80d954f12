"""Files sent together: taken in, matched in the background, confirmed, set aside, let go, or taken off again."""

from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug import Response

from workbench.errors import Invalid, WorkbenchError
from workbench.jobs import queries as jobs
from workbench.jobs.models import Job
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.reviews.views.jobs import progress
from workbench.screening.queries import reports
from workbench.screening.queries import sent as queries
from workbench.screening.rules.matching import Doubt, doubted, told
from workbench.screening.service import sent as service
from workbench.screening.views.retrieval import NoFileChosen, file_kind, limits, peculiar, serve, store
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("sent_pdfs", __name__, url_prefix="/reviews/<slug>/full-texts/sent")

SHOWN = 20
"""Files of each list on the page; the next come up as these are settled."""
NONE_FITS = "none"


class NoSuchNumber(Invalid):
    """A report is named by its number."""

    hint = "Take the number from the list of full texts."


@dataclass(frozen=True)
class Said:
    """What a person said of one file that waits: the report, or that none fits; its kind, and if it replaces one."""

    pdf_id: int
    report: str
    kind: str

    @property
    def is_newer(self) -> bool:
        """Whether it is a newer version of the article."""
        return self.kind == "newer"


@bp.get("")
@door(Deed.RETRIEVE)
def sent(slug: str) -> str:
    """Show what was sent and where each file stands."""
    return _page()


@bp.post("")
@door(Deed.RETRIEVE)
def send(slug: str) -> ResponseReturnValue:
    """Take files in; they are read and matched by a job."""
    chosen = [file for file in request.files.getlist("file") if file.filename]
    try:
        with transaction() as session:
            if not chosen:
                raise NoFileChosen(_("No file was chosen."))
            held = [
                service.hold(
                    session, store(), asking_member(), cast(BinaryIO, file.stream), str(file.filename), limits()
                )
                for file in chosen
            ]
            job = service.start(session, asking_member())
    except Invalid as error:
        return _page(error), 422
    _wake(job)
    refused = sum(one.sha256 is None for one in held)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify({"taken": len(held) - refused, "refused": refused})
    flash(_told(len(held) - refused, refused))
    return _back(slug)


def _told(taken: int, refused: int) -> str:
    words = [several(taken, _("1 file was taken in."), _("%(n)s files were taken in."))] if taken else []
    if refused:
        words.append(several(refused, _("1 file is no PDF."), _("%(n)s files are no PDFs.")))
    return " ".join(words)


@bp.post("/again")
@door(Deed.RETRIEVE)
def again(slug: str) -> Response:
    """Have the files matched once more for which no report was found."""
    with transaction() as session:
        job = service.look_again(session, asking_member())
    _wake(job)
    return _back(slug)


def _wake(job: Job | None) -> None:
    if job:
        current_app.extensions["workbench.queue"].wake(job.id)


@bp.post("/confirm")
@door(Deed.RETRIEVE)
def confirm(slug: str) -> ResponseReturnValue:
    """Attach the files for which a report was chosen, and set those aside that are none of the proposed."""
    attached, aside, first = 0, 0, None
    for said in _said():
        try:
            with transaction() as session:
                if said.report == NONE_FITS:
                    service.set_aside(session, asking_member(), said.pdf_id)
                    aside += 1
                else:
                    _attach(said)
                    attached += 1
        except (WorkbenchError, IntegrityError) as error:
            first = first or error
    if attached or aside:
        flash(_done(attached, aside))
    if isinstance(first, WorkbenchError):
        return _page(first), 422
    return _back(slug)


def _done(attached: int, aside: int) -> str:
    words = [several(attached, _("1 file is attached."), _("%(n)s files are attached."))] if attached else []
    if aside:
        words.append(several(aside, _("1 file is set aside."), _("%(n)s files are set aside.")))
    return " ".join(words)


def _attach(said: Said) -> None:
    if not (said.report.isascii() and said.report.isdecimal()):
        raise NoSuchNumber(_("“%(word)s” is no number of a report.", word=said.report[:40]))
    service.confirm(
        current_session(), asking_member(), said.pdf_id, int(said.report), file_kind(said.kind), is_newer=said.is_newer
    )


def _said() -> list[Said]:
    """What the form says of each file: a number that is typed goes before a report that is chosen."""
    ids = sorted({int(name[4:]) for name in request.form if name.startswith("pdf-") and name[4:].isdecimal()})
    found = [
        Said(
            one,
            (request.form.get(f"number-{one}") or request.form.get(f"report-{one}") or "").strip(),
            request.form.get(f"kind-{one}", ""),
        )
        for one in ids
    ]
    return [one for one in found if one.report]


@bp.post("/<int:pdf_id>/let-go")
@door(Deed.RETRIEVE)
def let_go(slug: str, pdf_id: int) -> Response:
    """Let a file go without attaching it."""
    with transaction() as session:
        row = service.let_go(session, asking_member(), pdf_id)
    flash(_("“%(name)s” was let go. It is attached to no report.", name=row.file_name))
    return _back(slug)


@bp.post("/<int:pdf_id>/take-off")
@door(Deed.RETRIEVE)
def take_off(slug: str, pdf_id: int) -> Response:
    """Undo what the program attached by itself."""
    with transaction() as session:
        row = service.take_off(session, asking_member(), pdf_id)
    flash(_("“%(name)s” is taken off, and waits below. The report stands as it did before.", name=row.file_name))
    return _back(slug)


@bp.get("/<int:pdf_id>/file")
@door(Deed.RETRIEVE)
def file(slug: str, pdf_id: int) -> Response:
    """Show a file that waits, to members who may attach it, under the same policy as any full text."""
    row = queries.sent(current_session(), asking_member().review_id, pdf_id)
    if row.sha256 is None or (row.reading is not None and queries.reading_of(row).is_refused):
        raise queries.NoSuchPdf(_("This file is no PDF that could be shown."))
    return serve(row.sha256, row.file_name)


def _back(slug: str) -> Response:
    return redirect(url_for(".sent", slug=slug), 303)


def _page(refused: WorkbenchError | None = None) -> str:
    session, review_id = current_session(), asking_member().review_id
    lists = queries.lists(session, review_id)
    job = jobs.running_in(session, review_id, service.KIND)
    return render_template(
        "screening/sent.html",
        lists=lists,
        shown=SHOWN,
        job=job,
        progress=progress(job) if job else None,
        refused=refused,
        sought=reports.reports(session, review_id) if lists.to_confirm or lists.without_report else [],
        told=told,
        doubted=doubted,
        is_supplement=_is_supplement,
        peculiar=peculiar,
    )


def _is_supplement(waiting: queries.Waiting) -> bool:
    return any(Doubt.SUPPLEMENT in match.doubts for match, _record in waiting.proposals)
