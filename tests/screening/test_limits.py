"""Records outside the limits: flagged with the rule, removed as a whole list by one person, and put back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    EXCLUDE,
    a_duplicate,
    a_member,
    a_record,
    a_review,
    a_vote,
    an_import,
    minimal_document,
    open_stage,
    the_lead,
)
from tests.screening.test_stage_faces import browser, do
from workbench.app import database_of
from workbench.audit import queries as trail
from workbench.db import now
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import Limits
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.queries import limits, memo
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Ballot, Decision, LimitRule, Outcome, limit_rules, outside
from workbench.screening.service import stages, voting

YEAR, LANGUAGE = LimitRule.YEAR, LimitRule.LANGUAGE
STAGE = "/reviews/spine/stages/title-abstract"
SET = Limits(first_date="2009-05", last_date="2019", languages=("en", "nor"))


def a_limited_review(session, **changed):
    """A review of reports from 2009 to 2019 in English or Norwegian."""
    document = minimal_document("spine")
    document["limits"] = {"from": "2009", "to": "2019", "languages": ["en", "no"]} | changed
    return a_review(session, "spine", document=document)


def flagged(session, review):
    return limits.flagged(session, review.id, plan_in_force(session, review.id))


@pytest.mark.parametrize(
    ("year", "languages", "found"),
    [
        (2009, ["en"], []), (2019, ["nb"], []), (2008, ["en"], [YEAR]), (2020, ["fr"], [YEAR, LANGUAGE]),
        (None, [], []), (2010, ["fr", "en"], []), (2010, ["ger"], [LANGUAGE]), (2010, ["multilingual"], []),
        (2010, ["fr", "und"], []), (2010, ["ENG"], []), (2010, ["nn", "sv"], []),
    ],
)  # fmt: skip
def test_a_record_is_outside_by_what_is_known_of_it(year, languages, found):
    assert outside(SET, year, languages) == found


def test_a_limit_on_another_date_than_that_of_publication_is_not_checked():
    assert limit_rules(Limits(date_field="entry", first_date="2009")) == limit_rules(None) == []


@given(st.one_of(st.none(), st.integers(1900, 2100)), st.lists(st.sampled_from(["en", "no", "fr", "de", "und", "x"])))
def test_the_unknown_is_never_outside_and_no_limit_flags_nothing(year, languages):
    assert outside(Limits(), year, languages) == []
    found = outside(SET, year, languages)
    assert (YEAR in found) == (year is not None and not 2009 <= year <= 2019)
    assert (LANGUAGE in found) == (bool(languages) and set(languages) <= {"fr", "de"})


def test_kept_records_without_a_vote_are_flagged_with_the_rule(session):
    review = a_limited_review(session)
    lead, second = the_lead(session, review), a_member(session, review)
    old, french, voted, merged = (
        a_record(session, review, **values)
        for values in ({"year": 1999}, {"languages": ["fr"]}, {"year": 1998}, {"year": 1997})
    )
    a_duplicate(session, a_record(session, review, year=1999), old)
    a_record(session, review, of=an_import(session, review, taken_back_at=now(), taken_back_by=lead.id), year=1990)
    open_stage(session, review)
    member = a_record(session, review)
    a_vote(session, second, member)
    a_duplicate(session, member, merged)
    vote = a_vote(session, second, voted, EXCLUDE, in_hand=True)

    assert flagged(session, review) == {YEAR: [old.id], LANGUAGE: [french.id]}
    voting.withdraw(session, second, vote.record_id, vote.stage, "another key")
    assert flagged(session, review)[YEAR] == [old.id, voted.id]


def test_a_protocol_without_limits_flags_nothing(session):
    review = a_review(session)
    a_record(session, review, year=1066, languages=["la"])

    assert flagged(session, review) == {}


def test_a_list_is_accepted_whole_as_it_was_seen_and_put_back(session):
    review = a_limited_review(session, box="automation")
    lead = the_lead(session, review)
    for year in (1999, 2000, 2010):
        a_record(session, review, year=year)

    with pytest.raises(stages.ListChanged):
        stages.accept_list(session, lead, YEAR, 3)
    assert stages.accept_list(session, lead, YEAR, 2) == 2
    [removed] = limits.removed(session, review.id)
    assert (removed.rule, removed.n, removed.by_automation, removed.name) == ("year", 2, True, lead.name)
    assert flagged(session, review)[YEAR] == []
    assert stages.restore_removed(session, lead, LANGUAGE) == 0
    assert stages.restore_removed(session, lead, YEAR) == 2
    assert limits.removed(session, review.id) == [] and len(flagged(session, review)[YEAR]) == 2
    assert [entry.event for entry in trail.entries(session, review.id)][:2] == [
        "screening:records:put-back",
        "screening:records:removed",
    ]


def test_a_list_counts_as_removed_for_other_reasons_only_where_the_protocol_says_so(session):
    for box, is_automation in (({}, True), ({"box": "automation"}, True), ({"box": "other"}, False)):
        with session.begin_nested() as place:
            review = a_limited_review(session, **box)
            a_record(session, review, languages=["fr"])

            stages.accept_list(session, the_lead(session, review), LANGUAGE, 1)

            assert [one.by_automation for one in limits.removed(session, review.id)] == [is_automation]
            place.rollback()


def test_records_with_a_vote_or_of_another_review_are_not_removed(session):
    review, other = a_limited_review(session), a_review(session)
    second, lead = a_member(session, review), the_lead(session, review)
    free, voted, elsewhere = (a_record(session, one) for one in (review, review, other))
    open_stage(session, review)
    a_vote(session, second, voted, in_hand=True)

    ids = [free.id, voted.id, elsewhere.id]
    assert stages.remove_outside_limits(session, lead, "year", ids, by_automation=False) == 1
    assert stages.restore_removed(session, the_lead(session, other), "year") == 0


def test_only_who_may_amend_the_protocol_accepts_a_list_or_puts_it_back(session):
    review = a_limited_review(session)
    second = a_member(session, review)

    with pytest.raises(NotYours):
        stages.accept_list(session, second, YEAR, 0)
    with pytest.raises(NotYours):
        stages.restore_removed(session, second, "year")


def test_a_removed_record_is_not_voted_on_and_one_with_votes_is_not_put_back(session):
    review = a_limited_review(session)
    lead, record = the_lead(session, review), a_record(session, review, year=1999)
    open_stage(session, review)
    a_vote(session, lead, record, in_hand=True)
    voting.withdraw(session, lead, record.id, Stage.TITLE_ABSTRACT, "taken back")
    stages.accept_list(session, lead, YEAR, 1)

    with pytest.raises(voting.IsRemoved):
        a_vote(session, lead, record)
    stages.restore_removed(session, lead, YEAR)
    a_vote(session, lead, record, in_hand=True)
    assert stages.remove_outside_limits(session, lead, "year", [record.id], by_automation=False) == 0


def test_a_list_somebody_voted_on_meanwhile_is_not_put_back(session, monkeypatch):
    review = a_limited_review(session)
    lead, record = the_lead(session, review), a_record(session, review, year=1999)
    open_stage(session, review)
    stages.accept_list(session, lead, YEAR, 1)
    monkeypatch.setattr(queries, "is_removed", lambda *_: False)  # the vote was cast in the same moment
    a_vote(session, lead, record, in_hand=True)

    with pytest.raises(stages.HasVotes):
        stages.restore_removed(session, lead, YEAR)


def test_what_is_pending_follows_a_list_put_back_and_another_removed(sessions):
    with sessions.write.begin() as session:
        review = a_limited_review(session)
        lead = the_lead(session, review)
        records = [a_record(session, review, year=1999).id, a_record(session, review, languages=["fr"]).id]
    seen = []
    for rule in (YEAR, LANGUAGE):
        with sessions.write.begin() as session:
            stages.accept_list(session, lead, rule, 1)
        with sessions.read() as session:
            stage = queries.stage_rule(session, review.id, Stage.TITLE_ABSTRACT)
            seen.append([one.record_id for one in memo.standing_at(session, review.id, stage, Outcome.PENDING)])
        with sessions.write.begin() as session:
            stages.restore_removed(session, lead, rule)

    assert seen == [records[1:], records[:1]]


def test_a_sample_comes_from_all_over_the_list(session):
    review = a_review(session)
    of = an_import(session, review)
    ids = [a_record(session, review, of=of).id for _ in range(25)]

    assert [record.id for record in limits.sample(session, ids)] == [ids[at * 25 // 10] for at in range(10)]
    assert [record.id for record in limits.sample(session, ids[:3])] == ids[:3] and limits.sample(session, []) == []


# The pages


@pytest.fixture
def house(app):
    """Sixty records before 2009, one in French, one within."""
    with database_of(app).write.begin() as session:
        app.review = a_limited_review(session)
        app.lead = the_lead(session, app.review)
        of = an_import(session, app.review)
        for n in range(60):
            a_record(session, app.review, of=of, year=1999, languages=["en"], title=f"Old record {n}")
        app.french = a_record(session, app.review, of=of, year=2010, languages=["fr"], title="Une étude").id
        a_record(session, app.review, of=of, year=2010, languages=["en"], title="A study within")
        open_stage(session, app.review)
    return app


def test_the_stage_says_how_many_are_outside_and_leads_to_them(house):
    page = browser(house, house.lead.user).get(STAGE).text

    assert re.search(r">60<.{0,80}records outside the years", page, re.S)
    assert f"{STAGE}/outside/year" in page and f"{STAGE}/outside/language" in page
    assert (
        "Outside the limits"
        not in browser(house, house.lead.user).get(STAGE.replace("title-abstract", "full-text")).text
    )


def test_a_list_is_paged_and_its_acceptance_says_number_sample_and_box(house):
    client = browser(house, house.lead.user)

    page, second = client.get(f"{STAGE}/outside/year").text, client.get(f"{STAGE}/outside/year?page=2").text
    french = client.get(f"{STAGE}/outside/language").text

    assert (
        "60 records are outside this limit" in page and page.count("<li><div") == 50 and second.count("<li><div") == 10
    )
    assert "Remove 60 records before screening?" in page and "A sample of 10" in page and "2009–2019" in page
    assert "Records marked as ineligible by automation tools" in page and "A study within" not in page + french
    assert '<span class="small quiet num">French</span>' in french and "English, Norwegian" in french


def test_a_list_is_accepted_and_put_back_in_the_browser(house):
    client = browser(house, house.lead.user)

    assert do(client, f"{STAGE}/outside/year/accept", n=59).status_code == 409
    accepted = do(client, f"{STAGE}/outside/year/accept", n=60)
    assert accepted.status_code == 303 and "60 records are removed" in client.get(accepted.location).text
    assert re.search(r">60<.{0,80}records removed before screening", client.get(STAGE).text, re.S)
    assert "Une étude" in client.get("/reviews/spine/screen/title-abstract").text
    back = do(client, f"{STAGE}/outside/year/restore")
    assert "put back into screening: 60" in client.get(back.location).text


@pytest.mark.parametrize(("role", "status"), [(Role.OBSERVER, 403), (Role.REVIEWER, 403), (Role.METHODOLOGIST, 303)])
def test_all_may_look_at_a_list_and_few_accept_it(house, role, status):
    with database_of(house).write.begin() as session:
        person = a_member(session, house.review, role).user
    client = browser(house, person)

    page = client.get(f"{STAGE}/outside/year")

    assert page.status_code == 200 and ("Accept the whole list" in page.text) == (status == 303)
    assert do(client, f"{STAGE}/outside/year/accept", n=60).status_code == status
    assert do(client, f"{STAGE}/outside/year/restore").status_code == status


def test_the_lists_of_another_review_and_other_limits_are_not_found(house):
    with database_of(house).write.begin() as session:
        stranger = the_lead(session, a_review(session, "other")).user
    client = browser(house, stranger)

    assert client.get(f"{STAGE}/outside/year").status_code == 404
    assert do(client, f"{STAGE}/outside/year/accept", n=60).status_code == 404
    assert "No record is on this list" in client.get("/reviews/other/stages/title-abstract/outside/year").text
    assert client.get("/reviews/other/stages/title-abstract/outside/size").status_code == 404


def test_the_desk_says_of_a_record_that_it_is_outside_and_takes_the_vote(house):
    client = browser(house, house.lead.user)

    assert re.search(r"Outside the limits:\s+year", client.get("/reviews/spine/screen/title-abstract").text)
    with database_of(house).write.begin() as session:
        voting.cast_vote(session, house.lead, house.french, Stage.TITLE_ABSTRACT, Ballot(Decision.EXCLUDE), "french")
    assert "No record is on this list" in client.get(f"{STAGE}/outside/language").text
