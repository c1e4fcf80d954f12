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
from workbench.deduplication.service.suspicions import OneReport, no_longer_suspect, suspect

__all__ = [
    "AlreadyAnswered",
    "KeptApart",
    "OneRecord",
    "OneReport",
    "answer",
    "ask_again",
    "form_anew",
    "no_longer_suspect",
    "part",
    "prepare_forms",
    "release",
    "run",
    "run_job",
    "suspect",
    "undo",
]
