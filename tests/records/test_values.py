"""Single values: languages, dates, pages, identifiers."""

import pytest

from workbench.records.rules import identifiers, read, values
from workbench.records.rules.languages import language_codes


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("English", ["en"]),
        ("eng", ["en"]),
        ("English, German; French", ["en", "de", "fr"]),
        ("nob", ["nb"]),
        ("Norwegian Bokmål", ["nb"]),
        ("Norwegian", ["no"]),
        ("no", ["no"]),
        ("en-US", ["en"]),
        ("Chinese (Traditional)", ["zh"]),
        ("Klingon", ["Klingon"]),
        ("", []),
    ],
)
def test_languages_come_as_two_letters_and_an_unknown_one_as_delivered(value, codes):
    assert language_codes(value) == codes


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2013/04/18", "2013-04-18"),
        ("2001/09/01/", "2001-09-01"),
        ("2014//", "2014"),
        ("2019 Apr 3", "2019-04-03"),
        ("DEC 16 2020", "2020-12-16"),
        ("November 16, 2004", "2004-11-16"),
        ("1996 Jul-Aug", "1996 Jul-Aug"),
        ("Spring 2017", "Spring 2017"),
        ("Sep 2015", "2015-09"),
        ("", None),
    ],
)
def test_a_date_is_as_exact_as_it_was_told(value, wanted):
    assert values.date(value, None) == wanted


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        ("152", "160", "152-160"),
        ("454-81", "", "454-481"),
        ("1350‐1356", "", "1350-1356"),
        ("S12", "9", "S12-S19"),
        ("123", "123", "123"),
        ("e1001", "", "e1001"),
        ("No", "Specified", None),
        ("No Pagination Specified", "", None),
        ("", "", None),
    ],
)
def test_pages_run_from_first_to_last(first, last, wanted):
    assert values.pages(first, last) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("10.1000/ABC", "10.1000/abc"),
        ("https://dx.doi.org/10.1000/abc.", "10.1000/abc"),
        ("DOI: 10.1000/abc (accessed)", "10.1000/abc"),
        ("10.1000/a(b)c)", "10.1000/a(b)c"),
        ("10.1002/(SICI)1097-0258(19980815/30)17:15<1661::AID-SIM968>3.0.CO;2-2",) * 2,
        ("10.4103%2F2303-9027.138783", "10.4103/2303-9027.138783"),
        ("10.1000/abc‐1", "10.1000/abc-1"),
        ("not one", None),
    ],
)
def test_a_doi_is_lower_case_without_resolver(value, wanted):
    assert identifiers.doi(value) == (wanted.lower() if wanted else None)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("NCT01234567", ["NCT01234567"]),
        ("nct 01234567", ["NCT01234567"]),
        ("ISRCTN96803379.", ["ISRCTN96803379"]),
        ("EUCTR2020‐001234‐12‐GB", ["EUCTR2020-001234-12-GB"]),
        ("EudraCT number: 2020-001234-12", ["EUCTR2020-001234-12"]),
        ("ACTRN12345678901234", ["ACTRN12345678901234"]),
        ("ChiCTR-TRC-12345678", ["ChiCTR-TRC-12345678"]),
        ("UMIN000012345", ["JPRN-UMIN000012345"]),
        ("DRKS00012345", ["DRKS00012345"]),
        ("CTRI/2019/01/012345", ["CTRI/2019/01/012345"]),
        ("NTR1234", ["NTR1234"]),
        ("an RCT of 12345678 patients", []),
        ("NCT012345678", []),
    ],
)
def test_register_ids_are_found_in_one_spelling(value, wanted):
    assert list(identifiers.registry_ids(value)) == wanted


def test_a_journal_number_is_no_book_number():
    assert values.issns("2041-1723 (electronic), 1234567X") == ("2041-1723", "1234-567X")
    assert values.isbns("978-1-4822-5326-9; 0-306-40615-2") == ("9781482253269", "0306406152")
    assert values.issns("978-1-4822-5326-9") == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("NCT90000001", "NCT90000001"),
        ("ISRCTN 90000001", "ISRCTN90000001"),
        ("EUCTR2020-900001-12-GB", "EUCTR2020-900001-12-GB"),
        ("EudraCT number: 2020-900001-12", "EUCTR2020-900001-12"),
        ("EU CT 2022-500001-12-00", "CTIS2022-500001-12-00"),
        ("CTIS2022-500001-12-00", "CTIS2022-500001-12-00"),
        ("ACTRN12690000000001", "ACTRN12690000000001"),
        ("ChiCTR-TRC-90000001", "ChiCTR-TRC-90000001"),
        ("ChiCTR2000090001", "ChiCTR2000090001"),
        ("CTRI/2020/01/900001", "CTRI/2020/01/900001"),
        ("DRKS00090001", "DRKS00090001"),
        ("UMIN000090001", "JPRN-UMIN000090001"),
        ("jRCTs031900001", "JPRN-jRCTs031900001"),
        ("JapicCTI-900001", "JPRN-JapicCTI-900001"),
        ("JMA-IIA00001", "JPRN-JMA-IIA00001"),
        ("KCT0009001", "KCT0009001"),
        ("NTR9001", "NTR9001"),
        ("NL-OMON90001", "NL-OMON90001"),
        ("IRCT20900001000001N1", "IRCT20900001000001N1"),
        ("TCTR20900101001", "TCTR20900101001"),
        ("RBR-9abc01", "RBR-9abc01"),
        ("PACTR209001000000001", "PACTR209001000000001"),
        ("SLCTR/2020/001", "SLCTR/2020/001"),
        ("RPCEC00000901", "RPCEC00000901"),
        ("PER-001-20", "PER-001-20"),
        ("LBCTR2090010001", "LBCTR2090010001"),
        ("ITMCTR2090000001", "ITMCTR2090000001"),
        ("U1111-9000-0001", "U1111-9000-0001"),
    ],
)
def test_registrations_of_every_who_register_are_found_whatever_their_dashes(text, wanted):
    for written in (text, text.replace("-", "\u2010"), f"(registered as {text})."):
        assert list(identifiers.registry_ids(written)) == [wanted]


@pytest.mark.parametrize("text", ["2022-003405-30", "NL8001", "10-500 mg", "2020-12-01", "PER-PROTOCOL", "ACTH"])
def test_a_bare_number_in_free_text_is_no_registration(text):
    assert list(identifiers.registry_ids(text)) == []


def test_in_a_field_of_its_own_a_bare_number_is_a_registration():
    assert list(identifiers.registry_ids("U1111-9000-0001;2022-003405-30;NL8001;NCT90000001", typed=True)) == [
        *("U1111-9000-0001", "NCT90000001", "EUCTR2022-003405-30", "NL8001"),
    ]


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        ("DO  - 10.9999/abc\nUR  - https://doi.org/10.9999/url\nN1  - doi: 10.9999/note", "tag"),
        ("UR  - https://doi.org/10.9999/abc\nN1  - doi: 10.9999/note", "url"),
        ("N1  - doi: 10.9999/abc", "inferred"),
    ],
)
def test_a_typed_field_goes_before_a_link_and_a_link_before_free_text(lines, how):
    [item] = read(f"TY  - JOUR\nTI  - One\n{lines}\nER  - \n".encode(), "a.ris").items

    assert (item.doi, item.found["doi"]["how"]) == ("10.9999/abc", how)
