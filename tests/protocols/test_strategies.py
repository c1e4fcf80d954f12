"""Strategies line by line: what is a reference and what only looks like one, and the query written out."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.protocols.rules import (
    StrategyLine,
    UnresolvedLine,
    check,
    read_protocol,
    references,
    resolved,
    unresolved,
    unused,
    warnings,
)
from workbench.protocols.rules.strategies import LONGEST, MOST_LINES


def a_line(query: str, n: int | str = 9) -> StrategyLine:
    return StrategyLine(n, query, None, None, None)


def a_strategy(*queries: str) -> list[StrategyLine]:
    return [a_line(query, n) for n, query in enumerate(queries, start=1)]


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("#1 AND #2", "1 2"),
        ("1 or 2", "1 2"),
        ("(1 or 2) not 3", "1 2 3"),
        ("S1 AND S2", "1 2"),
        ("S1 OR S2-S4", "1 2 3 4"),
        ("or/1-3", "1 2 3"),
        ("and/1,4-5", "1 4 5"),
        ("1-3/OR", "1 2 3"),
        ("4 and or/1-3", "1 2 3 4"),
        ("#1 OR #2 OR #3", "1 2 3"),
        ("#1-#4", "1 2 3 4"),
        ("{or #1-#3} and #4", "1 2 3 4"),
        ("# 1 AND # 2", "1 2"),
        ("#12a and #3", "3 12a"),
        ("#3 NEAR/3 #4", "3 4"),
        ('#1 AND "covid 19" AND 2019:2020[dp]', "1"),
        ('limit 5 to (english language and yr="2009 - 2019")', "5"),
        ("remove duplicates from 7", "7"),
        ("1 use medall", "1"),
        ("4 not (exp animals/ not humans/)", "4"),
        ("3 and cancer.ti,ab.", "3"),
        ('S5 NOT (MH "Animals+")', "5"),
        ("S5 Limiters - Published Date: 20090101-", "5"),
    ],
)
def test_references_are_read_as_each_database_writes_them(query, named):
    assert sorted(references(a_line(query)), key=lambda name: (len(name), name)) == named.split()


@pytest.mark.parametrize(
    "query",
    [
        '"covid 19"',
        '"#1 AND #2"',
        "2019:2020[dp]",
        "2019 or 2020",
        "1:5",
        "spine adj3 pain",
        "vertebr* NEAR/3 pain",
        "type 1 or 2 diabetes",
        "diabetes type 1 or 2",
        "covid 19 and 20",
        "L5-S1 fusion",
        "S1 nerve root",
        "wom#n or colo#r",
        "cd4/exp or il-2",
        "'phase 2 or 3'/exp OR x",
        "Crohn's disease and 'stage 1'",
        "interleukin 1-3",
        "1 or 2, read one by one",
    ],
)
def test_digits_that_name_no_line_are_left_alone(query):
    assert references(a_line(query)) == ()


def test_a_strategy_is_written_out_with_parentheses():
    lines = a_strategy("vertebroplast* or kyphoplast*", "metasta*", "or/1-2", "#3 AND #2", 'S4 NOT (MH "Animals+")')

    assert resolved(lines, 3) == "((vertebroplast* or kyphoplast*) OR metasta*)"
    assert resolved(lines, "S5") == ('(((vertebroplast* or kyphoplast*) OR metasta*) AND metasta*) NOT (MH "Animals+")')
    assert resolved(a_strategy("(a) or (b)", "(a or b)", "#1 and #2"), 3) == "((a) or (b)) and (a or b)"


def test_numbers_that_are_texts_are_found_by_references_without_their_sign():
    lines = [a_line("cement", "S1"), a_line("spine", "#2"), a_line("S1 AND S2", "S3")]

    assert resolved(lines, "S3") == resolved(lines, 3) == "cement AND spine"


def test_missing_lines_and_circles_are_told_apart():
    lines = a_strategy("#2", "#1", "#1 or #9", "#4")

    found = [(one.line, one.to, one.is_circle) for one in unresolved(lines)]

    assert found == [("1", "2", True), ("2", "1", True), ("3", "9", False), ("4", "4", True)]


@pytest.mark.parametrize(("line", "words"), [(1, "back to itself"), (3, "line 9"), (8, "no line 8")])
def test_what_does_not_resolve_is_never_written_out(line, words):
    with pytest.raises(UnresolvedLine, match=words):
        resolved(a_strategy("#2", "#1", "cement or #9"), line)


def test_lines_that_the_final_line_leaves_out_are_named():
    assert unused(a_strategy("a", "b", "c", "#1 AND #2"), 4) == ["3"]
    assert unused(a_strategy("a", "b"), 7) == []


def test_a_query_that_doubles_with_each_line_is_refused_before_it_fills_the_memory():
    lines = a_strategy("cement spine", *(f"#{n} OR #{n}" for n in range(1, 60)))

    with pytest.raises(UnresolvedLine, match="too long"):
        resolved(lines, 60)


def test_a_long_chain_and_a_wide_range_are_no_trouble():
    chain = a_strategy("cement", *(f"#{n}" for n in range(1, 900)))
    wide = references(a_line("or/1-999"))

    assert resolved(chain, 900) == "cement"
    assert len(wide) == 2 and MOST_LINES < 999


WORDS = st.sampled_from(["cement", "spine*[tiab]", '"covid 19"', "pain adj3 bone", "2019:2020[dp]", "'phase 2'/exp"])


@st.composite
def strategies(draw):
    """Strategies whose lines refer to earlier ones only, in one of the ways of writing."""
    lines = [draw(WORDS)]
    for n in range(2, draw(st.integers(2, 9))):
        ends = draw(st.lists(st.integers(1, n - 1), min_size=1, max_size=3))
        write = draw(st.sampled_from(["#{}", "(#{})"]))
        joined = draw(st.sampled_from([" AND ", " or ", " NOT "])).join(write.format(end) for end in ends)
        lines.append(
            draw(st.sampled_from([draw(WORDS), joined, f"or/1-{n - 1}", f"{{or #1-#{n - 1}}} AND #{ends[0]}"]))
        )
    return a_strategy(*lines)


@settings(max_examples=60, deadline=None)
@given(strategies())
def test_what_is_written_out_names_no_line_and_balances(lines):
    assert unresolved(lines) == []

    text = resolved(lines, lines[-1].n)

    assert references(a_line(text)) == () and text.count("(") == text.count(")") and len(text) <= LONGEST


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(alphabet="#sS0123456789 or/and-,(){}\":.ti'", max_size=40), max_size=6))
def test_any_text_at_all_is_read_or_refused_in_words(queries):
    lines = a_strategy(*queries)
    loose = {one.line for one in unresolved(lines)}

    for line in lines:
        try:
            resolved(lines, line.n)
        except UnresolvedLine:
            assert loose


def test_a_protocol_with_a_reference_that_leads_nowhere_does_not_hold(small):
    [problem] = check(small('query: "#1"', 'query: "#1 AND #7"'))

    assert problem.path == "steps[0].sources[0].runs[0].strategy[1].query" and problem.line == 32
    assert "line 7" in problem.message and "the lines are 1, 2" in problem.remedy


def test_a_line_that_is_not_used_is_a_warning_and_the_protocol_holds(small):
    data = small('query: "#1"', 'query: "spine"')

    [warning] = warnings(data)

    assert check(data) == [] and "does not use line 1" in warning.message and warning.line == 31


def test_the_shipped_protocols_resolve_without_a_word(shipped: Path):
    data = shipped.read_bytes()

    assert check(data) == warnings(data) == []
    for _step, _source, run in read_protocol(data, shipped.name).plan.runs():
        if run.strategy:
            assert "#" not in resolved(run.strategy, run.final_line)
