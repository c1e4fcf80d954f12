"""The page of a search on PubMed and the command that fetches it."""

import json
import re
import socket
import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.eutils import Eutils, api_key_invalid, serving, some, status
from tests.factories import a_member, a_review, a_run, sign_in
from tests.records.harvests import KEY, a_document, a_search
from tests.records.pages import work
from workbench.app import database_of
from workbench.errors import NotFound
from workbench.jobs.models import Job
from workbench.protocols import queries as protocols
from workbench.records.cli import records as command
from workbench.records.entrez import NoAnswer
from workbench.records.models import Import, LiveSearch, Record
from workbench.reviews.rules import Role

PAGE = "/reviews/spine/searches/1/pubmed"


@pytest.fixture
def held(monkeypatch):
    with serving(Eutils(some(230))) as server:
        monkeypatch.setenv("WORKBENCH_PUBMED_URL", server.url)
        monkeypatch.setenv("WORKBENCH_PUBMED_API_KEY", KEY)
        yield server


@pytest.fixture
def lead(app, client):
    with database_of(app).write.begin() as session:
        lead, _run = a_search(session)
    sign_in(client, lead.user)
    return lead


def send(client, address):
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/reviews/new").text)[1]
    return client.post(address, data={"csrf_token": token})


def count(app, table):
    with database_of(app).read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_the_searches_page_leads_to_pubmed_where_the_run_is_one(app, client, lead):
    assert f'href="{PAGE}"' in client.get("/reviews/spine/searches").text
    with database_of(app).write.begin() as session:
        other = a_review(session, "ovid", lead=lead.user, document=a_document("ovid", platform="Ovid"))
        a_run(session, other, code="pm-1")

    assert "/pubmed" not in client.get("/reviews/ovid/searches").text
    assert "no search of PubMed" in client.get("/reviews/ovid/searches/2/pubmed").text


def test_the_page_shows_what_pubmed_would_get_before_anything_is_asked(client, lead, held):
    page = client.get(PAGE).text

    assert "(cement OR glue) AND trial" in page and "Ask PubMed how many" in page and "Fetch these" not in page
    assert held.asked == []


def test_the_count_comes_before_the_fetching(app, client, lead, held):
    answer = send(client, f"{PAGE}/count")
    page = client.get(PAGE).text

    assert answer.status_code == 303 and answer.location == PAGE
    assert "PubMed finds 230 records." in page and "Fetch these 230 records" in page
    assert "(cement OR glue) AND trial as understood" in page
    assert held.utilities() == ["esearch"] and count(app, Import) == 0


def test_everything_is_fetched_and_the_page_leads_to_the_import(app, client, lead, held):
    send(client, f"{PAGE}/count")
    answer = send(client, f"{PAGE}/harvest")
    during = client.get(PAGE).text
    assert answer.status_code == 303 and "<progress" in during and "is being fetched" in during

    work(app)
    page = client.get(PAGE).text

    assert "PubMed found 230 records" in page and "230 were delivered" in page and "/imports/1" in page
    assert "Fetch these" not in page and "The run has its records already." in page
    assert "Every hit of the run is accounted for." in client.get("/reviews/spine/imports/1").text
    assert count(app, Record) == 230


