"""Settling conflicts: by consensus of the voters, or by a third person who sees record and criteria first (B5)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.audit.events import text_hash
from workbench.db import now
from workbench.errors import Clash, Invalid, NotAllowed
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import LookedAt, Proposed, Said, Settled
from workbench.screening.models import Looked, Message, Proposal, SettledWith, Settlement
from workbench.screening.queries import votes as queries
from workbench.screening.queries.conflicts import Sent, sent_before
from workbench.screening.queries.outcomes import standings
from workbench.screening.rules import Ballot, Decision, Design, Look, Outcome, Path, Verdict
from workbench.screening.service.voting import KeyUsed, check_verdict
from workbench.words import _


class NoConflict(Clash):
    """Only a conflict is settled."""

    hint = "Look at the list of conflicts: somebody may have settled it."


class NotAVoter(NotAllowed):
    """Consensus is found by those whose votes differ."""


class IsAVoter(NotAllowed):
    """The adjudicator is none of the voters (B5)."""

    hint = "In a team of two the way is consensus."


class OwnProposal(Clash):
    """A consensus takes the other voter's yes."""


class StatementMissing(Invalid):
    """A settlement says why; it stays with the record."""


def settle_as(verdict: Verdict, reason_id: int | None, questions: tuple[str, ...], design: Design | None) -> Ballot:
    """What a settlement would be as a ballot, so that both are checked alike."""
    decision = {
        Verdict.INCLUDED: Decision.INCLUDE,
        Verdict.EXCLUDED: Decision.EXCLUDE,
        Verdict.AWAITING: Decision.UNCLEAR,
    }
    return Ballot(decision[verdict], reason_id, questions, design)


def propose(
    session: Session,
    voter: Member,
    record_id: int,
    stage: Stage,
    verdict: Verdict,
    statement: str,
    *,
    reason_id: int | None = None,
    questions: tuple[str, ...] = (),
    design: Design | None = None,
    key: str | None = None,
) -> Proposal:
    """Propose a way out to the other voter; a newer proposal takes the place of an older one.

    The same key twice is one proposal.
    """
    allowed(voter.roles, Deed.SETTLE, stage)
    if key and (sent := sent_before(session, Proposal, voter, key)):
        return _same(session, sent, record_id, stage)
    record_id = _conflict(session, voter, record_id, stage)
    _be_voter(session, voter, record_id, stage)
    ballot = _whole(session, voter, stage, settle_as(verdict, reason_id, questions, design), statement)
    proposal = Proposal(
        record_id=record_id,
        stage=stage,
        verdict=verdict,
        statement=statement.strip(),
        member_id=voter.id,
        idempotency_key=key,
        proposed_at=now(),
        **_what(stage, verdict, ballot),
    )
    session.add(proposal)
    audit.record(
        session, voter.review_id, voter.id, Proposed(record_id, stage.value, verdict.value, text_hash(statement))
    )
    session.flush()
    return proposal


def agree(session: Session, voter: Member, record_id: int, stage: Stage, proposal_id: int) -> Settlement:
    """Say yes to the other voter's proposal: consensus, and the conflict is settled."""
    allowed(voter.roles, Deed.SETTLE, stage)
    record_id = _conflict(session, voter, record_id, stage)
    _be_voter(session, voter, record_id, stage)
    proposal = queries.proposal(session, record_id, stage)
    if proposal is None or proposal.id != proposal_id:
        raise NoConflict(_("This proposal is no longer the newest one."), "Read the newest proposal, then answer.")
    if proposal.member_id == voter.id:
        raise OwnProposal(_("You made this proposal yourself; it waits for the other reviewer's yes."))
    settlement = Settlement(
        record_id=record_id,
        stage=stage,
        verdict=proposal.verdict,
        reason_id=proposal.reason_id,
        questions=proposal.questions,
        design=proposal.design,
        path=Path.CONSENSUS,
        statement=proposal.statement,
        proposal_id=proposal.id,
        member_id=voter.id,
        settled_at=now(),
    )
    return _settle(session, voter, settlement)


def adjudicate(
    session: Session,
    judge: Member,
    record_id: int,
    stage: Stage,
    verdict: Verdict,
    statement: str,
    *,
    reason_id: int | None = None,
    questions: tuple[str, ...] = (),
    design: Design | None = None,
) -> Settlement:
    """Decide a conflict as a third person; the votes stay as they were."""
    record_id = _conflict(session, judge, record_id, stage)
    _be_judge(session, judge, record_id, stage)
    ballot = _whole(session, judge, stage, settle_as(verdict, reason_id, questions, design), statement)
    settlement = Settlement(
        record_id=record_id,
        stage=stage,
        verdict=verdict,
        path=Path.ADJUDICATION,
        statement=statement.strip(),
        member_id=judge.id,
        settled_at=now(),
        **_what(stage, verdict, ballot),
    )
    return _settle(session, judge, settlement)


