"""The PRISMA counts for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.reporting import queries
from workbench.reporting.rules import equations, is_draft
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.api import answers, asked
from workbench.web.transactions import current_session

bp = Blueprint("reporting_api", __name__)


@dataclass(frozen=True)
class WhichFlow:
    """Which diagram: of the whole review, of one question, of one step of the search."""

    question: Annotated[str, "A question's code."] = ""
    step: Annotated[str, "A step's id in the protocol."] = ""


@dataclass(frozen=True)
class PrismaTold:
    """The counts of a PRISMA 2020 diagram with their sums."""

    prisma: Annotated[Mapping[str, Any], "The names of the PRISMA2020 package and our own; null is unknown."]
    equations: Annotated[Sequence[Mapping[str, Any]], "Each sum: id, severity, holds, left, right, text."]
    draft: Annotated[bool, "Whether anything is undecided or a sum is not checked."]


@bp.get("/reviews/<slug>/prisma")
@door(Deed.REPORT, Scope.READ)
@answers(PrismaTold, asks=WhichFlow)
def prisma(slug: str) -> PrismaTold:
    """Count every record to its box of the PRISMA 2020 diagram."""
    session, review_id, which = current_session(), asking_member().review_id, asked(WhichFlow)
    scope = queries.scope_of(session, review_id, which.question or None, which.step or None)
    flow = queries.counted(session, review_id, scope).flow
    checks = equations(flow)
    return PrismaTold(flow.as_dict(), [one.as_dict() for one in checks], is_draft(flow, checks))
