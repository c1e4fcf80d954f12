"""Which report a PDF is: what is believed, and what waits for a person."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.benchmarks.full_texts import Maker, measure
from tests.benchmarks.full_texts import told as figures
from workbench.files.formats import Reading, State
from workbench.screening.rules.matching import (
    By,
    Doubt,
    Sought,
    as_json,
    doubted,
    from_json,
    matches,
    told,
)

CEMENT = Sought(1, ("Cement augmentation of painful vertebral lesions in cancer: a randomised trial",),
                ("Holm, K. A.", "Berg, M."), 2014, "10.1000/spine.14", "24681357")  # fmt: skip
BATHS = Sought(2, ("Warm foot baths for gout in elderly men",), ("Müller, J.",), 2009, "10.1000/bath.9")
WOMEN = Sought(3, ("Warm foot baths for gout in elderly women",), ("Müller, J.",), 2009, None)
PARTS = (
    Sought(4, ("Kyphoplasty in the mobile clinic. Part I: outcomes after a year",), ("Eriksen T",), 2011, None),
    Sought(5, ("Kyphoplasty in the mobile clinic. Part II: outcomes after a year",), ("Eriksen T",), 2012, None),
)
ALL = [CEMENT, BATHS, WOMEN, *PARTS]
PAGE = """Spine Inventions 2014; 3: 44-51
doi: 10.1000/spine.14
Cement augmentation of painful vertebral lesions in
cancer: a randomised trial
Karen A. Holm1, Maja Berg2
Abstract
Background: Pain is common."""


def a_reading(*pages: str, **told_in_it: str) -> Reading:
    return Reading(State.READ, len(pages), pages, {key.replace("_", " "): value for key, value in told_in_it.items()})


def first(*pages: str, file_name: str = "a.pdf", sought=ALL, **told_in_it: str):
    found = matches(a_reading(*pages, **told_in_it), file_name, sought)
    return found[0] if found else None


def test_a_doi_on_the_first_page_with_its_title_is_safe():
    match = first(PAGE)

    assert match.record_id == 1 and match.is_safe and told(match) == "DOI on page 1, title 100 %"


def test_a_doi_in_the_properties_with_its_title_on_the_page_is_safe():
    match = first(PAGE.replace("doi: 10.1000/spine.14\n", ""), Subject="Spine Inventions, doi:10.1000/SPINE.14")

    assert match.is_safe and told(match) == "DOI in its properties, title 100 %"


def test_a_doi_that_goes_on_in_the_next_line_is_found():
    assert first(PAGE.replace("spine.14", "spi\nne.14")).by is By.DOI


def test_a_pmid_is_as_good():
    match = first(PAGE.replace("doi: 10.1000/spine.14", "PMID: 24681357"))

    assert match.is_safe and told(match) == "PMID on page 1, title 100 %"


def test_a_title_with_author_and_year_is_safe():
    match = first(PAGE.replace("doi: 10.1000/spine.14\n", ""))

    assert match.is_safe and told(match) == "title 100 % on page 1, first author and year found"


@pytest.mark.parametrize(("change", "doubt"), [
    (("Holm", "Olsen"), Doubt.NO_AUTHOR),
    (("2014; 3", "3"), Doubt.NO_YEAR),
    (("Spine Inventions 2014", "doi:10.1000/other Spine Inventions 2014"), Doubt.OTHER_DOI),
    (("Spine Inventions", "Letter to the Editor\nSpine Inventions"), Doubt.NOTICE),
    (("Cement augmentation", "Erratum: Cement augmentation"), Doubt.NOTICE),
    (("painful", "painless"), Doubt.OTHER_WORDS),
])  # fmt: skip
def test_a_title_alone_is_not_believed_where_something_speaks_against_it(change, doubt):
    match = first(PAGE.replace("doi: 10.1000/spine.14\n", "").replace(*change))

    assert match.record_id == 1 and doubt in match.doubts and doubted(doubt)


def test_a_report_cited_under_the_references_is_not_matched():
    page = f"Warm milk and sleep\nB. Olsen\n2015\nText.\nReferences\n{PAGE}"

    assert matches(a_reading(page), "a.pdf", ALL) == [] and matches(a_reading("Warm milk", page), "a.pdf", ALL) == []


def test_a_report_cited_in_a_letter_without_a_heading_waits_for_a_person():
    entry = "1. Holm KA, Berg M. Cement augmentation of painful vertebral\nlesions in cancer: a randomised trial. Spine 2014. doi:10.1000/spine.14"

    match = first(f"Some thoughts on bone cement\nB. Olsen\n2015\nWe read with interest.\n{entry}")

    assert match.record_id == 1 and not match.is_safe


def test_a_report_cited_at_the_end_of_a_page_in_whole_lines_waits_for_a_person():
    own = ["Some thoughts on bone cement", "B. Olsen", "2015", *["We read with interest."] * 30]
    cited = ["Holm KA, Berg M.", *CEMENT.titles, "Spine 2014. doi:10.1000/spine.14"]

    assert first("\n".join([*own, *cited])).doubts == {Doubt.LOW}
    assert first("\n".join(own), "\n".join([*own[3:], "References 1. Olsen B. Bone.", *cited])) is None


def test_an_identifier_of_a_report_yields_to_the_whole_title_of_another():
    page = (
        f"{BATHS.titles[0]}\nJ. Müller\n2009\nsee doi:10.1000/spine.14\n{CEMENT.titles[0].replace('painful', 'some')}"
    )

    assert not any(match.is_safe for match in matches(a_reading(page), "a.pdf", ALL))


def test_a_doi_without_its_title_waits_for_a_person():
    match = first("doi: 10.1000/spine.14\nEtwas ganz anderes über Wirbel")

    assert match.doubts == {Doubt.OTHER_TITLE} and told(match) == "DOI on page 1"


def test_a_doi_that_only_begins_alike_names_nothing():
    assert first("doi: 10.1000/spine.145\nAnother paper") is None


@pytest.mark.parametrize("one", [BATHS, WOMEN, *PARTS])
def test_titles_that_differ_in_one_word_or_number_are_kept_apart(one):
    page = f"{one.titles[0]}\nJ. Muller and T. Eriksen\n{one.year}\nAbstract"

    found = matches(a_reading(page), "a.pdf", ALL)
    alone = matches(a_reading(page), "a.pdf", [other for other in ALL if other is not one])

    assert found[0].record_id == one.record_id
    assert not any(match.is_safe and match.record_id != one.record_id for match in [*found, *alone])


def test_a_doi_decides_between_titles_that_are_alike():
    page = f"doi:10.1000/bath.9\n{BATHS.titles[0]}\nJ. Müller\n2009"

    assert first(page).record_id == 2 and first(page).is_safe


def test_a_report_that_has_a_file_and_a_supplement_wait_for_a_person():
    assert first(PAGE, sought=[replace(CEMENT, has_file=True)]).doubts == {Doubt.HAS_FILE}
    assert first(PAGE, file_name="Supplementary_Table_1.pdf").doubts == {Doubt.SUPPLEMENT}
    assert first(f"Supporting information\n{PAGE}").doubts == {Doubt.SUPPLEMENT}


def test_a_scan_is_proposed_by_its_properties_or_its_name_and_never_attached():
    by_title = first("", Title=CEMENT.titles[0])
    by_name = first("", file_name="Holm_2014_cement.pdf")

    assert (by_title.record_id, by_title.by, by_title.is_safe) == (1, By.PROPERTIES, False)
    assert (by_name.record_id, by_name.by, by_name.is_safe) == (1, By.FILE_NAME, False)
    assert "properties only" in told(by_title) and "name of the file" in told(by_name)


def test_a_match_is_stored_and_read_back_as_it_was():
    assert all(from_json(as_json(match)) == match for match in matches(a_reading(PAGE), "supplement.pdf", ALL))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=120), max_size=30), st.integers(0, 25))
def test_no_text_breaks_the_matching_and_a_title_is_found_wherever_it_stands(lines, at):
    page = [*lines[:at], *CEMENT.titles, *lines[at:]]

    matches(a_reading("\n".join(lines)), "a.pdf", ALL)
    found = matches(a_reading("\n".join(page)), "a.pdf", [CEMENT])

    assert all(match.record_id == 1 for match in found)


def test_of_pdfs_by_several_writers_all_that_name_their_report_find_it_and_none_finds_another():
    parts = ("Balloon", "Cement", "Radiation", "Exercise"), ("lesions", "fractures", "metastases"), (2004, 2011, 2019)
    reports = [
        Sought(100 * a + 10 * b + c, (f"{how} for {what} of the spine: a {kind} in patients with {why}",), ("Holm, K.",),
               year, f"10.5555/{a}{b}{c}")
        for a, how in enumerate(parts[0]) for b, what in enumerate(parts[1])
        for c, (year, kind, why) in enumerate(zip(parts[2], ("trial", "cohort", "review"), ("pain", "cancer", "myeloma"), strict=True))
    ]  # fmt: skip
    found = measure(list(Maker(reports[::2], reports[1::2]).all(40)), reports[::2])

    assert figures(found)["matched"] == 1 and figures(found)["wrong"] == 0
    assert {one.state for one in found} == {"read", "no-text", "encrypted", "broken"}
