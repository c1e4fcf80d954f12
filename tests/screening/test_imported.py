"""Decisions of other tools are shown once nobody judges the record any more, to nobody before (B1)."""

import pytest

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_member,
    a_reason,
    a_report,
    a_review,
    a_vote,
    an_import,
    an_imported_decision,
    open_stage,
    sign_in,
    the_lead,
)
from tests.factories import a_record as a_plain_record
from workbench.app import database_of
from workbench.records.rules.decisions import Choice
from workbench.reviews.rules import Role, Stage
from workbench.screening.queries.imported import imported
from workbench.screening.rules import Ballot, Decision

NOTE = 'RAYYAN-INCLUSION: {"Emily"=>"Excluded"}'


def a_record(session, review, **values):
    record = a_plain_record(session, review, **values)
    record.raw = [["TI", record.title, record.first_line], ["N1", NOTE, record.first_line]]
    an_imported_decision(session, record, Choice.EXCLUDE)
    return record


def team(session):
    review = a_review(session, "spine")
    return review, the_lead(session, review), a_member(session, review)


def is_shown(session, review, record):
    session.flush()
    return bool(imported(session, review.id, record.id).decisions)


def test_nothing_is_shown_before_and_while_titles_are_screened(session):
    review, lead, _second = team(session)
    record = a_record(session, review)

    before = is_shown(session, review, record)
    open_stage(session, review)
    a_vote(session, lead, record, EXCLUDE)

    assert (before, is_shown(session, review, record)) == (False, False)
    assert imported(session, review.id, record.id).exist


def test_what_was_said_is_shown_once_the_record_is_excluded_by_its_title(session):
    review, lead, second = team(session)
    record = a_record(session, review)
    open_stage(session, review)

    for person in (lead, second):
        a_vote(session, person, record, EXCLUDE)

    assert is_shown(session, review, record)


def test_a_conflict_that_waits_for_a_way_out_shows_nothing(session):
    review, lead, second = team(session)
    record = a_record(session, review)
    open_stage(session, review)

    a_vote(session, lead, record, EXCLUDE)
    a_vote(session, second, record, INCLUDE)

    assert not is_shown(session, review, record)


def test_an_included_title_shows_nothing_until_its_full_text_is_decided(session):
    review, lead, second = team(session)
    open_stage(session, review)
    record = a_report(session, review, lead, second)
    an_imported_decision(session, record)
    open_stage(session, review, Stage.FULL_TEXT)
    because = Ballot(Decision.EXCLUDE, a_reason(session, review))

    seen = [is_shown(session, review, record)]
    for person in (lead, second):
        a_vote(session, person, record, because, Stage.FULL_TEXT)
        seen.append(is_shown(session, review, record))

    assert seen == [False, False, True]


@pytest.fixture
def house(app):
    with database_of(app).write.begin() as session:
        review, app.lead, app.second = team(session)
        app.observer = a_member(session, review, Role.OBSERVER)
        of = an_import(session, review, source="rayyan")
        app.of = of.id
        app.open, app.hidden = (a_record(session, review, of=of).id for _ in range(2))
        open_stage(session, review)
        from workbench.records.models import Record

        for person in (app.lead, app.second):
            a_vote(session, person, session.get_one(Record, app.open), EXCLUDE)
        app.people = {"lead": app.lead.user, "observer": app.observer.user}
    return app


@pytest.mark.parametrize("who", ["lead", "observer"])
def test_the_page_of_a_record_shows_imported_decisions_under_their_tool_only_when_open(house, who):
    browser = sign_in(house.test_client(), house.people[who])

    shown = browser.get(f"/reviews/spine/records/{house.open}").text
    hidden = browser.get(f"/reviews/spine/records/{house.hidden}").text

    assert "Imported decisions" in shown and "Emily" in shown and "Rayyan" in shown
    assert "Imported decisions" in hidden
    assert "Emily" not in hidden and "RAYYAN-INCLUSION" not in hidden


def test_the_desk_never_shows_an_imported_decision(house):
    browser = sign_in(house.test_client(), house.people["lead"])

    page = browser.get("/reviews/spine/screen/title-abstract").text

    assert "Emily" not in page and "RAYYAN" not in page


def test_the_page_of_an_import_says_that_decisions_came_along_and_takes_the_log(house):
    import io
    import re

    browser = sign_in(house.test_client(), house.people["lead"])
    page = browser.get(f"/reviews/spine/imports/{house.of}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    answer = browser.post(
        f"/reviews/spine/imports/{house.of}/decisions",
        data={"csrf_token": token, "file": (io.BytesIO(b"title\nOne\n"), "log.csv")},
        content_type="multipart/form-data",
    )

    assert "On 2 records, decisions from another screening tool came along." in page
    assert answer.status_code == 422
    assert "no log of Rayyan" in answer.text
