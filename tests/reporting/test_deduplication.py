"""What the flow tells of deduplication: removed records row by row, sources before and after, overlap, a report's story."""

import csv
import html
import io
import json
import re
from collections import Counter

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.factories import (
    a_duplicate,
    a_member,
    a_record,
    a_review,
    a_run,
    an_import,
    minimal_document,
    sign_in,
    the_lead,
)
from workbench.app import database_of
from workbench.cli import workbench
from workbench.db import now
from workbench.deduplication import queries as deduplication
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer, DeduplicationRun, RecordLink, Verdict
from workbench.protocols.queries import version_in_force
from workbench.reporting.pictures import draw_overlap, pdf, png
from workbench.reporting.pictures.overlap import MOST
from workbench.reporting.queries.removed import Wanted, choices, how_many, removed
from workbench.reporting.queries.searched import checklist
from workbench.reporting.queries.story import story
from workbench.reporting.queries.yields import yields

FORMULA = '=HYPERLINK("http://example.org")'
SVG = "{http://www.w3.org/2000/svg}"


def three_sources(session):
    """One report in three sources, one in two, one alone; the engine joined two records, the lead one."""
    review = a_review(session, "spine")
    lead = the_lead(session, review)
    of = {
        name: an_import(session, review, a_run(session, review, source=name.lower(), source_name=name))
        for name in ("MEDLINE", "Embase", "CINAHL")
    }
    everywhere = [a_record(session, review, of=one, title="In all three") for one in of.values()]
    twice = [a_record(session, review, of=of[name], title=FORMULA) for name in ("MEDLINE", "CINAHL")]
    a_record(session, review, of=of["Embase"], title="In one alone")
    for other in everywhere[1:]:
        a_duplicate(session, other, everywhere[0])
    duplicates.answer(session, lead, twice[0].id, twice[1].id, Answer.SAME)
    session.add(
        DeduplicationRun(
            review_id=review.id, engine="2", strictness="cautious", versions="apart", records=6, finished_at=now()
        )
    )
    session.flush()
    return review, lead, everywhere, twice


# Removed records


def test_removed_records_are_narrowed_by_source_person_and_rule(session):
    review, lead, everywhere, twice = three_sources(session)

    def ids(**wanted):
        found = removed(session, review.id, Wanted(**wanted))
        assert how_many(session, review.id, Wanted(**wanted)) == len(found)
        return [one.record_id for one in found]

    assert ids() == [everywhere[1].id, everywhere[2].id, twice[1].id]
    assert ids(source="CINAHL") == [everywhere[2].id, twice[1].id]
    assert ids(who="engine") == ids(rule="same-doi") == [everywhere[1].id, everywhere[2].id]
    assert ids(who="person") == ids(who=str(lead.id)) == [twice[1].id]
    assert ids(source="CINAHL", who="engine") == [everywhere[2].id] and ids(source="nowhere") == []
    found = choices(session, review.id)
    assert found.sources == [("CINAHL", 2), ("Embase", 1)] and found.people == [(lead.id, lead.name, 1)]
    assert found.rules == [("same-doi", 2), ("person", 1)]


def test_each_source_before_and_after_adds_up_to_the_whole(session):
    review, _lead, _everywhere, _twice = three_sources(session)

    found = {one.name: one for one in deduplication.by_source(session, review.id)}
    whole = deduplication.counts(session, review.id)

    told = {name: (one.records, one.automatic, one.by_person, one.kept) for name, one in found.items()}
    assert told == {"MEDLINE": (2, 0, 0, 2), "Embase": (2, 1, 0, 1), "CINAHL": (2, 1, 1, 0)}
    sums = [sum(column) for column in zip(*told.values(), strict=True)]
    assert sums == [whole.records, whole.automatic, whole.by_person, whole.kept]


def test_a_source_searched_in_two_steps_is_one_row(session):
    review = a_review(session)
    for code in ("a", "b"):
        run = a_run(session, review, code=code, source=f"pubmed-{code}", step=code)
        a_record(session, review, of=an_import(session, review, run))

    [one] = deduplication.by_source(session, review.id)

    assert (one.name, one.records) == ("MEDLINE", 2)


@pytest.fixture
def browser(app, client):
    with database_of(app).write.begin() as session:
        review, *_rest = three_sources(session)
        person = a_member(session, review).user
    return sign_in(client, person)


