"""Files that cannot be read, or not wholly: each with a message that says what is wrong."""

from pathlib import Path

import pytest

from workbench.errors import Invalid
from workbench.records.rules import Unreadable, read

EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
ENTITY = b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n<PubmedArticleSet>'


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.ris", b"", "empty"),
        ("blank.nbib", b"\xef\xbb\xbf\r\n  \r\n", "empty"),
        ("report.ris", PDF, "PDF"),
        ("sheet.csv", b"PK\x03\x04\x14\x00", "damaged"),
        ("picture.ris", b"\x89PNG\r\n\x1a\n\x00\x00", "picture"),
        ("binary.ris", bytes(range(256)) * 20, "binary"),
        ("search.xml", ENTITY, "ENTITY"),
        ("page.ris", b"<!DOCTYPE html>\n<html><body>Please sign in</body></html>", "web page"),
        ("other.xml", b"<eSearchResult><Count>3</Count></eSearchResult>", "eSearchResult"),
        ("library.xml", b"<xml><records><record><titles/></record></records></xml>", "empty"),
        ("library.bib", b"@article{a, title={One}", "not well-formed BibTeX"),
        ("library.json", b'{"CodeSets": []}', "JSON"),
        ("text.ris", b"Dear colleague,\nplease find attached.\n", "no export"),
        ("cut.gz", b"\x1f\x8b\x08\x00\x00", "damaged"),
        ("only.ris", b"TY  - JOUR\nER  - \n", "No record could be read"),
    ],
)
def test_a_file_without_records_is_refused_with_a_reason(name, data, words):
    with pytest.raises(Unreadable, match=words) as refused:
        read(data, name)

    assert isinstance(refused.value, Invalid)


def test_a_table_with_unknown_headers_is_refused_and_names_the_option():
    with pytest.raises(Unreadable, match="a, b, c") as refused:
        read(b"a,b,c\n1,2,3\n", "table.csv")

    assert "--columns" in refused.value.way_out


def test_two_columns_that_can_be_the_title_are_refused():
    with pytest.raises(Unreadable, match="which column holds the title"):
        read(b"nr,title,article title\n1,One,Two\n", "table.csv")


def test_a_named_column_that_is_not_there_is_refused():
    with pytest.raises(Unreadable, match="no column “Titel”"):
        read(b"a,b\n1,2\n", "table.csv", {"title": "Titel"})


def test_a_field_that_is_none_is_refused_with_the_fields_there_are():
    with pytest.raises(Unreadable, match="publication_types"):
        read(b"a,b\n1,2\n", "table.csv", {"heading": "a"})


def test_an_nbib_cut_off_after_the_title_is_read_and_told():
    whole = (EXPORTS / "pubmed.nbib").read_text(encoding="utf-8")

    found = read(whole[: whole.index("LA  - ger")].encode(), "cut.nbib")

    assert found.records == 2
    assert [warning.line for warning in found.warnings] == [46]
    assert "cut off" in found.warnings[0].reason


def test_an_nbib_cut_off_before_the_title_rejects_the_last_record():
    whole = (EXPORTS / "pubmed.nbib").read_text(encoding="utf-8")

    found = read(whole[: whole.index("TI  - [Kypho")].encode(), "cut.nbib")

    assert found.records == 1
    assert [(one.line, one.last_line) for one in found.rejected] == [(37, 40)]
    assert "cut off" in found.rejected[0].reason


def test_a_ris_cut_off_is_read_and_told():
    found = read(b"TY  - JOUR\nTI  - One\nER  - \n\nTY  - JOUR\nTI  - Tw", "cut.ris")

    assert [item.title for item in found.items] == ["One", "Tw"]
    assert "cut off" in found.warnings[0].reason


def test_pubmed_xml_cut_off_keeps_the_whole_records():
    whole = (EXPORTS / "pubmed.xml").read_text(encoding="utf-8")

    found = read(whole[: whole.index("</BookDocument>")].encode(), "cut.xml")

    assert found.records == 1
    assert "cut off" in found.rejected[0].reason


RIS = "TY  - JOUR\r\nTI  - Kyfoplastik på østlandet\r\nER  - \r\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (RIS.encode("utf-8"), "utf-8"),
        (RIS.encode("utf-8-sig"), "utf-8-sig"),
        (RIS.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + RIS.encode("utf-16-be"), "utf-16"),
        (RIS.encode("latin-1"), "cp1252"),
        (RIS.encode("latin-1") + b"\x81", "latin-1"),
    ],
)
def test_encodings_are_found_and_reported(data, encoding):
    found = read(data, "letters.ris")

    assert found.encoding == encoding
    assert found.items[0].title == "Kyfoplastik på østlandet"


def test_an_encoding_that_is_a_guess_is_told():
    assert "cp1252" in read(RIS.encode("latin-1"), "letters.ris").warnings[0].reason


def test_garbled_letters_are_told_and_never_mended_silently():
    garbled = RIS.replace("ø", "Ã¸Ã¸Ã¸")

    found = read(garbled.encode(), "letters.ris")

    assert "garbled" in found.warnings[0].reason
    assert "Ã¸" in (found.items[0].title or "")


def test_a_mark_of_the_encoding_after_blank_lines_hides_no_tag():
    assert read("\n\n\ufeffTY  - JOUR\nTI  - One\nER  - \n".encode(), "a.ris").records == 1
