"""Each rule and each veto by name, on an invented pair of the class of error that it is for."""

from typing import Any

import pytest

from tests.deduplication.inventions import a_form
from workbench.deduplication.rules import Settings, decide, find
from workbench.deduplication.rules.compare import Comparison, compare

TITLE = "Warm foot baths for night cramps in older adults: a randomised trial"
LONG_TITLE = TITLE + " in two Scandinavian towns"
TEXT = "Night cramps wake two in five people over sixty. We asked whether a warm bath before bed keeps them away. " * 4
OTHER_TEXT = (
    "Gout of the big toe was cooled with mud from three lakes, and the pain was asked for on five mornings. " * 4
)
UNPLACED = {"volume": None, "issue": None, "pages": None}
THESIS = {"journal": None, "volume": "Ph.D.", "issue": None, "pages": "215 p", "authors": ["Holm, A. B."]}
REVIEW = {"title": "Foot baths for night cramps", "journal": "Cochrane Database of Systematic Reviews", **UNPLACED}
ENTRY = {
    "kind": "registry",
    "journal": "ClinicalTrials.gov",
    "registry_ids": ["NCT90000001"],
    "authors": [],
    **UNPLACED,
}
SUPPLEMENT = {"journal": "Annals of Invented Congresses", "volume": "9", "issue": "Suppl 2", "pages": "S71"}

Fields = dict[str, Any]

