"""Non-interference (domain B1): what the first reviewer gets does not depend on what the second said of unopened records,
nor on what came along with them from another tool.
"""

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import worlds
from tests.factories import a_record
from tests.worlds import HIDDEN, SAYS_IN, SAYS_OUT, Saying, Scene, differences, gaze, seen_by
from workbench.app import database_of
from workbench.records.models import Import
from workbench.reviews import queries as reviews
from workbench.reviews.rules import Stage
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import pilots, stages

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


def check_interference(tmp_path_factory, template, scripts):
    assert gaze(tmp_path_factory, template, scripts, "first") == []


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck))
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


@pytest.fixture(scope="module")
def included(tmp_path_factory, sqlite_template):
    """The world in which the second includes all that is not open to the first, and what the first sees there."""
    scripts = ([(scene, SAYS_IN) for scene in HIDDEN],) * 2
    world = worlds.a_world(tmp_path_factory.mktemp("worlds") / "one", sqlite_template, *scripts)
    return world, seen_by(world, "first")


def test_interference_of_the_widest_difference_is_nil(tmp_path_factory, sqlite_template, included):
    """Every unopened record included in one world and excluded in the other."""
    scripts = ([(scene, SAYS_OUT) for scene in HIDDEN],) * 2
    other = worlds.a_world(tmp_path_factory.mktemp("worlds") / "two", sqlite_template, *scripts)

    assert differences(included[1], seen_by(other, "first")) == []


def test_interference_of_joining_two_records_that_only_the_second_voted_on_is_nil(tmp_path_factory, sqlite_template):
    """Where the second's own two votes differ the second is asked again; the first cannot tell."""
    scene, folder = Scene(first_votes=False, second_votes=True, is_handed_in=True), tmp_path_factory.mktemp("worlds")
    alike, differing = ([(scene, SAYS_IN), (scene, saying)] for saying in (SAYS_IN, SAYS_OUT))

    one, two = (
        worlds.a_world(folder / name, sqlite_template, script, [], joined=True)
        for name, script in (("one", alike), ("two", differing))
    )

    assert differences(seen_by(one, "first"), seen_by(two, "first")) == []


def with_pilot(says):
    """Let a pilot round run at the end of each world, in which the second has handed in what differs."""
    honest, left = worlds.a_world, list(says)

    def piloting(folder, *rest):
        world = honest(folder, *rest)
        with database_of(world.app).write.begin() as session, time_machine.travel(worlds.START, tick=False):
            first, second = (reviews.member_by_email(session, world.slug, world.emails[who]) for who in PEOPLE)
            of = session.get_one(Import, world.import_ids[0])
            fresh = [a_record(session, first.review, of=of, title=f"Pilot {n}") for n in range(2)]
            stages.rank(session, first.review_id, Stage.TITLE_ABSTRACT)
            pilots.begin(session, first, Stage.TITLE_ABSTRACT, 2, seed=1)
            said = left.pop(0)
            for record in fresh:
                worlds.voting.cast_vote(session, second, record.id, Stage.TITLE_ABSTRACT, said, f"pilot{record.id}")
            worlds.voting.hand_in(session, second, Stage.TITLE_ABSTRACT)
            world.record_ids += [record.id for record in fresh]
        return world

    return piloting


PEOPLE = ("first", "second")


def test_interference_of_a_pilot_round_is_nil_until_all_have_handed_in(tmp_path_factory, sqlite_template, monkeypatch):
    says = Ballot(Decision.UNCLEAR, note="what now", tags=("keep",)), Ballot(Decision.EXCLUDE, note="out")
    monkeypatch.setattr(worlds, "a_world", with_pilot(says))
    same = [(scene, SAYS_IN) for scene in HIDDEN]

    assert gaze(tmp_path_factory, sqlite_template, ((same, same), (same, same)), "first") == []


def test_interference_is_asked_of_pages_that_are_there(included):
    world, seen = included

    asked = {address: seen[f"/reviews/{world.slug}/{address}"].status for address in worlds.ASKED}
    assert set(asked.values()) == {200}, asked
    by_programs = {address: one.status for address, one in seen.items() if address.startswith("/api/v1/")}
    assert len(by_programs) > 30
    elsewhere = (
        "/conflicts/",
        "/pilots/",
        "/agreement",
        "/check",
        "/full-texts/",
    )  # of some records, or kept from voters
    refused = [address for address, status in by_programs.items() if status != 200]
    assert [address for address in refused if not any(part in address for part in elsewhere)] == [
        f"/api/v1/reviews/{world.slug}/jobs/1"
    ]
