"""What screening knows of imports: whether votes stand in the way of taking one back, and whether decisions that came
along with a record may be shown.
"""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from workbench.deduplication import service as deduplication
from workbench.errors import Clash, WorkbenchError
from workbench.records import queries as records
from workbench.records import service as imports
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.queries import votes as queries
from workbench.screening.queries.imported import Imported, imported
from workbench.screening.service import stages
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("screening_imports", __name__, url_prefix="/reviews/<slug>/imports/<int:import_id>/take-back")


@bp.app_template_global()
def imported_decisions(record_id: int) -> Imported:
    """What came along with a record from another screening tool, as far as it may be shown (B1)."""
    return imported(current_session(), asking_member().review_id, record_id)


@bp.get("")
@door(Deed.IMPORT)
def ask(slug: str, import_id: int) -> str:
    """Say what taking the import back means, and whether it is possible."""
    return _page(import_id)


@bp.post("")
@door(Deed.IMPORT)
def take_back(slug: str, import_id: int) -> ResponseReturnValue:
    """Take the import back, if nobody has voted on its records; its records leave their clusters."""
    try:
        with transaction() as session:
            records.arrival(session, asking_member().review_id, import_id)
            stages.refuse_if_voted(session, import_id)
            imports.take_back(session, asking_member(), import_id)
            deduplication.release(session, import_id)
    except Clash as error:
        return _page(import_id, error), 409
    flash(_("Import %(id)s is taken back. Its file may be imported again.", id=import_id))
    return redirect(url_for("records.an_import", slug=slug, import_id=import_id), 303)


def _page(import_id: int, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    arrival = records.arrival(session, member.review_id, import_id)
    return render_template(
        "screening/take_back.html", arrival=arrival, it=arrival.the_import, refused=refused,
        has_votes=queries.has_votes(session, import_id),
    )  # fmt: skip
