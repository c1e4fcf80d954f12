"""Records entered by hand: typed, pasted or filled from PubMed, imported like any file."""

import re

import pytest
from flask import g
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories import a_member, sign_in
from tests.records.pages import BASE, send, work
from workbench.app import database_of
from workbench.protocols.models import HitsReport, SearchRun
from workbench.records.models import Import, Record
from workbench.records.rules import Item, read
from workbench.records.rules.by_hand import BadEntry, Entry, as_file, checked, pasted, template
from workbench.reviews.rules import Role

GUIDELINE = {
    "title-0": "Treatment of metastatic spinal disease",
    "authors-0": "Centers for Disease Control and Prevention",
    "journal-0": "Sundhedsstyrelsen",
    "year-0": "2018",
    "url-0": "https://example.org/guideline",
    "language-0": "Danish",
    "kind-0": "Guideline",
    "abstract-0": "=not a formula,\nin two lines",
}


def entered(client, **form):
    return send(client, "/by-hand", deed="save", **form)


def test_what_is_typed_arrives_as_records_of_the_run_with_nothing_lost(app, client, house):
    _member, runs = house

    answer = entered(client, of=f"run:{runs['demo-pubmed']}", **GUIDELINE, **{"doi-1": "https://doi.org/10.1000/X"})
    work(app)

    page = client.get(answer.location).text
    assert "Entered by hand by Karen Holm on" in page and "2 of 2 records in the file were imported." in page
    with database_of(app).read() as session:
        first, second = session.scalars(select(Record).order_by(Record.number))
        assert first.title == "Treatment of metastatic spinal disease"
        assert first.authors == ["Centers for Disease Control and Prevention"]
        assert (first.year, first.journal, first.languages) == (2018, "Sundhedsstyrelsen", ["da"])
        assert first.urls == ["https://example.org/guideline"] and first.publication_types == ["Guideline"]
        assert first.abstract == "=not a formula, in two lines" and second.doi == "10.1000/x"
        assert session.scalars(select(Import.by_hand)).all() == [True]


