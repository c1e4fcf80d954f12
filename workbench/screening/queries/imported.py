"""Decisions that came along with a record from another tool: shown only once nobody judges the record any more (B1).

They are judgement of others, of whatever stage, so they stay hidden from everybody, observers too, while a vote, a
discussion or an adjudication on the record may still come: until it is excluded at title and abstract, or decided at
full text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workbench.records.models import ImportedDecision
from workbench.records.queries.decisions import imported_decisions
from workbench.reviews.rules import Stage
from workbench.screening.queries.outcomes import standings
from workbench.screening.queries.votes import cluster, stage_rule
from workbench.screening.rules import Outcome

DECIDED = frozenset({Outcome.INCLUDED, Outcome.EXCLUDED, Outcome.AWAITING})


@dataclass(frozen=True, slots=True)
class Imported:
    """What another tool says of a record; `decisions` is empty while it may not be shown, `exist` is not."""

    exist: bool
    is_shown: bool
    decisions: Sequence[ImportedDecision]


def imported(session: Session, review_id: int, record_id: int) -> Imported:
    """What came along with a record, as far as it may be shown; as many statements either way."""
    found = imported_decisions(session, record_id)
    shown = is_decided(session, review_id, record_id)
    return Imported(bool(found), shown, found if shown else ())


def is_decided(session: Session, review_id: int, record_id: int) -> bool:
    """Whether nobody judges this record any more: excluded by its title and abstract, or decided at full text."""
    kept = cluster(session, record_id)[:1]
    titles, reports = (
        {one.outcome for one in standings(session, review_id, stage_rule(session, review_id, stage), only=kept)}
        for stage in (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
    )
    return titles == {Outcome.EXCLUDED} or (titles == {Outcome.INCLUDED} and bool(reports & DECIDED))
