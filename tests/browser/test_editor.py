"""A search specialist's hour in the browser: the flagship's protocol with three steps and twelve sources, put in force and
amended; files imported, gaps explained, a known study missed and found, PRISMA-S printed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.factories import a_person
from tests.records.pages import work
from workbench.app import database_of

pytestmark = pytest.mark.browser
EXPORTS = Path(__file__).resolve().parent.parent / "data" / "exports"

GUIDELINES = """\
G-I-N International Guideline Library | website | browse
NICE | organisation | browse
SIGN | organisation | browse
CRD/HTA database | CRD York | database | query
The Cochrane Library | Wiley | database | query
Socialstyrelsen (SE) | organisation | browse
SBU | organisation | browse
Helsedirektoratet | organisation | browse
Folkehelseinstituttet | organisation | browse
Netpunkt | website | query
MEDLINE | PubMed | database | query
Embase | Embase.com | database | query"""
REVIEWS = "MEDLINE | PubMed | database | query\nEmbase | Embase.com | database | query\nThe Cochrane Library | Wiley | database"
TRIALS = "MEDLINE | PubMed | database | query\nEmbase | Embase.com | database | query"
STRATEGY = """\
#1 "Vertebroplasty"[Mesh] OR vertebroplast*[tiab]
#2 "Spinal Neoplasms"[Mesh] OR metasta*[tiab]
#3 #1 AND #2"""


def write(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.fill(f'[name="{name.replace("__", ".")}"]', text)


def go_on(page: Page, heading: str) -> None:
    page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("h1")).to_have_text(heading)


