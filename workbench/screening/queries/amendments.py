"""Amendments seen from the votes: when they came, and which records were judged under an earlier version."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import Change
from workbench.records.models import Record
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Removal, StageEvent, Vote
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import kept_id, standing_records
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import JUDGED_BY, Decision, StageDeed


@dataclass(frozen=True)
class Affected:
    """Records of one stage that were judged under earlier versions: how many, and those of them that are open."""

    stage: Stage
    total: int
    open_ids: Sequence[int]


def moment_of(session: Session, version: ProtocolVersion) -> str:
    """Whether a version came before, during or after screening, as the protocol file says it.

    After: every stage that had opened was closed again, and full texts were among them.
    """
    rows = session.execute(
        select(StageEvent.stage, StageEvent.deed)
        .where(StageEvent.review_id == version.review_id, StageEvent.protocol_version_id < version.id)
        .order_by(StageEvent.id)
    )
    last = {stage: deed for stage, deed in rows}  # noqa: C416  # the last row of a stage counts
    if not last:
        return "before_screening"
    is_over = Stage.FULL_TEXT in last and all(deed is StageDeed.CLOSED for deed in last.values())
    return "after_screening" if is_over else "during_screening"


def stages_touched(changes: Iterable[Change]) -> list[Stage]:
    """The stages at which a change of these parts may make a record judged otherwise."""
    found: set[Stage] = set()
    for change in changes:
        if change.path[0] in JUDGED_BY:
            found |= set(Stage)
        elif change.path[0] == "screening" and change.path[1:2] and change.path[1] in set(Stage):
            found.add(Stage(str(change.path[1])))
    return [stage for stage in Stage if stage in found]


def n_judged_earlier(session: Session, version: ProtocolVersion, stage: Stage) -> int:
    """How many records that count were judged under earlier versions alone; a total of work done (B1)."""
    return session.scalar(select(func.count()).select_from(_judged_earlier(version, stage).subquery())) or 0


def affected(session: Session, version: ProtocolVersion, stage: Stage) -> Affected:
    """The records judged under earlier versions; by name only those that are open (B3)."""
    ids = sorted(session.scalars(_judged_earlier(version, stage)))
    decided = decided_standings(session, version.review_id, stage_rule(session, version.review_id, stage))
    return Affected(stage, len(ids), [one for one in ids if one in decided])


def n_removed_earlier(session: Session, version: ProtocolVersion) -> int:
    """How many reports were removed as outside the limits before this version came into force."""
    wanted = select(func.count(Removal.id)).join(Record, Record.id == Removal.record_id)
    wanted = wanted.where(Removal.record_id.not_in(select(Duplicate.record_id)))
    was_earlier = Removal.removed_at < version.registered_at
    return session.scalar(wanted.where(Record.review_id == version.review_id, was_earlier)) or 0


def _judged_earlier(version: ProtocolVersion, stage: Stage) -> Select[int]:
    """Ids of kept records with handed-in votes, all of them cast under earlier versions."""
    kept = kept_id(Vote.record_id)
    return (
        select(kept)
        .select_from(Vote)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .join(Record, Record.id == Vote.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Record.review_id == version.review_id,
            Vote.stage == stage,
            Vote.decision != Decision.WITHDRAWN,
            kept.in_(standing_records(version.review_id).correlate(None)),
        )
        .group_by(kept)
        .having(func.max(Vote.protocol_version_id) < version.id)
    )
