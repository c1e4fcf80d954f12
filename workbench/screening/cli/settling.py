"""Conflicts from the command line: reading them, discussing, proposing, agreeing, deciding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from workbench.errors import Invalid, NotFound
from workbench.reviews.rules import Stage
from workbench.screening.cli.acting import (
    DESIGN,
    JSON,
    KEY,
    QUESTION,
    REASON,
    STAGE,
    USER,
    VERDICT,
    acting,
    looking,
    one_line,
    reason_id,
    tell,
    verdict_of,
)  # fmt: skip
from workbench.screening.rules import Design, Look
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member
    from workbench.screening.models import Settlement


class NoProposal(NotFound):
    """One agrees to a way out that the other voter proposed."""

    hint = "Propose one on the page of the conflict."


class VerdictOrYes(Invalid):
    """A conflict is settled by a verdict with its why, or by saying yes to the newest proposal."""

    hint = "Give VERDICT and --why, or --agree."


@click.command("conflicts")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@JSON
def conflicts(review: str, stage: str, user: str, as_json: bool) -> None:
    """List the open conflicts of a stage: record, what one is in it (voter, judge, onlooker), title."""
    from workbench.screening.told import conflicts as told
    from workbench.screening.views.conflicts import sorted_for

    with looking(review, user) as (session, member):
        found = told.open_conflicts(session, member, sorted_for(session, member, Stage(stage)))
    rows = [f"{one.record}\t{one.part.value}\t{one_line(one.title)}" for one in found.items]
    tell(found, rows, as_json=as_json)
    click.echo(_("Open conflicts: %(n)s.", n=len(rows)), err=True)


@click.command("conflict")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
@JSON
def conflict(review: str, stage: str, record: int, user: str, as_json: bool) -> None:
    """Show one conflict, as much of it as one may see: what was voted, said and proposed."""
    from workbench.screening.told import conflicts as told

    with looking(review, user) as (session, member):
        found = told.conflict_on(session, member, Stage(stage), record)
    sides = [f"{one.who}\t{one.decision.value}\t{one.reason or ''}\t{one_line(one.note)}" for one in found.sides]
    talk = [f"{one.who}\t{one.at:%Y-%m-%d %H:%M}\t{one_line(one.text)}" for one in found.talk]
    tell(found, [one_line(found.card.title), *sides, *talk], as_json=as_json)


@click.command("look")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("what", type=click.Choice([what.value for what in Look]))
@USER
def look(review: str, stage: str, record: int, what: str, user: str) -> None:
    """Ask, as a third person, to see the reasons or the names; the look is stored."""
    from workbench.screening.service import conflicts

    with acting(review, user) as (session, member):
        conflicts.look(session, member, record, Stage(stage), Look(what))
    click.echo(_("Record %(id)s: you may see the %(what)s; that is on record.", id=record, what=what))


@click.command("settle")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("verdict", type=VERDICT, required=False)
@USER
@click.option("--why", help="Why; it stays with the record.")
@click.option("--agree", is_flag=True, help="Say yes to the newest proposal of the other voter.")
@REASON
@QUESTION
@DESIGN
def settle(
    review: str, stage: str, record: int, verdict: str | None, user: str, why: str | None, agree: bool,
    reason: str | None, questions: tuple[str, ...], design: str | None,
) -> None:  # fmt: skip
    """Settle a conflict: decide it as a third person, or agree to the newest proposal."""
    if agree == bool(verdict):
        raise VerdictOrYes(_("It is not clear how the conflict should be settled."))
    with acting(review, user) as (session, member):
        if verdict:
            settled = _decide(session, member, record, Stage(stage), verdict, why, reason, questions, design)
        else:
            settled = _agree(session, member, record, Stage(stage))
    click.echo(
        _("Record %(id)s: %(verdict)s, by %(path)s.", id=record, verdict=settled.verdict.value, path=settled.path.value)
    )


@click.command("propose")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("verdict", type=VERDICT)
@USER
@click.option("--why", required=True, help="Why; it stays with the record.")
@REASON
@QUESTION
@DESIGN
@KEY
def propose(
    review: str, stage: str, record: int, verdict: str, user: str, why: str, reason: str | None,
    questions: tuple[str, ...], design: str | None, key: str | None,
) -> None:  # fmt: skip
    """Propose a way out of a conflict to the other voter."""
    from workbench.screening.service import conflicts

    with acting(review, user) as (session, member):
        proposal = conflicts.propose(
            session, member, record, Stage(stage), verdict_of(verdict), why,
            reason_id=reason_id(session, member, Stage(stage), reason), questions=tuple(sorted(set(questions))),
            design=Design(design) if design else None, key=key,
        )  # fmt: skip
    click.echo(_("Record %(id)s: %(verdict)s is proposed.", id=record, verdict=proposal.verdict.value))


@click.command("agree")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
def agree(review: str, stage: str, record: int, user: str) -> None:
    """Say yes to the newest proposal of the other voter, which settles the conflict."""
    with acting(review, user) as (session, member):
        settled = _agree(session, member, record, Stage(stage))
    click.echo(_("Record %(id)s: %(verdict)s, by consensus.", id=record, verdict=settled.verdict.value))


@click.command("message")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("text")
@USER
@KEY
def message(review: str, stage: str, record: int, text: str, user: str, key: str | None) -> None:
    """Say TEXT to the other voter in the discussion of a conflict."""
    from workbench.screening.service import conflicts

    with acting(review, user) as (session, member):
        conflicts.say(session, member, record, Stage(stage), text, key)
    click.echo(_("Record %(id)s: said.", id=record))


def _decide(
    session: "Session", member: "Member", record: int, stage: Stage, word: str, why: str | None, reason: str | None,
    questions: Sequence[str], design: str | None,
) -> "Settlement":  # fmt: skip
    from workbench.screening.service import conflicts

    return conflicts.adjudicate(
        session, member, record, stage, verdict_of(word), why or "",
        reason_id=reason_id(session, member, stage, reason), questions=tuple(sorted(set(questions))),
        design=Design(design) if design else None,
    )  # fmt: skip


def _agree(session: "Session", member: "Member", record: int, stage: Stage) -> "Settlement":
    from workbench.screening.queries import votes
    from workbench.screening.service import conflicts

    votes.screenable(session, member.review_id, record)
    newest = votes.proposal(session, record, stage)
    if newest is None:
        raise NoProposal(_("Nobody has proposed a way out for record %(id)s.", id=record))
    return conflicts.agree(session, member, record, stage, newest.id)
