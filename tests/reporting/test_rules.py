"""The sums of a PRISMA flow: what holds, what fails, what is not checked."""

import gzip
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.reporting.made_flows import COMPLETE, consistent
from workbench.reporting.rules import (
    COUNTS,
    OPEN,
    Template,
    UnreadableFlow,
    equations,
    is_draft,
    read_flow,
    read_flows,
    unknown_keys,
)

NOT_IN_A_SUM = {"new_studies", "total_studies_ma", "total_reports_ma", "dbr_excluded_total", "other_excluded_total"}
"""Numbers that only an upper bound holds, or that a flow need not have."""


def failing(values, *, severity="error"):
    return [check.id for check in equations(read_flow(values)) if check.holds is False and check.severity == severity]


def not_checked(values):
    return [check.id for check in equations(read_flow(values)) if check.holds is None]


def text_of(values, rule):
    return next(check.text for check in equations(read_flow(values)) if check.id == rule and check.holds is False)


def test_a_complete_flow_holds_every_sum_and_is_no_draft():
    flow = read_flow(COMPLETE)

    assert all(check.holds for check in equations(flow))
    assert not is_draft(flow)
    assert unknown_keys(flow) == []


@given(consistent())
def test_a_flow_that_adds_up_fails_nothing(values):
    assert failing(values) == []
    assert not_checked(values) == []
    assert is_draft(read_flow(values)) == bool(read_flow(values).open_numbers)


@given(consistent(), st.data())
def test_a_single_wrong_number_fails_a_sum(values, data):
    key = data.draw(
        st.sampled_from(sorted(k for k, v in values.items() if isinstance(v, int) and k not in NOT_IN_A_SUM))
    )
    wrong = data.draw(st.integers(-3, 300_000))
    assume(wrong != values[key] and key != "duplicates_waiting")

    assert failing(values | {key: wrong})


@given(consistent(), st.data())
def test_a_single_wrong_reason_fails_a_sum(values, data):
    key = data.draw(st.sampled_from(sorted(k for k, v in values.items() if isinstance(v, dict))))
    name = data.draw(st.sampled_from(sorted(values[key])))

    assert failing(values | {key: values[key] | {name: values[key][name] + 1}})


@given(consistent(), st.sets(st.sampled_from(COUNTS)), st.sampled_from([None, "", "xxx", "NA"]))
def test_unknown_numbers_never_fail(values, keys, unknown):
    assume(not {"previous_studies", "previous_reports"} & keys)
    assert failing(values | dict.fromkeys(keys, unknown)) == []


@given(st.dictionaries(st.sampled_from(COUNTS), st.none() | st.integers(0, 50)))
def test_any_numbers_at_all_are_checked_without_a_stumble(values):
    for check in equations(read_flow(values)):
        assert check.text.startswith(check.id)


def test_a_failing_sum_is_read_out():
    values = COMPLETE | {"records_screened": 1873, "records_excluded": 1840, "dbr_sought_reports": 35}

    assert text_of(values, "R4") == "R4 fails: 1873 screened − 1840 excluded = 33, but 35 reports sought"


def test_every_open_number_leaves_its_sum():
    values = COMPLETE | {"records_excluded": 1189, "records_undecided": 98}
    values |= {"dbr_notretrieved_reports": 5, "dbr_awaited": 9}
    values |= {"dbr_excluded": {"Not malignant lesions": 61}, "dbr_undecided": 21}
    values |= {"other_notretrieved_reports": 1, "other_awaited": 1, "other_undecided": 2}
    values |= {"other_excluded": {"Not malignant lesions": 51}, "other_not_eligible": 0, "other_records_undecided": 1}

    assert failing(values) == []
    assert failing(values, severity="warning") == ["R15"]
    assert is_draft(read_flow(values))


def test_reports_for_another_question_are_neither_excluded_nor_included():
    assert failing(COMPLETE | {"new_reports": 20, "included_other_question": 4}) == []


def test_the_same_report_in_both_lanes_is_put_aside():
    assert failing(COMPLETE | {"other_duplicates": 4}) == ["R6"]


@pytest.mark.parametrize("key", OPEN)
def test_anything_open_makes_a_draft(key):
    assert is_draft(read_flow(COMPLETE | {key: 1}))