RULES: dict[str, tuple[Fields, Fields]] = {
    "same-doi": ({"doi": "10.5555/j.7"}, {"doi": "10.5555/j.7", "journal": None, **UNPLACED}),
    "same-number": ({"pmid": "99000001"}, {"pmid": "99000001", "journal": None, "title": TITLE[:50], **UNPLACED}),
    "same-version": (
        {**REVIEW, "doi": "10.1002/14651858.cd990001.pub2"},
        {**REVIEW, "pages": "CD990001", "journal": "The Cochrane Library", "authors": []},
    ),
    "place-and-title": ({}, {"journal": "J Invent Podiatr"}),
    "place-and-people": (
        {},
        {"title": "Warm foot baths for cramps at night in older adults: randomised trial", "pages": "201-8"},
    ),
    "whole-range": ({}, {"title": "Varme fodbade mod natlige kramper hos ældre"}),
    "place-and-text": ({"abstract": TEXT}, {"abstract": TEXT, "title": "Krampe in der Wade", "pages": "201"}),
    "place-without-title": ({"abstract": TEXT}, {"abstract": TEXT, "title": "#NAME?", "pages": "201"}),
    "title-people-pages": ({"volume": None}, {}),
    "title-people-volume": ({"pages": "e1204"}, {}),
    "title-people-abstract": ({"abstract": TEXT, **UNPLACED}, {"abstract": TEXT, "year": 2015}),
    "title-text-volume": (
        {"authors": ["Anonymous"], "pages": None, "abstract": TEXT, "title": "Foot Forum 2014 abstracts"},
        {"authors": [], "pages": None, "abstract": TEXT, "title": "Foot Forum 2014 abstracts"},
    ),
    "same-trial-entry": ({**ENTRY, "year": 2011}, {**ENTRY, "year": 2014}),
    "title-people-journal": (UNPLACED, {}),
    "same-thesis": (
        {**THESIS, "year": 2013},
        {**THESIS, "journal": "Dissertation Abstracts International: Section B", "volume": "74", "pages": "1524"},
    ),
    "title-people-year": ({"journal": None, **UNPLACED}, {}),
    "near-title-people": (
        {"title": "Warm foot baths for night cramps of older adults: randomised trials", "journal": None, **UNPLACED},
        {"year": 2015, **UNPLACED},
    ),
    "retitled": (
        {"title": "Somnazine for cramps in severe calf ischaemia", **UNPLACED},
        {"title": "Nerve blockade for cramps in severe calf ischaemia"},
    ),
}
VETOES: dict[str, tuple[Fields, Fields]] = {
    "other-version": (
        {**REVIEW, "doi": "10.1002/14651858.cd990001.pub2"},
        {**REVIEW, "doi": "10.1002/14651858.cd990001.pub3"},
    ),
    "other-kind": ({}, {"title": "Erratum: " + TITLE, "pages": "390"}),
    "other-review": ({"registry_ids": ["NCT90000001"]}, {"registry_ids": ["NCT90000002"], **UNPLACED}),
    "other-numerals": ({"title": TITLE + ". Part I"}, {"title": TITLE + ". Part II", **UNPLACED}),
    "other-doi": ({"doi": "10.5555/one", "pages": None}, {"doi": "10.5556/two"}),
    "other-pmid": ({"pmid": "99000001", "pages": None}, {"pmid": "99000002"}),
    "other-place": ({}, {"volume": "14", "pages": "77-80"}),
    "other-pages": ({"issue": "3"}, {"issue": "4", "pages": "301-309"}),
    "other-volume": ({"pages": None}, {"volume": "14"}),
    "other-year": (UNPLACED, {"year": 2019}),
    "other-authors": ({"pages": "201"}, {"pages": "201", "authors": ["Berg, F.", "Vik, G."]}),
    "other-wording": (
        {"title": "Efficacy of somnazine for night cramps in older adults", "pages": None},
        {"title": "Efficacy of dormitol for night cramps in older adults"},
    ),
    "other-journal": (UNPLACED, {"journal": "Acta Imaginaria", **UNPLACED}),
}
OUTWEIGHED: dict[str, tuple[Fields, Fields]] = {
    "a letter listed without its Re:": ({"title": "Re: " + TITLE, "pages": "201"}, {"pages": "201"}),
    "one text printed under two DOIs in one issue": (
        {"abstract": TEXT, "doi": "10.5555/a.16", "pages": "E8"},
        {"abstract": TEXT, "doi": "10.5555/l.2", "pages": "E200"},
    ),
    "one text twice in PubMed": (
        {"abstract": TEXT, "pmid": "99000001", "pages": "201-208"},
        {"abstract": TEXT, "pmid": "99000003", "pages": "209-216"},
    ),
    "a page mistyped in one issue": ({"title": LONG_TITLE, "pages": "22"}, {"title": LONG_TITLE, "pages": "52"}),
    "an early abstract in the same volume": (
        {"title": LONG_TITLE, "issue": "9", "pages": "1875-1875"},
        {"title": LONG_TITLE, "issue": "12", "pages": "2539-2542"},
    ),
    "a numeral mistyped beside one PubMed number": (
        {"pmid": "99000001", "title": TITLE + " of 40 men"},
        {"pmid": "99000001", "title": TITLE + " of 48 men", "pages": None},
    ),
    "pages of the proof": ({**UNPLACED, "pages": "1-9"}, {}),
    "columns slid by one": ({"volume": None, "issue": "12", "pages": "3"}, {}),
    "year mistyped": ({"year": 2004}, {}),
    "congress behind the journal's name": (
        {**UNPLACED, "journal": "Acta Podiatrica.Conference: 23rd Congress of the Foot Society Oslo Norway."},
        {**UNPLACED, "journal": "23rd Congress of the Foot Society"},
    ),
}
NOT_OUTWEIGHED: dict[str, tuple[Fields, Fields]] = {
    "talk and poster": ({**SUPPLEMENT, "pages": "O45"}, {**SUPPLEMENT, "pages": "P123"}),
    "two drugs on one page of a supplement": (
        {**SUPPLEMENT, "title": "Effect of somnazine on cramps of recruits"},
        {**SUPPLEMENT, "title": "Effect of dormitol on cramps of recruits"},
    ),
    "men and women under the supplement's DOI": (
        {**SUPPLEMENT, "title": "Foot baths before sleep in young men", "doi": "10.5555/s.2"},
        {**SUPPLEMENT, "title": "Foot baths before sleep in young women", "doi": "10.5555/s.2", "pages": "S72"},
    ),
    "marks of two things": (
        {"title": "Free Ca2+ in the cramped calf of the older adult", "pages": None},
        {"title": "Free Mg2+ in the cramped calf of the older adult", "pages": None},
    ),
    "opposites by their prefix": (
        {"title": "Foot baths for inpatients with night cramps", "pages": None},
        {"title": "Foot baths for outpatients with night cramps", "pages": None},
    ),
    "two errata of one article": (
        {"title": "Erratum: " + LONG_TITLE, "issue": "5", "pages": "1775"},
        {"title": "Erratum: " + LONG_TITLE, "issue": "6", "pages": "2070"},
    ),
    "an early abstract with other people first": (
        {"title": LONG_TITLE, "issue": "9", "pages": "1875", "authors": ["Okafor, D.", "Holm, A.", "Lindqvist, C."]},
        {"title": LONG_TITLE, "issue": "12", "pages": "2539-2542"},
    ),
    "a column with a short title in every issue": (
        {"title": "Gateways to foot baths", "issue": "4", "pages": "257-290"},
        {"title": "Gateways to foot baths", "issue": "7", "pages": "467-509"},
    ),
    "a column on page 1 of every issue": (
        {"title": "From the bath keeper's desk", "volume": None, "issue": "1", "pages": "1"},
        {"title": "From the bath keeper's desk", "issue": "4", "pages": "1"},
    ),
    "two patients under one title": (
        {"title": "Burns after a foot bath", "volume": None, "pages": "1-4", "abstract": TEXT},
        {"title": "Burns after a foot bath", "volume": None, "pages": "1-3", "abstract": OTHER_TEXT, "year": 2015},
    ),
    "a thesis and the article that came of it": ({**THESIS, "journal": None}, {"authors": ["Holm, A. B."], **UNPLACED}),
}


