"""PubMed XML: one record after the other, each parsed by itself, so that one broken record spoils no other.

A record is cut out of the text by its start and end tag. That keeps memory small, gives exact lines (libxml2 counts
only to 65,535), and needs no DTD, no entity and no network.

Nearly every record is made of elements that hold text or elements, each beginning on a line that the line ends before
it tell. Such a record is taken apart by the parser of the standard library, which is the fastest here. Where anything
else shows up (comments, namespaces, line ends inside a tag, faults), libxml2 looks at the record; both give the same,
which a test holds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast
from xml.etree import ElementTree

from lxml import etree

from workbench.records.formats.raw import Pair, Piece, Place, RawRecord, Rejected, Unreadable, Warning_
from workbench.words import _

ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", "PubmedArticle", "PubmedBookArticle")
) | {"MedlineCitation"}
MOST_IN_RECORD = 20_000_000
"""Characters of one record, and between two; no database writes a tenth of that."""
MOST_PATHS = 10_000

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_UNIT = re.compile(r"<(PubmedArticle|PubmedBookArticle)(?=[\s>/])")
_CITATION = re.compile(r"<(MedlineCitation)(?=[\s>/])")
_BEGINNING = {_UNIT: "<Pubmed", _CITATION: "<MedlineCitation"}
_LONGEST_START = len("<PubmedBookArticle>")
_EMPTY = re.compile(r"[^<>]*/>")
_DELETED = re.compile(r"<DeleteCitation>(.*?)</DeleteCitation>", re.DOTALL)
_DIGITS = re.compile(r">\s*(\d+)\s*<")
_INLINE = frozenset(("i", "b", "u", "sub", "sup", "math", "DispFormula"))


def root_of(text: str) -> str:
    """Name the root element, told by the beginning of a text.

    Raises:
        Unreadable: the file defines entities of its own, which no export needs and which can do harm.
    """
    if _ENTITY.search(text):
        raise Unreadable(_("The XML file defines entities (<!ENTITY), which is not allowed: no export needs them."))
    body = re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>", "", text[:20_000], flags=re.DOTALL)
    found = _ROOT.search(body)
    return found[1] if found else ""


def records(blocks: Iterable[str]) -> Iterator[Piece]:
    """Read every article, book and chapter of a PubMed XML file; deleted citations are named in a warning."""
    window, paths = Window(iter(blocks)), Path("")
    taken = 0
    found = window.next_start(0)
    yield from _deleted(window.skip(found.start() if found else len(window.text)))
    while found:
        first = window.line
        following = window.next_start(window.at + 1)
        end, whole = _end(window.text, found[1], window.at, following.start() if following else len(window.text))
        text = window.skip(end)
        last = window.line
        rest = window.skip(following.start() if following else len(window.text))
        # A line shared by two records belongs to the later one, so that no line is counted twice.
        is_shared = following is not None and window.line == last and first < last
        begin = max(first, taken + 1)
        taken = max(last - is_shared, begin - 1)
        yield _record(text.text, Span(begin, taken, first, whole), paths)
        yield from _deleted(rest)
        found = window.start_here()


@dataclass(slots=True)
class Stretch:
    """A piece of a text and the line on which it begins."""

    text: str
    line: int


@dataclass(slots=True)
class Span:
    """Where a record stands: the lines that are counted as its own, and the line on which it really begins."""

    first: int
    last: int
    start: int
    whole: bool

    def rejected(self, reason: str) -> Rejected:
        """Say why this is no record."""
        return Rejected(self.first, max(self.first, self.last), reason)


class Window:
    """The part of a text that is looked at: it grows at its end, and what lies behind is let go."""

    def __init__(self, blocks: Iterator[str]) -> None:
        self.blocks = blocks
        self.text = ""
        self.at, self.line = 0, 1
        self.unit: re.Pattern[str] | None = None

    def next_start(self, since: int) -> re.Match[str] | None:
        """Find the next place where a record begins, or None at the end of the text."""
        while True:
            found = self._search(since)
            if found:
                return found
            moved = self.at
            seen = max(since, len(self.text) - _LONGEST_START)
            if not self._grow():
                return self._search(seen - moved)
            since = seen - moved

    def start_here(self) -> re.Match[str] | None:
        """Match the start of a record where the window stands, once `next_start` has led there."""
        return self.unit.match(self.text, self.at) if self.unit else None

    def _search(self, since: int) -> re.Match[str] | None:
        """Search the text that is held; the first record of a file tells what its records are."""
        if self.unit is not None:
            return _search(self.unit, self.text, since)
        found = [one for unit in (_UNIT, _CITATION) if (one := _search(unit, self.text, since))]
        first = min(found, key=re.Match.start, default=None)
        self.unit = first.re if first else None
        return first

    def _grow(self) -> bool:
        """Take in the next part of the text and let go what lies behind; say whether there was one."""
        block = next(self.blocks, None)
        self.text, self.at = self.text[self.at :] + (block or ""), 0
        if len(self.text) > MOST_IN_RECORD:
            message = _("No record of %(n)s million characters is an export's.", n=MOST_IN_RECORD // 10**6)
            raise Unreadable(message)
        return block is not None

    def skip(self, upto: int) -> Stretch:
        """Go on to a place in the text; return what lies between."""
        passed = Stretch(self.text[self.at : upto], self.line)
        self.line += passed.text.count("\n")
        self.at = upto
        return passed


def _search(unit: re.Pattern[str], text: str, since: int) -> re.Match[str] | None:
    """Search a text for the start of a record; the plain beginning of its tag is found faster than the pattern."""
    at = text.find(_BEGINNING[unit], since)
    while at >= 0:
        if found := unit.match(text, at):
            return found
        at = text.find(_BEGINNING[unit], at + 1)
    return None


def _end(text: str, name: str, start: int, limit: int) -> tuple[int, bool]:
    """Find where the record that starts here ends; without an end tag it reaches to the next record."""
    inside = start + len(name) + 1
    if empty := _EMPTY.match(text, inside):
        return empty.end(), True
    closing = f"</{name}>"
    at = text.find(closing, inside, limit)
    if at >= 0:
        return at + len(closing), True
    return start + len(text[start:limit].rstrip()), False


def _deleted(between: Stretch) -> Iterator[Warning_]:
    """Name the citations that the text between two records says are deleted."""
    for found in _DELETED.finditer(between.text):
        line = between.line + between.text.count("\n", 0, found.start())
        ids = _DIGITS.findall(found[1])
        yield Warning_(line, _("PubMed deleted %(n)s records: %(ids)s", n=len(ids), ids=", ".join(ids)))


def _record(text: str, span: Span, paths: "Path") -> Piece:
    """Parse one record, or say why it cannot be."""
    if not span.whole:
        return span.rejected(_("The record is cut off: its end tag is missing."))
    try:
        pairs, places = walked(text, span, paths)
    except NotPlain:
        try:
            pairs, places = looked_at(text, span)
        except etree.XMLSyntaxError as error:
            return span.rejected(_("The record is not well-formed XML: %(why)s", why=error.msg))
    if not pairs:
        return span.rejected(_("This record is empty."))
    return RawRecord(span.first, span.last, pairs, places)


class NotPlain(Exception):
    """Only a record of plain elements is taken apart in the fast way."""


@dataclass(slots=True)
class Path:
    """The path of an element below its record; known paths are not put together again for every element."""

    name: str
    below: dict[str, "Path"] = field(default_factory=dict)

    def to(self, tag: str) -> "Path":
        """Return the path of a child that is met for the first time."""
        if tag[0] == "{":
            raise NotPlain
        found = Path(f"{self.name}/{tag}" if self.name else tag)
        if len(self.below) < MOST_PATHS:
            self.below[tag] = found
        return found


def walked(text: str, span: Span, paths: Path) -> tuple[list[Pair], list[Place]]:
    """Take a plain record apart.

    Raises:
        NotPlain: it is none.
    """
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True, insert_pis=True))  # noqa: S314  # no DTD, so no entity
    pairs: list[Pair] = []
    try:
        parser.feed(text)
        root = parser.close()
        places: list[Place] = [("", root, span.start)]
        line = _walk(root, paths, span.start, pairs, places)
    except (ElementTree.ParseError, RecursionError, TypeError) as error:  # a TypeError: a comment's tag is no text
        raise NotPlain from error
    if line - span.start != text.count("\n"):
        raise NotPlain
    return pairs, places


def _walk(element: ElementTree.Element, path: Path, line: int, pairs: list[Pair], places: list[Place]) -> int:
    """List what is below an element; return the line on which it ends."""
    if element.text:
        line += element.text.count("\n")
    known = path.below
    for child in element:
        tag = child.tag
        below = known.get(tag) or path.to(tag)
        name = below.name
        places.append((name, child, line))
        if child.attrib:
            for attribute, value in child.attrib.items():
                pairs.append((f"{name}/@{attribute}", value, line))
        text = child.text
        if not len(child):
            if text:
                pairs.append((name, text, line))
                line += text.count("\n")
        elif _is_text(child):
            pairs.append((name, _inner(child), line))
            line += "".join(child.itertext()).count("\n")
        else:
            line = _walk(child, below, line, pairs, places)
        if child.tail:
            line += child.tail.count("\n")
    return line


def _is_text(element: ElementTree.Element) -> bool:
    """Say whether an element holds text (italics within count as text)."""
    if element[0].tag not in _INLINE:
        return False
    return all(child.tag in _INLINE for child in element)


def _inner(element: ElementTree.Element) -> str:
    """Return what stands between an element's tags, with the markup inside it."""
    return (element.text or "") + "".join(map(_written, element))


