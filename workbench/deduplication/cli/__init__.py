"""`workbench duplicates`: which records are one report, of files without a database or of a review."""

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from workbench.deduplication.cli import answers
from workbench.deduplication.cli.comparing import by_two
from workbench.deduplication.cli.reading import CannotOpen, Named, read_files
from workbench.deduplication.cli.second import pays
from workbench.deduplication.rules import Findings, Settings, find
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
@click.option("--kept", type=FilePath, help="The records without duplicates; the name's ending says how: .ris, .csv …")
@click.option("--strictness", type=click.Choice(["cautious", "balanced", "thorough"]), default="cautious")
@click.option("--versions", type=click.Choice(["apart", "together"]), default="apart", help="Updates of one review.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def find_files(
    files: Sequence[Path],
    output: Path,
    pairs: Path | None,
    explain: Path | None,
    kept: Path | None,
    strictness: str,
    versions: str,
    as_json: bool,
) -> None:
    """Find which records of the files are one report, and write the clusters.

    FILE is an export of any database, packed (.gz) or not. Of the records of one report, --kept writes the first read.
    """
    started = time.monotonic()
    answers.refuse_bad_places(files, [path for path in (output, pairs, explain, kept) if path])
    if kept:
        answers.writer_of(kept)
    settings = Settings(cast(Strictness, strictness), cast(Versions, versions))
    with _no_collector():
        named, findings = _found(files, settings)
    answers.write_table(output, answers.CLUSTERS, answers.cluster_rows(named.ids, findings))
    if pairs:
        answers.write_table(pairs, answers.PAIRS, answers.pair_rows(named.ids, findings))
    if explain:
        answers.write_table(explain, answers.REASONS, answers.why_rows(named.ids, findings))
    if kept:
        answers.write_kept(kept, files, named, findings)
    answer = answers.counted(findings, len(named.ids), time.monotonic() - started)
    click.echo(json.dumps(answer) if as_json else answers.in_words(answer))


def _found(files: Sequence[Path], settings: Settings) -> tuple[Named, Findings]:
    """Read the files and let the engine look; of what it needed, only the names are kept."""
    with _Progress(_("Reading")) as progress:
        named = read_files(files, progress)
    forms, marks = named.forms, named.marks
    named.forms, named.marks = [], []
    with _Progress(_("Comparing")) as progress:
        return named, find(forms, settings, marks=marks, progress=progress, compare_all=by_two if pays() else None)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Make many objects that stay, none of them in circles: looking for circles again and again costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # nor at the end of the program
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
    from workbench.files.stores import open_store
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
    with _no_collector():
        jobs.run(sessions, open_store(folder), _tasks(), job.id, f"command-{os.getpid()}")
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
