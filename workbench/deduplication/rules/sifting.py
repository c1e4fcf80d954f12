"""Which candidate pairs deserve a full comparison, asked of many at once: most have little in common but a key."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from workbench.deduplication.rules.compare import PIECE, TRUNCATED, title_likeness, worth_comparing
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS

Progress = Callable[[int, int], None]
Places = NDArray[np.int64]
AT_ONCE = 20_000


def sift(forms: Sequence[NormalForm], pairs: Places, progress: Progress | None = None) -> Iterator[tuple[int, int, float]]:
    """Hand out the pairs worth comparing, in their order, with the likeness of their titles.

    `pairs` are places in `forms` as first * len(forms) + second. The answer for a pair is that of `title_likeness` and
    `worth_comparing`; what is cheap to ask of many at once is asked first.
    """
    firsts, seconds = np.divmod(pairs, max(len(forms), 1))
    table = _Table(forms, np.unique(np.concatenate((firsts, seconds))))
    for start in range(0, len(pairs), AT_ONCE):
        if progress:
            progress(start, len(pairs))
        some = slice(start, start + AT_ONCE)
        yield from table.sifted(firsts[some], seconds[some])
    if progress:
        progress(len(pairs), len(pairs))


class _Table:
    """Some of the forms, with what is asked of many of them in columns; a record's row is found by its place."""

    def __init__(self, forms: Sequence[NormalForm], places: Places) -> None:
        self._places = places
        self._forms = [forms[place] for place in places.tolist()]
        self._keys = [form.key for form in self._forms]
        self._lengths = np.fromiter(map(len, self._keys), np.int64, len(places))
        self._readings = np.fromiter((len(form.titles) for form in self._forms), np.int64, len(places))
        self._in_register = np.fromiter((bool(form.registry) for form in self._forms), np.bool_, len(places))
        self._numbers = [
            _numbered(getattr(form, name) for form in self._forms) for name in ("first_page", "doi", "pmid", "review")
        ]

    def sifted(self, firsts: Places, seconds: Places) -> Iterator[tuple[int, int, float]]:
        """Hand out those of some pairs of places that are worth comparing."""
        ones, others = np.searchsorted(self._places, firsts), np.searchsorted(self._places, seconds)
        likenesses = self._likenesses(ones, others)
        alike = likenesses >= NUMBERS.worth_comparing
        for numbers in self._numbers:
            alike |= (numbers[ones] == numbers[others]) & (numbers[ones] >= 0)
        perhaps = ~alike & (
            self._may_be_pieces(ones, others, likenesses) | (self._in_register[ones] & self._in_register[others])
        )
        for at in np.flatnonzero(alike | perhaps).tolist():
            likeness = float(likenesses[at])
            if alike[at] or worth_comparing(self._forms[ones[at]], self._forms[others[at]], likeness):
                yield int(firsts[at]), int(seconds[at]), likeness

    def _likenesses(self, ones: Places, others: Places) -> NDArray[np.float64]:
        """`title_likeness` of many pairs of rows."""
        lefts, rights = ([self._keys[row] for row in rows.tolist()] for rows in (ones, others))
        found: NDArray[np.float64] = cpdist(lefts, rights, scorer=Indel.normalized_similarity, dtype=np.float64)
        for at in np.flatnonzero((self._readings[ones] != 1) | (self._readings[others] != 1)).tolist():
            found[at] = title_likeness(self._forms[ones[at]], self._forms[others[at]])
        return found

    def _may_be_pieces(self, ones: Places, others: Places, likenesses: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say of each pair whether one title may be a piece of the other: so many letters are in common."""
        lefts, rights = self._lengths[ones], self._lengths[others]
        short = np.minimum(lefts, rights)
        may: NDArray[np.bool_] = (short >= TRUNCATED) & (likenesses * (lefts + rights) >= PIECE * short)
        return may


def _numbered(texts: Iterable[str]) -> Places:
    """Give equal texts equal numbers; a blank one, which is equal to none, has -1."""
    numbers = {"": -1}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int64)
