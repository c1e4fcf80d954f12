"""One record looked up in PubMed by its DOI or its number, to fill a form or to find a study the team knows."""

from workbench.errors import Invalid
from workbench.records.entrez import AT_A_PAGE, PubMed
from workbench.records.rules import Item, Unreadable, identifiers, read
from workbench.words import _


class NoIdentifier(Invalid):
    """A record is looked up by a DOI or by PubMed's number, one of the two."""

    hint = "A DOI looks like 10.1000/xyz123, a PubMed number (PMID) has up to eight digits."


def look_up(pubmed: PubMed, *, doi: str | None = None, pmid: str | None = None) -> Item | None:
    """The record of PubMed with this DOI or number; None where PubMed holds none.

    Only a record that itself bears the identifier is given: for words it does not know, PubMed may find others.

    Raises:
        NoIdentifier: neither is given, or what is given is none.
        NoAnswer: PubMed is not reached.
    """
    number = identifiers.digits(pmid) if pmid else None
    name = identifiers.doi(doi) if doi and not number else None
    if not number and not name:
        raise NoIdentifier(_("“%(given)s” is neither a DOI nor a PubMed number.", given=(doi or pmid or "")[:100]))
    found = pubmed.search(f"{number}[uid]" if number else f'"{name}"[aid]', most=5)
    for item in _items(pubmed, found.uids):
        if item.pmid == number or (name and item.doi == name):
            return item
    return None


def _items(pubmed: PubMed, uids: tuple[int, ...]) -> list[Item]:
    items: list[Item] = []
    for batch in pubmed.fetch(uids):
        try:
            items += read(batch.body, "pubmed.xml").items
        except Unreadable:
            continue
    return items


class Lookup:
    """Looks records up in PubMed as this installation reaches it, with a page waiting for the answer."""

    def look_up(self, *, doi: str | None = None, pmid: str | None = None) -> Item | None:
        """The record of this DOI or PMID, as `look_up` finds it."""
        return look_up(PubMed.configured(AT_A_PAGE), doi=doi, pmid=pmid)
