"""Records that people pass on one by one, since they do not read them, and who else may judge them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.protocols.rules.languages import short_code
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.screening.models import Bar
from workbench.screening.queries import languages, votes
from workbench.screening.rules import BarKind, StageRule


def others_for(session: Session, reviewer: Member, rule: StageRule, record: Record) -> list[Member]:
    """Who else may vote on this record: named by the rule, not barred, and not said to read other languages only."""
    read = languages.read_by(session, reviewer.review_id)
    codes = {short_code(one.lower()) for one in record.languages}
    return [
        one
        for one in languages.voters(session, reviewer.review_id, rule)
        if one.id != reviewer.id
        and (not codes or codes & read.get(one.id, frozenset(codes)))
        and not votes.is_barred(session, one.id, record.id)
    ]


def passed_on_by_hand(session: Session, reviewer: Member) -> list[tuple[Bar, str | None]]:
    """The records that this reviewer passed on one by one, with their titles, the newest first."""
    wanted = (
        select(Bar, Record.title)
        .join(Record, Record.id == Bar.record_id)
        .where(Bar.member_id == reviewer.id, Bar.kind == BarKind.LANGUAGE, Bar.lifted_at.is_(None))
    )
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Bar.id.desc()))]
