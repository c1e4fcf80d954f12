"""Who is asked again: a person whose own votes differ on two records that proved to be one report."""

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import BindParameter, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication.models import Duplicate
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Bar, HandIn, Vote
from workbench.screening.queries.ballots import ballot_of, is_current
from workbench.screening.queries.outcomes import kept_id, settled_records
from workbench.screening.queries.votes import voters_of
from workbench.screening.rules import Decision, Origin, StageRule, is_history

KNOWN = 512
"""Questions to the database that are kept as asked, since building one takes longer than its answer."""


def asked_again(session: Session, reviewer: Member, rule: StageRule, only: Sequence[int] = ()) -> list[int]:
    """Kept records on which this person's own handed-in votes differ, since two records proved to be one report.

    Only clusters in which this person voted on a record that now stands under another can hold two answers. What led
    to a settlement is not asked again: whether the settlement still stands is for those who settle. Neither are pilot
    votes that are history. `only` names the clusters that are asked about; without it all are.
    """
    stage = rule.stage
    voted_in = _clusters_voted_in(reviewer.id, stage)
    clusters = list(session.scalars(voted_in.where(Duplicate.kept_id.in_(only)) if only else voted_in))
    if not clusters:
        return []
    said: dict[int, set[str]] = {}
    done = set()
    settled = settled_records(session, reviewer.review_id, stage, clusters)
    for kept, vote in session.execute(_own_votes(reviewer.id, stage), {"clusters": clusters}):
        if vote.record_id in settled or is_history(vote.origin, vote.protocol_version_id, rule.arranged):
            continue
        said.setdefault(kept, set()).add(ballot_of(vote).says(stage))
        if vote.origin is Origin.ASKED_AGAIN:
            done.add(kept)
    return sorted(kept for kept, ballots in said.items() if len(ballots) > 1 and kept not in done)


def to_answer(session: Session, reviewer: Member, rule: StageRule) -> list[int]:
    """The kept records on which this person is asked again and can answer: a barred person is not asked (B12)."""
    found = asked_again(session, reviewer, rule)
    return sorted(set(found).difference(session.scalars(barred_from(reviewer.id)))) if found else []


def silent_votes(session: Session, review_id: int, rule: StageRule) -> tuple[int, ...]:
    """Ids of votes that count nowhere and that nobody will answer for: their author is to be asked again, and barred.

    Such a person takes no place on the record: the vote goes to another (B12). The place is free once as many have
    handed in as are asked: then everybody sees that the record stays open, and its being offered tells nothing (B1).
    """
    found: list[int] = []
    asked = rule.most_votes if rule.is_independent else 1
    for who, kept in session.execute(_barred_from_clusters(review_id)).all():
        is_asked = bool(asked_again(session, session.get_one(Member, who), rule, only=[kept]))
        if is_asked and len(voters_of(session, [kept], rule.stage)[kept]) >= asked:
            votes = session.execute(_own_votes(who, rule.stage), {"clusters": [kept]})
            found += [vote.id for _kept, vote in votes]
    return tuple(sorted(found))


def barred_from(reviewer_id: int) -> Select[int]:
    """The kept records that this person does not vote on; a bar holds for the whole cluster (B12)."""
    wanted = select(kept_id(Bar.record_id)).select_from(Bar).outerjoin(Duplicate, Duplicate.record_id == Bar.record_id)
    return wanted.where(Bar.member_id == reviewer_id, Bar.lifted_at.is_(None)).correlate(None)


@lru_cache(maxsize=KNOWN)
def _barred_from_clusters(review_id: int) -> Select[int, int]:
    """Who is barred from which report of several records."""
    under = aliased(Duplicate)
    kept = kept_id(Bar.record_id)
    return (
        select(Bar.member_id, kept)
        .join(Member, Member.id == Bar.member_id)
        .outerjoin(Duplicate, Duplicate.record_id == Bar.record_id)
        .where(Member.review_id == review_id, Bar.lifted_at.is_(None), exists(under.id).where(under.kept_id == kept))
        .distinct()
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
