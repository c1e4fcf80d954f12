"""What the store holds; the bytes lie outside the database, under their own fingerprint."""

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Timestamp


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
