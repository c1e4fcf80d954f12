"""Every page at work, empty and refusing: axe finds nothing against WCAG 2.2 AA, wide and light as well as narrow and
dark; the console stays silent; nothing is cut off sideways at 320 px.

The pages at work are those of the demonstration. Which pages there are is asked of the application's own map; which
records, files and jobs they show is found by following the links, as a reader would.
"""

import html
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, expect
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.browser.hands import press
from workbench.accounts.models import User
from workbench.accounts.service import sign_up
from workbench.app import create_app, database_of, tasks
from workbench.db import Sessions
from workbench.demo.building import SLUG, Place, build
from workbench.demo.home import open_home
from workbench.demo.people import JUDGE, LEAD, OBSERVER, PASSPHRASE
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.protocols import queries as protocol_queries
from workbench.protocols import service as protocols
from workbench.protocols.models import ProtocolDraft
from workbench.protocols.rules import sections
from workbench.records.models import HeldUpload, Import, Record
from workbench.records.service import columns
from workbench.reviews import queries as reviews
from workbench.reviews import service as teams
from workbench.reviews.rules import Role, Stage
from workbench.screening.service import pilots, stages, team

pytestmark = pytest.mark.browser

AXE = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
    "iframes": False,  # the one frame is the browser's own PDF viewer
}
LOOKS = ((1440, "light"), (320, "dark"))
REVIEW, FRESH = f"/reviews/{SLUG}", "/reviews/cement-spine"
PROTOCOL = Path(__file__).parent.parent / "data" / "protocol.yaml"
STARTER, STRANGER = "starter@example.org", "stranger@example.org"

BEFORE_SIGN_IN = {"security.login", "accounts.welcome", "reviews.join"}
"""Looked at by their own tests, the welcome of an empty house in test_empty_house.py."""

NO_PAGES = {
    "static", "bootstrap.static", "security.static", "favicon", "removed.table", "searched.overlap_picture", "protocols.version_file",
    "amendments.protocol_file", "protocols.draft_file", "protocols.new_file", "records.records_file", "records.rejected", "records.rejected_text",
    "records_by_hand.as_template", "reporting.box_file", "reporting.prisma_file", "openapi.document",
    "retrieval.file", "requesting.list_file", "sent_pdfs.file", "voting.beside", "voting.now", "searched.overlap_file", "searched.shared_file", "searched.new_file", "searched.prisma_s_file", "searched.history_file",
    "searched.histories_file", "agreement.pairs_file", "agreement.picture", "studies.table_file",
}  # fmt: skip
"""Addresses that give a file, or an answer to a module."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration, beside it a review that has just begun and a person who is in none."""
    home = tmp_path_factory.mktemp("demo") / "home"
    url = f"sqlite:///{home / 'workbench.sqlite'}"
    sessions = open_home(home, url)
    build(Place(home, url, sessions, lambda _words: None))
    with sessions.write.begin() as session:
        known = session.scalars(select(User).where(User.email == LEAD.email)).one().password
        starter = sign_up(session, "Maja Berg", STARTER, PASSPHRASE, known)
        sign_up(session, "Ole Falk", STRANGER, PASSPHRASE, known)
        fresh = protocols.begin(session, starter, PROTOCOL.read_bytes(), PROTOCOL.name)
        protocols.begin_draft(session, fresh)
        _amended(session)
        _asked(session)
    for name, said in (("waits.csv", None), ("garbled.csv", {"title": "Titel"})):
        take(sessions, FolderStore(home / "files"), name, said)
    with sessions.write.begin() as session:
        _piloted(session)
    sessions.engine.dispose()
    made = create_app(home, url)
    yield made
    database_of(made).engine.dispose()


