"""From the bytes of a file to its records: the one way in for every format."""

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from workbench.records.formats import pubmed_xml, sniff, tables, tagged, xlsx
from workbench.records.formats.decoding import decoded, is_mojibake, lines_of, unpacked
from workbench.records.formats.raw import Piece, RawRecord, Rejected, Unreadable, Warning_
from workbench.records.rules import headers, markup, own
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


def read(data: bytes, name: str, columns: Mapping[str, str] | None = None) -> Reading:
    """Read an export file, recognised by its content.

    Args:
        data: the file as delivered; a .gz file is read as what is inside.
        name: the file's name, for the reading only.
        columns: field -> header, for a table whose headers are not known.

    Raises:
        Unreadable: the file is empty, no text, of an unknown kind, or holds no record.
    """
    inside = unpacked(data)
    if inside.startswith(xlsx.SIGNATURE):
        return _workbook(data, name, io.BytesIO(inside), columns or {})
    text, encoding = decoded(inside)
    lines = lines_of(text)
    found = _recognised("\n".join(lines), lines, columns or {}, line_ended=text.endswith(("\n", "\r")))
    items, rejected, warnings = _gathered(found)
    if not items:
        raise _nothing(rejected)
    return Reading(
        file=name,
        sha256=hashlib.sha256(data).hexdigest(),
        format=found.format,
        source=found.source,
        encoding=encoding,
        lines=len(lines),
        rejected=rejected,
        warnings=_about_text(text, encoding) + warnings,
        skipped=_skipped(len(lines), items, rejected),
        items=items,
    )


def _workbook(data: bytes, name: str, source: BinaryIO, columns: Mapping[str, str]) -> Reading:
    """Read an Excel workbook as the table that its first sheet is; a line is a row."""
    origin, item, told = _columns(xlsx.headers(source), columns, 1)
    found = Recognised("xlsx", origin, xlsx.records(source), item, told)
    items, rejected, warnings = _gathered(found)
    if not items:
        raise _nothing(rejected)
    rows = xlsx.rows(source)
    sha256, skipped = hashlib.sha256(data).hexdigest(), _skipped(rows, items, rejected)
    return Reading(name, sha256, "xlsx", origin, "utf-8", rows, rejected, warnings, skipped, items)


def _gathered(found: Recognised) -> tuple[list[Item], list[Rejected], list[Warning_]]:
    """Sort the pieces of a file and bring its records into canonical form."""
    items: list[Item] = []
    rejected: list[Rejected] = []
    warnings = list(found.warnings)
    for piece in found.pieces:
        if isinstance(piece, RawRecord):
            items.append(found.item(len(items) + 1, piece))
            if items[-1].title is None:
                warnings.append(Warning_(piece.first, _("Record %(n)s has no title.", n=len(items))))
        elif isinstance(piece, Rejected):
            rejected.append(piece)
        else:
            warnings.append(piece)
    return items, rejected, sorted(warnings)


def _nothing(rejected: list[Rejected]) -> Unreadable:
    """Say that no record was found, and why where that is known."""
    if rejected:
        first = rejected[0]
        return Unreadable(_("No record could be read. Line %(line)s: %(why)s", line=first.line, why=first.reason))
    return Unreadable(_("No record was found in the file."))


def _about_text(text: str, encoding: str) -> list[Warning_]:
    """Say where the encoding is a guess, or the text was spoilt before it came here."""
    told = []
    if encoding in ("cp1252", "latin-1"):
        told.append(Warning_(1, _("The text is not UTF-8; it was read as %(name)s.", name=encoding)))
    if "\ufffd" in text:
        told.append(Warning_(1, _("Some characters could not be read and are shown as \ufffd.")))
    if is_mojibake(text):
        told.append(Warning_(1, _("Some letters look garbled (such as Ã©). They are kept as delivered.")))
    return told


