"""What searches of a review remember: comparisons that are made stay made while both records are as they were.

A cache of one version of the engine, not a fact: thrown away, it is made anew, and a search finds the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, or_
from sqlalchemy.orm import Session

from workbench.deduplication import queries
from workbench.deduplication.models import ComparedRecord, StoredLikeness
from workbench.deduplication.rules import ENGINE, Before, Mark, Memo, NormalForm, Settings
from workbench.deduplication.rules.compare import packed
from workbench.deduplication.service.writing import AS_IT_IS

Groups = Mapping[int, str] | None
"""The step of each record, where only records of one step are compared."""


class Forms(Sequence[NormalForm]):
    """Normal forms by their place in a list of records, read from the database when they are asked for."""

    def __init__(self, session: Session, record_ids: Sequence[int], made: Mapping[int, NormalForm]) -> None:
        self._session, self._record_ids, self._known = session, record_ids, dict(made)

    def __len__(self) -> int:
        return len(self._record_ids)

    def __getitem__(self, place: Any) -> Any:
        record_id = self._record_ids[place]
        if record_id not in self._known:
            self.fetch([place])
        return self._known[record_id]

    def fetch(self, places: Iterable[int]) -> None:
        """Read many at once."""
        wanted = {self._record_ids[place] for place in places}.difference(self._known)
        self._known |= queries.forms(self._session, wanted)


def edition(settings: Settings, steps: Groups) -> str:
    """Name what comparisons depend on besides their two records: what is stored in another edition counts no more."""
    return f"{ENGINE} {settings.versions} {'across' if steps is None else 'within'}"


@dataclass(frozen=True)
class Recalled:
    """What was remembered as a search began.

    Attributes:
        edition: in which it is remembered, and what is new will be.
        search: the last search as this one began, or 0: if there was another meanwhile, it remembered too.
        compared: every record that was compared.
        same: those of them that are as they were.
        memo: the same for the engine, by places in its list of records.
    """

    edition: str
    search: int
    compared: frozenset[int]
    same: frozenset[int]
    memo: Memo


def recall(
    session: Session, review_id: int, name: str, marks: Mapping[int, Mark], record_ids: Sequence[int], steps: Groups
) -> Recalled:
    """Read what earlier searches compared; `record_ids` and `marks` are those of the records that count now."""
    rows = queries.compared(session, review_id, name, marks)
    place = {record_id: at for at, record_id in enumerate(record_ids)}
    same = frozenset(record for record, then in rows if record in place and marks[record].rank == then.rank)
    group = _groups(session, [record for record, _then in rows], steps)
    before = [Before(then.keys, group[record], place[record] if record in same else -1) for record, then in rows]
    known = queries.likenesses(session, review_id, same) if rows else {}
    memo = Memo(before, {(place[low], place[high]): one for (low, high), one in known.items()})
    return Recalled(name, _last(session, review_id), frozenset(record for record, _then in rows), same, memo)


def nothing(name: str) -> Recalled:
    """What a search that shall look at everything anew begins with."""
    return Recalled(name, 0, frozenset(), frozenset(), Memo())


def _last(session: Session, review_id: int) -> int:
    found = queries.last_run(session, review_id)
    return found.id if found else 0


def _groups(session: Session, record_ids: Collection[int], steps: Groups) -> dict[int, int]:
    """Number the steps of some records; those that left are asked for."""
    if steps is None:
        return dict.fromkeys(record_ids, 0)
    step_of = {**steps, **queries.steps(session, set(record_ids).difference(steps))}
    return numbered(step_of)


def numbered(step_of: Mapping[int, str]) -> dict[int, int]:
    """Write steps as numbers."""
    names: dict[str, int] = {}
    return {record: names.setdefault(step, len(names)) for record, step in step_of.items()}


def remember(
    session: Session, review_id: int, was: Recalled, record_ids: Sequence[int], marks: Mapping[int, Mark]
) -> None:
    """Store what a search compared, in the transaction that holds the lock of the review and ends the search.

    Where another search ended meanwhile, and stored its own, this one's is dropped.
    """
    if not was.compared:
        _forget_all(session, review_id)
    elif _last(session, review_id) != was.search:
        return
    _forget(session, was.compared - was.same)
    new = [record for record in record_ids if record not in was.same]
    _insert(session, ComparedRecord, [_compared(review_id, was.edition, record, marks[record]) for record in new])
    _insert(
        session,
        StoredLikeness,
        [
            {
                "review_id": review_id,
                "low_id": min(record_ids[one], record_ids[other]),
                "high_id": max(record_ids[one], record_ids[other]),
                "comparison": packed(said.comparison),
                "link": said.link and said.link[0],
                "is_forward": said.link and said.link[1],
            }
            for (one, other), said in was.memo.fresh.items()
        ],
    )


def _compared(review_id: int, name: str, record_id: int, mark: Mark) -> dict[str, Any]:
    return {"record_id": record_id, "review_id": review_id, "edition": name, "rank": mark.rank, "keys": mark.keys}


def _insert(session: Session, table: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _forget_all(session: Session, review_id: int) -> None:
    for table in (ComparedRecord, StoredLikeness):
        session.execute(delete(table).where(table.review_id == review_id), execution_options=AS_IT_IS)


def _forget(session: Session, record_ids: Collection[int]) -> None:
    """Drop what is known of records that left or were changed."""
    for some in queries.portions(record_ids):
        pairs = or_(StoredLikeness.low_id.in_(some), StoredLikeness.high_id.in_(some))
        session.execute(delete(StoredLikeness).where(pairs), execution_options=AS_IT_IS)
        session.execute(delete(ComparedRecord).where(ComparedRecord.record_id.in_(some)), execution_options=AS_IT_IS)
