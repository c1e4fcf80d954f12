"""Getting the full texts of the reports that are sought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import SEEK_END, BytesIO
from typing import BinaryIO

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.files import service as files
from workbench.files.formats import Limits, Reading, State, first_look, in_words
from workbench.files.rules import plain_name
from workbench.files.stores import Store
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import FileAttached, ReportLogged, ReportWithdrawn
from workbench.screening.models import FullText, Retrieval
from workbench.screening.queries import reports
from workbench.screening.queries import votes as queries
from workbench.screening.rules import NO_ATTEMPT, UNDER_WAY, Attempt, FileKind, Found
from workbench.words import _

EARLIEST = date(1990, 1, 1)
"""No attempt is older."""
A_DAY = timedelta(days=1)
"""So far ahead of ours may the day be where somebody writes."""


class NotSought(Clash):
    """A report is sought once title and abstract screening included its record."""


class NoReason(Invalid):
    """A report that is not retrieved has a reason; it is printed in the diagram's list."""

    hint = "For example: not held by any library we asked, the author did not answer."


class NotThatDay(Invalid):
    """An attempt was made on a day that is over; what is expected comes on that day or later."""

    hint = "Look at the dates; the day of the attempt may be left empty for today."


class OneByOne(Invalid):
    """That a report is here, or is given up, is said of one report with its own file or reason."""

    hint = "Open the report and say it there. Many at once can be requested or tried."


class NotAPdf(Invalid):
    """Full texts are PDF files."""

    hint = "Save the page or document as a PDF and attach that."


class NotItsFile(Invalid):
    """A new version replaces a file of the same report."""

    hint = "Load the page again and choose one of the files that stand there."


class HasFullTextVotes(Clash):
    """A report that has full-text votes was retrieved."""


def log_report(
    session: Session, member: Member, record_id: int, found: Found, note: str | None = None,
    attempt: Attempt = NO_ATTEMPT,
) -> Retrieval:  # fmt: skip
    """Write down what happened on the way to a report's full text.

    Raises:
        NoReason: it is given up without saying why, or was tried without saying where.
        NotThatDay: a day lies where none can be.
        HasFullTextVotes: somebody has voted on it, so it was retrieved.
    """
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    record_id = _be_sought(session, member, record_id)
    note = (note or "").strip() or None
    _check_attempt(found, note, attempt)
    if found is not Found.RETRIEVED and queries.voters(session, record_id, Stage.FULL_TEXT):
        raise HasFullTextVotes(_("Somebody has voted on the full text of record %(id)s.", id=record_id))
    for one in _others_retrieved(session, record_id) if found is not Found.RETRIEVED else []:
        _put_down(session, member, one, found, note, attempt)
    row = _put_down(session, member, record_id, found, note, attempt)
    session.flush()
    return row


def log_reports(
    session: Session, member: Member, record_ids: Sequence[int], found: Found, note: str | None = None,
    attempt: Attempt = NO_ATTEMPT,
) -> int:  # fmt: skip
    """Write the same down for many reports, for all of them or for none; returns for how many it was news.

    A report of which this person said exactly this today already stays as it is, so a form sent twice is one deed.
    """
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    if found in {Found.RETRIEVED, Found.NOT_RETRIEVED}:
        raise OneByOne(_("A report is retrieved, or given up, by itself."))
    said = 0
    for record_id in dict.fromkeys(record_ids):
        if not _said_today(session, member, record_id, found, note, attempt):
            log_report(session, member, record_id, found, note, attempt)
            said += 1
    return said


def _said_today(
    session: Session, member: Member, record_id: int, found: Found, note: str | None, attempt: Attempt
) -> bool:
    queries.check_screenable(session, member.review_id, record_id)
    last = next(iter(reversed(reports.history(session, record_id))), None)
    if last is None or last.member_id != member.id or last.at.date() != now().date():
        return False
    said = (last.found, last.note, Attempt(last.channel, last.tried_on, last.expected_by))
    return said == (found, (note or "").strip() or None, attempt)


def _check_attempt(found: Found, note: str | None, attempt: Attempt) -> None:
    if found is Found.NOT_RETRIEVED and note is None:
        raise NoReason(_("Please say why the report could not be retrieved."))
    if found is Found.TRIED and attempt.channel is None:
        raise NoReason(_("Please say where it was looked for."), _("Choose library, loan, authors, link or other."))
    today = now().date()
    if attempt.on is not None and not EARLIEST <= attempt.on <= today + A_DAY:
        raise NotThatDay(_("“%(day)s” cannot be the day of an attempt.", day=attempt.on))
    if attempt.expected_by is None:
        return
    if found not in UNDER_WAY:
        raise NotThatDay(_("Only what is requested, or needs translation, is expected by a day."))
    if attempt.expected_by < (attempt.on or today):
        raise NotThatDay(_("It cannot be expected by a day that lies before the request."))


def _put_down(
    session: Session, member: Member, record_id: int, found: Found, note: str | None, attempt: Attempt
) -> Retrieval:
    row = Retrieval(
        record_id=record_id, found=found, note=note, channel=attempt.channel, tried_on=attempt.on,
        expected_by=attempt.expected_by, member_id=member.id, at=now(),
    )  # fmt: skip
    session.add(row)
    day = attempt.expected_by.isoformat() if attempt.expected_by else None
    event = ReportLogged(record_id, found.value, text_hash(note), attempt.channel, day)
    audit.record(session, member.review_id, member.id, event)
    return row


