"""A headless Chromium, and the real application listening on a free loopback port."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.browser.hands import press
from tests.databases import missing
from tests.factories import PASSWORD
from workbench.accounts.models import User

expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (1440, 320)


class Silent(WSGIRequestHandler):
    """No line for each request among the tests' own."""

    def log(self, *args: object, **more: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed Chromium, for the length of the tests."""
    found = os.environ.get("WORKBENCH_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        missing("Chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The address at which the application listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def context(browser: Browser, live: str) -> Iterator[BrowserContext]:
    """A browser of one person, with nothing remembered, in which no page may fail unseen."""
    failures: list[str] = []
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live)
    opened.on("weberror", lambda error: failures.append(str(error.error)))
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()
    assert failures == []


@pytest.fixture
def sign_in_page(context: BrowserContext) -> Callable[[User], Page]:
    """Sign a person in through the form; gives the page they land on."""

    def sign_in(person: User, of: BrowserContext = context) -> Page:
        page = of.new_page()
        page.goto("/sign-in")
        page.fill("[name=email]", person.email)
        page.fill("[name=password]", PASSWORD)
        press(page, "Enter")
        page.wait_for_url("**/")
        return page

    return sign_in


@pytest.fixture
def no_violations() -> Callable[..., None]:
    """Look at a page wide and narrow: axe finds nothing against WCAG 2.2 AA, and nothing is cut off sideways."""

    def check(page: Page, widths: Sequence[int] = WIDTHS) -> None:
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
            assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], (page.url, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    return check
