"""Amendments seen from the votes: when they came, which records were judged before them, and who learns what of it."""

import json

import pytest

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_member,
    a_record,
    a_review,
    a_vote,
    minimal_document,
    open_stage,
    sign_in,
    the_lead,
)
from workbench.app import database_of
from workbench.protocols import service as protocols
from workbench.protocols.rules import differences
from workbench.reviews.rules import Stage
from workbench.screening.queries import amendments as queries
from workbench.screening.service import stages

TITLES = Stage.TITLE_ABSTRACT


def amended(session, lead, **parts):
    """A further version with these parts."""
    document = minimal_document(lead.review.slug) | parts
    return protocols.amend(session, lead, json.dumps(document).encode(), "x", "We learnt more.")


@pytest.fixture
def house(session):
    """A lead and two reviewers at an open stage with three records."""
    review = a_review(session)
    lead, first, second = the_lead(session, review), a_member(session, review), a_member(session, review)
    records = [a_record(session, review) for _each in range(3)]
    open_stage(session, review)
    return lead, first, second, records


def test_records_judged_before_an_amendment_are_counted_and_those_still_closed_are_not_named(session, house):
    lead, first, second, (both, one_only, _none) = house
    for reviewer, record in ((first, both), (second, both), (first, one_only)):
        a_vote(session, reviewer, record, INCLUDE)
    version = amended(session, lead, limits={"from": "2009"})

    found = queries.affected(session, version, TITLES)

    assert (found.total, list(found.open_ids)) == (2, [both.id])
    assert queries.n_judged_earlier(session, version, TITLES) == 2
    assert queries.n_judged_earlier(session, version, Stage.FULL_TEXT) == 0


def test_a_vote_in_hand_counts_nowhere(session, house):
    lead, first, _second, (record, *_rest) = house
    a_vote(session, first, record, EXCLUDE, in_hand=True)

    assert queries.n_judged_earlier(session, amended(session, lead, limits={"from": "2009"}), TITLES) == 0


def test_a_record_judged_after_the_amendment_too_needs_no_other_look(session, house):
    lead, first, second, (record, *_rest) = house
    a_vote(session, first, record, INCLUDE)
    version = amended(session, lead, limits={"from": "2009"})
    a_vote(session, second, record, INCLUDE)

    assert queries.affected(session, version, TITLES).total == 0


@pytest.mark.parametrize(
    ("parts", "stages_of_it"),
    [
        ({"limits": {"from": "2009"}}, list(Stage)),
        ({"eligibility": {"include": [{"id": "adults", "text": "Adults"}]}}, list(Stage)),
        ({"screening": {"full-text": {"variant": "single", "votes": 1}}}, list(Stage)),
        ({"updates": "Every year"}, []),
        ({"contacts": ["An author"]}, []),
    ],
)
def test_only_what_records_are_judged_by_asks_for_another_look(parts, stages_of_it):
    before = minimal_document("x")

    assert queries.stages_touched(differences(before, before | parts)) == stages_of_it


def test_highlighted_words_ask_for_no_other_look():
    before = minimal_document("x")
    after = before | {"screening": before["screening"] | {"highlights": {"include": ["cement"]}}}

    assert queries.stages_touched(differences(before, after)) == []


def test_an_amendment_comes_before_during_or_after_screening(session):
    review = a_review(session)
    lead = the_lead(session, review)
    before = amended(session, lead, updates="1")
    open_stage(session, review)
    during = amended(session, lead, updates="2")
    open_stage(session, review, Stage.FULL_TEXT)
    for stage in Stage:
        stages.close_stage(session, lead, stage)
    after = amended(session, lead, updates="3")

    moments = [queries.moment_of(session, one) for one in (before, during, after)]

    assert moments == ["before_screening", "during_screening", "after_screening"]


def test_the_protocol_s_page_leads_to_the_records_that_may_need_another_look(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead, first, second = the_lead(session, review), a_member(session, review), a_member(session, review)
        seen, hidden = (a_record(session, review, title=title) for title in ("An open record", "A closed record"))
        open_stage(session, review)
        for reviewer, record in ((first, seen), (second, seen), (first, hidden)):
            a_vote(session, reviewer, record, INCLUDE)
        amended(session, lead, limits={"from": "2009"})
        person = lead.user

    browser = sign_in(client, person)
    assert "2 records may need another look" in browser.get("/reviews/spine/protocol").text
    page = browser.get("/reviews/spine/protocol/versions/2/affected/title-abstract").text

    assert "An open record" in page and "A closed record" not in page and "1 of them is not open yet" in page
    assert browser.get("/reviews/spine/protocol/versions/9/affected/title-abstract").status_code == 404
