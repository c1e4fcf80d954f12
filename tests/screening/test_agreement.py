"""The figures of agreement: worked checks, what is not estimable, and properties that hold for every table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.screening.agreement import (
    THREE,
    TWO,
    Table,
    added,
    agreement,
    kappa_error,
    kappa_interval,
    three_by_three,
    two_by_two,
)

FLEISS = Table(("psychotic", "neurotic", "organic"), ((75, 1, 4), (5, 4, 1), (0, 0, 10)))
"""100 diagnoses by two people in three unequal classes, as in Fleiss, Statistical Methods for Rates and Proportions."""


def of(*cells):
    return agreement(Table(TWO if len(cells) == 2 else THREE, cells))


def rounded(*figures):
    return [round(figure, 2) for figure in figures]


def test_the_worked_check_shows_why_agreement_on_includes_stands_beside_the_rest():
    found = of((10, 10), (10, 970))

    figures = (found.observed, found.kappa, found.pabak, found.ac1, found.positive, found.negative)
    assert found.n == 1000 and rounded(*figures) == [0.98, 0.49, 0.96, 0.98, 0.50, 0.99]


def test_kappa_and_its_error_are_those_of_the_textbook():
    found = agreement(FLEISS)

    assert rounded(found.kappa, found.observed) == [0.68, 0.89] and round(kappa_error(FLEISS), 3) == 0.088
    assert rounded(found.interval.low, found.interval.high) == [0.50, 0.85]


def test_the_error_of_two_classes_is_that_of_the_formula_written_out():
    table = Table(TWO, ((20, 5), (10, 15)))

    kappa, chance = 0.4, 0.5
    same = 0.4 * (1 - 1.1 * 0.6) ** 2 + 0.3 * (1 - 0.9 * 0.6) ** 2
    other = 0.36 * (0.1 * (0.6 + 0.5) ** 2 + 0.2 * (0.4 + 0.5) ** 2)
    by_hand = ((same + other - (kappa - chance * 0.6) ** 2) / 50) ** 0.5 / 0.5
    assert kappa_error(table) == pytest.approx(by_hand)


def test_nothing_is_estimable_without_records():
    found = of((0, 0), (0, 0))

    assert found.n == 0
    assert {found.observed, found.kappa, found.interval, found.pabak, found.ac1, *found.specific} == {None}


def test_kappa_is_not_estimable_where_both_said_one_and_the_same_of_all():
    found = of((0, 0), (0, 25))

    assert (found.kappa, found.interval, found.positive) == (None, None, None)
    assert (found.observed, found.pabak, found.ac1, found.negative) == (1, 1, 1, 1)


def test_perfect_agreement_has_no_interval_since_an_error_of_nil_is_no_certainty():
    found = of((5, 0), (0, 5))

    assert found.kappa == 1 and found.interval is None


def test_where_one_excludes_all_kappa_is_0_and_agreement_on_includes_as_well():
    found = of((0, 4), (0, 6))

    assert found.kappa == 0 and found.interval is None and found.positive == 0


def test_unclear_is_once_an_include_and_once_itself():
    pairs = [("include", "unclear"), ("unclear", "unclear"), ("exclude", "unclear"), ("exclude", "exclude")]

    assert two_by_two(pairs).cells == ((2, 0), (1, 1))
    assert three_by_three(pairs).cells == ((0, 1, 0), (0, 1, 0), (0, 1, 1))


def test_a_word_that_is_no_class_is_refused():
    with pytest.raises(ValueError, match="withdrawn"):
        three_by_three([("include", "withdrawn")])


def test_no_pair_at_all_adds_up_to_an_empty_table():
    assert added([], TWO).cells == ((0, 0), (0, 0))


WORDS = st.sampled_from(THREE)
PAIRS = st.lists(st.tuples(WORDS, WORDS), max_size=60)
FEW = settings(max_examples=60, deadline=None)


@FEW
@given(PAIRS)
def test_who_is_row_and_who_is_column_changes_no_figure(pairs):
    turned = [(other, one) for one, other in pairs]

    for sort in (two_by_two, three_by_three):
        assert close(agreement(sort(pairs)), agreement(sort(turned)))


@FEW
@given(PAIRS)
def test_every_figure_stays_within_its_bounds_and_the_interval_around_kappa(pairs):
    for sort in (two_by_two, three_by_three):
        found, interval = agreement(sort(pairs)), kappa_interval(sort(pairs))

        assert found.n == len(pairs)
        for share in (found.observed, *found.specific):
            assert share is None or 0 <= share <= 1
        for figure in (found.kappa, found.pabak, found.ac1):
            assert figure is None or -1 - 1e-9 <= figure <= 1 + 1e-9
        assert interval is None or -1 <= interval.low <= found.kappa <= interval.high <= 1


@FEW
@given(PAIRS.filter(bool))
def test_ten_times_the_records_leave_kappa_and_narrow_its_interval(pairs):
    one, ten = agreement(two_by_two(pairs)), agreement(two_by_two(pairs * 10))

    assert one.kappa == pytest.approx(ten.kappa) if one.kappa is not None else ten.kappa is None
    if one.interval and ten.interval:
        assert ten.interval.high - ten.interval.low <= one.interval.high - one.interval.low


@FEW
@given(PAIRS, PAIRS)
def test_tables_of_parts_add_up_to_the_table_of_all(some, others):
    assert added([three_by_three(some), three_by_three(others)], THREE) == three_by_three(some + others)


def close(one, other):
    def figures(found):
        ends = (found.interval.low, found.interval.high) if found.interval else (None, None)
        return [found.observed, found.kappa, *ends, found.pabak, found.ac1, *found.specific]

    return figures(one) == pytest.approx(figures(other))
