"""Reports that are sought: where each full text stands, what was tried, and the files themselves."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from workbench.db import now
from workbench.deduplication.queries import merged
from workbench.errors import Clash, Invalid, NotFound, WorkbenchError
from workbench.files.formats import Limits, Reader, Reading, carried_in_words, in_words
from workbench.files.rules import plain_name
from workbench.files.stores import Store
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.access import apart, asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.screening.queries import lists, reports, sent
from workbench.screening.queries import votes as queries
from workbench.screening.queries.reports import Report
from workbench.screening.rules import Attempt, Channel, FileKind, Found
from workbench.screening.service import retrieval
from workbench.screening.views.reading import shown
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("retrieval", __name__, url_prefix="/reviews/<slug>/full-texts")

STATES: dict[str, Found | None] = {"sought": None} | {found.value: found for found in Found}
"""Where a report can stand, by the word in the address; None: nothing has happened yet."""

OF_A_FILE = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""The policy of a PDF that somebody uploaded: the browser's own viewer shows it, and it reaches nothing else.

No `sandbox`: Chromium keeps only frame-ancestors of a PDF's policy, and Safari then shows an empty frame.
"""


OVERDUE = "overdue"
"""In place of a state: what was expected by a day that is over."""


class NoFileChosen(Invalid):
    """An upload carries at least one file."""

    hint = "Choose one or more PDF files, then attach them."


class UnknownState(Invalid):
    """A report was tried without success, is requested, needs translation, is retrieved or is not retrieved."""


class NoSuchDay(Invalid):
    """A day is written as the calendar gives it."""

    hint = "Choose it from the calendar, or write it as 2026-11-25."


class NotSoughtHere(NotFound):
    """A report has a page here once title and abstract screening included its record."""

    hint = "The list of full texts names every report that is sought."


class FileGone(NotFound):
    """The bytes of a full text lie in the house's folder of files."""

    hint = "Restore the folder from the last backup, or attach the file again."


@dataclass(frozen=True)
class Listed:
    """One page of the reports in one state, and how many there are in each."""

    page: lists.Page[Report]
    counts: dict[str, int]
    state: str | None
    overdue: int
    """How many were expected by a day that is over."""
    today: date

    @property
    def total(self) -> int:
        """How many reports are sought in all."""
        return sum(self.counts.values())

    @property
    def awaited(self) -> int:
        """How many are neither retrieved nor given up."""
        return self.total - self.counts[Found.RETRIEVED] - self.counts[Found.NOT_RETRIEVED]


@bp.get("", endpoint="reports")
@door(Deed.LOOK)
def all_reports(slug: str) -> str:
    """List the reports that are sought, with where each stands."""
    return list_page()


def list_page(refused: WorkbenchError | None = None) -> str:
    """The list of reports in the state that is asked for; refused, the form keeps what was filled in."""
    session, member = current_session(), asking_member()
    found = _listed(reports.reports(session, member.review_id), state_in(request.values.get("state")))
    return render_template(
        "screening/reports.html", found=found, waiting=sent.how_many_wait(session, member.review_id),
        may_retrieve=may(member.roles, Deed.RETRIEVE), refused=refused, form=request.form, channels=list(Channel),
        writers=("ris", "csv"), ticked=set(request.form.getlist("record")),
    )  # fmt: skip


def state_in(word: str | None) -> str | None:
    """A state that a list can be narrowed to; None where the word is none."""
    return word if word == OVERDUE or word in STATES else None


@bp.get("/<int:record_id>")
@door(Deed.LOOK)
def report(slug: str, record_id: int) -> ResponseReturnValue:
    """Show one report: what was tried, its files, and what to do next."""
    session, member = current_session(), asking_member()
    queries.screenable(session, member.review_id, record_id)
    kept = queries.cluster(session, record_id)[0]
    if kept != record_id:
        return redirect(url_for(".report", slug=slug, record_id=kept))
    return _page(session, record_id)


@bp.post("/<int:record_id>/log")
@door(Deed.RETRIEVE)
def log(slug: str, record_id: int) -> ResponseReturnValue:
    """Write down what happened on the way to a full text."""
    try:
        with transaction() as session:
            note = request.form.get("note", "").replace("\x00", "")
            found, attempt = state_of(request.form.get("found", "")), attempt_in(request.form)
            retrieval.log_report(session, asking_member(), record_id, found, note, attempt)
    except (Invalid, Clash) as error:
        return _refused(record_id, error)
    flash(_("Written down for record %(id)s.", id=record_id))
    return _back(slug, record_id)


