"""Records as lines with tags: RIS for reference managers, nbib (MEDLINE) for what reads PubMed's files.

RIS carries everything. For what it has no tag for, the custom tags C2, C5, U2, CN and MH are used, and headings stand
a second time among the keywords, where other programs look. nbib has tags of its own for what PubMed has none for
(YEAR, DATE, DOI, EMID, COCH, KIND). Neither can hold control characters.
"""

import re
from collections.abc import Iterable, Iterator

from workbench.records.rules import own
from workbench.records.writers.record import Entry, Losses

_RANGE = re.compile(r"([^-]+)-([^-]+)")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def ris(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write RIS: UTF-8 without a mark, lines ended by CR and LF."""
    for entry in entries:
        yield "".join(f"{tag}  - {value}\r\n" for tag, value in _ris(entry, losses)) + "ER  - \r\n\r\n"


def _ris(entry: Entry, losses: Losses) -> Iterator[tuple[str, str]]:
    """Hand out the lines of one record; what comes first is what programs look at first."""
    record, one, several = entry.record, losses.one, losses.several
    yield "TY", own.RIS_TYPES.get(record.kind or "", own.NO_RIS_TYPE)
    yield "ID", own.RIS_ID + one(entry.id)
    yield from _told({"TI": one(record.title), "TT": one(record.original_title)})
    yield from (("AU", name) for name in several(record.authors))
    date = one(record.date)
    found = _ISO_DATE.fullmatch(date)
    told = {
        "PY": one(record.year),
        "DA": "/".join((found[1], found[2], found[3] or "")) if found else date,
        "T2": one(record.journal),
        "J2": one(record.journal_abbreviation),
        "VL": one(record.volume),
        "IS": one(record.issue),
    }
    yield from _told(told)
    pages = one(record.pages)
    span = _RANGE.fullmatch(pages)
    yield from _told({"SP": span[1], "EP": span[2]} if span else {"SP": pages})
    ids = {"DO": record.doi, "C5": record.pmid, "C2": record.pmcid, "U2": record.embase_id, "AN": record.cochrane_id}
    yield from _told({tag: one(value) for tag, value in ids.items()})
    yield from (("CN", number) for number in several(record.registry_ids))
    yield from (("SN", number) for number in several([*record.issn, *record.isbn]))
    if abstract := losses.lines(record.abstract):
        yield "AB", "\r\n ".join(abstract)
    headings = several(record.subject_headings)
    keywords = several(record.keywords)
    yield from (("KW", term) for term in keywords)
    yield from (("MH", term) for term in headings)
    yield from (("KW", term) for term in headings if term not in keywords)
    lists = {"LA": record.languages, "M3": record.publication_types, "DB": record.databases, "UR": record.urls}
    yield from ((tag, value) for tag, values in lists.items() for value in several(values))


def _told(values: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((tag, value) for tag, value in values.items() if value)


def nbib(entries: Iterable[Entry], losses: Losses) -> Iterator[str]:
    """Write the tagged format of PubMed; a record begins with its PMID, which may be missing."""
    for entry in entries:
        yield "".join(f"{tag:<4}- {value}\n" for tag, value in _nbib(entry, losses)) + "\n"


def _nbib(entry: Entry, losses: Losses) -> Iterator[tuple[str, str]]:
    """Hand out the lines of one record, ended by its citation as PubMed does."""
    record, one, several = entry.record, losses.one, losses.several
    yield "PMID", one(record.pmid)
    yield "OWN", own.NBIB_OWNER
    date, doi = one(record.date), one(record.doi)
    told = {
        "DP": _pubmed_date(date) or one(record.year),
        "YEAR": one(record.year),
        "DATE": date,
        "TI": one(record.title),
        "TT": one(record.original_title),
        "VI": one(record.volume),
        "IP": one(record.issue),
        "PG": one(record.pages),
        "LID": f"{doi} [doi]" if doi else "",
        "DOI": doi,
        "AB": "\n      ".join(losses.lines(record.abstract)),
        "TA": one(record.journal_abbreviation),
        "JT": one(record.journal),
        "PMC": one(record.pmcid),
        "EMID": one(record.embase_id),
        "COCH": one(record.cochrane_id),
        "KIND": one(record.kind),
    }
    yield from _told(told)
    lists = {
        **{"FAU": record.authors, "LA": record.languages, "PT": record.publication_types, "IS": record.issn},
        **{"ISBN": record.isbn, "MH": record.subject_headings, "OT": record.keywords, "SI": record.registry_ids},
        **{"DB": record.databases, "URL": record.urls},
    }
    yield from ((tag, value) for tag, values in lists.items() for value in several(values))
    journal = one(record.journal_abbreviation) or one(record.journal)
    yield "SO", f"{journal}. {_pubmed_date(date) or one(record.year)}".strip(". ")


def _pubmed_date(date: str) -> str:
    """Write a date as PubMed does: 2020 Mar 5."""
    found = _ISO_DATE.fullmatch(date)
    if not found or not 1 <= int(found[2]) <= 12:
        return date
    return " ".join(filter(None, (found[1], _MONTHS[int(found[2]) - 1], str(int(found[3])) if found[3] else "")))
