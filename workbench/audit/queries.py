"""Reading the trail."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import rules
from workbench.audit.models import AuditEntry, Chain


def entries(session: Session, review_id: int, limit: int = 100, before: int | None = None) -> Sequence[AuditEntry]:
    """The newest entries of one chain, newest first; `before` is a position to read on from."""
    wanted = select(AuditEntry).join(Chain).where(Chain.review_id == review_id)
    if before is not None:
        wanted = wanted.where(AuditEntry.position < before)
    return session.scalars(wanted.order_by(AuditEntry.position.desc()).limit(limit)).all()


def broken_at(session: Session, review_id: int) -> int | None:
    """The first position of this chain that does not hold, or None when all of it does."""
    rows = session.execute(
        select(
            AuditEntry.position,
            AuditEntry.event,
            AuditEntry.salt,
            AuditEntry.payload,
            AuditEntry.actor_id,
            AuditEntry.head,
        )
        .join(Chain)
        .where(Chain.review_id == review_id)
        .order_by(AuditEntry.position)
    )
    return rules.broken_at(
        (row.position, row.event, row.salt, sealed(row.payload, row.actor_id), row.head) for row in rows
    )


def sealed(payload: dict[str, object], actor_id: int | None) -> dict[str, object]:
    """What is sealed: the payload and who did it."""
    return {**payload, "actor": actor_id}
