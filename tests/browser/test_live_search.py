"""A search run on PubMed from its page: counted, fetched, stopped and gone on, line by line, without a barrier."""

import pytest
from playwright.sync_api import expect

from tests.eutils import Eutils, serving, some, status
from tests.records.harvests import a_search
from tests.records.pages import work
from workbench.app import database_of

pytestmark = pytest.mark.browser

ADDRESS = "/reviews/spine/searches/1/pubmed"


def test_a_search_is_counted_fetched_and_gone_on_with_in_the_browser(app, sign_in_page, no_violations, monkeypatch):
    monkeypatch.setattr("workbench.records.entrez.transport.PACE.sleep", lambda _seconds: None)
    with database_of(app).write.begin() as session:
        user = a_search(session)[0].user
    with serving(Eutils(some(430))) as held:
        monkeypatch.setenv("WORKBENCH_PUBMED_URL", held.url)
        page = sign_in_page(user)
        press = lambda words: page.get_by_role("button", name=words).click()  # noqa: E731
        lede = page.locator(".lede")
        page.goto("/reviews/spine/searches")
        page.get_by_role("link", name="Run this search on PubMed now").click()
        no_violations(page)

        press("Ask PubMed how many")
        expect(lede).to_contain_text("PubMed finds 430 records.")
        no_violations(page)

        held.always["efetch"] = status(500)
        press("Fetch these 430 records")
        expect(lede).to_contain_text("is being fetched")
        no_violations(page)
        work(app)
        expect(lede).to_contain_text("stopped half-way")
        no_violations(page)

        held.always.clear()
        held.hidden = {30_000_008}
        press("Go on")
        work(app)
        expect(lede).to_contain_text("429 were delivered")
        press("Ask PubMed about each line")
        work(app)
        expect(page.locator("main")).to_contain_text("by lines #1, #2, #3")
        no_violations(page)
