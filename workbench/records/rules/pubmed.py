"""PubMed XML under the names of PubMed's tags, so that both of its formats come to the same record."""

from collections.abc import Iterator
from typing import Any

from workbench.records.formats.raw import Pair, Place, RawRecord
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


_AUTHORS = ("Article/AuthorList", "AuthorList", "Book/AuthorList")
_DATES = (("DP", "Article/Journal/JournalIssue/PubDate"), ("DP", "Book/PubDate"), ("DEP", "Article/ArticleDate"))
_ABSTRACTS = ("Article/Abstract/AbstractText", "Abstract/AbstractText")
_LOCATION = "Article/ELocationID"
_HEADING = "MeshHeadingList/MeshHeading"
_OWN_IDS = "ArticleIdList/ArticleId"
_DATA_IDS = ("PubmedData/ArticleIdList/ArticleId", "PubmedBookData/ArticleIdList/ArticleId")
_BELOW_CITATION = (
    *(path for paths in _SIMPLE.values() for path in paths),
    *(path for one in _AUTHORS for path in (one, f"{one}/Author")),
    *(path for _tag, path in _DATES),
    *(*_ABSTRACTS, _LOCATION, _HEADING, _OWN_IDS),
)
_WANTED = {
    prefix: frozenset((*(prefix + path for path in _BELOW_CITATION), *_DATA_IDS, "MedlineCitation", ""))
    for prefix in _CITATION
}


class Places:
    """Finds elements of one record by their path; a place also knows its line."""

    def __init__(self, record: RawRecord) -> None:
        self.prefix = next((one for one in _CITATION if any(place[0] == one[:-1] for place in record.places)), "")
        self.by: dict[str, list[Place]] = {}
        wanted = _WANTED[self.prefix]
        for place in record.places:
            path = place[0]
            if path in wanted:
                if path in self.by:
                    self.by[path].append(place)
                else:
                    self.by[path] = [place]

    def every(self, path: str) -> list[Place]:
        """Find the elements below the citation."""
        return self.by.get(self.prefix + path, [])

    def below_record(self, path: str) -> list[Place]:
        """Find the elements below the record."""
        return self.by.get(path, [])


def named(tag: str, place: Place, text: str) -> tuple[str, Pair]:
    """Put a text under a tag; the pair itself names the path and the line."""
    return tag, (place[0], text, place[2])


def words(element: Any) -> str:
    """Return the text of an element with that of italics and formulas within it."""
    if element is None:
        return ""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join(text.split())


def tags_of(record: RawRecord, table: FieldTable) -> Tags:
    """Return the record's pairs under the names of PubMed's tags; each pair still names its own path."""
    return Tags.named(_all(Places(record)), table)


def _all(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out everything the canonical form is made of."""
    for tag, paths in _SIMPLE.items():
        for path in paths:
            for place in places.every(path):
                yield named(tag, place, words(place[1]))
    yield from _people(places)
    yield from _dates(places)
    yield from _identifiers(places)
    for path in _ABSTRACTS:
        for place in places.every(path):
            yield named("AB", place, _part(place[1]))
    for place in places.every(_HEADING):
        yield named("MH", place, _heading(place[1]))
    yield from _status(places)


def _people(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out authors (not editors) as PubMed's FAU, groups as CN."""
    lists = [place for path in _AUTHORS[:2] for place in places.every(path)]
    lists = [one for one in lists if one[1].get("Type", "authors") == "authors"] or places.every(_AUTHORS[2])
    own = {id(author) for one in lists for author in one[1]}
    for path in _AUTHORS:
        for place in places.every(f"{path}/Author"):
            if id(place[1]) in own:
                yield _person(place)


def _person(place: Place) -> tuple[str, Pair]:
    """Write one author; one that is a group has a collective name."""
    find = place[1].find
    if (group := find("CollectiveName")) is not None:
        return named("CN", place, words(group))
    first = find("ForeName")
    given = words(first if first is not None else find("Initials"))
    return named("FAU", place, ", ".join(part for part in (words(find("LastName")), given) if part))


def _dates(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out the date of publication, of the electronic article where that is all there is."""
    for tag, path in _DATES:
        for place in places.every(path):
            parts = [words(place[1].find(part)) for part in ("Year", "Month", "Day", "Season", "MedlineDate")]
            year, month, day, *others = parts
            text = f"{year}/{month}/{day}".rstrip("/") if month.isdecimal() else " ".join(filter(None, parts))
            yield named(tag, place, text if not any(others) else " ".join(filter(None, parts)))


def _identifiers(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out DOI and PMC id: of the record itself, never of its references."""
    for place in places.every(_LOCATION):
        if place[1].get("EIdType") == "doi" and place[1].get("ValidYN", "Y") == "Y":
            yield named("DOI", place, words(place[1]))
    found = [place for path in _DATA_IDS for place in places.below_record(path)] + places.every(_OWN_IDS)
    for place in found:
        if tag := _ID_TYPES.get(place[1].get("IdType", "")):
            yield named(tag, place, words(place[1]))


_ID_TYPES = {"doi": "DOI", "pmc": "PMC", "pubmed": "PMID"}


def _part(element: Any) -> str:
    """Write a part of the abstract with its label."""
    label, text = element.get("Label", ""), words(element)
    return f"{label}: {text}" if label and text else text


def _heading(element: Any) -> str:
    """Write a MeSH heading as PubMed does: descriptor/qualifier, a star for a major topic."""
    parts = [("*" if one.get("MajorTopicYN") == "Y" else "") + words(one) for one in element]
    return "/".join(parts)


def _status(places: Places) -> Iterator[tuple[str, Pair]]:
    """Hand out the status of the citation, which may be the record itself."""
    itself = [("MedlineCitation", *one[1:]) for one in places.below_record("") if one[1].tag == "MedlineCitation"]
    for place in (*itself, *places.below_record("MedlineCitation")):
        yield named("STAT", place, place[1].get("Status", "").upper())
