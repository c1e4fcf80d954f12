"""XML, JSON, BibTeX and Excel workbooks: what is read of them, and what is refused."""

import io
import itertools
import random
import time
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.records.formats import bibtex, elements, json_items, xlsx
from workbench.records.formats.raw import RawRecord, Unreadable
from workbench.records.rules import Item, Reading, read
from workbench.records.rules.latex import plain

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"


def reading(name: str) -> Reading:
    return read((EXPORTS / name).read_bytes(), name)


def told(item: Item, *names: str) -> dict[str, object]:
    return {name: getattr(item, name) for name in names}


def workbook(rows: list[list[object]], *, shown: dict[str, str] | None = None, more: bool = False) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, pattern in (shown or {}).items():
        book.active[cell].number_format = pattern
    if more:
        book.create_sheet("Notes")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_an_endnote_reference_is_read_from_its_styled_text():
    found = reading("endnote.xml")
    first = found.items[0]

    assert (found.format, found.source, found.records) == ("endnote-xml", "endnote", 2)
    assert told(first, "title", "authors", "journal", "journal_abbreviation", "pages", "date") == {
        "title": "Cement leakage after in vivo vertebroplasty",
        "authors": ["Lindqvist, Åsa M.", "Nordic Spine Group"],
        "journal": "Invented Spine Journal",
        "journal_abbreviation": "Invent. Spine J.",
        "pages": "454-481",
        "date": "2019-03",
    }
    assert told(first, "doi", "pmid", "pmcid", "registry_ids", "issn", "keywords", "languages", "kind") == {
        "doi": "10.9999/vert.11",
        "pmid": "90000011",
        "pmcid": "PMC9000011",
        "registry_ids": ["NCT09000001"],
        "issn": ["0940-6719", "1432-0932"],
        "keywords": ["Bone Cements", "Spine & pelvis"],
        "languages": ["en"],
        "kind": "article",
    }
    assert ("ref-type/@name", "Journal Article", 1) in first.raw
    assert ("isbn", "0940-6719 (Print)\r1432-0932 (Electronic)", 1) in first.raw


def test_what_xml_forbids_is_left_out_of_a_reference_and_said_so():
    found = reading("endnote.xml")

    assert told(found.items[1], "title", "embase_id", "kind") == {
        "title": "Kyphoplasty in myeloma revisited",
        "embase_id": "L690000012",
        "kind": "conference",
    }
    assert "forbids" in found.warnings[0].reason


def test_a_trial_of_ictrp_is_cleaned_of_blanks_and_html():
    found = reading("ictrp.xml")
    first, second = found.items

    assert (found.format, found.source) == ("ictrp-xml", "ictrp")
    assert {"NCT09000002", "U1111-9000-0002", "ISRCTN90000002"} <= set(first.registry_ids)
    assert told(first, "title", "authors", "date", "journal", "kind", "keywords", "databases") == {
        "title": "Vertebroplasty against sham in painful metastases & myeloma",
        "authors": ["Invented University Hospital"],
        "date": "2019-04-02",
        "journal": "ClinicalTrials.gov",
        "kind": "registry",
        "keywords": ["Spinal Metastases", "Pain", "Fracture", "Procedure: Vertebroplasty"],
        "databases": ["ClinicalTrials.gov", "ICTRP"],
    }
    assert first.found["registry_ids"] == {"tag": "TrialID", "line": 5, "how": "tag"}
    assert told(second, "registry_ids", "date", "lines") == {
        "registry_ids": ["LBCTR2020900003"],
        "date": "2020-06-03",
        "lines": (23, 28),
    }


def test_bibtex_gives_names_macros_and_accents():
    found = reading("library.bib")
    first = found.items[0]

    assert (found.format, found.records) == ("bibtex", 3)
    assert told(first, "title", "authors", "journal", "date", "pages", "doi", "pmid", "keywords") == {
        "title": "Cement leakage in 5 % of MRI scans & more",
        "authors": ["Lindqvist, Åsa M.", "Council on Spine and Bone", "Müller, J."],
        "journal": "Invented Spine Journal",
        "date": "2019-03",
        "pages": "454-481",
        "doi": "10.9999/vert_11",
        "pmid": "90000011",
        "keywords": ["bone cement", "spine (lumbar, sacral)", "pain"],
    }
    assert ("title", "Cement leakage in 5\\,\\% of {MRI} scans \\& more", 5) in first.raw


def test_an_entry_with_a_blank_in_its_key_and_a_field_twice_loses_nothing():
    second = reading("library.bib").items[1]

    assert [pair[1] for pair in second.raw if pair[0] == "Note"] == ["cited By 0", "Export Date: 1 May 2020"]
    assert ("@key", "Conference paper 2020", 14) in second.raw


