"""What the people of the demonstration do, record by record, read from script.csv."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.deduplication.models import Answer
from workbench.screening.rules import Ballot, Decision, Design

HERE = Path(__file__).resolve().parent
EXPORTS = HERE / "exports"
IN_HAND = " in hand"

FILES = {
    "cochrane.ris": "demo-cochrane",
    "embase.csv": "demo-embase-csv",
    "websites.ris": "demo-websites",
    "pubmed.nbib": "demo-pubmed",
    "embase.ris": "demo-embase-ris",
}
"""Each export with the search run of the protocol that brought it."""

EXPLAINED = ("demo-embase-csv", 1, "Embase counted one record that it had withdrawn before the export was made.")
"""The run whose difference somebody explained; that of demo-embase-ris is left for whoever looks around."""

ANSWERS = (
    ("embase.csv#21", "websites.ris#2", Answer.SAME),
    ("cochrane.ris#12", "embase.ris#17", Answer.TWO),
)
"""Doubtful pairs that a person has answered; the others wait."""

ONE_STUDY = ("pubmed.nbib#38", "pubmed.nbib#28")
"""Reports that the lead gathers into one study; what else may be one is left as suggestions."""


@dataclass(frozen=True, slots=True)
class Line:
    """What happens to one record, named `<file>#<number>`; an empty text is nothing yet.

    Votes are written "exclude", "exclude <reason>" or "include <design> <questions>"; a way out of a conflict is a path
    (consensus, adjudication, proposal or said) followed by a vote.
    """

    record: str
    title: str
    removed: str
    lead: str
    lead_note: str
    second: str
    second_note: str
    settled: str
    why: str
    report: str
    report_note: str
    full_text_lead: str
    full_text_lead_note: str
    full_text_second: str
    full_text_second_note: str
    full_text_settled: str
    full_text_why: str


def read_script() -> list[Line]:
    """Every line of the script, in the order of the file."""
    with (HERE / "script.csv").open(encoding="utf-8", newline="") as file:
        return [Line(**row) for row in csv.DictReader(file)]


def ballot(text: str, reasons: Mapping[str, int]) -> Ballot:
    """Read a vote of the script.

    >>> ballot("include randomised-trial solid technique", {}).questions
    ('solid', 'technique')
    >>> ballot("exclude design", {"design": 5}).reason_id
    5
    """
    match text.split():
        case ["include", design, *questions]:
            return Ballot(Decision.INCLUDE, questions=tuple(questions), design=Design(design))
        case ["exclude", reason]:
            return Ballot(Decision.EXCLUDE, reasons[reason])
        case _:
            return Ballot(Decision(text))
