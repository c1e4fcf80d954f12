"""What waits at a stage, as lists: my vote, a second vote, a clear word, another language; and the second check."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.errors import Invalid
from workbench.protocols import writers
from workbench.protocols.rules import plan_of
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening.queries import awaiting, languages, passing
from workbench.screening.queries import votes as queries
from workbench.screening.queries.lists import Page
from workbench.screening.rules import StageRule
from workbench.screening.service import languages as service
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("lists", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>')


@bp.get('/lists/<any("mine", "second", "unclear", "language"):which>')
@door(Deed.LOOK)
def waiting(slug: str, stage: str, which: str) -> str:
    """Show one of the lists; who does not vote at the stage has no list of their own."""
    return _page(Stage(stage), which)


@bp.post("/languages")
@door(Deed.VOTE)
def say_languages(slug: str, stage: str) -> ResponseReturnValue:
    """Say which languages one reads."""
    try:
        with transaction() as session:
            named = request.form.get("languages", "").replace("\x00", "").replace(",", " ").split()
            service.say_languages(session, asking_member(), named)
    except Invalid as error:
        return _page(Stage(stage), "language", error), 422
    flash(_("Kept. Records in other languages go to those who read them.") if named else _("Kept: you read them all."))
    return redirect(url_for(".waiting", slug=slug, stage=stage, which="language"), 303)


@bp.get("/check")
@door(Deed.LOOK)
def check(slug: str, stage: str) -> str:
    """Show the second check of single exclusions: what waits for it, and its error rate once it is over."""
    session, member, here = current_session(), asking_member(), Stage(stage)
    rule = queries.stage_rule(session, member.review_id, here)
    plan = plan_of(queries.stage_version(session, member.review_id, here).document).stages[here]
    return render_template(
        "screening/check.html", stage=here, rule=rule, check=awaiting.check(session, member.review_id, rule),
        page=awaiting.to_check(session, member.review_id, rule, _number()),
        warning=writers.independence_warning(plan), is_masked=_is_masked(session, member, rule),
    )  # fmt: skip


def _page(here: Stage, which: str, refused: Exception | None = None) -> str:
    session, member = current_session(), asking_member()
    rule = queries.stage_rule(session, member.review_id, here)
    mine = languages.read_by(session, member.review_id).get(member.id, frozenset())
    unread = languages.not_read(session, member, rule)
    found = languages.languages_of(session, member.review_id) if which == "language" else {}
    return render_template(
        "screening/waiting.html", stage=here, rule=rule, which=which, refused=refused, sent=request.form,
        page=list_of(session, member, rule, which, _number()), mine=sorted(mine),
        may_vote=queries.may_vote(member, rule),
        unread={code: (n, unread[code]) for code, n in sorted(found.items()) if code in unread},
        is_running=queries.is_running(session, member.review_id, here), is_masked=_is_masked(session, member, rule),
        by_hand=passing.passed_on_by_hand(session, member) if which == "language" else [],
    )  # fmt: skip


def list_of(session: Session, member: Member, rule: StageRule, which: str, number: int) -> Page[Record]:
    """One page of a list; who does not vote at the stage has none of their own."""
    if which == "second":
        return awaiting.second(session, member.review_id, rule, number)
    if not queries.may_vote(member, rule):
        return Page([], 0, 1)
    if which == "mine":
        return awaiting.mine(session, member, rule, number)
    if which == "unclear":
        return awaiting.unclear(session, member, rule, number)
    return awaiting.in_languages(session, member.review_id, languages.passed_on(session, member, rule), number)


def _is_masked(session: Session, member: Member, rule: StageRule) -> bool:
    return rule.masked and queries.is_running(session, member.review_id, rule.stage)


def _number() -> int:
    return request.args.get("page", 1, type=int)
