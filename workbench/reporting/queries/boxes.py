"""In which boxes of the diagram a record counts. One function says it, for numbers and lists alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.errors import NotFound
from workbench.protocols.models import SearchRun
from workbench.reporting.queries.places import Place
from workbench.reviews.rules import FIRST_COLUMN, Lane, Stage
from workbench.screening.rules import Found, Outcome
from workbench.words import _

IDENTIFIED = {
    Lane.DATABASE: "database_results",
    Lane.REGISTER: "register_results",
    Lane.WEBSITE: "website_results",
    Lane.ORGANISATION: "organisation_results",
    Lane.CITATION: "citations_results",
    Lane.OTHER: "other_results",
}
PER_SOURCE = {Lane.DATABASE: "database_specific_results", Lane.REGISTER: "register_specific_results"}


class NoSuchBox(NotFound):
    """A box of the diagram is known by the name of its number."""

    hint = "Open it from the diagram."


@dataclass(frozen=True, slots=True)
class Column:
    """The names of one lane's numbers; those of the first column, or those of the other methods."""

    identified: str
    duplicates: str
    screened: str
    excluded: str
    undecided: str
    sought: str
    missing: str
    awaited: str
    assessed: str
    reasons: str
    open: str


FIRST = Column(
    "identified", "duplicates", "records_screened", "records_excluded", "records_undecided", "dbr_sought_reports",
    "dbr_notretrieved_reports", "dbr_awaited", "dbr_assessed", "dbr_excluded", "dbr_undecided",
)  # fmt: skip
OTHER = Column(
    "other_identified", "other_duplicates", "other_screened", "other_not_eligible", "other_records_undecided",
    "other_sought_reports", "other_notretrieved_reports", "other_awaited", "other_assessed", "other_excluded",
    "other_undecided",
)  # fmt: skip


def conflicts(stage: Stage) -> str:
    """The name of what is in conflict at a stage; the diagram has no box for it, the overview has a line."""
    return f"conflicts:{stage.value}"


def keys(place: Place, run: SearchRun, reasons: Mapping[int, str], question: str | None) -> Iterator[str]:
    """Name every number that counts a record which stands here.

    Args:
        place: where it stands.
        run: the search run it came from.
        reasons: labels of the exclusion reasons by id.
        question: the question the diagram is about, if it is about one.
    """
    column = FIRST if run.lane in FIRST_COLUMN else OTHER
    yield IDENTIFIED[run.lane]
    yield column.identified
    if run.lane in PER_SOURCE:
        yield f"{PER_SOURCE[run.lane]}:{run.source_name}"
    if not place.leads:
        yield from _before_screening(column.duplicates, column)
    elif place.by_automation is not None:
        yield from _before_screening("excluded_automatic" if place.by_automation else "excluded_other", column)
    else:
        yield column.screened
        yield from _screened(place, column, reasons, question)


def _before_screening(key: str, column: Column) -> Iterator[str]:
    """What leaves before screening; other methods have no box for what is outside the limits: it is not eligible."""
    if column is FIRST:
        yield from (key, "removed")
    else:
        yield column.duplicates if key == column.duplicates else column.excluded


def _screened(place: Place, column: Column, reasons: Mapping[int, str], question: str | None) -> Iterator[str]:
    """What becomes of a record that is screened by title and abstract, and of its report."""
    if place.title_abstract is Outcome.EXCLUDED:
        yield column.excluded
    elif place.title_abstract is not Outcome.INCLUDED:
        yield column.undecided
        if place.title_abstract is Outcome.CONFLICT:
            yield conflicts(Stage.TITLE_ABSTRACT)
    else:
        yield column.sought
        yield from _sought(place, column, reasons, question)


def _sought(place: Place, column: Column, reasons: Mapping[int, str], question: str | None) -> Iterator[str]:
    if place.found is Found.NOT_RETRIEVED:
        yield column.missing
    elif place.found is not Found.RETRIEVED:
        yield column.awaited
    else:
        yield column.assessed
        yield from _assessed(place, column, reasons, question)


def _assessed(place: Place, column: Column, reasons: Mapping[int, str], question: str | None) -> Iterator[str]:
    match place.full_text:
        case Outcome.EXCLUDED:
            yield column.reasons
            yield f"{column.reasons}:{reasons.get(place.reason_id or 0, _('No reason named'))}"
        case Outcome.INCLUDED if question is None or question in place.questions.split():
            yield from ("new_reports", "included")
        case Outcome.INCLUDED:
            yield from ("included_other_question", "not_counted")
        case Outcome.AWAITING:
            yield from ("ongoing" if place.is_ongoing else "awaiting_classification", "not_counted")
        case outcome:
            yield column.open
            if outcome is Outcome.CONFLICT:
                yield conflicts(Stage.FULL_TEXT)
