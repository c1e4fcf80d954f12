"""Non-interference (domain B1): what the first reviewer gets does not depend on what the second said of unopened records,
nor on what came along with them from another tool.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests import worlds
from tests.worlds import Saying, Scene, differences, seen_by
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.models import Vote
from workbench.screening.rules import Decision
from workbench.web.transactions import current_session

SCENES = st.builds(Scene, first_votes=st.booleans(), second_votes=st.just(True), is_handed_in=st.booleans())
SAYINGS = st.builds(
    Saying,
    decision=st.sampled_from([Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR]),
    reason=st.integers(0, 2),
    note=st.sampled_from(["", "clearly in", "wrong population, out"]),
    tag=st.sampled_from(["keep", "drop"]),
    question=st.sampled_from(["pico1", "pico2"]),
)


@st.composite
def two_scripts(draw, most=5):
    """One script for each world: the same scenes; the second's sayings differ only on records not open to the first."""
    script, other = [], []
    for scene in draw(st.lists(SCENES, min_size=2, max_size=most)):
        saying = draw(SAYINGS)
        script.append((scene, saying))
        other.append((scene, saying if scene.is_open else draw(SAYINGS)))
    return script, other


def gaze(tmp_path_factory, template, scripts, person):
    folder = tmp_path_factory.mktemp("worlds")
    (title, other_title), (full, other_full) = scripts
    one, two = (
        worlds.a_world(folder / name, template, *script)
        for name, script in (("one", (title, full)), ("two", (other_title, other_full)))
    )
    return differences(seen_by(one, person), seen_by(two, person))


def check_interference(tmp_path_factory, template, scripts):
    assert gaze(tmp_path_factory, template, scripts, "first") == []


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=two_scripts(), full=two_scripts(most=3))
def test_interference_no_get_of_any_route_tells_the_first_what_the_second_said(
    tmp_path_factory, sqlite_template, title, full
):
    check_interference(tmp_path_factory, sqlite_template, (title, full))


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(title=two_scripts(most=8), full=two_scripts(most=6))
def test_interference_in_many_worlds(tmp_path_factory, sqlite_template, title, full):
    check_interference(tmp_path_factory, sqlite_template, (title, full))


HIDDEN = (
    Scene(first_votes=False, second_votes=True, is_handed_in=True),
    Scene(first_votes=True, second_votes=True, is_handed_in=False),
)
SAYS_IN = Saying(Decision.INCLUDE, 0, "clearly in", "keep", "pico1")
SAYS_OUT = Saying(Decision.EXCLUDE, 1, "out", "drop", "pico2")


def opposite_scripts():
    """Every unopened record included in one world and excluded in the other: the widest difference there is."""
    return [(scene, SAYS_IN) for scene in HIDDEN], [(scene, SAYS_OUT) for scene in HIDDEN]


def test_interference_of_the_widest_difference_is_nil(tmp_path_factory, sqlite_template):
    check_interference(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()))


def test_interference_is_asked_of_pages_that_are_there(tmp_path_factory, sqlite_template):
    world = worlds.a_world(
        tmp_path_factory.mktemp("worlds") / "one", sqlite_template, *([(scene, SAYS_IN) for scene in HIDDEN],) * 2
    )

    seen = seen_by(world, "first")

    asked = {address: seen[f"/reviews/{world.slug}/{address}"].status for address in worlds.ASKED}
    assert set(asked.values()) == {200}, asked


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


@pytest.mark.parametrize("leak", [leak_by_count, leak_by_statements])
def test_interference_finds_a_planted_leak(tmp_path_factory, sqlite_template, monkeypatch, leak):
    monkeypatch.setattr(worlds, "a_world", plant(leak))

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first")

    assert found == ["/reviews/spine/leak"]


def test_interference_finds_imported_decisions_that_are_shown_too_early(tmp_path_factory, sqlite_template, monkeypatch):
    monkeypatch.setattr("workbench.screening.queries.imported.is_decided", lambda *_: True)

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first")

    assert found and all(address.startswith("/reviews/spine/records/") for address in found)


def test_interference_finds_tags_and_questions_to_the_team_that_are_shown_too_early(
    tmp_path_factory, sqlite_template, monkeypatch
):
    monkeypatch.setattr("workbench.screening.queries.tags._Sight.may_know", lambda *_: True)
    monkeypatch.setattr("workbench.screening.queries.inquiries._is_open", lambda *_: True)

    found = gaze(tmp_path_factory, sqlite_template, (opposite_scripts(), opposite_scripts()), "first")

    pages = {address.removeprefix("/reviews/spine").split("/")[1] for address in found}
    assert pages == {"tags", "team-questions"}
