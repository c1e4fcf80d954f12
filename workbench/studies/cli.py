"""`workbench studies`: list, gather, split, merge and name studies, and answer what is suggested."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.errors import Invalid
from workbench.screening.cli.acting import USER, acting
from workbench.studies.rules import PairAnswer, State
from workbench.words import _, several

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.studies.queries import Entry

JSON = click.option("--json", "as_json", is_flag=True, help="Print it as the JSON API gives it.")
STATE = click.Choice([state.name.lower() for state in State])
TABLE = click.Choice(["included", "excluded"])


class NoPlace(Invalid):
    """A table is written where a file can be made."""


@click.group()
def studies() -> None:
    """Included reports gathered into studies."""


@studies.command("list")
@click.argument("review")
@click.option("--state", type=STATE, help="Only studies that stand here.")
@JSON
def list_studies(review: str, state: str | None, as_json: bool) -> None:
    """List the studies of REVIEW, one a line: number, state, label, records, registration; tabs between."""
    from workbench.studies import queries
    from workbench.studies.told import studies_told

    with _reading(review) as (session, review_id):
        entries = queries.studies(session, review_id)
    shown = entries if state is None else queries.in_state(entries, State[state.upper()])
    told = studies_told(entries, shown)
    _tell(told, [_line(one) for one in shown], as_json=as_json)
    if not as_json:
        said = _("%(studies)s studies are included, told in %(reports)s reports.")
        click.echo(said % {"studies": told.included_studies, "reports": told.included_reports}, err=True)


@studies.command("suggest")
@click.argument("review")
@JSON
def suggest(review: str, as_json: bool) -> None:
    """List what may be one study, the strongest first: a record of each, then why; tabs between."""
    from workbench.studies.queries.suggestions import suggestions
    from workbench.studies.told import suggestions_told

    with _reading(review) as (session, review_id):
        found = suggestions(session, review_id)
    told = suggestions_told(found)
    lines = [
        "\t".join([str(one.first), str(one.second), " | ".join(one.labels), "; ".join(one.reasons)])
        for one in told.items
    ]
    _tell(told, lines, as_json=as_json)


@studies.command("gather")
@click.argument("review")
@click.argument("records", type=int, nargs=-1, required=True)
@USER
@click.option("--primary", type=int, help="The record of the primary report.")
@click.option("--label", help="What the study is called.")
@JSON
def gather(
    review: str, records: tuple[int, ...], user: str, primary: int | None, label: str | None, as_json: bool
) -> None:
    """Gather the reports of RECORDS into one study."""
    from workbench.studies import service

    with acting(review, user) as (session, member):
        found = service.gather(session, member, records, primary_id=primary)
        if primary is not None:
            service.name_primary(session, member, found.id, primary)
        if label is not None:
            service.name(session, member, found.id, label)
        study_id = found.id
    _show(review, study_id, as_json=as_json)


@studies.command("split")
@click.argument("review")
@click.argument("study", type=int)
@click.argument("records", type=int, nargs=-1, required=True)
@USER
@JSON
def split(review: str, study: int, records: tuple[int, ...], user: str, as_json: bool) -> None:
    """Take the reports of RECORDS out of STUDY; several of them are a new study together."""
    from workbench.studies import service

    with acting(review, user) as (session, member):
        service.split(session, member, study, records)
    _show(review, study, as_json=as_json)


@studies.command("merge")
@click.argument("review")
@click.argument("study", type=int)
@click.argument("other", type=int)
@USER
@JSON
def merge(review: str, study: int, other: int, user: str, as_json: bool) -> None:
    """Let the reports of study OTHER stand in STUDY."""
    from workbench.studies import service

    with acting(review, user) as (session, member):
        service.merge(session, member, study, other)
    _show(review, study, as_json=as_json)


@studies.command("undo")
@click.argument("review")
@click.argument("study", type=int)
@USER
def undo(review: str, study: int, user: str) -> None:
    """Undo the newest deed on STUDY that can be undone."""
    from workbench.studies import service
    from workbench.studies.queries.history import history

    with acting(review, user) as (session, member):
        deeds = [one.deed for one in history(session, member.review_id, study) if one.can_be_undone]
        if not deeds:
            raise service.AlreadyUndone(_("Nothing of study %(id)s is left to undo.", id=study), "")
        service.undo(session, member, deeds[0].id)
        kind = deeds[0].kind.value
    click.echo(_("Undone: %(kind)s.", kind=kind))


@studies.command("answer")
@click.argument("review")
@click.argument("first", type=int)
@click.argument("second", type=int)
@click.argument("said", type=click.Choice(["same", *(one.value for one in PairAnswer)]))
@USER
def answer(review: str, first: int, second: int, said: str, user: str) -> None:
    """Say of the reports of records FIRST and SECOND whether they are of one study."""
    from workbench.studies import service

    with acting(review, user) as (session, member):
        if said == "same":
            service.are_one(session, member, first, second)
        else:
            service.say(session, member, first, second, PairAnswer(said))
    click.echo(_("Records %(first)s and %(second)s: %(said)s.", first=first, second=second, said=said))


@studies.command("table")
@click.argument("review")
@click.argument("which", type=TABLE)
@click.option("--output", type=click.Path(path_type=Path), help="A file; else it is printed.")
def table(review: str, which: str, output: Path | None) -> None:
    """Write the table of included or excluded studies of REVIEW as CSV."""
    from workbench.records.writers.cells import as_csv
    from workbench.studies import queries
    from workbench.studies.queries.tables import Table, cells, header, rows

    wanted = Table(which)
    with _reading(review) as (session, review_id):
        found = rows(queries.studies(session, review_id), wanted)
    text = as_csv(header(wanted), (cells(row, wanted) for row in found))
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_bytes(text.encode())
    except OSError as error:
        raise NoPlace(_("%(file)s cannot be written: %(why)s.", file=output, why=error.strerror)) from error
    click.echo(several(len(found), _("1 study written."), _("%(n)s studies written.")), err=True)


@contextmanager
def _reading(review: str) -> "Iterator[tuple[Session, int]]":
    """The database to read, and the review in it."""
    from workbench.db import house
    from workbench.reviews.queries import review_by_slug

    sessions, _folder = house()
    with sessions.read() as session:
        yield session, review_by_slug(session, review).id


def _show(review: str, study_id: int, *, as_json: bool) -> None:
    """Print a study as it stands now."""
    from workbench.studies import queries
    from workbench.studies.told import study_told

    with _reading(review) as (session, review_id):
        entry = queries.study(session, review_id, study_id)
    _tell(study_told(entry), [_line(entry)], as_json=as_json)


def _line(entry: "Entry") -> str:
    records = ",".join(str(report.id) for report in entry.reports)
    parts = [str(entry.study_id or "-"), entry.state.value, entry.label, records, ",".join(entry.registry_ids)]
    return "\t".join(parts)


def _tell(found: object, lines: Sequence[str], *, as_json: bool) -> None:
    """Print what was found: as JSON, or a line for each."""
    from workbench.web.api import plain

    if as_json or lines:
        click.echo(json.dumps(plain(found), ensure_ascii=False, indent=1) if as_json else "\n".join(lines))
