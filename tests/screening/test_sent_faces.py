"""The page on which PDFs are sent and confirmed; hostile files; and that no file of a review reaches another's member."""

import io
import json
import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests import pdfs
from tests.factories import a_member, a_report, a_review, open_stage, the_lead
from workbench.app import create_worker, database_of
from workbench.reviews.rules import Role
from workbench.screening.models import FullText, SentPdf

LIST = "/reviews/spine/full-texts"
SENT = f"{LIST}/sent"
TITLE = "Cement augmentation of painful vertebral lesions"
SAFE = pdfs.a_pdf(["doi: 10.1000/spine.14", TITLE, "Karen Holm", "2014"])
DOUBTFUL = pdfs.a_pdf(["doi: 10.1000/spine.14", "Etwas anderes"])


class World:
    """A review with one report that is sought, and a browser for each person."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        app.config["WTF_CSRF_ENABLED"] = False
        with database_of(app).write.begin() as session:
            review = a_review(session, "spine")
            self.lead, self.first = the_lead(session, review), a_member(session, review)
            self.observer = a_member(session, review, Role.OBSERVER)
            self.stranger = the_lead(session, a_review(session, "other"))
            open_stage(session, review)
            self.report = a_report(
                session, review, self.lead, self.first, found=None, title=TITLE, doi="10.1000/spine.14",
                authors=["Holm, K."], year=2014,
            ).id  # fmt: skip
        self.browsers = {}

    def as_(self, member):
        if member.id not in self.browsers:
            browser = self.app.test_client()
            answer = browser.post("/sign-in", data={"email": member.user.email, "password": "correct horse battery"})
            assert answer.status_code == 302
            self.browsers[member.id] = browser
        return self.browsers[member.id]

    def send(self, *files: tuple[bytes, str], by=None, accept="text/html", to=SENT):
        parts = [(io.BytesIO(data), name) for data, name in files]
        return self.as_(by or self.first).post(
            to, data={"file": parts}, content_type="multipart/form-data", headers={"Accept": accept}
        )

    def match(self):
        worker = create_worker(*self._place(), "Testing")
        from workbench.jobs.rules import Watch

        worker.sweep(Watch(1.0))
        worker.sessions.engine.dispose()

    def _place(self):
        return self.app.extensions["workbench.files"].folder.parent, str(database_of(self.app).engine.url)

    def stored(self, table) -> list:
        with database_of(self.app).read() as session:
            return list(session.scalars(select(table).order_by(table.id)))

    def page(self, by=None) -> str:
        answer = self.as_(by or self.first).get(SENT)
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.text)


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


def test_files_are_sent_matched_and_confirmed_without_scripts(world):
    assert "No file waits here." in world.page()
    answer = world.send((SAFE, "safe.pdf"), (DOUBTFUL, "doubtful.pdf"), (b"<html>", "web.pdf"))
    assert answer.status_code == 303
    page = world.page()
    assert "2 files were taken in. 1 file is no PDF." in page and "data-progress-of" in page and "a web page" in page

    world.match()
    page = world.page()
    assert "DOI on page 1, title 100 %" in page and "Take off again" in page
    assert "DOI on page 1; but the report has a file, its title is not on the first pages" in page

    doubtful = world.stored(SentPdf)[1].id
    form = {f"pdf-{doubtful}": "1", f"report-{doubtful}": str(world.report), f"kind-{doubtful}": "supplement"}
    assert world.as_(world.first).post(f"{SENT}/confirm", data=form).status_code == 303
    assert [one.kind.value for one in world.stored(FullText)] == ["article", "supplement"]
    report = world.as_(world.first).get(f"{LIST}/{world.report}").text
    assert "Supplement, 1 page" in report and "1 file is attached." in world.page() + report


def test_what_is_not_chosen_stays_and_what_is_mistyped_is_said(world):
    world.send((DOUBTFUL, "a.pdf"), (pdfs.a_pdf(["Milk"]), "b.pdf"))
    world.match()
    one, two = (row.id for row in world.stored(SentPdf))

    form = {f"pdf-{one}": "1", f"report-{one}": "none", f"pdf-{two}": "1", f"number-{two}": "seven", "pdf-x": "1"}
    answer = world.as_(world.first).post(f"{SENT}/confirm", data=form)

    assert answer.status_code == 422 and "“seven” is no number of a report." in answer.text
    assert [row.none_fits_at is not None for row in world.stored(SentPdf)] == [True, False]
    form = {f"pdf-{two}": "1", f"number-{two}": "999999"}
    assert world.as_(world.first).post(f"{SENT}/confirm", data=form).status_code == 422
    assert world.as_(world.first).post(f"{SENT}/confirm", data={}).status_code == 303
    assert world.stored(FullText) == []


def test_an_attachment_by_the_program_is_taken_off_and_a_file_let_go(world):
    world.send((SAFE, "safe.pdf"))
    world.match()
    [row] = world.stored(SentPdf)

    assert world.as_(world.lead).post(f"{SENT}/{row.id}/take-off").status_code == 303
    assert "1 file waits for you" in world.page()
    assert world.as_(world.lead).post(f"{SENT}/{row.id}/let-go").status_code == 303
    assert "No file waits here." in world.page()
    assert world.as_(world.lead).post(f"{SENT}/{row.id}/let-go").status_code == 404


def test_the_module_that_sends_in_parts_is_told_how_many_were_taken(world):
    answer = world.send((SAFE, "a.pdf"), (b"", "empty.pdf"), accept="application/json")

    assert json.loads(answer.data) == {"taken": 1, "refused": 1}
    assert world.send(accept="application/json").status_code == 422


def test_no_file_of_a_review_reaches_anothers_member_on_any_route(world):
    world.send((DOUBTFUL, "waits.pdf"))
    world.match()
    world.send((SAFE, "a.pdf"), to=f"{LIST}/{world.report}/files")
    waiting, attached = world.stored(SentPdf)[0].id, world.stored(FullText)[0].id

    reached = []
    for rule in world.app.url_map.iter_rules():
        if "<slug>" not in rule.rule or not {"GET", "POST"} & rule.methods:
            continue
        if not set(rule.arguments) & {"full_text_id", "pdf_id"}:
            continue
        for slug in ("spine", "other"):
            address = re.sub(r"<int:full_text_id>", str(attached), rule.rule.replace("<slug>", slug))
            address = re.sub(r"<int:pdf_id>", str(waiting), address)
            for method in rule.methods - {"OPTIONS", "HEAD"}:
                answer = world.as_(world.stranger).open(address, method=method)
                reached += [(method, address)] if answer.status_code not in {401, 404} or b"%PDF" in answer.data else []
        assert world.app.test_client().open(address, method="GET").status_code in {302, 401, 405}
    assert reached == []
    for path in (f"{LIST}/{attached}/file", f"{SENT}/{waiting}/file"):
        assert world.as_(world.first).get(path).data.startswith(b"%PDF")
        assert world.as_(world.observer).get(path).status_code == 403


@pytest.mark.parametrize("to", ["waits", "attached"])
def test_every_file_is_served_as_a_pdf_and_nothing_else(world, to):
    script = pdfs.a_script_pdf() + b"<script>alert(1)</script>"
    if to == "waits":
        world.send((script, "evil.html"))
        world.match()
        assert "It carries a script. The browser’s viewer shows it shut off" in world.page()
        path = f"{SENT}/{world.stored(SentPdf)[0].id}/file"
    else:
        world.send((script, "evil.html"), to=f"{LIST}/{world.report}/files")
        path = f"{LIST}/{world.stored(FullText)[0].id}/file"

    headers = world.as_(world.first).get(path).headers

    assert headers["Content-Type"] == "application/pdf" and headers["X-Content-Type-Options"] == "nosniff"
    assert (
        "default-src 'none'" in headers["Content-Security-Policy"]
        and "script-src" not in headers["Content-Security-Policy"]
    )
    assert "evil.html.pdf" in headers["Content-Disposition"] and headers["Cache-Control"] == "private, no-cache"
    part = world.as_(world.first).get(path, headers={"Range": "bytes=0-4"})
    assert part.status_code == 206 and part.data == b"%PDF-"


HOSTILE = [
    (b"<html><script>alert(1)</script></html>", "web page"),
    (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "SVG picture"),
    (b"<!doctype html><!--" + SAFE, "web page"),
    (b"PK\x03\x04" + b"\0" * 30 + SAFE, "archive"),
    (b"", "0 bytes"),
    (b"\x7fELF" + SAFE, "does not begin as a PDF"),
    (pdfs.a_long_pdf(5000), "5000 pages"),
    (SAFE[:150], "damaged"),
]


def test_hostile_files_are_refused_with_what_they_are_and_what_to_do(world):
    for data, words in HOSTILE:
        alone = world.send((data, "../../etc/cron.d/x.pdf"), to=f"{LIST}/{world.report}/files")
        assert alone.status_code == 422 and words in alone.text and "Nothing was changed." in alone.text
        assert "cron.d" not in alone.text

    assert world.send(*((data, f"..\\..\\x{n}.pdf") for n, (data, _words) in enumerate(HOSTILE))).status_code == 303
    world.match()

    page = world.page()
    refused = page.split("Not taken")[1]
    assert all(words in refused for _data, words in HOSTILE) and "Take off again" not in page and "..\\" not in page
    assert world.stored(FullText) == [] and len(world.stored(SentPdf)) == len(HOSTILE)
    for row in world.stored(SentPdf):
        assert world.as_(world.first).get(f"{SENT}/{row.id}/file").status_code == 404


def test_a_file_over_the_limit_of_a_pdf_is_named(world):
    world.app.config["MAX_PDF_BYTES"] = 1000
    world.send((SAFE + b" " * 1000, "large.pdf"))

    assert "It is larger than 0 MB" in world.page()
