"""PubMed asked line by line: hits of each line, and which of the known studies each finds."""

import pytest
from sqlalchemy import func, select

from tests.eutils import Eutils, fine, serving, some, status
from tests.factories import the_lead
from tests.records.harvests import a_search, pubmed, work
from workbench.files.stores import FolderStore
from workbench.jobs.models import Job
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import LineFind, LiveSearch
from workbench.records.queries import live as asked
from workbench.records.service import live
from workbench.reviews.models import Review

LINES = [
    {"n": 1, "query": "cement OR glue", "hits": 12},
    {"n": 2, "query": "nosuchword"},
    {"n": 3, "query": "#1 AND #2"},
    {"n": 4, "query": "#9 OR cement"},
]


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


@pytest.fixture
def held():
    titles = some(20) | {30_000_001: "Trial without that word"}
    with serving(Eutils(titles, dois={30_000_008: "10.5555/second"})) as server:
        yield server


def asked_lines(sessions, store, held, **more):
    with sessions.write.begin() as session:
        lead, run = a_search(session, **({"strategy": LINES, "final_line": 3} | more))
        job_id = live.ask_lines(session, lead, run.id).id
        review_id, run_id = lead.review_id, run.id
    work(sessions, store, job_id, pubmed(held, tries=1))
    return review_id, run_id, job_id


def test_every_line_that_resolves_has_its_hits(sessions, store, held):
    review_id, run_id, _job = asked_lines(sessions, store, held)

    with sessions.read() as session:
        search = asked.search_of(session, review_id, run_id)
        rows = asked.line_answers(session, search)
    assert [(row.line.name, row.answer and row.answer.count) for row in rows] == [
        ("1", 19),
        ("2", 0),
        ("3", 0),
        ("4", None),
    ]
    assert rows[1].answer.errors == [["PhraseNotFound", "nosuchword"]]
    assert "line 9, which is not there" in str(rows[3].line.trouble)


def test_each_known_study_says_which_lines_find_it(sessions, store, held):
    review_id, run_id, _job = asked_lines(sessions, store, held)

    with sessions.read() as session:
        first, second, third = asked.known_by_line(session, review_id, asked.search_of(session, review_id, run_id))
        rows = asked.line_finds(session, review_id)
    assert (first.is_held, first.found_by, first.missed_by) == (True, (), ("1", "2", "3"))
    assert (second.is_held, second.found_by, second.missed_by) == (True, ("1",), ("2", "3"))
    assert (third.is_held, third.found_by) == (False, ())
    assert len(rows) == 9 and {row.run_id for row in rows} == {run_id}


def test_an_answer_to_other_words_counts_no_more(sessions, store, held):
    review_id, run_id, _job = asked_lines(sessions, store, held)
    with sessions.write.begin() as session:
        version = session.scalars(select(ProtocolVersion)).one()
        document = dict(version.document)
        document["steps"][0]["sources"][0]["runs"][0]["strategy"][0]["query"] = "glue alone"
        session.execute(ProtocolVersion.__table__.update().values(document=document))

    with sessions.read() as session:
        search = asked.search_of(session, review_id, run_id)
        assert [row.answer is not None for row in asked.line_answers(session, search)] == [False, True, False, False]
        assert [one.found_by for one in asked.known_by_line(session, review_id, search)] == [(), (), ()]


def test_asked_again_the_newest_answer_counts_and_the_older_stays(sessions, store, held):
    review_id, run_id, _job = asked_lines(sessions, store, held)
    held.titles[30_999_999] = "Cement, just published"
    with sessions.write.begin() as session:
        lead = the_lead(session, session.get_one(Review, review_id))
        again = live.ask_lines(session, lead, run_id).id
    work(sessions, store, again, pubmed(held))

    with sessions.read() as session:
        assert asked.line_hits(session, run_id)["1"].count == 20
        assert session.scalar(select(func.count()).select_from(LiveSearch)) == 6
        assert len(asked.line_finds(session, review_id)) == 9
        assert session.scalar(select(func.count()).select_from(LineFind)) == 18


def test_a_refused_line_counts_nothing_and_says_why(sessions, store, held):
    held.mishaps = [status(400, "<ERROR>Unbalanced parentheses</ERROR>")]
    _review_id, run_id, _job = asked_lines(sessions, store, held, known=[])

    with sessions.read() as session:
        answers = asked.line_hits(session, run_id)
    assert (answers["1"].count, answers["1"].errors[0][0]) == (0, "Refused")
    assert "Unbalanced parentheses" in answers["1"].errors[0][1]
    assert set(answers) == {"1", "2", "3"}


def test_when_the_network_breaks_the_lines_asked_so_far_stay(sessions, store, held):
    held.mishaps = [fine, *[status(500)] * 9]
    _review_id, run_id, job_id = asked_lines(sessions, store, held, known=[])

    with sessions.read() as session:
        assert "did not answer" in session.get_one(Job, job_id).failure
        assert set(asked.line_hits(session, run_id)) == {"1"}
