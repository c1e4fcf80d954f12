"""`workbench appraisal`: the same answers as the rules give, row by row, and nothing taken in silence."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from workbench.appraisal.cli import appraisal
from workbench.errors import WorkbenchError


def run(*arguments):
    return CliRunner().invoke(appraisal, [str(one) for one in arguments])


def judged(tmp_path, instrument, text, *more):
    (tmp_path / "answers.csv").write_text(text, encoding="utf-8")
    found = run("judge", instrument, "--answers", tmp_path / "answers.csv", *more)
    if found.exception:
        raise found.exception
    return found


def rows(found):
    return list(csv.DictReader(io.StringIO(found.stdout)))


def test_each_row_gets_its_answer_and_keeps_its_other_columns_and_its_order(tmp_path):
    text = "note,domain,answers\n=a,D1,1.2=N\nb,D1,1.1=Y;1.2=Y;1.3=N\nc,D1,1.2=NI\nd,D1,1.1=Q\ne,D9,1.1=Y\nf,D1,1.1\n"

    found = rows(judged(tmp_path, "rob2", text))

    assert list(found[0]) == ["note", "domain", "answers", "status", "judgement", "rule", "needed", "message"]
    assert [row["note"] for row in found] == ["=a", "b", "c", "d", "e", "f"]
    assert [row["status"] for row in found] == ["decided", "complete", "incomplete", "illegal", "illegal", "illegal"]
    assert [(row["judgement"], row["rule"], row["needed"]) for row in found[:3]] == [
        ("High", "D1.1", "1.1;1.3"),
        ("Low", "D1.6", ""),
        ("", "", "1.3"),
    ]
    assert "D2_adhering" in found[4]["message"] and "item=code" in found[5]["message"]


@pytest.mark.parametrize("name", ["status", "judgement"])
def test_a_column_of_the_same_name_in_the_file_does_not_stand_in_for_ours(tmp_path, name):
    found = rows(judged(tmp_path, "rob2", f"domain,answers,{name}\nD1,1.1=Y;1.2=Y;1.3=N,Nonsense\n"))

    assert found[0][name] in {"complete", "Low"}


def test_the_instrument_and_its_settings_are_told_beside_the_answer(tmp_path):
    answers = ";".join(f"{n}={'N' if n == 2 else 'Y'}" for n in range(1, 17))
    text = f"answers\n{answers}\n"

    plain = judged(tmp_path, "amstar2", text)
    other = json.loads(judged(tmp_path, "amstar2", text, "--setting", "critical=4,7", "--json").stdout)

    assert rows(plain)[0]["judgement"] == "Low" and "critical=2,4,7,9,11,13,15" in plain.stderr
    assert other["settings"] == {"critical": "4,7", "partial_yes": "met"}
    assert other["rows"][0]["judgement"] == "High" and other["rows"][0]["needed"] == []


def test_ratings_become_the_scores_of_domains(tmp_path):
    numbers = {"1": (5, 6, 6), "2": (6, 6, 7), "3": (2, 4, 3), "4": (3, 3, 2)}
    lines = [f"G,{who},{item},{n}" for who, given in numbers.items() for item, n in zip("123", given, strict=True)]
    lines += ["G,1,OA1,5", "G,1,4,x", "G,2,24,1", "H,1,22,7", "H,1,23,6"]

    found = rows(judged(tmp_path, "agree2", "guideline,appraiser,item,score\n" + "\n".join(lines) + "\n"))

    first = found[0]
    assert (first["judgement"], first["score"], first["obtained"], first["status"]) == (
        "57",
        "56.9444",
        "53",
        "complete",
    )
    assert found[1]["status"] == "illegal" and found[2]["status"] == "incomplete"
    assert found[2]["needed"].startswith("1:7;1:8")
    assert found[6]["status"] == "illegal" and "24" in found[6]["message"]
    assert found[12]["judgement"] == "92" and "two at least" in found[12]["message"]


def test_what_is_judged_by_hand_says_so(tmp_path):
    assert rows(judged(tmp_path, "rob1", "domain,answers\nD1,\n"))[0]["status"] == "by-hand"


@pytest.mark.parametrize(
    ("instrument", "text", "more"),
    [
        ("rob3", "answers\n", ()),
        ("rob2", "domain\nD1\n", ()),
        ("rob2", "", ()),
        ("agree2", "answers\n", ()),
        ("rob2", "domain,answers\n", ("--setting", "critical=2")),
        ("amstar2", "answers\n", ("--setting", "critical")),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_way_out(tmp_path, instrument, text, more):
    with pytest.raises(WorkbenchError) as caught:
        judged(tmp_path, instrument, text, *more)

    assert caught.value.way_out


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00answers")

    assert isinstance(run("judge", "rob2", "--answers", tmp_path / "none.csv").exception, WorkbenchError)
    assert isinstance(run("judge", "rob2", "--answers", tmp_path / "x.csv").exception, WorkbenchError)


def test_the_instruments_are_listed_with_how_far_each_is_checked():
    told = json.loads(run("instruments", "--json").stdout)["instruments"]

    assert {one["id"]: one["trust"] for one in told}["rob2_cluster"] == "beta"
    assert "rob2_crossover" in run("instruments").stdout


TABLE = "Study,D1,D2,Overall\nBerg 2012,Low,Some concerns,Some concerns\n"


@pytest.mark.parametrize("more", [(), ("--plot", "summary"), ("--style", "revman", "--palette", "okabe-ito")])
def test_a_table_is_drawn(tmp_path, more):
    (tmp_path / "robvis.csv").write_text(TABLE)

    found = run("draw", tmp_path / "robvis.csv", "--instrument", "rob2", "--output", tmp_path / "a.svg", *more)

    assert found.exit_code == 0, found.exception
    assert "Some concerns" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize("more", [("--output", "a.gif"), ("--output", "a.svg", "--outcome", "Pain")])
def test_what_cannot_be_drawn_is_refused_and_writes_nothing(tmp_path, monkeypatch, more):
    (tmp_path / "robvis.csv").write_text(TABLE)
    monkeypatch.chdir(tmp_path)

    assert isinstance(run("draw", "robvis.csv", *more).exception, WorkbenchError)
    assert [path.name for path in tmp_path.iterdir()] == ["robvis.csv"]


def test_a_table_becomes_that_of_another_program(tmp_path):
    (tmp_path / "robvis.csv").write_text(TABLE)

    found = run("convert", tmp_path / "robvis.csv", "--to", "revman", "--output", tmp_path / "out.csv")

    assert found.exit_code == 0 and "1 studies" not in found.stdout
    assert (tmp_path / "out.csv").read_text().startswith("Study,Domain (judgement): D1: All outcomes")


def test_answers_to_amstar_2_and_scores_of_agree_2_are_drawn(tmp_path):
    answers = ";".join([*(f"{n}=Y" for n in range(1, 17) if n != 9), "9.rct=ONLY_NRSI", "9.nrsi=N"])
    (tmp_path / "reviews.csv").write_text(f"review,answers\nBerg 2012,{answers}\n")
    (tmp_path / "ratings.csv").write_text("guideline,appraiser,item,score\nOurs,A,22,7\nOurs,A,23,4\n")

    grid = run("draw-answers", "amstar2", "--answers", tmp_path / "reviews.csv", "--output", tmp_path / "a.svg")
    bars = run(
        *("draw-answers", "agree2", "--answers", tmp_path / "ratings.csv", "--output", tmp_path / "b.svg"),
        *("--threshold", "6=80"),
    )

    assert (grid.exit_code, bars.exit_code) == (0, 0), (grid.exception, bars.exception)
    assert "Berg 2012, 9: N" in (tmp_path / "a.svg").read_text() and "75 %" in (tmp_path / "b.svg").read_text()


@pytest.mark.parametrize(
    ("instrument", "text", "more"),
    [
        ("rob2", "review,answers\n", ()),
        ("amstar2", "review,answers\nBerg,1=Q\n", ()),
        ("agree2", "guideline,appraiser,item,score\nG,A,1,9\n", ()),
        ("agree2", "guideline,appraiser,item,score\n", ("--threshold", "9=60")),
    ],
)
def test_answers_that_cannot_be_are_not_drawn(tmp_path, instrument, text, more):
    (tmp_path / "answers.csv").write_text(text)
    out = tmp_path / "a.svg"

    found = run("draw-answers", instrument, "--answers", tmp_path / "answers.csv", "--output", out, *more)

    assert isinstance(found.exception, WorkbenchError) and not out.exists()
