"""Votes belong to the report: what becomes of them, of settlements and of full texts when records are joined or parted.

Each test is one sentence of the rule, on both databases, through the deeds that people use.
"""

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_document,
    a_duplicate,
    a_member,
    a_record,
    a_report,
    a_review,
    a_vote,
    open_stage,
    sign_in,
    the_lead,
)
from workbench.app import database_of
from workbench.deduplication import queries as deduplication
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer
from workbench.reporting.queries import flow
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import SettledWith, Settlement, Vote
from workbench.screening.queries import lists, merged, queue, reports
from workbench.screening.queries import votes as queries
from workbench.screening.queries.again import asked_again
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Design, Found, Origin, Outcome, Verdict
from workbench.screening.service import conflicts, retrieval, stages, voting

TITLES, TEXTS = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
READ = Ballot(Decision.INCLUDE, questions=("pico1",), design=Design.RANDOMISED_TRIAL)


@dataclass
class House:
    """Two reviewers, one who judges, and both stages open."""

    session: Session
    review: Review
    lead: Member
    first: Member
    second: Member
    judge: Member

    def stands(self, record, stage=TITLES) -> Outcome | None:
        """Where a record stands; None where it stands under another."""
        rule = queries.stage_rule(self.session, self.review.id, stage)
        found = standings(self.session, self.review.id, rule, only=[record.id])
        return found[0].outcome if found else None

    def waits(self, reviewer, stage=TITLES) -> list[int]:
        """The records that the desk would serve this reviewer, once each has its place."""
        stages.rank(self.session, self.review.id, stage)
        return [turn.record_id for turn in voting.serve(self.session, reviewer, stage, 20)]

    def counted(self, record, stage=TITLES) -> list[int]:
        """Whose votes made the outcome."""
        votes = queries.counted_votes(self.session, self.review.id, record.id, stage)
        return sorted(vote.reviewer_id for vote in votes)

    def same(self, one, other, by=None) -> None:
        """A person says that two records are one report."""
        duplicates.answer(self.session, by or self.lead, one.id, other.id, Answer.SAME)

    def judged(self, *decisions, **values):
        """A record on which the two reviewers said this."""
        record = a_record(self.session, self.review, **values)
        for reviewer, ballot in zip((self.first, self.second), decisions, strict=False):
            a_vote(self.session, reviewer, record, ballot)
        return record


@pytest.fixture
def house(session):
    review = a_review(session, "merges", document=a_document("merges"))
    people = [a_member(session, review), a_member(session, review), a_member(session, review, Role.ADJUDICATOR)]
    open_stage(session, review)
    open_stage(session, review, TEXTS)
    return House(session, review, the_lead(session, review), *people)


# Two people's votes on two records are a pair


def test_votes_of_two_people_on_two_records_are_a_pair_that_met_by_merge(house):
    kept, other, plain = house.judged(INCLUDE), a_record(house.session, house.review), house.judged(INCLUDE, INCLUDE)
    a_vote(house.session, house.second, other, INCLUDE)

    house.same(kept, other)

    assert (house.stands(kept), house.stands(other)) == (Outcome.INCLUDED, None)
    assert merged.met_by_merge(house.session, [kept.id, plain.id], TITLES) == {kept.id}


def test_a_pair_on_one_record_is_an_ordinary_pair_although_another_record_joined(house):
    kept, other = house.judged(INCLUDE, EXCLUDE), house.judged(INCLUDE)
    house.same(kept, other)

    assert merged.met_by_merge(house.session, [kept.id], TITLES) == set()
    assert house.stands(kept) is Outcome.CONFLICT


def test_who_voted_on_one_record_is_not_asked_about_the_other(house):
    kept, other = house.judged(INCLUDE), a_record(house.session, house.review)
    assert (house.waits(house.first), house.waits(house.second)) == ([other.id], [kept.id, other.id])

    house.same(kept, other)

    assert (house.waits(house.first), house.waits(house.second)) == ([], [kept.id])


# One person's own votes differ


def test_whose_own_votes_differ_is_asked_again_blind_and_it_is_no_conflict(house):
    kept, other = house.judged(INCLUDE, EXCLUDE), house.judged(EXCLUDE)

    house.same(kept, other)

    assert house.stands(kept) is Outcome.PENDING and not queries.is_open(
        house.session, house.review.id, kept.id, TITLES
    )
    assert house.waits(house.first) == [kept.id] and house.waits(house.second) == []
    again = a_vote(house.session, house.first, kept, EXCLUDE)
    assert again.origin is Origin.ASKED_AGAIN and house.stands(kept) is Outcome.EXCLUDED


