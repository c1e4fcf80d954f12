"""Full texts in view: two people judge them, one searches and quotes, and a conflict on the reason ends with the PDF open."""

from collections import Counter

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import press
from tests.factories import a_document, a_member, a_report, a_review, open_stage, the_lead
from tests.pdfs import a_pdf
from workbench.app import database_of
from workbench.files.stores import FolderStore
from workbench.reviews.rules import Stage
from workbench.screening.rules import Found
from workbench.screening.service import retrieval

pytestmark = pytest.mark.browser

REVIEW = "/reviews/spine"
PAGES = (["Cement in the spine"], ["Methods", "We gave no cement at all."], ["Results", "Cement was not missed."])
SAID = {  # title: what the lead says, what the second says; a letter, or the number of a reason
    "Cement in metastases": ("y", "y"),
    "Cement in rabbits": ("2", "3"),
    "Cement in myeloma": ("1", "1"),
}


@pytest.fixture
def two_pages(app, context, browser, live, sign_in_page):
    """The lead and a second reviewer at three reports with PDFs, one given up and one on its way."""
    store = FolderStore(app.extensions["workbench.files"].folder)
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=a_document("spine"))
        lead, second = the_lead(session, review), a_member(session, review)
        open_stage(session, review)
        for title in SAID:
            one = a_report(session, review, lead, second, found=None, title=title)
            retrieval.attach(session, store, lead, one.id, a_pdf(*PAGES, [title]), "trial.pdf")
        lost = a_report(session, review, lead, second, found=None, title="Cement nobody has")
        retrieval.log_report(session, lead, lost.id, Found.NOT_RETRIEVED, "No library holds it.")
        a_report(session, review, lead, second, found=None, title="Cement on its way")
        open_stage(session, review, Stage.FULL_TEXT)
        people = lead.user, second.user
    other = browser.new_context(base_url=live, viewport={"width": 1440, "height": 900})
    other.set_default_timeout(10_000)
    yield sign_in_page(people[0]), sign_in_page(people[1], other)
    other.close()


def shown_page(page: Page) -> str:
    return page.locator("iframe[name=pdf]").get_attribute("src").partition("#")[2]


def judge(page: Page, title: str, key: str, *, quotes: str = "") -> None:
    """Vote on the report that is served, with its PDF in view, by keys; first look for words in it and quote the place."""
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("iframe[name=pdf]")).to_be_visible()
    if quotes:
        page.get_by_label("Words in the text").fill(quotes)
        press(page, "Enter")
        page.get_by_role("link", name="p. 2").click()
        assert shown_page(page).startswith("page=2&")
        page.get_by_role("button", name="Quote").click()
        expect(page.get_by_label("Page", exact=True)).to_have_value("2")
        page.locator("h1").focus()
    press(page, key)
    if key == "y":
        page.check("[name=questions] >> nth=0")
        page.get_by_label("Kind of report").select_option("Randomised trial")
    press(page, "Control+Enter")
    expect(page.locator("h1")).not_to_have_text(title)


def walk(page: Page, who: int, *, quotes: str = "") -> None:
    page.goto(f"{REVIEW}/screen/full-text")
    for title, said in SAID.items():
        judge(page, title, said[who], quotes=quotes if said[who] == "2" else "")
    page.get_by_role("button", name="Hand in 3 votes").click()
    expect(page.locator("main")).to_contain_text("Votes handed in: 3.")


def test_two_people_judge_full_texts_and_settle_the_reason_with_the_pdf_open(two_pages, no_violations):
    lead, second = two_pages

    walk(lead, 0, quotes="no cement")
    walk(second, 1)

    second.goto(f"{REVIEW}/conflicts/full-text")
    second.get_by_role("link", name="Cement in rabbits").click()
    expect(second.locator("iframe[name=pdf]")).to_be_visible()
    expect(second.locator(".versus")).to_contain_text("We gave no cement at all.")
    second.locator(".versus").get_by_role("link", name="Page 2").click()
    assert shown_page(second).startswith("page=2&")
    no_violations(second)
    second.get_by_label("Why").fill("Page 2 says that no cement was given.")
    second.get_by_role("button", name="Propose", exact=True).click()
    expect(second.locator("iframe[name=pdf]")).to_be_visible()
    lead.goto(f"{REVIEW}/conflicts/full-text")
    lead.get_by_role("link", name="Cement in rabbits").click()
    lead.get_by_role("button", name="Agree, and settle the conflict").click()
    expect(lead.locator("main")).to_contain_text("Settled by consensus")

    flow = lead.request.get(f"{REVIEW}/prisma.json").json()
    excluded = Counter(said[0] for said in SAID.values() if said[0] != "y")
    assert flow["dbr_sought_reports"] == len(SAID) + 2
    assert flow["dbr_notretrieved_reports"] == 1
    assert flow["dbr_assessed"] == len(SAID)
    assert sum(flow["dbr_excluded"].values()) == sum(excluded.values()) == 2


def test_the_split_is_moved_by_keys_and_remembered(two_pages):
    page = two_pages[0]
    page.goto(f"{REVIEW}/screen/full-text")
    bar = page.get_by_role("separator", name="Width of the full text")
    before = page.locator("iframe[name=pdf]").bounding_box()["width"]

    bar.focus()
    for _n in range(4):
        press(page, "ArrowLeft")
    narrow = page.locator("iframe[name=pdf]").bounding_box()["width"]
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 4, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(500, box["y"] + 200)
    page.mouse.up()
    dragged = bar.get_attribute("aria-valuenow")

    assert narrow < before - 50 and int(dragged) < 45
    page.reload()
    expect(bar).to_have_attribute("aria-valuenow", dragged)


def test_without_scripts_the_search_is_a_page_whose_links_open_the_file_at_a_page(two_pages, browser, live):
    signed_in = two_pages[0].context.storage_state()
    plain = browser.new_context(base_url=live, java_script_enabled=False, storage_state=signed_in)
    page = plain.new_page()
    page.goto(f"{REVIEW}/screen/full-text")
    page.get_by_label("Words in the text").fill("missed")
    page.get_by_role("button", name="Search the text").click()

    expect(page.locator("main")).to_contain_text("“missed” stands at 1 place.")
    link = page.get_by_role("link", name="p. 3")
    assert "#page=3&" in link.get_attribute("href") and link.get_attribute("target") == "pdf"
    plain.close()