def test_an_entry_whose_braces_do_not_fit_is_read_by_its_lines_and_said_so():
    found = reading("library.bib")

    assert told(found.items[2], "title", "year", "lines") == {
        "title": "When braces do not fit",
        "year": 2018,
        "lines": (21, 25),
    }
    assert any(warning.line == 21 and "line by line" in warning.reason for warning in found.warnings)


def test_an_entry_that_cannot_be_read_is_rejected_with_its_lines():
    assert [(one.line, one.last_line) for one in reading("library.bib").rejected] == [(27, 27), (29, 29)]


def test_names_and_dates_of_csl_json_are_put_together():
    found = reading("csl.json")
    first, second = found.items

    assert (found.format, found.source) == ("csl-json", "zotero")
    assert told(first, "authors", "date", "year", "pages", "doi", "pmid", "keywords", "kind", "lines") == {
        "authors": ["van den Berg, Nils", "Nordic Spine Group"],
        "date": "2019-03-05",
        "year": 2019,
        "pages": "454-481",
        "doi": "10.9999/vert.11",
        "pmid": "90000011",
        "keywords": ["bone cement", "pain"],
        "kind": "article",
        "lines": (2, 17),
    }
    assert ("author/0/family", "Berg", 7) in first.raw
    assert told(second, "title", "year", "kind") == {
        "title": "Kyphoplasty \ufffd at home",
        "year": 2018,
        "kind": "chapter",
    }
    assert [(one.line, one.last_line) for one in found.rejected] == [(18, 18)]


def test_a_trial_of_clinicaltrials_gov_is_a_registration_with_all_its_numbers():
    found = reading("ctgov.json")
    [trial] = found.items

    assert (found.format, found.source) == ("ctgov-json", "ctgov")
    assert {"NCT09000002", "ISRCTN90000002"} <= set(trial.registry_ids)
    assert told(trial, "title", "authors", "date", "abstract", "keywords", "subject_headings") == {
        "title": "Vertebroplasty Against Sham in Painful Spinal Metastases",
        "authors": ["Invented University Hospital"],
        "date": "2019-04",
        "abstract": "Does cement relieve pain?",
        "keywords": ["Spinal Metastases", "Pain"],
        "subject_headings": ["Neoplasm Metastasis"],
    }
    assert told(trial, "kind", "urls", "databases", "pmid", "lines") == {
        "kind": "registry",
        "urls": ["https://clinicaltrials.gov/study/NCT09000002"],
        "databases": ["ClinicalTrials.gov"],
        "pmid": None,
        "lines": (4, 21),
    }


@pytest.mark.parametrize("text", ['{"protocolSection": {"a": 1}}', '[{"protocolSection": {"a": 1}}]'])
def test_one_study_alone_and_a_list_of_them_are_read_alike(text):
    assert read(text.encode(), "study.json").items[0].raw == [("protocolSection/a", "1", 1)]


def test_a_workbook_is_read_as_the_table_on_its_first_sheet():
    data = workbook([["Exported from a tool"], ["Title", "Year", "Pages"], ["Kyphoplasty", 2019, None]], more=True)

    found = read(data, "sheet.xlsx")

    assert (found.format, found.lines, found.skipped) == ("xlsx", 3, [(1, 2)])
    assert told(found.items[0], "title", "year", "lines") == {"title": "Kyphoplasty", "year": 2019, "lines": (3, 3)}
    assert "Notes" in found.warnings[0].reason


def test_pages_that_excel_made_a_date_of_are_told_as_the_sheet_shows_them():
    data = workbook([["Title", "Pages"], ["Kyphoplasty", datetime(2024, 10, 6)]], shown={"B2": "d-mmm"})

    assert read(data, "sheet.xlsx").items[0].pages == "6-10"


