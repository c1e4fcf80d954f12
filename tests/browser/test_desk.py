"""The desk with keys: what is voted, what survives, and who can use it."""

import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from werkzeug.serving import make_server

from tests.browser.conftest import Silent
from tests.browser.hands import press
from tests.factories import PASSWORD, a_member, a_record, a_review, an_import, minimal_document, the_lead
from workbench.app import database_of
from workbench.reviews.models import ExclusionReason
from workbench.reviews.rules import Stage
from workbench.screening.models import Vote
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import retrieval, stages, voting

pytestmark = pytest.mark.browser

DESK = "/reviews/spine/screen/title-abstract"
FULL = "/reviews/spine/screen/full-text"
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>endobj
trailer<</Root 1 0 R>>"""


@pytest.fixture
def house(app):
    """A review with two voters and twelve records, open for titles and abstracts."""
    with database_of(app).write.begin() as session:
        document = minimal_document("spine")
        document["screening"]["title-abstract"]["reasons_asked"] = True
        document["screening"]["highlights"] = {"include": ["vertebroplast*"], "exclude": ["osteoporo*"]}
        document["eligibility"] = {"exclude": [{"id": "animals", "text": "Animals"}]}
        review = a_review(session, "spine", document=document)
        app.lead, app.second = the_lead(session, review), a_member(session, review)
        of = an_import(session, review)
        abstract = "BACKGROUND: Pain after osteoporotic fractures. METHODS: We randomised adults to vertebroplasty."
        app.records = [
            a_record(session, review, of=of, title=f"Cement, part {n}", abstract=abstract, keywords=["Pain"]).id
            for n in range(12)
        ]
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)
    return app


def votes(app, person=None):
    """What stands: the newest vote on each record, as one word each, in the order of the records."""
    with database_of(app).read() as session:
        wanted = select(Vote).where(Vote.reviewer_id == (person or app.lead).id).order_by(Vote.id)
        newest = {vote.record_id: vote.decision.value for vote in session.scalars(wanted)}
    return [newest[record] for record in app.records if record in newest]


def at_desk(page):
    page.goto(DESK)
    expect(title(page)).to_have_text("Cement, part 0")
    page.wait_for_load_state("networkidle")
    return page


def at_report(page, n):
    """Wait for the page of this report, until its keys are taken."""
    expect(page.locator("h1")).to_have_text(f"Cement, part {n}")
    expect(page.locator("[data-keys]")).to_be_visible()


def title(page):
    return page.locator(".record h1")


def said(page):
    return page.locator("[data-say]")


def state(page):
    return page.locator(".state")


def test_one_key_votes_gives_the_reason_and_shows_the_next_record(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))

    for key, next_title in (
        ("y", "Cement, part 1"),
        ("m", "Cement, part 2"),
        ("n", "Cement, part 3"),
        ("2", "Cement, part 4"),
    ):
        press(page, key)
        expect(title(page)).to_have_text(next_title)
        expect(title(page)).to_be_focused()
    expect(said(page)).to_have_text("Excluded: Not cement.")
    expect(state(page)).to_have_text("Saved")
    expect(page.locator("[data-shown-left]")).to_have_text("8")
    expect(page.locator("[data-finish-label]")).to_have_text("Hand in 4 votes")
    assert votes(house) == ["include", "unclear", "exclude", "exclude"]
    with database_of(house).read() as session:
        reason = session.scalar(select(ExclusionReason.label).join(Vote, Vote.reason_id == ExclusionReason.id))
    assert reason == "Not cement"


def test_a_click_keeps_the_focus_and_says_the_next_title(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))

    page.click("[data-vote=include]")

    expect(said(page)).to_have_text("Included. Next: Cement, part 1")
    expect(page.locator("[data-vote=include]")).to_be_focused()


def test_undo_takes_the_last_vote_back_and_then_the_ones_before(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    for key in "yyn":
        press(page, key)

    press(page, "u")
    expect(title(page)).to_have_text("Cement, part 2")
    press(page, "Control+z")
    expect(title(page)).to_have_text("Cement, part 1")
    press(page, "m")
    expect(state(page)).to_have_text("Saved")

    assert votes(house) == ["include", "unclear", "withdrawn"]


def test_undo_after_a_reload_brings_the_last_record_back(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    press(page, "y")
    expect(state(page)).to_have_text("Saved")
    page.reload()
    expect(title(page)).to_have_text("Cement, part 1")

    press(page, "u")

    expect(title(page)).to_have_text("Cement, part 0")
    assert votes(house) == ["withdrawn"]


def test_votes_of_a_lost_connection_arrive_in_order(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    context.set_offline(True)

    for key in "ynmy":
        press(page, key)
    press(page, "u")
    expect(state(page)).to_have_text("Offline, 5 votes kept")
    assert votes(house) == []
    context.set_offline(False)

    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include", "exclude", "unclear", "withdrawn"]
    expect(title(page)).to_have_text("Cement, part 3")


def test_votes_beyond_what_was_fetched_wait_for_the_next_record(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    context.set_offline(True)

    for _ in range(9):
        press(page, "n")
    expect(title(page)).to_have_text("The next record is on its way")
    expect(page.locator("[data-vote=include]")).to_be_disabled()
    context.set_offline(False)

    expect(title(page)).to_contain_text("Cement, part")
    expect(state(page)).to_have_text("Saved")
    given = len(votes(house))
    assert given < 9 and title(page).text_content() == f"Cement, part {given}"


def test_unsent_votes_survive_a_reload_and_their_records_are_not_asked_again(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    context.route("**/votes", lambda route: route.abort())
    for key in "yn":
        press(page, key)
    expect(state(page)).to_have_text("Offline, 2 votes kept")
    page.reload()
    expect(title(page)).to_have_text("Cement, part 2")
    expect(state(page)).to_have_text("Offline, 2 votes kept")
    context.unroute("**/votes")

    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include", "exclude"]


def test_a_vote_lost_on_the_way_back_is_one_vote(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))

    def lose_the_answer(route):
        route.fetch()
        route.abort()

    context.route("**/votes", lose_the_answer, times=1)
    press(page, "y")
    expect(state(page)).to_have_text("Offline, 1 vote kept")

    expect(state(page)).to_have_text("Saved")
    with database_of(house).read() as session:
        assert len(session.scalars(select(Vote)).all()) == 1


def test_votes_outlast_an_expired_sign_in(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    context.clear_cookies()
    press(page, "y")
    expect(state(page)).to_have_text("Sign in again in another tab; 1 kept")

    sign_in_page(house.lead.user)

    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include"]


def test_votes_are_not_sent_under_another_persons_name(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    context.clear_cookies()
    press(page, "y")
    expect(state(page)).to_have_text("Sign in again in another tab; 1 kept")

    sign_in_page(house.second.user)

    expect(state(page)).to_have_text("Sign in again as Karen Holm; 1 kept")
    assert votes(house) == votes(house, house.second) == []


def test_a_refused_vote_comes_back_with_its_reason(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    page.fill("#note", "Think again")
    with database_of(house).write.begin() as session:
        stages.close_stage(session, house.lead, Stage.TITLE_ABSTRACT)

    page.click("[data-vote=include]")

    expect(page.get_by_role("alert")).to_contain_text("This stage is not open, so no vote was taken.")
    expect(title(page)).to_have_text("Cement, part 0")
    expect(page.locator("#note")).to_have_value("Think again")
    expect(page.locator("[data-shown-left]")).to_have_text("12")


def test_keys_rest_while_one_writes_and_when_they_are_switched_off(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    press(page, "/")
    page.keyboard.type("yn1 in a note")
    expect(page.locator("#note")).to_have_value("yn1 in a note")
    press(page, "Escape")
    expect(title(page)).to_be_focused()
    press(page, "?")
    page.click("[data-single]")
    press(page, "Escape")

    press(page, "y")

    expect(title(page)).to_have_text("Cement, part 0")
    page.reload()
    press(page, "n")
    expect(title(page)).to_have_text("Cement, part 0")
    assert votes(house) == []


def test_a_duplicate_is_marked_by_keys_and_undone_at_the_desk(house, sign_in_page, no_violations):
    page = at_desk(sign_in_page(house.lead.user))
    press(page, "y")
    expect(title(page)).to_have_text("Cement, part 1")

    press(page, "d")
    expect(page.locator("h1")).to_have_text("Of which record is it a duplicate?")
    page.fill("[name=q]", "cement 0")
    press(page, "Enter")
    page.get_by_role("link", name="Cement, part 0", exact=True).click()
    expect(page.locator("h1")).to_have_text("Same report or two?")
    no_violations(page)
    press(page, "s")

    expect(page.get_by_role("status").first).to_contain_text("are one report now")
    expect(title(page)).to_have_text("Cement, part 2")
    page.get_by_role("button", name="Undo what I said of the two records").click()
    expect(page.locator("main")).to_contain_text("two reports again")
    assert votes(house) == ["include"]


def test_the_queue_ends_visibly_and_the_votes_are_handed_in_by_key(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    for n in range(12):
        expect(title(page)).to_have_text(f"Cement, part {n}")
        press(page, "n")
    expect(title(page)).to_have_text("You have voted on every record in your queue")
    expect(page.locator("[data-vote=include]")).to_be_disabled()

    press(page, "f")
    expect(said(page)).to_contain_text("12 in hand")
    press(page, "Enter")

    expect(page.locator("main")).to_contain_text("Votes handed in: 12.")


def a_full_text(app, n=1):
    """Reports that both voters kept in, retrieved with a file, on an open stage."""
    store = app.extensions["workbench.files"]
    with database_of(app).write.begin() as session:
        for record in app.records[:n]:
            for voter in (app.lead, app.second):
                voting.cast_vote(
                    session, voter, record, Stage.TITLE_ABSTRACT, Ballot(Decision.INCLUDE), f"{voter.id}-{record}"
                )
                voting.hand_in(session, voter, Stage.TITLE_ABSTRACT)
            retrieval.attach(session, store, app.lead, record, PDF + str(record).encode(), "report.pdf")
        stages.open_stage(session, app.lead, Stage.FULL_TEXT)


def test_a_full_text_is_judged_by_keys_and_the_next_is_opened(house, sign_in_page):
    a_full_text(house, 2)
    page = sign_in_page(house.lead.user)
    page.goto(FULL)
    at_report(page, 0)

    press(page, "2")
    press(page, "Control+Enter")
    at_report(page, 1)
    press(page, "y")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Say which question the report answers.")
    page.check("[name=questions] >> nth=0")
    page.select_option("#design", "guideline")
    page.click("text=Vote and open the next")

    expect(page.locator("h1")).to_have_text("You have voted on every record in your queue")


def test_a_full_text_vote_outlasts_a_lost_connection(house, sign_in_page, context):
    a_full_text(house, 2)
    page = sign_in_page(house.lead.user)
    page.goto(FULL)
    at_report(page, 0)
    context.route("**/votes", lambda route: route.abort())
    press(page, "m")
    press(page, "Control+Enter")
    expect(state(page)).to_have_text("Offline, 1 vote kept")
    page.reload()
    context.unroute("**/votes")

    expect(page.locator("h1")).to_have_text("Cement, part 1")


def test_the_desk_is_open_to_everyone_working_ended_and_refused(house, sign_in_page, no_violations):
    page = at_desk(sign_in_page(house.lead.user))
    no_violations(page)
    press(page, "?")
    no_violations(page)
    press(page, "Escape")
    with database_of(house).write.begin() as session:
        stages.close_stage(session, house.lead, Stage.TITLE_ABSTRACT)
    press(page, "y")
    expect(page.get_by_role("alert")).to_be_visible()
    no_violations(page)
    page.goto(DESK)
    expect(title(page)).to_have_text("This stage is not open")
    no_violations(page)


def test_the_stage_its_lists_and_ones_own_votes_are_open_to_everyone(house, sign_in_page, no_violations):
    page = sign_in_page(house.lead.user)
    press(at_desk(page), "y")
    expect(state(page)).to_have_text("Saved")
    for address in (
        "stages/title-abstract",
        "stages/full-text",
        "stages/title-abstract/pending",
        "stages/title-abstract/included",
        "screen/title-abstract/mine",
        "screen/full-text/mine",
        "screen/full-text",
    ):
        page.goto(f"/reviews/spine/{address}")
        no_violations(page)
    page.goto("/reviews/spine/stages/title-abstract")
    page.click("text=Close the stage")
    no_violations(page)


def test_the_full_text_page_is_open_to_everyone(house, sign_in_page, no_violations):
    a_full_text(house)
    page = sign_in_page(house.lead.user)
    page.goto(FULL)
    at_report(page, 0)
    no_violations(page)
    press(page, "y")
    press(page, "Control+Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    no_violations(page)


# ---- redo, later, earlier votes, lists, keys of one's own ------------------------------------------


def test_redo_gives_the_votes_again_that_were_taken_back(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    for key in ("y", "2", "u", "Control+z"):
        press(page, key)
    expect(title(page)).to_have_text("Cement, part 0")

    press(page, "r")
    expect(title(page)).to_have_text("Cement, part 1")
    press(page, "Control+y")

    expect(said(page)).to_have_text("Your vote is given again: Excluded: Not cement.")
    expect(title(page)).to_have_text("Cement, part 2")
    expect(page.locator("[data-do=redo]")).to_be_disabled()
    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include", "exclude"]


def test_a_record_put_off_comes_back_at_the_end_and_undo_calls_it_back(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    press(page, "l")
    expect(title(page)).to_have_text("Cement, part 1")
    expect(said(page)).to_have_text("Put off to the end of your queue.")
    press(page, "u")
    expect(title(page)).to_have_text("Cement, part 0")
    press(page, "r")
    for n in range(1, 12):
        expect(title(page)).to_have_text(f"Cement, part {n}")
        press(page, "n")

    expect(title(page)).to_have_text("Cement, part 0")
    press(page, "l")
    expect(title(page)).to_have_text("Cement, part 0")
    press(page, "y")
    expect(title(page)).to_have_text("You have voted on every record in your queue")
    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include", *["exclude"] * 11]


def test_an_earlier_vote_is_read_and_changed_and_the_desk_goes_on_where_it_was(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    for key in "yy":
        press(page, key)
    expect(state(page)).to_have_text("Saved")
    page.reload()
    expect(title(page)).to_have_text("Cement, part 2")
    page.wait_for_load_state("networkidle")
    press(page, "y")
    page.fill("#note", "half a thought")
    title(page).focus()

    for n in (2, 1, 0):
        press(page, "k")
        expect(title(page)).to_have_text(f"Cement, part {n}")
        expect(title(page)).to_be_focused()
    expect(page.locator("[data-look]")).to_contain_text("Your vote: Included. A new vote takes its place.")
    press(page, "ArrowRight")
    expect(title(page)).to_have_text("Cement, part 1")
    press(page, "n")

    expect(title(page)).to_have_text("Cement, part 3")
    expect(said(page)).to_have_text("Changed: Excluded.")
    expect(page.locator("#note")).to_have_value("half a thought")
    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["include", "exclude", "include"]


def test_a_final_vote_can_be_read_and_not_changed(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))
    press(page, "y")
    expect(state(page)).to_have_text("Saved")
    press(page, "f")
    press(page, "Enter")
    expect(page.locator("main")).to_contain_text("Votes handed in: 1.")

    press(page, "k")
    expect(page.locator("[data-look]")).to_contain_text("It is final.")
    press(page, "n")

    expect(title(page)).to_have_text("Cement, part 0")
    assert votes(house) == ["include"]


def test_a_narrowed_desk_ends_with_its_list(house, sign_in_page):
    page = sign_in_page(house.lead.user)
    page.goto(DESK)
    press(page, "s")
    page.fill("#words", "part 1")
    press(page, "Enter")
    expect(page.locator(".lede")).to_have_text("3 records that wait for you fit.")
    page.click("text=Screen these")

    for key in "yyn":
        page.wait_for_load_state("networkidle")
        press(page, key)

    expect(title(page)).to_have_text("You have voted on every record of this list")
    expect(state(page)).to_have_text("Saved")
    page.click("text=The rest of my queue")
    expect(page.locator("[data-shown-left]")).to_have_text("9")


def test_two_tabs_of_one_person_agree(house, sign_in_page, context):
    one = at_desk(sign_in_page(house.lead.user))
    two = context.new_page()
    at_desk(two)
    for key in "ynm":
        press(two, key)
    expect(state(two)).to_have_text("Saved")

    one.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")

    expect(title(one)).to_have_text("Cement, part 3")
    expect(one.locator("[data-shown-left]")).to_have_text("9")
    expect(one.locator("[data-finish-label]")).to_have_text("Hand in 3 votes")


def test_chosen_keys_vote_and_the_old_ones_rest(house, sign_in_page):
    page = sign_in_page(house.lead.user)
    page.goto(f"{DESK}/keys")
    page.click("button[value=rayyan]")
    at_desk(page)

    press(page, "n")
    press(page, "e")
    expect(title(page)).to_have_text("Cement, part 1")
    press(page, "?")
    expect(page.locator("[data-help]")).to_contain_text("I")
    press(page, "Escape")
    press(page, "z")

    expect(title(page)).to_have_text("Cement, part 0")
    expect(state(page)).to_have_text("Saved")
    assert votes(house) == ["withdrawn"]


def test_fifty_votes_with_the_network_cut_in_their_middle_arrive_once(house, sign_in_page, context):
    cut_in_the_middle(house, sign_in_page, context, seconds=1)


@pytest.mark.long
def test_fifty_votes_with_the_network_cut_for_a_minute_arrive_once(house, sign_in_page, context):
    cut_in_the_middle(house, sign_in_page, context, seconds=60)


def cut_in_the_middle(app, sign_in_page, context, seconds):
    """Vote fifty times as fast as records come; the network goes and comes back meanwhile."""
    with database_of(app).write.begin() as session:
        of = an_import(session, app.lead.review)
        app.records += [a_record(session, app.lead.review, of=of, title=f"Cement, part {n}").id for n in range(12, 50)]
        stages.close_stage(session, app.lead, Stage.TITLE_ABSTRACT)
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)
    page = at_desk(sign_in_page(app.lead.user))
    for n in range(50):
        if n == 25:
            context.set_offline(True)
        if n == 30:  # what was fetched beforehand is used up
            page.wait_for_timeout(seconds * 1000)
            context.set_offline(False)
        expect(title(page)).to_have_text(f"Cement, part {n}")
        press(page, "yn"[n % 2])

    expect(title(page)).to_have_text("You have voted on every record in your queue")
    expect(state(page)).to_have_text("Saved")
    assert votes(app) == ["include", "exclude"] * 25
    with database_of(app).read() as session:
        assert len(session.scalars(select(Vote)).all()) == 50


def test_a_screen_reader_meets_heading_record_verdicts_and_their_keys(house, sign_in_page):
    page = at_desk(sign_in_page(house.lead.user))

    tree = page.locator("main").aria_snapshot()

    for part in (
        '- article:\n    - heading "Cement, part 0" [level=1]', '- complementary "Decision":', '- heading "Your vote" [level=2]',
        '- button "Include Y"', '- button "Unclear M"', '- button "Exclude N"', '- button "Later L"', '- heading "Exclude because" [level=2]',
        '- textbox "Note /"', '- button "Hand in 0 votes F" [disabled]',
    ):  # fmt: skip
        assert part in tree, (part, tree)
    assert tree.count("[level=1]") == 1


def test_lines_of_a_record_are_sixty_to_seventy_five_characters(house, sign_in_page):
    with database_of(house).write.begin() as session:
        from workbench.records.models import Record

        session.get_one(Record, house.records[0]).abstract = (
            "Pain relief after vertebroplasty was lasting in most adults. " * 20
        )
    page = at_desk(sign_in_page(house.lead.user))

    lines = page.evaluate("""() => {
        const p = document.querySelector(".record > p:not(.meta)");
        return p.textContent.length / (p.getBoundingClientRect().height / parseFloat(getComputedStyle(p).lineHeight));
    }""")

    assert 57 <= lines <= 75


def test_at_twice_the_size_and_without_motion_the_desk_stays_whole(house, sign_in_page, context):
    page = at_desk(sign_in_page(house.lead.user))
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 640, "height": 400})  # what 200 % leaves of 1280

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for name in ("include", "unclear", "exclude"):
        expect(page.locator(f"[data-vote={name}]:not([data-reason])")).to_be_in_viewport()
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")


def test_the_pages_around_the_desk_are_open_to_everyone(house, sign_in_page, no_violations):
    page = sign_in_page(house.lead.user)
    press(at_desk(page), "y")
    expect(state(page)).to_have_text("Saved")
    for address in ("find", "find?words=cement", "find/bulk?words=cement", "words", "keys", "?words=cement"):
        page.goto(f"{DESK}/{address}" if not address.startswith("?") else DESK + address)
        no_violations(page)
    at_desk_of = page.goto(DESK)
    assert at_desk_of.ok
    page.wait_for_load_state("networkidle")
    press(page, "k")
    expect(page.locator("[data-look]")).to_be_visible()
    no_violations(page)


def test_votes_outlast_a_server_that_is_started_anew(house, browser):
    with listening(house) as (server, address):
        context = browser.new_context(base_url=address)
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", house.lead.user.email)
        page.fill("[name=password]", PASSWORD)
        press(page, "Enter")
        page.wait_for_url("**/")
        press(at_desk(page), "y")
        expect(state(page)).to_have_text("Saved")
        port = server.port
    press(page, "n")
    press(page, "m")
    expect(state(page)).to_have_text("Offline, 2 votes kept")

    with listening(house, port):
        expect(state(page)).to_have_text("Saved")
        context.close()

    assert votes(house) == ["include", "exclude", "unclear"]


@contextmanager
def listening(app, port=0):
    """The application at a port, until the block ends."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_the_desk_is_walked_with_the_keyboard_alone(house, sign_in_page):
    page = sign_in_page(house.lead.user)
    page.goto("/reviews/spine/stages/title-abstract")
    tab_to(page, "Screen titles and abstracts", "a")
    press(page, "Enter")
    expect(title(page)).to_have_text("Cement, part 0")
    page.wait_for_load_state("networkidle")

    tab_to(page, "Unclear", "button")
    press(page, "Enter")
    expect(title(page)).to_have_text("Cement, part 1")
    tab_to(page, "Note", "textarea")
    page.keyboard.type("by hand")
    press(page, "Escape")
    press(page, "1")
    expect(title(page)).to_have_text("Cement, part 2")
    press(page, "?")
    press(page, "Escape")
    tab_to(page, "Undo", "button")
    press(page, "Enter")
    expect(title(page)).to_have_text("Cement, part 1")
    expect(page.locator("#note")).to_have_value("by hand")
    press(page, "f")
    press(page, "Enter")

    expect(page.locator("main")).to_contain_text("Votes handed in: 1.")
    assert votes(house) == ["unclear", "withdrawn"]


def tab_to(page, name, tag):
    """Press Tab until the focus is on this, as somebody without a mouse does; it must be seen to be there."""
    for _ in range(60):
        press(page, "Tab")
        if page.evaluate("""([name, tag]) => {
            const on = document.activeElement;
            const label = on.labels?.[0]?.innerText ?? on.innerText;
            const look = getComputedStyle(on);
            const isSeen = look.outlineStyle !== 'none' || look.boxShadow !== 'none';
            return on.localName === tag && label.trim().startsWith(name) && isSeen;
        }""", [name, tag]):  # fmt: skip
            return
    raise AssertionError(f"Tab never came to {name}")


def test_the_desk_is_open_to_everyone_in_the_dark_and_on_a_tablet(house, sign_in_page, no_violations):
    page = at_desk(sign_in_page(house.lead.user))
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # no colour is looked at on its way
    no_violations(page, widths=(1440, 768, 320))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    no_violations(page, widths=(768,))


def test_a_report_is_put_off_at_full_text(house, sign_in_page):
    a_full_text(house, 2)
    page = sign_in_page(house.lead.user)
    page.goto(FULL)
    at_report(page, 0)

    page.click("[data-later]")

    at_report(page, 1)
