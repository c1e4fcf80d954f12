"""Every instrument holds; a file that does not is refused with its name, its line and its place."""

import hashlib
import re
from contextlib import suppress
from pathlib import Path

import pytest

from workbench.appraisal import instruments
from workbench.appraisal.instruments import BadInstrument, Level, NoSuchInstrument, Trust, load, names, read_instrument
from workbench.appraisal.rules import gaps, judge_domain, legal_answers, offered
from workbench.appraisal.rules.vectors import TooManyWays

ALL = names()
OF_MY_OWN = """\
id: mine
version: "1"
name: Our own list
short: Ours
unit: study
trust: by-hand
citation: none
official_form: none
answers: {Y: "Yes", N: "No", NA: "Not applicable"}
responses: {base: [Y, N], base_na: [Y, N, NA]}
sets: {YES: [Y], NO: [N]}
judgements: {Good: low, Poor: high}
domains:
  D1:
    label: One
    items:
      "1": {label: First, responses: base}
      "2": {label: Second, responses: base_na, asked_if: {all: [{"1": NO}]}}
    rules:
      - {id: R1, if: {"1": YES}, then: Good}
      - {id: R2, if: {"2": YES}, then: Good}
      - {id: R3, if: {"2": NO}, then: Poor}
"""
OF_WEAKNESSES = """\
domains:
  D1:
    label: One
    judged: no
    items:
      "1": {label: First, responses: base, boxes: {partial: {a: A}, full: {b: B}, one_is_enough: true}}
      "2.a": {label: Second, responses: base, part_of: "2", stars: [Y]}
overall:
  judgements: {Fine: low, Weak: critical}
  weaknesses: {answer: N, partial: NA, left_out: [NA], ranks: [N, Y], critical: ["1"]}
  rules:
    - {id: O1, critical: 1, then: Weak}
    - {id: O2, then: Fine, may_become: Weak}
"""


def refused(text: str) -> BadInstrument:
    with pytest.raises(BadInstrument) as caught:
        read_instrument(text.encode(), "mine.yaml")
    return caught.value


@pytest.mark.parametrize("name", ALL)
def test_an_instrument_is_what_its_file_is_called_and_says_where_its_form_is(name):
    found = load(name)

    assert found.id == name and found.official_form and found.citation
    assert found.sha256 == hashlib.sha256(Path(instruments.__file__).with_name(f"{name}.yaml").read_bytes()).hexdigest()
    assert found.trust is Trust.CHECKED or found.note


@pytest.mark.parametrize("name", ALL)
def test_every_way_to_fill_in_a_domain_with_a_table_gets_a_judgement(name):
    found = load(name)

    for domain in found.domains.values():
        assert gaps(found, domain) == []
        for answers in legal_answers(found, domain):
            told = judge_domain(found, domain, answers)
            assert told.is_complete and not told.refused
            assert told.is_known or domain.table is None or domain.leaves_rest


@pytest.mark.parametrize("name", ALL)
def test_every_rule_of_a_table_fires_for_some_answers(name):
    found = load(name)

    for domain in found.domains.values():
        fired = {
            rule for answers in legal_answers(found, domain) for rule in judge_domain(found, domain, answers).rules
        }

        assert {rule.id for rule in domain.table.rules()} - fired == set() if domain.table else not fired


@pytest.mark.parametrize(
    ("name", "items"),
    {"rob2": 22, "amstar2": 18, "amstar": 11, "agree2": 23, "robins_i_2016": 34, "quadas2": 11, "jbi_rct": 13}.items(),
)
def test_an_instrument_has_as_many_items_as_its_form(name, items):
    assert len(load(name).items) == items


def test_an_instrument_without_an_algorithm_says_so():
    crossover = load("rob2_crossover")

    assert crossover.trust is Trust.BY_HAND and "by hand" in crossover.note
    assert all(domain.table is None for domain in crossover.domains.values())


def test_a_list_of_ones_own_is_read_as_ours_are():
    found = read_instrument(OF_MY_OWN.encode(), "mine.yaml")

    assert found.level("Poor") is Level.HIGH and gaps(found, found.domains["D1"]) == []
    assert offered(found) == ()