def test_a_workbook_whose_headers_are_not_known_asks_for_the_columns():
    data = workbook([["Nr", "Titel"], [1, "Kyphoplasty"]])

    with pytest.raises(Unreadable, match="which column holds the title"):
        read(data, "sheet.xlsx")
    assert read(data, "sheet.xlsx", {"title": "Titel"}).items[0].title == "Kyphoplasty"


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "/").replace("-", "."), data)
    return out.getvalue()


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><records><record>&b;</record></records></xml>'
LOCAL = b'<xml><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><records><record>&a;</record></records></xml>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (BOMB, "ENTITY"),
        (LOCAL, "ENTITY"),
        (b'[{"title": ' + b"[" * 100_000, "nested"),
        (b'{"title": ' + b'{"a":' * 100_000, "nested"),
        (b"[" * 100_000, "JSON"),
        (b'[{"title": "' + b"a" * 21_000_000, "longer than 20 million"),
        (b"<xml><records><record>" + b"a" * 21_000_000, "longer than 20 million"),
        (b"@article{a, title = {" + b"a" * 21_000_000, "longer than 10 million"),
        (zipped(a=b"text"), "no Excel workbook"),
        (zipped(**{"xl_workbook-xml": b" ", "xl_sharedStrings-xml": b" " * 61_000_000}), "too large"),
        (zipped(**{"xl_workbook-xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><workbook/>"}), "entities"),
        (zipped(**{"xl_workbook-xml": b"<workbook>"}), "damaged"),
        (workbook([["Title", "Year"], ["x"] * 2001]), "columns"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_hostile_files_are_refused_with_a_clear_word_and_soon(data, words):
    started = time.monotonic()

    with pytest.raises(Unreadable, match=words):
        read(data, "hostile")

    assert time.monotonic() - started < 5


def test_a_row_far_below_the_others_does_not_make_the_reader_count_there():
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
    cell = '<row r="{}"><c t="inlineStr"><is><t>Title</t></is></c><c t="inlineStr"><is><t>Year</t></is></c></row>'
    data = io.BytesIO(workbook([["a", "b"]]))
    with zipfile.ZipFile(data) as old:
        parts = {one: old.read(one) for one in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.format(cell.format(1) + cell.format(999_999_999_999)).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)

    with pytest.raises(Unreadable, match="No record"):
        read(out.getvalue(), "far.xlsx")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<mods:mods xmlns:mods='x'><mods:titleInfo/></mods:mods>", "MODS"),
        ("<rdf:RDF xmlns:rdf='x'></rdf:RDF>", "RDF"),
        ("<article><front/></article>", "article"),
        ("<eSearchResult><Count>3</Count></eSearchResult>", "programming interface"),
    ],
)
def test_other_xml_is_named_for_what_it_is(text, words):
    with pytest.raises(Unreadable, match=words):
        read(text.encode(), "other.xml")


def in_parts(text: str, seed: int) -> list[str]:
    """The same text in parts that end anywhere."""
    dice, at, parts = random.Random(seed), 0, []
    while at < len(text):
        size = dice.choice((1, 2, 7, 50))
        parts.append(text[at : at + size])
        at += size
    return parts


@given(st.integers(0, 10_000))
def test_where_the_parts_of_a_file_end_makes_no_difference(seed):
    for name, element in (("endnote.xml", "record"), ("ictrp.xml", "Trial")):
        text = (EXPORTS / name).read_text(encoding="utf-8")
        assert list(elements.cuts(in_parts(text, seed), element)) == list(elements.cuts([text], element))
    for name in ("csl.json", "ctgov.json"):
        text = (EXPORTS / name).read_text(encoding="utf-8")
        assert list(json_items.cuts(in_parts(text, seed))) == list(json_items.cuts([text]))
    text = (EXPORTS / "library.bib").read_text(encoding="utf-8")
    assert list(bibtex.cuts(in_parts(text, seed))) == list(bibtex.cuts([text]))


def uncovered(found: Reading) -> list[int]:
    """Lines that are in no range, or in two."""
    spans = [
        *(one.lines for one in found.items),
        *((one.line, one.last_line) for one in found.rejected),
        *found.skipped,
    ]
    covered = sorted(line for first, last in spans for line in range(first, last + 1))
    return sorted(set(range(1, found.lines + 1)).symmetric_difference(covered)) + [
        line for line, other in itertools.pairwise(covered) if line == other
    ]


@given(
    st.sampled_from(["endnote.xml", "ictrp.xml", "library.bib", "csl.json", "ctgov.json"]),
    st.integers(0, 3000),
    st.sampled_from(["", "}", "{", '"', "<", "\n", "]", "\\", "@article{", "<record>", "</Trial>", "\ufffd"]),
    st.integers(0, 200),
)
def test_a_spoilt_file_never_makes_the_reader_stumble_or_lose_a_line(name, at, inserted, removed):
    text = (EXPORTS / name).read_text(encoding="utf-8")
    text = text[:at] + inserted + text[at + removed :]
    try:
        found = read(text.encode(), name)
    except Unreadable:
        return

    assert uncovered(found) == []


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_of_latex_stumble(value):
    plain(value)


def test_every_piece_of_a_workbook_is_a_record_or_a_word():
    pieces = list(xlsx.records(io.BytesIO(workbook([["Title", "Year"], ["One", 2000], [None], ["Two"]]))))

    assert [piece.first for piece in pieces if isinstance(piece, RawRecord)] == [2, 4]
