"""A table whose headers are not known: its columns, what each may hold, and what a person says they hold."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from workbench.errors import Invalid
from workbench.records.formats import sniff, tables
from workbench.records.formats.decoding import Delivered, refuse_what_is_no_text
from workbench.records.formats.raw import Unreadable
from workbench.records.rules import headers
from workbench.words import _

FIELDS = (
    "title", "authors", "year", "journal", "volume", "issue", "pages", "doi", "pmid", "abstract", "languages",
    "publication_types", "urls", "original_title", "date", "journal_abbreviation", "pmcid", "embase_id",
    "cochrane_id", "registry_ids", "issn", "isbn", "keywords", "subject_headings", "databases", "notes",
)  # fmt: skip
"""What a column may hold, the most asked for first."""

SAMPLES = 3
LONGEST_SAMPLE = 160
MOST_COLUMNS = 200

# Headers in the languages our users export in, folded as `_folded` folds them; the workbench's own are in headers.py.
_ABROAD: dict[str, tuple[str, ...]] = {
    "title": ("titel", "tittel", "titre", "titolo", "titulo", "otsikko", "name", "artikeltitel", "publikationstitel"),
    "authors": ("forfatter", "forfattere", "forfatter e", "forfattare", "verfasser", "autor", "autoren", "autor en",
                "auteur", "auteurs", "autores", "autore", "autori", "tekijat", "creator", "creators", "by"),
    "year": ("ar", "udgivelsesar", "utgivelsesar", "utgivningsar", "jahr", "erscheinungsjahr", "annee", "ano", "anno",
             "vuosi", "jaar", "utgivningsar publicerad"),
    "journal": ("tidsskrift", "tidskrift", "zeitschrift", "revue", "revista", "rivista", "quelle", "kilde", "kalla",
                "udgiver", "utgiver", "utgivare", "source", "publisher", "container title"),
    "volume": ("bind", "band", "argang", "vol", "tome"),
    "issue": ("hefte", "heft", "haefte", "nummer", "nr", "numero", "no"),
    "pages": ("sider", "sidor", "seiten", "paginas", "pagine", "page", "sivut", "page range"),
    "doi": ("doi number", "doi link", "digital object identifier"),
    "pmid": ("pubmed", "pubmed nr", "pubmed number"),
    "abstract": ("resume", "resumen", "sammendrag", "sammanfattning", "zusammenfassung", "riassunto", "tiivistelma",
                 "summary", "description"),
    "languages": ("sprog", "sprak", "sprache", "langue", "idioma", "lingua", "kieli", "lang"),
    "publication_types": ("dokumenttype", "dokumenttyp", "dokumentart", "publikationstype", "publikationstyp", "art",
                          "genre", "kategori"),
    "urls": ("webadresse", "lenke", "lank", "lien", "enlace", "weblink", "hyperlink", "web address", "address"),
    "keywords": ("emneord", "nokleord", "nyckelord", "stichworte", "schlagworte", "mots cles", "palabras clave",
                 "tags"),
    "date": ("dato", "datum", "fecha", "publiceringsdatum", "udgivelsesdato"),
    "notes": ("note", "noter", "notat", "anmarkning", "bemerkung", "kommentar", "comment", "comments", "remarks"),
}  # fmt: skip
_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "đ": "d", "ł": "l"})
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.\d{4,9}/\S+", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d(?:\D.*)?", re.DOTALL)
_WEB = re.compile(r"https?://\S+")
LONG_TEXT = 400
"""Characters from which a cell can hardly be anything but an abstract."""


class BadMapping(Invalid):
    """Each column holds one thing, each thing stands in one column, and one column holds the title."""

    hint = "Nothing was imported. Choose again below."


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its place from 1, its header, its first filled cells, and the field it may hold."""

    place: int
    header: str
    samples: tuple[str, ...]
    guess: str | None


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table whose headers are not those of a known export.

    Attributes:
        columns: those that have a header, each header once.
        headers_sha256: the fingerprint of the set of headers, by which a mapping is remembered.
    """

    columns: tuple[Column, ...]
    headers_sha256: str

    @property
    def headers(self) -> list[str]:
        """The headers in the order of the file."""
        return [column.header for column in self.columns]


def unknown_table(data: bytes | BinaryIO) -> UnknownTable | None:
    """Look whether a file is a table whose headers a person must explain; None for every other file."""
    try:
        lines = _beginning(data)
        sheet = _sheet(lines)
    except Unreadable:
        return None
    if sheet is None or headers.signature_of(sheet.headers) or len(sheet.headers) > MOST_COLUMNS:
        return None
    return _with_samples(sheet, lines)


def _beginning(data: bytes | BinaryIO) -> list[str]:
    """The first lines of a file."""
    delivered = Delivered.of(BytesIO(data) if isinstance(data, bytes) else data)
    head = delivered.head()
    refuse_what_is_no_text(delivered, head)
    return head.removesuffix("\n").split("\n")


def _sheet(lines: list[str]) -> tables.Sheet | None:
    """The table of these lines, unless they are tagged or marked up in a way that is known."""
    text = "\n".join(lines)
    if sniff.markup_format(text) or sniff.tagged_dialect(text):
        return None
    if any(tables.is_vertical(lines, delimiter) for delimiter in tables.DELIMITERS):
        return None
    found = [sheet for one in tables.DELIMITERS if (sheet := tables.sheet_with(lines, one))]
    return max(found, key=lambda sheet: (headers.recognised(sheet.headers), len(sheet.headers)), default=None)


def _with_samples(sheet: tables.Sheet, lines: list[str]) -> UnknownTable | None:
    """The columns of a table with their first cells; None where no row stands below the headers."""
    below = [row for row in tables.rows(lines[sheet.header_line :][:2000], sheet.delimiter) if row.filled]
    if not below:
        return None
    columns, taken = [], set[str]()
    for place, header in enumerate(sheet.headers):
        if not header or header in taken:
            continue
        taken.add(header)
        cells = [row.cells[place].strip() for row in below if place < len(row.cells) and row.cells[place].strip()]
        columns.append((place + 1, header, tuple(cells[:SAMPLES])))
    guesses = _guesses({header: cells for _place, header, cells in columns})
    made = [Column(place, header, _short(cells), guesses.get(header)) for place, header, cells in columns]
    return UnknownTable(tuple(made), fingerprint([column.header for column in made]))


def _short(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell if len(cell) <= LONGEST_SAMPLE else cell[: LONGEST_SAMPLE - 1] + "…" for cell in cells)


def fingerprint(names: Sequence[str]) -> str:
    """The sha256 of a set of headers, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(set(names))).encode()).hexdigest()