def _written(element: ElementTree.Element) -> str:
    """Write an element and the text behind it as libxml2 does."""
    if element.attrib or element.tag[0] == "{":
        raise NotPlain
    inside = _escaped(element.text) + "".join(map(_written, element))
    written = f"<{element.tag}>{inside}</{element.tag}>" if inside else f"<{element.tag}/>"
    return written + _escaped(element.tail)


def _escaped(text: str | None) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if text else ""


def looked_at(text: str, span: Span) -> tuple[list[Pair], list[Place]]:
    """Take any record apart.

    Raises:
        etree.XMLSyntaxError: it is not well-formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(text, parser)
    pairs: list[Pair] = []
    places: list[Place] = [("", root, span.start)]
    _look(root, "", span.start - 1, pairs, places)
    return pairs, places


def _look(element: etree._Element, path: str, before: int, pairs: list[Pair], places: list[Place]) -> None:
    """List every text and attribute below an element: tag is the path below the record, line the element's own."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        below = f"{path}/{child.tag}" if path else child.tag
        line = before + cast(int, child.sourceline or 1)
        places.append((below, child, line))
        for name, value in cast("dict[str, str]", child.attrib).items():
            pairs.append((f"{below}/@{name}", value, line))
        if _holds_text(child):
            if value := _within(child):
                pairs.append((below, value, line))
        else:
            _look(child, below, before, pairs, places)


def _holds_text(element: etree._Element) -> bool:
    """Say whether an element holds text (italics and formulas within count as text)."""
    return all(not isinstance(child.tag, str) or etree.QName(child).localname in _INLINE for child in element)


def _within(element: etree._Element) -> str:
    """Return what stands between an element's tags, with the markup inside it."""
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
