"""Reading the protocol in force, its versions, and the documented searches."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.protocols.models import Explanation, HitsReport, LineHits, ProtocolDraft, ProtocolVersion, SearchRun
from workbench.protocols.rules import Plan, plan_of
from workbench.reviews.models import Member
from workbench.words import _

KNOWN = 256
"""Plans that are remembered; more than any house has reviews at work."""

_known: dict[tuple[object, int, datetime], Plan] = {}


class NoProtocol(NotFound):
    """A review has a protocol from its first day."""


class NoSuchVersion(NotFound):
    """The versions of a protocol are numbered from 1."""


class NoSuchRun(NotFound):
    """A search run belongs to one review, and is known there by its short name."""

    hint = "The page Searches lists every run; one that is missing can be documented there."


class NoSuchDraft(NotFound):
    """A draft is being written until it is put in force or laid aside; open to its review's team, or its author."""

    hint = "On the page Protocol a draft is begun; drafts for a new review stand under New review."


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
    return plan_of_version(session, *which_in_force(session, review_id))


def which_in_force(session: Session, review_id: int) -> tuple[int, datetime]:
    """The newest version of this review's protocol, by its id and moment, without reading it."""
    wanted = select(ProtocolVersion.id, ProtocolVersion.registered_at).where(ProtocolVersion.review_id == review_id)
    found = session.execute(wanted.order_by(ProtocolVersion.number.desc()).limit(1)).first()
    if found is None:
        raise NoProtocol(_("This review has no protocol."))
    return found[0], found[1]


def plan_of_version(session: Session, version_id: int, registered_at: datetime) -> Plan:
    """What one version fixes; read once and remembered, since a version never changes and every vote asks for it.

    The moment stands beside the id, since a version that was rolled back leaves its id to another.
    """
    key = (session.get_bind().engine.url, version_id, registered_at)
    found = _known.get(key)
    if found is None:
        found = plan_of(session.get_one(ProtocolVersion, version_id).document)
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = found
    return found


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


def line_hits(session: Session, review_id: int) -> dict[int, dict[str, int]]:
    """The hits last written down for each line of each run, by the run's id and the line's number as text."""
    newest = (
        select(func.max(LineHits.id))
        .join(SearchRun, SearchRun.id == LineHits.run_id)
        .where(SearchRun.review_id == review_id)
        .group_by(LineHits.run_id, LineHits.line)
    )
    found: dict[int, dict[str, int]] = {}
    for row in session.scalars(select(LineHits).where(LineHits.id.in_(newest))):
        found.setdefault(row.run_id, {})[row.line] = row.hits
    return found


def open_draft(session: Session, review_id: int, *, to_write: bool = False) -> ProtocolDraft | None:
    """The draft of this review's next version, if somebody has begun one; locked where it is to be written."""
    wanted = select(ProtocolDraft).where(ProtocolDraft.review_id == review_id, ProtocolDraft.ended_at.is_(None))
    return session.scalar(wanted.with_for_update() if to_write else wanted)


def draft_of(session: Session, review_id: int, *, to_write: bool = False) -> ProtocolDraft:
    """The draft of this review's next version."""
    found = open_draft(session, review_id, to_write=to_write)
    if found is None:
        raise NoSuchDraft(_("No draft of this review's protocol is being written."))
    return found


def own_draft(session: Session, user_id: int, draft_id: int, *, to_write: bool = False) -> ProtocolDraft:
    """A draft of this person's own, for a review that has not begun."""
    wanted = select(ProtocolDraft).where(
        ProtocolDraft.id == draft_id,
        ProtocolDraft.author_id == user_id,
        ProtocolDraft.review_id.is_(None),
        ProtocolDraft.ended_at.is_(None),
    )
    found = session.scalar(wanted.with_for_update() if to_write else wanted)
    if found is None:
        raise NoSuchDraft(_("You have no draft %(id)s.", id=draft_id))
    return found


def own_drafts(session: Session, user_id: int) -> Sequence[ProtocolDraft]:
    """This person's drafts for reviews that have not begun, the one written last first."""
    wanted = select(ProtocolDraft).where(
        ProtocolDraft.author_id == user_id, ProtocolDraft.review_id.is_(None), ProtocolDraft.ended_at.is_(None)
    )
    return session.scalars(wanted.order_by(ProtocolDraft.saved_at.desc(), ProtocolDraft.id.desc())).all()


def laid_aside(session: Session, version: ProtocolVersion) -> ProtocolDraft | None:
    """The draft on this version that was laid aside last; none once a later version is in force."""
    wanted = select(ProtocolDraft).where(
        ProtocolDraft.base_version_id == version.id, ProtocolDraft.ended_at.is_not(None)
    )
    return session.scalars(wanted.order_by(ProtocolDraft.ended_at.desc()).limit(1)).first()
