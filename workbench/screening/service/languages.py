"""Saying which languages one reads, so that records in others are passed on to those who read them."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Invalid
from workbench.protocols.rules.languages import is_language, meant_language, short_code
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.screening.events import LanguagesSaid
from workbench.screening.models import LanguagesRead
from workbench.words import _


class NoSuchLanguage(Invalid):
    """A language is named by its code of two letters, or by its name in English."""

    hint = "Such as: en, da, de."


def say_languages(session: Session, member: Member, named: Iterable[str]) -> LanguagesRead:
    """Say which languages one reads; none named means all of them. What was said before stays on record."""
    allowed(member.roles, Deed.VOTE)
    codes = sorted({_code(text) for text in named if text.strip()})
    row = LanguagesRead(member_id=member.id, languages=codes, said_at=now())
    session.add(row)
    audit.record(session, member.review_id, member.id, LanguagesSaid(member.id, " ".join(codes)))
    session.flush()
    return row


def _code(text: str) -> str:
    wanted = text.strip().lower()
    code = short_code(meant_language(wanted) or wanted)
    if len(code) != 2 or not is_language(code):
        raise NoSuchLanguage(_("“%(code)s” is not the code of a language.", code=text.strip()[:40]))
    return code
