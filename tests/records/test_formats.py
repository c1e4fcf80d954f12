"""Each format and its quirks, on small invented exports."""

import gzip
from pathlib import Path

import pytest

from workbench.records.rules import Item, Reading, read

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"
WHOLE = [path for path in sorted(EXPORTS.iterdir()) if path.name not in {"csl.json", "ctgov.json", "library.bib"}]
"""Exports with two records and nothing else; what the others hold is told in test_markup.py."""


def reading(name: str) -> Reading:
    return read((EXPORTS / name).read_bytes(), name)


def only(text: str, **columns: str) -> Item:
    [item] = read(text.encode(), "typed.txt", columns).items
    return item


def tiles(found: Reading) -> bool:
    """Say whether items, rejected and skipped lines cover the file once each."""
    spans = sorted(
        [item.lines for item in found.items]
        + [(one.line, one.last_line) for one in found.rejected]
        + list(found.skipped)
    )
    covered = [line for first, last in spans for line in range(first, last + 1)]
    return covered == list(range(1, found.lines + 1))


@pytest.mark.parametrize("path", sorted(EXPORTS.iterdir()), ids=lambda path: path.name)
def test_line_ranges_cover_the_file_without_overlap(path):
    assert tiles(read(path.read_bytes(), path.name))


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: path.name)
def test_every_invented_export_holds_two_records_and_none_is_rejected(path):
    found = read(path.read_bytes(), path.name)

    assert (found.records, found.rejected) == (2, [])


def test_a_packed_file_is_read_as_what_is_inside():
    plain = (EXPORTS / "embase.ris").read_bytes()

    packed = read(gzip.compress(plain), "embase.ris.gz")

    assert packed.items == read(plain, "embase.ris").items


def test_pubmed_lines_are_joined_and_carry_the_first_line():
    first, _second = reading("pubmed.nbib").items

    assert first.title == (
        "Percutaneous vertebroplasty for painful osteolytic metastases of the spine: "
        "a randomised trial with sham control."
    )
    assert first.raw[9] == (
        "TI",
        "Percutaneous vertebroplasty for painful osteolytic metastases of the spine:\n"
        "      a randomised trial with sham control.",
        11,
    )


def test_pubmed_fields_reach_the_canonical_form():
    item = reading("pubmed.nbib").items[0]

    assert item.authors == ["Lindqvist, Åsa M", "Østergård, Bo", "VERT-CEMENT Study Group"]
    assert (item.year, item.date, item.volume, item.issue, item.pages) == (2019, "2019-04-03", "28", "4", "813-821")
    assert (item.doi, item.pmid, item.pmcid) == ("10.9999/vert.2019.0001", "90000001", "PMC9000001")
    assert item.languages == ["en"]
    assert item.databases == ["PubMed", "MEDLINE"]
    assert item.kind == "article"
    assert item.subject_headings == ["Humans", "Vertebroplasty/methods"]


def test_a_register_id_in_its_own_field_comes_before_one_in_free_text():
    item = reading("pubmed.nbib").items[0]

    assert item.registry_ids == ["NCT90000002", "NCT90000001"]
    assert item.found["registry_ids"]["how"] == "tag"
    assert item.found["registry_ids/NCT90000001"]["how"] == "inferred"


def test_a_blank_line_inside_a_pubmed_record_does_not_split_it():
    second = reading("pubmed.nbib").items[1]

    assert second.original_title == "Kyphoplastik bei Wirbelmetastasen: Erfahrungen mit 12 Patienten."
    assert second.languages == ["de"]
    assert second.abstract == "Eine Fallserie."


def test_a_bracketed_title_is_kept_and_noted():
    second = reading("pubmed.nbib").items[1]

    assert second.title == "[Kyphoplasty for vertebral metastases: experience in 12 patients]."
    assert second.found["title"]["how"] == "in brackets: translated"


