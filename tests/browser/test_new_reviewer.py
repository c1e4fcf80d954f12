"""A second reviewer who has never seen the tool: from the link that the lead sent to the last vote handed in."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import press
from tests.factories import a_record, a_review, an_import, open_stage, the_lead
from workbench.app import database_of

pytestmark = pytest.mark.browser

TITLES = [f"Cement in painful metastases, trial {n}" for n in range(1, 51)]


@pytest.fixture
def lead_page(app, sign_in_page):
    """The lead, at a review whose fifty titles are open for votes."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        of = an_import(session, review, records_in_file=len(TITLES))
        for title in TITLES:
            a_record(session, review, of=of, title=title)
        open_stage(session, review)
        lead = the_lead(session, review).user
    return sign_in_page(lead)


def invited(lead: Page) -> str:
    lead.goto("/reviews/spine/team")
    lead.get_by_role("button", name="Make an invitation link").click()
    return lead.get_by_label("Invitation link").input_value()


def join(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("Your name").fill("Jonas Lindqvist")
    page.get_by_label("Work e-mail").fill("jonas@example.org")
    page.get_by_label("Password").fill("seventeen cement bridges")
    page.get_by_role("button", name="Make the account").click()


def vote(page: Page, title: str) -> None:
    expect(page.locator(".record h1")).to_have_text(title)
    press(page, "n" if title.endswith("7") else "y")


def test_a_second_reviewer_comes_by_a_link_screens_fifty_records_undoes_two_and_finishes(lead_page, browser, live):
    context = browser.new_context(base_url=live)
    context.set_default_timeout(10_000)
    page = context.new_page()

    join(page, invited(lead_page))
    expect(page.locator("main")).to_contain_text("Welcome to the team.")
    page.get_by_role("link", name=re.compile("Screen: 50 titles and abstracts")).click()
    expect(page.locator(".criteria")).to_be_visible()
    for title in TITLES[:30]:
        vote(page, title)
    for undone in (TITLES[29], TITLES[28]):
        press(page, "u")
        expect(page.locator(".record h1")).to_have_text(undone)
    for title in TITLES[28:]:
        vote(page, title)
    expect(page.locator(".record h1")).to_have_text("You have voted on every record in your queue")
    press(page, "f")
    press(page, "Enter")

    expect(page.locator("main")).to_contain_text("Votes handed in: 20. All 50 of your votes here are final now.")
    expect(page.locator(".record")).to_contain_text("All your votes are handed in.")
    context.close()
