"""A report on every real export: how many records, which values, which fields; each difference with its reason.

The values of a file are found here by a splitter of its own, which knows nothing but what a line with a tag looks like
(or, for a table, what Python's csv module says). `WORKBENCH_IMPORT_REPORT=report.csv` writes the table to a file.
"""

import csv
import io
import os
import re
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

from tests.records.test_real_exports import COUNTS, REFUSED, got, listed, wanted
from workbench.records.rules import Item, Reading

TAG_LINES = {
    "ris": r"([A-Z][A-Z0-9]) {1,2}- {0,2}(.*)",
    "nbib": r"([A-Z][A-Z0-9]{1,4}) {0,2}- ?(.*)",
    "ovid": r" {0,3}([A-Z][A-Z0-9]{1,4}) {1,2}- ?(.*)",
    "wos": r"([A-Z][A-Z0-9]) (.*)",
    "refer": r"(%\S) (.*)",
    "refworks": r"([A-Z][A-Z0-9]{1,2}) (.*)",
    "cochrane-text": r"([A-Z]{2,3}): ?(.*)",
}
FRAME = {"TY", "ER", "EF", "FN", "VR"}

# Which tag or header holds what, written down here once more and not taken from the code under test.
YEAR, DOI, DIGITS = (
    re.compile(r"(?<!\d)(1[5-9]|20)\d\d(?!\d)"),
    re.compile(r"10\.\d{4,}/"),
    re.compile(r"\s*\d+(\.0)?\s*$"),
)
SOMETHING = re.compile(r"\S")
HOLDS = {
    "ris": {
        "title": ({"TI", "T1", "CT"}, SOMETHING),
        "year": ({"PY", "Y1", "DA"}, YEAR),
        "doi": ({"DO"}, DOI),
        "pmid": ({"PMID"}, DIGITS),
        "accession": ({"AN", "U2"}, re.compile(r"CN-\d{6}|^L\d{6,}$")),
    },
    "nbib": {
        "title": ({"TI", "BTI"}, SOMETHING),
        "year": ({"DP"}, YEAR),
        "doi": ({"LID", "AID"}, re.compile(r"10\.\d{4,}/\S+ \[doi\]")),
        "pmid": ({"PMID"}, DIGITS),
    },
    "ovid": {
        "title": ({"TI"}, SOMETHING),
        "year": ({"YR", "DP"}, YEAR),
        "doi": ({"DO", "DI"}, DOI),
        "pmid": ({"PM"}, DIGITS),
    },
    "wos": {"title": ({"TI"}, SOMETHING), "year": ({"PY"}, YEAR), "doi": ({"DI"}, DOI), "pmid": ({"PM"}, DIGITS)},
    "refer": {"title": ({"%T"}, SOMETHING), "year": ({"%D"}, YEAR), "doi": ({"%R"}, DOI)},
    "refworks": {"title": ({"T1"}, SOMETHING), "year": ({"YR"}, YEAR), "doi": ({"DO"}, DOI)},
    "table": {
        "title": ({"title", "article title", "title primary", "study title"}, SOMETHING),
        "year": ({"year", "publication year", "published year", "pub year"}, YEAR),
        "doi": ({"doi"}, DOI),
        "pmid": ({"pmid", "pubmed id", "medline pmid", "pubmed_id"}, DIGITS),
        "accession": ({"pui", "embase accession id", "central id", "embase id"}, re.compile(r"CN-\d|L?\d{6,}")),
    },
}
FIELDS = ("title", "year", "doi", "pmid", "accession")

# Tags that hold a field only where this source wrote the file.
HOLDS_BY_SOURCE = {
    ("embase", "pmid"): ({"C5"}, DIGITS),
    ("scopus", "pmid"): ({"C2"}, DIGITS),
    ("cochrane", "pmid"): ({"C3"}, re.compile(r"PUBMED \d")),
    ("cochrane", "accession"): ({"AN", "C3"}, re.compile(r"CN-\d{6}|EMBASE \d")),
    ("ebsco", "doi"): ({"DO", "L3"}, DOI),
}


