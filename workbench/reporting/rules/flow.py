"""A PRISMA 2020 flow: its numbers under the names of the PRISMA2020 R package, and our own keys beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

Listed = Mapping[str, int | None]

PREVIOUS = ("previous_studies", "previous_reports")
DATABASES = (
    "database_results", "register_results", "duplicates", "excluded_automatic", "excluded_other",
    "records_screened", "records_excluded", "dbr_sought_reports", "dbr_notretrieved_reports", "dbr_assessed",
)  # fmt: skip
OTHER = (
    "website_results", "organisation_results", "citations_results", "other_sought_reports",
    "other_notretrieved_reports", "other_assessed",
)  # fmt: skip
INCLUDED = ("new_studies", "new_reports", "total_studies", "total_reports")
META_ANALYSIS = ("total_studies_ma", "total_reports_ma")

OPEN = (
    "duplicates_waiting", "records_undecided", "dbr_awaited", "dbr_undecided",
    "other_records_undecided", "other_awaited", "other_undecided",
)  # fmt: skip
"""What still waits for a person. These count 0 where they are absent, and any of them above 0 makes a draft (R15)."""
NOT_COUNTED = ("awaiting_classification", "ongoing", "included_other_question")
"""Assessed reports that are neither excluded nor counted as included; 0 where absent."""
OTHER_ASIDE = ("other_results", "other_duplicates", "other_not_eligible")
"""What the other-methods lane of the template has no box for; unknown where absent."""

TOTALS = {"dbr_excluded": "dbr_excluded_total", "other_excluded": "other_excluded_total"}
"""Reports excluded at full text, given as one number: alone, or beside the reasons (then R8 compares them)."""
SPECIFIC = ("database_specific_results", "register_specific_results")
LISTS = (*SPECIFIC, *TOTALS)

OWN = (*OPEN, *NOT_COUNTED, *OTHER_ASIDE, *TOTALS.values())
COUNTS = (*PREVIOUS, *DATABASES, *OTHER, *INCLUDED, *META_ANALYSIS, *OWN)
ZERO_WHERE_ABSENT = (*OPEN, *NOT_COUNTED)


class Template(StrEnum):
    """The four official PRISMA 2020 diagrams."""

    NEW = "new"
    NEW_OTHER = "new-other"
    UPDATED = "updated"
    UPDATED_OTHER = "updated-other"

    @property
    def has_other_methods(self) -> bool:
        """Say whether the diagram has the lane for websites, organisations and citation searching."""
        return self in {Template.NEW_OTHER, Template.UPDATED_OTHER}

    @property
    def is_update(self) -> bool:
        """Say whether the diagram has the lane for the previous version of the review."""
        return self in {Template.UPDATED, Template.UPDATED_OTHER}


def total(numbers: Iterable[int | None]) -> int | None:
    """Add numbers; a sum with an unknown member is unknown.

    >>> total([1, 2]), total([1, None])
    (3, None)
    """
    known = list(numbers)
    return None if None in known else sum(n for n in known if n is not None)


@dataclass(frozen=True, slots=True)
class Flow:
    """The numbers of one diagram; None is unknown, never 0.

    `counts` holds every key of COUNTS. `lists` holds the per-source results and the exclusion reasons, each name with
    its number, in the order given; None is "not given". `not_whole` keeps what was given as a number and is none
    (12.5), so that R14 can name it.
    """

    counts: Mapping[str, int | None]
    lists: Mapping[str, Listed | None]
    name: str = ""
    not_whole: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> int | None:
        return self.counts[key]

    def listed(self, key: str) -> Listed:
        """Name the sources or reasons under a key with their numbers; empty where none are given."""
        return self.lists[key] or MappingProxyType({})

    def excluded(self, key: str) -> int | None:
        """Count the reports excluded at full text under `dbr_excluded` or `other_excluded`.

        The sum of the reasons (one primary reason each, R8), else the total given beside or instead of them.
        """
        reasons = self.lists[key]
        added = None if reasons is None else total(reasons.values())
        return self.counts[TOTALS[key]] if added is None else added

    @property
    def open_numbers(self) -> dict[str, int]:
        """Name what is not decided yet, with how many (R15)."""
        return {key: n for key in OPEN if (n := self.counts[key])}

    @property
    def template(self) -> Template:
        """Choose the official diagram these numbers ask for: a lane that holds nothing above 0 is not drawn."""
        lane = [self.counts[key] for key in (*OTHER, *OTHER_ASIDE)] + [self.excluded("other_excluded")]
        waits = [self.counts[key] for key in OPEN if key.startswith("other_")]
        other = any(lane) or any(waits)
        if any(self.counts[key] for key in PREVIOUS):
            return Template.UPDATED_OTHER if other else Template.UPDATED
        return Template.NEW_OTHER if other else Template.NEW

    def as_dict(self) -> dict[str, object]:
        """Give the flow as plain JSON values that `read_flow` reads back: every key, null where unknown."""
        values: dict[str, object] = {key: self.counts[key] for key in COUNTS if key not in TOTALS.values()}
        values |= self.not_whole
        for key in LISTS:
            listed = self.lists[key]
            values[key] = None if listed is None else dict(listed)
        for key, sum_key in TOTALS.items():
            if self.lists[key] is None:
                values[key] = self.counts[sum_key]
            elif self.counts[sum_key] is not None:
                values[sum_key] = self.counts[sum_key]
        return values
