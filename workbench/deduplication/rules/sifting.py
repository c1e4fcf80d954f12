"""Which candidate pairs deserve a comparison, asked of many at once: most have little in common but a key."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from workbench.deduplication.rules.compare import PIECE, TRUNCATED, may_be_piece, title_likeness, worth_comparing
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS, Numbers

Progress = Callable[[int, int], None]
Places = NDArray[np.int64]
AT_ONCE = 20_000


def may_speak(one: NormalForm, other: NormalForm, likeness: float, n: Numbers) -> bool:
    """Say of two records seen from afar whether a rule or a link may speak of them; where it says no, none does.

    Every rule and link asks for a like title, a page that agrees or a trial's number, but `retitled`, which asks for
    one year and an unknown DOI.
    """
    if likeness >= _least_title(n) or may_be_piece(one.key, other.key, likeness) or (one.registry and other.registry):
        return True
    if one.first_page == other.first_page != "" or one.last_page == other.last_page != "":
        return True
    return bool(one.year and one.year == other.year) and likeness >= n.retitled_title and "" in (one.doi, other.doi)


def sift(
    forms: Sequence[NormalForm], pairs: Places, n: Numbers = NUMBERS, progress: Progress | None = None
) -> Iterator[tuple[int, int, float]]:
    """Hand out the pairs worth comparing, in their order, with the likeness of their titles.

    `pairs` are places in `forms` as first * len(forms) + second. The answer for a pair is that of `title_likeness`,
    `worth_comparing` and `may_speak`; what is cheap to ask of many at once is asked first.
    """
    firsts, seconds = np.divmod(pairs, max(len(forms), 1))
    is_met = np.zeros(len(forms), np.bool_)
    is_met[firsts] = is_met[seconds] = True
    table, row = _Table(n, [forms[place] for place in np.flatnonzero(is_met).tolist()]), np.cumsum(is_met) - 1
    for start in range(0, len(pairs), AT_ONCE):
        if progress:
            progress(start, len(pairs))
        some = slice(start, start + AT_ONCE)
        for at, likeness in table.sifted(row[firsts[some]], row[seconds[some]]):
            yield int(firsts[start + at]), int(seconds[start + at]), likeness
    if progress:
        progress(len(pairs), len(pairs))


class _Table:
    """Forms with what is asked of many of them in columns; they are named by their rows."""

    def __init__(self, n: Numbers, forms: Sequence[NormalForm]) -> None:
        self._n, self._forms = n, forms
        self._keys = [form.key for form in self._forms]
        self._lengths = self._column(map(len, self._keys))
        self._readings = self._column(len(form.titles) for form in self._forms)
        self._years = self._column(form.year or 0 for form in self._forms)
        self._in_register = self._column(bool(form.registry) for form in self._forms) > 0
        self._first, self._last, self._doi, self._pmid, self._review = (
            _numbered(map(attrgetter(name), self._forms))
            for name in ("first_page", "last_page", "doi", "pmid", "review")
        )

    def _column(self, values: Iterable[int]) -> Places:
        return np.fromiter(values, np.int64, len(self._forms))

    def sifted(self, ones: Places, others: Places) -> Iterator[tuple[int, float]]:
        """Hand out which of some pairs of rows are worth comparing, with the likeness of their titles."""
        likenesses = self._likenesses(ones, others)
        pieces = self._may_be_pieces(ones, others, likenesses)
        in_register = self._in_register[ones] & self._in_register[others]
        page = _agree(self._first, ones, others)
        number = page | _agree(self._doi, ones, others) | _agree(self._pmid, ones, others)
        worth = (likenesses >= NUMBERS.worth_comparing) | number | _agree(self._review, ones, others)
        told = (likenesses >= _least_title(self._n)) | page | _agree(self._last, ones, others)
        may = pieces | in_register | (told | self._may_be_retitled(ones, others, likenesses))
        for at in np.flatnonzero(may & (worth | pieces | in_register)).tolist():
            likeness = float(likenesses[at])
            if worth[at] or worth_comparing(self._forms[ones[at]], self._forms[others[at]], likeness):
                yield at, likeness

    def _may_be_retitled(self, ones: Places, others: Places, likenesses: NDArray[np.float64]) -> NDArray[np.bool_]:
        """What is left for `may_speak` to ask, of many pairs of rows."""
        year = (self._years[ones] == self._years[others]) & (self._years[ones] > 0)
        unknown = (self._doi[ones] < 0) | (self._doi[others] < 0)
        may: NDArray[np.bool_] = year & unknown & (likenesses >= self._n.retitled_title)
        return may

    def _likenesses(self, ones: Places, others: Places) -> NDArray[np.float64]:
        """`title_likeness` of many pairs of rows."""
        lefts, rights = ([self._keys[row] for row in rows.tolist()] for rows in (ones, others))
        found: NDArray[np.float64] = cpdist(lefts, rights, scorer=Indel.normalized_similarity, dtype=np.float64)
        for at in np.flatnonzero((self._readings[ones] != 1) | (self._readings[others] != 1)).tolist():
            found[at] = title_likeness(self._forms[ones[at]], self._forms[others[at]])
        return found

    def _may_be_pieces(self, ones: Places, others: Places, likenesses: NDArray[np.float64]) -> NDArray[np.bool_]:
        """`may_be_piece` of many pairs of rows."""
        lefts, rights = self._lengths[ones], self._lengths[others]
        short = np.minimum(lefts, rights)
        may: NDArray[np.bool_] = (short >= TRUNCATED) & (likenesses * (lefts + rights) >= PIECE * short)
        return may


def _agree(numbers: Places, ones: Places, others: Places) -> NDArray[np.bool_]:
    """Say of many pairs of rows whether both have one number."""
    same: NDArray[np.bool_] = (numbers[ones] == numbers[others]) & (numbers[ones] >= 0)
    return same


def _least_title(n: Numbers) -> float:
    """The least likeness of titles that a rule or a link asks for, where the place does not speak."""
    return min(n.same_title, n.near_title, n.alike_title, n.doi_title, NUMBERS.near_title, NUMBERS.alike_title)


def _numbered(texts: Iterable[str]) -> Places:
    """Give equal texts equal numbers; a blank one, which is equal to none, has -1."""
    numbers = {"": -1}
    return np.array([numbers.setdefault(text, len(numbers)) for text in texts], np.int64)
