"""Pictures hold every judgement with its own symbol, colour and word, and their legend is complete."""

import time
import xml.etree.ElementTree as ET

import pytest

from workbench.appraisal.formats import Column, Judged, Line, Mark, read_robvis
from workbench.appraisal.instruments import load
from workbench.appraisal.pictures import (
    PALETTES,
    NoWeights,
    Reviewed,
    Scores,
    Style,
    grid,
    of_outcome,
    score_bars,
    summary,
    traffic_light,
)
from workbench.appraisal.pictures.palettes import SYMBOLS, Look, ink_on
from workbench.drawing.files import is_possible, pdf, png

ROB2 = load("rob2")
FILL = {
    "Low": "#02C100", "Some concerns": "#E2DF07", "Moderate": "#E2DF07", "Unclear": "#E2DF07", "High": "#BF0000",
    "Serious": "#BF0000", "Critical": "#820000", "Very high": "#820000", "No information": "#4EA1F7",
    "Not applicable": "#cccccc",
}  # fmt: skip
SYMBOL = {
    "Low": "+", "Some concerns": "-", "Moderate": "-", "Unclear": "-", "High": "x", "Serious": "x", "Critical": "!",
    "Very high": "!", "No information": "?", "Not applicable": " ",
}  # fmt: skip
REVMAN_SYMBOL = {"Low": "+", "Some concerns": "?", "High": "-"}
EXAMPLES = ["rob1", "rob2", "rob2_cluster", "robins_i", "robins_e", "quadas", "quips"]
SVG = "{http://www.w3.org/2000/svg}"


def judged(*lines):
    columns = tuple(Column(f"D{n}", ROB2.domains[name].name) for n, name in enumerate(("D1", "D2_assignment"), 1))
    made = []
    for study, one, two, whole, *more in lines:
        marks = {column.id: Mark(word) for column, word in zip(columns, (one, two), strict=True) if word}
        made.append(Line(study, marks, Mark(whole) if whole else None, *more))
    return Judged(columns, tuple(made))


TWO = judged(("Berg 2012", "Low", "High", "High", 3.0), ("Dahl 2009", "Low", "Some concerns", "Some concerns", 1.0))


def groups(svg, name):
    return [one for one in ET.fromstring(svg).iter(f"{SVG}g") if one.get("class") == name]


def cells(svg):
    """What is drawn in each cell: its place, the word, the colour and the symbol."""
    return {
        (one.get("data-study"), one.get("data-domain"), one.get("data-outcome")): (
            one.get("data-judgement"), one.find(f"{SVG}circle").get("fill"), one.find(f"{SVG}text").text
        )
        for one in groups(svg, "cell")
    }  # fmt: skip


def legend(svg):
    return [one.get("data-judgement") for one in groups(svg, "legend")]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_cell_of_the_examples_of_robvis_is_drawn_as_robvis_draws_it(published, name):
    found = read_robvis((published / "robvis" / f"data_{name}.csv").read_bytes())

    drawn = cells(traffic_light(found))

    wanted = {}
    for line in found.lines:
        for domain, mark in [*line.marks.items(), ("Overall", line.overall)]:
            word = mark.judgement
            wanted[line.study, domain, ""] = (word, FILL[word], SYMBOL[word])
    assert drawn == wanted and len(wanted) == len(found.lines) * (len(found.columns) + 1)
    words = {mark.judgement for line in found.lines for mark in (*line.marks.values(), line.overall)}
    assert set(legend(traffic_light(found))) == set(legend(summary(found))) == words


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_bars_of_the_examples_add_up(published, name):
    found = read_robvis((published / "robvis" / f"data_{name}.csv").read_bytes())

    shares: dict[str, float] = {}
    for one in groups(summary(found), "segment"):
        shares[one.get("data-domain")] = shares.get(one.get("data-domain"), 0) + float(one.get("data-share"))
        assert one.find(f"{SVG}rect").get("fill") == FILL[one.get("data-judgement")]

    assert len(shares) == len(found.columns) + 1
    assert all(total == pytest.approx(1, abs=1e-5) for total in shares.values())


def test_a_table_of_biases_with_directions_is_drawn(published):
    found = read_robvis((published / "robvis" / "bias_direction.csv").read_bytes())

    assert found.notes and len(cells(traffic_light(found))) == sum(len(line.marks) + 1 for line in found.lines)


def test_in_the_manner_of_revman_a_minus_is_high_and_studies_stand_by_name():
    svg = traffic_light(TWO, style=Style.REVMAN)

    assert {(word, symbol) for word, _fill, symbol in cells(svg).values()} == set(REVMAN_SYMBOL.items())
    assert [one.get("data-study") for one in groups(svg, "study")] == ["Berg 2012", "Dahl 2009"]
    assert "rotate(-90" in svg


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("style", Style)
def test_a_symbol_stands_on_every_colour_and_can_be_read(style, palette):
    for word, fill, symbol in cells(traffic_light(TWO, style=style, palette=palette)).values():
        look = Look(style, palette, ROB2.judgements)
        assert (fill, symbol) == (look.fill(word), look.symbol(word)) and symbol.strip()
        assert ink_on(fill) in {"#000000", "#ffffff"}


