"""Records outside the limits of the protocol: flagged with the rule, and lists of them that were removed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.deduplication.models import Duplicate
from workbench.protocols.rules import Plan
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.screening.models import Removal, Vote
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.lists import ON_A_PAGE, Page, records_by_id, within
from workbench.screening.queries.outcomes import kept_id, standing_records
from workbench.screening.rules import Decision, LimitRule, limit_rules, outside

IN_A_SAMPLE = 10
AT_ONCE = 500
"""How many ids go into one question to the database."""


@dataclass(frozen=True)
class RemovedList:
    """Records that one person removed by one rule, when last, and the PRISMA box they count in."""

    rule: str
    by_automation: bool
    name: str
    n: int
    at: datetime


def flagged(session: Session, review_id: int, plan: Plan) -> dict[LimitRule, list[int]]:
    """Kept records outside each limit that the protocol sets, in the order of ids; a record may be outside two.

    Not among them: records whose year or language is not known, that are removed, or that anybody has a vote on. It
    shows that there is a vote, never what it says (B1).
    """
    found: dict[LimitRule, list[int]] = {rule: [] for rule in limit_rules(plan.limits)}
    if found:
        wanted = untouched(review_id).add_columns(Record.year, Record.languages).order_by(Record.id)
        for record_id, year, languages in session.execute(wanted):
            for rule in outside(plan.limits, year, languages):
                found[rule].append(record_id)
    return found


def untouched(review_id: int) -> Select[int]:
    """Ids of the kept records that count and that nobody has a vote on, in hand or handed in, at either stage."""
    voted = (
        select(kept_id(Vote.record_id))
        .select_from(Vote)
        .join(Record, Record.id == Vote.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(Record.review_id == review_id, Vote.decision != Decision.WITHDRAWN, is_current(Vote))
        .correlate(None)
    )
    return standing_records(review_id).where(Record.id.not_in(voted))


def a_page(session: Session, record_ids: Sequence[int], number: int) -> Page[Record]:
    """One page of these records."""
    number = within(number, len(record_ids))
    here = record_ids[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    return Page(records_by_id(session, here), len(record_ids), number)


def sample(session: Session, record_ids: Sequence[int]) -> list[Record]:
    """Ten of these records, from all over the list, for whoever is to accept it whole."""
    n = min(IN_A_SAMPLE, len(record_ids))
    return records_by_id(session, [record_ids[place * len(record_ids) // n] for place in range(n)])


def removed_by(review_id: int, rule: str) -> Select[int]:
    """Ids of the records that this rule removed."""
    in_review = select(Record.id).where(Record.review_id == review_id)
    return select(Removal.record_id).where(Removal.rule == rule, Removal.record_id.in_(in_review))


def reports_of(session: Session, kept_ids: Collection[int]) -> list[int]:
    """The records of these reports that are not removed yet, each under the limit of what one question takes."""
    found: list[int] = []
    ids = sorted(kept_ids)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        wanted = select(Record.id).outerjoin(Duplicate, Duplicate.record_id == Record.id)
        wanted = wanted.outerjoin(Removal, Removal.record_id == Record.id).where(Removal.id.is_(None))
        found += session.scalars(wanted.where(or_(Record.id.in_(some), Duplicate.kept_id.in_(some))))
    return found


def has_votes(session: Session, review_id: int, rule: str) -> bool:
    """Whether somebody has a vote on one of the records that this rule removed."""
    wanted = select(Vote.id).where(Vote.decision != Decision.WITHDRAWN, is_current(Vote))
    return session.scalar(wanted.where(Vote.record_id.in_(removed_by(review_id, rule))).limit(1)) is not None


def removed(session: Session, review_id: int) -> list[RemovedList]:
    """Reports removed before screening, by whom and by which rule; without imports that were taken back."""
    rows = session.execute(
        select(Removal.rule, Removal.by_automation, User.name, func.count(), func.max(Removal.removed_at))
        .join(Record, Record.id == Removal.record_id)
        .join(Import, Import.id == Record.import_id)
        .join(Member, Member.id == Removal.member_id)
        .join(User, User.id == Member.user_id)
        .outerjoin(Duplicate, Duplicate.record_id == Removal.record_id)
        .where(Record.review_id == review_id, Import.taken_back_at.is_(None), Duplicate.id.is_(None))
        .group_by(Removal.rule, Removal.by_automation, Member.id, User.name)
        .order_by(Removal.rule, Member.id)
    )
    return [RemovedList(*row) for row in rows]
