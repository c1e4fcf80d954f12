"""Standing aside from one record: since it is one's own work or touches another interest (B12), or for its language."""

import secrets
from collections.abc import Sequence

from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.errors import Clash
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import PassedOn
from workbench.screening.models import Bar
from workbench.screening.queries import passing, votes
from workbench.screening.rules import BarKind, StageRule
from workbench.screening.service import stages, voting
from workbench.words import _


class NobodyElse(Clash):
    """A record is passed on only where enough others may judge it."""

    hint = "A machine translation or a colleague who reads it helps; or put it off, and ask the team."


def bar_oneself(session: Session, reviewer: Member, record_id: int, stage: Stage, reason: str) -> Bar:
    """Bar oneself from a record; a vote of one's own that is still in hand is taken back."""
    vote = votes.own_vote(session, reviewer, record_id, stage)
    if vote is not None and not votes.is_handed_in(session, vote):
        voting.withdraw(session, reviewer, record_id, stage, secrets.token_hex(12))
    return stages.bar(session, reviewer, record_id, reviewer.id, reason)


def pass_on(session: Session, reviewer: Member, record_id: int, stage: Stage) -> Bar:
    """Say that one does not read a record's language: it leaves one's queue, at both stages, and others judge it.

    A vote of one's own that is still in hand is taken back. It can be taken up again by lifting the bar.

    Raises:
        NobodyElse: too few others may vote on it to give the votes that it can need.
        AlreadyHandedIn: one has judged it.
    """
    allowed(reviewer.roles, Deed.VOTE, stage)
    record = votes.screenable(session, reviewer.review_id, record_id)
    if (standing := votes.standing_bar(session, reviewer.id, record_id)) is not None:
        return standing
    rule = votes.stage_rule(session, reviewer.review_id, stage)
    _be_enough(passing.others_for(session, reviewer, rule, record), rule)
    voting.withdraw(session, reviewer, record_id, stage, secrets.token_hex(12))
    bar = stages.put_bar(session, reviewer, record_id, reviewer.id, _("Does not read its language"), BarKind.LANGUAGE)
    audit.record(session, reviewer.review_id, reviewer.id, PassedOn(record_id, stage.value, reviewer.id))
    session.flush()
    return bar


def _be_enough(others: Sequence[Member], rule: StageRule) -> None:
    has_senior = not rule.seniors or any(votes.is_senior(one, rule) for one in others)
    if len(others) < rule.most_votes or not has_senior:
        raise NobodyElse(_("Too few others may judge this record, so it stays with you."))
