"""Imports and records: what arrived, as delivered and in canonical form."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp

STANDS_ALONE = text("taken_back_at IS NULL AND same_as_id IS NULL")
"""One file counts once per review, unless it was taken back or is said to belong to another run too."""


class LineKind(StrEnum):
    """Why a line of a file is told apart from the records."""

    REJECTED = "rejected"
    WARNING = "warning"
    SKIPPED = "skipped"


class Import(Base):
    """One file of one search run; its records count once it is complete and until it is taken back."""

    __tablename__ = "import"
    __table_args__ = (
        Index(
            "uq_import_file_once",
            "review_id",
            "sha256",
            unique=True,
            sqlite_where=STANDS_ALONE,
            postgresql_where=STANDS_ALONE,
        ),
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_by IS NULL)", "taken_back_by_somebody"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"), index=True)
    protocol_version_id: Mapped[int | None] = mapped_column(ForeignKey("protocol_version.id"))
    """The version in force when the file was taken in; unknown for imports from before it was noted."""
    part: Mapped[Long | None]
    """Which part of the hits the file holds, where the database caps its export: "records 1-10000"."""
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    file_name: Mapped[Long]
    columns: Mapped[Json | None]
    imported_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    started_at: Mapped[Timestamp]
    job_id: Mapped[int | None]
    format: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str | None] = mapped_column(String(80))
    encoding: Mapped[str | None] = mapped_column(String(40))
    lines: Mapped[int | None]
    records_in_file: Mapped[int | None]
    completed_at: Mapped[Timestamp | None]
    taken_back_at: Mapped[Timestamp | None]
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("import.id"))


class ImportLine(Base):
    """A line range of a file that belongs to no record, or that deserves a word, with the reason."""

    __tablename__ = "import_line"
    __table_args__ = (Index("ix_import_line_import", "import_id", "kind"),)

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    kind: Mapped[LineKind]
    line: Mapped[int]
    last_line: Mapped[int]
    reason: Mapped[Long]
    text: Mapped[Long]


class Record(Base):
    """An entry of a database export: canonical columns, and `raw` with every tag as delivered. It has no status."""

    __tablename__ = "record"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_record_review", "review_id", "id"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
    number: Mapped[int]
    first_line: Mapped[int]
    last_line: Mapped[int]
    title: Mapped[Long | None]
    original_title: Mapped[Long | None]
    authors: Mapped[Json]
    year: Mapped[int | None]
    date: Mapped[Long | None]
    journal: Mapped[Long | None]
    journal_abbreviation: Mapped[Long | None]
    volume: Mapped[Long | None]
    issue: Mapped[Long | None]
    pages: Mapped[Long | None]
    doi: Mapped[Long | None]
    pmid: Mapped[Long | None]
    pmcid: Mapped[Long | None]
    embase_id: Mapped[Long | None]
    cochrane_id: Mapped[Long | None]
    registry_ids: Mapped[Json]
    issn: Mapped[Json]
    isbn: Mapped[Json]
    abstract: Mapped[Long | None]
    keywords: Mapped[Json]
    subject_headings: Mapped[Json]
    languages: Mapped[Json]
    publication_types: Mapped[Json]
    databases: Mapped[Json]
    urls: Mapped[Json]
    kind: Mapped[Long | None]
    found: Mapped[Json]
    raw: Mapped[Json] = mapped_column(deferred=True)
