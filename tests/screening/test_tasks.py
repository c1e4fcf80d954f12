"""Work of screening that nobody waits for at a page."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_member, a_record, a_review, a_vote, open_stage
from workbench.db import Sessions, now
from workbench.deduplication.models import Duplicate
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.jobs.tasks import Worker
from workbench.records.models import Record
from workbench.reviews.models import Review
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Rank
from workbench.screening.rules import HandedInBy
from workbench.screening.service import stages
from workbench.screening.tasks import find_duplicates, hand_in_after_a_day

SAME = {
    "title": "Balloon kyphoplasty for painful metastases: a trial",
    "year": 2011,
    "doi": "10.1000/spine.1",
    "authors": ["Berenson J", "Pflugmacher R"],
    "journal": "Lancet Oncology",
    "volume": "12",
    "pages": "225-235",
}


def _submitted(sessions: Sessions, *, opened: bool) -> tuple[int, int]:
    """A review with two records of one report and one other, and the job on the list."""
    with sessions.write.begin() as session:
        review = a_review(session)
        if opened:
            open_stage(session, review)
        for values in (SAME, SAME, {}):
            a_record(session, review, **values)
        job = jobs.submit(session, "deduplication:run", {}, review_id=review.id, started_by=None)
        return review.id, job.id


def _done(sessions: Sessions, folder: Path, job_id: int) -> Job:
    store = FolderStore(folder)
    assert jobs.run(sessions, store, {"deduplication:run": find_duplicates}, job_id, "a worker")
    with sessions.read() as session:
        return session.get_one(Job, job_id)


def test_after_the_search_new_records_have_a_place_at_a_stage_that_was_opened(sessions, tmp_path):
    review_id, job_id = _submitted(sessions, opened=True)

    job = _done(sessions, tmp_path, job_id)

    assert job.failure is None and job.result["ranked"] == {"title-abstract": 3}
    with sessions.read() as session:
        assert len(session.scalars(select(Duplicate.id)).all()) == 1
        places = session.scalars(select(Rank.position).where(Rank.review_id == review_id).order_by(Rank.position)).all()
    assert places == [1, 2, 3]


def test_no_order_is_drawn_before_a_stage_opens(sessions, tmp_path):
    _review_id, job_id = _submitted(sessions, opened=False)

    assert _done(sessions, tmp_path, job_id).result["ranked"] == {}


def test_a_cluster_with_a_vote_stays_together_when_duplicates_are_searched_again(sessions, tmp_path):
    review_id, job_id = _submitted(sessions, opened=True)
    _done(sessions, tmp_path, job_id)
    with sessions.write.begin() as session:
        joined = session.scalars(select(Duplicate)).one()
        kept, other = session.get_one(Record, joined.kept_id), session.get_one(Record, joined.record_id)
        a_vote(session, a_member(session, session.get_one(Review, review_id)), kept)
        other.title, other.doi, other.authors, other.journal = "Something else", "10.1/other", ["Xu A"], "Pain"
        again = jobs.submit(session, "deduplication:run", {}, review_id=review_id, started_by=None).id

    _done(sessions, tmp_path, again)

    with sessions.read() as session:
        assert session.scalars(select(Duplicate.record_id)).all() == [other.id]


def test_the_worker_hands_in_what_has_been_in_hand_for_a_day(sessions, tmp_path):
    with time_machine.travel(now() - timedelta(days=2)), sessions.write.begin() as session:
        review = a_review(session)
        open_stage(session, review)
        a_vote(session, a_member(session, review), a_record(session, review), in_hand=True)

    Worker(sessions, FolderStore(tmp_path), {}, {}, chores=(hand_in_after_a_day,)).do_chores()

    with sessions.read() as session:
        assert session.scalars(select(HandIn.how)).all() == [HandedInBy.DAY]


def test_a_chore_that_fails_keeps_no_other_from_being_done(sessions, tmp_path, caplog):
    done = []
    fails: Callable[[Sessions], object] = lambda _sessions: 1 / 0  # noqa: E731

    Worker(sessions, FolderStore(tmp_path), {}, {}, chores=(fails, done.append)).do_chores()

    assert done == [sessions] and "a chore failed" in caplog.text


@pytest.mark.parametrize("stage", Stage)
def test_ranking_twice_gives_each_record_one_place(session, stage):
    review = a_review(session)
    a_record(session, review)
    open_stage(session, review, stage)
    assert stages.rank(session, review.id, stage) == 0
    a_record(session, review)
    assert stages.rank(session, review.id, stage) == 1
