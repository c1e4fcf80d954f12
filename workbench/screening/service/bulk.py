"""Voting on a filtered list at once: one's own votes on titles and abstracts, marked, in hand, undone as a whole."""

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import VotedInBulk
from workbench.screening.models import Bulk
from workbench.screening.queries import desk as queries
from workbench.screening.queries import queue, votes
from workbench.screening.rules import MOST_IN_BULK, Ballot, Decision, Wish
from workbench.screening.service import voting
from workbench.words import _


class NotInBulk(Invalid):
    """Only a filtered list of titles and abstracts, of at most two hundred, is voted on at once."""

    hint = "Filter further until the list is short enough to be looked through."


class ListMoved(Clash):
    """What is voted on at once is what was confirmed: each record still waits for this reviewer."""

    hint = "Look at the list and its sample again."


def vote_in_bulk(
    session: Session, reviewer: Member, stage: Stage, record_ids: Sequence[int], wish: Wish, ballot: Ballot, key: str
) -> Bulk:
    """Put the same ballot on each of these records, in hand until handed in; the same key twice is one list."""
    allowed(reviewer.roles, Deed.VOTE, stage)
    sent = queries.bulk_by_key(session, reviewer, key)
    if sent is not None:
        return sent
    _check(session, reviewer, stage, record_ids, wish, ballot)
    bulk = Bulk(reviewer_id=reviewer.id, stage=stage, wish=wish.parts(), idempotency_key=key, cast_at=now())
    session.add(bulk)
    session.flush()
    voting.cast_in_bulk(session, reviewer, record_ids, ballot, bulk)
    said = text_hash(json.dumps(wish.parts(), sort_keys=True))
    audit.record(session, reviewer.review_id, reviewer.id, VotedInBulk(stage.value, len(record_ids), said))
    session.flush()
    return bulk


def take_back(session: Session, reviewer: Member, stage: Stage, bulk_id: int) -> int:
    """Take back the votes of a list that are still in hand; returns how many."""
    given = queries.in_hand_of_bulk(session, reviewer, stage, bulk_id)
    voting.withdraw_bulk(session, reviewer, stage, given)
    return len(given)


def _check(
    session: Session, reviewer: Member, stage: Stage, record_ids: Sequence[int], wish: Wish, ballot: Ballot
) -> None:
    if stage is not Stage.TITLE_ABSTRACT or not wish or ballot.decision is Decision.WITHDRAWN:
        raise NotInBulk(_("Only a filtered list of titles and abstracts can be voted on at once."))
    if not 0 < len(record_ids) <= MOST_IN_BULK or len(set(record_ids)) < len(record_ids):
        raise NotInBulk(_("At most %(n)s records can be voted on at once.", n=MOST_IN_BULK))
    rule = votes.stage_rule(session, reviewer.review_id, stage)
    if queue.still_wait(session, reviewer, rule, record_ids) != set(record_ids):
        raise ListMoved(_("Some of these records do not wait for you any more, so no vote was taken."))