def test_a_number_that_is_not_known_makes_a_draft_and_is_named():
    values = COMPLETE | {"records_excluded": "xxx"}

    assert not_checked(values) == ["R4"]
    assert "records_excluded" in next(c.text for c in equations(read_flow(values)) if c.holds is None)
    assert is_draft(read_flow(values))


def test_a_list_per_database_that_was_never_given_is_not_checked_and_makes_no_draft():
    values = {key: value for key, value in COMPLETE.items() if key != "database_specific_results"}

    assert not_checked(values) == ["R1"]
    assert not is_draft(read_flow(values))


def test_reasons_are_compared_with_a_total_that_stands_beside_them():
    assert failing(COMPLETE | {"dbr_excluded_total": 82}) == []
    assert failing(COMPLETE | {"dbr_excluded_total": 90}) == ["R8"]


def test_a_total_without_reasons_is_enough():
    assert failing(COMPLETE | {"dbr_excluded": "82"}) == []
    assert failing(COMPLETE | {"dbr_excluded": 83}) == ["R10"]


def test_a_previous_version_is_added_only_in_an_update():
    assert failing(COMPLETE | {"previous_studies": 0, "previous_reports": 0, "total_studies": 7}) == []
    update = COMPLETE | {"previous_studies": 5, "previous_reports": 6, "total_studies": 24, "total_reports": 31}
    assert failing(update) == ["R12"]
    assert failing(update | {"total_reports": 30}) == []


def test_more_studies_in_the_meta_analysis_than_in_the_review_is_a_warning():
    assert failing(COMPLETE | {"total_studies_ma": 20}) == []
    assert failing(COMPLETE | {"total_studies_ma": 20}, severity="warning") == ["R13"]


def test_more_studies_than_reports_is_an_error():
    assert failing(COMPLETE | {"new_studies": 25}) == ["R11"]


@pytest.mark.parametrize("value", [-1, "-1", 12.5, "12.5"])
def test_numbers_are_whole_and_not_below_nought(value):
    assert "R14" in failing({"duplicates": value})


@pytest.mark.parametrize(
    ("extra", "template"),
    [
        ({}, Template.NEW),
        ({"citations_results": 1}, Template.NEW_OTHER),
        ({"previous_reports": 2}, Template.UPDATED),
        ({"previous_studies": 2, "other_assessed": 3}, Template.UPDATED_OTHER),
        ({"previous_studies": 0, "website_results": 0, "other_excluded": "0"}, Template.NEW),
    ],
)
def test_the_numbers_ask_for_a_template(extra, template):
    assert read_flow({"database_results": 10} | extra).template == template


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("EMBASE. 1332", {"EMBASE": 1332}),
        ("PubMed, 1,185; CENTRAL,78", {"PubMed": 1185, "CENTRAL": 78}),
        ("Phase 1, 2 or 3, 12", {"Phase 1, 2 or 3": 12}),
        ("Reason1, xxx; Reason2, ", {"Reason1": None, "Reason2": None}),
        ("Study design", {"Study design": None}),
        ("St. Mary's register, 4;", {"St. Mary's register": 4}),
        ("Other, 3; Other, 5", {"Other": 8}),
        ("", None),
        ("xxx", None),
    ],
)
def test_names_with_numbers_are_read_as_people_write_them(written, read):
    assert read_flow({"database_specific_results": written}).lists["database_specific_results"] == read


@pytest.mark.parametrize("written", [1873, 1873.0, "1873", "1,873", " 1 873 ", "1\u202f873", "1'873"])
def test_a_number_may_be_written_with_marks_between_thousands(written):
    assert read_flow({"records_screened": written})["records_screened"] == 1873


def test_a_value_that_is_no_number_is_refused_by_name():
    with pytest.raises(UnreadableFlow, match=r"records_screened.*many"):
        read_flow({"records_screened": "many"})


def test_zeros_that_nobody_typed_are_unknown():
    values = dict.fromkeys(COMPLETE, "0") | {"database_results": "16426", "duplicates": "4856"}
    values |= {"records_screened": "11570", "dbr_excluded": "Reason1, xxx", "other_excluded": "Reason1, xxx"}
    flow = read_flow({key: value for key, value in values.items() if not key.endswith("specific_results")})

    assert (flow["register_results"], flow["excluded_other"]) == (0, 0)
    assert (flow["records_excluded"], flow["new_reports"], flow["citations_results"]) == (None, None, None)
    assert flow.template == Template.NEW
    assert is_draft(flow)
    assert failing(values) == []


