"""`workbench records`: read export files, and bring them into a review."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click

from workbench.records.rules import Item, Reading, Unreadable, read
from workbench.words import _

SHOWN = 20


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
