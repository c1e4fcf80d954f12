"""Exports in parts, where a database caps them: which hits a file holds, and which are in no file yet."""

import re
from collections.abc import Iterable

Span = tuple[int, int]
"""The first and the last hit, both counted from 1, both within."""

_SPAN = re.compile(r"(\d[\d,. \u00a0\u202f]*)\s*(?:-|–|—|to|bis|til)\s*(\d[\d,. \u00a0\u202f]*)", re.IGNORECASE)


def span_of(part: str | None) -> Span | None:
    """Which hits a part says it holds; None where it does not say.

    >>> span_of("records 10,001–20 000"), span_of("second half")
    ((10001, 20000), None)
    """
    match = _SPAN.search(part or "")
    if match is None:
        return None
    first, last = (int(re.sub(r"\D", "", number)[:12]) for number in match.groups())
    return (first, last) if 0 < first <= last else None


def missing_spans(hits: int | None, parts: Iterable[str | None]) -> list[Span]:
    """The hits that no part holds; empty where no part says which it holds, or how many there are is not known.

    >>> missing_spans(25000, ["1-10000", "20001-25000"])
    [(10001, 20000)]
    """
    spans = sorted(span for part in parts if (span := span_of(part)))
    if not spans or hits is None:
        return []
    found, reached = [], 0
    for first, last in [*spans, (hits + 1, hits + 1)]:
        if first > reached + 1 and reached < hits:
            found.append((reached + 1, min(first - 1, hits)))
        reached = max(reached, last)
    return found
