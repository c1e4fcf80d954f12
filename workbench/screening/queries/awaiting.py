"""Lists of what waits: for one's own vote, for a second vote, for a clear word; and the second check of exclusions."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.screening.models import HandIn, Vote
from workbench.screening.queries import merged, queue
from workbench.screening.queries.again import to_answer
from workbench.screening.queries.arranged import still_counts
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.lists import ON_A_PAGE, Page, records_by_id, within
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import checked_exclusions, kept_id, pilot_samples, standing_records
from workbench.screening.queries.votes import voters_of
from workbench.screening.rules import Decision, Outcome, StageRule, Variant
from workbench.screening.rules.check import Check


def mine(session: Session, reviewer: Member, rule: StageRule, number: int) -> Page[Record]:
    """One page of the records that wait for this reviewer's vote, those to be asked again left out."""
    held = merged.held_back(session, reviewer.review_id, rule.stage)
    total = queue.how_many_wait(session, reviewer, rule, [*held, *to_answer(session, reviewer, rule)])
    number = within(number, total)
    ids = queue.waiting_from(session, reviewer, rule, (number - 1) * ON_A_PAGE, ON_A_PAGE, held)
    return Page(records_by_id(session, ids), total, number)


def second(session: Session, review_id: int, rule: StageRule, number: int) -> Page[Record]:
    """One page of the records on which one vote is handed in and another is awaited (B7); never what the vote says.

    Under full dual it tells that there is a vote and nothing else. Under the other variants it tells by its nature what
    the first decided, which is why they are not independent.
    """
    kept = kept_id(Vote.record_id)
    wanted = (
        select(kept)
        .select_from(Vote)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == rule.stage,
            Vote.decision != Decision.WITHDRAWN,
            kept.in_(standing_records(review_id).correlate(None)),
            *still_counts(rule.arranged, Vote),
        )
        .group_by(kept)
        .having(func.count(Vote.reviewer_id.distinct()) == 1)
    )
    if rule.arranged.piloted:
        samples = pilot_samples(review_id, rule.stage).subquery()
        wanted = wanted.where(kept.not_in(select(samples.c.kept).where(samples.c.runs == 1)))
    decided = decided_standings(session, review_id, rule)
    return _page(session, [one for one in sorted(session.scalars(wanted)) if one not in decided], number)


def unclear(session: Session, reader: Member, rule: StageRule, number: int) -> Page[Record]:
    """One page of the records that somebody was unsure about: oneself, or another where the votes are open.

    A conflict that is not settled yet tells its votes to those who voted on it alone (B5).
    """
    kept = kept_id(Vote.record_id)
    rows = session.execute(
        select(kept, Vote.reviewer_id, HandIn.id)
        .select_from(Vote)
        .outerjoin(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == rule.stage,
            Vote.decision == Decision.UNCLEAR,
            is_current(Vote),
            kept.in_(standing_records(reader.review_id).correlate(None)),
        )
    ).all()
    decided = decided_standings(session, reader.review_id, rule)
    own = {record_id for record_id, who, _final in rows if who == reader.id}
    others = {one for one, who, final in rows if final and who != reader.id and one in decided}
    conflicts = sorted(one for one in decided if decided[one].outcome is Outcome.CONFLICT)
    heard = {one for one, who in voters_of(session, conflicts, rule.stage).items() if reader.id in who}
    return _page(session, sorted(own | {one for one in others if one not in conflicts or one in heard}), number)


def check(session: Session, review_id: int, rule: StageRule) -> Check | None:
    """How the second check of single exclusions stands; None where the rule has no such check."""
    if rule.variant is not Variant.SINGLE_PLUS_CHECK:
        return None
    rows = session.execute(checked_exclusions(review_id, rule)).all()
    checked = [(said, settled) for _record, said, settled in rows if said is not None]
    differs = [settled for said, settled in checked if not said.startswith("exclude")]
    wrong = sum(settled == Outcome.INCLUDED.value for settled in differs)
    return Check(len(rows), len(checked), len(differs), wrong, sum(settled is None for settled in differs))


def to_check(session: Session, review_id: int, rule: StageRule, number: int) -> Page[Record]:
    """One page of the exclusions that wait for their second check."""
    if rule.variant is not Variant.SINGLE_PLUS_CHECK:
        return Page([], 0, 1)
    rows = session.execute(checked_exclusions(review_id, rule)).all()
    return _page(session, [record_id for record_id, said, _settled in rows if said is None], number)


def in_languages(session: Session, review_id: int, stored: Sequence[str], number: int) -> Page[Record]:
    """One page of the records that say this of their language, as stored."""
    if not stored:
        return Page([], 0, 1)
    wanted = standing_records(review_id).where(queue.says_of_its_language(stored)).order_by(Record.id)
    return _page(session, list(session.scalars(wanted)), number)


def _page(session: Session, ids: Sequence[int], number: int) -> Page[Record]:
    number = within(number, len(ids))
    return Page(records_by_id(session, ids[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]), len(ids), number)
