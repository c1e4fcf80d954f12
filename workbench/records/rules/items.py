"""A record in canonical form, and what reading a file gives."""

from dataclasses import dataclass, field, fields
from typing import Any

from workbench.records.formats.raw import Pair, Rejected, Warning_

Found = dict[str, dict[str, Any]]
"""Where a field comes from: field -> {tag, line, how}."""


@dataclass(slots=True)
class Item:
    """One record of an export: canonical fields, and every tag as delivered in `raw`. Nobody changes it once made.

    Unknown is None or an empty list. `doi` is lower case without a resolver, `pmid` digits, `languages` ISO 639-1.
    `found` says for each identifier which tag and line it comes from and how sure that is: "tag" (a field made for
    it), "prefix" (named inside a field), "url", or "inferred" (found in free text). For any field of a table it may
    say "repaired: …": a spreadsheet had spoilt the cell, which `raw` keeps as delivered, and how it was mended.

    The class is not frozen: a frozen one takes five times as long to make, which shows in files of 100,000 records.
    """

    number: int
    lines: tuple[int, int]
    title: str | None = None
    original_title: str | None = None
    authors: list[str] = field(default_factory=list)
    year: int | None = None
    date: str | None = None
    journal: str | None = None
    journal_abbreviation: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    embase_id: str | None = None
    cochrane_id: str | None = None
    registry_ids: list[str] = field(default_factory=list)
    issn: list[str] = field(default_factory=list)
    isbn: list[str] = field(default_factory=list)
    abstract: str | None = None
    keywords: list[str] = field(default_factory=list)
    subject_headings: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    publication_types: list[str] = field(default_factory=list)
    databases: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    kind: str | None = None
    found: Found = field(default_factory=dict)
    raw: list[Pair] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return the item as plain values for JSON, keys in the order of the fields."""
        plain = {name: getattr(self, name) for name in ITEM_FIELDS}
        return plain | {"lines": list(self.lines), "raw": [list(pair) for pair in self.raw]}


ITEM_FIELDS = tuple(one.name for one in fields(Item))


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gave: items, what was rejected, what was skipped, and how it was read.

    Attributes:
        file: its name.
        sha256: of the bytes as delivered.
        format: ris, nbib, ovid, wos, refer, refworks, cochrane-text, pubmed-xml, endnote-xml, ictrp-xml, csv, tsv,
            xlsx, bibtex, csl-json or ctgov-json.
        source: the database or tool that wrote it, where its dialect tells; else None.
        encoding: how the text was decoded.
        lines: the number of lines in the file.
        skipped: ranges of lines that hold no record: preamble, blank lines.
    """

    file: str
    sha256: str
    format: str
    source: str | None
    encoding: str
    lines: int
    rejected: list[Rejected]
    warnings: list[Warning_]
    skipped: list[tuple[int, int]]
    items: list[Item]

    @property
    def records(self) -> int:
        """Count the items."""
        return len(self.items)

    def as_dict(self, summary: bool = False) -> dict[str, Any]:
        """Return plain values for JSON; a summary leaves the items out."""
        head = {
            "file": self.file,
            "sha256": self.sha256,
            "format": self.format,
            "source": self.source,
            "encoding": self.encoding,
            "lines": self.lines,
            "records": self.records,
            "rejected": [one._asdict() for one in self.rejected],
            "warnings": [one._asdict() for one in self.warnings],
            "skipped": [list(span) for span in self.skipped],
        }
        return head if summary else head | {"items": [item.as_dict() for item in self.items]}
