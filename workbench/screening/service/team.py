"""Words that help a team: tags with a meaning, and questions to the team about a record."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import RepliesRead, TagDefined, TeamAsked, TeamReplied
from workbench.screening.models import Inquiry, Reply, Tag, Vote
from workbench.screening.queries import inquiries
from workbench.screening.queries import votes as queries
from workbench.screening.queries.ballots import ballot_of
from workbench.screening.rules import Decision
from workbench.screening.service import voting
from workbench.words import _

LONGEST_TAG, LONGEST_TEXT = 80, 10_000
MOST_TAGS = 20
"""So many tags one vote bears at most."""


class TagIncomplete(Invalid):
    """A tag has a name of at most 80 characters without a comma, and a meaning."""

    hint = "Write a short name, and in the meaning when to use it."


class TagTaken(Clash):
    """A name has one meaning in a review."""

    hint = "Take the other one out of use first, or choose another name."


class NoSuchTag(NotFound):
    """A tag that is in use in this review is taken out of use."""


class NoVoteThere(Clash):
    """Tags belong to a vote of one's own that is there."""

    hint = "Vote first; the tags open with the vote."


class TextMissing(Invalid):
    """A question or reply has words, at most 10 000 characters."""


class SentBefore(Clash):
    """What is sent twice is kept once; another text is sent from a page that is loaded anew."""

    hint = "Load the page again, then write what is to be added."


class NotYourInquiry(NotFound):
    """Who asked says to have read the replies."""


def define_tag(session: Session, member: Member, name: str, meaning: str, *, carries_judgement: bool) -> Tag:
    """Give a tag its meaning in the review; from then on it is offered at the ballot."""
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    name, meaning = " ".join(name.split()), meaning.strip()
    if not name or len(name) > LONGEST_TAG or "," in name or not meaning or len(meaning) > LONGEST_TEXT:
        raise TagIncomplete(_("The tag has no name or no meaning, or they are too long."))
    wanted = select(Tag.id).where(Tag.review_id == member.review_id, Tag.name == name, Tag.retired_at.is_(None))
    if session.scalar(wanted) is not None:
        raise TagTaken(_("The tag “%(name)s” has a meaning already.", name=name))
    tag = Tag(review_id=member.review_id, name=name, meaning=meaning, carries_judgement=carries_judgement,
              defined_by=member.id, defined_at=now())  # fmt: skip
    session.add(tag)
    session.flush()
    _trace(session, member, tag)
    return tag


def retire_tag(session: Session, member: Member, tag_id: int) -> Tag:
    """Take a tag out of use: it is offered no more; votes keep it as a word."""
    allowed(member.roles, Deed.AMEND_PROTOCOL)
    tag = session.get(Tag, tag_id)
    if tag is None or tag.review_id != member.review_id or tag.retired_at is not None:
        raise NoSuchTag(_("There is no such tag in use in this review."))
    tag.retired_at = now()
    _trace(session, member, tag)
    return tag


def retag(
    session: Session, reviewer: Member, record_id: int, stage: Stage, key: str, *,
    put: Sequence[str] = (), take_off: Sequence[str] = (),
) -> Vote:  # fmt: skip
    """Put tags on one's own vote or take them off, while it is in hand: a newer vote that says the same else.

    Raises:
        NoVoteThere: one has no vote on the record.
    """
    _place, earlier = voting.own_place(session, reviewer, record_id, stage)
    if earlier is None or earlier.decision is Decision.WITHDRAWN:
        raise NoVoteThere(_("You have no vote on record %(id)s.", id=record_id))
    said = ballot_of(earlier)
    kept = [one for one in said.tags if one not in take_off]
    tags = tuple(dict.fromkeys([*kept, *put]))
    if len(tags) > MOST_TAGS:
        raise TagIncomplete(_("A vote bears at most %(n)s tags.", n=MOST_TAGS), _("Take some off first."))
    ballot = replace(said, tags=tags, is_senior=False)
    return voting.cast_vote(session, reviewer, record_id, stage, ballot, key)


def ask(session: Session, member: Member, record_id: int, stage: Stage, text: str, key: str) -> Inquiry:
    """Ask the team about a record; the same key twice is one question."""
    allowed(member.roles, Deed.ASK, stage)
    queries.screenable(session, member.review_id, record_id)
    if (sent := inquiries.inquiry_by_key(session, member, key)) is not None:
        _be_same(sent.text, text)
        return sent
    inquiry = Inquiry(record_id=record_id, stage=stage, member_id=member.id, text=_whole(text), idempotency_key=key,
                      asked_at=now())  # fmt: skip
    session.add(inquiry)
    session.flush()
    event = TeamAsked(record_id, stage.value, inquiry.id, text_hash(inquiry.text))
    audit.record(session, member.review_id, member.id, event)
    return inquiry


def reply(session: Session, member: Member, inquiry_id: int, text: str, key: str) -> Reply:
    """Reply to a question that one may read; the same key twice is one reply."""
    allowed(member.roles, Deed.ASK)
    inquiry = inquiries.thread(session, member, inquiry_id).inquiry
    if (sent := inquiries.reply_by_key(session, member, key)) is not None:
        _be_same(sent.text, text)
        return sent
    found = Reply(inquiry_id=inquiry.id, member_id=member.id, text=_whole(text), idempotency_key=key, replied_at=now())
    session.add(found)
    event = TeamReplied(inquiry.record_id, inquiry.stage.value, inquiry.id, text_hash(found.text))
    audit.record(session, member.review_id, member.id, event)
    session.flush()
    return found


def read_replies(session: Session, member: Member, inquiry_id: int) -> None:
    """Say that one has read the replies to one's own question; it is no longer told as news."""
    inquiry = session.get(Inquiry, inquiry_id)
    if inquiry is None or inquiry.member_id != member.id:
        raise NotYourInquiry(_("You asked no question %(id)s.", id=inquiry_id))
    inquiry.read_at = now()
    event = RepliesRead(inquiry.record_id, inquiry.stage.value, inquiry.id)
    audit.record(session, member.review_id, member.id, event)
    session.flush()


def _whole(text: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words or len(words) > LONGEST_TEXT:
        raise TextMissing(_("The text is empty, or longer than 10 000 characters."))
    return words


def _be_same(sent: str, text: str) -> None:
    if sent != _whole(text):
        raise SentBefore(_("Something else was sent from this page before."))


def _trace(session: Session, member: Member, tag: Tag) -> None:
    event = TagDefined(
        tag.id, text_hash(tag.name), text_hash(tag.meaning), tag.carries_judgement, tag.retired_at is not None
    )
    audit.record(session, member.review_id, member.id, event)
    session.flush()
