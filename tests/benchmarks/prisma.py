"""How long the PRISMA page takes at size: `python -m tests.benchmarks.prisma [RECORDS]`.

An invented review of 8,948 records (the size of the cardiac set), title-abstract screened by two people, its reports
retrieved and judged at full text; on SQLite, through the whole application. Prints p50 and p95 of each page.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import quantiles

from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests import factories
from workbench import db
from workbench.app import create_app
from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.protocols.models import ProtocolVersion
from workbench.records.models import Record
from workbench.reviews.models import ExclusionReason, Member, Review
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Rank, Retrieval, Vote
from workbench.screening.queries import memo
from workbench.screening.rules import Decision, Design, Found, HandedInBy, Origin
from workbench.serving import collect_seldom

RECORDS, TIMES = 8948, 25
PAGES = (
    "prisma", "prisma?question=pico1", "", "prisma/records_excluded", "prisma/database_results",
    "stages/title-abstract/progress", "stages/title-abstract/agreement",
)  # fmt: skip
ABSTRACT = "We randomised adults with painful vertebral metastases to cement augmentation or to usual care. " * 16


def main() -> None:
    """Build the review, ask for each page, print the times."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/workbench.sqlite"
        db.upgrade(url)
        app = create_app(Path(folder), url, "Testing")
        collect_seldom()
        app.url_build_error_handlers.append(lambda _error, endpoint, _values: f"/{endpoint}")
        with app.extensions["workbench.sessions"].write.begin() as session:
            review = a_large_review(session, n)
            slug, person = review.slug, factories.the_lead(session, review).user
        client = factories.sign_in(app.test_client(), person)
        print("while no fact changes")
        for path in PAGES:
            measure(client, f"/reviews/{slug}/{path}")
        print("the first load after a vote was handed in (nothing remembered)")
        for path in PAGES:
            measure(client, f"/reviews/{slug}/{path}", memo.forget)


def measure(client: FlaskClient, address: str, before: Callable[[], object] = lambda: None) -> None:
    """Print how long one page takes, after it was asked for once; `before` is done before each time, off the clock."""
    assert client.get(address).status_code == 200, address
    times = []
    for _turn in range(TIMES):
        before()
        times.append(timed(lambda: client.get(address)))
    p50, p95 = quantiles(times, n=20)[9], quantiles(times, n=20)[18]
    print(
        f"{address.split('/', 3)[-1] or 'overview':45} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   max {max(times):6.0f} ms"
    )


def timed(deed: Callable[[], object]) -> float:
    """Milliseconds that a deed takes."""
    start = time.perf_counter()
    deed()
    return (time.perf_counter() - start) * 1000


def a_large_review(session: Session, n: int) -> Review:
    """A review of n records: an eighth duplicates, all voted on by two people, a tenth included, those read in full."""
    review = factories.a_review(session)
    voters = [factories.the_lead(session, review), factories.a_member(session, review)]
    dice = random.Random(2026)
    ids = records(session, review, n)
    twins = dice.sample(ids[n // 2 :], n // 8)
    session.execute(
        insert(Duplicate),
        [
            {
                "record_id": one,
                "kept_id": ids[place],
                "low_id": ids[place],
                "high_id": one,
                "rule": "same-doi",
                "reason": "same DOI",
                "engine": "1",
                "decided_at": now(),
            }
            for place, one in enumerate(twins)
        ],
    )
    kept = sorted(set(ids) - set(twins))
    included = set(dice.sample(kept, len(kept) // 10))
    session.execute(
        insert(Rank),
        [
            {
                "review_id": review.id,
                "record_id": one,
                "stage": Stage.TITLE_ABSTRACT,
                "position": place,
                "is_checked": False,
                "made_at": now(),
            }
            for place, one in enumerate(kept)
        ],
    )
    votes(session, voters, Stage.TITLE_ABSTRACT, title_abstract(kept, included, dice))
    session.execute(
        insert(Retrieval),
        [
            {"record_id": one, "found": Found.RETRIEVED, "note": None, "member_id": voters[0].id, "at": now()}
            for one in included
        ],
    )
    reasons = list(session.scalars(select(ExclusionReason.id).where(ExclusionReason.review_id == review.id)))
    votes(session, voters, Stage.FULL_TEXT, full_text(sorted(included), reasons, dice))
    return review


def records(session: Session, review: Review, n: int) -> list[int]:
    """Insert n records over four imports; their ids."""
    imports = [
        factories.an_import(session, review, factories.a_run(session, review, source_name=name))
        for name in ("MEDLINE", "Embase", "CENTRAL", "Web of Science")
    ]
    lists = (
        "authors",
        "registry_ids",
        "issn",
        "isbn",
        "keywords",
        "subject_headings",
        "languages",
        "publication_types",
        "databases",
        "urls",
    )
    session.execute(
        insert(Record),
        [
            {
                "review_id": review.id,
                "import_id": imports[place % 4].id,
                "number": place,
                "first_line": place,
                "last_line": place,
                "title": f"Vertebroplasty in painful metastases, trial {place}",
                "abstract": ABSTRACT,
                "year": 2014,
                "found": {},
                "raw": [["AB", ABSTRACT, place]],
            }
            | {name: [] for name in lists}
            | {"authors": ["Holm, K", "Lind, J"]}
            for place in range(n)
        ],
    )
    return list(session.scalars(select(Record.id).where(Record.review_id == review.id).order_by(Record.id)))


Said = tuple[int, Decision, int | None]


def title_abstract(kept: list[int], included: set[int], dice: random.Random) -> Iterator[list[Said]]:
    """Two ballots a record, of which one in a hundred differ."""
    for one in kept:
        said = Decision.INCLUDE if one in included else Decision.EXCLUDE
        other = Decision.INCLUDE if one not in included and dice.random() < 0.01 else said
        yield [(one, said, None), (one, other, None)]


def full_text(included: list[int], reasons: list[int], dice: random.Random) -> Iterator[list[Said]]:
    """Two ballots a report that agree."""
    for one in included:
        reason = dice.choice([None, *reasons])
        yield [(one, Decision.EXCLUDE if reason else Decision.INCLUDE, reason)] * 2


def votes(session: Session, voters: list[Member], stage: Stage, said: Iterator[list[Said]]) -> None:
    """Insert votes and hand them in."""
    version = session.scalars(select(ProtocolVersion.id).limit(1)).one()
    at = now() - timedelta(days=2)
    rows = []
    for ballots in said:
        for voter, (record_id, decision, reason_id) in zip(voters, ballots, strict=True):
            whole = stage is Stage.FULL_TEXT and decision is Decision.INCLUDE
            rows.append(
                {
                    "record_id": record_id,
                    "reviewer_id": voter.id,
                    "stage": stage,
                    "turn": 1,
                    "decision": decision,
                    "reason_id": reason_id,
                    "questions": "pico1" if whole else None,
                    "design": Design.RANDOMISED_TRIAL if whole else None,
                    "origin": Origin.CAST,
                    "protocol_version_id": version,
                    "idempotency_key": f"{stage}-{record_id}",
                    "cast_at": at,
                }
            )
    session.execute(insert(Vote), rows)
    ids = session.scalars(select(Vote.id).where(Vote.stage == stage))
    session.execute(insert(HandIn), [{"vote_id": one, "how": HandedInBy.FINISH, "handed_in_at": at} for one in ids])


if __name__ == "__main__":
    main()
