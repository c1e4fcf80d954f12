"""`records read`: what it prints, and when it says no."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.errors import WorkbenchError
from workbench.records.cli import records

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"


def run(*arguments: object):
    return CliRunner().invoke(records, ["read", *map(str, arguments)])


def test_json_holds_every_key_of_the_contract():
    done = run(EXPORTS / "embase.ris", "--json")

    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert list(told) == [
        *("file", "sha256", "format", "source", "encoding", "lines", "records", "rejected", "warnings", "skipped"),
        "items",
    ]
    assert (told["file"], told["records"], len(told["items"])) == ("embase.ris", 2, 2)
    assert told["items"][0]["raw"][0] == ["TY", "JOUR", 1]


def test_a_summary_leaves_the_items_out():
    assert "items" not in json.loads(run(EXPORTS / "embase.ris", "--json", "--summary").stdout)


def test_people_get_a_table():
    done = run(EXPORTS / "cochrane.ris")

    assert "ris (cochrane)" in done.stdout
    assert "Kyphoplasty for painful vertebral metastases" in done.stdout


def test_named_columns_are_taken(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("Nr,Titel,År\n1,Kyphoplastik,2020\n", encoding="utf-8")

    told = json.loads(run(table, "--json", "--columns", "title=Titel,year=År").stdout)

    assert (told["items"][0]["title"], told["items"][0]["year"]) == ("Kyphoplastik", 2020)


def test_a_file_that_cannot_be_read_ends_with_2_and_an_error_object(tmp_path):
    empty = tmp_path / "empty.ris"
    empty.write_bytes(b"")

    done = run(empty, "--json")

    assert done.exit_code == 2
    told = json.loads(done.stdout)
    assert list(told) == ["file", "sha256", "records", "error"]
    assert told["records"] == 0
    assert "empty" in told["error"]


def test_a_file_that_is_not_there_ends_with_2_too(tmp_path):
    done = run(tmp_path / "nowhere.ris", "--json")

    assert done.exit_code == 2
    assert json.loads(done.stdout)["sha256"] is None


def test_without_json_the_error_is_raised_for_the_command_line_to_show(tmp_path):
    empty = tmp_path / "empty.ris"
    empty.write_bytes(b"")

    done = run(empty)

    assert isinstance(done.exception, WorkbenchError)


@pytest.mark.parametrize("told", ["title", "=Titel", "title="])
def test_a_column_that_is_not_field_and_header_is_a_wrong_use(told):
    assert run(EXPORTS / "embase.csv", "--columns", told).exit_code == 2


def test_reading_a_file_needs_neither_the_web_nor_a_database():
    code = (
        "import sys, workbench.cli, workbench.records.cli, workbench.records.rules\n"
        "assert not {'flask', 'sqlalchemy'} & set(sys.modules), sorted({'flask', 'sqlalchemy'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
