"""How far a stage is: counts of handed-in votes alone, shares of work, pace, and the line of what is left."""

from datetime import date, timedelta

import pytest
import time_machine

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    UNCLEAR,
    a_document,
    a_duplicate,
    a_member,
    a_record,
    a_report,
    a_review,
    a_vote,
    open_stage,
    the_lead,
)
from workbench.db import now
from workbench.reviews.rules import Stage
from workbench.screening.queries import votes
from workbench.screening.queries.progress import Pace, an_hour, own_pace, progress
from workbench.screening.service import stages

TITLES = Stage.TITLE_ABSTRACT


class Team:
    def __init__(self, session, **rule):
        self.session = session
        self.review = a_review(session, "spine", document=a_document("spine", **rule) if rule else None)
        self.lead, self.second = the_lead(session, self.review), a_member(session, self.review, name="Jonas")
        open_stage(session, self.review)

    def record(self, *ballots, in_hand=False):
        record = a_record(self.session, self.review)
        for person, ballot in ballots:
            a_vote(self.session, person, record, ballot, in_hand=in_hand)
        return record

    def progress(self, stage=TITLES, **values):
        return progress(self.session, self.review.id, votes.stage_rule(self.session, self.review.id, stage), **values)

    def share(self, person, **values):
        return next(share for share in self.progress(**values).shares if share.member.id == person.id)


def test_every_record_is_in_one_of_four_places_and_the_votes_left_are_what_is_missing(session):
    team = Team(session)
    team.record((team.lead, INCLUDE), (team.second, UNCLEAR))
    team.record((team.lead, INCLUDE), (team.second, EXCLUDE))
    team.record((team.lead, INCLUDE))
    team.record()

    found = team.progress()

    assert (found.settled, found.conflicts, found.awaited, found.untouched) == (1, 1, 1, 1)
    assert found.total == 4 and found.votes_left == 3 and not found.is_shared


def test_a_share_says_what_is_given_waits_only_for_this_person_and_is_in_conflict(session):
    team = Team(session)
    team.record((team.lead, INCLUDE), (team.second, EXCLUDE))
    team.record((team.second, INCLUDE))
    team.record()

    lead, second = team.share(team.lead), team.share(team.second)

    assert (lead.given, lead.waiting, lead.awaited, lead.conflicts) == (1, 2, 1, 1)
    assert (second.given, second.waiting, second.awaited, second.conflicts) == (2, 1, 0, 1)


def test_a_vote_in_hand_counts_nowhere_but_for_its_author(session):
    team = Team(session)
    team.record((team.lead, INCLUDE), in_hand=True)

    assert team.progress().untouched == 1 and team.share(team.lead).given == 0
    own = own_pace(session, team.lead, votes.stage_rule(session, team.review.id, TITLES), waiting=1)
    assert (own.given, own.in_hand, own.waiting) == (1, 1, 0)


def test_a_bar_takes_a_record_off_a_share_and_allotted_records_make_it(session):
    team = Team(session)
    mine, other, third = team.record(), team.record(), team.record()
    a_duplicate(session, third, other)
    stages.bar(session, team.lead, third.id, team.lead.id, "Own work")
    kept = frozenset({mine.id, other.id})

    assert team.share(team.lead).waiting == 1
    assert team.share(team.second, allotted={team.second.id: frozenset({mine.id}), team.lead.id: kept}).waiting == 1
    assert team.share(team.lead, allotted={team.second.id: kept}).waiting == 0


def test_who_has_left_stays_in_the_table_with_what_they_gave(session):
    team = Team(session)
    team.record((team.second, INCLUDE))
    team.second.left_at = now()
    session.flush()

    share = team.share(team.second)

    assert share.given == 1 and not share.may_vote and share.waiting == 0


def test_with_more_voters_than_votes_what_waits_for_one_may_be_done_by_another(session):
    team = Team(session)
    a_member(session, team.review, name="Maja")
    team.record()

    assert team.progress().is_shared and team.progress().votes_left == 2


@pytest.mark.parametrize(("variant", "left"), [("liberal-accelerated", 2), ("single", 1)])
def test_where_the_first_vote_may_decide_one_is_left_of_an_untouched_record(session, variant, left):
    team = Team(session, variant=variant, votes=1 if variant == "single" else 2)
    team.record((team.lead, EXCLUDE))
    team.record()

    assert team.progress().votes_left == left


def test_at_full_text_the_reports_that_are_here_are_counted(session):
    team = Team(session)
    open_stage(session, team.review, Stage.FULL_TEXT)
    a_report(session, team.review, team.lead, team.second)
    a_report(session, team.review, team.lead, team.second, found=None)

    assert team.progress(Stage.FULL_TEXT).total == 1


def test_what_was_left_day_by_day_ends_at_what_is_left_today(session):
    begin = now().replace(hour=9)
    with time_machine.travel(begin, tick=False):
        team = Team(session)
        for _ in range(3):
            team.record((team.lead, INCLUDE))
    with time_machine.travel(begin + timedelta(days=2), tick=False):
        team.record((team.lead, INCLUDE), (team.second, INCLUDE))
        found = team.progress()

    assert [n for _day, n in found.left_by_day] == [8, 5, 5, 3]
    assert (found.pace.votes, found.pace.days, found.votes_left) == (5, 3, 3)
    assert found.pace.end == begin.date() + timedelta(days=4)


def test_a_pace_of_nothing_has_no_end():
    today = date(2026, 5, 12)

    assert Pace(0, 14, 10, today).end is None and Pace(5, 14, 0, today).end is None
    assert Pace(1, 14, 1_000_000, today).end is None


def test_an_hour_is_told_from_ten_pauses_of_a_person_and_not_of_a_script():
    moment = now()

    assert an_hour([moment + timedelta(seconds=60 * n) for n in range(10)]) is None
    assert an_hour([moment + timedelta(milliseconds=n) for n in range(100)]) is None
    assert an_hour([moment + timedelta(seconds=45 * n) for n in range(11)]) == 80


def test_what_one_is_asked_again_is_told_in_ones_own_number_and_in_nobody_elses(session):
    team = Team(session)
    kept, other = team.record((team.second, INCLUDE)), team.record((team.second, EXCLUDE))
    a_duplicate(session, other, kept)
    rule = votes.stage_rule(session, team.review.id, TITLES)

    share = team.share(team.second)

    assert (share.waiting, own_pace(session, team.second, rule, share.waiting).waiting) == (0, 1)
    team.record((team.lead, INCLUDE))
    assert own_pace(session, team.second, rule, team.share(team.second).waiting).waiting == 2
    a_vote(session, team.second, kept, EXCLUDE, in_hand=True)
    assert own_pace(session, team.second, rule, team.share(team.second).waiting).waiting == 1
