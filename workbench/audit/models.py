"""The trail: one chain per review and one for the house."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp

HOUSE = 0
"""The review_id of the house's own chain."""


class Chain(Base):
    """The head of one chain, locked while a deed adds to it; review_id is 0 for the house."""

    __tablename__ = "chain"
    __table_args__ = (UniqueConstraint("review_id"), CheckConstraint("length >= 0", "length_not_negative"))

    id: Mapped[Key]
    review_id: Mapped[int]
    head: Mapped[Long]
    length: Mapped[int]


class AuditEntry(Base):
    """One deed: who (a plain id), what, when, sealed with its salt into the chain; never changed, never deleted."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("chain_id", "position"),
        Index("ix_audit_entry_record", "record_id"),
    )

    id: Mapped[Key]
    chain_id: Mapped[int] = mapped_column(ForeignKey("chain.id"))
    position: Mapped[int]
    event: Mapped[str]
    actor_id: Mapped[int | None]
    record_id: Mapped[int | None]
    payload: Mapped[Json]
    salt: Mapped[str]
    head: Mapped[str]
    at: Mapped[Timestamp]
