"""The XML of WHO's register of registers (ICTRP): one `Trial` after the other, values padded with blanks."""

from collections.abc import Iterator
from typing import BinaryIO

from workbench.records.formats import elements
from workbench.records.formats.parts import parts
from workbench.records.formats.raw import Piece


def records(source: BinaryIO) -> Iterator[Piece]:
    """Read every trial of an ICTRP file."""
    return elements.records(parts(source), "Trial", frozenset())
