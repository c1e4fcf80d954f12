"""The fields of a report that several records tell: each from the record that tells most, unless a person chose."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

COUNTED = frozenset(
    (
        "authors", "registry_ids", "issn", "isbn", "keywords", "subject_headings", "publication_types", "databases",
        "urls",
    )
)  # fmt: skip
"""Lists, of which the one with the most entries is fullest."""
MEASURED = frozenset(("abstract", "journal", "pages"))
"""Texts, of which the longest is fullest; of all others the kept record's own, where it has one."""
FIELDS = (
    "title", "original_title", "authors", "year", "date", "journal", "journal_abbreviation", "volume", "issue", "pages",
    "doi", "pmid", "pmcid", "embase_id", "cochrane_id", "registry_ids", "issn", "isbn", "abstract", "keywords",
    "subject_headings", "languages", "publication_types", "databases", "urls", "kind",
)  # fmt: skip
"""What a report takes from its records, in the order of a record's page."""


def fullest(field: str, values: Sequence[Any]) -> int | None:
    """Say at which place the fullest value of a field stands, the first of several; None where no record has one.

    >>> fullest("abstract", [None, "Short.", "A longer one."]), fullest("year", [2014, 2013]), fullest("doi", [None])
    (2, 0, None)
    """
    weigh: Callable[[Any], int] = len if field in COUNTED | MEASURED else lambda _value: 1
    weights = [weigh(value) if value not in (None, "", []) else 0 for value in values]
    most = max(weights, default=0)
    return weights.index(most) if most else None


def put_together(
    members: Sequence[tuple[int, Mapping[str, Any]]], chosen: Mapping[str, int]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Say what each field of a report is, and which record gives it.

    Args:
        members: The records of the cluster with their values, the kept one first.
        chosen: For some fields the record that a person chose; it counts where it stands in the cluster.
    """
    values: dict[str, Any] = {}
    sources: dict[str, int] = {}
    by_id = dict(members)
    for field in FIELDS:
        wanted = chosen.get(field)
        if wanted in by_id and by_id[wanted][field] not in (None, "", []):
            values[field], sources[field] = by_id[wanted][field], wanted
            continue
        place = fullest(field, [one[field] for _record, one in members])
        values[field] = members[place or 0][1][field]
        if place is not None:
            sources[field] = members[place][0]
    return values, sources
