"""Pairs that somebody met elsewhere and leaves to those who decide on duplicates."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.deduplication import queries
from workbench.deduplication.events import PairSuspected
from workbench.deduplication.models import Suspicion
from workbench.deduplication.queries import Pair
from workbench.deduplication.service import writing
from workbench.deduplication.service.people import KeptApart, OneRecord
from workbench.errors import Clash
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _


class OneReport(Clash):
    """Two records that stand under one report need nobody to decide on them."""

    hint = "The list of joined records shows what stands together, and why."


def suspect(session: Session, member: Member, first_id: int, second_id: int) -> None:
    """Put a pair before those who decide on duplicates; a pair that somebody suspects already is put there once.

    Raises:
        OneReport: the two stand under one report already.
        KeptApart: a person called two records of these reports two.
        NoSuchRecord: one of them is no record of this review that counts.
    """
    allowed(member.roles, Deed.VOTE)
    if first_id == second_id:
        raise OneRecord(_("Record %(id)s cannot be a duplicate of itself.", id=first_id))
    writing.lock(session, member.review_id)
    _be_open(session, member, first_id, second_id)
    pair = queries.in_order(first_id, second_id)
    if standing(session, pair):
        return
    session.add(Suspicion(low_id=pair[0], high_id=pair[1], member_id=member.id, said_at=now()))
    audit.record(session, member.review_id, member.id, PairSuspected(*pair, is_withdrawn=False))
    session.flush()


def no_longer_suspect(session: Session, member: Member, first_id: int, second_id: int) -> bool:
    """Take back one's own suspicion of a pair; says whether there was one."""
    allowed(member.roles, Deed.VOTE)
    pair = queries.in_order(first_id, second_id)
    mine = [one for one in standing(session, pair) if one.member_id == member.id]
    for one in mine:
        one.withdrawn_at = now()
        audit.record(session, member.review_id, member.id, PairSuspected(*pair, is_withdrawn=True))
    session.flush()
    return bool(mine)


def standing(session: Session, pair: Pair) -> list[Suspicion]:
    """The suspicions of a pair that nobody took back."""
    wanted = select(Suspicion).where(Suspicion.low_id == pair[0], Suspicion.high_id == pair[1])
    return list(session.scalars(wanted.where(Suspicion.withdrawn_at.is_(None)).order_by(Suspicion.id)))


def _be_open(session: Session, member: Member, first_id: int, second_id: int) -> None:
    """Refuse what is decided: the two are joined, or a person keeps their reports apart."""
    one, other = (queries.cluster_of(session, member.review_id, record_id) for record_id in (first_id, second_id))
    if one[0] == other[0]:
        raise OneReport(_("Records %(one)s and %(other)s are one report already.", one=first_id, other=second_id))
    for (low, high), said in queries.verdicts(session, member.review_id).items():
        across = (low in one and high in other) or (low in other and high in one)
        if said.answer.parts and across:
            raise KeptApart(_("Records %(low)s and %(high)s were called two reports.", low=low, high=high))
