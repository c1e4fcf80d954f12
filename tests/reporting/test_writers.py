"""Counts written as JSON and CSV, and read back."""

import csv
import io

from hypothesis import given

from tests.reporting.made_flows import COMPLETE, consistent
from workbench.reporting.rules import COLUMNS, LISTS, OWN, read_flow, read_flows
from workbench.reporting.writers import as_csv, as_json


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_csv_has_the_columns_of_the_r_package():
    rows = rows_of(as_csv(read_flow(COMPLETE)))

    assert tuple(rows[0]) == COLUMNS
    assert {row["data"]: row["n"] for row in rows}["records_screened"] == "1405"


def test_our_own_keys_stand_where_the_r_package_does_not_look():
    # It greps for parts of names in `data`: `other_duplicates` would be taken for `duplicates`.
    rows = rows_of(as_csv(read_flow(COMPLETE)))

    assert not {row["data"] for row in rows} & set(OWN)
    assert {row["box"]: row["n"] for row in rows}["other_duplicates"] == "3"
    assert len([row for row in rows if "duplicates" in row["data"]]) == 1


def test_what_is_not_known_is_written_as_missing_and_not_as_nought():
    rows = {row["data"]: row["n"] for row in rows_of(as_csv(read_flow(COMPLETE | {"duplicates": None})))}

    assert rows["duplicates"] == "NA"


def test_a_cell_that_begins_like_a_formula_is_defused_and_read_back():
    flow = read_flow({"dbr_excluded": {"=HYPERLINK()": 3, "@b": 4}, "duplicates": -5})
    text = as_csv(flow)

    assert all(not row["n"].startswith(("=", "+", "@", "\t")) for row in rows_of(text))
    assert read_flows(text.encode(), "x.csv").flows[0].lists == flow.lists


def test_a_name_with_a_semicolon_stays_one_name():
    [flow] = read_flows(as_csv(read_flow({"dbr_excluded": {"a; b\nc": 3, "d": None}})).encode(), "x.csv").flows

    assert flow.listed("dbr_excluded") == {"a, b c": 3, "d": None}


@given(consistent())
def test_numbers_survive_the_way_through_csv(values):
    flow = read_flow(values)

    [again] = read_flows(as_csv(flow).encode(), "x.csv").flows

    assert again.counts == flow.counts
    for key in LISTS:
        assert sum(again.listed(key).values()) == sum(flow.listed(key).values())


@given(consistent())
def test_everything_survives_the_way_through_json(values):
    flow = read_flow(values, name="x")

    assert read_flows(as_json(flow).encode(), "x.json").flows == [flow]
