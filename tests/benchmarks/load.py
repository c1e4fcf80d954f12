"""Sixteen reviewers at once: `python -m tests.benchmarks.load [--seconds N] [--fast N] [--rounds N]`.

The server is the house's own (`workbench serve`, with its worker), once on SQLite and once on PostgreSQL with its usual
care for what is written; the reviewers are programs in a niced process of their own, each with two kept connections, at
the routes of the desk. First an open loop: each casts one vote in every two seconds and asks for the next five once,
at moments drawn beforehand, and the time is taken from the moment drawn, so that waiting for an earlier answer counts.
Then as fast as all of them can. Afterwards the votes that were acknowledged are counted against those in the database,
and the chain of the trail is walked.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select

from tests.benchmarks.queue import DESK, build
from tests.databases import fresh_postgres, postgres_server
from tests.desk_client import AHEAD, DeskClient
from tests.serving import Server
from workbench import db
from workbench.audit.queries import broken_at
from workbench.reviews.models import Member
from workbench.screening.models import Vote

Result = TypeVar("Result")
RECORDS, VOTES, REVIEWERS, EVERY = 10_000, 3_000, 16, 2.0
BAR = 30.0
"""Milliseconds that nineteen of twenty votes, and of twenty requests for the next five, may take."""


@dataclass
class Taken:
    """What the reviewers saw: milliseconds of each kind of request, votes acknowledged, and what went wrong."""

    vote: list[float] = field(default_factory=list)
    next_five: list[float] = field(default_factory=list)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    load: float = 0.0

    def add(self, other: "Taken") -> None:
        """Put what another saw beside it."""
        for mine, theirs in ((self.vote, other.vote), (self.next_five, other.next_five),
                             (self.acknowledged, other.acknowledged), (self.errors, other.errors)):  # fmt: skip
            mine.extend(theirs)  # type: ignore[arg-type]


def main() -> None:
    """Build a house on each database, load both, print the table; exit 1 where anything was lost or too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40, help="how long the open loop runs")
    parser.add_argument("--fast", type=float, default=20, help="how long they vote as fast as they can")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--reviewers", type=int, default=REVIEWERS)
    parser.add_argument("--rounds", type=int, default=1, help="how often the open loop is run, the databases in turn")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one database alone")
    given = parser.parse_args()
    with ExitStack() as houses:
        built = {kind: houses.enter_context(_house(kind, given.records, given.reviewers))
                 for kind in ([given.only] if given.only else ["SQLite", "PostgreSQL"])}  # fmt: skip
        print(f"{given.records} records, {VOTES * 3 // 2} votes cast, {given.reviewers} reviewers")
        print(f"\neach one vote and one next five every {EVERY:.0f} s, {given.seconds:.0f} s, ms from the moment due")
        print(f"{'':26}{'p50':>8}{'p95':>8}{'max':>8}{'n':>7}{'errors':>8}{'cpu ms':>8}{'load':>7}")
        paced = [(kind, _run(house, "paced", given.seconds, f"p{n}"))
                 for n in range(given.rounds) for kind, house in built.items()]  # fmt: skip
        met = [_row(kind, taken) for kind, taken in paced]
        print(f"\nas fast as {given.reviewers} can, {given.fast:.0f} s")
        print(f"{'':12}{'votes/s':>8}{'p50':>8}{'p95':>8}{'max':>8}{'n':>7}{'errors':>8}{'cpu ms':>8}{'load':>7}")
        fast = [(kind, _run(house, "fast", given.fast, "f")) for kind, house in built.items()]
        for kind, taken in fast:
            _fast_row(kind, taken)
        print()
        whole = [house.reconcile(kind, [one for k, one in [*paced, *fast] if k == kind])
                 for kind, house in built.items()]  # fmt: skip
    raise SystemExit(0 if all(met) and all(whole) else 1)


