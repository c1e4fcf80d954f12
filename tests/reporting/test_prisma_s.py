"""PRISMA-S and search histories: what is filled, what is missing and named, and how both are written."""

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import minimal_document
from workbench.reporting.rules import Brought, Deduplicated, Facts, Search, Strategy, history, prisma_s, strategies
from workbench.reporting.writers import as_zip, history_json, history_name, prisma_s_markdown
from workbench.reporting.writers.histories import named_apart
from workbench.reviews.rules import Lane

NONE = Facts([], Deduplicated((), "", "", 0, 0, 0, 0))


def a_brought(**values):
    base = {
        "run": "pm-1", "source": "pubmed", "name": "MEDLINE", "lane": Lane.DATABASE, "searched_on": "2026-05-12",
        "hits": 45, "imported": 45, "elsewhere": 0, "rejected": 0, "unexplained": 0, "explained": 0, "explanation": "",
        "files": 1,
    }  # fmt: skip
    return Brought(**base | values)


ALL = Facts([a_brought()], Deduplicated(("1",), "cautious", "apart", 45, 3, 1, 0))


def a_full_document():
    """A protocol about which PRISMA-S has nothing left to ask."""
    document = minimal_document("full")
    source = document["steps"][0]["sources"][0]
    source |= {"platform": "PubMed", "method": "query", "search_filters": []}
    lines = [{"n": 1, "query": "cement", "hits": 90}, {"n": 2, "query": "#1 AND spine", "hits": 45}]
    source["runs"] = [
        {"id": "pm-1", "searched_on": "2026-05-12", "by": "Ida Lund", "provenance": "verbatim", "strategy": lines}
    ]
    return document | {
        "limits": {}, "prior_work": [], "contacts": [], "updates": "None planned",
        "peer_review": {"done": True, "tool": "PRESS 2015", "by": "A second specialist", "date": "2026-05-01"},
    }  # fmt: skip


def missing(document, facts=ALL):
    return {item.number: [one.what for one in item.missing] for item in prisma_s(document, facts) if item.missing}


def test_a_full_protocol_whose_runs_arrived_fills_all_16_items():
    items = prisma_s(a_full_document(), ALL)

    assert [item.number for item in items] == list(range(1, 17))
    assert missing(a_full_document()) == {} and all(item.is_filled for item in items)


def test_a_bare_protocol_names_what_is_missing_item_by_item():
    found = missing(minimal_document("bare"), NONE)

    assert set(found) == {1, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16}
    assert found[1] == ["The platform of MEDLINE is not named."]
    assert found[16] == ["Nobody has looked for duplicates yet."]


@pytest.mark.parametrize(
    ("number", "change", "words"),
    [
        (6, lambda d: d.pop("contacts"), "Whether anybody was contacted"),
        (9, lambda d: d.update(limits={"from": "2009"}), "not justified"),
        (10, lambda d: d["steps"][0]["sources"][0].pop("search_filters"), "not said for: MEDLINE"),
        (12, lambda d: d.pop("updates"), "kept up to date"),
        (13, lambda d: d["steps"][0]["sources"][0]["runs"][0].update(searched_on="2026"), "The day of MEDLINE"),
        (14, lambda d: d["peer_review"].pop("by"), "by whom"),
        (8, lambda d: d["steps"][0]["sources"][0]["runs"][0].update(provenance="reconstructed"), "put together later"),
        (8, lambda d: d["steps"][0]["sources"][0]["runs"][0].pop("strategy"), "not recorded"),
    ],
)
def test_each_gap_of_the_protocol_is_named_at_its_item(number, change, words):
    document = a_full_document()
    change(document)

    [told] = missing(document)[number]

    assert words in told and set(missing(document)) == {number}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hits": None}, "hits of MEDLINE, run pm-1, are not recorded"),
        ({"files": 0, "imported": 0}, "No file of MEDLINE"),
        ({"unexplained": 3}, "A difference of 3"),
    ],
)
def test_what_a_run_did_not_bring_is_missing_from_the_totals(values, words):
    [told] = missing(a_full_document(), Facts([a_brought(**values)], ALL.deduplicated))[15]

    assert words in told


def test_a_run_that_is_not_in_the_protocol_asks_for_its_strategy():
    facts = Facts([a_brought(), a_brought(run="pm-2")], ALL.deduplicated)

    assert missing(a_full_document(), facts) == {8: ["Run pm-2 of MEDLINE is not in the protocol."]}


