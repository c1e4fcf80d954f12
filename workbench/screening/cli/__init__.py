"""`workbench screening` and `workbench full-texts`: what the pages do, for scripts and for people without a browser."""

import click

from workbench.screening.cli import allocating, figures, pilots, settling, stages, team, voting
from workbench.screening.cli.full_texts import full_texts

__all__ = ["full_texts", "screening"]


@click.group()
def screening() -> None:
    """Votes and conflicts of a review, and what a stage arranges."""


for command in (
    voting.queue, voting.vote, voting.withdraw, voting.mine, voting.hand_in,
    settling.conflicts, settling.conflict, settling.message, settling.propose, settling.agree, settling.settle,
    settling.look, stages.open_stage, stages.close_stage, allocating.allocate, allocating.allocation, pilots.pilot,
    figures.lists, figures.check, figures.agreement, figures.progress, team.languages, team.pass_on, team.tags,
    team.questions, team.bars,
):  # fmt: skip
    screening.add_command(command)
