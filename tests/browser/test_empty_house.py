"""The first five minutes of a house: the first lead signs up, is refused once, and is told how a review begins."""

import pytest
from playwright.sync_api import Page, expect

from workbench.accounts.service import first_link
from workbench.app import database_of

pytestmark = pytest.mark.browser


def sign_up(page: Page, password: str) -> None:
    page.get_by_label("Your name").fill("Karen Holm")
    page.get_by_label("Work e-mail").fill("karen@example.org")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Make the account").click()


def test_the_first_lead_signs_up_and_is_told_how_a_review_begins(app, context, no_violations):
    with database_of(app).write.begin() as session:
        link = first_link(session)
    page = context.new_page()

    page.goto(f"/welcome/{link}")
    no_violations(page)
    sign_up(page, "short")
    expect(page.locator("h1")).to_contain_text("too easy to guess")
    no_violations(page)
    page.goto(f"/welcome/{link}")
    sign_up(page, "seventeen cement bridges")

    expect(page.locator("main")).to_contain_text("You are in no review yet")
    no_violations(page)
