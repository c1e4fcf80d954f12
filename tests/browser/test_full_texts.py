"""Many PDFs sent at once in a real browser: in parts, matched, and the doubtful ones confirmed by keys."""

import pytest
from playwright.sync_api import expect

from tests import pdfs
from tests.browser.hands import press
from tests.factories import a_member, a_report, a_review, open_stage, the_lead
from workbench.app import create_worker, database_of
from workbench.jobs.rules import Watch

pytestmark = pytest.mark.browser

PAGE = "/reviews/spine/full-texts/sent"
TITLE = "Cement augmentation of painful vertebral lesions"


def a_file(name, *lines):
    return {"name": name, "mimeType": "application/pdf", "buffer": pdfs.a_pdf(lines)}


def test_many_pdfs_are_sent_in_parts_and_a_doubtful_one_is_confirmed_by_keys(app, sign_in_page, no_violations):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead, second = the_lead(session, review), a_member(session, review)
        open_stage(session, review)
        for n in (1, 2):
            a_report(
                session, review, lead, second, found=None, title=f"{TITLE}, part {n}", doi=f"10.1000/{n}", year=2014
            )
    page = sign_in_page(lead.user)
    page.goto(PAGE)
    sent = []
    page.on("request", lambda one: sent.append(one.url) if one.method == "POST" else None)
    files = [a_file(f"{n}.pdf", f"Milk and sleep, a paper of number {n}") for n in range(20)]

    page.set_input_files(
        "#file", [*files, a_file("one.pdf", "doi:10.1000/1", f"{TITLE}, part 1"), a_file("two.pdf", "doi:10.1000/2")]
    )
    page.get_by_role("button", name="Send and find their reports").click()
    expect(page.locator("main")).to_contain_text("22 are still to be read")
    assert len(sent) == 2
    folder = app.extensions["workbench.files"].folder.parent
    create_worker(folder, str(database_of(app).engine.url), "Testing").sweep(Watch(1.0))
    expect(page.locator("main")).to_contain_text("1 found its report by itself.")
    expect(page.locator("main")).to_contain_text("DOI on page 1; but its title is not on the first pages")
    no_violations(page)

    page.locator("[name^=report-]").first.focus()
    press(page, "Space")
    press(page, "Enter")

    expect(page.locator("main")).to_contain_text("1 file is attached.")
    expect(page.locator("main")).not_to_contain_text("To confirm")
