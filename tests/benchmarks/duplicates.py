"""Score the engine on labelled sets: `python -m tests.benchmarks.duplicates [FOLDER] [--versions together] [--peer]`.

Record level: of each labelled report one record stays. An entity lost (FP) is a report of which every record was put
under another report's; a surplus record (FN) is a duplicate left in. With `--peer`, bib-dedupe is scored beside the
engine on the same files, in an environment of its own; with `--errors`, every report lost or left split is named.
"""

import argparse
import csv
import gzip
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import peer
from workbench.deduplication.rules import Findings, NormalForm, Settings, find, normal_form
from workbench.records.rules import read

SETS = ("haematology", "stroke", "respiratory", "cytology_screening", "diabetes", "cardiac")
DOUBTS = {
    "haematology": {"id_0000002": "no title: volume, both pages, people, journal and year are those of id_0000001"},
    "cardiac": {"id_0007849": "title lost (#NAME?): both pages, people, journal, year and abstract are id_0003821's"},
}
"""Reports that are lost by their label alone: a librarian would call the record a duplicate."""
ORIGINAL = "truth_original.csv.gz"


@dataclass(frozen=True)
class Labelled:
    """A labelled set in normal form; `truth` gives each record's report, `order` its place in the labelled file."""

    name: str
    forms: list[NormalForm]
    truth: list[str]
    order: list[int]
    seconds: float
    ids: list[str]
    original: list[str] | None = None
    """Each record's report by an older labelling, where there is one."""


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

    @property
    def recall(self) -> float:
        """Share of the surplus records that were found."""
        return self.found / (self.found + self.left) if self.found else 0.0


def labelled(folder: Path, name: str, most: int | None = None) -> Labelled:
    """Read one set; `most` takes only whole reports until so many records are reached."""
    truth = labels(folder / name / "truth.csv.gz")
    started = time.perf_counter()
    items = read(gzip.decompress((folder / name / "records.csv.gz").read_bytes()), "records.csv").items
    named = [(next(value for tag, value, _ in item.raw if tag == "record_id"), item) for item in items]
    kept = _share(truth, most)
    forms = [normal_form(item) for record, item in named if record in kept]
    seconds = time.perf_counter() - started
    place = {record: at for at, record in enumerate(truth)}
    ids = [record for record, _ in named if record in kept]
    older = labels(folder / name / ORIGINAL) if (folder / name / ORIGINAL).exists() else None
    original = [older[record] for record in ids] if older else None
    return Labelled(name, forms, [truth[one] for one in ids], [place[one] for one in ids], seconds, ids, original)


def labels(path: Path) -> dict[str, str]:
    """Read which report each record is labelled as."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        return {row["record_id"]: row["cluster_id"] for row in csv.DictReader(stream)}


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


def score(data: Labelled, clusters: Sequence[Sequence[int]], truth: Sequence[str] | None = None) -> Score:
    """Count at record level (the first record of each cluster stays) and pairs; by the set's labels or others."""
    truth = truth or data.truth
    kept = _kept(data, clusters, truth)
    sizes = Counter(truth)
    together = Counter((truth[place], at) for at, members in enumerate(clusters) for place in members)
    both = _pairs(together.values())
    return Score(
        found=sum(size - max(kept[report], 1) for report, size in sizes.items()),
        lost=sum(1 for report in sizes if not kept[report]),
        left=sum(max(kept[report] - 1, 0) for report in sizes),
        wrong_pairs=_pairs(map(len, clusters)) - both,
        missed_pairs=_pairs(sizes.values()) - both,
    )


def _kept(data: Labelled, clusters: Sequence[Sequence[int]], truth: Sequence[str]) -> Counter[str]:
    """Count the records that stay of each report."""
    return Counter(truth[min(members, key=data.order.__getitem__)] for members in clusters)


def lost(data: Labelled, clusters: Sequence[Sequence[int]]) -> list[str]:
    """Name the records of the reports that are lost."""
    kept = _kept(data, clusters, data.truth)
    return [record for record, report in zip(data.ids, data.truth, strict=True) if not kept[report]]


