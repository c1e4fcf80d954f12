"""Known items, yields and news of a review's searches, asked of the facts on both databases."""

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from tests.factories import a_duplicate, a_record, a_review, a_run, an_import, minimal_document, open_stage, the_lead
from tests.reporting.made_reviews import FULL, IN, TITLES, Facts, a_random_review
from workbench.protocols.models import SearchRun
from workbench.protocols.queries import NoSuchRun
from workbench.records.models import Import
from workbench.reporting.queries.brought import reports, runs_of_imports
from workbench.reporting.queries.known_items import known_items
from workbench.reporting.queries.news import news, news_of
from workbench.reporting.queries.yields import SourceName, source_of, yields
from workbench.reporting.rules import overlap
from workbench.reviews.rules import Lane
from workbench.screening.service import stages

MEDLINE, EMBASE = SourceName("MEDLINE", Lane.DATABASE), SourceName("Embase", Lane.DATABASE)
KNOWN = [
    {
        "title": "Balloon kyphoplasty versus care",
        "doi": "https://doi.org/10.1016/S1470-2045(11)70008-0",
        "pmid": "21333599",
    },
    {"title": "Treatment of MM-associated fracture with vertebroplasty (PVP)", "pmid": "21800107"},
    {"title": "Percutaneous vertebroplasty for the müller cell: a randomised trial"},
    {"title": "Nobody found this one"},
]


def a_known_review(session):
    document = minimal_document("known") | {"known_studies": KNOWN}
    review = a_review(session, "known", document=document)
    medline = an_import(session, review, a_run(session, review))
    embase = an_import(session, review, a_run(session, review, source="embase", source_name="Embase"))
    return review, medline, embase


def test_known_studies_are_found_by_doi_then_pmid_then_title(session):
    review, medline, embase = a_known_review(session)
    by_doi = a_record(session, review, of=medline, doi="10.1016/s1470-2045(11)70008-0")
    by_pmid = a_record(session, review, of=embase, pmid="21800107")
    by_title = a_record(
        session, review, of=embase, title="Percutaneous Vertebroplasty for the Müller Cell - A Randomised Trial."
    )

    found = known_items(session, review.id)

    assert [one.how for one in found] == ["doi", "pmid", "title", ""]
    assert [[record.record_id for record in one.records] for one in found] == [
        [by_doi.id], [by_pmid.id], [by_title.id], []
    ]  # fmt: skip
    assert [one.missed_by for one in found] == [[EMBASE], [MEDLINE], [MEDLINE], [MEDLINE, EMBASE]]
    assert found[0].found_in == [MEDLINE] and not found[3].is_found


def test_a_source_that_holds_a_duplicate_of_a_known_study_found_it_too(session):
    review, medline, embase = a_known_review(session)
    kept = a_record(session, review, of=medline, title="Kyphoplasty, as one database words it")
    other = a_record(session, review, of=embase, pmid="21333599")
    a_duplicate(session, other, kept)

    found = known_items(session, review.id)[0]

    assert (found.how, found.missed_by) == ("pmid", [])
    assert [(one.record_id, one.kept_id) for one in found.records] == [(kept.id, kept.id), (other.id, kept.id)]


def test_titles_that_only_look_alike_are_not_the_known_study(session):
    review, medline, _embase = a_known_review(session)
    for title in ("Percutaneous vertebroplasty for the müller cell: protocol", "Nobody found this", None):
        a_record(session, review, of=medline, title=title)

    assert not any(one.is_found for one in known_items(session, review.id))


def test_what_was_taken_back_found_nothing(session):
    review, medline, _embase = a_known_review(session)
    a_record(session, review, of=medline, pmid="21800107")
    medline.taken_back_at, medline.taken_back_by = medline.completed_at, the_lead(session, review).id
    session.flush()

    assert not known_items(session, review.id)[1].is_found


@dataclass(frozen=True)
class Asked:
    """What a database said of one line and one study."""

    run_id: int
    line: str
    doi: str | None
    pmid: str | None
    is_found: bool


def test_the_lines_that_find_a_known_study_stand_with_it_where_they_can_be_told(session):
    review, medline, _embase = a_known_review(session)
    run = medline.run_id
    by_doi = [Asked(run, "1", "10.1016/s1470-2045(11)70008-0", None, True)]
    by_pmid = [Asked(run, line, None, "21800107", line != "2") for line in "123"]

    found = known_items(session, review.id, [*by_doi, *by_pmid])

    assert (found[0].lines[run].find, found[0].lines[run].miss) == (["1"], [])
    assert (found[1].lines[run].find, found[1].lines[run].miss) == (["1", "3"], ["2"])
    assert found[2].lines == {}


