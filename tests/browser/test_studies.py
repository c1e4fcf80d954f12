"""Studies in a browser: suggestions answered by one key, three reports gathered, a retraction looked at, all undone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.hands import press
from tests.studies.house import House
from workbench.app import database_of

pytestmark = pytest.mark.browser
STUDIES = "/reviews/spine/studies"


@pytest.fixture
def lead(app):
    """A review with three reports of one trial, one retracted, and one excluded for its outcome data; gives its lead."""
    with database_of(app).write.begin() as session:
        house = House(session)
        for year in (2010, 2011, 2012):
            retracted = [["RIN", "J Spine. 2013;5:1", 4]] if year == 2010 else []
            house.included(year=year, registry_ids=["NCT00000001"], raw=retracted, authors=["Klazen, Caroline A H"])
        house.excluded(house.reason("not-cement", outcome_data=True), year=2009, authors=["Aune, B"])
        house.awaiting(year=2020, authors=["Falk, Ole"])
        return house.lead.user


def test_three_reports_become_one_study_by_keys_and_the_deeds_are_undone(lead, sign_in_page, no_violations):
    page = sign_in_page(lead)
    page.goto(f"{STUDIES}/suggestions")
    expect(page.locator("main")).to_contain_text("3 suggestions wait.")
    no_violations(page)
    press(page, "l")
    expect(page.locator("main")).to_contain_text("Put off")
    press(page, "s")
    expect(page.locator("main")).to_contain_text("1 suggestion waits.")
    press(page, "s")
    expect(page.locator("main")).to_contain_text("Nothing to decide")

    page.goto(STUDIES)
    expect(page.locator(".lede")).to_contain_text("1 study is included, told in 3 reports.")
    page.get_by_role("link", name="Klazen 2010").first.click()
    no_violations(page)
    expect(page.get_by_role("note")).to_contain_text("retracted")
    page.get_by_role("button", name="I have looked at this").click()
    expect(page.get_by_role("note")).to_contain_text("Seen by Karen Holm")
    page.get_by_text("Take reports out of this study").click()
    page.get_by_role("checkbox").first.check()
    no_violations(page)
    page.get_by_role("button", name="Take the ticked out").click()
    expect(page.locator(".lede")).to_contain_text("2 reports")
    page.get_by_role("button", name=re.compile("Undo.*took record")).click()
    expect(page.locator(".lede")).to_contain_text("3 reports")


def test_every_table_and_list_is_clean(lead, sign_in_page, no_violations):
    page = sign_in_page(lead)

    for address in ("?state=all", "?state=awaiting", "?state=ongoing", "/tables/excluded"):
        page.goto(STUDIES + address)
        no_violations(page)
    page.goto(f"{STUDIES}?state=awaiting")
    page.get_by_role("link", name="Falk 2020").click()
    page.get_by_role("button", name="The study is still under way").click()
    expect(page.locator(".lede")).to_contain_text("Ongoing")
    no_violations(page)
