"""A report as its records tell it together: where each field comes from, and a person's choice of another value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answered

from workbench.deduplication import queries, service
from workbench.deduplication.queries import merged
from workbench.deduplication.queries.merged import Chosen, Report
from workbench.deduplication.rules.fullest import FIELDS
from workbench.deduplication.views.wording import field_words
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("duplicate_reports", __name__, url_prefix="/reviews/<slug>/duplicates/reports")


@dataclass(frozen=True)
class Told:
    """One field of a report: its value, the record that gives it, whose choice that is, and what else there is."""

    field: str
    name: str
    value: str
    record_id: int
    chosen: Chosen | None
    others: Sequence[tuple[int, str]]


@bp.get("/<int:record_id>")
@door(Deed.LOOK)
def report(slug: str, record_id: int) -> str:
    """Show the report in whose cluster a record stands, field by field, with where each value comes from."""
    session, member = current_session(), asking_member()
    cluster = queries.cluster_of(session, member.review_id, record_id)
    records = queries.records(session, cluster)
    found = merged.reports(session, [records[cluster[0]]])[0]
    chosen = merged.newest(merged.choices(session, cluster), cluster)
    return render_template(
        "deduplication/report.html",
        report=found,
        fields=_fields(found, [records[one] for one in cluster], chosen),
        cluster=cluster,
        sources=queries.sources(session, cluster),
        names=queries.names_of(session, member.review_id),
        may_decide=may(member.roles, Deed.DEDUPLICATE),
    )


@bp.post("/<int:record_id>")
@door(Deed.DEDUPLICATE)
def choose(slug: str, record_id: int) -> Answered:
    """Take one field from this record, or leave it to the fullest again."""
    field = request.form.get("field", "")
    with transaction() as session:
        if request.form.get("leave"):
            service.leave_field(session, asking_member(), record_id, field)
        else:
            service.choose_field(session, asking_member(), record_id, field)
    name = field_words().get(field, field)
    flash(_("%(field)s comes from the fullest record again.", field=name) if request.form.get("leave")
          else _("%(field)s comes from record %(id)s now.", field=name, id=record_id))  # fmt: skip
    return redirect(url_for(".report", slug=slug, record_id=record_id), 303)


def _fields(found: Report, records: Sequence[Record], chosen: dict[str, Chosen]) -> list[Told]:
    words = field_words()
    return [
        Told(
            field, words[field], _text(getattr(found, field)), found.sources[field],
            chosen.get(field), _others(found, records, field),
        )
        for field in FIELDS
        if field in found.sources
    ]  # fmt: skip


def _others(found: Report, records: Sequence[Record], field: str) -> list[tuple[int, str]]:
    """The other values of a field, each with the first record that has it."""
    told: dict[str, int] = {}
    for record in records:
        if text := _text(getattr(record, field)):
            told.setdefault(text, record.id)
    return [(record_id, text) for text, record_id in told.items() if text != _text(getattr(found, field))]


def _text(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
