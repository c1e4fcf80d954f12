"""What must hold in a protocol, what is said where it does not, and the plan it gives."""

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocols.conftest import SHIPPED, SMALL
from workbench.errors import Invalid
from workbench.protocols.formats import MOST_TOLD
from workbench.protocols.rules import (
    InvalidProtocol,
    Limits,
    StagePlan,
    check,
    languages_allowed,
    plan_of,
    plan_part,
    plan_sha256,
    read_protocol,
)
from workbench.reviews.rules import Lane, Stage

Small = Callable[..., bytes]

DEMO = read_protocol((SHIPPED / "demo-vertebroplasty.yaml").read_bytes(), "demo").document
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document."""
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in entries for found in [(*path, key), *places(value, (*path, key))]]


def put(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    """The document with another value in one place."""
    changed = copy.deepcopy(document)
    node = changed
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return changed


def shuffled(node: Any, dice: random.Random) -> Any:
    """The same document with the keys in another order."""
    if isinstance(node, dict):
        entries = [(key, shuffled(value, dice)) for key, value in node.items()]
        return dict(dice.sample(entries, len(entries)))
    return [shuffled(each, dice) for each in node] if isinstance(node, list) else node


def test_a_shipped_protocol_holds(shipped: Path) -> None:
    assert check(shipped.read_bytes()) == []


def test_the_small_protocol_holds(small: Small) -> None:
    assert check(small()) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "words"),
    [
        ("population: Adults", "populaton: Adults", 8, "questions[0].populaton", "Did you mean “population”?"),
        ("id: small", "id: small\n  colour: red", 4, "review.colour", "Choose one of"),
        ("    intervention: Cement\n", "", 6, "questions[0].intervention", "missing"),
        ('from: "2009"', "from: 2009", 15, "limits.from", 'Put it in quotes: from: "2009"'),
        ('"2019-05-31"', "2019", 29, "steps[0].sources[0].runs[0].searched_on", 'searched_on: "2019"'),
        ('"2019-05-31"', "2019-02-30", 29, "steps[0].sources[0].runs[0].searched_on", "no such day"),
        ('"2019-05-31"', "31.5.2019", 29, "steps[0].sources[0].runs[0].searched_on", "2019-05-31"),
        (
            "variant: single",
            "variant: singel",
            17,
            "screening.title-abstract.variant",
            "full-dual, liberal-accelerated",
        ),
        ("votes: 1", "votes: 2", 17, "screening.title-abstract.votes", "votes: 1"),
        ("votes: 2", "votes: 1", 18, "screening.full-text.votes", "single"),
        ("votes: 2", 'votes: "2"', 18, "screening.full-text.votes", "without quotes: votes: 2"),
        ("full-dual}", "full-dual, check_percent: 5}", 18, "screening.full-text.check_percent", "single-plus-check"),
        ("single}", "single, senior_in_pair: true}", 17, "screening.title-abstract.senior_in_pair", "two people"),
        ("full-dual}", "full-dual, seniors: [lead]}", 18, "screening.full-text.seniors", "senior_in_pair: true"),
        ("single}", "single-plus-check}", 17, "screening.title-abstract.variant", "check_percent"),
        ("questions: [q1]", "questions: [q2]", 22, "steps[0].questions[0]", "There is no question “q2”"),
        ("questions: [q1]", "questions: q1", 22, "steps[0].questions", "questions: [q1]"),
        ("criterion: inc", "criterion: ink", 14, "exclusion_reasons[0].criterion", "Did you mean “inc”?"),
        ("final_line: 2", "final_line: 3", 33, "steps[0].sources[0].runs[0].final_line", "no line 3"),
        ("n: 1,", "n: 2,", 32, "steps[0].sources[0].runs[0].strategy[1].n", "carry the number 2"),
        ('query: "#1"', "query: #1\n  ", 32, "steps[0].sources[0].runs[0].strategy[1].query", "comment"),
        ("hits: 10", "hits: 1 234", 31, "steps[0].sources[0].runs[0].strategy[0].hits", "whole number"),
        ("hits: 10", "hits: -1", 31, "steps[0].sources[0].runs[0].strategy[0].hits", "out of range"),
        ('from: "2009"', 'from: "2020"', 15, "limits.from", "after its end"),
        ("[en, no]", "[en, dk]", 15, "limits.languages[1]", "Did you mean “da”?"),
        ("[en, no]", "[English, no]", 15, "limits.languages[0]", "Did you mean “en”?"),
        ("[en, no]", "[en, eng]", 15, "limits.languages[1]", "named twice"),
        ("id: small", "id: Small Review", 3, "review.id", "small letters"),
        ("id: design", "id: 2019", 14, "exclusion_reasons[0].id", 'id: "2019"'),
        ("id: pm-1", "id: pm/1", 28, "steps[0].sources[0].runs[0].id", "short name"),
        ("title: A small review", 'title: " "', 4, "review.title", "empty"),
        ("title: A small review", "title:", 4, "review.title", "no value"),
        ("prisma_lane: database", "prisma_lane: databases", 26, "steps[0].sources[0].prisma_lane", "website"),
        (
            "prisma_lane",
            "method: citation_forward\n        prisma_lane",
            27,
            "steps[0].sources[0].prisma_lane",
            "citation",
        ),
        ("search_protocol/1", "search_protocol/9", 1, "schema", "search_protocol/1"),
    ],
)
def test_each_problem_names_line_path_and_remedy(
    small: Small, old: str, new: str, line: int, path: str, words: str
) -> None:
    [problem] = check(small(old, new))
    assert (problem.line, problem.path) == (line, path)
    assert words in f"{problem.message} {problem.remedy}"


def test_a_name_taken_twice_says_where_first(small: Small) -> None:
    [problem] = check(small("    questions: [q1]\n", "    questions: [q1]\n").replace(b"steps:\n", STEP_BEFORE))
    assert problem.path == "steps[1].id"
    assert "steps[0]" in problem.message


STEP_BEFORE = b"steps:\n  - {id: S1, title: Another, sources: []}\n"


def test_highlights_are_words_that_can_be_marked(small: Small) -> None:
    highlights = "screening:\n  highlights: {include: [a, '*', ver*ty, Cement], exclude: [cement]}\n"
    problems = check(small("screening:\n", highlights))
    assert [problem.path.removeprefix("screening.highlights.") for problem in problems] == [
        "exclude[0]",
        "include[0]",
        "include[1]",
        "include[2]",
    ]


def test_a_log_that_does_not_add_up_is_told(small: Small) -> None:
    log = (
        "hits_reported: 12\n"
        "            imports:\n"
        f"              - {{file: a.nbib, sha256: {'a' * 64}, format: nbib, records_in_file: 10,"
        " records_imported: 8, records_rejected: 1}\n"
        "            difference: {n: 3, reason: export stopped}\n"
    )
    first, second = check(small("hits_reported: null\n", log))
    assert "8 imported and 1 rejected do not make 10" in first.message
    assert "make 2, not 3" in second.message


def test_problems_come_by_line_and_all_at_once(small: Small) -> None:
    problems = check(small('from: "2009"', "from: 2009").replace(b"final_line: 2", b"final_line: 9"))
    assert [problem.line for problem in problems] == [15, 33]


def test_a_file_full_of_slips_is_told_in_part(small: Small) -> None:
    slips = "".join(f"slip{number}: 1\n" for number in range(5000)).encode()
    assert 0 < len(check(small() + slips)) <= MOST_TOLD


def test_a_protocol_that_does_not_hold_is_refused_with_its_first_problem(small: Small) -> None:
    with pytest.raises(InvalidProtocol, match=r"mine\.yaml, line 15, limits\.from: .*in quotes") as refused:
        read_protocol(small('from: "2009"', "from: 2009").replace(b"final_line: 2", b"final_line: 9"), "mine.yaml")
    assert isinstance(refused.value, Invalid)
    assert len(refused.value.problems) == 2
    assert "1 more" in refused.value.way_out


def test_norwegian_is_read_and_spelt_out(small: Small) -> None:
    protocol = read_protocol(small("[en, no]", "[no]"), "small")
    assert protocol.document["limits"]["languages"] == ["no"]
    assert languages_allowed(protocol.plan.limits) == {"no", "nb", "nn"}


def test_languages_of_three_letters_are_the_same_languages() -> None:
    assert languages_allowed(Limits(languages=("eng", "ger", "nob"))) == {"en", "de", "nb", "no"}


def test_no_limit_of_languages_is_none_at_all() -> None:
    assert languages_allowed(None) is None
    assert languages_allowed(Limits(first_date="2009")) is None


def test_the_plan_of_the_flagship(small: Small) -> None:
    plan = read_protocol((SHIPPED / "vertebral-augmentation.yaml").read_bytes(), "flagship").plan
    assert [step.id for step in plan.steps] == ["s1", "s2", "s3"]
    assert len(plan.steps[0].sources) == 12
    assert (plan.stage("title-abstract").votes, plan.stage(Stage.FULL_TEXT).votes) == (1, 2)
    assert [reason.order for reason in plan.exclusion_reasons] == [1, 2, 3, 4, 5, 6]
    assert plan.exclusion_reasons[-1].concerns_outcome_data
    assert (plan.limits.first_year, plan.limits.last_year) == (2009, 2019)
    assert all(run.hits_reported is None and run.provenance == "planned" for _step, _source, run in plan.runs())


def test_the_plan_of_the_demonstration() -> None:
    plan = plan_of(DEMO)
    lanes = {run.id: source.lane for _step, source, run in plan.runs()}
    assert lanes.pop("demo-websites") is Lane.WEBSITE
    assert set(lanes) == {"demo-pubmed", "demo-embase-ris", "demo-embase-csv", "demo-cochrane"}
    assert set(lanes.values()) == {Lane.DATABASE}
    assert all(stage.is_independent and stage.votes == 2 for stage in plan.stages.values())
    assert plan.steps[0].serves("technique")
    assert not plan.steps[1].serves("technique")


def test_a_protocol_that_is_silent_gets_the_documented_defaults(small: Small) -> None:
    start, end = SMALL.index("screening:"), SMALL.index("steps:")
    plan = read_protocol((SMALL[:start] + SMALL[end:]).encode(), "small").plan
    assert plan.stages == {
        Stage.TITLE_ABSTRACT: StagePlan(Stage.TITLE_ABSTRACT, "full-dual", 2, reasons_asked=False),
        Stage.FULL_TEXT: StagePlan(Stage.FULL_TEXT, "full-dual", 2, reasons_asked=True),
    }
    assert (plan.deduplication.strictness, plan.deduplication.versions) == ("cautious", "apart")
    assert plan.reasons_at("full-text") == plan.exclusion_reasons


def test_one_vote_without_a_variant_is_single_screening(small: Small) -> None:
    plan = read_protocol(small("votes: 1, variant: single", "votes: 1"), "small").plan
    assert plan.stage("title-abstract").variant == "single"


def test_a_stored_document_gives_the_same_plan(shipped: Path) -> None:
    protocol = read_protocol(shipped.read_bytes(), shipped.name)
    stored = json.loads(json.dumps(protocol.document))
    assert plan_of(stored) == protocol.plan
    assert plan_sha256(stored) == protocol.plan_sha256


def test_comments_and_layout_do_not_touch_the_version(small: Small) -> None:
    plain = read_protocol(small(), "a").plan_sha256
    assert read_protocol(small("limits:", "# a comment\nlimits:"), "b").plan_sha256 == plain
    assert read_protocol(json.dumps(read_protocol(small(), "c").document).encode(), "d").plan_sha256 == plain


@given(st.none() | st.integers(0, 10**9), st.none() | st.integers(0, 10**9), st.text(max_size=20))
@settings(deadline=None, max_examples=50)
def test_hits_and_imports_do_not_change_the_version(hits: int | None, reported: int | None, note: str) -> None:
    changed = copy.deepcopy(DEMO)
    run = changed["steps"][0]["sources"][0]["runs"][0]
    run["strategy"][0]["hits"] = hits
    run |= {"hits_reported": reported, "hits_note": note, "evidence": [note], "difference": {"n": 1, "reason": note}}
    run["imports"] = [{"file": note, "records_in_file": reported}]
    assert plan_sha256(changed) == plan_sha256(DEMO)


@given(st.data())
@settings(deadline=None, max_examples=50)
def test_any_change_of_the_plan_changes_the_version(data: st.DataObject) -> None:
    texts = [at for at in places(plan_part(DEMO)) if isinstance(at[-1], str) and at[-1] in ("text", "label", "query")]
    changed = put(DEMO, data.draw(st.sampled_from(texts)), data.draw(st.text()) + " changed")
    assert plan_sha256(changed) != plan_sha256(DEMO)


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_the_order_of_keys_does_not_matter(dice: random.Random) -> None:
    assert plan_sha256(shuffled(DEMO, dice)) == plan_sha256(DEMO)


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_whatever_stands_in_a_place_the_check_answers_and_what_holds_has_a_plan(data: st.DataObject) -> None:
    small = read_protocol(SMALL.encode(), "small").document
    text = json.dumps(put(small, data.draw(st.sampled_from(places(small))), data.draw(JSON))).encode()
    if not check(text):
        assert read_protocol(text, "changed").plan.questions
