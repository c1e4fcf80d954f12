"""Read YAML 1.2 as a librarian writes it: every value knows its line, and nothing is guessed.

`no` stays text, a date stays as written, and whatever makes a file mean more than it shows (aliases, anchors, merge
keys, tags) is refused. The parser's events are read one by one, so no value is ever built by the YAML library.
"""

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from workbench.protocols.formats.problem import Path, Problem, path_text
from workbench.words import _

LARGEST_FILE = 1_000_000
"""Bytes. A protocol of twenty sources takes some 30,000; a larger file is a mistake or an attack."""

_DEEPEST = 30
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CUT_OFF = re.compile(r"\s+#\d")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its line (from 1), and its characters as written if it is a single value."""

    line: int
    written: str = ""


@dataclass(slots=True)
class Written:
    """A file as read: plain JSON values, the place of each, and what hinders reading it."""

    document: object = None
    places: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of a value, or of the nearest thing around it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path].line if path in self.places else 1


class _CannotGoOnError(Exception):
    """Reading cannot go on; the problem has been noted."""


def read_yaml(data: bytes) -> Written:
    """Read the bytes of a protocol file.

    Never raises for what a file may hold: what hinders reading stands in `.problems`, and then `.document` may be
    incomplete.
    """
    written = Written()
    text = _decoded(data, written)
    if text is not None:
        _read_text(text, written)
    return written


def _decoded(data: bytes, written: Written) -> str | None:
    if len(data) > LARGEST_FILE:
        message = _("The file holds %(n)s bytes, more than 1 MB.", n=f"{len(data):,}")
        remedy = _("Give the protocol alone; exports and results are imported on their own.")
        written.problems.append(Problem(1, "", message, remedy))
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        remedy = _("Save the file as plain text in UTF-8.")
        written.problems.append(Problem(line, "", _("The file is not text in UTF-8."), remedy))
        return None


def _read_text(text: str, written: Written) -> None:
    reader = _Reader(text, written)
    try:
        written.document = reader.whole()
    except _CannotGoOnError:
        return
    except MarkedYAMLError as error:
        written.problems.append(_syntax_problem(error))
    except (YAMLError, ValueError, OverflowError) as error:
        line = text.count("\n", 0, getattr(error, "position", None) or 0) + 1
        message = _("A character here is not allowed in a text file.")
        written.problems.append(Problem(line, "", message, _("Delete it, or type the line anew.")))


class _Reader:
    """Turns the parser's events into values, and notes the line of each."""

    def __init__(self, text: str, written: Written) -> None:
        self.lines = text.splitlines()
        self.written = written
        self.events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(io.StringIO(text)))

    def whole(self) -> object:
        """Read the one document of the file."""
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                value = self.value(next(self.events), ())
                self.expect_the_end()
                return value
        self.note(1, (), _("The file is empty."), _("Start from one of the shipped protocols."))
        raise _CannotGoOnError

    def expect_the_end(self) -> None:
        """Refuse a second document."""
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                message = _("A second document begins here, after a line of three hyphens.")
                self.note(event.start_mark.line + 1, (), message, _("Write one protocol per file."))
                raise _CannotGoOnError

    def note(self, line: int, path: Path, message: str, remedy: str) -> None:
        """Keep a problem."""
        self.written.problems.append(Problem(line, path_text(path), message, remedy))

    def value(self, event: Any, path: Path) -> object:
        """Read the value that begins with this event."""
        self.written.places.setdefault(path, Place(event.start_mark.line + 1))
        self.refuse_hidden_meaning(event, path)
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path) if isinstance(event, ScalarEvent) else None

    def refuse_hidden_meaning(self, event: Any, path: Path) -> None:
        """Refuse aliases, anchors, tags, and nesting without end."""
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent):
            message = _("*%(name)s points to another place in the file (a YAML alias).", name=event.anchor)
            self.note(line, path, message, _("Write the value out here; a text that begins with * stands in quotes."))
        elif event.anchor is not None:
            message = _("&%(name)s names a place in the file (a YAML anchor).", name=event.anchor)
            self.note(line, path, message, _("Delete it; a text that begins with & stands in quotes."))
        elif event.tag is not None:
            message = _("The value carries a YAML tag (!).")
            self.note(line, path, message, _("Delete the tag; a text that begins with ! stands in quotes."))
        elif len(path) > _DEEPEST:
            self.note(line, path[:3], _("The lists are nested too deep."), _("Check the brackets and the indentation."))
            raise _CannotGoOnError

    def sequence(self, path: Path) -> list[object]:
        """Read a list to its end."""
        values: list[object] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            values.append(self.value(event, (*path, len(values))))
        return values

    def mapping(self, path: Path) -> dict[str, object]:
        """Read keys and values to the end; of a key given twice the first counts."""
        values: dict[str, object] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            key = self.key(event, path)
            at = (*path, key)
            twice = key in values
            if twice:
                self.refuse_duplicate(event.start_mark.line + 1, at)
                at = (*at, "(again)")
            self.written.places[at] = Place(event.start_mark.line + 1)
            value = self.value(next(self.events), at)
            if not twice:
                values[key] = value
        return values

    def key(self, event: Any, path: Path) -> str:
        """Read a key, which is always a plain text."""
        self.refuse_hidden_meaning(event, path)
        line = event.start_mark.line + 1
        if not isinstance(event, ScalarEvent):
            self.note(line, path, _("A key must be a single word."), _("Write it as `key: value`."))
            raise _CannotGoOnError
        if event.value == "<<":
            message = _("<< takes over values from another place in the file (a YAML merge key).")
            self.note(line, path, message, _("Write the values out here."))
        self.refuse_unstorable(event, path)
        return str(event.value)

    def refuse_duplicate(self, line: int, path: Path) -> None:
        """Say that a key was given before, and where."""
        first = self.written.places[path].line
        message = _("“%(key)s” is given twice; the first is in line %(line)s.", key=path[-1], line=first)
        self.note(line, path, message, _("Delete one of the two, or join them into one."))

    def scalar(self, event: Any, path: Path) -> object:
        """Read a single value: quoted is text, unquoted follows the core schema of YAML 1.2 without dates."""
        line = self.written.places[path].line
        self.refuse_unstorable(event, path)
        if event.style is not None:
            return str(event.value)
        self.written.places[path] = Place(line, event.value)
        self.refuse_cut_off(event, path)
        return _plain_value(event.value)

    def refuse_unstorable(self, event: Any, path: Path) -> None:
        """Refuse control characters, which no database keeps and nobody sees."""
        if _UNSTORABLE.search(event.value):
            message = _("The text holds a control character.")
            self.note(event.start_mark.line + 1, path, message, _("Delete it, or type the text anew."))
            raise _CannotGoOnError

    def refuse_cut_off(self, event: Any, path: Path) -> None:
        """Refuse `query: 1 AND #2` without quotes: YAML takes what follows # as a comment and drops it."""
        mark = event.end_mark
        rest = self.lines[mark.line][mark.column :] if mark.line < len(self.lines) else ""
        if _CUT_OFF.match(rest):
            message = _("Without quotes, what follows # is taken as a comment and lost.")
            self.note(mark.line + 1, path, message, _('Put the whole text in quotes, such as "#1 AND #2".'))


