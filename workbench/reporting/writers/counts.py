"""Counts as files: JSON, and CSV in the eight columns of the PRISMA2020 R package, so that both can be read back."""

import csv
import io
import json
import unicodedata

from workbench.reporting.rules import COLUMNS, FORMULA, OWN, TOTALS, Flow

ROWS = (
    ("", "node4", "prevstud", "Previous studies"),
    ("previous_studies", "node5", "box1", "Studies included in previous version of review"),
    ("previous_reports", "", "box1", "Reports of studies included in previous version of review"),
    ("", "node6", "newstud", "Identification of new studies via databases and registers"),
    ("database_results", "node7", "box2", "Databases"),
    ("database_specific_results", "", "box2", "Databases"),
    ("register_results", "", "box2", "Registers"),
    ("register_specific_results", "", "box2", "Registers"),
    ("", "node16", "othstud", "Identification of new studies via other methods"),
    ("website_results", "node17", "box11", "Websites"),
    ("organisation_results", "", "box11", "Organisations"),
    ("citations_results", "", "box11", "Citation searching"),
    ("duplicates", "node8", "box3", "Duplicate records"),
    ("excluded_automatic", "", "box3", "Records marked as ineligible by automation tools"),
    ("excluded_other", "", "box3", "Records removed for other reasons"),
    ("records_screened", "node9", "box4", "Records screened"),
    ("records_excluded", "node10", "box5", "Records excluded"),
    ("dbr_sought_reports", "node11", "box6", "Reports sought for retrieval"),
    ("dbr_notretrieved_reports", "node12", "box7", "Reports not retrieved"),
    ("other_sought_reports", "node18", "box12", "Reports sought for retrieval"),
    ("other_notretrieved_reports", "node19", "box13", "Reports not retrieved"),
    ("dbr_assessed", "node13", "box8", "Reports assessed for eligibility"),
    ("dbr_excluded", "node14", "box9", "Reports excluded"),
    ("other_assessed", "node20", "box14", "Reports assessed for eligibility"),
    ("other_excluded", "node21", "box15", "Reports excluded"),
    ("new_studies", "node15", "box10", "New studies included in review"),
    ("new_reports", "", "box10", "Reports of new included studies"),
    ("total_studies", "node22", "box16", "Total studies included in review"),
    ("total_reports", "", "box16", "Reports of total included studies"),
    ("total_studies_ma", "node23", "box17", "Total studies included in meta-analysis"),
    ("total_reports_ma", "", "box17", "Reports of total included studies in meta-analysis"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)
"""Data, node, box and text of each row, as in the package's PRISMA.csv. English by the package's own contract."""

NOT_KNOWN = "NA"
"""How R writes what is missing."""


def as_json(flow: Flow) -> str:
    """Write the counts as one JSON object that `prisma check` reads."""
    return json.dumps(flow.as_dict(), ensure_ascii=False, indent=1) + "\n"


def as_csv(flow: Flow) -> str:
    """Write the counts in the R package's columns.

    The package finds rows by part of a name (`duplicates` would meet `other_duplicates`), so our own keys stand in
    `box` on rows without `data`, where it does not look.
    """
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(COLUMNS)
    values = flow.as_dict()
    for data, node, box, text in ROWS:
        n = _cell(values.get(data, 0))
        table.writerow([_defused(cell or NOT_KNOWN) for cell in (data, node, box, text, text, text, "", n)])
    for key in OWN:
        if key not in TOTALS.values() or key in values:
            table.writerow([NOT_KNOWN, NOT_KNOWN, key, key, key, NOT_KNOWN, NOT_KNOWN, _defused(_cell(values[key]))])
    return out.getvalue()


def _cell(value: object) -> str:
    """Write a number, or names with their numbers as `name, n; name, n`."""
    if isinstance(value, dict):
        return "; ".join(f"{_plain(name)}, {_cell(n)}" for name, n in value.items()) or "0"
    return NOT_KNOWN if value is None else str(value)


def _plain(name: str) -> str:
    """Keep a name in one piece: a semicolon would end it, a line break part it, a control character spoil the file."""
    letters = (" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in name.replace(";", ","))
    return " ".join("".join(letters).split()) or "?"


def _defused(cell: str) -> str:
    """Keep a spreadsheet from running a cell that begins like a formula; a negative number is none."""
    dangerous = cell.startswith(FORMULA) and not cell.removeprefix("-").isdecimal()
    return f"'{cell}" if dangerous else cell
