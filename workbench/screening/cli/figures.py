"""Agreement, progress, the lists of a stage and its second check from the command line."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.errors import NotAllowed
from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import JSON, STAGE, USER, looking, one_line, tell
from workbench.words import _

if TYPE_CHECKING:
    from workbench.screening.told.figures import AgreementTold, ProgressTold, TableTold

LISTS = ("mine", "second", "unclear", "language")
ASKER = click.option("--user", metavar="EMAIL", help="Who asks; needed while the stage is open.")


class AskerNeeded(NotAllowed):
    """Pairs row by row are handed out to a member."""

    hint = "Name one who does not vote there with --user."


@click.command("agreement")
@click.argument("review")
@click.argument("stage", type=STAGE)
@ASKER
@click.option("--pairs", type=click.Path(path_type=Path), metavar="FILE", help="Write the pairs row by row, as CSV.")
@JSON
def agreement(review: str, stage: str, user: str | None, pairs: Path | None, as_json: bool) -> None:
    """Tell how far two people's first votes agree, all together and by pair; nobody is told who still votes there."""
    from workbench.db import house
    from workbench.reviews import queries as reviews
    from workbench.screening.told import figures as told
    from workbench.screening.views.agreement import pairs_csv

    sessions, _folder = house()
    with sessions.read() as session:
        asked = reviews.review_by_slug(session, review)
        member = reviews.member_by_email(session, review, user) if user else None
        found = told.agreement(session, asked, member, Stage(stage))
        if pairs and member is None:
            raise AskerNeeded(_("It is not said who asks for the pairs."))
        rows = pairs_csv(session, member, Stage(stage)) if pairs and member else ""
    if pairs:
        pairs.write_text(rows, encoding="utf-8", newline="")
    tell(found, _agreement(found), as_json=as_json)
    if found.rests_on:
        click.echo(found.rests_on, err=True)


@click.command("progress")
@click.argument("review")
@click.option("--user", metavar="EMAIL", help="Who asks, to see what is told to them; without it, what the host sees.")
@JSON
def progress(review: str, user: str | None, as_json: bool) -> None:
    """Tell how far both stages are and how many votes each person still has to give; never what anybody voted."""
    from workbench.db import house
    from workbench.reviews import queries as reviews
    from workbench.screening.told import figures as told

    sessions, _folder = house()
    with sessions.read() as session:
        asked = reviews.review_by_slug(session, review)
        member = reviews.member_by_email(session, review, user) if user else None
        stages = [told.progress(session, asked, member, stage) for stage in Stage]
    blocks = [line for stage in stages for line in (*_progress(stage), "")]
    tell({"review": review, "stages": stages}, blocks[:-1], as_json=as_json)


@click.command("lists")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("which", type=click.Choice(LISTS))
@USER
@click.option("--page", "number", type=int, default=1, show_default=True, help="Which page of fifty.")
@JSON
def lists(review: str, stage: str, which: str, user: str, number: int, as_json: bool) -> None:
    """List what awaits one's vote or a second vote, what was unclear, or what is passed on for its language."""
    from workbench.screening.told.team import listed

    with looking(review, user) as (session, member):
        found = listed(session, member, Stage(stage), which, number)
    tell(found, [f"{one.record}\t{one_line(one.title)}" for one in found.records], as_json=as_json)
    click.echo(_("Records: %(n)s.", n=found.total), err=True)


@click.command("check")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@JSON
def check(review: str, stage: str, user: str, as_json: bool) -> None:
    """Tell the error rate of single exclusions, once the second check of them is over."""
    from workbench.screening.told import figures as told

    with looking(review, user) as (session, member):
        found = told.check(session, member, Stage(stage))
    rate = _("not estimable")
    if found.rate is not None and found.interval is not None:
        low, high = (f"{100 * end:.1f}" for end in found.interval)
        rate = f"{100 * found.rate:.1f} % (95 % {low}–{high})"
    row = _("Checked %(k)s of %(n)s exclusions; wrong: %(rate)s.", k=found.checked, n=found.drawn, rate=rate)
    tell(found, [row], as_json=as_json)
    click.echo(_("Not independent: who checks knows what the first person decided."), err=True)


def _agreement(found: "AgreementTold") -> list[str]:
    """All pairs together, once with unclear as include and once for itself, then each pair by name."""
    lines = [_("Unclear as include, %(n)s records", n=found.two_by_two.n), *_table(found.two_by_two)]
    if found.three_by_three:
        lines += ["", _("Unclear for itself"), *_table(found.three_by_three)]
    else:
        hidden = _("Tables are hidden while conflicts are open that you may be asked to decide: %(n)s.")
        lines += ["", hidden % {"n": found.undecided}]
    for one in found.pairs if len(found.pairs) > 1 else ():
        lines += ["", f"{' – '.join(one.people)}, {one.two_by_two.n}", *_table(one.two_by_two)]
    for part in found.parts:
        lines += ["", f"{part.name}, {part.two_by_two.n}", *_table(part.two_by_two)]
    return lines


def _table(table: "TableTold") -> list[str]:
    from workbench.screening.agreement import Interval
    from workbench.screening.writers import figure, interval

    low, high = table.kappa_low, table.kappa_high
    said = [
        (_("Observed agreement"), figure(table.observed)),
        (_("Agreement on includes"), figure(table.positive)),
        (_("Agreement on excludes"), figure(table.negative)),
        (_("Cohen’s kappa"), figure(table.kappa)),
        (_("95 % interval of kappa"), interval(None if low is None or high is None else Interval(low, high))),
        (_("PABAK"), figure(table.pabak)),
        (_("Gwet’s AC1"), figure(table.ac1)),
    ]
    figures = [f"{name}\t{words}" for name, words in said]
    if table.cells is None:
        return figures
    rows = [[name, *map(str, row)] for name, row in zip(table.classes, table.cells, strict=True)]
    return ["\t".join(row) for row in [["", *table.classes], *rows]] + figures


def _progress(stage: "ProgressTold") -> list[str]:
    lines = [
        f"{stage.stage.value}\t{_('open for votes') if stage.is_open else _('not open')}",
        _("records\t%(n)s", n=stage.records),
        _("all votes in\t%(n)s", n=stage.all_votes_in),
        _("in conflict\t%(n)s", n=stage.in_conflict),
        _("await another vote\t%(n)s", n=stage.await_another_vote),
        _("no vote in\t%(n)s", n=stage.no_vote_in),
        _("votes left\t%(n)s", n=stage.votes_left),
        *([_("expected end\t%(day)s", day=stage.expected_end)] if stage.expected_end else []),
    ]
    told = _("%(name)s\t%(given)s given\t%(left)s still to give\t%(n)s in conflict")
    return lines + [
        told % {"name": one.name, "given": one.given, "left": one.still_to_give, "n": one.in_conflict}
        for one in stage.people or ()
    ]
