"""Invented records that look like real ones: name only what matters."""

from typing import Any

from workbench.deduplication.rules import NormalForm, Settings, find, normal_form
from workbench.records.rules import Item

ARTICLE: dict[str, Any] = {
    "title": "Warm foot baths for night cramps in older adults: a randomised trial",
    "authors": ["Holm, A. B.", "Lindqvist, C.", "Okafor, D."],
    "year": 2014,
    "journal": "Journal of Invented Podiatry",
    "volume": "12",
    "issue": "3",
    "pages": "201-209",
}


def an_item(number: int = 1, **fields: Any) -> Item:
    """A delivered record: the article above, with other fields where named."""
    return Item(number=number, lines=(number, number), **(ARTICLE | fields))


def a_form(**fields: Any) -> NormalForm:
    """The same in normal form."""
    return normal_form(an_item(**fields))


def are_one(one: dict[str, Any], other: dict[str, Any], settings: Settings | None = None) -> bool:
    """Say whether the engine puts two records, told as changes to the article, into one cluster."""
    return len(find([a_form(**one), a_form(**other)], settings or Settings()).clusters) == 1
