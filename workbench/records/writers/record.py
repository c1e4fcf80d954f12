"""What every writer of records is given, and how it says what a format cannot carry."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.records.rules import Item
from workbench.words import _

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML forbids or that no text of a reference holds; a line end is none of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record to be written.

    Attributes:
        id: how the list it comes from names it.
        record: what it is; `raw` is not asked for.
        beside: what the list says of it, by column; only tables carry it.
    """

    id: str
    record: Item
    beside: Mapping[str, str] = field(default_factory=dict)


class Losses:
    """Counts, while records are written, what their format cannot carry."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        self.written = 0

    def plain(self, value: object) -> str:
        """Return a value as text; a control character becomes a blank."""
        text = str(value)
        if not _CONTROL.search(text):
            return text
        self.times[_("control characters were replaced by blanks")] += 1
        return _CONTROL.sub(" ", text)

    def one(self, value: object | None) -> str:
        """Return a value on one line; nothing is an empty text."""
        return "" if value is None else " ".join(self.plain(value).split("\n"))

    def several(self, values: Sequence[str]) -> list[str]:
        """Return values that hold something, each on one line."""
        return [text for value in values if (text := self.one(value).strip())]

    def lines(self, value: str | None) -> list[str]:
        """Return the lines of an abstract that hold something."""
        return [line for part in self.plain(value or "").split("\n") if (line := part.strip())]

    def joined(self, values: Sequence[str]) -> str:
        """Return values in one cell, apart by a semicolon; each on a line of its own where one holds a semicolon."""
        kept = self.several(values)
        return "\n" + "\n".join(kept) if any("; " in value for value in kept) else "; ".join(kept)