def _row(kind: str, taken: Taken) -> bool:
    """Print what the open loop took; whether the bar was met."""
    p95s = []
    for name, some in (("vote", taken.vote), ("next five", taken.next_five)):
        p95s.append(statistics.quantiles(some, n=20)[-1])
        print(f"{kind:12}{name:14}{statistics.median(some):8.1f}{p95s[-1]:8.1f}{max(some):8.1f}{len(some):7}"
              f"{len(taken.errors):8}{_cpu(taken):8.1f}{taken.load:7.2f}")  # fmt: skip
    return max(p95s) <= BAR


def _fast_row(kind: str, taken: Taken) -> None:
    some = taken.vote
    print(f"{kind:12}{len(some) / taken.seconds:8.1f}{statistics.median(some):8.1f}"
          f"{statistics.quantiles(some, n=20)[-1]:8.1f}{max(some):8.1f}{len(some):7}"
          f"{len(taken.errors):8}{_cpu(taken):8.1f}{taken.load:7.2f}")  # fmt: skip


def _cpu(taken: Taken) -> float:
    """Milliseconds that the server's processor worked for one request."""
    return taken.cpu / (len(taken.vote) + len(taken.next_five)) * 1000


@dataclass
class House:
    """A review of this size on one database, its server, and the addresses of its reviewers."""

    url: str
    server: Server
    emails: list[str]

    def reconcile(self, kind: str, taken: Sequence[Taken]) -> bool:
        """Whether exactly the acknowledged votes are in the database, each once, under a chain that holds."""
        sent = Counter(one for some in taken for one in some.acknowledged)
        sessions = db.open_sessions(self.url)
        with sessions.read() as session:
            rows = session.execute(
                select(Vote.idempotency_key, Vote.record_id).where(Vote.idempotency_key.like("load%"))
            )
            stored = Counter((key, record) for key, record in rows)
            given = select(Vote.record_id, Vote.reviewer_id).where(Vote.supersedes_id.is_(None))
            doubled = select(func.count()).select_from(
                given.group_by(Vote.record_id, Vote.reviewer_id, Vote.stage).having(func.count() > 1).subquery()
            )
            n_doubled = session.scalar(doubled) or 0
            review_id = session.scalar(select(Member.review_id).limit(1)) or 0
            broken = broken_at(session, review_id)
        sessions.engine.dispose()
        lost, unknown = sent - stored, stored - sent
        chain = "holds" if broken is None else f"breaks at {broken}"
        print(f"{kind:12}{sent.total()} votes acknowledged, {stored.total()} stored; lost {lost.total()}, "
              f"not acknowledged {unknown.total()}, doubled {n_doubled}; the chain {chain}")  # fmt: skip
        for error in [one for some in taken for one in some.errors][:5] + self.server.failures()[:5]:
            print(f"  {error}")
        return not (lost or unknown or n_doubled or broken or any(some.errors for some in taken))


@contextmanager
def _house(kind: str, n_records: int, n_reviewers: int) -> Iterator[House]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "PostgreSQL":
            server = stack.enter_context(postgres_server(is_durable=True))
            url = stack.enter_context(fresh_postgres(server))
        else:
            url = f"sqlite:///{folder / 'workbench.sqlite'}"
        db.upgrade(url)
        sessions = db.open_sessions(url)
        with sessions.write.begin() as session:
            lead = build(session, n_records, VOTES, n_reviewers)
            wanted = select(Member).where(Member.review_id == lead.review_id).order_by(Member.id)
            emails = [member.user.email for member in session.scalars(wanted)]
        sessions.engine.dispose()
        house = House(url, Server(folder, url), emails)
        house.server.start()
        try:
            yield house
        finally:
            house.server.stop()


