"""Pages, files and commands about what the searches found."""

import csv
import html
import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests.factories import a_member, a_record, a_review, a_run, an_import, minimal_document, sign_in, the_lead
from tests.reporting.test_searches import KNOWN
from workbench.app import database_of
from workbench.cli import workbench
from workbench.errors import WorkbenchError
from workbench.protocols.models import SearchRun
from workbench.reviews.rules import Role

PAGES = ("known-items", "overlap", "updates", "prisma-s")


@pytest.fixture
def spine(app):
    """A review with known studies, two sources and an update; gives the specialist and the update's number."""
    with database_of(app).write.begin() as session:
        document = minimal_document("spine") | {"known_studies": KNOWN}
        review = a_review(session, "spine", document=document)
        first = an_import(session, review, a_run(session, review, code="pm-1"))
        a_record(session, review, of=first, pmid="21800107")
        a_record(
            session, review, of=an_import(session, review, a_run(session, review, source="em", source_name="Embase"))
        )
        update = an_import(session, review, a_run(session, review, code="pm-2", searched_on="2027-01-02"))
        a_record(session, review, of=update, title='=HYPERLINK("http://example.org")')
        return a_member(session, review, Role.SEARCH_SPECIALIST, name="Ida Lund").user, update.run_id


@pytest.fixture
def browser(client, spine):
    return sign_in(client, spine[0])


def test_the_page_of_the_searches_leads_to_all_that_they_found(browser):
    page = browser.get("/reviews/spine/searches").text

    for name in PAGES:
        assert f'href="/reviews/spine/searches/{name}"' in page


def test_known_studies_lead_to_their_records_and_the_missed_get_advice(browser):
    page = browser.get("/reviews/spine/searches/known-items").text

    assert "The searches found 1 of the 4 studies" in page and "found by its PMID" in page
    assert "None of MEDLINE, Embase brought it." in page and page.count("another source is needed") == 3


def test_the_table_of_the_overlap(browser):
    rows = list(
        csv.DictReader(io.StringIO(browser.get("/reviews/spine/searches/overlap.csv").get_data().decode("utf-8-sig")))
    )

    assert [(row["source"], row["reports"], row["unique"], row["only_included"]) for row in rows] == [
        ("MEDLINE", "2", "2", ""), ("Embase", "1", "1", "")
    ]  # fmt: skip
    assert [row["MEDLINE"] for row in rows] == ["2", "0"]
    assert "is hidden until full texts are judged" in browser.get("/reviews/spine/searches/overlap").text


def test_every_number_of_the_overlap_leads_to_its_reports(browser):
    overlap = html.unescape(browser.get("/reviews/spine/searches/overlap").text)
    links = set(re.findall(r'href="(/reviews/spine/searches/overlap/reports\?[^"]+)">(\d+)<', overlap))

    assert {n for _link, n in links} == {"1", "2"} and any("alone=yes" in link for link, _n in links)
    for link, n in links:
        page = browser.get(link).text
        assert page.count('<li><span class="row-words">') == int(n), link
        file = browser.get(link.replace("reports?", "reports.csv?")).get_data().decode("utf-8-sig")
        assert len(list(csv.DictReader(io.StringIO(file)))) == int(n)


@pytest.mark.parametrize("asked", ["", "?source=database:Nobody", "?source=MEDLINE", "?source=a&source=b&source=c"])
def test_reports_of_no_source_are_not_there(browser, asked):
    assert browser.get(f"/reviews/spine/searches/overlap/reports{asked}").status_code == 404


def test_an_update_lists_its_new_reports_and_its_table_runs_nothing(browser, spine):
    assert "1 run searched a source again and brought 1 new report." in " ".join(
        browser.get("/reviews/spine/searches/updates").text.split()
    )
    page = browser.get(f"/reviews/spine/searches/{spine[1]}/new").text
    (row,) = csv.DictReader(
        io.StringIO(browser.get(f"/reviews/spine/searches/{spine[1]}/new.csv").get_data().decode("utf-8-sig"))
    )

    assert "1 records = 0 repeated within the run + 0 known already + 1 new." in page
    assert "not compared with the others yet" in page
    assert row["title"].startswith("'=") and f'/records/{row["record_id"]}"' in page


