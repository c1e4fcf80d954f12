"""Allocating records to people from the command line."""

from collections.abc import Sequence

import click

from workbench.errors import Invalid
from workbench.reviews.rules import Deed, Stage
from workbench.screening.cli.acting import JSON, KEY, STAGE, USER, acting, looking, tell
from workbench.screening.rules import Split
from workbench.words import _


class OneWay(Invalid):
    """Records are allocated in one way at a time."""

    hint = "Give one of --share, --batch, --from or --everyone; --to says to whom a batch or open records go."


class NotAShare(Invalid):
    """A share names a member and percent."""

    hint = "Such as: --share karen@example.org=60"


@click.command("allocate")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--share", "shares", multiple=True, metavar="EMAIL=PERCENT", help="Percent of the records for a person.")
@click.option("--batch", metavar="NAME", help="Allocate one batch of this name to the people of --to.")
@click.option("--from", "leaver", metavar="EMAIL", help="Hand over what is open with this person to those of --to.")
@click.option("--everyone", is_flag=True, help="Free what nobody has voted on for everybody.")
@click.option("--to", "people", multiple=True, metavar="EMAIL", help="Who gets them.")
@click.option("--size", type=click.IntRange(1), help="So many records, drawn by the seed.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only records from this source.")
@click.option("--first-year", type=int, help="Only records from this year on.")
@click.option("--last-year", type=int, help="Only records to this year.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Only records in this language.")
@click.option("--again", is_flag=True, help="Also records that are allocated already, as long as nobody has voted.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Draws who gets which.")
@click.option("--dry-run", is_flag=True, help="Say who would get how many, and change nothing.")
@KEY
@JSON
def allocate(
    review: str, stage: str, user: str, shares: tuple[str, ...], batch: str | None, leaver: str | None, everyone: bool,
    people: tuple[str, ...], size: int | None, sources: tuple[str, ...], first_year: int | None, last_year: int | None,
    languages: tuple[str, ...], again: bool, seed: int, dry_run: bool, key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Allocate records to people: by shares, as a batch, from one to others, or to everybody again."""
    from workbench.screening.told import allocation as told

    asked = told.AllocationAsked(
        _way(shares, batch, leaver, everyone), _shares(shares), people, batch or "", leaver, size, sources, first_year,
        last_year, languages, again, seed, key=key,
    )  # fmt: skip
    with acting(review, user) as (session, lead):
        found = (told.draft if dry_run else told.allocate)(session, lead, Stage(stage), asked)
    tell(found, [f"{email}\t{n}" for email, n in found.people.items()], as_json=as_json)
    if not as_json:
        click.echo(_("Records: %(n)s. Places ended: %(ended)s.", n=found.records, ended=found.ended), err=True)


@click.command("allocation")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@JSON
def allocation(review: str, stage: str, user: str, as_json: bool) -> None:
    """Show who is asked for how many records, on how many they voted, and what was allocated."""
    from workbench.screening.told import allocation as told

    with looking(review, user, Deed.RUN_STAGE) as (session, lead):
        found = told.allocation(session, lead, Stage(stage))
    rows = [f"{one.email}\t{one.records}\t{one.voted}\t{one.left}" for one in found.people]
    tell(found, rows, as_json=as_json)
    click.echo(
        _("Records that are anybody’s: %(n)s. Allocations: %(made)s.", n=found.free, made=len(found.made)), err=True
    )


def _way(shares: Sequence[str], batch: str | None, leaver: str | None, everyone: bool) -> Split:
    ways = [
        split
        for split, is_meant in (
            (Split.SHARES, bool(shares)), (Split.BATCH, batch is not None), (Split.HANDED_OVER, leaver is not None),
            (Split.EVERYONE, everyone),
        )
        if is_meant
    ]  # fmt: skip
    if len(ways) != 1:
        raise OneWay(_("It is not clear how the records should be allocated."))
    return ways[0]


def _shares(shares: Sequence[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for share in shares:
        email, _equals, percent = share.rpartition("=")
        try:
            found[email] = float(percent.removesuffix("%"))
        except ValueError as error:
            raise NotAShare(_("“%(share)s” is no share.", share=share)) from error
    return found
