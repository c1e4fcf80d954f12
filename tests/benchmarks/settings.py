"""Find the engine's numbers from labelled sets: `python -m tests.benchmarks.settings FOLDER [--write]`.

FOLDER holds a folder per set with `records.csv.gz` (a column `record_id`) and `truth.csv.gz` (`record_id,cluster_id`);
any team's own sets will do. One after another, each threshold of `SEARCHED` takes the value of its grid that leaves the
fewest duplicates, where a report lost weighs as much as `ENTITY` of them; where several do, the middle one; again until
nothing moves. Then the weights that order the list for a person are fitted, and where it is cut. The same sets
always give the same numbers.

Prints what would change, then the leave-one-set-out table: numbers found from all sets but one, tried on that one.
`--write` puts the numbers found into `numbers.toml`.
"""

import argparse
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.benchmarks.duplicates import Labelled, Score, labelled, score, total
from workbench.deduplication.rules import Settings, decide
from workbench.deduplication.rules.blocking import candidates, keys_of
from workbench.deduplication.rules.clusters import Clusters
from workbench.deduplication.rules.compare import Comparison, compare, title_likeness, worth_comparing
from workbench.deduplication.rules.evidence import score as likelihood
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS, NUMBERS_FILE, Numbers
from workbench.deduplication.rules.values import AGREE, CONFLICT

SEARCHED: dict[str, tuple[float, ...]] = {
    "same_title": (0.93, 0.94, 0.95, 0.96, 0.97),
    "near_title": (0.84, 0.86, 0.88, 0.90, 0.92),
    "alike_title": (0.70, 0.75, 0.80, 0.85, 0.90),
    "doi_title": (0.75, 0.80, 0.85, 0.90, 0.95),
    "faint_title": (0.50, 0.55, 0.60, 0.65, 0.70),
    "whole_title": (0.98, 0.985, 0.99, 0.995, 1.0),
    "short_title": (10, 15, 20, 25, 30),
    "long_title": (30, 35, 40, 45, 50),
    "sure_title": (60, 65, 70),  # below it the misleading pairs of `tests/deduplication/pairs` fail
}
CUTS = tuple(round(0.05 * step, 2) for step in range(2, 15))
ENTITY = 50
ROUNDS = 4
TRUE_SHARE = 0.6
"""So many of the pairs shown shall be true on the sets searched, that half may be on another."""
FIELDS = (
    *("doi", "pmid", "accession", "registry", "pages", "volume", "issue", "year", "journal", "authors", "first_author"),
    *("abstract", "numerals", "wording", "kinds"),
)
PENALTY = 0.5
SWEEPS = 60
TITLE_SCALE = 10.0
COMMENT_AT = 30


class Prepared:
    """A labelled set with its comparisons made once; only decisions are taken again."""

    def __init__(self, data: Labelled) -> None:
        self.data = data
        self.order = sorted(range(len(data.forms)), key=lambda place: (data.forms[place].rank, place))
        self.forms: list[NormalForm] = [data.forms[place] for place in self.order]
        self.compared: dict[tuple[int, int], Comparison] = {}
        self.scores: dict[Settings, Score] = {}
        met = candidates([keys_of(form) for form in self.forms]).tolist()
        self.pairs = [pair for pair in (divmod(at, len(self.forms)) for at in met) if self._is_worth(pair)]
        for pair in self.pairs:
            self.comparison(*pair)

    def _is_worth(self, pair: tuple[int, int]) -> bool:
        one, other = (self.forms[place] for place in pair)
        return worth_comparing(one, other, title_likeness(one, other))

    def comparison(self, first: int, second: int) -> Comparison:
        """Compare two records once."""
        key = (min(first, second), max(first, second))
        if key not in self.compared:
            self.compared[key] = compare(self.forms[key[0]], self.forms[key[1]])
        return self.compared[key]

    def clusters(self, settings: Settings) -> Clusters:
        """Cluster as the engine does."""
        found = Clusters(len(self.forms), lambda a, b: decide.veto(self.comparison(a, b), settings) is not None)
        edges = []
        for pair in self.pairs:
            comparison = self.compared[pair]
            rule = decide.rule(comparison, settings)
            if rule and rule.tier <= settings.tier and decide.veto(comparison, settings) is None:
                edges.append((decide.RANK[rule.name], -comparison.title, pair))
        for _rank, _title, pair in sorted(edges):
            found.join(*pair)
        return found

    def score(self, settings: Settings) -> Score:
        """Score what the engine would do; searches over other sets often come to the same settings."""
        if settings not in self.scores:
            groups = [[self.order[place] for place in members] for members in self.clusters(settings).all()]
            self.scores[settings] = score(self.data, groups)
        return self.scores[settings]

    def left(self, settings: Settings) -> list["Case"]:
        """The pairs that no rule joins by itself and a person may be asked about."""
        clusters, found = self.clusters(settings), []
        for pair in self.pairs:
            comparison = self.compared[pair]
            rule, veto = decide.rule(comparison, settings), decide.veto(comparison, settings)
            if rule and (veto or rule.tier > settings.tier) and veto not in ("other-kind", "other-version"):
                first, second = (self.data.truth[self.order[place]] for place in pair)
                ends = frozenset(map(clusters.home, pair))
                found.append(Case(comparison, first == second, ends, veto is None and rule.tier <= 2))
        return found


