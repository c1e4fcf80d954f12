"""Files made to do harm are read or refused with a word, within seconds and little memory; the system holds us to it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.records.hostile import FILES

ROOT = Path(__file__).resolve().parent.parent.parent
LARGE = ("late_entity_bomb", "endless_xml_record", "large_cell", "long_line", "long_ris_record", "long_refer_record")
LARGE += ("long_ovid_field", "false_starts", "packed_line", "zeros", "zeros_behind_a_record")
REFUSED = {
    "entity_bomb": "entities",
    "late_entity_bomb": "no export of records",
    "entity_behind_the_root": "not well-formed",
    "local_file": "entities",
    "external_entity": "entities",
    "deep_xml": "depth",
    "endless_xml_record": "million characters",
    "many_columns": "100001 columns",
    "large_cell": "10 million characters",
    "long_line": "10 million characters",
    "long_ris_record": "20 million characters",
    "long_refer_record": "20 million characters",
    "long_ovid_field": "20 million characters",
    "false_starts": "20 million characters",
    "packed_bomb": "10 million characters",
    "packed_line": "10 million characters",
    "zeros": "empty",
    "zeros_behind_a_record": "binary",
    "zeros_within": "binary",
}


def tried(folder: Path, megabytes: int, *names: str) -> dict[str, tuple[float, int, str]]:
    """Name -> seconds, megabytes, what became of the file."""
    command = [sys.executable, "-m", "tests.records.hostile", str(megabytes), str(folder), *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.split(" ", 4) for line in done.stdout.splitlines()]
    return {name: (float(seconds), int(megabytes), told) for name, seconds, megabytes, _took, told in rows}


def greedy(found: dict[str, tuple[float, int, str]]) -> dict[str, tuple[float, int, str]]:
    """Those that took more than five seconds or 300 MB."""
    return {name: one for name, one in found.items() if one[0] > 5 or one[1] > 300}


def test_hostile_files_are_read_or_refused_with_a_word_in_little_time_and_memory(tmp_path):
    found = tried(tmp_path, 25)

    assert set(found) == set(FILES), "a reader ended without a word"
    assert greedy(found) == {}
    assert {name: found[name][2] for name, words in REFUSED.items() if words not in found[name][2]} == {}


def test_a_cell_that_never_ends_costs_no_record_before_it(tmp_path):
    assert tried(tmp_path, 25, "large_cell_of_lines")["large_cell_of_lines"][2] == "1 records"


@pytest.mark.long
def test_hostile_files_of_five_hundred_megabytes_are_refused_in_little_time_and_memory(tmp_path):
    found = tried(tmp_path, 500, *LARGE)

    assert set(found) == set(LARGE), "a reader ended without a word"
    assert greedy(found) == {}
    assert {name: told for name, (_seconds, _size, told) in found.items() if not told.startswith("refused")} == {}


@pytest.mark.long
def test_a_packed_file_of_more_than_a_billion_bytes_inside_is_refused(tmp_path):
    assert "too large inside" in tried(tmp_path, 1000, "packed_bomb")["packed_bomb"][2]
