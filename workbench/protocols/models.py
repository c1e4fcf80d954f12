"""The protocol's versions and the documented searches with what they brought."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.reviews.rules import Lane

IS_OPEN = text("ended_at IS NULL")
"""A draft that was neither put in force nor laid aside."""


class ProtocolVersion(Base):
    """One version of the plan; an amendment is a new row with its reason, never a change of an old one."""

    __tablename__ = "protocol_version"
    __table_args__ = (
        UniqueConstraint("review_id", "number"),
        CheckConstraint("number = 1 OR reason IS NOT NULL", "amendment_has_reason"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]
    document: Mapped[Json]
    source: Mapped[Long]
    plan_sha256: Mapped[str] = mapped_column(String(64))
    reason: Mapped[Long | None]
    registered_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    registered_at: Mapped[Timestamp]


class SearchRun(Base):
    """One search of one source on one day; every import belongs to one."""

    __tablename__ = "search_run"
    __table_args__ = (UniqueConstraint("review_id", "code"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    code: Mapped[str] = mapped_column(String(80))
    step: Mapped[str] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(80))
    source_name: Mapped[Long]
    lane: Mapped[Lane]
    searched_on: Mapped[str] = mapped_column(String(10))
    documented_at: Mapped[Timestamp]


class HitsReport(Base):
    """How many hits the database reported for a run; the newest row counts."""

    __tablename__ = "hits_report"
    __table_args__ = (CheckConstraint("hits >= 0", "hits_not_negative"), Index("ix_hits_report_run", "run_id"))

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    hits: Mapped[int]
    reported_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reported_at: Mapped[Timestamp]


class Explanation(Base):
    """Why hits and records of a run differ by n; the newest row counts, and only while n is still the difference."""

    __tablename__ = "explanation"
    __table_args__ = (Index("ix_explanation_run", "run_id"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    difference: Mapped[int]
    reason: Mapped[Long]
    explained_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    explained_at: Mapped[Timestamp]


class LineHits(Base):
    """How many hits the database showed for one line of a run's strategy; the newest row of a line counts."""

    __tablename__ = "line_hits"
    __table_args__ = (CheckConstraint("hits >= 0", "hits_not_negative"), Index("ix_line_hits_run", "run_id"))

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    line: Mapped[str] = mapped_column(String(80))
    hits: Mapped[int]
    reported_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reported_at: Mapped[Timestamp]


class ProtocolDraft(Base):
    """A protocol being written: a review's next version, the team's own, or a review not begun yet, its author's alone.

    `source` is the file whose comments are kept; `earlier` is what stood before the last row was taken out.
    """

    __tablename__ = "protocol_draft"
    __table_args__ = (
        Index(
            "uq_protocol_draft_one_open",
            "review_id",
            unique=True,
            sqlite_where=IS_OPEN,
            postgresql_where=IS_OPEN,
        ),
        CheckConstraint("(review_id IS NULL) = (base_version_id IS NULL)", "next_version_has_base"),
    )

    id: Mapped[Key]
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))
    base_version_id: Mapped[int | None] = mapped_column(ForeignKey("protocol_version.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    document: Mapped[Json]
    source: Mapped[Long | None]
    earlier: Mapped[Json | None]
    begun_at: Mapped[Timestamp]
    saved_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    saved_at: Mapped[Timestamp]
    ended_at: Mapped[Timestamp | None]
