"""Pilot rounds for programs; what people said is told to their voters, and only once the round is open (B1, B5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import PilotRound
from workbench.screening.queries import pilots as queries
from workbench.screening.queries import votes
from workbench.screening.rules import Decision
from workbench.screening.told.figures import OfPair, both
from workbench.screening.views.agreement import kept_back
from workbench.screening.views.pilots import pairs_of


@dataclass(frozen=True)
class PilotPerson:
    """One person whom a round asks, and how far they have handed in."""

    name: str
    asked: int
    handed_in: int
    released: Annotated[bool, "The round does not wait for them any more."]


@dataclass(frozen=True)
class Disagreement:
    """One record on which people differ."""

    record: int
    votes: Annotated[Mapping[str, Decision], "By address."]


@dataclass(frozen=True)
class PilotTold:
    """One pilot round: whom it asks; once all have handed in, how far they agree and where they differ."""

    number: int
    size: int
    seed: int
    open: Annotated[bool, "All have handed in, and see what the others said."]
    people: Sequence[PilotPerson]
    differ: Annotated[int | None, "On how many records people differ; null until it is open."]
    agreement: Annotated[Sequence[OfPair] | None, "Of every two people; null until it is open."]
    disagreements: Annotated[Sequence[Disagreement] | None, "Told to its voters once it is open."]


@dataclass(frozen=True)
class PilotsTold:
    """The pilot rounds of a stage, newest first."""

    items: Sequence[PilotTold]


def pilots(session: Session, member: Member, stage: Stage) -> PilotsTold:
    """Every round of a stage."""
    return PilotsTold([_told(session, member, one) for one in queries.rounds(session, member.review_id, stage)])


def pilot(session: Session, member: Member, stage: Stage, number: int) -> PilotTold:
    """One round of a stage by its number."""
    return _told(session, member, queries.pilot_round(session, member.review_id, stage, number))


def _told(session: Session, member: Member, found: PilotRound) -> PilotTold:
    asked = queries.progress(session, found)
    people = [PilotPerson(one.member.name, one.asked, one.handed_in, one.is_released) for one in asked]
    if found.opened_at is None:
        return PilotTold(found.number, found.size, found.seed, False, people, None, None, None)
    read = queries.said(session, found)
    emails = {one.member.id: one.member.user.email for one in asked}
    differing = [one for one in read if one.differs]
    rule = votes.stage_rule(session, member.review_id, found.stage)
    to_decide = {one.record.id for one in differing}.intersection(kept_back(session, member, rule))
    is_hidden = member.id not in emails and bool(to_decide)
    pairs = [OfPair([one.one, one.other], *both(one.figures, is_hidden=is_hidden)) for one in pairs_of(read, asked)]
    said = [_disagreement(one, emails) for one in differing] if member.id in emails else None
    return PilotTold(found.number, found.size, found.seed, True, people, len(differing), pairs, said)


def _disagreement(one: queries.Read, emails: Mapping[int, str]) -> Disagreement:
    return Disagreement(one.record.id, {emails[who]: vote.decision for who, vote in one.votes.items() if vote})
