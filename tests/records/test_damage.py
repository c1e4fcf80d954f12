"""What spreadsheets do to a table: repaired where the field tells what it was, said so, and never in `raw`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.records.rules import Item, Reading, damage, read

HEADERS = "title,authors,year,journal,issue,pages,pmid,embase id,issn,abstract"


def table(**cells: str) -> Reading:
    names = HEADERS.split(",")
    row = {"title": "Kyphoplasty"} | {name.replace("_", " "): value for name, value in cells.items()}
    line = ",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in names)
    return read(f"{HEADERS}\n{line}\n".encode(), "table.csv")


def row(**cells: str) -> Item:
    [item] = table(**cells).items
    return item


@pytest.mark.parametrize(
    ("delivered", "pages"),
    [
        ("Jan-15", "1-15"),
        ("12-Mar", "3-12"),
        ("01.12.2020", "1-12"),
        ("12/1/2020", "1-12"),
        ("2020-01-15 00:00:00", "1-15"),
        ("2020-01-15T00:00:00", "1-15"),
        ("1985-01-01 00:00:00", "1-85"),
        ("06-okt", "6-10"),
        ("06. Mär", "3-6"),
        ("15-Jan-20", "1-15"),
    ],
)
def test_pages_that_became_a_date_become_pages_again(delivered, pages):
    item = row(pages=delivered)

    assert item.pages == pages
    assert item.found["pages"]["how"] == "repaired: a spreadsheet had made a date of it"
    assert ("pages", delivered, 2) in item.raw


@pytest.mark.parametrize("pages", ["6-10", "e101", "S12-S19", "1350-1356", "Mar-Apr", "31.13.2020", "12", "a1.b2"])
def test_pages_that_are_no_date_are_left_alone(pages):
    assert "pages" not in row(pages=pages).found


def test_a_date_in_the_column_of_dates_is_no_damage():
    found = read(b"title,publication date,journal\nOne,2020-01-15,Spine\n", "a.csv")

    assert found.items[0].date == "2020-01-15"
    assert not any(one.line == 2 for one in found.warnings)


@pytest.mark.parametrize("delivered", ["3.4176716E7", "34176716.0", "3,4176716E+07", "34176716,00", "'34176716"])
def test_a_number_that_became_a_decimal_is_whole_again(delivered):
    item = row(pmid=delivered)

    assert item.pmid == "34176716"
    assert item.found["pmid"]["how"].startswith("repaired")
    assert ("pmid", delivered, 2) in item.raw


def test_a_number_that_was_rounded_is_not_guessed():
    found = table(pmid="3.41767E+07")

    assert found.items[0].pmid is None
    assert any("its last digits are lost" in one.reason and one.line == 2 for one in found.warnings)


def test_a_twelve_digit_embase_number_comes_back():
    assert row(embase_id="2.029880245E9").embase_id == "L2029880245"


@pytest.mark.parametrize("error", ["#NAME?", "#VALUE!", "#REF!", "#N/A"])
def test_an_error_of_a_spreadsheet_is_no_abstract(error):
    found = table(abstract=error)

    assert found.items[0].abstract is None
    assert ("abstract", error, 2) in found.items[0].raw
    assert "the value is lost" in found.warnings[-1].reason


def test_a_guard_against_formulas_is_taken_off_and_a_quoted_word_kept():
    guarded, quoted = row(title="'=1+1 is two"), row(title="'-omics' in spine surgery")

    assert guarded.title == "=1+1 is two"
    assert quoted.title == "'-omics' in spine surgery"


def test_the_way_ebsco_writes_numbers_is_no_damage_and_not_worth_a_word():
    found = table(issn='="19326203"')

    assert found.items[0].issn == ["1932-6203"]
    assert not any("19326203" in one.reason for one in found.warnings)


def test_every_repair_says_on_which_line_it_stands_and_what_was_done():
    found = read(b"title,year,pages\nOne,2020,6-10\nTwo,2021,06-Oct\n", "a.csv")

    assert (3, "pages: “06-Oct” is read as “6-10”: a spreadsheet had made a date of it.") in found.warnings


@given(st.integers(1, 12), st.integers(1, 28))
def test_any_short_range_survives_the_way_through_a_spreadsheet(month, day):
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    low, high = min(month, day), max(month, day)

    for written in (f"{day:02}-{names[month - 1]}", f"2024-{month:02}-{day:02} 00:00:00"):
        assert damage.repaired_pages(written) == f"{low}-{high}"


@given(st.integers(1_000_000, 999_999_999_999))
def test_any_long_number_survives_as_a_decimal(number):
    mantissa = str(number)

    assert damage.whole_number(f"{number}.0") == str(number)
    assert damage.whole_number(f"{mantissa[0]}.{mantissa[1:]}E{len(mantissa) - 1}") == str(number)
