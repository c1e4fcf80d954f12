"""Which records are worth comparing: nine families of keys; records that share a key meet."""

from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from workbench.deduplication.rules.form import NormalForm

CAP = 60
WINDOW = 8
_PIECE = 22
_SHORTEST = 6
_BITS = np.uint64(32)
_LOW = np.uint64(2**32 - 1)
Keys = bytes
"""The keys of one record, four bytes each; the same on every machine, so that they can be stored."""


def keys_of(form: NormalForm) -> Keys:
    """Give the keys of a record. Two texts that get one number by chance only cost a comparison."""
    numbers = {crc32(key.encode()) for key in _keys(form)}
    return np.fromiter(sorted(numbers), "<u4", len(numbers)).tobytes()


def candidates(keys: Sequence[Keys], groups: Sequence[int] | None = None) -> NDArray[np.int64]:
    """List pairs of places worth comparing, each once, in order, as first * len(keys) + second.

    Args:
        keys: The keys of each record; records must be sorted the same way every time, since of a key that more than
            `CAP` records share, each meets only the `WINDOW` that follow it.
        groups: The group of each record, where only records of one group may meet.
    """
    if groups is None:
        return _within(keys, np.arange(len(keys), dtype=np.uint64), len(keys))
    members: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    found = [
        _within([keys[place] for place in places], np.array(places, np.uint64), len(keys))
        for places in members.values()
    ]
    return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _within(keys: Sequence[Keys], places: NDArray[np.uint64], count: int) -> NDArray[np.int64]:
    """List the pairs among some records; `places` are their numbers among all `count`."""
    numbers = np.frombuffer(b"".join(keys), "<u4").astype(np.uint64)
    sizes = np.fromiter((len(some) // 4 for some in keys), np.int64, len(keys))
    entries = np.sort((numbers << _BITS) | np.repeat(places, sizes))
    key, place = entries >> _BITS, (entries & _LOW).astype(np.int64)
    starts = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1]))) if len(key) else np.zeros(0, np.int64)
    bucket = np.diff(np.append(starts, len(key)))
    end = np.repeat(starts + bucket, bucket)
    reach = np.repeat(np.where(bucket > CAP, WINDOW, bucket), bucket)
    return _neighbours(place, end, reach, count)


def _neighbours(
    place: NDArray[np.int64], end: NDArray[np.int64], reach: NDArray[np.int64], count: int
) -> NDArray[np.int64]:
    """Pair each entry with those after it in its bucket, as far as its bucket reaches."""
    found = [np.zeros(0, np.int64)]
    last = np.minimum(np.arange(len(place)) + reach, end - 1)
    at, step = np.arange(len(place)), 1
    while len(at := at[at + step <= last[at]]):
        found.append(place[at] * count + place[at + step])
        step += 1
    pairs = np.sort(np.concatenate(found))
    return pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs


def _keys(form: NormalForm) -> Iterator[str]:
    """Give the keys of a record, each with its family's letter in front."""
    yield from _number_keys(form)
    yield from _title_keys(form)
    yield from _place_keys(form)
    if len(form.abstract) > 80:
        yield "a" + form.abstract[20:60]


def _number_keys(form: NormalForm) -> Iterator[str]:
    """Identifiers."""
    if form.doi:
        yield "d" + form.doi
    if form.pmid:
        yield "p" + form.pmid
    if form.embase:
        yield "e" + form.embase
    if form.central:
        yield "c" + form.central
    if form.review:
        yield "r" + form.review
    for number in form.registry:
        yield "n" + number


def _title_keys(form: NormalForm) -> Iterator[str]:
    """Start and end of each reading of the title, and its three longest words."""
    for title, key in zip(form.titles, form.keys, strict=True):
        if len(key) >= _SHORTEST:
            yield "s" + key[:_PIECE]
            yield "t" + key[-_PIECE:]
            longest = sorted(sorted(set(title.split())), key=len, reverse=True)[:3]
            yield "w" + " ".join(sorted(longest))


def _place_keys(form: NormalForm) -> Iterator[str]:
    """Volume and page, and the first author with page, with volume, with the start of the title."""
    year = str(form.year or "")
    first = form.surnames[0] if form.surnames else ""
    if form.volume and form.first_page:
        yield f"v{form.volume}/{form.first_page}/{year}"
    if first and form.first_page:
        yield f"f{first}/{form.first_page}"
    if first and form.volume:
        yield f"g{first}/{form.volume}/{year}"
    if first and year:
        yield f"h{first}/{year}/{form.key[:5]}"
