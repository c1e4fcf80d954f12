"""Which records are worth comparing: nine families of keys; records that share a key meet."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from workbench.deduplication.rules.form import NormalForm

CAP = 60
WINDOW = 8
_PIECE = 22
_SHORTEST = 6


def candidates(forms: Sequence[NormalForm]) -> list[tuple[int, int]]:
    """List pairs of positions worth comparing, each once, in order; `forms` must be sorted the same way every time."""
    buckets: dict[str, list[int]] = defaultdict(list)
    for place, form in enumerate(forms):
        for key in set(_keys(form)):
            buckets[key].append(place)
    count = len(forms)
    found: set[int] = set()
    for members in buckets.values():
        reach = len(members) if len(members) <= CAP else WINDOW
        for at, first in enumerate(members[:-1]):
            found.update(first * count + second for second in members[at + 1 : at + 1 + reach])
    return [divmod(pair, count) for pair in sorted(found)]


def _keys(form: NormalForm) -> Iterator[str]:
    """Give the keys of a record, each with its family's letter in front."""
    yield from _number_keys(form)
    yield from _title_keys(form)
    yield from _place_keys(form)
    if len(form.abstract) > 80:
        yield "a" + form.abstract[20:60]


def _number_keys(form: NormalForm) -> Iterator[str]:
    """Identifiers."""
    numbers = {"d": form.doi, "p": form.pmid, "e": form.embase, "c": form.central, "r": form.review}
    yield from (family + number for family, number in numbers.items() if number)
    yield from ("n" + number for number in form.registry)


def _title_keys(form: NormalForm) -> Iterator[str]:
    """Start and end of each reading of the title, and its three longest words."""
    for key, title in zip(form.keys, form.titles, strict=True):
        if len(key) >= _SHORTEST:
            yield "s" + key[:_PIECE]
            yield "t" + key[-_PIECE:]
            yield "w" + " ".join(sorted(sorted(set(title.split()), key=lambda word: (-len(word), word))[:3]))


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
