"""EndNote XML: one `record` after the other, often all on one line; the text stands in `style` elements.

How a text is set (face, font, size) is no part of it and is left out; everything else comes with its path.
"""

from collections.abc import Iterable, Iterator

from workbench.records.formats import elements
from workbench.records.formats.raw import Piece

_INLINE = frozenset(("style",))


def records(blocks: Iterable[str]) -> Iterator[Piece]:
    """Read every reference of an EndNote XML file."""
    return elements.records(blocks, "record", _INLINE)