def take(sessions: Sessions, store: FolderStore, name: str, said: dict[str, str] | None) -> None:
    """Hand in a table whose headers are not known, and read it where its columns are said."""
    table = f"Overskrift;Titel;Resume\n1;SÃ¸rens smerter ({name});\n2;Cement;Et resume\n".encode()
    with sessions.write.begin() as session:
        lead = reviews.member_by_email(session, SLUG, LEAD.email)
        run = protocol_queries.runs(session, lead.review_id)[0]
        taken = columns.take(
            session,
            store,
            lead,
            columns.Upload(run.id, name, table.replace(b"Titel", b"Navn") if said is None else table, said),
        )
    if not isinstance(taken, HeldUpload) and taken[1]:
        assert jobs.run(sessions, store, tasks(), taken[1].id, "the test")


def by_hand(app: Flask) -> list[str]:
    """Pages that are met only where a file asks for a person's hand."""
    with database_of(app).read() as session:
        it = session.scalars(select(Import.id).order_by(Import.id.desc())).first()
        held = session.scalars(select(HeldUpload.id)).first()
        bare = session.scalars(select(Record.id).where(Record.import_id == it).order_by(Record.id)).first()
    return [f"{REVIEW}/uploads/{held}", f"{REVIEW}/imports/{it}", f"{REVIEW}/imports/{it}/letters",
            f"{REVIEW}/imports/{it}/read-again", f"{REVIEW}/records/{bare}"]  # fmt: skip


def _amended(session: Session) -> None:
    """The demonstration with an amendment after votes, and drafts of what comes next."""
    lead = reviews.member_by_email(session, SLUG, LEAD.email)
    draft = protocols.begin_draft(session, lead)
    draft.document = draft.document | {"limits": draft.document.get("limits", {}) | {"from": "2001"}}
    protocols.put_in_force(session, lead, draft, "Older trials count too.")
    protocols.begin_draft(session, lead)
    protocols.begin_new(session, lead.user, protocols.copy_of(session, lead))


def _piloted(session: Session) -> None:
    """A pilot round on what nobody has voted on yet; it waits for all."""
    lead = reviews.member_by_email(session, SLUG, LEAD.email)
    stages.rank(session, lead.review_id, Stage.TITLE_ABSTRACT)
    pilots.begin(session, lead, Stage.TITLE_ABSTRACT, 1, seed=1)


def _asked(session: Session) -> None:
    """The demonstration with a tag that has a meaning, and a question to the team with its reply."""
    lead, judge = (reviews.member_by_email(session, SLUG, one.email) for one in (LEAD, JUDGE))
    team.define_tag(session, lead, "key paper", "Cited by guidelines; read it first.", carries_judgement=True)
    record = session.scalars(select(Record.id).where(Record.review_id == lead.review_id).order_by(Record.id)).first()
    asked = team.ask(session, lead, record, Stage.TITLE_ABSTRACT, "Which language is it in?", "every-page")
    team.reply(session, judge, asked.id, "In German.", "every-page")


@pytest.fixture
def app(house: Flask) -> Flask:
    """What listens: one house for all these tests."""
    return house


UNLINKED = ("allocation/draft?split=everyone", "check")
"""Pages of a stage that a form leads to, or a link where the rule has them."""