def test_votes_in_hand_count_nowhere_and_differ_only_once_they_are_handed_in(house):
    kept, other = a_record(house.session, house.review), a_record(house.session, house.review)
    a_vote(house.session, house.first, kept, INCLUDE, in_hand=True)
    a_vote(house.session, house.first, other, EXCLUDE, in_hand=True)
    house.same(kept, other)

    assert (
        asked_again(house.session, house.first, queries.stage_rule(house.session, house.review.id, TITLES)) == []
        and house.stands(kept) is Outcome.PENDING
    )
    voting.hand_in(house.session, house.first, TITLES)
    assert asked_again(house.session, house.first, queries.stage_rule(house.session, house.review.id, TITLES)) == [
        kept.id
    ]


def test_a_vote_in_hand_on_a_record_that_was_joined_can_still_be_taken_back(house):
    kept, other = a_record(house.session, house.review), a_record(house.session, house.review)
    a_vote(house.session, house.first, other, EXCLUDE, in_hand=True)
    house.same(kept, other)

    voting.withdraw(house.session, house.first, other.id, TITLES, "back")

    assert queries.in_hand(house.session, house.first, TITLES) == []
    assert house.waits(house.first) == [kept.id]


# A vote on the report belongs to the kept record


def test_a_vote_on_a_record_that_meanwhile_stands_under_another_is_put_on_the_kept_one(house):
    kept, other = a_record(house.session, house.review), a_record(house.session, house.review)
    house.same(kept, other)

    vote = voting.cast_vote(house.session, house.first, other.id, TITLES, INCLUDE, "late")

    assert vote.record_id == kept.id
    assert voting.cast_vote(house.session, house.first, other.id, TITLES, INCLUDE, "late") is vote
    assert voting.withdraw(house.session, house.first, other.id, TITLES, "back").record_id == kept.id


def test_who_voted_on_the_report_cannot_vote_a_second_time_through_its_other_record(house):
    kept, other = house.judged(INCLUDE), a_record(house.session, house.review)
    house.same(kept, other)

    with pytest.raises(voting.AlreadyHandedIn):
        voting.cast_vote(house.session, house.first, other.id, TITLES, EXCLUDE, "second")


# Members with different outcomes


def test_an_excluded_record_and_one_at_full_text_wait_for_a_settlement_before_the_full_text_is_judged(house):
    others = [a_member(house.session, house.review), a_member(house.session, house.review)]
    excluded = house.judged(EXCLUDE, EXCLUDE)
    report = a_report(house.session, house.review, *others)
    assert house.waits(house.first, TEXTS) == [report.id]

    house.same(excluded, report)

    assert (house.stands(excluded), house.stands(report)) == (Outcome.CONFLICT, None)
    assert house.waits(house.first, TEXTS) == [] and _left(house, house.first) == 0
    with pytest.raises(voting.NotRetrieved):
        voting.cast_vote(house.session, house.first, report.id, TEXTS, READ, "too early")
    conflicts.adjudicate(house.session, house.judge, report.id, TITLES, Verdict.INCLUDED, "The trial fits.")
    assert house.waits(house.first, TEXTS) == [excluded.id]
    assert reports.found(house.session, excluded.id) is Found.RETRIEVED


def test_a_settled_exclusion_does_not_swallow_a_record_that_two_people_included(house):
    settled, included = house.judged(INCLUDE, EXCLUDE), house.judged(INCLUDE, INCLUDE)
    conflicts.adjudicate(house.session, house.judge, settled.id, TITLES, Verdict.EXCLUDED, "Not cement.")

    house.same(settled, included)

    assert house.stands(settled) is Outcome.CONFLICT
    assert house.waits(house.first) == [] == house.waits(house.second)


def test_two_people_alone_can_settle_what_a_settlement_and_their_later_votes_say_differently(house):
    settled, included = house.judged(INCLUDE, EXCLUDE), house.judged(INCLUDE, INCLUDE)
    conflicts.adjudicate(house.session, house.judge, settled.id, TITLES, Verdict.EXCLUDED, "Not cement.")
    house.same(settled, included)

    assert house.counted(settled) == [house.first.id, house.second.id]
    way = conflicts.propose(house.session, house.first, included.id, TITLES, Verdict.INCLUDED, "It is the trial.")
    conflicts.agree(house.session, house.second, settled.id, TITLES, way.id)

    assert house.stands(settled) is Outcome.INCLUDED


