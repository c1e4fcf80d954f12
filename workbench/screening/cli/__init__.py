"""`workbench screening` and `workbench full-texts`: what the pages do, for scripts and for people without a browser."""

import json
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from workbench.errors import Invalid, NotAllowed, NotFound
from workbench.reviews.rules import Stage
from workbench.screening.cli import arranging, attaching
from workbench.screening.cli.acting import STAGE, USER, acting
from workbench.screening.rules import Ballot, Decision, Design, Found, StageDeed, StageRule, Verdict
from workbench.screening.writers import as_json as figures_json
from workbench.screening.writers import told
from workbench.words import _

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from workbench.reviews.models import Member
    from workbench.screening.agreement import Agreement, Table
    from workbench.screening.models import Settlement
    from workbench.screening.queries.agreement import Figures, Paired, Pairs
    from workbench.screening.queries.progress import Progress
    from workbench.screening.queries.reports import Report

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


class HiddenWhileOpen(NotAllowed):
    """Whoever may still vote at a stage does not see how much another keeps in (B10)."""

    hint = "Name a member who does not vote there with --user, or ask again when the stage is closed."


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
@click.option("--key", help="One of your own for this vote: sent twice, it is one vote.")
def vote(
    review: str, stage: str, record: int, decision: str, user: str, reason: str | None,
    questions: tuple[str, ...], design: str | None, note: str | None, key: str | None,
) -> None:  # fmt: skip
    """Cast a vote; it is in hand until it is handed in."""
    from workbench.screening.service import voting

    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
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
    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
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
    with acting(review, user) as (session, member):
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

    with acting(review, user) as (session, member):
        conflicts.say(session, member, record, Stage(stage), text)
    click.echo(_("Record %(id)s: said.", id=record))


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


@screening.command("agreement")
@click.argument("review")
@click.argument("stage", type=STAGE)
@click.option("--user", metavar="EMAIL", help="Who asks; needed while the stage is open.")
@click.option("--json", "as_json", is_flag=True, help="Print tables and figures as JSON.")
def agreement(review: str, stage: str, user: str | None, as_json: bool) -> None:
    """Tell how far two people's first votes agree, all together and by pair; nobody is told who still votes there."""
    from workbench.db import house
    from workbench.protocols.rules import plan_of
    from workbench.protocols.writers import independence_warning
    from workbench.reviews import queries as reviews
    from workbench.screening.queries import agreement as queries
    from workbench.screening.queries import votes

    sessions, _folder = house()
    with sessions.read() as session:
        asked = reviews.review_by_slug(session, review)
        rule = votes.stage_rule(session, asked.id, Stage(stage))
        _keep_from_voters(session, asked.id, rule, reviews.member_by_email(session, review, user) if user else None)
        plan = plan_of(votes.stage_version(session, asked.id, Stage(stage)).document).stages[Stage(stage)]
        found = queries.pairs(session, asked.id, rule)
        names = reviews.names(session, asked.id)
    by_pair = {tuple(names[one] for one in people): some for people, some in queries.by_people(found.found).items()}
    rests_on = independence_warning(plan)
    click.echo(_agreement_json(review, stage, found, by_pair, rests_on) if as_json else _agreement_text(found, by_pair))
    if rests_on:
        click.echo(rests_on, err=True)


def _keep_from_voters(session: "Session", review_id: int, rule: StageRule, member: "Member | None") -> None:
    """While a stage is open its figures are told to a member who does not vote there, and to nobody unnamed (B10)."""
    from workbench.screening.queries import agreement as queries
    from workbench.screening.queries import votes

    if not votes.is_running(session, review_id, rule.stage) or (
        member is not None and not queries.still_votes(session, member, rule)
    ):
        return
    raise HiddenWhileOpen(_("The stage is open, and who may still vote at it does not see how much another keeps in."))


