"""`workbench studies`: the same deeds from the command line."""

import csv
import io
import json
import sys

import pytest

from tests.studies.house import House
from workbench import cli
from workbench.db import open_sessions


@pytest.fixture
def say(sqlite_url, tmp_path, monkeypatch, capsys):
    """Run a command; its exit code, what it answered, and what it said beside."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["workbench", "studies", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        answer = capsys.readouterr()
        return int(ended.value.code or 0), answer.out.strip(), answer.err.strip()

    return run


@pytest.fixture
def made(sqlite_url):
    """Three reports of one trial, one excluded; the lead's address."""
    sessions = open_sessions(sqlite_url)
    with sessions.write.begin() as session:
        house = House(session)
        ids = [house.included(year=year, registry_ids=["NCT00000001"]).id for year in (2010, 2011, 2012)]
        house.excluded(year=2009)
        email = house.lead.user.email
    sessions.engine.dispose()
    return ids, email


def test_studies_are_suggested_gathered_split_merged_and_undone(say, made):
    ids, email = made
    by = ("--user", email)
    _code, lines, _beside = say("suggest", "spine")
    assert len(lines.splitlines()) == 3 and "Both name the trial NCT00000001" in lines

    code, answer, _beside = say("gather", "spine", *ids[:2], *by, "--label", "VERTOS", "--primary", ids[1], "--json")
    told = json.loads(answer)
    assert (code, told["study"], told["label"]) == (0, 1, "VERTOS")
    assert [one["record"] for one in told["reports"]] == [ids[1], ids[0]]
    say("answer", "spine", ids[0], ids[2], "same", *by)
    code, answer, _beside = say("split", "spine", 1, ids[0], ids[2], *by)
    assert answer.split("\t") == ["1", "included", "VERTOS", str(ids[1]), "NCT00000001"]
    say("merge", "spine", 1, 2, *by)
    assert say("undo", "spine", 1, *by)[1] == "Undone: merge."

    code, answer, _beside = say("list", "spine", "--state", "included", "--json")
    told = json.loads(answer)
    assert (code, told["included_studies"], told["included_reports"], len(told["items"])) == (0, 2, 3, 2)
    assert say("list", "spine")[2] == "2 studies are included, told in 3 reports."


def test_the_tables_are_written_as_csv(say, made, tmp_path):
    _code, answer, _beside = say("table", "spine", "excluded")
    assert [row["study"] for row in csv.DictReader(io.StringIO(answer.lstrip("\ufeff")))] == ["Holm 2009"]

    assert say("table", "spine", "included", "--output", tmp_path / "in.csv")[0] == 0
    assert len((tmp_path / "in.csv").read_text().splitlines()) == 4
    assert say("table", "spine", "included", "--output", tmp_path / "nowhere" / "in.csv")[0] == 2


@pytest.mark.parametrize(
    "words",
    [("gather", "spine", "9999"), ("split", "spine", "7", "1"), ("merge", "spine", "1", "1"), ("undo", "spine", "1")],
)
def test_what_cannot_be_done_ends_with_2_and_one_line(say, made, words):
    code, answer, beside = say(*words, "--user", made[1])

    assert code == 2 and not answer and len(beside.splitlines()) == 1
