"""The full texts of the reports that are sought, for programs: where each stands, its files, and attaching one."""

from dataclasses import dataclass
from io import BytesIO
from typing import Annotated

from flask import Blueprint, request
from werkzeug import Response

from workbench.accounts.rules import Scope
from workbench.files.formats import Reader
from workbench.reviews.access import apart, asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.rules import Attempt, Channel, Found
from workbench.screening.service import retrieval
from workbench.screening.told import reports as told
from workbench.screening.told.reports import ReportsTold, ReportTold
from workbench.screening.views.retrieval import day_of, file_of, limits, store
from workbench.web.api import answers, asked, body, hands_out
from workbench.web.transactions import current_session, transaction

bp = Blueprint("full_texts_api", __name__, url_prefix="/reviews/<slug>/full-texts")
A_PDF = "application/pdf"


@dataclass(frozen=True)
class StateSent:
    """What happened on the way to a full text."""

    state: Found
    note: Annotated[str, "Where and how; where it was not retrieved: why.", {"maxLength": 10_000}] = ""
    channel: Annotated[Channel | None, "By which way; where it was tried without success it must be said."] = None
    on: Annotated[str, "The day, such as 2026-05-12; empty: today.", {"maxLength": 10}] = ""
    expected_by: Annotated[str, "The day by which what is requested should be here.", {"maxLength": 10}] = ""


@dataclass(frozen=True)
class FileNamed:
    """What a file is called."""

    name: Annotated[str, "Its name, such as holm-2014.pdf.", {"maxLength": 200}] = "full-text.pdf"


@bp.get("")
@door(Deed.LOOK, Scope.READ)
@answers(ReportsTold)
def reports(slug: str) -> ReportsTold:
    """List the reports that are sought, with where each stands."""
    return told.reports(current_session(), asking_member().review_id)


@bp.get("/<int:record_id>")
@door(Deed.LOOK, Scope.READ)
@answers(ReportTold)
def report(slug: str, record_id: int) -> ReportTold:
    """Tell one report: where its full text stands, what was tried, and its files."""
    return told.report(current_session(), asking_member(), record_id)


@bp.post("/<int:record_id>/log")
@door(Deed.RETRIEVE, Scope.FULL)
@answers(ReportTold, takes=StateSent)
def log(slug: str, record_id: int) -> ReportTold:
    """Write down what happened on the way to a full text."""
    sent = body(StateSent)
    with transaction() as session:
        attempt = Attempt(sent.channel, day_of(sent.on), day_of(sent.expected_by))
        retrieval.log_report(session, asking_member(), record_id, sent.state, sent.note, attempt)
        return told.report(session, asking_member(), record_id)


@bp.post("/<int:record_id>/files")
@door(Deed.RETRIEVE, Scope.FULL)
@answers(ReportTold, asks=FileNamed, sends=A_PDF)
def attach(slug: str, record_id: int) -> ReportTold:
    """Attach a PDF, which is the body, to a report, which then counts as retrieved; the same file twice is one."""
    name, data = asked(FileNamed).name.replace("\0", ""), BytesIO(request.get_data())
    with apart(), Reader(limits()) as reader:
        read = reader.read(data)
    with transaction() as session:
        retrieval.attach(session, store(), asking_member(), record_id, data, name, read=read)
        return told.report(session, asking_member(), record_id)


@bp.get("/<int:full_text_id>/file")
@door(Deed.READ_FULL_TEXT, Scope.READ)
@hands_out(A_PDF)
def file(slug: str, full_text_id: int) -> Response:
    """Hand out one PDF of a report."""
    return file_of(current_session(), asking_member().review_id, full_text_id)
