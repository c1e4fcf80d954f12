"""A stage: when it was opened and closed, the order of its records, who is barred, what was removed before it."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Key, Long, Timestamp
from workbench.reviews.rules import Stage
from workbench.screening.rules import BarKind, StageDeed


class StageEvent(Base):
    """A stage opened, closed or reopened, under the protocol version in force then."""

    __tablename__ = "stage_event"
    __table_args__ = (Index("ix_stage_event_review", "review_id", "stage"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    deed: Mapped[StageDeed]
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[Timestamp]


class Rank(Base):
    """The place of one record in the order of one stage's queue."""

    __tablename__ = "rank"
    __table_args__ = (
        UniqueConstraint("record_id", "stage"),
        UniqueConstraint("review_id", "stage", "position"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    position: Mapped[int]
    is_checked: Mapped[bool]
    """Drawn for the second check of single exclusions."""
    made_at: Mapped[Timestamp]


class Bar(Base):
    """One person does not vote on one record, with the reason (B12), or since they do not read its language."""

    __tablename__ = "bar"
    __table_args__ = (Index("ix_bar_record", "record_id", "member_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[Long]
    kind: Mapped[BarKind] = mapped_column(default=BarKind.INTEREST, server_default=BarKind.INTEREST.value)
    barred_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    barred_at: Mapped[Timestamp]
    lifted_at: Mapped[Timestamp | None]


class Removal(Base):
    """A record of a report outside the limits, removed before screening with its rule's whole list by one person's act.

    A report is out while every one of its records is removed; another that joins it later brings it back.
    """

    __tablename__ = "removal"
    __table_args__ = (UniqueConstraint("record_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    rule: Mapped[str] = mapped_column(String(80))
    by_automation: Mapped[bool]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    removed_at: Mapped[Timestamp]
