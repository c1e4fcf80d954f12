"""What is asked of the facts: the numbers of the flow, the records behind each, the state of the review, its trail."""

from workbench.reporting.queries.boxes import NoSuchBox
from workbench.reporting.queries.counts import Counted, counted, flow
from workbench.reporting.queries.entries import Behind, Entry, box, describe
from workbench.reporting.queries.scope import NoSuchQuestion, NoSuchStep, Scope, scope_of

__all__ = [
    "Behind",
    "Counted",
    "Entry",
    "NoSuchBox",
    "NoSuchQuestion",
    "NoSuchStep",
    "Scope",
    "box",
    "counted",
    "describe",
    "flow",
    "scope_of",
]
