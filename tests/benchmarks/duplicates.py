"""Score the engine on the six labelled sets: `python -m tests.benchmarks.duplicates [FOLDER] [--versions together]`.

Record level: of each labelled report one record stays. An entity lost (FP) is a report of which every record was put
under another report's; a surplus record (FN) is a duplicate left in.
"""

import argparse
import csv
import gzip
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.deduplication.rules import Findings, NormalForm, Settings, find, normal_form
from workbench.records.rules import read

SETS = ("haematology", "stroke", "respiratory", "cytology_screening", "diabetes", "cardiac")


@dataclass(frozen=True)
class Labelled:
    """A labelled set in normal form; `truth` gives each record's report, `order` its place in the labelled file."""

    name: str
    forms: list[NormalForm]
    truth: list[str]
    order: list[int]
    seconds: float


@dataclass(frozen=True)
class Score:
    """Counts at record level and of pairs."""

    found: int
    lost: int
    left: int
    wrong_pairs: int
    missed_pairs: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall at record level."""
        return 2 * self.found / (2 * self.found + self.lost + self.left) if self.found else 0.0


def labelled(folder: Path, name: str, most: int | None = None) -> Labelled:
    """Read one set; `most` takes only whole reports until so many records are reached."""
    with gzip.open(folder / name / "truth.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        truth = {row["record_id"]: row["cluster_id"] for row in csv.DictReader(stream)}
    started = time.perf_counter()
    items = read(gzip.decompress((folder / name / "records.csv.gz").read_bytes()), "records.csv").items
    named = [(next(value for tag, value, _ in item.raw if tag == "record_id"), item) for item in items]
    kept = _share(truth, most)
    forms = [normal_form(item) for record, item in named if record in kept]
    place = {record: at for at, record in enumerate(truth)}
    ids = [record for record, _ in named if record in kept]
    seconds = time.perf_counter() - started
    return Labelled(name, forms, [truth[record] for record in ids], [place[record] for record in ids], seconds)


def _share(truth: dict[str, str], most: int | None) -> set[str]:
    """Choose whole reports in the order of the labels until `most` records are reached."""
    if most is None:
        return set(truth)
    kept: set[str] = set()
    for report in sorted(set(truth.values())):
        if len(kept) >= most:
            break
        kept.update(record for record, its in truth.items() if its == report)
    return kept


def score(data: Labelled, findings: Findings) -> Score:
    """Count at record level (the first record of each cluster stays) and pairs."""
    cluster = {member: at for at, members in enumerate(findings.clusters) for member in members}
    stays: dict[int, int] = {}
    for place in sorted(range(len(data.forms)), key=data.order.__getitem__):
        stays.setdefault(cluster[place], place)
    kept = Counter(data.truth[place] for place in stays.values())
    sizes = Counter(data.truth)
    both = _pairs(Counter((data.truth[place], cluster[place]) for place in cluster).values())
    return Score(
        found=sum(size - max(kept[report], 1) for report, size in sizes.items()),
        lost=sum(1 for report in sizes if not kept[report]),
        left=sum(max(kept[report] - 1, 0) for report in sizes),
        wrong_pairs=_pairs(map(len, findings.clusters)) - both,
        missed_pairs=_pairs(sizes.values()) - both,
    )


def _pairs(sizes: Iterable[int]) -> int:
    """Count the pairs within groups."""
    return sum(size * (size - 1) // 2 for size in sizes)


def total(scores: Sequence[Score]) -> Score:
    """Add the counts of several sets."""
    return Score(*(sum(column) for column in zip(*(list(vars(one).values()) for one in scores), strict=True)))


HEAD = (
    f"{'set':20}{'records':>8}{'FP':>5}{'FN':>5}{'F1':>9}"
    f"{'pairs FP':>10}{'pairs FN':>10}{'shown':>7}{'true':>6}{'s':>8}"
)


def _row(name: str, records: int, result: Score, shown: int, true: int, seconds: float) -> str:
    counts = f"{result.lost:5}{result.left:5}{result.f1:9.5f}{result.wrong_pairs:10}{result.missed_pairs:10}"
    return f"{name:20}{records:8}{counts}{shown:7}{true:6}{seconds:8.2f}"


def main() -> None:
    """Print the table."""
    default = Path(os.environ.get("WORKBENCH_TEST_DATA", "../shared/data")) / "duplicates"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--strictness", default="cautious", choices=["cautious", "balanced", "thorough"])
    parser.add_argument("--versions", default="apart", choices=["apart", "together"])
    asked = parser.parse_args()
    if not asked.folder.exists():
        sys.exit(f"{asked.folder} is not there: name the folder of the labelled sets.")
    settings = Settings(asked.strictness, asked.versions)
    print(HEAD)
    rows = []
    for name in SETS:
        data = labelled(asked.folder, name)
        started = time.perf_counter()
        findings = find(data.forms, settings)
        seconds = data.seconds + time.perf_counter() - started
        true = sum(data.truth[pair.first] == data.truth[pair.second] for pair in findings.pairs)
        rows.append((len(data.forms), score(data, findings), len(findings.pairs), true, seconds))
        print(_row(name, *rows[-1]))
    records, scores, shown, true_pairs, times = zip(*rows, strict=True)
    print(_row("micro", sum(records), total(scores), sum(shown), sum(true_pairs), sum(times)))


if __name__ == "__main__":
    main()
