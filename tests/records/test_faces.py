"""The pages of searches, imports and records, and the command that imports."""

import html
import io
import json
import re
import shutil

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.factories import a_member, a_person, sign_in
from tests.records.pages import BASE, CEMENT, send, work
from workbench.app import database_of
from workbench.db import open_sessions
from workbench.errors import Clash, Invalid, NotFound
from workbench.files.models import StoredFile
from workbench.jobs.models import Job
from workbench.protocols import service as protocol_deeds
from workbench.protocols.rules import read_protocol
from workbench.records.cli import records as command
from workbench.records.models import Import, Record
from workbench.records.rules import read
from workbench.records.rules.columns import unknown_table
from workbench.records.rules.parts import missing_spans
from workbench.records.service import columns
from workbench.records.writers import WRITERS
from workbench.reviews.models import Member
from workbench.reviews.rules import Role

RIS = (
    b"TY  - JOUR\nT1  - Vertebroplasty for painful metastases\nAU  - Holm, K\nPY  - 2014\nDO  - 10.1000/one\nER  - \n\n"
)
LATIN = "TY  - JOUR\nT1  - Smerter i ryggsøylen\nAU  - Møller, Å\nER  - \n".encode("latin-1")


def rows(app):
    with database_of(app).read() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in (Import, Record, StoredFile, Job)]


def test_before_the_first_import_the_page_says_how_to_begin(client, house):
    page = client.get(BASE + "/searches").text

    assert "No record has arrived yet." in page and "choose the file as the database delivered it" in page
    assert "Nothing is here yet" in client.get(BASE + "/records").text


def test_a_file_is_uploaded_worked_on_and_balanced(app, client, house):
    _member, runs = house
    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    assert answer.status_code == 303 and answer.location == BASE + "/imports/1"
    during = client.get(answer.location).text
    assert "The file is being read." in during and "<progress" in during and 'http-equiv="refresh"' in during

    work(app)
    send(client, f"/searches/{runs['demo-pubmed']}/hits", hits="1 004")
    page = client.get(answer.location).text

    assert "1 of 1 records in the file were imported." in page and "Where did the 1003 go?" in page
    assert (
        send(client, f"/searches/{runs['demo-pubmed']}/explanation", reason="Cut off by the interface.").status_code
        == 303
    )
    assert "Every hit of the run is accounted for." in client.get(answer.location).text
    assert "1 of 5 runs are complete" in client.get(BASE + "/searches").text


def test_several_files_of_a_run_are_taken_all_or_none(app, client, house):
    _member, runs = house
    address = f"/searches/{runs['demo-pubmed']}/imports"
    before = rows(app)

    refused = send(client, address, ("a.ris", RIS), ("b.ris", b"%PDF-1.4"))
    assert refused.status_code == 422 and "PDF" in refused.text and rows(app) == before
    taken = send(client, address, ("a.ris", RIS), ("b.ris", LATIN))
    work(app)

    assert taken.status_code == 303 and rows(app)[:2] == [2, 2]
    assert "It was read as cp1252" in client.get(BASE + "/imports/2").text


@pytest.mark.parametrize(
    "file",
    [
        ("empty.ris", b""),
        ("paper.ris", b"%PDF-1.4"),
        ("x.csv", b"a,b,c\n"),
        ("cut.nbib", b"PMID- 1"),
        ("x.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><PubmedArticleSet>&x;</PubmedArticleSet>'),
    ],
    ids=lambda file: file[0],
)
def test_bad_input_is_refused_at_its_run_and_changes_nothing(app, client, house, file):
    _member, runs = house

    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", file)

    assert answer.status_code == 422 and 'role="alert"' in answer.text and rows(app) == [0, 0, 0, 0]
    assert not app.extensions["workbench.files"].folder.exists()


def test_the_same_file_is_refused_and_the_page_says_what_can_be_done(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    work(app)

    again = send(client, f"/searches/{runs['demo-embase-ris']}/imports", ("b.ris", RIS))
    shared = send(client, f"/searches/{runs['demo-embase-ris']}/imports", ("b.ris", RIS), also_another_run="yes")

    assert again.status_code == 409 and "is in this review already: import 1" in again.text
    assert shared.status_code == 303 and rows(app)[:2] == [2, 1]
    assert "no record was added" in client.get(shared.location).text


def test_an_upload_over_the_limit_is_refused(app, client, house):
    _member, runs = house
    app.config["MAX_CONTENT_LENGTH"] = 10_000

    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS * 200))

    assert answer.status_code == 413 and "Nothing was changed." in answer.text and rows(app)[0] == 0


