"""create_app(): the one place that knows every room."""

import importlib.util
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Config, Flask, Request, g
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from workbench.accounts import access
from workbench.accounts import api as accounts_api
from workbench.accounts import tasks as accounts
from workbench.accounts import views as accounts_pages
from workbench.accounts.views import tokens
from workbench.db import Sessions, open_sessions
from workbench.deduplication import api as deduplication_api
from workbench.deduplication import service as deduplication
from workbench.deduplication import views as duplicates
from workbench.deduplication.views import disputes, groups
from workbench.deduplication.views import reports as duplicate_reports
from workbench.files.formats import Limits
from workbench.files.stores import open_store
from workbench.jobs import queries as jobs
from workbench.jobs import service
from workbench.jobs.tasks import Queue, Worker
from workbench.protocols import api as protocols_api
from workbench.protocols import views as protocols
from workbench.records import api as records_api
from workbench.records import tasks as records_tasks
from workbench.records import views as records
from workbench.records.lookup import Lookup
from workbench.records.tasks import live as live_tasks
from workbench.records.views import additions, by_hand, letters, uploads
from workbench.records.views import live as live_searches
from workbench.reporting import api as reporting_api
from workbench.reporting import views as reporting
from workbench.reporting.views import removed
from workbench.reporting.views import searches as searched
from workbench.resources import resource
from workbench.reviews import api as reviews_api
from workbench.reviews.views import jobs as progress
from workbench.reviews.views import team
from workbench.screening import tasks as screening_tasks
from workbench.screening.api import arranging as arranging_api
from workbench.screening.api import conflicts as conflicts_api
from workbench.screening.api import figures as figures_api
from workbench.screening.api import full_texts as full_texts_api
from workbench.screening.api import team as team_api
from workbench.screening.api import votes as votes_api
from workbench.screening.service import sent as sending
from workbench.screening.views import agreement as agreement_pages
from workbench.screening.views import (
    allocation,
    amendments,
    bars,
    conflicts,
    finding,
    imports,
    limits,
    lists,
    met,
    passages,
    pilots,
    requesting,
    retrieval,
    sent,
    settings,
    stages,
    voting,
    waiting,
)
from workbench.screening.views import inquiries as inquiry_pages
from workbench.screening.views import progress as progress_pages
from workbench.screening.views import tags as tag_pages
from workbench.studies import api as studies_api
from workbench.studies import views as studies_pages
from workbench.web import errors, openapi, pages, transactions
from workbench.web.api import PREFIX

HERE = Path(__file__).resolve().parent
PAGES = (
    accounts_pages,
    tokens,
    openapi,
    team,
    progress,
    protocols,
    records,
    uploads,
    by_hand,
    additions,
    live_searches,
    letters,
    duplicates,
    groups,
    disputes,
    duplicate_reports,
    stages,
    voting,
    met,
    finding,
    settings,
    bars,
    limits,
    conflicts,
    retrieval,
    requesting,
    passages,
    sent,
    imports,
    allocation,
    pilots,
    lists,
    amendments,
    agreement_pages,
    progress_pages,
    tag_pages,
    inquiry_pages,
    studies_pages,
    reporting,
    removed,
    searched,
)
APIS = (
    accounts_api, reviews_api, protocols_api, records_api, deduplication_api, votes_api, conflicts_api, arranging_api,
    figures_api, team_api, full_texts_api, studies_api, reporting_api,
)  # fmt: skip
"""What programs ask with a token; no cookie is looked at there, so no form's token is asked."""
ROOMS = ("accounts", "reviews", "protocols", "records", "deduplication", "screening", "studies", "reporting")


@dataclass(frozen=True)
class Step:
    """One step of the review in the navigation."""

    endpoint: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    rooms: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()

    def is_here(self, request: Request) -> bool:
        """Whether the page that is shown belongs to this step."""
        stage = (request.view_args or {}).get("stage")
        if stage is not None and "stage" in self.values:
            return bool(stage == self.values["stage"])
        return (
            "stage" not in self.values
            and request.blueprint in {*self.rooms, self.endpoint.split(".")[0]}
            and (not self.pages or request.endpoint in self.pages)
        )


OF_SEARCHES = (
    "records_uploads",
    "records_by_hand",
    "records_mending",
    "records_additions",
    "screening_imports",
    "live_searches",
    "searched",
)
"""Pages that belong to the searches, beside those of the room itself."""