@bp.post("/<int:record_id>/files")
@door(Deed.RETRIEVE)
def attach(slug: str, record_id: int) -> ResponseReturnValue:
    """Attach one or more PDF files to a report."""
    chosen = [file for file in request.files.getlist("file") if file.filename]
    kind, replaces = file_kind(request.form.get("kind", "")), request.form.get("replaces", type=int)
    try:
        if not chosen:
            raise NoFileChosen(_("No file was chosen."))
        with apart(), Reader(limits()) as reader:
            read = [reader.read(cast(BinaryIO, file.stream)) for file in chosen]
        with transaction() as session:
            for file, found in zip(chosen, read, strict=True):
                retrieval.attach(
                    session, store(), asking_member(), record_id, cast(BinaryIO, file.stream), str(file.filename),
                    read=found, kind=kind, supersedes_id=replaces,
                )  # fmt: skip
    except (Invalid, Clash) as error:
        return _refused(record_id, error)
    names = ", ".join(plain_name(str(file.filename)) for file in chosen)
    flash(_("Attached to record %(id)s: %(names)s", id=record_id, names=names))
    for file, found in zip(chosen, read, strict=True):
        if words := peculiar(found):
            flash(f"{plain_name(str(file.filename))}: {words}")
    return _back(slug, record_id)


@bp.post("/<int:full_text_id>/detach")
@door(Deed.RETRIEVE)
def detach(slug: str, full_text_id: int) -> Response:
    """Take a file off its report."""
    with transaction() as session:
        row = retrieval.detach(session, asking_member(), full_text_id)
    flash(_("“%(name)s” is taken off the report.", name=row.file_name))
    return redirect(url_for(".report", slug=slug, record_id=row.record_id), 303)


@bp.get("/<int:full_text_id>/file")
@door(Deed.READ_FULL_TEXT)
def file(slug: str, full_text_id: int) -> Response:
    """Give a full text to the browser's own viewer, and to members of the review only."""
    return file_of(current_session(), asking_member().review_id, full_text_id)


def file_of(session: Session, review_id: int, full_text_id: int) -> Response:
    """One file of this review, under a name that is safe and a policy that lets it reach nothing else.

    Raises:
        FileGone: its bytes are missing.
    """
    row = reports.full_text(session, review_id, full_text_id)
    return serve(row.sha256, row.file_name)


def serve(sha256: str, file_name: str) -> Response:
    """A file of the store as a PDF and nothing else, in part where a part is asked for.

    Raises:
        FileGone: the store does not hold it.
    """
    file, size = opened(sha256, file_name), store().size(sha256)
    name = safe_name(file_name)
    answer = send_file(file, "application/pdf", download_name=name, etag=sha256, conditional=False)
    answer.content_length = size
    answer.headers["Content-Security-Policy"] = OF_A_FILE
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)


def opened(sha256: str, file_name: str) -> BinaryIO:
    """A file of the store, open to be read.

    Raises:
        FileGone: the store does not hold it.
    """
    try:
        return store().open(sha256)
    except FileNotFoundError as error:
        raise FileGone(_("The file “%(name)s” is missing on this machine.", name=file_name)) from error


def safe_name(name: str) -> str:
    r"""A name under which a browser may save the file: no path, nothing unprintable, and it ends in .pdf.

    >>> safe_name("../../evil\n.exe"), safe_name("")
    ('evil .exe.pdf', 'full-text.pdf')
    """
    last = re.split(r"[/\\]", name)[-1]
    clean = re.sub(r"[^\w.,()+-]+", " ", last).strip(" .") or "full-text"
    return clean if clean.lower().endswith(".pdf") else f"{clean}.pdf"


