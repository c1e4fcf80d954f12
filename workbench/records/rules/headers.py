"""Headers of CSV and TSV exports: whose they are, and which field each feeds."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workbench.records.formats.raw import Unreadable
from workbench.records.rules.mapping import Fields, FieldTable
from workbench.words import _

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_SEMICOLON = re.compile(r"\s*[;\n]\s*")
_COMMA = re.compile(r"\s*,\s*(?![^()]*\))")
_COMMA_OR_LAST_DOT = re.compile(r"\s*,\s*|\.$")
_PIPE = re.compile(r"\s*[;|\n]\s*")
_BAR = re.compile(r"\s*\|\s*")

# Only words that can mean nothing else are here; `source`, for one, is a journal, a database or a citation.
_COMMON: dict[str, tuple[str, ...]] = {
    "title": ("title", "article title", "title primary", "primary title", "document title", "study title", "ti"),
    "original_title": ("original title", "original foreign title"),
    "authors": ("authors", "author", "author s", "author names", "authors primary", "primary authors"),
    "year": ("year", "publication year", "pub year", "published year", "publication date", "date", "date published"),
    "date": ("publication date", "date of publication", "date published", "date", "year", "publication year"),
    "journal": (
        "journal",
        "journal title",
        "journal name",
        "journal book",
        "source title",
        "publication title",
        "periodical full",
        "publication",
    ),
    "journal_abbreviation": ("journal abbreviation", "abbreviated source title", "periodical abbrev"),
    "volume": ("volume",),
    "issue": ("issue", "issue number", "number"),
    "start": ("pages", "first page", "page start", "start page", "art no"),
    "end": ("last page", "page end", "end page", "other pages"),
    "doi": ("doi",),
    "doi_urls": ("url", "link", "full text link", "urls", "links", "open url link"),
    "pmid": ("pmid", "pubmed id", "medline pmid"),
    "pmcid": ("pmcid", "pmc id"),
    "embase": ("pui", "embase accession id", "embase id"),
    "accession": ("central id", "accession number"),
    "references": ("pubmed id", "embase id"),
    "registry": ("clinical trial numbers", "ctgov id", "ictrp id", "nct number"),
    "issn": ("issn", "issns", "issn isbn", "isbn"),
    "isbn": ("isbn", "issn isbn"),
    "abstract": ("abstract", "abstract note"),
    "keywords": ("keywords", "author keywords", "manual tags"),
    "subject_headings": ("mesh terms", "index keywords", "subjects"),
    "languages": ("language", "article language", "language of original document"),
    "publication_types": ("publication type", "type", "item type", "document type", "doctype", "reference type"),
    "databases": ("database name", "database", "sub file database"),
    "urls": ("url", "urls", "link", "links", "embase link", "full text link", "plink", "source urls"),
    "notes": ("notes",),
    "source": ("citation",),
}
_EMTREE = (
    "emtree drug index terms major focus",
    "emtree drug index terms",
    "emtree medical index terms major focus",
    "emtree medical index terms",
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Headers that give a source away, and what they mean there beyond the common meaning."""

    source: str
    headers: frozenset[str]
    fields: Fields = field(default_factory=dict)
    splits: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    database: str | None = None
    flattened: Fields = field(default_factory=dict)
    """Tags of RIS that the source writes into the cell before them."""


def _signature(source: str, headers: str, database: str | None = None, **fields: tuple[str, ...]) -> Signature:
    """Write a signature in one line: headers apart by commas."""
    names = frozenset(headers.split(","))
    return Signature(source, names, fields, {}, database)


# ClinicalTrials.gov: its export of today, the one before 2023, and the flattened fields of its own data.
_TRIALS: dict[str, tuple[str, ...]] = {
    "title": ("study title", "title", "identification officialtitle", "identification brieftitle"),
    "authors": ("sponsor", "sponsor collaborators", "sponsorcollaborators leadsponsor name"),
    "year": ("first posted", "status studyfirstpostdate date", "start date", "status startdate date"),
    "date": ("first posted", "status studyfirstpostdate date", "start date", "status startdate date"),
    "registry": ("nct number", "other ids", "identification nctid", "identification secondaryidinfos"),
    "abstract": ("brief summary", "description briefsummary"),
    "keywords": ("conditions", "interventions", "conditions conditions", "conditions keywords"),
    "publication_types": ("study type", "design studytype"),
    "urls": ("study url", "url"),
}
# ASReview reads RIS with rispy and gives its words back as headers.
_RISPY: dict[str, tuple[str, ...]] = {
    "title": ("title", "primary title"),
    "authors": ("authors", "first authors"),
    "year": ("year", "publication year", "date"),
    "journal": ("journal", "journal name", "secondary title", "alternate title3", "alternate title1"),
    "end": ("end page",),
    "publication_types": ("type of reference", "type of work"),
    "urls": ("url", "urls"),
    "notes": ("notes", "note"),
}


