"""Saying which languages one reads, so that records in others go to those who read them; or passing one record on."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.protocols.rules.languages import is_language, meant_language, short_code
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import LanguagesSaid, PassedOn
from workbench.screening.models import Bar, LanguagesRead
from workbench.screening.queries import passing, votes
from workbench.screening.rules import BarKind, Decision, StageRule
from workbench.screening.service import voting
from workbench.screening.service.stages import put_bar
from workbench.words import _


class NoSuchLanguage(Invalid):
    """A language is named by its code of two letters, or by its name in English."""

    hint = "Such as: en, da, de."


class NobodyElse(Clash):
    """A record is passed on only where enough others may judge it."""

    hint = "A machine translation or a colleague who reads it helps; or put it off, and ask the team."


def say_languages(session: Session, member: Member, named: Iterable[str]) -> LanguagesRead:
    """Say which languages one reads; none named means all of them. What was said before stays on record."""
    allowed(member.roles, Deed.VOTE)
    codes = sorted({_code(text) for text in named if text.strip()})
    row = LanguagesRead(member_id=member.id, languages=codes, said_at=now())
    session.add(row)
    audit.record(session, member.review_id, member.id, LanguagesSaid(member.id, " ".join(codes)))
    session.flush()
    return row


def pass_on(session: Session, reviewer: Member, record_id: int, stage: Stage) -> Bar:
    """Say that one does not read a record's language: it leaves one's queue, at both stages, and others judge it.

    A vote of one's own that is still in hand is taken back. It can be taken up again by lifting the bar.

    Raises:
        NobodyElse: too few others may vote on it to give the votes that it can need.
        AlreadyHandedIn: one has judged it.
    """
    allowed(reviewer.roles, Deed.VOTE, stage)
    record = votes.screenable(session, reviewer.review_id, record_id)
    if (standing := votes.standing_bar(session, reviewer.id, record_id)) is not None:
        return standing
    rule = votes.stage_rule(session, reviewer.review_id, stage)
    _be_enough(passing.others_for(session, reviewer, rule, record), rule)
    vote = votes.own_vote(session, reviewer, record_id, stage)
    if vote is not None and vote.decision is not Decision.WITHDRAWN:
        voting.withdraw(session, reviewer, record_id, stage, secrets.token_hex(12))
    bar = put_bar(session, reviewer, record_id, reviewer.id, _("Does not read its language"), BarKind.LANGUAGE)
    audit.record(session, reviewer.review_id, reviewer.id, PassedOn(record_id, stage.value, reviewer.id))
    session.flush()
    return bar


def _be_enough(others: Sequence[Member], rule: StageRule) -> None:
    has_senior = not rule.seniors or any(votes.is_senior(one, rule) for one in others)
    if len(others) < rule.most_votes or not has_senior:
        raise NobodyElse(_("Too few others may judge this record, so it stays with you."))


def _code(text: str) -> str:
    wanted = text.strip().lower()
    code = short_code(meant_language(wanted) or wanted)
    if len(code) != 2 or not is_language(code):
        raise NoSuchLanguage(_("“%(code)s” is not the code of a language.", code=text.strip()[:40]))
    return code