def _others_retrieved(session: Session, record_id: int) -> list[int]:
    """Other records of the report that stand as retrieved, so that what is said of the report is said of them too."""
    newest = {one.record_id: one.found for one in reports.history(session, record_id)}
    return [one for one, found in newest.items() if found is Found.RETRIEVED and one != record_id]


@dataclass(frozen=True)
class Kept:
    """A file in the store, and what is said of it as it is attached."""

    sha256: str
    name: str
    pages: int | None = None
    kind: FileKind = FileKind.ARTICLE
    supersedes_id: int | None = None
    is_automatic: bool = False


def attach(
    session: Session,
    store: Store,
    member: Member,
    record_id: int,
    data: bytes | BinaryIO,
    file_name: str,
    *,
    read: Reading | None = None,
    kind: FileKind = FileKind.ARTICLE,
    supersedes_id: int | None = None,
) -> FullText:
    """Attach a PDF to a report, which then counts as retrieved; the same bytes twice are one file.

    Args:
        session: Where to write.
        store: Where the bytes are kept.
        member: Who attaches it.
        record_id: The report, by any of its records.
        data: The bytes, or the open file.
        file_name: As it was sent; its path is cut off.
        read: What was found in the file, where it was opened before.
        kind: What the file is.
        supersedes_id: The file of the same report of which it is a newer version.

    Raises:
        NotAPdf: It is no PDF, or one that cannot be read.
        NotItsFile: The replaced file is another report's.
    """
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    record_id = _be_sought(session, member, record_id)
    refuse(read or seen(data), file_name)
    kept = files.keep(session, store, data, "application/pdf")
    pages = read.pages if read else None
    return attach_kept(session, member, record_id, Kept(kept.sha256, file_name, pages, kind, supersedes_id))


def seen(data: bytes | BinaryIO, limits: Limits | None = None) -> Reading:
    """What the size and the first bytes of a file tell."""
    file = BytesIO(data) if isinstance(data, bytes) else data
    size = file.seek(0, SEEK_END)
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    return first_look(head, size, limits or Limits()) or Reading(State.READ)


def refuse(read: Reading, file_name: str) -> None:
    """Refuse what is no full text, with what it is and what to do.

    Raises:
        NotAPdf: It is refused.
    """
    if read.state in {State.NOT_PDF, State.EMPTY}:
        raise NotAPdf(_("“%(name)s” is not a PDF file.", name=plain_name(file_name)), in_words(read))
    if read.is_refused:
        raise NotAPdf(_("“%(name)s” cannot be read.", name=plain_name(file_name)), in_words(read))


def attach_kept(session: Session, member: Member, record_id: int, kept: Kept) -> FullText:
    """Attach a file that is in the store to a report, which then counts as retrieved."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    record_id = _be_sought(session, member, record_id)
    standing = reports.files_of(session, record_id)
    row = next((one for one in standing if one.sha256 == kept.sha256), None)
    if kept.supersedes_id is not None and kept.supersedes_id not in {one.id for one in standing}:
        raise NotItsFile(_("File %(id)s is none of this report.", id=kept.supersedes_id))
    if row is None:
        row = _add(session, member, record_id, kept)
    if reports.found(session, record_id) is not Found.RETRIEVED:
        log_report(session, member, record_id, Found.RETRIEVED, None)
    return row


def _add(session: Session, member: Member, record_id: int, kept: Kept) -> FullText:
    row = FullText(
        record_id=record_id,
        sha256=kept.sha256,
        file_name=plain_name(kept.name),
        pages=kept.pages,
        kind=kept.kind,
        supersedes_id=kept.supersedes_id,
        attached_by=member.id,
        attached_at=now(),
    )
    session.add(row)
    event = FileAttached(record_id, kept.sha256, False, kept.kind.value, kept.is_automatic)
    audit.record(session, member.review_id, member.id, event)
    session.flush()
    return row


def detach(session: Session, member: Member, full_text_id: int) -> FullText:
    """Take a file off its report; the bytes stay in the store and the deed in the trail."""
    allowed(member.roles, Deed.RETRIEVE, Stage.FULL_TEXT)
    row = reports.full_text(session, member.review_id, full_text_id)
    row.detached_at = now()
    event = FileAttached(row.record_id, row.sha256, True, row.kind.value)
    audit.record(session, member.review_id, member.id, event)
    session.flush()
    return row


def withdraw(session: Session, member: Member, full_text: FullText) -> None:
    """Take a file off a report that it was not of, with the word that the report is retrieved if that came with it.

    The word stays where the report has another file, or a vote on its full text.
    """
    detach(session, member, full_text.id)
    record_id = full_text.record_id
    if reports.files_of(session, record_id) or queries.voters(session, record_id, Stage.FULL_TEXT):
        return
    came_along = [
        one
        for one in reports.history(session, record_id)
        if one.found is Found.RETRIEVED and one.note is None
        and one.at >= full_text.attached_at
    ]  # fmt: skip
    for one in came_along:
        one.withdrawn_at, one.withdrawn_by = now(), member.id
        audit.record(session, member.review_id, member.id, ReportWithdrawn(one.record_id, one.found.value))
    session.flush()


def _be_sought(session: Session, member: Member, record_id: int) -> int:
    """The kept record of a report that is sought."""
    queries.screenable(session, member.review_id, record_id)
    kept = queries.cluster(session, record_id)[0]
    if not reports.is_sought(session, member.review_id, kept):
        raise NotSought(_("Record %(id)s is not sought: it was not included at title and abstract.", id=record_id))
    return kept
