"""One's own desk over HTTP: putting off, looking for, voting on a list, earlier votes, words and keys; without script too."""

import copy
import re

import pytest
from sqlalchemy import func, select

from tests.factories import a_member, a_record, a_review, an_import, minimal_document, sign_in, the_lead
from workbench.app import database_of
from workbench.db import now
from workbench.protocols.models import ProtocolVersion
from workbench.reviews.rules import Stage
from workbench.screening.models import Bulk, Postponement, Vote
from workbench.screening.rules import RAYYAN_KEYS
from workbench.screening.service import stages

DESK = "/reviews/spine/screen/title-abstract"


class Person:
    """One person's browser."""

    def __init__(self, app, person):
        self.client = sign_in(app.test_client(), person)
        self.token = re.search(r'csrf-token" content="([^"]+)', self.client.get("/").text)[1]

    def get(self, where="", **query):
        return self.client.get(f"{DESK}{where}", query_string=query)

    def post(self, where, **form):
        return self.client.post(f"{DESK}{where}", data={"csrf_token": self.token} | form)

    def send(self, where, body):
        return self.client.post(f"{DESK}{where}", json=body, headers={"X-CSRFToken": self.token})

    def shown(self, **query):
        return int(re.search(r'data-record="(\d+)"', self.get(**query).text)[1])

    def queue(self, **wish):
        return [one["id"] for one in self.send("/queue", {"skip": [], "wish": wish}).json]


@pytest.fixture
def house(app):
    """A review with two voters and six records; half of them are on cement."""
    with database_of(app).write.begin() as session:
        document = minimal_document("spine")
        document["screening"]["title-abstract"] |= {"reasons_asked": True}
        document["screening"]["highlights"] = {"include": ["vertebroplast*"]}
        review = a_review(session, "spine", document=document)
        app.lead, app.second = the_lead(session, review), a_member(session, review)
        of = an_import(session, review)
        app.records = [
            a_record(session, review, of=of, title=f"{'Cement' if n % 2 else 'Sham'} {n}", pmid=f"1234{n}",
                     doi=f"10.5555/{n}", abstract="METHODS: We did vertebroplasty in adults.",
                     keywords=["Pain"], subject_headings=["Vertebroplasty"]).id
            for n in range(6)
        ]  # fmt: skip
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)
    return app


@pytest.fixture
def lead(house):
    return Person(house, house.lead.user)


@pytest.fixture
def second(house):
    return Person(house, house.second.user)


def count(app, model):
    with database_of(app).read() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_a_record_is_put_off_and_called_back(house, lead, second):
    answer = lead.send("/later", {"record": house.records[0], "decision": "later", "key": "later-0001"})
    assert answer.json == {"record": house.records[0], "in_hand": 0}
    assert lead.shown() == house.records[1] and second.shown() == house.records[0]

    lead.send("/later", {"record": house.records[0], "decision": "back", "key": "back-00001"})

    assert lead.shown() == house.records[0]


def test_a_record_is_put_off_without_script_and_the_narrowed_desk_stays_narrow(house, lead):
    answer = lead.client.post(f"{DESK}/later?words=cement", data={"csrf_token": lead.token, "record": house.records[1]})

    assert answer.location == f"{DESK}?words=cement"
    assert lead.shown(words="cement") == house.records[3]


@pytest.mark.parametrize("body", [None, [], {"record": 1}, {"record": "x", "key": "key-12345"}, {"key": "key-12345"}])
def test_a_garbled_postponement_changes_nothing(house, lead, body):
    assert lead.send("/later", body).status_code == 422
    assert count(house, Postponement) == 0


def test_a_postponement_kept_in_a_browser_is_not_sent_as_somebody_elses(house, second):
    body = {"record": house.records[0], "decision": "later", "key": "later-0001", "reviewer": house.lead.id}

    assert second.send("/later", body).json["type"] == "other-account"


