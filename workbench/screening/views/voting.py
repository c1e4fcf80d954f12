"""The screening desk: one record, one vote, the next record; with or without script."""

import secrets

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols.queries import plan_in_force
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening.models import Vote
from workbench.screening.queries import desk as own
from workbench.screening.queries import inquiries, lists, pilots, reports, tags
from workbench.screening.queries import votes as queries
from workbench.screening.queries.merged import held_back
from workbench.screening.queries.queue import how_many_wait, still_wait
from workbench.screening.rules import Decision, Design, StageRule, Wish
from workbench.screening.service import desk as deeds
from workbench.screening.service import voting
from workbench.screening.views.ballots import (
    Sent,
    from_form,
    from_json,
    listed,
    put_off_from,
    record_in,
    skipped,
    wish_from,
)
from workbench.screening.views.desk import AHEAD, Desk, desk_of, says_the_same, served, show, voted_on
from workbench.screening.views.met import Marked, marked
from workbench.screening.views.reading import Shown, pico
from workbench.web.transactions import current_session, reads, transaction
from workbench.words import _

bp = Blueprint("voting", __name__, url_prefix='/reviews/<slug>/screen/<any("title-abstract", "full-text"):stage>')


@bp.get("")
@door(Deed.VOTE)
def desk(slug: str, stage: str) -> ResponseReturnValue:
    """Show the next record, of those that one looks for; or one's own vote once more."""
    session, member, wanted = current_session(), asking_member(), request.args.get("record", type=int)
    again = voted_on(session, member, Stage(stage), wanted) if wanted else None
    if wanted and again is None:
        flash(_("You have no vote on record %(id)s.", id=wanted))
        return redirect(url_for(".mine", slug=slug, stage=stage), 303)
    asked = request.args.get("marked", type=int), request.args.get("with_record", type=int)
    shown_again = desk_of(session, member, Stage(stage), again, wish=_wish(session, Stage(stage), request.args))
    return _page(shown_again, marked=marked(session, member, *asked))


@bp.post("/queue")
@door(Deed.VOTE)
@reads
def queue(slug: str, stage: str) -> ResponseReturnValue:
    """Give the next records as fragments of the page; a POST, since serving may hold places."""
    asked, session, member = request.get_json(silent=True) or {}, current_session(), asking_member()
    rule = queries.stage_rule(session, member.review_id, Stage(stage))
    wish = wish_from(asked.get("wish"), masked=rule.masked)
    turns = served(session, member, rule, AHEAD, skipped(asked), wish)
    found = _shown(session, member, rule, [turn.record_id for turn in turns])
    frame = {"stage": stage, "pilot": pilots.that_asks(session, member, rule), "is_narrowed": bool(wish)}
    return jsonify(
        [{"id": one.id, "html": render_template("screening/_record.html", record=one, **frame)} for one in found]
    )


@bp.get("/now")
@door(Deed.VOTE)
def now(slug: str, stage: str) -> ResponseReturnValue:
    """Say where one stands, and which of the records that the desk holds wait no more, since one voted elsewhere."""
    session, member, held = current_session(), asking_member(), listed(request.args.get("held", ""))
    wish = _wish(session, Stage(stage), request.args)
    rule = queries.stage_rule(session, member.review_id, Stage(stage))
    back = held_back(session, member.review_id, Stage(stage))
    return jsonify(
        gone=sorted(set(held) - still_wait(session, member, rule, held).difference(back)),
        left=how_many_wait(session, member, rule, back, wish),
        done=0 if wish else queries.n_voted(session, member, Stage(stage)),
        in_hand=len(queries.in_hand(session, member, Stage(stage))),
    )  # fmt: skip


@bp.get('/mine/<any("earlier", "later"):way>')
@door(Deed.VOTE)
def beside(slug: str, stage: str, way: str) -> ResponseReturnValue:
    """Give one's own vote before or after that on a record, with the record as a fragment; else nothing."""
    session, member, than = current_session(), asking_member(), request.args.get("than", type=int)
    if way == "earlier":
        vote = own.earlier(session, member, Stage(stage), than)
    else:
        vote = own.later(session, member, Stage(stage), than or 0)
    if vote is None:
        return jsonify({})
    rule = queries.stage_rule(session, member.review_id, Stage(stage))
    [record] = _shown(session, member, rule, [vote.record_id])
    html = render_template("screening/_record.html", record=record, stage=stage)
    return jsonify({"id": vote.record_id, "html": html, "is_final": queries.is_handed_in(session, vote)} | _told(vote))


@bp.post("/later")
@door(Deed.VOTE)
def later(slug: str, stage: str) -> ResponseReturnValue:
    """Put a record off to the end of one's own queue, or call it back."""
    if not request.is_json:
        return _later_by_form(slug, Stage(stage))
    with transaction() as session:
        member = asking_member()
        record_id, key, is_back = put_off_from(request.get_json(silent=True), member)
        if is_back:
            deeds.call_back(session, member, record_id, Stage(stage))
        else:
            deeds.postpone(session, member, record_id, Stage(stage), key)
        in_hand = len(queries.in_hand(session, member, Stage(stage)))
    return jsonify({"record": record_id, "in_hand": in_hand})


@bp.post("/votes")
@door(Deed.VOTE)
def vote(slug: str, stage: str) -> ResponseReturnValue:
    """Take one vote: from the module as JSON, or from the form."""
    if not request.is_json:
        return _vote_by_form(slug, Stage(stage))
    with transaction() as session:
        sent = from_json(request.get_json(silent=True), asking_member())
        _cast(session, Stage(stage), sent)
        in_hand = len(queries.in_hand(session, asking_member(), Stage(stage)))
    return jsonify({"record": sent.record_id, "decision": sent.ballot.decision.value, "in_hand": in_hand})


