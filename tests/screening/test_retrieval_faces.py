"""The pages on which full texts are found, attached and read, and the page on which an import is taken back."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import (
    INCLUDE,
    a_duplicate,
    a_member,
    a_record,
    a_report,
    a_review,
    a_vote,
    an_import,
    open_stage,
    sign_in,
    the_lead,
)
from tests.pdfs import a_locked_pdf, a_pdf, a_script_pdf
from workbench.app import database_of
from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import FullText, Retrieval
from workbench.screening.rules import Found
from workbench.screening.views.retrieval import safe_name

PDF = a_pdf(["Invented"])
LIST = "/reviews/spine/full-texts"


class World:
    """A review with reports in several states, and a browser for each person."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with database_of(app).write.begin() as session:
            review = a_review(session, "spine")
            self.lead = the_lead(session, review)
            self.first, self.second = a_member(session, review), a_member(session, review)
            self.observer = a_member(session, review, Role.OBSERVER)
            self.stranger = the_lead(session, a_review(session, "other"))
            open_stage(session, review)
            self.sought = a_report(session, review, self.first, self.second, found=None, title="Sought trial",
                                   doi="10.1000/a<b", pmid="123", pmcid="PMC9").id  # fmt: skip
            self.gone = a_report(
                session, review, self.first, self.second, found=Found.NOT_RETRIEVED, title="Lost one"
            ).id

    def as_(self, member):
        return sign_in(self.app.test_client(), member.user)

    def page(self, member, address: str) -> str:
        answer = self.as_(member).get(address)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, member, address: str, **form):
        browser = self.as_(member)
        token = re.search(r'name="csrf-token" content="([^"]+)"', browser.get(LIST).text)[1]
        return browser.post(address, data={"csrf_token": token, **form}, content_type="multipart/form-data")

    def attach(self, member, *files: tuple[bytes, str], record_id: int | None = None):
        parts = [(io.BytesIO(data), name) for data, name in files]
        return self.send(member, f"{LIST}/{record_id or self.sought}/files", file=parts)

    def stored(self, table) -> list:
        with database_of(self.app).read() as session:
            return list(session.scalars(select(table)))


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def test_the_list_says_where_every_report_stands(world):
    page = world.page(world.observer, LIST)

    assert "2 reports are sought:" in page and "0 retrieved, 1 not retrieved, 1 still open." in page
    assert "Sought trial" in page and "Lost one" in page and 'type="file"' not in page
    assert 'href="https://doi.org/10.1000/a%3Cb"' in page and "pubmed.ncbi.nlm.nih.gov/123/" in page and "PMC9" in page


def test_the_list_is_filtered_by_links(world):
    page = world.page(world.first, f"{LIST}?state=not-retrieved")

    assert "Lost one" in page and "Sought trial" not in page
    assert "No report stands here." in world.page(world.first, f"{LIST}?state=retrieved")
    assert "Sought trial" in world.page(world.first, f"{LIST}?state=nonsense&page=99")


def test_an_empty_list_says_when_something_comes(app):
    with database_of(app).write.begin() as session:
        lead = the_lead(session, a_review(session, "spine")).user

    assert "No report is sought yet." in sign_in(app.test_client(), lead).get(LIST).text


def test_a_pdf_is_attached_read_and_taken_off(world):
    assert world.attach(world.first, (PDF, "Trial.pdf"), (PDF + b" two", "Supplement.pdf")).status_code == 303
    rows = world.stored(FullText)
    page = world.page(world.second, f"{LIST}/{world.sought}")
    assert "2 files are attached." in page and "Retrieved" in page and "<iframe" in page and "Supplement.pdf" in page

    answer = world.as_(world.second).get(f"{LIST}/{rows[0].id}/file")
    assert answer.data == PDF and answer.mimetype == "application/pdf"

    assert world.send(world.second, f"{LIST}/{rows[0].id}/detach").status_code == 303
    assert world.as_(world.second).get(f"{LIST}/{rows[0].id}/file").status_code == 404


