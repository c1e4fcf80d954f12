"""Plan and log live in one file; the version of a protocol is the SHA-256 of its plan alone."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

RESULTS_OF_A_RUN = frozenset({"hits_reported", "hits_note", "imports", "difference", "evidence"})
"""What a run brings, learnt after it: the log."""

RESULTS_OF_A_LINE = frozenset({"hits"})


AMENDMENTS = "amendments"
"""What was changed in the plan, when and why: the log of the versions, no part of any of them."""


def plan_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without its log: the results of its runs and the amendments made to it."""
    plan = {key: value for key, value in document.items() if key != AMENDMENTS}
    return {**plan, "steps": [_step(step) for step in document["steps"]]}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    return {**step, "sources": [_source(source) for source in step.get("sources", [])]}


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    if "runs" not in source:
        return dict(source)
    return {**source, "runs": [_run(run) for run in source["runs"]]}


def _run(run: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in run.items() if key not in RESULTS_OF_A_RUN}
    if kept.get("strategy"):
        kept["strategy"] = [_line(line) for line in kept["strategy"]]
    return kept


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in line.items() if key not in RESULTS_OF_A_LINE}


def plan_sha256(document: Mapping[str, Any]) -> str:
    """Fingerprint of the plan: 64 hex digits over its canonical JSON (sorted keys, no spaces, ASCII).

    The same whatever hits and imports are logged, in whatever order the keys stand, with or without comments.
    """
    canonical = json.dumps(plan_part(document), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
