"""XML in flat memory: one element after the other, each parsed by itself, so that a broken one spoils no other.

An element is cut out of the text by its tags. That gives exact lines (libxml2 counts to 65,535 only) and needs no
DTD, no entity and no network.
"""

import html
import re
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree

from workbench.records.formats.cuts import MOST_IN_ONE, Cut, apart, cut_out, too_large
from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Unreadable, Warning_
from workbench.words import _

_LONGEST_TAG = 200
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
# What XML 1.0 forbids, as characters and as references; names that HTML knows and XML does not.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};")


def cuts(blocks: Iterable[str], name: str) -> Iterator[Cut]:
    """Cut every element of a name out of a text.

    Raises:
        Unreadable: the file defines entities of its own, or one element is larger than any record.
    """
    return apart(_Cutter(name).through(blocks))


class _Cutter:
    """Looks for the tags of an element while a text goes by, and keeps no more of it than one element."""

    def __init__(self, name: str) -> None:
        self.start = re.compile(rf"<{name}(?=[\s>/])")
        self.mark = re.compile(rf"<{name}(?=[\s>/])|</{name}\s*>")
        self.empty = re.compile(rf"<{name}[^<>]*/>")
        self.text, self.at, self.line = "", 0, 1
        self.is_open, self.seen = False, 0

    def through(self, blocks: Iterable[str]) -> Iterator[Cut]:
        """Hand out the elements of a text."""
        for block in blocks:
            self.text, self.seen, self.at = self.text[self.at :] + block, max(0, self.seen - self.at), 0
            yield from self._found()
            if len(self.text) - self.at > MOST_IN_ONE:
                raise too_large(self.line)
        if self.is_open:
            yield cut_out(self.text[self.at :].rstrip(), self.line, whole=False)
        else:
            self._pass(len(self.text))

    def _found(self) -> Iterator[Cut]:
        """Hand out the elements that are complete in the text at hand."""
        while self.is_open or self._opens():
            end, whole = self._end()
            if not end:
                return
            text = self.text[self.at : end]
            yield cut_out(text if whole else text.rstrip(), self.line, whole=whole)
            self._move(end)
            self.is_open = False

    def _opens(self) -> bool:
        """Go on to the next element, or to where its tag may have begun."""
        found = self.start.search(self.text, self.at)
        self._pass(found.start() if found else max(self.at, len(self.text) - _LONGEST_TAG))
        self.is_open, self.seen = found is not None, self.at + 1
        return self.is_open

    def _end(self) -> tuple[int, bool]:
        """Find where the open element ends: by its end tag, or where the next one begins without it; 0 if not yet."""
        if empty := self.empty.match(self.text, self.at):
            return empty.end(), True
        if mark := self.mark.search(self.text, self.seen):
            is_end = mark[0].startswith("</")
            return mark.end() if is_end else mark.start(), is_end
        self.seen = max(self.seen, len(self.text) - _LONGEST_TAG)
        return 0, False

    def _pass(self, end: int) -> None:
        """Move on over what is no element, in which an entity would be defined."""
        if _ENTITY.search(self.text, self.at, end):
            raise Unreadable(_("The XML file defines entities (<!ENTITY), which is not allowed: no export needs them."))
        self._move(end)

    def _move(self, end: int) -> None:
        self.line += self.text.count("\n", self.at, end)
        self.at = end


def records(blocks: Iterable[str], name: str, inline: frozenset[str]) -> Iterator[Piece]:
    """Read every element of a name as a record.

    Args:
        blocks: the text of the file, in parts that may end anywhere.
        name: of the element that is one record.
        inline: names of elements that only format the text they stand in; they are no step of a path.
    """
    for cut in cuts(blocks, name):
        yield from _record(cut, inline)


def _record(cut: Cut, inline: frozenset[str]) -> Iterator[Piece]:
    """Parse one record, or say why it cannot be."""
    if not cut.whole:
        yield Rejected(cut.first, cut.last, _("The record is cut off: its end tag is missing."))
        return
    element: etree._Element | None
    try:
        element = _parsed(cut.text)
    except etree.XMLSyntaxError as error:
        element, why = _mended(cut.text), error.msg
        if element is None:
            yield Rejected(cut.first, cut.last, _("The record is not well-formed XML: %(why)s", why=why))
            return
        yield Warning_(cut.first, _("The record holds characters that XML forbids; they were left out."))
    pairs = list(_pairs(element, "", cut.at - 1, inline))
    if pairs:
        yield RawRecord(cut.first, cut.last, pairs)
    else:
        yield Rejected(cut.first, cut.last, _("This record is empty."))


def _parsed(text: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(text, parser)


def _mended(text: str) -> etree._Element | None:
    """Parse a record without what XML forbids; None where that does not help."""
    text = _FORBIDDEN.sub("", _REFERENCE.sub(_allowed, text))
    try:
        return _parsed(_NAMED.sub(lambda found: html.unescape(found[0]), text))
    except etree.XMLSyntaxError:
        return None


def _allowed(found: re.Match[str]) -> str:
    """Keep a reference unless it stands for a character that XML forbids."""
    code = int(found[1], 16) if found[1] else int(found[2])
    is_character = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return found[0] if is_character and not _FORBIDDEN.match(chr(code)) else ""


def _pairs(element: etree._Element, path: str, before: int, inline: frozenset[str]) -> Iterator[Pair]:
    """List every text and attribute below an element: tag is the path below the record, line the element's own."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        below = f"{path}/{child.tag}" if path else child.tag
        line = before + cast(int, child.sourceline or 1)
        for name, value in cast("dict[str, str]", child.attrib).items():
            if value:
                yield f"{below}/@{name}", value, line
        if any(isinstance(one.tag, str) and one.tag not in inline for one in child):
            yield from _pairs(child, below, before, inline)
        elif (text := _text(child)).strip():
            yield below, text, line


def _text(element: etree._Element) -> str:
    """Return the text of an element with that of the elements that format it, without the line breaks between them."""
    parts = [str(part) for part in element.itertext()]
    return "".join(part for part in parts if len(parts) == 1 or "\n" not in part or part.strip())
