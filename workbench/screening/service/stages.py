"""Opening, closing and reopening a stage, putting its records in order, and what is kept from its voters."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.errors import Clash, Invalid
from workbench.protocols.queries import plan_in_force, version_in_force
from workbench.records.models import Import, Record
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import Barred, PutBack, Removed, StageMoved
from workbench.screening.models import Bar, Place, Rank, Removal, StageEvent, Vote
from workbench.screening.queries import limits
from workbench.screening.queries import votes as queries
from workbench.screening.rules import BarKind, LimitRule, StageDeed, StageRule, is_drawn, shuffled
from workbench.words import _


class StageClosed(Clash):
    """Votes are cast while a stage is open."""

    hint = "The lead opens the stage."


class StageMovedAlready(Clash):
    """A stage that is open cannot be opened, one that is closed cannot be closed."""


class ReasonMissing(Invalid):
    """Whoever is barred is barred for a reason; it is printed in the methods text."""


class HasVotes(Clash):
    """What somebody has voted on is not taken away under the vote."""

    hint = "Votes are facts. Exclude the records instead, or ask the voters to withdraw votes that are still in hand."


class ListChanged(Clash):
    """A list is accepted as it was seen."""

    hint = "Look at the list as it is now. Nothing was changed."


def open_stage(session: Session, lead: Member, stage: Stage) -> StageEvent:
    """Open a stage for votes, under the protocol version in force, and put its records in order."""
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    last = queries.last_event(session, lead.review_id, stage)
    if last is not None and last.deed is not StageDeed.CLOSED:
        raise StageMovedAlready(_("This stage is open already."))
    event = _move(session, lead, stage, StageDeed.REOPENED if last else StageDeed.OPENED)
    rank(session, lead.review_id, stage)
    return event


def close_stage(session: Session, lead: Member, stage: Stage) -> StageEvent:
    """Close a stage: no more votes until it is opened again; nothing is lost."""
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    if not queries.is_running(session, lead.review_id, stage):
        raise StageMovedAlready(_("This stage is not open."))
    return _move(session, lead, stage, StageDeed.CLOSED)


def _move(session: Session, lead: Member, stage: Stage, deed: StageDeed) -> StageEvent:
    version = version_in_force(session, lead.review_id)
    event = StageEvent(
        review_id=lead.review_id, stage=stage, deed=deed, protocol_version_id=version.id, member_id=lead.id, at=now()
    )
    session.add(event)
    audit.record(session, lead.review_id, lead.id, StageMoved(stage.value, deed.value, version.id))
    session.flush()
    return event


def rank(session: Session, review_id: int, stage: Stage) -> int:
    """Give every record that has none a place at the end of the stage's order; returns how many.

    The order is the protocol's: random by its seed, newest, by title, or as imported. It never learns from votes (B4).
    """
    session.execute(select(Review.id).where(Review.id == review_id).with_for_update())  # two at once would share places
    rule = queries.stage_rule(session, review_id, stage)
    last = session.scalar(select(func.max(Rank.position)).where(Rank.review_id == review_id, Rank.stage == stage)) or 0
    ordered = _in_order(_unranked(session, review_id, stage), rule)
    made_at = now()
    rows = [
        {
            "review_id": review_id,
            "record_id": record_id,
            "stage": stage,
            "position": last + place,
            "made_at": made_at,
            "is_checked": is_drawn(rule.seed, record_id, rule.check_percent),
        }
        for place, record_id in enumerate(ordered, start=1)
    ]
    if rows:
        session.execute(insert(Rank), rows)
    return len(rows)


def rerank(session: Session, review_id: int, stage: Stage) -> None:
    """Draw the order of a stage anew that nobody has voted at."""
    if session.scalar(select(Vote.id).join(Record).where(Record.review_id == review_id, Vote.stage == stage).limit(1)):
        raise HasVotes(_("This stage has votes, so its order stays."))
    session.execute(delete(Rank).where(Rank.review_id == review_id, Rank.stage == stage))
    rank(session, review_id, stage)


def _unranked(session: Session, review_id: int, stage: Stage) -> Sequence[tuple[int, int | None, str | None]]:
    ranked = select(Rank.record_id).where(Rank.review_id == review_id, Rank.stage == stage)
    wanted = (
        select(Record.id, Record.year, Record.title)
        .join(Import)
        .where(
            Record.review_id == review_id,
            Import.completed_at.is_not(None),
            Import.taken_back_at.is_(None),
            Record.id.not_in(ranked),
        )
        .order_by(Record.id)
    )
    return session.execute(wanted).all()


def _in_order(rows: Sequence[tuple[int, int | None, str | None]], rule: StageRule) -> list[int]:
    match rule.order:
        case "random":
            rows = sorted(rows, key=lambda row: shuffled(rule.seed, row[0]))
        case "newest":
            rows = sorted(rows, key=lambda row: (-(row[1] or 0), row[0]))
        case "title":
            rows = sorted(rows, key=lambda row: ((row[2] or "").casefold(), row[0]))
    return [record_id for record_id, _year, _title in rows]


def bar(session: Session, member: Member, record_id: int, barred_id: int, reason: str) -> Bar:
    """Keep a person from voting on a record: oneself, or by the lead; the vote goes to another (B12).

    A place that the person holds on it is free at once. A bar that stands already is not doubled: it is given back.
    """
    if barred_id != member.id:
        allowed(member.roles, Deed.MANAGE_TEAM)
    allowed(member.roles, Deed.LOOK)
    queries.screenable(session, member.review_id, record_id)
    if not reason.strip():
        raise ReasonMissing(_("Please say why: own work, or what other interest."))
    barred = session.get(Member, barred_id)
    if barred is None or barred.review_id != member.review_id:
        raise queries.NoSuchRecord(_("There is no member %(id)s in this review.", id=barred_id))
    if (standing := queries.standing_bar(session, barred_id, record_id)) is not None:
        return standing
    row = put_bar(session, member, record_id, barred_id, reason, BarKind.INTEREST)
    audit.record(session, member.review_id, member.id, Barred(record_id, barred_id, False, text_hash(reason)))
    return row


def put_bar(session: Session, by: Member, record_id: int, barred_id: int, reason: str, kind: BarKind) -> Bar:
    """Put the row of a bar; the caller has looked whether it may stand, and leaves the trace."""
    held = delete(Place).where(Place.record_id.in_(queries.cluster(session, record_id)), Place.reviewer_id == barred_id)
    session.execute(held)
    row = Bar(
        record_id=record_id, member_id=barred_id, reason=reason.strip(), kind=kind, barred_by=by.id, barred_at=now()
    )
    session.add(row)
    session.flush()
    return row


def lift_bar(session: Session, member: Member, bar_id: int) -> None:
    """Lift a bar; that it stood stays on record."""
    found = session.get(Bar, bar_id)
    if found is None or found.lifted_at or queries.screenable(session, member.review_id, found.record_id) is None:
        raise queries.NoSuchRecord(_("There is no such bar in this review."))
    if found.barred_by != member.id:
        allowed(member.roles, Deed.MANAGE_TEAM)
    found.lifted_at = now()
    audit.record(session, member.review_id, member.id, Barred(found.record_id, found.member_id, True, None))
    session.flush()


def refuse_if_voted(session: Session, import_id: int) -> None:
    """An import with votes on its records is not taken back."""
    if queries.has_votes(session, import_id):
        raise HasVotes(_("Somebody has voted on records of this import."))


def accept_list(session: Session, member: Member, rule: LimitRule, n: int) -> int:
    """Remove all records that are outside one limit of the protocol, of which the person saw this many.

    They go to the PRISMA box that the protocol names: other reasons, or (without a word on it) automation tools.

    Raises:
        ListChanged: the list has grown or shrunk since it was looked at.
    """
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    plan = plan_in_force(session, member.review_id)
    found = limits.flagged(session, member.review_id, plan).get(rule, [])
    if len(found) != n:
        raise ListChanged(_("The list has %(now)s records now and had %(n)s when you saw it.", now=len(found), n=n))
    by_automation = plan.limits is None or plan.limits.is_automation
    return remove_outside_limits(session, member, rule, found, by_automation=by_automation)


def remove_outside_limits(
    session: Session, member: Member, rule: str, record_ids: Sequence[int], *, by_automation: bool
) -> int:
    """Remove a limit rule's whole list before screening, by one person's act; returns how many records.

    Records that somebody has voted on, that are removed already or that do not stand for a report stay as they are.
    All records of a report are removed with it, so that one that joins it later is known to be another.
    """
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    removed_at = now()
    kept = set(session.scalars(limits.untouched(member.review_id))).intersection(record_ids)
    rows = [
        {"record_id": one, "rule": rule, "by_automation": by_automation, "member_id": member.id,
         "removed_at": removed_at}
        for one in limits.reports_of(session, kept)
    ]  # fmt: skip
    if rows:
        session.execute(insert(Removal), rows)
        audit.record(session, member.review_id, member.id, Removed(rule, len(kept), by_automation))
    return len(kept)


def restore_removed(session: Session, member: Member, rule: str) -> int:
    """Put all records that were removed by one rule back into screening; returns how many records.

    Raises:
        HasVotes: somebody has voted on one of them.
    """
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    if limits.has_votes(session, member.review_id, rule):
        raise HasVotes(_("Somebody has voted on records of this list."), _("It stays as it is."))
    removed = limits.removed_by(member.review_id, rule)
    under = select(Duplicate.record_id)
    n = session.scalar(select(func.count()).select_from(removed.where(Removal.record_id.not_in(under)).subquery())) or 0
    session.execute(
        delete(Removal).where(Removal.record_id.in_(removed)), execution_options={"synchronize_session": False}
    )
    if n:
        audit.record(session, member.review_id, member.id, PutBack(rule, n))
    return n
