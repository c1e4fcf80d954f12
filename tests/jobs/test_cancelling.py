"""Work that is cancelled stops at its next step, and nothing of that step is written."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.factories import a_review, the_lead
from tests.jobs.test_jobs import count_to_five
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.files.models import StoredFile
from workbench.files.stores import FolderStore
from workbench.jobs import service
from workbench.jobs.models import Job
from workbench.jobs.rules import State, seconds_left


@pytest.fixture
def files(tmp_path):
    return FolderStore(tmp_path / "files")


@pytest.fixture
def job_id(sessions):
    with sessions.write.begin() as session:
        review = a_review(session)
        return service.submit(session, "count", {}, review_id=review.id, total=5).id


def cancel(sessions, job_id):
    with sessions.write.begin() as session:
        job = session.get_one(Job, job_id)
        service.cancel(session, job, 1)


def test_a_worker_notices_at_its_next_step_and_writes_nothing_more(sessions, files, job_id):
    def cancelled_after_two(work):
        for done in (1, 2):
            with work.step(done, 5) as session:
                session.add(StoredFile(sha256=f"{done:064d}", size=1, media_type="text/plain", stored_at=now()))
        cancel(sessions, job_id)
        return count_to_five(work)

    assert service.run(sessions, files, {"count": cancelled_after_two}, job_id, "me")

    with sessions.read() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.done, job.failure, job.result) == (State.CANCELLED, 2, None, None)
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 2
        assert session.scalars(select(AuditEntry.event)).all().count("jobs:job:cancelled") == 1


def test_work_that_waits_is_cancelled_and_never_begun(sessions, files, job_id):
    cancel(sessions, job_id)

    assert not service.run(sessions, files, {"count": count_to_five}, job_id, "me")


def test_work_that_is_over_cannot_be_cancelled(sessions, files, job_id):
    service.run(sessions, files, {"count": count_to_five}, job_id, "me")

    with pytest.raises(service.AlreadyOver):
        cancel(sessions, job_id)


def test_cancelled_work_has_no_result(session):
    review = a_review(session)
    job = service.submit(session, "count", {}, review_id=review.id)
    service.cancel(session, job, the_lead(session, review).id)
    job.result = {"counted": 5}

    with pytest.raises(IntegrityError):
        session.flush()


def test_how_long_it_takes_is_told_only_once_something_is_done():
    assert [seconds_left(done, 10, 4.0) for done in (0, 2, 10)] == [None, 16, None]
