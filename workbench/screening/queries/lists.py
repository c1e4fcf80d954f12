"""Reading lists and counts of a stage: records by outcome, one's own votes, and where a record was found."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.reviews.models import ExclusionReason, Member
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Rank, Vote
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.memo import counts, decided_standings, standing_at
from workbench.screening.queries.reports import where_found
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Decision, Found, Outcome, StageRule

ON_A_PAGE = 50
MOST_IDS = 10_000
Row = TypeVar("Row")


@dataclass(frozen=True)
class Stood:
    """One record with the outcome it stands at; the reason where a report was excluded for one."""

    record: Record
    reason: str | None


@dataclass(frozen=True)
class Own:
    """One of one's own votes, with its record and whether it is final."""

    vote: Vote
    record: Record
    is_handed_in: bool
    reason: str | None


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list; pages are numbered from 1."""

    rows: Sequence[Row]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // ON_A_PAGE))


def stage_counts(session: Session, review_id: int, rule: StageRule) -> dict[Outcome, int]:
    """How many records stand at each outcome of a stage; the full-text stage counts the reports retrieved."""
    if rule.stage is Stage.TITLE_ABSTRACT:
        return counts(session, review_id, rule)
    here = judged_here(session, review_id)
    judged = Counter(
        one.outcome for one in decided_standings(session, review_id, rule).values() if one.record_id in here
    )
    return dict.fromkeys(Outcome, 0) | judged | {Outcome.PENDING: len(here) - judged.total()}


def judged_here(session: Session, review_id: int) -> set[int]:
    """The reports that full-text screening judges: retrieved, and included at title and abstract."""
    titles = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    sought = {one.record_id for one in standing_at(session, review_id, titles, Outcome.INCLUDED)}
    return {kept for kept, last in where_found(session, review_id).items() if last.found is Found.RETRIEVED} & sought


def n_to_retrieve(session: Session, review_id: int, titles: StageRule) -> int:
    """How many reports are sought for which nothing has happened yet."""
    sought = {one.record_id for one in standing_at(session, review_id, titles, Outcome.INCLUDED)}
    return len(sought - set(where_found(session, review_id)))


def n_ranked(session: Session, review_id: int, stage: Stage) -> int:
    """How many records have a place in the order of the stage."""
    wanted = select(func.count(Rank.id)).where(Rank.review_id == review_id, Rank.stage == stage)
    return session.scalar(wanted) or 0


def records_at(session: Session, review_id: int, rule: StageRule, outcome: Outcome, number: int) -> Page[Stood]:
    """One page of the records that stand at this outcome, in the order they were imported."""
    found = standing_at(session, review_id, rule, outcome)
    if rule.stage is Stage.FULL_TEXT:
        here = judged_here(session, review_id)
        found = [one for one in found if one.record_id in here]
    number = within(number, len(found))
    shown = found[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
    records = records_by_id(session, [one.record_id for one in shown])
    labels = dict(
        session.execute(
            select(ExclusionReason.id, ExclusionReason.label).where(ExclusionReason.review_id == review_id)
        ).all()
    )
    rows = [Stood(record, labels.get(one.reason_id or 0)) for record, one in zip(records, shown, strict=True)]
    return Page(rows, len(found), number)


def conflicts_at(session: Session, review_id: int, rule: StageRule) -> list[int]:
    """Kept records that are in conflict; they are open, so everybody may know of them."""
    return [one.record_id for one in standing_at(session, review_id, rule, Outcome.CONFLICT)]


def own_votes(session: Session, reviewer: Member, stage: Stage, number: int) -> Page[Own]:
    """One page of one's own votes as they stand, newest first."""
    mine = _own(reviewer, stage)
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    number = within(number, total)
    here = mine.order_by(Vote.id.desc()).offset((number - 1) * ON_A_PAGE).limit(ON_A_PAGE).subquery()
    rows = session.execute(
        select(Vote, Record, HandIn.id.is_not(None), ExclusionReason.label)
        .join(here, here.c.id == Vote.id)
        .join(Record, Record.id == Vote.record_id)
        .outerjoin(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(ExclusionReason, ExclusionReason.id == Vote.reason_id)
        .order_by(Vote.id.desc())
    )
    return Page([Own(*row) for row in rows], total, number)


def own_decisions(session: Session, reviewer: Member, stage: Stage) -> dict[Decision, int]:
    """How often one decided what; shown to oneself alone while the stage is open (B10)."""
    wanted = _own(reviewer, stage).with_only_columns(Vote.decision, func.count()).group_by(Vote.decision)
    return dict.fromkeys(Decision, 0) | {row[0]: row[1] for row in session.execute(wanted)}


def found_in(session: Session, kept_ids: Collection[int]) -> dict[int, list[str]]:
    """The names of the sources that brought each report, in the order in which they were documented."""
    under = select(Duplicate.record_id, Duplicate.kept_id).where(Duplicate.kept_id.in_(kept_ids))
    home = {one: one for one in kept_ids} | {row.record_id: row.kept_id for row in session.execute(under)}
    rows = session.execute(
        select(Record.id, SearchRun.source_name)
        .select_from(Record)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .where(Record.id.in_(home), Import.taken_back_at.is_(None))
        .order_by(SearchRun.id)
    )
    found: dict[int, list[str]] = {record_id: [] for record_id in kept_ids}
    for record_id, name in rows:
        if name not in found[home[record_id]]:
            found[home[record_id]].append(name)
    return found


def records_by_id(session: Session, record_ids: Sequence[int]) -> list[Record]:
    """These records, in this order."""
    found = {record.id: record for record in session.scalars(select(Record).where(Record.id.in_(record_ids)))}
    return [found[record_id] for record_id in record_ids]


def titles_by_id(session: Session, record_ids: Collection[int]) -> dict[int, str | None]:
    """The titles of these records, without the rest of them; asked in parts, since a list of ids has its limit."""
    ids = list(record_ids)
    found: dict[int, str | None] = {}
    for start in range(0, len(ids), MOST_IDS):
        wanted = select(Record.id, func.coalesce(Record.title, Record.original_title))
        for record_id, title in session.execute(wanted.where(Record.id.in_(ids[start : start + MOST_IDS]))):
            found[record_id] = title
    return found


def _own(reviewer: Member, stage: Stage) -> Select[int]:
    return select(Vote.id).where(
        Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.decision != Decision.WITHDRAWN, is_current(Vote)
    )


def within(number: int, total: int) -> int:
    """The page with this number, or the nearest that a list of so many rows has."""
    return min(max(1, number), max(1, -(-total // ON_A_PAGE)))
