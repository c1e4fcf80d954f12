"""Whole appraisals: JSON that loses nothing, and a long CSV with a row for each answer and each judgement."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from workbench.appraisal.formats.appraised import FORMAT, VERSION, Appraisal
from workbench.records.writers.cells import as_csv

_ABOUT = ("instrument", "version", "sha256", "study", "outcome", "result", "appraiser", "role", "round", "at")
_ANSWER = ("item", "code", "quote", "page", "document", "comment")
_JUDGEMENT = ("domain", "suggested", "rules", "judged", "reason", "support", "direction")


def as_json(appraisals: Iterable[Appraisal], settings: dict[str, dict[str, str]] | None = None) -> str:
    """Write appraisals so that `formats.read_appraisals` reads back the same.

    Args:
        appraisals: what appraisers and consensus said, every round.
        settings: by instrument, what the protocol settles.
    """
    listed = [asdict(one) for one in appraisals]
    document = {"format": FORMAT, "version": VERSION, "settings": settings or {}, "appraisals": listed}
    return json.dumps(document, ensure_ascii=False, indent=1)


def as_long_csv(appraisals: Iterable[Appraisal]) -> str:
    """Write a row for each answer, then one for each judgement, of every appraiser and round."""
    return as_csv((*_ABOUT, *_ANSWER, *_JUDGEMENT), (row for one in appraisals for row in _rows(one)))


def _rows(one: Appraisal) -> Iterator[list[object]]:
    about = [getattr(one, name) for name in _ABOUT]
    for answer in one.answers:
        yield [*about, *(getattr(answer, name) for name in _ANSWER), *[""] * len(_JUDGEMENT)]
    for judgement in one.judgements:
        values = {**asdict(judgement), "rules": "+".join(judgement.rules)}
        yield [*about, *[""] * len(_ANSWER), *(values[name] for name in _JUDGEMENT)]