@bp.post("/finish")
@door(Deed.VOTE)
def finish(slug: str, stage: str) -> ResponseReturnValue:
    """Hand in all votes in hand; from here on they count."""
    with transaction() as session:
        n = voting.hand_in(session, asking_member(), Stage(stage))
        every = queries.n_voted(session, asking_member(), Stage(stage))
    if request.is_json:
        return jsonify({"handed_in": n})
    flash(_handed_in(n, every) if n else _("You had no vote in hand."))
    here = "stages.stage" if request.form.get("back") == "stage" else ".desk"
    return redirect(url_for(here, slug=slug, stage=stage), 303)


@bp.get("/mine")
@door(Deed.VOTE)
def mine(slug: str, stage: str) -> str:
    """List one's own votes, newest first; those in hand can be changed."""
    session, member = current_session(), asking_member()
    page = lists.own_votes(session, member, Stage(stage), request.args.get("page", 1, type=int))
    rule = queries.stage_rule(session, member.review_id, Stage(stage))
    return render_template(
        "screening/mine.html", stage=Stage(stage), page=page, rule=rule,
        in_hand=queries.in_hand(session, member, Stage(stage)),
        is_running=queries.is_running(session, member.review_id, Stage(stage)),
    )  # fmt: skip


def _handed_in(n: int, every: int) -> str:
    """Who gave hundreds of votes hands in the newest alone; the others went before, and one wonders where they are."""
    if n == every:
        return _("Votes handed in: %(n)s. They are final now.", n=n)
    return _("Votes handed in: %(n)s. All %(every)s of your votes here are final now.", n=n, every=every)


def _vote_by_form(slug: str, stage: Stage) -> ResponseReturnValue:
    sent = from_form(request.form, secrets.token_hex(12))
    try:
        with transaction() as session:
            earlier = queries.own_vote(session, asking_member(), sent.record_id, stage)
            if not says_the_same(earlier, sent.ballot, request.form.get("turn", 0, type=int)):
                _cast(session, stage, sent)
    except (Invalid, Clash) as error:
        return _refused(stage, sent, error)
    if sent.ballot.decision is not Decision.WITHDRAWN:
        return redirect(_desk(slug, stage), 303)
    flash(_("Your vote on this record is taken back."))
    if request.form.get("back") == "mine":
        return redirect(url_for(".mine", slug=slug, stage=stage.value), 303)
    return redirect(url_for(".desk", slug=slug, stage=stage.value, record=sent.record_id), 303)


def _later_by_form(slug: str, stage: Stage) -> ResponseReturnValue:
    with transaction() as session:
        deeds.postpone(session, asking_member(), record_in(request.form), stage, secrets.token_hex(12))
    return redirect(_desk(slug, stage), 303)


def _desk(slug: str, stage: Stage) -> str:
    """The desk with the next record, narrowed as it was."""
    wish = wish_from(request.args, masked=False)
    return url_for(".desk", slug=slug, stage=stage.value, **wish.parts())


def _wish(session: Session, stage: Stage, values: object) -> Wish:
    rule = queries.stage_rule(session, asking_member().review_id, stage)
    return wish_from(values, masked=rule.masked)


def _shown(session: Session, member: Member, rule: StageRule, record_ids: list[int]) -> list[Shown]:
    """These records as this reviewer's desk shows them."""
    plan = plan_in_force(session, member.review_id)
    records = lists.records_by_id(session, record_ids)
    return show(session, records, rule, plan, own.terms_of(session, member, plan).all, member.name)


def _told(vote: Vote) -> dict[str, object]:
    return {
        "decision": vote.decision.value, "reason": vote.reason_id, "note": vote.note or "",
        "private_note": vote.private_note or "", "tags": ", ".join(vote.tags or ()),
    }  # fmt: skip


def _cast(session: Session, stage: Stage, sent: Sent) -> Vote | None:
    if sent.ballot.decision is Decision.WITHDRAWN:
        return voting.withdraw(session, asking_member(), sent.record_id, stage, sent.key)
    return voting.cast_vote(session, asking_member(), sent.record_id, stage, sent.ballot, sent.key)


def _refused(stage: Stage, sent: Sent, error: WorkbenchError) -> ResponseReturnValue:
    """The same record once more, as it was filled in, with the reason why the vote was not taken."""
    session, member = current_session(), asking_member()
    record = queries.screenable(session, member.review_id, sent.record_id)
    wish = _wish(session, stage, request.args)
    page = _page(desk_of(session, member, stage, record, sent.ballot, wish), error)
    return page, 409 if isinstance(error, Clash) else 422


def _page(found: Desk, refused: WorkbenchError | None = None, marked: Marked | None = None) -> str:
    template = "screening/full_text.html" if found.stage is Stage.FULL_TEXT else "screening/desk.html"
    return render_template(
        template, desk=found, refused=refused, marked=marked, pico=pico(found.plan), designs=list(Design),
        **_report(found), offered=tags.defined(current_session(), asking_member().review_id),
        news=inquiries.with_news(current_session(), asking_member()),
    )  # fmt: skip


def _report(found: Desk) -> dict[str, object]:
    """What the full-text page adds: the files of the report, how it was found, and the questions to tick."""
    if found.stage is not Stage.FULL_TEXT or found.record is None:
        return {}
    session = current_session()
    return {
        "files": reports.files_of(session, found.record.id),
        "history": reports.history(session, found.record.id),
        "questions": reviews.questions(session, asking_member().review_id),
    }