def test_a_table_that_leaves_answers_out_is_found_wanting():
    found = read_instrument(
        OF_MY_OWN.replace('      - {id: R3, if: {"2": NO}, then: Poor}\n', "").encode(), "mine.yaml"
    )

    assert gaps(found, found.domains["D1"]) == [{"1": "N", "2": "N"}]


@pytest.mark.parametrize(
    ("there", "instead", "line", "path", "words"),
    [
        ("then: Poor", "then: Bad", 22, "domains.D1.rules[2].then", "“Bad” is no judgement"),
        ('{"2": YES}', '{"3": YES}', 21, "domains.D1.rules[1].if.3", "“3” is no item"),
        ('{"2": NO}', '{"2": NOPE}', 22, "domains.D1.rules[2].if.2", "“NOPE” is no set"),
        ("responses: base}", "responses: bass}", 17, "domains.D1.items.1.responses", "“bass” is no list"),
        ("[Y, N, NA]", "[Y, N, X]", 10, "responses.base_na[2]", "“X” is no answer"),
        ("Poor: high", "Poor: terrible", 12, "judgements.Poor", "“terrible” is none of"),
        ("label: One", "lable: One", 15, "domains.D1.lable", "“lable” is no key"),
        ("label: Second, responses: base_na", "label: Second, responses: base", 18, "domains.D1.items.2", "needs NA"),
        ('asked_if: {all: [{"1": NO}]}', 'asked_if: {all: [{"9": NO}]}', 18, "", "“9” is no item before"),
        ("short: Ours", "short:", 4, "short", "A text is expected"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_told_with_file_line_and_place(there, instead, line, path, words):
    assert there in OF_MY_OWN

    error = refused(OF_MY_OWN.replace(there, instead, 1))

    assert any(one.line == line and words in one.message and path in {"", one.path} for one in error.problems), (
        error.problems
    )
    assert str(error).startswith(f"mine.yaml, line {error.problems[0].line}")


def test_a_domain_says_how_it_is_judged():
    without = OF_MY_OWN.split("    rules:", maxsplit=1)[0]

    assert "how this domain is judged" in str(refused(without))
    assert read_instrument((without + "    judged: by-hand\n").encode(), "mine.yaml").domains["D1"].table is None


@pytest.mark.parametrize(
    "text", ["", "[]", "a: [", "id: &x 1", "domains: 3", "- 1", "id: {}\n", "overall: {rules: 3}\n"]
)
def test_a_file_that_is_no_instrument_is_refused_with_a_word(text):
    assert "mine.yaml" in str(refused(text))


def test_an_unknown_instrument_is_named():
    with pytest.raises(NoSuchInstrument, match="rob3"):
        load("rob3")


WORD = re.compile(r"[A-Za-z0-9_.]+")
INSTEAD = ("[x]", "{x: y}", "3", "true", "''", "- x", "*x")


@pytest.mark.parametrize(
    "text", [OF_MY_OWN, OF_MY_OWN.split("domains:", maxsplit=1)[0] + OF_WEAKNESSES], ids=["rules", "weaknesses"]
)
def test_a_file_with_anything_in_the_place_of_a_word_is_read_or_refused(text):
    for turn, found in enumerate(WORD.finditer(text)):
        spoilt = text[: found.start()] + INSTEAD[turn % len(INSTEAD)] + text[found.end() :]
        with suppress(BadInstrument):
            read_instrument(spoilt.encode(), "mine.yaml")


def test_a_domain_that_cannot_be_tried_out_is_named():
    items = "".join(f'      "{n}": {{label: Item, responses: base}}\n' for n in range(20))
    rules = "".join(f'      - {{id: R{n}, if: {{"{n}": YES}}, then: Good}}\n' for n in range(20))
    text = OF_MY_OWN.split("    items:", maxsplit=1)[0] + f"    items:\n{items}    rules:\n{rules}"
    found = read_instrument(text.encode(), "mine.yaml")

    with pytest.raises(TooManyWays, match="One can be filled in"):
        gaps(found, found.domains["D1"])
