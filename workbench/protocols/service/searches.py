"""Documenting what the searches of a protocol brought: runs, hits, and why hits and records differ."""

import datetime
import re

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound
from workbench.protocols import queries
from workbench.protocols.events import DifferenceExplained, HitsReported, LinesCounted, SearchDocumented
from workbench.protocols.models import Explanation, HitsReport, LineHits, SearchRun
from workbench.protocols.rules import Plan, Source, Step
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

MOST_HITS = 2_000_000_000
"""More than any database holds; what is larger is a slip of the pen."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


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
        review_id=member.review_id, code=code, documented_at=now(), searched_on=searched_on, **place_of(step, found)
    )
    session.add(run)
    session.flush()
    audit.record(session, member.review_id, member.id, SearchDocumented(run.id, searched_on))
    if hits is not None:
        write_hits(session, member, run, hits)
    return run


def report_hits(session: Session, member: Member, run_id: int, hits: int) -> HitsReport:
    """Write down how many hits the database reported for a run; the newest report counts, the others stay."""
    allowed(member.roles, Deed.DOCUMENT_SEARCH)
    return write_hits(session, member, queries.run_of(session, member.review_id, run_id), hits)


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


def place_of(step: Step, source: Source) -> dict[str, object]:
    """Where a run belongs, as its row keeps it."""
    return {"step": step.id, "source": source.id, "source_name": source.name, "lane": source.lane}


def write_hits(session: Session, member: Member, run: SearchRun, hits: int) -> HitsReport:
    """Add a report of hits; whoever calls has seen to it that the member may."""
    if not 0 <= hits <= MOST_HITS:
        raise BadCount(_("%(hits)s cannot be the hits of run %(run)s.", hits=hits, run=run.code))
    row = HitsReport(run_id=run.id, hits=hits, reported_by=member.id, reported_at=now())
    session.add(row)
    session.flush()
    audit.record(session, member.review_id, member.id, HitsReported(run.id, hits))
    return row


def write_line_hits(session: Session, member: Member, run: SearchRun, counted: dict[str, int]) -> None:
    """Add what the lines of a strategy brought; whoever calls has seen to it that the member may."""
    for line, hits in counted.items():
        if not 0 <= hits <= MOST_HITS:
            raise BadCount(_("%(hits)s cannot be the hits of line %(line)s.", hits=hits, line=line))
        row = LineHits(run_id=run.id, line=line[:80], hits=hits, reported_by=member.id, reported_at=now())
        session.add(row)
    if counted:
        session.flush()
        audit.record(session, member.review_id, member.id, LinesCounted(run.id, len(counted)))


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