def test_the_desk_is_narrowed_to_what_one_looks_for(house, lead):
    page = lead.get(words="cement").text

    assert lead.queue(words="cement") == house.records[1::2]
    assert "Only records of your queue that fit" in page and "<strong data-shown-left>3</strong>" in page
    assert "You have voted on every record of this list" in lead.get(words="nowhere").text


@pytest.mark.parametrize(
    "wish", [{"first_year": "x"}, {"run_id": "-1"}, {"language": "<b>"}, {"words": "\0"}, {"bad": "1"}]
)
def test_a_wish_that_makes_no_sense_asks_for_nothing(house, lead, wish):
    assert lead.queue(**wish) == house.records[:5]
    assert lead.get(**wish).status_code == lead.get("/find", **wish).status_code == 200


def test_what_is_found_is_listed_with_the_deeds_for_it(house, lead):
    empty, found = lead.get("/find").text, lead.get("/find", words="cement").text

    assert "Nothing is looked for yet" in empty and "Screen these" not in empty
    assert "3 records that wait for you fit." in found and "Vote on all 3 at once" in found
    assert "Nothing in your queue fits" in lead.get("/find", words="nowhere").text


def test_a_masked_stage_neither_offers_nor_takes_a_source(house, lead):
    with database_of(house).write.begin() as session:
        version = session.scalars(select(ProtocolVersion)).one()
        document = copy.deepcopy(version.document)
        document["screening"]["title-abstract"]["masked"] = True
        version.document, version.registered_at = document, now()

    assert 'name="run_id"' not in lead.get("/find").text
    assert lead.queue(run_id="999") == house.records[:5]
    page = lead.get().text
    assert "10.5555/" not in page and "pubmed.ncbi" not in page


def test_the_record_shows_headings_keywords_and_links_with_words_marked(house, lead):
    page = lead.get().text

    assert "https://pubmed.ncbi.nlm.nih.gov/12340/" in page and "https://doi.org/10.5555/0" in page
    assert '<li><mark class="hl hl-in">Vertebroplasty</mark></li>' in page and "<b>Methods</b>" in page
    assert '<mark class="hl hl-pico">adults</mark>' in page


def a_list(lead):
    page = lead.get("/find/bulk", words="cement").text
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("key", "records")}
    return page, fields | {"decision": "exclude", "confirmed": "1"}


def give(lead, fields):
    return lead.client.post(f"{DESK}/find/bulk?words=cement", data={"csrf_token": lead.token} | fields)


def test_a_list_is_voted_on_after_a_look_at_its_sample(house, lead):
    page, fields = a_list(lead)
    assert page.count("<details") == 3

    answer = give(lead, fields)
    again = give(lead, fields)

    assert (answer.status_code, again.status_code, count(house, Bulk), count(house, Vote)) == (303, 303, 1, 3)
    mine = lead.get("/mine").text
    assert "3 votes given in bulk are in hand." in mine and mine.count("in bulk</span>") == 3
    assert lead.queue() == house.records[::2]


def test_undo_after_a_list_takes_the_whole_list_back(house, lead):
    give(lead, a_list(lead)[1])
    where = re.search(r'action="([^"]+)" data-undo', lead.get().text)[1]

    answer = lead.client.post(where, data={"csrf_token": lead.token})

    assert answer.status_code == 303 and len(lead.queue()) == 5
    assert "3 votes are taken back." in lead.client.get(answer.location).text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"confirmed": ""}, "Tick that you have looked at the sample."),
        ({"decision": ""}, "Say include, unclear or exclude."),
        ({"records": ""}, "At most 200 records"),
        ({"records": "1,x"}, "names no record"),
        ({"key": "x"}, "has no key"),
        ({"records": "99999"}, "do not wait for you any more"),
    ],
)
def test_a_list_that_is_not_confirmed_as_it_was_shown_takes_no_vote(house, lead, change, says):
    answer = give(lead, a_list(lead)[1] | change)

    assert answer.status_code in {409, 422} and says in answer.text
    assert count(house, Vote) == 0


