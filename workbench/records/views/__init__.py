"""The searches and what they brought: uploading files, the balance of every import, and the records themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer

from workbench.errors import Clash, Invalid, NotFound, WorkbenchError
from workbench.files.models import StoredFile
from workbench.files.stores import Store
from workbench.jobs.models import Job
from workbench.protocols import queries as protocols
from workbench.protocols import service as protocol_deeds
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import Source, Step
from workbench.records import queries, service
from workbench.records.formats.decoding import Delivered
from workbench.records.models import HeldUpload, Import, LineKind, Record
from workbench.records.queries import Arrival, Balance, Wanted, decisions, mending
from workbench.records.queries import columns as mappings
from workbench.records.queries.live import pubmed_sources
from workbench.records.rules.additions import FIELDS
from workbench.records.rules.columns import field_names
from workbench.records.rules.damage import REPAIRED
from workbench.records.rules.parts import missing_spans
from workbench.records.service import columns
from workbench.records.writers import WRITERS, Entry, Writer, as_csv, as_text, paragraphs
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.reviews.views.jobs import progress
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint("records", __name__)
bp.add_app_template_filter(paragraphs)

LINES_SHOWN = 200


class NoFile(Invalid):
    """An upload carries at least one file."""

    hint = "Choose the file as the database delivered it, then send it."


class NoSuchFormat(NotFound):
    """Records are written in the formats that the menu names."""


class BadColumns(Invalid):
    """Columns are named as field=header."""

    hint = "Write for instance title=Titel, year=År."


@dataclass(frozen=True)
class Refused:
    """Why a form on the page of searches was not taken, and at which run or source."""

    error: WorkbenchError
    run_id: int | None = None

    @property
    def status(self) -> int:
        """The status of the answer."""
        return 409 if isinstance(self.error, Clash) else 422


@dataclass(frozen=True)
class Group:
    """One source of one step on the page of searches, with its runs and their files."""

    step: Step | None
    source: Source | None
    name: str
    runs: list[tuple[Balance, list[Arrival]]]


@bp.get("/reviews/<slug>/searches")
@door(Deed.LOOK)
def searches(slug: str) -> str:
    """Show every documented search and what it brought."""
    return _searches_page(None)


@bp.post("/reviews/<slug>/searches")
@door(Deed.DOCUMENT_SEARCH)
def add_run(slug: str) -> Answer | tuple[str, int]:
    """Document one more run of a source."""
    form = request.form
    try:
        with transaction() as session:
            day, code = form.get("searched_on", "").strip(), form.get("code", "").strip() or None
            hits = _hits(form.get("hits", ""))
            run = protocol_deeds.add_run(session, asking_member(), form.get("source", ""), day, hits, code)
    except (Invalid, Clash) as error:
        return _refused(Refused(error))
    flash(_("The run %(code)s is documented.", code=run.code))
    return redirect(url_for(".searches", slug=slug, _anchor=f"run-{run.id}"), 303)


@bp.post("/reviews/<slug>/searches/<int:run_id>/hits")
@door(Deed.DOCUMENT_SEARCH)
def report_hits(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Write down how many hits the database reported."""
    try:
        hits = _hits(request.form.get("hits", ""))
        if hits is None:
            raise protocol_deeds.BadCount(_("No number was given."))
        with transaction() as session:
            protocol_deeds.report_hits(session, asking_member(), run_id, hits)
    except (Invalid, Clash) as error:
        return _refused(Refused(error, run_id))
    return redirect(url_for(".searches", slug=slug, _anchor=f"run-{run_id}"), 303)


