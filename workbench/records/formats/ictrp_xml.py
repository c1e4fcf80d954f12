"""The XML of WHO's register of registers (ICTRP): one `Trial` after the other, values padded with blanks."""

from collections.abc import Iterable, Iterator

from workbench.records.formats import elements
from workbench.records.formats.raw import Piece


def records(blocks: Iterable[str]) -> Iterator[Piece]:
    """Read every trial of an ICTRP file."""
    return elements.records(blocks, "Trial", frozenset())