def test_symbols_of_one_style_differ_from_level_to_level():
    assert all(len(set(symbols.values())) == len(symbols) for symbols in SYMBOLS.values())


def test_the_legend_names_what_the_instrument_has_though_nobody_got_it():
    one = judged(("Berg 2012", "Low", "Low", "Low"))

    assert legend(traffic_light(one, instrument=ROB2)) == ["High", "Some concerns", "Low"]
    assert legend(summary(one, instrument=ROB2)) == ["Low", "Some concerns", "High"]


def test_what_was_not_assessed_is_left_blank_and_said_so():
    svg = traffic_light(judged(("Berg 2012", "Low", "", "Low")))

    assert len(cells(svg)) == 2 and "Blank: not assessed" in svg


def test_results_of_several_outcomes_stand_apart():
    table = judged(
        ("Berg 2012", "Low", "Low", "Low", None, "Pain"), ("Berg 2012", "High", "Low", "High", None, "Death")
    )

    assert len(cells(traffic_light(table))) == 6
    assert [line.outcome for line in of_outcome(table, "Death").lines] == ["Death"]


def test_a_weighted_bar_counts_studies_by_their_weight():
    segments = {
        (one.get("data-domain"), one.get("data-judgement")): float(one.get("data-share"))
        for one in groups(summary(TWO, weighted=True), "segment")
    }

    assert segments["D2", "High"] == 0.75 and segments["Overall", "Some concerns"] == 0.25
    with pytest.raises(NoWeights):
        summary(judged(("Berg 2012", "Low", "Low", "Low")), weighted=True)


def test_names_that_are_markup_or_endless_do_no_harm():
    table = judged(("<script>&\x00" + "x" * 900, "Low", "Low", "Low"))

    for svg in (traffic_light(table), traffic_light(table, style=Style.REVMAN), summary(table)):
        root = ET.fromstring(svg)
        assert float(root.get("width")) < 1200 and "<script>" not in svg


def test_sixty_studies_are_drawn_well_within_the_time_of_a_page():
    table = judged(*((f"Somebody with a long name and Others {n}", "Low", "High", "High") for n in range(60)))

    begun = time.process_time()
    svg = traffic_light(table, instrument=ROB2)

    assert time.process_time() - begun < 0.3 and len(cells(svg)) == 180


def test_domains_whose_names_are_not_known_have_no_key():
    named = read_robvis(b"Study,D1,D2\nBerg 2012,Low,High\n", ROB2)
    unnamed = read_robvis(b"Study,D1,D2\nBerg 2012,Low,High\n")

    assert "D1: Bias arising" in traffic_light(named) and "Domains:" not in traffic_light(unnamed)


def test_a_picture_of_nothing_is_still_a_picture():
    assert cells(traffic_light(Judged((), ()))) == {} and groups(summary(judged()), "segment") == []


def test_the_grid_of_amstar_2_marks_the_critical_items_and_prints_its_settings():
    amstar2 = load("amstar2")
    review = Reviewed("Berg 2012", {"1": "Y", "2": "PY", "9": "N", "11": "NMA"}, "Low")

    svg = grid(amstar2, [review], ("2", "9"), "critical=2,9; partial_yes=met")

    found = {
        one.get("data-domain"): (one.get("data-judgement"), one.find(f"{SVG}rect").get("fill"))
        for one in groups(svg, "cell")
    }
    assert found == {
        "1": ("Y", "#02C100"), "2": ("PY", "#E2DF07"), "9": ("N", "#BF0000"), "11": ("NMA", "#cccccc"),
        "overall": ("Low", "#BF0000"),
    }  # fmt: skip
    assert legend(svg) == ["Y", "PY", "N", "NMA", "High", "Moderate", "Low", "Critically low"]
    assert ">2*<" in svg and ">4<" in svg and "critical=2,9; partial_yes=met" in svg


def test_the_bars_of_agree_2_show_the_score_the_threshold_and_what_has_none():
    svg = score_bars(load("agree2"), [Scores("Our guideline", {"1": 62.5, "3": None})], {"1": 60}, "4 appraisers")

    found = {one.get("data-domain"): one.get("data-score") for one in groups(svg, "score")}
    assert found == {"1": "63 %", "2": "–", "3": "–", "4": "–", "5": "–", "6": "–"}
    assert "4 appraisers" in svg and svg.count("stroke-dasharray") == 2


@pytest.mark.skipif(
    not (is_possible("png") and is_possible("pdf")), reason="the packages of pictures are not installed"
)
def test_pictures_become_png_and_pdf():
    svg = traffic_light(TWO, instrument=ROB2)

    assert png(svg).startswith(b"\x89PNG") and pdf(svg, "Risk of bias").startswith(b"%PDF")
