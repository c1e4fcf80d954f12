"""Reading side by side with the libraries, on 10,000 and 100,000 invented records, and importing into SQLite.

    python -m tests.benchmarks.reading [--records 10000,100000] [--only ris,nbib,xml,csv,bib,import] [--file FILE]

Each row is a process of its own: records, seconds on the clock and of the processor, records per second of the
processor (the clock's where the machine has nothing else to do), memory at the most over the bare interpreter (MB).
Libraries that hold everything in memory are left out at 100,000 where they would need more than four gigabytes.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

BASE = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
READERS = {
    "ris": ("workbench", "rispy"),
    "nbib": ("workbench", "Bio.Medline"),
    "xml": ("workbench", "Bio.Entrez"),
    "csv": ("workbench",),
    "bib": ("workbench", "bibtexparser"),
}
GREEDY = frozenset({"Bio.Entrez", "bibtexparser"})


def workbench(path: Path) -> int:
    """To canonical records with raw values, one by one."""
    from workbench.records.rules import Item, open_reading

    with path.open("rb") as file:
        return sum(isinstance(one, Item) for one in open_reading(file, path.name))


def rispy(path: Path) -> int:
    """To a list of dictionaries."""
    import rispy

    return len(rispy.load(path, encoding="utf-8"))


def medline(path: Path) -> int:
    """To dictionaries, one by one."""
    from Bio import Medline

    with path.open(encoding="utf-8") as file:
        return sum(1 for _record in Medline.parse(file))


def entrez(path: Path) -> int:
    """To one structure of lists and dictionaries."""
    from Bio import Entrez

    with path.open("rb") as file:
        return len(Entrez.read(file)["PubmedArticle"])


def bibtexparser(path: Path) -> int:
    """To a library of entries."""
    import bibtexparser

    return len(bibtexparser.parse_file(str(path)).entries)


def imported(path: Path) -> int:
    """Into SQLite as the worker does: records with raw values, then the normal forms of deduplication."""
    from tests.factories import a_review, a_run, the_lead
    from workbench import db
    from workbench.deduplication.service import search
    from workbench.files.stores import FolderStore
    from workbench.jobs import service as jobs
    from workbench.jobs.models import Job
    from workbench.records import service, tasks

    with tempfile.TemporaryDirectory() as home:
        url = f"sqlite:///{Path(home) / 'workbench.sqlite'}"
        db.upgrade(url)
        sessions, store = db.open_sessions(url), FolderStore(Path(home) / "files")
        kinds = {service.KIND: tasks.import_file, "forms": search.prepare_forms}
        start = time.perf_counter()
        with sessions.write.begin() as session, path.open("rb") as file:
            review = a_review(session)
            lead, run = the_lead(session, review), a_run(session, review)
            _found, job = service.start_import(session, store, lead, run.id, path.name, file)
            forms = jobs.submit(session, "forms", {}, review_id=review.id)
        jobs.run(sessions, store, kinds, job.id, "benchmark")
        middle = time.perf_counter()
        jobs.run(sessions, store, kinds, forms.id, "benchmark")
        print(f"  records {middle - start:.1f} s, normal forms {time.perf_counter() - middle:.1f} s", file=sys.stderr)
        with sessions.read() as session:
            return session.get_one(Job, job.id).result["records"]


WORK: dict[str, Callable[[Path], int]] = {
    "workbench": workbench,
    "rispy": rispy,
    "Bio.Medline": medline,
    "Bio.Entrez": entrez,
    "bibtexparser": bibtexparser,
    "import": imported,
}


def measure(what: str, path: Path) -> None:
    """Do one thing here, and print its figures: records, seconds, seconds of the processor, megabytes."""
    start, busy = time.perf_counter(), time.process_time()
    records = WORK[what](path)
    taken, busy = time.perf_counter() - start, time.process_time() - busy
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - BASE) / 1024
    print(records, taken, busy, megabytes)


def row(what: str, path: Path) -> float:
    """Measure in a process of its own, print the row, and return the records per second of the processor."""
    command = [sys.executable, "-m", "tests.benchmarks.reading", "--one", what, "--file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if what == "import":
        print(done.stderr, end="", file=sys.stderr)
    if done.returncode:
        print(f"{path.name:<18} {what:<14} does not read it", flush=True)
        return 0.0
    records, taken, busy, megabytes = (float(part) for part in done.stdout.split()[-4:])
    rate = records / busy
    print(
        f"{path.name:<18} {what:<14} {records:>9,.0f} {taken:>8.1f} {busy:>8.1f} {rate:>10,.0f} {megabytes:>8.0f}",
        flush=True,
    )
    return rate


def compare(path: Path, others: tuple[str, ...]) -> None:
    """All readers of one file, and how ours stands to the others."""
    ours = row("workbench", path)
    for other in others:
        theirs = row(other, path)
        if ours and theirs:
            print(f"{'':<18} workbench reads {ours / theirs:.2f} times as many as {other}", flush=True)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--one", choices=WORK)
    asked.add_argument("--file", type=Path)
    asked.add_argument("--records", default="10000,100000")
    asked.add_argument("--only", default=",".join((*READERS, "import")))
    told = asked.parse_args()
    if told.one:
        measure(told.one, told.file)
        return
    print(f"{'file':<18} {'reader':<14} {'records':>9} {'clock s':>8} {'CPU s':>8} {'per CPU s':>10} {'MB':>8}")
    if told.file:
        compare(told.file, READERS[told.file.suffix[1:]][1:])
        return
    from tests.benchmarks.specimens import written

    with tempfile.TemporaryDirectory() as folder:
        for records in map(int, told.records.split(",")):
            for kind in (kind for kind in READERS if kind in told.only.split(",")):
                path = written(Path(folder) / f"{records}.{kind}", records)
                compare(path, tuple(one for one in READERS[kind][1:] if records <= 10_000 or one not in GREEDY))
                path.unlink()
            if "import" in told.only.split(","):
                row("import", written(Path(folder) / f"{records}.ris", records))


if __name__ == "__main__":
    main()
