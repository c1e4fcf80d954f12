"""The worker: Huey carries job numbers to it; the job rows hold everything else."""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from huey import Huey, PostgresHuey, SqliteHuey

from workbench.db import Sessions
from workbench.files.stores import Store
from workbench.jobs import queries, service
from workbench.jobs.rules import Watch

log = logging.getLogger(__name__)
SWEEP_SECONDS = 1.0
CHORE_SECONDS = 60.0

Chore = Callable[[Sessions], object]
"""Small work that belongs to no job and is done about once a minute, such as handing votes in after a day."""


class Queue:
    """The queue beside this database: a file for SQLite, tables of its own on PostgreSQL; it carries numbers only."""

    def __init__(self, url: str, folder: Path, do: Callable[[int], None] | None = None) -> None:
        self.huey: Huey = _huey(url, folder)

        @self.huey.task()  # type: ignore[untyped-decorator]
        def run(job_id: int) -> None:
            if do:
                do(job_id)

        self._run = run

    def wake(self, job_id: int) -> None:
        """Tell the workers of a committed job at once, instead of at their next sweep."""
        self._run(job_id)


def _huey(url: str, folder: Path) -> Huey:
    if url.startswith("sqlite"):
        return SqliteHuey("workbench", filename=str(folder / "queue.sqlite"), results=False)
    return PostgresHuey("workbench", dsn=url.replace("+psycopg", ""), results=False)


@dataclass
class Worker:
    """Does jobs one after the other, and takes over those whose worker died."""

    sessions: Sessions
    files: Store
    tasks: Mapping[str, service.Task]
    after: Mapping[str, service.Follow]
    lease: float = 15.0
    chores: Sequence[Chore] = ()
    name: str = field(default_factory=lambda: f"{os.getpid()}-{uuid.uuid4().hex[:6]}")

    def do(self, job_id: int, gone_at: int | None = None) -> None:
        """Do one job, if it is free."""
        service.run(
            self.sessions,
            self.files,
            self.tasks,
            job_id,
            f"{self.name}-{uuid.uuid4().hex[:6]}",
            gone_at=gone_at,
            beat_seconds=self.lease / 5,
            after=self.after,
        )

    def sweep(self, watch: Watch) -> None:
        """Find jobs that were never queued and jobs whose holder is gone, and do them."""
        with self.sessions.read() as session:
            found = [(job.id, job.owner, job.beat) for job in queries.unfinished(session)]
        for job_id, owner, beat in found:
            if owner is None:
                self.do(job_id)
            elif watch.is_gone(job_id, beat, time.monotonic()):
                log.warning("job %s: its worker is gone, taking over", job_id)
                self.do(job_id, gone_at=beat)

    def do_chores(self) -> None:
        """Do every chore once; a fault in one keeps none of the others from being done."""
        for chore in self.chores:
            try:
                chore(self.sessions)
            except Exception:
                log.exception("a chore failed; trying again in a minute")

    def keep_sweeping(self) -> None:
        """Sweep for ever, with the chores about once a minute; a fault in one round does not end it."""
        watch, chores_at = Watch(self.lease), time.monotonic()
        while True:
            time.sleep(SWEEP_SECONDS)
            try:
                self.sweep(watch)
            except Exception:
                log.exception("the sweep failed; trying again")
            if time.monotonic() >= chores_at:
                self.do_chores()
                chores_at = time.monotonic() + CHORE_SECONDS

    def consume(self, url: str, folder: Path) -> None:
        """Serve the queue until told to stop; call it in a process of its own, since it sets signal handlers."""
        threading.Thread(target=self.keep_sweeping, daemon=True).start()
        Queue(url, folder, self.do).huey.create_consumer(workers=1, periodic=False, check_worker_health=False).run()
