"""Voting from the command line: the queue, one's votes, and handing in."""

import secrets
from typing import TYPE_CHECKING

import click

from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import (
    DESIGN,
    JSON,
    QUESTION,
    REASON,
    STAGE,
    USER,
    acting,
    reason_id,
    tell,
)
from workbench.screening.rules import Ballot, Decision, Design
from workbench.words import _

if TYPE_CHECKING:
    pass


@click.command("vote")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("decision", type=click.Choice([one.value for one in Decision if one is not Decision.WITHDRAWN]))
@USER
@REASON
@QUESTION
@DESIGN
@click.option("--note", help="Opens with the vote.")
@click.option("--key", help="One of your own for this vote: sent twice, it is one vote.")
def vote(
    review: str, stage: str, record: int, decision: str, user: str, reason: str | None,
    questions: tuple[str, ...], design: str | None, note: str | None, key: str | None,
) -> None:  # fmt: skip
    """Cast a vote; it is in hand until it is handed in."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
        ballot = Ballot(
            Decision(decision), reason_id(session, member, Stage(stage), reason), tuple(sorted(set(questions))),
            Design(design) if design else None, note,
        )  # fmt: skip
        voting.cast_vote(session, member, record, Stage(stage), ballot, key or secrets.token_hex(12))
    click.echo(_("Record %(id)s: %(decision)s, in hand.", id=record, decision=decision))


@click.command("hand-in")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def hand_in(review: str, stage: str, user: str) -> None:
    """Hand in all of one's votes in hand at a stage; they are final then."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
        n = voting.hand_in(session, member, Stage(stage))
    click.echo(_("Votes handed in: %(n)s", n=n))


@click.command("withdraw")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
def withdraw(review: str, stage: str, record: int, user: str) -> None:
    """Take one's own vote on a record back, while it is in hand."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
        vote = voting.withdraw(session, member, record, Stage(stage), secrets.token_hex(12))
    said = _("Record %(id)s: your vote is taken back.") if vote else _("Record %(id)s: you have no vote there.")
    click.echo(said % {"id": record})


@click.command("queue")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="How many.")
@JSON
def queue(review: str, stage: str, user: str, limit: int, as_json: bool) -> None:
    """Show the next records that wait for one's vote; being served can hold a place on them for a day."""
    from workbench.screening.queries import votes
    from workbench.screening.service import voting
    from workbench.screening.told.records import Cards, cards

    with acting(review, user) as (session, member):
        turns = voting.serve(session, member, Stage(stage), limit)
        rule = votes.stage_rule(session, member.review_id, Stage(stage))
        found = Cards(cards(session, member, rule, [turn.record_id for turn in turns]))
    tell(found, [f"{one.record}\t{one.year or ''}\t{one.title}" for one in found.items], as_json=as_json)
    if not found.items:
        click.echo(_("No record waits for you at this stage, or it is not open to you."), err=True)


@click.command("mine")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Fifty votes a page.")
@JSON
def mine(review: str, stage: str, user: str, page: int, as_json: bool) -> None:
    """List one's own votes as they stand, newest first: record, decision, reason, in hand or handed in."""
    from workbench.screening import told

    with acting(review, user) as (session, member):
        found = told.own_votes(session, member, Stage(stage), page)
    states = {True: _("handed in"), False: _("in hand")}
    rows = [
        f"{one.record}\t{one.decision.value}\t{one.reason or ''}\t{states[one.is_handed_in]}" for one in found.items
    ]
    tell(found, rows, as_json=as_json)
    click.echo(
        _("Page %(n)s of %(last)s, %(total)s votes.", n=found.page, last=found.pages, total=found.total), err=True
    )