def _agreement_json(
    review: str, stage: str, found: "Pairs", by_pair: Mapping[tuple[str, ...], "Sequence[Paired]"], rests_on: str | None
) -> str:
    from workbench.screening.queries import agreement as queries

    told = {
        "review": review,
        "stage": stage,
        "rests_on": rests_on,
        "left_out": {"met_by_merge": found.met_by_merge, "asked_again": found.asked_again, "surplus": found.surplus},
        **_tables(queries.figures(found.found)),
        "pairs": [{"people": list(names), **_tables(queries.figures(some))} for names, some in by_pair.items()],
        "by_hundred": [{"records": one.name, **_tables(one.figures)} for one in queries.over_time(found.found)],
        "by_week": [{"week": one.name, **_tables(one.figures)} for one in queries.over_time(found.found, by_week=True)],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _tables(figures: "Figures") -> dict[str, object]:
    return {
        "two_by_two": figures_json(figures.two, figures.of_two),
        "three_by_three": figures_json(figures.three, figures.of_three),
    }


def _agreement_text(found: "Pairs", by_pair: Mapping[tuple[str, ...], "Sequence[Paired]"]) -> str:
    """All pairs together, once with unclear as include and once for itself, then each pair by name."""
    from workbench.screening.queries import agreement as queries

    whole = queries.figures(found.found)
    lines = [_("Unclear as include, %(n)s records", n=whole.two.n), *_table_lines(whole.two, whole.of_two)]
    lines += ["", _("Unclear for itself"), *_table_lines(whole.three, whole.of_three)]
    for names, some in by_pair.items() if len(by_pair) > 1 else ():
        of = queries.figures(some)
        lines += ["", f"{' – '.join(names)}, {of.two.n}", *_table_lines(of.two, of.of_two)]
    return "\n".join(lines)


def _table_lines(table: "Table", found: "Agreement") -> list[str]:
    rows = [[name, *map(str, row)] for name, row in zip(table.classes, table.cells, strict=True)]
    return ["\t".join(row) for row in [["", *table.classes], *rows]] + [f"{name}\t{said}" for name, said in told(found)]


@screening.command("progress")
@click.argument("review")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def progress(review: str, as_json: bool) -> None:
    """Tell how far both stages are and how many votes each person still has to give; never what anybody voted."""
    from workbench.db import house
    from workbench.reviews.queries import review_by_slug
    from workbench.screening.queries import progress as queries
    from workbench.screening.queries import votes
    from workbench.screening.queries.allocation import allotted

    sessions, _folder = house()
    with sessions.read() as session:
        asked = review_by_slug(session, review)
        rules = {stage: votes.stage_rule(session, asked.id, stage) for stage in Stage}
        found = {
            stage: (
                votes.is_running(session, asked.id, stage),
                queries.progress(session, asked.id, rule, allotted(session, asked.id, rule)),
            )
            for stage, rule in rules.items()
        }
        stages = [_progress_told(stage.value, is_open, one) for stage, (is_open, one) in found.items()]
    if as_json:
        click.echo(json.dumps({"review": review, "stages": stages}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n\n".join(_progress_text(stage) for stage in stages))


def _progress_told(stage: str, is_open: bool, found: "Progress") -> dict[str, Any]:
    return {
        "stage": stage,
        "is_open": is_open,
        "records": found.total,
        "all_votes_in": found.settled,
        "in_conflict": found.conflicts,
        "await_another_vote": found.awaited,
        "no_vote_in": found.untouched,
        "votes_left": found.votes_left,
        "votes_a_day": round(found.pace.a_day, 2),
        "expected_end": found.pace.end.isoformat() if found.pace.end and is_open else None,
        "people": [
            {
                "name": share.member.name,
                "may_vote": share.may_vote,
                "given": share.given,
                "still_to_give": share.waiting,
                "only_theirs_missing": share.awaited,
                "in_conflict": share.conflicts,
            }
            for share in found.shares
        ],
    }


def _progress_text(stage: Mapping[str, Any]) -> str:
    end = stage["expected_end"]
    lines = [
        f"{stage['stage']}\t{_('open for votes') if stage['is_open'] else _('not open')}",
        _("records\t%(n)s", n=stage["records"]),
        _("all votes in\t%(n)s", n=stage["all_votes_in"]),
        _("in conflict\t%(n)s", n=stage["in_conflict"]),
        _("await another vote\t%(n)s", n=stage["await_another_vote"]),
        _("no vote in\t%(n)s", n=stage["no_vote_in"]),
        _("votes left\t%(n)s", n=stage["votes_left"]),
        *([_("expected end\t%(day)s", day=end)] if end else []),
    ]
    told = _("%(name)s\t%(given)s given\t%(left)s still to give\t%(n)s in conflict")
    lines += [
        told % {"name": one["name"], "given": one["given"], "left": one["still_to_give"], "n": one["in_conflict"]}
        for one in stage["people"]
    ]
    return "\n".join(lines)


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


full_texts.add_command(attaching.attach)


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
