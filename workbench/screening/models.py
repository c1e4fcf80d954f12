"""Votes, what makes them final, what settles their conflicts, and what became of the reports. No row has a status."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from workbench.db import Base, Json, Key, Long, Timestamp
from workbench.reviews.rules import Stage
from workbench.screening.rules import (
    Decision,
    Design,
    FileKind,
    Found,
    HandedInBy,
    Look,
    Origin,
    Path,
    Split,
    StageDeed,
    Verdict,
)


class StageEvent(Base):
    """A stage opened, closed or reopened, under the protocol version in force then."""

    __tablename__ = "stage_event"
    __table_args__ = (Index("ix_stage_event_review", "review_id", "stage"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    deed: Mapped[StageDeed]
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[Timestamp]


class Rank(Base):
    """The place of one record in the order of one stage's queue."""

    __tablename__ = "rank"
    __table_args__ = (
        UniqueConstraint("record_id", "stage"),
        UniqueConstraint("review_id", "stage", "position"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    position: Mapped[int]
    is_checked: Mapped[bool]
    """Drawn for the second check of single exclusions."""
    made_at: Mapped[Timestamp]


class Place(Base):
    """A place held for one reviewer on one record, so that no more are served than votes are asked (B7)."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("record_id", "stage", "reviewer_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    until: Mapped[Timestamp]
    is_senior: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether the reviewer was a senior by the rule of the stage when the place was given."""


class Vote(Base):
    """One reviewer's ballot on one record at one stage; a newer row may supersede one's own."""

    __tablename__ = "vote"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "stage", "record_id", "turn"),
        UniqueConstraint("reviewer_id", "idempotency_key"),
        UniqueConstraint("supersedes_id"),
        Index("ix_vote_record_stage", "record_id", "stage"),
        Index("ix_vote_newest", "reviewer_id", "stage", "id"),
        CheckConstraint("reason_id IS NULL OR decision = 'exclude'", "reason_only_if_excluded"),
        CheckConstraint(
            "stage <> 'full-text' OR decision <> 'exclude' OR reason_id IS NOT NULL", "full_text_exclusion_has_reason"
        ),
        CheckConstraint(
            "stage <> 'full-text' OR decision <> 'include' OR (questions IS NOT NULL AND design IS NOT NULL)",
            "full_text_include_names_questions",
        ),
        CheckConstraint("(turn = 1) = (supersedes_id IS NULL)", "later_turn_supersedes"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    stage: Mapped[Stage]
    turn: Mapped[int]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("vote.id"))
    decision: Mapped[Decision]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("exclusion_reason.id"))
    questions: Mapped[Long | None]
    """Codes of the questions a full-text include answers, sorted, one blank between."""
    design: Mapped[Design | None]
    note: Mapped[Long | None]
    private_note: Mapped[Long | None]
    tags: Mapped[Json | None]
    origin: Mapped[Origin]
    bulk_id: Mapped[int | None] = mapped_column(ForeignKey("bulk.id"))
    """Where the vote was given in bulk, on a list of which one read a sample."""
    is_senior: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether its author was a senior by the rule of the stage when it was cast."""
    protocol_version_id: Mapped[int] = mapped_column(ForeignKey("protocol_version.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    cast_at: Mapped[Timestamp]


class Bulk(Base):
    """One reviewer voted on a filtered list of records at once; the votes name it, and are taken back with it."""

    __tablename__ = "bulk"
    __table_args__ = (UniqueConstraint("reviewer_id", "idempotency_key"),)

    id: Mapped[Key]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    stage: Mapped[Stage]
    wish: Mapped[Json]
    """What the list was filtered by."""
    idempotency_key: Mapped[str] = mapped_column(String(80))
    cast_at: Mapped[Timestamp]


class HandIn(Base):
    """One vote became final for its author; from here on it counts."""

    __tablename__ = "hand_in"
    __table_args__ = (UniqueConstraint("vote_id"),)

    id: Mapped[Key]
    vote_id: Mapped[int] = mapped_column(ForeignKey("vote.id"))
    how: Mapped[HandedInBy]
    handed_in_at: Mapped[Timestamp]


class Postponement(Base):
    """One reviewer put a record off to the end of the own queue; nobody else learns of it."""

    __tablename__ = "postponement"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "idempotency_key"),
        Index("ix_postponement_reviewer", "reviewer_id", "stage", "record_id"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    idempotency_key: Mapped[str] = mapped_column(String(80))
    postponed_at: Mapped[Timestamp]
    ended_at: Mapped[Timestamp | None]
    """When it was called back, or put off once more."""


class TermList(Base):
    """Words to mark at the desk: one person's own, or (of nobody) the whole review's; the newest list counts."""

    __tablename__ = "term_list"
    __table_args__ = (Index("ix_term_list_newest", "review_id", "member_id", "id"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    include: Mapped[Json]
    exclude: Mapped[Json]
    pico: Mapped[Json]
    saved_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    saved_at: Mapped[Timestamp]


class DeskKeys(Base):
    """The single keys of one person at every desk, and whether they vote at all."""

    __tablename__ = "desk_keys"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    keys: Mapped[Json]
    are_on: Mapped[bool]
    saved_at: Mapped[Timestamp]


class Allocation(Base):
    """One deed by which records were allocated to people, or freed for everybody; its assignments say which to whom."""

    __tablename__ = "allocation"
    __table_args__ = (Index("ix_allocation_review", "review_id", "stage"),)

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    split: Mapped[Split]
    name: Mapped[Long | None]
    """What the batch is called."""
    seed: Mapped[int]
    shares: Mapped[Json]
    """Percent of the records by member id, as the lead typed them."""
    chosen: Mapped[Json]
    """By what the records were chosen: size, sources, years, languages, whose they were."""
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    made_at: Mapped[Timestamp]


class Assignment(Base):
    """One person is asked for one record; the place is theirs until a later allocation ends it."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("record_id", "stage", "member_id", "allocation_id"),
        Index("ix_assignment_member", "member_id", "stage"),
    )

    id: Mapped[Key]
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    is_senior: Mapped[bool]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"), index=True)