SIGNATURES = (
    Signature(
        "embase",
        frozenset(("title", "author names", "emtree medical index terms")),
        {"subject_headings": _EMTREE, "source": ("source",)},
        {"authors": _COMMA, "keywords": _COMMA, "subject_headings": _COMMA, "languages": _COMMA},
        "Embase",
    ),
    Signature(
        "pubmed",
        frozenset(("pmid", "title", "authors", "citation", "journal book")),
        {"date": ("publication year",)},
        {"authors": _COMMA_OR_LAST_DOT},
        "PubMed",
    ),
    Signature(
        "cochrane",
        frozenset(("central id", "author s", "title", "source")),
        {"journal": ("source",)},
        {"publication_types": _SEMICOLON},
    ),
    _signature("scopus", "authors,title,source title,author keywords,index keywords", "Scopus", databases=("source",)),
    _signature("covidence", "title,authors,covidence"),
    _signature("eppi", "included,id,shorttitle,title"),
    Signature(
        "rayyan",
        frozenset(("key", "title", "authors", "pubmed id", "pmc id")),
        flattened={"embase": ("U2",), "pmid": ("C5",), "doi": ("DO",), "doi_urls": ("L2", "LK"), "accession": ("AN",)},
    ),
    _signature("zotero", "key,item type,title,abstract note,publication title", start=("pages",)),
    _signature("refworks", "reference type,title primary,authors primary"),
    _signature("by-hand", "title,authors,year,journal,doi,pmid,url,abstract,language,type,notes,found by hand"),
    _signature("cinahl", "article title,journal title,plink,doctype", database="CINAHL"),
    Signature("lens", frozenset(("lens id", "title", "author s")), database="The Lens"),
    Signature(
        "openalex",
        frozenset(("title", "display name", "publication year", "primary location source display name")),
        {
            "authors": ("authorships raw author name", "authorships author display name"),
            "date": ("publication date", "publication year"),
            "year": ("publication year",),
            "journal": ("primary location source display name",),
            "volume": ("biblio volume",),
            "issue": ("biblio issue",),
            "start": ("biblio first page",),
            "end": ("biblio last page",),
            "pmcid": ("ids pmcid",),
            "issn": ("primary location source issn",),
            "keywords": ("keywords display name",),
            "subject_headings": ("mesh descriptor name",),
            "publication_types": ("type",),
            "urls": ("primary location landing page url", "ids pmid"),
        },
        dict.fromkeys(("authors", "keywords"), _BAR),
        "OpenAlex",
    ),
    _signature(
        "publish-or-perish",
        "cites,authors,title,year,source,gsrank",
        journal=("source",),
        start=("startpage",),
        end=("endpage",),
        urls=("articleurl", "fulltexturl"),
        doi_urls=("articleurl",),
    ),
    _signature("google-scholar", "authors,title,publication,volume,number,pages,year,publisher"),
    Signature("ctgov", frozenset(["nct number", "study title"]), _TRIALS, database="ClinicalTrials.gov"),
    Signature("ctgov", frozenset(["nct number", "title", "acronym", "status"]), _TRIALS, database="ClinicalTrials.gov"),
    Signature(
        "ctgov",
        frozenset(["identification nctid", "identification brieftitle"]),
        _TRIALS,
        database="ClinicalTrials.gov",
    ),
    _signature(
        "common",
        "record id,type,title,authors,year,journal,volume,issue,pages,doi,abstract",
        databases=("source",),
    ),
    Signature("asreview", frozenset(["title", "asreview label"]), _RISPY),
    Signature("asreview", frozenset(["title", "asreview ranking"]), _RISPY),
    Signature("asreview", frozenset(["title", "abstract", "label included"]), _RISPY),
    Signature("asreview", frozenset(["title", "abstract", "included", "record id"]), _RISPY),
)
_UNKNOWN = Signature("", frozenset())


