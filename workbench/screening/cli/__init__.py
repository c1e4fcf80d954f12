"""`workbench screening` and `workbench full-texts`: what the pages do, for scripts and for people without a browser."""

import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.errors import Invalid, NotFound
from workbench.reviews.rules import Stage
from workbench.screening.cli import arranging
from workbench.screening.cli.acting import STAGE, USER, acting
from workbench.screening.rules import Ballot, Decision, Design, Found, StageDeed, Verdict
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member
    from workbench.screening.models import Settlement
    from workbench.screening.queries.reports import Report

REASON = click.option("--reason", metavar="CODE", help="The exclusion reason's id in the protocol.")
QUESTION = click.option("--question", "questions", multiple=True, metavar="CODE", help="A question it answers.")
DESIGN = click.option("--design", type=click.Choice([design.value for design in Design]))


class NoSuchReason(NotFound):
    """An exclusion reason is named by its id in the protocol."""


class NoProposal(NotFound):
    """One agrees to a way out that the other voter proposed."""

    hint = "Propose one on the page of the conflict."


class VerdictOrYes(Invalid):
    """A conflict is settled by a verdict with its why, or by saying yes to the newest proposal."""

    hint = "Give VERDICT and --why, or --agree."


class NoSuchFile(Invalid):
    """A file named on the command line must be there and be readable."""


@click.group()
def screening() -> None:
    """Votes and conflicts of a review."""


for command in (arranging.allocate, arranging.pilot, arranging.lists, arranging.check, arranging.languages):
    screening.add_command(command)


@screening.command("vote")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("decision", type=click.Choice([one.value for one in Decision if one is not Decision.WITHDRAWN]))
@USER
@REASON
@QUESTION
@DESIGN
@click.option("--note", help="Opens with the vote.")
def vote(
    review: str, stage: str, record: int, decision: str, user: str, reason: str | None,
    questions: tuple[str, ...], design: str | None, note: str | None,
) -> None:  # fmt: skip
    """Cast a vote; it is in hand until it is handed in."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
        ballot = Ballot(
            Decision(decision), _reason_id(session, member, Stage(stage), reason), tuple(sorted(set(questions))),
            Design(design) if design else None, note,
        )  # fmt: skip
        voting.cast_vote(session, member, record, Stage(stage), ballot, secrets.token_hex(12))
    click.echo(_("Record %(id)s: %(decision)s, in hand.", id=record, decision=decision))


@screening.command("hand-in")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def hand_in(review: str, stage: str, user: str) -> None:
    """Hand in all of one's votes in hand at a stage; they are final then."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
        n = voting.hand_in(session, member, Stage(stage))
    click.echo(_("Votes handed in: %(n)s", n=n))


@screening.command("settle")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("verdict", type=click.Choice([verdict.value.split()[0] for verdict in Verdict]), required=False)
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


@screening.command("open")
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


@screening.command("close")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def close_stage(review: str, stage: str, user: str) -> None:
    """Close a stage; no vote is taken until it is opened again."""
    from workbench.screening.service import stages

    with acting(review, user) as (session, member):
        stages.close_stage(session, member, Stage(stage))
    click.echo(_("%(stage)s is closed.", stage=stage))


@click.group("full-texts")
def full_texts() -> None:
    """Full texts of the reports that are sought."""


@full_texts.command("list")
@click.argument("review")
def list_reports(review: str) -> None:
    """List the reports that are sought, one a line: record, state, files, identifier, title; tabs between."""
    from workbench.db import house
    from workbench.reviews.queries import review_by_slug
    from workbench.screening.queries import reports

    sessions, _folder = house()
    with sessions.read() as session:
        found = reports.reports(session, review_by_slug(session, review).id)
    for one in found:
        record = one.record
        title = " ".join((record.title or record.original_title or "").split())
        click.echo("\t".join([str(record.id), _state(one), str(one.files), record.doi or record.pmid or "", title]))
    states = Counter(_state(one) for one in found)
    told = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    click.echo(_("%(n)s reports are sought%(told)s.", n=len(found), told=f": {told}" if told else ""), err=True)


def _state(report: "Report") -> str:
    return report.found.value if report.found else "sought"


@full_texts.command("log")
@click.argument("review")
@click.argument("record", type=int)
@click.argument("state", type=click.Choice([found.value for found in Found]))
@USER
@click.option("--note", help="Where and how; for not-retrieved the reason.")
def log(review: str, record: int, state: str, user: str, note: str | None) -> None:
    """Write down what happened on the way to a full text."""
    from workbench.screening.service import retrieval

    with acting(review, user) as (session, member):
        retrieval.log_report(session, member, record, Found(state), note)
    click.echo(_("Record %(id)s: %(state)s.", id=record, state=state))


@full_texts.command("attach")
@click.argument("review")
@click.argument("record", type=int)
@click.argument("file", type=click.Path(path_type=Path))
@USER
def attach(review: str, record: int, file: Path, user: str) -> None:
    """Attach a PDF to a report, which then counts as retrieved."""
    from workbench.db import house
    from workbench.files.stores import FolderStore
    from workbench.screening.service import retrieval

    data = _content(file)
    _sessions, folder = house()
    with acting(review, user) as (session, member):
        row = retrieval.attach(session, FolderStore(folder / "files"), member, record, data, file.name)
    click.echo(_("Record %(id)s: %(name)s attached.", id=record, name=row.file_name))


def _reason_id(session: "Session", member: "Member", stage: Stage, code: str | None) -> int | None:
    from workbench.reviews.queries import reasons

    if code is None:
        return None
    known = {reason.code: reason.id for reason in reasons(session, member.review_id, stage)}
    if code not in known:
        hint = _("They are: %(known)s", known=", ".join(known))
        raise NoSuchReason(_("There is no reason “%(code)s” at this stage.", code=code), hint)
    return known[code]


def _decide(
    session: "Session", member: "Member", record: int, stage: Stage, word: str, why: str | None, reason: str | None,
    questions: Sequence[str], design: str | None,
) -> "Settlement":  # fmt: skip
    from workbench.screening.service import conflicts

    return conflicts.adjudicate(
        session, member, record, stage, next(one for one in Verdict if one.value.startswith(word)), why or "",
        reason_id=_reason_id(session, member, stage, reason), questions=tuple(sorted(set(questions))),
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


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise NoSuchFile(_("%(file)s cannot be read: %(why)s.", file=file, why=why)) from error
