"""Opening and closing a stage from the command line."""

from typing import TYPE_CHECKING

import click

from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import STAGE, USER, acting
from workbench.screening.rules import StageDeed
from workbench.words import _

if TYPE_CHECKING:
    pass


@click.command("open")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def open_stage(review: str, stage: str, user: str) -> None:
    """Open a stage for votes, under the protocol in force."""
    from workbench.screening.service import stages

    with acting(review, user) as (session, member):
        event = stages.open_stage(session, member, Stage(stage))
    again = event.deed is StageDeed.REOPENED
    click.echo(_("%(stage)s is open again.", stage=stage) if again else _("%(stage)s is open.", stage=stage))


@click.command("close")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def close_stage(review: str, stage: str, user: str) -> None:
    """Close a stage; no vote is taken until it is opened again."""
    from workbench.screening.service import stages

    with acting(review, user) as (session, member):
        stages.close_stage(session, member, Stage(stage))
    click.echo(_("%(stage)s is closed.", stage=stage))