@bp.post("/reviews/<slug>/searches/<int:run_id>/explanation")
@door(Deed.DOCUMENT_SEARCH)
def explain(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Say where the difference between hits and records comes from."""
    try:
        with transaction() as session:
            member = asking_member()
            balance = queries.balance(session, member.review_id, run_id)
            protocol_deeds.explain(session, member, run_id, balance.difference or 0, request.form.get("reason", ""))
    except (Invalid, Clash) as error:
        return _refused(Refused(error, run_id))
    flash(_("The difference is explained."))
    return redirect(url_for(".searches", slug=slug, _anchor=f"run-{run_id}"), 303)


@bp.post("/reviews/<slug>/searches/<int:run_id>/imports")
@door(Deed.IMPORT)
def upload(slug: str, run_id: int) -> Answer | tuple[str, int]:
    """Take in the files of a run, all of them or none."""
    try:
        with transaction() as session:
            taken = _take(session, run_id, _files(), _columns(request.form.get("columns", "")))
    except (Invalid, Clash) as error:
        return _refused(Refused(error, run_id))
    started = [one for one in taken if not isinstance(one, HeldUpload)]
    wake(job for _the_import, job in started if job)
    held = next((one for one in taken if isinstance(one, HeldUpload)), None)
    if held is not None:
        return redirect(url_for("records_uploads.ask", slug=slug, upload_id=held.id), 303)
    if len(started) == 1:
        return redirect(url_for(".an_import", slug=slug, import_id=started[0][0].id), 303)
    flash(_("%(n)s files are being imported.", n=len(started)))
    return redirect(url_for(".searches", slug=slug, _anchor=f"run-{run_id}"), 303)


@bp.get("/reviews/<slug>/imports/<int:import_id>")
@door(Deed.LOOK)
def an_import(slug: str, import_id: int) -> str:
    """Show whether everything of one file arrived."""
    session, member = current_session(), asking_member()
    arrival = queries.arrival(session, member.review_id, import_id)
    count = {
        what: queries.count_records(session, member.review_id, Wanted(import_id=import_id, without=what))
        for what in ("abstract", "identifier")
    }
    other = arrival.the_import.same_as_id
    return render_template(
        "records/import.html",
        one=arrival,
        balance=queries.balance(session, member.review_id, arrival.run.id),
        file=session.get(StoredFile, arrival.the_import.sha256),
        without=count,
        judged=decisions.records_with_decisions(session, import_id),
        **_told(import_id),
        **rights(),
        garbled=_garbled(arrival),
        mended=len(mending.standing(session, import_id)),
        mapped=mappings.mapping_of(session, arrival.the_import),
        field_names=field_names(),
        is_unknown_table=arrival.the_import.format in {"csv", "tsv", "xlsx"} and arrival.the_import.source is None,
        same_as=queries.arrival(session, member.review_id, other) if other else None,
        version=_version(arrival.the_import),
        job=arrival.job,
        progress=progress(arrival.job) if arrival.job else None,
    )


@bp.get("/reviews/<slug>/imports/<int:import_id>/rejected.csv")
@door(Deed.LOOK)
def rejected(slug: str, import_id: int) -> Response:
    """Give the rejected lines of an import as a table to keep."""
    session = current_session()
    queries.import_of(session, asking_member().review_id, import_id)
    told = queries.lines(session, import_id, LineKind.REJECTED)
    header = ("line", "last_line", "reason", "text")
    text = as_csv(header, ((one.line, one.last_line, one.reason, one.text) for one in told))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-import-{import_id}-rejected.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)


@bp.post("/reviews/<slug>/imports/<int:import_id>/decisions")
@door(Deed.IMPORT)
def add_decisions(slug: str, import_id: int) -> Answer:
    """Take in the log of decisions that Rayyan exports beside its table."""
    data = _files()[0].read()
    with transaction() as session:
        store: Store = current_app.extensions["workbench.files"]
        added = service.decisions.add_log(session, store, asking_member(), import_id, data)
    flash(several(added.records, _("1 record carries decisions now."), _("%(n)s records carry decisions now.")))
    if added.unmatched:
        one, many = _("1 article of the log is not here."), _("%(n)s articles of the log are not here.")
        flash(several(added.unmatched, one, many))
    return redirect(url_for(".an_import", slug=slug, import_id=import_id), 303)


@bp.get("/reviews/<slug>/imports/<int:import_id>/rejected.txt")
@door(Deed.LOOK)
def rejected_text(slug: str, import_id: int) -> Response:
    """Give the rejected lines word for word, each with its number, to send to who made the file."""
    session = current_session()
    the_import = queries.import_of(session, asking_member().review_id, import_id)
    told = queries.lines(session, import_id, LineKind.REJECTED)
    text = as_text([(one.line, one.last_line, one.reason) for one in told], _file_lines(the_import, bool(told)))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-import-{import_id}-rejected.txt"'}
    return Response(text, mimetype="text/plain", headers=headers)


def _file_lines(the_import: Import, wanted: bool) -> list[str]:
    """The lines of an import's file as they were delivered; those of a workbook are its rows."""
    if not wanted:
        return []
    with store().open(the_import.sha256) as file:
        return list(Delivered.of(file).each_line())


@bp.post("/reviews/<slug>/imports/<int:import_id>/again")
@door(Deed.IMPORT)
def try_again(slug: str, import_id: int) -> Answer:
    """Put an import that failed on the list once more."""
    with transaction() as session:
        job = service.try_again(session, asking_member(), import_id)
    wake([job])
    return redirect(url_for(".an_import", slug=slug, import_id=import_id), 303)


@bp.post("/reviews/<slug>/imports/<int:import_id>/drop")
@door(Deed.IMPORT)
def drop(slug: str, import_id: int) -> Answer:
    """Take back an import that failed."""
    with transaction() as session:
        service.drop_failed(session, asking_member(), import_id)
    flash(_("The import is taken back. Its file can be imported again."))
    return redirect(url_for(".searches", slug=slug), 303)


@bp.get("/reviews/<slug>/records")
@door(Deed.LOOK)
def records(slug: str) -> str:
    """List the records that count, all or those looked for."""
    session, review_id = current_session(), asking_member().review_id
    wanted = _wanted()
    page = queries.records_page(session, review_id, wanted, _number("page") or 1)
    return render_template(
        "records/records.html",
        page=page,
        wanted=wanted,
        runs=protocols.runs(session, review_id),
        total=queries.count_records(session, review_id),
        address=_address(".records", "page", slug),
        writers=WRITERS,
        file_address=_address(".records_file", "writer", slug),
    )


@bp.get("/reviews/<slug>/records.<writer>")
@door(Deed.LOOK)
def records_file(slug: str, writer: str) -> Response:
    """Give the records that count, all or those looked for, as a file."""
    found = queries.each_record(current_session(), asking_member().review_id, _wanted())
    return written(writer, (Entry(str(record_id), item) for record_id, item in found), f"{slug}-records")


def written(writer: str, entries: Iterable[Entry], name: str) -> Response:
    """Give records as a file, part by part, in the format that the address names.

    Raises:
        NoSuchFormat: there is no such format.
    """
    if writer not in WRITERS:
        raise NoSuchFormat(_("Records do not come as “%(kind)s”.", kind=writer))
    of: Writer = WRITERS[writer]
    headers = {"Content-Disposition": f'attachment; filename="{name}.{of.suffix}"', "Cache-Control": "no-store"}
    return Response(stream_with_context(of.write(entries)), mimetype=of.mimetype, headers=headers)


def _wanted() -> Wanted:
    """Which records the address asks for."""
    text = request.args.get("q", "")[:200].replace("\x00", "")
    return Wanted(text, _number("import"), _number("run"), request.args.get("without", ""))


@bp.get("/reviews/<slug>/records/<int:record_id>")
@door(Deed.LOOK)
def record(slug: str, record_id: int) -> str:
    """Show one record with every tag as delivered."""
    return record_page(record_id)


def record_page(
    record_id: int,
    *,
    refused: WorkbenchError | None = None,
    typed: Mapping[str, str] | None = None,
    offered: Mapping[str, str] | None = None,
) -> str:
    """The page of one record.

    Args:
        record_id: which one.
        refused: why what was to be added was not.
        typed: what stood in that form, to stand there again.
        offered: field -> value that PubMed knows and the record lacks.
    """
    session, review_id = current_session(), asking_member().review_id
    found = queries.record_of(session, review_id, record_id, raw=True)
    said = decisions.imported_decisions(session, record_id)
    lacks = [field for field in FIELDS if getattr(found, field) in {None, ""}]
    return render_template(
        "records/record.html",
        record=found,
        one=queries.arrival(session, review_id, found.import_id),
        kept_apart=decisions.places(said),
        repairs=_repairs(found),
        mended=mending.of_record(session, record_id),
        lacks=lacks,
        refused=refused,
        typed=typed or {},
        offered=offered or {},
        field_names=field_names(),
        can_ask=current_app.extensions.get("workbench.pubmed") is not None,
        **rights(),
    )


def _repairs(found: Record) -> dict[tuple[str, int], str]:
    """How cells that a spreadsheet had spoilt were read, by tag and line."""
    return {(one["tag"], one["line"]): one["how"] for one in found.found.values() if one["how"].startswith(REPAIRED)}


def _take(
    session: Session, run_id: int, files: list[FileStorage], named: dict[str, str] | None
) -> list[columns.Started | HeldUpload]:
    said, part = bool(request.form.get("also_another_run")), request.form.get("part")
    return [
        columns.take(
            session,
            store(),
            asking_member(),
            columns.Upload(run_id, file.filename or "", cast(BinaryIO, file.stream), named, said, part),
        )
        for file in files
    ]


def store() -> Store:
    """Where this installation keeps its files."""
    found: Store = current_app.extensions["workbench.files"]
    return found


def _files() -> list[FileStorage]:
    found = [file for file in request.files.getlist("file") if file.filename]
    if not found:
        raise NoFile(_("No file was chosen."))
    return found


def wake(jobs: Iterable[Job]) -> None:
    """Tell the workers of jobs that were just committed."""
    for job in jobs:
        current_app.extensions["workbench.queue"].wake(job.id)


def _columns(told: str) -> dict[str, str] | None:
    parts = [part.partition("=") for part in told.split(",") if part.strip()]
    if not all(field.strip() and header.strip() for field, _sign, header in parts):
        raise BadColumns(_("“%(told)s” does not name columns.", told=told.strip()[:100]))
    return {field.strip(): header.strip() for field, _sign, header in parts} or None


def _hits(text: str) -> int | None:
    """The number that was typed, with or without marks between thousands; None where the field is empty."""
    digits = "".join(text.split()).replace(",", "").replace(".", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise protocol_deeds.BadCount(_("“%(given)s” is not a number of hits.", given=text.strip()[:40]))
    return int(digits)


def _number(name: str) -> int | None:
    """A number of the address; what is none, or larger than any, asks for nothing."""
    value = request.args.get(name, type=int)
    return value if value is not None and 0 < value < 2**31 else None


def _refused(refused: Refused) -> tuple[str, int]:
    return _searches_page(refused), refused.status


def _searches_page(refused: Refused | None) -> str:
    session, member = current_session(), asking_member()
    balances = queries.balances(session, member.review_id)
    plan = protocols.plan_in_force(session, member.review_id)
    arrived = queries.arrivals(session, member.review_id)
    return render_template(
        "records/searches.html",
        plan=plan,
        groups=_groups(list(plan.sources()), balances, arrived),
        balances=balances,
        pubmed=pubmed_sources(plan),
        refused=refused,
        held=mappings.held(session, member.review_id),
        form=request.form,
        missing={one.run.id: _missing(one, arrived) for one in balances},
        **rights(),
    )


def _missing(balance: Balance, arrived: Iterable[Arrival]) -> list[tuple[int, int]]:
    """The hits of a run that no part holds, where its files say which part they are."""
    files = [one.the_import for one in arrived if one.run.id == balance.run.id and one.counts]
    return missing_spans(balance.hits, (one.part for one in files))


def _groups(sources: list[tuple[Step, Source]], balances: list[Balance], arrived: list[Arrival]) -> list[Group]:
    """Sources in the order of the protocol with their runs; runs that left the protocol stand at the end."""
    rows = [(one, [each for each in arrived if each.run.id == one.run.id]) for one in balances]
    known = {source.id for _step, source in sources}
    groups = [
        Group(step, source, source.name, [row for row in rows if row[0].run.source == source.id])
        for step, source in sources
    ]
    gone = [row for row in rows if row[0].run.source not in known]
    return groups + ([Group(None, None, _("No longer in the protocol"), gone)] if gone else [])


def _version(the_import: Import) -> ProtocolVersion | None:
    """The protocol version in force when the file was taken in; unknown for old imports."""
    found = the_import.protocol_version_id
    return current_session().get(ProtocolVersion, found) if found else None


def _told(import_id: int) -> dict[str, Any]:
    """What the file told apart from its records."""
    session = current_session()
    return {"counts": queries.line_counts(session, import_id)} | {
        kind.value: queries.lines(session, import_id, kind, LINES_SHOWN) for kind in LineKind
    }


def _garbled(one: Arrival) -> int | None:
    """How many records of an import look garbled; None where it is too large to be asked on its page."""
    if not one.counts or one.the_import.same_as_id:
        return 0
    if one.records > mending.ASKED_ON_THE_PAGE:
        return None
    return len(mending.garbled(current_session(), one.the_import.id))


def rights() -> dict[str, bool]:
    """What who asks may do on these pages."""
    roles = asking_member().roles
    return {"may_import": may(roles, Deed.IMPORT), "may_document": may(roles, Deed.DOCUMENT_SEARCH)}


def _address(endpoint: str, name: str, slug: str) -> Any:
    """How a page or file of the same search is addressed, given the one value that differs."""
    asked = ("q", "import", "run", "without")
    kept: dict[str, Any] = {one: request.args[one] for one in asked if request.args.get(one)}
    return lambda value: url_for(endpoint, slug=slug, **{name: value}, **kept)