def test_a_harvest_that_stopped_is_told_and_goes_on(app, client, lead, held, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    held.always["efetch"] = status(500)
    send(client, f"{PAGE}/harvest")
    work(app)
    page = client.get(PAGE).text
    assert "The fetching stopped half-way." in page and "tried 5 times" in page and "Go on" in page

    held.always.clear()
    assert send(client, f"{PAGE}/harvest/again").status_code == 303
    work(app)

    assert "230 were delivered" in client.get(PAGE).text


def test_a_harvest_that_stopped_can_be_given_up_on_the_page(app, client, lead, held, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    held.always["efetch"] = status(500)
    send(client, f"{PAGE}/harvest")
    work(app)

    send(client, f"{PAGE}/harvest/drop")

    assert "The fetching is given up." in client.get(PAGE).text
    assert count(app, Import) == 0 and send(client, f"{PAGE}/harvest/drop").status_code == 409


def test_records_that_were_not_delivered_are_listed(app, client, lead, held):
    held.hidden = {30_000_008}
    send(client, f"{PAGE}/harvest")
    work(app)

    page = client.get(PAGE).text

    assert "1 record that PubMed counted was not delivered" in page and "30000008" in page
    assert "Counted by PubMed but not delivered: PMID 30000008." in client.get("/reviews/spine/searches").text


def test_lines_and_known_studies_are_shown(app, client, lead, held):
    assert send(client, f"{PAGE}/lines").status_code == 303
    assert "PubMed is being asked about each line." in client.get(PAGE).text
    work(app)

    page = client.get(PAGE).text

    assert "by lines #1, #2, #3" in page and "PubMed does not hold it" in page and "not asked" not in page


def test_lines_that_could_not_be_asked_are_told_and_asked_once_at_a_time(app, client, lead, held, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    held.always["esearch"] = status(500)
    send(client, f"{PAGE}/lines")
    send(client, f"{PAGE}/lines")
    assert count(app, Job) == 1
    work(app)

    assert "not every line could be asked" in client.get(PAGE).text


def test_nobody_waits_to_write_while_pubmed_is_asked(app, client, lead, held):
    wrote = []

    def slow(_handler, _asked):
        def write():
            with database_of(app).write.begin() as session:
                session.get_one(type(lead), lead.id)
                wrote.append("done")

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(5)
        return False

    held.mishaps = [slow]

    assert send(client, f"{PAGE}/count").status_code == 303 and wrote == ["done"]


def test_without_a_network_the_page_says_so_and_nothing_changes(app, client, lead, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("WORKBENCH_PUBMED_URL", f"http://127.0.0.1:{taken.getsockname()[1]}/")
        answer = send(client, f"{PAGE}/count")

    assert answer.status_code == 422
    assert "Connection refused" in answer.text and "Try again in some minutes" in answer.text
    assert count(app, LiveSearch) == 0


def test_the_key_is_on_no_page(client, lead, held):
    held.mishaps = [api_key_invalid]

    answer = send(client, f"{PAGE}/count")

    assert answer.status_code == 422 and "API key invalid" in answer.text and KEY not in answer.text


def test_a_second_click_on_fetch_says_that_it_is_under_way(client, lead, held):
    send(client, f"{PAGE}/harvest")

    answer = send(client, f"{PAGE}/harvest")

    assert answer.status_code == 409 and "being fetched already" in answer.text


def test_an_observer_sees_the_page_and_no_button(app, client, lead, held):
    with database_of(app).write.begin() as session:
        observer = a_member(session, session.merge(lead).review, Role.OBSERVER).user
    browser = sign_in(app.test_client(), observer)

    page = browser.get(PAGE).text

    assert "(cement OR glue) AND trial" in page and "<form method" not in page.split("<main")[1]


def test_a_run_of_another_review_is_not_there(client, lead):
    assert client.get("/reviews/spine/searches/77/pubmed").status_code == 404


@pytest.fixture
def home(app, lead, tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", sqlite_url)
    return app


def run(*arguments):
    return CliRunner().invoke(command, ["fetch-pubmed", *arguments], catch_exceptions=True)


def test_the_command_fetches_and_tells_the_balance(home, held, capfd):
    done = run("spine", "pm-1", "--json")

    assert done.exit_code == 0, done.exception
    told = json.loads(done.stdout)
    assert (told["hits"], told["imported"], told["difference"], told["files"][0]["format"]) == (
        230,
        230,
        0,
        "pubmed-xml",
    )
    assert KEY not in done.output + "".join(capfd.readouterr()) and count(home, Record) == 230


def test_the_command_can_only_count(home, held):
    done = run("spine", "pm-1", "--count", "--json")

    told = json.loads(done.stdout)
    assert (told["count"], told["term"]) == (230, "(cement OR glue) AND trial")
    assert count(home, Import) == 0 and count(home, LiveSearch) == 1


def test_the_command_goes_on_where_it_stopped(home, held, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    held.always["efetch"] = status(500)
    failed = run("spine", "pm-1")
    assert failed.exit_code == 1 and "did not answer" in str(failed.exception)
    held.always.clear()

    done = run("spine", "pm-1")

    assert done.exit_code == 0 and "Run pm-1: 230 hits = 230 imported" in done.stdout


def test_the_command_says_what_is_wrong(home, held):
    assert isinstance(run("spine", "pm-9").exception, NotFound)
    with database_of(home).read() as session:
        assert protocols.hits(session, 1) == {}


def test_without_a_network_the_command_says_so(home, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    monkeypatch.setenv("WORKBENCH_PUBMED_URL", "http://127.0.0.1:9/")

    assert isinstance(run("spine", "pm-1", "--count").exception, NoAnswer)
