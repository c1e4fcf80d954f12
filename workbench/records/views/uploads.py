"""Saying what the columns of an unknown table hold: the table waits, nothing has to be chosen again."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols import queries as protocols
from workbench.records.queries import columns as queries
from workbench.records.rules.columns import FIELDS, UnknownTable, field_names
from workbench.records.service import columns
from workbench.records.views import store, wake
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("records_uploads", __name__, url_prefix="/reviews/<slug>/uploads/<int:upload_id>")


@bp.get("")
@door(Deed.IMPORT)
def ask(slug: str, upload_id: int) -> str:
    """Show the columns of a table that waits, and what each may hold."""
    return _page(upload_id, None)


@bp.post("")
@door(Deed.IMPORT)
def explain(slug: str, upload_id: int) -> Answer | tuple[str, int]:
    """Take what was said of the columns, and import the table."""
    try:
        with transaction() as session:
            started = columns.explain(session, store(), asking_member(), upload_id, said())
    except (Invalid, Clash) as error:
        return _page(upload_id, error), 409 if isinstance(error, Clash) else 422
    wake(job for _the_import, job in started if job)
    if len(started) > 1:
        flash(_("%(n)s files with the same columns are being imported.", n=len(started)))
    return redirect(url_for("records.an_import", slug=slug, import_id=started[0][0].id), 303)


@bp.post("/drop")
@door(Deed.IMPORT)
def drop(slug: str, upload_id: int) -> Answer:
    """Let the table go."""
    with transaction() as session:
        columns.drop(session, asking_member(), upload_id)
    flash(_("The file was let go. Nothing of it was imported."))
    return redirect(url_for("records.searches", slug=slug), 303)


def said() -> dict[int, str]:
    """What the form says of each column: its place, and the field it holds."""
    places = {name.removeprefix("column-"): field for name, field in request.form.items() if name.startswith("column-")}
    return {int(place): field for place, field in places.items() if place.isascii() and place.isdecimal()}


def _page(upload_id: int, refused: WorkbenchError | None) -> str:
    session, review_id = current_session(), asking_member().review_id
    held = queries.held_of(session, review_id, upload_id)
    run = protocols.run_of(session, review_id, held.run_id)
    table = columns.table_of(held)
    known = queries.mapping_for(session, review_id, run.source, table.headers_sha256)
    return render_template(
        "records/columns.html",
        held=held,
        run=run,
        refused=refused,
        **offer(table, said() if refused else queries.guessed(table, known)),
    )


def offer(table: UnknownTable, chosen: Mapping[int, str]) -> dict[str, object]:
    """What the form of columns needs: the table, what stands chosen, and the fields by their names."""
    names = field_names()
    return {"table": table, "chosen": chosen, "fields": [(field, names[field]) for field in FIELDS]}
