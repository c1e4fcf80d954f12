"""Entering records by hand: what was typed becomes a small file that goes the way of every import."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from workbench.db import now
from workbench.files.stores import Store
from workbench.jobs.models import Job
from workbench.protocols.models import SearchRun
from workbench.records import service
from workbench.records.models import Import
from workbench.records.rules.by_hand import Entry, as_file, checked
from workbench.reviews.models import Member


def enter(
    session: Session,
    store: Store,
    member: Member,
    run: SearchRun,
    entries: Sequence[Entry],
    *,
    also_another_run: bool = False,
) -> tuple[Import, Job | None]:
    """Take in what was typed for a run: kept as a file, then read, balanced and taken back like any other.

    Raises:
        BadEntry: a row cannot be kept as it was typed.
        SameFile: just these records were entered today already.
    """
    day = f"{now():%Y-%m-%d}"
    data = as_file(checked(entries), day)
    the_import, job = service.start_import(
        session, store, member, run.id, f"entered-by-hand-{day}.csv", data, also_another_run=also_another_run
    )
    the_import.by_hand = True
    session.flush()
    return the_import, job
