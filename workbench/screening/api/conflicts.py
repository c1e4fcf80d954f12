"""Conflicts for programs: those one may see, what is said, proposed and agreed, and deciding as a third person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint
from sqlalchemy.orm import Session

from workbench.accounts.rules import Scope
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage
from workbench.screening.queries.reasons import reason_id
from workbench.screening.rules import Design, Look, Verdict
from workbench.screening.service import conflicts
from workbench.screening.told import conflicts as told
from workbench.screening.told.conflicts import ConflictTold, OpenConflicts
from workbench.screening.views.conflicts import sorted_for
from workbench.web.api import answers, body
from workbench.web.transactions import current_session, transaction

bp = Blueprint(
    "conflicts_api", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>/conflicts'
)
LONGEST_TEXT = 10_000
A_KEY: Mapping[str, Any] = {"pattern": "^[A-Za-z0-9_.:-]{8,80}$"}


@dataclass(frozen=True)
class MessageSent:
    """What is said to the other voter."""

    text: Annotated[str, "What you say.", {"maxLength": LONGEST_TEXT}]
    key: Annotated[str | None, "One of your own: sent twice, it is said once.", A_KEY] = None


@dataclass(frozen=True)
class VerdictSent:
    """How a conflict should end, and why."""

    verdict: Annotated[Verdict, "awaiting classification: at full text only."]
    statement: Annotated[str, "Why; it stays with the record.", {"maxLength": LONGEST_TEXT}]
    reason: Annotated[str | None, "The code of the exclusion reason, at full text."] = None
    questions: Annotated[Sequence[str], "Codes of the questions it answers, at full text.", {"maxItems": 100}] = ()
    design: Annotated[Design | None, "What kind of report it is, at full text."] = None


@dataclass(frozen=True)
class ProposalSent(VerdictSent):
    """A way out that the other voter is asked to agree to."""

    key: Annotated[str | None, "One of your own: sent twice, it is proposed once.", A_KEY] = None


@dataclass(frozen=True)
class LookSent:
    """What a third person asks to see; each look is stored."""

    what: Look


@bp.get("")
@door(Deed.LOOK, Scope.READ)
@answers(OpenConflicts)
def index(slug: str, stage: str) -> OpenConflicts:
    """List the open conflicts of a stage: yours to discuss, those you may decide, the others."""
    session, member = current_session(), asking_member()
    return told.open_conflicts(session, member, sorted_for(session, member, Stage(stage)))


@bp.get("/<int:record_id>")
@door(Deed.LOOK, Scope.READ)
@answers(ConflictTold)
def conflict(slug: str, stage: str, record_id: int) -> ConflictTold:
    """Tell one conflict, as much of it as you may see."""
    return _told(Stage(stage), record_id)


@bp.post("/<int:record_id>/messages")
@door(Deed.SETTLE, Scope.VOTE)
@answers(ConflictTold, takes=MessageSent)
def say(slug: str, stage: str, record_id: int) -> ConflictTold:
    """Say something to the other voter."""
    sent = body(MessageSent)
    return _do(stage, record_id, lambda session: conflicts.say(
        session, asking_member(), record_id, Stage(stage), sent.text, sent.key))  # fmt: skip


@bp.post("/<int:record_id>/proposals")
@door(Deed.SETTLE, Scope.VOTE)
@answers(ConflictTold, takes=ProposalSent)
def propose(slug: str, stage: str, record_id: int) -> ConflictTold:
    """Propose a way out to the other voter; a newer proposal takes the place of an older one."""
    sent = body(ProposalSent)
    return _do(stage, record_id, lambda session: conflicts.propose(
        session, asking_member(), record_id, Stage(stage), **_verdict(session, Stage(stage), sent), key=sent.key,
    ))  # fmt: skip


@bp.post("/<int:record_id>/proposals/<int:proposal_id>/agree")
@door(Deed.SETTLE, Scope.VOTE)
@answers(ConflictTold)
def agree(slug: str, stage: str, record_id: int, proposal_id: int) -> ConflictTold:
    """Say yes to the other voter's proposal, which settles the conflict by consensus."""
    return _do(stage, record_id, lambda session: conflicts.agree(
        session, asking_member(), record_id, Stage(stage), proposal_id))  # fmt: skip


@bp.post("/<int:record_id>/decision")
@door(Deed.ADJUDICATE, Scope.FULL)
@answers(ConflictTold, takes=VerdictSent)
def decide(slug: str, stage: str, record_id: int) -> ConflictTold:
    """Decide as a third person, who is none of the voters."""
    sent = body(VerdictSent)
    return _do(stage, record_id, lambda session: conflicts.adjudicate(
        session, asking_member(), record_id, Stage(stage), **_verdict(session, Stage(stage), sent)))  # fmt: skip


@bp.post("/<int:record_id>/looks")
@door(Deed.ADJUDICATE, Scope.FULL)
@answers(ConflictTold, takes=LookSent)
def look(slug: str, stage: str, record_id: int) -> ConflictTold:
    """Ask, as a third person, to see the reasons or the names; the look is stored."""
    sent = body(LookSent)
    return _do(stage, record_id, lambda session: conflicts.look(
        session, asking_member(), record_id, Stage(stage), sent.what))  # fmt: skip


def _do(stage: str, record_id: int, deed: Callable[[Session], object]) -> ConflictTold:
    with transaction() as session:
        deed(session)
        return _told(Stage(stage), record_id)


def _told(stage: Stage, record_id: int) -> ConflictTold:
    return told.conflict_on(current_session(), asking_member(), stage, record_id)


def _verdict(session: Session, stage: Stage, sent: VerdictSent) -> dict[str, Any]:
    return {
        "verdict": sent.verdict,
        "statement": sent.statement,
        "reason_id": reason_id(session, asking_member().review_id, stage, sent.reason),
        "questions": tuple(sorted(set(sent.questions))),
        "design": sent.design,
    }
