"""Single values: languages, dates, pages, identifiers."""

import pytest

from workbench.records.rules import identifiers, values
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