def known(header: str) -> str:
    """Return a header as it is compared: lower case, words apart by one blank.

    >>> known("Author(s)"), known("Journal/Book"), known("record_id")
    ('author s', 'journal book', 'record id')
    """
    return _NOT_WORD.sub(" ", header.casefold()).strip()


def signature_of(headers: Iterable[str]) -> Signature | None:
    """Say whose headers these are."""
    names = {known(header) for header in headers}
    return next((one for one in SIGNATURES if one.headers <= names), None)


def recognised(headers: Iterable[str]) -> int:
    """Count the headers that mean something here; tells the right delimiter from a wrong one."""
    words = {word for synonyms in _COMMON.values() for word in synonyms}
    return sum(known(header) in words for header in headers)


def titles(headers: Iterable[str]) -> list[str]:
    """List the headers that can only be the title."""
    return [header for header in headers if known(header) in _COMMON["title"]]


def meaning(header: str) -> str | None:
    """Name the field that a header of any export would feed, under the name by which people say it.

    >>> meaning("Publication Year"), meaning("Pages"), meaning("Udgiver")
    ('year', 'pages', None)
    """
    word = known(header)
    return next((_SAID.get(name, name) for name in _COMMON if word in _COMMON[name] and name not in _INNER), None)


def field_table(headers: list[str], columns: Mapping[str, str]) -> tuple[FieldTable, str | None]:
    """Return what each header feeds, and the source where it is known.

    Args:
        headers: as they stand in the file.
        columns: field -> header, said by a person; wins over what is known.

    Raises:
        Unreadable: a named header is not there, or no header, or more than one, can be the title.
    """
    _check(headers, columns)
    signature = signature_of(headers)
    if signature is None and "title" not in columns and len(titles(headers)) != 1:
        raise _no_title(headers)
    table = _table_of(headers, signature or _UNKNOWN)
    fields = dict(table.fields) | {_slot(name): (header,) for name, header in columns.items()}
    return FieldTable(fields, table.splits, table.database), signature.source if signature else None


def embase_table(names: list[str]) -> FieldTable:
    """Return what each name of Embase's vertical layout feeds: its columns' names in capitals."""
    return _table_of(names, SIGNATURES[0])


def _table_of(headers: list[str], signature: Signature) -> FieldTable:
    """Match headers to fields by their common meaning, and by what the source means with them."""
    by_word: dict[str, list[str]] = {}
    for header in headers:
        by_word.setdefault(known(header), []).append(header)
    meanings = _COMMON | dict(signature.fields)
    fields = {
        name: tuple(header for word in words for header in by_word.get(word, ())) + signature.flattened.get(name, ())
        for name, words in meanings.items()
    }
    return FieldTable(fields, {"subject_headings": _PIPE, **signature.splits}, signature.database)


_INNER = frozenset(("end", "doi_urls", "accession", "references", "source"))
_SAID = {"start": "pages", "registry": "registry_ids", "embase": "embase_id"}
FIELD_NAMES = frozenset(_COMMON) - {"start", "end", "doi_urls", "accession", "references", "source"} | {"pages"}


def _slot(name: str) -> str:
    """Return the name under which the table keeps a field."""
    return {"pages": "start", "registry_ids": "registry", "embase_id": "embase", "cochrane_id": "accession"}.get(
        name, name
    )


def _check(headers: list[str], columns: Mapping[str, str]) -> None:
    """Refuse a column that is not in the file, or a field that is none."""
    for name, header in columns.items():
        if header not in headers:
            message = _("There is no column “%(header)s”. The columns are: %(all)s.")
            raise Unreadable(message % {"header": header, "all": ", ".join(headers)}, hint="")
        if _slot(name) not in _COMMON:
            fields = ", ".join(sorted(FIELD_NAMES))
            raise Unreadable(_("“%(name)s” is no field. The fields are: %(all)s.", name=name, all=fields), hint="")


def _no_title(headers: list[str]) -> Unreadable:
    """Say that the title's column must be named."""
    message = _("It is not clear which column holds the title. The columns are: %(all)s.", all=", ".join(headers))
    return Unreadable(message, hint=_("Name it: --columns title=HEADER,authors=HEADER,year=HEADER"))
