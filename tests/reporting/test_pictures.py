"""The diagram: well formed, escaped, linked, and with nothing over anything else."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.reporting.made_flows import COMPLETE, consistent, names
from workbench.drawing.text import width, wrap
from workbench.reporting.pictures import draw, pdf, png
from workbench.reporting.pictures.layout import lay_out
from workbench.reporting.rules import Template, read_flow

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert("x")</script> & \x00\x1b "quoted"'
LONG = {
    f"Keine randomisierte kontrollierte Studie mit geeigneter Vergleichsgruppe, Fassung {i}": 128_405 for i in range(12)
}


def tree_of(svg):
    return etree.fromstring(svg.encode())


def words_of(svg):
    return [text.text or "" for text in tree_of(svg).iter(f"{SVG}text")]


def overlap(a, b):
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h


@pytest.mark.parametrize("template", list(Template))
@pytest.mark.parametrize(
    "extra", [{}, {"dbr_excluded": LONG, "database_specific_results": LONG, "other_excluded": LONG}]
)
def test_no_box_lies_over_another(template, extra):
    picture = lay_out(read_flow(COMPLETE | extra), template, {}, str)

    for index, box in enumerate(picture.boxes):
        assert not any(overlap(box, other) for other in picture.boxes[index + 1 :])
        assert box.x + box.w <= picture.width
        assert box.bottom <= picture.height


@given(consistent(), st.sampled_from(list(Template)))
def test_any_flow_is_drawn_in_any_template(values, template):
    assert tree_of(draw(read_flow(values), template)).tag == f"{SVG}svg"


@given(names, st.none() | st.integers(0, 10**7))
def test_any_name_is_escaped_and_stays_in_its_box(name, n):
    flow = read_flow(COMPLETE | {"dbr_excluded": {name: n, HOSTILE: 3}})
    tree = tree_of(draw(flow))

    assert not tree.findall(f".//{SVG}script")
    for box in lay_out(flow, Template.NEW, {}, str).boxes:
        for line in box.lines:
            assert line.x + width(line.text, bold=line.bold) <= box.x + box.w


def test_numbers_are_real_text():
    words = words_of(draw(read_flow(COMPLETE)))

    assert "Records screened" in words
    assert "(n = 1\u202f405)" in words
    assert "Not an eligible design (n = 42)" in words


def test_what_is_not_known_is_said_and_not_drawn_as_nought():
    words = words_of(draw(read_flow({"database_results": 162, "duplicates": 23})))

    assert "(not known)" in words
    assert not any("(n = 0)" in word for word in words)


def test_an_open_number_gets_its_mark_and_makes_a_draft():
    words = words_of(draw(read_flow(COMPLETE | {"records_undecided": 98, "duplicates_waiting": 7})))

    assert {"98 open", "7 pairs", "Draft: 2 numbers are open"} <= set(words)


def test_a_finished_flow_has_no_mark():
    svg = draw(read_flow(COMPLETE))

    assert 'class="open' not in svg
    assert "draft" not in svg.casefold()


def test_boxes_and_lines_lead_to_their_records():
    links = {
        "records_screened": "/r?a=1&b=2",
        "dbr_excluded:Not an eligible design": "/x",
        "records_undecided": "/open",
    }
    tree = tree_of(draw(read_flow(COMPLETE | {"records_undecided": 9}), links=links))

    found = {a.get("href"): "".join(a.itertext()).strip() for a in tree.iter(f"{SVG}a")}
    assert found["/r?a=1&b=2"].startswith("Records screened")
    assert found["/x"] == "Not an eligible design (n = 42)"
    assert found["/open"] == "9 open"


def test_no_link_lies_in_another():
    keys = [
        "identified",
        "removed",
        "duplicates",
        "database_results",
        "dbr_excluded",
        "dbr_excluded:Not an eligible design",
    ]
    tree = tree_of(draw(read_flow(COMPLETE), links=dict.fromkeys(keys, "/x")))

    assert not tree.xpath("//*[local-name()='a']//*[local-name()='a']")


def test_a_diagram_says_in_words_what_it_shows():
    tree = tree_of(draw(read_flow(COMPLETE, name="Spine <b>"), ident="q1"))

    ids = {node.get("id"): node.text for node in tree if node.get("id")}
    assert tree.get("aria-labelledby").split() == list(ids)
    assert "Spine <b>" in ids["q1-title"]
    assert "24 reports included" in ids["q1-description"]


def test_a_diagram_needs_no_style_and_no_script():
    svg = draw(read_flow(COMPLETE))

    assert not re.search(r"style=|<style|<script|\son\w+=", svg)


def test_what_the_template_has_no_box_for_stands_below():
    words = words_of(draw(read_flow(COMPLETE | {"included_other_question": 4})))

    assert any("already found" in word and "(n = 3)" in word for word in words)
    assert any("not eligible by title" in word for word in words)
    assert any("another question only" in word for word in words) or "only (n = 4)" in words


def test_an_update_shows_the_previous_version_and_the_total():
    words = words_of(draw(read_flow(COMPLETE | {"previous_studies": 5, "total_studies": 24})))

    assert {"Previous studies", "New studies included in review", "Total studies included in review"} <= set(words)


def test_a_number_keeps_the_last_word_beside_it():
    assert wrap("Language outside the protocol", "(n = 2)", 210)[-1] == "protocol (n = 2)"


def test_a_word_longer_than_its_box_is_broken():
    lines = wrap("Arzneimittelzulassungsbehördendokumentationsverzeichnis", "(n = 2)", 120)

    assert all(width(line) <= 120 for line in lines)


def test_a_picture_is_painted_two_to_one():
    pytest.importorskip("resvg_py")
    svg = draw(read_flow(COMPLETE), standalone=True)

    data = png(svg)

    assert int.from_bytes(data[16:20], "big") == pytest.approx(2 * float(tree_of(svg).get("width")), abs=1)


def test_text_in_a_pdf_stays_text():
    reader = pytest.importorskip("pypdf")
    pytest.importorskip("svglib")

    text = reader.PdfReader(io.BytesIO(pdf(draw(read_flow(COMPLETE))))).pages[0].extract_text()

    assert "Records screened" in text
    assert "Not an eligible design (n = 42)" in " ".join(text.split())
