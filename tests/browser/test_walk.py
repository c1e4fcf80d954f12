"""The whole way in a browser: two people screen with keys, differ, agree, read a full text and open the diagram."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import press
from tests.factories import a_member, a_record, a_review, an_import, the_lead
from workbench.app import database_of

pytestmark = pytest.mark.browser

REVIEW = "/reviews/spine"
TITLES = ["Cement in metastases", "Cement in rabbits", "Cement and radiotherapy", "Cement in myeloma"]
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj
trailer<</Root 1 0 R>>"""


@pytest.fixture
def two_pages(app, context, browser, live, sign_in_page):
    """The lead and a second reviewer, each in a browser of their own, at a review with four records."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        of = an_import(session, review, records_in_file=len(TITLES))
        for title in TITLES:
            a_record(session, review, of=of, title=title)
        people = the_lead(session, review).user, a_member(session, review).user
    other = browser.new_context(base_url=live)
    other.set_default_timeout(10_000)
    yield sign_in_page(people[0]), sign_in_page(people[1], other)
    other.close()


def open_stage(page: Page, stage: str) -> None:
    page.goto(f"{REVIEW}/stages/{stage}")
    page.get_by_role("button", name="Open the stage").click()
    page.get_by_role("dialog").get_by_role("button", name="Open the stage").click()
    expect(page.locator("main")).to_contain_text("The stage has been open since")


def screen(page: Page, keys: str) -> None:
    """Vote on every title with one key each, then go to "hand in" by key."""
    page.goto(f"{REVIEW}/screen/title-abstract")
    for title, key in zip(TITLES, keys, strict=True):
        expect(page.locator(".record h1")).to_have_text(title)
        press(page, key)
    expect(page.locator(".state")).to_have_text("Saved")
    press(page, "f")
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text("Votes handed in: 4.")


def propose_to_exclude(page: Page) -> None:
    page.goto(f"{REVIEW}/conflicts/title-abstract")
    page.get_by_role("link", name=TITLES[2]).click()
    page.get_by_label("Exclude", exact=True).check()
    page.get_by_label("Why").fill("Radiotherapy alone; no cement was given.")
    page.get_by_role("button", name="Propose", exact=True).click()
    expect(page.locator(".lede")).to_contain_text("waits for the other reviewer’s yes")


def agree(page: Page) -> None:
    page.goto(f"{REVIEW}/conflicts/title-abstract")
    page.get_by_role("link", name=TITLES[2]).click()
    page.get_by_role("button", name="Agree, and settle the conflict").click()
    page.goto(f"{REVIEW}/conflicts/title-abstract")
    expect(page.locator(".lede")).to_have_text("No conflict is open. 1 is settled.")


def attach(page: Page, title: str) -> None:
    page.goto(f"{REVIEW}/full-texts")
    page.get_by_role("link", name=title).click()
    page.get_by_label("PDF files").set_input_files({"name": "trial.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Attach", exact=True).click()
    expect(page.locator(".lede")).to_contain_text("1 file is attached.")
    expect(page.locator("iframe.pdf")).to_be_visible()


def include_full_text(page: Page, title: str) -> None:
    page.goto(f"{REVIEW}/screen/full-text")
    expect(page.locator("h1")).to_have_text(title)
    press(page, "y")
    page.check("[name=questions] >> nth=0")
    page.get_by_label("Kind of report").select_option("Randomised trial")
    press(page, "Control+Enter")
    expect(page.locator("h1")).to_have_text("You have voted on every record in your queue")
    page.get_by_role("button", name="Hand in 1 vote").click()
    expect(page.locator("main")).to_contain_text("Votes handed in: 1.")


def open_box(page: Page, words: str) -> list[str]:
    """Click a box of the diagram; gives the titles of the records behind it."""
    page.goto(f"{REVIEW}/prisma")
    page.locator("svg a text", has_text=words).first.click()
    expect(page.locator(".lede")).to_contain_text("behind this number")
    return page.locator("tbody th a").all_text_contents()


def test_two_people_take_a_review_from_its_titles_to_its_diagram(two_pages):
    lead, second = two_pages

    open_stage(lead, "title-abstract")
    screen(lead, "ynym")
    screen(second, "ynny")
    propose_to_exclude(lead)
    agree(second)
    attach(lead, TITLES[0])
    open_stage(lead, "full-text")
    include_full_text(lead, TITLES[0])
    include_full_text(second, TITLES[0])

    assert open_box(lead, "Records excluded") == [TITLES[1], TITLES[2]]
    assert open_box(lead, "Reports sought for retrieval") == [TITLES[0], TITLES[3]]
    assert open_box(lead, "Reports of included studies") == [TITLES[0]]
