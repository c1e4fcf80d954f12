"""What is one's own at the desk: words to mark, keys, earlier votes, the pace. Nobody else's is read here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ScalarSelect, Select, exists, not_, or_, select
from sqlalchemy.orm import Session, aliased

from workbench.protocols.rules import Highlights, Plan, pico_terms
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Bulk, DeskKeys, HandIn, Postponement, TermList, Vote
from workbench.screening.queries.ballots import is_current
from workbench.screening.rules import WORKBENCH_KEYS, Decision

LATELY = 60
"""The pace is that of so many votes, the newest."""


@dataclass(frozen=True)
class Keys:
    """The single keys in force for one person, by what they do, and whether they are on."""

    keys: Mapping[str, str]
    are_on: bool = True


@dataclass(frozen=True)
class Terms:
    """The words that are marked for one reader: the protocol's, the review's, and the reader's own."""

    protocol: Highlights
    review: Highlights
    own: Highlights
    review_list: int = 0
    own_list: int = 0
    """The lists that this was read from; 0 where there is none yet."""

    @property
    def all(self) -> Highlights:
        """All of them; a word that stands on several lists is marked as one's own list says, then the review's."""
        lists = (self.own, self.review, self.protocol)
        taken: set[str] = set()
        return Highlights(*(_not_taken(taken, lists, kind) for kind in ("include", "exclude", "pico")))


def _not_taken(taken: set[str], lists: Sequence[Highlights], kind: str) -> tuple[str, ...]:
    """The words of one kind, in their order, without those that a list that comes first has as another kind."""
    found = []
    for at, some in enumerate(lists):
        ahead = {term.casefold() for one in lists[:at] for term in (*one.include, *one.exclude, *one.pico)}
        found += [term for term in getattr(some, kind) if term.casefold() not in ahead | taken]
    taken.update(term.casefold() for term in found)
    return tuple(dict.fromkeys(found))


def terms_of(session: Session, reader: Member, plan: Plan) -> Terms:
    """The words to mark for this reader, in one question to the database."""
    newer = aliased(TermList)
    same_owner = or_(newer.member_id == TermList.member_id, newer.member_id.is_(None) & TermList.member_id.is_(None))
    wanted = select(TermList).where(
        TermList.review_id == reader.review_id,
        or_(TermList.member_id.is_(None), TermList.member_id == reader.id),
        not_(exists().where(newer.review_id == TermList.review_id, same_owner, newer.id > TermList.id)),
    )
    found = {one.member_id: one for one in session.scalars(wanted)}
    given = Highlights(plan.highlights.include, plan.highlights.exclude, pico_terms(plan))
    review, own = found.get(None), found.get(reader.id)
    return Terms(given, _marks(review), _marks(own), review.id if review else 0, own.id if own else 0)


def keys_of(session: Session, user_id: int) -> Keys:
    """The keys in force for this person; those of the workbench where none were chosen."""
    chosen = session.get(DeskKeys, user_id)
    return Keys({**WORKBENCH_KEYS, **chosen.keys}, chosen.are_on) if chosen else Keys(WORKBENCH_KEYS)


def earlier(session: Session, reviewer: Member, stage: Stage, than: int | None = None) -> Vote | None:
    """One's own vote before the one on this record, or one's newest; withdrawn ones are passed over."""
    wanted = _own(reviewer, stage)
    if than is not None:
        wanted = wanted.where(Vote.id < _id_on(reviewer, stage, than))
    return session.scalars(wanted.order_by(Vote.id.desc()).limit(1)).first()


def later(session: Session, reviewer: Member, stage: Stage, than: int) -> Vote | None:
    """One's own vote after the one on this record."""
    wanted = _own(reviewer, stage).where(Vote.id > _id_on(reviewer, stage, than))
    return session.scalars(wanted.order_by(Vote.id).limit(1)).first()


def moments(session: Session, reviewer: Member, stage: Stage) -> Sequence[datetime]:
    """When one cast the last votes, newest first; those given in bulk tell nothing of a pace."""
    mine = (Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.bulk_id.is_(None))
    wanted = select(Vote.cast_at).where(*mine, Vote.decision != Decision.WITHDRAWN)
    return session.scalars(wanted.order_by(Vote.id.desc()).limit(LATELY)).all()


def said_before(session: Session, vote: Vote) -> Vote | None:
    """The vote that this one takes the place of."""
    return session.get(Vote, vote.supersedes_id) if vote.supersedes_id else None


def bulk_by_key(session: Session, reviewer: Member, key: str) -> Bulk | None:
    """The list that was voted on at once with this key before."""
    return session.scalar(select(Bulk).where(Bulk.reviewer_id == reviewer.id, Bulk.idempotency_key == key))


def in_hand_of_bulk(session: Session, reviewer: Member, stage: Stage, bulk_id: int) -> Sequence[Vote]:
    """The votes of one's own list that can still be taken back with it."""
    is_final = exists(HandIn.id).where(HandIn.vote_id == Vote.id)
    wanted = _own(reviewer, stage).where(Vote.bulk_id == bulk_id, not_(is_final))
    return session.scalars(wanted.order_by(Vote.id)).all()


def postponement_by_key(session: Session, reviewer: Member, key: str) -> Postponement | None:
    """The postponement that was sent with this key before."""
    mine = (Postponement.reviewer_id == reviewer.id, Postponement.idempotency_key == key)
    return session.scalar(select(Postponement).where(*mine))


def put_off(session: Session, reviewer: Member, stage: Stage, record_id: int) -> Sequence[Postponement]:
    """One's own standing postponements of this record."""
    mine = (Postponement.reviewer_id == reviewer.id, Postponement.stage == stage)
    wanted = select(Postponement).where(*mine, Postponement.record_id == record_id, Postponement.ended_at.is_(None))
    return session.scalars(wanted).all()


def _own(reviewer: Member, stage: Stage) -> Select[Vote]:
    mine = (Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.decision != Decision.WITHDRAWN)
    return select(Vote).where(*mine, is_current(Vote))


def _id_on(reviewer: Member, stage: Stage, record_id: int) -> ScalarSelect[int]:
    mine = (Vote.reviewer_id == reviewer.id, Vote.stage == stage, Vote.record_id == record_id)
    return select(Vote.id).where(*mine).order_by(Vote.turn.desc()).limit(1).scalar_subquery()


def _marks(found: TermList | None) -> Highlights:
    return Highlights(tuple(found.include), tuple(found.exclude), tuple(found.pico)) if found else Highlights()
