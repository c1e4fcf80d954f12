"""`workbench records`: read export files, and bring them into a review."""

import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from workbench.errors import Invalid
from workbench.records.rules import Item, Reading, Unreadable, open_reading
from workbench.records.writers import WRITERS, Entry, Losses
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.db import Sessions
    from workbench.files.stores import Store
    from workbench.jobs.service import Task
    from workbench.records.models import LiveSearch
    from workbench.records.queries import Arrival, Balance
    from workbench.reviews.models import Member

SHOWN = 20
_OWN_NAME = "record_id"


class CannotWrite(Invalid):
    """A file that is written must have a place to go."""

    hint = "Name a file in a folder that exists and may be written to."


@click.group()
def records() -> None:
    """Read export files of databases."""


@records.command("read")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option("--summary", is_flag=True, help="Leave the records out; print only what was read.")
@click.option("--columns", default="", metavar="FIELD=HEADER,…", help="Say which column is which: title=Titel,year=År")
@click.option("--decisions", is_flag=True, help="Tell what Rayyan, Covidence or ASReview decided, beside the records.")
@click.pass_context
def read_file(context: click.Context, file: Path, as_json: bool, summary: bool, columns: str, decisions: bool) -> None:
    """Read FILE, an export of any database, and show its records.

    The format is told by the content. Exit code 0 when at least one record was read, else 2.
    """
    wanted = _columns(columns)
    try:
        with _opened(file) as data:
            reading = open_reading(data, file.name, wanted).collected()
    except Unreadable as error:
        if not as_json:
            raise
        words = " ".join(part for part in (str(error), error.way_out) if part)
        sha256 = _sha256(file) if file.is_file() else None
        click.echo(json.dumps({"file": file.name, "sha256": sha256, "records": 0, "error": words}, ensure_ascii=False))
        context.exit(2)
    said = _decided(reading.items) if decisions else []
    if as_json:
        beside = {"decisions": said} if decisions else {}
        click.echo(json.dumps(reading.as_dict(summary=summary) | beside, ensure_ascii=False))
        return
    _show(reading, summary=summary)
    for one in said:
        words = "; ".join(str(one[name]) for name in ("person", "decision", "reason", "label", "note") if one[name])
        click.echo(_("Record %(n)s, line %(line)s, %(tool)s: %(words)s", n=one["number"], words=words, **_place(one)))


def _place(one: dict[str, Any]) -> dict[str, Any]:
    """Return where a decision stands."""
    return {name: one[name] for name in ("line", "tool")}


def _decided(items: list[Item]) -> list[dict[str, Any]]:
    """List what other tools say of the records."""
    from workbench.records.rules.decisions import decisions_of

    return [{"number": item.number} | asdict(one) for item in items for one in decisions_of(item)]


@records.command("convert")
@click.argument("file", metavar="IN", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "kind", required=True, type=click.Choice(list(WRITERS)), help="The format to write.")
@click.option("--output", required=True, metavar="OUT", type=click.Path(path_type=Path), help="The file to write.")
@click.option("--columns", default="", metavar="FIELD=HEADER,…", help="Say which column is which: title=Titel,year=År")
def convert_file(file: Path, kind: str, output: Path, columns: str) -> None:
    """Write the records of IN, an export of any database, to OUT in another format.

    What was rejected, and what the format cannot carry, is said on standard error.
    """
    with _opened(file) as data:
        reading = open_reading(data, file.name, _columns(columns)).collected()
    losses = Losses()
    entries = (Entry(_own_name(item) or f"{file.name}#{item.number}", item) for item in reading.items)
    _write(output, WRITERS[kind].write(entries, losses))
    click.echo(_("%(n)s records written to %(file)s.", n=losses.written, file=output), err=True)
    for rejected in reading.rejected:
        message = _("Lines %(a)s–%(b)s rejected: %(why)s", a=rejected.line, b=rejected.last_line, why=rejected.reason)
        click.echo(message, err=True)
    for what, times in losses.times.items():
        click.echo(_("Not carried over, %(n)s times: %(what)s.", n=times, what=what), err=True)


def _own_name(item: Item) -> str:
    """Return the name a table gives a record in its column record_id, which keeps it recognisable."""
    return next((value.strip() for tag, value, _line in item.raw if tag == _OWN_NAME), "")