def test_a_new_run_of_a_source_is_documented_on_the_fly_and_complete(app, client, house):
    with database_of(app).read() as session:
        before = session.scalar(select(func.count(SearchRun.id)))

    answer = entered(client, of="source:pubmed", **GUIDELINE)
    work(app)

    with database_of(app).read() as session:
        run = session.scalars(select(SearchRun).order_by(SearchRun.id.desc())).first()
        assert session.scalar(select(func.count(SearchRun.id))) == before + 1
        assert session.scalars(select(HitsReport.hits).where(HitsReport.run_id == run.id)).all() == [1]
    assert "Every hit of the run is accounted for." in client.get(answer.location).text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"year-0": "2014", "of": "source:pubmed"}, "no title, no DOI and no PMID"),
        ({"title-0": "A", "year-0": "last year", "of": "source:pubmed"}, "“last year” is no year"),
        ({"title-0": "A", "doi-0": "ten", "of": "source:pubmed"}, "“ten” is no DOI"),
        ({"title-0": "A", "url-0": "javascript:alert(1)", "of": "source:pubmed"}, "is no web address"),
        ({"title-0": "A", "of": ""}, "Say where the records were found"),
        ({"title-0": "A", "of": "source:nowhere"}, "no source “nowhere”"),
        ({"title-0": "A", "of": "run:99999"}, "no search run 99999"),
        ({"of": "source:pubmed"}, "Nothing was typed yet"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(app, client, house, form, words):
    answer = entered(client, **form)

    assert answer.status_code == 422 and words in answer.text
    assert all(f'value="{value}"' in answer.text for name, value in form.items() if name == "title-0")
    with database_of(app).read() as session:
        assert session.scalar(select(func.count(Import.id))) == 0
        assert session.scalar(select(func.count(SearchRun.id)).where(SearchRun.searched_on > "2026-11")) == 0


def test_the_same_records_sent_twice_are_taken_once(app, client, house):
    _member, runs = house
    entered(client, of=f"run:{runs['demo-pubmed']}", **GUIDELINE)

    again = entered(client, of=f"run:{runs['demo-pubmed']}", **GUIDELINE)
    shared = entered(client, of=f"run:{runs['demo-cochrane']}", also_another_run="yes", **GUIDELINE)

    assert again.status_code == 409 and "is in this review already" in again.text
    assert GUIDELINE["title-0"] in again.text and shared.status_code == 303


def test_rows_are_added_and_a_list_is_pasted_without_scripts(client, house):
    more = send(client, "/by-hand", deed="rows", **GUIDELINE).text
    listed = "10.1000/x\nPMID: 123456\nhttps://example.org/a\n2. Holm K, Berg M. Cement in pain. Spine J 2014;3:1-9."
    rows = send(client, "/by-hand", deed="paste", pasted=listed, **GUIDELINE).text

    not_saved = send(client, "/by-hand", deed="save", of="source:pubmed", pasted="10.1000/x")
    assert not_saved.status_code == 200 and "Look at them, then save." in not_saved.text
    assert more.count("<fieldset") == 6 and GUIDELINE["title-0"] in more
    assert rows.count("<fieldset") == 5
    for typed in ("10.1000/x", "123456", "https://example.org/a", "Cement in pain", "Holm K; Berg M", "2014"):
        assert f'value="{typed}"' in rows


class FakePubMed:
    """Knows one record, and fails for one."""

    asked: tuple = ()

    def look_up(self, *, doi=None, pmid=None):
        self.asked += ((doi, pmid),)
        self.held_the_pen = "holds_the_pen" in g
        if pmid == "5":
            raise OSError("no route to host")
        if pmid != "7":
            return None
        return Item(1, (1, 1), title="Cement in pain", authors=["Holm K"], year=2014, pmid="7", abstract="We asked.")


def test_doi_or_pmid_fills_what_is_empty_and_what_was_typed_stays(app, client, house):
    app.extensions["workbench.pubmed"] = fake = FakePubMed()
    typed = {"pmid-0": "7", "title-0": "My own title", "pmid-1": "5", "notes-1": "asked Lene", "pmid-2": "8"}

    page = send(client, "/by-hand", deed="pubmed", **typed).text

    assert "1 record was filled from PubMed." in page and 'value="My own title"' in page and "We asked." in page
    assert "no route to host" in page and "asked Lene" in page and "PubMed has no record of 8" in page
    assert fake.asked == ((None, "7"), (None, "5"), (None, "8")) and not fake.held_the_pen


def test_without_a_network_the_page_says_so_and_nothing_typed_is_lost(client, house):
    assert "no network is set up" in client.get(BASE + "/by-hand").text

    page = send(client, "/by-hand", deed="pubmed", **{"pmid-0": "7", "notes-0": "asked Lene"}).text

    assert "No network is set up here" in page and "asked Lene" in page and 'value="7"' in page


def test_the_template_is_filled_in_a_spreadsheet_and_read_back(app, client, house):
    _member, runs = house
    answer = client.get(BASE + "/by-hand/template.csv?source=pubmed")
    assert answer.mimetype == "text/csv" and "pubmed-by-hand.csv" in answer.headers["Content-Disposition"]
    row = "A report of the agency,Holm K;Berg M,2011,NICE,,,,,,https://example.org/r,,English,Report,,2026-11-25\r\n"

    done = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("nice.csv", answer.data + row.encode()))
    work(app)

    assert "our template for records found by hand" in client.get(done.location).text
    with database_of(app).read() as session:
        record = session.scalars(select(Record)).one()
        assert (record.title, record.authors) == ("A report of the agency", ["Holm K", "Berg M"])


def test_an_observer_gets_the_template_and_not_the_form(app, client, house):
    member, _runs = house
    with database_of(app).write.begin() as session:
        observer = a_member(session, session.merge(member.review), Role.OBSERVER).user
    client = sign_in(app.test_client(), observer)

    assert client.get(BASE + "/by-hand").status_code == 403
    assert send(client, "/by-hand", **GUIDELINE).status_code == 403
    assert client.get(BASE + "/by-hand/template.csv").status_code == 200


TYPED = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    titles=st.lists(TYPED.filter(lambda one: re.search(r"\w", one)), min_size=1, max_size=4),
    notes=TYPED,
)
def test_every_title_that_is_typed_is_read_back(titles, notes):
    entries = checked([Entry(title=title, notes=notes) for title in titles])

    reading = read(as_file(entries, "2026-11-25"), "by-hand.csv")

    assert reading.source == "by-hand" and reading.records == len(titles)
    assert [{tag: value for tag, value, _line in item.raw}["Title"] for item in reading.items] == titles


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_pasting_never_fails_and_loses_no_line_with_words(text):
    for entry in pasted(text):
        assert entry.is_empty or entry.notes or entry.doi or entry.pmid or entry.url


def test_a_reference_keeps_its_whole_line():
    [entry] = pasted("[3] Holm K, Berg M. Cement. A trial. Spine J 2014;3:1-9. doi:10.1000/ABC.")

    assert entry == Entry(
        title="Cement",
        authors="Holm K; Berg M",
        year="2014",
        doi="10.1000/abc",
        notes="Holm K, Berg M. Cement. A trial. Spine J 2014;3:1-9. doi:10.1000/ABC.",
    )


def test_the_template_alone_holds_no_record():
    assert template().startswith(b"\xef\xbb\xbfTitle,Authors,")
    with pytest.raises(BadEntry):
        checked([Entry()])
