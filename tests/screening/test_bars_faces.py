"""Who does not judge what: at the desk, on the page of the stage, and in the queue."""

import re

import pytest

from tests.factories import INCLUDE, a_duplicate, a_member, a_record, a_review, a_vote, an_import, open_stage, the_lead
from tests.screening.test_stage_faces import browser, do
from workbench.app import database_of
from workbench.reviews.rules import Role, Stage
from workbench.screening.queries import votes as queries
from workbench.screening.service import stages, voting

TITLES = Stage.TITLE_ABSTRACT
STAGE, BARS, DESK = (
    "/reviews/spine/stages/title-abstract",
    "/reviews/spine/bars",
    "/reviews/spine/screen/title-abstract",
)


@pytest.fixture
def house(app):
    """Two voters and three records, the stage open; one author is called like the second reviewer."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        app.review, app.lead, app.second = review, the_lead(session, review), a_member(session, review)
        of = an_import(session, review)
        authors = [["Smith J", "Lindqvist J"], ["Smith J"], []]
        app.records = [
            a_record(session, review, of=of, title=f"Record number {n}", authors=names).id
            for n, names in enumerate(authors)
        ]
        open_stage(session, review)
    return app


def set_by_service(app, by, record, barred):
    with database_of(app).write.begin() as session:
        return stages.bar(session, by, record, barred.id, "Paid by the maker.").id


def shown(page):
    return re.search(r"Record number \d", page)[0]


def standing(app):
    with database_of(app).read() as session:
        return [(one.bar.record_id, one.name) for one in queries.bars(session, app.review.id) if not one.bar.lifted_at]


def test_one_bars_oneself_at_the_desk_and_the_next_record_is_shown(house):
    client = browser(house, house.second.user)
    assert shown(client.get(DESK).text) == "Record number 0"

    answer = do(client, f"{BARS}/mine", record=house.records[0], stage="title-abstract", reason="My own trial.")

    page = client.get(answer.location).text
    assert answer.status_code == 303 and shown(page) == "Record number 1" and "You do not judge record" in page
    assert standing(house) == [(house.records[0], "Jonas Lindqvist")]
    assert shown(browser(house, house.lead.user).get(DESK).text) == "Record number 0"


def test_a_vote_in_hand_is_taken_back_when_one_bars_oneself(house):
    with database_of(house).write.begin() as session:
        voting.cast_vote(session, house.second, house.records[0], TITLES, INCLUDE, "a key of its own")
    client = browser(house, house.second.user)

    do(client, f"{BARS}/mine", record=house.records[0], stage="title-abstract", reason="My own trial.")

    with database_of(house).read() as session:
        assert queries.in_hand(session, house.second, TITLES) == []


def test_a_bar_without_a_reason_is_refused_and_changes_nothing(house):
    client = browser(house, house.second.user)

    answer = do(client, f"{BARS}/mine", record=house.records[0], stage="title-abstract", reason="  ")

    assert answer.status_code == 422 and "say why" in answer.text and standing(house) == []


def test_a_bar_that_stands_is_not_doubled(house):
    client = browser(house, house.lead.user)
    for _ in range(2):
        do(client, BARS, record=house.records[1], member=house.second.id, reason="Their own trial.")

    assert standing(house) == [(house.records[1], "Jonas Lindqvist")]


def test_all_see_who_does_not_judge_what_and_only_the_lead_may_bar_others(house):
    set_by_service(house, house.lead, house.records[1], house.second)
    with database_of(house).write.begin() as session:
        watcher = a_member(session, house.review, Role.OBSERVER, name="Ida Watcher")

    seen = {who: browser(house, who.user).get(STAGE).text for who in (house.lead, house.second, watcher)}

    assert all("Paid by the maker." in page and "Record number 1" in page for page in seen.values())
    assert ["Set the bar" in page for page in seen.values()] == [True, False, False]
    assert [">Lift<" in page for page in seen.values()] == [True, False, False]
    assert "Ida Watcher</option>" not in seen[house.lead]
    assert do(browser(house, house.second.user), BARS, record=1, member=1, reason="No.").status_code == 403
    assert do(browser(house, watcher.user), f"{BARS}/mine", record=1, reason="No.").status_code == 403


def test_a_bar_is_lifted_by_who_set_it_or_by_the_lead_and_stays_on_record(house):
    by_lead = set_by_service(house, house.lead, house.records[1], house.second)
    own = set_by_service(house, house.second, house.records[2], house.second)
    client = browser(house, house.second.user)

    assert do(client, f"{BARS}/{by_lead}/lift").status_code == 403
    assert do(client, f"{BARS}/{own}/lift", stage="full-text").location.endswith("/stages/full-text#bars")
    assert do(client, f"{BARS}/{own}/lift").status_code == 404
    assert do(browser(house, house.lead.user), f"{BARS}/{by_lead}/lift").status_code == 303
    page = client.get(STAGE).text
    assert standing(house) == [] and page.count("lifted on") == 2 and ">Lift<" not in page


@pytest.mark.parametrize("record", [0, 999_999, 2**70, "none"])
def test_a_record_that_is_not_there_is_not_found(house, record):
    client = browser(house, house.lead.user)

    assert do(client, BARS, record=record, member=house.second.id, reason="Why.").status_code == 404
    assert do(client, f"{BARS}/mine", record=record, reason="Why.").status_code == 404


def test_records_members_and_bars_of_another_review_are_not_found(house):
    with database_of(house).write.begin() as session:
        other = a_review(session, "other")
        lead = the_lead(session, other)
        record = a_record(session, other).id
        theirs = stages.bar(session, lead, record, lead.id, "My own trial.").id
    client = browser(house, house.lead.user)

    assert do(client, BARS, record=record, member=house.second.id, reason="Why.").status_code == 404
    assert do(client, BARS, record=house.records[0], member=lead.id, reason="Why.").status_code == 404
    assert do(client, f"{BARS}/{theirs}/lift").status_code == 404


def test_an_author_of_ones_own_name_is_a_question_and_not_a_bar(house):
    asked = "An author has your name. Is it your own work?"
    client = browser(house, house.second.user)

    first = client.get(DESK).text
    ahead = client.post(f"{DESK}/queue", json={"skip": []}, headers={"X-CSRFToken": client.token}).json

    assert asked in first and [asked in one["html"] for one in ahead] == [True, False, False]
    assert asked not in browser(house, house.lead.user).get(DESK).text and standing(house) == []


def test_a_bar_holds_for_all_records_of_a_report_and_gives_a_held_place_back(session):
    review = a_review(session, "spine")
    lead, second, third = the_lead(session, review), a_member(session, review), a_member(session, review)
    kept, member = a_record(session, review), a_record(session, review)
    open_stage(session, review)
    a_vote(session, lead, kept)
    assert [turn.record_id for turn in voting.serve(session, second, TITLES, 1)] == [kept.id]
    assert [turn.record_id for turn in voting.serve(session, third, TITLES, 1)] == [member.id]

    a_duplicate(session, member, kept)
    stages.bar(session, second, kept.id, second.id, "My own trial.")
    assert [turn.record_id for turn in voting.serve(session, third, TITLES, 1)] == [kept.id]
    stages.bar(session, third, member.id, third.id, "Mine too.")
    assert voting.serve(session, third, TITLES, 1) == []
