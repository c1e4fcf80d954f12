"""What the numbers of a diagram are called on pages."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.reporting.queries import Counted
from workbench.reporting.queries.entries import LISTED
from workbench.reporting.rules import Equation
from workbench.words import _, several


@dataclass(frozen=True, slots=True)
class Open:
    """A number that is not final, as a sentence that leads to its records."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Sum:
    """One rule with what it says of these numbers; the tag is a kind of the macro `tag` and its word."""

    rule: str
    tag: tuple[str, str]
    words: str


def sum_in_words(check: Equation) -> Sum:
    """Say what a rule says of these numbers, with the numbers' names where it cannot be checked."""
    said = check.text.partition(": ")[2]
    if check.holds is None:
        missing = ", ".join(name_of(key) for key in said.split(", "))
        return Sum(check.id, ("open", _("not checked")), _("not known yet: %(names)s", names=missing))
    if check.holds:
        return Sum(check.id, ("done", _("holds")), said)
    if check.id == "R15":
        return Sum(check.id, ("unclear", _("open")), _("%(n)s decisions are open, so this is a draft", n=check.left))
    return Sum(check.id, ("unclear" if check.severity == "warning" else "exclude", _("fails")), said)


def name_of(key: str) -> str:
    """Name a number or a box of the diagram as the template does."""
    if key.startswith(LISTED):
        start, _colon, name = key.partition(":")
        return f"{_names()[start]}: {name}"
    return _names().get(key, key)


def open_numbers(found: Counted, address: Callable[[str], str]) -> list[Open]:
    """Say what still waits for a person, each with the way there (R15)."""
    words = {
        "duplicates_waiting": (_("1 pair of records: same report or two?"),
                               _("%(n)s pairs of records: same report or two?")),
        "records_undecided": (_("1 record without an outcome at title and abstract"),
                              _("%(n)s records without an outcome at title and abstract")),
        "other_records_undecided": (_("1 record from other methods without an outcome at title and abstract"),
                                    _("%(n)s records from other methods without an outcome at title and abstract")),
        "dbr_awaited": (_("1 report still sought"), _("%(n)s reports still sought")),
        "other_awaited": (_("1 report from other methods still sought"),
                          _("%(n)s reports from other methods still sought")),
        "dbr_undecided": (_("1 full text without an outcome"), _("%(n)s full texts without an outcome")),
        "other_undecided": (_("1 full text from other methods without an outcome"),
                            _("%(n)s full texts from other methods without an outcome")),
    }  # fmt: skip
    return [Open(several(n, *words[key]), address(key)) for key, n in found.flow.open_numbers.items()]


def _names() -> dict[str, str]:
    return {
        "database_results": _("Records from databases"),
        "database_specific_results": _("Records from one database"),
        "register_results": _("Records from registers"),
        "register_specific_results": _("Records from one register"),
        "website_results": _("Records from websites"),
        "organisation_results": _("Records from organisations"),
        "citations_results": _("Records from citation searching"),
        "other_results": _("Records from elsewhere"),
        "identified": _("Records identified from databases and registers"),
        "other_identified": _("Records identified by other methods"),
        "removed": _("Records removed before screening"),
        "duplicates": _("Duplicate records removed"),
        "excluded_automatic": _("Records marked as ineligible by automation tools"),
        "excluded_other": _("Records removed for other reasons"),
        "other_duplicates": _("Other methods: records that were already found"),
        "records_screened": _("Records screened"),
        "other_screened": _("Other methods: records screened"),
        "records_excluded": _("Records excluded"),
        "other_not_eligible": _("Other methods: records not eligible"),
        "records_undecided": _("Records without an outcome at title and abstract"),
        "other_records_undecided": _("Other methods: records without an outcome at title and abstract"),
        "dbr_sought_reports": _("Reports sought for retrieval"),
        "other_sought_reports": _("Other methods: reports sought for retrieval"),
        "dbr_notretrieved_reports": _("Reports not retrieved"),
        "other_notretrieved_reports": _("Other methods: reports not retrieved"),
        "dbr_awaited": _("Reports still sought"),
        "other_awaited": _("Other methods: reports still sought"),
        "dbr_assessed": _("Reports assessed for eligibility"),
        "other_assessed": _("Other methods: reports assessed for eligibility"),
        "dbr_excluded": _("Reports excluded"),
        "other_excluded": _("Other methods: reports excluded"),
        "dbr_undecided": _("Full texts without an outcome"),
        "other_undecided": _("Other methods: full texts without an outcome"),
        "new_reports": _("Reports included"),
        "included": _("Reports included"),
        "not_counted": _("Reports not counted here"),
        "awaiting_classification": _("Reports awaiting classification"),
        "ongoing": _("Reports of ongoing studies"),
        "included_other_question": _("Reports included for another question only"),
        "new_studies": _("Studies included"),
    }
