"""Votes, the places held for them, and what makes them final."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.reviews.rules import Stage
from workbench.screening.rules import Decision, Design, HandedInBy, Origin


class Place(Base):
    """A place held for one reviewer on one record, so that no more are served than votes are asked (B7)."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("record_id", "stage", "reviewer_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    until: Mapped[Timestamp]
    is_senior: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether the reviewer was a senior by the rule of the stage when the place was given."""


class Vote(Base):
    """One reviewer's ballot on one record at one stage; a newer row may supersede one's own."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "stage", "record_id", "turn"),
        UniqueConstraint("reviewer_id", "idempotency_key"),
        UniqueConstraint("supersedes_id"),
        Index("ix_vote_record_stage", "record_id", "stage"),
        Index("ix_vote_newest", "reviewer_id", "stage", "id"),
        CheckConstraint("reason_id IS NULL OR decision = 'exclude'", "reason_only_if_excluded"),
        CheckConstraint(
            "stage <> 'full-text' OR decision <> 'exclude' OR reason_id IS NOT NULL", "full_text_exclusion_has_reason"
        ),
        CheckConstraint(
            "stage <> 'full-text' OR decision <> 'include' OR (questions IS NOT NULL AND design IS NOT NULL)",
            "full_text_include_names_questions",
        ),
        CheckConstraint("(turn = 1) = (supersedes_id IS NULL)", "later_turn_supersedes"),
        CheckConstraint("page IS NULL OR (page >= 1 AND stage = 'full-text')", "page_of_a_full_text"),
        CheckConstraint("quote IS NULL OR stage = 'full-text'", "quote_of_a_full_text"),
        CheckConstraint("quoted_from IS NULL OR page IS NOT NULL", "file_has_the_page"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    stage: Mapped[Stage]
    turn: Mapped[int]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("vote.id"))
    decision: Mapped[Decision]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("exclusion_reason.id"))
    questions: Mapped[Long | None]
    """Codes of the questions a full-text include answers, sorted, one blank between."""
    design: Mapped[Design | None]
    note: Mapped[Long | None]
    private_note: Mapped[Long | None]
    tags: Mapped[Json | None]
    page: Mapped[int | None]
    """The page of the full text on which the decision rests."""
    quote: Mapped[Long | None]
    """The words on that page."""
    quoted_from: Mapped[int | None] = mapped_column(ForeignKey("full_text.id"))
    origin: Mapped[Origin]
    bulk_id: Mapped[int | None] = mapped_column(ForeignKey("bulk.id"))
    """Where the vote was given in bulk, on a list of which one read a sample."""
    is_senior: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether its author was a senior by the rule of the stage when it was cast."""
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    cast_at: Mapped[Timestamp]


class Bulk(Base):
    """One reviewer voted on a filtered list of records at once; the votes name it, and are taken back with it."""

    __tablename__ = "bulk"
    __table_args__ = (UniqueConstraint("reviewer_id", "idempotency_key"),)

    id: Mapped[Key]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    stage: Mapped[Stage]
    wish: Mapped[Json]
    """What the list was filtered by."""
    idempotency_key: Mapped[str] = mapped_column(String(80))
    cast_at: Mapped[Timestamp]


class HandIn(Base):
    """One vote became final for its author; from here on it counts."""

    __tablename__ = "hand_in"
    __table_args__ = (UniqueConstraint("vote_id"),)

    id: Mapped[Key]
    vote_id: Mapped[int] = mapped_column(ForeignKey("vote.id"))
    how: Mapped[HandedInBy]
    handed_in_at: Mapped[Timestamp]
