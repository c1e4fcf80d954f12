"""Deeds on duplicates: the engine's run, and what people decide, which no run undoes."""

from workbench.deduplication.service.fields import NothingToTake, choose_field, leave_field
from workbench.deduplication.service.people import (
    AlreadyAnswered,
    KeptApart,
    Link,
    LinkUnclear,
    NothingToSettle,
    OneRecord,
    answer,
    answer_group,
    ask_again,
    new_key,
    part,
    release,
    settle,
    undo,
)
from workbench.deduplication.service.search import form_anew, prepare_forms, run, run_job
from workbench.deduplication.service.suspicions import OneReport, no_longer_suspect, suspect

__all__ = [
    "AlreadyAnswered",
    "KeptApart",
    "Link",
    "LinkUnclear",
    "NothingToSettle",
    "NothingToTake",
    "OneRecord",
    "OneReport",
    "answer",
    "answer_group",
    "ask_again",
    "choose_field",
    "form_anew",
    "leave_field",
    "new_key",
    "no_longer_suspect",
    "part",
    "prepare_forms",
    "release",
    "run",
    "run_job",
    "settle",
    "suspect",
    "undo",
]
