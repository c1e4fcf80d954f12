"""The bar on six labelled sets of real records: few duplicates left, hardly a report lost."""

from functools import lru_cache
from pathlib import Path

import pytest

from tests.benchmarks.duplicates import SETS, Score, labelled, score, total
from workbench.deduplication.rules import Settings, find

LOST_AT_MOST = {"haematology": 1, "cardiac": 1}
"""Doubtful labels: a record without a title whose place, people and journal all agree with one that has it."""


@lru_cache
def scored(folder: Path, name: str) -> Score:
    data = labelled(folder, name)
    return score(data, find(data.forms, Settings()))


@pytest.fixture(scope="session")
def duplicates(shared_data: Path) -> Path:
    folder = shared_data / "duplicates"
    if not folder.exists():
        pytest.skip("no labelled sets of duplicates in the folder of real files")
    return folder


@pytest.mark.parametrize("name", SETS)
def test_no_report_is_lost_but_where_the_label_is_in_doubt(duplicates: Path, name: str) -> None:
    assert scored(duplicates, name).lost <= LOST_AT_MOST.get(name, 0)


def test_duplicates_are_found_on_six_sets(duplicates: Path) -> None:
    everything = total([scored(duplicates, name) for name in SETS])

    assert everything.lost <= 3
    assert everything.f1 >= 0.995
