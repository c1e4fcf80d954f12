"""The desk of duplicates in a browser: by key, ahead of the server, and without script."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from tests.browser.hands import press
from tests.deduplication.house import a_waiting_pair, another
from tests.factories import a_review, the_lead
from workbench.app import database_of
from workbench.deduplication.models import Answer, LinkKind, Verdict

pytestmark = pytest.mark.browser
DESK = "/reviews/shins/duplicates"


@pytest.fixture
def shins(app):
    """A review with twelve pairs that wait; gives its lead."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "shins")
        for n in range(12):
            one, other = (
                another(session, review, title=f"{word} trial {n}", year=1990 + n) for word in ("One", "Other")
            )
            a_waiting_pair(session, review, one, other, score=1 - n / 100)
        return the_lead(session, review).user


def said(app):
    """Every answer that was not taken back, in the order of time."""
    with database_of(app).read() as session:
        return session.scalars(select(Verdict).where(Verdict.withdrawn_at.is_(None)).order_by(Verdict.id)).all()


def soon(page, happens):
    """Wait until something happens at the server, for half a minute at most."""
    for _ in range(300):
        if happens():
            return
        page.wait_for_timeout(100)


def test_pairs_are_answered_by_key_and_the_last_ones_taken_back(app, shins, sign_in_page, no_violations):
    page = sign_in_page(shins)
    page.goto(DESK)
    seen = []
    for key in "sdl52kd":
        seen.append(page.locator(".pair-card").get_attribute("data-pair"))
        press(page, key)
        expect(page.locator(f".pair-card[data-pair='{seen[-1]}']")).to_have_count(0)
        expect(page.locator(".pair-card[data-pair]")).to_have_count(1)
    expect(page.locator("[data-left-words]")).to_have_text("6 pairs wait for an answer.")
    press(page, "u")
    press(page, "Control+z")

    expect(page.locator(f".pair-card[data-pair='{seen[-2]}']")).to_have_count(1)
    expect(page.locator(".state")).to_have_text("Saved")
    assert len(set(seen)) == 7
    told = said(app)
    assert [one.answer for one in told] == [Answer.SAME, Answer.TWO, Answer.LATER, Answer.LINKED, Answer.LINKED]
    assert [one.link for one in told[3:]] == [LinkKind.ABSTRACT_OF, LinkKind.ERRATUM_OF]
    no_violations(page)


def test_at_the_end_the_numbers_are_those_after_the_answers_and_follow_an_undo(app, shins, sign_in_page):
    page = sign_in_page(shins)
    page.goto(DESK)
    waiting = int(page.locator("[data-left-words]").inner_text().split()[0])
    for answered in range(waiting):
        expect(page.locator(".pair-card[data-pair]")).to_have_count(1)
        press(page, "s" if answered == 0 else "d")

    expect(page.locator(".lede")).to_contain_text("1 duplicate was joined already")
    expect(page.locator(".pair-card.empty p").first).to_contain_text("go on to screening")
    press(page, "u")
    expect(page.locator("[data-left-words]")).to_have_text("1 pair waits for an answer.")
    expect(page.locator(".lede")).to_contain_text("1 duplicate was joined already")


def test_answers_given_without_a_connection_arrive_later_and_are_not_asked_again(app, shins, sign_in_page, context):
    page = sign_in_page(shins)
    page.goto(DESK)
    first = page.locator(".pair-card").get_attribute("data-pair")
    page.route(f"**{DESK}", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    press(page, "d")
    expect(page.locator(".state")).to_have_text("Offline, 1 answer kept")
    assert said(app) == []

    page.unroute(f"**{DESK}")
    page.reload()

    expect(page.locator(".state")).to_have_text("Saved")
    expect(page.locator(f".pair-card[data-pair='{first}']")).to_have_count(0)
    soon(page, lambda: said(app))
    assert [one.answer for one in said(app)] == [Answer.TWO]


def test_everything_works_without_script(app, shins, browser, live, sign_in_page):
    plain = browser.new_context(base_url=live, java_script_enabled=False)
    page = sign_in_page(shins, plain)
    page.goto(DESK)
    page.select_option("[name=link]", "comment-on")
    page.get_by_role("button", name="Link, keep apart").click()
    page.get_by_role("button", name="Two reports").click()
    page.get_by_role("button", name="Undo my last answer").click()

    expect(page.locator("[data-left-words]")).to_have_text("11 pairs wait for an answer.")
    assert [one.link for one in said(app)] == [LinkKind.COMMENT_ON]
    plain.close()
