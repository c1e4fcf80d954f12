"""The pages on which a stage is arranged: allocation, pilot rounds, what waits, and the second check."""

import re

import pytest

from tests.factories import a_document, a_member, a_record, a_review, an_import, sign_in, the_lead
from workbench.app import create_worker, database_of
from workbench.jobs.rules import Watch
from workbench.reviews.rules import Role, Stage
from workbench.screening.queries import pilots as rounds
from workbench.screening.queries import queue
from workbench.screening.queries import votes as rules
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import allocation, stages, voting

TITLES = Stage.TITLE_ABSTRACT
STAGE = "/reviews/spine/stages/title-abstract"


@pytest.fixture
def house(app):
    """A review with three voters and six records, its stage open."""
    return furnished(app)


def furnished(app, **rule):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=a_document("spine", **rule))
        app.review, app.lead = review, the_lead(session, review)
        app.others = [a_member(session, review, name=name) for name in ("Jonas Lindqvist", "Mette Krogh")]
        app.onlooker = a_member(session, review, Role.METHODOLOGIST, name="Ada Olsen")
        of = an_import(session, review)
        app.records = [a_record(session, review, of=of, title=f"Record number {n}").id for n in range(6)]
        stages.open_stage(session, app.lead, TITLES)
    return app


def browser(app, person):
    client = sign_in(app.test_client(), person.user)
    client.token = re.search(r'csrf-token" content="([^"]+)', client.get("/").text)[1]
    return client


def do(client, address, **form):
    return client.post(address, data={"csrf_token": client.token} | form)


def waiting(app, who):
    with database_of(app).read() as session:
        member = session.merge(who, load=False)
        return queue.how_many_wait(session, member, rules.stage_rule(session, app.review.id, TITLES))


def voted(app, who, record, decision, finish=True):
    with database_of(app).write.begin() as session:
        voting.cast_vote(
            session, who, record, TITLES, Ballot(decision, note=f"because {who.name}"), f"{who.id}-{record}"
        )
        if finish:
            voting.hand_in(session, who, TITLES)


def sent_by(page):
    """The form that confirms a draft."""
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page.text.partition("<main")[2]))


def test_the_lead_sees_a_draft_first_and_confirms_it(house):
    client = browser(house, house.lead)
    people = [house.lead, *house.others]
    shares = {f"share-{one.id}": share for one, share in zip(people, ("100", "50", "50 %"), strict=True)}

    draft = client.get(f"{STAGE}/allocation/draft", query_string={"split": "shares", "seed": "4"} | shares)
    assert "6 records would be allocated" in draft.text and [waiting(house, one) for one in people] == [6, 6, 6]
    assert client.post(f"{STAGE}/allocation", data=sent_by(draft)).status_code == 303

    assert [waiting(house, one) for one in people] == [6, 3, 3]
    page = client.get(f"{STAGE}/allocation").text
    assert "By shares: Karen Holm 100\N{NO-BREAK SPACE}%" in page and "seed 4" in page
    assert (
        f'>{waiting(house, house.lead)}</span><span class="task-what">records wait for my vote'
        in client.get(STAGE).text
    )


def test_a_large_allocation_is_made_by_the_worker_as_it_was_seen(house, tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setattr(allocation, "MOST_AT_ONCE", 5)
    client = browser(house, house.lead)
    shares = {
        f"share-{one.id}": share for one, share in zip([house.lead, *house.others], ("100", "50", "50"), strict=True)
    }
    draft = client.get(f"{STAGE}/allocation/draft", query_string={"split": "shares", "seed": "4"} | shares)
    worker = create_worker(tmp_path, sqlite_url, "Testing")

    asked = client.post(f"{STAGE}/allocation", data=sent_by(draft))
    assert "Allocating records" in client.get(asked.location).text and waiting(house, house.others[0]) == 6
    again = client.post(f"{STAGE}/allocation", data=sent_by(draft))
    assert again.status_code == 409 and "are being allocated" in again.text
    worker.sweep(Watch(10))

    assert [waiting(house, one) for one in (house.lead, *house.others)] == [6, 3, 3]
    assert f'href="{STAGE}/allocation"' in client.get(asked.location).text
    late = client.post(f"{STAGE}/allocation", data=sent_by(draft) | {"key": "another"})
    worker.sweep(Watch(10))
    worker.sessions.engine.dispose()
    assert "You saw 6 records; now there are 0." in client.get(late.location).text


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({"split": "shares"}, "Only people who may vote"),
        ({"split": "shares", "share-1": "90"}, "The shares make 90 %"),
        ({"split": "shares", "share-1": "many"}, "is no number"),
        ({"split": "batch", "name": "A"}, "Only people who may vote"),
        ({"split": "batch", "member": "1", "first_year": "-1"}, "is no number"),
        ({"split": "batch", "member": "1", "seed": "99999999999"}, "A seed is"),
        ({"split": "by lot"}, "not said how"),
        ({}, "not said how"),
    ],
)
def test_an_allocation_that_cannot_be_drawn_is_refused_with_its_reason(house, sent, says):
    client = browser(house, house.lead)

    for answer in (
        client.get(f"{STAGE}/allocation/draft", query_string=sent),
        do(client, f"{STAGE}/allocation", **sent),
    ):
        assert answer.status_code == 422 and says in answer.text


