"""BibTeX: entries taken apart one by one, so that a broken one spoils no other.

A value is delivered without the braces or quotation marks around it, its LaTeX kept; an abbreviation that the file
explains (`@string`) is delivered as what it stands for. The kind of an entry has the tag `@`, its key `@key`.
bibtexparser splits an entry into its fields; an entry that it refuses is read by its lines, if that gives a title.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.records.formats.cuts import MOST_IN_ONE, Cut, cut_out, too_large
from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Warning_
from workbench.words import _

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

_START = re.compile(r"^[ \t]*@(\w+)[ \t]*[{(]", re.MULTILINE)
_LONGEST_START = 200
_NO_ENTRY = frozenset(("comment", "preamble"))
_FIELD = re.compile(r"^[ \t]*([A-Za-z][\w:+.-]*)[ \t]*=[ \t]*(?=\S)", re.MULTILINE)
_KEY = re.compile(r"@\w+\s*[{(]\s*([^,{}=]*?)\s*,")
_TITLES = frozenset(("title", "booktitle"))


def records(blocks: Iterable[str]) -> Iterator[Piece]:
    """Read every entry of a BibTeX file."""
    macros: dict[str, str] = {}
    for cut in cuts(blocks):
        found = _START.match(cut.text)
        kind = found[1].lower() if found else ""
        if kind == "string":
            macros.update(_macro(cut.text))
        elif kind not in _NO_ENTRY:
            yield from _entry(cut, kind, macros)


def cuts(blocks: Iterable[str]) -> Iterator[Cut]:
    """Cut a text where a line begins an entry; what stands before the first belongs to none."""
    text, line, begun = "", 1, False
    for block in blocks:
        unseen = max(int(begun), len(text) - _LONGEST_START)
        text, at = text + block, 0
        for start in _START.finditer(text, unseen):
            if begun:
                yield cut_out(text[at : start.start()].rstrip(), line)
            line += text.count("\n", at, start.start())
            at, begun = start.start(), True
        text = text[at:]
        if len(text) > MOST_IN_ONE:
            raise too_large(line)
    if begun:
        yield cut_out(text.rstrip(), line)


def _blocks(text: str) -> "list[Block]":
    """Split a text into blocks; what goes wrong is said by us, not in a log."""
    from bibtexparser.splitter import Splitter

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    return Splitter(text).split().blocks


def _macro(text: str) -> dict[str, str]:
    """Return an abbreviation with what it stands for."""
    from bibtexparser.model import String

    return {one.key.lower(): _value(one.value, {}) for one in _blocks(text) if isinstance(one, String)}


def _entry(cut: Cut, kind: str, macros: Mapping[str, str]) -> Iterator[Piece]:
    """Turn an entry into a record, or say what is wrong with it."""
    first = _blocks(cut.text)[0]
    entry = _entry_of(first)
    if entry is None:
        yield from _by_lines(cut, kind, macros, getattr(first, "error", None))
        return
    last = cut.at + (entry.raw or "").count("\n")
    pairs = [(one.key, _value(one.value, macros), cut.at + (one.start_line or 0)) for one in entry.fields]
    yield _record((cut.first, last), kind, entry.key, pairs)
    rest = cut.text.lstrip()[len(entry.raw or "") :].strip()
    if rest and not rest.startswith("%"):
        yield Warning_(min(last + 1, cut.last), _("Behind the end of the entry stands text that belongs to no record."))


def _entry_of(block: "Block") -> "Entry | None":
    """Return the entry of a block, also of one that has a field twice; None where it could not be split."""
    from bibtexparser.model import DuplicateFieldKeyBlock, Entry

    found = block.ignore_error_block if isinstance(block, DuplicateFieldKeyBlock) else block
    return found if isinstance(found, Entry) else None


def _record(lines: tuple[int, int], kind: str, key: str, pairs: list[Pair]) -> Piece:
    """Return a record, unless the entry holds nothing."""
    if not any(value.strip() for _tag, value, _line in pairs):
        return Rejected(*lines, _("This entry holds nothing but its type."))
    head = [("@", kind, lines[0])] + ([("@key", key, lines[0])] if key else [])
    return RawRecord(*lines, head + [pair for pair in pairs if pair[1]])


def _by_lines(cut: Cut, kind: str, macros: Mapping[str, str], error: Any) -> Iterator[Piece]:
    """Read an entry whose braces do not fit by the lines on which its fields begin."""
    starts = list(_FIELD.finditer(cut.text))
    ends = [*(one.start() for one in starts[1:]), len(cut.text.rstrip().rstrip("})").rstrip())]
    pairs = [
        (
            one[1],
            _value(cut.text[one.end() : end].strip().rstrip(","), macros),
            cut.at + cut.text.count("\n", 0, one.start()),
        )
        for one, end in zip(starts, ends, strict=False)
    ]
    why = str(getattr(error, "abort_reason", error) or "").strip()
    if not any(tag.lower() in _TITLES and value for tag, value, _line in pairs):
        yield Rejected(cut.first, cut.last, _("The entry is not well-formed BibTeX: %(why)s", why=why))
        return
    yield Warning_(cut.first, _("The entry is not well-formed BibTeX (%(why)s); it was read line by line.", why=why))
    key = _KEY.search(cut.text)
    yield _record((cut.first, cut.last), kind, key[1] if key else "", pairs)


def _value(value: str, macros: Mapping[str, str]) -> str:
    """Return a value without what stands around it, its parts joined and its abbreviations written out."""
    value = value.strip()
    parts = _parts(value)
    if len(parts) == 1:
        return _bare(value, macros)
    return "".join(_bare(part.strip(), macros) for part in parts)


def _parts(value: str) -> list[str]:
    """Split a value at every # that stands outside braces and quotation marks."""
    if "#" not in value:
        return [value]
    parts, depth, quoted, at = [], 0, False, 0
    for place, letter in enumerate(value):
        is_plain = value[place - 1 : place] != "\\"
        if letter == '"' and not depth and is_plain:
            quoted = not quoted
        elif letter in "{}" and is_plain:
            depth += 1 if letter == "{" else -1
        elif letter == "#" and not depth and not quoted and is_plain:
            parts.append(value[at:place])
            at = place + 1
    return [*parts, value[at:]]


def _bare(value: str, macros: Mapping[str, str]) -> str:
    """Take the braces or quotation marks off a value; write an abbreviation out."""
    if len(value) >= 2 and value[0] + value[-1] in ("{}", '""'):
        return value[1:-1]
    if value[:1] in ("{", '"'):
        return value[1:]
    return macros.get(value.lower(), value)