def _write(output: Path, parts: Iterable[bytes]) -> None:
    """Write a file whole or not at all."""
    beside = output.with_name(f".{output.name}.part")
    try:
        with beside.open("wb") as stream:
            stream.writelines(parts)
        beside.replace(output)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CannotWrite(_("%(file)s cannot be written: %(why)s.", file=output, why=error.strerror)) from error


def _opened(file: Path) -> BufferedReader:
    """Open a file, or say why that cannot be."""
    try:
        return file.open("rb")
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(_("%(file)s cannot be opened: %(why)s.", file=file, why=reason), hint="") from error


def _sha256(file: Path) -> str:
    with _opened(file) as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def _columns(told: str) -> dict[str, str]:
    """Take `title=Titel,year=År` apart.

    Raises:
        click.UsageError: a part is not FIELD=HEADER.
    """
    columns = {}
    for part in filter(None, (one.strip() for one in told.split(","))):
        field, sign, header = part.partition("=")
        if not (field and sign and header):
            raise click.UsageError(_("--columns takes FIELD=HEADER, apart by commas, for example title=Titel."))
        columns[field.strip()] = header.strip()
    return columns


def _show(reading: Reading, *, summary: bool) -> None:
    """Print a reading for people."""
    head: dict[str, Any] = {
        _("File"): reading.file,
        _("Format"): reading.format + (f" ({reading.source})" if reading.source else ""),
        _("Encoding"): reading.encoding,
        _("Lines"): reading.lines,
        _("Records"): reading.records,
        _("Rejected"): len(reading.rejected),
    }
    width = max(map(len, head)) + 2
    for name, value in head.items():
        click.echo(f"{name:{width}}{value}")
    for rejected in reading.rejected:
        click.echo(_("Lines %(a)s–%(b)s rejected: %(why)s", a=rejected.line, b=rejected.last_line, why=rejected.reason))
    for warning in reading.warnings:
        click.echo(_("Line %(line)s: %(why)s", line=warning.line, why=warning.reason))
    if not summary:
        _show_items(reading.items)


def _show_items(items: list[Item]) -> None:
    """Print the first records, one per line."""
    click.echo()
    for item in items[:SHOWN]:
        author = item.authors[0] if item.authors else "–"
        click.echo(f"{item.number:>6}  {item.year or '':>4}  {author[:24]:<24}  {(item.title or '–')[:80]}")
    if len(items) > SHOWN:
        click.echo(_("… and %(n)s more; --json shows all.", n=len(items) - SHOWN))


@records.command("import")
@click.argument("review")
@click.argument("run")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="FIELD=HEADER", help="Say which column is which, as above.")
@click.option("--user", default="", help="The address of the member who imports; a lead, unless said.")
@click.option("--also-another-run", is_flag=True, help="The file was imported with another run and belongs to RUN too.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def import_files(
    review: str,
    run: str,
    files: tuple[Path, ...],
    columns: tuple[str, ...],
    user: str,
    also_another_run: bool,
    as_json: bool,
) -> None:
    """Import each FILE as what RUN of REVIEW brought, and print the balance of the run.

    All files are checked before one is taken; if one cannot be read, nothing is imported.
    """
    from workbench.db import house
    from workbench.files.stores import open_store

    with ExitStack() as stack:
        given = [(file.name, stack.enter_context(_opened(file))) for file in files]
        wanted = _columns(",".join(columns))
        sessions, home = house()
        store = open_store(home)
        started = _start(sessions, store, (review, run, user), given, wanted, also_another_run)
    for name, job_id in started.values():
        if job_id is not None:
            _work(sessions, store, name, job_id)
    _show_balance(*_outcome(sessions, review, run, set(started)), as_json=as_json)


