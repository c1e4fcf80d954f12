"""How conflicts end: what is said, proposed, asked to see and settled."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Key, Long, Timestamp
from workbench.reviews.rules import Stage
from workbench.screening.rules import Design, Look, Path, Verdict


class Proposal(Base):
    """A way out of a conflict, proposed by one of its voters; the newest row of a record counts."""

    __tablename__ = "proposal"
    __table_args__ = (
        UniqueConstraint("member_id", "idempotency_key"),
        Index("ix_proposal_record", "record_id", "stage"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    verdict: Mapped[Verdict]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("exclusion_reason.id"))
    questions: Mapped[Long | None]
    design: Mapped[Design | None]
    statement: Mapped[Long]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    proposed_at: Mapped[Timestamp]


class Settlement(Base):
    """How a conflict ended: by consensus of its voters or by adjudication of a third person; the votes stay.

    A later turn settles what became a conflict again, since two settled records proved to be one report.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        UniqueConstraint("record_id", "stage", "turn"),
        CheckConstraint(
            "(verdict = 'excluded' AND stage = 'full-text') = (reason_id IS NOT NULL)", "full_text_exclusion_has_reason"
        ),
        CheckConstraint(
            "stage <> 'full-text' OR verdict <> 'included' OR (questions IS NOT NULL AND design IS NOT NULL)",
            "full_text_include_names_questions",
        ),
        CheckConstraint("(path = 'consensus') = (proposal_id IS NOT NULL)", "consensus_has_proposal"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    turn: Mapped[int] = mapped_column(default=1)
    verdict: Mapped[Verdict]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("exclusion_reason.id"))
    questions: Mapped[Long | None]
    design: Mapped[Design | None]
    path: Mapped[Path]
    statement: Mapped[Long]
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    settled_at: Mapped[Timestamp]


class SettledWith(Base):
    """One more record that a settlement speaks for: it stood under the same report when that was settled.

    A record that joins the report later is not among them, so its own votes still tell where it stood.
    """

    __tablename__ = "settled_with"
    __table_args__ = (UniqueConstraint("settlement_id", "record_id"),)

    id: Mapped[Key]
    settlement_id: Mapped[int] = mapped_column(ForeignKey("settlement.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)


class Message(Base):
    """One thing said in the discussion of a conflict."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("member_id", "idempotency_key"),
        Index("ix_message_record", "record_id", "stage"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    text: Mapped[Long]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    said_at: Mapped[Timestamp]


class Looked(Base):
    """An adjudicator asked for the reasons, or for the names; each look is stored (B5)."""

    __tablename__ = "looked"
    __table_args__ = (UniqueConstraint("record_id", "stage", "member_id", "what"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    what: Mapped[Look]
    at: Mapped[Timestamp]
