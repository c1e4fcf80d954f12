"""Non-interference over histories of several reviewers: votes, undo, hand-in, re-allocation and settlement by others."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from tests.histories import EVENTS, OTHERS, RECORDS, SERVED, Event, Twins, opened, representative
from tests.worlds import addresses
from workbench.screening.models import Vote
from workbench.screening.queries import lists, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Decision, Outcome


@pytest.fixture(scope="module")
def twins(tmp_path_factory, sqlite_template):
    return Twins(tmp_path_factory.mktemp("twins"), sqlite_template)


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(history=EVENTS)
def test_interference_no_history_of_others_tells_a_voter_what_they_said(twins, history):
    twins.play(history)

    assert twins.differences(representative()) == []


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=EVENTS)
def test_interference_no_history_tells_at_any_address(twins, history):
    twins.play(history)

    assert twins.differences([*addresses(twins.worlds[0]), *SERVED]) == []


HIDDEN = [
    *(Event("vote", "second", at, Decision.INCLUDE, Decision.EXCLUDE) for at in range(RECORDS - 1)),
    Event("hand in", "second"),
    Event("vote", "third", RECORDS - 1, Decision.EXCLUDE, Decision.INCLUDE),
]
"""Others vote on every record, the watcher on none: none is open."""


def test_the_representative_addresses_are_there(twins):
    twins.play(HIDDEN)

    statuses = {address: one.status for address, one in twins.seen(representative()).items()}

    assert {address for address, status in statuses.items() if status != 200} == {
        "/reviews/spine/conflicts/title-abstract/1"
    }


def test_a_record_opens_when_two_have_handed_in(twins):
    both = [Event("vote", who, 0) for who in OTHERS]

    assert opened([*both, Event("hand in", "second")]) == set()
    assert opened([*both, Event("a day"), Event("undo", "third", 0)]) == {0}


def leak_by_order(monkeypatch):
    """Records that others excluded come last in one's queue."""
    honest = queue.waiting_for

    def leaky(session, reviewer, rule, limit, *rest):
        out = set(session.scalars(select(Vote.record_id).where(Vote.decision == Decision.EXCLUDE)))
        every = honest(session, reviewer, rule, RECORDS, *rest)
        return sorted(every, key=lambda turn: turn.record_id in out)[:limit]

    monkeypatch.setattr(queue, "waiting_for", leaky)


def leak_by_count(monkeypatch):
    """The count of open records leaves out those that others excluded."""
    honest = lists.stage_counts

    def leaky(session, *rest):
        n = session.scalar(select(func.count(Vote.id)).where(Vote.decision == Decision.EXCLUDE))
        found = honest(session, *rest)
        return found | {Outcome.PENDING: found[Outcome.PENDING] - n}

    monkeypatch.setattr(lists, "stage_counts", leaky)


def leak_by_statements(monkeypatch):
    """One more statement for each exclusion of others, and the same answer."""
    honest = queries.is_running

    def leaky(session, *rest):
        for vote in session.scalars(select(Vote).where(Vote.decision == Decision.EXCLUDE)):
            session.scalar(select(Vote.id).where(Vote.id == vote.id))
        return honest(session, *rest)

    monkeypatch.setattr(queries, "is_running", leaky)


LEAKS = {
    leak_by_order: "POST /api/v1/reviews/spine/stages/title-abstract/queue",
    leak_by_count: "/reviews/spine/stages/title-abstract",
    leak_by_statements: "/api/v1/reviews/spine/stages/title-abstract",
}


@pytest.mark.parametrize("plant", LEAKS)
def test_interference_of_histories_finds_a_planted_leak(twins, monkeypatch, plant):
    plant(monkeypatch)
    uneven = [replace(event, there=event.here) if event.at % 2 else event for event in HIDDEN]
    twins.play(uneven)

    assert twins.differences([LEAKS[plant]]) == [LEAKS[plant]]