def _listed(found: Sequence[Report], state: str | None) -> Listed:
    today = now().date()
    counts = {word: sum(one.found is wanted for one in found) for word, wanted in STATES.items()}
    rows = in_state(found, state, today)
    number = min(max(1, request.args.get("page", 1, type=int)), max(1, -(-len(rows) // lists.ON_A_PAGE)))
    here = rows[(number - 1) * lists.ON_A_PAGE : number * lists.ON_A_PAGE]
    overdue = sum(one.is_overdue(today) for one in found)
    return Listed(lists.Page(here, len(rows), number), counts, state, overdue, today)


def in_state(found: Sequence[Report], state: str | None, today: date) -> list[Report]:
    """The reports in a state, what is overdue first, then what is expected first; None: in any."""
    rows = [one for one in found if state is None or _is_in(one, state, today)]
    return sorted(rows, key=lambda one: one.expected_by or date.max)


def _is_in(one: Report, state: str, today: date) -> bool:
    return one.is_overdue(today) if state == OVERDUE else one.found is STATES[state]


def peculiar(found: Reading) -> str:
    """What a person should know of a file that is taken: locked, without text, or carrying more than its pages."""
    what = ", ".join(carried_in_words(one) for one in sorted(found.carries))
    carried = (
        _(
            "It carries %(what)s. The browser’s viewer shows it shut off from the workbench and from your files.",
            what=what,
        )
        if what
        else ""
    )
    return " ".join(part for part in (in_words(found, limits()), carried) if part)


def file_kind(word: str) -> FileKind:
    """What a file is said to be; an article where nothing is said."""
    return FileKind(word) if word in set(FileKind) else FileKind.ARTICLE


def state_of(word: str) -> Found:
    """What a form says happened to a report."""
    if word not in set(Found):
        raise UnknownState(_("Say what happened to the report."), "Choose one of the five.")
    return Found(word)


def attempt_in(form: Mapping[str, str]) -> Attempt:
    """By which way a report was looked for, when, and by when it is expected, from a form.

    Raises:
        NoSuchDay: a day is none.
    """
    word = form.get("channel", "")
    channel = Channel(word) if word in set(Channel) else None
    on = day_of(form.get("on", ""))
    return Attempt(channel, None if on == now().date() else on, day_of(form.get("expected_by", "")))


def day_of(text: str) -> date | None:
    """A day as it was typed; None where nothing was.

    Raises:
        NoSuchDay: it is none.
    """
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise NoSuchDay(_("“%(day)s” is no day.", day=text.strip()[:30])) from error


def _back(slug: str, record_id: int) -> Response:
    """To where the form stood: the list in the state that was shown, or the report's own page."""
    if request.form.get("back") != "list":
        return redirect(url_for(".report", slug=slug, record_id=record_id), 303)
    return redirect(url_for(".reports", slug=slug, state=state_in(request.form.get("state"))), 303)


def _refused(record_id: int, error: WorkbenchError) -> ResponseReturnValue:
    return _page(current_session(), record_id, error), 409 if isinstance(error, Clash) else 422


def _page(session: Session, record_id: int, refused: WorkbenchError | None = None) -> str:
    member = asking_member()
    if not reports.is_sought(session, member.review_id, record_id):
        raise NotSoughtHere(_("Record %(id)s is not sought.", id=record_id))
    record = session.get_one(Record, record_id)
    report, sources = merged.reports(session, [record])[0], lists.found_in(session, [record_id])[record_id]
    files = reports.files_of(session, record_id)
    values = {name: request.form.get(name, "") for name in ("note", "found", "channel", "on", "expected_by")}
    return render_template(
        "screening/report.html", whole=record, refused=refused, form=values, states=list(Found),
        channels=list(Channel), last=reports.last(session, record_id), today=now().date(),
        record=shown(report, plan_in_force(session, member.review_id).highlights, sources, masked=False),
        found=reports.found(session, record_id), history=reports.history(session, record_id),
        files=files, replaced=reports.replaced_among(files),
        names={one.id: one.name for one in reviews.team(session, member.review_id)},
        may_retrieve=may(member.roles, Deed.RETRIEVE), may_read=may(member.roles, Deed.READ_FULL_TEXT),
    )  # fmt: skip


def store() -> Store:
    """The store of the house's files."""
    found: Store = current_app.extensions["workbench.files"]
    return found


def limits() -> Limits:
    """How large a PDF may be here."""
    return Limits(current_app.config["MAX_PDF_BYTES"], current_app.config["MAX_PDF_PAGES"])
