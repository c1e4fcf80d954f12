"""Who is asked for which record: records drawn to people by shares and a seed, so that anyone can draw them again."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.screening.rules import Split, shuffled


@dataclass(frozen=True)
class Chosen:
    """By what records are chosen to be allocated; what is not said chooses all of them."""

    size: int | None = None
    sources: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    languages: tuple[str, ...] = ()
    again: bool = False
    """Also those that are allocated already, as long as whoever is asked has not voted."""
    of_member: int | None = None
    """Only what is this person's, and without their vote."""

    def fits(self, year: int | None, languages: Collection[str]) -> bool:
        """Say whether a record of this year and these languages is meant; an unknown year fits no limit of years."""
        if (self.first_year or self.last_year) and year is None:
            return False
        in_time = (self.first_year or 0) <= (year or 0) <= (self.last_year or 9999)
        return in_time and (not self.languages or bool(set(self.languages) & set(languages)))


@dataclass(frozen=True)
class Wish:
    """How the lead wants records allocated: the shares of people by id, the seed, and what the records are."""

    split: Split
    shares: Mapping[int, float] = field(default_factory=dict)
    seed: int = 0
    name: str = ""
    chosen: Chosen = Chosen()

    def as_json(self) -> dict[str, Any]:
        """The wish as plain values, for work that is done later.

        >>> import json
        >>> wish = Wish(Split.BATCH, {3: 1.0}, 7, "A", Chosen(10, ("Embase",)))
        >>> Wish.from_json(json.loads(json.dumps(wish.as_json()))) == wish
        True
        """
        return asdict(self)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "Wish":
        """The wish that became these plain values."""
        chosen: dict[str, Any] = {
            name: tuple(one) if isinstance(one, list) else one for name, one in given["chosen"].items()
        }
        shares = {int(who): share for who, share in given["shares"].items()}
        return cls(Split(given["split"]), shares, given["seed"], given["name"], Chosen(**chosen))


@dataclass(frozen=True)
class Open:
    """One record with places to give away: how many, whether a senior must take one, and who may not."""

    record_id: int
    places: int
    needs_senior: bool = False
    not_for: frozenset[int] = frozenset()
    """Who has voted on it, is asked for it already, or is barred."""


@dataclass
class _Quotas:
    """How many places each person is still to get; people stand in the order of their ids, so that a draw is one."""

    seniors: frozenset[int]
    seed: int
    left: dict[int, int]
    records: int
    taken: dict[int, int] = field(default_factory=dict)

    def choose(self, one: Open, among: Collection[int]) -> int | None:
        """The person who takes a place: who must, since all the records left are theirs, else drawn by what is left."""
        fit = [who for who in among if who not in one.not_for]
        if not fit:
            return None
        owed = [who for who in fit if self.left[who] > 0] or fit
        who = min(owed, key=lambda who: self._rank(one.record_id, who)) if len(owed) > 1 else owed[0]
        self.left[who] -= 1
        return who

    def _rank(self, record_id: int, who: int) -> tuple[bool, float]:
        left = self.left[who]
        lot = (int(shuffled(self.seed, record_id * 1_000_003 + who)[:12], 16) + 1) / 16.0**12
        return left < self.records, -math.log(lot) / max(left, 1e-9)

    @property
    def seniors_owed(self) -> int:
        """The places that seniors are still to get."""
        return sum(max(n, 0) for who, n in self.left.items() if who in self.seniors)


def split(
    records: Iterable[Open], shares: Mapping[int, float], seed: int, seniors: Collection[int] = ()
) -> dict[int, tuple[int, ...]]:
    """Give the open places of records to people, as near to their shares as whole numbers and bars allow.

    Args:
        records: the records with open places.
        shares: what each person gets of the places, in any unit: 50 and 50, or 1 and 2.
        seed: draws who gets which; the same seed gives the same.
        seniors: those who may take the place that a senior must take.

    Returns:
        For each record the people who are asked; fewer than its places where nobody else may take one.

    >>> drawn = split([Open(n, 2) for n in range(100)], {1: 100, 2: 50, 3: 50}, seed=7)
    >>> [sum(who in people for people in drawn.values()) for who in (1, 2, 3)]
    [100, 50, 50]
    """
    ordered = sorted(records, key=lambda one: shuffled(seed, one.record_id))
    people = {who: share for who, share in shares.items() if share > 0}
    places = sum(one.places for one in ordered)
    left = dict(sorted(whole_numbers(people, places).items()))
    quotas = _Quotas(frozenset(seniors), seed, left, len(ordered))
    found = {}
    for one in ordered:
        found[one.record_id] = _people_for(one, quotas)
        quotas.records -= 1
    return dict(sorted(found.items()))


def _people_for(one: Open, quotas: _Quotas) -> tuple[int, ...]:
    """Draw the people of one record; where a senior is needed, one is drawn first."""
    asked: list[int] = []
    for place in range(one.places):
        free = [who for who in quotas.left if who not in asked]
        if one.needs_senior and place == 0:
            free = [who for who in free if who in quotas.seniors]
        elif one.needs_senior and quotas.seniors_owed <= quotas.records - 1:
            free = [who for who in free if who not in quotas.seniors] or free  # the records left need the seniors
        who = quotas.choose(one, free)
        if who is not None:
            asked.append(who)
    return tuple(asked)


def whole_numbers(shares: Mapping[int, float], total: int) -> dict[int, int]:
    """Split a total by shares into whole numbers, the largest remainders rounded up.

    >>> whole_numbers({1: 1, 2: 1, 3: 1}, 100)
    {1: 34, 2: 33, 3: 33}
    """
    whole = sum(shares.values())
    if not whole:
        return {}
    exact = {who: total * share / whole for who, share in shares.items()}
    found = {who: math.floor(n + 1e-9) for who, n in exact.items()}
    by_remainder = sorted(exact, key=lambda who: (found[who] - exact[who], who))
    for who in by_remainder[: total - sum(found.values())]:
        found[who] += 1
    return found


def sample(record_ids: Sequence[int], size: int, seed: int) -> list[int]:
    """So many of these records, drawn by a seed, in the order drawn."""
    return sorted(record_ids, key=lambda one: shuffled(seed, one))[:size]
