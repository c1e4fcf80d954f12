"""What screening knows of imports: whether votes stand in the way of taking one back or reading its file again, and
whether decisions that came along with a record may be shown.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.deduplication import service as deduplication
from workbench.errors import Clash, Invalid, NotFound, WorkbenchError
from workbench.records import queries as records
from workbench.records import service as imports
from workbench.records.queries import Arrival
from workbench.records.queries.columns import guessed
from workbench.records.rules.columns import UnknownTable, unknown_table
from workbench.records.service import columns
from workbench.records.views import store, wake
from workbench.records.views.uploads import offer, said
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.queries import votes as queries
from workbench.screening.queries.imported import Imported, imported
from workbench.screening.service import stages
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("screening_imports", __name__, url_prefix="/reviews/<slug>/imports/<int:import_id>")


@bp.app_template_global()
def imported_decisions(record_id: int) -> Imported:
    """What came along with a record from another screening tool, as far as it may be shown (B1)."""
    return imported(current_session(), asking_member().review_id, record_id)


class NoColumns(NotFound):
    """Only a table whose headers are not those of a known export is read by what a person says of its columns."""

    hint = "Take the import back and import another file instead."


@bp.get("/take-back")
@door(Deed.IMPORT)
def ask(slug: str, import_id: int) -> str:
    """Say what taking the import back means, and whether it is possible."""
    return _page(import_id)


@bp.post("/take-back")
@door(Deed.IMPORT)
def take_back(slug: str, import_id: int) -> ResponseReturnValue:
    """Take the import back, if nobody has voted on its records; its records leave their clusters."""
    try:
        with transaction() as session:
            _out(session, import_id)
    except Clash as error:
        return _page(import_id, error), 409
    flash(_("Import %(id)s is taken back. Its file may be imported again.", id=import_id))
    return redirect(url_for("records.an_import", slug=slug, import_id=import_id), 303)


@bp.get("/read-again")
@door(Deed.IMPORT)
def ask_columns(slug: str, import_id: int) -> str:  # the door reads the slug
    """Show the columns of an import's table as they were read, to be changed."""
    return _columns_page(import_id)


@bp.post("/read-again")
@door(Deed.IMPORT)
def read_again(slug: str, import_id: int) -> ResponseReturnValue:
    """Take the import back and read its file once more, with the columns as they are said to be now."""
    try:
        with transaction() as session:
            member = asking_member()
            arrival = records.arrival(session, member.review_id, import_id)
            data, table = _table(arrival)
            _out(session, import_id)
            mapping = columns.remember(session, member, arrival.run.source, table, said()).mapping
            was = arrival.the_import
            the_import, job = imports.start_import(
                session, store(), member, arrival.run.id, was.file_name, data, mapping, part=was.part
            )
    except (Clash, Invalid) as error:
        return _columns_page(import_id, error), 409 if isinstance(error, Clash) else 422
    wake([job] if job else [])
    return redirect(url_for("records.an_import", slug=slug, import_id=the_import.id), 303)


def _out(session: Session, import_id: int) -> None:
    """Take an import back with what later rooms made of it."""
    records.arrival(session, asking_member().review_id, import_id)
    stages.refuse_if_voted(session, import_id)
    imports.take_back(session, asking_member(), import_id)
    deduplication.release(session, import_id)


def _table(arrival: Arrival) -> tuple[bytes, UnknownTable]:
    """The bytes of an import's file and its columns.

    Raises:
        NoColumns: it is no table whose columns a person explains.
    """
    try:
        data = store().get(arrival.the_import.sha256)
    except FileNotFoundError:
        data = b""
    table = unknown_table(data)
    if table is None:
        raise NoColumns(_("The columns of this file are known, or it has none."))
    return data, table


def _columns_page(import_id: int, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    arrival = records.arrival(session, member.review_id, import_id)
    _data, table = _table(arrival)
    chosen = said() if refused else guessed(table, arrival.the_import.columns)
    return render_template(
        "screening/read_again.html",
        it=arrival.the_import,
        counts=arrival.counts,
        refused=refused,
        has_votes=queries.has_votes(session, import_id),
        **offer(table, chosen),
    )


def _page(import_id: int, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    arrival = records.arrival(session, member.review_id, import_id)
    return render_template(
        "screening/take_back.html", arrival=arrival, it=arrival.the_import, refused=refused,
        has_votes=queries.has_votes(session, import_id),
    )  # fmt: skip
