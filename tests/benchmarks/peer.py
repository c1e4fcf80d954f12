"""bib-dedupe beside the engine, in an environment of its own: made once in the cache folder, never a dependency."""

import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

VERSION = "0.11.0"
NAME = f"bib-dedupe {VERSION}"
RACE = 10_000
TIMES = 15
_SCRIPT = Path(__file__).with_name("bib_dedupe_run.py")


class NotThere(Exception):
    """The peer cannot be run here; says why."""


@dataclass(frozen=True)
class Told:
    """What the peer said of one file: pairs of records that are one report, and how long the whole process took."""

    pairs: list[tuple[str, str]]
    seconds: float


def environment() -> Path:
    """Make the peer's environment, or find it made, and name its Python.

    Raises:
        NotThere: It cannot be installed.
    """
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "workbench-benchmarks" / f"bib-dedupe-{VERSION}"
    python = folder / "bin" / "python"
    if not _works(python):
        try:
            venv.create(folder, clear=True, with_pip=True)
            _run([str(python), "-m", "pip", "install", "--quiet", f"bib-dedupe=={VERSION}"])
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotThere(_last_line(error)) from error
    if not _works(python):
        raise NotThere("it is installed and cannot be imported")
    return python


def _works(python: Path) -> bool:
    return python.exists() and subprocess.run([str(python), "-c", "import bib_dedupe"], check=False).returncode == 0


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _run_apart(command: list[str]) -> None:
    """Run in the peer's environment: nothing of this project may be imported there, not even a file beside the script."""
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONSAFEPATH": "1"}
    subprocess.run(command, check=True, capture_output=True, text=True, env=alone)


def _last_line(error: OSError | subprocess.CalledProcessError) -> str:
    said = (error.stderr or "") if isinstance(error, subprocess.CalledProcessError) else str(error)
    return said.strip().rsplit("\n", 1)[-1] or str(error)


def clusters(python: Path, records: Path) -> Told:
    """Let the peer find the duplicates of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        started = time.perf_counter()
        _run_apart([str(python), str(_SCRIPT), str(records), str(answer)])
        seconds = time.perf_counter() - started
        groups = json.loads(answer.read_text(encoding="utf-8"))
    return Told([pair for group in groups for pair in pairwise(group)], seconds)


def race(python: Path, folder: Path) -> None:
    """Print how many times faster the engine is at 10,000 made records: whole process, from CSV to clusters."""
    maker = folder / "make_scale.py"
    if not maker.exists():
        print(f"\nno race: {maker} is not there to make {RACE} records")
        return
    with tempfile.TemporaryDirectory() as place:
        _run([sys.executable, str(maker), str(RACE), place])
        records = Path(place) / "records.csv"
        command = [sys.executable, "-m", "workbench", "duplicates", "find", str(records)]
        started = time.perf_counter()
        _run([*command, "--output", str(Path(place) / "clusters.csv")])
        mine = time.perf_counter() - started
        its = clusters(python, records).seconds
    print(f"\n{RACE} records: {mine:.1f} s, {NAME} {its:.1f} s: {its / mine:.1f} times as fast (at least {TIMES})")
