"""Which candidate pairs deserve a full comparison, asked of many at once: most have little in common but a key."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from workbench.deduplication.rules.compare import TRUNCATED, title_likeness, worth_comparing
from workbench.deduplication.rules.form import NormalForm
from workbench.deduplication.rules.settings import NUMBERS

Progress = Callable[[int, int], None]
AT_ONCE = 20_000


def sift(
    forms: Sequence[NormalForm], pairs: NDArray[np.int64], progress: Progress | None = None
) -> Iterator[tuple[int, int, float]]:
    """Hand out the pairs worth comparing, in their order, with the likeness of their titles.

    `pairs` are places in `forms` as first * len(forms) + second. The answer for a pair is that of `title_likeness` and
    `worth_comparing`; what is cheap to ask of many at once is asked first.
    """
    for start in range(0, len(pairs), AT_ONCE):
        if progress:
            progress(start, len(pairs))
        firsts, seconds = np.divmod(pairs[start : start + AT_ONCE], len(forms))
        ones = [forms[place] for place in firsts.tolist()]
        others = [forms[place] for place in seconds.tolist()]
        likenesses = title_likenesses(ones, others)
        pieces = _may_be_pieces([one.key for one in ones], [other.key for other in others])
        rows = zip(firsts.tolist(), seconds.tolist(), ones, others, likenesses, pieces, strict=True)
        for first, second, one, other, likeness, piece in rows:
            if likeness >= NUMBERS.worth_comparing or (
                (piece or _share_a_number(one, other)) and worth_comparing(one, other, likeness)
            ):
                yield first, second, likeness
    if progress:
        progress(len(pairs), len(pairs))


def title_likenesses(ones: Sequence[NormalForm], others: Sequence[NormalForm]) -> list[float]:
    """`title_likeness` of many pairs."""
    lefts, rights = [one.key for one in ones], [other.key for other in others]
    found: list[float] = cpdist(lefts, rights, scorer=Indel.normalized_similarity, dtype=np.float64).tolist()
    for at, (one, other) in enumerate(zip(ones, others, strict=True)):
        if len(one.titles) != 1 or len(other.titles) != 1:
            found[at] = title_likeness(one, other)
    return found


def _may_be_pieces(ones: Sequence[str], others: Sequence[str]) -> list[bool]:
    """Say of each pair of titles whether one may be a piece of the other."""
    shorts, longs = zip(
        *((a, b) if len(a) < len(b) else (b, a) for a, b in zip(ones, others, strict=True)), strict=True
    )
    starts = [long[: len(short)] for short, long in zip(shorts, longs, strict=True)]
    alike = cpdist(
        starts, shorts, scorer=Indel.normalized_similarity, score_cutoff=NUMBERS.truncated_likeness, dtype=np.float64
    )
    return [
        len(short) >= TRUNCATED and (near > 0 or short in long)
        for short, long, near in zip(shorts, longs, alike.tolist(), strict=True)
    ]


def _share_a_number(one: NormalForm, other: NormalForm) -> bool:
    """Say whether two records may share a number or a page."""
    return (
        one.first_page == other.first_page != ""
        or one.doi == other.doi != ""
        or one.pmid == other.pmid != ""
        or one.review == other.review != ""
        or bool(one.registry and other.registry)
    )
