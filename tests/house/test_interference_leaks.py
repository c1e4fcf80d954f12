"""What the two worlds must find: a leak planted on purpose, each of another kind (domain B1)."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from tests import worlds
from tests.worlds import gaze, opposite_scripts
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening import told
from workbench.screening.models import Postponement, Vote
from workbench.screening.rules import Decision
from workbench.web.transactions import current_session


def plant(leak):
    """Put a leaking route into both worlds."""

    honest = worlds.a_world

    def planted(*arguments):
        world = honest(*arguments)
        world.app.add_url_rule("/reviews/<slug>/leak", "leak", door(Deed.LOOK)(leak))
        return world

    return planted


def leak_by_count(slug):
    """A count that depends on decisions nobody may know yet."""
    n = current_session().scalar(select(func.count(Vote.id)).where(Vote.decision == Decision.EXCLUDE))
    return f"{n} exclusions so far"


def leak_by_statements(slug):
    """The same page for everybody, but one statement more where somebody excluded."""
    session = current_session()
    for vote in session.scalars(select(Vote).where(Vote.reviewer_id != asking_member().id)):
        if vote.decision is Decision.EXCLUDE:
            session.scalar(select(func.count(Vote.id)))
    return "nothing to see"


def leak_by_postponements(slug):
    """A count of what others have put off tells of their doubts."""
    return f"{current_session().scalar(select(func.count(Postponement.id)))} records are put off"


@pytest.mark.parametrize("leak", [leak_by_count, leak_by_statements, leak_by_postponements])
def test_interference_finds_a_planted_leak(tmp_path_factory, sqlite_template, monkeypatch, leak):
    monkeypatch.setattr(worlds, "a_world", plant(leak))

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first", "spine/l")

    assert found == ["/reviews/spine/leak"]


def test_interference_finds_an_answer_on_a_pair_that_is_told_before_the_second(
    tmp_path_factory, sqlite_template, monkeypatch
):
    monkeypatch.setattr("workbench.deduplication.queries.open_pairs", lambda _session, pairs: set(pairs))

    found = gaze(
        tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first", "/trail", "/records/"
    )

    assert set(found) == {f"/reviews/spine/{page}" for page in ("records/1", "records/2", "trail")}


def test_interference_finds_a_leak_planted_in_what_programs_are_told(tmp_path_factory, sqlite_template, monkeypatch):
    honest = told.own_progress

    def leaky(session, member, rule):
        n = session.scalar(select(func.count(Vote.id)).where(Vote.decision == Decision.EXCLUDE))
        return replace(honest(session, member, rule), excluded=n)

    monkeypatch.setattr(told, "own_progress", leaky)

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first", "/api/v1/")

    assert found == [f"/api/v1/reviews/spine/stages/{stage}" for stage in ("title-abstract", "full-text")]


def test_interference_finds_imported_decisions_that_are_shown_too_early(tmp_path_factory, sqlite_template, monkeypatch):
    monkeypatch.setattr("workbench.screening.queries.imported.is_decided", lambda *_: True)

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first", "/records/")

    assert found and all(address.startswith("/reviews/spine/records/") for address in found)


def test_interference_finds_tags_and_questions_to_the_team_that_are_shown_too_early(
    tmp_path_factory, sqlite_template, monkeypatch
):
    monkeypatch.setattr("workbench.screening.queries.tags._Sight.may_know", lambda *_: True)
    monkeypatch.setattr("workbench.screening.queries.inquiries._is_open", lambda *_: True)

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first", "/t")

    pages = {address.removeprefix("/api/v1").removeprefix("/reviews/spine").split("/")[1] for address in found}
    assert pages == {"tags", "team-questions"} and any(address.startswith("/api/v1/") for address in found)