def _run(house: House, way: str, seconds: float, name: str) -> Taken:
    """Let all reviewers work in a process of their own; gives what they saw, and what it cost the server."""
    spawn = multiprocessing.get_context("spawn")
    mine, theirs = spawn.Pipe()
    process = spawn.Process(target=reviewers, args=(theirs, house.server.port, house.emails, way, seconds, name))
    process.start()
    theirs.close()
    mine.recv()  # all are signed in
    cpu, began = house.server.cpu_seconds(), time.monotonic()
    mine.send("go")
    taken: Taken = mine.recv()
    taken.seconds = time.monotonic() - began
    taken.cpu, taken.load = house.server.cpu_seconds() - cpu, os.getloadavg()[0]
    process.join(20)
    return taken


def reviewers(pipe: "multiprocessing.connection.Connection", port: int, emails: list[str], way: str, seconds: float,
              name: str) -> None:  # fmt: skip
    """The process of the reviewers: sign in, wait for the word, work, and tell what was seen."""
    os.nice(5)
    clients = [DeskClient(port, DESK).sign_in(email) for email in emails]
    for client in clients:
        client.held = client.next_five()  # type: ignore[attr-defined]
    pipe.send("ready")
    pipe.recv()
    start, whole = time.monotonic() + 0.2, Taken()
    work = _paced if way == "paced" else _fast
    found = [Taken() for _ in clients]
    threads = [thread for n, client in enumerate(clients)
               for thread in work(client, start, seconds, f"load-{name}-{n}", found[n])]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in found:
        whole.add(one)
    pipe.send(whole)


def _paced(client: DeskClient, start: float, seconds: float, name: str, taken: Taken) -> list[threading.Thread]:
    """One reviewer in an open loop: votes on one connection, the next five on the other, at moments drawn beforehand."""
    dice, beside = random.Random(name), client.beside()
    held: list[int] = list(client.held)  # type: ignore[attr-defined]
    voted: set[int] = set()
    changed = threading.Condition()

    def vote(key: str) -> None:
        with changed:
            changed.wait_for(lambda: held, 30)
            record_id = held.pop(0)
            voted.add(record_id)
        client.vote(record_id, dice.choice(["exclude"] * 9 + ["include"]), key)
        taken.acknowledged.append((key, record_id))

    def next_five(_key: str) -> None:
        unsent = list(voted)[-AHEAD:]
        found = beside.next_five(unsent)
        with changed:
            held[:] = [one for one in found if one not in voted]
            changed.notify_all()

    moments = [[start + EVERY * k + dice.uniform(0, EVERY) for k in range(int(seconds / EVERY))] for _ in range(2)]
    return [
        threading.Thread(target=_at, args=(moments[0], vote, name, taken.vote, taken.errors)),
        threading.Thread(target=_at, args=(moments[1], next_five, name, taken.next_five, taken.errors)),
    ]


def _at(moments: list[float], deed: Callable[[str], None], name: str, taken: list[float], errors: list[str]) -> None:
    for number, due in enumerate(moments):
        time.sleep(max(0.0, due - time.monotonic()))
        try:
            deed(f"{name}-{number:05}")
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        taken.append((time.monotonic() - due) * 1000)


def _fast(client: DeskClient, start: float, seconds: float, name: str, taken: Taken) -> list[threading.Thread]:
    """One reviewer who never reads: votes on what came, and asks for more when it is used up."""

    def work() -> None:
        held: list[int] = list(client.held)  # type: ignore[attr-defined]
        number = 0
        while time.monotonic() < start + seconds:
            try:
                if not held:
                    held = _timed(taken.next_five, client.next_five)
                record_id, key = held.pop(0), f"{name}-{number:05}"
                number += 1
                _timed(taken.vote, lambda r=record_id, k=key: client.vote(r, "exclude", k))  # type: ignore[misc]
                taken.acknowledged.append((key, record_id))
            except Exception as error:
                taken.errors.append(f"{type(error).__name__}: {error}")

    return [threading.Thread(target=work)]


def _timed(taken: list[float], ask: Callable[[], Result]) -> Result:
    began = time.monotonic()
    answer = ask()
    taken.append((time.monotonic() - began) * 1000)
    return answer


if __name__ == "__main__":
    main()