def test_a_settlement_and_a_record_of_the_same_outcome_are_no_conflict(house):
    settled, included = house.judged(INCLUDE, EXCLUDE), house.judged(INCLUDE, INCLUDE)
    conflicts.adjudicate(house.session, house.judge, settled.id, TITLES, Verdict.INCLUDED, "In.")

    house.same(settled, included)

    assert house.stands(settled) is Outcome.INCLUDED and house.waits(house.second) == []


def test_one_open_vote_on_the_other_record_leaves_a_settlement_as_it_is(house):
    settled, begun = house.judged(INCLUDE, EXCLUDE), house.judged(EXCLUDE)
    conflicts.adjudicate(house.session, house.judge, settled.id, TITLES, Verdict.INCLUDED, "In.")

    house.same(settled, begun)

    assert house.stands(settled) is Outcome.INCLUDED


def test_a_report_settled_twice_does_not_hide_what_a_third_record_was_settled_as(house):
    one, other, third = (house.judged(INCLUDE, EXCLUDE) for _each in range(3))
    for record, verdict in ((one, Verdict.INCLUDED), (other, Verdict.EXCLUDED), (third, Verdict.INCLUDED)):
        conflicts.adjudicate(house.session, house.judge, record.id, TITLES, verdict, "So.")
    house.same(one, other)
    assert house.stands(one) is Outcome.CONFLICT
    conflicts.adjudicate(house.session, house.judge, one.id, TITLES, Verdict.EXCLUDED, "Both are out.")
    assert house.stands(one) is Outcome.EXCLUDED

    house.same(one, third)

    assert house.stands(one) is Outcome.CONFLICT


def test_a_merge_across_stages_waits_and_the_flow_counts_the_report_once_and_as_undecided(house):
    others = [a_member(house.session, house.review), a_member(house.session, house.review)]
    pending = house.judged(EXCLUDE)
    report = a_report(house.session, house.review, *others)
    a_vote(house.session, others[0], report, READ, TEXTS)
    a_vote(house.session, others[1], report, READ, TEXTS)
    before = flow(house.session, house.review.id)

    house.same(pending, report)

    after = flow(house.session, house.review.id)
    assert before["new_reports"] == 1 and after["new_reports"] == 0
    assert (after["records_undecided"], after["dbr_sought_reports"]) == (1, 0)
    assert (
        lists.stage_counts(house.session, house.review.id, queries.stage_rule(house.session, house.review.id, TEXTS))[
            Outcome.INCLUDED
        ]
        == 0
    )


def test_the_full_text_of_either_record_is_the_full_text_of_the_report(house):
    kept = house.judged(INCLUDE, INCLUDE)
    report = a_report(house.session, house.review, house.first, house.second)

    house.same(kept, report)

    assert reports.found(house.session, kept.id) is Found.RETRIEVED
    assert [one.found for one in reports.reports(house.session, house.review.id)] == [Found.RETRIEVED]
    assert house.waits(house.first, TEXTS) == [kept.id]
    retrieval.log_report(house.session, house.lead, kept.id, Found.NOT_RETRIEVED, "It was another paper.")
    assert reports.found(house.session, kept.id) is Found.NOT_RETRIEVED


# Parting


def test_parting_gives_each_record_the_votes_cast_on_it_and_returns_the_other_to_the_queue(house):
    kept, other = house.judged(INCLUDE), a_record(house.session, house.review)
    a_vote(house.session, house.second, other, EXCLUDE)
    house.same(kept, other)
    assert house.stands(kept) is Outcome.CONFLICT

    duplicates.part(house.session, house.lead, other.id)

    assert (house.stands(kept), house.stands(other)) == (Outcome.PENDING, Outcome.PENDING)
    assert house.waits(house.first) == [other.id] and house.waits(house.second) == [kept.id]


