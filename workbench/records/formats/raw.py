"""What a file gives before anything is interpreted: raw records, lines that were rejected, and warnings."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from lxml import etree

from workbench.errors import Invalid

Pair = tuple[str, str, int]
"""One tag, its value as delivered, and the line on which the tag stands (counted from 1)."""


Place = tuple[str, Any, int]
"""One element of XML: its path below the record, the element itself (of either parser), and its line."""


class Unreadable(Invalid):
    """A file is read only when at least one record is found in it."""

    hint: ClassVar[str] = (
        "Export it again as RIS, PubMed (.nbib or XML) or CSV, and give the file as the database delivered it."
    )


class Rejected(NamedTuple):
    """Lines that look like part of a record but could not be read as one; both line numbers are included."""

    line: int
    last_line: int
    reason: str


class Warning_(NamedTuple):  # noqa: N801  # Warning is Python's own
    """Something a person should know about a line that was read."""

    line: int
    reason: str


@dataclass(slots=True)
class RawRecord:
    """One record as delivered: its first and last line and every tag; XML keeps its elements for the mapping."""

    first: int
    last: int
    pairs: list[Pair] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    element: etree._Element | None = None


Piece = RawRecord | Rejected | Warning_
"""What a reader of a format hands out, in the order of the file."""
