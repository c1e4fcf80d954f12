"""Comparing many pairs by two processes."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.deduplication.cli.second import IS_COPY, NO_MATTER_HOW_FAR, second
from workbench.deduplication.rules import Likeness, NormalForm, Settings, alike
from workbench.deduplication.rules.sifting import Progress

MANY = 20_000
"""Pairs from which a second process pays; it begins as a copy of the first, with all records in it."""
_AT_A_TIME = 1000
Said = tuple[int, int, Likeness]


def by_two(
    forms: Sequence[NormalForm], settings: Settings, pairs: NDArray[np.int64], progress: Progress | None = None
) -> Iterable[Said]:
    """Do what `alike` does; where there are many pairs, another process compares the second half of them.

    It does not wait while this one is busy with the first half: all that it finds is kept anyway.
    """
    if len(pairs) < MANY or not IS_COPY:
        yield from alike(forms, settings, pairs, progress)
        return
    half = len(pairs) // 2
    with second(_lots, forms, settings, pairs[half:], ahead=NO_MATTER_HOW_FAR) as theirs:
        yield from alike(forms, settings, pairs[:half], progress)
        for lot in theirs:
            yield from lot


def _lots(forms: Sequence[NormalForm], settings: Settings, pairs: NDArray[np.int64]) -> Iterator[list[Said]]:
    lot: list[Said] = []
    for one in alike(forms, settings, pairs):
        lot.append(one)
        if len(lot) == _AT_A_TIME:
            yield lot
            lot = []
    yield lot
