"""Authors: from every way databases write names to plain surnames, and whether two lists can be the same people."""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import fold

_GLUED = re.compile(r"(?<=[A-Z]\.)(?=[A-Z][\w'’\-]*[a-z])|(?<=[A-Z]\. [A-Z])(?=[A-Z][a-z])")
_BETWEEN = re.compile(r"\s*;\s*|\s+and\s+|\s*\|\s*")
_INITIALS = re.compile(r"(?:[\s,]+(?:[A-Z]{1,3}\b\.?|[A-Z]\.(?:[\s-]?[A-Z]\.?)*|[Jj]r\.?|[A-Z](?:[\s.-]+[A-Z])*\.?))+$")
_NOBODY = {"", "anonymous", "anon", "no authors listed", "no author name available", "et al", "unknown", "na", "n a"}


def surnames(authors: Sequence[str]) -> tuple[str, ...]:
    """List the folded surnames in order, at most so many as are kept; a list glued into one string is taken apart.

    >>> surnames(["Kloner R. A.Przyklenk K."])
    ('kloner', 'przyklenk')
    >>> surnames(["Nürnberger, Jens", "de la Cruz, M", "World Health Organization"])
    ('nurnberger', 'delacruz', 'worldhealthorganization')
    """
    found: list[str] = []
    for entry in authors:
        for surname in _of_entry(entry):
            if surname not in _NOBODY and surname not in found:
                found.append(surname)
        if len(found) >= NUMBERS.most_authors:
            break
    return tuple(found[: NUMBERS.most_authors])


@lru_cache(maxsize=50_000)
def _of_entry(entry: str) -> tuple[str, ...]:
    """Take the family names of an entry; people write more than one report, and databases list each several times."""
    return tuple(map(_surname, _apart(entry)))


def _apart(entry: str) -> list[str]:
    """Split an entry that holds several people."""
    entry = entry.strip()
    several = ";" in entry or " and " in entry or "|" in entry
    parts = _BETWEEN.split(entry) if several else [entry]
    return [name for part in parts for name in _GLUED.split(part)]


def family_name(name: str) -> str:
    """Take the family name as it is written: before the comma, or before trailing initials, or the whole.

    >>> family_name("Nürnberger, Jens"), family_name("de la Cruz M")
    ('Nürnberger', 'de la Cruz')
    """
    return name.split(",", 1)[0] if "," in name else _INITIALS.sub("", name)


def _surname(name: str) -> str:
    """Fold the family name, so that its spellings are alike."""
    folded = fold(family_name(name)).replace(" ", "")
    return folded.replace("ue", "u").replace("oe", "o").replace("ae", "a")


def same_surname(one: str, other: str) -> bool:
    """Say whether two surnames are spellings of one: equal, one the end or start of the other, or a typing slip.

    >>> same_surname("kotaniemitalonen", "talonen"), same_surname("smith", "jones")
    (True, False)
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < NUMBERS.surname_piece:
        return False
    return long.endswith(short) or long.startswith(short) or fuzz.ratio(one, other) >= 100 * NUMBERS.same_surname


def shared(ones: Sequence[str], others: Sequence[str]) -> int:
    """Count the surnames of the shorter list that the other holds in some spelling."""
    if ones == others:
        return len(ones)
    if len(ones) > len(others):
        ones, others = others, ones
    known = set(others)
    return sum(1 for one in ones if one in known or _has_spelling(one, others))


def _has_spelling(one: str, others: Sequence[str]) -> bool:
    """Say whether the list holds another spelling of a name; only names that begin or end alike are looked at."""
    start, end = one[0], one[-3:]
    return any(same_surname(one, other) for other in others if other[0] == start or other[-3:] == end)
