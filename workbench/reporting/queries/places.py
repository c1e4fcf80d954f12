"""Where every record of a diagram stands: a few flat statements over the facts, put side by side here.

Side by side in Python, since one statement over both stages is at the mercy of the planner: without statistics SQLite
joins the outcomes by searching all of them for every record.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.records.models import Record
from workbench.reporting.queries.scope import Scope
from workbench.reviews.rules import Stage
from workbench.screening.models import Removal
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.outcomes import is_out, kept_id
from workbench.screening.queries.reports import where_found
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Found, Outcome
from workbench.studies.queries import ongoing_reports


class Place(NamedTuple):
    """Where a record stands. All but the first two are known only of the record that leads its report here.

    Of a report with records in both lanes one from a database or register leads: it flows there, whichever came first.
    Among those the kept record leads, else the oldest.
    """

    import_id: int
    leads: bool
    by_automation: bool | None = None
    title_abstract: Outcome | None = None
    found: Found | None = None
    full_text: Outcome | None = None
    reason_id: int | None = None
    questions: str = ""
    is_ongoing: bool = False


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the reports of a review, by kept record; a report that is in none of them is pending."""

    removals: Mapping[int, bool]
    title_abstract: Mapping[int, Outcome]
    found: Mapping[int, Found]
    full_text: Mapping[int, tuple[Outcome, int | None, str]]
    ongoing: set[int]


@dataclass(frozen=True, slots=True)
class Stood:
    """Every place at which records stand, with how many; of the reports included at full text, which they are."""

    tally: Counter[Place]
    included: Mapping[Place, list[int]]


def stood(session: Session, review_id: int, scope: Scope) -> Stood:
    """Count the records of a diagram by the place at which they stand."""
    tally: Counter[Place] = Counter()
    included: dict[Place, list[int]] = {}
    for _record_id, kept, place in places(session, review_id, scope):
        tally[place] += 1
        if place.full_text is Outcome.INCLUDED:
            included.setdefault(place, []).append(kept)
    return Stood(tally, included)


def places(session: Session, review_id: int, scope: Scope) -> Iterator[tuple[int, int, Place]]:
    """Every record of the diagram with the kept record of its report and its place, report by report."""
    facts = _facts(session, review_id)
    before = None
    for record_id, kept, import_id in session.execute(_members(scope)):
        yield record_id, kept, Place(import_id, False) if kept == before else _leading(import_id, kept, facts)
        before = kept


def _leading(import_id: int, kept: int, facts: _Facts) -> Place:
    full_text, reason_id, questions = facts.full_text.get(kept, (None, None, ""))
    return Place(
        import_id, True, facts.removals.get(kept), facts.title_abstract.get(kept), facts.found.get(kept),
        full_text, reason_id, questions, kept in facts.ongoing,
    )  # fmt: skip


def _members(scope: Scope) -> Select[int, int, int]:
    """Every record of the diagram with its report, the record that leads it first."""
    kept = kept_id(Record.id)
    wanted = select(Record.id, kept, Record.import_id).outerjoin(Duplicate, Duplicate.record_id == Record.id)
    wanted = wanted.where(Record.import_id.in_(scope.arrivals))
    is_first = Record.import_id.in_(scope.first_column)
    return wanted.order_by(kept, is_first.desc(), (Record.id == kept).desc(), Record.id)


def _facts(session: Session, review_id: int) -> _Facts:
    titles = decided_standings(session, review_id, stage_rule(session, review_id, Stage.TITLE_ABSTRACT))
    texts = decided_standings(session, review_id, stage_rule(session, review_id, Stage.FULL_TEXT))
    removed = select(Removal.record_id, Removal.by_automation).join(Record, Record.id == Removal.record_id)
    removed = removed.where(is_out(Removal.record_id))
    return _Facts(
        {row[0]: row[1] for row in session.execute(removed.where(Record.review_id == review_id))},
        {one.record_id: one.outcome for one in titles.values()},
        {kept: last.found for kept, last in where_found(session, review_id).items()},
        {one.record_id: (one.outcome, one.reason_id, " ".join(one.questions)) for one in texts.values()},
        ongoing_reports(session, review_id),
    )
