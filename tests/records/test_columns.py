"""Tables whose headers are not known: they wait for a person, are read as told, and the telling is remembered."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.factories import a_review, a_run, a_vote, open_stage, the_lead
from tests.records.pages import BASE, send, work
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.files.stores import FolderStore
from workbench.records import tasks
from workbench.records.models import ColumnMapping, HeldUpload, Import, Record
from workbench.records.rules.columns import BadMapping, mapping_of, unknown_table
from workbench.records.service import columns

TABLE = (
    "Overskrift;Forfatter(e);Udgivelsesår;Kilde;Webadresse;Kode\n"
    "Smerter i ryggen;Holm, K;2014;Ugeskriftet;https://example.org/a;7\n"
    "Cement og kræft;Bæk, L;2016;Ugeskriftet;https://example.org/b;9\n"
).encode()
LATER = TABLE.replace(b"2014", b"2019").replace(b"Smerter", b"Nyt om smerter")
SAID = {"column-1": "title", "column-2": "authors", "column-3": "year", "column-4": "journal", "column-5": "urls"}


def test_the_columns_are_guessed_by_their_words_in_several_languages_and_by_their_cells():
    table = unknown_table(TABLE)

    assert [column.guess for column in table.columns] == ["title", "authors", "year", "journal", "urls", None]
    assert table.columns[0].samples == ("Smerter i ryggen", "Cement og kræft")
    plain = unknown_table(b"a|b|c\n10.1000/x|2014|https://example.org\n10.1000/y|2015|https://example.org/y\n")
    assert [column.guess for column in plain.columns] == ["doi", "year", "urls"]


def test_a_number_of_rows_is_no_issue_and_the_wordiest_column_is_the_title():
    counted = unknown_table(b"Nr;Hvem;Artikel\n1;Holm K;Smerter i ryggen\n2;Berg N;Cement i ryggen\n")
    issues = unknown_table(b"Nr;Hvem;Kode\n4;Holm K;a\n7;Berg N;b\n")

    assert [column.guess for column in counted.columns] == [None, None, "title"]
    assert [column.guess for column in issues.columns] == ["issue", None, None]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF-1.4",
        b"TY  - JOUR\nT1  - A trial, of cement\nER  - \n",
        b"<html><body>a,b</body></html>",
        b"PMID,Title,Authors,Citation,Journal/Book\n1,A,B,C,D\n",
        b"only,headers\n",
        b"\xff\xfe",
        b"x," * 5000 + b"\n" + b"1," * 5000,
    ],
)
def test_no_other_file_is_taken_for_an_unknown_table(data):
    assert unknown_table(data) is None


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='abc,;\t|"\n\r ', max_size=200).map(str.encode))
def test_looking_for_columns_never_fails(data):
    unknown_table(data)


def test_a_mapping_names_each_field_once_and_a_title():
    table = unknown_table(TABLE)

    assert mapping_of(table, {1: "title", 3: "year", 6: ""}) == {"title": "Overskrift", "year": "Udgivelsesår"}
    for said in ({3: "year"}, {1: "title", 2: "title"}, {1: "title", 2: "no such field"}):
        with pytest.raises(BadMapping):
            mapping_of(table, said)


def test_an_unknown_table_waits_is_explained_and_arrives_without_being_chosen_again(app, client, house):
    _member, runs = house

    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("liste.csv", TABLE))
    assert answer.location == BASE + "/uploads/1"
    page = client.get(answer.location).text
    assert "What do the columns hold?" in page and "Cement og kræft" in page and "Udgivelsesår" in page
    assert "1 file waits for you" in client.get(BASE + "/searches").text
    refused = send(client, "/uploads/1", **{"column-3": "title", "column-1": "title"})
    assert refused.status_code == 422 and "both said to hold the same" in refused.text
    done = send(client, "/uploads/1", **SAID)
    work(app)

    assert "mapped them on" in client.get(done.location).text
    with database_of(app).read() as session:
        record = session.scalars(select(Record).order_by(Record.id)).first()
        assert (record.title, record.authors, record.year) == ("Smerter i ryggen", ["Holm, K"], 2014)
        assert (record.journal, record.urls) == ("Ugeskriftet", ["https://example.org/a"])
        assert session.scalar(select(func.count(HeldUpload.id))) == 0
        events = set(session.scalars(select(AuditEntry.event)))
    assert {"records:upload:held", "records:columns:mapped", "records:import:started"} <= events
    assert client.get(BASE + "/uploads/1").status_code == 404


def test_the_next_table_with_these_headers_of_this_source_is_read_the_same_way(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("liste.csv", TABLE))
    send(client, "/uploads/1", **SAID)
    work(app)

    again = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("later.csv", LATER))
    other = send(client, f"/searches/{runs['demo-cochrane']}/imports", ("other.csv", LATER + b"x;y;2020;z;;\n"))
    work(app)

    assert again.location == BASE + "/imports/2" and "mapped them on" in client.get(again.location).text
    assert "/uploads/" in other.location, "another source may mean something else with the same headers"


def test_all_tables_that_wait_with_the_same_headers_are_imported_at_once(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.csv", TABLE), ("b.csv", LATER))
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.csv", TABLE))

    send(client, "/uploads/1", **SAID)
    work(app)

    with database_of(app).read() as session:
        assert session.scalars(select(Import.file_name).order_by(Import.id)).all() == ["a.csv", "b.csv"]
        assert session.scalar(select(func.count(Record.id))) == 4


def test_a_table_that_waits_can_be_let_go(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("liste.csv", TABLE))

    assert send(client, "/uploads/1/drop").status_code == 303

    assert "waits for you" not in client.get(BASE + "/searches").text
    assert send(client, "/uploads/1/drop").status_code == 404


def test_what_nobody_explains_is_let_go_after_a_day_and_not_before(sessions, tmp_path):
    with sessions.write.begin() as session:
        review = a_review(session)
        upload = columns.Upload(a_run(session, review).id, "liste.csv", TABLE)
        held = columns.take(session, FolderStore(tmp_path), the_lead(session, review), upload)
        assert isinstance(held, HeldUpload) and columns.data_of(held) == TABLE

    assert tasks.clear_uploads(sessions) == 0
    with sessions.write.begin() as session:
        session.scalars(select(HeldUpload)).one().uploaded_at = now() - timedelta(days=1, seconds=1)
    assert tasks.clear_uploads(sessions) == 1


def test_the_newest_mapping_of_the_same_headers_counts(session, tmp_path):
    review = a_review(session)
    lead, run, table = the_lead(session, review), a_run(session, review), unknown_table(TABLE)
    columns.remember(session, lead, run.source, table, {1: "title"})
    columns.remember(session, lead, run.source, table, {6: "title", 1: "original_title"})

    the_import, _job = columns.take(session, FolderStore(tmp_path), lead, columns.Upload(run.id, "a.csv", TABLE))

    assert the_import.columns == {"title": "Kode", "original_title": "Overskrift"}
    assert session.scalar(select(func.count(ColumnMapping.id))) == 2


def test_what_the_columns_hold_is_changed_and_the_file_is_read_again(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("liste.csv", TABLE))
    page = send(client, "/uploads/1", **SAID).location
    work(app, follow=True)
    asked = page.removeprefix(BASE) + "/read-again"
    assert asked in client.get(page).text and "Change what is wrong" in client.get(BASE + asked).text

    wrong = send(client, asked, **{"column-3": "title", "column-1": "title"})
    again = send(client, asked, **{**SAID, "column-6": "notes", "column-5": ""})
    work(app)

    assert wrong.status_code == 422 and "both said to hold the same" in wrong.text
    assert "This import was taken back." in client.get(page).text
    assert "2 of 2 records in the file were imported." in client.get(again.location).text
    with database_of(app).read() as session:
        anew = session.scalars(select(Import).order_by(Import.id.desc())).first()
        assert anew.columns["notes"] == "Kode" and "urls" not in anew.columns


def test_a_file_is_not_read_again_once_somebody_voted_or_where_its_columns_are_known(app, client, house):
    member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("liste.csv", TABLE))
    send(client, "/uploads/1", **SAID)
    work(app, follow=True)
    with database_of(app).write.begin() as session:
        lead = session.merge(member)
        open_stage(session, lead.review)
        a_vote(session, lead, session.get_one(Record, 1))
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", b"TY  - JOUR\nT1  - A trial\nER  - \n"))
    work(app)

    assert "so it is not read again" in client.get(BASE + "/imports/1/read-again").text
    assert send(client, "/imports/1/read-again", **SAID).status_code == 409
    assert client.get(BASE + "/imports/2/read-again").status_code == 404
