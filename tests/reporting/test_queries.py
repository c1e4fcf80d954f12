"""The numbers of the flow, asked of the facts: every rule by itself, then reviews made by chance."""

import pytest
from sqlalchemy import event

from tests.factories import a_run, an_import
from tests.reporting.made_reviews import FULL, IN, OUT, UNCLEAR, Facts, a_random_review, recount
from workbench.db import now
from workbench.deduplication.models import CandidatePair
from workbench.protocols.models import HitsReport
from workbench.reporting import queries
from workbench.reporting.queries.entries import BOXES
from workbench.reporting.rules import LISTS, equations, is_draft
from workbench.reviews.models import ExclusionReason
from workbench.reviews.rules import Lane
from workbench.screening.rules import Found, Verdict


@pytest.fixture
def facts(session):
    return Facts(session)


def flow_of(facts, **which):
    found = queries.flow(facts.session, facts.review.id, **which)
    failing = [one.text for one in equations(found) if one.holds is False and one.severity == "error"]
    assert not failing, failing
    return found


def behind(facts, key, *, text="", **which):
    scope = queries.scope_of(facts.session, facts.review.id, **which)
    found = queries.box(facts.session, facts.review.id, key, scope, text)
    return list(queries.describe(facts.session, facts.review.id, found))


def test_an_empty_review_has_a_flow_of_noughts(facts):
    flow = flow_of(facts)
    assert (flow["database_results"], flow["records_screened"], flow["new_reports"]) == (0, 0, 0)
    assert flow["new_studies"] == 0


def test_records_are_counted_per_source_before_deduplication(facts):
    pubmed, embase, trials = facts.run(), facts.run(name="Embase"), facts.run(Lane.REGISTER, "WHO ICTRP")
    kept = facts.record(pubmed)
    for of in (embase, embase, trials):
        facts.record(of, under=kept)
    flow = flow_of(facts)
    assert dict(flow.listed("database_specific_results")) == {"MEDLINE": 1, "Embase": 2}
    assert dict(flow.listed("register_specific_results")) == {"WHO ICTRP": 1}
    assert (flow["database_results"], flow["register_results"], flow["duplicates"], flow["records_screened"]) == (
        3,
        1,
        3,
        1,
    )


def test_two_runs_of_one_source_are_one_line(facts):
    for _search in range(2):
        facts.record(facts.run(name="Embase"))
    assert dict(flow_of(facts).listed("database_specific_results")) == {"Embase": 2}


def test_a_source_searched_in_vain_is_named_with_0(facts):
    run = a_run(facts.session, facts.review, source_name="CRD/HTA")
    facts.add(HitsReport(run_id=run.id, hits=0, reported_by=facts.voters[0].id, reported_at=now()))
    a_run(facts.session, facts.review, source_name="Not searched yet")
    assert dict(flow_of(facts).listed("database_specific_results")) == {"CRD/HTA": 0}


def test_an_import_taken_back_or_unfinished_counts_nowhere(facts):
    back, unfinished = facts.run(), facts.run()
    for of in (back, unfinished):
        facts.sought(of)
    back.taken_back_at, back.taken_back_by, unfinished.completed_at = now(), facts.voters[0].id, None
    facts.session.flush()
    flow = flow_of(facts)
    assert (flow["database_results"], flow["dbr_sought_reports"]) == (0, 0)


def test_records_removed_before_screening_are_told_by_how(facts):
    of = facts.run()
    facts.removed(facts.record(of), by_automation=True)
    kept = facts.record(of)
    facts.record(of, under=kept)
    facts.removed(kept, by_automation=False)
    flow = flow_of(facts)
    assert (flow["excluded_automatic"], flow["excluded_other"], flow["duplicates"], flow["records_screened"]) == (
        1,
        1,
        1,
        0,
    )
    assert "automation tool: rule “year”, accepted by Karen Holm" in behind(facts, "excluded_automatic")[0].why


def test_titles_and_abstracts_by_outcome(facts):
    of = facts.run()
    facts.votes(facts.record(of), OUT, OUT)
    facts.votes(facts.record(of), IN, UNCLEAR)
    facts.votes(facts.record(of), IN, OUT)
    facts.votes(facts.record(of), OUT)
    facts.settled(facts.votes(facts.record(of), IN, OUT), Verdict.EXCLUDED)
    flow = flow_of(facts)
    assert (
        flow["records_screened"],
        flow["records_excluded"],
        flow["records_undecided"],
        flow["dbr_sought_reports"],
    ) == (5, 2, 2, 1)
    assert is_draft(flow)
    assert [one.why for one in behind(facts, "records_excluded")] == [
        "Excluded at title and abstract, as voted",
        "Excluded at title and abstract, by adjudication",
    ]


def test_a_vote_in_hand_counts_nowhere(facts):
    facts.votes(facts.record(facts.run()), OUT, OUT, handed_in=False)
    assert flow_of(facts)["records_undecided"] == 1


