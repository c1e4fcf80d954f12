"""Pilot rounds: a seeded sample on which all voters vote, opened when all of them have handed in."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import PilotBegun, PilotOpened, PilotReleased
from workbench.screening.models import PilotRecord, PilotRound, PilotVoter
from workbench.screening.queries import pilots as queries
from workbench.screening.queries import votes
from workbench.screening.rules import shuffled
from workbench.words import _

MOST = 500
"""So many records are in a pilot round at most; it is a trial, not the screening."""


class RoundRuns(Clash):
    """One pilot round at a time: the next one is drawn when all have handed in the one before."""

    hint = "It opens by itself when everybody whom it waits for has handed in."


class RoundWaits(Clash):
    """What people say in a pilot round is seen when all of them have handed in (B1, B3)."""

    hint = "Ask them to hand in, or release those who cannot."


class StageNotOpen(Clash):
    """A pilot round is voted on like all records: while the stage is open."""

    hint = "Open the stage first."


class SampleImpossible(Invalid):
    """A sample has at least one record and not more than there are without a vote."""

    hint = "Choose a smaller sample."


class TooFewVoters(Clash):
    """A pilot round compares people, so it asks two or more."""

    hint = "Invite another reviewer, or amend who may vote."


def begin(session: Session, lead: Member, stage: Stage, size: int, seed: int) -> PilotRound:
    """Draw a sample by its seed, and ask everybody who may vote for all of it."""
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    if not votes.is_running(session, lead.review_id, stage):
        raise StageNotOpen(_("This stage is not open, so nobody could vote on a sample."))
    if queries.running(session, lead.review_id, stage) is not None:
        raise RoundRuns(_("There is a pilot round that has not opened yet."))
    voters, drawn = _voters(session, lead, stage), _draw(session, lead, stage, size, seed)
    earlier = queries.rounds(session, lead.review_id, stage)
    begun = PilotRound(
        review_id=lead.review_id, stage=stage, number=len(earlier) + 1, size=size, seed=seed, member_id=lead.id,
        begun_at=now(),
    )  # fmt: skip
    session.add(begun)
    session.flush()
    session.execute(insert(PilotRecord), [{"round_id": begun.id, "record_id": one, "stage": stage} for one in drawn])
    session.add_all(PilotVoter(round_id=begun.id, member_id=one.id) for one in voters)
    audit.record(session, lead.review_id, lead.id, PilotBegun(stage.value, begun.number, size, seed))
    session.flush()
    return begun


def release(session: Session, lead: Member, stage: Stage, number: int, member_id: int) -> PilotRound:
    """Wait no longer for one person; a vote of theirs that is handed in counts, one in hand comes too late.

    Raises:
        TooFewVoters: fewer than two people would be left to compare.
    """
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    found = queries.pilot_round(session, lead.review_id, stage, number)
    asked = session.scalars(
        select(PilotVoter).where(PilotVoter.round_id == found.id, PilotVoter.released_at.is_(None))
    ).all()
    voter = next((one for one in asked if one.member_id == member_id), None)
    if voter is None or found.opened_at:
        raise queries.NoSuchRound(_("This round does not wait for that person."))
    if len(asked) <= 2:
        raise TooFewVoters(_("A pilot round compares at least two people."), _("Ask them to hand in."))
    voter.released_at = now()
    audit.record(session, lead.review_id, lead.id, PilotReleased(stage.value, number, member_id))
    session.flush()
    open_when_complete(session, lead.review_id, stage)
    return found


def open_round(session: Session, lead: Member, stage: Stage, number: int) -> PilotRound:
    """Open a round that nobody holds up any more, since who did left the team or was barred.

    Raises:
        RoundWaits: somebody has still to hand in.
    """
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    found = queries.pilot_round(session, lead.review_id, stage, number)
    open_when_complete(session, lead.review_id, stage)
    if found.opened_at is None:
        missing = [one.member.name for one in queries.progress(session, found) if one.is_waited_for]
        raise RoundWaits(_("The round waits for: %(names)s.", names=", ".join(missing)))
    return found


def open_when_complete(session: Session, review_id: int, stage: Stage) -> None:
    """Open the running round if all have handed in; once open it stays open, whatever comes later."""
    found = queries.running(session, review_id, stage)
    if found is None or not queries.is_complete(session, found):
        return
    found.opened_at = max(now(), queries.last_hand_in(session, found) or now())  # a clock may be put back
    audit.record(session, review_id, None, PilotOpened(stage.value, found.number))
    session.flush()


def _voters(session: Session, lead: Member, stage: Stage) -> list[Member]:
    rule = votes.stage_rule(session, lead.review_id, stage)
    found = [one for one in reviews.team(session, lead.review_id) if votes.may_vote(one, rule)]
    if len(found) < 2:
        raise TooFewVoters(_("Fewer than two people may vote at this stage."))
    return found


def _draw(session: Session, lead: Member, stage: Stage, size: int, seed: int) -> list[int]:
    there = queries.candidates(session, lead.review_id, stage)
    if not 1 <= size <= min(MOST, len(there)):
        limit = min(MOST, len(there))
        raise SampleImpossible(_("A sample here has from 1 to %(n)s records.", n=limit))
    return sorted(there, key=lambda one: shuffled(seed, one))[:size]
