"""Pairs that wait for a person: what the engine left, and what somebody met while screening."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, func, literal, null, select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication.models import CandidatePair, Duplicate, Suspicion
from workbench.deduplication.queries.said import kept_homes, of_counting, verdicts
from workbench.deduplication.queries.standing import KNOWN, Pair, in_order
from workbench.words import _


@dataclass(frozen=True, slots=True)
class WaitingPair:
    """A pair that waits for a person's answer: first the record whose cluster stays kept if they are one report."""

    first_id: int
    second_id: int
    score: float
    reason: str
    evidence: list[tuple[str, str]]
    ends: Pair
    """The kept records of both clusters."""


def waiting_pairs(session: Session, review_id: int) -> list[WaitingPair]:
    """Pairs that are not decided, most likely first; once for any two clusters.

    What somebody met while screening comes before what the engine left to a person. A pair that stands in one
    cluster, or whose clusters hold two records that people keep apart, does not wait.
    """
    return once_each(_undecided(session, review_id, [of(review_id) for of in LISTS.values()]))


def how_many_wait(session: Session, review_id: int) -> int:
    """How many pairs are not decided."""
    wanted = [without_evidence(of(review_id)) for of in LISTS.values()]
    return len({ends(row) for row in _undecided(session, review_id, wanted)})


def without_evidence(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The records of candidates and of their clusters alone, which is all that counting takes."""
    ids = ("low_id", "high_id", "low_kept", "high_kept")
    return wanted.with_only_columns(*(one for one in wanted.selected_columns if one.key in ids))


def _undecided(session: Session, review_id: int, wanted: Sequence[Select[*tuple[Any, ...]]]) -> Iterator[Row[Any]]:
    said = verdicts(session, review_id)
    apart = kept_homes(session, said)
    rows = (row for some in wanted for row in session.execute(some))
    return (row for row in rows if (row.low_id, row.high_id) not in said and ends(row) not in apart)


def once_each(rows: Iterable[Row[Any]]) -> list[WaitingPair]:
    """The first pair of any two clusters."""
    found: dict[Pair, Row[Any]] = {}
    for row in rows:
        found.setdefault(ends(row), row)
    return [_waiting(row) for row in found.values()]


def ends(row: Row[Any]) -> Pair:
    """The kept records of a candidate's two clusters."""
    return in_order(row.low_kept, row.high_kept)


@lru_cache(maxsize=KNOWN)
def candidates(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every pair of two clusters the last run left to a person, with their kept records; most likely first."""
    told = (CandidatePair.score, CandidatePair.reason, CandidatePair.evidence)
    wanted = _of_two_clusters(CandidatePair, *told).where(CandidatePair.review_id == review_id)
    ordered = wanted.order_by(CandidatePair.score.desc(), CandidatePair.id.desc())
    return of_counting(ordered, CandidatePair, review_id)


@lru_cache(maxsize=KNOWN)
def suspected(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every pair of two clusters that somebody met while screening and left to others; the first one first."""
    told = (literal(1.0).label("score"), null().label("reason"), null().label("evidence"))
    wanted = _of_two_clusters(Suspicion, *told).where(Suspicion.withdrawn_at.is_(None)).order_by(Suspicion.id)
    return of_counting(wanted, Suspicion, review_id)


def _of_two_clusters(table: Any, *told: Any) -> Select[*tuple[Any, ...]]:
    one, other = aliased(Duplicate), aliased(Duplicate)
    low, high = func.coalesce(one.kept_id, table.low_id), func.coalesce(other.kept_id, table.high_id)
    return (
        select(table.id, table.low_id, table.high_id, *told, low.label("low_kept"), high.label("high_kept"))
        .outerjoin(one, one.record_id == table.low_id)
        .outerjoin(other, other.record_id == table.high_id)
        .where(low != high)
    )


LISTS: Mapping[Any, Callable[[int], Select[*tuple[Any, ...]]]] = {Suspicion: suspected, CandidatePair: candidates}
"""Where pairs that wait come from, in the order in which they are asked."""


def left_to_a_person(session: Session, pairs: Collection[Pair]) -> list[Pair]:
    """Those of some pairs that the last run left to a person, answered or not."""
    lows = {low for low, _high in pairs}
    wanted = select(CandidatePair.low_id, CandidatePair.high_id).where(CandidatePair.low_id.in_(sorted(lows)))
    return [pair for low, high in session.execute(wanted) if (pair := (low, high)) in pairs]


def _waiting(row: Row[Any]) -> WaitingPair:
    evidence = [(kind, words) for kind, words in row.evidence or ()]
    in_turn = row.low_kept < row.high_kept
    first, second = (row.low_id, row.high_id) if in_turn else (row.high_id, row.low_id)
    reason = row.reason or _("somebody met them while screening")
    return WaitingPair(first, second, row.score, reason, evidence, ends(row))
