"""Which records are one report: stored normal forms, joins with their reason, people's verdicts."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp


class Answer(StrEnum):
    """What a person says of a pair."""

    SAME = "same"
    TWO = "two"
    LINKED = "linked"
    LATER = "later"

    @property
    def parts(self) -> bool:
        """Whether it keeps the two records from ever being one report."""
        return self in {Answer.TWO, Answer.LINKED}


class LinkKind(StrEnum):
    """How two reports belong together that are not one: the record that points is this of the other."""

    VERSION_OF = "version-of"
    ERRATUM_OF = "erratum-of"
    RETRACTION_OF = "retraction-of"
    COMMENT_ON = "comment-on"
    ABSTRACT_OF = "abstract-of"
    PREPRINT_OF = "preprint-of"
    SAME_TRIAL = "same-trial"


class StoredForm(Base):
    """The normal form of one record, made once by one version of the engine, with its rank and its keys."""

    __tablename__ = "stored_form"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True)
    engine: Mapped[str] = mapped_column(String(40))
    form: Mapped[Json]
    rank: Mapped[str] = mapped_column(String(104), default="")
    keys: Mapped[bytes] = mapped_column(default=b"")


class ComparedRecord(Base):
    """One record as the last search of its review compared it with all others: a memo, whose loss costs time only.

    Where its rank is no longer that of its normal form, it was changed since, and what is known of it counts no more.
    """

    __tablename__ = "compared_record"

    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    edition: Mapped[str] = mapped_column(String(80))
    rank: Mapped[str] = mapped_column(String(104))
    keys: Mapped[bytes]


class StoredLikeness(Base):
    """The comparison of two compared records of which a rule or a link speaks; of every other pair neither does."""

    __tablename__ = "likeness"
    __table_args__ = (
        CheckConstraint("low_id < high_id", "pair_in_order"),
        CheckConstraint("(link IS NULL) = (is_forward IS NULL)", "link_has_direction"),
    )

    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False)
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"), primary_key=True, autoincrement=False, index=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    comparison: Mapped[bytes]
    link: Mapped[str | None] = mapped_column(String(40))
    is_forward: Mapped[bool | None]


class Duplicate(Base):
    """One record that stands under another of the same report, the kept one; with why, by whom and by which engine.

    Each row joins two records, of which its reason speaks: the rows of a cluster tie all its records together, and none
    of them is one too many. Without one row there are the two sides that it joined, and the record of the row was kept
    on its side until then.
    """

    __tablename__ = "duplicate"
    __table_args__ = (
        UniqueConstraint("record_id"),
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", "pair_in_order"),
        CheckConstraint("record_id <> kept_id", "not_its_own_duplicate"),
        CheckConstraint("engine IS NOT NULL OR decided_by IS NOT NULL", "decided_by_engine_or_person"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    kept_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    rule: Mapped[str] = mapped_column(String(80))
    reason: Mapped[Long]
    """What was found of the pair; shown with the names of its records, where they are not this one and the kept one."""
    engine: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    decided_at: Mapped[Timestamp]


class Verdict(Base):
    """What a person said of a pair of records; the newest row not taken back counts, and the engine never undoes it.

    A row that stands alone counts by itself; of the others, two by different people must say the same.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        CheckConstraint("low_id < high_id", "pair_in_order"),
        CheckConstraint("(answer = 'linked') = (link IS NOT NULL)", "link_if_linked"),
        CheckConstraint("(link IS NULL) = (pointing_id IS NULL)", "link_points"),
        CheckConstraint("pointing_id IS NULL OR pointing_id IN (low_id, high_id)", "points_from_the_pair"),
        UniqueConstraint("member_id", "act", "low_id", "high_id"),
        Index("ix_verdict_pair", "low_id", "high_id"),
    )

    id: Mapped[Key]
    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    answer: Mapped[Answer]
    link: Mapped[LinkKind | None]
    pointing_id: Mapped[int | None] = mapped_column(ForeignKey("record.id"))
    """The record that is the version, erratum, … of the other one."""
    alone: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether one person is enough: the protocol asked for one when it was said, or it settles what two said."""
    act: Mapped[str] = mapped_column(String(40))
    """The deed in which it was said, by a key of its sender: sent twice it is one, and it is taken back as a whole."""
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    said_at: Mapped[Timestamp]
    withdrawn_at: Mapped[Timestamp | None]


class Suspicion(Base):
    """Somebody met two records elsewhere, takes them for one report, and leaves it to who decides on duplicates."""

    __tablename__ = "suspicion"
    __table_args__ = (
        CheckConstraint("low_id < high_id", "pair_in_order"),
        Index("ix_suspicion_pair", "low_id", "high_id"),
    )

    id: Mapped[Key]
    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    said_at: Mapped[Timestamp]
    withdrawn_at: Mapped[Timestamp | None]


class FieldChoice(Base):
    """A person's choice of the record that gives a field of its report; of a cluster, the newest that stands counts."""

    __tablename__ = "field_choice"

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    chosen_at: Mapped[Timestamp]
    withdrawn_at: Mapped[Timestamp | None]


class CandidatePair(Base):
    """A pair the engine leaves to a person; the list is made anew by each run."""

    __tablename__ = "candidate_pair"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", "pair_in_order"),
        Index("ix_candidate_pair_queue", "review_id", "score", "id"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    low_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    score: Mapped[float]
    reason: Mapped[Long]
    evidence: Mapped[Json]


class RecordLink(Base):
    """Two records that are not duplicates but belong together: version-of, erratum-of …; made anew by each run."""

    __tablename__ = "record_link"
    __table_args__ = (UniqueConstraint("first_id", "second_id", "kind"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(80))
    reason: Mapped[Long]


class DoubtedRecord(Base):
    """A duplicate that the engine would part by now, were its cluster not held by votes; made anew by each run."""

    __tablename__ = "doubted_record"

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"), unique=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("record.id"), index=True)
    reason: Mapped[Long]


class DeduplicationRun(Base):
    """One run of the engine over a review: when, which version, which settings."""

    __tablename__ = "deduplication_run"

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), index=True)
    engine: Mapped[str] = mapped_column(String(40))
    strictness: Mapped[str] = mapped_column(String(40))
    versions: Mapped[str] = mapped_column(String(40))
    records: Mapped[int]
    finished_at: Mapped[Timestamp]
