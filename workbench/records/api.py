"""Records in canonical form, one or a searched list, for programs; tags as delivered stay on the record's page."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated

from flask import Blueprint
from sqlalchemy.orm import Session

from workbench.accounts.rules import Scope
from workbench.records import queries
from workbench.records.queries import Wanted, canonical
from workbench.records.rules import Item
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.api import answers, asked
from workbench.web.transactions import current_session

bp = Blueprint("records_api", __name__)


@dataclass(frozen=True)
class RecordTold:
    """A record in canonical form; unknown is null or an empty list, never absent."""

    id: int
    title: str | None
    original_title: str | None
    authors: Sequence[str]
    year: int | None
    date: str | None
    journal: str | None
    journal_abbreviation: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    doi: str | None
    pmid: str | None
    pmcid: str | None
    embase_id: str | None
    cochrane_id: str | None
    registry_ids: Sequence[str]
    issn: Sequence[str]
    isbn: Sequence[str]
    abstract: str | None
    keywords: Sequence[str]
    subject_headings: Sequence[str]
    languages: Sequence[str]
    publication_types: Sequence[str]
    urls: Sequence[str]


@dataclass(frozen=True)
class Search:
    """Which records are looked for."""

    q: Annotated[str, "Text in title, authors or DOI, or a whole PMID."] = ""
    without: Annotated[str, "What they lack.", {"enum": ["", "abstract", "identifier"]}] = ""
    page: Annotated[int, "Pages are numbered from 1.", {"minimum": 1}] = 1


@dataclass(frozen=True)
class RecordsFound:
    """One page of records, in the order they were imported."""

    items: Sequence[RecordTold]
    total: int
    page: int
    pages: int


@bp.get("/reviews/<slug>/records")
@door(Deed.LOOK, Scope.READ)
@answers(RecordsFound, asks=Search)
def records(slug: str) -> RecordsFound:
    """List or search the records that count, duplicates among them, fifty a page."""
    session, wanted = current_session(), asked(Search)
    page = queries.records_page(
        session, asking_member().review_id, Wanted(wanted.q, without=wanted.without), wanted.page
    )
    return RecordsFound(told(session, [one.id for one in page.rows]), page.total, page.number, page.last)


@bp.get("/reviews/<slug>/records/<int:record_id>")
@door(Deed.LOOK, Scope.READ)
@answers(RecordTold)
def record(slug: str, record_id: int) -> RecordTold:
    """Tell one record of the review."""
    session = current_session()
    queries.record_of(session, asking_member().review_id, record_id)
    return told(session, [record_id])[0]


def told(session: Session, record_ids: Sequence[int]) -> list[RecordTold]:
    """These records as programs get them, in the order of their ids."""
    return [_told(record_id, item) for record_id, item in canonical(session, record_ids)]


def _told(record_id: int, item: Item) -> RecordTold:
    names = [one.name for one in fields(RecordTold) if one.name != "id"]
    return RecordTold(record_id, **{name: getattr(item, name) for name in names})