def test_prisma_s_says_how_many_items_are_filled_and_comes_as_markdown(browser):
    page, file = browser.get("/reviews/spine/searches/prisma-s"), browser.get("/reviews/spine/searches/prisma-s.md")

    assert "of 16 items are filled" in page.text and "Whether there were limits is not said." in page.text
    assert "Run pm-2 of MEDLINE is not in the protocol." in page.text
    assert file.mimetype == "text/markdown" and file.text.startswith("# PRISMA-S: Cement augmentation")
    assert "spine-prisma-s.md" in file.headers["Content-Disposition"]


def test_search_histories_one_by_one_and_all_together(browser, spine):
    one = browser.get(f"/reviews/spine/searches/{spine[1]}/search-history.json")
    every = zipfile.ZipFile(io.BytesIO(browser.get("/reviews/spine/searches/search-histories.zip").data))

    assert one.json["date"]["search_conducted"] == "2027-01-02"
    assert "export_search_history.json" in one.headers["Content-Disposition"]
    assert len(every.namelist()) == 3


def test_pages_about_a_run_of_another_review_are_not_there(app, browser):
    with database_of(app).write.begin() as session:
        other = a_run(session, a_review(session, "other")).id

    for page in ("new", "new.csv", "search-history.json"):
        assert browser.get(f"/reviews/spine/searches/{other}/{page}").status_code == 404


def test_a_review_that_has_just_begun_says_what_to_do_first(app, client):
    with database_of(app).write.begin() as session:
        person = the_lead(session, a_review(session, "empty")).user
    browser = sign_in(client, person)

    said = {name: browser.get(f"/reviews/empty/searches/{name}").text for name in PAGES}

    assert "Nothing to check yet" in said["known-items"] and "Nothing to compare yet" in said["overlap"]
    assert "Nothing is searched yet" in said["updates"] and "No run is documented." in said["prisma-s"]


@pytest.fixture
def type_in(spine, tmp_path, monkeypatch):
    """Type a command in the house of the review; errors come through as they are."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))

    def go(*arguments):
        result = CliRunner().invoke(workbench, [str(one) for one in arguments], standalone_mode=False)
        if result.exception:
            raise result.exception
        return result

    return go


def test_known_items_as_a_command_exit_1_while_one_is_not_found(type_in):
    told = json.loads(type_in("searches", "known-items", "spine", "--json").output)
    spoken = type_in("searches", "known-items", "spine")

    assert [one["found"] for one in told] == [False, True, False, False]
    assert told[1]["found_in"] == ["MEDLINE"] and told[1]["missed_by"] == ["Embase"]
    assert spoken.return_value == 1 and "Found by pmid: Treatment of MM" in spoken.output


def test_overlap_and_news_as_commands(type_in):
    overlap = json.loads(type_in("searches", "overlap", "spine", "--json").output)
    news = json.loads(type_in("searches", "new", "spine", "--json").output)

    assert [one["shared"] for one in overlap["sources"]] == [[2, 0], [0, 1]] and overlap["included"] is None
    assert [(one["run"], one["later"], len(one["new"])) for one in news if one["source"] == "pubmed"] == [
        ("pm-1", False, 1), ("pm-2", True, 1)
    ]  # fmt: skip
    assert "Embase: 1 records, 1 reports, 1 here alone" in type_in("searches", "overlap", "spine").output
    assert "0 known, 1 new reports" in type_in("searches", "new", "spine").output


def test_histories_and_prisma_s_are_written_into_files(app, type_in, tmp_path):
    written = type_in("searches", "histories", "spine", "--output", tmp_path / "h").output.splitlines()
    type_in("prisma-s", "spine", "--output", tmp_path / "report.md")
    items = json.loads(type_in("prisma-s", "spine", "--json").output)

    with database_of(app).read() as session:
        assert len(written) == len(session.scalars(select(SearchRun)).all())
    assert (tmp_path / "report.md").read_text(encoding="utf-8").startswith("# PRISMA-S")
    assert len(items) == 16 and {"number", "name", "lines", "missing", "filled"} <= set(items[0])


def test_a_place_that_cannot_be_written_is_said_in_one_line(type_in, tmp_path):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")

    with pytest.raises(WorkbenchError, match="cannot be written"):
        type_in("searches", "histories", "spine", "--output", tmp_path / "taken" / "below")
