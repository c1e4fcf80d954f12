"""Studies, the reports gathered into them, and what people said of both. Rows are facts: they end, none is deleted.

Each row of membership, primary report and name says by which deed it began and by which it ended, so that any deed can
be undone exactly: what it began ends, what it ended begins anew.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.records.rules.notices import NoticeKind
from workbench.studies.rules import DeedKind, PairAnswer

STANDS = text("ended_in IS NULL")


class StudyDeed(Base):
    """One thing that one person did to the studies of a review at one moment."""

    __tablename__ = "study_deed"
    __table_args__ = (
        UniqueConstraint("undoes_id"),
        CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", "undo_names_its_deed"),
        Index("ix_study_deed_review", "review_id", "id"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    kind: Mapped[DeedKind]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("study_deed.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[Timestamp]


class Study(Base):
    """One study of a review; it holds what was gathered into it, and nothing where all of that left again."""

    __tablename__ = "study"
    __table_args__ = (Index("ix_study_review", "review_id"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    begun_in: Mapped[int] = mapped_column(ForeignKey("study_deed.id"))


class Fact(Base):
    """Something of a study that stands from the deed in which it began to the one in which it ended."""

    __abstract__ = True

    id: Mapped[Key]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"))
    begun_in: Mapped[int] = mapped_column(ForeignKey("study_deed.id"), index=True)
    ended_in: Mapped[int | None] = mapped_column(ForeignKey("study_deed.id"), index=True)


class StudyReport(Fact):
    """One report stands in one study, named by the record that was its kept one then; in no other at the same time."""

    __tablename__ = "study_report"
    __table_args__ = (
        Index("uq_study_report_once", "record_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_study_report_study", "study_id"),
    )

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))


class PrimaryReport(Fact):
    """One report is the primary one of its study; a study has at most one."""

    __tablename__ = "primary_report"
    __table_args__ = (
        Index("uq_primary_report_once", "study_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
    )

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))


class StudyName(Fact):
    """What a study is called, its registration numbers as people know them, and a note; at most one stands."""

    __tablename__ = "study_name"
    __table_args__ = (
        Index("uq_study_name_once", "study_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        CheckConstraint("label <> ''", "has_label"),
    )

    label: Mapped[str] = mapped_column(String(120))
    registry_ids: Mapped[Json]
    note: Mapped[Long | None]


class StudyAnswer(Base):
    """A person said of two reports that they are of different studies, or put the question off; until taken back."""

    __tablename__ = "study_answer"
    __table_args__ = (
        CheckConstraint("low_id < high_id", "pair_in_order"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn_by_somebody"),
        Index(
            "uq_study_answer_once",
            "low_id",
            "high_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    answer: Mapped[PairAnswer]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    said_at: Mapped[Timestamp]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    withdrawn_at: Mapped[Timestamp | None]


class OngoingReport(Base):
    """A report that awaits classification tells of a study still under way; until taken back."""

    __tablename__ = "ongoing_report"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn_by_somebody"),
        Index(
            "uq_ongoing_report_once",
            "record_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    said_at: Mapped[Timestamp]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    withdrawn_at: Mapped[Timestamp | None]


class NoticeSeen(Base):
    """Somebody looked at a retraction, concern or erratum of a report, and what it means for the study."""

    __tablename__ = "notice_seen"
    __table_args__ = (UniqueConstraint("record_id", "kind", "source"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    kind: Mapped[NoticeKind]
    source: Mapped[str] = mapped_column(String(80))
    """What told of it: `record` and the notice's own record, or the fingerprint of what the report's record says."""
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    seen_at: Mapped[Timestamp]
