"""A million records, once: in ten minutes and six gigabytes."""

from pathlib import Path

import pytest

from tests.benchmarks.duplicates_scale import find, made

pytestmark = pytest.mark.long


def test_a_million_records_are_compared_within_ten_minutes_and_six_gigabytes(shared_data: Path, tmp_path: Path) -> None:
    used = find(made(shared_data / "duplicates", 1_000_000, tmp_path), tmp_path)

    assert used.seconds <= 600 and used.megabytes <= 6000, used
