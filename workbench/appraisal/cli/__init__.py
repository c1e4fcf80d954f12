"""`workbench appraisal`: what answers suggest, which instruments there are; pictures and other programs' files."""

import click

from workbench.appraisal.cli.boards import draw_answers
from workbench.appraisal.cli.drawing import convert_judgements, draw_judgements
from workbench.appraisal.cli.judging import judge_answers
from workbench.appraisal.cli.listing import list_instruments


@click.group()
def appraisal() -> None:
    """Appraise studies, reviews and guidelines with published instruments."""


for command in (judge_answers, list_instruments, draw_judgements, draw_answers, convert_judgements):
    appraisal.add_command(command)
