"""Search histories as files: one per run, named after the results it belongs to, and all of them in one archive."""

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

ENDING = "_search_history.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""One date for all files of an archive, so that the same histories are the same bytes."""


def history_name(history: Mapping[str, Any]) -> str:
    """The file's name: that of the run's first file of results, else that of the run.

    >>> history_name({"search_results_path": "pubmed 2024.nbib", "record_info": {"run": "pm-1"}})
    'pubmed-2024_search_history.json'
    """
    results = PurePath((history["search_results_path"] or "").replace("\\", "/")).stem
    return (_plain(results) or _plain(history["record_info"]["run"])) + ENDING


def history_json(history: Mapping[str, Any]) -> str:
    """One search history as JSON."""
    return json.dumps(history, ensure_ascii=False, indent=2) + "\n"


def as_zip(histories: Iterable[Mapping[str, Any]]) -> bytes:
    """All search histories of a review in one archive; of two with one name the second bears its run's name too."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, history in named_apart(histories):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), history_json(history), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def named_apart(histories: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each history with a name of its own."""
    taken: set[str] = set()
    for history in histories:
        name = history_name(history)
        if name.casefold() in taken:
            name = f"{name.removesuffix(ENDING)}-{_plain(history['record_info']['run'])}{ENDING}"
        taken.add(name.casefold())
        yield name, history


def _plain(name: str) -> str:
    """Letters, digits, hyphens and underscores only."""
    return re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-")
