"""From the bytes of a file to its records, one by one: the one way in for every format."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from workbench.records.formats import pubmed_xml, sniff, tables, tagged, xlsx
from workbench.records.formats.decoding import Delivered, Garbled, refuse_what_is_no_text
from workbench.records.formats.raw import Piece, RawRecord, Rejected, Unreadable, Warning_
from workbench.records.rules import damage, headers, markup, own
from workbench.records.rules.canonical import canonical
from workbench.records.rules.items import Item, Reading
from workbench.records.rules.mapping import FORMATS, RIS_SOURCES, FieldTable
from workbench.records.rules.pubmed import tags_of as pubmed_tags
from workbench.records.rules.sources import source_of
from workbench.records.rules.tags import Tags
from workbench.words import _

_FORMAT_OF = {
    "ris-narrow": "ris",
    "ris-wide": "ris",
    "nbib-eric": "nbib",
    "ovid-long": "ovid",
}

Read = Item | Rejected | Warning_
"""What a stream hands out."""

Maker = Callable[[int, RawRecord], Item]
"""What makes an item of a raw record, given its place in the file."""


@dataclass(slots=True)
class Recognised:
    """A file whose format is known: what it is, its pieces, and how a record of it becomes an item."""

    format: str
    source: str | None
    pieces: Iterable[Piece]
    item: Maker
    warnings: list[Warning_] = field(default_factory=list)
    """What is worth a word; `item` adds to it, so it is complete once every piece is an item."""


class Stream:
    """A file while it is read: what it is, known from its beginning; then its records one by one, in flat memory.

    Attributes:
        name: the file's name.
        delivered: the file itself, its sha256, its encoding and the number of its lines.
        format: as in a Reading.
        source: as in a Reading.
        records: how many items were handed out so far.
        rejected: how many times lines were rejected so far.
        first_rejected: the first lines that were rejected, and why.
        line: the last line that was read so far.
    """

    def __init__(self, name: str, delivered: Delivered, found: Recognised, garbled: Garbled) -> None:
        self.name, self.delivered = name, delivered
        self.format, self.source = found.format, found.source
        self.records = self.rejected = self.line = 0
        self._found, self._garbled = found, garbled
        self._firsts, self._lasts = array("q"), array("q")
        self.first_rejected: Rejected | None = None

    def __iter__(self) -> Iterator[Read]:
        """Hand out items, rejected lines and warnings; what is to be said of the whole text comes last.

        Raises:
            Unreadable: no record was found at all, or something in the file is larger than any export's.
        """
        yield from self._said()
        make = self._found.item
        for piece in self._found.pieces:
            if isinstance(piece, RawRecord):
                self.records += 1
                item = make(self.records, piece)
                self._cover(piece.first, piece.last)
                yield item
                yield from self._said()
                if item.title is None:
                    yield Warning_(piece.first, _("Record %(n)s has no title.", n=self.records))
            elif isinstance(piece, Rejected):
                self.rejected += 1
                self.first_rejected = self.first_rejected or piece
                self._cover(piece.line, piece.last_line)
                yield piece
            else:
                yield piece
        if not self.records:
            raise _nothing(self.first_rejected)

    def items(self, wanted: Callable[[int], bool]) -> Iterator[Item]:
        """Hand out the items whose number is wanted; the others are counted and not made, which is most of the work.

        Raises:
            Unreadable: as when all is read.
        """
        for piece in self._found.pieces:
            if isinstance(piece, RawRecord):
                self.records += 1
                if wanted(self.records):
                    yield self._found.item(self.records, piece)
                    self._found.warnings.clear()
            elif isinstance(piece, Rejected):
                self.rejected += 1
                self.first_rejected = self.first_rejected or piece
        if not self.records:
            raise _nothing(self.first_rejected)

    def _said(self) -> Iterator[Warning_]:
        """Hand out what was found worth a word since the last time; making an item may add to it."""
        if said := self._found.warnings:
            yield from said
            said.clear()

    def _cover(self, first: int, last: int) -> None:
        self._firsts.append(first)
        self._lasts.append(last)
        self.line = last

    def about_text(self) -> list[Warning_]:
        """Say where the encoding is a guess, or the text was spoilt before it came here; known once all is read."""
        encoding, told = self.delivered.encoding, []
        if encoding in ("cp1252", "latin-1"):
            told.append(Warning_(1, _("The text is not UTF-8; it was read as %(name)s.", name=encoding)))
        if self._garbled.has_gaps:
            told.append(Warning_(1, _("Some characters could not be read and are shown as \ufffd.")))
        if self._garbled.is_likely:
            told.append(Warning_(1, _("Some letters look garbled (such as Ã©). They are kept as delivered.")))
        return told

    def skipped(self) -> Iterator[tuple[int, int]]:
        """Hand out the ranges of lines that belong to no record and were not rejected: preamble and blank lines."""
        spans = list(zip(self._firsts, self._lasts, strict=True))
        if any(later < earlier for earlier, later in zip(self._firsts, self._firsts[1:], strict=False)):
            spans.sort()
        after = 1
        for first, last in spans:
            if first > after:
                yield after, first - 1
            after = max(after, last + 1)
        if after <= self.delivered.lines:
            yield after, self.delivered.lines

    def collected(self) -> Reading:
        """Read all of it into memory."""
        items: list[Item] = []
        rejected: list[Rejected] = []
        warnings: list[Warning_] = []
        for one in self:
            if isinstance(one, Item):
                items.append(one)
            elif isinstance(one, Rejected):
                rejected.append(one)
            else:
                warnings.append(one)
        return Reading(
            file=self.name,
            sha256=self.delivered.sha256,
            format=self.format,
            source=self.source,
            encoding=self.delivered.encoding,
            lines=self.delivered.lines,
            rejected=rejected,
            warnings=self.about_text() + sorted(warnings),
            skipped=list(self.skipped()),
            items=items,
        )


def read(data: bytes, name: str, columns: Mapping[str, str] | None = None) -> Reading:
    """Read an export file into memory, recognised by its content.

    Args:
        data: the file as delivered; a .gz file is read as what is inside.
        name: the file's name, for the reading only.
        columns: field -> header, for a table whose headers are not known.

    Raises:
        Unreadable: the file is empty, no text, of an unknown kind, or holds no record.
    """
    return open_reading(BytesIO(data), name, columns).collected()


def open_reading(file: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Stream:
    """Set out to read an export file record by record; arguments and errors as for `read`.

    The file is gone through once for its encoding and fingerprint. It must stay open while it is read.
    """
    delivered, garbled = Delivered.of(file), Garbled()
    if delivered.is_workbook:
        return _workbook(name, delivered, columns or {})
    head = delivered.head()
    refuse_what_is_no_text(delivered, head)
    return Stream(name, delivered, _recognised(_Text(delivered, head, garbled), columns or {}), garbled)


def _workbook(name: str, delivered: Delivered, columns: Mapping[str, str]) -> Stream:
    """Set out to read an Excel workbook as the table that its first sheet is; a line is a row."""
    source = delivered.inside()
    origin, item, told = _columns(xlsx.headers(source), columns, 1)
    return Stream(name, delivered, Recognised("xlsx", origin, xlsx.records(source), item, told), Garbled())


def _nothing(rejected: Rejected | None) -> Unreadable:
    """Say that no record was found, and why where that is known."""
    if rejected:
        told = {"line": rejected.line, "why": rejected.reason}
        return Unreadable(_("No record could be read. Line %(line)s: %(why)s", **told))
    return Unreadable(_("No record was found in the file."))


@dataclass(slots=True)
class _Text:
    """The text of a file: its beginning, and all of it in parts that are watched for garbled letters."""

    delivered: Delivered
    head: str
    garbled: Garbled

    def lines_of_head(self) -> list[str]:
        """Return the first lines."""
        return self.head.removesuffix("\n").split("\n")

    def blocks(self) -> Iterator[str]:
        """Hand out the text; a part may end within a line."""
        return map(self.garbled.watched, self.delivered.blocks())

    def parts(self) -> Iterator[str]:
        """Hand out the text in parts of whole lines."""
        return map(self.garbled.watched, self.delivered.parts())

    def lines(self) -> Iterator[str]:
        """Hand out the lines without their ends."""
        return (line for part in self.parts() for line in part.removesuffix("\n").split("\n"))


def _recognised(text: _Text, columns: Mapping[str, str]) -> Recognised:
    """Find out what a text is: XML, tagged lines or a table; known headers win over a tag inside a cell."""
    markup_format = sniff.markup_format(text.head)
    if markup_format == "pubmed-xml":
        return _xml(text)
    if markup_format:
        return _markup(markup_format, text)
    text.delivered.refuse_long_lines()
    lines = text.lines_of_head()
    sheet = _sheet(lines)
    dialect = sniff.tagged_dialect(text.head)
    if dialect and not (sheet and headers.signature_of(sheet.headers)):
        if dialect == "bibtex":
            return _markup(dialect, text)
        return _tagged(text, dialect)
    for delimiter in tables.DELIMITERS:
        if tables.is_vertical(lines, delimiter):
            return _vertical(text, delimiter)
    if sheet is None:
        raise Unreadable(_("This is no export that is known here: neither tagged lines, nor XML, nor a table."))
    return _table(text, sheet, columns)


def _markup(kind: str, text: _Text) -> Recognised:
    """Set out to read XML, JSON or BibTeX."""
    source = markup.source_of(text.head, kind)
    return Recognised(kind, source, markup.READERS[kind](text.blocks()), markup.maker(kind))


def _tagged(text: _Text, dialect: str) -> Recognised:
    """Set out to read tagged lines."""
    source = source_of(text.head, dialect)
    pieces = tagged.records_of(text.parts(), tagged.DIALECTS[dialect], line_ended=text.delivered.line_ended)
    if source == own.SOURCE:
        return Recognised(dialect, source, pieces, own.maker(own.TAGGED[dialect]))
    is_ris = dialect.startswith("ris")
    table = RIS_SOURCES.get(source or "", FORMATS["ris"]) if is_ris else FORMATS[dialect]
    return Recognised(_FORMAT_OF.get(dialect, dialect), source, pieces, _maker(table))


def _maker(table: FieldTable, *, from_table: bool = False) -> Maker:
    """Return what makes an item of a raw record by one table."""

    def item(number: int, record: RawRecord) -> Item:
        return canonical(number, record, Tags(record.pairs, table), from_table=from_table)

    return item


def _xml(text: _Text) -> Recognised:
    """Set out to read PubMed XML."""

    def item(number: int, record: RawRecord) -> Item:
        return canonical(number, record, pubmed_tags(record, FORMATS["pubmed-xml"]))

    return Recognised("pubmed-xml", "pubmed", pubmed_xml.records(text.blocks()), item)


def _sheet(lines: list[str]) -> tables.Sheet | None:
    """Find the table with the delimiter that gives the most headers known here, then the most headers."""
    found = [sheet for one in tables.DELIMITERS if (sheet := tables.sheet_with(lines, one))]
    return max(found, key=lambda sheet: (headers.recognised(sheet.headers), len(sheet.headers)), default=None)


def _table(text: _Text, sheet: tables.Sheet, columns: Mapping[str, str]) -> Recognised:
    """Set out to read a table by its headers."""
    if len(sheet.headers) > tables.MOST_COLUMNS:
        message = _("The table has %(n)s columns; no export has more than %(most)s.")
        raise Unreadable(message % {"n": len(sheet.headers), "most": tables.MOST_COLUMNS})
    source, item, told = _columns(sheet.headers, columns, sheet.header_line)
    kind = "tsv" if sheet.delimiter == "\t" else "csv"
    return Recognised(kind, source, tables.records(text.lines(), sheet), item, told)


def _columns(names: list[str], columns: Mapping[str, str], line: int) -> tuple[str | None, Maker, list[Warning_]]:
    """Return whose headers these are, what makes an item of a row under them, and what is worth a word."""
    if own.is_own_table(names) and not columns:
        return own.SOURCE, own.maker(own.from_row), []
    table, source = headers.field_table(names, columns)
    told = []
    if source is None and "title" not in columns:
        title = headers.titles(names)[0]
        reason = _("The headers are not those of a known export; “%(title)s” is read as the title.", title=title)
        told.append(Warning_(line, reason))
    return source, _cell_maker(table, told), told


def _cell_maker(table: FieldTable, told: list[Warning_]) -> Maker:
    """Return what makes an item of a row, and tells what it repaired; what a spreadsheet spoilt is kept in raw."""
    mender = damage.Mender(table)

    def item(number: int, record: RawRecord) -> Item:
        cells, repairs = mender.mend(record.pairs)
        told.extend(damage.warnings(repairs))
        return damage.noted(canonical(number, record, Tags(cells, table), from_table=True), repairs)

    return item


def _vertical(text: _Text, delimiter: str) -> Recognised:
    """Set out to read Embase's vertical layout, whose names are those of its columns."""
    names = {row.cells[0].strip() for row in tables.rows(text.delivered.each_line(), delimiter) if row.filled >= 2}
    names.discard("SEARCH QUERY")
    table = headers.embase_table(sorted(names))
    told: list[Warning_] = []
    return Recognised("csv", "embase", tables.vertical_records(text.lines(), delimiter), _cell_maker(table, told), told)
