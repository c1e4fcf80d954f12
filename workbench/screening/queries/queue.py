"""Whose turn it is: the records that wait for one reviewer, read on from the last place in the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    union,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import (
    Assignment,
    Bar,
    HandIn,
    PilotRecord,
    PilotRound,
    PilotVoter,
    Place,
    Postponement,
    Rank,
    Retrieval,
    Settlement,
    Vote,
)
from workbench.screening.queries import languages
from workbench.screening.queries.again import barred_from, silent_votes, to_answer
from workbench.screening.queries.arranged import still_counts
from workbench.screening.queries.outcomes import is_out, kept_id
from workbench.screening.queries.wishes import fits
from workbench.screening.rules import (
    Decision,
    Found,
    StageRule,
    Variant,
    Wish,
    is_named,
)

KNOWN = 512
"""Questions to the database that are kept as asked, since building one takes longer than its answer."""


@dataclass(frozen=True)
class Turn:
    """One record that waits for a reviewer."""

    record_id: int
    position: int
    is_asked_again: bool = False


def waiting_for(
    session: Session, reviewer: Member, rule: StageRule, limit: int, skip: Sequence[int] = (), wish: Wish | None = None
) -> list[Turn]:
    """The next records for this reviewer: first those to be asked again, then the order, read on from the last place.

    While a pilot round waits for this reviewer there is nothing but its records, also once all of them are voted on.
    What one has put off comes last, in the order in which one did. A wish leaves those that it looks for.
    Nothing here depends on what another voted, only on whether a vote or a place is taken (B1, B7).
    """
    again = [
        Turn(record_id, 0, is_asked_again=True)
        for record_id in to_answer(session, reviewer, rule)
        if record_id not in skip and not wish
    ]
    wanted = _wanted(session, reviewer, rule).where(Rank.record_id.not_in(skip) if skip else true())
    if wish:
        wanted = wanted.where(fits(wish))
    now_on = wanted.where(not_(_is_put_off(reviewer.id, rule.stage)))
    last = _last_place(session, reviewer, rule.stage)
    found = again + _take(session, now_on.where(Rank.position > last), limit - len(again))
    found += _take(session, now_on.where(Rank.position <= last), limit - len(found)) if last else []
    put_off = wanted.where(_is_put_off(reviewer.id, rule.stage))
    found += _take(session, put_off.order_by(_when_put_off(reviewer.id, rule.stage)), limit - len(found))
    return found[:limit]


def how_many_wait(
    session: Session, reviewer: Member, rule: StageRule, skip: Sequence[int] = (), wish: Wish | None = None
) -> int:
    """How many records wait for this reviewer, those to skip left out; of a wish, those that it looks for."""
    wanted = _wanted(session, reviewer, rule).where(Rank.record_id.not_in(skip) if skip else true())
    waiting = (wanted.where(fits(wish)) if wish else wanted).subquery()
    n = session.scalar(select(func.count()).select_from(waiting), {"now": now()}) or 0
    return n if wish else n + len(set(to_answer(session, reviewer, rule)).difference(skip))


def still_wait(session: Session, reviewer: Member, rule: StageRule, record_ids: Sequence[int]) -> set[int]:
    """Those of these records that still wait for this reviewer."""
    wanted = _wanted(session, reviewer, rule).where(Rank.record_id.in_(record_ids))
    waiting = {turn.record_id for turn in _take(session, wanted, len(record_ids))}
    return waiting | set(to_answer(session, reviewer, rule)).intersection(record_ids)


def waiting_from(
    session: Session, reviewer: Member, rule: StageRule, start: int, limit: int, skip: Sequence[int] = ()
) -> list[int]:
    """Some of the records that wait for this reviewer, in the order of the stage; no place is held for them."""
    wanted = _wanted(session, reviewer, rule).where(Rank.record_id.not_in(skip) if skip else true())
    rows = session.execute(wanted.order_by(Rank.position).offset(start).limit(limit), {"now": now()})
    return [record_id for record_id, _position in rows]


def pilot_that_waits(session: Session, reviewer: Member, rule: StageRule) -> int | None:
    """The pilot round that asks this reviewer and has not opened yet; None where there is none."""
    if not rule.arranged.piloted:
        return None
    wanted = (
        select(PilotRound.id)
        .join(PilotVoter, PilotVoter.round_id == PilotRound.id)
        .where(
            PilotRound.review_id == reviewer.review_id,
            PilotRound.stage == rule.stage,
            PilotRound.opened_at.is_(None),
            PilotVoter.member_id == reviewer.id,
            PilotVoter.released_at.is_(None),
        )
    )
    return session.scalar(wanted.limit(1))


def is_piloting(session: Session, reviewer: Member, rule: StageRule, kept: int) -> bool:
    """Whether a pilot round that has not opened yet asks this reviewer for this kept record."""
    pilot = pilot_that_waits(session, reviewer, rule)
    return pilot is not None and kept in session.scalars(_samples(PilotRound.id == pilot)).all()


def _wanted(session: Session, reviewer: Member, rule: StageRule) -> Select[int, int]:
    """The records that wait for this reviewer, those of a pilot round alone while there is one."""
    if (pilot := pilot_that_waits(session, reviewer, rule)) is not None:
        return _of_pilot(reviewer.review_id, reviewer.id, rule, pilot)
    is_senior = bool(rule.seniors) and is_named(rule.seniors, reviewer.roles, reviewer.user.email)
    passed_on, silent = languages.passed_on(session, reviewer, rule), silent_votes(session, reviewer.review_id, rule)
    return _waiting(reviewer.review_id, reviewer.id, rule, is_senior, passed_on, silent)


@lru_cache(maxsize=KNOWN)
def _of_pilot(review_id: int, reviewer_id: int, rule: StageRule, pilot: int) -> Select[int, int]:
    """The records of a pilot round that this reviewer has not voted on; there is room for everybody."""
    return _unvoted(review_id, reviewer_id, rule).where(Rank.record_id.in_(_samples(PilotRound.id == pilot)))


@lru_cache(maxsize=KNOWN)
def _waiting(
    review_id: int,
    reviewer_id: int,
    rule: StageRule,
    is_senior: bool,
    passed_on: tuple[str, ...],
    silent: tuple[int, ...],
) -> Select[int, int]:
    """Records in the order of the stage that this reviewer has not voted on and for which there is room.

    Not among them: those in languages that others read instead (`passed_on`: as records state them). Votes that are
    `silent` take no place.
    """
    wanted = _unvoted(review_id, reviewer_id, rule).where(_has_room(reviewer_id, rule, is_senior, silent))
    if rule.arranged.piloted:
        runs = and_(PilotRound.review_id == review_id, PilotRound.stage == rule.stage, PilotRound.opened_at.is_(None))
        wanted = wanted.where(Rank.record_id.not_in(_samples(runs)))
    if not passed_on:
        return wanted
    is_mine = exists(Assignment.id).where(
        Assignment.record_id == Rank.record_id,
        Assignment.stage == rule.stage,
        Assignment.member_id == reviewer_id,
        Assignment.ended_by.is_(None),
    )
    return wanted.where(or_(not_(says_of_its_language(passed_on)), is_mine))  # nobody else has a place on mine


def says_of_its_language(stored: Sequence[str]) -> ColumnElement[bool]:
    """The record says one of these things of its language, as stored."""
    return sql_cast(Record.languages, Text).in_(stored)


def _samples(of: ColumnElement[bool]) -> Select[int]:
    """The kept records of the samples of these pilot rounds."""
    wanted = select(kept_id(PilotRecord.record_id)).select_from(PilotRecord)
    wanted = wanted.outerjoin(Duplicate, Duplicate.record_id == PilotRecord.record_id)
    return wanted.join(PilotRound, PilotRound.id == PilotRecord.round_id).where(of).correlate(None)


def _unvoted(review_id: int, reviewer_id: int, rule: StageRule) -> Select[int, int]:
    """Records in the order of the stage that this reviewer may vote on and has not voted on."""
    wanted = (
        select(Rank.record_id, Rank.position)
        .join(Record, Record.id == Rank.record_id)
        .join(Import, Import.id == Record.import_id)
        .where(
            Rank.review_id == review_id,
            Rank.stage == rule.stage,
            _no_own_vote(reviewer_id, rule),
            Import.completed_at.is_not(None),
            Import.taken_back_at.is_(None),
            not_(exists().where(Duplicate.record_id == Rank.record_id)),
            not_(is_out(Rank.record_id)),
            _is_not_settled(rule.stage),
            Rank.record_id.not_in(barred_from(reviewer_id)),
        )
    )
    return wanted.where(_is_retrieved()) if rule.stage is Stage.FULL_TEXT else wanted


@lru_cache(maxsize=KNOWN)
def _is_put_off(reviewer_id: int, stage: Stage) -> ColumnElement[bool]:
    return exists(Postponement.id).where(*_put_off(reviewer_id, stage))


@lru_cache(maxsize=KNOWN)
def _when_put_off(reviewer_id: int, stage: Stage) -> ColumnElement[int]:
    newest = select(func.max(Postponement.id)).where(*_put_off(reviewer_id, stage))
    return newest.correlate(Rank).scalar_subquery()


def _put_off(reviewer_id: int, stage: Stage) -> tuple[ColumnElement[bool], ...]:
    return (
        Postponement.reviewer_id == reviewer_id, Postponement.stage == stage,
        Postponement.record_id == Rank.record_id, Postponement.ended_at.is_(None),
    )  # fmt: skip


def _on_cluster(
    fact: type[Vote] | type[Settlement] | type[Retrieval], *such: ColumnElement[bool]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That there is such a fact on the ranked record, and that there is one on a record that stands under it.

    The two are asked apart: for "on it or on one of these" PostgreSQL uses no index and reads all votes each time.
    Where neither may be, say `not_(or_(…))`: two negations it would take for joins, and before it has counted the rows
    of a new review it joins everything with everything.
    """
    on_one_under_it = exists(fact.id).where(fact.record_id == Duplicate.record_id, *such)
    return (
        exists(fact.id).where(fact.record_id == Rank.record_id, *such),
        exists(Duplicate.id).where(Duplicate.kept_id == Rank.record_id, on_one_under_it),
    )


