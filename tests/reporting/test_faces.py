"""The pages that tell where a review stands: for whom, within what is open, and with a way from every number."""

import csv
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from tests.factories import (
    a_duplicate,
    a_member,
    a_person,
    a_record,
    a_review,
    open_stage,
    sign_in,
    the_lead,
)
from tests.programs import Program
from tests.reporting.made_reviews import IN, OUT, TITLES, Facts, a_random_review
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.drawing import files as pictures
from workbench.protocols.models import HitsReport
from workbench.records.rules import read
from workbench.reporting import queries
from workbench.reporting.cli import prisma
from workbench.reviews.rules import Lane, Role
from workbench.screening.rules import Ballot, Found
from workbench.screening.service import voting

PAGES = ("", "prisma", "prisma?question=pico1", "prisma?step=s2", "prisma/records_screened", "prisma/new_reports")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def house(app):
    """A review made by chance in which title and abstract screening is open, and who leads it."""
    with database_of(app).write.begin() as session:
        facts = a_random_review(session, seed=3, reports=12)
        return {"slug": facts.review.slug, "lead": facts.voters[0].user, "other": facts.voters[1].user}


@pytest.fixture
def lead(client, house):
    return sign_in(client, house["lead"])


def test_every_role_reads_the_pages_and_a_stranger_finds_none(app, house):
    with database_of(app).write.begin() as session:
        review = queries_review(session, house["slug"])
        observer, stranger = a_member(session, review, Role.OBSERVER).user, a_person(session)
    mine, theirs = sign_in(app.test_client(), observer), sign_in(app.test_client(), stranger)
    for page in (*PAGES, "prisma.svg", "prisma/duplicates/records.csv"):
        assert mine.get(f"/reviews/{house['slug']}/{page}").status_code == 200, page
        assert theirs.get(f"/reviews/{house['slug']}/{page}").status_code == 404, page
    assert mine.get(f"/reviews/{house['slug']}/trail").status_code == 403


def test_a_file_of_reports_tells_each_by_all_its_records(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "told")
        kept, other = a_record(session, review, abstract=None), a_record(session, review, abstract="Told by the other.")
        a_duplicate(session, other, kept)
        person = the_lead(session, review).user
    signed_in = sign_in(client, person)

    screened = signed_in.get("/reviews/told/prisma/records_screened/records.csv").text.removeprefix("\ufeff")
    arrived = signed_in.get("/reviews/told/prisma/database_results/records.csv").text.removeprefix("\ufeff")

    [report] = csv.DictReader(io.StringIO(screened))
    assert report["abstract"] == "Told by the other."
    assert f"abstract: {other.id}" in report["fields_of_other_records"]
    first, _second = csv.DictReader(io.StringIO(arrived))
    assert (first["abstract"], first["fields_of_other_records"]) == ("", "")


def queries_review(session, slug):
    from workbench.reviews.queries import review_by_slug

    return review_by_slug(session, slug)


