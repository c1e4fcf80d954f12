"""The server is killed while people vote, again and again: what was acknowledged stays, and nothing is there twice.

Eight scripted reviewers vote at the routes of the desk. As the desk does, each keeps what it sent until the server has
answered for it, and sends it again with the same key. A seeded small share runs every time; `--long` kills 200 times.
"""

import http.client
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.benchmarks.queue import DESK, build
from tests.desk_client import DeskClient
from tests.serving import Nursery
from workbench import db
from workbench.audit.models import HOUSE, AuditEntry
from workbench.audit.queries import broken_at
from workbench.db import open_sessions
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Place, Vote
from workbench.screening.queries import queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import IN_HAND, Decision

REVIEWERS, VOTES_ASKED = 8, 2
LOST = (OSError, http.client.HTTPException)
"""What a browser meets when the server is gone, or goes in the middle of an answer."""


@dataclass
class Reviewer:
    """One scripted reviewer: what is sent and not yet acknowledged stays in the outbox, oldest first."""

    client: DeskClient
    name: str
    outbox: list[tuple[str, int, str]] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    answers: int = 0
    again: set[int] = field(default_factory=set)
    """Records on which a vote was taken back and given again: meanwhile another may have been served them."""
    failures: list[str] = field(default_factory=list)
    stops: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        """Vote until told to stop, then until the outbox is empty."""
        dice = random.Random(self.name)
        try:
            while self.outbox or not self.stops.is_set():
                self._step(dice)
        except Exception as error:
            self.failures.append(f"{self.name}: {error!r}")

    def _step(self, dice: random.Random) -> None:
        try:
            if self.outbox:
                self._send(dice)
            elif self.held:
                self._decide(dice)
            else:
                self.held = self.client.next_five()
                time.sleep(0 if self.held else 0.2)
        except LOST:
            time.sleep(0.05)

    def _decide(self, dice: random.Random) -> None:
        time.sleep(dice.uniform(0, 0.1))
        record_id = self.held.pop(0)
        self._put(record_id, dice.choice(["exclude", "exclude", "include"]))
        if dice.random() < 0.1:
            self.again.add(record_id)
            self._put(record_id, "withdrawn")
            self._put(record_id, "unclear")

    def _put(self, record_id: int, decision: str) -> None:
        key = f"{self.name}-{len(self.sent):05}"
        self.sent[key] = record_id
        self.outbox.append((key, record_id, decision))

    def _send(self, dice: random.Random) -> None:
        """Send the oldest; one answer in twenty is lost on its way, so that what is stored is sent again."""
        key, record_id, decision = self.outbox[0]
        self.client.vote(record_id, decision, key)
        self.acknowledged.add(key)
        self.answers += 1
        if dice.random() > 0.05:
            self.outbox.pop(0)


def test_a_vote_outlasts_a_killed_server_and_is_there_once(sqlite_url: str, tmp_path: Path) -> None:
    _walk(sqlite_url, tmp_path, kills=3, records=150, seed=1)


@pytest.mark.long
def test_votes_outlast_two_hundred_kills_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    _walk(sqlite_url, tmp_path, kills=200, records=6000, seed=20200101)


@pytest.mark.long
def test_votes_outlast_fifty_kills_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    _walk(postgres_url, tmp_path, kills=50, records=3000, seed=20200102)


def _walk(url: str, home: Path, kills: int, records: int, seed: int) -> None:
    """Let them vote while the server is killed so often, each time at another moment; then look at what is there."""
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        lead = build(session, records, 0, REVIEWERS)
        team = session.scalars(select(Member).where(Member.review_id == lead.review_id).order_by(Member.id))
        emails = [member.user.email for member in team.unique()]
    server, dice = Nursery(home, url), random.Random(seed)
    server.launch()
    try:
        people = [
            Reviewer(_patient(DeskClient(server.port, DESK), email), f"killed-{n}") for n, email in enumerate(emails)
        ]
        _while_they_vote(people, lambda: [_kill(server, dice, people) for _ in range(kills)])
    finally:
        server.close()
    with sessions.read() as session:
        _everything_is_there_once(session, people)
        _the_trail_holds(session, lead.review_id)
        _the_queues_are_right(session, lead.review_id, {one for person in people for one in person.again})
    sessions.engine.dispose()
    print(f"{kills} kills, {sum(len(one.sent) for one in people)} votes, each there once")


