"""One row for each removed record: what, under which it stands, why, who, when; narrowed by source, person and rule."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.deduplication.models import Duplicate
from workbench.deduplication.queries import BY_ENGINE, BY_PERSON, Removed, every_removed
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.records.queries import counts_now
from workbench.reviews.models import Member


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of the removed records are looked for; what is None or empty narrows nothing.

    `who` is BY_ENGINE, BY_PERSON (whoever), or the number of a member.
    """

    source: str = ""
    who: str = ""
    rule: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.source or self.who or self.rule)


@dataclass(frozen=True, slots=True)
class Choices:
    """What one can look for, each with how many removed records it has."""

    sources: list[tuple[str, int]]
    people: list[tuple[int, str, int]]
    rules: list[tuple[str, int]]


def removed(session: Session, review_id: int, wanted: Wanted, first: int = 0, size: int | None = None) -> list[Removed]:
    """The removed records that are looked for, report by report; all of them, or so many from a place on."""
    rows = _narrowed(every_removed(review_id), wanted).offset(first)
    return [Removed(*list(row)) for row in session.execute(rows if size is None else rows.limit(size))]


def how_many(session: Session, review_id: int, wanted: Wanted) -> int:
    """How many removed records there are of those looked for."""
    return session.scalar(_narrowed(_base(review_id, func.count()), wanted)) or 0


def choices(session: Session, review_id: int) -> Choices:
    """What the removed records of a review can be narrowed by."""
    n = func.count()
    sources = _base(review_id, SearchRun.source_name, n).group_by(SearchRun.source_name).order_by(SearchRun.source_name)
    rules = _base(review_id, Duplicate.rule, n).group_by(Duplicate.rule).order_by(n.desc(), Duplicate.rule)
    people = _base(review_id, Member.id, User.name, n).join(Member, Member.id == Duplicate.decided_by)
    people = people.join(User, User.id == Member.user_id).group_by(Member.id, User.name).order_by(Member.id)
    return Choices(*([tuple(row) for row in session.execute(asked)] for asked in (sources, people, rules)))


def _base(review_id: int, *columns: Any) -> Select[*tuple[Any, ...]]:
    joined = select(*columns).select_from(Duplicate).join(Record, Record.id == Duplicate.record_id)
    joined = joined.join(Import, Import.id == Record.import_id).join(SearchRun, SearchRun.id == Import.run_id)
    return joined.where(Record.review_id == review_id, *counts_now())


def _narrowed(rows: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.source:
        rows = rows.where(SearchRun.source_name == wanted.source)
    if wanted.rule:
        rows = rows.where(Duplicate.rule == wanted.rule)
    if wanted.who == BY_ENGINE:
        return rows.where(Duplicate.decided_by.is_(None))
    if wanted.who == BY_PERSON:
        return rows.where(Duplicate.decided_by.is_not(None))
    return rows.where(Duplicate.decided_by == int(wanted.who)) if wanted.who else rows
