"""Reading an import's file and writing its records, part by part, so that a killed worker loses nothing."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from workbench.db import Sessions, now
from workbench.jobs.service import Work
from workbench.records import queries, service
from workbench.records.models import Import
from workbench.records.rules import Item, Stream, open_reading
from workbench.records.service import Told, columns

PART = 500
"""Records written in one transaction; their progress is committed with them."""

HELD_FOR = timedelta(days=1)
"""How long a table waits for somebody to say what its columns hold."""

Tell = Callable[[int, int], None]
"""Called with how many records are written, of how many."""


def import_file(work: Work, tell: Tell | None = None) -> dict[str, Any]:
    """Read the file of an import and write its records; taken over, it goes on after the last part written.

    Raises:
        Unreadable: the file turned out to hold no records.
    """
    with work.sessions.read() as session:
        the_import = session.get_one(Import, work.payload["import_id"])
        done = queries.records_so_far(session, the_import.id)
    with work.files.open(the_import.sha256) as file:
        stream, told = open_reading(file, the_import.file_name, the_import.columns), Told()
        for part in parts_of(stream, told, done):
            last = part[-1].number
            with work.step(last, _expected(stream)) as session:
                service.add_records(session, the_import, part)
            if tell:
                tell(last, _expected(stream))
        with work.step(stream.records, stream.records) as session:
            service.complete(session, the_import.id, stream, told)
    return {"import_id": the_import.id, "records": stream.records, "rejected": len(told.rejected)}


def parts_of(stream: Stream, told: Told, done: int) -> Iterator[list[Item]]:
    """Read a file; hand out the records that are not written yet, so many at a time, and keep what else is told."""
    part: list[Item] = []
    for one in stream:
        if not isinstance(one, Item):
            told.add(one)
        elif one.number > done:
            part.append(one)
            if len(part) == PART:
                yield part
                part = []
    if part:
        yield part


def _expected(stream: Stream) -> int:
    """Guess how many records a file has from how far it is read; exact once it is read to its end."""
    lines = stream.delivered.lines
    return max(stream.records, stream.records * lines // stream.line) if 0 < stream.line < lines else stream.records


def clear_uploads(sessions: Sessions) -> int:
    """Let tables go whose columns nobody explained for a day, in all reviews; returns how many."""
    with sessions.write.begin() as session:
        return columns.clear(session, now() - HELD_FOR)
