"""Conflicts: the list of a stage, and the page on which the two voters talk and a third person may decide (B5, B9)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response
from werkzeug.datastructures import MultiDict

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.records.models import Record
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.models import FullText, Proposal
from workbench.screening.queries import conflicts as lists
from workbench.screening.queries import reports
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Design, Look, Verdict
from workbench.screening.service import conflicts
from workbench.screening.views.ballots import form_key
from workbench.screening.views.case import Case, case_of
from workbench.screening.views.reading import pico
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("conflicts", __name__, url_prefix='/reviews/<slug>/conflicts/<any("title-abstract", "full-text"):stage>')


class VerdictMissing(Invalid):
    """A proposal or decision says included, excluded or, at full text, awaiting classification."""

    hint = "Choose one of the verdicts."


@dataclass(frozen=True)
class Open:
    """One open conflict in the list; `proposal` is there only for its voters."""

    record: Record
    proposal: Proposal | None = None


@dataclass(frozen=True)
class Sorted:
    """The open conflicts of a stage as they concern one member."""

    to_discuss: Sequence[Open]
    to_decide: Sequence[Open]
    of_others: Sequence[Open]

    @property
    def total(self) -> int:
        """How many conflicts are open."""
        return len(self.to_discuss) + len(self.to_decide) + len(self.of_others)


@bp.get("")
@door(Deed.LOOK)
def index(slug: str, stage: str) -> str:
    """List the conflicts of a stage: one's own, those one may decide, the others; the settled ones below."""
    session, member = current_session(), asking_member()
    return render_template(
        "screening/conflicts.html", stage=Stage(stage), found=sorted_for(session, member, Stage(stage)),
        ended=lists.ended(session, member.review_id, Stage(stage)),
    )  # fmt: skip


