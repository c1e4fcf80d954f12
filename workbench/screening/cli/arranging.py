"""`workbench screening allocate|pilot|lists|check|languages`: what the pages of a stage arrange and list."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import Invalid, NotFound
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.cli.acting import STAGE, USER, acting, looking
from workbench.screening.rules import Split
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.words import _, several

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.records.models import Record
    from workbench.reviews.models import Member
    from workbench.screening.models import PilotRound
    from workbench.screening.queries.lists import Page

JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
LISTS = ("mine", "second", "unclear", "language")


class OneWay(Invalid):
    """Records are allocated in one way at a time."""

    hint = "Give one of --share, --batch, --from or --everyone; --to says to whom a batch or open records go."


class NoSuchPerson(NotFound):
    """A person is named by the address with which they are a member of the review."""


class NoCheck(Invalid):
    """Only single screening with a second check has an error rate."""

    hint = "It belongs to the variant single-plus-check."


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
@JSON
def allocate(
    review: str, stage: str, user: str, shares: tuple[str, ...], batch: str | None, leaver: str | None, everyone: bool,
    people: tuple[str, ...], size: int | None, sources: tuple[str, ...], first_year: int | None, last_year: int | None,
    languages: tuple[str, ...], again: bool, seed: int, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Allocate records to people: by shares, as a batch, from one to others, or to everybody again."""
    from workbench.screening.service import allocation

    split = _way(shares, batch, leaver, everyone)
    with acting(review, user) as (session, lead):
        chosen = Chosen(size, sources, first_year, last_year, languages, again, _id(session, review, leaver))
        wish = Wish(split, _wanted(session, review, shares, people), seed, batch or "", chosen)
        found = allocation.draft(session, lead, Stage(stage), wish)
        named = {who: _name(session, who) for who in wish.shares}
        if not dry_run:
            allocation.allocate(session, lead, Stage(stage), wish)
    got = {named[who]: found.of(who) for who in wish.shares}
    if as_json:
        told = {"split": split.value, "seed": seed, "records": found.given, "people": got, "ended": len(found.ends),
                "unfilled": found.unfilled, "done": not dry_run}  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for name, n in got.items():
        click.echo(f"{name}\t{n}")
    click.echo(_("Records: %(n)s. Places ended: %(ended)s.", n=found.given, ended=len(found.ends)), err=True)


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
        begun = pilots.begin(session, lead, Stage(stage), size, seed)
        number = begun.number
    click.echo(_("Pilot round %(n)s has begun: %(size)s records, seed %(seed)s.", n=number, size=size, seed=seed))


@pilot.command("release")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("number", type=int)
@click.argument("person", metavar="EMAIL")
@USER
def release(review: str, stage: str, number: int, person: str, user: str) -> None:
    """Have a round wait no longer for one person."""
    from workbench.screening.service import pilots

    with acting(review, user) as (session, lead):
        pilots.release(session, lead, Stage(stage), number, _id(session, review, person) or 0)
    click.echo(_("Pilot round %(n)s waits for %(who)s no longer.", n=number, who=person))


@pilot.command("show")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("number", type=int)
@USER
@JSON
def show(review: str, stage: str, number: int, user: str, as_json: bool) -> None:
    """Show whom a round waits for; once it is open, on what people differ."""
    from workbench.screening.queries import pilots

    with looking(review, user) as (session, member):
        allowed(member.roles, Deed.LOOK, Stage(stage))
        found = _round_told(session, pilots.pilot_round(session, member.review_id, Stage(stage), number), member)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["people"]:
        click.echo(f"{one['name']}\t{one['handed_in']}/{one['asked']}")
    if found["open"]:
        click.echo(several(found["differ"], _("They differ on one record."), _("They differ on %(n)s records.")))


@click.command("lists")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("which", type=click.Choice(LISTS))
@USER
@click.option("--page", "number", type=int, default=1, show_default=True, help="Which page of fifty.")
@JSON
def lists(review: str, stage: str, which: str, user: str, number: int, as_json: bool) -> None:
    """List what awaits one's vote or a second vote, what was unclear, or what is passed on for its language."""
    from workbench.screening.queries import votes

    with looking(review, user) as (session, member):
        allowed(member.roles, Deed.LOOK if which == "second" else Deed.VOTE, Stage(stage))
        rule = votes.stage_rule(session, member.review_id, Stage(stage))
        page = _list(session, member, rule, which, number)
        rows = [(one.id, one.title or one.original_title or "") for one in page.rows]
    if as_json:
        told = {
            "list": which,
            "total": page.total,
            "page": page.number,
            "pages": page.last,
            "records": [{"record": one, "title": title} for one, title in rows],
        }
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for one, title in rows:
        click.echo(f"{one}\t{' '.join(title.split())}")
    click.echo(_("Records: %(n)s.", n=page.total), err=True)