def test_a_file_is_served_so_that_it_reaches_nothing_else(world):
    world.attach(world.first, (PDF, 'Ärger "und" \r\nmehr.pdf'))
    headers = world.as_(world.first).get(f"{LIST}/{world.stored(FullText)[0].id}/file").headers

    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "private, no-cache"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert (
        headers["Content-Disposition"].startswith("inline;")
        and "filename*=UTF-8''%C3%84rger" in headers["Content-Disposition"]
    )


def test_a_locked_file_is_taken_and_named_as_what_it_is(world):
    browser = world.as_(world.first)
    world.app.config["WTF_CSRF_ENABLED"] = False
    parts = [(io.BytesIO(a_locked_pdf()), "locked.pdf"), (io.BytesIO(a_script_pdf()), "script.pdf")]
    page = browser.post(
        f"{LIST}/{world.sought}/files", data={"file": parts}, content_type="multipart/form-data", follow_redirects=True
    ).text  # fmt: skip

    assert "locked.pdf: It opens with a password only." in page and "script.pdf: It carries a script." in page


def test_a_newer_version_stands_before_the_one_it_replaces(world):
    world.attach(world.first, (PDF, "old.pdf"))
    old = world.stored(FullText)[0].id
    answer = world.send(world.first, f"{LIST}/{world.sought}/files", replaces=str(old), kind="article",
                        file=[(io.BytesIO(a_pdf(["Newer"])), "new.pdf")])  # fmt: skip

    page = world.page(world.first, f"{LIST}/{world.sought}")
    assert answer.status_code == 303 and "replaced by a newer version" in page and "newer version" in page
    assert page.index("new.pdf") < page.index("old.pdf")
    other = world.send(world.first, f"{LIST}/{world.gone}/files", replaces=str(old), file=[(io.BytesIO(PDF), "x.pdf")])
    assert other.status_code == 422 and "none of this report" in other.text


def test_only_those_who_read_full_texts_get_the_file(world):
    world.attach(world.first, (PDF, "a.pdf"))
    address = f"{LIST}/{world.stored(FullText)[0].id}/file"

    assert world.as_(world.observer).get(address).status_code == 403
    assert world.as_(world.stranger).get(address).status_code == 404
    assert world.as_(world.stranger).get(address.replace("spine", "other")).status_code == 404
    assert world.app.test_client().get(address).status_code == 302


def test_what_is_not_a_pdf_is_refused_and_nothing_of_it_is_kept(world):
    answer = world.attach(world.first, (PDF, "good.pdf"), (b"<html>", "bad.pdf"))

    assert answer.status_code == 422 and "“bad.pdf” is not a PDF file." in answer.text
    assert "Nothing was changed." in answer.text and world.stored(FullText) == []
    assert len(world.stored(Retrieval)) == 1


def test_an_upload_without_a_file_is_refused(world):
    answer = world.send(world.first, f"{LIST}/{world.sought}/files")

    assert answer.status_code == 422 and "No file was chosen." in answer.text


def test_an_upload_over_the_limit_is_refused(world):
    world.app.config["MAX_CONTENT_LENGTH"] = 2000
    answer = world.attach(world.first, (PDF + b"x" * 3000, "big.pdf"))

    assert answer.status_code == 413 and "too large" in answer.text and world.stored(FullText) == []


def test_a_file_whose_bytes_are_missing_says_so(world):
    world.attach(world.first, (PDF, "a.pdf"))
    row = world.stored(FullText)[0]
    world.app.extensions["workbench.files"].path(row.sha256).unlink()

    answer = world.as_(world.first).get(f"{LIST}/{row.id}/file")
    assert answer.status_code == 404 and "missing on this machine" in answer.text


def test_an_attempt_is_written_down_with_who_and_where(world):
    answer = world.send(world.first, f"{LIST}/{world.sought}/log", found="requested", note="Loan 55-2210")

    assert answer.status_code == 303
    page = world.page(world.second, f"{LIST}/{world.sought}")
    assert "Loan 55-2210" in page and "Requested" in page and world.first.name in page


def test_a_quick_deed_leads_back_to_the_list(world):
    answer = world.send(world.first, f"{LIST}/{world.sought}/log", found="requested", back="list", state="sought")

    assert answer.location.endswith("/full-texts?state=sought")


