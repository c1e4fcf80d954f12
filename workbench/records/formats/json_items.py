"""JSON in flat memory: one object after the other, cut out of the text and read by itself.

The objects are the members of one array (CSL-JSON; `{"studies": […]}` of ClinicalTrials.gov), one object alone, or one
after the other without an array. A value's tag is its path below the object, as in a JSON pointer: `author/0/family`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain

from workbench.records.formats.cuts import MOST_IN_ONE, Cut, apart, cut_out, too_large
from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Unreadable
from workbench.words import _

DEEPEST = 100
"""How deep values may stand in each other; the deepest export at hand has nine levels."""

_HEAD = 10_000
"""Characters from which it is told where the objects stand."""
_MARK = re.compile(r'["{}\[\]]')
_STRING = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
_FIELD = r'"[^"]*"\s*:\s*(?:"[^"]*"|[-\w.+]+)\s*,\s*'
_WRAPPED = re.compile(rf'\s*\{{\s*(?:{_FIELD}){{0,20}}"(?:studies|items|references)"\s*:\s*\[')
_BLANK = " \t\n\r\ufeff"
_BETWEEN = _BLANK + ",[]"
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def records(blocks: Iterable[str]) -> Iterator[Piece]:
    """Read every object of a JSON file.

    Raises:
        Unreadable: values stand in each other deeper than any export has them, or one object is larger than any.
    """
    for cut in apart(cuts(blocks)):
        yield _record(cut)


def cuts(blocks: Iterable[str]) -> Iterator[Cut]:
    """Cut the objects out of a text."""
    stream, head = iter(blocks), ""
    while len(head) < _HEAD and (block := next(stream, "")):
        head += block
    is_list = head.lstrip(_BLANK).startswith("[")
    outside = 2 if _WRAPPED.match(head) else int(is_list)
    return _Cutter(outside).through(chain([head], stream))


class _Cutter:
    """Follows brackets while a text goes by, and keeps no more of it than one object.

    `outside` is how many brackets are open where an object begins.
    """

    def __init__(self, outside: int) -> None:
        self.outside, self.depth = outside, 0
        self.text, self.at, self.seen, self.line = "", 0, 0, 1
        self.in_string = False

    def through(self, blocks: Iterable[str]) -> Iterator[Cut]:
        """Hand out the objects of a text, and what stands between the members of a list and is none."""
        for block in blocks:
            self.text, self.seen, self.at = self.text[self.at :] + block, self.seen - self.at, 0
            for begins, place in self._edges():
                yield from self._between(place) if begins else [cut_out(self.text[self.at : place], self.line)]
                self._move(place)
            if len(self.text) - self.at > MOST_IN_ONE:
                raise too_large(self.line)
        if self.depth > self.outside:
            yield cut_out(self.text[self.at :].rstrip(), self.line, whole=False)
        else:
            yield from self._between(len(self.text))

    def _edges(self) -> Iterator[tuple[bool, int]]:
        """Hand out where objects begin (True) and end (False) in the text at hand."""
        while self._leaves_string() and (mark := _MARK.search(self.text, self.seen)):
            self.seen = mark.end()
            if mark[0] == '"':
                self.in_string = True
            elif mark[0] in "{[":
                self._deepen()
                if self.depth == self.outside + 1:
                    yield True, mark.start()
            else:
                self.depth -= 1
                if self.depth == self.outside:
                    yield False, mark.end()
        if not self.in_string:
            self.seen = len(self.text)

    def _leaves_string(self) -> bool:
        """Go on behind the string that is open, if one is; say whether its end is at hand."""
        if self.in_string:
            inside = _STRING.match(self.text, self.seen)
            self.seen = inside.end() if inside else self.seen
            self.in_string = not self.text.startswith('"', self.seen)
            self.seen += not self.in_string
        return not self.in_string

    def _deepen(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable(_("The JSON is nested deeper than %(n)s levels, so this is no export.", n=DEEPEST))

    def _between(self, end: int) -> Iterator[Cut]:
        """Hand out members of the list that are no objects; what stands around the list is no loss."""
        kept = self.text[self.at : end].strip(_BETWEEN)
        if kept and self.outside < 2:
            yield cut_out(kept, self.line + self.text[self.at : end].split(kept[0], 1)[0].count("\n"))

    def _move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end


def _record(cut: Cut) -> Piece:
    """Read one object, or say why it cannot be read."""
    if not cut.whole:
        return Rejected(cut.first, cut.last, _("The file is cut off inside this record."))
    try:
        found = json.loads(cut.text, strict=False)
    except ValueError as error:
        return Rejected(cut.first, cut.last, _("This is not valid JSON: %(why)s", why=str(error)))
    if not isinstance(found, dict):
        return Rejected(cut.first, cut.last, _("This is no record, which would stand in curly brackets."))
    pairs = list(_pairs(cut.text, cut.at))
    return RawRecord(cut.first, cut.last, pairs) if pairs else Rejected(cut.first, cut.last, _("This record is empty."))


def _pairs(text: str, line: int) -> Iterator[Pair]:
    """Hand out every value of an object that is known to be valid, in its order, with its path and line."""
    path: list[str | int | None] = []
    seen = 0
    for token in _TOKEN.finditer(text):
        line, seen = line + text.count("\n", seen, token.start()), token.start()
        word = token[0]
        if word in "{[":
            path.append(None if word == "{" else 0)
        elif word in "}]":
            path.pop()
        elif word == ",":
            path[-1] = place + 1 if isinstance(place := path[-1], int) else None
        elif word != ":":
            value = _value(word)
            if path[-1] is None:
                path[-1] = value
            elif value:
                yield "/".join(map(str, path)), value, line


def _value(word: str) -> str:
    """Return a value as text; what is null is none. Half a character, as JSON can write it, is no text."""
    if word[0] != '"':
        return "" if word == "null" else word
    value = str(json.loads(word, strict=False))
    return _NO_TEXT.sub("\ufffd", value) if _NO_TEXT.search(value) else value
