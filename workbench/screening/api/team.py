"""Tags with a meaning, questions to the team, who stands aside from what, and languages, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.reviews.access import asking_member, door
from workbench.reviews.queries import member_called
from workbench.reviews.rules import Deed, Stage
from workbench.screening.service import aside, languages, stages, team
from workbench.screening.service.team import LONGEST_TAG, LONGEST_TEXT
from workbench.screening.told import team as told
from workbench.screening.told.team import BarsTold, InquiriesTold, InquiryTold, TagsTold
from workbench.web.api import answers, body
from workbench.web.transactions import current_session, transaction

bp = Blueprint("team_api", __name__, url_prefix="/reviews/<slug>")

A_RECORD: Mapping[str, Any] = {"minimum": 1, "maximum": 2**53}
A_KEY: Mapping[str, Any] = {"pattern": "^[A-Za-z0-9_.:-]{8,80}$"}
A_TEXT: Mapping[str, Any] = {"maxLength": LONGEST_TEXT}


@dataclass(frozen=True)
class TagSent:
    """A tag and what it means in this review."""

    name: Annotated[str, "Short, without a comma.", {"maxLength": LONGEST_TAG}]
    meaning: Annotated[str, "When to use it.", A_TEXT]
    carries_judgement: Annotated[bool, "It tells how its author would vote, so it opens with the vote."]


@dataclass(frozen=True)
class QuestionSent:
    """A question to the team about a record."""

    stage: Stage
    record: Annotated[int, "What it is about.", A_RECORD]
    text: Annotated[str, "What you ask.", A_TEXT]
    key: Annotated[str, "One of your own: sent twice, it is asked once.", A_KEY]


@dataclass(frozen=True)
class ReplySent:
    """A reply to a question."""

    text: Annotated[str, "Facts, not how you would vote.", A_TEXT]
    key: Annotated[str, "One of your own: sent twice, it is said once.", A_KEY]


@dataclass(frozen=True)
class AsideSent:
    """A record that one should not judge."""

    stage: Stage
    record: Annotated[int, "The record.", A_RECORD]
    reason: Annotated[str, "Own work, or another interest; printed in the methods text.", {"maxLength": 1000}]


@dataclass(frozen=True)
class BarSent:
    """Somebody who should not judge a record."""

    record: Annotated[int, "The record.", A_RECORD]
    person: Annotated[str, "Their address.", {"maxLength": 320}]
    reason: Annotated[str, "Own work, or another interest; printed in the methods text.", {"maxLength": 1000}]


@dataclass(frozen=True)
class NotReadSent:
    """A record in a language that one does not read."""

    stage: Stage
    record: Annotated[int, "The record.", A_RECORD]


@dataclass(frozen=True)
class LanguagesSent:
    """The languages that one reads."""

    languages: Annotated[Sequence[str], "Codes such as en, da; empty: every language.", {"maxItems": 200}]


@dataclass(frozen=True)
class LanguagesTold:
    """The languages that one reads, as codes of two letters; empty: every language."""

    languages: Sequence[str]


@bp.get("/tags")
@door(Deed.LOOK, Scope.READ)
@answers(TagsTold)
def tags(slug: str) -> TagsTold:
    """List the tags with their meaning, and the records that you may know to bear them."""
    return told.all_tags(current_session(), asking_member())


@bp.post("/tags")
@door(Deed.AMEND_PROTOCOL, Scope.FULL)
@answers(TagsTold, takes=TagSent)
def define(slug: str) -> TagsTold:
    """Give a tag its meaning; from then on it is offered at the ballot. A name that has one is refused."""
    sent = body(TagSent)
    with transaction() as session:
        team.define_tag(session, asking_member(), sent.name, sent.meaning, carries_judgement=sent.carries_judgement)
        return told.all_tags(session, asking_member())


@bp.post("/tags/<int:tag_id>/retire")
@door(Deed.AMEND_PROTOCOL, Scope.FULL)
@answers(TagsTold)
def retire(slug: str, tag_id: int) -> TagsTold:
    """Take a tag out of use; votes keep it as a word."""
    with transaction() as session:
        team.retire_tag(session, asking_member(), tag_id)
        return told.all_tags(session, asking_member())


@bp.get("/team-questions")
@door(Deed.LOOK, Scope.READ)
@answers(InquiriesTold)
def questions(slug: str) -> InquiriesTold:
    """List the questions to the team that you may read, with their replies."""
    return told.all_inquiries(current_session(), asking_member())


@bp.post("/team-questions")
@door(Deed.ASK, Scope.VOTE)
@answers(InquiryTold, takes=QuestionSent)
def ask(slug: str) -> InquiryTold:
    """Ask the team about a record; whoever votes on it reads that once the record is open."""
    sent = body(QuestionSent)
    with transaction() as session:
        asked = team.ask(session, asking_member(), sent.record, sent.stage, sent.text, sent.key)
        return told.inquiry(session, asking_member(), asked.id)


@bp.post("/team-questions/<int:inquiry_id>/replies")
@door(Deed.ASK, Scope.VOTE)
@answers(InquiryTold, takes=ReplySent)
def reply(slug: str, inquiry_id: int) -> InquiryTold:
    """Reply to a question."""
    sent = body(ReplySent)
    with transaction() as session:
        team.reply(session, asking_member(), inquiry_id, sent.text, sent.key)
        return told.inquiry(session, asking_member(), inquiry_id)


@bp.post("/team-questions/<int:inquiry_id>/read")
@door(Deed.ASK, Scope.VOTE)
@answers(InquiryTold)
def read(slug: str, inquiry_id: int) -> InquiryTold:
    """Say that you have read the replies to your own question."""
    with transaction() as session:
        team.read_replies(session, asking_member(), inquiry_id)
        return told.inquiry(session, asking_member(), inquiry_id)


@bp.get("/bars")
@door(Deed.LOOK, Scope.READ)
@answers(BarsTold)
def bars(slug: str) -> BarsTold:
    """List who does not judge what, lifted bars too."""
    return told.all_bars(current_session(), asking_member())


@bp.post("/bars/mine")
@door(Deed.VOTE, Scope.VOTE)
@answers(BarsTold, takes=AsideSent)
def stand_aside(slug: str) -> BarsTold:
    """Say that you should not judge a record; a vote of yours that is in hand is taken back."""
    sent = body(AsideSent)
    with transaction() as session:
        aside.bar_oneself(session, asking_member(), sent.record, sent.stage, sent.reason)
        return told.all_bars(session, asking_member())


@bp.post("/bars/language")
@door(Deed.VOTE, Scope.VOTE)
@answers(BarsTold, takes=NotReadSent)
def pass_on(slug: str) -> BarsTold:
    """Say that a record is not in a language you read; somebody else judges it."""
    sent = body(NotReadSent)
    with transaction() as session:
        aside.pass_on(session, asking_member(), sent.record, sent.stage)
        return told.all_bars(session, asking_member())


@bp.post("/bars")
@door(Deed.MANAGE_TEAM, Scope.FULL)
@answers(BarsTold, takes=BarSent)
def bar(slug: str) -> BarsTold:
    """Bar a member of the team from a record; setting the same bar twice changes nothing."""
    sent = body(BarSent)
    with transaction() as session:
        lead = asking_member()
        person = member_called(session, lead.review_id, sent.person)
        stages.bar(session, lead, sent.record, person.id, sent.reason)
        return told.all_bars(session, lead)


@bp.post("/bars/<int:bar_id>/lift")
@door(Deed.LOOK, Scope.FULL)
@answers(BarsTold)
def lift(slug: str, bar_id: int) -> BarsTold:
    """Lift a bar that you set yourself, or any as the lead; that it stood stays on record."""
    with transaction() as session:
        stages.lift_bar(session, asking_member(), bar_id)
        return told.all_bars(session, asking_member())


@bp.post("/languages")
@door(Deed.VOTE, Scope.VOTE)
@answers(LanguagesTold, takes=LanguagesSent)
def say_languages(slug: str) -> LanguagesTold:
    """Say which languages you read; records in others go to those who read them."""
    sent = body(LanguagesSent)
    with transaction() as session:
        return LanguagesTold(languages.say_languages(session, asking_member(), sent.languages).languages)
