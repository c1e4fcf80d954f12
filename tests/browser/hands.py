"""What a person's hands do on a page, at a person's pace."""

from playwright.sync_api import Page


def press(page: Page, key: str) -> None:
    """Press a key, once the scripts of the page have run: nobody is as fast as a program on a page that just came."""
    page.wait_for_load_state("domcontentloaded")
    page.keyboard.press(key)
