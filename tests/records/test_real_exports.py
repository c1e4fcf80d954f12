"""Every real export at hand: the count of an independent look at the file, and every line accounted for."""

import csv
from functools import cache
from pathlib import Path

import pytest

from workbench.records.rules import Reading, Unreadable, read

# The index counts start markers. Where a file has fewer or more of them than records, this says what is right and why.
COUNTS = {
    "CoLRev-Environment+colrev__enl_data.enl": (3, "one record has no %0"),
    "CoLRev-Environment+colrev__ais_enl.txt": (6, "four records have no %0"),
    "JabRef+jabref__Endnote.entries.enw": (13, "one %0 stands without a blank behind it"),
    "zotero+translators__ReferBibIX_02.enw": (1, "no %0 at all"),
    "JabRef+jabref__RisImporterCorrupted.ris": (1, "no TY; counted as rows of a table"),
    "JabRef+jabref__MedlineImporterTestBookArticleSet.xml": (2, "books were not counted"),
    "JabRef+jabref__MedlineImporterTestPubmedBook.xml": (1, "books were not counted"),
    "zotero+translators__OVID_Tagged_05.txt": (2, "every line is indented"),
    "CoLRev-Environment+colrev__eric_nbib.nbib": (1, "ERIC's records begin with OWN"),
    "zotero+translators__MEDLINEnbib_04.nbib": (3, "ERIC's records begin with OWN"),
    "zotero+translators__MEDLINEnbib_06.nbib": (4, "ERIC's records begin with OWN"),
    "zotero+translators__MEDLINEnbib_07.nbib": (2, "ERIC's records begin with OWN"),
    "zotero+translators__CSL_JSON_00.json": (1, "JSON was not counted"),
    "asreview+citation-file-formatting___baseline_eppireviewer.xlsx": (10, "workbooks were not counted"),
}
REFUSED = {
    "JabRef+jabref__MedlineImporterTestMalformedEntry.xml": "its only record is not well formed",
    "JabRef+jabref__MedlineImporterTestMinimalEntry.xml": "its only record holds nothing",
}


@cache
def listed(folder: Path) -> list[dict[str, str]]:
    csv.field_size_limit(2**31 - 1)
    with (folder / "exports" / "INDEX.csv").open(encoding="utf-8", newline="") as index:
        return list(csv.DictReader(index))


def wanted(row: dict[str, str]) -> int | None:
    name = Path(row["file"]).name
    told = COUNTS.get(name)
    if told or name in REFUSED or not row["records"]:
        return told[0] if told else None
    return int(row["records"])


def got(folder: Path, row: dict[str, str]) -> Reading | None:
    return got_from(folder / "exports" / row["file"])


@cache
def got_from(path: Path) -> Reading | None:
    try:
        return read(path.read_bytes(), path.name)
    except Unreadable:
        return None


def uncovered(found: Reading) -> set[int]:
    """Return the lines that are in no range, or in two."""
    spans = [item.lines for item in found.items] + [(one.line, one.last_line) for one in found.rejected]
    times = dict.fromkeys(range(1, found.lines + 1), 0)
    for first, last in [*spans, *found.skipped]:
        for line in range(first, last + 1):
            times[line] += 1
    return {line for line, count in times.items() if count != 1}


def test_real_exports_give_the_records_that_are_in_them(shared_data):
    wrong = {}
    for row in listed(shared_data):
        found = got(shared_data, row)
        counted = found.records + len(found.rejected) if found else None
        if counted != wanted(row):
            wrong[row["file"]] = (counted, wanted(row))

    assert wrong == {}


def test_real_exports_are_covered_line_by_line(shared_data):
    found = {row["file"]: got(shared_data, row) for row in listed(shared_data)}

    assert {name: one for name, reading in found.items() if reading and (one := uncovered(reading))} == {}


def test_no_value_of_a_real_tagged_export_is_lost(shared_data):
    """Every line of a record stands in its raw values, after its tag."""
    lost = []
    for row in listed(shared_data):
        found = got(shared_data, row)
        if found is None or found.format not in ("ris", "nbib", "wos", "ovid", "refer", "refworks"):
            continue
        lines = lines_of(shared_data / "exports" / row["file"], found.encoding)
        for item in found.items:
            for tag, value, line in item.raw:
                parts = value.split("\n")
                there = lines[line - 1 : line - 1 + len(parts)]
                if any(part not in text for part, text in zip(parts, there, strict=True)):
                    lost.append((row["file"], tag, line))

    assert lost == []


def lines_of(path: Path, encoding: str) -> list[str]:
    text = path.read_bytes().decode(encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@pytest.mark.parametrize("name", ["cardiac", "diabetes", "stroke", "respiratory", "haematology", "cytology_screening"])
def test_the_duplicate_sets_are_read_whole(shared_data, name):
    path = shared_data / "duplicates" / name / "records.csv.gz"

    found = read(path.read_bytes(), path.name)

    assert (found.rejected, found.source) == ([], "common")
    assert all(item.raw[0][0] == "record_id" for item in found.items)
    assert len({item.raw[0][1] for item in found.items}) == found.records
