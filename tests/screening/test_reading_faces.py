"""Pages of the full texts in use: reminders, many at once, the list for the library, and the search in a text."""

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import (
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
from tests.pdfs import a_locked_pdf, a_pdf, a_scan
from workbench.app import database_of
from workbench.db import now
from workbench.files.models import FileText
from workbench.records.models import Record
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import Retrieval
from workbench.screening.rules import Attempt, Ballot, Channel, Decision, Found
from workbench.screening.service import retrieval

LIST = "/reviews/spine/full-texts"
PAGES = (["Cement in the spine"], ["We gave no cement."])


class World:
    """A review with reports at full text, and a browser for each person."""

    def __init__(self, app: Flask, n: int = 2) -> None:
        self.app = app
        with database_of(app).write.begin() as session:
            review = a_review(session, "spine")
            self.lead, self.second = the_lead(session, review), a_member(session, review)
            self.judge = a_member(session, review, Role.ADJUDICATOR)
            self.observer = a_member(session, review, Role.OBSERVER)
            self.stranger = the_lead(session, a_review(session, "other"))
            open_stage(session, review)
            self.ids = [
                a_report(session, review, self.lead, self.second, found=None, title=f"=Trial {place}", year=2020 - place,
                         doi=f"10.1000/{place}", pmid=f"{place}00", pmcid=f"PMC{place}").id
                for place in range(n)
            ]  # fmt: skip

    def as_(self, member):
        self.app.config["WTF_CSRF_ENABLED"] = True
        browser = sign_in(self.app.test_client(), member.user)
        self.app.config["WTF_CSRF_ENABLED"] = False
        return browser

    def attach(self, data: bytes, name: str = "trial.pdf", *, record_id: int | None = None) -> int:
        with database_of(self.app).write.begin() as session:
            store, lead = self.app.extensions["workbench.files"], session.merge(self.lead)
            return retrieval.attach(session, store, lead, record_id or self.ids[0], data, name).id

    def how_many(self, table) -> int:
        with database_of(self.app).read() as session:
            return session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def log_overdue(world: World, record_id: int) -> None:
    with database_of(world.app).write.begin() as session:
        retrieval.log_report(session, session.merge(world.lead), record_id, Found.REQUESTED, None,
                             Attempt(Channel.LIBRARY, None, now().date() + timedelta(days=9)))  # fmt: skip
        session.scalars(select(Retrieval)).one().expected_by = now().date() - timedelta(days=2)


def test_what_is_overdue_stands_first_and_reminds(world):
    log_overdue(world, world.ids[1])
    page = world.as_(world.second).get(LIST).text

    assert "1 report was expected by now." in page and "Overdue: expected by" in page and "Library, " in page
    assert page.index("=Trial 1") < page.index("=Trial 0")
    only = world.as_(world.second).get(f"{LIST}?state=overdue").text
    assert "=Trial 1" in only and "=Trial 0" not in only


def test_ticked_reports_are_requested_at_once(world):
    browser = world.as_(world.second)
    form = {"record": world.ids, "found": "requested", "channel": "library", "note": "Loan 7", "state": "sought"}

    answers = [browser.post(f"{LIST}/log", data=form, follow_redirects=True) for _twice in range(2)]

    assert "Written down for 2 reports." in answers[0].text and world.how_many(Retrieval) == 2
    assert "Loan 7" in browser.get(f"{LIST}?state=requested").text


def test_more_than_twenty_are_asked_for_first(app):
    world = World(app, n=22)
    browser = world.as_(world.lead)
    form = {"everything": "1", "found": "tried", "channel": "link", "state": "sought"}

    asked = browser.post(f"{LIST}/log", data=form)
    assert asked.status_code == 200 and "Write it down for 22 reports?" in asked.text and world.how_many(Retrieval) == 0
    sent = re.findall(r'name="(\w+)" value="([^"]*)"', asked.text[asked.text.index('<form class="sheet"') :])
    done = browser.post(f"{LIST}/log", data={name: [v for n, v in sent if n == name] for name, _v in sent})

    assert done.status_code == 303 and world.how_many(Retrieval) == 22


@pytest.mark.parametrize(
    "form",
    [{}, {"found": "requested"}, {"record": "1", "found": "eaten"}, {"record": "1", "found": "tried"},
     {"record": "1", "found": "not-retrieved", "note": "No"}, {"record": "1", "found": "requested", "on": "yesterday"},
     {"record": "9" * 30, "found": "requested"}],
)  # fmt: skip
def test_what_cannot_be_written_down_for_many_is_refused(world, form):
    answer = world.as_(world.lead).post(f"{LIST}/log", data=form)

    assert answer.status_code == 422 and "Nothing was changed." in answer.text and world.how_many(Retrieval) == 0


def test_reports_of_others_are_not_written_down(world):
    assert (
        world.as_(world.observer).post(f"{LIST}/log", data={"record": world.ids, "found": "requested"}).status_code
        == 403
    )
    elsewhere = world.as_(world.stranger).post(
        "/reviews/other/full-texts/log", data={"record": world.ids, "found": "requested"}
    )
    assert elsewhere.status_code == 404 and world.how_many(Retrieval) == 0


def test_the_list_for_the_library_names_the_reports_of_the_chosen_states(world):
    log_overdue(world, world.ids[1])
    browser = world.as_(world.observer)

    table = list(csv.DictReader(io.StringIO(browser.get(f"{LIST}/list/csv?state=requested").text.lstrip("\ufeff"))))
    [row] = table
    assert row["record_id"] == str(world.ids[1]) and row["title"] == "'=Trial 1" and row["channel"] == "library"
    assert row["doi_address"] == "https://doi.org/10.1000/1" and "/100/" in row["pubmed_address"]
    ris = browser.get(f"{LIST}/list/ris?state=sought&state=tried").text
    assert ris.count("TY  - ") == 1 and "=Trial 0" in ris
    assert browser.get(f"{LIST}/list/ris").text.count("TY  - ") == 2
    assert browser.get(f"{LIST}/list/exe").status_code == 404


def test_the_list_tells_a_report_as_all_its_records_do(world):
    with database_of(world.app).write.begin() as session:
        kept = session.get_one(Record, world.ids[0])
        kept.doi = None
        other = a_record(session, session.merge(world.lead).review, doi="10.1000/full")
        a_duplicate(session, other, kept)

    assert "10.1000/full" in world.as_(world.lead).get(f"{LIST}/list/ris").text


def test_the_text_of_a_file_is_searched_and_read_once(world):
    file = world.attach(a_pdf(*PAGES))
    browser = world.as_(world.second)

    page = browser.get(f"{LIST}/{file}/text?q=no+CEMENT").text
    assert "stands at 1 place" in page and "#page=2&amp;navpanes=0" in page and 'target="pdf"' in page
    part = browser.get(f"{LIST}/{file}/text?q=plaster&part=1").text
    assert "stands nowhere in the text" in part and "<html" not in part
    assert world.how_many(FileText) == 1


def test_the_terms_of_the_desk_lead_to_their_pages(world):
    part = world.as_(world.second).get(f"{LIST}/{world.attach(a_pdf(*PAGES))}/text?part=1").text

    found = re.search(r">cement</mark>.*?</li>", part, re.DOTALL)[0]
    assert re.findall(r"#page=(\d)", found) == ["1", "2"]


@pytest.mark.parametrize(("data", "says"), [(a_scan(), "pictures of pages"), (a_locked_pdf(), "opens with a password")])
def test_a_file_without_text_says_why_nothing_is_found(world, data, says):
    answer = world.as_(world.lead).get(f"{LIST}/{world.attach(data)}/text?q=cement")

    assert answer.status_code == 200 and says in answer.text


def test_a_file_is_searched_by_members_who_may_read_it_only(world):
    address = f"{LIST}/{world.attach(a_pdf(*PAGES))}/text?q=cement"

    assert world.as_(world.observer).get(address).status_code == 403
    assert world.as_(world.stranger).get(address).status_code == 404
    assert world.as_(world.stranger).get(address.replace("spine", "other")).status_code == 404
    assert world.app.test_client().get(address).status_code == 302
    assert world.how_many(FileText) == 0


def test_what_is_searched_is_text_and_never_markup(world):
    page = world.as_(world.lead).get(f"{LIST}/{world.attach(a_pdf(['<b>cement</b>']))}/text?q=%3Cb%3Ecement").text

    assert "<b>cement" not in page and "&lt;b&gt;cement" in page


def test_page_and_quote_open_to_the_adjudicator_with_the_reasons(world):
    file = world.attach(a_pdf(*PAGES))
    with database_of(world.app).write.begin() as session:
        lead, second = session.merge(world.lead), session.merge(world.second)
        open_stage(session, lead.review, Stage.FULL_TEXT)
        record = session.get_one(Record, world.ids[0])
        for person, code, page in ((lead, "not-cement", 2), (second, "wrong-design", 1)):
            said = Ballot(Decision.EXCLUDE, a_reason(session, lead.review, code), page=page, quote=f"words of {code}",
                          quoted_from=file)  # fmt: skip
            a_vote(session, person, record, said, Stage.FULL_TEXT)
    browser, address = world.as_(world.judge), f"/reviews/spine/conflicts/full-text/{world.ids[0]}"

    blind = browser.get(address).text
    assert 'name="pdf"' in blind and "words of" not in blind and "Page 2" not in blind
    browser.post(f"{address}/looks", data={"what": "reasons"})

    seen = browser.get(address).text
    assert "words of not-cement" in seen and "words of wrong-design" in seen and "#page=2&amp;" in seen


def test_the_desk_takes_page_and_quote_and_shows_them_again(world):
    world.attach(a_pdf(*PAGES))
    with database_of(world.app).write.begin() as session:
        review = session.merge(world.lead).review
        open_stage(session, review, Stage.FULL_TEXT)
        reason = a_reason(session, review)
    browser, desk = world.as_(world.lead), "/reviews/spine/screen/full-text"
    form = {"record": world.ids[0], "turn": 0, "decision": "exclude", "reason": reason, "page": "2", "quote": "Wrong"}

    assert browser.post(f"{desk}/votes", data=form | {"page": "0"}).status_code == 422
    assert browser.post(f"{desk}/votes", data=form).status_code == 303
    again = browser.get(f"{desk}?record={world.ids[0]}").text
    assert re.search(r'name="page" value="2"', again) and ">Wrong</textarea>" in again