def look(session: Session, judge: Member, record_id: int, stage: Stage, what: Look) -> None:
    """Ask to see the reasons without names, or the names too; each look is stored."""
    record_id = _conflict(session, judge, record_id, stage)
    _be_judge(session, judge, record_id, stage)
    wanted = select(Looked.id).where(
        Looked.record_id == record_id, Looked.stage == stage, Looked.member_id == judge.id, Looked.what == what
    )
    if session.scalar(wanted) is None:
        session.add(Looked(record_id=record_id, stage=stage, member_id=judge.id, what=what, at=now()))
        audit.record(session, judge.review_id, judge.id, LookedAt(record_id, stage.value, what.value))
        session.flush()


def say(session: Session, voter: Member, record_id: int, stage: Stage, text: str, key: str | None = None) -> Message:
    """Say something in the discussion of an open record, as one of its voters; the same key twice is one message."""
    allowed(voter.roles, Deed.SETTLE, stage)
    queries.screenable(session, voter.review_id, record_id)
    if key and (sent := sent_before(session, Message, voter, key)):
        return _same(session, sent, record_id, stage)
    if not queries.is_open(session, voter.review_id, record_id, stage):
        raise NoConflict(_("This record is not open yet."), "It opens when all votes are handed in.")
    _be_voter(session, voter, record_id, stage)
    if not text.strip():
        raise StatementMissing(_("The message is empty."))
    message = Message(
        record_id=record_id, stage=stage, member_id=voter.id, text=text.strip(), idempotency_key=key, said_at=now()
    )
    session.add(message)
    audit.record(session, voter.review_id, voter.id, Said(record_id, stage.value, text_hash(text)))
    session.flush()
    return message


def _same(session: Session, sent: Sent, record_id: int, stage: Stage) -> Sent:
    """What was sent with this key before, on the same report."""
    if sent.stage is not stage or record_id not in {sent.record_id, *queries.cluster(session, sent.record_id)}:
        raise KeyUsed(_("This key belongs to something that was sent about another record."))
    return sent


def _conflict(session: Session, member: Member, record_id: int, stage: Stage) -> int:
    """The kept record of a report in conflict: what is said and settled of the report stays with it."""
    queries.screenable(session, member.review_id, record_id)
    rule = queries.stage_rule(session, member.review_id, stage)
    kept = queries.cluster(session, record_id)[0]
    found = standings(session, member.review_id, rule, only=[kept])
    if not found or found[0].outcome is not Outcome.CONFLICT:
        raise NoConflict(_("Record %(id)s is not in conflict.", id=record_id))
    return kept


def _be_voter(session: Session, member: Member, record_id: int, stage: Stage) -> None:
    counted = queries.counted_votes(session, member.review_id, record_id, stage)
    if member.id not in {vote.reviewer_id for vote in counted}:
        raise NotAVoter(_("You did not vote on record %(id)s.", id=record_id))


def _be_judge(session: Session, member: Member, record_id: int, stage: Stage) -> None:
    allowed(member.roles, Deed.ADJUDICATE, stage)
    if not queries.may_adjudicate(member, queries.stage_rule(session, member.review_id, stage)):
        raise NotAllowed(_("The protocol does not name you among those who adjudicate at this stage."))
    if member.id in queries.voters(session, record_id, stage):
        raise IsAVoter(_("You voted on record %(id)s yourself.", id=record_id))
    if queries.is_barred(session, member.id, record_id):
        raise NotAllowed(_("You do not decide on record %(id)s: a bar is set.", id=record_id))


def _whole(session: Session, member: Member, stage: Stage, ballot: Ballot, statement: str) -> Ballot:
    if not statement.strip():
        raise StatementMissing(_("Please say why."), "One sentence is enough; it stays with the record.")
    if stage is Stage.FULL_TEXT:
        check_verdict(session, member.review_id, ballot)
    elif ballot.decision is Decision.UNCLEAR:
        raise StatementMissing(_("At title and abstract a settlement includes or excludes."), "If in doubt, include.")
    return ballot


def _what(stage: Stage, verdict: Verdict, ballot: Ballot) -> dict[str, object]:
    if stage is Stage.TITLE_ABSTRACT:
        return {"reason_id": None, "questions": None, "design": None}
    included = verdict is Verdict.INCLUDED
    return {
        "reason_id": ballot.reason_id if verdict is Verdict.EXCLUDED else None,
        "questions": " ".join(sorted(ballot.questions)) if included else None,
        "design": ballot.design if included else None,
    }


def _settle(session: Session, member: Member, settlement: Settlement) -> Settlement:
    earlier = queries.settlement(session, settlement.record_id, settlement.stage)
    settlement.turn = earlier.turn + 1 if earlier else 1
    session.add(settlement)
    session.flush()
    others = set(queries.cluster(session, settlement.record_id)) - {settlement.record_id}
    session.add_all(SettledWith(settlement_id=settlement.id, record_id=one) for one in sorted(others))
    audit.record(
        session,
        member.review_id,
        member.id,
        Settled(
            settlement.record_id,
            settlement.stage.value,
            settlement.verdict.value,
            settlement.path.value,
            settlement.reason_id,
            text_hash(settlement.statement),
        ),
    )
    session.flush()
    return settlement