def test_each_number_of_the_diagram_leads_to_as_many_records(lead, house):
    page = lead.get(f"/reviews/{house['slug']}/prisma?question=pico1").text
    diagram = ET.fromstring(page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns")) + 6])
    links = {link.get("href"): "".join(link.itertext()) for link in diagram.iter(f"{SVG}a")}
    assert links
    for address, words in links.items():
        behind = lead.get(address)
        assert behind.status_code == 200, address
        if found := re.search(r"\(n = (\d+)\)$", words):
            told = re.search(rf"\b{found[1]} (records?|study|studies) stands? (behind|here)", behind.text)
            assert told, (address, words)


def test_every_link_has_a_name(lead, house):
    page = lead.get(f"/reviews/{house['slug']}/prisma").text
    diagram = ET.fromstring(page[page.index("<svg xmlns") : page.index("</svg>", page.index("<svg xmlns")) + 6])
    assert all("".join(link.itertext()).strip() for link in diagram.iter(f"{SVG}a"))


def test_the_other_lane_is_drawn_once_it_was_searched(app, client):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        facts.run(Lane.WEBSITE, "NICE")
        slug, person = facts.review.slug, facts.voters[0].user
    assert "prisma-new-other" in sign_in(client, person).get(f"/reviews/{slug}/prisma").text


@pytest.mark.parametrize(("kind", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{")])
def test_the_diagram_comes_as_a_file(lead, house, kind, begins):
    answer = lead.get(f"/reviews/{house['slug']}/prisma.{kind}")
    assert answer.status_code == 200 and answer.data.startswith(begins)
    assert f".{kind}" in answer.headers["Content-Disposition"]


def test_an_unknown_format_question_step_or_box_is_no_page(lead, house):
    for page in (
        "prisma.xlsx",
        "prisma?question=pico9",
        "prisma?step=s9",
        "prisma/nothing",
        "prisma/nothing/records.csv",
    ):
        assert lead.get(f"/reviews/{house['slug']}/{page}").status_code == 404, page


def test_files_that_cannot_be_drawn_are_not_offered_and_the_page_says_why(lead, house, monkeypatch):
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    page = lead.get(f"/reviews/{house['slug']}/prisma").text
    assert "prisma.png" not in page and "prisma.svg" in page and "PNG, PDF are not offered" in page


def test_a_program_reads_the_counts_and_their_sums(app, house):
    told = Program(app, house["lead"]).ask(f"/reviews/{house['slug']}/prisma").json
    assert told["draft"] is True and told["prisma"]["database_results"] > 0
    assert {one["holds"] for one in told["equations"] if one["severity"] == "error"} <= {True, None}


def test_the_records_behind_a_number_as_a_table_that_runs_nothing(app, client):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        facts.record(facts.run()).title = '=HYPERLINK("http://example.org")'
        slug, person = facts.review.slug, facts.voters[0].user
    answer = sign_in(client, person).get(f"/reviews/{slug}/prisma/database_results/records.csv")
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert row["title"].startswith("'=") and row["why"] == "Waits for votes at title and abstract"


def test_the_records_behind_a_number_are_given_to_reference_managers(app, client):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        of = facts.run()
        for place in range(3):
            facts.record(of).title = f"Trial number {place}"
        slug, person = facts.review.slug, facts.voters[0].user

    answer = sign_in(client, person).get(f"/reviews/{slug}/prisma/database_results/records.ris?q=number")

    assert [item.title for item in read(answer.data, "box.ris").items] == [f"Trial number {n}" for n in range(3)]


def test_the_list_is_filtered_and_paged(app, client):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        of = facts.run()
        for _record in range(60):
            facts.record(of)
        facts.record(of).title = "Kyphoplasty"
        slug, person = facts.review.slug, facts.voters[0].user
    browser = sign_in(client, person)
    assert "Page 2 of 2" in browser.get(f"/reviews/{slug}/prisma/records_screened?page=2").text
    found = browser.get(f"/reviews/{slug}/prisma/records_screened?q=kypho").text
    assert "1 record holds “kypho”" in found and found.count("<tr>") == 2


def test_an_empty_review_says_what_to_do_first(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "empty")
        person = the_lead(session, review).user
    browser = sign_in(client, person)
    page = browser.get("/reviews/empty/").text
    assert "the review begins with its searches" in page and "Import the first file" in page
    assert browser.get("/reviews/empty/prisma").status_code == 200
    assert "This number is 0" in browser.get("/reviews/empty/prisma/new_reports").text


def test_the_overview_names_what_holds_the_review_up(app, client):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        of = facts.run(name="Embase")
        facts.votes(facts.record(of), IN, OUT)
        facts.retrieved(facts.sought(of), Found.REQUESTED)
        facts.add(HitsReport(run_id=of.run_id, hits=9, reported_by=facts.voters[0].id, reported_at=of.completed_at))
        slug, person = facts.review.slug, facts.voters[0].user
    page = sign_in(client, person).get(f"/reviews/{slug}/").text
    for words in ("9 hits, 2 imported", "1 conflict at title and abstract", "1 report is still sought", "50 % decided"):
        assert words in page, words


def a_stage_with_one_vote(app, decision):
    with database_of(app).write.begin() as session:
        facts = Facts(session)
        record = facts.record(facts.run())
        open_stage(session, facts.review)
        voting.cast_vote(session, facts.voters[1], record.id, TITLES, Ballot(decision), "one")
        voting.hand_in(session, facts.voters[1], TITLES)
        return facts.review.slug, facts.voters[0].user, record.id, [one.user for one in facts.voters]


def test_the_trail_hides_what_was_decided_until_the_record_is_open(app, client):
    slug, lead, record_id, _voters = a_stage_with_one_vote(app, OUT)
    browser = sign_in(client, lead)
    page = browser.get(f"/reviews/{slug}/trail").text
    assert "Hidden until all votes" in page and "exclude" not in page
    with database_of(app).write.begin() as session:
        review = queries_review(session, slug)
        voting.cast_vote(session, the_lead(session, review), record_id, TITLES, Ballot(IN), "two")
    page = browser.get(f"/reviews/{slug}/trail").text
    assert "decision: include" in page and "exclude" not in page
    with database_of(app).write.begin() as session:
        voting.hand_in(session, the_lead(session, queries_review(session, slug)), TITLES)
    page = browser.get(f"/reviews/{slug}/trail").text
    assert "decision: exclude" in page and "Hidden" not in page


def test_no_page_of_the_trail_shows_a_hash(app, client):
    slug, lead, _record_id, _voters = a_stage_with_one_vote(app, OUT)
    with database_of(app).read() as session:
        hashes = {text for entry in session.scalars(select(AuditEntry)) for text in (entry.head, entry.salt)}
    page = sign_in(client, lead).get(f"/reviews/{slug}/trail").text
    assert not [text for text in hashes if text[:12] in page]


def test_the_chain_is_checked_on_request(app, client):
    slug, lead, _record_id, _voters = a_stage_with_one_vote(app, OUT)
    browser = sign_in(client, lead)
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"/reviews/{slug}/trail").text)[1]
    assert "The chain holds." in browser.post(f"/reviews/{slug}/trail/verify", data={"csrf_token": token}).text
    with database_of(app).write.begin() as session:
        session.execute(update(AuditEntry).where(AuditEntry.position == 3).values(payload={"slug": "other"}))
    answer = browser.post(f"/reviews/{slug}/trail/verify", data={"csrf_token": token})
    assert "The chain breaks at entry" in answer.text


def test_the_overview_tells_deeds_without_decisions(app, client):
    slug, lead, _record_id, _voters = a_stage_with_one_vote(app, OUT)
    page = sign_in(client, lead).get(f"/reviews/{slug}/").text
    assert "Jonas Lindqvist voted on a record, title and abstract" in page
    assert "opened the stage title and abstract" in page


def test_the_counts_on_the_command_line(app, house, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    run = CliRunner().invoke(prisma, ["show", house["slug"], "--json"], standalone_mode=False)
    told = json.loads(run.output)
    with database_of(app).read() as session:
        flow = queries.flow(session, queries_review(session, house["slug"]).id)
    assert told["prisma"] == flow.as_dict() and told["draft"] and {"id", "holds"} == set(told["equations"][0])
    readable = CliRunner().invoke(prisma, ["show", house["slug"], "--question", "pico1"], standalone_mode=False)
    assert "R3 holds:" in readable.output and "Draft: work remains." in readable.output
