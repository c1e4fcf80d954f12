"""Garbled letters of an import: shown before and after, put right by a person, and put back."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as Answer

from workbench.records import queries as records
from workbench.records.queries import mending as queries
from workbench.records.rules.columns import field_names
from workbench.records.service import mending
from workbench.records.views import rights, wake
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("records_mending", __name__, url_prefix="/reviews/<slug>/imports/<int:import_id>/letters")

SHOWN = 100


@bp.get("")
@door(Deed.LOOK)
def letters(slug: str, import_id: int) -> str:  # the door reads the slug
    """Show which records look garbled, and how they would read."""
    session, review_id = current_session(), asking_member().review_id
    arrival = records.arrival(session, review_id, import_id)
    found = queries.garbled(session, import_id) if arrival.counts else []
    done = queries.standing(session, import_id)
    return render_template(
        "records/letters.html",
        one=arrival,
        found=found[:SHOWN],
        n=len(found),
        done=done[:SHOWN],
        mended=len({row.record_id for row, _by in done}),
        field_names=field_names(),
        **rights(),
    )


@bp.post("")
@door(Deed.IMPORT)
def mend(slug: str, import_id: int) -> Answer:
    """Put the letters right."""
    with transaction() as session:
        n, job = mending.mend(session, asking_member(), import_id)
    wake([job])
    flash(several(n, _("The letters of 1 record are put right."), _("The letters of %(n)s records are put right.")))
    return redirect(url_for(".letters", slug=slug, import_id=import_id), 303)


@bp.post("/back")
@door(Deed.IMPORT)
def restore(slug: str, import_id: int) -> Answer:
    """Put the letters back as delivered."""
    with transaction() as session:
        n, job = mending.restore(session, asking_member(), import_id)
    wake([job])
    flash(several(n, _("1 record reads as delivered again."), _("%(n)s records read as delivered again.")))
    return redirect(url_for(".letters", slug=slug, import_id=import_id), 303)
