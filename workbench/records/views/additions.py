"""Adding what a record lacks, from its own page."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response as Answer

from workbench.errors import Clash, Invalid
from workbench.records import queries as records
from workbench.records.models import Addition
from workbench.records.queries import additions as queries
from workbench.records.rules.additions import FIELDS
from workbench.records.service import additions
from workbench.records.views import record_page, wake
from workbench.records.views.pubmed import look_up
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("records_additions", __name__, url_prefix="/reviews/<slug>/records/<int:record_id>/additions")


@bp.app_template_global()
def additions_to(record_id: int) -> Sequence[tuple[Addition, Member]]:
    """What was added to a record and who added it; asked by the card only where something was."""
    return queries.standing(current_session(), record_id)


@bp.post("")
@door(Deed.IMPORT)
def add(slug: str, record_id: int) -> Answer | tuple[str, int]:
    """Add to a field that holds nothing."""
    form = request.form
    try:
        with transaction() as session:
            _row, job = additions.add(
                session,
                asking_member(),
                record_id,
                form.get("field", ""),
                form.get("value", ""),
                form.get("said_source", ""),
            )
    except (Invalid, Clash) as error:
        return record_page(record_id, refused=error, typed=dict(form)), 409 if isinstance(error, Clash) else 422
    wake([job])
    flash(_("Added. It can be withdrawn on this page."))
    return redirect(url_for("records.record", slug=slug, record_id=record_id), 303)


@bp.post("/<int:addition_id>/withdraw")
@door(Deed.IMPORT)
def withdraw(slug: str, record_id: int, addition_id: int) -> Answer:
    """Take off again what was added."""
    with transaction() as session:
        _record, job = additions.withdraw(session, asking_member(), record_id, addition_id)
    wake([job])
    flash(_("Withdrawn. The record is as it was delivered there."))
    return redirect(url_for("records.record", slug=slug, record_id=record_id), 303)


@bp.post("/look-up")
@door(Deed.IMPORT)
def ask_pubmed(slug: str, record_id: int) -> str | tuple[str, int]:  # the door reads the slug
    """Ask PubMed for what the record lacks, and put it into the form to be confirmed."""
    record = records.record_of(current_session(), asking_member().review_id, record_id)
    missing = [field for field in FIELDS if getattr(record, field) in {None, ""}]
    try:
        found = look_up(doi=record.doi, pmid=record.pmid)
    except Invalid as error:
        return record_page(record_id, refused=error), 422
    known = {field: str(value) for field in missing if (value := getattr(found, field))}
    told = _("PubMed, PMID %(pmid)s", pmid=found.pmid) if found.pmid else "PubMed"
    if not known:
        flash(_("PubMed does not have more than this record."))
    return record_page(record_id, offered=known, typed={"said_source": told})
