"""Files of search runs: taken in once, kept, balanced, and taken back."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.factories import a_member, a_review, a_run, an_import, the_lead
from workbench.audit.models import AuditEntry
from workbench.audit.queries import broken_at
from workbench.db import now
from workbench.errors import Clash, Invalid, NotAllowed, NotFound
from workbench.files.models import StoredFile
from workbench.files.stores import FolderStore
from workbench.jobs.models import Job
from workbench.protocols import service as protocols
from workbench.records import queries, service
from workbench.records.models import Import, ImportLine, LineKind, Record
from workbench.records.queries import Wanted
from workbench.records.rules import open_reading
from workbench.records.tasks import parts_of
from workbench.records.writers import as_csv, paragraphs
from workbench.reviews.rules import Role

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"
RIS = b"TY  - JOUR\nT1  - Vertebroplasty for painful metastases\nAU  - Holm, K\nPY  - 2014\nER  - \n\n"
SECOND = RIS.replace(b"metastases", b"myeloma") + RIS.replace(b"Vertebroplasty", b"Kyphoplasty")
XML_WITH_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<PubmedArticleSet><PubmedArticle>&x;</PubmedArticle></PubmedArticleSet>"
)


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


def imported(session, store, member, run, data=RIS, name="export.ris", **more):
    """An import carried through as its task does, in one go."""
    the_import, job = service.start_import(session, store, member, run.id, name, data, **more)
    if job:
        with store.open(the_import.sha256) as file:
            stream, told = open_reading(file, the_import.file_name, the_import.columns), service.Told()
            [service.add_records(session, the_import, part) for part in parts_of(stream, told, 0)]
            service.complete(session, the_import.id, stream, told)
        job.finished_at = now()
    session.flush()
    return the_import


def rows(session):
    return [
        session.scalar(select(func.count()).select_from(table))
        for table in (Import, ImportLine, Record, StoredFile, Job, AuditEntry)
    ]


def test_an_import_keeps_the_file_and_waits_for_its_job(session, store):
    review = a_review(session)
    run = a_run(session, review)

    the_import, job = service.start_import(
        session, store, the_lead(session, review), run.id, "C:\\tmp\\a\x00b.ris", RIS
    )

    assert store.get(the_import.sha256) == RIS and the_import.file_name == "ab.ris"
    assert (job.kind, job.payload, job.review_id) == ("records:import", {"import_id": the_import.id}, review.id)
    assert queries.standing_imports(session, review.id) == []
    assert queries.arrival(session, review.id, the_import.id).is_under_way


def test_records_count_once_their_import_is_complete(session, store):
    review = a_review(session)
    run = a_run(session, review)

    the_import = imported(session, store, the_lead(session, review), run)

    assert queries.standing_imports(session, review.id) == [the_import]
    assert queries.records_per_run(session, review.id) == {run.id: 1}
    [record] = queries.records_page(session, review.id, Wanted()).rows
    assert (record.title, record.authors, record.year) == ("Vertebroplasty for painful metastases", ["Holm, K"], 2014)
    assert queries.record_of(session, review.id, record.id, raw=True).raw[0] == ["TY", "JOUR", 1]
    assert broken_at(session, review.id) is None


def test_the_same_file_is_refused_the_second_time_and_the_first_import_is_named(session, store):
    review = a_review(session)
    lead, run, other = the_lead(session, review), a_run(session, review), a_run(session, review)
    first = imported(session, store, lead, run)
    before = rows(session)

    with pytest.raises(service.SameFile, match=f"import {first.id} .*{run.code}"):
        service.start_import(session, store, lead, other.id, "again.ris", RIS)
    with pytest.raises(service.SameFile):
        service.start_import(session, store, lead, run.id, "again.ris", RIS, also_another_run=True)

    assert rows(session) == before


def test_the_same_file_is_taken_in_another_review(session, store):
    first, second = a_review(session), a_review(session)

    imported(session, store, the_lead(session, first), a_run(session, first))
    imported(session, store, the_lead(session, second), a_run(session, second))

    assert [queries.count_records(session, review.id) for review in (first, second)] == [1, 1]


def test_a_file_that_belongs_to_another_run_too_adds_no_record(session, store):
    review = a_review(session)
    lead, run, other = the_lead(session, review), a_run(session, review), a_run(session, review)
    first = imported(session, store, lead, run, SECOND)
    protocols.report_hits(session, lead, other.id, 2)

    again, job = service.start_import(session, store, lead, other.id, "again.ris", SECOND, also_another_run=True)

    assert job is None and again.same_as_id == first.id and again.completed_at is not None
    assert queries.count_records(session, review.id) == 2
    balance = queries.balance(session, review.id, other.id)
    assert (balance.imported, balance.elsewhere, balance.difference, balance.is_complete) == (0, 2, 0, True)
    with pytest.raises(service.SameFile):
        service.start_import(session, store, lead, other.id, "again.ris", SECOND, also_another_run=True)


def test_a_file_that_was_taken_back_is_taken_in_again(session, store):
    review = a_review(session)
    lead, run, other = the_lead(session, review), a_run(session, review), a_run(session, review)
    first = imported(session, store, lead, run)
    shared = imported(session, store, lead, other, also_another_run=True)

    service.take_back(session, lead, first.id)

    assert queries.count_records(session, review.id) == 0 and shared.taken_back_at is not None
    imported(session, store, lead, other)
    assert queries.records_per_run(session, review.id) == {other.id: 1}
    with pytest.raises(service.TakenBack):
        service.take_back(session, lead, first.id)


def test_an_import_under_way_is_neither_taken_back_nor_tried_again(session, store):
    review = a_review(session)
    lead = the_lead(session, review)
    the_import, _job = service.start_import(session, store, lead, a_run(session, review).id, "a.ris", RIS)

    for deed in (service.take_back, service.drop_failed, service.try_again):
        with pytest.raises(Clash):
            deed(session, lead, the_import.id)


def test_an_import_that_failed_is_tried_again_or_dropped(session, store):
    review = a_review(session)
    lead = the_lead(session, review)
    the_import, job = service.start_import(session, store, lead, a_run(session, review).id, "a.ris", RIS)
    job.finished_at, job.failure = now(), "The disk was full."

    again = service.try_again(session, lead, the_import.id)
    assert the_import.job_id == again.id != job.id
    again.finished_at, again.failure = now(), "The disk was full."
    service.drop_failed(session, lead, the_import.id)

    assert the_import.taken_back_at is not None


BAD = {
    "empty.ris": b"",
    "blank.csv": b"\n\n\n",
    "paper.ris": b"%PDF-1.4\n%...",
    "letter.nbib": b"Dear colleague,\nsee below.",
    "cut.nbib": b"PMID- 123456\nOWN - ",
    "entity.xml": XML_WITH_ENTITY,
    "sheet.csv": b"a,b,c\n1,2,3\n",
    "cut.gz": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_without_records_is_refused_with_a_reason_and_nothing_is_stored(session, store, name):
    review = a_review(session)
    run = a_run(session, review)
    before = rows(session)

    with pytest.raises(Invalid) as caught:
        service.start_import(session, store, the_lead(session, review), run.id, name, BAD[name])

    assert str(caught.value) and caught.value.way_out
    assert rows(session) == before and not store.folder.exists()


@pytest.mark.parametrize(("encoding", "kept"), [("utf-16", "utf-16"), ("latin-1", "cp1252")])
def test_a_file_in_another_encoding_is_read_and_said_to_be(session, store, encoding, kept):
    review = a_review(session)
    text = RIS.decode().replace("Holm, K", "Møller, Åse")

    the_import = imported(session, store, the_lead(session, review), a_run(session, review), text.encode(encoding))

    assert the_import.encoding == kept
    assert queries.records_page(session, review.id, Wanted(text="møller")).total == 1


def test_a_table_with_unknown_headers_is_read_once_its_columns_are_named(session, store):
    review = a_review(session)
    data = b"a;b;c\nSmerter;2014;x\n"

    the_import = imported(
        session, store, the_lead(session, review), a_run(session, review), data, "x.csv", columns={"title": "a"}
    )

    assert the_import.columns == {"title": "a"} and queries.count_records(session, review.id) == 1


def test_a_character_no_database_keeps_does_not_stop_an_import(session, store):
    review = a_review(session)

    imported(session, store, the_lead(session, review), a_run(session, review), RIS.replace(b"painful", b"pain\x00ful"))

    assert queries.records_page(session, review.id, Wanted(text="painful")).total == 1


def test_lines_that_are_no_record_are_kept_with_their_text_and_blank_ones_are_not(session, store):
    review = a_review(session)
    data = b"Exported on Monday\n\n" + RIS + b"\n\n" + RIS.replace(b"painful", b"other")

    the_import = imported(session, store, the_lead(session, review), a_run(session, review), data)

    [line] = queries.lines(session, the_import.id, LineKind.SKIPPED)
    assert line.text.strip() == "Exported on Monday" and line.line == 1


def test_the_balance_says_what_is_missing_until_somebody_explains_it(session, store):
    review = a_review(session)
    lead, run = the_lead(session, review), a_run(session, review)
    imported(session, store, lead, run, SECOND)
    unknown = queries.balance(session, review.id, run.id)
    protocols.report_hits(session, lead, run.id, 5)
    missing = queries.balance(session, review.id, run.id)
    protocols.explain(session, lead, run.id, 3, "Withdrawn.")
    explained = queries.balance(session, review.id, run.id)
    protocols.report_hits(session, lead, run.id, 6)
    moved = queries.balance(session, review.id, run.id)

    assert (unknown.difference, unknown.is_complete) == (None, False)
    assert (missing.imported, missing.difference, missing.unexplained, missing.is_complete) == (2, 3, 3, False)
    assert (explained.unexplained, explained.is_complete) == (0, True)
    assert (moved.unexplained, moved.is_complete) == (4, False)


def test_a_run_without_hits_is_complete_without_a_file(session):
    review = a_review(session)
    run = a_run(session, review)
    protocols.report_hits(session, the_lead(session, review), run.id, 0)

    assert queries.balance(session, review.id, run.id).is_complete


def test_records_are_found_by_text_run_import_and_what_they_lack(session, store):
    review = a_review(session)
    lead, run, other = the_lead(session, review), a_run(session, review), a_run(session, review)
    first = imported(session, store, lead, run, SECOND.replace(b"ER  -", b"DO  - 10.1000/x%y\nER  -", 1))
    imported(session, store, lead, other)

    def found(**values):
        return queries.records_page(session, review.id, Wanted(**values)).total

    assert [found(text=text) for text in ("kyphoplasty", "HOLM", "10.1000/x%y", "10.1000/x_y", "zzz", "' OR 1=1")] == [
        1,
        3,
        1,
        0,
        0,
        0,
    ]
    assert (found(run_id=other.id), found(import_id=first.id)) == (1, 2)
    assert (found(without="abstract"), found(without="identifier")) == (3, 2)


def test_pages_beyond_the_last_show_the_last(session, store):
    review = a_review(session)
    many = b"".join(RIS.replace(b"painful", b"painful %d" % n) for n in range(60))
    imported(session, store, the_lead(session, review), a_run(session, review), many)

    page = queries.records_page(session, review.id, Wanted(), 99)

    assert (page.number, page.last, page.total, len(page.rows)) == (2, 2, 60, 10)


def test_who_may_not_import_is_told_so(session, store):
    review = a_review(session)
    run = a_run(session, review)
    the_import = an_import(session, review, run)

    for role in (Role.OBSERVER, Role.REVIEWER, Role.ADJUDICATOR):
        member = a_member(session, review, role)
        with pytest.raises(NotAllowed):
            service.start_import(session, store, member, run.id, "a.ris", RIS)
        with pytest.raises(NotAllowed):
            service.take_back(session, member, the_import.id)


def test_what_belongs_to_another_review_does_not_exist(session, store):
    review, other = a_review(session), a_review(session)
    the_import = imported(session, store, the_lead(session, other), a_run(session, other))
    lead, [record] = the_lead(session, review), queries.records_page(session, other.id, Wanted()).rows

    with pytest.raises(NotFound):
        queries.record_of(session, review.id, record.id)
    with pytest.raises(NotFound):
        service.take_back(session, lead, the_import.id)
    with pytest.raises(NotFound):
        service.start_import(session, store, lead, the_import.run_id, "a.ris", RIS)


def test_a_rejected_line_is_no_formula_in_a_spreadsheet():
    assert as_csv(("text",), [("=HYPERLINK(1)",), ("-1",), ("a,b",)]).splitlines() == [
        "\ufefftext",
        "'=HYPERLINK(1)",
        "'-1",
        '"a,b"',
    ]


def test_an_abstract_falls_into_its_labelled_parts():
    text = "BACKGROUND: Pain is common. MATERIALS AND METHODS: We asked.\nTrial registration: NCT1. No label here"

    assert list(paragraphs(text)) == [
        ("Background", "Pain is common."),
        ("Materials and methods", "We asked."),
        ("Trial registration", "NCT1. No label here"),
    ]
    assert list(paragraphs(None)) == []
