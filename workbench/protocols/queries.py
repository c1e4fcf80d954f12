"""Reading the protocol in force, its versions, and the documented searches."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.protocols.models import Explanation, HitsReport, ProtocolVersion, SearchRun
from workbench.protocols.rules import Plan, plan_of
from workbench.reviews.models import Member
from workbench.words import _


class NoProtocol(NotFound):
    """A review has a protocol from its first day."""


class NoSuchVersion(NotFound):
    """The versions of a protocol are numbered from 1."""


class NoSuchRun(NotFound):
    """A search run belongs to one review, and is known there by its short name."""

    hint = "The page Searches lists every run; one that is missing can be documented there."


def version_in_force(session: Session, review_id: int) -> ProtocolVersion:
    """The newest version of this review's protocol."""
    wanted = select(ProtocolVersion).where(ProtocolVersion.review_id == review_id)
    found = session.scalars(wanted.order_by(ProtocolVersion.number.desc()).limit(1)).first()
    if found is None:
        raise NoProtocol(_("This review has no protocol."))
    return found


def version_number(session: Session, review_id: int, number: int) -> ProtocolVersion:
    """One version of this review's protocol."""
    wanted = select(ProtocolVersion).where(ProtocolVersion.review_id == review_id, ProtocolVersion.number == number)
    found = session.scalar(wanted)
    if found is None:
        raise NoSuchVersion(_("The protocol of this review has no version %(n)s.", n=number))
    return found


def versions(session: Session, review_id: int) -> Sequence[tuple[ProtocolVersion, Member]]:
    """Every version with the member who registered it, newest first."""
    wanted = select(ProtocolVersion, Member).join(Member, Member.id == ProtocolVersion.registered_by)
    rows = session.execute(wanted.where(ProtocolVersion.review_id == review_id).order_by(ProtocolVersion.number.desc()))
    return [(row[0], row[1]) for row in rows.unique()]


def plan_in_force(session: Session, review_id: int) -> Plan:
    """What the protocol in force fixes: questions, criteria, reasons, stage rules, steps, sources, runs."""
    return plan_of(version_in_force(session, review_id).document)


def runs(session: Session, review_id: int) -> Sequence[SearchRun]:
    """Every documented run, in the order it was documented."""
    return session.scalars(select(SearchRun).where(SearchRun.review_id == review_id).order_by(SearchRun.id)).all()


def run_of(session: Session, review_id: int, run_id: int) -> SearchRun:
    """One run of this review."""
    found = session.get(SearchRun, run_id)
    if found is None or found.review_id != review_id:
        raise NoSuchRun(_("There is no search run %(id)s in this review.", id=run_id))
    return found


def run_by_code(session: Session, review_id: int, code: str) -> SearchRun:
    """The run with this short name."""
    found = session.scalar(select(SearchRun).where(SearchRun.review_id == review_id, SearchRun.code == code))
    if found is None:
        known = ", ".join(run.code for run in runs(session, review_id)) or _("none yet")
        hint = _("The runs of this review are: %(known)s.", known=known)
        raise NoSuchRun(_("There is no search run “%(code)s” in this review.", code=code), hint)
    return found


def hits(session: Session, review_id: int) -> dict[int, int]:
    """The hits last reported for each run, by its id; a run without a report is left out."""
    newest = (
        select(func.max(HitsReport.id))
        .join(SearchRun, SearchRun.id == HitsReport.run_id)
        .where(SearchRun.review_id == review_id)
        .group_by(HitsReport.run_id)
    )
    return {row.run_id: row.hits for row in session.scalars(select(HitsReport).where(HitsReport.id.in_(newest)))}


def explanations(session: Session, review_id: int) -> dict[int, Explanation]:
    """The newest explanation of each run, by the run's id; it counts while its difference is still the difference."""
    newest = (
        select(func.max(Explanation.id))
        .join(SearchRun, SearchRun.id == Explanation.run_id)
        .where(SearchRun.review_id == review_id)
        .group_by(Explanation.run_id)
    )
    return {row.run_id: row for row in session.scalars(select(Explanation).where(Explanation.id.in_(newest)))}
