"""The tags of one record, asked by field."""

import re
from collections.abc import Iterable

from workbench.records.formats.raw import Pair
from workbench.records.rules import values
from workbench.records.rules.mapping import FieldTable

MOST_SETS = 4096
_FLATTENED = re.compile(r"\s{4,}(?=[A-Z][A-Z0-9]\s{1,2}- )")
_TAG = re.compile(r"([A-Z][A-Z0-9])\s{1,2}- (.*)", re.DOTALL)


class Tags:
    """The pairs of one record by tag, asked by field; pairs without a value are left out."""

    def __init__(self, pairs: Iterable[Pair], table: FieldTable) -> None:
        self.table = table
        self.by: dict[str, list[Pair]] = {}
        for pair in pairs:
            if "    " in pair[1]:
                for part in unflattened(pair):
                    self._add(part[0], part)
            else:
                self._add(pair[0], pair)
        self.present = _present(table, tuple(self.by))

    @classmethod
    def named(cls, pairs: Iterable[tuple[str, Pair]], table: FieldTable) -> "Tags":
        """Keep pairs under other names than their own tags."""
        tags = cls((), table)
        for name, pair in pairs:
            tags._add(name, pair)
        tags.present = _present(table, tuple(tags.by))
        return tags

    def _add(self, tag: str, pair: Pair) -> None:
        """Keep a pair under a tag, unless it holds nothing."""
        if not pair[1] or pair[1].isspace():
            return
        if tag in self.by:
            self.by[tag].append(pair)
        else:
            self.by[tag] = [pair]

    def every(self, name: str) -> list[Pair]:
        """Return every pair of a field's tags, the best tag first."""
        tags = self.present.get(name)
        if tags is None:
            return []
        if len(tags) == 1:
            return self.by[tags[0]]
        return [pair for tag in tags for pair in self.by[tag]]

    def first(self, name: str) -> Pair | None:
        """Return the best pair of a field."""
        return next(iter(self.every(name)), None)

    def one(self, name: str) -> str | None:
        """Return the best value of a field on one line."""
        return next((cleaned for pair in self.every(name) if (cleaned := values.text(pair[1]))), None)

    def several(self, name: str) -> list[str]:
        """Return all values of a field, split where its table says so, each once."""
        split = self.table.splits.get(name)
        found: dict[str, None] = {}
        for _tag, value, _line in self.every(name):
            for part in split.split(value) if split else (value,):
                if cleaned := values.text(part).strip(" ;,"):
                    found[cleaned] = None
        return list(found)


def _present(table: FieldTable, tags: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Say which of a field's tags a record has; records of one file share few sets of tags, so this is kept."""
    known = table.present.get(tags)
    if known is None:
        there = frozenset(tags)
        of_field = {name: tuple(tag for tag in wanted if tag in there) for name, wanted in table.fields.items()}
        known = {name: wanted for name, wanted in of_field.items() if wanted}
        if len(table.present) < MOST_SETS:
            table.present[tags] = known
    return known


def unflattened(pair: Pair) -> list[Pair]:
    """Give back the tags that Rayyan writes behind each other into one value.

    >>> unflattened(("UR", "https://a.example     U2  - L2029880245", 7))
    [('UR', 'https://a.example', 7), ('U2', 'L2029880245', 7)]
    """
    first, *rest = _FLATTENED.split(pair[1])
    found = [(part, _TAG.match(part)) for part in rest]
    return [(pair[0], first, pair[2])] + [(match[1], match[2], pair[2]) for _part, match in found if match]
