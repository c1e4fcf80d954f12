"""What hints at one study, where a study stands, and what records tell of their later fate."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.records.rules.notices import NoticeKind, notices
from workbench.screening.rules import Outcome
from workbench.studies.rules import State, state_of, told_apart
from workbench.studies.rules.hints import hint_of, hints, told

XML = "MedlineCitation/CommentsCorrectionsList/CommentsCorrections"


@pytest.mark.parametrize(
    ("raw", "types", "title", "kinds"),
    [
        ([["RIN", "J Spine. 2013", 1]], [], "Cement", ["retraction"]),
        ([["ECI", "J Spine. 2013", 1], ["EIN", "J Spine. 2012", 2]], [], "Cement", ["concern", "erratum"]),
        ([[f"{XML}/@RefType", "RetractionIn", 1], [f"{XML}/RefSource", "J Spine", 1]], [], "Cement", ["retraction"]),
        ([[f"{XML}/@RefType", "ErratumIn", 1]], [], None, ["erratum"]),
        ([[f"{XML}/@RefType", "RetractionOf", 1]], ["Retraction of Publication"], "Retraction: Cement", []),
        ([["ROF", "J Spine", 1], ["CIN", "J Spine", 1], ["EFR", "J Spine", 1]], [], "Erratum", []),
        ([], ["Retracted Publication"], "Cement", ["retraction"]),
        ([], [], "RETRACTED: Cement in pain", ["retraction"]),
        ([], [], "Cement in pain (Retracted article)", ["retraction"]),
        ([], [], "Retracted nails in spine surgery", []),
        ([["RIN", "J", 1], ["RIN", "J", 2]], ["Retracted Publication"], "RETRACTED: x", ["retraction"]),
    ],
)
def test_what_a_record_tells_of_its_later_fate(raw, types, title, kinds):
    assert [one.kind for one in notices(raw, types, title)] == [NoticeKind(kind) for kind in kinds]


@given(st.lists(st.sampled_from([*Outcome, None]), min_size=1, max_size=6), st.integers(0, 2))
@settings(max_examples=200)
def test_where_a_study_stands(outcomes, n_ongoing):
    expected = State.UNDECIDED
    if all(one is Outcome.EXCLUDED for one in outcomes):
        expected = State.EXCLUDED
    if any(one is Outcome.AWAITING for one in outcomes):
        expected = State.ONGOING if n_ongoing else State.AWAITING
    if any(one is Outcome.INCLUDED for one in outcomes):
        expected = State.INCLUDED

    assert state_of(outcomes, n_ongoing) is expected


@given(st.lists(st.sampled_from(["Berg 2012", "Dahl 2009", "Holm 2010"]), max_size=40))
@settings(max_examples=50)
def test_labels_are_told_apart_and_keep_their_beginning(labels):
    found = told_apart(labels)

    assert len(set(found)) == len(labels) and all(
        one.startswith(label) for one, label in zip(found, labels, strict=True)
    )


NUMBERS = st.lists(st.sampled_from(["NCT1", "NCT2", "NCT3"]), max_size=3, unique=True)
NAMES = st.lists(st.sampled_from(["Holm, K", "Berg, M", "Falk, O", "Dahl, P"]), max_size=4, unique=True)
TEXTS = st.sampled_from(
    ["", "We randomised 134 patients in June 2004.", "Among 134 women at Odense.", "20 adults, June 2004, in Odense."]
)


@given(st.lists(st.tuples(NUMBERS, NAMES, TEXTS), max_size=6))
@settings(max_examples=100)
def test_only_looking_at_pairs_that_share_something_finds_every_hint(reports):
    made = [told(place, *one) for place, one in enumerate(reports)]
    every = {(one.id, other.id): hint_of(one, other) for place, one in enumerate(made) for other in made[place + 1 :]}

    found = {(hint.first_id, hint.second_id): hint for hint in hints(made)}

    assert found == {pair: hint for pair, hint in every.items() if hint}


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("We enrolled 1,234 patients; 12 withdrew", {1234}),
        ("n = 64 per arm, N=128 in all", {64, 128}),
        ("Sixty patients over 24 months, 5 women", set()),
        ("82 consecutive elderly patients", {82}),
    ],
)
def test_sizes_are_read_off_abstracts(text, sizes):
    assert told(1, [], [], text).sizes == sizes


def test_a_paper_that_names_many_trials_is_a_review_of_them():
    many = ["NCT00000001", "NCT00000002", "NCT00000003", "NCT00000004"]

    assert hint_of(told(1, many, [], None), told(2, many[:1], [], None)) is None
    assert hint_of(told(1, ["EUCTR2020-001234-12-GB"], [], None), told(2, ["EUCTR2020-001234-12"], [], None))