def test_parting_after_a_settlement_leaves_it_with_the_kept_record_and_the_other_returns_to_the_queue(house):
    kept, other = house.judged(INCLUDE), a_record(house.session, house.review)
    a_vote(house.session, house.second, other, EXCLUDE)
    house.same(kept, other)
    conflicts.adjudicate(house.session, house.judge, kept.id, TITLES, Verdict.INCLUDED, "In.")
    [covered] = house.session.scalars(select(SettledWith.record_id))
    assert covered == other.id

    duplicates.part(house.session, house.lead, other.id)

    assert (house.stands(kept), house.stands(other)) == (Outcome.INCLUDED, Outcome.PENDING)
    assert house.waits(house.first) == [other.id]
    assert house.session.scalars(select(Settlement.record_id)).all() == [kept.id]


def test_parting_a_record_that_was_settled_by_itself_gives_it_its_own_settlement_back(house):
    kept, other = house.judged(INCLUDE, INCLUDE), house.judged(INCLUDE, EXCLUDE)
    conflicts.adjudicate(house.session, house.judge, other.id, TITLES, Verdict.EXCLUDED, "Out.")
    house.same(kept, other)
    conflicts.adjudicate(house.session, house.judge, kept.id, TITLES, Verdict.INCLUDED, "One report, and in.")
    assert house.stands(kept) is Outcome.INCLUDED

    duplicates.part(house.session, house.lead, other.id)

    assert (house.stands(kept), house.stands(other)) == (Outcome.INCLUDED, Outcome.EXCLUDED)


def test_a_vote_cast_on_the_report_stays_with_the_kept_record(house):
    kept, other = a_record(house.session, house.review), a_record(house.session, house.review)
    house.same(kept, other)
    for reviewer in (house.first, house.second):
        a_vote(house.session, reviewer, other, INCLUDE)

    duplicates.part(house.session, house.lead, other.id)

    assert (house.stands(kept), house.stands(other)) == (Outcome.INCLUDED, Outcome.PENDING)
    assert house.waits(house.first) == [other.id]


def test_joining_and_parting_changes_nothing_where_nobody_voted_between(house):
    kept, other = house.judged(INCLUDE, EXCLUDE), house.judged(EXCLUDE, EXCLUDE)
    before = [house.stands(record) for record in (kept, other)]
    votes = house.session.scalars(select(Vote.id).order_by(Vote.id)).all()

    house.same(kept, other)
    duplicates.undo(house.session, house.lead)

    assert [house.stands(record) for record in (kept, other)] == before
    assert house.session.scalars(select(Vote.id).order_by(Vote.id)).all() == votes
    assert asked_again(house.session, house.second, queries.stage_rule(house.session, house.review.id, TITLES)) == []


def test_a_report_with_a_vote_stays_together_in_a_run_that_would_part_it(house):
    kept, other = (
        house.judged(INCLUDE, title="Warm foot baths"),
        a_record(house.session, house.review, title="Cold compresses of shins"),
    )
    a_duplicate(house.session, other, kept)

    together = queries.clusters_with_votes(house.session, house.review.id)
    duplicates.run(house.session, house.lead, together)

    assert deduplication.members(house.session, kept.id) == [kept.id, other.id]
    duplicates.part(house.session, house.lead, other.id)
    duplicates.run(house.session, house.lead, queries.clusters_with_votes(house.session, house.review.id))
    assert deduplication.members(house.session, kept.id) == [kept.id]


def _left(house, reviewer, stage=TEXTS):
    rule = queries.stage_rule(house.session, house.review.id, stage)
    return queue.how_many_wait(house.session, reviewer, rule, merged.held_back(house.session, house.review.id, stage))


def test_the_page_of_a_merged_conflict_says_so_and_keeps_earlier_settlements_from_who_decides_blind(app):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=a_document("spine"))
        first, second = a_member(session, review), a_member(session, review)
        judge = a_member(session, review, Role.ADJUDICATOR)
        open_stage(session, review)
        kept, other = a_record(session, review), a_record(session, review)
        for record, decision in ((kept, EXCLUDE), (other, INCLUDE)):
            a_vote(session, first, record, INCLUDE)
            a_vote(session, second, record, decision)
        conflicts.adjudicate(session, judge, kept.id, TITLES, Verdict.EXCLUDED, "Not cement at all.")
        duplicates.answer(session, the_lead(session, review), kept.id, other.id, Answer.SAME)
    address = f"/reviews/spine/conflicts/title-abstract/{kept.id}"

    voters, judges = (sign_in(app.test_client(), who.user).get(address).text for who in (first, judge))

    assert "Several records proved to be this one report." in voters and "Not cement at all." in voters
    assert "Several records proved to be this one report." in judges and "Not cement at all." not in judges


