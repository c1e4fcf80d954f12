"""Splitting records among people: shares are met, pairs have their senior, and nobody gets what is not for them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.screening.rules.allocation import Open, split, whole_numbers


@st.composite
def teams(draw):
    """Shares that add up to two people per record, none more than every record."""
    n = draw(st.integers(2, 6))
    weights = draw(st.lists(st.integers(1, 10), min_size=n, max_size=n))
    shares = dict(enumerate(weights, start=1))
    while max(shares.values()) * 2 > sum(shares.values()):
        smallest = min(shares, key=shares.get)
        shares[smallest] += 1
    return shares


@settings(max_examples=60, deadline=None)
@given(shares=teams(), n=st.integers(0, 60), seed=st.integers(0, 2**31))
def test_everybody_gets_their_share_and_every_record_two_people(shares, n, seed):
    drawn = split([Open(one, 2) for one in range(n)], shares, seed)

    assert all(len(set(people)) == 2 for people in drawn.values()) and len(drawn) == n
    got = {who: sum(who in people for people in drawn.values()) for who in shares}
    assert got == whole_numbers(shares, 2 * n)


@settings(max_examples=60, deadline=None)
@given(shares=teams(), n=st.integers(1, 60), seed=st.integers(0, 2**31))
def test_each_pair_has_a_senior_where_the_rule_asks(shares, n, seed):
    seniors = [who for who in shares if who % 2]
    drawn = split([Open(one, 2, needs_senior=True) for one in range(n)], shares, seed, seniors)

    assert all(set(people) & set(seniors) and len(set(people)) == 2 for people in drawn.values())


@settings(max_examples=60, deadline=None)
@given(
    shares=teams(),
    seed=st.integers(0, 2**31),
    not_for=st.lists(st.frozensets(st.integers(1, 6), max_size=6), min_size=1, max_size=40),
)
def test_nobody_is_asked_for_a_record_that_is_not_for_them(shares, seed, not_for):
    records = [Open(place, 2, not_for=who) for place, who in enumerate(not_for)]

    drawn = split(records, shares, seed)

    for one in records:
        free = set(shares) - one.not_for
        assert set(drawn[one.record_id]) <= free and len(drawn[one.record_id]) == min(2, len(free))


def test_the_same_seed_draws_the_same_and_another_seed_another():
    records = [Open(one, 2) for one in range(50)]

    once, again, other = (split(records, {1: 1, 2: 1, 3: 1, 4: 1}, seed) for seed in (5, 5, 6))

    assert once == again != other


def test_pairs_are_mixed_so_that_agreement_can_be_told_for_each():
    drawn = split([Open(one, 2) for one in range(400)], {1: 1, 2: 1, 3: 1, 4: 1}, seed=1)

    pairs = [frozenset(people) for people in drawn.values()]
    assert all(pairs.count(pair) > 30 for pair in set(pairs)) and len(set(pairs)) == 6


def test_three_people_with_a_third_each_share_the_remainder():
    assert whole_numbers({7: 33.3, 8: 33.3, 9: 33.4}, 10) == {7: 3, 8: 3, 9: 4}
    assert whole_numbers({}, 10) == {}