@click.command("check")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@JSON
def check(review: str, stage: str, user: str, as_json: bool) -> None:
    """Tell the error rate of single exclusions, once the second check of them is over."""
    from workbench.screening.queries import awaiting, votes

    with looking(review, user) as (session, member):
        allowed(member.roles, Deed.LOOK, Stage(stage))
        rule = votes.stage_rule(session, member.review_id, Stage(stage))
        found = awaiting.check(session, member.review_id, rule)
    if found is None:
        raise NoCheck(_("The rule of this stage has no second check."))
    told = {"percent": rule.check_percent, "drawn": found.drawn, "checked": found.checked,
            "wrong": found.wrong if found.is_over else None, "rate": found.rate, "interval": found.interval,
            "independent": rule.is_independent}  # fmt: skip
    if as_json:
        click.echo(json.dumps(told))
        return
    if found.rate is None or found.interval is None:
        rate = _("not estimable")
    else:
        ends = [f"{100 * end:.1f}" for end in found.interval]
        rate = f"{100 * found.rate:.1f} % (95 % {ends[0]}–{ends[1]})"
    click.echo(_("Checked %(k)s of %(n)s exclusions; wrong: %(rate)s.", k=found.checked, n=found.drawn, rate=rate))
    click.echo(_("Not independent: who checks knows what the first person decided."), err=True)


@click.command("languages")
@click.argument("review")
@click.argument("codes", nargs=-1)
@USER
def languages(review: str, codes: tuple[str, ...], user: str) -> None:
    """Say which languages one reads; none named means all of them."""
    from workbench.screening.service import languages as service

    with acting(review, user) as (session, member):
        said = service.say_languages(session, member, codes).languages
    click.echo(_("You read: %(codes)s.", codes=", ".join(said) or _("every language")))


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


def _wanted(session: "Session", review: str, shares: Iterable[str], people: Iterable[str]) -> dict[int, float]:
    found: dict[int, float] = {_id(session, review, one) or 0: 1.0 for one in people}
    for share in shares:
        email, _equals, percent = share.rpartition("=")
        try:
            found[_id(session, review, email) or 0] = float(percent.removesuffix("%"))
        except ValueError as error:
            raise NotAShare(_("“%(share)s” is no share.", share=share)) from error
    return found


def _id(session: "Session", review: str, email: str | None) -> int | None:
    """The id of a member by address, also of one who has left."""
    from workbench.reviews.queries import review_by_slug, team

    if email is None:
        return None
    found = [one for one in team(session, review_by_slug(session, review).id) if one.user.email == email.strip()]
    if not found:
        raise NoSuchPerson(_("%(email)s is not a member of this review.", email=email))
    return found[0].id


def _name(session: "Session", member_id: int) -> str:
    from workbench.reviews.models import Member

    return str(session.get_one(Member, member_id).user.email)


def _list(session: "Session", member: "Member", rule: Any, which: str, number: int) -> "Page[Record]":
    from workbench.screening.queries import awaiting, languages

    if which == "second":
        return awaiting.second(session, member.review_id, rule, number)
    if which == "mine":
        return awaiting.mine(session, member, rule, number)
    if which == "unclear":
        return awaiting.unclear(session, member, rule, number)
    return awaiting.in_languages(session, member.review_id, languages.passed_on(session, member, rule), number)


def _round_told(session: "Session", found: "PilotRound", member: "Member") -> dict[str, Any]:
    """A round as JSON; what people said is for its voters, and only once it is open (B1, B5)."""
    from workbench.screening.queries import pilots

    asked = pilots.progress(session, found)
    read = pilots.said(session, found) if found.opened_at else []
    emails = {one.member.id: one.member.user.email for one in asked}
    told: dict[str, Any] = {
        "number": found.number, "size": found.size, "seed": found.seed, "open": found.opened_at is not None,
        "people": [
            {"name": one.member.name, "asked": one.asked, "handed_in": one.handed_in, "released": one.is_released}
            for one in asked
        ],
        "differ": sum(one.differs for one in read) if found.opened_at else None,
    }  # fmt: skip
    if found.opened_at and member.id in emails:
        told["disagreements"] = [
            {
                "record": one.record.id,
                "votes": {emails[who]: vote.decision.value for who, vote in one.votes.items() if vote},
            }
            for one in read
            if one.differs
        ]
    return told
