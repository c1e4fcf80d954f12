"""`workbench duplicates`: which records are one report, of files without a database or of a review."""

import csv
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from workbench.deduplication.cli.comparing import by_two
from workbench.deduplication.cli.reading import CannotOpen, read_files
from workbench.deduplication.cli.second import pays
from workbench.deduplication.rules import ENGINE, Findings, Settings, find
from workbench.deduplication.rules.settings import Strictness, Versions
from workbench.errors import Invalid
from workbench.words import _

if TYPE_CHECKING:
    from workbench.db import Sessions
    from workbench.jobs.service import Task

KIND = "deduplication:run"
_PATIENCE = 1.0
__all__ = ["CannotOpen", "duplicates"]
FilePath = click.Path(path_type=Path)


class CannotWrite(Invalid):
    """An answer must have a place to go."""

    hint = "Name a file in a folder that exists and may be written to."


class NotFinished(Invalid):
    """A search for duplicates that ended early changed nothing."""


@click.group()
def duplicates() -> None:
    """Duplicate records: find what is one report."""


@duplicates.command("find")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=FilePath)
@click.option("--output", required=True, type=FilePath, help="CSV record_id,cluster_id, one row per record.")
@click.option("--pairs", type=FilePath, help="CSV of pairs left to a person, most likely first.")
@click.option("--explain", type=FilePath, help="CSV that says why each record was joined or linked.")
@click.option("--strictness", type=click.Choice(["cautious", "balanced", "thorough"]), default="cautious")
@click.option("--versions", type=click.Choice(["apart", "together"]), default="apart", help="Updates of one review.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def find_files(
    files: Sequence[Path],
    output: Path,
    pairs: Path | None,
    explain: Path | None,
    strictness: str,
    versions: str,
    as_json: bool,
) -> None:
    """Find which records of the files are one report, and write the clusters."""
    started = time.monotonic()
    settings = Settings(cast(Strictness, strictness), cast(Versions, versions))
    with _no_collector():
        with _Progress(_("Reading")) as progress:
            named = read_files(files, progress)
        with _Progress(_("Comparing")) as progress:
            findings = find(
                named.forms, settings, marks=named.marks, progress=progress, compare_all=by_two if pays() else None
            )
    _write(output, ("record_id", "cluster_id"), _cluster_rows(named.ids, findings))
    if pairs:
        _write(pairs, ("record_id_1", "record_id_2", "score", "reason", "evidence"), _pair_rows(named.ids, findings))
    if explain:
        _write(explain, ("record_id_1", "record_id_2", "decision", "rule", "reason"), _why_rows(named.ids, findings))
    answer = _answer(findings, len(named.ids), time.monotonic() - started)
    click.echo(json.dumps(answer) if as_json else _in_words(answer))


def _cluster_rows(ids: list[str], findings: Findings) -> list[tuple[str, str]]:
    """One row per record in the order read; a cluster is named after its first record."""
    cluster_of = {member: ids[members[0]] for members in findings.clusters for member in members}
    return [(name, cluster_of[place]) for place, name in enumerate(ids)]


def _pair_rows(ids: list[str], findings: Findings) -> list[tuple[str, str, str, str, str]]:
    """One row per pair left to a person."""
    return [(ids[p.first], ids[p.second], f"{p.score:.4f}", p.reason, p.evidence) for p in findings.pairs]


def _why_rows(ids: list[str], findings: Findings) -> list[tuple[str, str, str, str, str]]:
    """One row per join, then one per link."""
    joins = [(ids[j.first], ids[j.second], "duplicate", j.rule, j.reason) for j in findings.joins]
    return joins + [(ids[k.first], ids[k.second], k.kind, k.rule, k.reason) for k in findings.links]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
    except OSError as error:
        raise CannotWrite(_("%(file)s cannot be written: %(why)s.", file=path, why=error.strerror or error)) from error


def _answer(findings: Findings, records: int, seconds: float) -> dict[str, Any]:
    """Count what was found."""
    clusters = len(findings.clusters)
    return {
        "records": records,
        "clusters": clusters,
        "removed": records - clusters,
        "pairs": len(findings.pairs),
        "seconds": round(seconds, 2),
        "engine": ENGINE,
    }


def _in_words(answer: dict[str, Any]) -> str:
    """Say the answer in one line."""
    return _(
        "%(records)s records are %(clusters)s reports: %(removed)s duplicates; %(pairs)s pairs are left to a person"
        " (%(seconds)s seconds).",
        **answer,
    )


@contextmanager
def _no_collector() -> Iterator[None]:
    """Make many objects that stay, none of them in circles: looking for circles again and again costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Progress:
    """A bar on standard error for work that lasts more than a second, and only where a person watches."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._started = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._show if sys.stderr.isatty() else lambda _done, _total: None

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def _show(self, done: int, total: int) -> None:
        if self._bar is None and time.monotonic() - self._started > _PATIENCE:
            self._bar = click.progressbar(length=total, label=self._label, file=sys.stderr)
        if self._bar is not None:
            self._bar.update(done - self._bar.pos)


@duplicates.command("run")
@click.argument("review")
@click.option("--user", required=True, help="Who asks, by the address they sign in with.")
@click.option("--whole", is_flag=True, help="Compare all records anew, not only those that are new; it finds the same.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def run_review(review: str, user: str, whole: bool, as_json: bool) -> None:
    """Search all records of REVIEW for duplicates. What people decided stays."""
    from workbench.db import house
    from workbench.files.stores import FolderStore
    from workbench.jobs import service as jobs
    from workbench.reviews.queries import member_by_email
    from workbench.reviews.rules import Deed, allowed

    sessions, folder = house()
    with sessions.write.begin() as session:
        member = member_by_email(session, review, user)
        allowed(member.roles, Deed.DEDUPLICATE)
        job = jobs.submit(
            session, KIND, {"whole": True} if whole else {}, review_id=member.review_id, started_by=member.id
        )
    jobs.run(sessions, FolderStore(folder / "files"), _tasks(), job.id, f"command-{os.getpid()}")
    answer = _when_done(sessions, job.id)
    click.echo(json.dumps(answer) if as_json else _run_in_words(answer))


def _tasks() -> Mapping[str, "Task"]:
    """Who does which kind of work; only the assembly knows, since a later room does this one."""
    tasks: Mapping[str, Task] = importlib.import_module("workbench.app").tasks()
    return tasks


def _when_done(sessions: "Sessions", job_id: int) -> dict[str, Any]:
    """What a job found; if a worker of the house was quicker to take it, wait for that worker."""
    from workbench.jobs.models import Job

    while True:
        with sessions.read() as session:
            job = session.get_one(Job, job_id)
        if job.failure:
            raise NotFinished(job.failure)
        if job.finished_at:
            return dict(job.result or {})
        time.sleep(_PATIENCE)


def _run_in_words(answer: Mapping[str, Any]) -> str:
    """Say what a run found, in a line, and in another what it would part if votes did not hold it."""
    said = _(
        "%(records)s records, %(duplicates)s of them duplicates: %(joined)s joined and %(parted)s parted by this run;"
        " %(waiting)s pairs are left to a person.",
        **answer,
    )
    if not answer.get("doubted"):
        return said
    doubted = _(
        "%(doubted)s duplicates stay only because their groups hold votes; the page of joined records lists them.",
        **answer,
    )
    return f"{said}\n{doubted}"