def test_a_search_specialist_documents_the_searches_of_the_flagship(app, live, sign_in_page, no_violations):
    with database_of(app).write.begin() as session:
        specialist = a_person(session, "Birgitte Aagaard")
    page = sign_in_page(specialist)
    page.goto("/reviews/new")
    no_violations(page)
    page.get_by_role("button", name="Begin a draft").click()
    page.get_by_role("link", name="Review", exact=True).first.click()

    write(page, review__id="vertebral-augmentation", review__title="Vertebroplasty for malignant vertebral lesions")
    go_on(page, "Questions")
    for n in range(3):
        if n:
            page.get_by_role("button", name="One more question").click()
        for key, text in {"text": f"Question {n + 1}?", "population": "Adults", "intervention": "Cement"}.items():
            page.fill(f'[name="questions[{n}].{key}"]', text)
    page.locator('[name="questions[2].intervention"]').press("Tab")
    no_violations(page)
    expect(page.locator("[data-saving]")).to_have_text("Saved")  # by itself; a button pressed after it must still act
    go_on(page, "Criteria")
    page.goto(page.url.replace("/criteria", "/limits"))
    write(page, limits__from="2009", limits__to="2019", limits__languages="en\nda\nsv\nde")
    page.locator('[name="limits.from"]').press("Enter")
    expect(page.get_by_text("Saved. Nothing of the draft is in force yet.")).to_be_visible()

    page.goto(page.url.replace("/limits", "/steps"))
    for n, (title, sources) in enumerate(
        [("Guidelines", GUIDELINES), ("Systematic reviews", REVIEWS), ("Trials", TRIALS)]
    ):
        if n:
            page.get_by_role("button", name="One more step").click()
        page.fill(f'[name="steps[{n}].title"]', title)
        step = page.locator(f'[id="steps[{n}]"]')
        step.get_by_text("Paste a list of sources").click()
        step.get_by_label("One source per line").fill(sources)
        step.get_by_role("button", name="Add these sources").click()
        expect(page.locator(f'[id="steps[{n}].sources"] ul a')).to_have_count(sources.count("\n") + 1)
    page.fill('[name="steps[2].condition"]', "from the search date of the newest usable review")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved. Nothing of the draft is in force yet.")).to_be_visible()
    no_violations(page)

    page.locator('[id="steps[2].sources"] ul a').first.click()
    page.get_by_role("button", name="Begin with a first run").click()
    page.fill('[name="steps[2].sources[0].runs[0].searched_on"]', "2019-05-12")
    page.get_by_text("Paste a whole strategy").click()
    page.get_by_label("Strategy as text").fill(STRATEGY)
    page.get_by_role("button", name="Split into lines").click()
    expect(page.locator('[name="steps[2].sources[0].runs[0].strategy[2].query"]')).to_have_value("#1 AND #2")
    no_violations(page)
    page.reload()
    expect(page.locator('[name="steps[2].sources[0].runs[0].searched_on"]')).to_have_value("2019-05-12")

    page.get_by_role("link", name="Begin the review").click()
    page.get_by_role("button", name="Begin the review").click()
    expect(page.get_by_text("Its protocol is in force as version 1.")).to_be_visible()

    page.get_by_role("button", name="Amend", exact=True).click()
    page.get_by_role("link", name="Limits").first.click()
    write(page, limits__languages="en\nda\nsv\nde\nno")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved. Nothing of the draft is in force yet.")).to_be_visible()
    page.get_by_role("link", name="Known studies").first.click()
    page.get_by_role("button", name="Begin with a first study").click()
    page.fill('[name="known_studies[0].title"]', "Kyphoplasty in multiple myeloma")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Saved. Nothing of the draft is in force yet.")).to_be_visible()
    page.get_by_role("link", name="Put in force").first.click()
    expect(page.locator("main ins").first).to_have_text("en, da, sv, de, no")
    no_violations(page)
    page.get_by_label("Why?").fill("Norwegian agencies are searched.")
    page.get_by_role("button", name="Put version 2 in force").click()
    expect(page.get_by_text("Norwegian agencies are searched.")).to_be_visible()
    expect(page.locator("main ins").first).to_have_text("en, da, sv, de, no")
    no_violations(page)

    page.get_by_role("link", name="Searches").click()
    brings(app, page, page.locator(".run").first, "pubmed.nbib", hits="4", gap="Two were withdrawn.")
    no_violations(page)
    page.get_by_role("link", name="Known studies").click()
    expect(page.get_by_text("The searches found 0 of the 1 studies")).to_be_visible()
    page.get_by_role("link", name="Runs and imports").click()
    page.select_option("#source", label="Step 3: Embase")
    page.fill("#searched_on", "2019-05-13")
    page.press("#searched_on", "Enter")
    brings(
        app, page, page.locator(".run").last, "embase.ris", hits="3", gap="One has no abstract and was not exported."
    )
    page.get_by_role("link", name="Known studies").click()
    expect(page.get_by_text("found by its title")).to_be_visible()
    no_violations(page)

    page.get_by_role("link", name="PRISMA-S report").click()
    expect(page.get_by_text("a difference of 2: Two were withdrawn.")).to_be_visible()
    expect(page.get_by_text("a difference of 1: One has no abstract and was not exported.")).to_be_visible()
    expect(page.locator("code", has_text="#1 AND #2")).to_be_visible()
    no_violations(page)
    with page.expect_download() as given:
        page.get_by_role("link", name="Markdown").click()
    assert "Two were withdrawn." in given.value.path().read_text("utf-8")


def brings(app, page: Page, run, name: str, *, hits: str, gap: str) -> None:
    """Import the file of a run, note its hits, and explain what is missing."""
    code = run.locator("h4").inner_text()
    run.locator("input[type=file]").set_input_files(EXPORTS / name)
    run.get_by_role("button", name="Import").click()
    expect(page.locator("h1")).to_contain_text("Import")
    work(app)
    page.get_by_role("link", name="Searches").click()
    run = page.locator(".run", has=page.get_by_role("heading", name=code))
    run.locator("[name=hits]").fill(hits)
    run.locator("[name=hits]").press("Enter")
    run.locator("[name=reason]").fill(gap)
    run.locator("[name=reason]").press("Enter")
    expect(run.get_by_text(gap)).to_be_visible()
    expect(run.get_by_text("complete")).to_be_visible()
