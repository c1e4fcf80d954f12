"""The script names records of the exports, and all it says can be read."""

import re

import pytest

from workbench.demo.paper import paper
from workbench.demo.script import ANSWERS, EXPORTS, FILES, IN_HAND, ballot, read_script
from workbench.protocols.rules import read_protocol
from workbench.records.rules import read
from workbench.resources import resource
from workbench.screening.rules import Decision, Found


@pytest.fixture(scope="module")
def titles():
    return {
        f"{name}#{item.number}": item.title
        for name in FILES
        for item in read((EXPORTS / name).read_bytes(), name).items
    }


@pytest.fixture(scope="module")
def plan():
    path = resource("search_protocols") / "demo-vertebroplasty.yaml"
    return read_protocol(path.read_bytes(), path.name).plan


def bare(title):
    return re.sub(r"\W+", " ", title).casefold().strip()


def test_every_line_names_a_record_by_its_place_and_its_title(titles):
    wrong = [line.record for line in read_script()
             if not bare(titles[line.record]).startswith(bare(line.title.removesuffix(" …")))]  # fmt: skip

    assert wrong == []


def test_every_answer_names_two_records(titles):
    assert all(first in titles and second in titles for first, second, _said in ANSWERS)


def test_every_vote_can_be_read(plan):
    reasons = {reason.id: place for place, reason in enumerate(plan.exclusion_reasons)}
    questions = {question.id for question in plan.questions}

    for line in read_script():
        for said in (line.lead, line.second.removesuffix(IN_HAND)):
            assert not said or Decision(said)
        for said in (line.full_text_lead, line.full_text_second, line.full_text_settled.partition(" ")[2]):
            assert not said or set(ballot(said, reasons).questions) <= questions


def test_every_report_not_retrieved_has_a_reason():
    lines = [line for line in read_script() if line.report == Found.NOT_RETRIEVED]

    assert len(lines) == 2 and all(line.report_note for line in lines)


def test_every_run_of_the_script_is_in_the_protocol(plan):
    assert {run.id for _step, _source, run in plan.runs()} == set(FILES.values())


@pytest.mark.parametrize("abstract", ["", "Smertestillende (3 mg) for \\ and Łódź\u2010like names. " * 20])
def test_a_report_is_a_pdf_whose_table_points_to_its_objects(abstract):
    made = paper("A title with (brackets)", "Holm, K", "Acta Orthop, 12", abstract)

    start = int(re.search(rb"startxref\n(\d+)\n%%EOF", made)[1])
    places = [int(entry) for entry in re.findall(rb"(\d{10}) 00000 n", made[start:])]
    assert made.startswith(b"%PDF-1.4") and made[start:].startswith(b"xref")
    assert all(made[place:].startswith(b"%d 0 obj" % number) for number, place in enumerate(places, start=1))
    assert b"/Count 2" in made