class Eye:
    """Looks at one person's pages and notes every fault, so that one run tells them all."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.faults: list[tuple[Any, ...]] = []
        self.axe = Axe().axe_script
        self.page.on("console", self._note)

    def _note(self, line: ConsoleMessage) -> None:
        refused = "the server responded with a status of 4" in line.text  # the browser's own line for each refusal
        if not refused or "/static/" in line.location["url"]:
            self.faults.append((self.page.url, "console", line.text))

    def sign_in(self, email: str) -> "Eye":
        self.page.goto("/sign-in")
        self.page.fill("[name=email]", email)
        self.page.fill("[name=password]", PASSPHRASE)
        press(self.page, "Enter")
        self.page.wait_for_url("**/")
        return self

    def look(self, address: str, status: int = 200) -> None:
        answer = self.page.goto(address)
        assert answer and answer.status == status, (address, answer and answer.status)
        self.check()

    def check(self) -> None:
        """Look at the page as it stands, in both looks."""
        self.page.evaluate(self.axe)
        for width, scheme in LOOKS:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = self.page.evaluate("options => axe.run(options)", AXE)["violations"]
            self.faults += [(self.page.url, width, one["id"], node["html"]) for one in found for node in one["nodes"]]
            if not self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
                self.faults.append((self.page.url, width, "is cut off sideways"))
        if self.page.locator("h1:visible").count() != 1:
            self.faults.append((self.page.url, "has not one heading"))


@pytest.fixture
def eye(context: BrowserContext) -> Iterator[Eye]:
    """A pair of eyes; what they find is told at the end."""
    opened = Eye(context)
    yield opened
    assert not opened.faults, "\n".join(" | ".join(map(str, one)) for one in opened.faults)


def links(text: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'href="(/[^"#]*)', text)]


def pages(app: Flask, context: BrowserContext, start: Iterable[str], most: int = 1) -> dict[str, list[str]]:
    """Addresses of pages by endpoint, found by following links: of each kind (and stage) as many as asked for."""
    ways, found = app.url_map.bind("localhost"), defaultdict(list)
    queue, met = deque(start), set()
    while queue:
        address = queue.popleft()
        try:
            endpoint, values = ways.match(address.partition("?")[0])
        except (HTTPException, RequestRedirect):
            continue
        kind = f"{endpoint} {values.get('stage', '')}".strip()
        if address in met or endpoint in NO_PAGES or len(found[kind]) == most:
            continue
        met.add(address)
        answer = context.request.get(address, max_redirects=0)
        if answer.status == 200 and "text/html" in answer.headers["content-type"]:
            found[kind].append(address)
            queue.extend(links(answer.text()))
    return {kind: some for kind, some in found.items() if some}


def endpoints(app: Flask, keep: Callable[[Any], bool] = lambda _rule: True) -> set[str]:
    """Every endpoint that shows a signed-in person a page."""
    gets = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods and keep(rule)}
    for_programs = {name for name in gets if hasattr(app.view_functions[name], "operation")}
    return gets - NO_PAGES - BEFORE_SIGN_IN - for_programs


def kinds(found: dict[str, list[str]]) -> set[str]:
    return {kind.partition(" ")[0] for kind in found}


def test_every_page_at_work(app, context, eye):
    with database_of(app).read() as session:
        job = session.scalars(select(Job.id)).first()
        own = session.scalars(select(ProtocolDraft.id).where(ProtocolDraft.review_id.is_(None))).first()
    eye.sign_in(LEAD.email)

    found = pages(
        app, context,
        ["/", f"{REVIEW}/", f"{REVIEW}/jobs/{job}", "/account/password", *by_hand(app), f"{REVIEW}/duplicates/to-settle",
         f"{REVIEW}/protocol/draft/sources/0/0", f"/reviews/new/drafts/{own}/sources/0/0",
         f"{REVIEW}/screen/title-abstract/find/bulk?words=pain",
         *(f"{REVIEW}/stages/title-abstract/{page}" for page in UNLINKED)],
    )  # fmt: skip

    assert endpoints(app) - kinds(found) == set()
    for addresses in found.values():
        for address in addresses:
            eye.look(address)


def test_every_section_of_a_draft(eye):
    eye.sign_in(STARTER)

    for section in sections():
        eye.look(f"{FRESH}/protocol/draft/{section.code}")


def test_every_page_of_somebody_who_settles(app, context, eye):
    eye.sign_in(JUDGE.email)

    found = pages(app, context, ["/", f"{REVIEW}/"], most=2)

    for kind in ("conflicts.conflict title-abstract", "conflicts.conflict full-text", "retrieval.report",
                 "agreement.page title-abstract", "agreement.page full-text"):  # fmt: skip
        for address in found[kind]:
            eye.look(address)


def test_every_page_of_a_review_that_has_just_begun(app, context, eye):
    eye.sign_in(STARTER)

    at_once = f"{FRESH}/screen/title-abstract/find/bulk?words=pain"  # linked only from a list that waits
    unlinked = [f"{FRESH}/stages/{stage}/{page}" for stage in Stage for page in UNLINKED] + [at_once]
    found = pages(app, context, ["/", f"{FRESH}/", f"{FRESH}/records", f"{FRESH}/duplicates/to-settle", *unlinked])

    wanted = endpoints(app, lambda rule: rule.arguments and rule.arguments <= {"slug", "stage"})
    assert wanted - kinds(found) == {"searched.shared", "tags.records"}  # no source and nobody's tag is there yet
    for addresses in found.values():
        for address in addresses:
            eye.look(address)


def test_the_desks_of_a_stage_without_records(app, eye):
    with database_of(app).write.begin() as session:
        lead = reviews.member_by_email(session, "cement-spine", STARTER)
        for stage in Stage:
            stages.open_stage(session, lead, stage)
    eye.sign_in(STARTER)

    for stage in Stage:
        eye.look(f"{FRESH}/screen/{stage}")
        eye.look(f"{FRESH}/stages/{stage}")


def test_the_first_page_of_somebody_who_is_in_no_review(eye):
    eye.sign_in(STRANGER)

    expect(eye.page.locator("main")).to_contain_text("You are in no review yet")
    eye.check()


def test_the_pages_before_signing_in(app, eye):
    with database_of(app).write.begin() as session:
        joining = teams.invite(session, reviews.member_by_email(session, "cement-spine", STARTER), Role.REVIEWER)

    eye.look("/sign-in")
    eye.look(f"/join/{joining}")
    eye.sign_in(STRANGER)
    eye.look(f"/join/{joining}")


def test_what_is_not_there_and_what_is_not_for_one(eye):
    eye.sign_in(OBSERVER.email)

    eye.look("/nowhere", 404)
    eye.look("/reviews/none/", 404)
    eye.look(f"{REVIEW}/records/999999", 404)
    eye.look(f"{REVIEW}/screen/title-abstract", 403)


def test_a_wrong_password(eye):
    eye.page.goto("/sign-in")
    eye.page.fill("[name=email]", LEAD.email)
    eye.page.fill("[name=password]", "no bridge at all")
    press(eye.page, "Enter")

    expect(eye.page.get_by_role("alert")).to_contain_text("do not belong together")
    eye.check()


def refuse(eye: Eye, button: str, words: str) -> None:
    """Send the form, be refused, and look at the page that says why."""
    eye.page.get_by_role("button", name=button).first.click()
    expect(eye.page.locator("[role=alert]:visible")).to_contain_text(words)
    eye.check()


def a_file(name: str, data: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def test_files_that_are_refused(eye):
    eye.sign_in(LEAD.email)

    eye.page.goto("/reviews/new")
    bad = PROTOCOL.read_bytes().replace(b"exclusion_reasons:", b"exclusion_reason:")
    eye.page.set_input_files("#file", a_file("typo.yaml", bad))
    refuse(eye, "Begin the review", "not hold")
    eye.page.goto(f"{REVIEW}/searches")
    eye.page.locator("[type=file]").first.set_input_files(a_file("export.ris", b"%PDF-1.4 not an export"))
    refuse(eye, "Import into run", "PDF")
    eye.page.goto(f"{REVIEW}/full-texts")
    eye.page.locator("[type=file]").first.set_input_files(a_file("report.pdf", b"no PDF"))
    refuse(eye, "Attach", "PDF")


def test_forms_that_are_refused(eye):
    eye.sign_in(LEAD.email)

    eye.page.goto(f"{REVIEW}/screen/full-text")
    press(eye.page, "n")
    refuse(eye, "Vote and open the next", "reason")
    eye.page.goto("/account/password")
    for name in ("password", "new_password", "new_password_confirm"):
        eye.page.fill(f"[name={name}]", "short")
    refuse(eye, "Change password", "assword")
