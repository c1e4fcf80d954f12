"""PRISMA-S, the 16 items of reporting a search, filled from the protocol and from what its runs brought.

An item is filled where nothing of it is missing. What the protocol is silent about is missing and named, never guessed:
"none" is said by an empty list or an empty group. Sources that are not there, such as registries, are a fact.

Source: Rethlefsen et al., PRISMA-S, Syst Rev 2021;10:39; the places in the protocol stand beside each item.
"""

from collections.abc import Callable, Iterator

from workbench.reporting.rules.prisma_s import records, searches, sources
from workbench.reporting.rules.prisma_s.facts import Facts
from workbench.reporting.rules.prisma_s.said import Item, Missing, Node, Said
from workbench.words import _


def prisma_s(document: Node, facts: Facts) -> list[Item]:
    """Fill the 16 items.

    Args:
        document: a protocol that holds.
        facts: what its runs brought and how duplicates were removed.
    """
    return [_item(number, section, name, list(fill(document, facts))) for number, section, name, fill in _ITEMS]


def _item(number: int, section: str, name: str, said: list[Said]) -> Item:
    lines = tuple(one for one in said if isinstance(one, str))
    return Item(number, _(section), _(name), lines, tuple(one for one in said if isinstance(one, Missing)))


Fill = Callable[[Node, Facts], Iterator[Said]]

SOURCES, STRATEGIES, REVIEW, RECORDS = (
    "Information sources and methods", "Search strategies", "Peer review", "Managing records",
)  # fmt: skip

_ITEMS: tuple[tuple[int, str, str, Fill], ...] = (
    (1, SOURCES, "Database name", sources.databases),
    (2, SOURCES, "Multi-database searching", sources.together),
    (3, SOURCES, "Study registries", sources.registries),
    (4, SOURCES, "Online resources and browsing", sources.online),
    (5, SOURCES, "Citation searching", sources.citations),
    (6, SOURCES, "Contacts", sources.contacts),
    (7, SOURCES, "Other methods", sources.others),
    (8, STRATEGIES, "Full search strategies", searches.full_strategies),
    (9, STRATEGIES, "Limits and restrictions", searches.limits),
    (10, STRATEGIES, "Search filters", searches.filters),
    (11, STRATEGIES, "Prior work", searches.prior),
    (12, STRATEGIES, "Updates", searches.updates),
    (13, STRATEGIES, "Dates of searches", searches.dates),
    (14, REVIEW, "Peer review", searches.review),
    (15, RECORDS, "Total records", records.totals),
    (16, RECORDS, "Deduplication", records.duplicates),
)
"""Number, section and name of every item as PRISMA-S has them, and what fills it."""
