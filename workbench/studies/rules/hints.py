"""What hints that two reports tell of one study: a trial's number, or people, size, dates and place. Pure.

A hint is never more than a suggestion with its reason; a person gathers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.deduplication.rules.names import surnames
from workbench.deduplication.rules.settings import NUMBERS
from workbench.words import _, several

LEAST_SIZE = 10
"""A smaller number of people is shared by chance."""
SHARED_PEOPLE = 2
"""So many authors in common, with size and dates or place, are a hint."""
SHARED_TEAM = 3
"""So many authors in common need only the size beside them."""
MOST_OF_ONE_NAME = 200
"""A surname that more reports bear is too common to look up pairs by."""

_PEOPLE = (
    "(?:patients|participants|people|persons|subjects|adults|children|women|men|individuals|cases|residents|volunteers)"
)
_SIZE = re.compile(
    rf"\b(\d{{1,3}}(?:[ ,\u00a0\u202f]\d{{3}})+|\d{{2,6}})\s+(?:[a-z-]+\s+){{0,3}}?{_PEOPLE}\b"
    r"|\b[nN]\s?=\s?(\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d{2,6})\b"
)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(rf"\b({_MONTH})\s+(?:\d{{1,2}},\s+)?((?:19|20)\d\d)\b")
_PLACE = re.compile(
    r"\b(?:in|at|from)\s+(?:the\s+)?((?:[A-ZÆØÅÄÖÜÉ][\w'’-]+)(?:\s+(?:of\s+|de\s+)?[A-ZÆØÅÄÖÜÉ][\w'’-]+){0,4})"
)
_NO_PLACE = re.compile(rf"^(?:{_MONTH}|Phase|Group|Table|Figure|Part|Stage|Grade|Arm|Study|Trial|Conclusion)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What one report tells that may tie it to another of its study."""

    id: int
    registry_ids: frozenset[str]
    people: frozenset[str]
    sizes: frozenset[int]
    dates: frozenset[str]
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hint:
    """Why two reports may tell of one study, in one line; the stronger stands first."""

    first_id: int
    second_id: int
    strength: float
    reason: str


def told(report_id: int, registry_ids: Sequence[str], authors: Sequence[str], abstract: str | None) -> Told:
    """Read what ties a report to others; a paper that names many trials is a review of them, and names none here.

    >>> sorted(told(1, [], ["Holm, K"], "Between June 2004 and March 2006, 134 patients in Aarhus Denmark …").dates)
    ['June 2004', 'March 2006']
    """
    text = abstract or ""
    few = registry_ids if len(registry_ids) <= NUMBERS.trials_of_a_report else ()
    return Told(
        report_id, frozenset(map(_trial, few)), frozenset(surnames(authors)), frozenset(_sizes(text)),
        frozenset(" ".join(found) for found in _DATE.findall(text)), frozenset(_places(text)),
    )  # fmt: skip


def _trial(number: str) -> str:
    """A EudraCT number is one with or without the country of its entry in the register.

    >>> _trial("EUCTR2020-001234-12-GB"), _trial("NCT01234567")
    ('EUCTR2020-001234-12', 'NCT01234567')
    """
    return re.sub(r"^(EUCTR\d{4}-\d{6}-\d{2})-[A-Z]{2,3}$", r"\1", number)


def _sizes(text: str) -> Iterator[int]:
    for counted, named in _SIZE.findall(text):
        size = int(re.sub(r"\D", "", counted or named))
        if size >= LEAST_SIZE:
            yield size


def _places(text: str) -> Iterator[str]:
    return (place for place in _PLACE.findall(text) if not _NO_PLACE.match(place))


def hints(reports: Sequence[Told]) -> list[Hint]:
    """Every hint among these reports, the strongest first; only pairs that share a number or a name are looked at."""
    by_id = {one.id: one for one in reports}
    found = (hint for low, high in sorted(_pairs(reports)) if (hint := hint_of(by_id[low], by_id[high])))
    return sorted(found, key=lambda hint: (-hint.strength, hint.first_id, hint.second_id))


def hint_of(one: Told, other: Told) -> Hint | None:
    """What hints that these two are of one study; None where nothing does."""
    numbers = sorted(one.registry_ids & other.registry_ids)
    if numbers:
        return Hint(one.id, other.id, 1.0, _("Both name the trial %(number)s", number=", ".join(numbers)))
    people = one.people & other.people
    size = max(one.sizes & other.sizes, default=0)
    beside = sorted(one.dates & other.dates) + sorted(one.places & other.places)
    is_same_team = len(people) >= SHARED_TEAM
    if not size or not (is_same_team or (len(people) >= SHARED_PEOPLE and beside)):
        return None
    parts = [
        several(len(people), _("1 author in common"), _("%(n)s authors in common")),
        _("%(n)s people in both", n=size),
        *([_("both say %(what)s", what=", ".join(beside[:3]))] if beside else []),
    ]
    return Hint(one.id, other.id, 0.6 + 0.1 * is_same_team + 0.1 * bool(beside), "; ".join(parts))


def _pairs(reports: Sequence[Told]) -> set[tuple[int, int]]:
    """Pairs of reports that share a trial's number, or a surname that is not too common."""
    bearing: dict[str, list[int]] = {}
    for one in reports:
        for word in (*one.registry_ids, *(one.people if one.sizes else ())):
            bearing.setdefault(word, []).append(one.id)
    few = (sorted(ids) for ids in bearing.values() if len(ids) <= MOST_OF_ONE_NAME)
    return {pair for ids in few for pair in combinations(ids, 2)}
