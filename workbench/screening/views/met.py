"""A duplicate met while screening: marked at once, or left to those who decide on duplicates; and taken back."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer
from workbench.deduplication.service import suspicions
from workbench.deduplication.views.sides import Field, fields
from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.queries import alike
from workbench.screening.queries import votes as queries
from workbench.screening.queries.desk import terms_of
from workbench.screening.views.desk import show
from workbench.screening.views.reading import Shown
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint(
    "met",
    __name__,
    url_prefix='/reviews/<slug>/screen/<any("title-abstract", "full-text"):stage>/<int:record_id>/duplicate',
)


class OtherMissing(Invalid):
    """A duplicate is a duplicate of another record."""

    hint = "Choose the other record from the list, or search for it."


@dataclass(frozen=True)
class Pair:
    """The record on the desk beside the other one; field by field where the stage masks nothing."""

    other: Record
    cards: list[Shown]
    fields: list[Field]


@dataclass(frozen=True)
class Marked:
    """What this reader did with a pair that can still be taken back."""

    record_id: int
    other_id: int
    is_joined: bool


@bp.get("")
@door(Deed.VOTE)
def choose(slug: str, stage: str, record_id: int) -> str:
    """Propose what the record may be a duplicate of; with one chosen, show the two side by side."""
    return _page(Stage(stage), record_id, request.args.get("other", type=int))


@bp.post("")
@door(Deed.VOTE)
def mark(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Join the two records, or put them before those who decide on duplicates."""
    other_id = request.form.get("other", type=int)
    try:
        with transaction() as session:
            _mark(session, asking_member(), record_id, other_id)
    except (Clash, Invalid) as error:
        return _page(Stage(stage), record_id, other_id, error), 409 if isinstance(error, Clash) else 422
    return redirect(url_for("voting.desk", slug=slug, stage=stage, marked=record_id, with_record=other_id), 303)


@bp.post("/undo")
@door(Deed.VOTE)
def undo(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Take back what one just said of the pair; everything is as it was."""
    other_id = request.form.get("other", 0, type=int)
    with transaction() as session:
        is_undone = _undo(session, asking_member(), record_id, other_id)
        flash(_undone(session, record_id, other_id) if is_undone else _("There is nothing of yours to take back."))
    return redirect(url_for("voting.desk", slug=slug, stage=stage), 303)


def marked(session: Session, member: Member, record_id: int | None, other_id: int | None) -> Marked | None:
    """What the reader said of this pair, while it is their last word; None where there is nothing to take back."""
    if record_id is None or other_id is None:
        return None
    pair = deduplication.in_order(record_id, other_id)
    if pair in _own_last(session, member):
        is_joined = queries.cluster(session, record_id)[0] == queries.cluster(session, other_id)[0]
        return Marked(record_id, other_id, is_joined)
    mine = any(one.member_id == member.id for one in suspicions.standing(session, pair))
    return Marked(record_id, other_id, is_joined=False) if mine else None


def _mark(session: Session, member: Member, record_id: int, other_id: int | None) -> None:
    queries.screenable(session, member.review_id, record_id)
    if other_id is None:
        raise OtherMissing(_("Say which record it is a duplicate of."))
    queries.screenable(session, member.review_id, other_id)
    is_left = request.form.get("deed") == "leave"
    if is_left or deduplication.people_asked(session, member.review_id) > 1:  # the second person is to be asked, too
        duplicates.suspect(session, member, record_id, other_id)
    if not is_left:
        duplicates.answer(session, member, record_id, other_id, Answer.SAME)


def _undo(session: Session, member: Member, record_id: int, other_id: int) -> bool:
    no_longer = duplicates.no_longer_suspect(session, member, record_id, other_id)
    if deduplication.in_order(record_id, other_id) in _own_last(session, member):
        return bool(duplicates.undo(session, member))
    return no_longer


def _undone(session: Session, record_id: int, other_id: int) -> str:
    """Say how the two stand now; what the engine joins without doubt it joins again."""
    if queries.cluster(session, record_id)[0] != queries.cluster(session, other_id)[0]:
        return _("The two records are two reports again.")
    return _("Your word is taken back. The program joins the two by itself; the list of joined records parts them.")


def _own_last(session: Session, member: Member) -> set[tuple[int, int]]:
    """The pairs of the reader's last answer, where that was "same report"."""
    said = deduplication.in_hand(session, member)
    return {(one.low_id, one.high_id) for one in said if one.answer is Answer.SAME}


def _page(stage: Stage, record_id: int, other_id: int | None, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    record = queries.screenable(session, member.review_id, record_id)
    rule, text = queries.stage_rule(session, member.review_id, stage), request.args.get("q", "").strip()
    other = queries.screenable(session, member.review_id, other_id) if other_id else None
    found = [] if other else _found(session, member, record, text, masked=rule.masked)
    return render_template(
        "screening/duplicate.html", stage=stage, record=record, text=text, masked=rule.masked, refused=refused,
        found=found, pair=_pair(session, member, stage, record, other) if other else None,
        may_decide=may(member.roles, Deed.DEDUPLICATE),
    )  # fmt: skip


def _found(session: Session, member: Member, record: Record, text: str, *, masked: bool) -> list[alike.Alike]:
    if text:
        return alike.search(session, member.review_id, record, text, masked=masked)
    return alike.likely(session, member.review_id, record)


def _pair(session: Session, member: Member, stage: Stage, record: Record, other: Record) -> Pair:
    rule, plan = queries.stage_rule(session, member.review_id, stage), plan_in_force(session, member.review_id)
    if rule.masked:
        return Pair(other, show(session, [record, other], rule, plan, terms_of(session, member, plan).all), [])
    return Pair(other, [], fields(record, other, deduplication.sources(session, (record.id, other.id))))
