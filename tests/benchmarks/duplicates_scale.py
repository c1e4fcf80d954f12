"""Time deduplication at size: `python -m tests.benchmarks.duplicates_scale [FOLDER] [--sizes N,…] [--loaded N] [--new N]`.

FOLDER holds the labelled sets with `make_scale.py`, which makes sets of any size of them. First whole processes of
`workbench duplicates find`, from CSV to clusters; then a search of a review in the house, of all records and after a
further import, which must find the same as a search of all records anew. Beside the seconds that pass stand those that
processors worked, in all processes of the command: on a machine that does other things too, they tell more.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.databases import postgres_server
from tests.factories import a_record, a_review, an_import, the_lead
from workbench import db
from workbench.db import Sessions
from workbench.deduplication.models import CandidatePair, Duplicate, RecordLink
from workbench.deduplication.queries import DELIVERED
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.records.models import Record
from workbench.records.rules import Item, read
from workbench.reviews.models import Member, Review
from workbench.screening.tasks import find_duplicates
from workbench.serving import collect_seldom

KIND = "deduplication:run"


def main() -> None:
    """Print the two tables."""
    default = Path(os.environ.get("WORKBENCH_TEST_DATA", "../shared/data")) / "duplicates"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--sizes", default="10000,50000,100000")
    parser.add_argument("--loaded", type=int, default=50_000)
    parser.add_argument("--new", type=int, default=1000)
    asked = parser.parse_args()
    if not (asked.folder / "make_scale.py").exists():
        sys.exit(f"{asked.folder / 'make_scale.py'} is not there: name the folder of the labelled sets.")
    collect_seldom()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'records':>8}{'seconds':>9}{'worked':>9}{'peak MB':>9}   whole process, from CSV to clusters")
        for size in [int(text) for text in asked.sizes.split(",") if text]:
            used = find(made(asked.folder, size, Path(folder)), Path(folder))
            print(f"{size:8}{used.seconds:9.1f}{used.worked:9.1f}{used.megabytes:9.0f}", flush=True)
        if asked.loaded:
            items = read(made(asked.folder, asked.loaded + asked.new, Path(folder)).read_bytes(), "records.csv").items
            heads = (asked.loaded, f"+ {asked.new}", "again", "all anew")
            print(f"\n{'':12}" + "".join(f"{head:>10}" for head in heads) + "   seconds, in the house")
            for name, house in (("SQLite", on_sqlite), ("PostgreSQL", on_postgres)):
                with house(Path(folder)) as sessions:
                    taken = in_the_house(sessions, items, asked.loaded, Path(folder))
                print(f"{name:12}" + "".join(f"{seconds:10.1f}" for seconds in taken), flush=True)


def made(folder: Path, size: int, to: Path) -> Path:
    """Make a labelled set of this size."""
    subprocess.run(
        [sys.executable, folder / "make_scale.py", str(size), to / str(size)], check=True, capture_output=True
    )
    return to / str(size) / "records.csv"


class Used(NamedTuple):
    """What a command took: seconds that passed, seconds that processors worked, the memory of its largest process."""

    seconds: float
    worked: float
    megabytes: float


def find(file: Path, to: Path) -> Used:
    """Run the command on a file."""
    asked = [sys.executable, "-m", "workbench", "duplicates", "find", file, "--output", to / "clusters.csv"]
    began = time.perf_counter()
    with subprocess.Popen(asked, stdout=subprocess.DEVNULL) as process:
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("duplicates find failed")
    return Used(time.perf_counter() - began, used.ru_utime + used.ru_stime, _megabytes(used))


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


@contextmanager
def on_sqlite(folder: Path) -> Iterator[Sessions]:
    """An empty house in a file."""
    url = f"sqlite:///{folder / 'house.sqlite'}"
    db.upgrade(url)
    sessions = db.open_sessions(url)
    yield sessions
    sessions.engine.dispose()


@contextmanager
def on_postgres(_folder: Path) -> Iterator[Sessions]:
    """An empty house on a server of its own."""
    with postgres_server() as server:
        sessions = db.open_sessions(f"{server}/postgres")
        db.upgrade(f"{server}/postgres")
        yield sessions
        sessions.engine.dispose()


def in_the_house(sessions: Sessions, items: Sequence[Item], loaded: int, folder: Path) -> list[float]:
    """Seconds of a first search, one after a further import, one with nothing new, and one of all records anew."""
    with sessions.write.begin() as session:
        review = a_review(session, "scale")
        lead = the_lead(session, review)
        _load(session, review, items[:loaded])
    first = _searched(sessions, lead, folder)
    with sessions.write.begin() as session:
        _load(session, session.get_one(Review, review.id), items[loaded:])
    second = _searched(sessions, lead, folder)
    found = _found(sessions)
    third = _searched(sessions, lead, folder)
    whole = _searched(sessions, lead, folder, whole=True)
    if _found(sessions) != found:
        sys.exit("a search of what is new found something else than a search of all records")
    return [first, second, third, whole]


def _load(session: Session, review: Review, items: Sequence[Item]) -> None:
    like = a_record(session, review, of=an_import(session, review))
    columns = [column.name for column in Record.__table__.columns if column.name != "id"]
    values: dict[str, Any] = {name: getattr(like, name) for name in columns}
    session.delete(like)
    session.flush()
    names = [column.key for column in DELIVERED if column.key != "number"]
    rows = [
        values | {name: getattr(item, name) for name in names} | {"number": number}
        for number, item in enumerate(items, start=1)
    ]
    session.execute(insert(Record), rows)


def _searched(sessions: Sessions, lead: Member, folder: Path, **payload: bool) -> float:
    with sessions.write.begin() as session:
        job = jobs.submit(session, KIND, payload, review_id=lead.review_id, started_by=lead.id)
    began = time.perf_counter()
    jobs.run(sessions, FolderStore(folder / "files"), {KIND: find_duplicates}, job.id, "benchmark")
    seconds = time.perf_counter() - began
    with sessions.read() as session:
        if failure := session.get_one(jobs.Job, job.id).failure:
            sys.exit(failure)
    return seconds


def _found(sessions: Sessions) -> list[Any]:
    """Everything a search found, but when."""
    wanted = (
        (Duplicate.record_id, Duplicate.kept_id, Duplicate.rule, Duplicate.reason),
        (CandidatePair.low_id, CandidatePair.high_id, CandidatePair.score, CandidatePair.reason),
        (RecordLink.first_id, RecordLink.second_id, RecordLink.kind, RecordLink.rule, RecordLink.reason),
    )
    with sessions.read() as session:
        return [sorted(map(tuple, session.execute(select(*columns)))) for columns in wanted]


if __name__ == "__main__":
    main()