def _no_own_vote(reviewer_id: int, rule: StageRule) -> ColumnElement[bool]:
    mine, newer = aliased(Vote), aliased(Vote)
    voted = _on_cluster(
        mine,
        mine.reviewer_id == reviewer_id,
        mine.stage == rule.stage,
        mine.decision != Decision.WITHDRAWN,
        not_(exists(newer.id).where(newer.supersedes_id == mine.id)),
        *still_counts(rule.arranged, mine),
    )
    return not_(or_(*voted))


def _has_room(reviewer_id: int, rule: StageRule, is_senior: bool, silent: tuple[int, ...]) -> ColumnElement[bool]:
    """Whether fewer others have voted, hold a place or are asked by the allocation than votes are asked (B7).

    Where one passing ballot is enough, the second place opens once the first ballot is handed in and did not pass.
    """
    others = _others(reviewer_id, rule, silent)
    if rule.variant is Variant.SINGLE:
        return others < 1
    both = _fits_a_pair(reviewer_id, rule, is_senior, silent)
    if rule.variant is Variant.FULL_DUAL:
        return both
    second = and_(both, _first_did_not_pass(reviewer_id, rule, silent))
    return or_(others < 1, and_(second, Rank.is_checked) if rule.variant is Variant.SINGLE_PLUS_CHECK else second)