def united(clusters: Sequence[Sequence[int]], pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """Join the clusters of each pair, as a person would."""
    whole = {place: members for members in map(list, clusters) for place in members}
    for first, second in pairs:
        if whole[first] is not whole[second]:
            whole[first] += (gone := whole[second])
            whole |= dict.fromkeys(gone, whole[first])
    return list({id(members): members for members in whole.values()}.values())


def answered(data: Labelled, findings: Findings) -> list[tuple[int, int]]:
    """The pairs shown that are one report by their labels: what a person makes of the list."""
    shown = [(pair.first, pair.second) for pair in findings.pairs]
    return [pair for pair in shown if data.truth[pair[0]] == data.truth[pair[1]]]


def as_linked(findings: Findings, truth: Sequence[str]) -> list[list[int]]:
    """The clusters, with versions and notices counted as duplicates where the labels count them so."""
    links = [(link.first, link.second) for link in findings.links]
    return united(findings.clusters, [pair for pair in links if truth[pair[0]] == truth[pair[1]]])


def _pairs(sizes: Iterable[int]) -> int:
    """Count the pairs within groups."""
    return sum(size * (size - 1) // 2 for size in sizes)


def total(scores: Sequence[Score]) -> Score:
    """Add the counts of several sets."""
    return Score(*(sum(column) for column in zip(*(list(vars(one).values()) for one in scores), strict=True)))


@dataclass(frozen=True)
class Row:
    """What the table says of one set."""

    name: str
    records: int
    plain: Score
    original: Score
    linked: Score
    reviewed: Score
    shown: int
    true: int
    seconds: float

    def __str__(self) -> str:
        plain = f"{self.plain.lost:4}{self.plain.left:5}{self.plain.recall:9.5f}{self.plain.f1:9.5f}"
        others = f"{self.linked.f1:9.5f}{self.original.lost:6}{self.original.left:5}{self.original.f1:9.5f}"
        share = f"{self.true / self.shown:6.0%}" if self.shown else f"{'-':>6}"
        shown = f"{self.shown:7}{1000 * self.shown / self.records:7.2f}{share}{self.reviewed.recall:9.5f}"
        return f"{self.name:20}{self.records:8}{plain}{others}{shown}{self.seconds:8.2f}"


HEAD = (
    f"{'':20}{'':8}{'as labelled':>27}{'links':>9}{'older, links':>20}{'the list for a person':>29}\n"
    f"{'set':20}{'records':>8}{'FP':>4}{'FN':>5}{'recall':>9}{'F1':>9}{'F1':>9}{'FP':>6}{'FN':>5}{'F1':>9}"
    f"{'shown':>7}{'/1000':>7}{'true':>6}{'recall':>9}{'s':>8}"
)


def row(data: Labelled, findings: Findings, seconds: float) -> Row:
    """Score one set in every way."""
    pairs, older = answered(data, findings), data.original or data.truth
    return Row(
        data.name,
        len(data.forms),
        score(data, findings.clusters),
        score(data, as_linked(findings, older), older),
        score(data, as_linked(findings, data.truth)),
        score(data, united(findings.clusters, pairs)),
        len(findings.pairs),
        len(pairs),
        seconds,
    )


def micro(rows: Sequence[Row]) -> Row:
    """Add all sets up."""
    scores = {name: total([getattr(one, name) for one in rows]) for name in ("plain", "original", "linked", "reviewed")}
    counts = {name: sum(getattr(one, name) for one in rows) for name in ("records", "shown", "true", "seconds")}
    return Row("micro", **counts, **scores)


def main() -> None:
    """Print the tables."""
    default = Path(os.environ.get("WORKBENCH_TEST_DATA", "../shared/data")) / "duplicates"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    parser.add_argument("--strictness", default="cautious", choices=["cautious", "balanced", "thorough"])
    parser.add_argument("--versions", default="apart", choices=["apart", "together"])
    parser.add_argument("--peer", action="store_true", help="Score bib-dedupe side by side, and its speed.")
    parser.add_argument("--errors", action="store_true", help="Name the reports lost or left split.")
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
        rows.append(row(data, findings, data.seconds + time.perf_counter() - started))
        print(rows[-1], flush=True)
        for record in lost(data, findings.clusters):
            print(f"    lost: {record}, {DOUBTS.get(name, {}).get(record, 'NO DOUBT ABOUT ITS LABEL')}")
        if asked.errors:
            _print_split(data, findings)
    print(micro(rows))
    if asked.peer:
        beside(asked.folder, rows)


def _print_split(data: Labelled, findings: Findings) -> None:
    """Name each report whose records are in several clusters, and what stands between them."""
    cluster = {place: at for at, members in enumerate(findings.clusters) for place in members}
    reports = defaultdict(list)
    for place, report in enumerate(data.truth):
        reports[report].append(place)
    told = {frozenset((cluster[one.first], cluster[one.second])): one.kind for one in findings.links}
    told |= {frozenset((cluster[one.first], cluster[one.second])): "shown: " + one.reason for one in findings.pairs}
    for places in reports.values():
        homes = sorted({cluster[place] for place in places})
        if len(homes) > 1:
            why = {told.get(frozenset((a, b)), "apart") for a in homes for b in homes if a < b}
            title = next((data.forms[place].title for place in places if data.forms[place].title), "")
            print(f"    split in {len(homes)}: {', '.join(sorted(why))}; {data.ids[places[0]]} {title[:70]}")


def beside(folder: Path, rows: Sequence[Row]) -> None:
    """Print the peer's scores and seconds beside the engine's."""
    try:
        python = peer.environment()
    except peer.NotThere as reason:
        print(f"\nbib-dedupe is left out: {reason}")
        return
    print(f"\n{'set':20}{'FP':>4}{'FN':>5}{'F1':>9}{'s':>8}   {peer.NAME}{'FP':>4}{'FN':>5}{'F1':>9}{'s':>8}")
    theirs = []
    for mine in rows:
        data = labelled(folder, mine.name)
        told = peer.clusters(python, folder / mine.name / "records.csv.gz")
        place = {record: at for at, record in enumerate(data.ids)}
        groups = united([[at] for at in place.values()], [(place[a], place[b]) for a, b in told.pairs])
        theirs.append((score(data, groups), told.seconds))
        print(_beside(mine.name, mine.plain, mine.seconds, *theirs[-1]), flush=True)
    everything = total([one for one, _ in theirs]), sum(seconds for _, seconds in theirs)
    print(_beside("micro", total([one.plain for one in rows]), sum(one.seconds for one in rows), *everything))
    peer.race(python, folder)


def _beside(name: str, mine: Score, seconds: float, its: Score, its_seconds: float) -> str:
    left = f"{name:20}{mine.lost:4}{mine.left:5}{mine.f1:9.5f}{seconds:8.2f}"
    return f"{left}   {'':{len(peer.NAME)}}{its.lost:4}{its.left:5}{its.f1:9.5f}{its_seconds:8.2f}"


if __name__ == "__main__":
    main()
