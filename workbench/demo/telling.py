"""What the demonstration did, asked of the facts: as one object, and as a table to read."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.demo.people import PEOPLE
from workbench.records import queries as records
from workbench.reporting.queries import counted, scope_of
from workbench.reporting.queries.boxes import FIRST, OTHER, conflicts
from workbench.reporting.rules import Flow, equations, is_draft
from workbench.reporting.rules.flow import COUNTS, TOTALS
from workbench.reviews import queries as reviews
from workbench.reviews.rules import Stage
from workbench.words import _


def tell(session: Session, home: Path, slug: str) -> dict[str, Any]:
    """Everything `demo --json` prints, both lanes together."""
    review = reviews.review_by_slug(session, slug)
    found = deduplication.counts(session, review.id)
    count = counted(session, review.id, scope_of(session, review.id))
    flow, numbers = count.flow, count.numbers
    checks = equations(flow)
    return {
        "home": str(home),
        "review": slug,
        "files": _files(session, review.id),
        "records": found.records,
        "duplicates": {"automatic": found.automatic, "by_person": found.by_person, "waiting": found.waiting},
        "title_abstract": _title_abstract(numbers),
        "full_text": _full_text(numbers),
        "included": {"reports": flow["new_reports"], "studies": flow["new_studies"]},
        "prisma": _prisma(flow),
        "equations": [{"id": one.id, "holds": one.holds} for one in checks],
        "draft": is_draft(flow, checks),
        "people": [person.as_dict() for person in PEOPLE],
    }


def _files(session: Session, review_id: int) -> list[dict[str, Any]]:
    """Every file that counts: what it held, rejected entries included."""
    return [
        {"file": one.the_import.file_name, "format": one.the_import.format, "records": one.the_import.records_in_file,
         "imported": one.records, "rejected": one.rejected}
        for one in records.arrivals(session, review_id) if one.counts
    ]  # fmt: skip


def _both(numbers: Mapping[str, int], name: str) -> int:
    """A number of the first column and of the other methods together."""
    return numbers[getattr(FIRST, name)] + numbers[getattr(OTHER, name)]


def _title_abstract(numbers: Mapping[str, int]) -> dict[str, int]:
    open_conflicts = numbers[conflicts(Stage.TITLE_ABSTRACT)]
    sought, excluded, undecided = (_both(numbers, name) for name in ("sought", "excluded", "undecided"))
    return {"screened": sought + excluded + undecided, "included": sought, "excluded": excluded,
            "conflicts": open_conflicts, "pending": undecided - open_conflicts}  # fmt: skip


def _full_text(numbers: Mapping[str, int]) -> dict[str, int]:
    open_conflicts = numbers[conflicts(Stage.FULL_TEXT)]
    return {"sought": _both(numbers, "sought"), "not_retrieved": _both(numbers, "missing"),
            "assessed": _both(numbers, "assessed"), "included": numbers["included"],
            "excluded": _both(numbers, "reasons"), "conflicts": open_conflicts,
            "pending": _both(numbers, "open") - open_conflicts}  # fmt: skip


def _prisma(flow: Flow) -> dict[str, int | None]:
    """The flow as whole numbers only: reports excluded at full text as their sum, no list of sources or reasons."""
    values = {key: flow[key] for key in COUNTS if key not in TOTALS.values()}
    return values | {key: flow.excluded(key) for key in TOTALS}


def as_table(told: Mapping[str, Any]) -> str:
    """The same to read."""
    head = (_("file"), _("format"), _("records"), _("imported"), _("rejected"))
    files = [[str(value) for value in one.values()] for one in told["files"]]
    return "\n".join([*_columns([head, *files]), "", *_columns(_rows(told))])


def _rows(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    duplicates, screened, read = told["duplicates"], told["title_abstract"], told["full_text"]
    outcomes = _("%(included)s included, %(excluded)s excluded, %(conflicts)s in conflict, %(pending)s pending")
    return [
        (_("Records"), str(told["records"])),
        (_("Duplicates"), _("%(automatic)s by themselves, %(by_person)s by a person, %(waiting)s wait", **duplicates)),
        (_("Title and abstract"), _("%(screened)s screened:", **screened) + " " + outcomes % screened),
        (_("Full texts"), _("%(sought)s sought, %(not_retrieved)s not retrieved, %(assessed)s assessed:", **read)),
        ("", outcomes % read),
        (_("Included"), _("%(reports)s reports of %(studies)s studies", **told["included"])),
        (_("PRISMA sums"), _sums(told)),
    ]


def _sums(told: Mapping[str, Any]) -> str:
    checks = [one["holds"] for one in told["equations"] if one["id"] != "R15"]
    numbers = {"holding": checks.count(True), "failing": checks.count(False), "unknown": checks.count(None)}
    said = _("%(holding)s hold, %(failing)s fail, %(unknown)s not checked", **numbers)
    return said + (_("; a draft while work remains") if told["draft"] else "")


def _columns(rows: Iterable[Iterable[str]]) -> list[str]:
    """Rows of text with their columns one under another."""
    table = [list(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
