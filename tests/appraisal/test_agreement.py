"""Agreement of appraisers, held against published examples to three decimals."""

import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.appraisal.agreement import (
    agreement,
    collapsed,
    fleiss_kappa,
    intraclass,
    squared_steps,
    steps,
    weighted_kappa,
)
from workbench.screening.agreement import Table, kappa

COHEN_1968 = Table(("one", "two", "three"), ((88, 14, 18), (10, 40, 10), (2, 6, 12)))
SHROUT_FLEISS = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
GRAVE = ((0, 1, 3), (1, 0, 6), (3, 6, 0))
LEVELS = ["Low", "Some concerns", "High"]


def test_weighted_kappa_is_that_of_cohens_paper():
    assert kappa(COHEN_1968) == pytest.approx(0.4915, abs=5e-4)
    assert weighted_kappa(COHEN_1968, lambda i, j: GRAVE[i][j]) == pytest.approx(0.3478, abs=5e-4)
    assert weighted_kappa(COHEN_1968, steps) == pytest.approx(0.4737, abs=5e-4)
    assert weighted_kappa(COHEN_1968, squared_steps) == pytest.approx(0.4545, abs=5e-4)


def test_intraclass_correlation_is_that_of_shrout_and_fleiss():
    found = intraclass(SHROUT_FLEISS)

    assert (found.targets, found.appraisers) == (6, 4)
    assert found.single == pytest.approx(0.2898, abs=5e-4)
    assert found.mean == pytest.approx(0.6201, abs=5e-4)


def test_the_fixtures_hold_to_three_decimals(published):
    want = json.loads((published / "agreement" / "fixtures.json").read_text())
    with (published / "agreement" / "shrout_fleiss_1979.csv").open() as file:
        found = intraclass([tuple(map(float, row)) for row in list(csv.reader(file))[1:]])
    cohen = want["cohen1968_matrix"]

    assert found.single == pytest.approx(want["shrout_fleiss_1979"]["ICC(2,1)"], abs=5e-4)
    assert found.mean == pytest.approx(want["shrout_fleiss_1979"]["ICC(2,k)"], abs=5e-4)
    assert kappa(COHEN_1968) == pytest.approx(cohen["unweighted"], abs=5e-4)
    assert weighted_kappa(COHEN_1968, steps) == pytest.approx(cohen["linear"], abs=5e-4)
    assert weighted_kappa(COHEN_1968, squared_steps) == pytest.approx(cohen["quadratic"], abs=5e-4)
    grave = weighted_kappa(COHEN_1968, lambda i, j: GRAVE[i][j])
    assert grave == pytest.approx(cohen["weights_0-1-3_1-0-6_3-6-0"], abs=5e-4)


def test_fleiss_kappa_is_that_of_his_kind_of_table():
    answers = ["aaaa", "aabb", "bbbb", "abbb", "aaab"]

    assert fleiss_kappa(answers) == pytest.approx(0.3333, abs=5e-4)
    assert fleiss_kappa(["aa", "aa"]) is None and fleiss_kappa([]) is None
    with pytest.raises(ValueError, match="every appraiser"):
        fleiss_kappa(["aa", "aaa"])


def test_where_both_always_say_the_same_kappa_is_not_estimable():
    found = agreement([("Low", "Low")] * 5, LEVELS, are_ordered=True)

    assert (found.observed, found.kappa, found.linear, found.quadratic) == (1, None, None, None)
    assert agreement([], LEVELS, are_ordered=True).observed is None
    assert intraclass([(5, 5), (5, 5)]).single is None and intraclass([(1, 2)]).mean is None


def test_answers_that_are_no_class_are_left_out_and_counted():
    found = agreement([("Low", "NI"), ("Low", "Low"), ("High", "Low")], LEVELS, are_ordered=False)

    assert (found.n, found.left_out, found.observed, found.linear) == (2, 1, 0.5, None)


def test_probably_yes_may_count_as_yes():
    pairs = [("Y", "PY"), ("N", "PN"), ("NI", "N")]

    merged = collapsed(pairs, {"PY": "Y", "PN": "N"})

    assert agreement(merged, ["Y", "N", "NI"], are_ordered=False).observed == pytest.approx(2 / 3)


@given(st.lists(st.tuples(st.sampled_from(LEVELS), st.sampled_from(LEVELS)), max_size=30))
@settings(max_examples=60, deadline=None)
def test_with_two_classes_every_kappa_is_the_same_and_who_is_first_does_not_matter(pairs):
    two = agreement(pairs, ["Low", "High"], are_ordered=True)
    turned = agreement([(other, one) for one, other in pairs], LEVELS, are_ordered=True)

    assert two.linear == two.quadratic == (two.kappa if two.kappa is None else pytest.approx(two.kappa))
    assert turned == agreement(pairs, LEVELS, are_ordered=True)