STEPS = (
    Step("reporting.overview", "Overview", pages=("reporting.overview", "reporting.trail")),
    Step("protocols.protocol", "Protocol", rooms=("amendments",)),
    Step("records.searches", "Searches", rooms=OF_SEARCHES),
    Step(
        "deduplication.pairs",
        "Duplicates",
        rooms=("duplicate_groups", "duplicate_disputes", "duplicate_reports", "removed"),
    ),
    Step("stages.stage", "Title and abstract", {"stage": "title-abstract"}),
    Step("retrieval.reports", "Full texts", rooms=("sent_pdfs", "requesting", "passages")),
    Step("stages.stage", "Full-text screening", {"stage": "full-text"}),
    Step("studies.index", "Studies"),
    Step("reporting.prisma", "PRISMA", pages=("reporting.prisma", "reporting.box")),
    Step("reviews.team", "Team"),
)


def create_app(home: Path, url: str, place: str = "Default", **settings: Any) -> Flask:
    """Put the rooms together around one home folder and one database."""
    app = Flask("workbench", root_path=str(HERE), static_folder="web/static", template_folder="web/templates")
    _fill(app.config, place)
    app.config.update(settings)
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _secret(home, "secret-key")
    app.config.setdefault("SECURITY_PASSWORD_SALT", _secret(home, "password-salt"))
    app.jinja_loader = _templates()
    _furnish(app, home, url)
    for room in PAGES:
        app.register_blueprint(room.bp)
    for room in APIS:
        app.register_blueprint(room.bp, url_prefix=PREFIX + (room.bp.url_prefix or ""))
        app.extensions["csrf"].exempt(room.bp)
    app.context_processor(_frame)
    app.extensions["workbench.waiting"] = waiting.waiting
    return app


def _frame() -> dict[str, Any]:
    return {"member": g.member, "steps": STEPS} if "member" in g else {}


def _furnish(app: Flask, home: Path, url: str) -> None:
    if app.config["BEHIND_PROXY"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
        app.config["SESSION_COOKIE_SECURE"] = True
    transactions.init_app(app, open_sessions(url))
    app.extensions["workbench.files"] = open_store(home, app.config["FILES_URL"])
    app.extensions["workbench.queue"] = Queue(url, home)
    if not app.testing:
        app.extensions["workbench.pubmed"] = Lookup()
    CSRFProtect(app)
    pages.init_app(app)
    accounts.init_app(app)
    access.init_app(app)
    errors.init_app(app)


def _templates() -> ChoiceLoader:
    rooms: Mapping[str, FileSystemLoader] = {room: FileSystemLoader(HERE / room / "templates") for room in ROOMS}
    return ChoiceLoader([FileSystemLoader(HERE / "web" / "templates"), PrefixLoader(rooms)])


def _settings() -> ModuleType:
    spec = importlib.util.spec_from_file_location("workbench_settings", resource("config.py"))
    assert spec and spec.loader  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _secret(home: Path, name: str) -> str:
    """A secret of this installation, made once and readable by its owner only."""
    path = home / name
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def tasks(limits: Limits | None = None) -> dict[str, service.Task]:
    """Every kind of long work by its name; PDFs are read within these limits."""
    return {
        "records:import": records_tasks.import_file,
        "deduplication:form": deduplication.form_anew,
        "records:harvest": live_tasks.harvest,
        "records:ask-lines": live_tasks.ask_lines,
        "deduplication:run": screening_tasks.find_duplicates,
        "screening:allocate": screening_tasks.allocate,
        sending.KIND: partial(screening_tasks.match_full_texts, limits=limits),
    }


def follows(session: Session, work: service.Work) -> None:
    """After an import, or a change of records, comes the search for duplicates, unless one is waiting already."""
    queued = jobs.running_in(session, work.review_id or 0, "deduplication:run")
    if queued is None or queued.owner is not None:
        service.submit(session, "deduplication:run", {}, review_id=work.review_id, started_by=work.started_by)


FOLLOWS: dict[str, service.Follow] = {"records:import": follows, "deduplication:form": follows}


def create_worker(home: Path, url: str, place: str = "Default") -> Worker:
    """A worker for the jobs of one home folder and one database; it needs no web."""
    settings = Config(HERE)
    _fill(settings, place)
    return Worker(
        open_sessions(url),
        open_store(home, settings["FILES_URL"]),
        tasks(Limits(settings["MAX_PDF_BYTES"], settings["MAX_PDF_PAGES"])),
        FOLLOWS,
        lease=settings["LEASE_SECONDS"],
        chores=(screening_tasks.hand_in_after_a_day, records_tasks.clear_uploads),
    )


def _fill(settings: Config, place: str) -> None:
    settings.from_object(getattr(_settings(), place))
    settings.from_prefixed_env("WORKBENCH")


def database_of(app: Flask) -> Sessions:
    """The sessions of an application, for those who stand outside a request."""
    found: Sessions = app.extensions["workbench.sessions"]
    return found