def test_a_failed_import_says_why_and_can_be_tried_again_or_taken_back(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    stored = app.extensions["workbench.files"]
    moved = stored.folder.rename(stored.folder.with_name("gone"))
    work(app)

    page = client.get(BASE + "/imports/1").text
    assert "Something went wrong on our side" in page and "Try again" in page
    moved.rename(stored.folder)
    assert send(client, "/imports/1/again").status_code == 303
    work(app)
    assert "1 of 1 records in the file were imported." in client.get(BASE + "/imports/1").text
    assert send(client, "/imports/1/drop").status_code == 409


def test_rejected_lines_are_given_as_a_table(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS + b"TY  - JOUR\nER  - \n\n=cmd()\n" + RIS))
    work(app)

    answer = client.get(BASE + "/imports/1/rejected.csv")

    assert answer.mimetype == "text/csv" and answer.text.startswith("\ufeffline,last_line,reason,text")
    assert not re.search(r"(?m)(^|,)=", answer.text)
    words = client.get(BASE + "/imports/1/rejected.txt")
    assert words.mimetype == "text/plain" and re.search(r"(?m)^Lines? \d+.*:.*\n(.*\n)*=cmd\(\)$", words.text)


def test_a_record_is_shown_as_read_and_as_delivered(app, client, house):
    _member, runs = house
    hostile = RIS.replace(b"painful", b"<script>alert(1)</script>")
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", hostile))
    work(app)

    listed, page = client.get(BASE + "/records?q=vertebro").text, client.get(BASE + "/records/1").text

    assert "1 of 1 records fit." in listed and "Nothing fits" in client.get(BASE + "/records?q=zzz&page=7").text
    assert "from DO in line 5" in page and "MEDLINE, run demo-pubmed" in page and "<script>alert" not in page + listed
    assert client.get(BASE + "/records?import=99999999999999999999&page=-4&run=x").status_code == 200


def test_the_records_looked_for_are_given_in_every_format_of_the_menu(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("embase.ris", RIS + LATIN))
    work(app)

    menu = re.findall(r'href="([^"]+)" download', client.get(f"{BASE}/records?q=ryggs").text)

    assert len(menu) == len(WRITERS)
    for address, kind in zip(menu, WRITERS, strict=True):
        answer = client.get(html.unescape(address))
        [item] = read(answer.data, "export").items
        assert (item.title, item.authors) == ("Smerter i ryggsøylen", ["Møller, Å"]), kind
        assert f"cement-spine-records.{WRITERS[kind].suffix}" in answer.headers["Content-Disposition"]


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_imported_with_what_stands_above_its_table(app, client, house):
    _member, runs = house
    data = workbook(["Exported on Monday"], ["Title", "Year"], ["Kyphoplasty", 2019])

    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("sheet.xlsx", data))
    work(app)
    page = client.get(answer.location).text

    assert "1 of 1 records" in page and "Exported on Monday" in page and "Only the first sheet is read" in page


def test_a_workbook_with_unknown_headers_waits_until_its_columns_are_explained(client, house):
    _member, runs = house
    data = workbook(["Nr", "Overskrift"], [1, "Kyphoplasty for painful metastases"])

    answer = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("sheet.xlsx", data))

    assert answer.status_code == 303
    assert "Kyphoplasty for painful metastases" in client.get(answer.location).text


def test_a_format_that_is_none_is_no_page_and_an_empty_list_has_no_menu(client, house):
    assert client.get(f"{BASE}/records.docx").status_code == 404
    assert "download" not in client.get(f"{BASE}/records").text


def test_a_run_is_documented_on_the_page(client, house):
    answer = send(client, "/searches", source="pubmed", searched_on="2025-03-01", hits="", code="")
    wrong = send(client, "/searches", source="pubmed", searched_on="yesterday", hits="12", code="")

    assert answer.status_code == 303 and "pubmed-2025-03-01" in client.get(BASE + "/searches").text
    assert wrong.status_code == 422 and "“yesterday” is not a date." in wrong.text and 'value="yesterday"' in wrong.text
    assert send(client, "/searches/4/hits", hits="a lot").status_code == 422


