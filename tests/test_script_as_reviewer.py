"""A script as a reviewer: the example of the docs, in a process of its own, against a server of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import a_member, a_record, a_review, an_import, open_stage
from workbench.accounts.rules import Scope
from workbench.accounts.service import make_token
from workbench.audit.queries import broken_at
from workbench.db import open_sessions
from workbench.screening.models import HandIn, Vote
from workbench.screening.rules import Decision

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
