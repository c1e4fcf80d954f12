"""Small pictures: all on one axis, broken where a value is not estimable, never outside their field."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.screening.agreement import Interval
from workbench.screening.pictures import BOTTOM, LEFT, RIGHT, TOP, burn_down, chart

VALUES = st.lists(st.none() | st.floats(-1, 1), max_size=30)


def numbers(*paths):
    return [(float(x), float(y)) for path in paths for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_a_line_is_broken_where_a_value_is_not_estimable():
    drawn = chart([0.5, 0.6, None, 0.7, 0.8])

    assert drawn.line.count("M") == 2 and drawn.dots == [(RIGHT, 24.0)]


def test_a_value_without_neighbours_is_a_dot():
    drawn = chart([None, 0.5, None])

    assert drawn.line == "" and drawn.dots == [(133.0, 48.0)]


def test_a_band_is_closed_and_left_out_where_there_is_no_interval():
    drawn = chart([0.5, 0.6, 0.7], [Interval(0.4, 0.6), Interval(0.5, 0.7), None])

    assert drawn.band.count("Z") == 1 and len(numbers(drawn.band)) == 4


def test_no_value_gives_an_empty_picture():
    assert chart([]) == chart([None, None]) == burn_down([])


def test_what_is_left_stands_on_an_axis_up_to_the_most_that_was_left():
    assert numbers(burn_down([40, 20, 0]).line)[0][1] == TOP and numbers(burn_down([40, 20, 0]).line)[-1][1] == BOTTOM


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_every_point_stands_in_the_field(values):
    bands = [None if value is None else Interval(max(-1, value - 0.2), min(1, value + 0.2)) for value in values]
    drawn = chart(values, bands)

    for x, y in [*numbers(drawn.line, drawn.band), *drawn.dots]:
        assert LEFT <= x <= RIGHT and TOP <= y <= BOTTOM
