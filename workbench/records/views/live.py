"""A documented search on PubMed: what it asks, how many it finds, fetching all of it, and the hits line by line."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.files.stores import Store
from workbench.jobs.models import Job
from workbench.jobs.rules import State
from workbench.records import queries
from workbench.records.entrez import AT_A_PAGE, PubMed
from workbench.records.queries import live
from workbench.records.service import live as deeds
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, may
from workbench.reviews.views.jobs import progress
from workbench.web.transactions import close_session, current_session, transaction
from workbench.words import _

bp = Blueprint("live_searches", __name__)


@bp.get("/reviews/<slug>/searches/<int:run_id>/pubmed")
@door(Deed.LOOK)
def search(slug: str, run_id: int) -> str:
    """Show a run as PubMed would be asked, what it answered, and how far the fetching is."""
    return _page(run_id, None)


@bp.post("/reviews/<slug>/searches/<int:run_id>/pubmed/count")
@door(Deed.DOCUMENT_SEARCH)
def count(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Ask PubMed how many records the search finds; nothing is fetched."""
    try:
        asker, final = asking_member(), live.search_of(current_session(), asking_member().review_id, run_id).ready.final
        close_session()  # nobody waits to write while PubMed is asked
        found = PubMed.configured(AT_A_PAGE).search(final.term or "")
        with transaction() as session:
            deeds.note_answer(session, session.get_one(Member, asker.id), run_id, final, found)
    except (Invalid, Clash) as error:
        return _refused(run_id, error)
    return _back(slug, run_id)


@bp.post("/reviews/<slug>/searches/<int:run_id>/pubmed/harvest")
@door(Deed.IMPORT)
def fetch(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Begin to fetch everything that PubMed finds."""
    try:
        with transaction() as session:
            _harvest, job = deeds.start_harvest(session, asking_member(), run_id)
    except (Invalid, Clash) as error:
        return _refused(run_id, error)
    _wake(job)
    return _back(slug, run_id)


@bp.post("/reviews/<slug>/searches/<int:run_id>/pubmed/harvest/again")
@door(Deed.IMPORT)
def resume(slug: str, run_id: int) -> Answer:
    """Let a harvest that stopped go on."""
    with transaction() as session:
        job = deeds.resume_harvest(session, asking_member(), run_id)
    _wake(job)
    return _back(slug, run_id)


@bp.post("/reviews/<slug>/searches/<int:run_id>/pubmed/harvest/drop")
@door(Deed.IMPORT)
def drop(slug: str, run_id: int) -> Answer:
    """Give a harvest up that stopped."""
    with transaction() as session:
        harvest_id = deeds.drop_harvest(session, asking_member(), run_id).id
    store: Store = current_app.extensions["workbench.files"]
    deeds.clear_shelf(store, harvest_id)
    flash(_("The fetching is given up. Nothing of it was imported."))
    return _back(slug, run_id)


@bp.post("/reviews/<slug>/searches/<int:run_id>/pubmed/lines")
@door(Deed.DOCUMENT_SEARCH)
def ask_lines(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Begin to ask PubMed for the hits of every line, and which known studies each finds."""
    try:
        with transaction() as session:
            job = deeds.ask_lines(session, asking_member(), run_id)
    except (Invalid, Clash) as error:
        return _refused(run_id, error)
    _wake(job)
    return _back(slug, run_id)


def remark(kind: str, words: str) -> str:
    """One remark of PubMed in words.

    >>> remark("PhraseNotFound", "vertebroplasti")
    'Not found: vertebroplasti'
    """
    said = {
        "PhraseNotFound": _("Not found: %(words)s", words=words),
        "FieldNotFound": _("No such field: %(words)s", words=words),
        "PhraseIgnored": _("Left out: %(words)s", words=words),
        "QuotedPhraseNotFound": _("Quoted words not found, so searched without quotes: %(words)s", words=words),
    }
    return said.get(kind, words)


bp.add_app_template_filter(remark)


def _page(run_id: int, error: WorkbenchError | None) -> str:
    session, member = current_session(), asking_member()
    found = live.search_of(session, member.review_id, run_id)
    gathering = live.newest_harvest(session, run_id)
    last = live.last_asking(session, member.review_id, run_id, deeds.ASK_LINES)
    asking = last if last is not None and last.state in {State.WAITING, State.RUNNING} else None
    job = _shown(gathering, asking)
    return render_template(
        "records/live.html",
        search=found,
        run=found.run,
        error=error,
        trouble=found.trouble,
        wording=found.wording,
        rows=live.line_answers(session, found),
        studies=live.known_by_line(session, member.review_id, found),
        history=live.answers(session, run_id, found.wording.final.name) if found.wording else [],
        balance=queries.balance(session, member.review_id, run_id),
        gathering=gathering,
        asking=asking,
        broken=last.failure if last is not None else None,
        job=job,
        progress=progress(job) if job else None,
        may_fetch=may(member.roles, Deed.IMPORT),
        may_ask=may(member.roles, Deed.DOCUMENT_SEARCH),
    )


def _shown(gathering: live.Gathering | None, asking: Job | None) -> Job | None:
    """The work whose progress the page shows."""
    return gathering.job if gathering is not None and gathering.is_under_way else asking


def _refused(run_id: int, error: WorkbenchError) -> tuple[str, int]:
    return _page(run_id, error), 409 if isinstance(error, Clash) else 422


def _wake(job: Job) -> None:
    current_app.extensions["workbench.queue"].wake(job.id)


def _back(slug: str, run_id: int) -> Answer:
    return redirect(url_for(".search", slug=slug, run_id=run_id), 303)
