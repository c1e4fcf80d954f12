"""What one member is asked: the next pairs, read from the top of the list, and how many are left.

Nothing here depends on what another member said of a pair that is not open, only on whether an answer is taken (B1).
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication import queries
from workbench.deduplication.models import Answer, Verdict
from workbench.deduplication.queries import Pair, Said, WaitingPair
from workbench.reviews.models import Member

Narrow = Callable[[Select[*tuple[Any, ...]]], Select[*tuple[Any, ...]]]
CHUNK = 24
"""Rows read at once from the top of the list; the next pairs are nearly always among them."""


@dataclass(frozen=True, slots=True)
class Disputed:
    """A pair of which two people said different things, with what each said."""

    low_id: int
    high_id: int
    low_title: str | None
    high_title: str | None
    said: Sequence[Said]


def next_pairs(session: Session, member: Member, limit: int, skip: Collection[Pair] = ()) -> list[WaitingPair]:
    """The next pairs for this member, most likely first, those one put off last; `skip` names pairs one holds already.

    Reads the list from its top until there are enough, so that it takes no longer where thousands wait.
    """
    found: dict[Pair, WaitingPair] = {}
    wanted = limit + len(skip)
    people = queries.people_asked(session, member.review_id)
    lists = [one(table, member, people) for one in (_fresh, _put_off) for table in queries.LISTS]
    for rows in lists:
        start = 0
        while len(found) < wanted:
            some = session.execute(rows.offset(start).limit(CHUNK)).all()
            for pair in _askable(session, member.review_id, some):
                found.setdefault(pair.ends, pair)
            if len(some) < CHUNK:
                break
            start += CHUNK
    rest = [pair for pair in found.values() if queries.in_order(pair.first_id, pair.second_id) not in skip]
    return rest[:limit]


def waiting_for(session: Session, member: Member) -> list[WaitingPair]:
    """Every pair that waits for this member, most likely first."""
    return queries.once_each(_waiting(session, member))


def how_many_wait(session: Session, member: Member) -> int:
    """How many pairs wait for this member."""
    return len({queries.ends(row) for row in _waiting(session, member, queries.without_evidence)})


def _waiting(session: Session, member: Member, narrowed: Narrow = lambda wanted: wanted) -> Iterator[Row[Any]]:
    people = queries.people_asked(session, member.review_id)
    apart = queries.kept_homes(session, queries.verdicts(session, member.review_id))
    lists = [narrowed(_asked(table, member, people)) for table in queries.LISTS]
    return (row for some in lists for row in session.execute(some) if queries.ends(row) not in apart)


def disputed(session: Session, review_id: int) -> list[Disputed]:
    """Pairs of which two people said different things and that nobody has settled, the oldest first."""
    said = {pair: rows for pair, rows in queries.answers(session, review_id).items() if queries.differ(rows)}
    titles = queries.titles_of(session, {record for pair in said for record in pair})
    return [Disputed(low, high, titles[low], titles[high], rows) for (low, high), rows in said.items()]


def _asked(table: Any, member: Member, people: int) -> Select[*tuple[Any, ...]]:
    return queries.LISTS[table](member.review_id).where(*_is_asked(table, member, people))


def _fresh(table: Any, member: Member, people: int) -> Select[*tuple[Any, ...]]:
    return _asked(table, member, people).where(not_(exists().where(*_is_put_off(Verdict, table, member))))


def _put_off(table: Any, member: Member, people: int) -> Select[*tuple[Any, ...]]:
    """Pairs this member put off, those put off first first."""
    later = aliased(Verdict)
    newest = select(func.max(later.id)).where(*_is_put_off(later, table, member)).correlate(table).scalar_subquery()
    wanted = _asked(table, member, people)
    return wanted.where(newest.is_not(None)).order_by(None).order_by(newest, table.id)


def _is_put_off(verdict: Any, table: Any, member: Member) -> tuple[ColumnElement[bool], ...]:
    return (*_on_the_pair(verdict, table), verdict.member_id == member.id, verdict.answer == Answer.LATER)


def _on_the_pair(verdict: Any, table: Any) -> tuple[ColumnElement[bool], ...]:
    here = verdict.low_id == table.low_id, verdict.high_id == table.high_id
    return (*here, verdict.withdrawn_at.is_(None))


def _is_asked(table: Any, member: Member, people: int) -> tuple[ColumnElement[bool], ...]:
    """Whether an answer of this member is awaited: no answer stands alone, and the places of the two are not taken."""
    said = (*_on_the_pair(Verdict, table), Verdict.answer != Answer.LATER)
    undecided = not_(exists().where(*said, Verdict.alone))
    if people == 1:
        return undecided, not_(_is_agreed(table))
    others = select(func.count(Verdict.member_id.distinct())).where(*said).correlate(table).scalar_subquery()
    return undecided, not_(exists().where(*said, Verdict.member_id == member.id)), others < 2


def _is_agreed(table: Any) -> ColumnElement[bool]:
    """Two people said the same of the pair, while the protocol asked for two."""
    one, other = aliased(Verdict), aliased(Verdict)
    alike = and_(
        one.answer == other.answer,
        func.coalesce(one.link, "") == func.coalesce(other.link, ""),
        func.coalesce(one.pointing_id, 0) == func.coalesce(other.pointing_id, 0),
    )
    here = (*_on_the_pair(one, table), *_on_the_pair(other, table))
    return exists().where(*here, one.member_id < other.member_id, one.answer != Answer.LATER, alike)


def _askable(session: Session, review_id: int, rows: Sequence[Row[Any]]) -> list[WaitingPair]:
    """These candidates without those whose clusters people keep apart, once for any two clusters."""
    clusters = queries.members_of(session, {end for row in rows for end in queries.ends(row)})
    near = {record for members in clusters.values() for record in members}
    apart = queries.kept_homes(session, queries.verdicts(session, review_id, near))
    return queries.once_each(row for row in rows if queries.ends(row) not in apart)
