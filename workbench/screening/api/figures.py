"""Agreement, progress, the lists of a stage and its second check, for programs."""

from dataclasses import dataclass
from typing import Annotated

from flask import Blueprint, Response

from workbench.accounts.rules import Scope
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage
from workbench.screening.told import figures as told
from workbench.screening.told.figures import AgreementTold, ProgressTold
from workbench.screening.told.team import ListTold, listed
from workbench.screening.views.agreement import pairs_csv
from workbench.web.api import answers, asked, hands_out
from workbench.web.transactions import current_session

bp = Blueprint("figures_api", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>')


@dataclass(frozen=True)
class PageOfList:
    """Which page of a list."""

    page: Annotated[int, "Pages are numbered from 1.", {"minimum": 1}] = 1


@bp.get("/progress")
@door(Deed.LOOK, Scope.READ)
@answers(ProgressTold)
def progress(slug: str, stage: str) -> ProgressTold:
    """Say how far a stage is, your own pace to yourself, and people's shares to who runs the stage."""
    member = asking_member()
    return told.progress(current_session(), member.review, member, Stage(stage))


@bp.get("/agreement")
@door(Deed.REPORT, Scope.READ)
@answers(AgreementTold)
def agreement(slug: str, stage: str) -> AgreementTold:
    """Say how far two people's first votes agree: all together, by pair, by part and over time.

    Refused to who may still vote at the stage while it is open.
    """
    member = asking_member()
    return told.agreement(current_session(), member.review, member, Stage(stage))


@bp.get("/agreement/pairs.csv")
@door(Deed.REPORT, Scope.READ)
@hands_out("text/csv")
def pairs(slug: str, stage: str) -> Response:
    """Hand out the pairs of votes row by row, as CSV; refused like the figures."""
    return Response(pairs_csv(current_session(), asking_member(), Stage(stage)), mimetype="text/csv")


@bp.get('/lists/<any("mine", "second", "unclear", "language"):which>')
@door(Deed.LOOK, Scope.READ)
@answers(ListTold, asks=PageOfList)
def lists(slug: str, stage: str, which: str) -> ListTold:
    """List records that await your vote or a second one, were unclear, or are passed on for their language."""
    return listed(current_session(), asking_member(), Stage(stage), which, asked(PageOfList).page)


@bp.get("/check")
@door(Deed.LOOK, Scope.READ)
@answers(told.CheckTold)
def check(slug: str, stage: str) -> told.CheckTold:
    """Say how the second check of single exclusions stands; its error rate once it is over."""
    return told.check(current_session(), asking_member(), Stage(stage))