def test_sources_of_other_lanes_fill_their_own_items():
    document = a_full_document()
    document["steps"][0]["sources"] += [
        {"id": "ctgov", "name": "ClinicalTrials.gov", "prisma_lane": "register", "search_filters": []},
        {"id": "nice", "name": "NICE", "prisma_lane": "organisation", "method": "browse", "url": "https://example.org"},
        {"id": "cited", "name": "Included reports", "prisma_lane": "citation", "method": "citation_backward"},
        {"id": "hand", "name": "Own shelves", "prisma_lane": "other"},
    ]

    lines = {item.number: item.lines for item in prisma_s(document, ALL)}

    assert lines[3] == ("ClinicalTrials.gov",)
    assert lines[4] == ("NICE (https://example.org): browsed",)
    assert lines[5] == ("Included reports: cited references",) and lines[7] == ("Own shelves",)


def test_an_explained_difference_is_told_with_its_reason():
    facts = Facts([a_brought(hits=47, explained=2, explanation="withdrawn")], ALL.deduplicated)

    item = prisma_s(a_full_document(), facts)[14]

    assert item.lines[0] == "MEDLINE, pm-1: 47 hits, 45 records imported, a difference of 2: withdrawn"


def test_the_markdown_names_what_is_missing_and_gives_strategies_verbatim():
    document = a_full_document()
    document["steps"][0]["sources"][0]["runs"][0]["strategy"][0]["query"] = "ce*ment``` | <b> [x](y)"

    text = prisma_s_markdown("A *review* | of <things>", "Version 1", prisma_s(document, NONE), strategies(document))

    assert text.startswith(
        "# PRISMA-S: A \\*review\\* \\| of \\<things\\>\n\nVersion 1\n\n14 of 16 items are filled.\n"
    )
    assert "- **Missing:** Nobody has looked for duplicates yet." in text
    assert "````text\n1\tce*ment``` | <b> [x](y)\t(90 hits)\n2\t#1 AND spine\t(45 hits)\n````" in text


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_no_line_of_a_strategy_ends_its_fence(queries):
    lines = tuple((str(n), query, None, "") for n, query in enumerate(queries, start=1))

    text = prisma_s_markdown("x", "y", [], [Strategy("MEDLINE", "", "pm-1", "2026", "", lines)])

    inside = text.partition("```")[2].partition("text\n")
    fence = "```" + inside[0]
    assert inside[2].index("\n" + fence + "\n") == len(inside[2]) - len(fence) - 2


def a_search(**values):
    base = {"run": "pm-1", "source": "pubmed", "source_name": "MEDLINE", "searched_on": "2026-05-12",
            "entered_on": "2026-05-13", "hits": 45, "files": ["my export.nbib"]}  # fmt: skip
    return Search(**base | values)


def test_a_search_history_holds_the_query_written_out_and_the_day_it_was_run():
    document = a_full_document()
    document["review"]["team"] = [{"name": "Ida Lund", "orcid": "0000-0002-1825-0097"}]

    found = history(document, a_search(), 2, "abc")

    assert found["search_string"] == "cement AND spine"
    assert found["authors"] == [{"name": "Ida Lund", "ORCID": "0000-0002-1825-0097"}]
    assert found["date"] == {"data_entry": "2026-05-13", "search_conducted": "2026-05-12"}
    assert (found["platform"], found["database"], found["search_results_path"]) == (
        "PubMed",
        ["MEDLINE"],
        "my export.nbib",
    )
    assert history_name(found) == "my-export_search_history.json" and json.loads(history_json(found)) == found


@pytest.mark.parametrize(
    ("strategy", "note"), [(None, "The strategy is not recorded."), ([{"n": 1, "query": "#7"}], "line 7")]
)
def test_a_history_without_a_query_that_can_be_written_out_says_why(strategy, note):
    document = a_full_document()
    document["steps"][0]["sources"][0]["runs"][0]["strategy"] = strategy

    found = history(document, a_search(), 1, "abc")

    assert found["search_string"] == "" and note in found["record_info"]["note"]


def test_a_run_outside_the_protocol_has_a_history_named_after_itself():
    found = history(a_full_document(), a_search(run="pm-update", source="gone", files=[]), 1, "abc")

    assert found["authors"] == [] and history_name(found) == "pm-update_search_history.json"


def test_two_histories_with_one_name_stand_apart_in_the_archive():
    every = [history(a_full_document(), a_search(run=run, files=["../EXPORT.ris"]), 1, "abc") for run in ("a", "b")]

    names = zipfile.ZipFile(io.BytesIO(as_zip(every))).namelist()

    assert names == ["EXPORT_search_history.json", "EXPORT-b_search_history.json"]
    assert [name for name, _history in named_apart(every)] == names and as_zip(every) == as_zip(every)
