"""Judgements come in from other programs and go out again; what is not understood is said, and nothing is a formula."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.appraisal.formats import (
    Answer,
    Appraisal,
    Column,
    Judged,
    Judgement,
    Line,
    Mark,
    UnreadableJudgements,
    read_appraisals,
    read_covidence,
    read_revman5,
    read_robvis,
)
from workbench.appraisal.formats.appraised import UnreadableAppraisals
from workbench.appraisal.instruments import load
from workbench.appraisal.writers import as_json, as_long_csv, as_revman_csv, as_robvis_csv

COVIDENCE = """\
Study ID,Reviewer Name,Sequence generation - Judgement,Sequence generation - Supporting text,\
Blinding: Pain - Judgement,Comment,Overall judgement,Title
Berg 2012,Ada,Low,"Quote: ""by computer"" (p. 3)",unclear risk,Nothing said,High,A trial
Berg 2012,Consensus,Low,,High,,High,A trial
"""
RM5 = """\
<?xml version="1.0" encoding="UTF-8"?>
<COCHRANE_REVIEW><STUDIES><STUDY ID="STD-Berg-2012" NAME="Berg 2012"/></STUDIES>
<QUALITY_ITEMS>
<QUALITY_ITEM ID="QIT-01" LEVEL="STUDY"><NAME>Random sequence generation</NAME><DESCRIPTION><P>How</P></DESCRIPTION>
<QUALITY_ITEM_DATA><QUALITY_ITEM_DATA_ENTRY STUDY_ID="STD-Berg-2012" RESULT="YES"><DESCRIPTION><P>Quote: "by
computer"</P></DESCRIPTION></QUALITY_ITEM_DATA_ENTRY>
<QUALITY_ITEM_DATA_ENTRY STUDY_ID="STD-El_x002d_Far-1991" RESULT="UNKNOWN"/></QUALITY_ITEM_DATA></QUALITY_ITEM>
<QUALITY_ITEM ID="QIT-02" LEVEL="GROUP"><NAME>Blinding</NAME>
<QUALITY_ITEM_DATA_ENTRY_GROUP ID="G1"><NAME>Pain</NAME></QUALITY_ITEM_DATA_ENTRY_GROUP>
<QUALITY_ITEM_DATA_ENTRY_GROUP ID="G2"><NAME>Death</NAME></QUALITY_ITEM_DATA_ENTRY_GROUP>
<QUALITY_ITEM_DATA><QUALITY_ITEM_DATA_ENTRY STUDY_ID="STD-Berg-2012" GROUP_ID="G1" RESULT="NO"/>
<QUALITY_ITEM_DATA_ENTRY STUDY_ID="STD-Berg-2012" GROUP_ID="G2" RESULT="YES"/></QUALITY_ITEM_DATA></QUALITY_ITEM>
</QUALITY_ITEMS></COCHRANE_REVIEW>
"""
WORDS = st.sampled_from(["Low", "Some concerns", "High", "No information", "Not applicable", ""])
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)


def rows(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def words(judged):
    return [[mark.judgement for mark in line.marks.values()] for line in judged.lines]


@pytest.mark.parametrize("name", ["rob1", "rob2", "rob2_cluster", "robins_i", "robins_e", "quadas", "quips"])
def test_the_examples_of_robvis_come_back_as_they_were(published, name):
    data = (published / "robvis" / f"data_{name}.csv").read_bytes()

    again = rows(as_robvis_csv(read_robvis(data)))

    assert again == [[cell.strip() for cell in row] for row in rows(data.decode())]


@given(st.lists(st.tuples(TEXT, WORDS, WORDS, WORDS), max_size=5))
@settings(max_examples=50, deadline=None)
def test_what_is_written_for_robvis_is_read_back_the_same(given_lines):
    columns = (Column("D1", "D1"), Column("D2", "D2"))
    lines = []
    for study, one, two, whole in given_lines:
        marks = {name: Mark(word) for name, word in (("D1", one), ("D2", two)) if word}
        lines.append(Line(f"S {study}".strip(), marks, Mark(whole or "Low"), 1.5))
    judged = Judged(columns, tuple(lines))

    if lines:
        assert read_robvis(as_robvis_csv(judged).encode()) == judged


def test_columns_take_their_full_names_from_the_instrument():
    found = read_robvis(b"Study,D1,D2,Overall\nBerg 2012,low,HIGH,High\n", load("rob2"))

    assert found.columns[1].name == "Bias due to deviations from intended interventions"
    assert words(found) == [["Low", "High"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no row"),
        (b"Study,D1\n", "no row"),
        (b"Study\nBerg\n", "no domain"),
        (b"Study,D1\nBerg,L\n", "line 2, column D1: “L”"),
        (b"Study,D1,D1\nBerg,Low,High\n", "same header"),
        (b"Study,D1,Overall,W\nBerg,Low,Low,heavy\n", "line 2: the weight"),
        (b"Study,D1,Overall,W\nBerg,Low,Low,nan\n", "line 2: the weight"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
    ],
)
def test_a_table_that_is_not_understood_is_refused_with_its_place(text, said):
    with pytest.raises(UnreadableJudgements, match=said):
        read_robvis(text)


def test_covidence_gives_judgements_supports_groups_and_who_judged():
    found = read_covidence(COVIDENCE.encode())

    assert [(column.name, column.group) for column in found.columns] == [
        ("Sequence generation", ""),
        ("Blinding", "Pain"),
    ]
    assert [line.appraiser for line in found.lines] == ["Ada", "Consensus"]
    assert found.lines[0].marks == {
        "D1": Mark("Low", 'Quote: "by computer" (p. 3)'),
        "D2": Mark("Unclear", "Nothing said"),
    }
    assert found.lines[0].overall == Mark("High")
    assert found.notes == ("Columns that were not read: Title.",)


@pytest.mark.parametrize("text", ["Title,Judgement\nA,Low\n", "Study ID,Judgement\nA,Splendid\n", "Study ID\n"])
def test_a_table_of_covidence_without_studies_or_judgements_is_refused(text):
    with pytest.raises(UnreadableJudgements):
        read_covidence(text.encode())


def test_revman_5_gives_a_column_for_each_group_of_outcomes():
    found = read_revman5(RM5.encode())

    assert [(one.id, one.name, one.group) for one in found.columns] == [
        ("D1", "Random sequence generation", ""), ("D2", "Blinding", "Pain"), ("D2.2", "Blinding", "Death"),
    ]  # fmt: skip
    assert [line.study for line in found.lines] == ["Berg 2012", "El-Far 1991"]
    assert found.lines[0].marks["D1"] == Mark("Low", 'Quote: "by computer"')
    assert words(found) == [["Low", "High", "Low"], ["Unclear"]]


@pytest.mark.parametrize(
    "text",
    ["", "<a", "<COCHRANE_REVIEW/>", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "Study,D1\nA,Low\n"],
)
def test_what_is_no_file_of_revman_5_is_refused(text):
    with pytest.raises(UnreadableJudgements):
        read_revman5(text.encode())


def test_revman_gets_its_own_headers_and_supports_that_are_no_markup():
    columns = (Column("D1", "Allocation concealment"), Column("D2", "Blinding", "Pain"))
    line = Line("Berg 2012", {"D1": Mark("Low", "p < 0.05 & <b>bold</b>"), "D2": Mark("High")})

    header, row = rows(as_revman_csv(Judged(columns, (line,))))

    assert header == [
        "Study", "Domain (judgement): Allocation concealment: All outcomes", "Domain (judgement): Blinding: Pain",
        "Domain (support): Allocation concealment: All outcomes", "Domain (support): Blinding: Pain",
    ]  # fmt: skip
    assert row == ["Berg 2012", "Low", "High", "<p>p &lt; 0.05 &amp; &lt;b&gt;bold&lt;/b&gt;</p>", ""]
    assert header[1].index("Allocation") == 20


FULL = Appraisal(
    "rob2", "2019-08-22", "ab12", "=Berg 2012", "Ada", round=2, outcome="Pain", at="2026-01-02T03:04:05Z",
    preliminaries={"aim": "assignment"},
    answers=(Answer("1.1", "NI", comment="Looked in the protocol", document="protocol.pdf", page="3"), Answer("1.2", "Y", '"sealed"')),
    judgements=(Judgement("D1", "Low", ("D1.6",), "High", "=HYPERLINK(1)", "support"),),
)  # fmt: skip


def test_json_loses_nothing():
    other = Appraisal("agree2", "2010", "cd", "Guideline", "Bo")
    text = as_json([FULL, other], {"agree2": {"skipped": "16"}})

    assert read_appraisals(text.encode()) == [FULL, other]
    assert json.loads(text)["settings"] == {"agree2": {"skipped": "16"}}


@given(
    st.lists(st.builds(Answer, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT), max_size=3), st.dictionaries(TEXT, TEXT, max_size=2)
)
@settings(max_examples=40, deadline=None)
def test_any_answer_comes_back_as_it_was(answers, preliminaries):
    one = Appraisal("x", "1", "0", "S", "A", preliminaries=preliminaries, answers=tuple(answers))

    assert read_appraisals(as_json([one]).encode()) == [one]


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "[" * 50_000, '{"format": "workbench-appraisals", "version": 9, "appraisals": []}',
        '{"format": "workbench-appraisals", "version": 1}',
        '{"format": "workbench-appraisals", "version": 1, "appraisals": [3]}',
        '{"format": "workbench-appraisals", "version": 1, "appraisals": [{"study": "A"}]}',
        as_json([FULL]).replace('"round": 2', '"round": true'),
        as_json([FULL]).replace('"quote"', '"qoute"'),
    ],
    ids=range(10),
)  # fmt: skip
def test_a_file_of_appraisals_that_is_not_ours_is_refused(text):
    with pytest.raises(UnreadableAppraisals):
        read_appraisals(text.encode())


def test_the_long_table_has_a_row_for_each_answer_and_judgement_and_no_formula():
    header, *found = rows(as_long_csv([FULL]))

    assert [row[header.index("item")] for row in found] == ["1.1", "1.2", ""]
    assert found[2][header.index("rules")] == "D1.6" and found[2][header.index("reason")] == "'=HYPERLINK(1)"
    assert all(row[header.index("study")] == "'=Berg 2012" for row in found)