@pytest.mark.parametrize("form", [{"found": "not-retrieved"}, {"found": "eaten"}, {}])
def test_a_log_that_says_too_little_is_refused(world, form):
    answer = world.send(world.first, f"{LIST}/{world.sought}/log", **form)

    assert answer.status_code == 422 and "Nothing was changed." in answer.text


def test_a_report_with_votes_is_not_given_up(world):
    with database_of(world.app).write.begin() as session:
        review = session.merge(world.lead).review
        open_stage(session, review, Stage.FULL_TEXT)
        report = a_report(session, review, session.merge(world.first), session.merge(world.second))
        a_vote(session, session.merge(world.first), report, INCLUDE, Stage.FULL_TEXT)
    answer = world.send(world.lead, f"{LIST}/{report.id}/log", found="not-retrieved", note="Lost.")

    assert answer.status_code == 409 and "has voted" in answer.text


def test_an_observer_writes_nothing_down(world):
    assert world.send(world.observer, f"{LIST}/{world.sought}/log", found="requested").status_code == 403
    assert world.attach(world.observer, (PDF, "a.pdf")).status_code == 403


def test_a_record_that_is_not_sought_has_no_page_here(world):
    with database_of(world.app).write.begin() as session:
        record = a_record(session, session.merge(world.lead).review)

    assert world.as_(world.first).get(f"{LIST}/{record.id}").status_code == 404
    assert world.attach(world.first, (PDF, "a.pdf"), record_id=record.id).status_code == 404
    assert world.stored(FullText) == []


def test_the_page_of_a_duplicate_leads_to_the_kept_report(world):
    with database_of(world.app).write.begin() as session:
        other = a_record(session, session.merge(world.lead).review)
        a_duplicate(session, other, session.get_one(Record, world.sought))

    assert world.as_(world.first).get(f"{LIST}/{other.id}").location.endswith(f"/{world.sought}")


@pytest.mark.parametrize(("given", "safe"), [
    ("../../etc/passwd", "passwd.pdf"), ("C:\\papers\\a b.PDF", "a b.PDF"), ("\r\nX: y.pdf", "X y.pdf"),
    ("", "full-text.pdf"),
    ("Größe (2).pdf", "Größe (2).pdf"),
])  # fmt: skip
def test_a_file_name_is_made_safe(given, safe):
    assert safe_name(given) == safe


# Taking back an import


def _an_import(world: World, *, voted: bool) -> tuple[int, int, int]:
    with database_of(world.app).write.begin() as session:
        review = session.merge(world.lead).review
        the_import = an_import(session, review)
        kept, other = a_record(session, review, of=the_import), a_record(session, review)
        a_duplicate(session, other, kept)
        if voted:
            a_vote(session, session.merge(world.first), kept, in_hand=True)
        return the_import.id, kept.id, other.id


def test_an_import_is_taken_back_with_what_hangs_on_it(world):
    import_id, _kept, _other = _an_import(world, voted=False)
    address = f"/reviews/spine/imports/{import_id}/take-back"
    assert "Take back 1 record" in world.page(world.lead, address)

    answer = world.send(world.lead, address)

    assert answer.status_code == 303 and answer.location.endswith(f"/imports/{import_id}")
    with database_of(world.app).read() as session:
        assert session.get_one(Import, import_id).taken_back_by == world.lead.id
        assert session.scalars(select(Duplicate)).all() == []
    assert "was taken back" in world.page(world.lead, address)
    assert world.send(world.lead, address).status_code == 409


def test_an_import_with_a_vote_stays_as_it_is(world):
    import_id, kept, other = _an_import(world, voted=True)
    address = f"/reviews/spine/imports/{import_id}/take-back"
    page = world.page(world.lead, address)
    assert "It stays" in page and "<form method" not in page[page.index("<main") :]

    assert world.send(world.lead, address).status_code == 409
    with database_of(world.app).read() as session:
        assert session.get_one(Import, import_id).taken_back_at is None
        assert session.execute(select(Duplicate.record_id, Duplicate.kept_id)).all() == [(other, kept)]


def test_a_reviewer_takes_no_import_back(world):
    import_id, _kept, _other = _an_import(world, voted=False)

    assert world.send(world.first, f"/reviews/spine/imports/{import_id}/take-back").status_code == 403
    assert world.send(world.lead, "/reviews/spine/imports/999999/take-back").status_code == 404