def _fits_a_pair(reviewer_id: int, rule: StageRule, is_senior: bool, silent: tuple[int, ...]) -> ColumnElement[bool]:
    """Whether there is a place of two left for this reviewer.

    Where each pair needs a senior, whoever is none takes a place beside nobody or beside a senior; and a senior still
    has one where, by a race, two others hold the places and neither is a senior.
    """
    others = _others(reviewer_id, rule, silent)
    if not rule.seniors:
        return others < 2
    if is_senior:
        return or_(others < 2, _others(reviewer_id, rule, silent, senior=True) < 1)
    return and_(others < 2, _others(reviewer_id, rule, silent, senior=False) < 1)


def _others(
    reviewer_id: int, rule: StageRule, silent: tuple[int, ...], *, senior: bool | None = None
) -> ColumnElement[int]:
    """How many others (seniors, or others who are none) have voted, hold a place, or are asked by the allocation."""
    vote, newer = aliased(Vote), aliased(Vote)
    voted = select(vote.reviewer_id.label("who")).where(
        vote.stage == rule.stage,
        vote.reviewer_id != reviewer_id,
        vote.decision != Decision.WITHDRAWN,
        not_(exists(newer.id).where(newer.supersedes_id == vote.id)),
        *_is(vote.is_senior, senior),
        *_speaks(vote, silent),
        *still_counts(rule.arranged, vote),
    )
    held = select(Place.reviewer_id.label("who")).where(
        Place.record_id == Rank.record_id,
        Place.stage == rule.stage,
        Place.reviewer_id != reviewer_id,
        Place.until > bindparam("now"),
        *_is(Place.is_senior, senior),
    )
    on_it = voted.where(vote.record_id == Rank.record_id)
    under_it = voted.join(Duplicate, Duplicate.record_id == vote.record_id).where(Duplicate.kept_id == Rank.record_id)
    parts = [on_it.correlate(Rank), under_it.correlate(Rank), held.correlate(Rank)]
    if rule.arranged.allocated:
        parts.append(_asked_instead(reviewer_id, rule.stage, senior).correlate(Rank))
    return select(func.count()).select_from(union(*parts).subquery()).scalar_subquery()