def test_both_formats_of_pubmed_come_to_the_same_record():
    tagged, marked_up = reading("pubmed.nbib").items[0], reading("pubmed.xml").items[0]

    for name in ("year", "date", "volume", "issue", "pages", "doi", "pmid", "pmcid", "journal", "languages", "kind"):
        assert getattr(tagged, name) == getattr(marked_up, name), name


def test_pubmed_xml_keeps_paths_lines_attributes_and_inner_markup():
    item = reading("pubmed.xml").items[0]

    title = "MedlineCitation/Article/ArticleTitle"
    assert (title, "Percutaneous vertebroplasty <i>versus</i> sham for painful osteolytic metastases.", 18) in item.raw
    assert item.title == "Percutaneous vertebroplasty versus sham for painful osteolytic metastases."
    assert ("MedlineCitation/Article/Abstract/AbstractText/@Label", "BACKGROUND", 23) in item.raw
    assert item.abstract == (
        "BACKGROUND: Cement augmentation is offered for pain.\nRESULTS: Pain fell in both groups (10-3)."
    )
    assert item.found["doi"] == {"tag": "MedlineCitation/Article/ELocationID", "line": 21, "how": "tag"}


def test_a_reference_s_identifier_is_not_the_record_s():
    item = reading("pubmed.xml").items[0]

    assert item.doi == "10.9999/vert.2019.0001"
    assert item.pmid == "90000001"


def test_a_book_chapter_of_pubmed_is_read_without_its_editors():
    chapter = reading("pubmed.xml").items[1]

    assert (chapter.title, chapter.journal) == (
        "Kyphoplasty in cancer",
        "Cement augmentation: an invented handbook",
    )
    assert chapter.authors == ["Berg, Nina"]
    assert (chapter.isbn, chapter.kind, chapter.year) == (["9780000000002"], "book", 2018)


def test_citations_that_pubmed_deleted_are_named():
    [warning] = reading("pubmed.xml").warnings

    assert "90000008, 90000009" in warning.reason


def test_a_broken_pubmed_record_spoils_no_other():
    text = (EXPORTS / "pubmed.xml").read_text(encoding="utf-8").replace("<Volume>28</Volume>", "<Volume>28")

    found = read(text.encode(), "broken.xml")

    assert found.records == 1
    assert [(one.line, one.last_line) for one in found.rejected] == [(4, 51)]


def test_a_doctype_is_no_obstacle_and_nothing_is_fetched():
    assert reading("pubmed.xml").format == "pubmed-xml"


def test_embase_writes_addresses_where_others_write_the_issue():
    first, second = reading("embase.ris").items

    assert first.issue == "4"
    assert second.issue is None
    assert reading("embase.ris").source == "embase"


def test_embase_ris_reaches_the_canonical_form():
    item = reading("embase.ris").items[0]

    assert (item.embase_id, item.pmid, item.doi) == ("L690000001", "90000001", "10.9999/vert.2019.0001")
    assert item.databases == ["Embase", "Medline"]
    assert item.subject_headings == ["bone cement", "percutaneous vertebroplasty"]
    assert item.keywords == []
    assert item.journal_abbreviation == "Invent. Spine J."
    assert item.found["doi"] == {"tag": "DO", "line": 20, "how": "tag"}
    assert reading("embase.ris").items[1].languages == ["en", "no"]
    assert reading("embase.ris").items[1].kind == "conference"


def test_cochrane_values_lose_neither_their_banner_nor_two_blanks():
    found = reading("cochrane.ris")

    assert found.skipped[0] == (1, 4)
    assert found.items[0].raw[1] == ("AN", "CN-09000001", 6)
    assert found.source == "cochrane"


