"""The deeds of screening, on both databases: each keeps its rule and leaves its entry in the trail."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    UNCLEAR,
    a_document,
    a_duplicate,
    a_member,
    a_reason,
    a_record,
    a_report,
    a_review,
    a_vote,
    open_stage,
    the_lead,
)
from workbench.audit import queries as trail
from workbench.db import now
from workbench.files.stores import FolderStore
from workbench.records.models import Import
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import FullText, HandIn, Looked, Message, Proposal, Retrieval, Settlement, Vote
from workbench.screening.queries import reports
from workbench.screening.queries import votes as queries
from workbench.screening.queries.again import asked_again
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Design, Found, HandedInBy, Look, Origin, Outcome, Verdict
from workbench.screening.rules import Path as Way
from workbench.screening.service import conflicts, retrieval, stages, voting

TITLES, TEXTS = Stage.TITLE_ABSTRACT, Stage.FULL_TEXT
PDF = b"%PDF-1.4 invented"


@dataclass
class House:
    """A review with its title-abstract stage open: two reviewers, a lead, an adjudicator, an observer."""

    session: Session
    review: Review
    lead: Member
    first: Member
    second: Member
    judge: Member
    observer: Member

    def stands(self, record, stage=TITLES) -> Outcome | None:
        """Where a record stands."""
        rule = queries.stage_rule(self.session, self.review.id, stage)
        return next(
            (one.outcome for one in standings(self.session, self.review.id, rule) if one.record_id == record.id), None
        )

    def conflict(self):
        """A record on which the two reviewers differ at title and abstract."""
        record = a_record(self.session, self.review)
        a_vote(self.session, self.first, record, INCLUDE)
        a_vote(self.session, self.second, record, EXCLUDE)
        return record

    def entries(self) -> list[str]:
        """The names of what the trail holds, oldest first."""
        return [entry.event for entry in reversed(trail.entries(self.session, self.review.id, limit=1000))]


def a_house(session: Session, **rule) -> House:
    slug = "house"
    review = a_review(session, slug, document=a_document(slug, **rule))
    house = House(
        session,
        review,
        the_lead(session, review),
        a_member(session, review),
        a_member(session, review),
        a_member(session, review, Role.ADJUDICATOR),
        a_member(session, review, Role.OBSERVER),
    )
    open_stage(session, review)
    return house


@pytest.fixture
def house(session: Session) -> House:
    """Two people judge every record at both stages."""
    return a_house(session)


@pytest.fixture
def texts(house: House) -> House:
    """The same house with full-text screening open."""
    open_stage(house.session, house.review, TEXTS)
    return house


# Votes in hand and handed in


def test_a_vote_in_hand_counts_nowhere(session, house):
    record = a_record(session, house.review)
    a_vote(session, house.first, record, INCLUDE)
    a_vote(session, house.second, record, INCLUDE, in_hand=True)

    assert house.stands(record) is Outcome.PENDING
    assert not queries.is_open(session, house.review.id, record.id, TITLES)
    voting.hand_in(session, house.second, TITLES)
    assert house.stands(record) is Outcome.INCLUDED


def test_a_vote_in_hand_is_changed_by_a_new_row_and_the_old_one_stays(session, house):
    record = a_record(session, house.review)
    old = a_vote(session, house.first, record, INCLUDE, in_hand=True)
    new = a_vote(session, house.first, record, EXCLUDE, in_hand=True)

    assert (new.turn, new.supersedes_id, old.decision) == (2, old.id, Decision.INCLUDE)
    assert voting.hand_in(session, house.first, TITLES) == 1
    assert session.scalars(select(HandIn.vote_id)).all() == [new.id]


def test_a_withdrawal_is_a_row_and_brings_the_record_back_to_the_queue(session, house):
    record = a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    a_vote(session, house.first, record, in_hand=True)
    assert voting.serve(session, house.first, TITLES, 5) == []

    taken = voting.withdraw(session, house.first, record.id, TITLES, "back")

    assert taken is not None and taken.decision is Decision.WITHDRAWN
    assert [turn.record_id for turn in voting.serve(session, house.first, TITLES, 5)] == [record.id]
    assert queries.voters(session, record.id, TITLES) == set()
    assert voting.hand_in(session, house.first, TITLES) == 0


def test_withdrawing_where_there_is_no_vote_does_nothing(session, house):
    assert voting.withdraw(session, house.first, a_record(session, house.review).id, TITLES, "k") is None


def test_the_same_withdrawal_sent_twice_is_one(session, house):
    record = a_record(session, house.review)
    a_vote(session, house.first, record, in_hand=True)

    first = voting.withdraw(session, house.first, record.id, TITLES, "back")
    second = voting.withdraw(session, house.first, record.id, TITLES, "back")

    assert first is second


def test_a_handed_in_vote_is_not_changed_or_withdrawn(session, house):
    record = a_record(session, house.review)
    a_vote(session, house.first, record)

    with pytest.raises(voting.AlreadyHandedIn):
        a_vote(session, house.first, record, EXCLUDE)
    with pytest.raises(voting.AlreadyHandedIn):
        voting.withdraw(session, house.first, record.id, TITLES, "back")


def test_the_same_key_twice_is_one_vote(session, house):
    record = a_record(session, house.review)
    one = voting.cast_vote(session, house.first, record.id, TITLES, INCLUDE, "key")
    two = voting.cast_vote(session, house.first, record.id, TITLES, EXCLUDE, "key")

    assert one is two and session.scalar(select(func.count(Vote.id))) == 1


def test_a_key_belongs_to_one_record(session, house):
    voting.cast_vote(session, house.first, a_record(session, house.review).id, TITLES, INCLUDE, "key")

    with pytest.raises(voting.KeyUsed):
        voting.cast_vote(session, house.first, a_record(session, house.review).id, TITLES, INCLUDE, "key")


def test_twenty_newer_votes_hand_the_older_one_in(session, house):
    votes = [a_vote(session, house.first, a_record(session, house.review), in_hand=True) for _ in range(22)]

    rows = session.execute(select(HandIn.vote_id, HandIn.how).order_by(HandIn.id)).all()

    assert rows == [(votes[0].id, HandedInBy.NEWER), (votes[1].id, HandedInBy.NEWER)]


def test_a_day_hands_in_by_a_row_of_its_own(session, house):
    moment = now()
    with time_machine.travel(moment, tick=False):
        vote = a_vote(session, house.first, a_record(session, house.review), in_hand=True)
        assert voting.hand_in_after_a_day(session) == 0
    with time_machine.travel(moment + timedelta(days=1, seconds=1), tick=False):
        younger = a_vote(session, house.second, a_record(session, house.review), in_hand=True)
        assert voting.hand_in_after_a_day(session) == 1
        assert voting.hand_in_after_a_day(session) == 0

    assert session.execute(select(HandIn.vote_id, HandIn.how)).all() == [(vote.id, HandedInBy.DAY)]
    assert not queries.is_handed_in(session, younger)


def test_a_vote_beyond_the_number_asked_is_kept_and_counts_nowhere(session, house):
    record = house.conflict()
    third = a_member(session, house.review)
    a_vote(session, third, record, EXCLUDE)

    assert house.stands(record) is Outcome.CONFLICT
    counted = queries.counted_votes(session, house.review.id, record.id, TITLES)
    assert [vote.reviewer_id for vote in counted] == [house.first.id, house.second.id]
    assert len(queries.open_votes(session, record.id, TITLES)) == 3


def test_a_surplus_voter_neither_settles_nor_adjudicates(session, house):
    record = house.conflict()
    a_vote(session, house.lead, record, INCLUDE)
    proposal = conflicts.propose(session, house.first, record.id, TITLES, Verdict.INCLUDED, "In doubt, in.")

    with pytest.raises(conflicts.NotAVoter):
        conflicts.agree(session, house.lead, record.id, TITLES, proposal.id)
    with pytest.raises(conflicts.IsAVoter):
        conflicts.adjudicate(session, house.lead, record.id, TITLES, Verdict.INCLUDED, "In.")


# Who may vote, when


def test_a_closed_stage_takes_no_vote_and_opens_again(session, house):
    record = a_record(session, house.review)
    stages.close_stage(session, house.lead, TITLES)

    with pytest.raises(stages.StageClosed):
        a_vote(session, house.first, record)
    stages.open_stage(session, house.lead, TITLES)
    a_vote(session, house.first, record)


def test_a_stage_is_not_opened_twice_nor_closed_twice(session, house):
    with pytest.raises(stages.StageMovedAlready):
        stages.open_stage(session, house.lead, TITLES)
    stages.close_stage(session, house.lead, TITLES)
    with pytest.raises(stages.StageMovedAlready):
        stages.close_stage(session, house.lead, TITLES)


def test_only_the_lead_opens_a_stage(session, house):
    with pytest.raises(NotYours):
        stages.open_stage(session, house.first, TEXTS)


def test_an_observer_does_not_vote(session, house):
    with pytest.raises(NotYours):
        a_vote(session, house.observer, a_record(session, house.review))


def test_the_protocol_may_name_who_votes(session):
    house = a_house(session, voters=["lead"])
    record = a_record(session, house.review)

    with pytest.raises(voting.NotNamed):
        a_vote(session, house.first, record)
    a_vote(session, house.lead, record)
    assert voting.serve(session, house.first, TITLES, 5) == []


def test_a_record_of_another_review_is_not_found(session, house):
    other = a_record(session, a_review(session))

    with pytest.raises(queries.NoSuchRecord):
        a_vote(session, house.first, other)


def test_a_record_of_an_import_taken_back_is_not_found(session, house):
    record = a_record(session, house.review)
    row = session.get_one(Import, record.import_id)
    row.taken_back_at, row.taken_back_by = now(), house.lead.id
    session.flush()

    with pytest.raises(queries.NoSuchRecord):
        a_vote(session, house.first, record)


def test_a_barred_person_does_not_vote_and_the_vote_goes_to_another(session, house):
    record = a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    row = stages.bar(session, house.first, record.id, house.first.id, "My own trial.")

    with pytest.raises(voting.IsBarred):
        a_vote(session, house.first, record)
    assert voting.serve(session, house.first, TITLES, 5) == []
    assert [turn.record_id for turn in voting.serve(session, house.second, TITLES, 5)] == [record.id]
    stages.lift_bar(session, house.lead, row.id)
    a_vote(session, house.first, record)


def test_a_bar_has_a_reason_and_is_set_by_oneself_or_the_lead(session, house):
    record = a_record(session, house.review)

    with pytest.raises(stages.ReasonMissing):
        stages.bar(session, house.first, record.id, house.first.id, " ")
    with pytest.raises(NotYours):
        stages.bar(session, house.first, record.id, house.second.id, "Their own trial.")
    stages.bar(session, house.lead, record.id, house.second.id, "Their own trial.")


def test_a_barred_person_does_not_adjudicate(session, house):
    record = house.conflict()
    stages.bar(session, house.lead, record.id, house.judge.id, "Paid by the maker.")

    with pytest.raises(conflicts.NotAllowed):
        conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.INCLUDED, "In.")


def test_no_more_people_are_served_than_votes_are_asked(session, house):
    record = a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)

    served = [len(voting.serve(session, one, TITLES, 5)) for one in (house.first, house.second, house.lead)]

    assert served == [1, 1, 0]
    with time_machine.travel(now() + timedelta(days=1, minutes=1)):
        assert [turn.record_id for turn in voting.serve(session, house.lead, TITLES, 5)] == [record.id]


def test_two_who_ask_at_once_do_not_both_take_the_last_place(sessions):
    with sessions.write.begin() as session:
        review = a_review(session)
        people = [the_lead(session, review), a_member(session, review), a_member(session, review)]
        a_record(session, review)
        stages.open_stage(session, people[0], TITLES)

    def served(who: Member) -> int:
        with sessions.write.begin() as other:
            return len(voting.serve(other, other.get_one(Member, who.id), TITLES, 5))

    assert served(people[0]) == 1
    with ThreadPoolExecutor() as pool:
        with sessions.write.begin() as session:
            assert len(voting.serve(session, session.get_one(Member, people[1].id), TITLES, 5)) == 1
            third = pool.submit(served, people[2])
            assert wait([third], 0.3).not_done
        assert third.result(20) == 0


def test_a_reason_that_is_not_on_the_list_is_refused(session, house):
    foreign = a_reason(session, a_review(session))

    with pytest.raises(voting.BallotIncomplete):
        a_vote(session, house.first, a_record(session, house.review), replace(EXCLUDE, reason_id=foreign))


# Other rules than full dual


def test_in_single_screening_one_vote_decides(session):
    house = a_house(session, variant="single", votes=1)
    inside, outside = a_record(session, house.review), a_record(session, house.review)
    a_vote(session, house.first, inside, UNCLEAR)
    a_vote(session, house.first, outside, EXCLUDE)

    assert (house.stands(inside), house.stands(outside)) == (Outcome.INCLUDED, Outcome.EXCLUDED)


def test_liberal_accelerated_passes_with_one_and_excludes_with_two(session):
    house = a_house(session, variant="liberal-accelerated")
    passes, waits = a_record(session, house.review), a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    a_vote(session, house.first, passes, UNCLEAR)
    a_vote(session, house.first, waits, EXCLUDE)

    assert (house.stands(passes), house.stands(waits)) == (Outcome.INCLUDED, Outcome.PENDING)
    assert [turn.record_id for turn in voting.serve(session, house.second, TITLES, 5)] == [waits.id]
    a_vote(session, house.second, waits, EXCLUDE)
    assert house.stands(waits) is Outcome.EXCLUDED


def test_liberal_accelerated_includes_when_the_second_includes(session):
    house = a_house(session, variant="liberal-accelerated")
    record = a_record(session, house.review)
    a_vote(session, house.first, record, EXCLUDE)
    a_vote(session, house.second, record, INCLUDE)

    assert house.stands(record) is Outcome.INCLUDED


def test_a_second_person_checks_all_exclusions_where_the_share_is_all(session):
    house = a_house(session, variant="single-plus-check", votes=1, check_percent=100)
    record, passes = a_record(session, house.review), a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    a_vote(session, house.first, record, EXCLUDE)
    a_vote(session, house.first, passes, INCLUDE)

    assert (house.stands(record), house.stands(passes)) == (Outcome.PENDING, Outcome.INCLUDED)
    assert [turn.record_id for turn in voting.serve(session, house.second, TITLES, 5)] == [record.id]
    a_vote(session, house.second, record, INCLUDE)
    assert house.stands(record) is Outcome.CONFLICT


def test_a_single_exclusion_outside_the_drawn_share_stands(session):
    house = a_house(session, variant="single-plus-check", votes=1, check_percent=0.0001)
    record = a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    a_vote(session, house.first, record, EXCLUDE)

    assert house.stands(record) is Outcome.EXCLUDED
    assert voting.serve(session, house.second, TITLES, 5) == []


# Conflicts


def test_a_consensus_takes_the_other_voters_yes(session, house):
    record = house.conflict()
    proposal = conflicts.propose(session, house.first, record.id, TITLES, Verdict.INCLUDED, "In doubt, in.")
    assert house.stands(record) is Outcome.CONFLICT

    with pytest.raises(conflicts.OwnProposal):
        conflicts.agree(session, house.first, record.id, TITLES, proposal.id)
    settlement = conflicts.agree(session, house.second, record.id, TITLES, proposal.id)

    assert (settlement.path, settlement.proposal_id) == (Way.CONSENSUS, proposal.id)
    assert house.stands(record) is Outcome.INCLUDED
    assert {vote.decision for vote in queries.open_votes(session, record.id, TITLES)} == {
        Decision.INCLUDE,
        Decision.EXCLUDE,
    }


def test_one_agrees_to_the_newest_proposal_only(session, house):
    record = house.conflict()
    old = conflicts.propose(session, house.first, record.id, TITLES, Verdict.INCLUDED, "In doubt, in.")
    conflicts.propose(session, house.first, record.id, TITLES, Verdict.EXCLUDED, "I was wrong.")

    with pytest.raises(conflicts.NoConflict):
        conflicts.agree(session, house.second, record.id, TITLES, old.id)


def test_who_did_not_vote_proposes_and_says_nothing(session, house):
    record = house.conflict()

    with pytest.raises(conflicts.NotAVoter):
        conflicts.propose(session, house.lead, record.id, TITLES, Verdict.INCLUDED, "In.")
    with pytest.raises(conflicts.NotAVoter):
        conflicts.say(session, house.lead, record.id, TITLES, "I think")
    with pytest.raises(NotYours):
        conflicts.say(session, house.judge, record.id, TITLES, "I think")


def test_the_adjudicator_is_none_of_the_voters(session, house):
    record = a_record(session, house.review)
    a_vote(session, house.lead, record, INCLUDE)
    a_vote(session, house.second, record, EXCLUDE)

    with pytest.raises(conflicts.IsAVoter):
        conflicts.adjudicate(session, house.lead, record.id, TITLES, Verdict.INCLUDED, "In.")
    with pytest.raises(conflicts.IsAVoter):
        conflicts.look(session, house.lead, record.id, TITLES, Look.REASONS)
    settlement = conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.EXCLUDED, "A cohort.")

    assert settlement.path is Way.ADJUDICATION and house.stands(record) is Outcome.EXCLUDED


def test_the_protocol_may_name_who_adjudicates(session):
    house = a_house(session, adjudicators=["lead"])
    record = house.conflict()

    with pytest.raises(conflicts.NotAllowed):
        conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.INCLUDED, "In.")
    conflicts.adjudicate(session, house.lead, record.id, TITLES, Verdict.INCLUDED, "In.")


def test_each_look_is_stored_once(session, house):
    record = house.conflict()
    for what in (Look.REASONS, Look.REASONS, Look.NAMES):
        conflicts.look(session, house.judge, record.id, TITLES, what)

    assert sorted(session.scalars(select(Looked.what))) == [Look.NAMES, Look.REASONS]
    assert house.entries().count("screening:conflict:looked-at") == 2


def test_a_record_that_is_not_in_conflict_is_not_settled(session, house):
    record = a_record(session, house.review)
    a_vote(session, house.first, record, INCLUDE)

    with pytest.raises(conflicts.NoConflict):
        conflicts.propose(session, house.first, record.id, TITLES, Verdict.INCLUDED, "In.")
    with pytest.raises(conflicts.NoConflict):
        conflicts.look(session, house.judge, record.id, TITLES, Look.REASONS)
    with pytest.raises(conflicts.NoConflict):
        conflicts.say(session, house.first, record.id, TITLES, "What do you think?")


def test_a_settled_conflict_is_not_settled_again(session, house):
    record = house.conflict()
    conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.INCLUDED, "In.")

    with pytest.raises(conflicts.NoConflict):
        conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.EXCLUDED, "Out.")
    conflicts.say(session, house.first, record.id, TITLES, "I see it now.")


@pytest.mark.parametrize(("verdict", "why"), [(Verdict.INCLUDED, "  "), (Verdict.AWAITING, "Not clear.")])
def test_a_settlement_says_why_and_at_titles_it_includes_or_excludes(session, house, verdict, why):
    record = house.conflict()

    with pytest.raises(conflicts.StatementMissing):
        conflicts.adjudicate(session, house.judge, record.id, TITLES, verdict, why)


def test_an_empty_message_is_not_said(session, house):
    with pytest.raises(conflicts.StatementMissing):
        conflicts.say(session, house.first, house.conflict().id, TITLES, " ")


# Full text


def test_a_full_text_vote_needs_a_retrieved_report(session, texts):
    report = a_report(session, texts.review, texts.first, texts.second, found=None)

    with pytest.raises(voting.NotRetrieved):
        a_vote(session, texts.first, report, INCLUDE, TEXTS)
    retrieval.log_report(session, texts.lead, report.id, Found.RETRIEVED)
    a_vote(session, texts.first, report, INCLUDE, TEXTS)


def test_a_record_that_titles_did_not_include_has_no_full_text_vote(session, texts):
    with pytest.raises(voting.NotRetrieved):
        a_vote(session, texts.first, texts.conflict(), INCLUDE, TEXTS)


@pytest.mark.parametrize(
    "ballot",
    [
        EXCLUDE,
        Ballot(Decision.INCLUDE),
        replace(INCLUDE, questions=("unknown",)),
        replace(INCLUDE, design=None),
    ],
)
def test_a_full_text_ballot_is_whole(session, texts, ballot):
    report = a_report(session, texts.review, texts.first, texts.second)

    with pytest.raises(voting.BallotIncomplete):
        a_vote(session, texts.first, report, ballot, TEXTS)


def test_two_exclusions_for_different_reasons_are_a_conflict(session, texts):
    report = a_report(session, texts.review, texts.first, texts.second)
    for reviewer, code in ((texts.first, "wrong-design"), (texts.second, "not-malignant")):
        a_vote(session, reviewer, report, replace(EXCLUDE, reason_id=a_reason(session, texts.review, code)), TEXTS)

    assert texts.stands(report, TEXTS) is Outcome.CONFLICT
    with pytest.raises(voting.BallotIncomplete):
        conflicts.propose(session, texts.first, report.id, TEXTS, Verdict.EXCLUDED, "Out.")
    reason = a_reason(session, texts.review, "not-malignant")
    proposal = conflicts.propose(session, texts.first, report.id, TEXTS, Verdict.EXCLUDED, "Out.", reason_id=reason)
    settlement = conflicts.agree(session, texts.second, report.id, TEXTS, proposal.id)
    assert settlement.reason_id == reason and texts.stands(report, TEXTS) is Outcome.EXCLUDED


def test_a_full_text_settlement_keeps_questions_and_design_sorted(session, texts):
    report = a_report(session, texts.review, texts.first, texts.second)
    a_vote(session, texts.first, report, UNCLEAR, TEXTS)
    a_vote(session, texts.second, report, INCLUDE, TEXTS)
    settlement = conflicts.adjudicate(
        session,
        texts.judge,
        report.id,
        TEXTS,
        Verdict.INCLUDED,
        "In.",
        questions=("pico2", "pico1"),
        design=Design.GUIDELINE,
    )

    assert (settlement.questions, settlement.design, settlement.reason_id) == ("pico1 pico2", Design.GUIDELINE, None)


def test_a_full_text_settlement_may_await_classification(session, texts):
    report = a_report(session, texts.review, texts.first, texts.second)
    a_vote(session, texts.first, report, UNCLEAR, TEXTS)
    a_vote(session, texts.second, report, UNCLEAR, TEXTS)
    conflicts.adjudicate(session, texts.judge, report.id, TEXTS, Verdict.AWAITING, "The authors do not answer.")

    assert texts.stands(report, TEXTS) is Outcome.AWAITING


# Retrieval


def test_not_retrieved_has_a_reason(session, house):
    report = a_report(session, house.review, house.first, house.second, found=None)

    with pytest.raises(retrieval.NoReason):
        retrieval.log_report(session, house.lead, report.id, Found.NOT_RETRIEVED, "  ")
    retrieval.log_report(session, house.lead, report.id, Found.NOT_RETRIEVED, "No library holds it.")
    assert reports.found(session, report.id) is Found.NOT_RETRIEVED


def test_only_reports_that_titles_included_are_sought(session, house):
    record = house.conflict()

    with pytest.raises(retrieval.NotSought):
        retrieval.log_report(session, house.lead, record.id, Found.REQUESTED)
    assert reports.reports(session, house.review.id) == []


def test_a_report_with_full_text_votes_stays_retrieved(session, texts):
    report = a_report(session, texts.review, texts.first, texts.second)
    a_vote(session, texts.first, report, INCLUDE, TEXTS, in_hand=True)

    with pytest.raises(retrieval.HasFullTextVotes):
        retrieval.log_report(session, texts.lead, report.id, Found.NOT_RETRIEVED, "Lost.")


def test_an_observer_retrieves_nothing(session, house, tmp_path):
    report = a_report(session, house.review, house.first, house.second, found=None)

    with pytest.raises(NotYours):
        retrieval.attach(session, FolderStore(tmp_path / "f"), house.observer, report.id, PDF, "a.pdf")


def test_a_first_file_makes_the_report_retrieved_and_the_same_bytes_are_one_file(session, house, tmp_path):
    store = FolderStore(tmp_path / "f")
    report = a_report(session, house.review, house.first, house.second, found=None)
    first = retrieval.attach(session, store, house.first, report.id, PDF, "a.pdf")
    again = retrieval.attach(session, store, house.second, report.id, PDF, "b.pdf")

    assert first is again and reports.found(session, report.id) is Found.RETRIEVED
    assert [one.files for one in reports.reports(session, house.review.id)] == [1]


def test_a_file_attached_again_after_it_was_given_up_counts_as_retrieved(session, house, tmp_path):
    store = FolderStore(tmp_path / "f")
    report = a_report(session, house.review, house.first, house.second, found=None)
    retrieval.attach(session, store, house.first, report.id, PDF, "a.pdf")
    retrieval.log_report(session, house.first, report.id, Found.NOT_RETRIEVED, "The wrong paper.")
    retrieval.attach(session, store, house.first, report.id, PDF, "a.pdf")

    assert reports.found(session, report.id) is Found.RETRIEVED


def test_what_is_not_a_pdf_is_refused_and_changes_nothing(session, house, tmp_path):
    report = a_report(session, house.review, house.first, house.second, found=None)

    with pytest.raises(retrieval.NotAPdf):
        retrieval.attach(session, FolderStore(tmp_path / "f"), house.first, report.id, b"<html>", "a.pdf")
    assert reports.found(session, report.id) is None and not (tmp_path / "f").exists()


def test_a_file_is_taken_off_and_its_bytes_stay(session, house, tmp_path):
    store = FolderStore(tmp_path / "f")
    report = a_report(session, house.review, house.first, house.second, found=None)
    row = retrieval.attach(session, store, house.first, report.id, PDF, "a.pdf")
    retrieval.detach(session, house.second, row.id)

    assert reports.files_of(session, report.id) == [] and store.get(row.sha256) == PDF
    with pytest.raises(reports.NoSuchFullText):
        reports.full_text(session, house.review.id, row.id)


# Votes belong to the cluster


def test_two_peoples_votes_on_two_records_of_a_report_count_as_a_pair(session, house):
    kept, other = a_record(session, house.review), a_record(session, house.review)
    a_vote(session, house.first, kept, INCLUDE)
    a_vote(session, house.second, other, INCLUDE)
    assert (house.stands(kept), house.stands(other)) == (Outcome.PENDING, Outcome.PENDING)

    joined = a_duplicate(session, other, kept)
    assert (house.stands(kept), house.stands(other)) == (Outcome.INCLUDED, None)

    session.delete(joined)
    session.flush()
    assert (house.stands(kept), house.stands(other)) == (Outcome.PENDING, Outcome.PENDING)


def test_votes_that_differ_after_a_merge_are_settled_on_the_kept_record(session, house):
    kept, other = a_record(session, house.review), a_record(session, house.review)
    a_vote(session, house.first, kept, INCLUDE)
    a_vote(session, house.second, other, EXCLUDE)
    a_duplicate(session, other, kept)

    assert house.stands(kept) is Outcome.CONFLICT
    conflicts.adjudicate(session, house.judge, kept.id, TITLES, Verdict.INCLUDED, "In.")
    assert house.stands(kept) is Outcome.INCLUDED


def _merged_against_oneself(session, house):
    kept, other = a_record(session, house.review), a_record(session, house.review)
    stages.rank(session, house.review.id, TITLES)
    a_vote(session, house.first, kept, INCLUDE)
    a_vote(session, house.first, other, EXCLUDE)
    a_vote(session, house.second, kept, EXCLUDE)
    return kept, other, a_duplicate(session, other, kept)


def test_one_persons_differing_votes_are_no_conflict_but_asked_again(session, house):
    kept, _other, _row = _merged_against_oneself(session, house)

    assert house.stands(kept) is Outcome.PENDING
    assert [turn.record_id for turn in voting.serve(session, house.first, TITLES, 5)] == [kept.id]
    assert voting.serve(session, house.second, TITLES, 5) == []
    again = a_vote(session, house.first, kept, EXCLUDE)
    assert again.origin is Origin.ASKED_AGAIN and house.stands(kept) is Outcome.EXCLUDED
    assert voting.serve(session, house.first, TITLES, 5) == []


def test_an_answer_to_being_asked_again_is_changed_while_it_is_in_hand(session, house):
    kept, _other, _row = _merged_against_oneself(session, house)
    a_vote(session, house.first, kept, INCLUDE, in_hand=True)
    a_vote(session, house.first, kept, EXCLUDE)

    assert house.stands(kept) is Outcome.EXCLUDED
    assert asked_again(session, house.first, queries.stage_rule(session, house.review.id, TITLES)) == []


def test_who_withdraws_the_answer_is_asked_once_more(session, house):
    kept, _other, _row = _merged_against_oneself(session, house)
    a_vote(session, house.first, kept, EXCLUDE, in_hand=True)
    voting.withdraw(session, house.first, kept.id, TITLES, "back")

    assert asked_again(session, house.first, queries.stage_rule(session, house.review.id, TITLES)) == [kept.id]
    assert house.stands(kept) is Outcome.PENDING


def test_parting_gives_each_record_its_own_votes_and_the_answer_stays_with_the_kept_one(session, house):
    kept, other, row = _merged_against_oneself(session, house)
    a_vote(session, house.first, kept, EXCLUDE)
    session.delete(row)
    session.flush()

    assert (house.stands(kept), house.stands(other)) == (Outcome.EXCLUDED, Outcome.PENDING)
    assert [turn.record_id for turn in voting.serve(session, house.second, TITLES, 5)] == [other.id]


def test_a_cluster_with_a_vote_is_named_so_that_it_stays_together(session, house):
    kept, other, quiet, silent = (a_record(session, house.review) for _ in range(4))
    a_duplicate(session, other, kept)
    a_duplicate(session, silent, quiet)
    a_vote(session, house.first, kept)

    assert queries.clusters_with_votes(session, house.review.id) == [{kept.id, other.id}]


# Taking records away


def test_an_import_with_votes_is_not_taken_back(session, house):
    record, untouched = a_record(session, house.review), a_record(session, house.review)
    a_vote(session, house.first, record, in_hand=True)

    with pytest.raises(stages.HasVotes):
        stages.refuse_if_voted(session, record.import_id)
    stages.refuse_if_voted(session, untouched.import_id)


def test_a_whole_list_outside_the_limits_is_removed_by_one_act(session, house):
    records = [a_record(session, house.review, year=1999) for _ in range(3)]
    ids = [record.id for record in records]

    assert stages.remove_outside_limits(session, house.lead, "year", ids[:2], by_automation=True) == 2
    assert stages.remove_outside_limits(session, house.lead, "year", ids, by_automation=True) == 1
    assert house.stands(records[0]) is None


def test_an_order_is_not_drawn_anew_once_somebody_voted(session, house):
    record = a_record(session, house.review)
    stages.rerank(session, house.review.id, TITLES)
    a_vote(session, house.first, record, in_hand=True)

    with pytest.raises(stages.HasVotes):
        stages.rerank(session, house.review.id, TITLES)


# The trail


def _agree(house: House, record_id: int) -> None:
    proposal = session_of(house).scalars(select(Proposal).order_by(Proposal.id.desc())).first()
    conflicts.agree(session_of(house), house.second, record_id, TITLES, proposal.id)


def session_of(house: House) -> Session:
    return house.session


Do = Callable[[House, int, Path], object]
ON_A_CONFLICT: dict[str, Do] = {
    "screening:consensus:proposed": lambda h, r, _: conflicts.propose(
        h.session, h.first, r, TITLES, Verdict.INCLUDED, "In."
    ),
    "screening:conflict:looked-at": lambda h, r, _: conflicts.look(h.session, h.judge, r, TITLES, Look.REASONS),
    "screening:discussion:said": lambda h, r, _: conflicts.say(h.session, h.first, r, TITLES, "Look at table 2."),
    "screening:conflict:settled": lambda h, r, _: conflicts.adjudicate(
        h.session, h.judge, r, TITLES, Verdict.INCLUDED, "In."
    ),
    "screening:bar:set": lambda h, r, _: stages.bar(h.session, h.lead, r, h.judge.id, "Own work."),
}
ON_A_REPORT: dict[str, Do] = {
    "screening:report:logged": lambda h, r, _: retrieval.log_report(h.session, h.lead, r, Found.REQUESTED),
    "screening:full-text:attached": lambda h, r, p: retrieval.attach(
        h.session, FolderStore(p / "f"), h.lead, r, PDF, "a.pdf"
    ),
    "screening:stage:moved": lambda h, _r, _p: stages.close_stage(h.session, h.lead, TITLES),
}
ON_A_RECORD: dict[str, Do] = {
    "screening:vote:cast": lambda h, r, _: voting.cast_vote(h.session, h.lead, r, TITLES, INCLUDE, "k"),
    "screening:votes:handed-in": lambda h, _r, _p: voting.hand_in(h.session, h.first, TITLES),
    "screening:records:removed": lambda h, _r, _p: stages.remove_outside_limits(
        h.session, h.lead, "year", [a_record(h.session, h.review).id], by_automation=False
    ),
}
WRITTEN = (Vote, HandIn, Proposal, Settlement, Message, Looked, Retrieval, FullText)


def _written(session: Session) -> list[int]:
    return [session.scalar(select(func.count()).select_from(table)) for table in WRITTEN]


def _prepared(house: House, event: str) -> tuple[Do, int]:
    session, review = house.session, house.review
    if event in ON_A_CONFLICT:
        return ON_A_CONFLICT[event], house.conflict().id
    if event in ON_A_REPORT:
        return ON_A_REPORT[event], a_report(session, review, house.first, house.second, found=None).id
    record = a_record(session, review)
    a_vote(session, house.first, record, in_hand=True)
    return ON_A_RECORD[event], record.id


@pytest.mark.parametrize("event", [*ON_A_CONFLICT, *ON_A_REPORT, *ON_A_RECORD])
def test_a_deed_and_its_entry_in_the_trail_stand_or_fall_together(session, house, event, tmp_path):
    do, record_id = _prepared(house, event)
    session.commit()
    written, entries = _written(session), house.entries()

    do(house, record_id, tmp_path)
    assert event in house.entries()[len(entries) :]
    session.rollback()

    assert house.entries() == entries and _written(session) == written
    do(house, record_id, tmp_path)
    session.commit()
    assert event in house.entries()[len(entries) :] and trail.broken_at(session, house.review.id) is None


def test_free_text_goes_into_the_trail_as_its_hash_only(session, house):
    record = house.conflict()
    conflicts.say(session, house.first, record.id, TITLES, "Look at table 2.")
    conflicts.adjudicate(session, house.judge, record.id, TITLES, Verdict.INCLUDED, "The subgroup counts.")

    told = str([entry.payload for entry in trail.entries(session, house.review.id, limit=1000)])
    assert "table 2" not in told and "subgroup" not in told


def test_the_same_vote_sent_by_two_tabs_at_once_is_kept_once_and_both_are_told_so(sessions):
    with sessions.write.begin() as session:
        review = a_review(session)
        first, record = a_member(session, review), a_record(session, review)
        open_stage(session, review)
    given = []

    def other_tab():
        with sessions.write.begin() as session:
            reviewer = session.get_one(Member, first.id)
            given.append(voting.cast_vote(session, reviewer, record.id, TITLES, INCLUDE, "the same key").id)

    other = Thread(target=other_tab)
    with sessions.write.begin() as session:
        vote = voting.cast_vote(session, session.get_one(Member, first.id), record.id, TITLES, INCLUDE, "the same key")
        other.start()
        other.join(0.3)  # it waits until this one is committed
        assert given == []
    other.join(20)

    assert given == [vote.id]
