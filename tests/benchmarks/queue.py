"""Time the desk at size: `python -m tests.benchmarks.queue [--records N] [--votes N] [--rounds N] [--allocated]`.

One reviewer who has cast 8,000 votes on 8,948 records, the other half as many, on SQLite; prints p50 and p95 of the
queue and of a vote, as the server takes for them, with templates, checks, trail and commit.
"""

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.factories import a_member, a_record, a_review, an_import, minimal_document, sign_in, the_lead
from workbench import db
from workbench.app import create_app, database_of
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Rank, Vote
from workbench.screening.rules import Decision, HandedInBy, Origin, Split
from workbench.screening.rules.allocation import Wish
from workbench.screening.service import allocation, stages
from workbench.serving import collect_seldom

ABSTRACT = "BACKGROUND: Painful metastases of the spine are common. METHODS: We randomised adults. RESULTS: " + (
    "Pain fell more after percutaneous vertebroplasty than after a sham procedure. " * 15
)
DESK = "/reviews/size/screen/title-abstract"


def main() -> None:
    """Build the house, time the two requests, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=8948)
    parser.add_argument("--votes", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--members", type=int, default=2, help="more than two, and places are held")
    parser.add_argument("--allocated", action="store_true", help="the records are shared out among all voters")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'size.sqlite'}"
        db.upgrade(url)
        app = create_app(Path(folder), url, "Testing")
        collect_seldom()
        with database_of(app).write.begin() as session:
            reader = build(session, given.records, given.votes, given.members)
            if given.allocated:
                share_out(session, reader)
        client = sign_in(app.test_client(), reader.user)
        rows = measure(client, given.rounds)
        database_of(app).engine.dispose()
    print(f"{given.records} records, {given.votes} votes cast, {given.members} voters, {given.rounds} rounds, ms")
    print(f"{'':8}{'p50':>8}{'p95':>8}{'max':>8}")
    for name, taken in rows.items():
        p95 = statistics.quantiles(taken, n=20)[-1]
        print(f"{name:8}{statistics.median(taken):8.1f}{p95:8.1f}{max(taken):8.1f}")


def build(session: Session, n_records: int, n_votes: int, n_members: int) -> Member:
    """A review of this size, in which its lead has voted on the first records of the order."""
    document = minimal_document("size")
    document["eligibility"] = {"include": [{"id": "cement", "text": "Adults with painful lesions, any cement"}],
                               "exclude": [{"id": "animals", "text": "Animals or cadavers"}]}  # fmt: skip
    document["screening"]["highlights"] = {"include": ["vertebroplast*", "metasta*"], "exclude": ["osteoporo*"]}
    review = a_review(session, "size", document=document)
    lead = the_lead(session, review)
    others = [a_member(session, review) for _ in range(n_members - 1)]
    _records(session, a_record(session, review, of=an_import(session, review)), n_records)
    stages.open_stage(session, lead, Stage.TITLE_ABSTRACT)
    order = list(session.scalars(select(Rank.record_id).order_by(Rank.position)))
    if n_votes:
        _votes(session, lead, order[:n_votes])
        _votes(session, others[0], order[: n_votes // 2])
    return lead


def share_out(session: Session, lead: Member) -> None:
    """Allocate every record with an open place, so that the queue has to ask whose each is."""
    people = [one.id for one in reviews.team(session, lead.review_id)]
    wish = Wish(Split.SHARES, dict.fromkeys(people, 200 / len(people)), seed=1)
    allocation.allocate(session, lead, Stage.TITLE_ABSTRACT, wish)


def _records(session: Session, like: Record, n: int) -> None:
    columns = [column.name for column in Record.__table__.columns if column.name not in {"id", "number"}]
    values = {name: getattr(like, name) for name in columns} | {"abstract": ABSTRACT, "keywords": ["Pain", "Cement"]}
    session.execute(
        insert(Record),
        [values | {"number": like.number + k, "title": f"Cement in painful metastases, {k}"} for k in range(1, n)],
    )


def _votes(session: Session, member: Member, record_ids: list[int]) -> None:
    version = session.scalar(select(ProtocolVersion.id).where(ProtocolVersion.review_id == member.review_id))
    common = {"reviewer_id": member.id, "stage": Stage.TITLE_ABSTRACT, "turn": 1, "origin": Origin.CAST,
              "protocol_version_id": version, "cast_at": db.now()}  # fmt: skip
    session.execute(
        insert(Vote),
        [
            common | {"record_id": one, "idempotency_key": f"size-{one}",
                      "decision": Decision.EXCLUDE if one % 10 else Decision.INCLUDE}
            for one in record_ids
        ],
    )  # fmt: skip
    cast = list(session.scalars(select(Vote.id).where(Vote.reviewer_id == member.id).order_by(Vote.id)))
    session.execute(
        insert(HandIn),
        [{"vote_id": one, "how": HandedInBy.NEWER, "handed_in_at": db.now()} for one in cast[:-20]],
    )


def measure(client: FlaskClient, rounds: int) -> dict[str, list[float]]:
    """Ask for the queue and cast a vote on its first record, again and again; milliseconds of each."""
    page = client.get(DESK).text
    headers = {"X-CSRFToken": re.search(r'csrf-token" content="([^"]+)', page)[1]}
    taken: dict[str, list[float]] = {"desk": [], "queue": [], "vote": []}
    for number in range(rounds):
        if number < 20:
            _timed(taken["desk"], lambda: client.get(DESK))
        answer = _timed(taken["queue"], lambda: client.post(f"{DESK}/queue", json={"skip": []}, headers=headers))
        ballot = {"record": answer.json[0]["id"], "decision": "exclude", "key": f"measured-{number}"}
        _timed(taken["vote"], lambda sent=ballot: client.post(f"{DESK}/votes", json=sent, headers=headers))
    return taken


def _timed(taken: list[float], ask: Callable[[], object]) -> object:
    began = time.perf_counter()
    answer = ask()
    taken.append((time.perf_counter() - began) * 1000)
    assert answer.status_code == 200, answer.text
    return answer


if __name__ == "__main__":
    main()
