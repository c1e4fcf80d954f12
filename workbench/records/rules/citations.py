"""A citation in one field taken apart: Ovid's SO, PubMed's Citation, Embase's Source."""

import re

_PUBMED = re.compile(
    r"(?P<journal>.*?)\. (?P<year>\d{4})[^;]*;(?P<volume>[^(:;]*)(?:\((?P<issue>[^)]*)\))?:(?P<pages>[^.;]+)"
)
_EMBASE = re.compile(
    r"(?P<journal>.*?) \((?P<year>\d{4})\)(?: (?P<volume>[^: ().]+)(?::(?P<issue>[^ ().]+))?)?"
    r"(?: \((?P<pages>[^)]*)\))?"
)
_OVID_JOURNAL = re.compile(
    r"(.+?)(?:\.\s|\.$|,?\s+(?=Vol\b|\d)|\s+(?=(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)\b))"
)
_OVID_ISSUE = re.compile(r"(?<![\d(])(?P<volume>\d+)\s*\((?P<issue>[^)]*)\)")
_OVID_VOLUME = re.compile(r"\bVol\.?\s*(\d+)|(?:^|\s)(\d{1,3}):\d|;(\d+)")
_OVID_PAGES = re.compile(r"(?::\s*|pp\.? ?)([A-Za-z]?\d+(?:-[A-Za-z]?\d+)?)")


def parts(value: str) -> dict[str, str]:
    """Return journal, volume, issue, pages and year as far as a citation tells.

    >>> parts("Ecohydrology.   8(6):1048-1064, September 2015.")
    {'journal': 'Ecohydrology', 'volume': '8', 'issue': '6', 'pages': '1048-1064'}
    >>> parts("Behav Ther. 2022 Mar;53(2):334-347. doi: 10.1016/j.beth.2021.09.007.")["pages"]
    '334-347'
    """
    value = " ".join(value.split())
    found = _EMBASE.match(value) or _PUBMED.match(value)
    if found:
        return {name: part.strip() for name, part in found.groupdict().items() if part}
    return _ovid(value)


def _ovid(value: str) -> dict[str, str]:
    """Take Ovid's citation apart, which differs from journal to journal."""
    told: dict[str, str] = {}
    if journal := _OVID_JOURNAL.match(value):
        told["journal"] = journal[1]
    if both := _OVID_ISSUE.search(value):
        told |= both.groupdict()
    elif volume := _OVID_VOLUME.search(value):
        told["volume"] = next(part for part in volume.groups() if part)
    if pages := _OVID_PAGES.search(value):
        told["pages"] = pages[1]
    return told
