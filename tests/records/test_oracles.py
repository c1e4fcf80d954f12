"""What two libraries that are used widely make of the same files: rispy of RIS, Bio.Medline of PubMed's tagged lines.

They are asked on every real file in which they find as many records. Where they say something else, the file and the
line are named here, with who is right.
"""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from Bio import Medline

from tests.records.test_real_exports import got, listed
from workbench.records.rules import Item, Reading
from workbench.records.rules.identifiers import doi
from workbench.records.rules.values import folded

rispy = pytest.importorskip("rispy")

Difference = tuple[str, int, str]
"""The file, the first line of the record, the field."""

OTHER_COUNTS = {
    "asreview+asreview__baseline_reference_types.ris": "ours: two records without any tag but TY are rejected",
    "JabRef+jabref__RisImporterCorrupted.ris": "ours: a record without TY is read, with a warning",
    "zotero+translators__RIS_03.ris": "ours: one blank before the dash is read too",
    "JabRef+jabref__MedlinePlainImporterTestMultipleEntries.txt": "ours: a blank line does not split a record",
}
DIFFERENT: dict[tuple[str, str], tuple[tuple[int, ...], str]] = {
    ("asreview+citation-file-formatting___baseline_cinahl.ris", "doi"): (
        (
            1,
            35,
            69,
            108,
            155,
            193,
            224,
            263,
            294,
        ),
        "ours: EBSCO writes the DOI into L3",
    ),
    ("ESHackathon+CiteSource__wos_278.ris", "authors"): (
        (
            1836,
            5788,
        ),
        "ours: A1 is the group that wrote it, beside its members in AU; rispy keeps it as first_authors",
    ),
    ("asreview+asreview__ovid_psycinfo.ris", "first page"): (
        (
            2,
            196,
            298,
        ),
        "ours: “No Specified” says that there are no pages",
    ),
    ("asreview+asreview__ovid_zotero.ris", "first page"): (
        (
            1,
            74,
            114,
        ),
        "ours: “No Specified” says that there are no pages",
    ),
    ("asreview+citation-file-formatting___baseline_eric_ovid.ris", "doi"): (
        (
            79,
            212,
            255,
        ),
        "ours: L1 is an address at doi.org",
    ),
    ("ESHackathon+CiteSource__Search1_1.ris", "authors"): (
        (
            700,
            797,
            3021,
            4729,
            7926,
            8085,
            8393,
            10127,
            10243,
            10929,
            11557,
            13712,
            14342,
            14647,
            14817,
            15179,
            15723,
            15776,
            16025,
            16617,
            17155,
            17557,
            17692,
            17796,
            18036,
        ),
        "ours: A1 is the group that wrote it, beside its members in AU; rispy keeps it as first_authors",
    ),
    ("mjwestgate+synthesisr__ASP_ris_example.ris", "doi"): (
        (
            1,
            83,
        ),
        "ours: EBSCO writes the DOI into L3",
    ),
    ("mjwestgate+synthesisr__ASP_ris_example.ris", "abstract"): (
        (83,),
        "ours: AB stands three times, in two languages and with the copyright notice; rispy keeps the first",
    ),
    ("ESHackathon+CiteSource__lens_343.ris", "doi"): (
        (4269,),
        "ours: the link is an address at doi.org",
    ),
    ("ESHackathon+CiteSource__lens_343.ris", "authors"): (
        (5221,),
        "ours: a comma at the end is no part of a name",
    ),
    ("MrTango+rispy__example_utf_chars.ris", "volume"): (
        (1,),
        "ours: VO is the volume too",
    ),
    ("JabRef+jabref__RisImporterTestDoiAndJournalTitle.ris", "year"): (
        (1,),
        "ours: DA tells the year where PY does not",
    ),
    ("zotero+translators__RIS_08.ris", "authors"): (
        (1,),
        "ours: AU and A1 stand mixed, and all are authors",
    ),
    ("IEBH+Reflib__blue-light.nbib", "keywords"): (
        (552,),
        "ours: a blank before a word is no part of it",
    ),
    ("zotero+translators__MEDLINEnbib_01.nbib", "journal"): (
        (81,),
        "ours: the book's title is what a chapter stands in",
    ),
}
"""The file and the field; the first lines of the records, and who is right."""


def plain(text: str | None) -> str:
    return " ".join((text or "").split())


def year(text: str | None) -> str:
    found = re.search(r"(?<!\d)[12]\d\d\d", text or "")
    return found[0] if found else ""


