"""A search as one search_history.json, the form proposed by Haddaway et al. 2022 and read by search-query.

One query per file. What the form has no place for (the lines with their hits, limits, the protocol's version) stands in
`record_info`, which is free.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.protocols.rules import Run, UnresolvedLine, final_line, plan_of, resolved
from workbench.words import _

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Search:
    """One documented run as the house knows it: when it was entered, its hits, and the files it brought."""

    run: str
    source: str
    source_name: str
    searched_on: str
    entered_on: str
    hits: int | None
    files: Sequence[str]


def history(document: Node, search: Search, version: int, plan_sha256: str) -> dict[str, Any]:
    """The search history of one run.

    Args:
        document: the protocol in force.
        search: the run.
        version: the number of the protocol's version.
        plan_sha256: the fingerprint of that version.
    """
    source, run = _written(document, search)
    planned = {one.id: one for _step, _source, one in plan_of(document).runs()}.get(search.run)
    text, note = _search_string(planned)
    return {
        "record_info": {
            "review": document["review"]["id"],
            "run": search.run,
            "source": search.source_name,
            "protocol_version": version,
            "plan_sha256": plan_sha256,
            "hits_reported": search.hits,
            "strategy": list(run.get("strategy") or ()),
            "limits": run.get("limits"),
            "provenance": run.get("provenance"),
            "search_results": list(search.files),
            "note": note,
        },
        "authors": list(_authors(document, run)),
        "date": {"data_entry": search.entered_on, "search_conducted": search.searched_on},
        "platform": source.get("platform", ""),
        "version": run.get("interface_version", ""),
        "database": list(source.get("multi_database") or [search.source_name]),
        "search_string": text,
        "search_results_path": search.files[0] if search.files else None,
    }


def _written(document: Node, search: Search) -> tuple[Node, Node]:
    """The source and the run as the protocol has them; empty where it has none of the name."""
    sources = [source for step in document["steps"] for source in step["sources"] if source["id"] == search.source]
    source: Node = sources[0] if sources else {}
    return source, next((run for run in source.get("runs", ()) if run["id"] == search.run), {})


def _search_string(run: Run | None) -> tuple[str, str]:
    """The query written out, or nothing and why."""
    line = final_line(run) if run else None
    if run is None or not run.strategy or line is None:
        return "", _("The strategy is not recorded.")
    try:
        return resolved(run.strategy, line), ""
    except UnresolvedLine as error:
        return "", str(error)


def _authors(document: Node, run: Node) -> Iterator[dict[str, str]]:
    """Who searched; with an ORCID where the team names one for that person, and never with an address."""
    if name := run.get("by"):
        orcids = {one["name"]: one["orcid"] for one in document["review"].get("team", ()) if one.get("orcid")}
        yield {"name": name} | ({"ORCID": orcids[name]} if name in orcids else {})
