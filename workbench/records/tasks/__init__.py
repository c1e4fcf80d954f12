"""Reading an import's file and writing its records, part by part, so that a killed worker loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workbench.db import Sessions, now
from workbench.jobs.service import Work
from workbench.records import queries, service
from workbench.records.models import Import
from workbench.records.rules import read
from workbench.records.service import columns

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
    data = work.files.get(the_import.sha256)
    reading = read(data, the_import.file_name, the_import.columns)
    for start in range(done, reading.records, PART):
        end = min(start + PART, reading.records)
        with work.step(end, reading.records) as session:
            service.add_records(session, the_import, reading.items[start:end])
        if tell:
            tell(end, reading.records)
    with work.step(reading.records, reading.records) as session:
        service.complete(session, the_import.id, reading, data)
    return {"import_id": the_import.id, "records": reading.records, "rejected": len(reading.rejected)}


def clear_uploads(sessions: Sessions) -> int:
    """Let tables go whose columns nobody explained for a day, in all reviews; returns how many."""
    with sessions.write.begin() as session:
        return columns.clear(session, now() - HELD_FOR)