# What the index calls a database or tool, and what its dialect is called here.
SOURCES = {
    "Embase.com": "embase",
    "Cochrane Library": "cochrane",
    "CINAHL (EBSCO)": ("cinahl", "ebsco"),
    "ASP/EBSCO": "ebsco",
    "Covidence": "covidence",
    "Rayyan": "rayyan",
    "EPPI-Reviewer": "eppi",
    "ASReview": "asreview",
    "Scopus": "scopus",
    "Web of Science": "wos",
    "PubMed": "pubmed",
    "PubMed via manager": "pubmed",
    "PubMed via Zotero": "zotero",
    "PubMed via EndNote text": "endnote",
    "PubMed (biopython Tests/Medline)": "pubmed",
    "PubMed XML": "pubmed",
    "ERIC (nbib)": "eric",
    "Ovid": "ovid",
    "PsycINFO (Ovid)": "ovid",
    "EndNote": "endnote",
    "EndNote .enw": "endnote",
    "Zotero": "zotero",
    "Mendeley": "mendeley",
    "Citavi": "citavi",
    "RefWorks": "refworks",
    "Google Scholar": "google-scholar",
    "ClinicalTrials.gov": "ctgov",
    "OpenAlex": "openalex",
    "Lens.org": "lens",
    "ProQuest": "proquest",
    "MDPI": "mdpi",
}
OTHER_SOURCES = {
    "ASySD__zotero_export.bib": (None, "nothing in it names a tool"),
    "CiteSource__WoS_early.ris": (
        "endnote",
        "records of Web of Science, written by EndNote: ST, ID before ER, lists of KW",
    ),
    "CiteSource__Search1_1.ris": ("wos", "every AN is WOS:…, and C6 and CP are as Web of Science writes them"),
    "CiteSource__1_WoS.ris": ("endnote", "written by EndNote, as the index says too"),
    "CiteSource__pubmed_46.ris": ("zotero", "DA - 2023/01/09/ and J2 are Zotero's, not EndNote's"),
    "CiteSource__medline_84.ris": ("zotero", "DA - 2024/// and L2 are Zotero's, not EndNote's"),
    "asreview__ovid_zotero.ris": ("zotero", "records of Ovid, written by Zotero"),
    "asreview__baseline_reference_types.ris": (None, "nothing in it names a tool"),
    "asreview__ris_issue_1099.txt": ("citavi", "a file of a user, written by Citavi: M4 - Citavi"),
    "asreview__ris_issue_992.txt": ("rayyan", "a file of a user, with Rayyan's numbers in AN"),
    "asreview__missing_values.csv": (None, "title and abstract alone name no tool"),
    "d-wkim__embase.csv": (None, "a table of somebody's own, not one that Embase exports"),
    "d-wkim__pubmed.csv": (None, "a table of somebody's own, not one that PubMed exports"),
    "colrev__abi_inform_proquest_ris.ris": ("proquest", ""),
    "colrev__ieee_ris.ris": ("ieee", ""),
    "colrev__jstor_ris.ris": ("jstor", ""),
    "colrev__psycinfo_ris.ris": ("psycinfo", ""),
    "colrev__trid_ris.ris": ("trid", ""),
    "CiteSource__AGRIS.ris": ("endnote", "records of AGRIS, written by EndNote"),
    "CiteSource__EconLit.ris": ("endnote", "records of ProQuest, written by EndNote"),
    "CiteSource__GreenFile.ris": ("endnote", "records of EBSCO, written by EndNote"),
    "CiteSource__lens_343.ris": ("lens", ""),
    "CiteSource__Dimensions_246.ris": ("dimensions", ""),
}


