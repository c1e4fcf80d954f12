"""The protocol as a form: what the contract asks for is there, and what is not touched comes back to the letter."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.protocols.formats import path_of, path_text, read_yaml
from workbench.protocols.rules import (
    Field,
    Group,
    Kind,
    NoSuchPlace,
    act_on,
    check,
    check_document,
    differences,
    embase_query,
    form_of,
    fresh,
    named,
    pasted_sources,
    plan_sha256,
    put,
    read_form,
    read_protocol,
    sections,
    source_section,
    strategy_lines,
    value_at,
    without_results,
)
from workbench.protocols.rules.form import is_rows, resolved, schema_at
from workbench.protocols.rules.labels import _labels
from workbench.protocols.writers import as_yaml

EXPORTS = Path(__file__).resolve().parents[1] / "data" / "exports"


def filled(part):
    """A form as a browser sends it, nothing touched: name -> what is sent under it."""
    sent = {}
    for one in part.parts if isinstance(part, Group) else part.rows:
        if isinstance(one, Field) and one.kind is Kind.SEVERAL:
            sent[f"{one.name}@"] = [""]
            sent[one.name] = [each.value for each in one.choices if each.is_chosen]
        elif isinstance(one, Field):
            sent[one.name] = [one.value.replace("\n", "\r\n")]
        else:
            rows = getattr(one, "rows", None)
            if rows is not None:
                sent[f"{one.name}@"] = ["", *(str(row.number - 1) for row in rows)]
            sent |= filled(one)
    return sent


def pages(document):
    """Every page of the editor."""
    yield from sections()
    for step, its in enumerate(document["steps"]):
        for source in range(len(its["sources"])):
            yield source_section(document, step, source)


def test_a_form_that_nobody_touched_changes_nothing(shipped):
    document = read_protocol(shipped.read_bytes(), shipped.name).document

    for of in pages(document):
        form = filled(form_of(document, of.path, of.only, of.hidden))
        typed = put(document, of.path, read_form(form, document, of.path, of.only, of.hidden))

        assert typed == document, of.code


def test_every_key_of_the_contract_has_its_name_and_its_page():
    document = {"steps": [{"sources": [{"runs": [{}]}]}]}
    asked, known = set(), set(_labels())

    def walk(schema, path):
        schema = resolved(schema)
        for key, each in schema.get("properties", {}).items():
            asked.add(key)
            walk(each, (*path, key))
        if is_rows(schema):
            walk(schema["items"], (*path, 0))

    walk(schema_at(()), ())
    shown = {key for of in pages(document) for key in of.only} | {"schema", "review", "steps"}

    assert asked - known == {"file", "sha256", "format", "exported_at", "part", "records_in_file", "records_imported",
                             "records_rejected", "import_run"}  # fmt: skip
    assert set(schema_at(())["properties"]) - shown == {"screening"}  # in two pages, by its own keys


def test_what_is_typed_becomes_the_value_that_the_contract_asks_for():
    document = fresh() | {"limits": {"languages": ["en"]}}
    form = {"limits.from": ["2009"], "limits.languages": ["en\r\n da \r\n\r\n"], "limits.box": ["other"]}

    typed = read_form(form, document, (), ("limits",))["limits"]

    assert typed == {"from": "2009", "languages": ["en", "da"], "box": "other"}


@pytest.mark.parametrize(
    ("name", "typed", "becomes"),
    [
        ("screening.title-abstract.votes", "2", 2),
        ("screening.title-abstract.masked", "true", True),
        ("screening.title-abstract.check_percent", "12.5", 12.5),
        ("screening.title-abstract.seed", "many", "many"),
        ("screening.title-abstract.variant", "no such", "no such"),
        ("screening.title-abstract.voters", "lead\nreviewer", ["lead", "reviewer"]),
        ("screening.title-abstract.seniors", "lead\nkaren@example.org", ["lead", "karen@example.org"]),
    ],
)
def test_a_field_keeps_what_cannot_be_read_so_that_the_check_can_say_so(name, typed, becomes):
    document = fresh()

    found = read_form({name: [typed]}, document, ("screening",), ("title-abstract",))

    assert value_at({"screening": found}, path_of(name)) == becomes


def test_problems_stand_at_their_fields_in_the_words_of_the_check():
    document = {"schema": "search_protocol/1", "review": {"id": "x", "title": "X"},
                "questions": [{"id": "q", "text": "?", "population": "p"}],
                "limits": {"languages": ["en", "dk"]}, "steps": []}  # fmt: skip
    told = check_document(document)
    assert told == sorted(told) and {(one.path, one.message) for one in told} == {
        (one.path, one.message) for one in check(as_yaml(document).encode())
    }

    questions = form_of(document, (), ("questions",), (), told).parts[0].rows[0]
    limits = form_of(document, (), ("limits",), (), told).parts[0]

    intervention = next(one for one in questions.parts if one.name == "questions[0].intervention")
    languages = next(one for one in limits.parts if one.name == "limits.languages")
    assert [one.message for one in intervention.problems] == ["“intervention” is missing."]
    assert [one.remedy for one in languages.problems] == ["Did you mean “da”?"]


def test_rows_are_added_moved_and_removed_and_steps_counted_anew():
    document = {"steps": [{"id": "a", "order": 1}, {"id": "b", "order": 2}]}

    added = act_on(document, "add", "steps")
    moved = act_on(added, "up", "steps[1]")
    removed = act_on(moved, "remove", "steps[2]")

    assert [one.get("id") for one in moved["steps"]] == ["b", "a", None]
    assert removed["steps"] == [{"id": "b", "order": 1}, {"id": "a", "order": 2}]
    assert document["steps"][0]["order"] == 1


@pytest.mark.parametrize("place", ["steps[9]", "steps", "review", "steps[0].nothing[0]", "", "[0]", "x" * 999])
def test_there_is_no_row_where_the_contract_has_none(place):
    with pytest.raises(NoSuchPlace):
        act_on({"steps": [{}]}, "remove", place)


def test_whatever_is_written_gets_a_short_name_of_its_own():
    document = {"questions": [{"text": "A?"}, {}], "exclusion_reasons": [{"label": "Wrong design"}, {"label": "Wrong design"}],
                "steps": [{"title": "T", "sources": [{"name": "Embase", "runs": [{"searched_on": "2026"}]}]}]}  # fmt: skip

    found = named(document)

    assert found["questions"] == [{"id": "q1", "text": "A?"}, {}]
    assert [one["id"] for one in found["exclusion_reasons"]] == ["wrong-design", "wrong-design-2"]
    [step] = found["steps"]
    assert (step["id"], step["sources"][0]["id"], step["sources"][0]["runs"][0]["id"]) == ("s1", "embase", "embase-1")


def test_a_copied_set_up_leaves_out_what_a_review_brought(shipped):
    document = read_protocol(shipped.read_bytes(), shipped.name).document

    copy = without_results(document)

    assert "id" not in copy["review"] and "runs" not in json.dumps(copy)
    assert copy["questions"] == document["questions"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("#1 cement\n#2 spine\n#3 #1 AND #2", [(1, "cement", None), (2, "spine", None), (3, "#1 AND #2", None)]),
        ("1  exp Vertebroplasty/  (1,204)\n2  or/1  (7)", [(1, "exp Vertebroplasty/", 1204), (2, "or/1", 7)]),
        ("#3\t#1 AND #2\t12\n#2\tspine\t300\n#1\tcement\t44", [(1, "cement", 44), (2, "spine", 300), (3, "#1 AND #2", 12)]),
        ("1. cement OR\nkyphoplast*\n2. spine", [(1, "cement OR\nkyphoplast*", None), (2, "spine", None)]),
        ("2009:2019[dp]\n1 or 2", [(1, "2009:2019[dp]", None), (2, "1 or 2", None)]),
        ("S1 cement\nS2 spine\nS3 S1 AND S2", [(1, "cement", None), (2, "spine", None), (3, "S1 AND S2", None)]),
        ("", []),
    ],
)  # fmt: skip
def test_a_pasted_strategy_is_split_into_its_lines(text, lines):
    assert [(one["n"], one["query"], one.get("hits")) for one in strategy_lines(text)] == lines


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_nothing_of_a_pasted_strategy_is_lost(text):
    kept = " ".join(str(part) for one in strategy_lines(text) for part in (one["n"], one["query"], one.get("hits", "")))

    assert set("".join(text.split())) - set(".,()#sS:\t") <= set("".join(kept.split())) | set(")]")


def test_the_search_at_the_top_of_an_embase_table_is_found():
    assert (
        embase_query((EXPORTS / "embase.csv").read_bytes())
        == "'percutaneous vertebroplasty'/exp AND 'spine metastasis'/exp"
    )
    assert embase_query(b"Title,Author\nA,B") is None and embase_query(b"\xff\x00\x01") is None


def test_sources_are_read_from_a_list():
    assert pasted_sources("CRD/HTA;CRD York;database;https://example.org") == [
        {"name": "CRD/HTA", "platform": "CRD York", "prisma_lane": "database", "url": "https://example.org"}
    ]


WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc")), max_size=40)
TYPED = st.one_of(WORDS, st.lists(WORDS, max_size=3).map("\n".join))
VALUES = st.recursive(
    st.one_of(TYPED, st.integers(-(10**14), 10**14), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(st.sampled_from(["title", "n", "limits", "a b"]), VALUES, max_size=4))
def test_what_is_written_reads_back_the_same(document):
    assert read_yaml(as_yaml(document).encode()).document == document


@settings(max_examples=60, deadline=None)
@given(TYPED)
def test_a_change_in_an_uploaded_file_reads_back_the_same(text):
    source = "# about\nreview:\n  title: Old  # the first one\n  id: x\nlist: [a, b]\n"
    document = {"review": {"title": text, "id": "x"}, "list": ["a", text]}

    assert read_yaml(as_yaml(document, source).encode()).document == document


def test_comments_of_an_uploaded_file_are_kept(shipped):
    source = shipped.read_text(encoding="utf-8")
    document = read_protocol(source.encode(), shipped.name).document
    changed = put(document, ("review", "title"), "Another title") | {"updates": "Every year"}

    text = as_yaml(changed, source)

    comments = [line.strip() for line in source.splitlines() if line.lstrip().startswith("#")]
    assert comments and [line for line in comments if line not in text] == []
    assert read_yaml(text.encode()).document == changed
    assert as_yaml(document, source) == as_yaml(document, as_yaml(document, source))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.from_regex(r"[a-z_-]{1,8}", fullmatch=True), st.integers(0, 99)), min_size=1, max_size=6))
def test_a_place_reads_back_as_it_was_written(parts):
    assert path_of(path_text(("first", *parts))) == ("first", *parts)


def test_a_difference_is_told_by_section_in_words(small):
    before = read_protocol(small(), "x").document
    after = read_protocol(small("languages: [en, no]", "languages: [en, da, no]"), "x").document

    assert [str(one) for one in differences(before, after)] == ["Limits, Languages: en, no → en, da, no"]


def test_rows_that_come_go_or_change_places_are_told_as_such(small):
    before = read_protocol(small(), "x").document
    more = "- {id: design, label: Wrong design, criterion: inc}\n  - {id: other, label: Other}"
    after = read_protocol(small("- {id: design, label: Wrong design, criterion: inc}", more), "x").document
    turned = after | {"exclusion_reasons": after["exclusion_reasons"][::-1]}

    assert [str(one) for one in differences(before, after)] == ["Reasons to exclude, reason: nothing → Reason: Other"]
    [one] = differences(after, turned)
    assert (one.what, one.before, one.after) == (
        "Reasons to exclude, order",
        "Wrong design, Other",
        "Other, Wrong design",
    )


def test_hits_and_amendments_are_no_part_of_the_plan(small):
    document = read_protocol(small(), "x").document
    told = document | {"amendments": [{"date": "2020", "what": "x", "why": "y"}]}

    assert plan_sha256(told) == plan_sha256(document) and differences(document, told) == []
    assert differences(document, read_protocol(small("hits: 10", "hits: 11"), "x").document) == []
