"""Getting the full texts of the reports that are sought."""

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.files import service as files
from workbench.files.stores import FolderStore
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import FileAttached, ReportLogged
from workbench.screening.models import FullText, Retrieval
from workbench.screening.queries import reports
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Found
from workbench.words import _


class NotSought(Clash):
    """A report is sought once title and abstract screening included its record."""


class NoReason(Invalid):
    """A report that is not retrieved has a reason; it is printed in the diagram's list."""

    hint = "For example: not held by any library we asked, the author did not answer."


class NotAPdf(Invalid):
    """Full texts are PDF files."""

    hint = "Save the page or document as a PDF and attach that."


class HasFullTextVotes(Clash):
    """A report that has full-text votes was retrieved."""


def log_report(session: Session, member: Member, record_id: int, found: Found, note: str | None = None) -> Retrieval:
    """Write down what happened on the way to a report's full text."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    record_id = _be_sought(session, member, record_id)
    note = (note or "").strip() or None
    if found is Found.NOT_RETRIEVED and note is None:
        raise NoReason(_("Please say why the report could not be retrieved."))
    if found is not Found.RETRIEVED and queries.voters(session, record_id, Stage.FULL_TEXT):
        raise HasFullTextVotes(_("Somebody has voted on the full text of record %(id)s.", id=record_id))
    for one in _others_retrieved(session, record_id) if found is not Found.RETRIEVED else []:
        session.add(Retrieval(record_id=one, found=found, note=note, member_id=member.id, at=now()))
        audit.record(session, member.review_id, member.id, ReportLogged(one, found.value, text_hash(note)))
    row = Retrieval(record_id=record_id, found=found, note=note, member_id=member.id, at=now())
    session.add(row)
    audit.record(session, member.review_id, member.id, ReportLogged(record_id, found.value, text_hash(note)))
    session.flush()
    return row


def _others_retrieved(session: Session, record_id: int) -> list[int]:
    """Other records of the report that stand as retrieved, so that what is said of the report is said of them too."""
    newest = {one.record_id: one.found for one in reports.history(session, record_id)}
    return [one for one, found in newest.items() if found is Found.RETRIEVED and one != record_id]


def attach(
    session: Session, store: FolderStore, member: Member, record_id: int, data: bytes, file_name: str
) -> FullText:
    """Attach a PDF to a report, which then counts as retrieved; the same bytes twice are one file."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    record_id = _be_sought(session, member, record_id)
    if b"%PDF-" not in data[:1024]:
        raise NotAPdf(_("“%(name)s” is not a PDF file.", name=file_name))
    kept = files.keep(session, store, data, "application/pdf")
    row = next((one for one in reports.files_of(session, record_id) if one.sha256 == kept.sha256), None)
    if row is None:
        row = _add(session, member, record_id, kept.sha256, file_name)
    if reports.found(session, record_id) is not Found.RETRIEVED:
        log_report(session, member, record_id, Found.RETRIEVED, None)
    return row


def _add(session: Session, member: Member, record_id: int, sha256: str, file_name: str) -> FullText:
    row = FullText(
        record_id=record_id, sha256=sha256, file_name=file_name[-200:], attached_by=member.id, attached_at=now()
    )
    session.add(row)
    audit.record(session, member.review_id, member.id, FileAttached(record_id, sha256, False))
    session.flush()
    return row


def detach(session: Session, member: Member, full_text_id: int) -> FullText:
    """Take a file off its report; the bytes stay in the store and the deed in the trail."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    row = reports.full_text(session, member.review_id, full_text_id)
    row.detached_at = now()
    audit.record(session, member.review_id, member.id, FileAttached(row.record_id, row.sha256, True))
    session.flush()
    return row


def _be_sought(session: Session, member: Member, record_id: int) -> int:
    """The kept record of a report that is sought."""
    queries.screenable(session, member.review_id, record_id)
    kept = queries.cluster(session, record_id)[0]
    if not reports.is_sought(session, member.review_id, kept):
        raise NotSought(_("Record %(id)s is not sought: it was not included at title and abstract.", id=record_id))
    return kept
