"""A search run on PubMed from its page: counted, fetched, stopped and gone on, line by line, without a barrier."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.eutils import Eutils, serving, some, status
from tests.records.harvests import a_search
from workbench.app import database_of, tasks
from workbench.jobs import service as jobs
from workbench.jobs.models import Job

pytestmark = pytest.mark.browser

ADDRESS = "/reviews/spine/searches/1/pubmed"


def work(app):
    """Do every job that waits, and those that come of them."""
    while True:
        with database_of(app).read() as session:
            waiting = list(session.scalars(select(Job.id).where(Job.finished_at.is_(None))))
        if not waiting:
            return
        for job_id in waiting:
            jobs.run(database_of(app), app.extensions["workbench.files"], tasks(), job_id, "w")


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