def test_cochrane_numbers_are_told_apart():
    first, second = reading("cochrane.ris").items

    assert (first.cochrane_id, first.pmid, first.embase_id) == ("CN-09000001", "90000001", "L690000001")
    assert first.pages == "813-821"
    assert first.databases == ["CENTRAL"]
    assert first.found["pmid"]["how"] == "prefix"
    assert second.registry_ids == ["EUCTR2020-900001-12-GB"]
    assert second.found["registry_ids"]["how"] == "prefix"
    assert second.kind == "registry"


def test_embase_csv_gives_its_search_and_its_fields():
    found = reading("embase.csv")
    item = found.items[0]

    assert found.skipped == [(1, 4)]
    assert found.warnings[0].line == 1
    assert "'spine metastasis'/exp" in found.warnings[0].reason
    assert item.lines == (5, 6)
    assert item.authors == ["Lindqvist Å.M.", "Østergård B."]
    assert item.issn == ["1432-0932", "0940-6719"]
    assert item.subject_headings == ["percutaneous vertebroplasty", "adult", "pain (therapy, prevention)"]
    assert item.registry_ids == ["NCT90000002"]
    assert item.date == "2019-04-03"


def test_both_layouts_of_embase_csv_come_to_the_same_record():
    tabular, vertical = reading("embase.csv").items[0], reading("embase_vertical.csv").items[0]

    for name in ("authors", "year", "volume", "issue", "pages", "doi", "pmid", "embase_id", "languages", "databases"):
        assert getattr(tabular, name) == getattr(vertical, name), name
    assert ("AUTHOR NAMES", "Østergård B.", 4) in vertical.raw


def test_what_a_spreadsheet_spoilt_is_repaired_and_the_raw_value_kept():
    first, second = reading("spreadsheet.csv").items

    assert (first.pages, first.issue, second.pages) == ("6-10", "1-2", "10-25")
    assert ("pages", "06-Oct", 2) in first.raw
    assert first.found["pages"]["how"].startswith("repaired")
    assert first.abstract is None
    assert ("abstract", "#NAME?", 2) in first.raw


def test_the_columns_of_the_duplicate_sets_are_known():
    found = reading("spreadsheet.csv")
    first, second = found.items

    assert found.source == "common"
    assert first.authors == ["Lindqvist, Å. M.", "Østergård, B."]
    assert second.authors == ["Berg N.", "Dahl O. P."]
    assert first.pmid == "90000001"
    assert first.found["pmid"]["how"] == "url"
    assert (second.lines, second.issn) == ((3, 4), ["0940-6719", "1432-0932"])


def test_ovid_continues_at_column_0_and_its_numbers_follow_the_database():
    first, second = reading("ovid.txt").items

    assert first.abstract is not None
    assert "Method(s): Patients were randomised." in first.abstract
    assert (first.embase_id, first.pmid) == ("L690000001", None)
    assert (second.embase_id, second.pmid) == (None, "90000002")
    assert (first.journal, first.volume, first.issue, first.pages) == ("Invented Spine Journal", "28", "4", "813-821")


def test_web_of_science_gives_full_names_and_both_issns():
    item, other = reading("wos.txt").items

    assert other.pages == "17"
    assert item.authors == ["Lindqvist, Asa M.", "Ostergaard, Bo"]
    assert item.issn == ["0940-6719", "1432-0932"]
    assert item.date == "2019-04-03"
    assert item.keywords == ["bone cement", "pain"]
    assert item.title == "Percutaneous vertebroplasty or sham in painful metastases"


def test_a_refer_record_needs_no_type_and_a_blank_line_ends_it():
    found = reading("endnote.enw")

    assert [item.lines for item in found.items] == [(1, 9), (11, 13)]


def test_text_of_the_cochrane_library_with_bare_carriage_returns_is_read():
    text = "\ufeffRecord #1 of 1\rID: CN-09000001\rAU: Berg N\rTI: Kyphoplasty\rYR: 2020\rPM: PUBMED 90000002\r"

    found = read(text.encode(), "citation-export.txt")

    [item] = found.items
    assert (found.format, found.encoding, found.lines) == ("cochrane-text", "utf-8-sig", 6)
    assert (item.cochrane_id, item.pmid, item.title) == ("CN-09000001", "90000002", "Kyphoplasty")


