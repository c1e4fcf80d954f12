"""Duplicates, as the person at the searches sees them: pairs that wait, what was joined, and what went out."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answered

from workbench.deduplication import queries, service
from workbench.deduplication.queries import BY_ENGINE, BY_PERSON, asked
from workbench.deduplication.views.answers import Sent, form_key, from_json, number, read, skipped
from workbench.deduplication.views.desk import AHEAD, show
from workbench.deduplication.views.wording import answer_words, link_words
from workbench.jobs import queries as jobs
from workbench.jobs.service import submit
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("deduplication", __name__)

ON_A_PAGE = 25
KIND = "deduplication:run"


@dataclass(frozen=True)
class Page:
    """One page of a long list; pages are numbered from 1."""

    number: int
    last: int


@bp.get("/reviews/<slug>/duplicates")
@door(Deed.LOOK)
def pairs(slug: str) -> str:
    """Show the next pair that waits, side by side."""
    session, member = current_session(), asking_member()
    waiting, people = asked.next_pairs(session, member, 1), queries.people_asked(session, member.review_id)
    counts = queries.counts(session, member.review_id)
    last_run = queries.last_run(session, member.review_id)
    return render_template(
        "deduplication/pairs.html",
        shown=show(session, waiting)[0] if waiting else None,
        counts=counts,
        left=counts.waiting if people == 1 else asked.how_many_wait(session, member),
        people=people,
        disputed=len(asked.disputed(session, member.review_id)),
        newer=queries.newer_records(session, member.review_id, last_run),
        last_run=last_run,
        found=jobs.last_result(session, member.review_id, KIND),
        job=jobs.running_in(session, member.review_id, KIND),
        mine=queries.in_hand(session, member),
        answer_words=answer_words(),
        **_on_a_pair(),
    )


@bp.post("/reviews/<slug>/duplicates/queue")
@door(Deed.DEDUPLICATE)
def queue(slug: str) -> ResponseReturnValue:
    """Give the next pairs as fragments of the page, without those it holds already."""
    session, skip = current_session(), skipped(request.get_json(silent=True))
    found = show(session, asked.next_pairs(session, asking_member(), AHEAD, skip))
    parts = [render_template("deduplication/_pair.html", shown=one, **_on_a_pair()) for one in found]
    return jsonify([{"pair": _named(one.pair), "html": html} for one, html in zip(found, parts, strict=True)])


@bp.post("/reviews/<slug>/duplicates")
@door(Deed.DEDUPLICATE)
def answer(slug: str) -> ResponseReturnValue:
    """Answer one pair, from the module as JSON or from the form, then show the next."""
    if request.is_json:
        with transaction() as session:
            _take(session, from_json(request.get_json(silent=True), asking_member()))
        return jsonify({})
    with transaction() as session:
        _take(session, read(request.form, form_key(request.form.get("key"))))
    return redirect(url_for(".pairs", slug=slug), 303)


@bp.post("/reviews/<slug>/duplicates/undo")
@door(Deed.DEDUPLICATE)
def undo(slug: str) -> Answered:
    """Take back what one said in one's last deed."""
    with transaction() as session:
        taken_back = service.undo(session, asking_member(), form_key(request.form.get("act")))
    if not taken_back:
        flash(_("You have no answer to take back."))
    return redirect(url_for(".pairs", slug=slug), 303)


@bp.post("/reviews/<slug>/duplicates/run")
@door(Deed.DEDUPLICATE)
def run(slug: str) -> Answered:
    """Let the engine look for duplicates again; a search that runs already is shown instead."""
    member = asking_member()
    with transaction() as session:
        running = jobs.running_in(session, member.review_id, KIND)
        job = running or submit(session, KIND, {}, review_id=member.review_id, started_by=member.id)
    current_app.extensions["workbench.queue"].wake(job.id)
    return redirect(url_for("review_jobs.job", slug=slug, job_id=job.id), 303)


@bp.get("/reviews/<slug>/duplicates/joined")
@door(Deed.LOOK)
def clusters(slug: str) -> str:
    """List the clusters of more than one record, with why, who and when."""
    session, member = current_session(), asking_member()
    by = request.args.get("by") if request.args.get("by") in {BY_PERSON, BY_ENGINE} else None
    number = max(1, request.args.get("page", 1, type=int))
    kept, total = queries.joined(session, member.review_id, by, number, ON_A_PAGE)
    found = queries.removed(session, member.review_id, kept)
    return render_template(
        "deduplication/clusters.html",
        clusters=[(kept_id, [row for row in found if row.kept_id == kept_id]) for kept_id in kept],
        total=total,
        by=by,
        page=Page(number, max(1, -(-total // ON_A_PAGE))),
        address=_page_address(slug, by),
        counts=queries.counts(session, member.review_id),
        by_source=queries.by_source(session, member.review_id),
        apart=queries.kept_apart(session, member.review_id),
        doubted=queries.doubted(session, member.review_id),
        kept_sources=queries.sources(session, kept),
        link_words=link_words(),
        **_rights(),
    )


@bp.post("/reviews/<slug>/duplicates/<int:record_id>/part")
@door(Deed.DEDUPLICATE)
def part(slug: str, record_id: int) -> Answered:
    """Take one record out of its cluster."""
    with transaction() as session:
        service.part(session, asking_member(), record_id)
    flash(_("Record %(id)s stands on its own now, and no search will join it there again.", id=record_id))
    return redirect(url_for(".clusters", slug=slug), 303)


@bp.post("/reviews/<slug>/duplicates/ask-again")
@door(Deed.DEDUPLICATE)
def ask_again(slug: str) -> Answered:
    """Take back what was said of a pair, so that it can be answered anew."""
    first, second = number(request.form.get("first")), number(request.form.get("second"))
    with transaction() as session:
        service.ask_again(session, asking_member(), first, second)
    flash(_("What was said of records %(first)s and %(second)s no longer counts.", first=first, second=second))
    return redirect(url_for(".clusters", slug=slug), 303)


def _take(session: Session, sent: Sent) -> None:
    if sent.taken_back:
        service.undo(session, asking_member(), sent.taken_back)
    else:
        service.answer(session, asking_member(), *sent.pair, sent.answer, sent.link, sent.key)


def _named(pair: queries.WaitingPair) -> str:
    """A pair as the module names it."""
    return "{}-{}".format(*queries.in_order(pair.first_id, pair.second_id))


def _on_a_pair() -> dict[str, object]:
    """What the fragment of a pair needs beside the pair itself."""
    return {"link_words": link_words(), "new_key": service.new_key, **_rights()}


def _rights() -> dict[str, bool]:
    return {"may_decide": may(asking_member().roles, Deed.DEDUPLICATE)}


def _page_address(slug: str, by: str | None) -> Callable[[int], str]:
    return lambda number: url_for(".clusters", slug=slug, page=number, by=by)
