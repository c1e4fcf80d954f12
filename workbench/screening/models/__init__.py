"""Votes, what makes them final, what settles their conflicts, and what became of the reports. No row has a status."""

from workbench.screening.models.arranging import (
    Allocation,
    Assignment,
    LanguagesRead,
    PilotRecord,
    PilotRound,
    PilotVoter,
)
from workbench.screening.models.desk import DeskKeys, Postponement, TermList
from workbench.screening.models.reports import FullText, Retrieval, SentPdf
from workbench.screening.models.settling import Looked, Message, Proposal, SettledWith, Settlement
from workbench.screening.models.stages import Bar, Rank, Removal, StageEvent
from workbench.screening.models.team import Inquiry, Reply, Tag
from workbench.screening.models.voting import Bulk, HandIn, Place, Vote

__all__ = [
    "Allocation",
    "Assignment",
    "Bar",
    "Bulk",
    "DeskKeys",
    "FullText",
    "HandIn",
    "Inquiry",
    "LanguagesRead",
    "Looked",
    "Message",
    "PilotRecord",
    "PilotRound",
    "PilotVoter",
    "Place",
    "Postponement",
    "Proposal",
    "Rank",
    "Removal",
    "Reply",
    "Retrieval",
    "SentPdf",
    "SettledWith",
    "Settlement",
    "StageEvent",
    "Tag",
    "TermList",
    "Vote",
]
