"""PubMed XML: one record after the other, each parsed by itself, so that one broken record spoils no other.

A record is cut out of the text by its start and end tag. That keeps memory small, gives exact lines (libxml2 counts
only to 65,535), and needs no DTD, no entity and no network.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from lxml import etree

from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Unreadable, Warning_
from workbench.words import _

ROOTS = frozenset(
    ("PubmedArticleSet", "PubmedBookArticleSet", "MedlineCitationSet", "PubmedArticle", "PubmedBookArticle")
) | {"MedlineCitation"}
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_UNIT = re.compile(r"<(PubmedArticle|PubmedBookArticle)(?=[\s>/])")
_CITATION = re.compile(r"<(MedlineCitation)(?=[\s>/])")
_DELETED = re.compile(r"<DeleteCitation>(.*?)</DeleteCitation>", re.DOTALL)
_DIGITS = re.compile(r">\s*(\d+)\s*<")
_INLINE = frozenset(("i", "b", "u", "sub", "sup", "math", "DispFormula"))


class Span(NamedTuple):
    """Where a record stands in the text: characters from start to end, and its first and last line."""

    start: int
    end: int
    first: int
    last: int
    whole: bool


def root_of(text: str) -> str:
    """Name the root element.

    Raises:
        Unreadable: the file defines entities of its own, which no export needs and which can do harm.
    """
    if _ENTITY.search(text):
        raise Unreadable(_("The XML file defines entities (<!ENTITY), which is not allowed: no export needs them."))
    body = re.sub(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(\[.*?\])?[^>]*>", "", text[:20_000], flags=re.DOTALL)
    found = _ROOT.search(body)
    return found[1] if found else ""


def records(text: str) -> Iterator[Piece]:
    """Read every article, book and chapter of a PubMed XML file; deleted citations are named in a warning."""
    for span in _spans(text):
        yield _record(text[span.start : span.end], span)
    for found in _DELETED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        ids = _DIGITS.findall(found[1])
        yield Warning_(line, _("PubMed deleted %(n)s records: %(ids)s", n=len(ids), ids=", ".join(ids)))


def _spans(text: str) -> list[Span]:
    """Find the records; a line shared by two belongs to the later one, so that no line is counted twice."""
    unit = _UNIT if _UNIT.search(text) else _CITATION
    starts = list(unit.finditer(text))
    spans: list[Span] = []
    line, seen = 1, 0
    for number, found in enumerate(starts):
        limit = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        end, whole = _end(text, found, limit)
        line += text.count("\n", seen, found.start())
        spans.append(Span(found.start(), end, line, line + text.count("\n", found.start(), end), whole))
        seen = found.start()
    return _apart(spans)


def _end(text: str, start: re.Match[str], limit: int) -> tuple[int, bool]:
    """Find where the record that starts here ends; without an end tag it reaches to the next record."""
    empty = re.compile(r"[^<>]*/>").match(text, start.end())
    if empty:
        return empty.end(), True
    closing = f"</{start[1]}>"
    at = text.find(closing, start.end(), limit)
    if at >= 0:
        return at + len(closing), True
    return start.start() + len(text[start.start() : limit].rstrip()), False


def _apart(spans: list[Span]) -> list[Span]:
    """Take shared lines from the earlier record; one that has no line of its own gets an empty range."""
    apart: list[Span] = []
    taken = 0
    for number, span in enumerate(spans):
        following = spans[number + 1].first if number + 1 < len(spans) else 0
        first = max(span.first, taken + 1)
        last = span.last - 1 if following == span.last and span.first < span.last else span.last
        last = max(last, first - 1)
        apart.append(span._replace(first=first, last=last))
        taken = last
    return apart


def _record(text: str, span: Span) -> Piece:
    """Parse one record, or say why it cannot be."""
    if not span.whole:
        return Rejected(span.first, max(span.first, span.last), _("The record is cut off: its end tag is missing."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        element = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        reason = _("The record is not well-formed XML: %(why)s", why=error.msg)
        return Rejected(span.first, max(span.first, span.last), reason)
    pairs = list(_pairs(element, "", span.first - 1))
    if not pairs:
        return Rejected(span.first, max(span.first, span.last), _("This record is empty."))
    return RawRecord(span.first, span.last, pairs, element)


def _pairs(element: etree._Element, path: str, before: int) -> Iterator[Pair]:
    """List every text and attribute below an element: tag is the path below the record, line the element's own."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        below = f"{path}/{child.tag}" if path else child.tag
        line = line_of(child, before)
        for name, value in cast("dict[str, str]", child.attrib).items():
            yield f"{below}/@{name}", value, line
        if _is_text(child):
            if value := _inner(child):
                yield below, value, line
        else:
            yield from _pairs(child, below, before)


def line_of(element: etree._Element, before: int) -> int:
    """Return the line of an element in the file, given how many lines stand before its record."""
    return before + cast(int, element.sourceline or 1)


def _is_text(element: etree._Element) -> bool:
    """Say whether an element holds text (italics and formulas within count as text)."""
    return all(not isinstance(child.tag, str) or etree.QName(child).localname in _INLINE for child in element)


def _inner(element: etree._Element) -> str:
    """Return what stands between an element's tags, with the markup inside it."""
    if len(element) == 0:
        return element.text or ""
    return (element.text or "") + "".join(etree.tostring(child, encoding="unicode") for child in element)
