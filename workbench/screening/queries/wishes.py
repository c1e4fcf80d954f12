"""What a reviewer looks for in the own queue, as conditions on the records; and what there is to choose from."""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from workbench.deduplication.models import Duplicate
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.screening.rules import Wish


def fits(wish: Wish) -> ColumnElement[bool]:
    """Whether a record is one of those that are looked for; upper and lower case are the same."""
    return and_(True, *_conditions(wish))


def runs_of(session: Session, review_id: int) -> Sequence[tuple[int, str, str]]:
    """The search runs that brought records: id, name of the source, and code."""
    wanted = select(SearchRun.id, SearchRun.source_name, SearchRun.code).where(
        SearchRun.review_id == review_id, exists().where(Import.run_id == SearchRun.id, Import.taken_back_at.is_(None))
    )
    return [(row[0], row[1], row[2]) for row in session.execute(wanted.order_by(SearchRun.id))]


def languages_of(session: Session, review_id: int) -> list[str]:
    """The languages of the review's records, as they are spelt there."""
    spelt = select(cast(Record.languages, String)).where(Record.review_id == review_id).distinct()
    return sorted({language for some in session.scalars(spelt) for language in json.loads(some)})


def _conditions(wish: Wish) -> Iterator[ColumnElement[bool]]:
    for word in wish.words.split():
        yield or_(_holds(word), cast(Record.keywords, String).icontains(word, autoescape=True))
    if stem := wish.term.rstrip("*").strip():
        yield _holds(stem)
    if wish.first_year is not None:
        yield Record.year >= wish.first_year
    if wish.last_year is not None:
        yield Record.year <= wish.last_year
    if wish.language:
        yield cast(Record.languages, String).contains(f'"{wish.language}"', autoescape=True)
    if wish.no_abstract:
        yield func.coalesce(Record.abstract, "") == ""
    if wish.run_id is not None:
        yield _was_found_by(wish.run_id)


def _holds(words: str) -> ColumnElement[bool]:
    return or_(Record.title.icontains(words, autoescape=True), Record.abstract.icontains(words, autoescape=True))


def _was_found_by(run_id: int) -> ColumnElement[bool]:
    """The record, or one that stands under it, came with an import of this run."""
    member, of = aliased(Record), aliased(Import)
    return or_(
        exists().where(of.id == Record.import_id, of.run_id == run_id),
        exists().where(
            Duplicate.kept_id == Record.id, Duplicate.record_id == member.id, of.id == member.import_id,
            of.run_id == run_id,
        ),
    )  # fmt: skip
