"""`workbench full-texts`: where the reports stand, and their files."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING

import click

from workbench.errors import Invalid
from workbench.reviews.rules import Deed
from workbench.screening.cli import attaching
from workbench.screening.cli.acting import JSON, USER, acting, looking, one_line, tell
from workbench.screening.rules import Attempt, Channel, Found
from workbench.words import _

if TYPE_CHECKING:
    from workbench.screening.queries.reports import Report


DAY = click.DateTime(["%Y-%m-%d"])


class CannotWrite(Invalid):
    """A file is written where there is room for it and one may write."""


@click.group("full-texts")
def full_texts() -> None:
    """Full texts of the reports that are sought."""


@full_texts.command("list")
@click.argument("review")
def list_reports(review: str) -> None:
    """List the reports that are sought, one a line: record, state, files, identifier, title; tabs between."""
    from workbench.db import house
    from workbench.reviews.queries import review_by_slug
    from workbench.screening.queries import reports

    sessions, _folder = house()
    with sessions.read() as session:
        found = reports.reports(session, review_by_slug(session, review).id)
    for one in found:
        record = one.record
        title = " ".join((record.title or record.original_title or "").split())
        click.echo("\t".join([str(record.id), _state(one), str(one.files), record.doi or record.pmid or "", title]))
    states = Counter(_state(one) for one in found)
    told = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    click.echo(_("%(n)s reports are sought%(told)s.", n=len(found), told=f": {told}" if told else ""), err=True)


@full_texts.command("show")
@click.argument("review")
@click.argument("record", type=int)
@USER
@JSON
def show(review: str, record: int, user: str, as_json: bool) -> None:
    """Show one report: its state, what was tried, and its files with their ids."""
    from workbench.screening.told import reports as told

    with looking(review, user) as (session, member):
        found = told.report(session, member, record)
    tried = [f"{one.at:%Y-%m-%d}\t{one.state.value}\t{one.by}\t{one_line(one.note)}" for one in found.events]
    files = [f"{one.id}\t{one.name}" for one in found.files]
    tell(found, [found.state.value if found.state else "sought", *tried, *files], as_json=as_json)


@full_texts.command("save")
@click.argument("review")
@click.argument("file_id", metavar="FILE_ID", type=int)
@click.argument("target", metavar="TARGET", type=click.Path(path_type=Path))
@USER
def save(review: str, file_id: int, target: Path, user: str) -> None:
    """Write one file of a report to TARGET, to read it; `full-texts show` names the ids."""
    from workbench.db import house
    from workbench.files.stores import open_store
    from workbench.screening.queries import reports

    _sessions, folder = house()
    with looking(review, user, Deed.READ_FULL_TEXT) as (session, member):
        row = reports.full_text(session, member.review_id, file_id)
    try:
        with open_store(folder).open(row.sha256) as source, target.open("wb") as copy:
            copyfileobj(source, copy)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(_("%(file)s cannot be written: %(why)s.", file=target, why=why)) from error
    click.echo(_("Saved as %(file)s.", file=target))


@full_texts.command("log")
@click.argument("review")
@click.argument("record", type=int)
@click.argument("state", type=click.Choice([found.value for found in Found]))
@USER
@click.option("--note", help="Where and how; for not-retrieved the reason.")
@click.option("--channel", type=click.Choice([one.value for one in Channel]), help="By which way.")
@click.option("--on", type=DAY, help="The day it happened; today where none is named.")
@click.option("--expected-by", type=DAY, help="The day by which it should be here.")
def log(
    review: str, record: int, state: str, user: str, note: str | None, channel: str | None, on: datetime | None,
    expected_by: datetime | None,
) -> None:  # fmt: skip
    """Write down what happened on the way to a full text."""
    from workbench.screening.service import retrieval

    with acting(review, user) as (session, member):
        attempt = Attempt(
            Channel(channel) if channel else None,
            on.date() if on else None,
            expected_by.date() if expected_by else None,
        )
        retrieval.log_report(session, member, record, Found(state), note, attempt)
    click.echo(_("Record %(id)s: %(state)s.", id=record, state=state))


full_texts.add_command(attaching.attach)


def _state(report: "Report") -> str:
    return report.found.value if report.found else "sought"