def test_the_protocol_file_holds_what_arrived(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    work(app)
    send(client, f"/searches/{runs['demo-pubmed']}/hits", hits="3")

    document = read_protocol(client.get(BASE + "/protocol.yaml").data, "x").document

    run = document["steps"][1]["sources"][0]["runs"][0]
    assert run["hits_reported"] == 3
    assert [(one["file"], one["records_imported"]) for one in run["imports"]] == [("a.ris", 1)]


def test_an_observer_looks_and_does_not_import(app, client, house):
    member, runs = house
    with database_of(app).write.begin() as session:
        observer = a_member(session, session.merge(member.review), Role.OBSERVER).user
    client = sign_in(app.test_client(), observer)

    page = client.get(BASE + "/searches")

    assert page.status_code == 200 and 'type="file"' not in page.text and "Document a run" not in page.text
    for address in (
        f"/searches/{runs['demo-pubmed']}/imports",
        "/searches",
        f"/searches/{runs['demo-pubmed']}/hits",
        f"/searches/{runs['demo-pubmed']}/explanation",
        "/imports/1/again",
        "/imports/1/drop",
    ):
        assert send(client, address, ("a.ris", RIS)).status_code == 403
    assert rows(app)[0] == 0


def test_to_a_stranger_nothing_of_it_exists(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    work(app)
    with database_of(app).write.begin() as session:
        stranger = a_person(session)
    stranger_s = sign_in(app.test_client(), stranger)

    for address in ("/searches", "/imports/1", "/imports/1/rejected.csv", "/records", "/records/1", "/protocol.yaml"):
        assert (client.get(BASE + address).status_code, stranger_s.get(BASE + address).status_code) == (200, 404), (
            address
        )
    assert client.get(BASE + "/imports/2").status_code == client.get(BASE + "/records/2").status_code == 404


@pytest.fixture
def home(sqlite_template, tmp_path, monkeypatch):
    """A home folder with a review in it, as the commands find it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DATABASE_URL", raising=False)
    shutil.copy(sqlite_template, tmp_path / "workbench.sqlite")
    sessions = open_sessions(f"sqlite:///{tmp_path / 'workbench.sqlite'}")
    with sessions.write.begin() as session:
        protocol_deeds.begin(session, a_person(session), CEMENT, "protocol.yaml")
    sessions.engine.dispose()
    (tmp_path / "a.ris").write_bytes(RIS)
    (tmp_path / "b.ris").write_bytes(LATIN)
    (tmp_path / "bad.ris").write_bytes(b"%PDF-1.4")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(command, ["import", "cement-spine", *map(str, arguments)])


def test_files_are_imported_on_the_command_line_and_balanced(home):
    done = run("demo-pubmed", home / "a.ris", home / "b.ris", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["imported"], told["hits"], told["elsewhere"]) == (0, 2, None, 0)
    assert [one["file"] for one in told["files"]] == ["a.ris", "b.ris"]
    again = run("demo-embase-ris", home / "a.ris", "--also-another-run")
    assert "0 imported + 0 rejected + 1 with another run" in again.stdout


def test_on_the_command_line_too_all_files_are_taken_or_none(home):
    assert isinstance(run("demo-pubmed", home / "a.ris", home / "bad.ris").exception, Invalid)
    assert isinstance(run("no-such-run", home / "a.ris").exception, NotFound)
    assert run("demo-pubmed", home / "a.ris").exit_code == 0
    assert isinstance(run("demo-pubmed", home / "a.ris").exception, Clash)


def test_on_the_command_line_too_a_table_is_read_as_its_columns_were_explained(home):
    (home / "liste.csv").write_text("Overskrift;Kode\nSmerter i ryggen;7\n", encoding="utf-8")
    assert isinstance(run("demo-pubmed", home / "liste.csv").exception, Invalid)
    sessions = open_sessions(f"sqlite:///{home / 'workbench.sqlite'}")
    with sessions.write.begin() as session:
        table = unknown_table((home / "liste.csv").read_bytes())
        columns.remember(session, session.get_one(Member, 1), "pubmed", table, {1: "title"})
    sessions.engine.dispose()

    assert json.loads(run("demo-pubmed", home / "liste.csv", "--json").stdout)["imported"] == 1


def test_an_import_says_its_part_and_its_protocol_version_and_the_run_what_is_missing(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS), part="records 1–10,000")
    work(app)
    send(client, f"/searches/{runs['demo-pubmed']}/hits", hits="12 345")

    page, one = client.get(BASE + "/searches").text, client.get(BASE + "/imports/1").text

    assert "No file holds the hits 10\u202f001 to 12\u202f345." in page
    assert "records 1–10,000" in one and "version 1 in force" in one
    assert "part: records 1–10,000" in client.get(BASE + "/protocol.yaml").text


@pytest.mark.parametrize(
    ("hits", "parts", "missing"),
    [
        (30, ["1-10", "21-30"], [(11, 20)]),
        (30, ["11-20"], [(1, 10), (21, 30)]),
        (30, ["1-20", "5-30"], []),
        (30, ["1-40", None], []),
        (30, ["the rest", None], []),
        (None, ["1-10"], []),
        (0, ["1-10"], []),
    ],
)
def test_what_no_part_holds_is_missing(hits, parts, missing):
    assert missing_spans(hits, parts) == missing
