"""Whose turn it is: the records that wait for one reviewer, read on from the last place in the order."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
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
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Bar, HandIn, Place, Postponement, Rank, Removal, Retrieval, Settlement, Vote
from workbench.screening.queries.outcomes import kept_id, settled_records
from workbench.screening.queries.wishes import fits
from workbench.screening.rules import Ballot, Decision, Found, Origin, StageRule, Variant, Wish

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

    What one has put off comes last, in the order in which one did. A wish leaves those that it looks for.
    Nothing here depends on what another voted, only on whether a vote or a place is taken (B1, B7).
    """
    again = [
        Turn(record_id, 0, is_asked_again=True)
        for record_id in asked_again(session, reviewer, rule.stage)
        if record_id not in skip and not wish
    ]
    wanted = _waiting(reviewer.review_id, reviewer.id, rule).where(Rank.record_id.not_in(skip) if skip else true())
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
    wanted = _waiting(reviewer.review_id, reviewer.id, rule).where(Rank.record_id.not_in(skip) if skip else true())
    waiting = (wanted.where(fits(wish)) if wish else wanted).subquery()
    n = session.scalar(select(func.count()).select_from(waiting), {"now": now()}) or 0
    return n if wish else n + len(set(asked_again(session, reviewer, rule.stage)).difference(skip))


def still_wait(session: Session, reviewer: Member, rule: StageRule, record_ids: Sequence[int]) -> set[int]:
    """Those of these records that still wait for this reviewer."""
    wanted = _waiting(reviewer.review_id, reviewer.id, rule).where(Rank.record_id.in_(record_ids))
    waiting = {turn.record_id for turn in _take(session, wanted, len(record_ids))}
    return waiting | set(asked_again(session, reviewer, rule.stage)).intersection(record_ids)


def asked_again(session: Session, reviewer: Member, stage: Stage, only: Sequence[int] = ()) -> list[int]:
    """Kept records on which this person's own handed-in votes differ, since two records proved to be one report.

    Only clusters in which this person voted on a record that now stands under another can hold two answers. What led
    to a settlement is not asked again: whether the settlement still stands is for those who settle. `only` names the
    clusters that are asked about; without it all are.
    """
    voted_in = _clusters_voted_in(reviewer.id, stage)
    clusters = list(session.scalars(voted_in.where(Duplicate.kept_id.in_(only)) if only else voted_in))
    if not clusters:
        return []
    said: dict[int, set[str]] = {}
    done = set()
    settled = settled_records(session, reviewer.review_id, stage, clusters)
    for kept, vote in session.execute(_own_votes(reviewer.id, stage), {"clusters": clusters}):
        if vote.record_id in settled:
            continue
        said.setdefault(kept, set()).add(ballot_of(vote).says(stage))
        if vote.origin is Origin.ASKED_AGAIN:
            done.add(kept)
    return sorted(kept for kept, ballots in said.items() if len(ballots) > 1 and kept not in done)


def ballot_of(vote: Vote) -> Ballot:
    """A stored vote as a ballot."""
    return Ballot(
        vote.decision,
        vote.reason_id,
        tuple((vote.questions or "").split()),
        vote.design,
        vote.note,
        vote.private_note,
        tuple(vote.tags or ()),
    )


@lru_cache(maxsize=KNOWN)
def _clusters_voted_in(reviewer_id: int, stage: Stage) -> Select[int]:
    """Kept records that stand for another one this person voted on; from the few duplicates, not the many votes."""
    voted = exists(Vote.id).where(Vote.record_id == Duplicate.record_id, Vote.reviewer_id == reviewer_id,
                                  Vote.stage == stage)  # fmt: skip
    return select(Duplicate.kept_id).where(voted).distinct()


@lru_cache(maxsize=KNOWN)
def _own_votes(reviewer_id: int, stage: Stage) -> Select[int, Vote]:
    """Handed-in votes, also those that an answer to being asked again supersedes, and that answer, in hand or not."""
    kept = kept_id(Vote.record_id)
    clusters: BindParameter[list[int]] = bindparam("clusters", expanding=True)
    answer = and_(Vote.origin == Origin.ASKED_AGAIN, is_current(Vote))
    members = select(Duplicate.record_id).where(Duplicate.kept_id.in_(clusters))
    return (
        select(kept, Vote)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.reviewer_id == reviewer_id,
            Vote.stage == stage,
            Vote.decision != Decision.WITHDRAWN,
            or_(Vote.record_id.in_(clusters), Vote.record_id.in_(members.correlate(None))),
            or_(exists(HandIn.id).where(HandIn.vote_id == Vote.id), answer),
        )
    )


def is_current(vote: type[Vote]) -> ColumnElement[bool]:
    """No newer vote of the same person supersedes it."""
    newer = aliased(Vote)
    return not_(exists(newer.id).where(newer.supersedes_id == vote.id))


@lru_cache(maxsize=KNOWN)
def _waiting(review_id: int, reviewer_id: int, rule: StageRule) -> Select[int, int]:
    """Records in the order of the stage that this reviewer has not voted on and for which there is room."""
    wanted = (
        select(Rank.record_id, Rank.position)
        .join(Record, Record.id == Rank.record_id)
        .join(Import, Import.id == Record.import_id)
        .where(
            Rank.review_id == review_id,
            Rank.stage == rule.stage,
            not_(_has_own_vote(reviewer_id, rule.stage)),
            Import.completed_at.is_not(None),
            Import.taken_back_at.is_(None),
            not_(exists().where(Duplicate.record_id == Rank.record_id)),
            not_(exists().where(Removal.record_id == Rank.record_id)),
            not_(_is_settled(rule.stage)),
            Rank.record_id.not_in(_barred(reviewer_id)),
            _has_room(reviewer_id, rule),
        )
    )
    return wanted.where(_is_retrieved()) if rule.stage is Stage.FULL_TEXT else wanted


