"""Tags, questions to the team, who stands aside, and languages from the command line."""

import secrets

import click

from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import JSON, KEY, STAGE, USER, acting, looking, one_line, tell
from workbench.words import _


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


@click.command("pass-on")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
def pass_on(review: str, stage: str, record: int, user: str) -> None:
    """Say that a record is not in a language one reads; somebody else judges it."""
    from workbench.screening.service import aside

    with acting(review, user) as (session, member):
        aside.pass_on(session, member, record, Stage(stage))
    click.echo(_("Record %(id)s goes to somebody else.", id=record))


@click.group("tags")
def tags() -> None:
    """Tags: what they mean, and those of one's own votes."""


@tags.command("list")
@click.argument("review")
@USER
@JSON
def list_tags(review: str, user: str, as_json: bool) -> None:
    """List the tags: name, how many records one may know to bear it, meaning."""
    from workbench.screening.told import team as told

    with looking(review, user) as (session, member):
        found = told.all_tags(session, member)
    rows = [f"{one.name}\t{len(one.records)}\t{one_line(one.meaning)}" for one in found.items]
    tell(found, rows, as_json=as_json)


@tags.command("define")
@click.argument("review")
@click.argument("name")
@click.argument("meaning")
@USER
@click.option("--judgement", is_flag=True, help="It tells how its author would vote, so it opens with the vote.")
def define(review: str, name: str, meaning: str, user: str, judgement: bool) -> None:
    """Give a tag its meaning; from then on it is offered at the ballot."""
    from workbench.screening.service import team

    with acting(review, user) as (session, member):
        tag_id = team.define_tag(session, member, name, meaning, carries_judgement=judgement).id
    click.echo(_("Tag %(id)s: %(name)s.", id=tag_id, name=name))


@tags.command("retire")
@click.argument("review")
@click.argument("tag", type=int)
@USER
def retire(review: str, tag: int, user: str) -> None:
    """Take the tag of this id out of use; votes keep it as a word."""
    from workbench.screening.service import team

    with acting(review, user) as (session, member):
        name = team.retire_tag(session, member, tag).name
    click.echo(_("“%(name)s” is offered no more.", name=name))


@tags.command("put")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("names", nargs=-1, metavar="[TAG]…")
@click.option("--take-off", multiple=True, metavar="TAG", help="Take this one off.")
@USER
@KEY
def put(
    review: str, stage: str, record: int, names: tuple[str, ...], take_off: tuple[str, ...], user: str, key: str | None
) -> None:
    """Put tags on one's own vote on a record, or take them off, while it is in hand."""
    from workbench.screening.service import team
    from workbench.screening.views.ballots import tags_from

    with acting(review, user) as (session, member):
        vote = team.retag(
            session, member, record, Stage(stage), key or secrets.token_hex(12), put=tags_from(list(names)),
            take_off=take_off,
        )  # fmt: skip
        said = ", ".join(vote.tags or ()) or _("none")
    click.echo(_("Record %(id)s: your vote bears the tags: %(tags)s.", id=record, tags=said))


@click.group("questions")
def questions() -> None:
    """Questions to the team about records, and their replies."""


@questions.command("list")
@click.argument("review")
@USER
@JSON
def list_questions(review: str, user: str, as_json: bool) -> None:
    """List the questions that one may read: id, record, who asked, how many replies, text."""
    from workbench.screening.told import team as told

    with looking(review, user) as (session, member):
        found = told.all_inquiries(session, member)
    rows = [f"{one.id}\t{one.record}\t{one.who}\t{len(one.replies)}\t{one_line(one.text)}" for one in found.items]
    tell(found, rows, as_json=as_json)


@questions.command("ask")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("text")
@USER
@KEY
def ask(review: str, stage: str, record: int, text: str, user: str, key: str | None) -> None:
    """Ask the team TEXT about a record; whoever votes on it reads that once the record is open."""
    from workbench.screening.service import team

    with acting(review, user) as (session, member):
        number = team.ask(session, member, record, Stage(stage), text, key or secrets.token_hex(12)).id
    click.echo(_("Question %(id)s is asked.", id=number))


@questions.command("reply")
@click.argument("review")
@click.argument("question", type=int)
@click.argument("text")
@USER
@KEY
def reply(review: str, question: int, text: str, user: str, key: str | None) -> None:
    """Reply TEXT to a question."""
    from workbench.screening.service import team

    with acting(review, user) as (session, member):
        team.reply(session, member, question, text, key or secrets.token_hex(12))
    click.echo(_("Question %(id)s: your reply stands under it.", id=question))


@questions.command("read")
@click.argument("review")
@click.argument("question", type=int)
@USER
def read(review: str, question: int, user: str) -> None:
    """Say that one has read the replies to one's own question."""
    from workbench.screening.service import team

    with acting(review, user) as (session, member):
        team.read_replies(session, member, question)
    click.echo(_("Question %(id)s: read.", id=question))


@click.group("bars")
def bars() -> None:
    """Who does not judge what: own work, another interest, or a language that they do not read."""


@bars.command("list")
@click.argument("review")
@USER
@JSON
def list_bars(review: str, user: str, as_json: bool) -> None:
    """List the bars: id, record, person, what for, standing or lifted, reason."""
    from workbench.screening.told import team as told

    with looking(review, user) as (session, member):
        found = told.all_bars(session, member)
    states = {True: _("lifted"), False: _("stands")}
    rows = [
        f"{one.id}\t{one.record}\t{one.person}\t{one.kind.value}\t{states[one.lifted_at is not None]}\t"
        f"{one_line(one.reason)}"
        for one in found.items
    ]
    tell(found, rows, as_json=as_json)


@bars.command("set")
@click.argument("review")
@click.argument("record", type=int)
@click.argument("person", metavar="EMAIL")
@click.argument("reason")
@USER
def bar(review: str, record: int, person: str, reason: str, user: str) -> None:
    """Bar a person from a record, as the lead, with a REASON that is printed in the methods text."""
    from workbench.reviews.queries import member_called
    from workbench.screening.service import stages

    with acting(review, user) as (session, lead):
        number = stages.bar(session, lead, record, member_called(session, lead.review_id, person).id, reason).id
    click.echo(_("Bar %(id)s stands: %(who)s does not judge record %(record)s.", id=number, who=person, record=record))


@bars.command("stand-aside")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("reason")
@USER
def stand_aside(review: str, stage: str, record: int, reason: str, user: str) -> None:
    """Bar oneself from a record, with a REASON; a vote of one's own that is in hand is taken back."""
    from workbench.screening.service import aside

    with acting(review, user) as (session, member):
        number = aside.bar_oneself(session, member, record, Stage(stage), reason).id
    click.echo(_("Bar %(id)s stands: you do not judge record %(record)s.", id=number, record=record))


@bars.command("lift")
@click.argument("review")
@click.argument("bar", type=int)
@USER
def lift(review: str, bar: int, user: str) -> None:
    """Lift a bar that one set oneself, or any as the lead; that it stood stays on record."""
    from workbench.screening.service import stages

    with acting(review, user) as (session, member):
        stages.lift_bar(session, member, bar)
    click.echo(_("Bar %(id)s is lifted.", id=bar))
