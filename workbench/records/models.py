"""Imports and records: what arrived, as delivered and in canonical form."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.records.rules.decisions import Choice, Tool

STANDS_ALONE = text("taken_back_at IS NULL AND same_as_id IS NULL")
"""One file counts once per review, unless it was taken back or is said to belong to another run too."""

UNDER_WAY = text("completed_at IS NULL AND dropped_at IS NULL")
"""One harvest of a run at a time."""


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
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())


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


class ImportedDecision(Base):
    """What another screening tool says of a record: kept beside it, shown once nobody judges it any more, no vote."""

    __tablename__ = "imported_decision"
    __table_args__ = (
        UniqueConstraint("record_id", "position"),
        CheckConstraint(
            "decision IS NOT NULL OR reason IS NOT NULL OR label IS NOT NULL OR note IS NOT NULL", "says_something"
        ),
        CheckConstraint("position >= 1 AND line >= 1", "counts_from_one"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    position: Mapped[int]
    tool: Mapped[Tool]
    person: Mapped[Long | None]
    decision: Mapped[Choice | None]
    reason: Mapped[Long | None]
    label: Mapped[Long | None]
    note: Mapped[Long | None]
    tag: Mapped[Long]
    line: Mapped[int]
    log_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    """The log it was read from, where it did not come with the record's own file."""


class HeldUpload(Base):
    """A file that waits for a person to say what its columns hold; it becomes an import, or goes after a day.

    Its bytes (packed) lie in the row, so that keeping it, importing it and letting it go is each one transaction.
    """

    __tablename__ = "held_upload"

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    file_name: Mapped[Long]
    part: Mapped[Long | None]
    packed: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    uploaded_at: Mapped[Timestamp] = mapped_column(index=True)


class ColumnMapping(Base):
    """What a person said the columns of a source's tables hold; for the same headers the newest row counts."""

    __tablename__ = "column_mapping"
    __table_args__ = (
        CheckConstraint("length(headers_sha256) = 64", "whole_sha256"),
        Index("ix_column_mapping_headers", "review_id", "source", "headers_sha256"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    source: Mapped[str] = mapped_column(String(80))
    headers_sha256: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[Json]
    mapped_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    mapped_at: Mapped[Timestamp]


class MendedField(Base):
    """Garbled letters that a person had put right in one field of a record, until undone; `raw` stays as delivered."""

    __tablename__ = "mended_field"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", "undone_by_somebody"),
        Index(
            "uq_mended_field_once",
            "record_id",
            "field",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    before: Mapped[Json]
    after: Mapped[Json]
    mended_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    mended_at: Mapped[Timestamp]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    undone_at: Mapped[Timestamp | None]


class Addition(Base):
    """What a person added to a field of a record that had none, and where it was found; until withdrawn."""

    __tablename__ = "addition"
    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn_by_somebody"),
        CheckConstraint("said_source <> ''", "source_is_said"),
        Index(
            "uq_addition_once",
            "record_id",
            "field",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    value: Mapped[Json]
    said_source: Mapped[Long]
    added_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    added_at: Mapped[Timestamp]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    withdrawn_at: Mapped[Timestamp | None]


class LiveSearch(Base):
    """PubMed's answer to one line of a run at one moment: how many records fit, and how it understood the words."""

    __tablename__ = "live_search"
    __table_args__ = (
        CheckConstraint("count >= 0", "count_not_negative"),
        Index("ix_live_search_run", "run_id", "line"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    line: Mapped[str] = mapped_column(String(20))
    term: Mapped[Long]
    count: Mapped[int]
    translation: Mapped[Long | None]
    warnings: Mapped[Json]
    errors: Mapped[Json]
    asked_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[Timestamp]


class LineFind(Base):
    """Whether one line of a strategy finds one study that the team knows, as PubMed answered at one moment."""

    __tablename__ = "line_find"
    __table_args__ = (
        CheckConstraint("doi IS NOT NULL OR pmid IS NOT NULL", "study_has_identifier"),
        CheckConstraint("is_held OR NOT is_found", "found_only_if_held"),
        Index("ix_line_find_run", "run_id", "line"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    line: Mapped[str] = mapped_column(String(20))
    term: Mapped[Long]
    doi: Mapped[Long | None]
    pmid: Mapped[Long | None]
    is_held: Mapped[bool]
    is_found: Mapped[bool]
    asked_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    asked_at: Mapped[Timestamp]


class Harvest(Base):
    """One fetching of everything PubMed finds for a run; nothing of it is imported before all of it is there."""

    __tablename__ = "harvest"
    __table_args__ = (
        Index("uq_harvest_one_at_a_time", "run_id", unique=True, sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
        CheckConstraint("completed_at IS NULL OR dropped_at IS NULL", "completed_or_dropped"),
        CheckConstraint("(dropped_at IS NULL) = (dropped_by IS NULL)", "dropped_by_somebody"),
        CheckConstraint("completed_at IS NULL OR search_id IS NOT NULL", "completed_means_asked"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("search_run.id"))
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    line: Mapped[str] = mapped_column(String(20))
    term: Mapped[Long]
    started_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    started_at: Mapped[Timestamp]
    job_id: Mapped[int | None]
    search_id: Mapped[int | None] = mapped_column(ForeignKey("live_search.id"))
    completed_at: Mapped[Timestamp | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import.id"))
    dropped_at: Mapped[Timestamp | None]
    dropped_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))


class HarvestPart(Base):
    """The records of a harvest with numbers from low to high, as PubMed listed them: at most 9,999."""

    __tablename__ = "harvest_part"
    __table_args__ = (UniqueConstraint("harvest_id", "low"), CheckConstraint("low <= high", "low_before_high"))

    id: Mapped[Key]
    harvest_id: Mapped[int] = mapped_column(ForeignKey("harvest.id"))
    low: Mapped[int]
    high: Mapped[int]
    uids: Mapped[Json] = mapped_column(deferred=True)


class HarvestBatch(Base):
    """Up to 200 records as PubMed delivered them, in a file beside the store until the harvest is whole."""

    __tablename__ = "harvest_batch"
    __table_args__ = (UniqueConstraint("part_id", "position"),)

    id: Mapped[Key]
    part_id: Mapped[int] = mapped_column(ForeignKey("harvest_part.id"))
    position: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    uids: Mapped[Json]
    missing: Mapped[Json]
    fetched_at: Mapped[Timestamp]
