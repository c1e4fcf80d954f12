"""How a report came to be: which records stand together and why, what people said of them, and what is linked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.deduplication import queries as deduplication
from workbench.deduplication.models import Answer, Verdict
from workbench.deduplication.queries import Removed, Source
from workbench.reviews.models import Member
from workbench.screening.queries.alike import Linked, linked
from workbench.screening.queries.votes import cluster


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said of a pair of records, and when they took it back, if they did."""

    low_id: int
    high_id: int
    answer: Answer
    person: str
    said_at: datetime
    withdrawn_at: datetime | None
    alone: bool
    """Whether one person was enough."""


@dataclass(frozen=True, slots=True)
class Story:
    """One report: its kept record and where that came from, the others with why, what was said, and links."""

    kept_id: int
    kept_source: Source
    joins: Sequence[Removed]
    said: Sequence[Said]
    links: Sequence[Linked]

    @property
    def is_told(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.joins or self.said or self.links)


def story(session: Session, review_id: int, record_id: int) -> Story:
    """The story of the report to which a record belongs; no vote is part of it (B1).

    Where two people answer for themselves, what one of them said of a pair is told once both have.
    """
    members = cluster(session, record_id)
    kept = members[0]
    return Story(
        kept,
        deduplication.sources(session, [kept])[kept],
        deduplication.removed(session, review_id, [kept]),
        _open_to_all(session, members),
        linked(session, [kept])[kept],
    )


def _open_to_all(session: Session, members: Collection[int]) -> list[Said]:
    every = [Said(*row) for row in session.execute(_said(members))]
    pairs = deduplication.open_pairs(session, {(said.low_id, said.high_id) for said in every})
    return [said for said in every if said.alone or (said.low_id, said.high_id) in pairs]


def _said(members: Collection[int]) -> Select[int, int, Answer, str, datetime, datetime | None, bool]:
    """What was said of pairs with one of these records."""
    wanted = (
        select(
            Verdict.low_id,
            Verdict.high_id,
            Verdict.answer,
            User.name,
            Verdict.said_at,
            Verdict.withdrawn_at,
            Verdict.alone,
        )
        .join(Member, Member.id == Verdict.member_id)
        .join(User, User.id == Member.user_id)
    )
    about = or_(Verdict.low_id.in_(members), Verdict.high_id.in_(members))
    return wanted.where(about, Verdict.answer != Answer.LATER).order_by(Verdict.id)
