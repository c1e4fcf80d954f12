"""The quirks that break importers, one invented specimen each: what the databases and tools really write."""

import pytest

from workbench.records.rules import Item, Reading, read


def reading(text: str, name: str = "export.txt") -> Reading:
    return read(text.encode(), name)


def only(text: str) -> Item:
    [item] = reading(text).items
    return item


def ris(*lines: str, title: str = "Kyphoplasty") -> str:
    return "\n".join(["TY  - JOUR", f"TI  - {title}", *lines, "ER  - ", ""])


PUBMED = "PMID- 90000001\nOWN - NLM\nTI  - Kyphoplasty.\nDP  - 2020\nSO  - Spine. 2020.\n"
WOS = "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Berg, N\nTI Kyphoplasty\nPY 2020\nER\n\nEF\n"


# 1
@pytest.mark.parametrize(
    ("name", "text", "kind"), [("pubmed.ris", PUBMED, "nbib"), ("wos.ris", WOS, "wos"), ("savedrecs.txt", ris(), "ris")]
)
def test_the_extension_lies(name, text, kind):
    assert reading(text, name).format == kind


# 2
COCHRANE = """Record #3 of 18
Provider: John Wiley & Sons, Ltd.
Content: text/plain; charset="UTF-8"

TY  -  JOUR
AN  -  CN-09000003
TI  -  Kyphoplasty
C3  -  CTgov NCT90000003
M3  -  Trial registry record; Clinical trial protocol
CC  -  Back and Neck
KW  -  *Kyphoplasty
ER  -
"""


def test_cochrane_numbers_by_the_list_of_results_and_types_a_registration_twice():
    found = reading(COCHRANE)
    item = found.items[0]

    assert (found.records, found.source, found.skipped) == (1, "cochrane", [(1, 4)])
    assert (item.cochrane_id, item.registry_ids, item.kind) == ("CN-09000003", ["NCT90000003"], "registry")
    assert item.publication_types == ["JOUR", "Trial registry record", "Clinical trial protocol"]
    assert item.found["registry_ids"]["how"] == "prefix"
    assert ("CC", "Back and Neck", 10) in [(tag, value.strip(), line) for tag, value, line in item.raw]


# 3
def test_hyphens_of_cochrane_are_folded_in_pages_and_in_registrations():
    item = only(
        COCHRANE.replace("CTgov NCT90000003", "ICTRP EUCTR2020‐900001‐12‐GB").replace("CC  -", "SP  -  13‐19\nCC  -")
    )

    assert (item.registry_ids, item.pages) == (["EUCTR2020-900001-12-GB"], "13-19")


# 4
def test_bare_carriage_returns_end_lines_and_a_mark_at_the_beginning_hides_nothing():
    item = only("\ufeff" + ris("AB  - One\rline", "AD  - Here").replace("\n", "\r"))

    assert (item.title, item.abstract) == ("Kyphoplasty", "One line")


# 5
@pytest.mark.parametrize("text", [ris(), WOS, "title,year,doi\nKyphoplasty,2020,\n"])
def test_a_byte_order_mark_costs_neither_the_first_tag_nor_the_first_header(text):
    assert read(b"\xef\xbb\xbf" + text.encode(), "a.txt").items[0].title == "Kyphoplasty"


# 6
EMBASE = """TY  - JOUR
M3  - Article
Y1  - 2020
VL  - 28
M1  - (Berg N.) Invented Hospital, Nowhere
M1  - (Dahl O.) Invented Hospital, Elsewhere
JF  - Invented Spine Journal
A1  - Berg, N.
T1  - Kyphoplasty
UR  - https://www.embase.com/search/results?subaction=viewrecord&id=L690000001&from=export
U2  - L690000001
C5  - 90000001
DB  - Embase
DB  - Medline
U3  - 2020-01-02
L2  - http://dx.doi.org/10.9999/abc
N2  - Words.
LK  - https://library.example/?sid=EMBASE&id=doi:10.9999%2Fabc&atitle=Cement+one
KW  - kyphoplasty
ER  -
"""


def test_embase_com_writes_its_own_tags():
    found = reading(EMBASE)
    item = found.items[0]

    assert found.source == "embase"
    assert (item.title, item.authors, item.year, item.abstract) == ("Kyphoplasty", ["Berg, N."], 2020, "Words.")
    assert (item.embase_id, item.pmid, item.doi, item.issue) == ("L690000001", "90000001", "10.9999/abc", None)
    assert (item.databases, item.subject_headings) == (["Embase", "Medline"], ["kyphoplasty"])
    assert [tag for tag, _value, _line in item.raw].count("M1") == 2


