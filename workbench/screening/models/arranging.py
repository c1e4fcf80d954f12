"""Who is asked for which records: allocation, pilot rounds, the languages that people read."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.reviews.rules import Stage
from workbench.screening.rules import Split


class Allocation(Base):
    """One deed by which records were allocated to people, or freed for everybody; its assignments say which to whom."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("member_id", "idempotency_key"),
        Index("ix_allocation_review", "review_id", "stage"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    split: Mapped[Split]
    name: Mapped[Long | None]
    """What the batch is called."""
    seed: Mapped[int]
    shares: Mapped[Json]
    """Percent of the records by member id, as the lead typed them."""
    chosen: Mapped[Json]
    """By what the records were chosen: size, sources, years, languages, whose they were."""
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    made_at: Mapped[Timestamp]


class Assignment(Base):
    """One person is asked for one record; the place is theirs until a later allocation ends it."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("record_id", "stage", "member_id", "allocation_id"),
        Index("ix_assignment_member", "member_id", "stage"),
    )

    id: Mapped[Key]
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    is_senior: Mapped[bool]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)


class PilotRound(Base):
    """A seeded sample of records on which all voters vote; it opens, once, when all of them have handed in."""

    __tablename__ = "pilot_round"
    __table_args__ = (
        UniqueConstraint("review_id", "stage", "number"),
        Index(
            "uq_pilot_round_running",
            "review_id",
            "stage",
            unique=True,
            sqlite_where=text("opened_at IS NULL"),
            postgresql_where=text("opened_at IS NULL"),
        ),
        CheckConstraint("size >= 1 AND number >= 1", "counts_from_one"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    number: Mapped[int]
    size: Mapped[int]
    seed: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    begun_at: Mapped[Timestamp]
    opened_at: Mapped[Timestamp | None]


class PilotRecord(Base):
    """One record of a pilot round's sample; a record is drawn once at a stage."""

    __tablename__ = "pilot_record"
    __table_args__ = (UniqueConstraint("record_id", "stage"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("pilot_round.id"), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]


class PilotVoter(Base):
    """One person whom a pilot round asks and waits for, until released."""

    __tablename__ = "pilot_voter"
    __table_args__ = (UniqueConstraint("member_id", "round_id"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("pilot_round.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    released_at: Mapped[Timestamp | None]


class LanguagesRead(Base):
    """What a person said of the languages they read; the newest row counts, an empty list means every language."""

    __tablename__ = "languages_read"
    __table_args__ = (Index("ix_languages_read_member", "member_id"),)

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    languages: Mapped[Json]
    said_at: Mapped[Timestamp]