def test_refworks_tagged_text_is_read():
    item = only("RT Journal Article\nA1 Berg,Nina\nT1 Kyphoplasty\nJF Spine\nYR 2020\nSP 12\nOP 19\n")

    assert (item.title, item.authors, item.pages) == ("Kyphoplasty", ["Berg,Nina"], "12-19")


def test_a_bare_carriage_return_ends_a_line():
    item = only("TY  - JOUR\nTI  - Kyphoplasty\rAU  - Berg, N\nER  - \n")

    assert item.authors == ["Berg, N"]


def test_a_missing_end_line_begins_a_new_record_and_is_told():
    found = read(b"TY  - JOUR\nTI  - One\n\nTY  - JOUR\nTI  - Two\nER  - \n", "two.ris")

    assert [item.title for item in found.items] == ["One", "Two"]
    assert [warning.line for warning in found.warnings] == [2]


def test_a_record_without_its_start_line_is_read_and_told():
    found = read(b"TI  - One\nPY  - 2020\nAU  - Berg\nER  - \n\nTY  - JOUR\nTI  - Two\nER  - \n", "two.ris")

    assert [item.title for item in found.items] == ["One", "Two"]
    assert found.warnings[0].line == 1


def test_lines_that_belong_to_no_record_are_reported_with_their_numbers():
    found = read(b"TY  - JOUR\nTI  - One\nER  - \nlost\nlost too\n\nTY  - JOUR\nTI  - Two\nER  - \n", "two.ris")

    assert [(one.line, one.last_line) for one in found.rejected] == [(4, 5)]
    assert tiles(found)


def test_what_ovid_writes_after_the_end_line_stays_with_its_record():
    found = read(
        b"1.\nTY  - JOUR\nT1  - One\nER  -\nNL  - Spine\n\nLink to Ovid: https://a.example\n\n"
        b"2.\nTY  - JOUR\nT1  - Two\nER  -\n",
        "ovid.ris",
    )

    assert [item.lines for item in found.items] == [(2, 7), (10, 12)]
    assert found.items[0].raw[-1][0] == "NL"
    assert found.rejected == []


def test_a_list_that_runs_over_lines_is_one_entry_per_line():
    item = only("TY  - JOUR\nTI  - One\nKW  - cement\npain\nspine\nSN  - 1932-8494\n1932-8486\nID  - 7\nER  - \n")

    assert item.keywords == ["cement", "pain", "spine"]
    assert item.issn == ["1932-8494", "1932-8486"]


def test_tags_that_rayyan_writes_into_one_value_are_cut_out():
    item = only("TY  - JOUR\nAN  - rayyan-1\nTI  - One\nUR  - https://a.example/x     U2  - L2029880245\nER  - \n")

    assert (item.urls, item.embase_id) == (["https://a.example/x"], "L2029880245")
    assert item.raw[3][1] == "https://a.example/x     U2  - L2029880245"


def test_ebsco_s_copyright_notice_is_no_abstract():
    item = only(
        "TY  - JOUR\nT1  - One\nAB  - Pain fell.\n"
        "AB  - Copyright of Spine is the property of A House and its content may not be copied.\nER  - \n"
    )

    assert item.abstract == "Pain fell."


def test_the_issue_in_m1_counts_for_endnote_only_when_it_looks_like_one():
    endnote = only("TY  - JOUR\nTI  - One\nM1  - 4\nID  - 889\nER  - \n")
    other = only("TY  - JOUR\nTI  - One\nM1  - Copyright (C) 2016 A Society\nER  - \n")

    assert (endnote.issue, other.issue) == ("4", None)


