"""Which languages people read, and which records are therefore passed on to others without a vote."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from workbench.protocols.rules.languages import all_languages, short_code, spellings
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, may
from workbench.screening.models import LanguagesRead
from workbench.screening.rules import StageRule, is_named

Read = Mapping[int, frozenset[str]]


def read_by(session: Session, review_id: int) -> Read:
    """The languages that each member reads, as two-letter codes; of all who named any."""
    newest = (
        select(func.max(LanguagesRead.id))
        .join(Member, Member.id == LanguagesRead.member_id)
        .where(Member.review_id == review_id)
        .group_by(LanguagesRead.member_id)
    )
    rows = session.scalars(select(LanguagesRead).where(LanguagesRead.id.in_(newest)))
    return {row.member_id: frozenset(row.languages) for row in rows if row.languages}


def languages_of(session: Session, review_id: int) -> Counter[str]:
    """How many records of a review are in each language, by two-letter code; records in several count in each."""
    stored = cast(Record.languages, Text)
    rows = session.execute(select(stored, func.count()).where(Record.review_id == review_id).group_by(stored))
    found: Counter[str] = Counter()
    for text, n in rows:
        found.update(dict.fromkeys({short_code(one.lower()) for one in json.loads(text)}, n))
    return found


def not_read(session: Session, reviewer: Member, rule: StageRule) -> dict[str, int]:
    """The languages that this reviewer does not read, with how many other voters do; empty for who reads them all."""
    read = read_by(session, reviewer.review_id) if rule.arranged.languages else {}
    mine = read.get(reviewer.id)
    if mine is None:
        return {}
    others = [one.id for one in voters(session, reviewer.review_id, rule) if one.id != reviewer.id]
    return {code: sum(code in read.get(one, {code}) for one in others) for code in all_languages() if code not in mine}


def passed_on(session: Session, reviewer: Member, rule: StageRule) -> tuple[str, ...]:
    """What records in one language alone say of it, as stored, where enough other voters read that language.

    Where too few do to give all the votes that a record can need, its records come to this reviewer all the same.
    """
    if not rule.arranged.languages:
        return ()
    enough = [code for code, n in not_read(session, reviewer, rule).items() if n >= rule.most_votes]
    return _as_stored(tuple(enough))


@lru_cache(maxsize=64)
def _as_stored(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f'["{spelling}"]' for code in codes for spelling in spellings(code))


def voters(session: Session, review_id: int, rule: StageRule) -> list[Member]:
    """Who may vote at the stage, by roles and the rule."""
    return [
        one
        for one in reviews.team(session, review_id)
        if may(one.roles, Deed.VOTE, rule.stage) and is_named(rule.voters, one.roles, one.user.email)
    ]