def compared(pair: tuple[Fields, Fields]) -> Comparison:
    one, other = pair
    return compare(a_form(**one), a_form(**other))


@pytest.mark.parametrize("name", RULES)
def test_each_rule_finds_its_pair(name: str) -> None:
    found = decide.rule(compared(RULES[name]), Settings())

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("rule", [rule for rule in decide.RULES if rule.tier == 1], ids=lambda rule: rule.name)
def test_a_rule_of_the_first_tier_joins_unseen(rule: decide.Rule) -> None:
    one, other = RULES[rule.name]

    [join] = find([a_form(**one), a_form(**other)], Settings()).joins

    assert join.rule == rule.name


@pytest.mark.parametrize("rule", [rule for rule in decide.RULES if rule.tier in (2, 4)], ids=lambda rule: rule.name)
def test_a_rule_that_is_probable_or_only_asks_leaves_its_pair_to_a_person(rule: decide.Rule) -> None:
    one, other = RULES[rule.name]

    findings = find([a_form(**one), a_form(**other)], Settings())

    assert len(findings.clusters) == 2
    assert len(findings.pairs) == 1


@pytest.mark.parametrize("name", VETOES)
def test_each_veto_speaks_against_its_pair(name: str) -> None:
    comparison = compared(VETOES[name])

    assert decide.VETOES[name](comparison, Settings().numbers)
    assert decide.veto(comparison, Settings()) is not None


@pytest.mark.parametrize("name", OUTWEIGHED)
def test_what_all_else_outweighs_is_one_report(name: str) -> None:
    one, other = OUTWEIGHED[name]

    assert len(find([a_form(**one), a_form(**other)], Settings()).clusters) == 1


@pytest.mark.parametrize("name", NOT_OUTWEIGHED)
def test_what_nothing_outweighs_is_two_reports(name: str) -> None:
    one, other = NOT_OUTWEIGHED[name]

    assert len(find([a_form(**one), a_form(**other)], Settings()).clusters) == 2


def test_every_rule_and_veto_has_its_pair_and_says_its_class_of_error() -> None:
    assert set(RULES) == {rule.name for rule in decide.RULES}
    assert set(VETOES) == set(decide.VETOES)
    assert all(test.__doc__ for test in (*decide.VETOES.values(), *(rule.test for rule in decide.RULES)))
