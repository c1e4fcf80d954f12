"""What one person sets up at the own desk."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Timestamp
from workbench.reviews.rules import Stage


class Postponement(Base):
    """One reviewer put a record off to the end of the own queue; nobody else learns of it."""

    __tablename__ = "postponement"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "idempotency_key"),
        Index("ix_postponement_reviewer", "reviewer_id", "stage", "record_id"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    postponed_at: Mapped[Timestamp]
    ended_at: Mapped[Timestamp | None]
    """When it was called back, or put off once more."""


class TermList(Base):
    """Words to mark at the desk: one person's own, or (of nobody) the whole review's; the newest list counts."""

    __tablename__ = "term_list"
    __table_args__ = (Index("ix_term_list_newest", "review_id", "member_id", "id"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    include: Mapped[Json]
    exclude: Mapped[Json]
    pico: Mapped[Json]
    saved_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    saved_at: Mapped[Timestamp]


class DeskKeys(Base):
    """The single keys of one person at every desk, and whether they vote at all."""

    __tablename__ = "desk_keys"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    keys: Mapped[Json]
    are_on: Mapped[bool]
    saved_at: Mapped[Timestamp]
