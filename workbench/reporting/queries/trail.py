"""The trail of a review as one member may read it: within B1, and never a hash (B11)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import queries as audit
from workbench.audit.models import AuditEntry, Chain
from workbench.deduplication import queries as deduplication
from workbench.deduplication.models import Duplicate
from workbench.deduplication.queries import Pair
from workbench.reporting.queries.counts import reason_labels
from workbench.reporting.rules.deeds import deed, particulars
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.queries.outcomes import standings
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import HandedInBy, Outcome
from workbench.words import _

ON_A_PAGE = 50
LATELY = 200
"""How many entries the overview looks back over."""

Names = dict[int, str]
Seen = set[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. `particulars` is None where they are hidden until the record is open to the reader."""

    position: int
    at: datetime
    who: str
    what: str
    record_id: int | None
    particulars: list[tuple[str, str]] | None


@dataclass(frozen=True, slots=True)
class Lately:
    """What one person did in a row on one day, without what was decided."""

    at: datetime
    who: str
    what: str


def length(session: Session, review_id: int) -> int:
    """How many entries the trail of a review has."""
    return session.scalar(select(Chain.length).where(Chain.review_id == review_id)) or 0


def trail(session: Session, reader: Member, before: int | None = None) -> list[Line]:
    """One page of the trail, newest first, reading on from a position.

    Of a record on which not all votes are handed in, an entry tells that something was done and by whom; what was
    decided is told only to its author. As many statements whatever is open.
    """
    entries = audit.entries(session, reader.review_id, ON_A_PAGE, before)
    seen = _open_to_all(session, reader.review_id, entries)
    pairs = deduplication.open_pairs(session, [pair for entry in entries for pair in _pairs(entry)])
    names, labels = reviews.names(session, reader.review_id), reason_labels(session, reader.review_id)
    return [_line(entry, names, labels, hidden=_is_hidden(entry, reader, seen, pairs)) for entry in entries]


def lately(session: Session, review_id: int, most: int = 6) -> list[Lately]:
    """What was done last, told by person and day; it tells no decision, so it is the same for every reader.

    Votes that became final by themselves, under newer ones, are no news beside these.
    """
    names = reviews.names(session, review_id)
    told = (one for one in audit.entries(session, review_id, LATELY) if one.payload.get("how") != HandedInBy.NEWER)
    rows = groupby(told, key=_together)
    found = (list(some) for _key, some in rows)
    lines = (
        Lately(some[0].at, _who(some[0], names), deed(some[0].event, some[0].payload, len(some))) for some in found
    )
    return [one for one, _n in zip(lines, range(most), strict=False)]


def _together(entry: AuditEntry) -> tuple[object, ...]:
    """Deeds that are told in one line; what was decided is no part of it."""
    return entry.actor_id, entry.event, entry.payload.get("stage"), entry.at.date()


def _line(entry: AuditEntry, names: Names, labels: Names, *, hidden: bool) -> Line:
    told = None if hidden else [*particulars(entry.payload), *_named(entry, names, labels)]
    about = entry.record_id or entry.payload.get("record_id")
    record_id = about if isinstance(about, int) else None
    return Line(entry.position, entry.at, _who(entry, names), deed(entry.event, entry.payload), record_id, told)


def _named(entry: AuditEntry, names: Names, labels: Names) -> Iterator[tuple[str, str]]:
    """Particulars that are told by name: the exclusion reason, and the member it is about."""
    if (reason := entry.payload.get("reason_id")) in labels:
        yield _("reason"), labels[reason]
    if (member := entry.payload.get("member_id")) in names:
        yield _("member"), names[member]


def _is_hidden(entry: AuditEntry, reader: Member, seen: Seen, pairs: Collection[Pair]) -> bool:
    """Whether the entry is about a record or a pair that is not open to the reader; one's own deeds always are."""
    if entry.actor_id == reader.id:
        return False
    if entry.record_id is None:
        return not set(_pairs(entry)) <= set(pairs)
    return (entry.record_id, _stage_of(entry)) not in seen


def _pairs(entry: AuditEntry) -> list[Pair]:
    """The pairs of records of which an entry tells what one of two people said."""
    if entry.payload.get("alone") is not False:
        return []
    if "low_id" in entry.payload:
        return [(entry.payload["low_id"], entry.payload["high_id"])]
    return [(low, high) for low, high in entry.payload["pairs"]]


def _stage_of(entry: AuditEntry) -> str:
    """The stage of an entry; a bar has none and stands from the first."""
    return str(entry.payload.get("stage") or Stage.TITLE_ABSTRACT.value)


def _open_to_all(session: Session, review_id: int, entries: Sequence[AuditEntry]) -> Seen:
    """The records of these entries on which all votes that the rule asks for are handed in, by stage (B3)."""
    about = [(entry.record_id, _stage_of(entry)) for entry in entries if entry.record_id is not None]
    kept = _kept(session, {record_id for record_id, _stage in about})
    found: Seen = set()
    for stage in Stage:
        of_stage = {record_id for record_id, its in about if its == stage.value}
        rule = stage_rule(session, review_id, stage)
        where = standings(session, review_id, rule, only=sorted({kept.get(one, one) for one in of_stage}))
        opened = {one.record_id for one in where if one.outcome is not Outcome.PENDING}
        found |= {(one, stage.value) for one in of_stage if kept.get(one, one) in opened}
    return found


def _kept(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    wanted = select(Duplicate.record_id, Duplicate.kept_id).where(Duplicate.record_id.in_(record_ids))
    return {row[0]: row[1] for row in session.execute(wanted)}


def _who(entry: AuditEntry, names: Names) -> str:
    """Who did it; what nobody did by hand, the workbench did."""
    return names.get(entry.actor_id or 0, _("The workbench"))
