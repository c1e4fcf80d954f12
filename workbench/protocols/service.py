"""Beginning a review from its protocol, amending it, and documenting what its searches brought."""

import datetime
import re
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound
from workbench.protocols import queries
from workbench.protocols.events import DifferenceExplained, HitsReported, ProtocolRegistered, SearchDocumented
from workbench.protocols.models import Explanation, HitsReport, ProtocolVersion, SearchRun
from workbench.protocols.rules import Plan, Protocol, Source, Step, read_protocol
from workbench.reviews import service as reviews
from workbench.reviews.models import ExclusionReason, Member, Question
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.words import _

MOST_HITS = 2_000_000_000
"""More than any database holds; what is larger is a slip of the pen."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class OtherReview(Clash):
    """An amendment is a new version of this review's own protocol."""

    hint = "Check that the right file was chosen, and that the id under review was not changed."


class SamePlan(Clash):
    """An amendment changes the plan; hits and imports are entered on the page Searches."""

    hint = "Nothing was changed. If the file should differ, check that the newest one was chosen."


class ReasonMissing(Invalid):
    """An amendment and an explanation say why."""

    hint = "One sentence is enough; it is printed in the methods text."


class NoSuchSource(NotFound):
    """A run belongs to a source of the protocol in force."""

    hint = "Add the source to the protocol first, as an amendment."


class RunTaken(Clash):
    """Each run has a short name of its own."""

    hint = "Choose another one, for instance with the day of the search."


class BadRun(Invalid):
    """A run has a short name of letters, digits and hyphens, and the day on which the database was searched."""


class BadCount(Invalid):
    """Hits are a whole number from 0."""

    hint = "Write the digits as the database shows them; leave it empty where the number is not known."


def begin(session: Session, user: User, data: bytes, name: str) -> Member:
    """Begin a review from a protocol file; who begins it leads it.

    Raises:
        InvalidProtocol: the file does not hold; its `problems` say line by line why.
        SlugTaken: a review of this id exists.
    """
    protocol = read_protocol(data, name)
    member = reviews.create(session, user, protocol.plan.review_id, protocol.plan.title)
    _register(session, member, protocol, data, number=1, reason=None)
    return member


def amend(session: Session, member: Member, data: bytes, name: str, reason: str) -> ProtocolVersion:
    """Put a new version of the protocol in force, with the reason why.

    Raises:
        InvalidProtocol: the file does not hold.
        ReasonMissing, OtherReview, SamePlan: it is not an amendment of this review.
    """
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    if not reason.strip():
        raise ReasonMissing(_("Say why the protocol is amended."))
    protocol = read_protocol(data, name)
    if protocol.plan.review_id != member.review.slug:
        raise OtherReview(_("This file is the protocol of “%(id)s”, not of this review.", id=protocol.plan.review_id))
    earlier = queries.version_in_force(session, member.review_id)
    if earlier.plan_sha256 == protocol.plan_sha256:
        raise SamePlan(_("The plan in this file is the one in force, version %(n)s.", n=earlier.number))
    member.review.title = protocol.plan.title
    return _register(session, member, protocol, data, number=earlier.number + 1, reason=reason.strip())


def add_run(
    session: Session, member: Member, source: str, searched_on: str, hits: int | None = None, code: str | None = None
) -> SearchRun:
    """Document one more run of a source of the protocol; without a short name it gets one from source and day."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    step, found = _source(queries.plan_in_force(session, member.review_id), source)
    _check_date(searched_on)
    taken = {run.code.casefold() for run in queries.runs(session, member.review_id)}
    code = code or _free_code(f"{source[:50]}-{searched_on}", taken)
    if not _CODE.fullmatch(code):
        raise BadRun(_("“%(code)s” cannot be a short name: use letters, digits, - and _.", code=code))
    if code.casefold() in taken:
        raise RunTaken(_("There is already a run “%(code)s” in this review.", code=code))
    run = SearchRun(
        review_id=member.review_id, code=code, documented_at=now(), searched_on=searched_on, **_place(step, found)
    )
    session.add(run)
    session.flush()
    audit.record(session, member.review_id, member.id, SearchDocumented(run.id, searched_on))
    if hits is not None:
        _report(session, member, run, hits)
    return run


def report_hits(session: Session, member: Member, run_id: int, hits: int) -> HitsReport:
    """Write down how many hits the database reported for a run; the newest report counts, the others stay."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    return _report(session, member, queries.run_of(session, member.review_id, run_id), hits)


