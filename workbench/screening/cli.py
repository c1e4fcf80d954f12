"""`workbench screening` and `workbench full-texts`: what the pages do, for scripts and for people without a browser."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workbench.errors import Clash, Invalid, NotFound
from workbench.reviews.rules import Stage
from workbench.screening.rules import Ballot, Decision, Design, Found, StageDeed, Verdict
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member
    from workbench.screening.models import Settlement
    from workbench.screening.queries.reports import Report

STAGE = click.Choice([stage.value for stage in Stage])
USER = click.option("--user", required=True, metavar="EMAIL", help="Who does it: an address of a member.")
REASON = click.option("--reason", metavar="CODE", help="The exclusion reason's id in the protocol.")
QUESTION = click.option("--question", "questions", multiple=True, metavar="CODE", help="A question it answers.")
VERDICT = click.Choice([verdict.value.split()[0] for verdict in Verdict])
JSON = click.option("--json", "as_json", is_flag=True, help="Print it as the JSON API gives it.")
DESIGN = click.option("--design", type=click.Choice([design.value for design in Design]))


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
@click.option("--key", help="One of your own for this vote: sent twice, it is one vote.")
def vote(
    review: str, stage: str, record: int, decision: str, user: str, reason: str | None,
    questions: tuple[str, ...], design: str | None, note: str | None, key: str | None,
) -> None:  # fmt: skip
    """Cast a vote; it is in hand until it is handed in."""
    from workbench.screening.service import voting

    with _acting(review, user) as (session, member):
        ballot = Ballot(
            Decision(decision), _reason_id(session, member, Stage(stage), reason), tuple(sorted(set(questions))),
            Design(design) if design else None, note,
        )  # fmt: skip
        voting.cast_vote(session, member, record, Stage(stage), ballot, key or secrets.token_hex(12))
    click.echo(_("Record %(id)s: %(decision)s, in hand.", id=record, decision=decision))


@screening.command("hand-in")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def hand_in(review: str, stage: str, user: str) -> None:
    """Hand in all of one's votes in hand at a stage; they are final then."""
    from workbench.screening.service import voting

    with _acting(review, user) as (session, member):
        n = voting.hand_in(session, member, Stage(stage))
    click.echo(_("Votes handed in: %(n)s", n=n))


@screening.command("settle")
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
    with _acting(review, user) as (session, member):
        if verdict:
            settled = _decide(session, member, record, Stage(stage), verdict, why, reason, questions, design)
        else:
            settled = _agree(session, member, record, Stage(stage))
    click.echo(
        _("Record %(id)s: %(verdict)s, by %(path)s.", id=record, verdict=settled.verdict.value, path=settled.path.value)
    )


@screening.command("withdraw")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
def withdraw(review: str, stage: str, record: int, user: str) -> None:
    """Take one's own vote on a record back, while it is in hand."""
    from workbench.screening.service import voting

    with _acting(review, user) as (session, member):
        vote = voting.withdraw(session, member, record, Stage(stage), secrets.token_hex(12))
    said = _("Record %(id)s: your vote is taken back.") if vote else _("Record %(id)s: you have no vote there.")
    click.echo(said % {"id": record})


@screening.command("queue")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="How many.")
@JSON
def queue(review: str, stage: str, user: str, limit: int, as_json: bool) -> None:
    """Show the next records that wait for one's vote; being served can hold a place on them for a day."""
    from workbench.screening import told
    from workbench.screening.queries import votes
    from workbench.screening.service import voting

    with _acting(review, user) as (session, member):
        turns = voting.serve(session, member, Stage(stage), limit)
        rule = votes.stage_rule(session, member.review_id, Stage(stage))
        found = told.Cards(told.cards(session, member, rule, [turn.record_id for turn in turns]))
    _tell(found, [f"{one.record}\t{one.year or ''}\t{one.title}" for one in found.items], as_json=as_json)
    if not found.items:
        click.echo(_("No record waits for you at this stage, or it is not open to you."), err=True)


