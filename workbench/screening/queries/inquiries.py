"""Questions to the team, as one member may read them.

A question is a text that somebody wrote about a record, so who else votes on the record at that stage reads it once the
record is open, not earlier, and does not learn that it was asked (B1). Who does not vote there reads it at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.errors import NotFound
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.models import Inquiry, Reply
from workbench.screening.queries import votes as queries
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import kept_id
from workbench.words import _


class NoSuchInquiry(NotFound):
    """A question to the team is read by who asked, by who does not vote on its record, and by all once that is open."""

    hint = "The page of questions lists those that you can read."


@dataclass(frozen=True)
class Thread:
    """One question with its replies."""

    inquiry: Inquiry
    kept: int
    """The record that now stands for the one it was asked about."""
    title: str | None
    who: str
    replies: Sequence[tuple[Reply, str]]
    """Each with the name of who wrote it, oldest first."""
    is_mine: bool

    @property
    def is_answered(self) -> bool:
        """Whether somebody else has replied."""
        return any(reply.member_id != self.inquiry.member_id for reply, _who in self.replies)

    @property
    def has_news(self) -> bool:
        """Whether somebody else replied since the author last said to have read."""
        read = self.inquiry.read_at
        others = [reply.replied_at for reply, _who in self.replies if reply.member_id != self.inquiry.member_id]
        return any(read is None or at > read for at in others)


def threads(session: Session, reader: Member) -> list[Thread]:
    """Every question that the reader may read, the newest first."""
    rows = session.execute(
        select(Inquiry, kept_id(Inquiry.record_id), Record.title)
        .join(Record, Record.id == Inquiry.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Inquiry.record_id)
        .where(Record.review_id == reader.review_id)
        .order_by(Inquiry.id.desc())
    ).all()
    names, replies = reviews.names(session, reader.review_id), _replies(session, reader.review_id)
    opened = {stage: _opened(session, reader, stage) for stage in Stage}
    return [
        _thread(inquiry, kept, title, reader, names, replies)
        for inquiry, kept, title in rows
        if inquiry.member_id == reader.id or _is_open(opened[inquiry.stage], kept)
    ]


def thread(session: Session, reader: Member, inquiry_id: int) -> Thread:
    """One question, where the reader may read it."""
    found = next((one for one in threads(session, reader) if one.inquiry.id == inquiry_id), None)
    if found is None:
        raise NoSuchInquiry(_("There is no question %(id)s that you can read.", id=inquiry_id))
    return found


def with_news(session: Session, asker: Member) -> int:
    """How many of one's own questions have replies that one has not read."""
    mine = select(Inquiry).where(Inquiry.member_id == asker.id)
    wanted = select(Inquiry.id, Inquiry.read_at, Reply.replied_at).join(Reply, Reply.inquiry_id == Inquiry.id)
    rows = session.execute(
        wanted.where(Inquiry.id.in_(mine.with_only_columns(Inquiry.id)), Reply.member_id != asker.id)
    )
    return len({row[0] for row in rows if row[1] is None or row[2] > row[1]})


def readers_at_once(session: Session, asker: Member, stage: Stage) -> list[str]:
    """Who reads a question of this person at once and may reply: those of the team who do not vote at the stage."""
    rule = queries.stage_rule(session, asker.review_id, stage)
    team = reviews.team(session, asker.review_id)
    return [
        one.name for one in team if one.id != asker.id and may(one.roles, Deed.ASK) and not queries.may_vote(one, rule)
    ]


def inquiry_by_key(session: Session, member: Member, key: str) -> Inquiry | None:
    """The question that was sent with this key before."""
    return session.scalar(select(Inquiry).where(Inquiry.member_id == member.id, Inquiry.idempotency_key == key))


def reply_by_key(session: Session, member: Member, key: str) -> Reply | None:
    """The reply that was sent with this key before."""
    return session.scalar(select(Reply).where(Reply.member_id == member.id, Reply.idempotency_key == key))


def _opened(session: Session, reader: Member, stage: Stage) -> Mapping[int, object] | None:
    """The records of a stage on which all votes are in; None where the reader does not vote there and reads all."""
    rule = queries.stage_rule(session, reader.review_id, stage)
    return decided_standings(session, reader.review_id, rule) if queries.may_vote(reader, rule) else None


def _is_open(opened: Mapping[int, object] | None, kept: int) -> bool:
    return opened is None or kept in opened


def _thread(
    inquiry: Inquiry, kept: int, title: str | None, reader: Member, names: Mapping[int, str],
    replies: Mapping[int, Sequence[Reply]],
) -> Thread:  # fmt: skip
    told = [(reply, names[reply.member_id]) for reply in replies.get(inquiry.id, ())]
    return Thread(inquiry, kept, title, names[inquiry.member_id], told, inquiry.member_id == reader.id)


def _replies(session: Session, review_id: int) -> Mapping[int, Sequence[Reply]]:
    wanted = select(Reply).join(Member, Member.id == Reply.member_id).where(Member.review_id == review_id)
    found: dict[int, list[Reply]] = {}
    for reply in session.scalars(wanted.order_by(Reply.id)):
        found.setdefault(reply.inquiry_id, []).append(reply)
    return found
