"""What a protocol says: read, checked, and given to the other rooms as a plan. Pure: bytes in, objects out."""

from workbench.protocols.formats import Problem
from workbench.protocols.rules.languages import expanded, short_code
from workbench.protocols.rules.plan import (
    AwaitedOutcome,
    Criterion,
    Deduplication,
    ExclusionReason,
    Highlights,
    KnownStudy,
    Limits,
    Plan,
    Question,
    Run,
    Source,
    StagePlan,
    Step,
    StrategyLine,
    languages_allowed,
    plan_of,
)
from workbench.protocols.rules.reading import InvalidProtocol, Protocol, check, read_protocol, warnings
from workbench.protocols.rules.strategies import (
    UnresolvedLine,
    final_line,
    line_name,
    references,
    resolved,
    unresolved,
    unused,
)
from workbench.protocols.rules.versions import plan_part, plan_sha256

__all__ = [
    "AwaitedOutcome",
    "Criterion",
    "Deduplication",
    "ExclusionReason",
    "Highlights",
    "InvalidProtocol",
    "KnownStudy",
    "Limits",
    "Plan",
    "Problem",
    "Protocol",
    "Question",
    "Run",
    "Source",
    "StagePlan",
    "Step",
    "StrategyLine",
    "UnresolvedLine",
    "check",
    "expanded",
    "final_line",
    "languages_allowed",
    "line_name",
    "plan_of",
    "plan_part",
    "plan_sha256",
    "read_protocol",
    "references",
    "resolved",
    "short_code",
    "unresolved",
    "unused",
    "warnings",
]