def test_a_number_in_a_field_of_the_user_is_no_identifier():
    item = only(ris("C5  - 90000001", "U2  - 90000001"))

    assert (item.pmid, item.embase_id) == (None, None)


# 7
def test_embase_s_vertical_table_is_read_without_the_commas_at_the_ends():
    found = reading(
        '"SEARCH QUERY","\'spine\'/exp"\n\n"TITLE","Kyphoplasty"\n"AUTHOR NAMES","Berg N.","Dahl O."\n'
        '"SOURCE","Spine (2020) 2:1 (3-9)"\n"ARTICLE LANGUAGE","English , "\n'
        '"ISSN","2041-1723 (electronic)"\n"PUI","L690000001"\n\n"TITLE","Another"\n"AUTHOR NAMES","Holm K."\n'
    )
    item = found.items[0]

    assert (found.source, found.records, found.warnings[0].line) == ("embase", 2, 1)
    assert (item.authors, item.languages, item.issn) == (["Berg N.", "Dahl O."], ["en"], ["2041-1723"])


# 8
OVID_TAGGED = """<3001. >
UI  - 2020900001
TI  - Kyphoplasty.
SO  - Invented Spine Journal. 28(4):13-19, 2020.
AB  - Objective: to see.
Method(s): we looked.
DB  - Embase
OD  - *kyphoplasty
"""


def test_ovid_s_numbering_does_not_begin_at_1_and_its_lines_go_on_at_column_0():
    item = reading(OVID_TAGGED).items[0]

    assert (item.number, item.embase_id, item.pmid) == (1, "L2020900001", None)
    assert (item.volume, item.issue, item.pages, item.year) == ("28", "4", "13-19", 2020)
    assert item.abstract is not None and "we looked" in item.abstract
    assert item.subject_headings == ["kyphoplasty"]


# 9
def test_ovid_s_ris_goes_on_after_its_end():
    found = reading(
        "1.\nTY  - JOUR\nID  - 2020-1\nT1  - Kyphoplasty\nY1  - 2011//\nM1  - Note one\nM1  - Note two\n"
        "DO  - http://dx.doi.org/10.9999/abc\nDO  - http://dx.doi.org/10.9999/abc\nER  -\nNL  - Spine\n"
    )
    item = found.items[0]

    assert (found.source, item.year, item.doi, item.issue) == ("ovid", 2011, "10.9999/abc", None)
    assert ("NL", "Spine", 11) in item.raw
    assert found.rejected == []


# 10
def test_ebsco_repeats_the_abstract_and_hides_the_doi_in_l3():
    found = reading(
        ris(
            *("Y1  - 2024/04/03/", "SN  - 19326203", "AB  - Pain fell."),
            "AB  - Copyright of Spine is the property of A House and may not be copied.",
            *("N1  - Accession Number: 176400001; Berg, N", "L3  - 10.9999/abc", "DP  - EBSCOhost", "DB  - ccm"),
        )
    )
    item = found.items[0]

    assert (found.source, item.doi, item.abstract) == ("ebsco", "10.9999/abc", "Pain fell.")
    assert (item.date, item.issn, item.databases[0]) == ("2024-04-03", ["1932-6203"], "CINAHL Complete")


# 11
def test_endnote_writes_one_keyword_to_a_line_and_the_issue_into_m1():
    found = reading(ris("KW  - cement", "pain", "M1  - 4", "UR  - https://a.example", "https://b.example", "ID  - 12"))
    item = found.items[0]

    assert (found.source, item.keywords, item.issue) == ("endnote", ["cement", "pain"], "4")
    assert item.urls == ["https://a.example", "https://b.example"]


# 12
def test_rayyan_writes_tags_it_does_not_know_into_the_value_before():
    found = reading(
        "key,title,authors,url,doi,pubmed_id,pmc_id\n"
        "rayyan-1,Kyphoplasty,Berg N,https://a.example     U2  - L690000001,10.9999/abc     LK  - https://b.example,,\n"
    )
    item = found.items[0]

    assert (found.source, item.doi, item.embase_id) == ("rayyan", "10.9999/abc", "L690000001")
    assert item.raw[4][1].endswith("LK  - https://b.example")


