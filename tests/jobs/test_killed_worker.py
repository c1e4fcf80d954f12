"""A worker that is killed outright loses nothing: a real process, a real import, kill -9 in the middle."""

import random
import signal

import pytest
from sqlalchemy import func, select

from tests.factories import a_review, a_run, the_lead
from tests.workers import a_worker, wait_until
from workbench.db import open_sessions
from workbench.files.stores import FolderStore
from workbench.jobs.rules import State
from workbench.records import service as records
from workbench.records.models import Record


def an_export(n: int) -> bytes:
    return "".join(
        f"TY  - JOUR\nTI  - Vertebroplasty for painful metastases, series {i}\nAU  - Holm, K\nPY  - 2014\nER  - \n\n"
        for i in range(n)
    ).encode()


def kill_and_resume(home, url, n, kills, seed):
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        review = a_review(session)
        _found, job = records.start_import(
            session,
            FolderStore(home / "files"),
            the_lead(session, review),
            a_run(session, review).id,
            "export.ris",
            an_export(n),
        )
        review_id, job_id = review.id, job.id
    draw = random.Random(seed)
    for _ in range(kills):
        worker = a_worker(home, url)
        start = wait_until(sessions, job_id, lambda job: job.owner).done
        goal = start + draw.randint(1, max(1, n // (kills * 2)))
        wait_until(sessions, job_id, lambda job, goal=goal: job.done >= goal or job.finished_at)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    worker = a_worker(home, url)
    try:
        job = wait_until(sessions, job_id, lambda job: job.finished_at)
    finally:
        worker.terminate()
        worker.wait()
    with sessions.read() as session:
        numbers = session.scalars(
            select(Record.number).where(Record.review_id == review_id).order_by(Record.number)
        ).all()
        assert session.scalar(select(func.count()).select_from(Record)) == n
    assert job.state is State.DONE and list(numbers) == list(range(1, n + 1))


def test_an_import_whose_worker_is_killed_ends_with_every_record_once(sqlite_url, tmp_path):
    kill_and_resume(tmp_path, sqlite_url, n=4000, kills=1, seed=2026)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_an_import_whose_workers_are_killed_again_and_again_ends_with_every_record_once(url, tmp_path, seed):
    kill_and_resume(tmp_path, url, n=20_000, kills=3, seed=seed)