def _skipped(lines: int, items: list[Item], rejected: list[Rejected]) -> list[tuple[int, int]]:
    """Return the ranges of lines that belong to no record and were not rejected: preamble and blank lines."""
    spans = sorted([item.lines for item in items] + [(one.line, one.last_line) for one in rejected])
    gaps: list[tuple[int, int]] = []
    after = 1
    for first, last in spans:
        if first > after:
            gaps.append((after, first - 1))
        after = max(after, last + 1)
    if after <= lines:
        gaps.append((after, lines))
    return gaps


def _recognised(text: str, lines: list[str], columns: Mapping[str, str], *, line_ended: bool) -> Recognised:
    """Find out what a text is: XML, tagged lines or a table; known headers win over a tag inside a cell."""
    markup_format = sniff.markup_format(text)
    if markup_format == "pubmed-xml":
        return _xml(text)
    if markup_format:
        return _markup(markup_format, text)
    sheet = _sheet(lines)
    dialect = sniff.tagged_dialect(text)
    if dialect and not (sheet and headers.signature_of(sheet.headers)):
        if dialect == "bibtex":
            return _markup(dialect, text)
        return _tagged(text, lines, dialect, line_ended=line_ended)
    for delimiter in tables.DELIMITERS:
        if tables.is_vertical(lines, delimiter):
            return _vertical(lines, delimiter)
    if sheet is None:
        raise Unreadable(_("This is no export that is known here: neither tagged lines, nor XML, nor a table."))
    return _table(lines, sheet, columns)


def _markup(kind: str, text: str) -> Recognised:
    """Set out to read XML, JSON or BibTeX."""
    return Recognised(kind, markup.source_of(text, kind), markup.READERS[kind]([text]), markup.maker(kind))


def _tagged(text: str, lines: list[str], dialect: str, *, line_ended: bool) -> Recognised:
    """Set out to read tagged lines."""
    source = source_of(text, dialect)
    pieces = tagged.records(lines, tagged.DIALECTS[dialect], line_ended=line_ended)
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


def _xml(text: str) -> Recognised:
    """Set out to read PubMed XML."""

    def item(number: int, record: RawRecord) -> Item:
        assert record.element is not None  # noqa: S101  # pubmed_xml gives every record its element
        tags = pubmed_tags(record, record.element, FORMATS["pubmed-xml"])
        return canonical(number, record, tags)

    return Recognised("pubmed-xml", "pubmed", pubmed_xml.records(text), item)


def _sheet(lines: list[str]) -> tables.Sheet | None:
    """Find the table with the delimiter that gives the most headers known here, then the most headers."""
    found = [sheet for one in tables.DELIMITERS if (sheet := tables.sheet_with(lines, one))]
    return max(found, key=lambda sheet: (headers.recognised(sheet.headers), len(sheet.headers)), default=None)


def _table(lines: list[str], sheet: tables.Sheet, columns: Mapping[str, str]) -> Recognised:
    """Set out to read a table by its headers."""
    source, item, told = _columns(sheet.headers, columns, sheet.header_line)
    kind = "tsv" if sheet.delimiter == "\t" else "csv"
    return Recognised(kind, source, tables.records(lines, sheet), item, told)


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
    return source, _cell_maker(table), told


def _cell_maker(table: FieldTable) -> Maker:
    """Return what makes an item of a row; marks a spreadsheet left are cleaned for the fields, kept in raw."""

    def item(number: int, record: RawRecord) -> Item:
        cells = [
            (pair[0], tables.clean(pair[1]), pair[2]) if pair[1][0] in tables.SPOILT else pair for pair in record.pairs
        ]
        return canonical(number, record, Tags(cells, table), from_table=True)

    return item


def _vertical(lines: list[str], delimiter: str) -> Recognised:
    """Set out to read Embase's vertical layout, whose names are those of its columns."""
    names = {row.cells[0].strip() for row in tables.rows(lines, delimiter) if row.filled >= 2}
    names.discard("SEARCH QUERY")
    table = headers.embase_table(sorted(names))
    return Recognised("csv", "embase", tables.vertical_records(lines, delimiter), _cell_maker(table))