@dataclass
class Told:
    """One file of the report; `values` are those the splitter finds, `kept` those that stand in raw at their line."""

    file: str
    format: str = "refused"
    source: str = ""
    listed_as: str = ""
    expected: int | None = None
    records: int = 0
    rejected: int = 0
    values: int = 0
    kept: int = 0
    rejected_values: int = 0
    title: str = ""
    year: str = ""
    doi: str = ""
    pmid: str = ""
    accession: str = ""
    explained: str = ""


@dataclass(frozen=True)
class Value:
    tag: str
    text: str
    line: int


def lines_in(path: Path) -> list[str]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    return re.split(r"\r\n|\n|\r", text)


def tagged_values(path: Path, kind: str) -> list[Value]:
    """Split a file by its tag lines alone."""
    shape = re.compile(TAG_LINES[kind])
    found = ((shape.fullmatch(line), number) for number, line in enumerate(lines_in(path), 1))
    return [
        Value(match[1], match[2].strip(), number)
        for match, number in found
        if match and match[2].strip() and match[1] not in FRAME
    ]


def table_values(path: Path) -> list[Value]:
    """Every filled cell below the first row that has three cells, by Python's csv module."""
    text = "\n".join(lines_in(path))
    delimiter = "\t" if path.suffix == ".tsv" else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    headers: list[str] = []
    values, before = [], 0
    for row in rows:
        first, before = before + 1, rows.line_num
        if not headers:
            headers = [cell.strip() for cell in row] if sum(map(bool, row)) >= 2 and row[0] != "SEARCH QUERY" else []
        else:
            values += [
                Value(name, cell, first) for name, cell in zip(headers, row, strict=False) if name and cell.strip()
            ]
    return values


def is_vertical(found: Reading) -> bool:
    return any(tag == "AUTHOR NAMES" for tag, _value, _line in found.items[0].raw)


def values_of(path: Path, found: Reading) -> list[Value]:
    if found.format in TAG_LINES:
        return tagged_values(path, found.format)
    if found.format in ("csv", "tsv") and not is_vertical(found):
        return table_values(path)
    return []


def lost(name: str, values: list[Value], found: Reading) -> tuple[list[Value], int]:
    """Values that stand neither in raw at their line nor in a rejected line; and how many are in rejected ones."""
    raw: dict[int, list[tuple[str, str]]] = {}
    for item in found.items:
        for tag, value, line in item.raw:
            for further, part in enumerate(value.split("\n")):
                raw.setdefault(line + further, []).append((tag, part))
            raw.setdefault(line, []).append((tag, value))
    refused = [(one.line, one.last_line) for one in found.rejected]
    missing = [one for one in values if not any(holds(one, pair) for pair in raw.get(one.line, ()))]
    outside = [one for one in missing if not any(first <= one.line <= last for first, last in refused)]
    return outside, len(missing) - len(outside)


def holds(value: Value, pair: tuple[str, str]) -> bool:
    """Whether a pair of raw is this value; a line that continues another value stands in it with its tag."""
    tag, text = pair
    return value.text.strip() == text.strip() if tag == value.tag else value.text in text


def present(item: Item, field: str) -> bool:
    if field == "accession":
        return bool(item.embase_id or item.cochrane_id or item.pmid)
    return getattr(item, field) is not None


def asked(found: Reading, field: str) -> tuple[int, list[Item]]:
    """How many records have a tag for a field that holds such a value, and which of them lack the field."""
    kind = "table" if found.format in ("csv", "tsv") else found.format
    usual = HOLDS.get(kind, {}).get(field, (set(), SOMETHING))
    tags, shape = HOLDS_BY_SOURCE.get((found.source, field), usual) if kind == "ris" else usual
    with_tag = [
        item
        for item in found.items
        if any(
            (tag if kind != "table" else tag.casefold()) in tags and shape.search(value) for tag, value, _ in item.raw
        )
    ]
    return len(with_tag), [item for item in with_tag if not present(item, field)]