def test_the_page_of_a_conflict_says_nothing_of_records_that_were_joined_before_anybody_voted(app):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=a_document("spine"))
        first, second = a_member(session, review), a_member(session, review)
        kept, other = a_record(session, review), a_record(session, review)
        a_duplicate(session, other, kept)
        open_stage(session, review)
        a_vote(session, first, kept, INCLUDE)
        a_vote(session, second, kept, EXCLUDE)

    page = sign_in(app.test_client(), first.user).get(f"/reviews/spine/conflicts/title-abstract/{kept.id}").text

    assert "The two votes differ" in page and "Several records proved" not in page


# Asked again, and barred


def test_whoever_is_asked_again_and_then_barred_is_asked_no_more_and_the_vote_goes_to_another(house):
    third = a_member(house.session, house.review)
    kept, other = house.judged(INCLUDE, EXCLUDE), house.judged(EXCLUDE)
    house.same(kept, other)
    assert (house.waits(house.first), house.waits(third)) == ([kept.id], [])

    stages.bar(house.session, house.lead, other.id, house.first.id, "It is her own trial.")

    assert (house.waits(house.first), _left(house, house.first, TITLES), house.waits(third)) == ([], 0, [kept.id])
    a_vote(house.session, third, kept, EXCLUDE)
    assert house.stands(kept) is Outcome.EXCLUDED and house.waits(house.lead) == []


def test_the_place_of_who_cannot_answer_is_free_only_once_the_other_vote_is_handed_in(house):
    third = a_member(house.session, house.review)
    kept, other = house.judged(INCLUDE), house.judged(EXCLUDE)
    house.same(kept, other)
    stages.bar(house.session, house.lead, kept.id, house.first.id, "It is her own trial.")

    a_vote(house.session, house.second, kept, EXCLUDE, in_hand=True)
    before = house.waits(third)
    voting.hand_in(house.session, house.second, TITLES)

    assert (before, house.waits(third)) == ([], [kept.id])


def test_a_bar_frees_the_place_that_is_held_on_another_record_of_the_report(house):
    third = a_member(house.session, house.review)
    kept, other = a_record(house.session, house.review), a_record(house.session, house.review)
    house.same(kept, other)
    for one in (house.first, house.second):
        house.waits(one)
    assert house.waits(third) == []

    stages.bar(house.session, house.first, other.id, house.first.id, "My own work.")

    assert house.waits(third) == [kept.id]


# At full text the reason counts too (B9)


def test_two_settled_reports_that_were_excluded_for_different_reasons_are_a_conflict_once_they_are_one(house):
    one, other, third = (_settled_out(house, n) for n in (0, 1, 0))

    house.same(one, third)
    assert house.stands(one, TEXTS) is Outcome.EXCLUDED
    house.same(one, other)

    assert house.stands(one, TEXTS) is Outcome.CONFLICT
    out = {"reason_id": _reason(house, 1)}
    conflicts.adjudicate(house.session, house.judge, one.id, TEXTS, Verdict.EXCLUDED, "It is not cement.", **out)
    assert house.stands(one, TEXTS) is Outcome.EXCLUDED


@pytest.mark.parametrize(("reason", "outcome"), [(0, Outcome.EXCLUDED), (1, Outcome.CONFLICT)])
def test_a_settled_exclusion_and_votes_for_another_reason_are_a_conflict_once_they_are_one(house, reason, outcome):
    settled, voted = _settled_out(house, 0), a_report(house.session, house.review, house.first, house.second)
    for reviewer in (house.first, house.second):
        a_vote(house.session, reviewer, voted, Ballot(Decision.EXCLUDE, reason_id=_reason(house, reason)), TEXTS)

    house.same(settled, voted)

    assert house.stands(settled, TEXTS) is outcome


def _reason(house, n):
    return reviews.reasons(house.session, house.review.id, TEXTS)[n].id


def _settled_out(house, n):
    """A report on which the two differed and which the judge excluded for one of the reasons."""
    report = a_report(house.session, house.review, house.first, house.second)
    a_vote(house.session, house.first, report, READ, TEXTS)
    a_vote(house.session, house.second, report, Ballot(Decision.EXCLUDE, reason_id=_reason(house, n)), TEXTS)
    out = {"reason_id": _reason(house, n)}
    conflicts.adjudicate(house.session, house.judge, report.id, TEXTS, Verdict.EXCLUDED, "Out.", **out)
    return report
