"""What became of the reports: the way to their full texts, and the files."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Key, Long, Timestamp
from workbench.screening.rules import Found


class Retrieval(Base):
    """One thing that happened on the way to a report's full text; the newest row says where it stands."""

    __tablename__ = "retrieval"
    __table_args__ = (
        Index("ix_retrieval_record", "record_id"),
        CheckConstraint("found <> 'not-retrieved' OR note IS NOT NULL", "not_retrieved_has_reason"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    found: Mapped[Found]
    note: Mapped[Long | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[Timestamp]


class FullText(Base):
    """One file of a report; several may stand side by side."""

    __tablename__ = "full_text"
    __table_args__ = (Index("ix_full_text_record", "record_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    file_name: Mapped[Long]
    pages: Mapped[int | None]
    attached_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    attached_at: Mapped[Timestamp]
    detached_at: Mapped[Timestamp | None]