def _barred(reviewer_id: int) -> Select[int]:
    """The kept records that this reviewer does not vote on; a bar holds for the whole cluster (B12)."""
    wanted = select(kept_id(Bar.record_id)).select_from(Bar).outerjoin(Duplicate, Duplicate.record_id == Bar.record_id)
    return wanted.where(Bar.member_id == reviewer_id, Bar.lifted_at.is_(None)).correlate(None)


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


def _in_cluster(column: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """The column names the ranked record or one that stands under it."""
    members = select(Duplicate.record_id).where(Duplicate.kept_id == Rank.record_id)
    return or_(column == Rank.record_id, column.in_(members.correlate(Rank)))


def _has_own_vote(reviewer_id: int, stage: Stage) -> ColumnElement[bool]:
    mine = aliased(Vote)
    newer = aliased(Vote)
    own = (
        mine.reviewer_id == reviewer_id,
        mine.stage == stage,
        mine.decision != Decision.WITHDRAWN,
        not_(exists(newer.id).where(newer.supersedes_id == mine.id)),
    )
    voted_on_it = exists(mine.id).where(mine.record_id == Duplicate.record_id, *own)
    on_member = exists(Duplicate.id).where(Duplicate.kept_id == Rank.record_id, voted_on_it)
    return or_(exists(mine.id).where(mine.record_id == Rank.record_id, *own), on_member)


def _has_room(reviewer_id: int, rule: StageRule) -> ColumnElement[bool]:
    """Whether fewer others have voted or hold a place than votes are asked (B7).

    Where one passing ballot is enough, the second place opens once the first ballot is handed in and did not pass.
    """
    others = _others(reviewer_id, rule.stage)
    if rule.variant is Variant.FULL_DUAL:
        return others < 2
    if rule.variant is Variant.SINGLE:
        return others < 1
    second = and_(others < 2, _first_did_not_pass(reviewer_id, rule.stage))
    return or_(others < 1, and_(second, Rank.is_checked) if rule.variant is Variant.SINGLE_PLUS_CHECK else second)


def _others(reviewer_id: int, stage: Stage) -> ColumnElement[int]:
    vote, newer = aliased(Vote), aliased(Vote)
    voted = select(vote.reviewer_id.label("who")).where(
        _in_cluster(vote.record_id),
        vote.stage == stage,
        vote.reviewer_id != reviewer_id,
        vote.decision != Decision.WITHDRAWN,
        not_(exists(newer.id).where(newer.supersedes_id == vote.id)),
    )
    held = select(Place.reviewer_id.label("who")).where(
        Place.record_id == Rank.record_id,
        Place.stage == stage,
        Place.reviewer_id != reviewer_id,
        Place.until > bindparam("now"),
    )
    taken = union(voted.correlate(Rank), held.correlate(Rank)).subquery()
    return select(func.count()).select_from(taken).scalar_subquery()


def _first_did_not_pass(reviewer_id: int, stage: Stage) -> ColumnElement[bool]:
    vote = aliased(Vote)
    stays_out = [Decision.EXCLUDE] if stage is Stage.TITLE_ABSTRACT else [Decision.EXCLUDE, Decision.UNCLEAR]
    return exists().where(
        _in_cluster(vote.record_id),
        vote.stage == stage,
        vote.reviewer_id != reviewer_id,
        vote.decision.in_(stays_out),
        exists().where(HandIn.vote_id == vote.id),
    )


def _is_settled(stage: Stage) -> ColumnElement[bool]:
    """Somebody settled the report, on the ranked record or on one that stands under it."""
    on_it = exists(Settlement.id).where(Settlement.record_id == Rank.record_id, Settlement.stage == stage)
    settled = exists(Settlement.id).where(Settlement.record_id == Duplicate.record_id, Settlement.stage == stage)
    return or_(on_it, exists(Duplicate.id).where(Duplicate.kept_id == Rank.record_id, settled))


def _is_retrieved() -> ColumnElement[bool]:
    """The newest word on the ranked record, or on one that stands under it, is that its full text is there."""
    newer = aliased(Retrieval)
    return exists().where(
        _in_cluster(Retrieval.record_id),
        Retrieval.found == Found.RETRIEVED,
        not_(exists().where(newer.record_id == Retrieval.record_id, newer.id > Retrieval.id)),
    )


def _take(session: Session, wanted: Select[int, int], limit: int) -> list[Turn]:
    if limit <= 0:
        return []
    rows = session.execute(wanted.order_by(Rank.position).limit(limit), {"now": now()})
    return [Turn(record_id, position) for record_id, position in rows]


def _last_place(session: Session, reviewer: Member, stage: Stage) -> int:
    newest = select(Vote.record_id).where(Vote.reviewer_id == reviewer.id, Vote.stage == stage)
    here = newest.order_by(Vote.id.desc()).limit(1).scalar_subquery()
    return session.scalar(select(Rank.position).where(Rank.record_id == here, Rank.stage == stage)) or 0
