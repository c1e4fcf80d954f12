"""Every rule and veto by its class of error, on invented pairs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.deduplication.inventions import a_form, an_item, are_one
from workbench.deduplication.rules import NormalForm, Settings, find, normal_form
from workbench.deduplication.rules.kinds import told
from workbench.deduplication.rules.names import surnames
from workbench.deduplication.rules.places import journal, pages, same_journal, volume
from workbench.deduplication.rules.text import fold

TITLE = "Warm foot baths for night cramps in older adults: a randomised trial"
SUPPLEMENT = {"doi": "10.5555/suppl.2014", "journal": "Heart of Nowhere", "volume": "98", "issue": "Suppl 2"}

SAME = {
    "same record from two databases": ({}, {"authors": ["Holm AB", "Lindqvist C", "Okafor D"], "pages": "201-9"}),
    "journal abbreviated": (
        {},
        {"journal": "J Invent Podiatr", "title": "WARM FOOT BATHS FOR NIGHT CRAMPS IN OLDER ADULTS"},
    ),
    "pages damaged by a spreadsheet": ({"pages": "06-Oct"}, {"pages": "6-10"}),
    "page as e-locator": ({"pages": "e1204"}, {"pages": "201-209"}),
    "rest of a supplement page": ({"pages": "S212-S216"}, {"pages": "Suppl-6"}),
    "translated title in brackets": ({}, {"title": "[" + TITLE + "]."}),
    "language and references after the title": (
        {},
        {"title": TITLE + ". [Review] [33 refs]"},
    ),
    "title in another language, same pages": (
        {"title": "Varme fodbade mod natlige kramper hos ældre"},
        {},
    ),
    "greek letters": (
        {"title": "TGF-β1 and α-actin in cramped calves of older adults"},
        {"title": "TGF-beta 1 and alpha-actin in cramped calves of older adults"},
    ),
    "note of an erratum is the article itself": (
        {},
        {"title": TITLE + ".[Erratum appears in J Inv Pod 2015]"},
    ),
    "same DOI, place unknown": (
        {"doi": "10.5555/jip.77"},
        {"doi": "10.5555/jip.77", "volume": None, "pages": None, "journal": None, "year": 2013},
    ),
    "ahead of print": ({"volume": None, "issue": None, "pages": None}, {}),
    "authors glued together": ({"authors": ["Holm A. B.Lindqvist C.Okafor D."]}, {}),
    "same PubMed number": ({"pmid": "99000001", "volume": None}, {"pmid": "99000001", "journal": None, "pages": None}),
    "print and online DOI, same place": ({"doi": "10.5555/a"}, {"doi": "10.5555/b"}),
}
APART = {
    "erratum": ({}, {"title": "Erratum: " + TITLE, "pages": "390"}),
    "erratum by citation": (
        {},
        {"title": "Warm foot baths for night cramps in older adults (vol 12, pg 201, 2014)", "pages": "390"},
    ),
    "retraction": (
        {},
        {"title": "Retraction: " + TITLE, "pages": "391"},
    ),
    "reply": (
        {},
        {"title": TITLE + " - Reply", "authors": ["Berg, F."]},
    ),
    "parts of a series": (
        {"title": "Foot baths in general practice. Part I: water temperature"},
        {"title": "Foot baths in general practice. Part II: water temperature", "pages": "301-9"},
    ),
    "Roman series": (
        {"title": "Studies of the cramped calf. V. Effects of warm water", "pages": "301-9"},
        {"title": "Studies of the cramped calf. VIII. Effects of warm water"},
    ),
    "part against whole": (
        {"pages": None},
        {"title": TITLE + ". Part II"},
    ),
    "another drug": (
        {"title": "Efficacy of somnazine for night cramps in older adults", "pages": "11-19"},
        {"title": "Efficacy of dormitol for night cramps in older adults"},
    ),
    "other patients": (
        {"title": "Foot baths for night cramps in adults with gout", "pages": None},
        {"title": "Foot baths for night cramps in adolescents with gout", "pages": None},
    ),
    "annual editorial": (
        {"title": "The year in foot care", "year": 2013, "volume": "11", "pages": "1-3"},
        {"title": "The year in foot care", "year": 2014, "volume": "12", "pages": "1-3"},
    ),
    "generic title": (
        {"title": "Editorial", "pages": None},
        {"title": "Editorial", "pages": None},
    ),
    "congress abstract against its article": (
        {"journal": "Annual Congress of Invented Medicine", "volume": "1", "issue": "Suppl 1", "pages": "S462"},
        {},
    ),
    "abstracts that share the DOI of a supplement": (
        {**SUPPLEMENT, "title": "Warm foot baths improve sleep after night shifts", "pages": "S72"},
        {
            **SUPPLEMENT,
            "title": "Cold foot baths in recruits with blisters",
            "pages": "S72",
            "authors": ["Holm A B", "Vik G"],
        },
    ),
    "different DOIs elsewhere": (
        {"doi": "10.5555/one", "pages": None},
        {"doi": "10.5556/two", "pages": None, "journal": "Acta Imaginaria"},
    ),
    "journals that look alike": (
        {"journal": "Podiatry", "pages": None},
        {"journal": "Podiatrologia Care", "pages": None},
    ),
    "two trials of one sponsor": (
        {"title": "An open-label trial of somnazine in cramps", "registry_ids": ["NCT90000001"], "pages": None},
        {"title": "An open-label trial of somnazine in cramps", "registry_ids": ["NCT90000002"], "pages": None},
    ),
    "letters on one page": (
        {"title": "Cramp", "authors": ["Holm, A."]},
        {"title": "Cramps", "authors": ["Berg, F."]},
    ),
    "abstract that got its article's DOI": (
        {"doi": "10.5555/c", "journal": "Acta Imaginaria", "volume": "45", "pages": "480"},
        {"doi": "10.5555/c"},
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_records_of_one_report_are_joined(name: str) -> None:
    one, other = SAME[name]

    assert are_one(one, other)


@pytest.mark.parametrize("name", APART)
def test_reports_of_their_own_stay_apart(name: str) -> None:
    one, other = APART[name]

    assert not are_one(one, other)


@pytest.mark.parametrize("name", [*SAME, *APART])
def test_the_answer_does_not_depend_on_which_comes_first(name: str) -> None:
    one, other = (SAME | APART)[name]

    assert are_one(one, other) == are_one(other, one)


def review(year: int, version: str, **fields: Any) -> dict[str, Any]:
    return {
        "title": "Foot baths for night cramps",
        "journal": "Cochrane Database of Systematic Reviews",
        "year": year,
        "doi": f"10.1002/14651858.cd990001{version}",
        "pages": "CD990001",
        "volume": str(year),
        "issue": "4",
        **fields,
    }


def test_versions_of_one_cochrane_review_are_linked_newer_to_older() -> None:
    findings = find([a_form(**review(2009, "")), a_form(**review(2013, ".pub2"))], Settings())

    assert len(findings.clusters) == 2
    assert [(link.first, link.second, link.kind) for link in findings.links] == [(1, 0, "version-of")]


def test_versions_are_one_report_on_request() -> None:
    assert are_one(review(2009, ""), review(2013, ".pub2"), Settings(versions="together"))


def test_one_version_met_twice_is_joined() -> None:
    assert are_one(review(2013, ".pub2"), review(2013, ".pub2", doi=None, volume=None, pages=None))


@pytest.mark.parametrize(
    ("title", "kind"),
    [("Erratum: ", "erratum-of"), ("Retraction: ", "retraction-of"), ("Comment on: ", "comment-on")],
)
def test_a_notice_is_linked_to_its_article(title: str, kind: str) -> None:
    notice = a_form(title=title + TITLE, pages="390")

    [link] = find([a_form(), notice], Settings()).links

    assert (link.first, link.second, link.kind) == (1, 0, kind)


def test_a_congress_abstract_is_linked_to_its_article() -> None:
    abstract = a_form(journal="Congress of Invented Medicine", volume="1", issue="Suppl 1", pages="S462")

    [link] = find([abstract, a_form()], Settings()).links

    assert (link.first, link.second, link.kind) == (0, 1, "abstract-of")


def test_a_bolder_strictness_joins_what_a_cautious_one_leaves_to_a_person() -> None:
    forms = [a_form(journal=None, volume=None, pages=None, issue=None), a_form(journal=None, pages=None, volume=None)]

    cautious, balanced = find(forms, Settings()), find(forms, Settings("balanced"))

    assert (len(cautious.clusters), len(cautious.pairs)) == (2, 1)
    assert (len(balanced.clusters), len(balanced.pairs)) == (1, 0)


def test_the_evidence_says_what_agrees_and_what_differs() -> None:
    [join] = find([a_form(doi="10.5555/jip.77"), a_form(doi="10.5555/jip.77", issue="4")], Settings()).joins

    assert join.rule == "same-doi"
    assert join.reason == "same DOI, title 100 %, authors, journal, year, volume and pages agree; issue differs"


def test_a_normal_form_survives_json() -> None:
    form = a_form(doi="10.5555/JIP.77", issn=["1234-5678"], abstract="Cramps wake people at night. " * 9)

    assert NormalForm.from_dict(form.as_dict()) == form


def test_a_bare_record_has_a_normal_form() -> None:
    bare = an_item(title=None, authors=[], year=None, journal=None, volume=None, issue=None, pages=None)

    assert normal_form(bare).as_dict() == {}


def test_two_bare_records_are_not_one_report() -> None:
    bare = dict.fromkeys(("title", "year", "journal", "volume", "issue", "pages")) | {"authors": []}

    assert not are_one(bare, bare)


@given(st.text(max_size=300))
def test_any_text_folds_to_words_with_one_blank_between(text: str) -> None:
    folded = fold(text)

    assert folded == " ".join(folded.split())
    assert fold(text.lower()) == folded


@given(st.text(max_size=120))
def test_any_text_can_stand_in_any_field(text: str) -> None:
    form = a_form(title=text, authors=[text], journal=text, volume=text, issue=text, pages=text, doi=text, urls=[text])

    assert find([form, form, a_form()], Settings()).clusters
    told(text), surnames([text]), journal(text), pages(text), volume(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_two_journals_match_whichever_comes_first(one: str, other: str) -> None:
    ones, others = journal(one), journal(other)

    assert same_journal(ones, others) == same_journal(others, ones)
