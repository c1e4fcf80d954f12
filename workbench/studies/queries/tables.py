"""The tables of included and of excluded studies, as journals and Cochrane print them (MECIR C41): rows of text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workbench.studies.queries import Entry, Report, in_state
from workbench.studies.rules import State
from workbench.studies.writers import citation
from workbench.words import _


class Table(StrEnum):
    """The tables of a review's studies."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


@dataclass(frozen=True)
class Row:
    """One study in a table: its reports as references, the one that stands for it first."""

    entry: Entry
    citations: Sequence[str]
    late: str


def rows(entries: Sequence[Entry], table: Table) -> list[Row]:
    """The studies of a table, alphabetical by first author and year."""
    shown = in_state(entries, State.INCLUDED if table is Table.INCLUDED else State.EXCLUDED)
    return [Row(one, [citation(report.told) for report in one.reports], "; ".join(_late(one))) for one in shown]


def header(table: Table) -> list[str]:
    """What stands over the columns of the file."""
    if table is Table.INCLUDED:
        return ["study", "primary_report", "other_reports", "reports", "registration", "designs", "questions",
                "instruments_waiting", "late_changes", "note", "records"]  # fmt: skip
    return ["study", "reference", "other_reports", "reason", "check", "registration", "late_changes", "note", "records"]


def cells(row: Row, table: Table) -> list[object]:
    """One study as a line of the file."""
    one, first, others = row.entry, row.citations[0], " | ".join(row.citations[1:])
    numbers, note = "; ".join(one.registry_ids), one.note or ""
    records = "; ".join(str(report.id) for report in one.reports)
    if table is Table.INCLUDED:
        designs = "; ".join(design.value for design in one.designs)
        return [one.label, first, others, len(one.reports), numbers, designs, "; ".join(one.questions),
                "; ".join(one.instruments), row.late, note, records]  # fmt: skip
    check = outcome_data_warning() if one.is_excluded_for_outcome_data_alone else ""
    return [one.label, first, others, "; ".join(one.reasons), check, numbers, row.late, note, records]


def outcome_data_warning() -> str:
    """Why a reason that concerns outcome data is not enough to leave a study out (MECIR C40)."""
    return _("Excluded for its outcome data alone; look again: a study belongs in even if its data cannot be used.")


def late_words(report: Report) -> Iterator[str]:
    """The late changes of one report in words, with where the notice was printed."""
    words = {"retraction": _("retracted"), "concern": _("expression of concern"), "erratum": _("erratum")}
    for one in report.late:
        where = one.words or (_("record %(id)s", id=one.notice_id) if one.notice_id else "")
        yield f"{words[one.kind.value]} ({where})" if where else words[one.kind.value]


def _late(entry: Entry) -> Iterator[str]:
    return (words for report in entry.reports for words in late_words(report))
