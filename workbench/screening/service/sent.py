"""Files sent together: each waits until its report is found, by the program where that is safe, else by a person."""

from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import WorkbenchError
from workbench.files import service as files
from workbench.files.formats import Limits, Reading
from workbench.files.rules import plain_name
from workbench.files.stores import Store
from workbench.jobs import queries as jobs
from workbench.jobs import service as work
from workbench.jobs.models import Job
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import PdfLetGo, PdfSent, PdfSetAside
from workbench.screening.models import FullText, SentPdf
from workbench.screening.queries import reports, votes
from workbench.screening.queries import sent as queries
from workbench.screening.rules import FileKind
from workbench.screening.rules.matching import Match, Sought, as_json, matches
from workbench.screening.service import retrieval

KIND = "full-texts:match"
FIRST = 600
"""Characters of the first page that are kept, for a person to tell what the file is."""


def hold(
    session: Session, store: Store, member: Member, data: bytes | BinaryIO, file_name: str, limits: Limits | None = None
) -> SentPdf:
    """Keep a file until its report is found; sent twice it waits once. What is no PDF is not kept, and named."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    seen = retrieval.seen(data, limits)
    sha256 = None if seen.is_refused else files.keep(session, store, data, "application/pdf").sha256
    known = sha256 and queries.same_waiting(session, member.review_id, sha256)
    if known:
        return known
    row = SentPdf(
        review_id=member.review_id, sha256=sha256, file_name=plain_name(file_name), sent_by=member.id, sent_at=now()
    )
    if seen.is_refused:
        row.reading, row.matches, row.read_at = _kept(seen), [], now()
    session.add(row)
    session.flush()
    audit.record(session, member.review_id, member.id, PdfSent(row.id, sha256))
    return row


def start(session: Session, member: Member) -> Job | None:
    """Have the files read that nobody read yet; None where a job that will do so waits already, or nothing is there."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    waiting = queries.unread(session, member.review_id)
    queued = jobs.running_in(session, member.review_id, KIND)
    if not waiting or (queued is not None and queued.owner is None):
        return None
    return work.submit(
        session, KIND, {}, review_id=member.review_id, started_by=member.id, total=len(waiting)
    )  # fmt: skip


def look_again(session: Session, member: Member) -> Job | None:
    """Have the files matched once more for which no report was found, since more reports may be sought by now.

    What a person set aside or took off stays as it is.
    """
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    for one in queries.lists(session, member.review_id).without_report:
        if not one.pdf.matches and one.pdf.none_fits_at is None and not one.same_as:
            one.pdf.reading = one.pdf.matches = one.pdf.read_at = None
    session.flush()
    return start(session, member)


def place(session: Session, pdf_id: int, reading: Reading, sought: Sequence[Sought]) -> FullText | None:
    """Write down what a file is, and attach it where that is safe; gives what was attached.

    A file that another worker placed meanwhile stays as it is.
    """
    row = session.get_one(SentPdf, pdf_id, with_for_update=True)
    if row.read_at is not None or row.sha256 is None:
        return None
    same_as = queries.attached_with(session, row.review_id, row.sha256)
    found = [] if reading.is_refused or same_as else matches(reading, row.file_name, sought)
    row.reading = {**_kept(reading), "same_as": same_as}
    row.matches, row.read_at = [as_json(one) for one in found], now()
    session.flush()
    return _attach_alone(session, row, reading, found[0]) if found and found[0].is_safe else None


def _attach_alone(session: Session, row: SentPdf, reading: Reading, match: Match) -> FullText | None:
    """Attach a file in the name of who sent it; where that person may not any more, it waits for somebody who may."""
    member = session.get_one(Member, row.sent_by)
    if row.sha256 is None or reports.files_of(session, match.record_id):
        return None
    kept = retrieval.Kept(row.sha256, row.file_name, reading.pages, is_automatic=True)
    try:
        with session.begin_nested():
            attached = retrieval.attach_kept(session, member, match.record_id, kept)
    except WorkbenchError:
        return None
    row.full_text_id, row.settled_at = attached.id, now()
    session.flush()
    return attached


def _kept(reading: Reading) -> dict[str, object]:
    return {
        "state": reading.state.value,
        "pages": reading.pages,
        "carries": sorted(reading.carries),
        "is_really": reading.is_really,
        "first": "\n".join(reading.text)[:FIRST],
    }


def confirm(
    session: Session, member: Member, pdf_id: int, record_id: int, kind: FileKind, *, is_newer: bool = False
) -> FullText:
    """Attach a file that waits to the report that a person names, as a newer version of its file if said so.

    Where the report has these bytes already, the file is settled with that.
    """
    row = queries.sent(session, member.review_id, pdf_id)
    if row.reading is not None:
        retrieval.refuse(queries.reading_of(row), row.file_name)
    pages = row.reading["pages"] if row.reading else None
    replaced = _newest(session, member, record_id, kind) if is_newer else None
    kept = retrieval.Kept(str(row.sha256), row.file_name, pages, kind, replaced)
    attached = retrieval.attach_kept(session, member, record_id, kept)
    row.full_text_id = None if queries.came_with(session, attached.id) else attached.id
    row.settled_by, row.settled_at = member.id, now()
    session.flush()
    return attached


def _newest(session: Session, member: Member, record_id: int, kind: FileKind) -> int | None:
    """The file of a kind that stands at a report, to be replaced."""
    votes.screenable(session, member.review_id, record_id)
    return next((one.id for one in reports.files_of(session, record_id) if one.kind is kind), None)


def set_aside(session: Session, member: Member, pdf_id: int) -> SentPdf:
    """Say that a file is none of the reports proposed for it; it goes on waiting."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    row = queries.sent(session, member.review_id, pdf_id)
    row.none_fits_by, row.none_fits_at = member.id, now()
    audit.record(session, member.review_id, member.id, PdfSetAside(row.id))
    session.flush()
    return row


def let_go(session: Session, member: Member, pdf_id: int) -> SentPdf:
    """Let a file go without attaching it."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    row = queries.sent(session, member.review_id, pdf_id)
    row.settled_by, row.settled_at = member.id, now()
    audit.record(session, member.review_id, member.id, PdfLetGo(row.id))
    session.flush()
    return row


def take_off(session: Session, member: Member, pdf_id: int) -> SentPdf:
    """Undo what the program attached by itself: the report is as it was before, and the file waits for a person."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    row, attached = queries.attached_alone(session, member.review_id, pdf_id)
    if attached.detached_at is None:
        retrieval.withdraw(session, member, attached)
    row.full_text_id = row.settled_at = None
    session.flush()
    return row
