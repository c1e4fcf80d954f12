"""What becomes of votes when two records prove to be one report: which pairs a merge made, and which reports wait."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.records.models import Record
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Retrieval, Vote
from workbench.screening.queries.outcomes import kept_id, standings
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Decision, Outcome

MOST_ASKED = 2
"""How many people's votes make a pair."""


def held_back(session: Session, review_id: int, stage: Stage) -> list[int]:
    """Reports whose full text is not judged for now: of several records, and not included at title and abstract.

    The members stood at different outcomes, or somebody is asked again; the later stage waits until that is settled.
    """
    if stage is Stage.TITLE_ABSTRACT:
        return []
    of_several = list(session.scalars(_sought_of_several(review_id)))
    if not of_several:
        return []
    titles = standings(session, review_id, stage_rule(session, review_id, Stage.TITLE_ABSTRACT), only=of_several)
    return [one.record_id for one in titles if one.outcome is not Outcome.INCLUDED]


def _sought_of_several(review_id: int) -> Select[int]:
    """Kept records of reports that have more than one record, and for whose full text something was done."""
    kept = kept_id(Retrieval.record_id)
    sought = select(kept).select_from(Retrieval).outerjoin(Duplicate, Duplicate.record_id == Retrieval.record_id)
    wanted = select(Duplicate.kept_id).join(Record, Record.id == Duplicate.kept_id)
    return wanted.where(Record.review_id == review_id, Duplicate.kept_id.in_(sought.correlate(None))).distinct()


def met_by_merge(session: Session, kept_ids: Collection[int], stage: Stage) -> set[int]:
    """Of these reports, those whose voters met by a merge: two people voted, and no record of it has two votes.

    They are a pair for the outcome, and no pair for agreement: neither saw what the other saw.
    """
    said: dict[int, dict[int, set[int]]] = {}
    for kept, record_id, reviewer_id in session.execute(_who_voted_where(kept_ids, stage)):
        said.setdefault(kept, {}).setdefault(record_id, set()).add(reviewer_id)
    return {kept for kept, by_record in said.items() if are_spread(list(by_record.values()))}


def are_spread(voters: Sequence[set[int]]) -> bool:
    """Whether two people or more, given by the record they voted on, are a pair only since the records were joined."""
    together = set[int]().union(*voters)
    return len(together) >= MOST_ASKED and all(len(some) < MOST_ASKED for some in voters)


def _who_voted_where(kept_ids: Collection[int], stage: Stage) -> Select[int, int, int]:
    """Handed-in votes on the records of these reports."""
    members = select(Duplicate.record_id).where(Duplicate.kept_id.in_(kept_ids))
    return (
        select(kept_id(Vote.record_id), Vote.record_id, Vote.reviewer_id)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == stage,
            Vote.decision != Decision.WITHDRAWN,
            Vote.record_id.in_(kept_ids) | Vote.record_id.in_(members.correlate(None)),
        )
    )