def _is(column: ColumnElement[bool] | InstrumentedAttribute[bool], wanted: bool | None) -> list[ColumnElement[bool]]:
    return [] if wanted is None else [column.is_(wanted)]


def _speaks(vote: type[Vote], silent: tuple[int, ...]) -> list[ColumnElement[bool]]:
    return [vote.id.not_in(silent)] if silent else []


def _asked_instead(reviewer_id: int, stage: Stage, senior: bool | None) -> Select[int]:
    """Others to whom the record is allocated, where it is not allocated to this reviewer; their places are kept.

    Not those who left or are barred: their half is anybody's (B8, B12).
    """
    asked, mine = aliased(Assignment), aliased(Assignment)
    is_mine = exists(mine.id).where(
        mine.record_id == asked.record_id,
        mine.stage == stage,
        mine.member_id == reviewer_id,
        mine.ended_by.is_(None),
    )
    bars = select(Bar.id).select_from(Bar).outerjoin(Duplicate, Duplicate.record_id == Bar.record_id)
    barred = bars.where(
        kept_id(Bar.record_id) == asked.record_id, Bar.member_id == asked.member_id, Bar.lifted_at.is_(None)
    ).exists()
    return (
        select(asked.member_id.label("who"))
        .join(Member, Member.id == asked.member_id)
        .where(
            asked.record_id == Rank.record_id,
            asked.stage == stage,
            asked.ended_by.is_(None),
            asked.member_id != reviewer_id,
            Member.left_at.is_(None),
            not_(is_mine),
            not_(barred),
            *_is(asked.is_senior, senior),
        )
    )


def _first_did_not_pass(reviewer_id: int, rule: StageRule, silent: tuple[int, ...]) -> ColumnElement[bool]:
    """The first ballot is handed in and leaves room for a second: an exclusion; at full text an unclear one too.

    Under a single vote with a check an unclear one is a conflict at once, which asks for a settlement, not for a vote.
    """
    vote, stage = aliased(Vote), rule.stage
    asks_on_unclear = stage is Stage.FULL_TEXT and rule.variant is Variant.LIBERAL
    stays_out = [Decision.EXCLUDE, Decision.UNCLEAR] if asks_on_unclear else [Decision.EXCLUDE]
    stayed_out = _on_cluster(
        vote,
        vote.stage == stage,
        vote.reviewer_id != reviewer_id,
        vote.decision.in_(stays_out),
        *_speaks(vote, silent),
        *still_counts(rule.arranged, vote),
        exists().where(HandIn.vote_id == vote.id),
    )
    return or_(*stayed_out)


def _is_not_settled(stage: Stage) -> ColumnElement[bool]:
    """Nobody settled the report, neither on the ranked record nor on one that stands under it."""
    return not_(or_(*_on_cluster(Settlement, Settlement.stage == stage)))


def _is_retrieved() -> ColumnElement[bool]:
    """The newest word on the ranked record, or on one that stands under it, is that its full text is there."""
    newer = aliased(Retrieval)
    stands = newer.withdrawn_at.is_(None)
    is_newest = not_(exists().where(newer.record_id == Retrieval.record_id, newer.id > Retrieval.id, stands))
    said = (Retrieval.found == Found.RETRIEVED, Retrieval.withdrawn_at.is_(None))
    return or_(*_on_cluster(Retrieval, *said, is_newest))


def _take(session: Session, wanted: Select[int, int], limit: int) -> list[Turn]:
    if limit <= 0:
        return []
    rows = session.execute(wanted.order_by(Rank.position).limit(limit), {"now": now()})
    return [Turn(record_id, position) for record_id, position in rows]


def _last_place(session: Session, reviewer: Member, stage: Stage) -> int:
    newest = select(Vote.record_id).where(Vote.reviewer_id == reviewer.id, Vote.stage == stage)
    here = newest.order_by(Vote.id.desc()).limit(1).scalar_subquery()
    return session.scalar(select(Rank.position).where(Rank.record_id == here, Rank.stage == stage)) or 0
