"""The rule in Python and the rule in SQL give the same answer."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_duplicate, a_member, a_record, a_review, an_import, the_lead
from workbench.db import now, open_sessions
from workbench.reviews.models import ExclusionReason
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import HandIn, PilotRecord, PilotRound, Rank, Settlement, Vote
from workbench.screening.queries import memo
from workbench.screening.queries import votes as queries
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import (
    Arranged,
    Ballot,
    Decision,
    Design,
    HandedInBy,
    Origin,
    Outcome,
    Path,
    StageRule,
    Variant,
    Verdict,
    outcome,
)
from workbench.screening.service import conflicts

DECISIONS = st.sampled_from([Decision.INCLUDE, Decision.EXCLUDE, Decision.UNCLEAR])
REASONS = st.integers(0, 2)
QUESTIONS = st.sampled_from([("pico1",), ("pico2",), ("pico1", "pico2")])
DESIGNS = st.sampled_from([Design.GUIDELINE, Design.RANDOMISED_TRIAL])
_keys = itertools.count()


@st.composite
def ballots(draw, stage):
    decision = draw(DECISIONS)
    if stage is Stage.TITLE_ABSTRACT:
        return Ballot(decision)
    if decision is Decision.EXCLUDE:
        return Ballot(decision, reason_id=draw(REASONS))
    if decision is Decision.INCLUDE:
        return Ballot(decision, questions=draw(QUESTIONS), design=draw(DESIGNS))
    return Ballot(decision)


@st.composite
def cases(draw):
    """A rule, and for some records: ballots in order of hand-in, votes in hand, a settlement, the second check."""
    stage = draw(st.sampled_from(list(Stage)))
    variant, seniors = draw(st.sampled_from(list(Variant))), draw(st.sampled_from([(), ("lead",)]))
    rule = StageRule(stage, variant, seniors=seniors, arranged=Arranged(piloted=draw(st.booleans())))
    handed = st.builds(replace, ballots(stage), is_senior=st.booleans(), in_pilot=st.booleans())
    one = st.tuples(
        st.lists(handed, max_size=3),
        st.lists(ballots(stage), max_size=1),
        st.none() | st.sampled_from(list(Verdict)),
        st.booleans(),
    )
    return rule, draw(st.lists(one, min_size=1, max_size=6))


@settings(max_examples=60, deadline=None)
@given(case=cases())
def test_the_sql_outcome_equals_the_outcome_of_the_rule(outcome_house, case):
    sessions, review, voters, of = outcome_house
    rule, wanted = case
    with sessions.write() as session:
        reasons = [reason.id for reason in session.query(ExclusionReason).filter_by(review_id=review.id).order_by("id")]
        said = {}
        for handed, in_hand, settled, checked in wanted:
            record = a_record(session, review, of=of)
            session.add(
                Rank(
                    review_id=review.id,
                    record_id=record.id,
                    stage=rule.stage,
                    position=record.id,
                    is_checked=checked,
                    made_at=now(),
                )
            )
            handed = [with_reason(ballot, reasons) for ballot in handed]
            if rule.arranged.piloted:
                piloted(session, record, rule.stage)
            else:
                handed = [replace(ballot, in_pilot=False) for ballot in handed]
            for voter, ballot in zip(voters, handed, strict=False):
                origin = Origin.PILOT if ballot.in_pilot else Origin.CAST
                put(session, record, voter, rule.stage, ballot, handed_in=True, origin=origin)
            for ballot in in_hand:
                put(session, record, voters[3], rule.stage, with_reason(ballot, reasons), handed_in=False)
            if settled:
                session.add(a_settlement(record, rule.stage, settled, reasons[0], voters[3]))
            said[record.id] = outcome(handed, rule, settled, checked=checked)
        session.flush()

        found = {one.record_id: one.outcome for one in standings(session, review.id, rule, only=list(said))}
        session.rollback()

    assert found == said


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def outcome_house(request, tmp_path_factory):
    """One house for all examples of a database; each example rolls back."""
    import shutil

    from tests.databases import fresh_postgres

    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("outcomes") / "w.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from furnished(f"sqlite:///{path}")
    else:
        with fresh_postgres(request.getfixturevalue("postgres"), "house_template") as url:
            yield from furnished(url)


def furnished(url):
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        review = a_review(session)
        voters = [the_lead(session, review), *(a_member(session, review) for _ in range(3))]
        of = an_import(session, review)
    yield sessions, review, voters, of
    sessions.engine.dispose()


def with_reason(ballot: Ballot, reasons: list[int]) -> Ballot:
    if ballot.decision is not Decision.EXCLUDE or ballot.reason_id is None:
        return ballot
    return replace(ballot, reason_id=reasons[ballot.reason_id])


def piloted(session: Session, record, stage) -> None:
    """Let the record have been in a pilot round that opens in the future, so that every pilot vote is in time."""
    there = session.scalar(select(PilotRound.id).where(PilotRound.stage == stage))
    if there is None:
        opened = PilotRound(
            review_id=record.review_id, stage=stage, number=1, size=1, seed=1, member_id=1, begun_at=now(),
            opened_at=now() + timedelta(days=1),
        )  # fmt: skip
        session.add(opened)
        session.flush()
        there = opened.id
    session.add(PilotRecord(round_id=there, record_id=record.id, stage=stage))
    session.flush()


def put(session: Session, record, voter, stage, ballot, *, handed_in: bool, origin=Origin.CAST) -> Vote:
    includes = stage is Stage.FULL_TEXT and ballot.decision is Decision.INCLUDE
    vote = Vote(
        record_id=record.id,
        reviewer_id=voter.id,
        stage=stage,
        turn=1,
        decision=ballot.decision,
        reason_id=ballot.reason_id,
        questions=" ".join(ballot.questions) if includes else None,
        design=ballot.design,
        origin=origin,
        is_senior=ballot.is_senior,
        protocol_version_id=1,
        idempotency_key=f"k{next(_keys)}",
        cast_at=now(),
    )
    session.add(vote)
    session.flush()
    if handed_in:
        session.add(HandIn(vote_id=vote.id, how=HandedInBy.FINISH, handed_in_at=now()))
        session.flush()
    return vote


def a_settlement(record, stage, verdict, reason_id, member) -> Settlement:
    full = stage is Stage.FULL_TEXT
    return Settlement(
        record_id=record.id,
        stage=stage,
        verdict=verdict,
        path=Path.ADJUDICATION,
        statement="so",
        settled_at=now(),
        member_id=member.id,
        reason_id=reason_id if full and verdict is Verdict.EXCLUDED else None,
        questions="pico1" if full and verdict is Verdict.INCLUDED else None,
        design=Design.GUIDELINE if full and verdict is Verdict.INCLUDED else None,
    )


def merged(session, kept, other):
    a_duplicate(session, other, kept)


def test_votes_of_two_people_on_two_records_of_one_report_are_a_pair(session):
    review = a_review(session)
    first, second = the_lead(session, review), a_member(session, review)
    kept, other = a_record(session, review), a_record(session, review)
    rule = StageRule(Stage.TITLE_ABSTRACT)
    put(session, kept, first, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
    put(session, other, second, rule.stage, Ballot(Decision.EXCLUDE), handed_in=True)

    merged(session, kept, other)

    [found] = standings(session, review.id, rule)
    assert (found.record_id, found.outcome) == (kept.id, Outcome.CONFLICT)


def test_one_persons_differing_votes_on_one_report_count_nowhere_until_asked_again(session):
    review = a_review(session)
    first, second = the_lead(session, review), a_member(session, review)
    kept, other = a_record(session, review), a_record(session, review)
    rule = StageRule(Stage.TITLE_ABSTRACT)
    put(session, kept, first, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
    put(session, other, first, rule.stage, Ballot(Decision.EXCLUDE), handed_in=True)
    put(session, kept, second, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
    merged(session, kept, other)

    [before] = standings(session, review.id, rule)
    earlier = session.query(Vote).filter_by(record_id=kept.id, reviewer_id=first.id).one()
    again = Vote(
        record_id=kept.id,
        reviewer_id=first.id,
        stage=rule.stage,
        turn=2,
        supersedes_id=earlier.id,
        decision=Decision.INCLUDE,
        origin=Origin.ASKED_AGAIN,
        protocol_version_id=1,
        idempotency_key="again",
        cast_at=now(),
    )
    session.add(again)
    session.flush()
    session.add(HandIn(vote_id=again.id, how=HandedInBy.FINISH, handed_in_at=now()))
    session.flush()
    [after] = standings(session, review.id, rule)

    assert (before.outcome, after.outcome) == (Outcome.PENDING, Outcome.INCLUDED)


def test_a_record_of_an_import_taken_back_stands_nowhere(session):
    review = a_review(session)
    lead = the_lead(session, review)
    of = an_import(session, review)
    a_record(session, review, of=of)

    of.taken_back_at, of.taken_back_by = now(), lead.id
    session.flush()

    assert standings(session, review.id, StageRule(Stage.TITLE_ABSTRACT)) == []


def test_settlements_that_differ_within_one_report_are_a_conflict(session):
    review = a_review(session)
    judge = the_lead(session, review)
    kept, other = a_record(session, review), a_record(session, review)
    reason = session.query(ExclusionReason).first().id
    session.add(a_settlement(kept, Stage.TITLE_ABSTRACT, Verdict.INCLUDED, reason, judge))
    session.add(a_settlement(other, Stage.TITLE_ABSTRACT, Verdict.EXCLUDED, reason, judge))

    merged(session, kept, other)

    [found] = standings(session, review.id, StageRule(Stage.TITLE_ABSTRACT))
    assert found.outcome is Outcome.CONFLICT


def test_the_memo_is_asked_anew_when_a_vote_is_handed_in_and_gives_the_same_when_dropped(sessions):
    rule = StageRule(Stage.TITLE_ABSTRACT)
    with sessions.write.begin() as session:
        review = a_review(session)
        first, second = the_lead(session, review), a_member(session, review)
        record = a_record(session, review)
        put(session, record, first, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
    before = remembered(sessions, review, rule)
    with sessions.write.begin() as session:
        put(session, record, second, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)

    after, again = remembered(sessions, review, rule), remembered(sessions, review, rule)
    memo.forget()
    afresh = remembered(sessions, review, rule)

    assert record.id not in before and after[record.id].outcome is Outcome.INCLUDED
    assert after is again and afresh is not after and dict(afresh) == dict(after)


def test_a_join_of_two_records_is_not_hidden_by_the_memo(sessions):
    rule = StageRule(Stage.TITLE_ABSTRACT)
    with sessions.write.begin() as session:
        review = a_review(session)
        kept, other = a_record(session, review), a_record(session, review)
        for record in (kept, other):
            for voter in (the_lead(session, review), a_member(session, review)):
                put(session, record, voter, rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
    before = remembered(sessions, review, rule)
    with sessions.write.begin() as session:
        merged(session, kept, other)

    assert set(before) == {kept.id, other.id} and set(remembered(sessions, review, rule)) == {kept.id}


def test_a_transaction_that_writes_is_nobodys_memo(sessions):
    rule = StageRule(Stage.TITLE_ABSTRACT)
    with sessions.write.begin() as session:
        review = a_review(session)
        record, voters = a_record(session, review), [the_lead(session, review), a_member(session, review)]
    with sessions.write() as session:
        for voter in voters:
            put(session, record, session.merge(voter), rule.stage, Ballot(Decision.INCLUDE), handed_in=True)
        assert len(memo.decided_standings(session, review.id, rule)) == 1
        session.rollback()

    assert len(remembered(sessions, review, rule)) == 0


def test_what_is_pending_is_every_record_that_is_not_decided(sessions):
    rule = StageRule(Stage.TITLE_ABSTRACT)
    with sessions.write.begin() as session:
        review = a_review(session)
        judged, waiting = a_record(session, review), a_record(session, review)
        for voter in (the_lead(session, review), a_member(session, review)):
            put(session, judged, voter, rule.stage, Ballot(Decision.EXCLUDE), handed_in=True)
    with sessions.read() as session:
        counts = memo.counts(session, review.id, rule)
        pending = memo.standing_at(session, review.id, rule, Outcome.PENDING)

    assert counts == dict.fromkeys(Outcome, 0) | {Outcome.EXCLUDED: 1, Outcome.PENDING: 1}
    assert [one.record_id for one in pending] == [waiting.id]


def remembered(sessions, review, rule):
    with sessions.read() as session:
        return memo.decided_standings(session, review.id, rule)


def test_a_second_settlement_ends_what_two_differing_ones_of_one_report_began(session):
    review = a_review(session)
    judge = a_member(session, review, Role.ADJUDICATOR)
    kept, other = a_record(session, review), a_record(session, review)
    reason = session.query(ExclusionReason).first().id
    session.add(a_settlement(kept, Stage.TITLE_ABSTRACT, Verdict.INCLUDED, reason, judge))
    session.add(a_settlement(other, Stage.TITLE_ABSTRACT, Verdict.EXCLUDED, reason, judge))
    merged(session, kept, other)

    conflicts.adjudicate(session, judge, kept.id, Stage.TITLE_ABSTRACT, Verdict.EXCLUDED, "They are one report.")

    [found] = standings(session, review.id, StageRule(Stage.TITLE_ABSTRACT))
    assert found.outcome is Outcome.EXCLUDED


def test_members_of_one_report_that_stood_at_different_outcomes_are_a_conflict(session):
    review = a_review(session)
    people = [the_lead(session, review), *(a_member(session, review) for _ in range(3))]
    kept, other = a_record(session, review), a_record(session, review)
    rule = StageRule(Stage.TITLE_ABSTRACT)
    for person, record, decision in zip(
        people, (kept, kept, other, other), ["include", "include", "exclude", "exclude"], strict=True
    ):
        put(session, record, person, rule.stage, Ballot(Decision(decision)), handed_in=True)

    merged(session, kept, other)

    [found] = standings(session, review.id, rule)
    counted = queries.counted_votes(session, review.id, kept.id, rule.stage)
    assert found.outcome is Outcome.CONFLICT and len(counted) == 4


def test_a_surplus_vote_on_the_same_record_still_counts_nowhere(session):
    review = a_review(session)
    people = [the_lead(session, review), a_member(session, review), a_member(session, review)]
    record = a_record(session, review)
    rule = StageRule(Stage.TITLE_ABSTRACT)
    for person, decision in zip(people, ["include", "include", "exclude"], strict=True):
        put(session, record, person, rule.stage, Ballot(Decision(decision)), handed_in=True)

    [found] = standings(session, review.id, rule)
    assert (
        found.outcome is Outcome.INCLUDED and len(queries.counted_votes(session, review.id, record.id, rule.stage)) == 2
    )
