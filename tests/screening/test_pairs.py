"""Which votes make a pair: first, handed in, on the same record, and independent."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    UNCLEAR,
    a_document,
    a_duplicate,
    a_member,
    a_record,
    a_review,
    a_vote,
    open_stage,
    the_lead,
)
from workbench.reviews.rules import Role, Stage
from workbench.screening.agreement import agreement, as_include, two_by_two
from workbench.screening.queries import votes
from workbench.screening.queries.agreement import (
    Said,
    _sorted_out,
    by_hundred,
    by_people,
    by_week,
    pairs,
    part_of,
    still_votes,
)
from workbench.screening.rules import Decision, Origin, StageRule, Variant
from workbench.screening.service import stages

TITLES = Stage.TITLE_ABSTRACT


class Team:
    """A review with an open stage under one rule, its lead and two reviewers."""

    def __init__(self, session, **rule):
        self.session = session
        self.review = a_review(session, "spine", document=a_document("spine", **rule) if rule else None)
        self.lead = the_lead(session, self.review)
        self.first, self.second = (a_member(session, self.review, name=name) for name in ("Jonas", "Tove"))
        open_stage(session, self.review)

    def record(self, *ballots, in_hand=()):
        record = a_record(self.session, self.review)
        for person, ballot in ballots:
            a_vote(self.session, person, record, ballot, in_hand=person in in_hand)
        return record

    @property
    def pairs(self):
        return pairs(self.session, self.review.id, votes.stage_rule(self.session, self.review.id, TITLES))

    @property
    def said(self):
        return [pair.said for pair in self.pairs.found]


def test_a_pair_is_what_two_people_said_first_whoever_voted_first(session):
    team = Team(session)
    team.record((team.second, EXCLUDE), (team.first, INCLUDE))

    [pair] = team.pairs.found

    assert pair.people == (team.first.id, team.second.id) and pair.said == ("include", "exclude")


def test_a_vote_in_hand_makes_no_pair(session):
    team = Team(session)
    team.record((team.first, INCLUDE), (team.second, EXCLUDE), in_hand=(team.second,))

    assert team.said == []


def test_what_comes_after_the_pair_is_whole_is_surplus_and_left_out(session):
    team = Team(session)
    team.record((team.first, INCLUDE), (team.second, UNCLEAR), (team.lead, EXCLUDE))

    assert team.said == [("include", "unclear")] and team.pairs.surplus == 1


def test_where_each_pair_needs_a_senior_two_who_are_none_make_no_pair(session):
    team = Team(session, senior_in_pair=True)
    team.record((team.first, INCLUDE), (team.second, INCLUDE), (team.lead, EXCLUDE))

    [pair] = team.pairs.found

    assert pair.people == (team.lead.id, team.first.id) and team.pairs.surplus == 1


def test_two_votes_on_two_records_of_a_report_met_by_merge_and_are_left_out(session):
    team = Team(session)
    one, other = team.record((team.first, INCLUDE)), team.record((team.second, EXCLUDE))
    a_duplicate(session, other, one)

    assert team.said == [] and team.pairs.met_by_merge == 1


def test_a_pair_that_was_whole_before_the_merge_stays_once(session):
    team = Team(session)
    one, other = (team.record((team.first, INCLUDE), (team.second, EXCLUDE)) for _ in range(2))
    a_duplicate(session, other, one)

    assert team.said == [("include", "exclude")] and team.pairs.met_by_merge == 0


def test_a_person_who_is_asked_again_gives_no_pair_before_nor_after_the_answer(session):
    team = Team(session)
    one = team.record((team.first, INCLUDE), (team.second, INCLUDE))
    other = team.record((team.first, EXCLUDE))
    a_duplicate(session, other, one)
    assert team.said == [] and team.pairs.asked_again == 1

    a_vote(session, team.first, one, INCLUDE)

    assert team.said == [] and team.pairs.asked_again == 1


@pytest.mark.parametrize(
    ("variant", "expected"),
    [(Variant.LIBERAL, [("exclude", "include")]), (Variant.SINGLE, []), (Variant.SINGLE_PLUS_CHECK, [])],
)
def test_where_the_first_ballot_may_decide_only_what_was_asked_twice_makes_a_pair(session, variant, expected):
    team = Team(session, variant=variant.value, votes=1 if variant is Variant.SINGLE else 2, check_percent=0)
    team.record((team.first, INCLUDE), (team.second, EXCLUDE))
    team.record((team.first, EXCLUDE), (team.second, INCLUDE))

    assert team.said == expected


def test_a_drawn_exclusion_that_a_second_person_checked_makes_a_pair(session):
    team = Team(session, variant="single-plus-check", votes=1, check_percent=100)
    record = a_record(session, team.review)
    stages.rank(session, team.review.id, TITLES)
    for person, ballot in ((team.first, EXCLUDE), (team.second, INCLUDE)):
        a_vote(session, person, record, ballot)

    assert team.said == [("exclude", "include")]


def test_a_record_that_is_not_open_gives_no_pair(session, monkeypatch):
    team = Team(session)
    team.record((team.first, INCLUDE), (team.second, INCLUDE))
    monkeypatch.setattr("workbench.screening.queries.agreement.decided_standings", lambda *_: {})

    assert team.said == []


def test_agreement_is_asked_of_a_part_of_the_records(session):
    team = Team(session)
    kept = team.record((team.first, INCLUDE), (team.second, INCLUDE))
    team.record((team.first, INCLUDE), (team.second, EXCLUDE))
    rule = votes.stage_rule(session, team.review.id, TITLES)

    found = pairs(session, team.review.id, rule, only=[kept.id]).found

    assert found == part_of(team.pairs.found, {kept.id})
    assert agreement(two_by_two(pair.said for pair in found)).observed == 1


def test_pairs_are_grouped_by_people_and_by_week(session):
    team = Team(session)
    team.record((team.first, INCLUDE), (team.second, INCLUDE))
    team.record((team.lead, INCLUDE), (team.second, EXCLUDE))

    grouped = by_people(team.pairs.found)

    assert list(grouped) == [(team.lead.id, team.second.id), (team.first.id, team.second.id)]
    assert sum(len(some) for _week, some in by_week(team.pairs.found)) == 2


@pytest.mark.parametrize(("n", "sizes"), [(0, []), (30, [30]), (149, [149]), (150, [100, 50]), (249, [100, 149])])
def test_hundreds_hold_no_splinter_at_their_end(n, sizes):
    assert [len(some) for some in by_hundred(list(range(n)))] == sizes


def test_who_may_still_vote_is_kept_from_the_figures_until_the_stage_closes(session):
    team = Team(session)
    methodologist = a_member(session, team.review, Role.METHODOLOGIST)
    rule = votes.stage_rule(session, team.review.id, TITLES)

    assert still_votes(session, team.lead, rule) and not still_votes(session, methodologist, rule)

    stages.close_stage(session, team.lead, TITLES)

    assert not still_votes(session, team.lead, rule)


def said(record, reviewer, decision):
    return Said(
        1, record, reviewer, Decision(decision), None, None, None, Origin.CAST, False, datetime(2026, 5, 12, tzinfo=UTC)
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2]), st.integers(1, 4), st.sampled_from(["include", "unclear", "exclude"])),
        unique_by=lambda vote: vote[:2],
        max_size=8,
    )
)
def test_a_report_gives_the_pair_that_was_whole_first_unless_somebody_contradicts_themself(ballots):
    found = _sorted_out({1: [said(*ballot) for ballot in ballots]}, StageRule(TITLES), frozenset(), {1})

    own = {who: {as_include(word) for _record, reviewer, word in ballots if reviewer == who} for _r, who, _w in ballots}
    whole = {
        index: earlier
        for index, (record, _who, _word) in enumerate(ballots)
        if len(earlier := [one for one in ballots[: index + 1] if one[0] == record]) == 2
    }
    if any(len(words) > 1 for words in own.values()):
        assert not found.found and found.asked_again == 1
    elif whole:
        first = sorted((who, word) for _record, who, word in whole[min(whole)])
        assert [(pair.people, pair.said) for pair in found.found] == [
            (tuple(who for who, _word in first), tuple(word for _who, word in first))
        ]
    else:
        assert not found.found and found.met_by_merge == (len(own) > 1)
