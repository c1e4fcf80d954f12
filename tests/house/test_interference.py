"""Non-interference (domain B1): what the first reviewer gets does not depend on what the second said of unopened records,
nor on what came along with them from another tool.
"""

from dataclasses import replace

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests import worlds
from tests.factories import a_record
from tests.worlds import Saying, Scene, differences, seen_by
from workbench.app import database_of
from workbench.records.models import Import
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage
from workbench.screening import told
from workbench.screening.models import Postponement, Vote
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import pilots, stages
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


def gaze(tmp_path_factory, template, scripts, person, *among):
    """Where two worlds differ for this person; `among` keeps to addresses with one of these in them, to be quick."""
    folder = tmp_path_factory.mktemp("worlds")
    (title, other_title), (full, other_full) = scripts
    one, two = (
        worlds.a_world(folder / name, template, *script)
        for name, script in (("one", (title, full)), ("two", (other_title, other_full)))
    )
    return differences(seen_by(one, person, among), seen_by(two, person, among))


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


def test_interference_is_asked_of_pages_that_are_there(tmp_path_factory, sqlite_template):
    world = worlds.a_world(
        tmp_path_factory.mktemp("worlds") / "one", sqlite_template, *([(scene, SAYS_IN) for scene in HIDDEN],) * 2
    )

    seen = seen_by(world, "first")

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
