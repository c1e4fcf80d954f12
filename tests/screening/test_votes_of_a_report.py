"""What the model of a stage found: votes, bars, proposals and removals where several records are one report."""

import pytest

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_document,
    a_duplicate,
    a_member,
    a_reason,
    a_record,
    a_review,
    a_vote,
    open_stage,
    the_lead,
)
from workbench.reporting.queries import flow
from workbench.reviews.rules import Role, Stage
from workbench.screening.queries import queue
from workbench.screening.queries import votes as queries
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Design, Found, Origin, Outcome, Split, Verdict
from workbench.screening.rules.allocation import Wish
from workbench.screening.service import allocation, conflicts, retrieval, stages, voting

TITLES, TEXTS = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT


@pytest.fixture
def review(session):
    made = a_review(session, "reports")
    open_stage(session, made)
    return made


def waits(session, member):
    rule = queries.stage_rule(session, member.review_id, TITLES)
    return [turn.record_id for turn in queue.waiting_for(session, member, rule, 9)]


def test_a_vote_handed_in_on_the_other_record_of_a_report_is_final_on_the_kept_one_too(session, review):
    voter, kept, other = a_member(session, review), a_record(session, review), a_record(session, review)
    a_vote(session, voter, other)
    a_duplicate(session, other, kept)

    with pytest.raises(voting.AlreadyHandedIn):
        voting.cast_vote(session, voter, kept.id, TITLES, EXCLUDE, "again")


def test_a_ballot_on_the_kept_record_changes_the_vote_in_hand_on_the_other_one(session, review):
    voter, kept, other = a_member(session, review), a_record(session, review), a_record(session, review)
    in_hand = a_vote(session, voter, other, in_hand=True)
    a_duplicate(session, other, kept)

    changed = voting.cast_vote(session, voter, kept.id, TITLES, EXCLUDE, "changed")

    assert changed.supersedes_id == in_hand.id and queries.in_hand(session, voter, TITLES) == [changed]


def test_who_is_asked_again_answers_on_the_kept_record_whichever_record_is_open(session, review):
    voter, kept, other = a_member(session, review), a_record(session, review), a_record(session, review)
    a_vote(session, voter, kept)
    a_vote(session, voter, other, EXCLUDE)
    a_duplicate(session, other, kept)

    answer = voting.cast_vote(session, voter, other.id, TITLES, EXCLUDE, "answer")

    assert (answer.record_id, answer.origin) == (kept.id, Origin.ASKED_AGAIN)


def test_who_is_barred_can_take_back_the_vote_in_hand(session, review):
    voter, record = a_member(session, review), a_record(session, review)
    a_vote(session, voter, record, in_hand=True)
    stages.bar(session, voter, record.id, voter.id, "My own paper")

    voting.withdraw(session, voter, record.id, TITLES, "back")

    assert queries.in_hand(session, voter, TITLES) == []


def test_a_bar_on_another_record_of_the_report_frees_the_place_that_was_allocated(session, review):
    first, second, third = (a_member(session, review) for _ in range(3))
    kept, other = a_record(session, review), a_record(session, review)
    stages.rank(session, review.id, TITLES)
    wish = Wish(Split.BATCH, {first.id: 1, second.id: 1})
    allocation.allocate(session, the_lead(session, review), TITLES, wish)
    stages.bar(session, first, other.id, first.id, "Own work")
    assert waits(session, third) == [other.id]

    a_duplicate(session, other, kept)

    assert waits(session, third) == [kept.id]


def test_a_proposal_that_settled_one_record_settles_nothing_once_another_joined(session, review):
    first, second = a_member(session, review), a_member(session, review)
    kept, other = a_record(session, review), a_record(session, review)
    for record, ballot in ((kept, EXCLUDE), (other, INCLUDE)):
        a_vote(session, first, record)
        a_vote(session, second, record, ballot)
    way = conflicts.propose(session, first, kept.id, TITLES, Verdict.EXCLUDED, "Not cement.")
    conflicts.agree(session, second, kept.id, TITLES, way.id)
    a_duplicate(session, other, kept)

    assert queries.proposal(session, kept.id, TITLES) is None
    with pytest.raises(conflicts.NoConflict):
        conflicts.agree(session, second, kept.id, TITLES, way.id)


def test_a_record_within_the_limits_brings_the_report_it_joins_back(session, review):
    lead, kept, other = the_lead(session, review), a_record(session, review), a_record(session, review)
    assert stages.remove_outside_limits(session, lead, "year", [kept.id], by_automation=True) == 1
    assert flow(session, review.id)["records_screened"] == 1
    stages.rank(session, review.id, TITLES)

    a_duplicate(session, other, kept)

    counted = flow(session, review.id)
    assert (counted["records_screened"], counted["excluded_automatic"], counted["duplicates"]) == (1, 0, 1)
    assert waits(session, lead) == [kept.id] and not queries.is_removed(session, other.id)


def test_a_report_removed_with_all_its_records_stays_out(session, review):
    lead, kept, other = the_lead(session, review), a_record(session, review), a_record(session, review)
    a_duplicate(session, other, kept)

    n = stages.remove_outside_limits(session, lead, "year", [kept.id], by_automation=True)

    counted = flow(session, review.id)
    assert n == 1 and (counted["records_screened"], counted["excluded_automatic"]) == (0, 1)
    assert queries.is_removed(session, other.id) and stages.restore_removed(session, lead, "year") == 1


def test_an_include_that_follows_an_exclusion_says_which_questions_the_report_answers(session):
    review = a_review(session, "liberal", document=a_document("liberal", TEXTS, variant="liberal-accelerated"))
    record, people = a_record(session, review), [a_member(session, review) for _ in range(2)]
    reads = Ballot(Decision.INCLUDE, questions=("pico2",), design=Design.OTHER)
    open_stage(session, review)
    for person in people:
        a_vote(session, person, record)
    full_text_is_there(session, review, record)
    out = Ballot(Decision.EXCLUDE, reason_id=a_reason(session, review))
    for person, ballot in zip(people, (out, reads), strict=True):
        a_vote(session, person, record, ballot, TEXTS)

    [stands] = standings(session, review.id, queries.stage_rule(session, review.id, TEXTS))

    assert (stands.outcome, stands.questions, stands.design) == (Outcome.INCLUDED, ("pico2",), Design.OTHER)


def test_an_unclear_report_under_a_single_vote_with_a_check_waits_for_nobody_else(session):
    document = a_document("check", TEXTS, variant="single-plus-check", check_percent=100, votes=2)
    review = a_review(session, "check", document=document)
    record, first, second = a_record(session, review), a_member(session, review), a_member(session, review)
    judge = a_member(session, review, Role.ADJUDICATOR)
    open_stage(session, review)
    for person in (first, second):
        a_vote(session, person, record)
    full_text_is_there(session, review, record)
    a_vote(session, first, record, Ballot(Decision.UNCLEAR), TEXTS)

    assert voting.serve(session, second, TEXTS, 3) == []
    conflicts.adjudicate(session, judge, record.id, TEXTS, Verdict.AWAITING, "Not to be said.")


def full_text_is_there(session, review, record):
    retrieval.log_report(session, the_lead(session, review), record.id, Found.RETRIEVED, "by post")
    open_stage(session, review, TEXTS)
