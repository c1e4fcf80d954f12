"""`workbench full-texts attach`: PDFs find their reports as they do on the page."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import Invalid
from workbench.screening.cli.acting import USER, acting, looking
from workbench.screening.rules import FileKind
from workbench.words import _

if TYPE_CHECKING:
    from workbench.files.formats import Limits, Reading
    from workbench.files.stores import Store
    from workbench.screening.rules.matching import Match


class NoSuchFile(Invalid):
    """A file named on the command line must be there and be readable."""

    hint = "Name PDFs; a number before them is the report they all are of."


@dataclass(frozen=True)
class Told:
    """What became of one file: the report it is attached to (or would be), else those it may be."""

    path: Path
    reading: "Reading"
    record_id: int | None
    proposals: "Sequence[Match]"

    @property
    def standing(self) -> str:
        """The file in a word: attached, to-confirm, without-report or refused."""
        if self.reading.is_refused:
            return "refused"
        return "attached" if self.record_id else "to-confirm" if self.proposals else "without-report"


@click.command()
@click.argument("review")
@click.argument("files", nargs=-1, required=True, metavar="[RECORD] FILE...")
@USER
@click.option("--kind", type=click.Choice([kind.value for kind in FileKind]), help="What the files of RECORD are.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of each file as JSON.")
def attach(review: str, files: tuple[str, ...], user: str, kind: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Attach PDFs to the reports they are of; what is not certain waits on the page of full texts for a yes.

    With a RECORD before them all are files of that report, whatever they say.
    """
    from workbench.db import house
    from workbench.files.formats import Limits, Reader
    from workbench.files.stores import open_store

    record, paths = _named(files)
    _sessions, folder = house()
    limits, store = Limits.stated(), open_store(folder)
    with Reader(limits) as reader:
        if record is not None:
            _to_one(
                review, user, store, record, FileKind(kind or "article"), [(one, reader.read(one)) for one in paths]
            )
            return
        read = ((path, reader.read(path)) for path in paths)
        found = _would(review, user, read) if dry_run else [_done(review, user, *one, store, limits) for one in read]
    _tell(found, limits, as_json=as_json, dry_run=dry_run)


def _named(files: Sequence[str]) -> tuple[int | None, list[Path]]:
    """The report that is named before the files, if one is, and the files."""
    record = int(files[0]) if files[0].isascii() and files[0].isdecimal() and not Path(files[0]).exists() else None
    paths = [Path(one) for one in (files if record is None else files[1:])]
    for path in paths:
        if not path.is_file():
            raise NoSuchFile(_("%(file)s cannot be read: no such file.", file=path))
    if not paths:
        raise NoSuchFile(_("No file is named."))
    return record, paths


def _to_one(
    review: str, user: str, store: "Store", record: int, kind: FileKind, read: "Iterable[tuple[Path, Reading]]"
) -> None:
    from workbench.screening.service import retrieval

    with acting(review, user) as (session, member):
        for path, reading in read:
            with path.open("rb") as file:
                row = retrieval.attach(session, store, member, record, file, path.name, read=reading, kind=kind)
            click.echo(_("Record %(id)s: %(name)s attached.", id=record, name=row.file_name))


def _would(review: str, user: str, read: "Iterable[tuple[Path, Reading]]") -> list[Told]:
    """Say what would become of the files; nothing is written."""
    from workbench.screening.queries import sent as queries
    from workbench.screening.rules.matching import matches

    told: list[Told] = []
    with looking(review, user) as (session, member):
        sought = queries.sought(session, member.review_id)
    for path, reading in read:
        found = [] if reading.is_refused else matches(reading, path.name, sought)
        safe = found[0].record_id if found and found[0].is_safe else None
        sought = [replace(one, has_file=True) if one.record_id == safe else one for one in sought]
        told.append(Told(path, reading, safe, found))
    return told


def _done(review: str, user: str, path: Path, reading: "Reading", store: "Store", limits: "Limits") -> Told:
    """Keep one file and match it, in a transaction of its own."""
    from workbench.screening.queries import sent as queries
    from workbench.screening.rules.matching import from_json
    from workbench.screening.service import sent as service

    with acting(review, user) as (session, member), path.open("rb") as file:
        row = service.hold(session, store, member, file, path.name, limits)
        attached = service.place(session, row.id, reading, queries.sought(session, member.review_id))
        found = [from_json(one) for one in row.matches or []]
        return Told(path, reading, attached.record_id if attached else None, found)


def _tell(found: "Sequence[Told]", limits: "Limits", *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        click.echo(json.dumps([_as_json(one, limits) for one in found], ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo("\t".join([one.path.name, one.standing, str(one.record_id or ""), _why(one, limits)]))
    states = Counter(one.standing for one in found)
    words = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    click.echo(_("Nothing was written: %(told)s.", told=words) if dry_run else _("%(told)s.", told=words), err=True)


def _why(one: Told, limits: "Limits") -> str:
    from workbench.files.formats import in_words
    from workbench.screening.rules.matching import doubted, told

    if not one.proposals:
        return in_words(one.reading, limits)
    best = one.proposals[0]
    doubts = ", ".join(doubted(doubt) for doubt in sorted(best.doubts))
    return f"{told(best)}; {doubts}" if doubts else told(best)


def _as_json(one: Told, limits: "Limits") -> dict[str, Any]:
    from workbench.screening.rules.matching import as_json

    return {
        "file": str(one.path), "state": one.reading.state.value, "pages": one.reading.pages,
        "carries": sorted(one.reading.carries), "standing": one.standing, "record": one.record_id,
        "reason": _why(one, limits), "proposals": [as_json(match) for match in one.proposals],
    }  # fmt: skip
