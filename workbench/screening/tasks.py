"""Long work that screening has a part in: the search for duplicates, large allocations, the hand-in after a day."""

from typing import Any

from sqlalchemy.orm import Session

from workbench.db import Sessions
from workbench.deduplication import service as deduplication
from workbench.jobs.service import Work
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.queries import votes as queries
from workbench.screening.rules.allocation import Wish
from workbench.screening.service import allocation, stages, voting


def find_duplicates(work: Work) -> dict[str, Any]:
    """Search a review for duplicates, then give new records their place at the stages that were opened.

    Clusters that hold a vote stay together: only a person parts them.

    Returns:
        What the search found, and under "ranked" how many records got a place at each stage that was opened.
    """
    review_id = _review_of(work)

    def together(session: Session) -> list[set[int]]:
        return queries.clusters_with_votes(session, review_id)

    found = deduplication.run_job(work, together)
    with work.step(work.done, work.done) as session:
        opened = [stage for stage in Stage if queries.last_event(session, review_id, stage)]
        ranked = {stage.value: stages.rank(session, review_id, stage) for stage in opened}
    return {**found, "ranked": ranked}


def allocate(work: Work) -> dict[str, Any]:
    """Make an allocation as the lead saw it in the draft, all of it or nothing; how many records it gave."""
    wish, seen = Wish.from_json(work.payload["wish"]), work.payload["seen"]
    with work.step(seen, seen) as session:
        lead = session.get_one(Member, work.started_by)
        made = allocation.allocate(session, lead, Stage(work.payload["stage"]), wish, seen, work.payload.get("key"))
        return {"allocation_id": made.id, "records": seen}


def hand_in_after_a_day(sessions: Sessions) -> int:
    """Write the hand-in of every vote that has been in hand for a day, in all reviews; returns how many."""
    with sessions.write.begin() as session:
        return voting.hand_in_after_a_day(session)


def _review_of(work: Work) -> int:
    if work.review_id is None:
        raise ValueError("a search for duplicates belongs to a review")
    return work.review_id
