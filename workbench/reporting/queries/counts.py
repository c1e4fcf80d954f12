"""The numbers of one diagram, asked of the facts in one statement over all records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.protocols import queries as protocols
from workbench.records.models import Record
from workbench.reporting.queries.boxes import FIRST, IDENTIFIED, OTHER, PER_SOURCE, keys
from workbench.reporting.queries.places import stood
from workbench.reporting.queries.scope import Scope, scope_of
from workbench.reporting.rules import Flow, read_flow
from workbench.reviews.models import ExclusionReason
from workbench.reviews.rules import Lane
from workbench.studies import queries as studies

ASKED = (
    *IDENTIFIED.values(), "duplicates", "excluded_automatic", "excluded_other", "new_reports", "duplicates_waiting",
    "awaiting_classification", "ongoing", "included_other_question",
    *(name for column in (FIRST, OTHER) for name in (
        column.duplicates, column.screened, column.excluded, column.undecided, column.sought, column.missing,
        column.awaited, column.assessed, column.open)),
)  # fmt: skip
"""Numbers that the facts always tell of records and reports; `new_studies` is told beside them, of studies."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The numbers of one diagram, and beside them what no box shows (conflicts by stage)."""

    scope: Scope
    numbers: Mapping[str, int]
    flow: Flow

    def both(self, what: str) -> int:
        """A number of both lanes together, by its name in Column: `screened`, `awaited`."""
        return sum(self.numbers.get(getattr(column, what), 0) for column in (FIRST, OTHER))

    def n(self, key: str) -> int:
        """A number by its own name."""
        return self.numbers.get(key, 0)


def flow(session: Session, review_id: int, *, question: str | None = None, step: str | None = None) -> Flow:
    """The flow of a review, of one question or of one search step, asked of the facts (R1–R17).

    Raises:
        NoSuchQuestion, NoSuchStep: the protocol has none of this name.
    """
    return counted(session, review_id, scope_of(session, review_id, question, step)).flow


def counted(session: Session, review_id: int, scope: Scope) -> Counted:
    """Count every number of a diagram; as many statements however many records there are."""
    labels = reason_labels(session, review_id)
    numbers: Counter[str] = Counter()
    found, included = stood(session, review_id, scope), set[int]()
    for place, n in found.tally.items():
        told = set(keys(place, scope.arrivals[place.import_id], labels, scope.question))
        numbers.update(dict.fromkeys(told, n))
        included.update(found.included.get(place, ()) if "new_reports" in told else ())
    numbers["new_studies"] = studies.how_many(session, review_id, included)
    numbers["duplicates_waiting"] = _waiting_pairs(session, review_id, scope)
    no_hits = {run_id for run_id, hits in protocols.hits(session, review_id).items() if not hits}
    return Counted(scope, numbers, _flow(numbers, scope, labels, no_hits))


def reason_labels(session: Session, review_id: int) -> dict[int, str]:
    """Labels of all exclusion reasons by their id, in the protocol's order; those no longer in force come last."""
    wanted = select(ExclusionReason.id, ExclusionReason.label).where(ExclusionReason.review_id == review_id)
    ordered = wanted.order_by(ExclusionReason.retired_at.is_not(None), ExclusionReason.position, ExclusionReason.id)
    return {row.id: row.label for row in session.execute(ordered)}


def _flow(numbers: Counter[str], scope: Scope, labels: Mapping[int, str], no_hits: set[int]) -> Flow:
    values: dict[str, object] = {key: numbers[key] for key in (*ASKED, "new_studies")}
    for lane, key in PER_SOURCE.items():
        values[key] = _per_source(numbers, scope, lane, no_hits)
    for column in (FIRST, OTHER):
        start = f"{column.reasons}:"
        counted_here = [key.removeprefix(start) for key in numbers if key.startswith(start)]
        listed = dict.fromkeys([*labels.values(), *counted_here])
        values[column.reasons] = {label: n for label in listed if (n := numbers[start + label])}
    return read_flow(values, scope.name)


def _per_source(numbers: Counter[str], scope: Scope, lane: Lane, no_hits: set[int]) -> dict[str, int]:
    """Records per database or register, in the order they were documented; one that was searched in vain has 0."""
    came = {run.id for run in scope.arrivals.values()} | no_hits
    names = dict.fromkeys(run.source_name for run in scope.runs if run.lane is lane and run.id in came)
    return {name: numbers[f"{PER_SOURCE[lane]}:{name}"] for name in names}


def _waiting_pairs(session: Session, review_id: int, scope: Scope) -> int:
    """Pairs of records that a person has not answered yet; of a part of the review those that touch it."""
    pairs = deduplication.waiting_pairs(session, review_id)
    if scope.is_whole:
        return len(pairs)
    ends = {end for pair in pairs for end in (pair.first_id, pair.second_id)}
    shown = set(session.scalars(select(Record.id).where(Record.id.in_(ends), Record.import_id.in_(scope.arrivals))))
    return sum(pair.first_id in shown or pair.second_id in shown for pair in pairs)
