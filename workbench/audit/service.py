"""Adding to the trail, in the transaction of the deed itself."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from workbench.audit import rules
from workbench.audit.events import Event
from workbench.audit.models import AuditEntry, Chain
from workbench.audit.queries import sealed
from workbench.db import now


def record(session: Session, review_id: int, actor_id: int | None, event: Event) -> AuditEntry:
    """Write one entry to the chain of this review (HOUSE: of the house); the chain's head stays locked until commit."""
    chain = _locked_chain(session, review_id)
    payload, salt = event.payload(), rules.new_salt()
    chain.head = rules.link(chain.head, event.name, rules.digest(salt, sealed(payload, actor_id)))
    chain.length += 1
    about = payload.get(event.about) if event.about else None
    entry = AuditEntry(
        chain_id=chain.id,
        position=chain.length,
        event=event.name,
        actor_id=actor_id,
        record_id=about if isinstance(about, int) else None,
        payload=payload,
        salt=salt,
        head=chain.head,
        at=now(),
    )
    session.add(entry)
    return entry


def _locked_chain(session: Session, review_id: int) -> Chain:
    wanted = select(Chain).where(Chain.review_id == review_id).with_for_update()
    chain = session.scalar(wanted)
    if chain is None:
        _begin_chain(session, review_id)
        chain = session.scalars(wanted).one()
    return chain


def _begin_chain(session: Session, review_id: int) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    row = insert(Chain).values(review_id=review_id, head=rules.GENESIS, length=0)
    session.execute(row.on_conflict_do_nothing())