def _plain_value(text: str) -> object:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _DECIMAL.fullmatch(text):
        return text
    number = float(text)
    if not math.isfinite(number):
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _syntax_problem(error: MarkedYAMLError) -> Problem:
    wrong, context = str(error.problem or ""), str(error.context or "")
    mark = error.context_mark if "quoted" in context else error.problem_mark
    line = (mark or error.problem_mark or error.context_mark).line + 1
    for sign, message, remedy in _syntax_words():
        if sign in wrong or sign in context:
            return Problem(line, "", message, remedy)
    message = _("From here on the file cannot be read: %(wrong)s.", wrong=wrong)
    return Problem(line, "", message, _("Check quotes, brackets and indentation in this line and the one before."))


def _syntax_words() -> list[tuple[str, str, str]]:
    """Signs in the parser's own words, in order of precedence, and what they mean to the person who typed."""
    quotes = _("Put the whole text in quotes; if it holds double quotes itself, in single ones: '\"spine\"[Mesh]'.")
    indent = _("Check that keys of the same level begin in the same column, and that brackets are closed.")
    return [
        ("'\\t'", _("The line is indented with a tab."), _("Use spaces.")),
        ("cannot start any token", _("The text begins with a character that has a meaning in YAML."), quotes),
        ("mapping values are not allowed", _("There is a colon within the text, or the indentation is off."), quotes),
        ("unknown escape character", _("There is a \\ within double quotes."), _("Use single quotes instead.")),
        ("quoted scalar", _("A text that begins with a quotation mark does not end with one."), quotes),
        ("could not find expected ':'", _("Here or in the line before, a colon after the key is missing."), indent),
        ("flow", _("A bracket is not closed, or a comma is missing."), indent),
        ("found '['", _("Text follows after the closing quotation mark."), quotes),
        ("'<scalar>'", _("Text follows after the closing quotation mark, or the indentation is off."), quotes),
        ("block", _("The indentation does not fit the lines before."), indent),
        ("document start", _("The indentation does not fit the lines before."), indent),
    ]
