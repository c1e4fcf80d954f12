"""Records of one report and of others in a house: name only what matters."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_record, a_review, the_lead
from workbench.deduplication import queries
from workbench.deduplication.models import CandidatePair, Duplicate
from workbench.deduplication.service.partition import homes
from workbench.records.models import Import, Record
from workbench.reviews.models import Member, Review

ARTICLE: dict[str, Any] = {
    "title": "Warm foot baths for night cramps in older adults: a randomised trial",
    "authors": ["Holm, A. B.", "Lindqvist, C.", "Okafor, D."],
    "year": 2014,
    "journal": "Journal of Invented Podiatry",
    "volume": "12",
    "issue": "3",
    "pages": "201-209",
    "abstract": None,
}
OTHER: dict[str, Any] = ARTICLE | {
    "title": "Cold compresses against shin pain of young runners, a cohort study from three clubs",
    "authors": ["Brandt, S.", "Iversen, T."],
    "pages": "77-81",
    "year": 2011,
    "volume": "7",
}


def a_copy(session: Session, review: Review, of: Import | None = None, **changed: Any) -> Record:
    """A record of the article above."""
    return a_record(session, review, of=of, **(ARTICLE | changed))


def another(session: Session, review: Review, of: Import | None = None, **changed: Any) -> Record:
    """A record of a report that has nothing to do with the article."""
    return a_record(session, review, of=of, **(OTHER | changed))


def a_waiting_pair(session: Session, review: Review, one: Record, other: Record, score: float = 0.7) -> CandidatePair:
    """A pair the engine left to a person."""
    low, high = sorted((one.id, other.id))
    pair = CandidatePair(
        review_id=review.id,
        low_id=low,
        high_id=high,
        score=score,
        reason="different DOIs",
        evidence=[["same", "same PubMed number"], ["near", "title 97 %"], ["differs", "pages differ"]],
    )
    session.add(pair)
    session.flush()
    return pair


def the_partition(session: Session, review: Review) -> dict[int, int]:
    """Each record that counts, with the kept record of its cluster."""
    return {row.record_id: row.kept_id for row in session.execute(queries.clusters(review.id))}


def the_rows_tie_every_cluster(session: Session, review: Review) -> None:
    """The pairs of a cluster's rows tie all its records together, and none is one too many."""
    rows = queries.duplicates_of(session, review.id).values()
    home = {row.record_id: row.kept_id for row in rows}
    assert all(home.get(row.low_id, row.low_id) == home.get(row.high_id, row.high_id) for row in rows)
    records = {record for row in rows for record in (row.record_id, row.kept_id)}
    pieces = set(homes(records, [row.pair for row in rows]).values())
    assert len(pieces) == len({row.kept_id for row in rows})


def the_rows(session: Session) -> list[tuple[Any, ...]]:
    """Every duplicate with all its columns, as stored."""
    columns = Duplicate.__table__.columns
    return [tuple(row) for row in session.execute(select(*columns).order_by(Duplicate.id))]


def a_house(session: Session) -> tuple[Review, Member]:
    """A review and its lead."""
    review = a_review(session)
    return review, the_lead(session, review)
