"""Beginning a review from its protocol, and amending it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash
from workbench.protocols import queries
from workbench.protocols.events import ProtocolRegistered
from workbench.protocols.models import ProtocolVersion, SearchRun
from workbench.protocols.rules import Plan, Protocol, plan_sha256, read_protocol
from workbench.protocols.service.searches import ReasonMissing, place_of, write_hits, write_line_hits
from workbench.reviews import service as reviews
from workbench.reviews.models import ExclusionReason, Member, Question
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.words import _


class OtherReview(Clash):
    """An amendment is a new version of this review's own protocol."""

    hint = "Check that the right file was chosen, and that the id under review was not changed."


class SamePlan(Clash):
    """An amendment changes the plan; hits and imports are entered on the page Searches."""

    hint = "Nothing was changed. If the file should differ, check that the newest one was chosen."


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
    if plan_sha256(earlier.document) == protocol.plan_sha256:
        raise SamePlan(_("The plan in this file is the one in force, version %(n)s.", n=earlier.number))
    member.review.title = protocol.plan.title
    return _register(session, member, protocol, data, number=earlier.number + 1, reason=reason.strip())


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
    for step, source, run in plan.runs():
        row = rows.setdefault(run.id, SearchRun(review_id=member.review_id, code=run.id, documented_at=now()))
        for name, value in (place_of(step, source) | {"searched_on": run.searched_on}).items():
            setattr(row, name, value)
    session.add_all(rows.values())
    session.flush()
    write_log(session, member, plan)


def write_log(session: Session, member: Member, plan: Plan) -> int:
    """Write down the hits that the file says of its runs and their lines, where they are news; gives how many are."""
    rows = {row.code: row for row in queries.runs(session, member.review_id)}
    reported, counted, news = queries.hits(session, member.review_id), queries.line_hits(session, member.review_id), 0
    for _step, _source, run in plan.runs():
        row = rows[run.id]
        if run.hits_reported not in {None, reported.get(row.id)}:
            write_hits(session, member, row, run.hits_reported or 0)
            news += 1
        known = counted.get(row.id, {})
        lines = {str(line.n): line.hits for line in run.strategy or () if line.hits is not None}
        fresh = {line: hits for line, hits in lines.items() if known.get(line) != hits}
        write_line_hits(session, member, row, fresh)
        news += len(fresh)
    return news