def test_a_doi_is_found_in_a_resolver_s_address_and_in_a_note():
    by_url = only("TY  - JOUR\nTI  - One\nUR  - https://doi.org/10.1000/ABC(1)\nER  - \n")
    by_note = only("TY  - JOUR\nTI  - One\nN1  - doi: 10.1063/1.1954747\nER  - \n")

    assert (by_url.doi, by_url.found["doi"]["how"]) == ("10.1000/abc(1)", "url")
    assert (by_note.doi, by_note.found["doi"]["how"]) == ("10.1063/1.1954747", "inferred")


def test_one_blank_before_the_dash_is_read_too():
    assert only("TY - JOUR\nTI - One\nER - \n").title == "One"


def test_the_extension_is_not_asked():
    assert read((EXPORTS / "pubmed.nbib").read_bytes(), "results.ris").format == "nbib"
    assert read((EXPORTS / "wos.txt").read_bytes(), "savedrecs.ris").format == "wos"


@pytest.mark.parametrize(
    ("headers", "source"),
    [
        ("PMID,Title,Authors,Citation,First Author,Journal/Book,Publication Year,Create Date,PMCID,DOI", "pubmed"),
        ("CENTRAL ID,Author(s),Title,Source,Year,Abstract,PubMed ID,Embase ID,DOI", "cochrane"),
        ("Authors,Title,Year,Source title,Author Keywords,Index Keywords,Source", "scopus"),
        ("Title,Authors,Abstract,Covidence #,Study,Tags", "covidence"),
    ],
)
def test_known_headers_give_their_source(headers, source):
    names = headers.split(",")
    row = ",".join("One" if name == "Title" else "1" for name in names)

    found = read(f"{headers}\n{row}\n".encode(), "table.csv")

    assert (found.source, found.warnings, found.items[0].title) == (source, [], "One")


def test_tabs_and_semicolons_are_told_from_commas():
    tabs = read(b"Title\tAuthors\tYear\nOne\tBerg N\t2020\n", "a.txt")
    semicolons = read(b"Title;Authors;Year\nOne, two;Berg N;2020\n", "a.csv")

    assert (tabs.format, tabs.items[0].year) == ("tsv", 2020)
    assert (semicolons.format, semicolons.items[0].title) == ("csv", "One, two")


def test_an_unknown_table_with_one_title_is_read_with_a_warning():
    found = read(b"nr,title,rating\n1,Kyphoplasty,good\n", "a.csv")

    assert found.items[0].title == "Kyphoplasty"
    assert "title" in found.warnings[0].reason


def test_named_columns_are_read():
    item = only("Nr,Titel,Forfattere,Aar\n1,Kyphoplastik,Berg N; Dahl O,2020\n", title="Titel", authors="Forfattere")

    assert (item.title, item.authors) == ("Kyphoplastik", ["Berg N", "Dahl O"])


def test_a_quotation_mark_that_never_closes_is_rejected_with_its_lines():
    found = read(b'title,year\nOne,2020\n"Two,2021\nThree,2022\n', "a.csv")

    assert found.records == 1
    assert [(one.line, one.last_line) for one in found.rejected] == [(3, 4)]


def test_a_line_that_is_no_row_is_rejected():
    found = read(b"title,year,doi\nOne,2020,\nend of export\n", "a.csv")

    assert [one.line for one in found.rejected] == [3]


def test_unknown_is_none_or_an_empty_list_and_never_absent():
    plain = only("TY  - JOUR\nTI  - One\nER  - \n").as_dict()

    assert list(plain) == [
        *("number", "lines", "title", "original_title", "authors", "year", "date", "journal", "journal_abbreviation"),
        *("volume", "issue", "pages", "doi", "pmid", "pmcid", "embase_id", "cochrane_id", "registry_ids", "issn"),
        *("isbn", "abstract", "keywords", "subject_headings", "languages", "publication_types", "databases", "urls"),
        *("kind", "found", "raw"),
    ]
    assert plain["doi"] is None
    assert plain["registry_ids"] == []