def test_the_page_of_removed_records_leads_to_record_and_report_and_keeps_what_is_asked(browser):
    page = browser.get("/reviews/spine/duplicates/removed").text
    narrow = html.unescape(browser.get("/reviews/spine/duplicates/removed?source=CINAHL&who=engine").text)

    assert 'href="/reviews/spine/records/2"' in page and 'href="/reviews/spine/records/1#joined"' in page
    assert "3 of 6 records stand under another" in page and "same DOI" in page
    assert "/reviews/spine/duplicates/removed.csv?source=CINAHL&who=engine" in narrow
    assert "None of these" in browser.get("/reviews/spine/duplicates/removed?rule=nothing").text
    assert browser.get("/reviews/spine/duplicates/removed?who=9999999999999999999999&page=x").status_code == 200


def test_the_table_of_removed_records_has_what_was_asked_and_runs_nothing(browser):
    def rows(query=""):
        text = browser.get(f"/reviews/spine/duplicates/removed.csv{query}").get_data().decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    assert len(rows()) == 3
    [one] = rows("?who=person")
    assert one["decided_by"] == "Karen Holm" and one["title"] == "'" + FORMULA == one["kept_title"]
    assert one["kept_record_id"] == "4" and one["decided_at"]


def test_a_review_without_duplicates_says_when_there_will_be_rows(app, client):
    with database_of(app).write.begin() as session:
        person = the_lead(session, a_review(session, "spine")).user

    page = sign_in(client, person).get("/reviews/spine/duplicates/removed").text

    assert "No record was removed yet" in page


# Overlap


def test_every_set_of_sources_is_counted_once_and_the_largest_comes_first(session):
    review, *_rest = three_sources(session)

    found = yields(session, review.id)

    sets = [([source.name for source in some], n) for some, n in found.sets]
    assert sets == [(["Embase"], 1), (["MEDLINE", "CINAHL"], 1), (["MEDLINE", "Embase", "CINAHL"], 1)]
    assert sum(n for _some, n in found.sets) == found.reports


def test_every_bar_of_the_picture_leads_to_its_reports(browser):
    page = browser.get("/reviews/spine/searches/overlap").text
    svg = page[page.index('<svg xmlns="http://www.w3.org/2000/svg" class="overlap"') :]
    tree = etree.fromstring(svg[: svg.index("</svg>") + 6])

    links = {link.get("aria-label"): link.get("href") for link in tree.iter(f"{SVG}a")}

    assert len(links) == 6 and "1 report in MEDLINE, CINAHL, and in no other" in links
    for says, href in links.items():
        found = browser.get(href).text
        n = int(re.search(r"\d+", says if "report" in says else says.rpartition(":")[2])[0])
        assert found.count('<li><span class="row-words">') == n, says


def test_the_picture_comes_as_a_file_and_in_no_other_kind(browser):
    answer = browser.get("/reviews/spine/searches/overlap.svg")

    assert answer.mimetype == "image/svg+xml" and b"<a " not in answer.data and b'fill="#fff"' in answer.data
    assert etree.fromstring(answer.data).find(f"{SVG}desc").text.startswith("Reports by source: MEDLINE 2, Embase 2")
    assert browser.get("/reviews/spine/searches/overlap.gif").status_code == 404


def a_picture(sources, sets):
    totals = [sum(n for places, n in sets if place in places) for place in range(len(sources))]
    return etree.fromstring(draw_overlap(sources, totals, sets, standalone=True).encode())


@settings(max_examples=25, deadline=None)
@given(
    sources=st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=12),
    picks=st.lists(st.integers(1, 4095), max_size=60),
)
def test_the_picture_is_whole_and_everything_stands_inside_whatever_the_sources_are_called(sources, picks):
    counts = Counter(tuple(at for at in range(len(sources)) if pick >> at & 1) for pick in picks)
    sets = sorted(((places, n) for places, n in counts.items() if places), key=lambda one: -one[1])

    tree = a_picture(sources, sets)

    wide, tall = float(tree.get("width")), float(tree.get("height"))
    bars = [one for one in tree.iter(f"{SVG}rect") if one.get("class") in {"bar-of-set", "bar-of-source"}]
    assert len(bars) == min(len(sets), MOST) + len(sources)
    assert all(float(one.get("x")) >= 0 and float(one.get("x")) + float(one.get("width")) <= wide for one in bars)
    assert all(0 <= float(one.get("y")) <= tall for one in bars)
    dots = [one for one in tree.iter(f"{SVG}circle") if one.get("class") == "on"]
    assert len(dots) == sum(len(places) for places, _n in sets[:MOST])


