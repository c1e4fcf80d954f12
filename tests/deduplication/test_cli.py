"""`workbench duplicates find`: files in, tables out."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench.deduplication.cli import CannotOpen, answers, comparing, duplicates, reading, second
from workbench.records.rules import Unreadable, read

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
    with path.open(encoding="utf-8-sig", newline="") as stream:
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


def find(*asked: object) -> object:
    """Run the command with these arguments."""
    return CliRunner().invoke(duplicates, ["find", *map(str, asked)])


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big, small = tmp_path / "big.csv", tmp_path / "small.csv"
    lines = [BATHS.format(f"r{n}", "J Invent Podiatry", f"{n % 700}-{n % 700 + 9}") for n in range(1101)]
    big.write_text(HEAD + "".join(lines), encoding="utf-8")
    small.write_text(HEAD + MUD.format("s") + MUD.format("t"), encoding="utf-8")
    written = []
    for size in (10**12, 0):
        monkeypatch.setattr(reading, "LARGE", size)
        monkeypatch.setattr(comparing, "MANY", size)
        told = [tmp_path / f"{name}{size}.csv" for name in ("clusters", "why", "pairs")]
        answer = find(big, small, big, "--output", told[0], "--explain", told[1], "--pairs", told[2])
        assert answer.exception is None
        written.append([path.read_bytes() for path in told])

    assert written[0] == written[1] and written[0][0].count(b"\n") == 2205


def test_a_second_process_that_dies_is_not_taken_for_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(second.HelperDied), second.second(_half, 2) as lots:
        list(lots)


def _half(lots: int) -> Iterator[int]:
    yield lots
    os._exit(9)


def test_kept_records_are_written_once_for_each_report_in_the_format_of_the_name(table: Path, tmp_path: Path) -> None:
    answer = find(table, "--output", tmp_path / "c.csv", "--kept", tmp_path / "kept.ris")

    assert answer.exception is None
    items = read((tmp_path / "kept.ris").read_bytes(), "kept.ris").items
    assert [item.title for item in items] == ["Warm foot baths for night cramps in older adults", "Cold mud for gout in recruits"]  # fmt: skip


def test_kept_records_of_several_files_come_from_the_first_that_has_them(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(HEAD + MUD.format("x") + BATHS.format("y", "Another Journal of Feet", "7-9"), encoding="utf-8")

    find(table, other, "--output", tmp_path / "c.csv", "--kept", tmp_path / "kept.csv")

    assert [row["record_id"] for row in rows(tmp_path / "kept.csv")] == [
        row["record_id"] for row in rows(tmp_path / "c.csv") if row["record_id"] == row["cluster_id"]
    ]


def test_files_of_one_name_keep_their_records_apart(table: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    twin = tmp_path / "elsewhere" / table.name
    twin.write_bytes(table.read_bytes())

    find(table, twin, "--output", tmp_path / "c.csv")

    assert [row["record_id"] for row in rows(tmp_path / "c.csv")] == [
        "export.csv#1", "export.csv#2", "export.csv#3", "export.csv (2)#1", "export.csv (2)#2", "export.csv (2)#3",
    ]  # fmt: skip


def test_an_answer_never_takes_the_place_of_a_file_that_is_read(table: Path) -> None:
    before = table.read_bytes()

    answer = find(table, "--output", table)

    assert isinstance(answer.exception, answers.WouldOverwrite) and table.read_bytes() == before


@pytest.mark.parametrize(
    ("kept", "error"), [("kept.docx", answers.NoSuchFormat), ("nowhere/kept.ris", answers.CannotWrite)]
)
def test_an_answer_that_cannot_be_written_is_refused_before_the_work(
    table: Path, tmp_path: Path, kept: str, error: type[Exception]
) -> None:
    answer = find(table, "--output", tmp_path / "c.csv", "--kept", tmp_path / kept)

    assert isinstance(answer.exception, error) and not (tmp_path / "c.csv").exists()


def test_a_file_that_is_no_export_is_named_and_nothing_is_written(table: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague,\n", encoding="utf-8")

    answer = find(table, tmp_path / "letter.txt", "--output", tmp_path / "c.csv")

    assert isinstance(answer.exception, Unreadable) and "letter.txt" in str(answer.exception)
    assert not (tmp_path / "c.csv").exists()


def test_what_could_not_be_read_as_a_record_is_told(tmp_path: Path) -> None:
    path = tmp_path / "torn.ris"
    path.write_text("TY  - JOUR\nTI  - Cold mud\nER  - \n\nTY  - JOUR\nER  - \n", encoding="utf-8")

    answer = find(path, "--output", tmp_path / "c.csv")

    assert "torn.ris: 1 pieces could not be read as records, the first at line 5" in answer.stderr
    assert len(rows(tmp_path / "c.csv")) == 1
