"""Allocating records and holding the rule of seniors, on both databases: who is served what."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_document,
    a_member,
    a_record,
    a_review,
    a_run,
    a_vote,
    an_import,
    open_stage,
    the_lead,
)
from workbench.audit import queries as trail
from workbench.reviews import service as teams
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import NotYours, Stage
from workbench.screening.models import Allocation, Assignment, Place, Vote
from workbench.screening.queries import allocation as queries
from workbench.screening.queries import languages, queue
from workbench.screening.queries import votes as rules
from workbench.screening.queries.outcomes import standings
from workbench.screening.queries.progress import progress
from workbench.screening.rules import Outcome, Split
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation, stages, voting
from workbench.screening.service import languages as reading

TITLES = Stage.TITLE_ABSTRACT


@dataclass
class Team:
    """A review with its title-abstract stage open, a lead and three reviewers, and records without votes."""

    session: Session
    review: Review
    lead: Member
    others: list[Member]
    ids: list[int]

    @property
    def everybody(self) -> list[Member]:
        """The lead first."""
        return [self.lead, *self.others]

    def served(self, who: Member, n: int = 200) -> list[int]:
        """What the queue gives a person, without holding a place."""
        return [one.record_id for one in queue.waiting_for(self.session, who, self.rule, n)]

    @property
    def rule(self):
        """The rule the stage was opened under."""
        return rules.stage_rule(self.session, self.review.id, TITLES)

    def allocate(self, split=Split.SHARES, shares=None, **chosen) -> Allocation:
        """Allocate with a fixed seed."""
        wish = Wish(split, shares or {one.id: 50 for one in self.everybody}, 7, "batch A", Chosen(**chosen))
        return allocation.allocate(self.session, self.lead, TITLES, wish)

    def stands(self, record_id: int) -> Outcome:
        """Where a record stands."""
        return standings(self.session, self.review.id, self.rule, only=[record_id])[0].outcome


def a_team(session: Session, n: int = 12, others: int = 3, **rule) -> Team:
    review = a_review(session, "team", document=a_document("team", **rule))
    members = [a_member(session, review, name=f"Reviewer {place}") for place in range(others)]
    of = an_import(session, review)
    ids = [a_record(session, review, of=of).id for _ in range(n)]
    open_stage(session, review)
    return Team(session, review, the_lead(session, review), members, ids)


def served_each(team: Team) -> Counter:
    return Counter(one for who in team.everybody for one in team.served(who))


# Shares, batches, everybody


def test_under_dual_each_record_is_served_to_the_two_people_it_is_allocated_to(session):
    team = a_team(session)

    made = team.allocate(shares=dict(zip([one.id for one in team.everybody], [100, 50, 25, 25], strict=True)))

    assert [len(team.served(who)) for who in team.everybody] == [12, 6, 3, 3]
    assert served_each(team) == dict.fromkeys(team.ids, 2)
    assert (made.seed, trail.entries(session, team.review.id, limit=1)[0].event) == (7, "screening:records:allocated")


def test_the_same_wish_drafts_the_same_and_writes_nothing(session):
    team = a_team(session)
    wish = Wish(Split.SHARES, {one.id: 50 for one in team.everybody}, seed=3)

    once, again = (allocation.draft(session, team.lead, TITLES, wish) for _ in range(2))

    assert once == again and once.given == 12 and sum(once.of(one.id) for one in team.everybody) == 24
    assert session.scalar(select(func.count(Assignment.id))) == 0


def test_what_is_not_allocated_is_anybodys(session):
    team = a_team(session)

    team.allocate(Split.BATCH, {team.others[0].id: 1, team.others[1].id: 1}, size=5)

    assert [len(team.served(who)) for who in team.everybody] == [7, 12, 12, 7]


def test_a_batch_for_one_person_leaves_the_other_half_to_anybody_and_to_one_alone(session):
    team = a_team(session, n=1)
    team.allocate(Split.BATCH, {team.others[0].id: 1})
    assert all(team.served(who) for who in team.everybody)

    voting.cast_vote(session, team.lead, team.ids[0], TITLES, INCLUDE, "k")

    assert [bool(team.served(who)) for who in team.everybody] == [False, True, False, False]


def test_a_batch_is_chosen_by_source_year_and_language(session):
    team = a_team(session, n=2)
    embase = an_import(session, team.review, a_run(session, team.review, source_name="Embase"))
    old, german, wanted = (
        a_record(session, team.review, of=embase, year=year, languages=[code]).id
        for year, code in ((1999, "de"), (2014, "en"), (2014, "ger"))
    )
    stages.rank(session, team.review.id, TITLES)

    team.allocate(
        Split.BATCH, {team.lead.id: 1, team.others[0].id: 1},
        sources=("Embase",), first_year=2010, last_year=2020, languages=("de",),
    )  # fmt: skip

    assert set(session.scalars(select(Assignment.record_id))) == {wanted}
    assert queries.sources(session, team.review.id) == ["MEDLINE", "Embase"]
    assert {old, german} < set(team.served(team.others[2])) and wanted not in team.served(team.others[2])


def test_to_everybody_again_ends_what_nobody_has_voted_on(session):
    team = a_team(session)
    team.allocate()
    mine = team.served(team.lead)
    a_vote(session, team.lead, record_of(session, mine[0]))

    team.allocate(Split.EVERYONE, {})

    assert len(team.served(team.others[0])) == 12
    assert session.scalars(select(Assignment.record_id).where(Assignment.ended_by.is_(None))).all() == [mine[0]]
    with pytest.raises(allocation.NothingToAllocate):
        team.allocate(Split.EVERYONE, {})


def record_of(session, record_id):
    from workbench.records.models import Record

    return session.get_one(Record, record_id)


def test_an_allocation_is_made_as_it_was_seen(session):
    team = a_team(session)
    wish = Wish(Split.SHARES, {one.id: 50 for one in team.everybody}, seed=3)

    with pytest.raises(allocation.AllocationChanged):
        allocation.allocate(session, team.lead, TITLES, wish, seen=11)
    assert session.scalar(select(func.count(Allocation.id))) == 0


@pytest.mark.parametrize("shares", [(50, 50, 50, 40), (150, 50, 0, 0), (100, 120, -20, 0)])
def test_shares_that_do_not_make_up_the_pairs_are_refused(session, shares):
    team = a_team(session, n=1)

    with pytest.raises(allocation.SharesDoNotFit):
        team.allocate(shares=dict(zip([one.id for one in team.everybody], shares, strict=True)))


def test_only_the_lead_allocates_and_only_to_those_who_vote(session):
    team = a_team(session, n=1)
    stranger = the_lead(session, a_review(session, "other"))

    with pytest.raises(NotYours):
        allocation.draft(session, team.others[0], TITLES, Wish(Split.EVERYONE))
    with pytest.raises(allocation.NobodyNamed):
        team.allocate(Split.BATCH, {stranger.id: 1})


# Leaving, joining, bars (B8, B12)


def test_who_leaves_keeps_the_votes_and_the_open_half_goes_to_the_others(session):
    team = a_team(session)
    team.allocate()
    gone = team.others[0]
    mine = team.served(gone)
    a_vote(session, gone, record_of(session, mine[0]), INCLUDE)

    teams.part(session, team.lead, gone.id)
    open_to_all = [one for one in mine[1:] if one in team.served(team.others[1]) and one in team.served(team.others[2])]
    assert open_to_all == mine[1:], "until they are handed over, the open halves are anybody's"
    team.allocate(Split.HANDED_OVER, {team.others[1].id: 1, team.others[2].id: 1}, of_member=gone.id)

    assert served_each(team) == {one: (1 if one == mine[0] else 2) for one in team.ids}
    a_vote(session, next(who for who in team.everybody if mine[0] in team.served(who)), record_of(session, mine[0]))
    assert team.stands(mine[0]) is Outcome.INCLUDED, "the vote of who left counts"


def test_who_joins_gets_a_share_of_what_is_not_voted_on_yet(session):
    team = a_team(session, others=1)
    team.allocate(shares={team.lead.id: 100, team.others[0].id: 100})
    done = team.served(team.lead)[0]
    a_vote(session, team.lead, record_of(session, done))
    team.others.append(a_member(session, team.review, name="New"))

    third = {one.id: 200 / 3 for one in team.everybody}
    with pytest.raises(allocation.NothingToAllocate):
        team.allocate(shares=third)
    team.allocate(shares=third, again=True)

    assert served_each(team) == {one: (1 if one == done else 2) for one in team.ids}
    assert sorted(len(team.served(who)) for who in team.everybody) == [7, 8, 8]


def test_a_bar_frees_the_place_that_was_allocated(session):
    team = a_team(session, n=1)
    team.allocate(Split.BATCH, {team.others[0].id: 1, team.others[1].id: 1})
    assert not team.served(team.lead)

    stages.bar(session, team.lead, team.ids[0], team.others[0].id, "own work")

    assert [bool(team.served(who)) for who in team.everybody] == [True, False, True, True]


def test_nobody_gets_a_record_they_are_barred_from(session):
    team = a_team(session)
    for one in team.ids:
        stages.bar(session, team.lead, one, team.others[0].id, "own work")

    team.allocate()

    assert team.served(team.others[0]) == [] and served_each(team) == dict.fromkeys(team.ids, 2)


def test_progress_counts_for_each_what_is_allocated_to_them_and_what_is_anybodys(session):
    team = a_team(session)
    first, second, third = team.others
    assert queries.allotted(session, team.review.id, team.rule) is None
    team.allocate(Split.BATCH, {first.id: 1, second.id: 1}, size=4)

    allotted = queries.allotted(session, team.review.id, team.rule)
    shares = progress(session, team.review.id, team.rule, allotted).shares

    assert {share.member.id: share.waiting for share in shares} == {
        team.lead.id: 8, first.id: 12, second.id: 12, third.id: 8
    }  # fmt: skip
    assert [(name, len(some)) for name, some in queries.batches(session, team.review.id, TITLES)] == [("batch A", 4)]


def test_loads_tell_how_far_each_has_got(session):
    team = a_team(session)
    team.allocate()
    a_vote(session, team.lead, record_of(session, team.served(team.lead)[0]))

    found = queries.loads(session, team.review.id, team.rule, [one.id for one in team.everybody])

    assert [(one.records, one.voted) for one in found] == [(6, 1), (6, 0), (6, 0), (6, 0)]
    [(made, by, n, ended)] = queries.allocations(session, team.review.id, TITLES)
    assert (made.split, by, n, ended) == (Split.SHARES, team.lead, 12, 0)


# Seniors


def test_beside_a_vote_of_somebody_who_is_no_senior_only_seniors_are_served(session):
    team = a_team(session, n=2, senior_in_pair=True)
    first, second = team.ids

    a_vote(session, team.others[0], record_of(session, first))
    a_vote(session, team.lead, record_of(session, second))

    assert [team.served(who) for who in team.everybody] == [[first], [second], [second], [second]]


def test_a_place_that_is_held_counts_as_a_vote_of_its_kind(session):
    team = a_team(session, n=1, senior_in_pair=True)

    voting.serve(session, team.others[0], TITLES, 5)

    assert session.scalars(select(Place.is_senior)).all() == [False]
    assert [bool(team.served(who)) for who in team.everybody] == [True, True, False, False]


def test_two_votes_that_came_at_once_from_people_who_are_no_seniors_make_no_pair(session):
    team = a_team(session, n=1, senior_in_pair=True)
    record = record_of(session, team.ids[0])
    a_vote(session, team.others[0], record, INCLUDE)
    a_vote(session, team.others[1], record, EXCLUDE)

    assert team.stands(record.id) is Outcome.PENDING and team.served(team.lead) == [record.id]
    a_vote(session, team.lead, record, INCLUDE)

    assert team.stands(record.id) is Outcome.INCLUDED, "the second vote is surplus"
    counted = rules.counted_votes(session, team.review.id, record.id, TITLES)
    assert [vote.reviewer_id for vote in counted] == [team.others[0].id, team.lead.id]


def test_seniors_are_those_whom_the_protocol_names(session):
    team = a_team(session, n=1, senior_in_pair=True, seniors=["reviewer"])

    a_vote(session, team.lead, record_of(session, team.ids[0]))

    assert all(team.served(who) for who in team.others)
    assert session.scalars(select(Vote.is_senior)).all() == [False]


def test_an_allocation_gives_each_pair_its_senior(session):
    team = a_team(session, senior_in_pair=True)
    shares = dict(zip([one.id for one in team.everybody], [100, 40, 30, 30], strict=True))

    team.allocate(shares=shares)

    assert len(team.served(team.lead)) == 12
    with pytest.raises(allocation.NoSeniorNamed):
        team.allocate(shares={one.id: 200 / 3 for one in team.others}, again=True)


def test_without_the_rule_nobody_is_a_senior(session):
    team = a_team(session, n=1)

    assert not any(rules.is_senior(who, team.rule) for who in team.everybody)


# Languages


def test_a_record_in_a_language_one_does_not_read_is_passed_on_to_those_who_do(session):
    team = a_team(session, n=1)
    german = [a_record(session, team.review, languages=[code]).id for code in ("de", "ger")]
    other = [a_record(session, team.review, languages=codes).id for codes in (["en"], ["de", "en"], [], ["und"])]
    stages.rank(session, team.review.id, TITLES)

    reading.say_languages(session, team.lead, ["en", "da"])

    assert set(team.served(team.lead)) == {team.ids[0], *other}
    assert set(german) <= set(team.served(team.others[0]))


def test_what_too_few_others_read_comes_back(session):
    team = a_team(session, n=0, others=2)
    german = a_record(session, team.review, languages=["de"]).id
    stages.rank(session, team.review.id, TITLES)
    reading.say_languages(session, team.lead, ["en"])
    assert team.served(team.lead) == []

    reading.say_languages(session, team.others[0], ["en", "no"])

    assert team.served(team.lead) == [german], "one reader is no pair"
    reading.say_languages(session, team.others[0], [])
    assert team.served(team.lead) == [] and languages.read_by(session, team.review.id) == {team.lead.id: {"en"}}


def test_nobody_gets_a_record_in_a_language_they_do_not_read_and_what_they_have_stays_theirs(session):
    team = a_team(session, n=2)
    german = [a_record(session, team.review, languages=["de"]).id for _ in range(4)]
    stages.rank(session, team.review.id, TITLES)
    reading.say_languages(session, team.lead, ["en"])
    team.allocate()
    assert not set(german) & set(team.served(team.lead))
    mine = [one for one in team.served(team.others[0]) if one in german]

    reading.say_languages(session, team.others[0], ["en"])

    assert mine and set(mine) <= set(team.served(team.others[0])), "nobody else has a place on them"
    team.allocate(Split.HANDED_OVER, {one.id: 1 for one in team.others[1:]}, of_member=team.others[0].id)
    assert not set(german) & set(team.served(team.others[0]))


def test_only_a_language_that_there_is_can_be_read(session):
    team = a_team(session, n=0, others=0)

    with pytest.raises(reading.NoSuchLanguage):
        reading.say_languages(session, team.lead, ["xx"])
    reading.say_languages(session, team.lead, ["ger", "German", "de"])

    assert languages.read_by(session, team.review.id) == {team.lead.id: {"de"}}


@pytest.mark.parametrize("is_allocated", [False, True])
def test_whoever_comes_when_every_record_ends_with_two_votes_one_of_them_a_seniors(session, is_allocated):
    team = a_team(session, n=6, senior_in_pair=True)
    if is_allocated:
        shares = dict(zip([one.id for one in team.everybody], [100, 60, 20, 20], strict=True))
        team.allocate(shares=shares)
    draw = random.Random(17)

    while waiting := [who for who in team.everybody if team.served(who, 1)]:
        who = draw.choice(waiting)
        [turn] = voting.serve(session, who, TITLES, 1)
        a_vote(session, who, record_of(session, turn.record_id), in_hand=draw.random() < 0.5)
    for who in team.everybody:
        voting.hand_in(session, who, TITLES)

    counted = [rules.counted_votes(session, team.review.id, one, TITLES) for one in team.ids]
    assert all(len(votes) == 2 and any(vote.is_senior for vote in votes) for votes in counted)
    assert session.scalar(select(func.count(Vote.id))) == 12, "nobody was served a record for nothing"