def test_twelve_sources_fit_and_what_is_not_drawn_is_said():
    sets = [((at % 12, (at * 5 + 1) % 12), 100 - at) for at in range(40)]

    tree = a_picture(
        [f"A database with a very long name, number {n}, of which nobody has heard" for n in range(12)], sets
    )

    assert float(tree.get("width")) < 1400 and float(tree.get("height")) < 600
    assert "The 30 largest of 40 sets are drawn." in tree.find(f"{SVG}desc").text


def test_the_picture_is_painted_and_printed():
    pytest.importorskip("resvg_py")
    reader, _svglib = pytest.importorskip("pypdf"), pytest.importorskip("svglib")
    svg = draw_overlap(["MEDLINE", "Östliche Datenbank"], [3, 2], [((0,), 2), ((0, 1), 1), ((1,), 1)], standalone=True)

    assert png(svg).startswith(b"\x89PNG")
    document = reader.PdfReader(io.BytesIO(pdf(svg, "Overlap")))
    assert "Östliche Datenbank" in document.pages[0].extract_text() and document.metadata.title == "Overlap"


# Methods text


def test_the_methods_text_names_engines_policy_numbers_and_how_many_people_answered(session):
    review, lead, everywhere, twice = three_sources(session)
    second = a_member(session, review)
    session.add(
        Verdict(
            low_id=twice[0].id,
            high_id=twice[1].id,
            answer=Answer.SAME,
            act="one-deed",
            member_id=second.id,
            said_at=now(),
        )
    )
    duplicates.answer(session, lead, everywhere[0].id, twice[0].id, Answer.TWO)

    lines = checklist(session, review.id, version_in_force(session, review.id))[15].lines

    assert "Screening workbench, engines 1, 2, strictness cautious." in lines
    assert any("kept apart and linked" in line for line in lines)
    assert "Of 6 records 2 were removed as duplicates by the program and 1 by a person." in lines
    assert any("Of 2 doubtful pairs" in line and "1 were answered by one person and 1 by two" in line for line in lines)
    assert "CINAHL: 2 records before deduplication, 0 after (1 removed by the program, 1 by a person)." in lines


def test_the_command_tells_sources_before_and_after_and_every_set(app, tmp_path, monkeypatch):
    with database_of(app).write.begin() as session:
        three_sources(session)
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", str(database_of(app).engine.url))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))

    answer = CliRunner().invoke(workbench, ["searches", "overlap", "spine", "--json"])

    told = json.loads(answer.stdout)
    assert told["deduplication"][2] == {
        "source": "CINAHL", "lane": "database", "before": 2, "automatic": 1, "by_person": 1, "after": 0
    }  # fmt: skip
    assert {"sources": ["MEDLINE", "Embase", "CINAHL"], "reports": 1} in told["sets"]


# A report's story


def test_the_story_of_a_report_tells_joins_words_taken_back_and_links(session):
    review, lead, everywhere, twice = three_sources(session)
    duplicates.answer(session, lead, everywhere[0].id, twice[0].id, Answer.TWO)
    duplicates.undo(session, lead)
    erratum = a_record(session, review, title="Erratum")
    session.add(
        RecordLink(review_id=review.id, first_id=erratum.id, second_id=everywhere[2].id, kind="erratum-of", rule="",
                   reason="")
    )  # fmt: skip
    session.flush()

    told = [story(session, review.id, record.id) for record in everywhere]

    assert {one.kept_id for one in told} == {everywhere[0].id}
    assert [(one.record_id, one.engine, one.person) for one in told[1].joins] == [
        (everywhere[1].id, "1", None), (everywhere[2].id, "1", None)
    ]  # fmt: skip
    [said] = told[0].said
    assert (said.answer, said.person) == (Answer.TWO, lead.name) and said.withdrawn_at
    assert [(one.record.id, one.is_first) for one in told[0].links] == [(erratum.id, False)]


def test_a_story_tells_the_answer_of_one_of_two_people_when_both_have_answered(session):
    review = a_review(session, "two-people", document=minimal_document("two-people") | {"deduplication": {"people": 2}})
    lead, second = the_lead(session, review), a_member(session, review)
    one, other = a_record(session, review), a_record(session, review)

    duplicates.answer(session, lead, one.id, other.id, Answer.TWO)
    assert not story(session, review.id, one.id).is_told

    duplicates.answer(session, second, one.id, other.id, Answer.SAME)
    assert [said.answer for said in story(session, review.id, one.id).said] == [Answer.TWO, Answer.SAME]


def test_the_page_of_a_record_tells_its_story_and_one_that_stands_alone_has_none(browser):
    page, alone = (browser.get(f"/reviews/spine/records/{record_id}").text for record_id in (2, 6))

    assert 'id="joined"' in page and "same DOI (engine 1," in " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert 'id="joined"' not in alone