class PilotRound(Base):
    """A seeded sample of records on which all voters vote; it opens, once, when all of them have handed in."""

    __tablename__ = "pilot_round"
    __table_args__ = (
        UniqueConstraint("review_id", "stage", "number"),
        Index(
            "uq_pilot_round_running",
            "review_id",
            "stage",
            unique=True,
            sqlite_where=text("opened_at IS NULL"),
            postgresql_where=text("opened_at IS NULL"),
        ),
        CheckConstraint("size >= 1 AND number >= 1", "counts_from_one"),
    )

    id: Mapped[Key]
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    stage: Mapped[Stage]
    number: Mapped[int]
    size: Mapped[int]
    seed: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    begun_at: Mapped[Timestamp]
    opened_at: Mapped[Timestamp | None]


class PilotRecord(Base):
    """One record of a pilot round's sample; a record is drawn once at a stage."""

    __tablename__ = "pilot_record"
    __table_args__ = (UniqueConstraint("record_id", "stage"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("pilot_round.id"), index=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]


class PilotVoter(Base):
    """One person whom a pilot round asks and waits for, until released."""

    __tablename__ = "pilot_voter"
    __table_args__ = (UniqueConstraint("member_id", "round_id"),)

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("pilot_round.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    released_at: Mapped[Timestamp | None]


class LanguagesRead(Base):
    """What a person said of the languages they read; the newest row counts, an empty list means every language."""

    __tablename__ = "languages_read"
    __table_args__ = (Index("ix_languages_read_member", "member_id"),)

    id: Mapped[Key]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    languages: Mapped[Json]
    said_at: Mapped[Timestamp]


class Proposal(Base):
    """A way out of a conflict, proposed by one of its voters; the newest row of a record counts."""

    __tablename__ = "proposal"
    __table_args__ = (Index("ix_proposal_record", "record_id", "stage"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    verdict: Mapped[Verdict]
    reason_id: Mapped[int | None] = mapped_column(ForeignKey("exclusion_reason.id"))
    questions: Mapped[Long | None]
    design: Mapped[Design | None]
    statement: Mapped[Long]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
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
    __table_args__ = (Index("ix_message_record", "record_id", "stage"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    stage: Mapped[Stage]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    text: Mapped[Long]
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


class Bar(Base):
    """One person does not vote on one record, with the reason (B12)."""

    __tablename__ = "bar"
    __table_args__ = (Index("ix_bar_record", "record_id", "member_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[Long]
    barred_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    barred_at: Mapped[Timestamp]
    lifted_at: Mapped[Timestamp | None]


class Retrieval(Base):
    """One thing that happened on the way to a report's full text; the newest row says where it stands."""

    __tablename__ = "retrieval"
    __table_args__ = (
        Index("ix_retrieval_record", "record_id"),
        CheckConstraint("found <> 'not-retrieved' OR note IS NOT NULL", "not_retrieved_has_reason"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", "withdrawn_by_somebody"),
    )

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    found: Mapped[Found]
    note: Mapped[Long | None]
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


class Removal(Base):
    """A record outside the limits, removed with its rule's whole list by one person's act, before screening."""

    __tablename__ = "removal"
    __table_args__ = (UniqueConstraint("record_id"),)

    id: Mapped[Key]
    record_id: Mapped[int] = mapped_column(ForeignKey("record.id"))
    rule: Mapped[str] = mapped_column(String(80))
    by_automation: Mapped[bool]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    removed_at: Mapped[Timestamp]


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
