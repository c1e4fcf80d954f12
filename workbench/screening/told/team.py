"""Tags, questions to the team, bars and the lists of a stage for programs, as far as a person may know of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Tag
from workbench.screening.queries import inquiries, tags, votes
from workbench.screening.queries.inquiries import Thread
from workbench.screening.rules import BarKind
from workbench.screening.views.lists import list_of


@dataclass(frozen=True)
class TagTold:
    """A tag, and the records that the asker may know to bear it."""

    id: Annotated[int | None, "Null where nobody gave the word a meaning."]
    name: str
    meaning: str | None
    carries_judgement: Annotated[bool | None, "It tells how its author would vote."]
    records: Sequence[int]


@dataclass(frozen=True)
class TagsTold:
    """Every tag with a meaning, then the other words that the asker may know of."""

    items: Sequence[TagTold]


@dataclass(frozen=True)
class ReplyTold:
    """One reply to a question."""

    who: str
    is_mine: bool
    at: datetime
    text: str


@dataclass(frozen=True)
class InquiryTold:
    """One question to the team about a record, with its replies, oldest first."""

    id: int
    record: int
    title: str | None
    stage: Stage
    who: str
    is_mine: bool
    at: datetime
    text: str
    replies: Sequence[ReplyTold]
    has_news: Annotated[bool, "Somebody replied since its author last said to have read."]


@dataclass(frozen=True)
class InquiriesTold:
    """The questions that the asker may read, newest first."""

    items: Sequence[InquiryTold]


@dataclass(frozen=True)
class BarTold:
    """One person does not judge one record."""

    id: int
    record: int
    title: str | None
    person: str
    kind: BarKind
    reason: str
    set_by: str
    set_at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True)
class BarsTold:
    """Every bar of a review, lifted ones too; those that stand come first."""

    items: Sequence[BarTold]


@dataclass(frozen=True)
class Listed:
    """One record of a list."""

    record: int
    title: str


@dataclass(frozen=True)
class ListTold:
    """One page of fifty of a list of a stage."""

    list: str
    total: int
    page: int
    pages: int
    records: Sequence[Listed]


def all_tags(session: Session, member: Member) -> TagsTold:
    """The tags of a review as far as this person may know."""
    return TagsTold([_tag(one.name, one.tag, one.record_ids) for one in tags.used(session, member)])


def all_inquiries(session: Session, member: Member) -> InquiriesTold:
    """The questions that this person may read."""
    return InquiriesTold([_inquiry(one, member) for one in inquiries.threads(session, member)])


def inquiry(session: Session, member: Member, inquiry_id: int) -> InquiryTold:
    """One question that this person may read."""
    return _inquiry(inquiries.thread(session, member, inquiry_id), member)


def all_bars(session: Session, member: Member) -> BarsTold:
    """Who does not judge what in a review."""
    return BarsTold([_bar(one) for one in votes.bars(session, member.review_id)])


def listed(session: Session, member: Member, stage: Stage, which: str, number: int) -> ListTold:
    """One page of a list: awaiting my vote or a second vote, unclear to somebody, passed on for its language."""
    rule = votes.stage_rule(session, member.review_id, stage)
    page = list_of(session, member, rule, which, number)
    rows = [Listed(one.id, one.title or one.original_title or "") for one in page.rows]
    return ListTold(which, page.total, page.number, page.last, rows)


def _tag(name: str, tag: Tag | None, record_ids: Sequence[int]) -> TagTold:
    if tag is None:
        return TagTold(None, name, None, None, record_ids)
    return TagTold(tag.id, name, tag.meaning, tag.carries_judgement, record_ids)


def _inquiry(one: Thread, reader: Member) -> InquiryTold:
    asked = one.inquiry
    return InquiryTold(
        asked.id, one.kept, one.title, asked.stage, one.who, one.is_mine, asked.asked_at, asked.text,
        [ReplyTold(who, reply.member_id == reader.id, reply.replied_at, reply.text) for reply, who in one.replies],
        one.is_mine and one.has_news,
    )  # fmt: skip


def _bar(one: votes.Barring) -> BarTold:
    bar = one.bar
    return BarTold(
        bar.id, bar.record_id, one.title, one.name, bar.kind, bar.reason, one.by, bar.barred_at, bar.lifted_at
    )