@cache
def report(folder: Path) -> tuple[list[Told], list[tuple[str, Value]], list[tuple[str, str, int]]]:
    """Everything there is to tell: one row per file, the values that are lost, the fields that lack."""
    rows, losses, lacks = [], [], []
    for row in listed(folder):
        name = Path(row["file"]).name
        found = got(folder, row)
        told = Told(row["file"], listed_as=row["source"], expected=int(row["records"]) if row["records"] else None)
        told.explained = COUNTS[name][1] if name in COUNTS else REFUSED.get(name, "")
        rows.append(told)
        if found is None:
            continue
        refused = sorted({one.reason for one in found.rejected})
        told.explained = "; ".join(filter(None, [told.explained, *refused]))
        told.format, told.source = found.format, found.source or ""
        told.records, told.rejected = found.records, len(found.rejected)
        values = values_of(folder / "exports" / row["file"], found)
        missing, told.rejected_values = lost(name, values, found)
        told.values, told.kept = len(values), len(values) - len(missing) - told.rejected_values
        losses += [(name, one) for one in missing]
        for field in FIELDS:
            there, without = asked(found, field)
            setattr(told, field, f"{there - len(without)}/{there}" if there else "")
            lacks += [(name, field, item.lines[0]) for item in without]
    return rows, losses, lacks


def test_every_count_is_the_one_of_the_index_or_explained(shared_data):
    rows, _losses, _lacks = report(shared_data)
    by_file = {row["file"]: wanted(row) for row in listed(shared_data)}

    different = [one.file for one in rows if one.expected is not None and one.records != one.expected]
    unexplained = [
        one.file
        for one in rows
        if one.records + one.rejected != (by_file[one.file] or 0)
        or (one.file in different and not one.explained and not one.rejected)
    ]

    assert unexplained == []


def test_the_source_is_the_one_of_the_index_or_explained(shared_data):
    rows, _losses, _lacks = report(shared_data)
    wrong = {}
    for one in rows:
        name = one.file.partition("+")[2]
        right = OTHER_SOURCES[name][0] if name in OTHER_SOURCES else SOURCES.get(one.listed_as)
        if (
            one.format != "refused"
            and (right or name in OTHER_SOURCES)
            and (one.source or None) not in (right if isinstance(right, tuple) else (right,))
        ):
            wrong[one.file] = (one.source, one.listed_as, right)

    assert wrong == {}


def test_every_value_stands_in_raw_or_in_a_rejected_line(shared_data):
    rows, losses, _lacks = report(shared_data)
    values = sum(one.values for one in rows)
    kept = sum(one.kept for one in rows)

    assert values > 150_000
    assert kept / values >= 0.999
    assert losses == []


def test_title_year_doi_pmid_and_accession_are_there_wherever_their_tag_is(shared_data):
    _rows, _losses, lacks = report(shared_data)

    assert lacks == []


def test_the_report_is_written_where_it_is_asked_for(shared_data, capsys):
    rows, losses, lacks = report(shared_data)
    if to := os.environ.get("WORKBENCH_IMPORT_REPORT"):
        with Path(to).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, [one.name for one in fields(Told)])
            writer.writeheader()
            writer.writerows(asdict(one) for one in rows)

    with capsys.disabled():
        counted = [one for one in rows if one.expected is not None]
        values, kept = sum(one.values for one in rows), sum(one.kept for one in rows)
        print(
            f"\n{len(rows)} files, {sum(one.records for one in rows)} records; count as in the index "
            f"{sum(one.records == one.expected for one in counted)} of {len(counted)}, the rest explained; "
            f"{kept} of {values} values in raw ({kept / values:.4%}), "
            f"{sum(one.rejected_values for one in rows)} in rejected lines, {len(losses)} lost; "
            f"{len(lacks)} fields not read although the tag is there"
        )
    assert rows
