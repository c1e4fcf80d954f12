"""The seven links beside duplicates: who points to whom, and where no link belongs."""

from typing import Any

import pytest

from tests.deduplication.inventions import a_form
from workbench.deduplication.rules import Settings, find

TITLE = "Warm foot baths for night cramps in older adults: a randomised trial"
REVIEW = {"title": "Foot baths for night cramps", "journal": "Cochrane Database of Systematic Reviews"}
UNPLACED = {"volume": None, "issue": None, "pages": None}
PREPRINT = {"journal": "medRxiv", "doi": "10.1101/2013.04.16.99967835", "year": 2013, **UNPLACED}
NUMBER = {"registry_ids": ["NCT90000001"]}
ENTRY = {
    **NUMBER,
    **UNPLACED,
    "title": "Warm water against cramps",
    "journal": "ClinicalTrials.gov",
    "kind": "registry",
    "authors": [],
    "year": 2010,
}
Fields = dict[str, Any]

LINKED: dict[str, tuple[str, Fields, Fields]] = {
    "a later version of a Cochrane review": (
        "version-of",
        {**REVIEW, **UNPLACED, "year": 2013, "doi": "10.1002/14651858.cd990001.pub3"},
        {**REVIEW, **UNPLACED, "year": 2009, "doi": "10.1002/14651858.cd990001.pub2"},
    ),
    "a review and its protocol": (
        "version-of",
        {**REVIEW, **UNPLACED, "year": 2010, "doi": "10.1002/14651858.cd990001.pub2"},
        {
            **REVIEW,
            **UNPLACED,
            "title": "Foot baths for night cramps (Protocol)",
            "doi": "10.1002/14651858.cd990001",
            "year": 2008,
        },
    ),
    "a second version of a preprint": (
        "version-of",
        {**UNPLACED, "journal": "Research Square", "doi": "10.21203/rs.3.rs-990001/v2"},
        {**UNPLACED, "journal": "Research Square", "doi": "10.21203/rs.3.rs-990001/v1"},
    ),
    "an erratum": ("erratum-of", {"title": "Erratum: " + TITLE, "pages": "390", "year": 2015}, {}),
    "an erratum years later": ("erratum-of", {"title": "Corrigendum to: " + TITLE, "pages": "2", "year": 2021}, {}),
    "a retraction": ("retraction-of", {"title": "Retraction: " + TITLE, "pages": "391", "year": 2022}, {}),
    "an expression of concern": ("retraction-of", {"title": "Expression of concern: " + TITLE, "pages": "12"}, {}),
    "a comment": ("comment-on", {"title": "Comment on: " + TITLE, "pages": "12", "authors": ["Berg, F."]}, {}),
    "an authors' reply": ("comment-on", {"title": TITLE + " - Reply", "pages": "14"}, {}),
    "a congress abstract": (
        "abstract-of",
        {"journal": "Congress of Invented Medicine", "volume": "1", "issue": "Suppl 1", "pages": "S462", "year": 2012},
        {},
    ),
    "a preprint": ("preprint-of", PREPRINT, {"doi": "10.5555/jip.77"}),
    "a report and its trial's entry": ("same-trial", NUMBER, ENTRY),
    "a later report of one trial": (
        "same-trial",
        {**NUMBER, "title": "Two years after warm foot baths: follow-up of cramps", "year": 2017, "pages": "7-12"},
        NUMBER,
    ),
}
NOT_LINKED: dict[str, tuple[Fields, Fields]] = {
    "an erratum of another article": ({"title": "Erratum: Cold mud for gout in recruits"}, {}),
    "a notice in another journal": ({"title": "Erratum: " + TITLE, "journal": "Acta Imaginaria", "pages": "9"}, {}),
    "a notice without its article's title": ({"title": "Erratum", "pages": "390"}, {}),
    "a notice older than the article": ({"title": "Erratum: " + TITLE, "pages": "390", "year": 2009}, {}),
    "a reply ten years later": ({"title": TITLE + " - Reply", "pages": "14", "year": 2024}, {}),
    "an abstract younger than the article": (
        {"journal": "Congress of Invented Medicine", "volume": "1", "issue": "Suppl 1", "pages": "S462", "year": 2017},
        {},
    ),
    "two abstracts": (
        {"journal": "Congress of Invented Medicine", "volume": "1", "issue": "Suppl 1", "pages": "S462"},
        {"pages": "201-201"},
    ),
    "a preprint by other people": ({**PREPRINT, "authors": ["Berg, F.", "Vik, G."]}, {}),
    "a review that names many trials": (
        {"title": "Ten trials of warm water", "registry_ids": [f"NCT9000000{n}" for n in range(1, 9)], "pages": "9-30"},
        NUMBER,
    ),
}


@pytest.mark.parametrize("case", LINKED)
@pytest.mark.parametrize("turned", [False, True], ids=["first", "last"])
def test_a_report_points_to_the_one_it_belongs_to(case: str, turned: bool) -> None:
    kind, one, other = LINKED[case]
    forms = [a_form(**one), a_form(**other)]

    findings = find(forms[::-1] if turned else forms, Settings())

    pointing = 1 if turned else 0
    assert len(findings.clusters) == 2
    assert [(link.kind, link.first, link.second) for link in findings.links] == [(kind, pointing, 1 - pointing)]


@pytest.mark.parametrize("case", NOT_LINKED)
def test_reports_that_only_look_related_are_not_linked(case: str) -> None:
    one, other = NOT_LINKED[case]

    assert find([a_form(**one), a_form(**other)], Settings()).links == []


def test_the_many_reports_of_one_trial_are_tied_by_a_chain() -> None:
    titles = ("Design of a bath", "Sleep after warm water", "Costs of salt", "Voices of nurses", "Falls on wet stone")
    forms = [a_form(**NUMBER, title=title, pages=str(10 * at)) for at, title in enumerate(titles, start=1)]

    links = find([*forms, a_form(**ENTRY)], Settings()).links

    assert {link.kind for link in links} == {"same-trial"}
    assert len(links) == len(titles)
    assert {link.first for link in links} | {link.second for link in links} == set(range(6))


def test_every_link_says_why_in_one_line() -> None:
    for kind, one, other in LINKED.values():
        [link] = find([a_form(**one), a_form(**other)], Settings()).links

        assert link.reason, kind
        assert "\n" not in link.reason
