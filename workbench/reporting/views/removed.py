"""Every removed record in a row of its own, on a page and as a table to keep: what, under which, why, who, when."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from workbench.deduplication import queries as deduplication
from workbench.deduplication.queries import BY_ENGINE, BY_PERSON, Removed
from workbench.records.writers import as_csv
from workbench.reporting.queries import removed as queries
from workbench.reporting.queries.removed import Wanted
from workbench.reporting.queries.story import Story, story
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.paging import page_of
from workbench.web.transactions import current_session
from workbench.words import _

bp = Blueprint("removed", __name__)

COLUMNS = ("record_id", "title", "year", "journal", "source", "run", "kept_record_id", "kept_title", "kept_source",
           "rule", "reason", "decided_by", "decided_at")  # fmt: skip
LARGEST_ID = 18
"""Digits of the largest number that is looked for."""


@bp.app_template_global()
def story_of(record_id: int) -> Story:
    """How the report of a record came to be."""
    return story(current_session(), asking_member().review_id, record_id)


@bp.get("/reviews/<slug>/duplicates/removed")
@door(Deed.LOOK)
def listed(slug: str) -> str:
    """List the removed records, those looked for or all."""
    session, review_id, wanted = current_session(), asking_member().review_id, _wanted()
    page = page_of(total := queries.how_many(session, review_id, wanted))
    asked: dict[str, Any] = {name: getattr(wanted, name) or None for name in ("source", "who", "rule")}
    return render_template(
        "reporting/removed.html",
        rows=queries.removed(session, review_id, wanted, page.first, page.end - page.first),
        total=total, page=page, wanted=wanted, choices=queries.choices(session, review_id),
        counts=deduplication.counts(session, review_id), by_engine=BY_ENGINE, by_person=BY_PERSON,
        address=lambda number: url_for(".listed", slug=slug, page=number, **asked),
        file_address=url_for(".table", slug=slug, **asked),
    )  # fmt: skip


@bp.get("/reviews/<slug>/duplicates/removed.csv")
@door(Deed.LOOK)
def table(slug: str) -> Response:
    """Give the removed records that are looked for as a table to keep."""
    rows = queries.removed(current_session(), asking_member().review_id, _wanted())
    headers = {"Content-Disposition": f'attachment; filename="{slug}-duplicates.csv"'}
    return Response(as_csv(COLUMNS, map(_row, rows)), mimetype="text/csv", headers=headers)


def _row(one: Removed) -> tuple[object, ...]:
    who = one.person or _("engine %(version)s", version=one.engine)
    told = (one.record_id, one.title, one.year, one.journal, one.source, one.run, one.kept_id, one.kept_title,
            one.kept_source, one.rule, one.reason, who, one.decided_at.isoformat(timespec="seconds"))  # fmt: skip
    return tuple("" if cell is None else cell for cell in told)


def _wanted() -> Wanted:
    """What the address looks for; a word that names nobody narrows nothing."""
    who = request.args.get("who", "")
    is_member = who.isdecimal() and len(who) <= LARGEST_ID
    return Wanted(
        request.args.get("source", ""), who if is_member or who in {BY_ENGINE, BY_PERSON} else "",
        request.args.get("rule", ""),
    )  # fmt: skip