def test_an_allocation_is_refused_when_the_records_are_others_than_seen(house):
    client = browser(house, house.lead)
    answer = do(client, f"{STAGE}/allocation", split="batch", member=str(house.lead.id), seen="5")

    assert answer.status_code == 409 and "You saw 5 records; now there are 6" in answer.text


def test_a_pilot_round_shows_nothing_before_all_have_handed_in_and_then_everything(house):
    client = browser(house, house.lead)
    assert do(client, f"{STAGE}/pilots", size="1", seed="3").status_code == 303
    with database_of(house).read() as session:
        [record] = rounds.sample(session, rounds.pilot_round(session, house.review.id, TITLES, 1))
    for who in house.others:
        voted(house, who, record, Decision.EXCLUDE)

    desk = client.get("/reviews/spine/screen/title-abstract").text
    assert ">Pilot round 1</a>" in desk and re.search(r"data-pilot-left>1</span> of 1 left", desk)
    page = client.get(f"{STAGE}/pilots/1").text
    assert "has still to hand in" in page and "because" not in page and "AC1" not in page
    assert "whole pilot round" in browser(house, house.others[0]).get("/reviews/spine/screen/title-abstract").text
    voted(house, house.lead, record, Decision.INCLUDE)

    page = client.get(f"{STAGE}/pilots/1").text
    assert "They differ on 1 of 1 records" in page and "because Jonas Lindqvist" in page
    shared = r"</th><td class=.r.>1</td><td class=.r.>%s</td>"
    assert re.search(f"Karen Holm and Jonas Lindqvist{shared % 0}.*?Jonas Lindqvist and Mette Krogh{shared % 1}", page)
    told = browser(house, house.onlooker).get(f"{STAGE}/pilots/1").text
    assert "hidden from you" in told and "because" not in told, "who may have to decide reads the record first (B5)"


def test_a_round_that_cannot_begin_says_why(house):
    client = browser(house, house.lead)

    assert "from 1 to 6 records" in do(client, f"{STAGE}/pilots", size="7", seed="1").text
    assert do(client, f"{STAGE}/pilots", size="2", seed="-1").status_code == 422
    assert do(client, f"{STAGE}/pilots", size="2", seed="1").status_code == 303
    assert do(client, f"{STAGE}/pilots", size="2", seed="1").status_code == 409
    assert do(client, f"{STAGE}/pilots/1/open").status_code == 409
    assert do(client, f"{STAGE}/pilots/1/release", member="999999").status_code == 404
    assert do(client, f"{STAGE}/pilots/1/release", member=str(house.others[0].id)).status_code == 303
    assert client.get(f"{STAGE}/pilots/9").status_code == 404


def test_the_lists_lead_on_from_the_stage(house):
    client = browser(house, house.others[0])
    voted(house, house.others[0], house.records[0], Decision.UNCLEAR)
    page = client.get(STAGE).text

    for which, n in (("mine", "5 records wait"), ("second", "On 1 record"), ("unclear", "1 record was unclear"),
                     ("language", "0 records are passed on")):  # fmt: skip
        assert f"{STAGE}/lists/{which}" in page and n in client.get(f"{STAGE}/lists/{which}").text
    onlooker = browser(house, house.onlooker)
    assert "for those who vote" in onlooker.get(f"{STAGE}/lists/unclear").text
    assert "allocation" not in page and "Record number 0" in onlooker.get(f"{STAGE}/lists/second").text


def test_one_says_which_languages_one_reads(house):
    client = browser(house, house.lead)

    assert do(client, f"{STAGE}/languages", languages="en, xx").status_code == 422
    assert do(client, f"{STAGE}/languages", languages="en, German").status_code == 303
    assert 'value="de, en"' in client.get(f"{STAGE}/lists/language").text


def test_the_error_rate_of_the_second_check_waits_for_its_last_vote(app):
    house = furnished(app, variant="single-plus-check", votes=1, check_percent=100)
    client = browser(house, house.onlooker)
    assert "no exclusion is in the share" in client.get(f"{STAGE}/check").text
    for record in house.records[:2]:
        voted(house, house.lead, record, Decision.EXCLUDE)
    voted(house, house.others[0], house.records[0], Decision.EXCLUDE)

    page = client.get(f"{STAGE}/check").text
    assert "1 of 2 exclusions" in page and "Not estimable yet" in page and "Record number 1" in page
    assert "Not independent" in page
    voted(house, house.others[0], house.records[1], Decision.EXCLUDE)
    assert "0.0 %" in client.get(f"{STAGE}/check").text and "0.0–65.8 %" in client.get(f"{STAGE}/check").text


def test_a_stage_without_a_second_check_says_so(house):
    assert "has no such check" in browser(house, house.lead).get(f"{STAGE}/check").text
