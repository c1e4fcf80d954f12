"""What the lead arranges at a stage, for programs: opening, allocation, pilot rounds."""

from dataclasses import dataclass
from typing import Annotated

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.reviews.access import asking_member, door
from workbench.reviews.queries import member_called
from workbench.reviews.rules import Deed, Stage
from workbench.screening import told
from workbench.screening.service import pilots as deeds
from workbench.screening.service import stages
from workbench.screening.told import StageTold
from workbench.screening.told import allocation as of_allocation
from workbench.screening.told import pilots as of_pilots
from workbench.screening.told.allocation import A_SEED, AllocationAsked, AllocationTold, DraftTold
from workbench.screening.told.pilots import PilotsTold, PilotTold
from workbench.web.api import answers, body
from workbench.web.transactions import current_session, transaction

bp = Blueprint(
    "arranging_api", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>'
)


@dataclass(frozen=True)
class PilotSent:
    """A sample that is to be drawn."""

    size: Annotated[int, "How many records.", {"minimum": 1, "maximum": deeds.MOST}]
    seed: Annotated[int, "Draws the sample; the same seed draws the same.", A_SEED] = 1


@dataclass(frozen=True)
class PersonNamed:
    """Somebody of the team."""

    person: Annotated[str, "Their address.", {"maxLength": 320}]


@bp.post("/open")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(StageTold)
def open_stage(slug: str, stage: str) -> StageTold:
    """Open a stage for votes, or open it again, under the protocol in force."""
    with transaction() as session:
        stages.open_stage(session, asking_member(), Stage(stage))
        return told.stage_told(session, asking_member(), Stage(stage))


@bp.post("/close")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(StageTold)
def close_stage(slug: str, stage: str) -> StageTold:
    """Close a stage; no vote is taken until it is opened again."""
    with transaction() as session:
        stages.close_stage(session, asking_member(), Stage(stage))
        return told.stage_told(session, asking_member(), Stage(stage))


@bp.get("/allocation")
@door(Deed.RUN_STAGE, Scope.READ)
@answers(AllocationTold)
def allocation(slug: str, stage: str) -> AllocationTold:
    """Say who is asked for which records, how far each has got, and what was allocated."""
    return of_allocation.allocation(current_session(), asking_member(), Stage(stage))


@bp.post("/allocation/draft")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(DraftTold, takes=AllocationAsked)
def draft(slug: str, stage: str) -> DraftTold:
    """Say who would get how many records; nothing is done."""
    return of_allocation.draft(current_session(), asking_member(), Stage(stage), body(AllocationAsked))


@bp.post("/allocation")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(DraftTold, takes=AllocationAsked)
def allocate(slug: str, stage: str) -> DraftTold:
    """Allocate records: by shares, as a named batch, from one person to others, or to everybody again.

    Votes stay, whoever gave them. With a key of your own it is made once, however often it is sent.
    """
    asked = body(AllocationAsked)
    with transaction() as session:
        return of_allocation.allocate(session, asking_member(), Stage(stage), asked)


@bp.get("/pilots")
@door(Deed.LOOK, Scope.READ)
@answers(PilotsTold)
def pilots(slug: str, stage: str) -> PilotsTold:
    """List the pilot rounds of a stage, newest first."""
    return of_pilots.pilots(current_session(), asking_member(), Stage(stage))


@bp.post("/pilots")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(PilotTold, takes=PilotSent)
def begin(slug: str, stage: str) -> PilotTold:
    """Draw a sample and ask everybody who may vote for all of it; refused while a round runs."""
    sent = body(PilotSent)
    with transaction() as session:
        begun = deeds.begin(session, asking_member(), Stage(stage), sent.size, sent.seed)
        return of_pilots.pilot(session, asking_member(), Stage(stage), begun.number)


@bp.get("/pilots/<int:number>")
@door(Deed.LOOK, Scope.READ)
@answers(PilotTold)
def pilot(slug: str, stage: str, number: int) -> PilotTold:
    """Say whom a pilot round waits for; once it is open, how far people agree and where they differ."""
    return of_pilots.pilot(current_session(), asking_member(), Stage(stage), number)


@bp.post("/pilots/<int:number>/release")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(PilotTold, takes=PersonNamed)
def release(slug: str, stage: str, number: int) -> PilotTold:
    """Have a pilot round wait no longer for one person; votes that they handed in count."""
    sent = body(PersonNamed)
    with transaction() as session:
        lead = asking_member()
        person = member_called(session, lead.review_id, sent.person)
        deeds.release(session, lead, Stage(stage), number, person.id)
        return of_pilots.pilot(session, lead, Stage(stage), number)


@bp.post("/pilots/<int:number>/open")
@door(Deed.RUN_STAGE, Scope.FULL)
@answers(PilotTold)
def open_round(slug: str, stage: str, number: int) -> PilotTold:
    """Open a pilot round that nobody holds up any more; it opens by itself when the last of them hands in."""
    with transaction() as session:
        deeds.open_round(session, asking_member(), Stage(stage), number)
        return of_pilots.pilot(session, asking_member(), Stage(stage), number)
