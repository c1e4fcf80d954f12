"""Records from places without an export: typed, pasted or filled from PubMed, several at a time."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from workbench.db import now
from workbench.errors import Clash, Invalid, NotFound, WorkbenchError
from workbench.protocols import queries as protocols
from workbench.protocols import service as protocol_deeds
from workbench.protocols.models import SearchRun
from workbench.records.rules.by_hand import BadEntry, Entry, checked, numbered, pasted, template
from workbench.records.service import by_hand
from workbench.records.views import store, wake
from workbench.records.views.pubmed import NotLookedUp, look_up, pubmed
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("records_by_hand", __name__, url_prefix="/reviews/<slug>/by-hand")

AT_FIRST = 1
MORE = 5
LOOKED_UP_AT_ONCE = 20
"""PubMed allows three questions a second; more than this would keep a person waiting."""


@bp.get("")
@door(Deed.IMPORT)
def form(slug: str) -> str:  # the door reads the slug
    """Show the form, for a run or a source named in the address."""
    chosen = f"run:{request.args.get('run', '')}" if request.args.get("run") else f"source:{request.args.get('source')}"
    return _page([Entry()] * AT_FIRST, chosen)


@bp.post("")
@door(Deed.IMPORT)
def enter(slug: str) -> Answer | str | tuple[str, int]:
    """Save what was typed; or only add rows, take a pasted list in, or ask PubMed, as the button says."""
    deed = request.form.get("deed", "save")
    typed, listed = list(numbered(dict(request.form))), pasted(request.form.get("pasted", ""))
    entries = _with(typed, listed) if listed else typed or [Entry()]
    if deed == "rows":
        return _page([*entries, *[Entry()] * MORE])
    if deed == "paste" or (deed == "save" and listed):
        return _page(entries, told=[_("The list stands in the rows below. Look at them, then save.")] if listed else [])
    if deed == "pubmed":
        return _asked(entries)
    return _saved(slug, entries)


@bp.get("/template.csv")
@door(Deed.LOOK)
def as_template(slug: str) -> Response:
    """Give an empty table whose headers the reader knows, named after its source."""
    source = re.sub(r"[^A-Za-z0-9_-]", "", request.args.get("source", ""))[:60] or slug
    headers = {"Content-Disposition": f'attachment; filename="{source}-by-hand.csv"'}
    return Response(template(), mimetype="text/csv", headers=headers)


def _saved(slug: str, entries: Sequence[Entry]) -> Answer | tuple[str, int]:
    also = bool(request.form.get("also_another_run"))
    try:
        with transaction() as session:
            checked(entries)
            run = _run(session, len([entry for entry in entries if not entry.is_empty]))
            the_import, job = by_hand.enter(session, store(), asking_member(), run, entries, also_another_run=also)
    except (Invalid, Clash, NotFound) as error:
        return _page(entries, refused=error), 409 if isinstance(error, Clash) else 422
    wake([job] if job else [])
    return redirect(url_for("records.an_import", slug=slug, import_id=the_import.id), 303)


def _run(session: Session, n: int) -> SearchRun:
    """The run that was chosen; a new one of today where only its source was, with as many hits as were entered."""
    member = asking_member()
    kind, _colon, of = request.form.get("of", "").partition(":")
    if kind == "run" and of.isascii() and of.isdecimal():
        return protocols.run_of(session, member.review_id, int(of))
    if kind != "source":
        raise BadEntry(_("Say where the records were found."))
    return protocol_deeds.add_run(session, member, of, f"{now():%Y-%m-%d}", n)


def _asked(entries: Sequence[Entry]) -> str | tuple[str, int]:
    """Fill what is empty in rows with a DOI or PMID; what was typed stays, and a row that fails stays as it was."""
    filled, problems, asked = list(entries), list[str](), 0
    for place, entry in enumerate(entries):
        if not (entry.doi or entry.pmid) or (entry.title and entry.abstract):
            continue
        if asked == LOOKED_UP_AT_ONCE:
            problems.append(_("Only the first %(n)s were asked for. Ask again for the others.", n=asked))
            break
        asked += 1
        try:
            [plain] = checked([replace(entry, title=entry.title or "-")])
            filled[place] = entry.filled_from(look_up(doi=plain.doi, pmid=plain.pmid))
        except (NotLookedUp, BadEntry) as error:
            problems.append(_("Record %(n)s: %(why)s", n=place + 1, why=error))
            if pubmed() is None:
                break
    if not asked:
        problems.append(_("No record with a DOI or PMID lacks a title or an abstract."))
    n = sum(new is not old for new, old in zip(filled, entries, strict=True))
    done = several(n, _("1 record was filled from PubMed."), _("%(n)s records were filled from PubMed."))
    return _page(filled, told=[done, *problems])


def _with(entries: Sequence[Entry], more: Sequence[Entry]) -> list[Entry]:
    """The typed rows with the pasted ones after them, in place of empty ones."""
    return [*(entry for entry in entries if not entry.is_empty), *more] or [Entry()]


def _page(
    entries: Sequence[Entry],
    chosen: str | None = None,
    refused: WorkbenchError | None = None,
    told: Sequence[str] = (),
) -> str:
    session, review_id = current_session(), asking_member().review_id
    sources = list(protocols.plan_in_force(session, review_id).sources())
    return render_template(
        "records/by_hand.html",
        entries=entries,
        chosen=chosen or request.form.get("of", ""),
        refused=refused,
        told=told,
        sources=sources,
        runs=protocols.runs(session, review_id),
        can_ask=pubmed() is not None,
        today=f"{now():%Y-%m-%d}",
        kinds=_kinds(),
    )


def _kinds() -> list[str]:
    """What is often found without an export; anything else may be typed."""
    return [_("Guideline"), _("Report"), _("Systematic review"), _("Journal article"), _("Thesis"), _("Web page"),
            _("Trial registration"), _("Conference abstract"), _("Personal communication")]  # fmt: skip
