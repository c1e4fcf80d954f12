"""Answers out: clusters, pairs, reasons and the kept records as files, whole or not at all; the counts in a line."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from workbench.deduplication.cli.reading import Named, opened
from workbench.deduplication.rules import ENGINE, Findings
from workbench.errors import Invalid
from workbench.records.writers import WRITERS, Entry, Losses, Writer
from workbench.words import _

CLUSTERS = ("record_id", "cluster_id")
PAIRS = ("record_id_1", "record_id_2", "score", "reason", "evidence")
REASONS = ("record_id_1", "record_id_2", "decision", "rule", "reason")
_ROWS_AT_ONCE = 5000


class CannotWrite(Invalid):
    """An answer must have a place to go."""

    hint = "Name a file in a folder that exists and may be written to."


class WouldOverwrite(Invalid):
    """An answer never takes the place of a file that is read, nor of another answer."""

    hint = "Name another file for it."


class NoSuchFormat(Invalid):
    """Kept records are written in a format that the ending of the file names."""

    hint = "Let the name end in " + ", ".join(f".{one.suffix}" for one in WRITERS.values()) + "."


def refuse_bad_places(files: Sequence[Path], answers: Sequence[Path]) -> None:
    """Refuse answers that could not be written, or would destroy something, before the work begins.

    Raises:
        CannotWrite: the folder is not there.
        WouldOverwrite: the file is read, or named twice.
    """
    taken = {file.resolve() for file in files}
    for answer in answers:
        if answer.resolve() in taken:
            raise WouldOverwrite(_("%(file)s is a file of this command already.", file=answer))
        taken.add(answer.resolve())
        if not answer.parent.is_dir() or answer.is_dir():
            raise CannotWrite(_("%(file)s cannot be written: there is no such folder.", file=answer))


def writer_of(kept: Path) -> Writer:
    """Choose the format of the kept records.

    Raises:
        NoSuchFormat: the ending names none.
    """
    found = next((one for one in WRITERS.values() if kept.suffix.lower() == f".{one.suffix}"), None)
    if found is None:
        raise NoSuchFormat(_("%(file)s names no format of records by its ending.", file=kept))
    return found


def cluster_rows(ids: Sequence[str], findings: Findings) -> Iterator[tuple[str, str]]:
    """One row per record in the order read; a cluster is named after its first record."""
    first = {member: members[0] for members in findings.clusters for member in members}
    return ((name, ids[first[place]]) for place, name in enumerate(ids))


def pair_rows(ids: Sequence[str], findings: Findings) -> Iterator[Sequence[str]]:
    """One row per pair left to a person."""
    return ((ids[p.first], ids[p.second], f"{p.score:.4f}", p.reason, p.evidence) for p in findings.pairs)


def why_rows(ids: Sequence[str], findings: Findings) -> Iterator[Sequence[str]]:
    """One row per join, then one per link."""
    yield from ((ids[j.first], ids[j.second], "duplicate", j.rule, j.reason) for j in findings.joins)
    yield from ((ids[k.first], ids[k.second], k.kind, k.rule, k.reason) for k in findings.links)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file."""
    write(path, _csv(header, rows))


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    for at, row in enumerate(rows, start=1):
        table.writerow(row)
        if at % _ROWS_AT_ONCE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file whole or not at all.

    Raises:
        CannotWrite: the system says no.
    """
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("wb") as stream:
            stream.writelines(parts)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise CannotWrite(_("%(file)s cannot be written: %(why)s.", file=path, why=error.strerror or error)) from error


def write_kept(path: Path, files: Sequence[Path], named: Named, findings: Findings) -> None:
    """Write the first record of each cluster, as it was delivered; what the format cannot carry is said."""
    losses = Losses()
    kept = {members[0] for members in findings.clusters}
    write(path, writer_of(path).write(_kept(files, named, kept), losses))
    for what, times in losses.times.items():
        click.echo(_("%(file)s: not carried over, %(n)s times: %(what)s.", file=path, n=times, what=what), err=True)


def _kept(files: Sequence[Path], named: Named, kept: set[int]) -> Iterator[Entry]:
    """Read the files once more, and make only the records that are kept."""
    before = -1
    for file, size in zip(files, named.sizes, strict=True):
        with opened(file) as stream:
            for item in stream.items(lambda number, before=before: before + number in kept):  # type: ignore[misc]
                yield Entry(named.ids[before + item.number], item)
        before += size


def counted(findings: Findings, records: int, seconds: float) -> dict[str, Any]:
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


def in_words(answer: dict[str, Any]) -> str:
    """Say the answer in one line."""
    return _(
        "%(records)s records are %(clusters)s reports: %(removed)s duplicates; %(pairs)s pairs are left to a person"
        " (%(seconds)s seconds).",
        **answer,
    )
