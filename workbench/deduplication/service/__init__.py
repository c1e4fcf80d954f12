"""Deeds on duplicates: the engine's run, and what people decide, which no run undoes."""

from workbench.deduplication.service.people import (
    AlreadyAnswered,
    KeptApart,
    OneRecord,
    answer,
    ask_again,
    part,
    release,
    undo,
)
from workbench.deduplication.service.search import form_anew, prepare_forms, run, run_job

__all__ = [
    "AlreadyAnswered",
    "KeptApart",
    "OneRecord",
    "answer",
    "ask_again",
    "form_anew",
    "part",
    "prepare_forms",
    "release",
    "run",
    "run_job",
    "undo",
]
