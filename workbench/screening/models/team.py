"""Words that help a team: tags with a meaning, questions and replies."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Key, Long, Timestamp
from workbench.reviews.rules import Stage


class Tag(Base):
    """A tag with the meaning that the review gives it; words that nobody explained can be used as tags all the same."""

    __tablename__ = "tag"
    __table_args__ = (
        Index(
            "uq_tag_in_use",
            "review_id",
            "name",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
        CheckConstraint("name <> ''", "has_name"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    name: Mapped[str] = mapped_column(String(80))
    meaning: Mapped[Long]
    carries_judgement: Mapped[bool]
    """It tells how its author would vote."""
    defined_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    defined_at: Mapped[Timestamp]
    retired_at: Mapped[Timestamp | None]


class Inquiry(Base):
    """One question to the team about a record; who votes on the record and did not ask reads it once it is open."""

    __tablename__ = "inquiry"
    __table_args__ = (
        UniqueConstraint("member_id", "idempotency_key"),
        Index("ix_inquiry_record", "record_id", "stage"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    text: Mapped[Long]
    idempotency_key: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[Timestamp]
    read_at: Mapped[Timestamp | None]
    """When its author last said to have read the replies."""


class Reply(Base):
    """One reply to a question to the team."""

    __tablename__ = "reply"
    __table_args__ = (UniqueConstraint("member_id", "idempotency_key"), Index("ix_reply_inquiry", "inquiry_id"))

    id: Mapped[Key]
    inquiry_id: Mapped[int] = mapped_column(ForeignKey("inquiry.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    text: Mapped[Long]
    idempotency_key: Mapped[str] = mapped_column(String(80))
    replied_at: Mapped[Timestamp]