def test_retrieval_by_the_newest_event(facts):
    of = facts.run()
    facts.sought(of)
    facts.retrieved(facts.sought(of), Found.REQUESTED)
    facts.retrieved(facts.sought(of), Found.NEEDS_TRANSLATION)
    facts.retrieved(facts.sought(of), Found.NOT_RETRIEVED)
    facts.retrieved(facts.retrieved(facts.sought(of), Found.NOT_RETRIEVED))
    flow = flow_of(facts)
    assert (
        flow["dbr_sought_reports"],
        flow["dbr_notretrieved_reports"],
        flow["dbr_awaited"],
        flow["dbr_assessed"],
    ) == (5, 1, 3, 1)
    assert behind(facts, "dbr_notretrieved_reports")[0].why == "Not retrieved: a note"


def test_full_texts_by_outcome_with_one_primary_reason_each_in_the_protocols_order(facts):
    of = facts.run()
    facts.read(of, OUT, OUT, reason=2)
    facts.read(of, OUT, OUT, reason=0)
    facts.settled(facts.read(of, IN, OUT), Verdict.EXCLUDED, FULL, reason=2)
    facts.settled(facts.read(of, IN, OUT), Verdict.AWAITING, FULL)
    facts.read(of, IN, IN)
    facts.read(of, IN, OUT)
    facts.read(of, IN)
    flow = flow_of(facts)
    assert list(flow.listed("dbr_excluded").items()) == [("Not malignant", 1), ("Wrong design", 2)]
    assert (flow["awaiting_classification"], flow["new_reports"], flow["dbr_undecided"]) == (1, 1, 2)
    assert [one.why for one in behind(facts, "dbr_excluded:Wrong design")] == [
        "Excluded at full text: Wrong design, as voted",
        "Excluded at full text: Wrong design, by adjudication",
    ]


def test_a_reason_no_longer_in_force_keeps_its_reports(facts):
    facts.read(facts.run(), OUT, OUT, reason=1)
    facts.session.get_one(ExclusionReason, facts.reasons[1]).retired_at = now()
    facts.session.flush()
    assert dict(flow_of(facts).listed("dbr_excluded")) == {"Not cement": 1}


def test_full_text_votes_on_a_report_that_is_not_here_count_nowhere(facts):
    facts.votes(facts.sought(facts.run()), IN, IN, stage=FULL)
    flow = flow_of(facts)
    assert (flow["dbr_awaited"], flow["dbr_assessed"], flow["new_reports"]) == (1, 0, 0)


def test_a_report_found_in_both_lanes_flows_in_the_database_lane_whichever_came_first(facts):
    website, pubmed = facts.run(Lane.WEBSITE, "NICE"), facts.run()
    kept = facts.sought(website)
    facts.record(pubmed, under=kept)
    facts.record(website, under=kept)
    flow = flow_of(facts)
    assert (flow["website_results"], flow["other_duplicates"], flow["other_sought_reports"]) == (2, 2, 0)
    assert (flow["records_screened"], flow["duplicates"], flow["dbr_sought_reports"]) == (1, 0, 1)
    assert {one.record.id for one in behind(facts, "other_duplicates")} >= {kept.id}


def test_the_other_lane_is_screened_like_all_others(facts):
    citations, other = facts.run(Lane.CITATION), facts.run(Lane.OTHER)
    facts.votes(facts.record(citations), OUT, OUT)
    facts.removed(facts.record(citations))
    facts.record(citations, under=facts.read(citations, OUT, OUT, reason=1))
    facts.record(other)
    facts.retrieved(facts.sought(facts.run(Lane.ORGANISATION)), Found.NOT_RETRIEVED)
    flow = flow_of(facts)
    assert (flow["citations_results"], flow["other_results"], flow["organisation_results"]) == (4, 1, 1)
    assert (flow["other_not_eligible"], flow["other_duplicates"], flow["other_records_undecided"]) == (2, 1, 1)
    assert (flow["other_sought_reports"], flow["other_notretrieved_reports"], flow["other_assessed"]) == (2, 1, 1)
    assert dict(flow.listed("other_excluded")) == {"Not cement": 1}


def test_both_lanes_lead_to_the_included_reports(facts):
    facts.read(facts.run(), IN, IN)
    facts.read(facts.run(Lane.WEBSITE), IN, IN)
    assert flow_of(facts)["new_reports"] == 2


def test_pairs_that_wait_are_open(facts):
    of, elsewhere = facts.run(), facts.run(step="s3")
    low, high = facts.record(of), facts.record(of)
    facts.record(elsewhere)
    facts.add(
        CandidatePair(review_id=facts.review.id, low_id=low.id, high_id=high.id, score=0.9, reason="near", evidence=[])
    )
    assert flow_of(facts)["duplicates_waiting"] == 1
    assert flow_of(facts, step="s3")["duplicates_waiting"] == 0
    assert flow_of(facts, step="s1")["duplicates_waiting"] == 1