def _patient(client: DeskClient, email: str) -> DeskClient:
    """Signed in, as soon as the server listens."""
    for _ in range(600):
        try:
            return client.sign_in(email)
        except LOST:
            time.sleep(0.05)
    raise AssertionError("the server does not listen")


def _kill(server: Nursery, dice: random.Random, people: list[Reviewer]) -> None:
    """One kill: mostly while they vote, some votes later; now and then while the server is still starting."""
    if dice.random() < 0.1:
        time.sleep(dice.uniform(0, 0.5))
    else:
        _votes_later(people, dice.randint(1, 30))
        time.sleep(dice.uniform(0, 0.05))
    server.kill()
    server.launch()


def _votes_later(people: list[Reviewer], n: int) -> None:
    wanted = sum(person.answers for person in people) + n
    end = time.monotonic() + 30
    while sum(person.answers for person in people) < wanted and time.monotonic() < end:
        time.sleep(0.002)


def _while_they_vote(people: list[Reviewer], deed: Callable[[], object]) -> None:
    threads = [threading.Thread(target=person.work, daemon=True) for person in people]
    for thread in threads:
        thread.start()
    try:
        deed()
    finally:
        for person in people:
            person.stops.set()
    for thread in threads:
        thread.join(60)
    assert [failure for person in people for failure in person.failures] == []
    assert [person.name for person in people if person.outbox] == []


def _everything_is_there_once(session: Session, people: list[Reviewer]) -> None:
    """Every acknowledged vote, by its key; every vote sent, since all outboxes are empty; and no other."""
    stored = Counter((row.idempotency_key, row.record_id) for row in session.scalars(select(Vote)))
    sent = {item for person in people for item in person.sent.items()}
    acknowledged = {(key, person.sent[key]) for person in people for key in person.acknowledged}

    assert acknowledged and acknowledged - set(stored) == set()
    assert set(stored) == sent and max(stored.values()) == 1
    assert session.execute(_standing_twice()).all() == []


def _standing_twice():
    """Two votes of one person on one record that both stand, or that both are the first."""
    first = select(Vote.reviewer_id, Vote.record_id).where(Vote.supersedes_id.is_(None))
    return first.group_by(Vote.reviewer_id, Vote.record_id).having(func.count() > 1)


def _the_trail_holds(session: Session, review_id: int) -> None:
    """The chains are whole, and each vote and hand-in left its one trace."""
    assert broken_at(session, review_id) is None and broken_at(session, HOUSE) is None
    told = Counter(session.scalars(select(AuditEntry.event)))
    assert told["screening:vote:cast"] == session.scalar(select(func.count(Vote.id)))
    handed_in = session.scalars(select(AuditEntry).where(AuditEntry.event == "screening:votes:handed-in"))
    assert sum(entry.payload["n"] for entry in handed_in) == session.scalar(select(func.count(HandIn.id)))
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"


def _the_queues_are_right(session: Session, review_id: int, again: set[int]) -> None:
    """What waits for each is what a plain count of votes and places says; nobody was served a record too many."""
    voted, taken = defaultdict(set), defaultdict(set)
    newer = set(session.scalars(select(Vote.supersedes_id)))
    for vote in session.scalars(select(Vote)):
        if vote.id not in newer and vote.decision is not Decision.WITHDRAWN:
            voted[vote.record_id].add(vote.reviewer_id)
            taken[vote.record_id].add(vote.reviewer_id)
    for place in session.scalars(select(Place).where(Place.until > db.now())):
        taken[place.record_id].add(place.reviewer_id)
    ranked = session.execute(text("SELECT record_id FROM rank ORDER BY position")).scalars().all()
    rule = queries.stage_rule(session, review_id, Stage.TITLE_ABSTRACT)

    for member in session.scalars(select(Member).where(Member.review_id == review_id)).unique().all():
        expected = [one for one in ranked
                    if member.id not in voted[one] and len(taken[one] - {member.id}) < VOTES_ASKED]  # fmt: skip
        assert queue.waiting_from(session, member, rule, 0, len(ranked)) == expected
        assert len(queries.all_in_hand(session, member, Stage.TITLE_ABSTRACT)) <= IN_HAND
    assert {one for one, people in voted.items() if len(people) > VOTES_ASKED} <= again
