"""A strategy's line written out, with the lines it refers to."""

import pytest

from workbench.protocols.rules.plan import StrategyLine
from workbench.protocols.rules.strategies import UnresolvedLine, resolved


def lines(*queries):
    return [StrategyLine(n, query, None, None, None) for n, query in enumerate(queries, 1)]


@pytest.mark.parametrize(
    ("queries", "written_out"),
    [
        (["cement[tiab]"], "cement[tiab]"),
        (["a OR b", "c", "#1 AND #2"], "(a OR b) AND c"),
        (["a OR b", "c d", "#1 AND #2", "#3 NOT #1"], "((a OR b) AND (c d)) NOT (a OR b)"),
        (["a OR b", "c", "1 OR 2"], "(a OR b) OR c"),
        (["a OR b", "c", "S1 AND S2"], "(a OR b) AND c"),
        (["a OR b", '"#1"[tiab] AND #1'], '"#1"[tiab] AND (a OR b)'),
        (["a", "2009:2019[dp] AND #1"], "2009:2019[dp] AND a"),
        (["a", "covid 19 AND 2020"], "covid 19 AND 2020"),
    ],
)
def test_the_last_line_is_written_out(queries, written_out):
    assert resolved(lines(*queries), len(queries)) == written_out


def test_lines_bear_names_as_well_as_numbers():
    strategy = [StrategyLine("1a", "a OR b", None, None, None), StrategyLine("#2", "#1a AND c", None, None, None)]

    assert resolved(strategy, "2") == "(a OR b) AND c"


@pytest.mark.parametrize(
    ("queries", "told"),
    [
        (["a", "#1 AND #7"], "line 7, which is not there"),
        (["#2", "#1"], "leads back to itself"),
        (["#1 OR a"], "leads back to itself"),
        (["a", "1 OR 9"], "line 9, which is not there"),
    ],
)
def test_what_does_not_resolve_is_told(queries, told):
    with pytest.raises(UnresolvedLine, match=told):
        resolved(lines(*queries), len(queries))


def test_a_line_that_is_not_there_is_told():
    with pytest.raises(UnresolvedLine, match="no line 5"):
        resolved(lines("a"), 5)


def test_a_strategy_that_doubles_with_every_line_is_stopped():
    with pytest.raises(UnresolvedLine, match="too long"):
        resolved(lines("some words", *(f"#{n} OR #{n}" for n in range(1, 60))), 60)
