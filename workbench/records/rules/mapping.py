"""Which tag feeds which field, per format and source; the first tag that holds something wins for single values.

Sources: the tables of the formats as the databases document them, read on real exports. Tags a table does not name
stay in `raw`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Fields = Mapping[str, tuple[str, ...]]

_LINES = re.compile(r"\n")
_SEMICOLON = re.compile(r"\s*[;\n]\s*")


@dataclass(frozen=True, slots=True)
class FieldTable:
    """How one dialect's tags become fields.

    Attributes:
        fields: field -> tags, the best first. `start`, `end` and `pages` make up the pages; `source` is a citation
            to be taken apart; `notes`, and title and abstract, are searched for identifiers; `accession` holds the
            database's own number, whatever database that is; `references` numbers that name their database.
        splits: field -> what stands between several values of one tag.
        database: the database every record of this source comes from.
        present: a memo of which fields a set of tags feeds, kept by the reader of a record.
    """

    fields: Fields
    splits: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    database: str | None = None
    present: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = field(default_factory=dict, compare=False, repr=False)


_RIS: dict[str, tuple[str, ...]] = {
    "title": ("TI", "T1", "CT", "BT"),
    "original_title": ("TT", "OP"),
    "authors": ("AU", "A1"),
    "year": ("PY", "Y1", "DA"),
    "date": ("DA", "Y1", "PY", "YR"),
    "journal": ("JF", "T2", "JO", "JA", "J2", "JN"),
    "journal_abbreviation": ("JA", "J2", "JO", "J1"),
    "volume": ("VL", "VO"),
    "issue": ("IS", "CP"),
    "start": ("SP", "PG", "C7"),
    "end": ("EP",),
    "doi": ("DO", "DI"),
    "doi_urls": ("UR", "L2", "M3", "LK", "L1", "L3"),
    "doi_notes": ("N1", "M3"),
    "pmid": ("PMID", "PM"),
    "pmcid": ("C2", "PMC"),
    "accession": ("AN", "ID"),
    "references": ("C3", "U1", "U2", "N1"),
    "registry": ("CN", "C3", "RN"),
    "issn": ("SN", "IS"),
    "abstract": ("AB", "N2"),
    "keywords": ("KW", "DE"),
    "subject_headings": ("MH",),
    "languages": ("LA",),
    "publication_types": ("TY", "M3", "PT"),
    "databases": ("DB", "DP"),
    "urls": ("UR", "L1", "L2", "LK"),
    "notes": ("N1", "N2", "AN", "U2"),
}
_RIS_SPLITS = dict.fromkeys(("authors", "keywords", "subject_headings", "databases"), _LINES)
# C5 is a PMID and U2 an Embase number only where Embase.com wrote them, or a tool that passes its tags on.
_FROM_EMBASE = {**_RIS, "pmid": ("C5", "PMID", "PM"), "embase": ("U2",), "issue": ("IS",)}
_EMBASE_RIS = {**_FROM_EMBASE, "keywords": (), "subject_headings": ("KW",), "registry": ("CN", "C3")}
_WITH_M1_AS_ISSUE = {**_RIS, "issue": ("IS", "CP", "M1")}
_EBSCO_RIS = {**_RIS, "doi": ("DO", "DI", "L3")}
_WOS_RIS = {
    **_RIS,
    "journal_abbreviation": ("JI", "J9", "JA"),
    "issue": ("IS", "SI"),
    "date": ("DA", "C6", "PY"),
    "registry": ("RN",),
    "publication_types": ("TY", "M3", "DT"),
}

_NBIB: dict[str, tuple[str, ...]] = {
    "title": ("TI", "BTI", "CTI"),
    "original_title": ("TT",),
    "authors": ("FAU", "CN"),
    "authors_short": ("AU", "CN"),
    "year": ("DP", "DEP", "EDAT"),
    "date": ("DP", "DEP"),
    "journal": ("JT", "BTI", "TA"),
    "journal_abbreviation": ("TA",),
    "volume": ("VI",),
    "issue": ("IP",),
    "start": ("PG",),
    "doi": ("LID", "AID"),
    "pmid": ("PMID",),
    "pmcid": ("PMC",),
    "registry": ("SI",),
    "issn": ("IS", "ISSN"),
    "isbn": ("ISBN",),
    "abstract": ("AB", "OAB"),
    "keywords": ("OT",),
    "subject_headings": ("MH",),
    "languages": ("LA",),
    "publication_types": ("PT",),
    "databases": ("DB",),
    "urls": ("URL",),
}
_OVID: dict[str, tuple[str, ...]] = {
    "title": ("TI", "Title", "BT"),
    "original_title": ("TT", "OT"),
    "authors": ("AU", "FA", "Author", "ED"),
    "year": ("YR", "DP", "Year of Publication", "SO", "Source", "DG"),
    "date": ("DP", "DG", "YR"),
    "journal": ("JN", "JT"),
    "volume": ("VO", "VI"),
    "issue": ("IP",),
    "start": ("PG",),
    "source": ("SO", "Source"),
    "doi": ("DO", "DI", "DOI Number"),
    "pmid": ("PM",),
    "accession": ("UI", "AN", "Accession Number"),
    "references": ("UI", "AN"),
    "registry": ("CN", "NT", "TN"),
    "issn": ("IS", "ISSN"),
    "isbn": ("IB",),
    "abstract": ("AB", "Abstract"),
    "keywords": ("KW", "KY", "Author Keywords"),
    "subject_headings": ("MH", "SH", "OD", "DE"),
    "languages": ("LG", "LA", "Language"),
    "publication_types": ("PT", "DT", "ST", "Document Type", "Publication Type"),
    "databases": ("DB",),
    "urls": ("XL", "UR", "LK", "Link to the Ovid Full Text or citation"),
    "doi_urls": ("XL", "UR"),
}
_WOS: dict[str, tuple[str, ...]] = {
    "title": ("TI",),
    "original_title": ("FT",),
    "authors": ("AF", "CA"),
    "authors_short": ("AU", "CA"),
    "year": ("PY", "EA", "PD"),
    "date": ("PD", "EA", "PY"),
    "journal": ("SO",),
    "journal_abbreviation": ("JI", "J9"),
    "volume": ("VL",),
    "issue": ("IS",),
    "start": ("BP", "AR"),
    "end": ("EP",),
    "doi": ("DI", "D2"),
    "pmid": ("PM",),
    "issn": ("SN", "EI"),
    "isbn": ("BN",),
    "abstract": ("AB",),
    "keywords": ("DE", "ID"),
    "subject_headings": ("MQ", "MA"),
    "languages": ("LA",),
    "publication_types": ("DT", "PT"),
    "urls": ("UR",),
}
_REFER: dict[str, tuple[str, ...]] = {
    "title": ("%T",),
    "original_title": ("%Q",),
    "authors": ("%A",),
    "year": ("%D", "%8"),
    "date": ("%8", "%D"),
    "journal": ("%J", "%B"),
    "volume": ("%V",),
    "issue": ("%N",),
    "start": ("%P",),
    "doi": ("%R",),
    "doi_urls": ("%U",),
    "pmcid": ("%2",),
    "accession": ("%M",),
    "issn": ("%@",),
    "abstract": ("%X",),
    "keywords": ("%K",),
    "languages": ("%G",),
    "publication_types": ("%0", "%9"),
    "databases": ("%~", "%W"),
    "urls": ("%U",),
    "notes": ("%Z",),
}
_REFWORKS: dict[str, tuple[str, ...]] = {
    "title": ("T1",),
    "original_title": ("OT",),
    "authors": ("A1",),
    "year": ("YR", "FD"),
    "date": ("FD", "YR"),
    "journal": ("JF", "T2", "JO"),
    "journal_abbreviation": ("JO",),
    "volume": ("VO",),
    "issue": ("IS",),
    "start": ("SP",),
    "end": ("OP",),
    "doi": ("DO",),
    "doi_urls": ("LK", "UL"),
    "accession": ("AN",),
    "references": ("AN", "NO"),
    "issn": ("SN",),
    "abstract": ("AB",),
    "keywords": ("K1",),
    "languages": ("LA",),
    "publication_types": ("RT",),
    "databases": ("DB", "DS", "SF"),
    "urls": ("LK", "UL"),
    "notes": ("NO",),
}
_COCHRANE_TEXT: dict[str, tuple[str, ...]] = {
    "title": ("TI",),
    "authors": ("AU",),
    "year": ("YR", "PY"),
    "date": ("YR", "PY"),
    "journal": ("SO", "JA"),
    "volume": ("VL",),
    "issue": ("NO", "IS"),
    "start": ("PG", "SP"),
    "doi": ("DOI", "DO"),
    "accession": ("ID", "AN"),
    "references": ("PM", "XR", "C3"),
    "registry": ("XR", "C3"),
    "abstract": ("AB",),
    "keywords": ("KY", "KW"),
    "publication_types": ("PT", "M3"),
    "urls": ("US", "UR"),
}

_RIS_TABLE = FieldTable(_RIS, _RIS_SPLITS)
_WITH_M1 = FieldTable(_WITH_M1_AS_ISSUE, _RIS_SPLITS)
_COCHRANE_RIS = FieldTable({**_RIS, "journal_abbreviation": ("J2",)}, {**_RIS_SPLITS, "publication_types": _SEMICOLON})

RIS_SOURCES = {
    "embase": FieldTable(_EMBASE_RIS, _RIS_SPLITS, database="Embase"),
    "rayyan": FieldTable({**_FROM_EMBASE, "issue": ("IS", "CP", "M1")}, _RIS_SPLITS),
    "refworks": FieldTable(_FROM_EMBASE, _RIS_SPLITS),
    "cochrane": _COCHRANE_RIS,
    "ebsco": FieldTable(_EBSCO_RIS, _RIS_SPLITS),
    "wos": FieldTable(_WOS_RIS, _RIS_SPLITS, database="Web of Science"),
    "scopus": FieldTable({**_RIS, "pmid": ("C2",), "pmcid": ()}, _RIS_SPLITS, database="Scopus"),
    **dict.fromkeys(("endnote", "zotero", "mendeley", "asreview"), _WITH_M1),
}
FORMATS = {
    "ris": _RIS_TABLE,
    "nbib": FieldTable(_NBIB, database="PubMed"),
    "nbib-eric": FieldTable(_NBIB, database="ERIC"),
    "pubmed-xml": FieldTable({**_NBIB, "doi": ("DOI",)}, database="PubMed"),
    "ovid": FieldTable(
        _OVID,
        dict.fromkeys(("subject_headings", "publication_types"), _LINES)
        | dict.fromkeys(("authors", "keywords"), _SEMICOLON),
    ),
    "ovid-long": FieldTable(
        _OVID,
        dict.fromkeys(("authors", "keywords", "publication_types"), _SEMICOLON),
    ),
    "wos": FieldTable(
        _WOS,
        {"authors": _LINES, "authors_short": _LINES, "keywords": re.compile(r";\s*"), "issn": _LINES},
        database="Web of Science",
    ),
    "refer": FieldTable(_REFER, {"keywords": _SEMICOLON, "authors": _LINES}),
    "refworks": FieldTable(_REFWORKS),
    "cochrane-text": FieldTable(
        _COCHRANE_TEXT, {"keywords": _SEMICOLON, "authors": _SEMICOLON, "publication_types": _SEMICOLON}
    ),
}
