"""Many reports at once: the list for the library, and writing the same down for those that are ticked."""

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from workbench.db import now
from workbench.deduplication.queries import merged
from workbench.errors import Clash, Invalid
from workbench.records.queries import canonical
from workbench.records.views import written
from workbench.records.writers import Entry
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.screening.queries import reports
from workbench.screening.queries.reports import Report
from workbench.screening.service import retrieval
from workbench.screening.views.ballots import LARGEST_ID
from workbench.screening.views.retrieval import attempt_in, in_state, list_page, state_in, state_of
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("requesting", __name__, url_prefix="/reviews/<slug>/full-texts")

UNASKED = 20
"""Reports for which the same is written down at once without asking; for more the page asks first."""
AT_ONCE = 500
"""Reports of a file that are read from the database at once."""


class NothingTicked(Invalid):
    """What is written down for many reports names them."""

    hint = "Tick the reports, or “all of this list”."


@bp.post("/log")
@door(Deed.RETRIEVE)
def log(slug: str) -> ResponseReturnValue:
    """Write the same down for all reports that are ticked; for more than twenty after asking."""
    try:
        ids, found, attempt = _ticked(), state_of(request.form.get("found", "")), attempt_in(request.form)
        if len(ids) > UNASKED and not request.form.get("confirmed"):
            return render_template("screening/reports_confirm.html", ids=ids, found=found, attempt=attempt,
                                   note=_note(), state=_state())  # fmt: skip
        with transaction() as session:
            n = retrieval.log_reports(session, asking_member(), ids, found, _note(), attempt)
    except (Invalid, Clash) as error:
        return list_page(error), 409 if isinstance(error, Clash) else 422
    flash(several(n, _("Written down for 1 report."), _("Written down for %(n)s reports.")))
    return redirect(url_for("retrieval.reports", slug=slug, state=_state()), 303)


def _note() -> str:
    return request.form.get("note", "").replace("\x00", "")


def _state() -> str | None:
    return state_in(request.form.get("state"))


def _ticked() -> list[int]:
    """The reports that a form names: those that are ticked, or all of the list that was shown."""
    if request.form.get("everything"):
        found = reports.reports(current_session(), asking_member().review_id)
        ids = [one.record.id for one in in_state(found, _state(), now().date())]
    else:
        ids = [int(one) for one in request.form.getlist("record") if one.isascii() and one.isdecimal()]
    if not ids or max(ids) > LARGEST_ID:
        raise NothingTicked(_("No report was ticked."))
    return ids


@bp.get("/list/<writer>")
@door(Deed.LOOK)
def list_file(slug: str, writer: str) -> Response:
    """Give the reports in the chosen states as a file, for a library; a table tells how each was looked for too."""
    states = {state for word in request.args.getlist("state") if (state := state_in(word))}
    session, member, today = current_session(), asking_member(), now().date()
    found = in_state(reports.reports(session, member.review_id), None, today)
    if states:
        ids = {one.record.id for state in states for one in in_state(found, state, today)}
        found = [one for one in found if one.record.id in ids]
    return written(writer, _entries(found), f"{slug}-full-texts")


def _entries(found: list[Report]) -> Iterator[Entry]:
    """Each report in canonical form as its records tell it together; beside it where it stands and its addresses."""
    session = current_session()
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        items = dict(canonical(session, [one.record.id for one in some]))
        told = merged.told_by_others(session, items)
        for one in some:
            values = told[one.record.id].values if one.record.id in told else {}
            yield Entry(str(one.record.id), replace(items[one.record.id], **values), _beside(one))


def _beside(one: Report) -> dict[str, str]:
    record = one.record
    return {
        "state": one.found.value if one.found else "sought",
        "channel": one.channel.value if one.channel else "",
        "since": one.since.isoformat() if one.since else "",
        "expected_by": one.expected_by.isoformat() if one.expected_by else "",
        "attempt": one.note or "",
        "doi_address": f"https://doi.org/{record.doi}" if record.doi else "",
        "pubmed_address": f"https://pubmed.ncbi.nlm.nih.gov/{record.pmid}/" if record.pmid else "",
        "pmc_address": f"https://pmc.ncbi.nlm.nih.gov/articles/{record.pmcid}/" if record.pmcid else "",
    }
