"""`workbench duplicates find`: files in, tables out."""

import csv
import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.deduplication.cli import CannotOpen, duplicates

HEAD = "record_id,type,title,authors,year,journal,volume,issue,pages,doi,abstract,isbn,url,source\n"
BATHS = '{},article,Warm foot baths for night cramps in older adults,"Holm, A. and Vik, B.",2014,{},12,3,{},,,,,\n'
MUD = '{},article,Cold mud for gout in recruits,"Berg, F.",2011,Acta Imaginaria,7,1,11-19,,,,,\n'


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    baths = [BATHS.format("a", "Journal of Invented Podiatry", "201-9"), BATHS.format("c", "J Invent Podiatry", "201")]
    path.write_text(HEAD + baths[0] + MUD.format("b") + baths[1], encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_record_is_written_once_in_the_order_read(table: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(duplicates, ["find", str(table), "--output", str(tmp_path / "clusters.csv"), "--json"])

    assert [row["record_id"] for row in rows(tmp_path / "clusters.csv")] == ["a", "b", "c"]
    assert [row["cluster_id"] for row in rows(tmp_path / "clusters.csv")] == ["a", "b", "a"]
    told = json.loads(answer.stdout)
    assert list(told) == ["records", "clusters", "removed", "pairs", "seconds", "engine"]
    assert (told["records"], told["clusters"], told["removed"], told["pairs"]) == (3, 2, 1, 0)


def test_every_join_is_explained_in_one_line(table: Path, tmp_path: Path) -> None:
    asked = ["find", str(table), "--output", str(tmp_path / "c.csv"), "--explain", str(tmp_path / "why.csv")]
    CliRunner().invoke(duplicates, [*asked, "--pairs", str(tmp_path / "pairs.csv")])

    [why] = rows(tmp_path / "why.csv")
    assert {why["record_id_1"], why["record_id_2"]} == {"a", "c"}
    assert (why["decision"], why["rule"]) == ("duplicate", "place-and-title")
    assert (tmp_path / "pairs.csv").read_text().startswith("record_id_1,record_id_2,score,reason,evidence")


def test_records_without_a_column_of_names_are_named_by_file_and_number(table: Path, tmp_path: Path) -> None:
    packed = tmp_path / "second.csv.gz"
    packed.write_bytes(gzip.compress(table.read_bytes().replace(b"record_id,", b"key,")))

    CliRunner().invoke(duplicates, ["find", str(table), str(packed), "--output", str(tmp_path / "c.csv")])

    names = [row["record_id"] for row in rows(tmp_path / "c.csv")]
    assert names == ["a", "b", "c", "second.csv.gz#1", "second.csv.gz#2", "second.csv.gz#3"]
    assert len({row["cluster_id"] for row in rows(tmp_path / "c.csv")}) == 2


def test_a_name_that_two_records_bear_names_neither(table: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    again.write_text(HEAD + MUD.format("b"), encoding="utf-8")

    CliRunner().invoke(duplicates, ["find", str(table), str(again), "--output", str(tmp_path / "c.csv")])

    assert [row["record_id"] for row in rows(tmp_path / "c.csv")] == ["a", "export.csv#2", "c", "again.csv#1"]


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    answer = CliRunner().invoke(duplicates, ["find", str(tmp_path / "no.ris"), "--output", str(tmp_path / "c.csv")])

    assert isinstance(answer.exception, CannotOpen)
    assert "no.ris cannot be read" in str(answer.exception)


def test_finding_duplicates_needs_no_web_and_no_database() -> None:
    asked = "import sys, workbench.deduplication.cli as _; print(sorted({'flask', 'sqlalchemy'} & set(sys.modules)))"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
