"""The main job at size: the cardiac set (8,948 records) imported, deduplicated and screened by two people, then counted.

    python -m tests.benchmarks.size [RECORDS.csv.gz]

Prints a table: what, seconds or milliseconds, the bar. Whole process, SQLite, on the machine it runs on.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import PASSWORD, a_member, a_person, a_review, a_run
from workbench import db
from workbench.app import create_app, create_worker, database_of
from workbench.jobs.rules import Watch
from workbench.records import service as records
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import stages, voting

SET = Path(os.environ.get("WORKBENCH_TEST_DATA", "../shared/data")) / "duplicates/cardiac/records.csv.gz"
STAGE = Stage.TITLE_ABSTRACT


def main(path: Path) -> None:
    """Run the job once and print what each part took."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        url = os.environ.get("WORKBENCH_BENCHMARK_URL") or f"sqlite:///{home / 'workbench.sqlite'}"
        db.upgrade(url)
        app = create_app(home, url, "Testing", WTF_CSRF_ENABLED=False)
        sessions = database_of(app)
        with sessions.write.begin() as session:
            review = a_review(session, "cardiac", lead=a_person(session, email="lead@example.org"))
            a_member(session, review, email="second@example.org")
            run_id = a_run(session, review).id
        arrive(home, url, sessions, run_id, path)
        screen(sessions)
        browser = app.test_client()
        browser.post("/sign-in", data={"email": "lead@example.org", "password": PASSWORD})
        answers(browser)


def tell(what: str, figure: str, bar: str = "") -> None:
    """One row of the table."""
    print(f"{what:<58} {figure:>14}   {bar}", flush=True)


def arrive(home: Path, url: str, sessions: db.Sessions, run_id: int, path: Path) -> None:
    """Import the file and look for duplicates, as the worker does."""
    worker = create_worker(home, url, "Testing")
    start = time.perf_counter()
    with sessions.write.begin() as session:
        lead = _lead(session)
        records.start_import(session, worker.files, lead, run_id, path.name, path.read_bytes())
    worker.sweep(Watch(10))
    imported = time.perf_counter()
    worker.sweep(Watch(10))
    end = time.perf_counter()
    tell("import of 8,948 records", f"{imported - start:.1f} s")
    tell("deduplication", f"{end - imported:.1f} s")
    tell("import plus deduplication", f"{end - start:.1f} s", "< 20 s")


def _lead(session: Session) -> Member:
    return session.scalars(select(Member).order_by(Member.id)).first()


def screen(sessions: db.Sessions) -> None:
    """Two people vote on every record and hand in; every 50th is a conflict."""
    with sessions.write.begin() as session:
        stages.open_stage(session, _lead(session), STAGE)
    start, n = time.perf_counter(), 0
    with sessions.read() as session:
        people = [member.id for member in session.scalars(select(Member).order_by(Member.id))]
    for place, person in enumerate(people):
        while True:
            with sessions.write.begin() as session:
                member = session.get_one(Member, person)
                turns = voting.serve(session, member, STAGE, 200)
                for turn in turns:
                    out = turn.record_id % 10 or (place and turn.record_id % 50 == 0)
                    voting.cast_vote(
                        session,
                        member,
                        turn.record_id,
                        STAGE,
                        Ballot(Decision.EXCLUDE if out else Decision.INCLUDE),
                        f"{turn.record_id}",
                    )
                n += len(turns)
                if not turns:
                    voting.hand_in(session, member, STAGE)
                    break
    took = time.perf_counter() - start
    tell(f"{n:,} votes by two people", f"{took:.1f} s")
    tell("one vote, mean", f"{took / max(n, 1) * 1000:.1f} ms")


def answers(browser: FlaskClient) -> None:
    """How fast the pages answer, at the server, one client."""
    for what, address, bar in [
        ("PRISMA page", "/reviews/cardiac/prisma", "< 300 ms"),
        ("overview", "/reviews/cardiac/", ""),
        ("what waits for me", "/", ""),
        ("stage", "/reviews/cardiac/stages/title-abstract", ""),
        ("records", "/reviews/cardiac/records", ""),
    ]:
        times = []
        for _ in range(11):
            start = time.perf_counter()
            status = browser.get(address).status_code
            times.append((time.perf_counter() - start) * 1000)
        tell(f"{what} ({status})", f"{statistics.median(times[1:]):.0f} ms", bar)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SET)
