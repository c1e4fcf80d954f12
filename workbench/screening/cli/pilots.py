"""Pilot rounds from the command line."""

from typing import TYPE_CHECKING

import click

from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import JSON, STAGE, USER, acting, looking, tell
from workbench.words import _, several

if TYPE_CHECKING:
    from workbench.screening.told.pilots import PilotTold

NUMBER = click.argument("number", type=int)


@click.group("pilot")
def pilot() -> None:
    """Pilot rounds: a seeded sample on which all vote before anything is shown."""


@pilot.command("begin")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--size", type=int, required=True, help="How many records.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Draws the sample.")
def begin(review: str, stage: str, user: str, size: int, seed: int) -> None:
    """Draw a sample; everybody who may vote is asked for all of it."""
    from workbench.screening.service import pilots

    with acting(review, user) as (session, lead):
        number = pilots.begin(session, lead, Stage(stage), size, seed).number
    click.echo(_("Pilot round %(n)s has begun: %(size)s records, seed %(seed)s.", n=number, size=size, seed=seed))


@pilot.command("release")
@click.argument("review")
@click.argument("stage", type=STAGE)
@NUMBER
@click.argument("person", metavar="EMAIL")
@USER
def release(review: str, stage: str, number: int, person: str, user: str) -> None:
    """Have a round wait no longer for one person."""
    from workbench.reviews.queries import member_called
    from workbench.screening.service import pilots

    with acting(review, user) as (session, lead):
        who = member_called(session, lead.review_id, person)
        pilots.release(session, lead, Stage(stage), number, who.id)
    click.echo(_("Pilot round %(n)s waits for %(who)s no longer.", n=number, who=person))


@pilot.command("open")
@click.argument("review")
@click.argument("stage", type=STAGE)
@NUMBER
@USER
def open_round(review: str, stage: str, number: int, user: str) -> None:
    """Open a round that nobody holds up any more; it opens by itself when the last of them hands in."""
    from workbench.screening.service import pilots

    with acting(review, user) as (session, lead):
        pilots.open_round(session, lead, Stage(stage), number)
    click.echo(_("Pilot round %(n)s is open.", n=number))


@pilot.command("list")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@JSON
def list_rounds(review: str, stage: str, user: str, as_json: bool) -> None:
    """List the rounds of a stage, newest first: number, records, seed, open or running."""
    from workbench.screening.told import pilots as told

    with looking(review, user) as (session, member):
        found = told.pilots(session, member, Stage(stage))
    states = {True: _("open"), False: _("running")}
    rows = [f"{one.number}\t{one.size}\t{one.seed}\t{states[one.open]}" for one in found.items]
    tell(found, rows, as_json=as_json)
    if not rows:
        click.echo(_("No pilot round has begun at this stage."), err=True)


@pilot.command("show")
@click.argument("review")
@click.argument("stage", type=STAGE)
@NUMBER
@USER
@JSON
def show(review: str, stage: str, number: int, user: str, as_json: bool) -> None:
    """Show whom a round waits for; once it is open, how far people agree and on what they differ."""
    from workbench.screening.told import pilots as told

    with looking(review, user) as (session, member):
        found = told.pilot(session, member, Stage(stage), number)
    tell(found, _rows(found), as_json=as_json)


def _rows(found: "PilotTold") -> list[str]:
    rows = [f"{one.name}\t{one.handed_in}/{one.asked}" for one in found.people]
    if found.differ is not None:
        rows.append(several(found.differ, _("They differ on one record."), _("They differ on %(n)s records.")))
    for one in found.disagreements or ():
        said = ", ".join(f"{email} {decision.value}" for email, decision in one.votes.items())
        rows.append(f"{one.record}\t{said}")
    return rows