def _guesses(cells_of: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Header -> field, each field once: by the header's word first, then by what stands in the cells."""
    found: dict[str, str] = {}
    for guess in (_by_word, _by_cells):
        for header, cells in cells_of.items():
            field = guess(header, cells)
            if header not in found and field and field not in found.values():
                found[header] = field
    if "title" not in found.values() and (likeliest := _wordiest(cells_of, found)):
        found[likeliest] = "title"
    return found


def _by_word(header: str, cells: tuple[str, ...]) -> str | None:
    said = headers.meaning(header) or next(
        (field for field, words in _ABROAD.items() if _folded(header) in words), None
    )
    return None if said == "issue" and _counts_rows(cells) else said


def _counts_rows(cells: tuple[str, ...]) -> bool:
    """Whether a column numbers the rows of its table: such a "No." is no issue of a journal."""
    return len(cells) > 1 and cells == tuple(str(n) for n in range(1, len(cells) + 1))


def _wordiest(cells_of: Mapping[str, tuple[str, ...]], taken: Mapping[str, str]) -> str | None:
    """The free column with the most words in its cells, three on average at the least: the likeliest to hold titles."""
    free = {header: cells for header, cells in cells_of.items() if header not in taken and cells}
    words = {header: sum(len(cell.split()) for cell in cells) / len(cells) for header, cells in free.items()}
    return max((header for header, n in words.items() if n >= 3), key=words.__getitem__, default=None)


def _by_cells(_header: str, cells: tuple[str, ...]) -> str | None:
    """The field that every one of these cells looks like."""
    if not cells:
        return None
    for field, sign in (("doi", _DOI), ("year", _YEAR), ("urls", _WEB)):
        if all(sign.fullmatch(cell) for cell in cells):
            return field
    return "abstract" if all(len(cell) >= LONG_TEXT for cell in cells) else None


def _folded(header: str) -> str:
    """A header in plain small letters, words apart by one blank.

    >>> _folded("Udgivelsesår"), _folded("Forfatter(e)")
    ('udgivelsesar', 'forfatter e')
    """
    plain = unicodedata.normalize("NFKD", header.casefold().translate(_LETTERS))
    return _NOT_WORD.sub(" ", "".join(letter for letter in plain if not unicodedata.combining(letter))).strip()


def mapping_of(table: UnknownTable, said: Mapping[int, str]) -> dict[str, str]:
    """What a person said of each column (place -> field, "" for none) as field -> header.

    Raises:
        BadMapping: a field stands in two columns, is none, or no column holds the title.
    """
    mapping: dict[str, str] = {}
    for column in table.columns:
        field = said.get(column.place, "")
        if not field:
            continue
        if field not in FIELDS:
            raise BadMapping(_("“%(field)s” is no field of a record.", field=field[:40]))
        if field in mapping:
            first, second = mapping[field], column.header
            raise BadMapping(
                _("“%(first)s” and “%(second)s” are both said to hold the same.", first=first, second=second)
            )
        mapping[field] = column.header
    if "title" not in mapping:
        raise BadMapping(_("No column is said to hold the title."))
    return mapping


def field_names() -> dict[str, str]:
    """The fields of a record as people say them."""
    return {
        "title": _("Title"),
        "authors": _("Authors"),
        "year": _("Year"),
        "journal": _("Journal, or who published it"),
        "volume": _("Volume"),
        "issue": _("Issue"),
        "pages": _("Pages"),
        "doi": "DOI",
        "pmid": "PMID",
        "abstract": _("Abstract"),
        "languages": _("Language"),
        "publication_types": _("Type of publication"),
        "urls": _("Web address"),
        "original_title": _("Original title"),
        "date": _("Exact date"),
        "journal_abbreviation": _("Journal, abbreviated"),
        "pmcid": "PMCID",
        "embase_id": _("Embase number"),
        "cochrane_id": _("Cochrane number"),
        "registry_ids": _("Trial registration"),
        "issn": "ISSN",
        "isbn": "ISBN",
        "keywords": _("Keywords"),
        "subject_headings": _("Subject headings"),
        "databases": _("Database it comes from"),
        "notes": _("Notes"),
    }