def explain(session: Session, member: Member, run_id: int, difference: int, reason: str) -> Explanation:
    """Say why hits and records of a run differ by so many; it counts while that is the difference (R16)."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    run = queries.run_of(session, member.review_id, run_id)
    if not reason.strip():
        raise ReasonMissing(_("Say where the difference comes from."))
    row = Explanation(
        run_id=run.id, difference=difference, reason=reason.strip(), explained_by=member.id, explained_at=now()
    )
    session.add(row)
    session.flush()
    audit.record(session, member.review_id, member.id, DifferenceExplained(run.id, difference, text_hash(row.reason)))
    return row


def _register(
    session: Session, member: Member, protocol: Protocol, data: bytes, number: int, reason: str | None
) -> ProtocolVersion:
    version = ProtocolVersion(
        review_id=member.review_id,
        number=number,
        document=protocol.document,
        source=data.decode("utf-8-sig"),
        plan_sha256=protocol.plan_sha256,
        reason=reason,
        registered_by=member.id,
        registered_at=now(),
    )
    session.add(version)
    session.flush()
    event = ProtocolRegistered(version.id, number, version.plan_sha256, text_hash(reason))
    audit.record(session, member.review_id, member.id, event)
    _put_questions_in_force(session, member.review_id, protocol.plan)
    _put_reasons_in_force(session, member.review_id, protocol.plan)
    _put_runs_in_force(session, member, protocol.plan)
    return version


def _put_questions_in_force(session: Session, review_id: int, plan: Plan) -> None:
    """Questions keep their row for good: answers point to it. One that left the protocol is retired."""
    rows = {row.code: row for row in session.scalars(select(Question).where(Question.review_id == review_id))}
    for position, question in enumerate(plan.questions, start=1):
        row = rows.get(question.id) or Question(review_id=review_id, code=question.id)
        row.position, row.text, row.retired_at = position, question.text, None
        session.add(row)
    _retire(rows.values(), {question.id for question in plan.questions})
    session.flush()


def _put_reasons_in_force(session: Session, review_id: int, plan: Plan) -> None:
    """Reasons keep their row for good: votes point to it. One that left the protocol is retired."""
    wanted = select(ExclusionReason).where(ExclusionReason.review_id == review_id)
    rows = {row.code: row for row in session.scalars(wanted)}
    for reason in plan.exclusion_reasons:
        row = rows.get(reason.id) or ExclusionReason(review_id=review_id, code=reason.id)
        row.position, row.label, row.retired_at = reason.order, reason.label, None
        row.at_title_abstract = Stage.TITLE_ABSTRACT in reason.applies_at
        row.at_full_text = Stage.FULL_TEXT in reason.applies_at
        row.concerns_outcome_data = reason.concerns_outcome_data
        session.add(row)
    _retire(rows.values(), {reason.id for reason in plan.exclusion_reasons})
    session.flush()


def _retire(rows: Iterable[Question | ExclusionReason], still: set[str]) -> None:
    for row in rows:
        if row.code not in still and row.retired_at is None:
            row.retired_at = now()


def _put_runs_in_force(session: Session, member: Member, plan: Plan) -> None:
    """Runs keep their row for good, since imports hang on it; where a version moves a run, its row follows."""
    rows = {row.code: row for row in queries.runs(session, member.review_id)}
    reported = queries.hits(session, member.review_id)
    for step, source, run in plan.runs():
        row = rows.setdefault(run.id, SearchRun(review_id=member.review_id, code=run.id, documented_at=now()))
        for name, value in (_place(step, source) | {"searched_on": run.searched_on}).items():
            setattr(row, name, value)
    session.add_all(rows.values())
    session.flush()
    for _step, _its_source, run in plan.runs():
        if run.hits_reported not in {None, reported.get(rows[run.id].id)}:
            _report(session, member, rows[run.id], run.hits_reported or 0)


def _place(step: Step, source: Source) -> dict[str, object]:
    """Where a run belongs, as its row keeps it."""
    return {"step": step.id, "source": source.id, "source_name": source.name, "lane": source.lane}


def _report(session: Session, member: Member, run: SearchRun, hits: int) -> HitsReport:
    if not 0 <= hits <= MOST_HITS:
        raise BadCount(_("%(hits)s cannot be the hits of run %(run)s.", hits=hits, run=run.code))
    row = HitsReport(run_id=run.id, hits=hits, reported_by=member.id, reported_at=now())
    session.add(row)
    session.flush()
    audit.record(session, member.review_id, member.id, HitsReported(run.id, hits))
    return row


def _source(plan: Plan, code: str) -> tuple[Step, Source]:
    for step, source in plan.sources():
        if source.id == code:
            return step, source
    raise NoSuchSource(_("The protocol has no source “%(code)s”.", code=code))


def _check_date(text: str) -> None:
    parts = _DATE.fullmatch(text)
    if parts is None:
        hint = _("Write it as 2026-05-12, or as much of it as is known.")
        raise BadRun(_("“%(date)s” is not a date.", date=text), hint)
    try:
        datetime.date(*(int(part or 1) for part in parts.groups()))
    except ValueError:
        raise BadRun(_("There is no such day as %(date)s.", date=text)) from None


def _free_code(wish: str, taken: set[str]) -> str:
    """The wish, with -2, -3, … after it where it is taken."""
    code, n = wish, 1
    while code.casefold() in taken:
        n += 1
        code = f"{wish}-{n}"
    return code
