"""The tags of one record, asked by field."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from workbench.records.formats.raw import Pair
from workbench.records.rules import values
from workbench.records.rules.mapping import Fields, FieldTable

MOST_SETS = 4096
_FLATTENED = re.compile(r"\s{4,}(?=[A-Z][A-Z0-9]\s{1,2}- )")
_TAG = re.compile(r"([A-Z][A-Z0-9])\s{1,2}- (.*)", re.DOTALL)


class Shape(dict[str, tuple[str, ...]]):
    """Which of a field's tags a record has, the best first; records of one file share few sets of tags.

    `ways` keeps what others conclude from a set of tags, such as where to look for a DOI.
    """

    __slots__ = ("ways",)

    def __init__(self, fields: Fields, tags: Iterable[str]) -> None:
        there = frozenset(tags)
        of_field = ((name, tuple(tag for tag in wanted if tag in there)) for name, wanted in fields.items())
        super().__init__((name, found) for name, found in of_field if found)
        self.ways: Any = None


class Tags:
    """The pairs of one record by tag, asked by field; pairs without a value are left out."""

    __slots__ = ("by", "present", "table")

    def __init__(self, pairs: Iterable[Pair], table: FieldTable) -> None:
        self.table = table
        self.by: dict[str, list[Pair]] = {}
        by = self.by
        for pair in pairs:
            tag, value, _line = pair
            if "    " in value and "- " in value:
                for part in unflattened(pair):
                    self._add(part[0], part)
            elif value and not value.isspace():
                if tag in by:
                    by[tag].append(pair)
                else:
                    by[tag] = [pair]
        self.present = _shape(table, tuple(by))

    @classmethod
    def named(cls, pairs: Iterable[tuple[str, Pair]], table: FieldTable) -> "Tags":
        """Keep pairs under other names than their own tags."""
        tags = cls((), table)
        for name, pair in pairs:
            tags._add(name, pair)
        tags.present = _shape(table, tuple(tags.by))
        return tags

    def _add(self, tag: str, pair: Pair) -> None:
        """Keep a pair under a tag, unless it holds nothing."""
        if not pair[1] or pair[1].isspace():
            return
        if tag in self.by:
            self.by[tag].append(pair)
        else:
            self.by[tag] = [pair]

    def every(self, name: str) -> Sequence[Pair]:
        """Return every pair of a field's tags, the best tag first."""
        tags = self.present.get(name)
        if tags is None:
            return ()
        if len(tags) == 1:
            return self.by[tags[0]]
        return [pair for tag in tags for pair in self.by[tag]]

    def first(self, name: str) -> Pair | None:
        """Return the best pair of a field."""
        tags = self.present.get(name)
        return self.by[tags[0]][0] if tags else None

    def one(self, name: str) -> str | None:
        """Return the best value of a field on one line."""
        for tag in self.present.get(name, ()):
            for pair in self.by[tag]:
                if cleaned := values.text(pair[1]):
                    return cleaned
        return None

    def repeated(self, name: str) -> str | None:
        """Return the best value of a field whose values come again and again, such as the journal."""
        for tag in self.present.get(name, ()):
            for pair in self.by[tag]:
                if cleaned := values.name(pair[1]):
                    return cleaned
        return None

    def parts(self, name: str, split: re.Pattern[str] | None) -> Iterator[str]:
        """Hand out the values of a field, cut where several stand in one."""
        if split is None:
            return (pair[1] for pair in self.every(name))
        if split.pattern == "\n":
            return (part for pair in self.every(name) for part in pair[1].split("\n"))
        return (part for pair in self.every(name) for part in split.split(pair[1]))

    def several(self, name: str, marks: str = " ;,") -> list[str]:
        """Return all values of a field, split where its table says so, each once, without marks around it."""
        if name not in self.present:
            return []
        return each_once(self.parts(name, self.table.splits.get(name)), marks)


def each_once(parts: Iterable[str], marks: str = " ;,") -> list[str]:
    """Return texts on one line without marks around them, each once."""
    found: dict[str, None] = {}
    text = values.text
    for part in parts:
        if cleaned := text(part).strip(marks):
            found[cleaned] = None
    return list(found)


def _shape(table: FieldTable, tags: tuple[str, ...]) -> Shape:
    """Return the shape of a record with these tags."""
    known = table.present.get(tags)
    if known is None:
        known = Shape(table.fields, tags)
        if len(table.present) < MOST_SETS:
            table.present[tags] = known
    return cast(Shape, known)


def unflattened(pair: Pair) -> list[Pair]:
    """Give back the tags that Rayyan writes behind each other into one value.

    >>> unflattened(("UR", "https://a.example     U2  - L2029880245", 7))
    [('UR', 'https://a.example', 7), ('U2', 'L2029880245', 7)]
    """
    first, *rest = _FLATTENED.split(pair[1])
    found = [(part, _TAG.match(part)) for part in rest]
    return [(pair[0], first, pair[2])] + [(match[1], match[2], pair[2]) for _part, match in found if match]