@dataclass(frozen=True)
class Case:
    """A pair left to a person, with its label; `ends` are its clusters, one where other records joined the two."""

    comparison: Comparison
    same: bool
    ends: frozenset[int]
    is_probable: bool

    @cached_property
    def features(self) -> dict[str, float]:
        """What the model sees: the title, and each field that agrees or conflicts."""
        said = {"base": 1.0, "title": TITLE_SCALE * (self.comparison.title - NUMBERS.near_title)}
        for field in FIELDS:
            value = getattr(self.comparison, field)
            if value in (AGREE, CONFLICT):
                said[("+" if value == AGREE else "-") + field] = 1.0
        return said


def search(sets: Sequence[Prepared]) -> Numbers:
    """Find thresholds, weights and the cut from labelled sets, starting from the boldest value of each grid."""
    numbers = replace(NUMBERS, **{name: grid[0] for name, grid in SEARCHED.items()})
    for _round in range(ROUNDS):
        before = numbers
        for name, grid in SEARCHED.items():
            costs = {value: _cost(sets, replace(numbers, **{name: value})) for value in grid}
            best = [value for value in grid if costs[value] == min(costs.values())]
            numbers = replace(numbers, **{name: best[len(best) // 2]})
        if numbers == before:
            break
    return _with_order(sets, numbers)


def _cost(sets: Sequence[Prepared], numbers: Numbers) -> int:
    """Duplicates left, with reports lost weighed."""
    everything = total([one.score(Settings(numbers=numbers)) for one in sets])
    return everything.left + ENTITY * everything.lost


def _with_order(sets: Sequence[Prepared], numbers: Numbers) -> Numbers:
    """Fit the model that orders the list, and cut the list where enough of it is true."""
    left = [one.left(Settings(numbers=numbers)) for one in sets]
    weights = fitted([case for cases in left for case in cases])
    numbers = replace(
        numbers,
        base=round(weights["base"], 2),
        of_title=round(TITLE_SCALE * weights["title"], 1),
        agrees={name[1:]: round(value, 2) for name, value in weights.items() if name[0] == "+" and value >= 0.01},
        differs={name[1:]: round(value, 2) for name, value in weights.items() if name[0] == "-" and value <= -0.01},
    )
    return replace(numbers, shown_score=_cut(left, numbers))


def fitted(cases: Iterable[Case]) -> dict[str, float]:
    """Fit a logistic model, coordinate by coordinate; what agrees never speaks against, what differs never for."""
    rows = list(cases)
    columns: dict[str, list[tuple[int, float]]] = {}
    for at, case in enumerate(rows):
        for name, value in case.features.items():
            columns.setdefault(name, []).append((at, value))
    weights = dict.fromkeys(sorted({"base", "title", *columns}), 0.0)
    sums = [0.0] * len(rows)
    for _sweep in range(SWEEPS):
        for name in sorted(columns):
            new = _moved(name, weights[name], columns[name], sums, rows)
            for at, value in columns[name]:
                sums[at] += (new - weights[name]) * value
            weights[name] = new
    return weights


def _moved(
    name: str, weight: float, column: Sequence[tuple[int, float]], sums: Sequence[float], rows: Sequence[Case]
) -> float:
    """Move one weight by one step of Newton's, within what its sign may be."""
    penalty = 0.01 if name == "base" else PENALTY
    slope, bend = -penalty * weight, penalty
    for at, value in column:
        likely = 1 / (1 + math.exp(-max(-30.0, min(30.0, sums[at]))))
        slope += (rows[at].same - likely) * value
        bend += max(likely * (1 - likely), 0.02) * value * value
    new = weight + slope / bend
    return max(new, 0.0) if name[0] in "+t" else min(new, 0.0) if name[0] == "-" else new


def shown(cases: Iterable[Case], numbers: Numbers) -> tuple[int, int]:
    """Count the pairs of clusters that a person would be shown, and the true ones among them."""
    best: dict[frozenset[int], tuple[float, bool]] = {}
    for case in cases:
        likely = likelihood(case.comparison, numbers)
        if len(case.ends) == 2 and (case.is_probable or likely >= numbers.shown_score):
            best[case.ends] = max(best.get(case.ends, (0.0, False)), (likely, case.same))
    return len(best), sum(same for _likely, same in best.values())


def _cut(left: Sequence[Sequence[Case]], numbers: Numbers) -> float:
    """Cut the list where it holds the most true pairs, of those where enough is true; high where none is."""
    found = []
    for cut in CUTS:
        counts = [shown(cases, replace(numbers, shown_score=cut)) for cases in left]
        count, true = sum(one for one, _ in counts), sum(one for _, one in counts)
        if true >= TRUE_SHARE * count:
            found.append((true, cut))
    return max(found)[1] if found else CUTS[-1]


def changes(found: Numbers) -> Mapping[str, tuple[Any, Any]]:
    """What is and what would be, where the two differ."""
    pairs = {
        name: (getattr(NUMBERS, name), getattr(found, name)) for name in (*SEARCHED, "shown_score", "base", "of_title")
    }
    for table in ("agrees", "differs"):
        now, then = getattr(NUMBERS, table), getattr(found, table)
        pairs |= {f"{table}.{name}": (now.get(name, 0.0), then.get(name, 0.0)) for name in sorted({*now, *then})}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def written(text: str, found: Numbers) -> str:
    """Put numbers into the text of `numbers.toml`; what explains them stays."""
    for name in (*SEARCHED, "shown_score", "base", "of_title"):
        line = f"{name} = {getattr(found, name)}"
        text = re.sub(rf"(?m)^{name} = \S+ +(?=#)", line.ljust(COMMENT_AT), text)
    for table in ("agrees", "differs"):
        head, rest = re.split(rf"(?m)(?<=^\[order\.{table}\]).*$", text, maxsplit=1)
        comment = text[len(head) : len(text) - len(rest)]
        after = rest.find("\n[")
        weights = sorted(getattr(found, table).items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        lines = "".join(f"{name} = {value}\n" for name, value in weights)
        text = head + comment + "\n" + lines + (rest[after:] if after >= 0 else "")
    return text


def leave_one_out(sets: Sequence[Prepared], everything: Numbers) -> None:
    """Print how numbers found from the other sets do on each, beside those found from all."""
    head = f"{'left out':20}{'FP':>4}{'FN':>5}{'F1':>9}   {'all':4}{'FP':>4}{'FN':>5}{'F1':>9}{'F1 lost':>9}{'shown':>7}{'true':>6}"
    print("\n" + head + "  found otherwise")
    for at, one in enumerate(sets):
        found = search([*sets[:at], *sets[at + 1 :]])
        mine, best = one.score(Settings(numbers=found)), one.score(Settings(numbers=everything))
        count, true = shown(one.left(Settings(numbers=found)), found)
        other = {name: getattr(found, name) for name in SEARCHED if getattr(found, name) != getattr(everything, name)}
        print(
            f"{one.data.name:20}{mine.lost:4}{mine.left:5}{mine.f1:9.5f}   {'':4}{best.lost:4}{best.left:5}{best.f1:9.5f}"
            f"{best.f1 - mine.f1:9.5f}{count:7}{true:6}  {other or '-'}",
            flush=True,
        )


def main() -> None:
    """Search, tell, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="A folder with a folder per labelled set.")
    parser.add_argument("--write", action="store_true", help="Put what is found into numbers.toml.")
    asked = parser.parse_args()
    names = sorted(path.parent.name for path in asked.folder.glob("*/truth.csv.gz"))
    if not names:
        sys.exit(f"No folder in {asked.folder} holds truth.csv.gz and records.csv.gz.")
    sets = [Prepared(labelled(asked.folder, name)) for name in names]
    found = search(sets)
    for title, numbers in (("now", NUMBERS), ("found", found)):
        everything = total([one.score(Settings(numbers=numbers)) for one in sets])
        print(f"{title:6}{everything.lost:4} lost{everything.left:5} left, F1 {everything.f1:.5f}")
    for name, (now, then) in changes(found).items():
        print(f"  {name}: {now} -> {then}")
    if asked.write:
        NUMBERS_FILE.write_text(written(NUMBERS_FILE.read_text(encoding="utf-8"), found), encoding="utf-8")
    if len(sets) > 1:
        leave_one_out(sets, found)


if __name__ == "__main__":
    main()