# 13
COVIDENCE = "PD  - \nN2  - Words.\nPG  - \nAN  - \nNS  - \nN1  - "


@pytest.mark.parametrize(
    "text",
    [
        f"TY  - JOUR\nTI  - Kyphoplasty\nAU  - Berg, N.\nPY  - 2020\n{COVIDENCE}\nER  - \n",
        f"TY  - JOUR\nTI  - Kyphoplasty\nAU  - Berg, N.\nPY  - 2020\n{COVIDENCE.replace('N2', 'AB')}\nER  - \n",
        f"TY  - JOUR\nT1  - Kyphoplasty\nA1  - Berg, N.\nY1  - 2020///\n{COVIDENCE.replace('N2', 'AB')}\nER  - \n",
        f"TY  - JOUR\nT1  - Kyphoplasty\nA1  - Berg, N.\nY1  - 2020\n{COVIDENCE.replace('N2', 'AB').replace('AN', 'ID')}\nER  - \n",
    ],
)
def test_the_four_exports_of_covidence_come_to_one_record(text):
    found = reading(text)
    item = found.items[0]

    assert found.source == "covidence"
    assert (item.title, item.authors, item.year, item.abstract) == ("Kyphoplasty", ["Berg, N."], 2020, "Words.")
    assert ("PD", "") in [(tag, value.strip()) for tag, value, _line in item.raw]


# 14
def test_scopus_keeps_the_article_number_in_c7_and_the_pmid_in_c2():
    found = reading(
        ris("C7  - e101", "C2  - 90000001", "N1  - Cited By: 2", "N1  - Export Date: 12 May 2022", "DB  - Scopus")
    )
    item = found.items[0]

    assert (found.source, item.pages, item.pmid, item.pmcid) == ("scopus", "e101", "90000001", None)
    assert [tag for tag, _value, _line in item.raw].count("N1") == 2


# 15
def test_web_of_science_gives_two_issns_a_group_in_a1_and_a_conference_in_cp():
    found = reading(
        ris(
            *("AU  - Berg, N", "A1  - Cement Group", "SN  - 0940-6719", "SN  - 1432-0932"),
            *(
                "AB  - Background: one.",
                "   Results: two.",
                "CP  - 12th Invented Symposium",
                "AN  - WOS:000900000000001",
            ),
        )
    )
    item = found.items[0]

    assert (found.source, item.authors, item.issn) == ("wos", ["Berg, N", "Cement Group"], ["0940-6719", "1432-0932"])
    assert (item.abstract, item.issue) == ("Background: one. Results: two.", None)


# 16
def test_pubmed_s_titles_abstracts_and_numbers_are_told_apart():
    item = only(
        "PMID- 900000000001\nOWN - NLM\nTI  - [Kyphoplasty].\nTT  - Kyphoplastik.\nOAB - Ord.\nLID - 10.9999/abc [doi]\n"
        "LID - S0000 [pii]\nAID - S0000 [pii]\nDP  - 2020\nEDAT- 2019/12/01 06:00\nCIN - Spine. 2021. PMID: 90000009\n"
        "LR  - 20210101\nSO  - Spine. 2020.\n"
    )

    assert (item.title, item.original_title, item.abstract) == ("[Kyphoplasty].", "Kyphoplastik.", "Ord.")
    assert (item.pmid, item.doi, item.year) == ("900000000001", "10.9999/abc", 2020)


# 17
def test_a_refer_record_may_lack_its_type_or_have_it_later():
    found = reading("%T Kyphoplasty\n%A Berg, N\n%0 Journal Article\n%D 2020\n\n%A Dahl, O\n%T Cement\n%D 2021\n")

    assert [(item.title, item.year) for item in found.items] == [("Kyphoplasty", 2020), ("Cement", 2021)]


# 18 (ICTRP) stands with the readers of XML


# 19
@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("title;year;doi\r\nSmerter i ryggsøylen;2020;\r\n".encode("cp1252"), "cp1252"),
        ("title;year;doi\r\nSmerter i ryggsøylen;2020;\r\n".encode("utf-16"), "utf-16"),
        ("title;year;doi\r\nSmerter i ryggsøylen;2020;\r\n".encode("utf-8-sig"), "utf-8-sig"),
    ],
)
def test_a_table_saved_again_by_excel_is_read_and_its_encoding_told(data, encoding):
    found = read(data, "a.csv")

    assert (found.encoding, found.items[0].title, found.items[0].year) == (encoding, "Smerter i ryggsøylen", 2020)
    assert any("UTF-8" in one.reason for one in found.warnings) is (encoding == "cp1252")


