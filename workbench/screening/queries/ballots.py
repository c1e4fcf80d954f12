"""Stored votes as ballots, and which of one person's votes on a record is the one that stands."""

from sqlalchemy import ColumnElement, exists, not_
from sqlalchemy.orm import aliased

from workbench.screening.models import Vote
from workbench.screening.rules import Ballot


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
        vote.page,
        vote.quote,
        vote.quoted_from,
        is_senior=vote.is_senior,
    )


def is_current(vote: type[Vote]) -> ColumnElement[bool]:
    """No newer vote of the same person supersedes it."""
    newer = aliased(Vote)
    return not_(exists(newer.id).where(newer.supersedes_id == vote.id))
