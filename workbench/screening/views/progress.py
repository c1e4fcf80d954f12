"""How far a stage is, when it is likely to end, and for who runs it how much each person still has to give."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, render_template

from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.pictures import Chart, burn_down
from workbench.screening.queries import votes as stages
from workbench.screening.queries.allocation import allotted
from workbench.screening.queries.progress import OwnPace, Progress, own_pace, progress
from workbench.web.transactions import current_session

bp = Blueprint(
    "progress", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>/progress'
)

MOST_DAYS = 90
"""Points of the picture; of a longer stage every second, third … day is drawn."""


@bp.get("")
@door(Deed.LOOK)
def page(slug: str, stage: str) -> str:
    """Show how far a stage is, one's own pace to oneself, and the shares to who runs the stage."""
    session, member, here = current_session(), asking_member(), Stage(stage)
    rule = stages.stage_rule(session, member.review_id, here)
    found = progress(session, member.review_id, rule, allotted(session, member.review_id, rule))
    mine = next((share for share in found.shares if share.member.id == member.id and share.may_vote), None)
    own: OwnPace | None = own_pace(session, member, rule, mine.waiting) if mine else None
    days = drawn(found)
    return render_template(
        "screening/progress.html", stage=here, rule=rule, found=found, mine=mine, own=own, days=days,
        picture=picture(days), is_running=stages.is_running(session, member.review_id, here),
        last=stages.last_event(session, member.review_id, here), may_run=may(member.roles, Deed.RUN_STAGE, here),
    )  # fmt: skip


def drawn(found: Progress) -> Sequence[tuple[date, int]]:
    """The days of the picture; the last one is always among them."""
    step = -(-len(found.left_by_day) // MOST_DAYS) or 1
    return found.left_by_day[::-1][::step][::-1]


def picture(days: Sequence[tuple[date, int]]) -> Chart:
    """What was left day by day."""
    return burn_down([n for _day, n in days])
