"""A script as a reviewer: the example of the docs, in a process of its own, against a server of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import a_member, a_record, a_report, a_review, an_import, open_stage, the_lead
from workbench.accounts.rules import Scope
from workbench.accounts.service import make_token
from workbench.audit.queries import broken_at
from workbench.db import open_sessions
from workbench.files.stores import FolderStore
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Vote
from workbench.screening.rules import Decision
from workbench.screening.service import retrieval

SCRIPT = Path(__file__).parent.parent / "docs" / "examples" / "a_script_that_screens.py"


@pytest.fixture
def served(url, tmp_path):
    """`workbench serve` on each of the two databases, and the address it announces."""
    environment = os.environ | {"WORKBENCH_HOME": str(tmp_path), "WORKBENCH_DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    program = "from workbench.serving import serve; from pathlib import Path; import os; serve(Path(os.environ['WORKBENCH_HOME']), os.environ['WORKBENCH_DATABASE_URL'], worker=False, announce=print)"
    server = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
    yield server.stdout.readline().strip()
    server.terminate()
    server.wait(10)


def test_a_script_reads_the_criteria_votes_on_fifty_records_undoes_two_and_finishes(url, served):
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        review = a_review(session, "spine")
        reviewer = a_member(session, review)
        of = an_import(session, review)
        for _ in range(60):
            a_record(session, review, of=of)
        open_stage(session, review)
        secret = make_token(session, reviewer.user, "script", Scope.VOTE, 7)[1]
        reviewer_id, review_id = reviewer.id, review.id

    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "spine"],
        env={**os.environ, "WORKBENCH_URL": served, "WORKBENCH_TOKEN": secret},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "50 votes cast, 2 taken back, 48 stand, 12 left"
    with sessions.read() as session:
        cast = session.scalar(select(func.count(Vote.id)).where(Vote.reviewer_id == reviewer_id))
        final = session.scalars(select(Vote.decision).join(HandIn)).all()
        assert (cast, len(final), Decision.WITHDRAWN in final) == (52, 48, False)
        assert broken_at(session, review_id) is None


def test_a_script_judges_full_texts_with_a_token_made_on_the_host(url, served, tmp_path):
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        review = a_review(session, "spine")
        reviewer, other = a_member(session, review), a_member(session, review)
        people, lead = (reviewer, other), the_lead(session, review)
        open_stage(session, review)
        reports = [a_report(session, review, *people, title=f"Randomised trial {n}") for n in range(3)]
        for report in reports[:2]:
            pdf = b"%PDF-1.4\n%%EOF\n"
            retrieval.attach(session, FolderStore(tmp_path / "files"), lead, report.id, pdf, "trial.pdf")
        open_stage(session, review, Stage.FULL_TEXT)
        email, reviewer_id = reviewer.user.email, reviewer.id
    environment = os.environ | {"WORKBENCH_HOME": str(tmp_path), "WORKBENCH_DATABASE_URL": url, "WORKBENCH_URL": served}
    made = subprocess.run(
        [sys.executable, "-m", "workbench", "tokens", "create", "--user", email, "--name", "reader", "--scope", "vote"],
        env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    secret = re.search(r"wb_[\w-]+", made.stdout)[0]

    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "spine", "full-text"], env=environment | {"WORKBENCH_TOKEN": secret},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "3 full texts judged, 3 votes handed in"
    with sessions.read() as session:
        cast = session.scalars(select(Vote).join(HandIn).where(Vote.reviewer_id == reviewer_id)).all()
    said = {one.record_id: one.decision for one in cast if one.stage is Stage.FULL_TEXT}
    assert sorted(said.values()) == [Decision.EXCLUDE, Decision.INCLUDE, Decision.INCLUDE]


def test_a_script_without_a_token_that_works_is_told_what_to_do(served):
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), "spine"], env={**os.environ, "WORKBENCH_URL": served, "WORKBENCH_TOKEN": "wb_x"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (
        ran.returncode == 1
        and re.search(r"not known here.*Make a new one", ran.stderr)
        and "Traceback" not in ran.stderr
    )