def test_another_persons_list_is_not_taken_back(house, lead, second):
    give(lead, a_list(lead)[1])

    second.post("/bulk/1/back")

    with database_of(house).read() as session:
        assert session.scalar(select(func.count(Vote.id)).where(Vote.decision == "withdrawn")) == 0


def test_one_walks_back_through_ones_own_votes_and_sees_nobody_elses(house, lead, second):
    for n, decision in ((0, "include"), (1, "exclude")):
        lead.send("/votes", {"record": house.records[n], "decision": decision, "key": f"key-0000{n}", "note": f"n{n}"})
    second.send("/votes", {"record": house.records[3], "decision": "exclude", "key": "key-00009"})

    newest = lead.get("/mine/earlier").json
    before = lead.get("/mine/earlier", than=newest["id"]).json

    assert (newest["id"], newest["decision"], newest["note"], newest["is_final"]) == (
        house.records[1],
        "exclude",
        "n1",
        False,
    )
    assert before["id"] == house.records[0] and lead.get("/mine/earlier", than=before["id"]).json == {}
    assert lead.get("/mine/later", than=before["id"]).json["id"] == newest["id"]
    assert lead.get("/mine/earlier", than=house.records[3]).json == {}


def test_a_second_tab_learns_what_was_voted_in_the_first(house, lead):
    lead.send("/votes", {"record": house.records[0], "decision": "include", "key": "key-00001"})

    now = lead.get("/now", held=",".join(map(str, house.records[:3]))).json

    assert now == {"gone": [house.records[0]], "left": 5, "done": 1, "in_hand": 1}
    assert lead.get("/now", held="1,x").status_code == 422


def test_what_one_wrote_outlasts_taking_the_vote_back(house, lead):
    lead.post("/votes", record=house.records[0], decision="exclude", turn=0, note="Look twice")
    lead.post("/votes", record=house.records[0], decision="withdrawn", turn=1)

    assert "Look twice" in lead.get(record=house.records[0]).text


def test_ones_own_words_are_marked_on_ones_own_desk_only(house, lead, second):
    answer = lead.post("/words", of="own", known=0, include="sham\n", exclude="cement", pico="")

    assert answer.status_code == 303
    assert '<mark class="hl hl-in">Sham</mark>' in lead.get().text
    assert '<mark class="hl hl-in">Sham</mark>' not in second.get().text
    assert "cement" not in re.search(r'id="own-exclude".*?</textarea>', second.get("/words").text)[0].split(">")[1]


def test_words_that_are_refused_stay_in_the_form(house, lead):
    lead.post("/words", of="own", known=0, include="first")
    faulty, late = (
        lead.post("/words", of="own", known=1, include="x\nsham"),
        lead.post("/words", of="own", known=0, include="sham"),
    )

    assert (faulty.status_code, late.status_code) == (422, 409)
    assert "x\nsham</textarea>" in faulty.text and "saved meanwhile" in late.text


def test_the_words_of_the_review_are_the_leads_to_change(house, lead, second):
    assert second.post("/words", of="review", known=0, include="sham").status_code == 403
    assert lead.post("/words", of="review", known=0, include="sham").status_code == 303
    assert '<mark class="hl hl-in">Sham</mark>' in second.get().text


def test_chosen_keys_are_in_force_on_every_desk_of_their_person(house, lead, second):
    lead.post("/keys", set="rayyan", are_on="1")
    page = lead.get().text

    assert 'data-vote="include" aria-keyshortcuts="I"' in page and "<kbd>I</kbd>" in page
    assert 'data-vote="include" aria-keyshortcuts="Y"' in second.get().text
    assert lead.post("/keys", **{**RAYYAN_KEYS, "undo": "i"}).status_code == 422
    assert "Two deeds have the same key: “i”." in lead.post("/keys", **{**RAYYAN_KEYS, "undo": "i"}).text


def test_single_keys_are_switched_off_for_every_device(house, lead):
    lead.send("/keys", {"are_on": False})

    assert re.search(r"data-single(?! checked)", lead.get().text)
    assert 'id="are-on" name="are_on" value="1">' in lead.get("/keys").text
