"""What the store holds; the bytes lie outside the database, under their own fingerprint."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Timestamp


class StoredFile(Base):
    """One file of the store, named by the sha256 of its bytes; written once, never changed."""

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size >= 0", "size_not_negative"),
        CheckConstraint("length(sha256) = 64", "whole_sha256"),
    )

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[Timestamp]


class FileText(Base):
    """What a PDF of the store says, page by page; read once, and thrown away and read anew at will."""

    __tablename__ = "file_text"
    __table_args__ = (CheckConstraint("of_pages IS NULL OR of_pages >= 0", "pages_not_negative"),)

    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), primary_key=True)
    state: Mapped[str] = mapped_column(String(40))
    """A word of `formats.State`: what became of the file as it was read."""
    pages: Mapped[Json]
    """The text of each page, from the first, as far as it was read."""
    of_pages: Mapped[int | None]
    read_at: Mapped[Timestamp]
