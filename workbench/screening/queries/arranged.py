"""What was arranged at a stage beside its rule: pilot rounds, allocation, languages; and since when votes count."""

from itertools import pairwise

from sqlalchemy import ColumnElement, and_, exists, not_, select
from sqlalchemy.orm import Session

from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import differences
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Allocation, LanguagesRead, PilotRound, Vote
from workbench.screening.rules import JUDGED_BY, Arranged, Origin

KNOWN = 512
"""Pairs of versions of which it is remembered whether the criteria changed between them."""

_known: dict[tuple[str, int, int], bool] = {}


def arranged(session: Session, review_id: int, stage: Stage) -> Arranged:
    """What was arranged at a stage; one statement, and a few more where there has been a pilot round."""
    allocated, piloted, languages = session.execute(
        select(
            exists().where(Allocation.review_id == review_id, Allocation.stage == stage),
            exists().where(PilotRound.review_id == review_id, PilotRound.stage == stage),
            exists().where(LanguagesRead.member_id == Member.id, Member.review_id == review_id),
        )
    ).one()
    since = criteria_version(session, review_id) if piloted else 0
    return Arranged(allocated=allocated, piloted=piloted, counts_since=since, languages=languages)


def criteria_version(session: Session, review_id: int) -> int:
    """The protocol version that changed questions, criteria, reasons or limits last; 0 where none did."""
    wanted = select(ProtocolVersion.id).where(ProtocolVersion.review_id == review_id)
    newest_first = session.scalars(wanted.order_by(ProtocolVersion.id.desc())).all()
    return next((later for later, earlier in pairwise(newest_first) if _changes_criteria(session, earlier, later)), 0)


def _changes_criteria(session: Session, earlier: int, later: int) -> bool:
    """Whether records are judged otherwise under the later version; remembered, since versions never change."""
    key = (str(session.get_bind().engine.url), earlier, later)
    if key not in _known:
        before, after = (session.get_one(ProtocolVersion, one).document for one in (earlier, later))
        changed = any(change.path[0] in JUDGED_BY for change in differences(before, after))
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = changed
    return _known[key]


def is_history(arranged: Arranged, vote: type[Vote]) -> ColumnElement[bool]:
    """The vote was given in a pilot round and the criteria changed after it; the twin of `rules.is_history`."""
    return and_(vote.origin == Origin.PILOT, vote.protocol_version_id < arranged.counts_since)


def still_counts(arranged: Arranged, vote: type[Vote]) -> list[ColumnElement[bool]]:
    """The condition that a vote is no history; none where no vote can be."""
    return [not_(is_history(arranged, vote))] if arranged.counts_since else []