@bp.get("/<int:record_id>")
@door(Deed.LOOK)
def conflict(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Show one conflict as the reader may see it."""
    session, member = current_session(), asking_member()
    queries.screenable(session, member.review_id, record_id)
    kept = queries.cluster(session, record_id)[0]
    if kept != record_id:
        return redirect(url_for(".conflict", slug=slug, stage=stage, record_id=kept))
    return _page(Stage(stage), record_id)


@bp.post("/<int:record_id>/messages")
@door(Deed.SETTLE)
def say(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Say something to the other voter."""
    text = request.form.get("text", "").replace("\x00", "")
    return _do(record_id, Stage(stage), "talk", lambda session: conflicts.say(
        session, asking_member(), record_id, Stage(stage), text, form_key(request.form)))  # fmt: skip


@bp.post("/<int:record_id>/proposals")
@door(Deed.SETTLE)
def propose(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Propose a way out to the other voter."""
    return _do(record_id, Stage(stage), "way-out", lambda session: conflicts.propose(
        session, asking_member(), record_id, Stage(stage), **_verdict(request.form), key=form_key(request.form),
    ))  # fmt: skip


@bp.post("/<int:record_id>/proposals/<int:proposal_id>/agree")
@door(Deed.SETTLE)
def agree(slug: str, stage: str, record_id: int, proposal_id: int) -> ResponseReturnValue:
    """Say yes to the other voter's proposal."""
    return _do(record_id, Stage(stage), "main", lambda session: conflicts.agree(
        session, asking_member(), record_id, Stage(stage), proposal_id))  # fmt: skip


@bp.post("/<int:record_id>/decision")
@door(Deed.ADJUDICATE)
def decide(slug: str, stage: str, record_id: int) -> ResponseReturnValue:
    """Decide as a third person."""
    return _do(record_id, Stage(stage), "main", lambda session: conflicts.adjudicate(
        session, asking_member(), record_id, Stage(stage), **_verdict(request.form)))  # fmt: skip


@bp.post("/<int:record_id>/looks")
@door(Deed.ADJUDICATE)
def look(slug: str, stage: str, record_id: int) -> Response:
    """Ask to see the reasons, or the names; the look is stored."""
    what = Look.NAMES if request.form.get("what") == Look.NAMES else Look.REASONS
    with transaction() as session:
        conflicts.look(session, asking_member(), record_id, Stage(stage), what)
    return redirect(url_for(".conflict", slug=slug, stage=stage, record_id=record_id), 303)


def _do(record_id: int, stage: Stage, anchor: str, deed: Any) -> ResponseReturnValue:
    """Do one deed and show the page again; refused, the page keeps what was filled in and says why."""
    try:
        with transaction() as session:
            deed(session)
    except (Invalid, Clash) as error:
        return _page(stage, record_id, error), 409 if isinstance(error, Clash) else 422
    flash(_told(record_id, stage))
    address = url_for(".conflict", slug=asking_member().review.slug, stage=stage.value, record_id=record_id)
    return redirect(f"{address}#{anchor}", 303)


def _told(record_id: int, stage: Stage) -> str:
    session = current_session()
    if queries.settlement(session, record_id, stage):
        return _("The conflict is settled. The votes stay as they were.")
    return _("Sent. The other reviewer reads it here.")


def _page(stage: Stage, record_id: int, refused: WorkbenchError | None = None) -> str:
    session, member = current_session(), asking_member()
    record = session.get_one(Record, record_id)
    case = case_of(session, member, record, stage)
    ids = [one.id for one in lists.open_conflicts(session, member.review_id, case.rule)]
    return render_template(
        "screening/conflict.html", case=case, desk=case, pico=pico(case.plan), refused=refused,
        files=_files(session, member, case), form=_filled(case, refused), designs=list(Design),
        key=secrets.token_hex(12),
        **_neighbours(ids, record_id),
    )  # fmt: skip


def _files(session: Session, member: Member, case: Case) -> Sequence[FullText]:
    """The files of the report in dispute, for those who may read them."""
    reads = case.is_full_text and may(member.roles, Deed.READ_FULL_TEXT)
    return reports.files_of(session, case.record.id) if reads else []


def _filled(case: Case, refused: WorkbenchError | None) -> MultiDict[str, str]:
    """What stands in the form: what was sent and refused, else what is suggested."""
    if refused is not None:
        return request.form
    if case.suggested is None:
        return MultiDict()
    return MultiDict({"verdict": Verdict.EXCLUDED.value, "reason": str(case.suggested)})


def _neighbours(ids: Sequence[int], here: int) -> dict[str, int | None]:
    """The place of this conflict among the open ones, and those beside it."""
    return {
        "total": len(ids),
        "place": ids.index(here) + 1 if here in ids else None,
        "earlier": max((one for one in ids if one < here), default=None),
        "later": min((one for one in ids if one > here), default=None),
    }


def sorted_for(session: Session, member: Member, stage: Stage) -> Sorted:
    """The open conflicts of a stage: the member's own, those the member may decide, the others."""
    rule = queries.stage_rule(session, member.review_id, stage)
    records = lists.open_conflicts(session, member.review_id, rule)
    ids = [record.id for record in records]
    voters, proposed = queries.voters_of(session, ids, stage), lists.newest_proposals(session, ids, stage)
    mine = {one for one in ids if member.id in voters[one] and may(member.roles, Deed.SETTLE, stage)}
    judged = queries.may_adjudicate(member, rule)
    theirs = {one for one in ids if judged and member.id not in voters[one]}
    return Sorted(
        [Open(one, proposed.get(one.id)) for one in records if one.id in mine],
        [Open(one) for one in records if one.id in theirs],
        [Open(one) for one in records if one.id not in mine | theirs],
    )


def _verdict(form: MultiDict[str, str]) -> dict[str, Any]:
    """What a proposal or a decision says, from its form."""
    verdict, design, reason = form.get("verdict", ""), form.get("design", ""), form.get("reason", "")
    if verdict not in set(Verdict):
        raise VerdictMissing(_("No verdict was chosen."))
    excluded, included = verdict == Verdict.EXCLUDED, verdict == Verdict.INCLUDED
    return {
        "verdict": Verdict(verdict),
        "statement": form.get("statement", "").replace("\x00", ""),
        "reason_id": int(reason) if excluded and reason.isascii() and reason.isdigit() and len(reason) < 16 else None,
        "questions": tuple(sorted(set(form.getlist("questions")))) if included else (),
        "design": Design(design) if included and design in set(Design) else None,
    }