def text_of(path: Path) -> str:
    return re.sub(r"\r\n|\r", "\n", path.read_bytes().decode("utf-8-sig", errors="replace"))


def files(folder: Path, kind: str) -> Iterator[tuple[Path, Reading]]:
    for row in listed(folder):
        found = got(folder, row)
        if found is not None and found.format == kind:
            yield folder / "exports" / row["file"], found


def both_of_ris(record: dict, item: Item) -> dict[str, tuple[object, object]]:
    """What rispy and we say of one record, spellings made alike: our forms of DOI and pages are normal forms."""
    pages = folded(record.get("start_page") or "").strip()
    return {
        "title": (plain(record.get("title") or record.get("primary_title")), plain(item.title)),
        "authors": ([plain(one) for one in record.get("authors") or record.get("first_authors") or []], item.authors),
        "year": (year(record.get("year") or record.get("publication_year")), str(item.year or "")),
        "volume": (plain(record.get("volume")), item.volume or ""),
        "first page": (pages.split("-")[0], (item.pages or "").split("-")[0] if pages else ""),
        "doi": (doi(record.get("doi") or "") or "", item.doi or ""),
        "abstract": (plain(record.get("abstract") or record.get("notes_abstract")), plain(item.abstract)),
        "keywords": (set(map(plain, record.get("keywords", []))) - {""}, spelt(item, record.get("keywords", []))),
    }


def spelt(item: Item, keywords: list[str]) -> set[str]:
    """Our keywords with the star of the major ones, as rispy leaves it."""
    ours = set(item.keywords or item.subject_headings)
    return {one for one in map(plain, keywords) if one.lstrip("* ").strip(" ;,") in ours}


def both_of_medline(record: dict, item: Item) -> dict[str, tuple[object, object]]:
    groups = record.get("CN") or []
    return {
        "title": (plain(record.get("TI") or record.get("BTI")), plain(item.title)),
        "pmid": (record.get("PMID", ""), item.pmid or ""),
        "pmcid": (record.get("PMC", ""), item.pmcid or ""),
        "authors": (record.get("FAU") or record.get("AU") or [], [one for one in item.authors if one not in groups]),
        "year": (year(record.get("DP")), str(item.year or "")),
        "journal": (plain(record.get("JT")), item.journal or ""),
        "volume": (record.get("VI", ""), item.volume or ""),
        "issue": (record.get("IP", ""), item.issue or ""),
        "abstract": (plain(record.get("AB")), plain(item.abstract)),
        "subject headings": ({one.lstrip("*") for one in record.get("MH", [])}, set(item.subject_headings)),
        "keywords": ({one.lstrip("*") for one in record.get("OT", [])}, set(item.keywords)),
        "types": (record.get("PT", []), item.publication_types),
    }


def compared(
    path: Path, found: Reading, theirs: list[dict], both: Callable[[dict, Item], dict[str, tuple[object, object]]]
) -> Iterator[tuple[Difference, tuple[object, object]]]:
    if len(theirs) != found.records:
        assert path.name in OTHER_COUNTS, f"{path.name}: {len(theirs)} records, here {found.records}"
        return
    for record, item in zip(theirs, found.items, strict=True):
        for field, (one, other) in both(record, item).items():
            if one != other:
                yield (path.name, item.lines[0], field), (one, other)


def not_explained(different: dict[Difference, tuple[object, object]]) -> dict[Difference, tuple[object, object]]:
    """What is said nowhere above, by file and line."""
    told = {(name, line, field) for (name, field), (lines, _why) in DIFFERENT.items() for line in lines}
    return {one: said for one, said in different.items() if one not in told}


def test_rispy_says_the_same_of_every_ris_file_where_it_is_right(shared_data):
    different, records = {}, 0
    for path, found in files(shared_data, "ris"):
        theirs = rispy.loads(text_of(path))
        records += len(theirs)
        different |= dict(compared(path, found, theirs, both_of_ris))

    assert records > 5_000
    assert not_explained(different) == {}


def test_bio_medline_says_the_same_of_every_nbib_file_where_it_is_right(shared_data):
    different, records = {}, 0
    for path, found in files(shared_data, "nbib"):
        theirs = list(Medline.parse(io.StringIO(text_of(path))))
        records += len(theirs)
        different |= dict(compared(path, found, theirs, both_of_medline))

    assert records > 300
    assert not_explained(different) == {}
