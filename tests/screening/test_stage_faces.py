"""The page of a stage, the lists behind its numbers, one's own votes, and what waits for whom."""

import re

import pytest

from tests.factories import a_member, a_record, a_review, an_import, minimal_document, sign_in, the_lead
from workbench.app import database_of
from workbench.reviews.rules import Role, Stage
from workbench.screening.rules import Ballot, Decision, Found
from workbench.screening.service import retrieval, stages, voting
from workbench.screening.views.waiting import waiting

STAGE = "/reviews/spine/stages/title-abstract"


@pytest.fixture
def house(app):
    """A review with two voters and four records; nothing is open yet."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        app.review, app.lead, app.second = review, the_lead(session, review), a_member(session, review)
        of = an_import(session, review)
        app.records = [a_record(session, review, of=of, title=f"Record number {n}").id for n in range(4)]
    return app


def browser(app, person):
    client = sign_in(app.test_client(), person)
    client.token = re.search(r'csrf-token" content="([^"]+)', client.get("/").text)[1]
    return client


def do(client, address, **form):
    return client.post(address, data={"csrf_token": client.token} | form)


def opened(app):
    with database_of(app).write.begin() as session:
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)


def voted(app, voter, *said, finish=True):
    """Cast these decisions on the first records, and hand them in."""
    with database_of(app).write.begin() as session:
        for record, decision in zip(app.records, said, strict=False):
            voting.cast_vote(session, voter, record, Stage.TITLE_ABSTRACT, Ballot(decision), f"{voter.id}-{record}")
        if finish:
            voting.hand_in(session, voter, Stage.TITLE_ABSTRACT)


def number(page, outcome):
    return int(re.search(rf'title-abstract/{outcome}">(\d+)<', page)[1])


def test_the_lead_opens_closes_and_opens_a_stage_again(house):
    client = browser(house, house.lead.user)
    assert "not open yet" in client.get(STAGE).text

    for deed, says in (
        ("open", "The stage has been open since"),
        ("close", "The stage was closed on"),
        ("open", "open since"),
    ):
        assert do(client, f"{STAGE}/{deed}").status_code == 303
        assert says in client.get(STAGE).text
    assert do(client, f"{STAGE}/open").status_code == 409


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.REVIEWER, Role.METHODOLOGIST])
def test_all_may_look_at_a_stage_and_only_the_lead_runs_it(house, role):
    with database_of(house).write.begin() as session:
        person = a_member(session, house.review, role).user
    client = browser(house, person)

    page = client.get(STAGE)

    assert page.status_code == 200 and 'popovertarget="move-stage"' not in page.text
    assert do(client, f"{STAGE}/open").status_code == 403


def test_an_observer_sees_no_votes_of_an_own_and_no_rate(house):
    with database_of(house).write.begin() as session:
        person = a_member(session, house.review, Role.OBSERVER).user

    assert "only you see this" not in browser(house, person).get(STAGE).text


def test_the_numbers_of_a_stage_come_from_opened_records_and_lead_to_them(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE, Decision.EXCLUDE, Decision.INCLUDE, Decision.EXCLUDE)
    voted(house, house.second, Decision.UNCLEAR, Decision.EXCLUDE, Decision.EXCLUDE)
    client = browser(house, house.lead.user)

    page = client.get(STAGE).text

    assert {name: number(page, name) for name in ("included", "excluded", "conflict", "pending")} == {
        "included": 1,
        "excluded": 1,
        "conflict": 1,
        "pending": 1,
    }
    for name, title in (("included", 0), ("excluded", 1), ("conflict", 2), ("pending", 3)):
        listed = client.get(f"{STAGE}/{name}").text
        assert re.findall(r"Record number \d", listed)[0] == f"Record number {title}"


def test_votes_in_hand_count_for_nobody_but_oneself(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE, Decision.INCLUDE, finish=False)
    voted(house, house.second, Decision.INCLUDE, Decision.INCLUDE)

    page = browser(house, house.lead.user).get(STAGE).text
    of_the_other = browser(house, house.second.user).get(STAGE).text

    assert number(page, "pending") == 4 and "you keep 100 % in" in page
    assert number(of_the_other, "pending") == 4


def test_a_stage_that_is_not_independent_says_so(app):
    with database_of(app).write.begin() as session:
        document = minimal_document("alone")
        document["screening"]["title-abstract"] = {"variant": "single", "votes": 1, "order": "as-imported"}
        person = the_lead(session, a_review(session, "alone", document=document)).user

    page = browser(app, person).get("/reviews/alone/stages/title-abstract").text

    assert "Not independent" in page and "There are no records yet" in page


def test_there_is_no_third_stage(house):
    client = browser(house, house.lead.user)

    assert client.get("/reviews/spine/stages/abstracts").status_code == 404
    assert client.get(f"{STAGE}/maybe").status_code == 404


def test_the_full_text_stage_counts_retrieved_reports(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE, Decision.INCLUDE)
    voted(house, house.second, Decision.INCLUDE, Decision.INCLUDE)
    with database_of(house).write.begin() as session:
        retrieval.log_report(session, house.lead, house.records[0], Found.RETRIEVED)
    client = browser(house, house.lead.user)

    page = client.get("/reviews/spine/stages/full-text").text

    assert "Reports sought: 2." in page and re.search(r'full-text/pending">1<', page)
    assert "1 record stands here" in client.get("/reviews/spine/stages/full-text/pending").text


def test_own_votes_are_listed_the_final_ones_without_a_way_to_change_them(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE)
    voted(house, house.lead, Decision.INCLUDE, Decision.EXCLUDE, finish=False)
    voted(house, house.second, Decision.EXCLUDE, Decision.EXCLUDE, Decision.EXCLUDE)
    client = browser(house, house.lead.user)

    page = client.get("/reviews/spine/screen/title-abstract/mine").text

    assert "You have voted on 2 records; 1 vote is in hand" in page
    assert page.count(">final<") == 1 and page.count(">Take back<") == 1
    assert "Record number 2" not in page


def test_a_vote_is_taken_back_from_the_list(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE, finish=False)
    client = browser(house, house.lead.user)

    answer = do(
        client,
        "/reviews/spine/screen/title-abstract/votes",
        record=house.records[0],
        decision="withdrawn",
        turn=1,
        back="mine",
    )

    assert answer.location.endswith("/mine") and "You have not voted here yet" in client.get(answer.location).text


def waits(app, member):
    """What waits, by its address: the last part of it and the number."""
    with database_of(app).read() as session, app.test_request_context():
        found = waiting(session, session.get_one(type(member), member.id))
    return [(one.url.removeprefix("/reviews/spine/"), one.n) for one in found]


def test_what_waits_is_what_this_member_can_do(house):
    opened(house)
    voted(house, house.lead, Decision.INCLUDE, Decision.INCLUDE)
    voted(house, house.second, Decision.INCLUDE, Decision.EXCLUDE, Decision.EXCLUDE, finish=False)
    with database_of(house).write.begin() as session:
        judge = a_member(session, house.review, Role.ADJUDICATOR)
        watcher = a_member(session, house.review, Role.OBSERVER)

    assert ("screen/title-abstract", 2) in waits(house, house.lead)
    assert waits(house, house.second) == [("screen/title-abstract", 1), ("screen/title-abstract/mine", 3)]
    assert waits(house, judge) == waits(house, watcher) == []

    voted(house, house.second)
    assert ("conflicts/title-abstract", 1) in waits(house, house.second)
    assert waits(house, judge) == [("conflicts/title-abstract", 1)]
    assert ("full-texts", 1) in waits(house, house.lead)


def test_before_a_stage_is_open_the_lead_is_told_to_open_it_and_everybody_what_it_waits_for(house):
    lead, second = browser(house, house.lead.user), browser(house, house.second.user)

    assert "4 records wait." in lead.get(STAGE).text and "Invite somebody" not in lead.get(STAGE).text
    assert "records wait for the stage to open" in lead.get("/reviews/spine/").text
    assert "records wait for the stage to open" not in second.get("/reviews/spine/").text
    assert "Title and abstract is not open for votes" in second.get("/reviews/spine/").text

    opened(house)
    assert "is not open for votes" not in second.get("/reviews/spine/").text
    assert "wait for the stage to open" not in lead.get("/reviews/spine/").text


def test_a_lead_who_is_alone_is_told_that_two_people_judge_each_record(app):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead = the_lead(session, review)
        a_record(session, review)

    page = browser(app, lead.user).get(STAGE).text

    assert "Only one person may vote here yet." in page and 'href="/reviews/spine/team">Invite somebody' in page


def test_who_has_handed_everything_in_is_not_asked_to_hand_in(house):
    opened(house)
    voted(house, house.second, *[Decision.INCLUDE] * 4, finish=False)
    second, desk = browser(house, house.second.user), "/reviews/spine/screen/title-abstract"

    assert "Hand them in when you are sure" in second.get(desk).text
    do(second, f"{desk}/finish")
    page = second.get(desk).text

    assert "All your votes are handed in." in page and "Hand them in when you are sure" not in page