@records.command("decisions")
@click.argument("review")
@click.argument("import_id", metavar="IMPORT", type=int)
@click.argument("log", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--user", default="", help="The address of the member who adds it; a lead, unless said.")
def add_decisions(review: str, import_id: int, log: Path, user: str) -> None:
    """Add the decisions in LOG, Rayyan's customizations_log.csv, to the records of IMPORT of REVIEW.

    They are kept apart from votes and shown once a record is decided here.
    """
    from workbench.db import house
    from workbench.files.stores import open_store
    from workbench.records.service import decisions

    with _opened(log) as file:
        data = file.read()
    sessions, home = house()
    with sessions.write.begin() as session:
        added = decisions.add_log(session, open_store(home), _member(session, review, user), import_id, data)
    click.echo(_("%(decisions)s decisions on %(records)s records added.", **asdict(added)))
    if added.unmatched:
        click.echo(_("%(n)s articles of the log are not in this import.", n=added.unmatched), err=True)


def _member(session: "Session", slug: str, user: str) -> "Member":
    """Return the member who acts: the one with this address, else a lead."""
    from workbench.reviews import queries as reviews
    from workbench.reviews.rules import Role

    review = reviews.review_by_slug(session, slug)
    leads = [one for one in reviews.team(session, review.id) if Role.LEAD in one.roles]
    return reviews.member_by_email(session, slug, user) if user else leads[0]


@records.command("fetch-pubmed")
@click.argument("review")
@click.argument("run")
@click.option("--count", "only_count", is_flag=True, help="Only ask how many records PubMed finds; fetch nothing.")
@click.option("--user", default="", help="The address of the member who searches; a lead, unless said.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def fetch_pubmed(review: str, run: str, only_count: bool, user: str, as_json: bool) -> None:
    """Search PubMed as RUN of REVIEW says, import everything it finds, and print the balance of the run.

    A fetching that stopped half-way goes on where it stopped. Nothing is imported before all of it is there.
    """
    from workbench.db import house
    from workbench.files.stores import open_store

    sessions, home = house()
    if only_count:
        _show_answer(_ask(sessions, review, run, user), as_json=as_json)
        return
    store = open_store(home)
    _work(sessions, store, f"PubMed, {run}", _harvest(sessions, review, run, user))
    imports = _imports_of_harvest(sessions, review, run)
    for job_id in filter(None, imports.values()):
        _work(sessions, store, run, job_id)
    _show_balance(*_outcome(sessions, review, run, set(imports)), as_json=as_json)


def _start(
    sessions: "Sessions",
    store: "Store",
    at: tuple[str, str, str],
    given: Sequence[tuple[str, BinaryIO]],
    columns: dict[str, str],
    also: bool,
) -> dict[int, tuple[str, int | None]]:
    """Take the files in, all or none: import -> its name, and its job if there is anything to do."""
    from workbench.protocols.queries import run_by_code
    from workbench.records import service
    from workbench.records.queries.columns import remembered

    slug, code, user = at
    started: dict[int, tuple[str, int | None]] = {}
    with sessions.write.begin() as session:
        member = _member(session, slug, user)
        run = run_by_code(session, member.review_id, code)
        for name, data in given:
            said = columns or remembered(session, member.review_id, run, data)
            the_import, job = service.start_import(
                session, store, member, run.id, name, data, said, also_another_run=also
            )
            started[the_import.id] = (name, job.id if job else None)
    return started


def _ask(sessions: "Sessions", slug: str, code: str, user: str) -> "LiveSearch":
    """Ask PubMed how many records a run finds, and write the answer down."""
    from workbench.protocols.queries import run_by_code
    from workbench.records.entrez import PubMed
    from workbench.records.queries import live
    from workbench.records.service.live import note_answer

    with sessions.read() as session:
        asker = _member(session, slug, user)
        run = run_by_code(session, asker.review_id, code)
        final = live.search_of(session, asker.review_id, run.id).ready.final
    found = PubMed.configured().search(final.term or "")
    with sessions.write.begin() as session:
        return note_answer(session, _member(session, slug, user), run.id, final, found)


def _harvest(sessions: "Sessions", slug: str, code: str, user: str) -> int:
    """The job that fetches a run: the one under way, one that goes on where it stopped, or a new one."""
    from workbench.protocols.queries import run_by_code
    from workbench.records.queries.live import newest_harvest
    from workbench.records.service import live

    with sessions.write.begin() as session:
        member = _member(session, slug, user)
        run = run_by_code(session, member.review_id, code)
        newest = newest_harvest(session, run.id)
        if newest is not None and newest.is_under_way and newest.job is not None:
            return newest.job.id
        if newest is not None and newest.is_stuck:
            return live.resume_harvest(session, member, run.id).id
        return live.start_harvest(session, member, run.id)[1].id


def _work(sessions: "Sessions", store: "Store", name: str, job_id: int) -> None:
    """Do one job here, with a bar on standard error; if a worker took it first, wait for that worker.

    Raises:
        Unreadable: the job failed.
    """
    import os
    import time

    from workbench.jobs import service as jobs
    from workbench.jobs.models import Job

    with click.progressbar(length=1, label=name, file=sys.stderr) as bar:
        jobs.run(sessions, store, _tasks(bar), job_id, f"command-{os.getpid()}")
        while True:
            with sessions.read() as session:
                job = session.get_one(Job, job_id)
            if job.finished_at:
                break
            time.sleep(0.5)
    if job.failure:
        raise Unreadable(f"{name}: {job.failure}", hint="")


def _tasks(bar: Any) -> "dict[str, Task]":
    """What is done here: import a file, fetch from PubMed; the bar moves as records are written."""
    from workbench.records.tasks import import_file
    from workbench.records.tasks.live import harvest

    def tell(done: int, total: int) -> None:
        bar.length = total
        bar.update(done - bar.pos)

    return {
        "records:import": lambda work: import_file(work, tell),
        "records:harvest": lambda work: harvest(work, tell=tell),
    }


def _imports_of_harvest(sessions: "Sessions", slug: str, code: str) -> dict[int, int | None]:
    """The import that the newest harvest of a run handed in, with its job; empty where PubMed found nothing."""
    from workbench.protocols.queries import run_by_code
    from workbench.records.models import Import
    from workbench.records.queries.live import newest_harvest
    from workbench.reviews.queries import review_by_slug

    with sessions.read() as session:
        run = run_by_code(session, review_by_slug(session, slug).id, code)
        newest = newest_harvest(session, run.id)
        if newest is None or newest.harvest.import_id is None:
            return {}
        the_import = session.get_one(Import, newest.harvest.import_id)
        return {the_import.id: the_import.job_id}


def _outcome(sessions: "Sessions", slug: str, code: str, started: set[int]) -> tuple["Balance", list["Arrival"]]:
    from workbench.protocols.queries import run_by_code
    from workbench.records import queries
    from workbench.reviews.queries import review_by_slug

    with sessions.read() as session:
        review = review_by_slug(session, slug)
        run = run_by_code(session, review.id, code)
        arrived = [one for one in queries.arrivals(session, review.id) if one.the_import.id in started]
        return queries.balance(session, review.id, run.id), arrived


def _show_answer(answer: "LiveSearch", *, as_json: bool) -> None:
    told = {
        "line": answer.line,
        "term": answer.term,
        "count": answer.count,
        "translation": answer.translation,
        "warnings": answer.warnings,
        "errors": answer.errors,
        "asked_at": answer.asked_at.isoformat(),
    }
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(_("PubMed finds: %(n)s", n=answer.count))
    click.echo(_("Asked: %(term)s", term=answer.term))
    for kind, words in answer.errors + answer.warnings:
        click.echo(f"{kind}: {words}")


def _show_balance(balance: "Balance", arrived: list["Arrival"], *, as_json: bool) -> None:
    files = [
        {
            "import": one.the_import.id,
            "file": one.the_import.file_name,
            "format": one.the_import.format,
            "records": one.the_import.records_in_file,
            "imported": one.records,
            "rejected": one.rejected,
        }
        for one in arrived
    ]
    run = {
        "run": balance.run.code,
        "hits": balance.hits,
        "imported": balance.imported,
        "rejected": balance.rejected,
        "elsewhere": balance.elsewhere,
        "difference": balance.difference,
        "unexplained": balance.unexplained,
    }
    if as_json:
        click.echo(json.dumps({"files": files, **run}, ensure_ascii=False))
        return
    for one in files:
        click.echo(_("%(file)s: %(imported)s records imported, %(rejected)s rejected (import %(import)s)", **one))
    said = _("%(imported)s imported + %(rejected)s rejected + %(elsewhere)s with another run", **run)
    if balance.hits is None:
        click.echo(_("Run %(run)s: %(said)s; the hits are not recorded yet", run=balance.run.code, said=said))
        return
    click.echo(
        _(
            "Run %(run)s: %(hits)s hits = %(said)s + %(difference)s difference (%(unexplained)s not explained)",
            said=said,
            **run,
        )
    )