@screening.command("mine")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Fifty votes a page.")
@JSON
def mine(review: str, stage: str, user: str, page: int, as_json: bool) -> None:
    """List one's own votes as they stand, newest first: record, decision, reason, in hand or handed in."""
    from workbench.screening import told

    with _acting(review, user) as (session, member):
        found = told.own_votes(session, member, Stage(stage), page)
    states = {True: _("handed in"), False: _("in hand")}
    rows = [
        f"{one.record}\t{one.decision.value}\t{one.reason or ''}\t{states[one.is_handed_in]}" for one in found.items
    ]
    _tell(found, rows, as_json=as_json)
    click.echo(
        _("Page %(n)s of %(last)s, %(total)s votes.", n=found.page, last=found.pages, total=found.total), err=True
    )


@screening.command("propose")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("verdict", type=VERDICT)
@USER
@click.option("--why", required=True, help="Why; it stays with the record.")
@REASON
@QUESTION
@DESIGN
def propose(
    review: str, stage: str, record: int, verdict: str, user: str, why: str, reason: str | None,
    questions: tuple[str, ...], design: str | None,
) -> None:  # fmt: skip
    """Propose a way out of a conflict to the other voter."""
    from workbench.screening.service import conflicts

    with _acting(review, user) as (session, member):
        proposal = conflicts.propose(
            session, member, record, Stage(stage), _verdict(verdict), why,
            reason_id=_reason_id(session, member, Stage(stage), reason), questions=tuple(sorted(set(questions))),
            design=Design(design) if design else None,
        )  # fmt: skip
    click.echo(_("Record %(id)s: %(verdict)s is proposed.", id=record, verdict=proposal.verdict.value))


@screening.command("agree")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@USER
def agree(review: str, stage: str, record: int, user: str) -> None:
    """Say yes to the newest proposal of the other voter, which settles the conflict."""
    with _acting(review, user) as (session, member):
        settled = _agree(session, member, record, Stage(stage))
    click.echo(_("Record %(id)s: %(verdict)s, by consensus.", id=record, verdict=settled.verdict.value))


@screening.command("message")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.argument("record", type=int)
@click.argument("text")
@USER
def message(review: str, stage: str, record: int, text: str, user: str) -> None:
    """Say TEXT to the other voter in the discussion of a conflict."""
    from workbench.screening.service import conflicts

    with _acting(review, user) as (session, member):
        conflicts.say(session, member, record, Stage(stage), text)
    click.echo(_("Record %(id)s: said.", id=record))


@screening.command("open")
@click.argument("review")
@click.argument("stage", type=STAGE)
@USER
def open_stage(review: str, stage: str, user: str) -> None:
    """Open a stage for votes, under the protocol in force."""
    from workbench.screening.service import stages

    with _acting(review, user) as (session, member):
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

    with _acting(review, user) as (session, member):
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

    with _acting(review, user) as (session, member):
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
    with _acting(review, user) as (session, member):
        row = retrieval.attach(session, FolderStore(folder / "files"), member, record, data, file.name)
    click.echo(_("Record %(id)s: %(name)s attached.", id=record, name=row.file_name))


@contextmanager
def _acting(review: str, email: str) -> "Iterator[tuple[Session, Member]]":
    """One transaction of one member: all of it stands, or nothing."""
    from sqlalchemy.exc import IntegrityError

    from workbench.db import house
    from workbench.reviews.queries import member_by_email

    sessions, _folder = house()
    try:
        with sessions.write.begin() as session:
            yield session, member_by_email(session, review, email)
    except IntegrityError as error:
        raise Clash(_("This was just done already, by you or by somebody else.")) from error


def _reason_id(session: "Session", member: "Member", stage: Stage, code: str | None) -> int | None:
    from workbench.screening.queries.reasons import reason_id

    return reason_id(session, member.review_id, stage, code)


def _verdict(word: str) -> Verdict:
    return next(one for one in Verdict if one.value.startswith(word))


def _tell(found: object, rows: Sequence[str], *, as_json: bool) -> None:
    """Print what was found: as JSON, or a line for each."""
    import json

    from workbench.web.api import plain

    if as_json or rows:
        click.echo(json.dumps(plain(found), ensure_ascii=False, indent=1) if as_json else "\n".join(rows))


def _decide(
    session: "Session", member: "Member", record: int, stage: Stage, word: str, why: str | None, reason: str | None,
    questions: Sequence[str], design: str | None,
) -> "Settlement":  # fmt: skip
    from workbench.screening.service import conflicts

    return conflicts.adjudicate(
        session, member, record, stage, _verdict(word), why or "",
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
