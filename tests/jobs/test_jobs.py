"""Long work: claimed once, resumed where it stopped, taken over when its worker is gone."""

import time

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from workbench.db import now
from workbench.errors import Invalid
from workbench.files.models import StoredFile
from workbench.files.stores import FolderStore
from workbench.jobs import queries, service
from workbench.jobs.models import Job
from workbench.jobs.rules import MOST_ATTEMPTS, State, Watch
from workbench.jobs.tasks import Worker


@pytest.fixture
def files(tmp_path):
    return FolderStore(tmp_path / "files")


def a_job(sessions, **payload):
    with sessions.write.begin() as session:
        return service.submit(session, "count", payload, total=5).id


def state(sessions, job_id):
    with sessions.read() as session:
        job = session.get_one(Job, job_id)
        return job.state, job.done, job.failure


def count_to_five(work):
    """Write one row a step, each together with its progress."""
    while work.done < 5:
        with work.step(work.done + 1, 5) as session:
            session.add(
                StoredFile(sha256=f"{work.done:064d}", size=work.done, media_type="text/plain", stored_at=now())
            )
    return {"counted": 5}


def test_a_job_runs_to_its_end_and_keeps_its_result(sessions, files):
    job_id = a_job(sessions)

    assert service.run(sessions, files, {"count": count_to_five}, job_id, "me")

    assert state(sessions, job_id) == (State.DONE, 5, None)


def test_a_job_that_somebody_holds_is_not_done_twice(sessions, files):
    job_id = a_job(sessions)
    with sessions.write.begin() as session:
        assert service.claim(session, job_id, "somebody")

    assert not service.run(sessions, files, {"count": count_to_five}, job_id, "me")


def test_a_job_whose_worker_died_goes_on_where_it_stopped(sessions, files):
    job_id = a_job(sessions)

    def die_in_the_third_step(work):
        for place in (1, 2, 3):
            with work.step(place, 5) as session:
                session.add(StoredFile(sha256=f"{place - 1:064d}", size=1, media_type="text/plain", stored_at=now()))
                if place == 3:
                    raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.run(sessions, files, {"count": die_in_the_third_step}, job_id, "dead")
    with sessions.read() as session:
        beat = session.get_one(Job, job_id).beat
    assert service.run(sessions, files, {"count": count_to_five}, job_id, "me", gone_at=beat)

    assert state(sessions, job_id) == (State.DONE, 5, None)
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 5


def test_a_worker_whose_job_was_taken_over_writes_nothing_more(sessions, files):
    job_id = a_job(sessions)

    def lose_it(work):
        with sessions.write.begin() as session:
            session.get_one(Job, job_id).owner = "another"
        with work.step(1, 5) as session:
            session.add(StoredFile(sha256="f" * 64, size=1, media_type="text/plain", stored_at=now()))

    service.run(sessions, files, {"count": lose_it}, job_id, "me")

    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert state(sessions, job_id)[0] is State.RUNNING


def test_a_failure_says_what_happened_and_what_to_do(sessions, files):
    class Unreadable(Invalid):
        hint = "Export it again."

    def fail(_work):
        raise Unreadable("The file is empty.")

    job_id = a_job(sessions)
    service.run(sessions, files, {"count": fail}, job_id, "me")

    assert state(sessions, job_id) == (State.FAILED, 0, "The file is empty. Export it again.")


def test_a_fault_of_ours_is_told_without_its_innards(sessions, files):
    job_id = a_job(sessions)

    service.run(sessions, files, {"count": lambda _work: 1 / 0}, job_id, "me")

    found, _done, failure = state(sessions, job_id)
    assert found is State.FAILED and "on our side" in failure and "division" not in failure


def test_what_follows_is_submitted_with_the_end_of_a_job(sessions, files):
    job_id = a_job(sessions)

    service.run(
        sessions,
        files,
        {"count": count_to_five},
        job_id,
        "me",
        after={"count": lambda session, _work: service.submit(session, "next", {})},
    )

    with sessions.read() as session:
        assert [job.kind for job in queries.unfinished(session)] == ["next"]


def test_a_job_that_five_workers_died_on_is_left_alone(sessions):
    job_id = a_job(sessions)
    with sessions.write.begin() as session:
        session.get_one(Job, job_id).attempts = MOST_ATTEMPTS

    with sessions.write.begin() as session:
        assert not service.claim(session, job_id, "me")


def test_the_watch_calls_a_worker_gone_only_after_the_same_beat_for_the_whole_lease():
    watch = Watch(lease=10)

    assert not watch.is_gone(1, beat=4, at=100)
    assert not watch.is_gone(1, beat=4, at=109)
    assert not watch.is_gone(1, beat=5, at=111)
    assert not watch.is_gone(1, beat=5, at=120)
    assert watch.is_gone(1, beat=5, at=121)


def test_a_sweep_does_jobs_that_were_never_queued(sessions, files):
    job_id = a_job(sessions)

    Worker(sessions, files, {"count": count_to_five}, {}, lease=1).sweep(Watch(1))

    assert state(sessions, job_id)[0] is State.DONE


def test_a_database_that_is_busy_for_a_moment_costs_one_beat_and_not_the_heart(sessions, files, monkeypatch):
    job_id, beats = a_job(sessions), []
    hold = service.Work._hold

    def busy_at_first(work, session, **values):
        beats.append(values)
        if len(beats) == 1:
            raise OperationalError("UPDATE job", {}, Exception("database is locked"))
        hold(work, session, **values)

    monkeypatch.setattr(service.Work, "_hold", busy_at_first)

    def wait_for_beats(work):
        until = time.monotonic() + 10
        while len(beats) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        return len(beats)

    assert service.run(sessions, files, {"count": wait_for_beats}, job_id, "me", beat_seconds=0.01)

    assert len(beats) > 2 and state(sessions, job_id)[0] is State.DONE
