"""`protocols check` as it is typed: what is printed, and the exit code."""

import gzip
import json
import sys
from pathlib import Path

import pytest

from tests.protocols.conftest import SMALL
from workbench.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Type a command; give back its exit code."""
    monkeypatch.setattr(sys, "argv", ["workbench", "protocols", "check", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_a_protocol_that_holds_is_summed_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shipped: Path
) -> None:
    assert run(monkeypatch, str(shipped)) == 0
    out, err = capsys.readouterr()
    assert "holds: 3 questions, 6 exclusion reasons" in out
    assert err == ""


def test_problems_are_lines_on_standard_output_and_exit_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL.replace('"2009"', "2009").replace("final_line: 2", "final_line: 7"), encoding="utf-8")
    assert run(monkeypatch, str(file)) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "line 15, limits.from" in first
    assert "line 33" in second


@pytest.mark.parametrize(("text", "code"), [(SMALL, 0), (SMALL.replace('"2009"', "2009"), 1), ("a: [", 1)])
def test_the_answer_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, code: int
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    assert run(monkeypatch, str(file), "--json") == code
    answer = json.loads(capsys.readouterr().out)
    assert answer["holds"] is (code == 0)
    assert all(set(problem) == {"line", "path", "message", "remedy"} for problem in answer["problems"])
    assert len(answer["problems"]) == code


def test_a_packed_protocol_is_read_as_what_is_inside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml.gz"
    file.write_bytes(gzip.compress(SMALL.encode()))
    assert run(monkeypatch, str(file)) == 0


@pytest.mark.parametrize("kind", ["missing.yaml", "folder", "broken.gz"])
def test_a_file_that_cannot_be_opened_is_one_line_and_exit_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, kind: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "broken.gz").write_bytes(b"\x1f\x8b\x08\x00broken")
    assert run(monkeypatch, str(tmp_path / kind)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert "cannot be opened" in err


def test_what_deserves_a_look_is_a_warning_and_the_protocol_holds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SMALL.replace('query: "#1"', "query: spine"), encoding="utf-8")

    assert run(monkeypatch, str(file)) == 0
    out, err = capsys.readouterr()
    assert "holds:" in out and "does not use line 1" in err

    assert run(monkeypatch, str(file), "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["problems"] == [] and [one["line"] for one in answer["warnings"]] == [31]
