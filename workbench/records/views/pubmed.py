"""Asking PubMed for one record, outside of any transaction: nobody waits for a lock while the network is slow."""

from typing import Protocol

from flask import current_app

from workbench.errors import Invalid, WorkbenchError
from workbench.records.rules import Item
from workbench.web.transactions import close_session
from workbench.words import _


class PubMed(Protocol):
    """Who looks records up, where this installation has somebody."""

    def look_up(self, *, doi: str | None = None, pmid: str | None = None) -> Item | None:
        """The record of this DOI or PMID, or None where PubMed has none."""


class NotLookedUp(Invalid):
    """PubMed answers by DOI or PMID, where the network allows."""

    hint = "Nothing that was typed is lost. Type the rest, or try again later."


def pubmed() -> PubMed | None:
    """PubMed, where this installation may ask it."""
    found: PubMed | None = current_app.extensions.get("workbench.pubmed")
    return found


def look_up(*, doi: str | None, pmid: str | None) -> Item:
    """What PubMed knows under this DOI or PMID.

    Raises:
        NotLookedUp: no network is set up, it failed, or PubMed knows none.
    """
    who = pubmed()
    if who is None:
        raise NotLookedUp(_("No network is set up here, so PubMed cannot be asked."))
    close_session()
    try:
        found = who.look_up(doi=doi or None, pmid=pmid or None)
    except (WorkbenchError, OSError, ValueError) as error:
        raise NotLookedUp(_("PubMed could not be asked: %(why)s", why=error)) from error
    if found is None:
        raise NotLookedUp(_("PubMed has no record of %(what)s.", what=pmid or doi or _("nothing")))
    return found
