"""Reading conflicts: the open ones, the ways out that voters proposed, and how the others were settled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import exists, func, not_, or_, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.records.models import Record
from workbench.reviews.models import ExclusionReason, Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Message, Proposal, Settlement
from workbench.screening.queries.memo import standing_at
from workbench.screening.queries.outcomes import kept_id
from workbench.screening.rules import Outcome, StageRule

Sent = TypeVar("Sent", Message, Proposal)


@dataclass(frozen=True)
class Ended:
    """One conflict that was settled: how, on which record, and for which reason where a report was excluded."""

    settlement: Settlement
    record: Record
    reason: str | None


def open_conflicts(session: Session, review_id: int, rule: StageRule) -> Sequence[Record]:
    """The kept records in conflict, in the order they were imported."""
    ids = [one.record_id for one in standing_at(session, review_id, rule, Outcome.CONFLICT)]
    return session.scalars(select(Record).where(Record.id.in_(ids)).order_by(Record.id)).all()


def newest_proposals(session: Session, record_ids: Collection[int], stage: Stage) -> dict[int, Proposal]:
    """The newest way out that was proposed for each of these records and not yet settled on; others are left out."""
    spent = exists(Settlement.id).where(
        Settlement.record_id == Proposal.record_id,
        Settlement.stage == stage,
        or_(Settlement.proposal_id == Proposal.id, Settlement.settled_at > Proposal.proposed_at),
    )
    newest = (
        select(func.max(Proposal.id))
        .where(Proposal.record_id.in_(record_ids), Proposal.stage == stage, not_(spent))
        .group_by(Proposal.record_id)
    )
    return {row.record_id: row for row in session.scalars(select(Proposal).where(Proposal.id.in_(newest)))}


def proposals(session: Session, record_ids: Collection[int], stage: Stage) -> Sequence[Proposal]:
    """Every way out that was proposed for the records of one cluster, oldest first."""
    wanted = select(Proposal).where(Proposal.record_id.in_(record_ids), Proposal.stage == stage)
    return session.scalars(wanted.order_by(Proposal.id)).all()


def sent_before(session: Session, kind: type[Sent], member: Member, key: str) -> Sent | None:
    """The message or proposal that this member sent with this key before."""
    return session.scalar(select(kind).where(kind.member_id == member.id, kind.idempotency_key == key))


def settlements(session: Session, record_ids: Collection[int], stage: Stage) -> Sequence[Settlement]:
    """Every settlement on the records of one cluster, oldest first."""
    wanted = select(Settlement).where(Settlement.record_id.in_(record_ids), Settlement.stage == stage)
    return session.scalars(wanted.order_by(Settlement.id)).all()


def ended(session: Session, review_id: int, stage: Stage) -> list[Ended]:
    """Every conflict of a stage that was settled, the last one first."""
    rows = session.execute(
        select(Settlement, Record, ExclusionReason.label)
        .outerjoin(Duplicate, Duplicate.record_id == Settlement.record_id)
        .join(Record, Record.id == kept_id(Settlement.record_id))
        .outerjoin(ExclusionReason, ExclusionReason.id == Settlement.reason_id)
        .where(Settlement.stage == stage, Record.review_id == review_id)
        .order_by(Settlement.id.desc())
    )
    return [Ended(*row) for row in rows]


def reason_labels(session: Session, review_id: int) -> dict[int, str]:
    """Every exclusion reason the review ever had, as it is printed, by its id."""
    rows = session.execute(
        select(ExclusionReason.id, ExclusionReason.label).where(ExclusionReason.review_id == review_id)
    )
    return {row.id: row.label for row in rows}
