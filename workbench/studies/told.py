"""What programs are told of studies, the same by the API and by the command line: plain values, no votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from workbench.records.rules.notices import NoticeKind
from workbench.screening.rules import Design, Outcome
from workbench.studies.queries import Entry, Report
from workbench.studies.queries.history import Done
from workbench.studies.queries.suggestions import Suggestion
from workbench.studies.rules import DeedKind, State
from workbench.studies.writers import citation


@dataclass(frozen=True)
class LateChange:
    """A retraction, an expression of concern or an erratum of a report."""

    kind: NoticeKind
    printed_in: Annotated[str, "As the report's own record says; empty where it does not."]
    notice: Annotated[int | None, "The record of the notice itself, where it is among the records."]
    seen_at: Annotated[datetime | None, "When somebody first looked at it."]


@dataclass(frozen=True)
class StudyReportTold:
    """One report of a study."""

    record: Annotated[int, "Its kept record."]
    citation: str
    outcome: Annotated[Outcome | None, "At full text; null while the report is not assessed."]
    reason: Annotated[str | None, "Why it was excluded."]
    questions: Sequence[str]
    design: Design | None
    is_primary: bool
    is_ongoing: Annotated[bool, "Whether it awaits classification and tells of a study still under way."]
    late_changes: Sequence[LateChange]


@dataclass(frozen=True)
class StudyTold:
    """One study with its reports, the one that stands for it first."""

    study: Annotated[int | None, "Its number; null for a report that was gathered with no other."]
    label: str
    state: State
    registry_ids: Sequence[str]
    note: str | None
    instruments: Annotated[Sequence[str], "What waits to be appraised, by the protocol's instrument for each design."]
    outcome_data_alone: Annotated[bool, "Whether it is excluded for outcome data alone (MECIR C40)."]
    reports: Sequence[StudyReportTold]


@dataclass(frozen=True)
class StudiesTold:
    """The studies of a review by label, and how many studies and reports are included."""

    items: Sequence[StudyTold]
    included_studies: int
    included_reports: int


@dataclass(frozen=True)
class DeedTold:
    """One thing that was done to a study."""

    deed: int
    kind: DeedKind
    at: datetime
    came: Annotated[Sequence[int], "Records of the reports that came to the study by it."]
    left: Annotated[Sequence[int], "Records of the reports that left it."]
    can_be_undone: bool


@dataclass(frozen=True)
class DeedsTold:
    """What was done to a study, newest first."""

    items: Sequence[DeedTold]


@dataclass(frozen=True)
class SuggestionTold:
    """Two studies that may be one; a report of each by which the suggestion is answered, and why."""

    first: int
    second: int
    labels: Sequence[str]
    reasons: Sequence[str]
    is_put_off: bool


@dataclass(frozen=True)
class SuggestionsTold:
    """What may be one study, the strongest first."""

    items: Sequence[SuggestionTold]


def studies_told(entries: Sequence[Entry], shown: Sequence[Entry] | None = None) -> StudiesTold:
    """The studies that are shown, and the numbers of all of them."""
    included = [report for one in entries for report in one.reports if report.outcome is Outcome.INCLUDED]
    n_studies = sum(one.state is State.INCLUDED for one in entries)
    return StudiesTold([study_told(one) for one in (entries if shown is None else shown)], n_studies, len(included))


def study_told(entry: Entry) -> StudyTold:
    """One study."""
    return StudyTold(
        entry.study_id, entry.label, entry.state, list(entry.registry_ids), entry.note, list(entry.instruments),
        entry.is_excluded_for_outcome_data_alone, [_report(one) for one in entry.reports],
    )  # fmt: skip


def deeds_told(found: Sequence[Done]) -> DeedsTold:
    """What was done to a study."""
    return DeedsTold(
        [
            DeedTold(one.deed.id, one.deed.kind, one.deed.at, list(one.came), list(one.left), one.can_be_undone)
            for one in found
        ]
    )


def suggestions_told(found: Sequence[Suggestion]) -> SuggestionsTold:
    """The suggestions that wait."""
    return SuggestionsTold(
        [
            SuggestionTold(*one.pair, [one.one.label, one.other.label], list(one.reasons), one.is_put_off)
            for one in found
        ]
    )


def _report(report: Report) -> StudyReportTold:
    late = [LateChange(one.kind, one.words, one.notice_id, one.seen_at) for one in report.late]
    return StudyReportTold(
        report.id, citation(report.told), report.outcome, report.reason.label if report.reason else None,
        list(report.questions), report.design, report.is_primary, report.is_ongoing, late,
    )  # fmt: skip
