"""Pilot rounds on both databases: all vote, all is shown when all have handed in, and changed criteria make history."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

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
    an_import,
    open_stage,
    the_lead,
)
from workbench.audit import queries as trail
from workbench.db import now
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import Record
from workbench.reviews import service as teams
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import PilotRound, Vote
from workbench.screening.queries import awaiting, queue
from workbench.screening.queries import pilots as queries
from workbench.screening.queries import votes as rules
from workbench.screening.queries.again import asked_again
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Decision, Origin, Outcome, Verdict
from workbench.screening.service import conflicts, pilots, stages, voting

TITLES = Stage.TITLE_ABSTRACT


@dataclass
class Team:
    """A review with its title-abstract stage open, three voters and eight records."""

    session: Session
    review: Review
    people: list[Member]
    ids: list[int]

    @property
    def rule(self):
        return rules.stage_rule(self.session, self.review.id, TITLES)

    def served(self, who: Member) -> list[int]:
        return [one.record_id for one in queue.waiting_for(self.session, who, self.rule, 100)]

    def begin(self, size=2, seed=5) -> PilotRound:
        return pilots.begin(self.session, self.people[0], TITLES, size, seed)

    def vote(self, who: Member, record_id: int, ballot=INCLUDE, **more) -> Vote:
        return a_vote(self.session, who, self.session.get_one(Record, record_id), ballot, **more)

    def stands(self, record_id: int) -> Outcome:
        return standings(self.session, self.review.id, self.rule, only=[record_id])[0].outcome

    def amend(self, **changed) -> None:
        """Put a version of the protocol in force that has other parts."""
        last = self.session.scalars(select(ProtocolVersion).order_by(ProtocolVersion.id.desc())).first()
        self.session.add(
            ProtocolVersion(
                review_id=self.review.id,
                number=last.number + 1,
                document=last.document | changed,
                source="{}",
                plan_sha256=str(last.number) * 64,
                registered_by=self.people[0].id,
                registered_at=now(),
                reason="so",
            )
        )
        self.session.flush()


CRITERIA = {"include": [{"id": "adults", "text": "Adults only"}]}


@pytest.fixture
def team(session: Session) -> Team:
    return a_team(session)


def a_team(session: Session, n=8, **rule) -> Team:
    review = a_review(session, "team", document=a_document("team", **rule))
    people = [the_lead(session, review), a_member(session, review), a_member(session, review)]
    of = an_import(session, review)
    ids = [a_record(session, review, of=of).id for _ in range(n)]
    open_stage(session, review)
    return Team(session, review, people, ids)


def test_everybody_who_may_vote_gets_the_sample_and_nothing_else(session, team):
    observer, judge = a_member(session, team.review, Role.OBSERVER), a_member(session, team.review, Role.ADJUDICATOR)

    begun = team.begin()

    drawn = queries.sample(session, begun)
    assert [sorted(team.served(who)) for who in team.people] == [sorted(drawn)] * 3 and len(drawn) == 2
    assert [one.member for one in queries.progress(session, begun)] == team.people
    assert not {observer, judge} & {one.member for one in queries.progress(session, begun)}
    assert trail.entries(session, team.review.id, limit=1)[0].payload["seed"] == 5


def test_the_same_seed_draws_the_same_sample_again(session, team):
    begun = team.begin(size=3, seed=11)
    drawn = queries.sample(session, begun)

    assert drawn == pilots._draw(a_twin(session, team), team.people[0], TITLES, 3, 11)


def a_twin(session, team):
    """The same house before the round was begun."""
    from sqlalchemy import delete

    from workbench.screening.models import PilotRecord

    session.execute(delete(PilotRecord))
    return session


def test_a_third_vote_counts_and_all_opens_when_the_last_has_handed_in(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    team.vote(team.people[0], record, INCLUDE)
    team.vote(team.people[1], record, INCLUDE)
    team.vote(team.people[2], record, EXCLUDE, in_hand=True)

    assert team.stands(record) is Outcome.PENDING and begun.opened_at is None
    assert not rules.is_open(session, team.review.id, record, TITLES)
    voting.hand_in(session, team.people[2], TITLES)

    assert begun.opened_at and team.stands(record) is Outcome.CONFLICT
    assert {one.origin for one in session.scalars(select(Vote))} == {Origin.PILOT}
    assert len(rules.counted_votes(session, team.review.id, record, TITLES)) == 3
    [read] = queries.said(session, begun)
    assert read.differs and [read.votes[who.id].decision for who in team.people] == [
        Decision.INCLUDE, Decision.INCLUDE, Decision.EXCLUDE,
    ]  # fmt: skip
    assert team.people[2].id in {
        vote.reviewer_id for vote in rules.counted_votes(session, team.review.id, record, TITLES)
    }
    assert trail.entries(session, team.review.id, limit=1)[0].event == "screening:pilot:opened"


def test_where_all_say_the_same_the_record_is_decided_and_unclear_counts_as_include(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    for who, ballot in zip(team.people, (INCLUDE, UNCLEAR, INCLUDE), strict=True):
        team.vote(who, record, ballot)

    assert team.stands(record) is Outcome.INCLUDED and not queries.said(session, begun)[0].differs


@pytest.mark.parametrize("variant", ["single", "liberal-accelerated", "single-plus-check"])
def test_a_disagreement_of_a_pilot_is_a_conflict_under_every_variant(session, variant):
    votes = {"liberal-accelerated": 2}.get(variant, 1)
    more = {"check_percent": 10} if variant == "single-plus-check" else {}
    team = a_team(session, variant=variant, votes=votes, **more)
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    for who, ballot in zip(team.people, (INCLUDE, EXCLUDE, EXCLUDE), strict=True):
        team.vote(who, record, ballot)

    assert team.stands(record) is Outcome.CONFLICT
    proposal = conflicts.propose(session, team.people[1], record, TITLES, conflicts.Verdict.INCLUDED, "adults")
    conflicts.agree(session, team.people[2], record, TITLES, proposal.id)
    assert team.stands(record) is Outcome.INCLUDED


def test_who_has_voted_waits_for_the_others_and_then_goes_on(session, team):
    begun = team.begin()
    drawn = queries.sample(session, begun)
    for who in team.people:
        for record in drawn:
            assert record in team.served(who)
            team.vote(who, record)
        waits = who is not team.people[2]
        assert bool(team.served(who)) is not waits
        assert (queue.pilot_that_waits(session, who, team.rule) == begun.id) is waits

    assert all(len(team.served(who)) == 6 for who in team.people)


def test_one_round_at_a_time_and_each_record_once(session, team):
    begun = team.begin(size=6)
    with pytest.raises(pilots.RoundRuns):
        team.begin()
    for who in team.people:
        for record in queries.sample(session, begun):
            team.vote(who, record)

    later = team.begin(size=2)

    assert later.number == 2 and not set(queries.sample(session, later)) & set(queries.sample(session, begun))


@pytest.mark.parametrize("size", [0, 9, 501])
def test_a_sample_is_no_larger_than_what_nobody_has_voted_on(session, team, size):
    with pytest.raises(pilots.SampleImpossible):
        team.begin(size=size)


def test_only_the_lead_begins_a_round_and_only_while_the_stage_is_open_and_two_vote(session, team):
    with pytest.raises(NotYours):
        pilots.begin(session, team.people[1], TITLES, 1, 1)
    stages.close_stage(session, team.people[0], TITLES)
    with pytest.raises(pilots.StageNotOpen):
        team.begin()
    open_stage(session, team.review)
    for who in team.people[1:]:
        teams.part(session, team.people[0], who.id)
    with pytest.raises(pilots.TooFewVoters):
        team.begin()


def test_who_is_released_or_left_is_not_waited_for_and_comes_too_late(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    team.vote(team.people[2], record, EXCLUDE, in_hand=True)
    for who in team.people[:2]:
        team.vote(who, record, INCLUDE)

    pilots.release(session, team.people[0], TITLES, 1, team.people[2].id)

    assert begun.opened_at and team.stands(record) is Outcome.INCLUDED
    voting.hand_in(session, team.people[2], TITLES)
    assert team.stands(record) is Outcome.INCLUDED, "a vote after the opening is surplus"
    assert len(rules.counted_votes(session, team.review.id, record, TITLES)) == 2


def test_a_round_keeps_two_people_to_compare(session, team):
    team.begin()
    pilots.release(session, team.people[0], TITLES, 1, team.people[2].id)

    with pytest.raises(pilots.TooFewVoters):
        pilots.release(session, team.people[0], TITLES, 1, team.people[1].id)
    with pytest.raises(queries.NoSuchRound):
        pilots.release(session, team.people[0], TITLES, 1, team.people[2].id)


def test_a_round_that_a_leaver_held_up_is_opened_by_the_lead(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    for who in team.people[:2]:
        team.vote(who, record)
    with pytest.raises(pilots.RoundWaits, match=team.people[2].name):
        pilots.open_round(session, team.people[0], TITLES, 1)

    teams.part(session, team.people[0], team.people[2].id)
    pilots.open_round(session, team.people[0], TITLES, 1)

    assert begun.opened_at and team.stands(record) is Outcome.INCLUDED


def test_a_barred_person_is_not_waited_for(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    stages.bar(session, team.people[0], record, team.people[2].id, "own work")
    for who in team.people[:2]:
        team.vote(who, record)

    assert begun.opened_at


def test_a_pilot_record_that_proves_to_be_a_duplicate_keeps_its_votes(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    other = next(one for one in team.ids if one != record)
    for who in team.people[:2]:
        team.vote(who, record)
    a_duplicate(session, session.get_one(Record, record), session.get_one(Record, other))
    assert queries.sample(session, begun) == [other] and team.served(team.people[2]) == [other]

    team.vote(team.people[2], other, EXCLUDE)

    assert begun.opened_at and team.stands(other) is Outcome.CONFLICT


# Criteria that change


def opened(session, team, ballots=(INCLUDE, INCLUDE, EXCLUDE)):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    for who, ballot in zip(team.people, ballots, strict=True):
        team.vote(who, record, ballot)
    return begun, record


def test_all_votes_of_a_round_count_where_its_record_was_joined_with_another_before_the_last(session, team):
    begun = team.begin(size=1)
    [drawn] = queries.sample(session, begun)
    kept = next(one for one in team.ids if one != drawn)
    team.vote(team.people[0], drawn, INCLUDE)
    a_duplicate(session, session.get_one(Record, drawn), session.get_one(Record, kept))
    for who, ballot in zip(team.people[1:], (INCLUDE, EXCLUDE), strict=True):
        team.vote(who, drawn, ballot)

    counted = rules.counted_votes(session, team.review.id, kept, TITLES)

    assert team.stands(kept) is Outcome.CONFLICT and [vote.reviewer_id for vote in counted] == [
        one.id for one in team.people
    ]


def test_a_vote_after_changed_criteria_is_not_asked_again_where_the_pilot_vote_was_on_another_record(session, team):
    _begun, record = opened(session, team)
    kept = next(one for one in team.ids if one != record)
    team.amend(eligibility=CRITERIA)
    a_duplicate(session, session.get_one(Record, record), session.get_one(Record, kept))

    team.vote(team.people[0], kept, EXCLUDE)
    team.vote(team.people[1], kept, EXCLUDE)

    assert asked_again(session, team.people[0], team.rule) == [] and team.stands(kept) is Outcome.EXCLUDED


def test_a_round_does_not_wait_for_a_record_that_proves_to_be_a_settled_report(session, team):
    settled, other = team.ids[:2]
    team.vote(team.people[0], settled, INCLUDE)
    team.vote(team.people[1], settled, EXCLUDE)
    judge = a_member(session, team.review, Role.ADJUDICATOR)
    conflicts.adjudicate(session, judge, settled, TITLES, Verdict.INCLUDED, "It fits.")
    begun = team.begin(size=len(team.ids) - 1)
    a_duplicate(session, session.get_one(Record, other), session.get_one(Record, settled))

    asked = queries.progress(session, begun)

    assert {one.asked for one in asked} == {len(team.ids) - 2}
    assert all(len(team.served(one.member)) == one.asked for one in asked)


def test_pilot_votes_count_on_where_the_criteria_stay(session, team):
    _begun, record = opened(session, team)

    team.amend(highlights={"include": ["cement"]})

    assert team.stands(record) is Outcome.CONFLICT


def test_after_changed_criteria_the_round_returns_to_the_queue_and_its_votes_stay_as_history(session, team):
    begun, record = opened(session, team)

    team.amend(eligibility=CRITERIA)

    assert team.stands(record) is Outcome.PENDING
    assert all(record in team.served(who) for who in team.people)
    assert len(session.scalars(select(Vote)).all()) == 3 and len(queries.said(session, begun)[0].votes) == 3
    assert not rules.is_open(session, team.review.id, record, TITLES)
    assert rules.counted_votes(session, team.review.id, record, TITLES) == []

    first = team.vote(team.people[0], record, EXCLUDE)
    assert (first.turn, first.origin) == (2, Origin.CAST)
    assert record not in team.served(team.people[0]) and record in team.served(team.people[1])
    assert awaiting.second(session, team.review.id, team.rule, 1).total == 1
    team.vote(team.people[1], record, EXCLUDE)

    assert team.stands(record) is Outcome.EXCLUDED and record not in team.served(team.people[2])
    assert len(rules.counted_votes(session, team.review.id, record, TITLES)) == 2


def test_votes_given_after_the_change_are_no_history(session, team):
    team.amend(eligibility=CRITERIA)
    _begun, record = opened(session, team, (INCLUDE, INCLUDE, INCLUDE))

    assert team.stands(record) is Outcome.INCLUDED


def test_criteria_that_change_in_the_middle_of_a_round_ask_everybody_again(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    team.vote(team.people[0], record, INCLUDE)
    team.amend(eligibility=CRITERIA)
    assert team.served(team.people[0]) == [record]
    for who in team.people[1:]:
        team.vote(who, record, INCLUDE)
    assert begun.opened_at is None

    team.vote(team.people[0], record, EXCLUDE)

    assert begun.opened_at and team.stands(record) is Outcome.CONFLICT


def test_a_handed_in_vote_of_a_pilot_that_counts_is_final(session, team):
    _begun, record = opened(session, team)

    with pytest.raises(voting.AlreadyHandedIn):
        team.vote(team.people[0], record, EXCLUDE)
    team.amend(eligibility=CRITERIA)
    with pytest.raises(voting.AlreadyHandedIn):
        voting.withdraw(session, team.people[0], record, TITLES, "w")


# Lists and the second check


def test_the_lists_tell_what_waits_and_nobody_elses_unclear_before_it_is_open(session, team):
    first, second, _third = team.people
    one, two = team.ids[:2]
    team.vote(first, one, UNCLEAR)
    team.vote(second, two, INCLUDE)

    assert awaiting.mine(session, first, team.rule, 1).total == 7
    assert [record.id for record in awaiting.second(session, team.review.id, team.rule, 1).rows] == [one, two]
    assert [awaiting.unclear(session, who, team.rule, 1).total for who in team.people] == [1, 0, 0]
    team.vote(second, one, EXCLUDE)
    assert [awaiting.unclear(session, who, team.rule, 1).total for who in team.people] == [1, 1, 0], "a conflict (B5)"
    proposal = conflicts.propose(session, first, one, TITLES, conflicts.Verdict.INCLUDED, "adults")
    conflicts.agree(session, second, one, TITLES, proposal.id)
    assert [awaiting.unclear(session, who, team.rule, 1).total for who in team.people] == [1, 1, 1]
    assert [record.id for record in awaiting.second(session, team.review.id, team.rule, 1).rows] == [two]


def test_the_second_check_tells_its_error_rate_when_all_is_handed_in_and_settled(session):
    team = a_team(session, variant="single-plus-check", votes=1, check_percent=100)
    first, second, _third = team.people
    judge = a_member(session, team.review, Role.ADJUDICATOR)
    assert awaiting.check(session, team.review.id, team.rule).rate is None, "not estimable"
    for record in team.ids[:4]:
        team.vote(first, record, EXCLUDE)
    assert awaiting.to_check(session, team.review.id, team.rule, 1).total == 4
    for record, ballot in zip(team.ids[:3], (EXCLUDE, INCLUDE, UNCLEAR), strict=True):
        team.vote(second, record, ballot)

    found = awaiting.check(session, team.review.id, team.rule)
    assert (found.drawn, found.checked, found.differs, found.rate) == (4, 3, 2, None)
    team.vote(second, team.ids[3], EXCLUDE)
    for record, verdict in zip(team.ids[1:3], (conflicts.Verdict.INCLUDED, conflicts.Verdict.EXCLUDED), strict=True):
        conflicts.adjudicate(session, judge, record, TITLES, verdict, "so")

    found = awaiting.check(session, team.review.id, team.rule)
    assert (found.is_over, found.wrong, found.rate) == (True, 1, 0.25)
    assert [round(end, 3) for end in found.interval] == [0.046, 0.699]


def test_other_rules_have_no_second_check(session, team):
    assert awaiting.check(session, team.review.id, team.rule) is None
    assert awaiting.to_check(session, team.review.id, team.rule, 1).total == 0


def test_a_clock_that_is_put_back_loses_no_vote_of_a_round(session, team):
    begun = team.begin(size=1)
    [record] = queries.sample(session, begun)
    with time_machine.travel(now() + timedelta(hours=1)):
        for who in team.people[:2]:
            team.vote(who, record, INCLUDE)
    team.vote(team.people[2], record, EXCLUDE)

    assert begun.opened_at and team.stands(record) is Outcome.CONFLICT
