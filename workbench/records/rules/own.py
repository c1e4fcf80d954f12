"""Where our own writers put every field, and how it is read back from there just as it was.

Every format has a mark by which our own records are known. A file that another program has passed on bears another
mark, or none, and is read by that program's habits.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from workbench.records.formats.raw import Pair, RawRecord
from workbench.records.rules import identifiers, latex, values
from workbench.records.rules.items import Found, Item

NAME = "Screening Workbench"
"""The name our files give for the program that wrote them."""
SOURCE = "workbench"
"""How the source of a file is named that our own writers wrote."""

SINGLE = (
    *("title", "original_title", "date", "journal", "journal_abbreviation", "volume", "issue", "pages"),
    *("doi", "pmid", "pmcid", "embase_id", "cochrane_id", "abstract", "kind"),
)
LISTS = (
    *("authors", "registry_ids", "issn", "isbn", "keywords", "subject_headings", "languages", "publication_types"),
    *("databases", "urls"),
)
IDENTIFIERS = ("doi", "pmid", "pmcid", "embase_id", "cochrane_id")

COLUMNS = {
    **{"source": "databases", "type": "kind", "title": "title", "authors": "authors", "year": "year"},
    **{"journal": "journal", "volume": "volume", "issue": "issue", "pages": "pages", "doi": "doi", "pmid": "pmid"},
    **{"abstract": "abstract", "original_title": "original_title", "date": "date", "pmcid": "pmcid"},
    **{"journal_abbreviation": "journal_abbreviation", "embase_id": "embase_id", "cochrane_id": "cochrane_id"},
    **{"registry_ids": "registry_ids", "issn": "issn", "isbn": "isbn", "keywords": "keywords", "urls": "urls"},
    **{"subject_headings": "subject_headings", "languages": "languages", "publication_types": "publication_types"},
}
"""The columns of our tables behind `record_id`, and the field of each."""

RIS_TYPES = {
    **{"article": "JOUR", "book": "BOOK", "chapter": "CHAP", "conference": "CPAPER", "thesis": "THES"},
    **{"report": "RPRT", "dataset": "DATA", "web": "ELEC", "patent": "PAT", "preprint": "UNPB", "registry": "DBASE"},
}
NO_RIS_TYPE = "GEN"
RIS_ID = "workbench:"
RIS = {
    **{"TI": "title", "TT": "original_title", "AU": "authors", "PY": "year", "T2": "journal"},
    **{"J2": "journal_abbreviation", "VL": "volume", "IS": "issue", "DO": "doi", "C5": "pmid", "C2": "pmcid"},
    **{"U2": "embase_id", "AN": "cochrane_id", "CN": "registry_ids", "AB": "abstract", "MH": "subject_headings"},
    **{"LA": "languages", "M3": "publication_types", "DB": "databases", "UR": "urls"},
}
NBIB_OWNER = "workbench"
NBIB = {
    **{"PMID": "pmid", "TI": "title", "TT": "original_title", "FAU": "authors", "YEAR": "year", "DATE": "date"},
    **{"JT": "journal", "TA": "journal_abbreviation", "VI": "volume", "IP": "issue", "PG": "pages", "DOI": "doi"},
    **{"PMC": "pmcid", "EMID": "embase_id", "COCH": "cochrane_id", "SI": "registry_ids", "IS": "issn"},
    **{"ISBN": "isbn", "AB": "abstract", "OT": "keywords", "MH": "subject_headings", "LA": "languages"},
    **{"PT": "publication_types", "DB": "databases", "URL": "urls", "KIND": "kind"},
}
ENDNOTE_TYPES = {
    **{"article": ("Journal Article", 17), "book": ("Book", 6), "chapter": ("Book Section", 5)},
    **{"conference": ("Conference Paper", 47), "thesis": ("Thesis", 32), "report": ("Report", 27)},
    **{"dataset": ("Dataset", 59), "web": ("Web Page", 12), "patent": ("Patent", 25)},
    **{"preprint": ("Unpublished Work", 34), "registry": ("Online Database", 45)},
}
NO_ENDNOTE_TYPE = ("Generic", 13)
ENDNOTE = {
    **{"titles/title": "title", "titles/translated-title": "original_title", "dates/year": "year"},
    **{"contributors/authors/author": "authors", "dates/pub-dates/date": "date", "titles/secondary-title": "journal"},
    **{"periodical/abbr-1": "journal_abbreviation", "volume": "volume", "number": "issue", "pages": "pages"},
    **{"electronic-resource-num": "doi", "accession-num": "pmid", "abstract": "abstract", "custom2": "pmcid"},
    **{"custom3": "embase_id", "custom4": "cochrane_id", "urls/related-urls/url": "urls"},
}
ENDNOTE_LISTS = {
    **{"custom1": "registry_ids", "custom5": "subject_headings", "custom6": "databases"},
    **{"custom7": "publication_types", "language": "languages"},
}
"""Elements that hold several values, one on each line."""
CSL_TYPES = {
    **{"article": "article-journal", "book": "book", "chapter": "chapter", "conference": "paper-conference"},
    **{"thesis": "thesis", "report": "report", "dataset": "dataset", "web": "webpage", "patent": "patent"},
    **{"preprint": "article", "registry": "entry"},
}
NO_CSL_TYPE = "document"
CSL = {
    **{"title": "title", "original-title": "original_title", "container-title": "journal", "volume": "volume"},
    **{"container-title-short": "journal_abbreviation", "issue": "issue", "page": "pages", "DOI": "doi"},
    **{"PMID": "pmid", "PMCID": "pmcid", "abstract": "abstract", "author": "authors"},
}
CSL_OWN = "custom/workbench/"
BIBTEX_TYPES = {
    **{"article": "article", "book": "book", "chapter": "incollection", "conference": "inproceedings"},
    **{"thesis": "phdthesis", "report": "techreport", "dataset": "dataset", "web": "online", "patent": "patent"},
    **{"preprint": "unpublished", "registry": "electronic"},
}
NO_BIBTEX_TYPE = "misc"
BIBTEX_MARK = "workbench"
BIBTEX = {
    **{"title": "title", "origtitle": "original_title", "author": "authors", "year": "year", "date": "date"},
    **{"journal": "journal", "booktitle": "journal", "shortjournal": "journal_abbreviation", "volume": "volume"},
    **{"number": "issue", "pages": "pages", "doi": "doi", "pmid": "pmid", "pmcid": "pmcid", "embase": "embase_id"},
    **{"cochrane": "cochrane_id", "registry": "registry_ids", "issn": "issn", "isbn": "isbn", "abstract": "abstract"},
    **{"keywords": "keywords", "mesh": "subject_headings", "language": "languages", "type": "publication_types"},
    **{"database": "databases", "url": "urls", "urls": "urls"},
}

_DEFUSED = re.compile(r"'+[=+\-@\t\r]")
_SEVERAL = re.compile(r"; +")
AND = re.compile(r"\s+and\s+(?![^{}]*\})", re.IGNORECASE)
"""What stands between names in BibTeX; within braces it is part of a name."""

Told = Iterable[tuple[str, str, Pair]]
"""A field, a value of it as it is kept, and the pair it comes from."""


def item(number: int, record: RawRecord, told: Told) -> Item:
    """Return a record of ours as it was when it was written."""
    single: dict[str, Any] = {}
    lists: dict[str, list[str]] = {name: [] for name in LISTS}
    found: Found = {}
    for name, value, (tag, _whole, line) in told:
        if name not in lists and name not in SINGLE and name != "year":
            continue
        if name in lists:
            if value not in lists[name]:
                lists[name].append(value)
        else:
            single.setdefault(name, value)
        if name in IDENTIFIERS or name == "registry_ids":
            where = {"tag": tag, "line": line, "how": "tag"}
            found.setdefault(name, where)
            if name == "registry_ids":
                found[f"{name}/{value}"] = where
    single["year"] = values.year(single.get("year", ""))
    if "doi" in single:
        single["doi"] = identifiers.doi(single["doi"])
    single |= lists
    return Item(number=number, lines=(record.first, record.last), raw=record.pairs, found=found, **single)


def maker(read: Callable[[RawRecord], Told]) -> Callable[[int, RawRecord], Item]:
    """Return what makes an item of a raw record of ours."""
    return lambda number, record: item(number, record, read(record))


def _values(pairs: Iterable[Pair], fields: Mapping[str, str]) -> Iterator[tuple[str, str, Pair]]:
    """Hand out values that stand alone in their tag."""
    for pair in pairs:
        if pair[0] in fields and (value := _kept(fields[pair[0]], pair[1])):
            yield fields[pair[0]], value, pair


def _kept(name: str, value: str) -> str:
    """Return a value without blanks around it; an abstract keeps its lines."""
    if name == "abstract":
        return "\n".join(kept for line in value.split("\n") if (kept := line.strip()))
    return " ".join(line.strip() for line in value.split("\n")).strip() if "\n" in value else value.strip()


def _several(value: str) -> list[str]:
    """Split a list in one value: at its line ends where it has any, else at semicolons."""
    return value.split("\n") if "\n" in value else _SEVERAL.split(value)


def from_ris(record: RawRecord) -> Told:
    """Read a RIS record of ours. Headings stand a second time as keywords, behind them, for other programs."""
    yield from _values(record.pairs, RIS)
    kinds = {code: kind for kind, code in RIS_TYPES.items()}
    headings_seen = False
    start = next((pair for pair in record.pairs if pair[0] == "SP"), None)
    end = next((pair[1].strip() for pair in record.pairs if pair[0] == "EP"), "")
    if start:
        yield "pages", "-".join(filter(None, (start[1].strip(), end))), start
    for pair in record.pairs:
        tag, value = pair[0], _kept("", pair[1])
        headings_seen = headings_seen or tag == "MH"
        if tag == "KW" and value and not headings_seen:
            yield "keywords", value, pair
        elif tag == "SN" and value:
            yield ("issn" if values.issns(value) else "isbn"), value, pair
        elif tag == "DA" and value:
            yield "date", values.date(value, None) or value, pair
        elif tag == "TY" and value in kinds:
            yield "kind", kinds[value], pair


def from_nbib(record: RawRecord) -> Told:
    """Read an nbib record of ours."""
    return _values(record.pairs, NBIB)


TAGGED = {"ris": from_ris, "nbib": from_nbib}
"""What reads the tagged records of ours."""


def is_own_table(headers: Iterable[str]) -> bool:
    """Say whether these are the columns of a table of ours."""
    return {"record_id", *COLUMNS} <= set(headers)


def from_row(record: RawRecord) -> Told:
    """Read a row of a table of ours: lists apart by semicolons, formulas defused."""
    for pair in record.pairs:
        name = COLUMNS.get(pair[0])
        if name is None:
            continue
        value = pair[1].removeprefix("'") if _DEFUSED.match(pair[1]) else pair[1]
        for part in _several(value) if name in LISTS else [value]:
            if kept := _kept(name, part):
                yield name, kept, pair


def is_own_endnote(record: RawRecord) -> bool:
    """Say whether a reference was written by us and not passed on by EndNote."""
    return ("source-app/@name", NAME) in [pair[:2] for pair in record.pairs]


def from_endnote(record: RawRecord) -> Told:
    """Read an EndNote reference of ours. Headings stand a second time behind the keywords, for other programs."""
    yield from _values(record.pairs, ENDNOTE)
    headings = 0
    for pair in record.pairs:
        lines = [value for line in pair[1].split("\n") if (value := line.strip())]
        if name := ENDNOTE_LISTS.get(pair[0]):
            headings = len(lines) if name == "subject_headings" else headings
            yield from ((name, line, pair) for line in lines)
        elif pair[0] == "isbn":
            yield from (("issn" if values.issns(line) else "isbn", line, pair) for line in lines)
        elif pair[0] == "ref-type/@name":
            yield from (("kind", kind, pair) for kind, (name, _n) in ENDNOTE_TYPES.items() if name == pair[1])
    keywords = [pair for pair in record.pairs if pair[0] == "keywords/keyword"]
    yield from _values(keywords[: len(keywords) - headings], {"keywords/keyword": "keywords"})


def is_own_csl(record: RawRecord) -> bool:
    """Say whether a CSL-JSON item is ours."""
    return any(tag.startswith(CSL_OWN) for tag, _value, _line in record.pairs)


def from_csl(record: RawRecord, placed: Iterable[tuple[str, Pair]]) -> Told:
    """Read a CSL-JSON item of ours.

    Args:
        record: the item as delivered.
        placed: its pairs under the names of CSL's variables, names of people put together.
    """
    for tag, pair in placed:
        if tag in CSL:
            yield CSL[tag], _kept(CSL[tag], pair[1]), pair
    for pair in record.pairs:
        if pair[0].startswith(CSL_OWN):
            yield pair[0][len(CSL_OWN) :].split("/")[0], pair[1], pair


def is_own_bibtex(record: RawRecord) -> bool:
    """Say whether a BibTeX entry is ours."""
    return any(tag == BIBTEX_MARK for tag, _value, _line in record.pairs)


def from_bibtex(record: RawRecord) -> Told:
    """Read a BibTeX entry of ours."""
    kinds = {code: kind for kind, code in BIBTEX_TYPES.items()}
    for pair in record.pairs:
        name = BIBTEX.get(pair[0])
        if pair[0] == "@" and pair[1] in kinds:
            yield "kind", kinds[pair[1]], pair
        elif name == "pages":
            yield name, latex.plain(pair[1].replace("--", "-{}")), pair
        elif name in ("urls", "doi"):
            yield from ((name, part, pair) for part in _several(latex.unescaped(pair[1])) if part)
        elif name:
            parts = AND.split(pair[1]) if name == "authors" else _several(pair[1]) if name in LISTS else [pair[1]]
            yield from ((name, kept, pair) for part in parts if (kept := _kept(name, latex.plain(part))))
