"""How much the sources of a search have in common, and what each alone brought. Pure counting over sets."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Generic, TypeVar

Place = TypeVar("Place", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Overlap(Generic[Place]):
    """Reports per place, per pair of places and per place alone, whatever a place is: a source, a run."""

    pairs: Mapping[frozenset[Place], int]
    alone: Mapping[Place, int]

    def shared(self, one: Place, other: Place) -> int:
        """How many reports both brought; of a place and itself, how many it brought at all."""
        return self.pairs.get(frozenset({one, other}), 0)

    def reports(self, place: Place) -> int:
        """How many reports a place brought."""
        return self.shared(place, place)

    def unique(self, place: Place) -> int:
        """How many reports no other place brought."""
        return self.alone.get(place, 0)


def overlap(found: Mapping[frozenset[Place], int]) -> Overlap[Place]:
    """Count places, given how many reports came from each set of places.

    >>> counted = overlap({frozenset("a"): 1, frozenset("ab"): 1, frozenset("abc"): 1})
    >>> counted.reports("a"), counted.shared("a", "b"), counted.unique("a"), counted.unique("b")
    (3, 2, 1, 0)
    """
    pairs: Counter[frozenset[Place]] = Counter()
    alone: Counter[Place] = Counter()
    for places, n in found.items():
        for one, other in combinations_with_replacement(tuple(places), 2):
            pairs[frozenset({one, other})] += n
        if len(places) == 1:
            alone[next(iter(places))] += n
    return Overlap(pairs, alone)
