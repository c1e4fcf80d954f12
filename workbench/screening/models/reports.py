"""What became of the reports: the way to their full texts, and the files."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.screening.rules import Channel, FileKind, Found


class Retrieval(Base):
    """One thing that happened on the way to a report's full text; the newest row says where it stands."""

    __tablename__ = "retrieval"
    __table_args__ = (
        Index("ix_retrieval_record", "record_id"),
        CheckConstraint("found <> 'not-retrieved' OR note IS NOT NULL", "not_retrieved_has_reason"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn_by_somebody"),
        CheckConstraint("found <> 'tried' OR channel IS NOT NULL", "tried_some_way"),
        CheckConstraint(
            "expected_by IS NULL OR found IN ('requested', 'needs-translation')", "expected_while_under_way"
        ),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    found: Mapped[Found]
    note: Mapped[Long | None]
    channel: Mapped[Channel | None]
    tried_on: Mapped[date | None]
    """The day it happened, where that is not the day it was written down."""
    expected_by: Mapped[date | None]
    """The day by which the full text, or its translation, should be here."""
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[Timestamp]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    withdrawn_at: Mapped[Timestamp | None]
    """When it was taken back, since the file that it came with was another report's; it says nothing any more."""


class FullText(Base):
    """One file of a report; several may stand side by side, and a new version beside the one that it replaces."""

    __tablename__ = "full_text"
    __table_args__ = (
        Index("ix_full_text_record", "record_id"),
        CheckConstraint("supersedes_id <> id", "supersedes_another"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    file_name: Mapped[Long]
    kind: Mapped[FileKind] = mapped_column(default=FileKind.ARTICLE, server_default=FileKind.ARTICLE.value)
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("full_text.id"))
    pages: Mapped[int | None]
    attached_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    attached_at: Mapped[Timestamp]
    detached_at: Mapped[Timestamp | None]


WAITS = text("settled_at IS NULL")
"""The same bytes wait once in a review."""


class SentPdf(Base):
    """A file sent among others, until it is attached to a report or let go; what was found in it is kept beside it.

    Attached without anybody who settled it, the program did so by itself. Without a fingerprint it was refused at the
    door, and is named only.
    """

    __tablename__ = "sent_pdf"
    __table_args__ = (
        Index(
            "uq_sent_pdf_waits_once",
            "review_id",
            "sha256",
            unique=True,
            sqlite_where=WAITS,
            postgresql_where=WAITS,
        ),
        CheckConstraint("full_text_id IS NULL OR settled_at IS NOT NULL", "attached_is_settled"),
        CheckConstraint(
            "settled_at IS NULL OR settled_by IS NOT NULL OR full_text_id IS NOT NULL", "let_go_by_somebody"
        ),
        CheckConstraint("settled_by IS NULL OR settled_at IS NOT NULL", "settled_at_some_time"),
        CheckConstraint("(reading IS NULL) = (read_at IS NULL)", "read_at_some_time"),
        CheckConstraint("sha256 IS NOT NULL OR reading IS NOT NULL", "kept_or_refused"),
        CheckConstraint("(none_fits_at IS NULL) = (none_fits_by IS NULL)", "none_fits_says_somebody"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"))
    file_name: Mapped[Long]
    sent_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    sent_at: Mapped[Timestamp]
    reading: Mapped[Json | None]
    """What the file is: state, pages, what it carries, its first lines."""
    matches: Mapped[Json | None]
    """Reports that it may be, most likely first."""
    read_at: Mapped[Timestamp | None]
    none_fits_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    none_fits_at: Mapped[Timestamp | None]
    full_text_id: Mapped[int | None] = mapped_column(ForeignKey("full_text.id"), unique=True)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    settled_at: Mapped[Timestamp | None]
