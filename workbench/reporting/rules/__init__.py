"""What a PRISMA flow is, how it is read, and which sums it must keep. Pure: no web, no database."""

from workbench.reporting.rules.equations import Equation, equations, is_draft, unknown_keys
from workbench.reporting.rules.flow import (
    COUNTS,
    LISTS,
    OPEN,
    OTHER_ASIDE,
    OWN,
    SPECIFIC,
    TOTALS,
    Flow,
    Template,
    total,
)
from workbench.reporting.rules.histories import Search, history
from workbench.reporting.rules.overlap import Overlap, overlap
from workbench.reporting.rules.prisma_s import prisma_s
from workbench.reporting.rules.prisma_s.facts import Brought, Deduplicated, Facts, OfSource
from workbench.reporting.rules.prisma_s.said import Item, Missing
from workbench.reporting.rules.prisma_s.searches import Strategy, strategies
from workbench.reporting.rules.reading import COLUMNS, FORMULA, Flows, UnreadableFlow, read_flow, read_flows

__all__ = [
    "COLUMNS",
    "COUNTS",
    "FORMULA",
    "LISTS",
    "OPEN",
    "OTHER_ASIDE",
    "OWN",
    "SPECIFIC",
    "TOTALS",
    "Brought",
    "Deduplicated",
    "Equation",
    "Facts",
    "Flow",
    "Flows",
    "Item",
    "Missing",
    "OfSource",
    "Overlap",
    "Search",
    "Strategy",
    "Template",
    "UnreadableFlow",
    "equations",
    "history",
    "is_draft",
    "overlap",
    "prisma_s",
    "read_flow",
    "read_flows",
    "strategies",
    "total",
    "unknown_keys",
]