def test_the_empty_template_of_the_r_package_is_all_unknown():
    rows = "data,n\n" + "".join(f"{key},0\n" for key in COMPLETE if not key.endswith(("_excluded", "specific_results")))
    [flow] = read_flows((rows + 'dbr_excluded,"Reason1, xxx"\nother_excluded,"Reason1, xxx"\n').encode(), "a.csv").flows

    assert [key for key in COUNTS if flow[key] is not None and key not in OPEN and not key.startswith("other")] == [
        "awaiting_classification",
        "ongoing",
        "included_other_question",
    ]


def test_what_a_flow_writes_it_reads_back():
    flow = read_flow(COMPLETE | {"duplicates": None, "dbr_excluded_total": 82})

    assert read_flow(json.loads(json.dumps(flow.as_dict()))) == flow


@given(consistent())
def test_any_flow_reads_back_what_it_writes(values):
    flow = read_flow(values)

    assert read_flow(flow.as_dict()) == flow


def test_several_flows_in_one_file_keep_their_names():
    found = read_flows(json.dumps({"A": {"duplicates": 1}, "B": {"duplicates": "2"}}).encode(), "x.json")

    assert [(flow.name, flow["duplicates"]) for flow in found.flows] == [("A", 1), ("B", 2)]


def test_a_misspelt_key_is_named():
    assert read_flows(b'{"duplicates": 1, "record_screened": 5}', "x.json").unknown_keys == ["record_screened"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_as_spreadsheets_save_it(encoding, mark):
    rows = [["data", "node", "n"], ["NA", "node4", "0"], ["dbr_excluded", "", '"Größe, 12"'], ["duplicates", "", "7"]]
    data = "\r\n".join(mark.join(row) for row in rows).encode(encoding)

    [flow] = read_flows(gzip.compress(data), "counts.csv.gz").flows

    assert (flow.name, flow["duplicates"], flow.listed("dbr_excluded")) == ("counts", 7, {"Größe": 12})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"{", "no valid JSON"),
        (b"[1]", "no JSON object"),
        (b"{}", "no JSON object"),
        (b'{"a": {"b": 1}}', "“a”"),
        (b'{"duplicates": 1, "duplicates": 2}', "stands twice"),
        (b"%PDF-1.4\n", "neither JSON nor a CSV"),
        (b"\x00\x01\x02", "no text"),
        (b"data,n\nduplicates,1\nduplicates,2\n", "stands twice"),
        (b'{"duplicates": true}', "no number"),
        (b'{"dbr_excluded": {"a": 1.5}}', "not whole"),
        (b"[" * 100_000, "no valid JSON"),
    ],
)
def test_a_file_that_holds_no_flow_is_refused_with_a_reason(data, says):
    with pytest.raises(UnreadableFlow, match=says):
        read_flows(data, "counts")


def test_a_broken_gz_file_is_refused_with_a_reason():
    with pytest.raises(UnreadableFlow, match="cannot be unpacked"):
        read_flows(b"not packed", "counts.json.gz")


def test_the_published_flows_hold(shared_data):
    flows = read_flows((shared_data / "prisma_cases.json").read_bytes(), "prisma_cases.json").flows

    for flow in flows:
        assert [check.text for check in equations(flow) if check.holds is False] == []
    [reported, unfilled] = flows
    assert reported.listed("database_specific_results")["EMBASE"] == 1332
    assert (reported.template, is_draft(reported)) == (Template.NEW_OTHER, False)
    assert (unfilled.template, is_draft(unfilled)) == (Template.NEW, True)


def test_a_published_search_excerpt_holds():
    values = {"database_results": 162, "register_results": 0, "duplicates": 23, "excluded_automatic": 0}
    values |= {"excluded_other": 0, "records_screened": 139, "records_excluded": 25, "dbr_sought_reports": 114}
    values |= {"dbr_notretrieved_reports": 4, "dbr_assessed": 110, "dbr_excluded": 88, "new_reports": 22}

    assert failing(values) == []
    assert failing(values | {"new_reports": 23}) == ["R10"]
