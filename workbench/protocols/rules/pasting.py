"""Search strategies as people paste them, and the query that stands at the top of an Embase table: text to lines."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from workbench.reviews.rules import Lane

_NUMBERED = re.compile(r"\s*(?:[#sS]\s?)?(\d{1,4})(?:[.)]\s*|\t\s*|\s+)(?!(?:or|and|not)\s)(\S.*)", re.IGNORECASE)
_WHEN = r"(?:(?:\t|\s{2,})(?:\d{1,2}:\d{2}(?::\d{2})?|\d{1,2} \w{3} \d{4}|\d{4}-\d{2}-\d{2}))?"
_HITS = (
    re.compile(r"\s*\((\d[\d,\u202f\u00a0 ]*)\)\s*$"),
    re.compile(rf"(?:\t\s*|\s{{2,}})(\d[\d,]*){_WHEN}$"),
)
_METHODS = ("query", "browse", "handsearch", "citation_backward", "citation_forward", "contact", "alert")

Line = dict[str, Any]


def strategy_lines(text: str, after: Sequence[Line] = ()) -> list[Line]:
    r"""Split a strategy into its lines, with numbers and hits where the paste shows them.

    Lines are taken as numbered where the first one carries a number and each further number is the next (or, in a
    history that begins with the newest, the one before); what carries no such number goes on with the line above.
    Without numbers each line of text is a line, counted on from those that are there (`after`).

    >>> strategy_lines("1. exp Vertebroplasty/ (1,204)\n2. kyphoplast*.tw. (3056)\n3. 1 or 2 (3987)")[2]
    {'n': 3, 'query': '1 or 2', 'hits': 3987}
    >>> strategy_lines("cement\nspine")
    [{'n': 1, 'query': 'cement'}, {'n': 2, 'query': 'spine'}]
    """
    written = [line.rstrip() for line in text.splitlines() if line.strip()]
    numbered = _numbered(written)
    if numbered is not None:
        return [_line(n, query, is_numbered=True) for n, query in sorted(numbered)]
    first = max((each["n"] for each in after if isinstance(each.get("n"), int)), default=0) + 1
    return [_line(first + place, line.strip(), is_numbered=False) for place, line in enumerate(written)]


def _numbered(written: Sequence[str]) -> list[tuple[int, str]] | None:
    """Number and text of each line; None where the lines carry no numbers."""
    found: list[tuple[int, str]] = []
    step = 0
    for line in written:
        match = _NUMBERED.fullmatch(line)
        n = int(match[1]) if match else None
        if match and n is not None and (not found or _is_next(n, found[-1][0], step)):
            step = step or (n - found[-1][0] if found else 0)
            found.append((n, match[2].strip()))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line.strip()}")
        else:
            return None
    return found or None


def _is_next(n: int, before: int, step: int) -> bool:
    return n - before == step if step else abs(n - before) == 1


def _line(n: int, query: str, *, is_numbered: bool) -> Line:
    for pattern in _HITS if is_numbered else _HITS[1:]:
        match = pattern.search(query)
        if match and query[: match.start()].strip():
            hits = int(re.sub(r"\D", "", match[1]))
            return {"n": n, "query": query[: match.start()].strip(), "hits": hits}
    return {"n": n, "query": query}


def embase_query(data: bytes) -> str | None:
    """The search that an Embase.com table was exported from, which stands in its first row; None where there is none.

    Only the beginning of the file is read.
    """
    text = data[:1_000_000].decode("utf-8-sig", errors="replace")
    try:
        row = next(csv.reader(io.StringIO(text)), [])
    except csv.Error:
        return None
    is_preamble = len(row) > 1 and row[0].strip().upper() == "SEARCH QUERY"
    return row[1].strip() or None if is_preamble else None


def pasted_sources(text: str) -> list[dict[str, Any]]:
    r"""Sources from a list: one per line, its parts apart by |, ; or tab.

    The first part is the name; a lane, a method and a web address are known by themselves, what else there is is the
    platform.

    >>> pasted_sources("NICE | organisation | browse\nMEDLINE; PubMed")[0]
    {'name': 'NICE', 'prisma_lane': 'organisation', 'method': 'browse'}
    """
    return [_source(re.split(r"\s*[|;\t]\s*", line.strip())) for line in text.splitlines() if line.strip()]


def _source(parts: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": parts[0]}
    for part in (part for part in parts[1:] if part):
        word = part.lower().replace(" ", "_")
        if word in set(Lane):
            found["prisma_lane"] = word
        elif word in _METHODS:
            found["method"] = word
        else:
            found["url" if word.startswith("http") else "platform"] = part
    return found
