"""The invented exports are read without loss, and show what real ones show."""

import re

import pytest

from workbench.deduplication.rules import Settings, find, normal_form
from workbench.demo.script import EXPORTS, FILES
from workbench.records.rules import read

EXPECTED = {
    "cochrane.ris": ("ris", "cochrane", 20, 1),
    "embase.csv": ("csv", "embase", 25, 0),
    "embase.ris": ("ris", "embase", 40, 1),
    "pubmed.nbib": ("nbib", "pubmed", 45, 0),
    "websites.ris": ("ris", None, 4, 0),
}


def text(name):
    return (EXPORTS / name).read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def readings():
    return {name: read((EXPORTS / name).read_bytes(), name) for name in FILES}


@pytest.fixture(scope="module")
def items(readings):
    return [item for reading in readings.values() for item in reading.items]


def test_every_export_belongs_to_a_run():
    assert {path.name for path in EXPORTS.iterdir()} == set(FILES) == set(EXPECTED)


@pytest.mark.parametrize("name", FILES)
def test_each_export_is_read_whole(readings, name):
    one = readings[name]

    assert (one.format, one.source, one.records, len(one.rejected)) == EXPECTED[name]
    assert all(item.title and item.year and item.authors for item in one.items)


@pytest.mark.parametrize("name", FILES)
def test_no_line_of_an_export_is_lost(readings, name):
    one = readings[name]
    ranges = sorted([item.lines for item in one.items] + [(line.line, line.last_line) for line in one.rejected]
                    + [tuple(span) for span in one.skipped])  # fmt: skip

    assert [line for first, last in ranges for line in range(first, last + 1)] == list(range(1, one.lines + 1))


def test_embase_writes_windows_line_ends_two_databases_and_its_own_tags():
    embase = text("embase.ris")

    assert embase.count("\r\n") == embase.count("\n")
    assert "DB  - Embase\r\nDB  - Medline\r\n" in embase
    assert {"T1", "A1", "Y1", "N2", "U2", "C5", "LK"} <= {line[:2] for line in embase.splitlines()}


def test_embase_csv_carries_its_search():
    assert text("embase.csv").startswith('"SEARCH QUERY","')


def test_cochrane_writes_a_preamble_two_blanks_and_its_own_hyphen():
    cochrane = text("cochrane.ris")

    assert cochrane.count("Provider: John Wiley & Sons, Ltd.") == 21
    assert re.search(r"^AN  -  CN-\d+$", cochrane, re.M)
    assert re.search(r"^SP  -  \d+\u2010\d+$", cochrane, re.M)
    assert re.search(r"^C3  -  PUBMED \d+,EMBASE \d+$", cochrane, re.M)
    assert "ICTRP EUCTR2020\u2010" in cochrane


def test_pubmed_brings_titles_in_brackets_with_the_original_beside(readings):
    translated = [item for item in readings["pubmed.nbib"].items if item.original_title]

    assert {"da", "de", "no", "sv"} <= {language for item in translated for language in item.languages}


def test_the_exports_are_varied(items):
    kinds = {item.kind for item in items}
    years = [item.year for item in items]

    assert {"article", "conference", "registry", "report"} <= kinds
    assert sum(item.abstract is None for item in items) >= 5
    assert min(years) < 2005 and max(years) >= 2023
    assert len({item.journal for item in items if item.journal}) > 30


def test_nothing_in_the_exports_is_real(items):
    whole = "".join(text(name) for name in FILES)

    assert {doi.split("/")[0] for item in items if (doi := item.doi)} == {"10.5555"}
    assert all(item.pmid.startswith("99") and len(item.pmid) == 8 for item in items if item.pmid)
    assert all(number.startswith("NCT000000") for number in re.findall(r"NCT\d+", whole))
    assert {address.partition("@")[2] for address in re.findall(r"[\w.]+@[\w.]+\w", whole)} == {"example.org"}


def test_duplicates_are_found_and_some_are_left_to_a_person(items):
    found = find([normal_form(item) for item in items], Settings())

    assert len(items) - len(found.clusters) == len(found.joins) == 40
    assert {"same-doi", "same-number", "place-and-title"} <= {join.rule for join in found.joins}
    assert found.pairs
    assert {link.kind for link in found.links} == {"erratum-of", "version-of", "same-trial"}
