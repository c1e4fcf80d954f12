"""`workbench searches` and `workbench prisma-s`: what the searches of a review found, and how they are reported."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import Invalid
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.deduplication.queries import SourceCount
    from workbench.reporting.queries.known_items import KnownItem
    from workbench.reporting.queries.news import News
    from workbench.reporting.queries.yields import Yields


class UnwritableFile(Invalid):
    """Search histories go into a folder, a report into a file, that can be written."""

    hint = "Name another place with --output."


@click.group()
def searches() -> None:
    """Say what the searches of a review found: known studies, overlap, what is new."""


@searches.command("known-items")
@click.argument("review")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def known_items(review: str, as_json: bool) -> int:
    """Say which known studies the searches of REVIEW found, and which not; exit code 1 if one was not found."""
    from workbench.reporting.queries.known_items import known_items

    with _reading(review) as (session, review_id):
        items = known_items(session, review_id)
    if as_json:
        click.echo(_json([_told(item) for item in items]))
    else:
        click.echo("\n".join(map(_line, items)) or _("The protocol names no known study."))
    return 0 if all(item.is_found for item in items) else 1


def _told(item: "KnownItem") -> dict[str, Any]:
    return {
        "title": item.study.title,
        "doi": item.study.doi,
        "pmid": item.study.pmid,
        "found": item.is_found,
        "how": item.how or None,
        "records": [
            {
                "record": one.record_id,
                "kept": one.kept_id,
                "import": one.import_id,
                "runs": [run.code for run in one.runs],
            }
            for one in item.records
        ],
        "found_in": [source.name for source in item.found_in],
        "missed_by": [source.name for source in item.missed_by],
    }


def _line(item: "KnownItem") -> str:
    missed = ", ".join(source.name for source in item.missed_by) or "–"
    if not item.is_found:
        return _("Not found: %(title)s (not in %(missed)s)", title=item.study.title, missed=missed)
    found = ", ".join(source.name for source in item.found_in)
    return _("Found by %(how)s: %(title)s (in %(found)s; not in %(missed)s)", how=item.how, title=item.study.title,
             found=found, missed=missed)  # fmt: skip


@searches.command()
@click.argument("review")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def overlap(review: str, as_json: bool) -> None:
    """Say what each source of REVIEW brought before and after deduplication, alone and together with others."""
    from workbench.deduplication.queries import by_source
    from workbench.reporting.queries.yields import yields

    with _reading(review) as (session, review_id):
        found, joined = yields(session, review_id), by_source(session, review_id)
    if as_json:
        click.echo(_json(_as_dict(found, joined)))
        return
    for one in found.sources:
        click.echo(_("%(name)s: %(records)s records, %(reports)s reports, %(unique)s here alone", name=one.source.name,
                     records=one.records, reports=one.reports, unique=one.unique))  # fmt: skip
    for source in joined:
        click.echo(_("%(name)s: of %(records)s records the engine joined %(automatic)s to others and people %(people)s;"
                     " %(kept)s stand", name=source.name, records=source.records, automatic=source.automatic,
                     people=source.by_person, kept=source.kept))  # fmt: skip


def _as_dict(found: "Yields", joined: "list[SourceCount]") -> dict[str, Any]:
    return {
        "deduplication": [
            {
                "source": one.name,
                "lane": one.lane.value,
                "before": one.records,
                "automatic": one.automatic,
                "by_person": one.by_person,
                "after": one.kept,
            }
            for one in joined
        ],
        "sets": [{"sources": [source.name for source in some], "reports": n} for some, n in found.sets],
        "reports": found.reports,
        "included": found.included,
        "sources": [
            {
                "source": one.source.name,
                "lane": one.source.lane.value,
                "records": one.records,
                "reports": one.reports,
                "unique": one.unique,
                "only_included": one.only_included,
                "shared": [found.between.shared(one.source, other.source) for other in found.sources],
            }
            for one in found.sources
        ],
        "runs": [
            {
                "run": one.run.code,
                "records": one.records,
                "reports": one.reports,
                "first": one.first,
                "unique": one.unique,
            }
            for one in found.runs
        ],
    }


@searches.command()
@click.argument("review")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON, with the new records of each run.")
def new(review: str, as_json: bool) -> None:
    """Say for each run of REVIEW what was new in it against everything already there."""
    from workbench.reporting.queries.news import news

    with _reading(review) as (session, review_id):
        log = news(session, review_id)
    if as_json:
        click.echo(_json([_news(one) for one in log]))
    for one in [] if as_json else log:
        click.echo(_("%(source)s, %(run)s (%(day)s): %(records)s records, %(known)s known, %(new)s new reports",
                     source=one.run.source, run=one.run.code, day=one.run.searched_on, records=one.records,
                     known=one.known, new=len(one.new)))  # fmt: skip


def _news(one: "News") -> dict[str, Any]:
    return {
        "run": one.run.code,
        "source": one.run.source,
        "searched_on": one.run.searched_on,
        "later": one.is_later,
        "records": one.records,
        "repeated": one.repeated,
        "again": one.again,
        "elsewhere": one.elsewhere,
        "new": one.new,
    }


@searches.command()
@click.argument("review")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder.")
def histories(review: str, output: Path) -> None:
    """Write one search_history.json for each run of REVIEW."""
    from workbench.reporting.queries.searched import histories
    from workbench.reporting.writers.histories import history_json, named_apart

    with _reading(review) as (session, review_id):
        every = list(named_apart(history for _run, history in histories(session, review_id)))
    for name, history in every:
        _write(output / name, history_json(history))
        click.echo(output / name)


@click.command("prisma-s")
@click.argument("review")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Print the 16 items as JSON instead of Markdown.")
def prisma_s(review: str, output: Path | None, as_json: bool) -> None:
    """Report the searches of REVIEW by the 16 items of PRISMA-S, as Markdown, with what is missing named."""
    from workbench.protocols.queries import version_in_force
    from workbench.reporting.queries.searched import checklist
    from workbench.reporting.rules import strategies
    from workbench.reporting.writers import prisma_s_markdown

    with _reading(review) as (session, review_id):
        version = version_in_force(session, review_id)
        items = checklist(session, review_id, version)
    stand = _("Protocol version %(n)s, in force since %(day)s.", n=version.number,
              day=version.registered_at.date().isoformat())  # fmt: skip
    title = version.document["review"]["title"]
    text = (
        _json([asdict(item) | {"filled": item.is_filled} for item in items]) + "\n"
        if as_json
        else prisma_s_markdown(title, stand, items, strategies(version.document))
    )
    if output:
        _write(output, text)
    else:
        click.echo(text, nl=False)


@contextmanager
def _reading(review: str) -> Iterator[tuple["Session", int]]:
    """A reading session, and the id of the review of this name."""
    from workbench.db import house
    from workbench.reviews.queries import review_by_slug

    sessions, _folder = house()
    with sessions.read() as session:
        yield session, review_by_slug(session, review).id


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(_("%(file)s cannot be written: %(why)s.", file=path, why=error.strerror)) from error


def _json(answer: object) -> str:
    return json.dumps(answer, ensure_ascii=False, indent=1)
