"""Whether a record bears a given title, by the comparison that the engine uses for two records."""

from rapidfuzz.distance import Indel

from workbench.deduplication.rules.compare import TRUNCATED, compare, title_likeness
from workbench.deduplication.rules.form import NormalForm, normal_form
from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import fold
from workbench.deduplication.rules.values import CONFLICT
from workbench.records.rules import Item


def titled(title: str) -> NormalForm:
    """A normal form of which nothing but the title is known."""
    return normal_form(Item(number=1, lines=(1, 1), title=title))


def title_key(title: str) -> str:
    """A delivered title without blanks and marks, for `may_bear`.

    >>> title_key("Cement for the Spine!")
    'cementforthespine'
    """
    return fold(title).replace(" ", "")


def may_bear(key: str, known: NormalForm) -> bool:
    """Say in a few microseconds whether a title deserves a comparison with a known one.

    >>> known = titled("Cement for the spine: a trial")
    >>> may_bear(title_key("[Zement für die Wirbelsäule] = Cement for the spine: a trial"), known)
    True
    """
    if Indel.normalized_similarity(key, known.key, score_cutoff=NUMBERS.worth_comparing):
        return True
    short, long = (key, known.key) if len(key) < len(known.key) else (known.key, key)
    return (len(short) >= TRUNCATED or short == known.key) and short in long


def same_title(one: NormalForm, other: NormalForm) -> bool:
    """Say whether two records bear one title: alike as for a join, and no word, number or kind that tells them apart.

    >>> same_title(titled("Cement for the spine: a trial"), titled("Cement for the Spine - A Trial."))
    True
    >>> same_title(titled("Foot baths in gout. Part I"), titled("Foot baths in gout. Part II"))
    False
    """
    likeness = title_likeness(one, other)
    if likeness < NUMBERS.same_title or one.is_generic or other.is_generic:
        return False
    found = compare(one, other, likeness)
    return CONFLICT not in (found.wording, found.numerals, found.kinds)
