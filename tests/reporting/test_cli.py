"""`workbench prisma`, as a person types it."""

import json

import pytest
from click.testing import CliRunner

from tests.reporting.made_flows import COMPLETE
from workbench.drawing import files
from workbench.errors import WorkbenchError
from workbench.reporting.cli import prisma


@pytest.fixture
def run():
    """Run `prisma` and give back its result; errors come through as they are."""

    def go(*arguments):
        result = CliRunner().invoke(prisma, [str(part) for part in arguments], standalone_mode=False)
        if result.exception:
            raise result.exception
        return result

    return go


@pytest.fixture
def counts(tmp_path):
    """Write counts into a file."""

    def write(values, name="counts.json"):
        path = tmp_path / name
        path.write_text(json.dumps(values), encoding="utf-8")
        return path

    return write


def test_a_flow_that_holds_prints_nothing(run, counts):
    result = run("check", counts(COMPLETE))

    assert (result.return_value, result.stdout) == (0, "")


def test_each_sum_that_fails_is_one_line(run, counts):
    result = run("check", counts(COMPLETE | {"records_excluded": 1286, "new_studies": 30}))

    assert result.return_value == 1
    assert result.stdout.splitlines() == [
        "R4 fails: 1405 screened − 1286 excluded = 119, but 118 reports sought",
        "R11 fails: 30 studies, but only 24 reports",
    ]


def test_a_warning_is_printed_and_does_not_fail(run, counts):
    result = run("check", counts(COMPLETE | {"total_studies_ma": 20}))

    assert result.return_value == 0
    assert result.stdout.startswith("R13 fails")


def test_several_flows_are_told_apart(run, counts):
    result = run("check", counts({"A": COMPLETE, "B": COMPLETE | {"duplicates": 510}}))

    assert result.return_value == 1
    assert result.stdout.startswith("B: R3 fails")


def test_the_answer_for_machines_has_every_equation(run, counts):
    answer = json.loads(run("check", counts(COMPLETE | {"duplicates": None}), "--json").stdout)

    [flow] = answer["flows"]
    assert (flow["name"], flow["template"], flow["draft"], flow["holds"]) == ("counts", "new-other", True, True)
    assert set(flow["equations"][0]) == {"id", "severity", "holds", "left", "right", "text"}
    assert [e["holds"] for e in flow["equations"] if e["id"] == "R3"] == [None]


def test_a_key_nobody_knows_is_said_on_standard_error(run, counts):
    result = run("check", counts(COMPLETE | {"record_screened": 4}))

    assert "record_screened" in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_said_in_one_line(run, tmp_path):
    with pytest.raises(WorkbenchError, match="cannot be read"):
        run("check", tmp_path / "none.json")


@pytest.mark.parametrize(("kind", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_diagram_is_drawn_by_the_ending_of_the_file(run, counts, tmp_path, kind, start):
    run("draw", counts(COMPLETE), "--output", tmp_path / f"flow.{kind}")

    assert (tmp_path / f"flow.{kind}").read_bytes().startswith(start)


def test_another_template_can_be_asked_for(run, counts, tmp_path):
    run("draw", counts(COMPLETE), "--output", tmp_path / "flow.svg", "--template", "updated")

    assert "prisma-updated" in (tmp_path / "flow.svg").read_text(encoding="utf-8")


def test_an_ending_that_is_no_picture_is_refused(run, counts, tmp_path):
    with pytest.raises(WorkbenchError, match=r"\.svg, \.png and \.pdf"):
        run("draw", counts(COMPLETE), "--output", tmp_path / "flow.gif")


def test_one_of_several_flows_is_drawn_by_name(run, counts, tmp_path):
    file = counts({"A": COMPLETE, "B": COMPLETE})

    with pytest.raises(WorkbenchError, match="A, B"):
        run("draw", file, "--output", tmp_path / "flow.svg")
    with pytest.raises(WorkbenchError, match="no flow “C”"):
        run("draw", file, "--output", tmp_path / "flow.svg", "--flow", "C")
    run("draw", file, "--output", tmp_path / "flow.svg", "--flow", "B")


def test_missing_packages_are_named_with_the_way_to_get_them(run, counts, tmp_path, monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(files, "import_module", absent)

    with pytest.raises(files.PicturesMissing) as refused:
        run("draw", counts(COMPLETE), "--output", tmp_path / "flow.png")
    assert "pip install" in refused.value.way_out