def test_the_diagram_of_one_question(facts):
    everyone, first, second = facts.run(), facts.run(step="s2"), facts.run(step="s3")
    facts.read(everyone, IN, IN, questions="pico1")
    facts.read(first, IN, IN, questions="pico1 pico2")
    facts.read(first, OUT, OUT)
    facts.read(second, IN, IN, questions="pico2")
    one, two = flow_of(facts, question="pico1"), flow_of(facts, question="pico2")
    assert (one["database_results"], one["new_reports"], one["included_other_question"]) == (3, 2, 0)
    assert (two["database_results"], two["new_reports"], two["included_other_question"]) == (2, 1, 1)
    assert dict(one.listed("dbr_excluded")) == {"Not malignant": 1}


def test_a_report_of_two_steps_stands_in_the_diagram_of_each(facts):
    first, second = facts.run(step="s2"), facts.run(name="Embase", step="s3")
    facts.record(second, under=facts.sought(first))
    assert flow_of(facts)["duplicates"] == 1
    for step in ("s2", "s3"):
        flow = flow_of(facts, step=step)
        assert (flow["database_results"], flow["duplicates"], flow["dbr_sought_reports"]) == (1, 0, 1)


def test_a_file_that_belongs_to_two_runs_counts_once_and_in_the_diagram_of_each(facts):
    first = facts.run(step="s2")
    again = a_run(facts.session, facts.review, step="s3", source_name="Embase")
    an_import(facts.session, facts.review, again, sha256=first.sha256, same_as_id=first.id)
    facts.record(first)
    assert flow_of(facts)["database_results"] == 1
    assert dict(flow_of(facts, step="s3").listed("database_specific_results")) == {"Embase": 1}


def test_unknown_questions_steps_and_boxes_are_refused(facts):
    with pytest.raises(queries.NoSuchQuestion):
        flow_of(facts, question="pico9")
    with pytest.raises(queries.NoSuchStep):
        flow_of(facts, step="s9")
    with pytest.raises(queries.NoSuchBox):
        behind(facts, "duplicates_waiting")


def test_another_review_changes_nothing(facts):
    facts.read(facts.run(), IN, IN)
    before = flow_of(facts).as_dict()
    a_random_review(facts.session, seed=1, reports=4)
    assert flow_of(facts).as_dict() == before


def test_the_records_behind_a_number_are_filtered_by_text(facts):
    of = facts.run()
    wanted = facts.record(of)
    wanted.authors, wanted.doi = ["Jørgensen, Åse"], "10.1/abc%"
    facts.record(of)
    facts.session.flush()
    for text in ("jørgensen, ", "Åse", "abc%", str(wanted.title)):
        assert [one.record.id for one in behind(facts, "records_screened", text=text)] == [wanted.id], text
    assert not behind(facts, "records_screened", text="abc_")


@pytest.mark.parametrize("seed", range(4))
def test_a_review_made_by_chance_keeps_every_sum_and_equals_a_second_count(session, seed):
    facts = a_random_review(session, seed)
    whiches = [{}, {"question": "pico1"}, {"question": "pico2"}, {"step": "s1"}, {"step": "s2"}]
    for which in whiches:
        flow = flow_of(facts, **which)
        expected = recount(session, facts.review, **which)
        told = {key: n for key, n in flow.as_dict().items() if isinstance(n, int) and n}
        for key in ("dbr_excluded", "other_excluded"):
            told |= {f"{key}:{label}": n for label, n in flow.listed(key).items()}
        assert told == {key: n for key, n in expected.items() if n}


@pytest.mark.parametrize("seed", range(2))
def test_behind_every_number_stand_as_many_records(session, seed):
    facts = a_random_review(session, seed, reports=20)
    for which in ({}, {"question": "pico2"}):
        flow = flow_of(facts, **which)
        listed = {f"{key}:{name}": n for key in LISTS for name, n in flow.listed(key).items()}
        numbers = {key: flow[key] for key in BOXES if key in flow.counts} | listed
        for key, n in numbers.items():
            found = behind(facts, key, **which)
            assert len(found) == len({one.record.id for one in found}) == n, key
            assert all(one.why for one in found)


def test_counting_takes_as_many_statements_however_many_records_there_are(session):
    few, many = a_random_review(session, 1, reports=3), a_random_review(session, 2, reports=20)
    assert statements(few) == statements(many)


def statements(facts):
    """How many statements counting takes."""
    seen, bind = [], facts.session.get_bind()
    facts.session.commit()

    def see(*args):
        seen.append(args[2])

    event.listen(bind, "before_cursor_execute", see)
    queries.flow(facts.session, facts.review.id)
    event.remove(bind, "before_cursor_execute", see)
    return len(seen)
