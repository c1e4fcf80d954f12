"""`workbench records`: read export files, and bring them into a review."""

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import Invalid
from workbench.records.rules import Item, Reading, Unreadable, read
from workbench.records.writers import WRITERS, Entry, Losses
from workbench.words import _

if TYPE_CHECKING:
    from workbench.db import Sessions
    from workbench.files.stores import FolderStore
    from workbench.jobs.service import Task
    from workbench.records.queries import Arrival, Balance

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
@click.pass_context
def read_file(context: click.Context, file: Path, as_json: bool, summary: bool, columns: str) -> None:
    """Read FILE, an export of any database, and show its records.

    The format is told by the content. Exit code 0 when at least one record was read, else 2.
    """
    wanted = _columns(columns)
    data = b""
    try:
        data = _bytes(file)
        reading = read(data, file.name, wanted)
    except Unreadable as error:
        if not as_json:
            raise
        words = " ".join(part for part in (str(error), error.way_out) if part)
        sha256 = hashlib.sha256(data).hexdigest() if file.is_file() else None
        click.echo(json.dumps({"file": file.name, "sha256": sha256, "records": 0, "error": words}, ensure_ascii=False))
        context.exit(2)
    if as_json:
        click.echo(json.dumps(reading.as_dict(summary=summary), ensure_ascii=False))
    else:
        _show(reading, summary=summary)


@records.command("convert")
@click.argument("file", metavar="IN", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--to", "kind", required=True, type=click.Choice(list(WRITERS)), help="The format to write.")
@click.option("--output", required=True, metavar="OUT", type=click.Path(path_type=Path), help="The file to write.")
@click.option("--columns", default="", metavar="FIELD=HEADER,…", help="Say which column is which: title=Titel,year=År")
def convert_file(file: Path, kind: str, output: Path, columns: str) -> None:
    """Write the records of IN, an export of any database, to OUT in another format.

    What was rejected, and what the format cannot carry, is said on standard error.
    """
    reading = read(_bytes(file), file.name, _columns(columns))
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


def _bytes(file: Path) -> bytes:
    """Return the bytes of a file, or say why they cannot be had."""
    try:
        return file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise Unreadable(_("%(file)s cannot be opened: %(why)s.", file=file, why=reason), hint="") from error


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
    from workbench.files.stores import FolderStore

    given = [(file.name, _bytes(file)) for file in files]
    wanted = _columns(",".join(columns))
    sessions, home = house()
    store = FolderStore(home / "files")
    started = _start(sessions, store, (review, run, user), given, wanted, also_another_run)
    for name, job_id in started.values():
        if job_id is not None:
            _work(sessions, store, name, job_id)
    _show_balance(*_outcome(sessions, review, run, set(started)), as_json=as_json)


def _start(
    sessions: "Sessions",
    store: "FolderStore",
    at: tuple[str, str, str],
    given: list[tuple[str, bytes]],
    columns: dict[str, str],
    also: bool,
) -> dict[int, tuple[str, int | None]]:
    """Take the files in, all or none: import -> its name, and its job if there is anything to do."""
    from workbench.protocols.queries import run_by_code
    from workbench.records import service
    from workbench.reviews import queries as reviews
    from workbench.reviews.rules import Role

    slug, code, user = at
    started: dict[int, tuple[str, int | None]] = {}
    with sessions.write.begin() as session:
        review = reviews.review_by_slug(session, slug)
        leads = [one for one in reviews.team(session, review.id) if Role.LEAD in one.roles]
        member = reviews.member_by_email(session, slug, user) if user else leads[0]
        run = run_by_code(session, review.id, code)
        for name, data in given:
            the_import, job = service.start_import(
                session, store, member, run.id, name, data, columns or None, also_another_run=also
            )
            started[the_import.id] = (name, job.id if job else None)
    return started


def _work(sessions: "Sessions", store: "FolderStore", name: str, job_id: int) -> None:
    """Do one job here, with a bar on standard error; if a worker took it first, wait for that worker.

    Raises:
        Unreadable: the job failed.
    """
    import os
    import time

    from workbench.jobs import service as jobs
    from workbench.jobs.models import Job

    with click.progressbar(length=1, label=name, file=sys.stderr) as bar:
        jobs.run(sessions, store, {"records:import": _task(bar)}, job_id, f"command-{os.getpid()}")
        while True:
            with sessions.read() as session:
                job = session.get_one(Job, job_id)
            if job.finished_at:
                break
            time.sleep(0.5)
    if job.failure:
        raise Unreadable(f"{name}: {job.failure}", hint="")


def _task(bar: Any) -> "Task":
    """Import a file and move the bar as its records are written."""
    from workbench.records.tasks import import_file

    def tell(done: int, total: int) -> None:
        bar.length = total
        bar.update(done - bar.pos)

    return lambda work: import_file(work, tell)


def _outcome(sessions: "Sessions", slug: str, code: str, started: set[int]) -> tuple["Balance", list["Arrival"]]:
    from workbench.protocols.queries import run_by_code
    from workbench.records import queries
    from workbench.reviews.queries import review_by_slug

    with sessions.read() as session:
        review = review_by_slug(session, slug)
        run = run_by_code(session, review.id, code)
        arrived = [one for one in queries.arrivals(session, review.id) if one.the_import.id in started]
        return queries.balance(session, review.id, run.id), arrived


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
