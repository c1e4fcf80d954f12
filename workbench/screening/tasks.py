"""Long work that screening has a part in: the search for duplicates, large allocations, the hand-in after a day."""

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from workbench.db import Sessions
from workbench.deduplication import service as deduplication
from workbench.files.formats import Limits, Reader, Reading, State
from workbench.jobs.service import Work
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.queries import sent
from workbench.screening.queries import votes as queries
from workbench.screening.rules.allocation import Wish
from workbench.screening.service import allocation, stages, voting
from workbench.screening.service import sent as sending


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


def match_full_texts(work: Work, limits: Limits | None = None) -> dict[str, int]:
    """Read the files that were sent to a review one after the other, and find the report of each.

    Each file is placed in a transaction of its own with the progress, so that a killed worker loses nothing. Files that
    are sent meanwhile are read too.

    Returns:
        How many files were read, and how many of them were attached.
    """
    review_id, read, attached = _review_of(work), 0, 0
    with Reader(limits) as reader:
        while waiting := _unread(work, review_id):
            with work.sessions.read() as session:
                sought = sent.sought(session, review_id)
            for place, (pdf_id, sha256) in enumerate(waiting, start=1):
                found = _opened(work, reader, sha256)
                with work.step(read + 1, read + 1 + len(waiting) - place) as session:
                    row = sending.place(session, pdf_id, found, sought)
                    taken = row.record_id if row else None
                read, attached = read + 1, attached + (taken is not None)
                sought = [replace(one, has_file=True) if one.record_id == taken else one for one in sought]
    return {"read": read, "attached": attached}


def _unread(work: Work, review_id: int) -> list[tuple[int, str]]:
    with work.sessions.read() as session:
        return [(one.id, one.sha256) for one in sent.unread(session, review_id) if one.sha256]


def _opened(work: Work, reader: Reader, sha256: str) -> Reading:
    """What is in a file of the store; a file that the store lost is damaged."""
    try:
        with work.files.open(sha256) as file:
            return reader.read(file)
    except FileNotFoundError:
        return Reading(State.BROKEN)


def hand_in_after_a_day(sessions: Sessions) -> int:
    """Write the hand-in of every vote that has been in hand for a day, in all reviews; returns how many."""
    with sessions.write.begin() as session:
        return voting.hand_in_after_a_day(session)


def _review_of(work: Work) -> int:
    if work.review_id is None:
        raise ValueError("a search for duplicates belongs to a review")
    return work.review_id
