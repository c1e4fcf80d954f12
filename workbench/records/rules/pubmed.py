"""PubMed XML under the names of PubMed's tags, so that both of its formats come to the same record."""

from collections.abc import Iterator

from lxml import etree

from workbench.records.formats.pubmed_xml import line_of
from workbench.records.formats.raw import Pair, RawRecord
from workbench.records.rules.mapping import FieldTable
from workbench.records.rules.tags import Tags

_CITATION = ("MedlineCitation/", "BookDocument/", "")
_SIMPLE = {
    "PMID": ("PMID",),
    "TI": ("Article/ArticleTitle", "ArticleTitle"),
    "BTI": ("Book/BookTitle",),
    "TT": ("Article/VernacularTitle", "VernacularTitle"),
    "JT": ("Article/Journal/Title",),
    "TA": ("Article/Journal/ISOAbbreviation", "MedlineJournalInfo/MedlineTA"),
    "VI": ("Article/Journal/JournalIssue/Volume", "Book/Volume"),
    "IP": ("Article/Journal/JournalIssue/Issue",),
    "PG": ("Article/Pagination/MedlinePgn", "Pagination/MedlinePgn"),
    "IS": ("Article/Journal/ISSN",),
    "ISBN": ("Book/Isbn",),
    "LA": ("Article/Language", "Language"),
    "PT": ("Article/PublicationTypeList/PublicationType", "PublicationType"),
    "OT": ("KeywordList/Keyword",),
    "SI": ("Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber",),
}


class Places:
    """Finds elements of one record and says on which line and under which path they stand."""

    def __init__(self, record: RawRecord, element: etree._Element) -> None:
        self.record, self.element = record, element
        self.prefix = next((p for p in _CITATION if not p or element.find(p.rstrip("/")) is not None), "")

    def every(self, path: str) -> list[etree._Element]:
        """Find the elements below the citation."""
        return self.element.findall(self.prefix + path)

    def pair(self, tag: str, element: etree._Element, text: str) -> tuple[str, Pair]:
        """Put a text under a tag; the pair itself names the path and the line."""
        below = [one.tag for one in element.iterancestors()][::-1][1:]
        path = "/".join([*map(str, below), str(element.tag)])
        return tag, (path, text, line_of(element, self.record.first - 1))


def words(element: etree._Element | None) -> str:
    """Return the text of an element with that of italics and formulas within it."""
    return " ".join("".join(str(part) for part in element.itertext()).split()) if element is not None else ""


def tags_of(record: RawRecord, element: etree._Element, table: FieldTable) -> Tags:
    """Return the record's pairs under the names of PubMed's tags; each pair still names its own path."""
    return Tags.named(_all(Places(record, element)), table)


def _all(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out everything the canonical form is made of."""
    for tag, paths in _SIMPLE.items():
        for path in paths:
            for element in places.every(path):
                yield places.pair(tag, element, words(element))
    yield from _people(places)
    yield from _dates(places)
    yield from _identifiers(places)
    yield from _abstract(places)
    for heading in places.every("MeshHeadingList/MeshHeading"):
        yield places.pair("MH", heading, _heading(heading))
    for status in places.element.iter("MedlineCitation"):
        yield places.pair("STAT", status, status.get("Status", "").upper())


def _people(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out authors (not editors) as PubMed's FAU, groups as CN."""
    lists = [*places.every("Article/AuthorList"), *places.every("AuthorList")]
    lists = [one for one in lists if one.get("Type", "authors") == "authors"] or places.every("Book/AuthorList")
    for author in (one for found in lists for one in found.iterfind("Author")):
        if author.find("CollectiveName") is not None:
            yield places.pair("CN", author, words(author.find("CollectiveName")))
            continue
        first = author.find("ForeName")
        given = words(first if first is not None else author.find("Initials"))
        name = ", ".join(part for part in (words(author.find("LastName")), given) if part)
        yield places.pair("FAU", author, name)


def _dates(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out the date of publication, of the electronic article where that is all there is."""
    for tag, path in (("DP", "Article/Journal/JournalIssue/PubDate"), ("DP", "Book/PubDate"), ("DEP", _ELECTRONIC)):
        for element in places.every(path):
            parts = [words(element.find(part)) for part in ("Year", "Month", "Day", "Season", "MedlineDate")]
            year, month, day, *others = parts
            text = f"{year}/{month}/{day}".rstrip("/") if month.isdecimal() else " ".join(filter(None, parts))
            yield places.pair(tag, element, text if not any(others) else " ".join(filter(None, parts)))


_ELECTRONIC = "Article/ArticleDate"


def _identifiers(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out DOI and PMC id: of the record itself, never of its references."""
    for element in places.every("Article/ELocationID"):
        if element.get("EIdType") == "doi" and element.get("ValidYN", "Y") == "Y":
            yield places.pair("DOI", element, words(element))
    lists = ["PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId"]
    found = [one for path in lists for one in places.element.findall(path)] + places.every("ArticleIdList/ArticleId")
    for element in found:
        if tag := {"doi": "DOI", "pmc": "PMC", "pubmed": "PMID"}.get(element.get("IdType", "")):
            yield places.pair(tag, element, words(element))


def _abstract(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out the parts of the abstract with their labels."""
    for path in ("Article/Abstract/AbstractText", "Abstract/AbstractText"):
        for element in places.every(path):
            label = element.get("Label", "")
            text = words(element)
            yield places.pair("AB", element, f"{label}: {text}" if label and text else text)


def _heading(element: etree._Element) -> str:
    """Write a MeSH heading as PubMed does: descriptor/qualifier, a star for a major topic."""
    parts = [("*" if one.get("MajorTopicYN") == "Y" else "") + words(one) for one in element]
    return "/".join(parts)