def test_a_file_shared_by_two_runs_counts_for_both_sources(session):
    review, medline, embase = a_known_review(session)
    an_import(session, review, session.get_one(SearchRun, embase.run_id), sha256=medline.sha256, same_as_id=medline.id)
    a_record(session, review, of=medline, pmid="21800107")

    assert known_items(session, review.id)[1].missed_by == []
    assert [(one.source.name, one.reports, one.unique) for one in yields(session, review.id).sources] == [
        ("MEDLINE", 1, 0), ("Embase", 1, 0)
    ]  # fmt: skip


def test_a_review_without_known_studies_has_none_to_look_for(session):
    assert known_items(session, a_review(session).id) == []


def two_sources(session):
    """Three reports: one from both sources (twice in Embase), one from each alone."""
    facts = Facts(session)
    medline, embase = facts.run(), facts.run(name="Embase")
    both = facts.record(medline)
    facts.record(embase, both)
    facts.record(embase, both)
    return facts, facts.record(medline), facts.record(embase), both


def test_what_each_source_and_run_brought_and_had_alone(session):
    facts, *_records = two_sources(session)

    found = yields(session, facts.review.id)

    assert [(one.source, one.records, one.reports, one.unique) for one in found.sources] == [
        (MEDLINE, 2, 2, 1), (EMBASE, 3, 2, 1)
    ]  # fmt: skip
    assert [(one.records, one.reports, one.first, one.unique) for one in found.runs] == [(2, 2, 2, 1), (3, 2, 1, 1)]
    assert (found.between.shared(MEDLINE, EMBASE), found.reports) == (1, 3)


def test_what_is_included_is_told_only_once_nobody_votes_any_more(session):
    facts, alone, _embase, both = two_sources(session)
    lead = the_lead(session, facts.review)
    for record in (alone, both):
        facts.votes(facts.retrieved(facts.votes(record, IN, IN)), IN, IN, stage=FULL)
    hidden = []
    for stage in (TITLES, FULL):
        open_stage(session, facts.review, stage)
        hidden.append(yields(session, facts.review.id).included)
    for stage in (TITLES, FULL):
        stages.close_stage(session, lead, stage)

    found = yields(session, facts.review.id)

    assert hidden == [None, None]
    assert found.included == 2 and [one.only_included for one in found.sources] == [1, 0]


@pytest.mark.parametrize("seed", range(3))
def test_yields_and_news_agree_with_a_count_report_by_report(session, seed):
    facts = a_random_review(session, seed)
    review_id, runs = facts.review.id, runs_of_imports(session, facts.review.id)
    clusters = [[runs[of] for _record, of in members] for members in reports(session, review_id).values()]

    found = yields(session, review_id)

    for one in found.sources:
        brought = [{source_of(run) for came in cluster for run in came} for cluster in clusters]
        assert one.reports == sum(one.source in sources for sources in brought)
        assert one.unique == sum(sources == {one.source} for sources in brought)
    assert sum(one.first for one in found.runs) == found.reports == len(clusters)
    log = {one.run.id: one for one in news(session, review_id)}
    for run in found.runs:
        of_run = log[run.run.id]
        assert (of_run.records, of_run.known + len(of_run.new)) == (run.records, run.reports)
    shared = {one.run_id for one in session.scalars(select(Import)) if one.same_as_id}
    assert sum(len(one.new) for one in log.values() if one.run.id not in shared) == len(clusters)


def test_overlap_counts_what_any_two_have_in_common():
    dice = random.Random(7)
    found = [frozenset(dice.sample("abcd", dice.randint(1, 4))) for _report in range(50)]

    counted = overlap(Counter(found))

    for one in "abcd":
        assert counted.unique(one) == found.count(frozenset(one))
        for other in "abcd":
            assert (
                counted.shared(one, other) == counted.shared(other, one) == sum({one, other} <= set(x) for x in found)
            )


def test_an_update_shows_what_is_new_against_everything_already_there(session):
    facts = Facts(session)
    first, embase = facts.run(), facts.run(name="Embase")
    embase_run = session.get_one(SearchRun, embase.run_id)
    embase_run.source, embase_run.code = "embase", "em-1"
    old, elsewhere = facts.record(first), facts.record(embase)
    update = an_import(session, facts.review, a_run(session, facts.review, searched_on="2027-01-02"))
    facts.record(update, old)
    facts.record(update, elsewhere)
    new = facts.record(update)
    facts.record(update, new)

    found = news_of(session, facts.review.id, update.run_id)

    assert (found.records, found.repeated, found.again, found.elsewhere, found.new) == (4, 1, 1, 1, [new.id])
    assert found.is_later and found.new == [new.id]
    assert [one.is_later for one in news(session, facts.review.id)] == [False, True, False]


def test_news_of_a_run_of_another_review_are_refused(session):
    mine, other = a_review(session), a_review(session)
    with pytest.raises(NoSuchRun):
        news_of(session, mine.id, a_run(session, other).id)
