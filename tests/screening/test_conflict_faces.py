"""The pages on which conflicts are talked over and settled, as voters, adjudicators and onlookers see them."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    UNCLEAR,
    a_document,
    a_duplicate,
    a_member,
    a_reason,
    a_record,
    a_report,
    a_review,
    a_vote,
    open_stage,
    sign_in,
    the_lead,
)
from workbench.app import database_of
from workbench.records.models import Record
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import Looked, Message, Proposal, Settlement
from workbench.screening.rules import Verdict, shuffled
from workbench.screening.service import conflicts

TITLES, TEXTS = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
NOTES = ("The subgroup is reported apart.", "Nineteen of 22 studies are cohorts.")
PEOPLE = ("Karen Holm", "Tove Eriksen", "Jonas Lindqvist")


class World:
    """A review with one conflict between two reviewers, and a browser for each person."""

    def __init__(self, app: Flask, stage: Stage = TITLES, **rule) -> None:
        self.app, self.stage = app, stage
        with database_of(app).write.begin() as session:
            review = a_review(session, "spine", document=a_document("spine", stage, **rule))
            self.lead = the_lead(session, review)
            self.first = a_member(session, review, name="Tove Eriksen")
            self.second = a_member(session, review, name="Jonas Lindqvist")
            self.judge = a_member(session, review, Role.ADJUDICATOR, name="Anna Berg")
            self.observer = a_member(session, review, Role.OBSERVER, name="Olav Dahl")
            open_stage(session, review)
            self.record_id = self._conflict(session, review)
        self.address = f"/reviews/spine/conflicts/{stage.value}"
        self.page_address = f"{self.address}/{self.record_id}"

    def _conflict(self, session, review) -> int:
        if self.stage is TITLES:
            record = a_record(session, review, title="Kyphoplasty in cancer")
            a_vote(session, self.first, record, replace(INCLUDE, note=NOTES[0], private_note="secret", tags=("key",)))
            a_vote(session, self.second, record, replace(EXCLUDE, note=NOTES[1]))
            return record.id
        open_stage(session, review, TEXTS)
        record = a_report(session, review, self.first, self.second)
        for one, code, note in ((self.first, "wrong-design", NOTES[0]), (self.second, "not-malignant", NOTES[1])):
            ballot = replace(EXCLUDE, reason_id=a_reason(session, review, code), note=note)
            a_vote(session, one, record, ballot, TEXTS)
        return record.id

    def as_(self, member):
        return sign_in(self.app.test_client(), member.user)

    def page(self, member, address: str | None = None) -> str:
        answer = self.as_(member).get(address or self.page_address)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, member, where: str, **form):
        browser = self.as_(member)
        token = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(self.address).text)[1]
        return browser.post(f"{self.page_address}/{where}", data={"csrf_token": token, **form})

    def stored(self, table) -> list:
        with database_of(self.app).read() as session:
            return list(session.scalars(select(table)))


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def test_a_voter_sees_both_votes_without_names_and_their_own_marked(world):
    page = world.page(world.first)

    assert (all(note in page for note in NOTES) and "The other reviewer" in page) or "One reviewer" in page
    assert ">You<" in page.replace("\n", "") and "Jonas Lindqvist" not in page
    assert "secret" not in page and "Propose a consensus" in page and "Adjudicate" not in page


def test_the_order_of_the_votes_is_stable_for_a_reader(world):
    order = [page.index(NOTES[0]) < page.index(NOTES[1]) for page in (world.page(world.first) for _ in range(3))]

    assert len(set(order)) == 1


def test_the_order_is_drawn_for_each_reader_and_vote(app):
    drawn = {shuffled(reader, 1) < shuffled(reader, 2) for reader in range(1, 20)}

    assert drawn == {True, False}


def test_the_adjudicators_page_opens_with_record_and_criteria_alone(world):
    page = world.page(world.judge)

    assert "Kyphoplasty in cancer" in page and "Adjudicate" in page and "Show the reasons" in page
    assert not any(note in page for note in NOTES) and "Show the names" not in page
    assert not any(name in page for name in ("Tove Eriksen", "Jonas Lindqvist")) and "Propose a consensus" not in page


def test_each_look_is_a_deed_and_names_come_last(world):
    assert world.send(world.judge, "looks", what="reasons").status_code == 303
    page = world.page(world.judge)
    assert all(note in page for note in NOTES) and "Tove Eriksen" not in page and "Show the names" in page

    world.send(world.judge, "looks", what="names")
    page = world.page(world.judge)
    assert "Tove Eriksen" in page and "Jonas Lindqvist" in page and "Show the names" not in page
    assert [look.what.value for look in world.stored(Looked)] == ["reasons", "names"]


def test_looking_at_the_page_stores_nothing(world):
    world.page(world.judge)

    assert world.stored(Looked) == []


def test_the_rule_may_show_the_reasons_at_once(app):
    world = World(app, reasons_at_once=True)
    page = world.page(world.judge)

    assert all(note in page for note in NOTES) and "Tove Eriksen" not in page


def test_an_onlooker_sees_the_record_and_that_a_conflict_is_open(world):
    page = world.page(world.observer)

    assert "Kyphoplasty in cancer" in page and "The conflict is open." in page
    assert not any(note in page for note in NOTES)
    assert not any(word in page for word in ("Propose", "Adjudicate", "Show the reasons", "Discussion"))


def test_two_voters_settle_by_consensus(world):
    answer = world.send(world.first, "proposals", verdict="included", statement="Table 2 settles it.")
    assert answer.status_code == 303
    assert "it waits for the other reviewer’s yes" in world.page(world.first)
    page = world.page(world.second)
    assert "Table 2 settles it." in page and "Agree, and settle the conflict" in page
    assert "waits for your answer" in world.page(world.second, world.address)

    proposal = world.stored(Proposal)[0]
    assert world.send(world.second, f"proposals/{proposal.id}/agree").status_code == 303

    page = world.page(world.first)
    assert "Settled by consensus" in page and "Agree, and settle" not in page and NOTES[1] in page
    for reader in (world.observer, world.judge):
        page = world.page(reader)
        assert "Table 2 settles it." in page and not any(note in page for note in NOTES)
    assert "Table 2 settles it." in world.page(world.observer, world.address)


def test_ones_own_proposal_has_no_button_and_is_refused(world):
    world.send(world.first, "proposals", verdict="included", statement="In.")
    proposal = world.stored(Proposal)[0]

    assert "Agree, and settle" not in world.page(world.first)
    answer = world.send(world.first, f"proposals/{proposal.id}/agree")
    assert answer.status_code == 409 and "other reviewer" in answer.text and world.stored(Settlement) == []


def test_a_third_person_decides(world):
    answer = world.send(world.judge, "decision", verdict="excluded", statement="A cohort.")

    assert answer.status_code == 303
    page = world.page(world.first)
    assert "Settled by a third person" in page and "A cohort." in page
    assert "adjudication" in world.page(world.observer, world.address)


def test_a_voter_with_the_leads_role_discusses_and_does_not_decide(world):
    with database_of(world.app).write.begin() as session:
        review = session.merge(world.lead).review
        record = a_record(session, review)
        a_vote(session, session.merge(world.lead), record, INCLUDE)
        a_vote(session, session.merge(world.second), record, EXCLUDE)
    world.page_address = f"{world.address}/{record.id}"

    page = world.page(world.lead)
    assert "Propose a consensus" in page and "Adjudicate" not in page
    assert world.send(world.lead, "decision", verdict="included", statement="In.").status_code == 403


@pytest.mark.parametrize(("who", "where", "status"), [
    ("judge", "proposals", 403), ("judge", "messages", 403), ("lead", "messages", 403), ("observer", "decision", 403),
    ("first", "decision", 403), ("first", "looks", 403), ("observer", "looks", 403),
])  # fmt: skip
def test_nobody_does_what_is_another_persons_part(world, who, where, status):
    form = {"verdict": "included", "statement": "In.", "text": "I think"}

    assert world.send(getattr(world, who), where, **form).status_code == status
    assert world.stored(Message) == world.stored(Proposal) == world.stored(Settlement) == world.stored(Looked) == []


def test_what_is_refused_keeps_what_was_written(world):
    answer = world.send(world.first, "proposals", verdict="", statement="Table 2 settles it.")

    assert answer.status_code == 422 and "No verdict was chosen." in answer.text
    assert "Table 2 settles it.</textarea>" in answer.text and "Nothing was changed." in answer.text


def test_the_discussion_names_nobody(world):
    world.send(world.first, "messages", text="Look at <b>table 2</b>.")
    world.send(world.second, "messages", text="I did.")

    page = world.page(world.second)
    assert "Look at &lt;b&gt;table 2&lt;/b&gt;." in page and "Tove Eriksen" not in page
    assert page.count("You, ") == 1 and page.count(" reviewer, ") == 1


def test_a_record_that_is_not_open_has_no_conflict_page(world):
    with database_of(world.app).write.begin() as session:
        record = a_record(session, session.merge(world.lead).review)
        a_vote(session, session.merge(world.first), record, UNCLEAR)
    waiting = world.as_(world.second).get(f"{world.address}/{record.id}")
    unknown = world.as_(world.second).get(f"{world.address}/999999")

    assert (waiting.status_code, unknown.status_code) == (404, 404) and "is not in conflict" in waiting.text


def test_the_page_of_a_duplicate_leads_to_the_kept_record(world):
    with database_of(world.app).write.begin() as session:
        kept = session.get_one(Record, world.record_id)
        other = a_record(session, session.merge(world.lead).review)
        a_duplicate(session, other, kept)

    assert world.as_(world.first).get(f"{world.address}/{other.id}").location.endswith(f"/{world.record_id}")


def test_the_list_sorts_by_what_one_can_do(world):
    assert "Yours to discuss" in world.page(world.first, world.address)
    assert "Yours to decide" in world.page(world.judge, world.address)
    page = world.page(world.observer, world.address)
    assert "Between others" in page and "Kyphoplasty in cancer" in page and not any(note in page for note in NOTES)


def test_an_empty_list_says_when_something_comes(app):
    world = World(app)
    page = world.page(world.first, "/reviews/spine/conflicts/full-text")

    assert "No conflict is open." in page and "they differ" in page


def test_one_goes_from_conflict_to_conflict(world):
    with database_of(world.app).write.begin() as session:
        record = a_record(session, session.merge(world.lead).review)
        a_vote(session, session.merge(world.first), record, INCLUDE)
        a_vote(session, session.merge(world.second), record, EXCLUDE)

    page = world.page(world.first)
    assert "1 of 2 open conflicts" in page and f'rel="next" href="{world.address}/{record.id}"' in page
    assert 'rel="prev"' not in page


def test_of_two_reasons_the_one_higher_on_the_list_is_proposed_and_not_taken(app):
    world = World(app, TEXTS)
    page = world.page(world.first)

    chosen = re.search(r'<option value="(\d+)" selected>([^<]+)', page)
    assert chosen[2] == "1. Not malignant" and 'value="excluded" id="v2" required checked' in page
    assert world.stored(Settlement) == []
    world.send(world.first, "proposals", verdict="excluded", reason=chosen[1], statement="Not malignant comes first.")
    world.send(world.second, f"proposals/{world.stored(Proposal)[0].id}/agree")
    settlement = world.stored(Settlement)[0]
    assert (settlement.verdict, settlement.reason_id) == (Verdict.EXCLUDED, int(chosen[1]))


def test_nothing_is_suggested_to_the_adjudicator_who_has_not_looked(app):
    world = World(app, TEXTS)

    assert " selected" not in world.page(world.judge) and " checked" not in world.page(world.judge)


def test_a_full_text_include_is_settled_with_questions_and_design(app):
    world = World(app, TEXTS)
    refused = world.send(world.judge, "decision", verdict="included", statement="In.", design="guideline")
    assert refused.status_code == 422 and "which question" in refused.text

    form = {"verdict": "included", "statement": "In.", "design": "guideline", "questions": ["pico2", "pico1"]}
    assert world.send(world.judge, "decision", **form).status_code == 303
    page = world.page(world.observer)
    assert "for questions pico1, pico2" in page and "guideline" in page


def test_a_service_settlement_and_the_page_agree(world):
    with database_of(world.app).write.begin() as session:
        judge = session.merge(world.judge)
        conflicts.adjudicate(session, judge, world.record_id, TITLES, Verdict.INCLUDED, "In doubt, in.")

    assert world.send(world.first, "proposals", verdict="excluded", statement="Out.").status_code == 409