def test_a_newline_within_a_cell_ends_no_row():
    found = reading('title,year,abstract\n"Kyphoplasty",2020,"One\ntwo"\nCement,2021,\n', "a.csv")

    assert [item.lines for item in found.items] == [(2, 3), (4, 4)]


# 20
def test_eleven_starts_and_one_end_are_eleven_records():
    found = reading("".join(f"TY  - JOUR\nTI  - Trial {n}\n" for n in range(11)) + "ER  - \n")

    assert found.records == 11
    assert len(found.warnings) == 10


# The dialects that no quirk above names
@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("proquest", ris("AN  - 1", "N1  - Copyright - ProQuest LLC")),
        ("zotero", ris("DA  - 2020/05//", "PY  - 2020")),
        ("citavi", ris("TS  - RIS", "M4  - Citavi")),
        ("eppi", ris("KW  - eppi-reviewer")),
        ("asreview", ris("N1  - ASReview_irrelevant")),
        ("lens", ris("UR  - https://lens.org/000-000-000-000-001")),
        ("refworks", "TY  - JOUR\nID  - RefID:1-berg2020\nT1  - Kyphoplasty\nER  - \n"),
        (
            "mendeley",
            "TY  - JOUR\nAB  - Words\nAU  - Berg, N\nPY  - 2020\nTI  - Kyphoplasty\nT2  - Spine\nVL  - 2\nER  - \nTY  - JOUR\n"
            "AU  - Dahl, O\nTI  - Cement\nT2  - Spine\nER  - \n",
        ),
        ("dimensions", ris("AN  - pub.1000000001")),
        (
            "google-scholar",
            "TY  - JOUR\nT1  - Kyphoplasty\nA1  - Berg, N\nJO  - Spine\nY1  - 2020\nPB  - A House\nER  - \n",
        ),
    ],
)
def test_every_tool_is_known_by_its_habits(source, text):
    assert reading(text).source == source


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        (
            "cinahl",
            "Article Title,Author,Journal Title,ISSN,Publication Date,Accession Number,DOI,Doctype,Abstract,PLink",
        ),
        ("lens", "Lens ID,Title,Date Published,Publication Year,Author/s,PMID,DOI"),
        ("openalex", "id,doi,title,display_name,publication_year,primary_location.source.display_name"),
        ("publish-or-perish", "Cites,Authors,Title,Year,Source,Publisher,ArticleURL,CitesURL,GSRank,QueryDate"),
        ("google-scholar", "Authors,Title,Publication,Volume,Number,Pages,Year,Publisher"),
        ("zotero", "Key,Item Type,Publication Year,Author,Title,Publication Title,Abstract Note"),
        ("ctgov", "NCT Number,Study Title,Study URL,Study Status,Brief Summary,Conditions"),
        ("ctgov", "Rank,NCT Number,Title,Acronym,Status,Study Results,Conditions"),
        ("asreview", "record_id,title,abstract,asreview_label,asreview_time"),
        ("rayyan", "key,title,year,authors,notes,pubmed_id,pmc_id"),
    ],
)
def test_every_table_is_known_by_its_headers(source, headers):
    cells = ",".join("Kyphoplasty" if "itle" in name.casefold() else "1" for name in headers.split(","))

    found = reading(f"{headers}\n{cells}\n", "a.csv")

    assert (found.source, found.items[0].title, found.warnings) == (source, "Kyphoplasty", [])


def test_refworks_table_is_told_by_its_tabs_and_headers():
    headers = "Reference Type\tAuthors, Primary\tTitle Primary\tPeriodical Full\tPub Year\tStart Page\tOther Pages"

    found = reading(f"{headers}\nJournal Article\tBerg,N.;Dahl,O.\tKyphoplasty\tSpine\t2020\t13\t19\n", "a.tsv")

    assert (found.format, found.source, found.items[0].pages) == ("tsv", "refworks", "13-19")


def test_a_trial_of_clinicaltrials_gov_is_a_registration():
    item = reading("NCT Number,Study Title,Study Type\nNCT90000003,Kyphoplasty,INTERVENTIONAL\n", "a.csv").items[0]

    assert (item.kind, item.registry_ids, item.databases) == ("registry", ["NCT90000003"], ["ClinicalTrials.gov"])
