"""A memo of where the records of a stage stand, since asking afresh takes a tenth of a second at nine thousand records.

It is keyed by the rule and by everything the outcomes are asked of: the newest hand-in and settlement, the clusters,
the imports that stand, removals and ranks. When any of them changes the memo is not found and all is asked anew; it is
never changed in place. Only reading sessions use it: what a transaction has not yet committed is nobody's memo.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping
from types import MappingProxyType

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.screening.models import HandIn, PilotRound, Rank, Removal, Settlement
from workbench.screening.queries.outcomes import Standing, decided, standing_records
from workbench.screening.rules import Outcome, StageRule

MOST = 32
_memo: OrderedDict[Hashable, Mapping[int, Standing]] = OrderedDict()
_lock = threading.Lock()


def decided_standings(session: Session, review_id: int, rule: StageRule) -> Mapping[int, Standing]:
    """Where every kept record that counts and is no longer pending stands, by its id, in the order of ids."""
    if not session.info.get("reads"):
        return _ask(session, review_id, rule)
    key = (str(session.get_bind().engine.url), review_id, rule, _fingerprint(session))
    with _lock:
        found = _memo.get(key)
    if found is None:
        found = _ask(session, review_id, rule)
        _keep(key, found)
    return found


def standing_at(session: Session, review_id: int, rule: StageRule, outcome: Outcome) -> list[Standing]:
    """The records that stand at one outcome, in the order of ids."""
    found = decided_standings(session, review_id, rule)
    if outcome is not Outcome.PENDING:
        return [one for one in found.values() if one.outcome is outcome]
    every = session.scalars(standing_records(review_id).order_by(Record.id))
    return [Standing(one, outcome, None, (), None) for one in every if one not in found]


def counts(session: Session, review_id: int, rule: StageRule) -> dict[Outcome, int]:
    """How many records stand at each outcome; every outcome is named."""
    judged = decided_standings(session, review_id, rule)
    found = dict.fromkeys(Outcome, 0) | Counter(one.outcome for one in judged.values())
    every = session.scalar(select(func.count()).select_from(standing_records(review_id).subquery())) or 0
    return found | {Outcome.PENDING: every - len(judged)}


def forget() -> None:
    """Drop every memo; what is asked next is asked of the facts."""
    with _lock:
        _memo.clear()


def _ask(session: Session, review_id: int, rule: StageRule) -> Mapping[int, Standing]:
    return MappingProxyType({one.record_id: one for one in decided(session, review_id, rule)})


def _keep(key: Hashable, found: Mapping[int, Standing]) -> None:
    with _lock:
        _memo[key] = found
        while len(_memo) > MOST:
            _memo.popitem(last=False)


def _fingerprint(session: Session) -> Hashable:
    """Numbers that change with every fact that an outcome is asked of."""
    stands = case((Import.completed_at.is_not(None) & Import.taken_back_at.is_(None), Import.id), else_=0)
    parts = [
        select(func.max(HandIn.id)), select(func.max(Settlement.id)), select(func.count(Removal.id)),
        select(func.sum(Removal.record_id)), select(func.max(Removal.removed_at)),  # a list put back frees its numbers
        select(func.max(Rank.id)), select(func.sum(stands)), select(func.count(Import.id)),
        select(func.count(Duplicate.id)), select(func.max(Duplicate.id)),
        select(func.sum(Duplicate.kept_id * Duplicate.record_id)),
        select(func.max(PilotRound.id)), select(func.max(PilotRound.opened_at)),
    ]  # fmt: skip
    return tuple(session.execute(select(*(part.scalar_subquery() for part in parts))).one())
