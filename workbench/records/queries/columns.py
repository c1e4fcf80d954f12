"""Reading what people said of the columns of unknown tables, and the tables that still wait for that."""

from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from workbench.errors import NotFound
from workbench.protocols.models import SearchRun
from workbench.records.models import ColumnMapping, HeldUpload, Import
from workbench.records.rules.columns import UnknownTable, unknown_table
from workbench.reviews.models import Member
from workbench.words import _


class NoSuchUpload(NotFound):
    """A table waits for its columns for a day, until it is imported or let go."""

    hint = "Choose the file again on the page Searches."


def held(session: Session, review_id: int) -> Sequence[tuple[HeldUpload, SearchRun]]:
    """The tables of a review that wait for their columns, in the order they came."""
    wanted = select(HeldUpload, SearchRun).join(SearchRun, SearchRun.id == HeldUpload.run_id)
    rows = session.execute(wanted.where(HeldUpload.review_id == review_id).order_by(HeldUpload.id))
    return [(row[0], row[1]) for row in rows]


def held_of(session: Session, review_id: int, upload_id: int) -> HeldUpload:
    """One table that waits for its columns, with its bytes."""
    found = session.get(HeldUpload, upload_id, options=[undefer(HeldUpload.packed)])
    if found is None or found.review_id != review_id:
        raise NoSuchUpload(_("No file of this number waits for its columns."))
    return found


def mapping_for(session: Session, review_id: int, source: str, headers_sha256: str) -> ColumnMapping | None:
    """What was last said of these headers from this source."""
    wanted = select(ColumnMapping).where(
        ColumnMapping.review_id == review_id,
        ColumnMapping.source == source,
        ColumnMapping.headers_sha256 == headers_sha256,
    )
    return session.scalars(wanted.order_by(ColumnMapping.id.desc()).limit(1)).first()


def remembered(session: Session, review_id: int, run: SearchRun, data: bytes | BinaryIO) -> dict[str, str] | None:
    """Field -> header as last said for a table like this from the source of this run; None where nothing was said."""
    table = unknown_table(data)
    found = mapping_for(session, review_id, run.source, table.headers_sha256) if table else None
    return dict(found.mapping) if found else None


def mapping_of(session: Session, the_import: Import) -> tuple[ColumnMapping, Member] | None:
    """The mapping an import was read with, and who said it; None where its columns were known or named otherwise."""
    if not the_import.columns:
        return None
    wanted = (
        select(ColumnMapping, Member)
        .join(Member, Member.id == ColumnMapping.mapped_by)
        .join(SearchRun, SearchRun.source == ColumnMapping.source)
        .where(
            ColumnMapping.review_id == the_import.review_id,
            SearchRun.id == the_import.run_id,
            ColumnMapping.mapped_at <= the_import.started_at,
        )
    )
    rows = session.execute(wanted.order_by(ColumnMapping.id.desc())).unique()
    return next(((row[0], row[1]) for row in rows if row[0].mapping == the_import.columns), None)


def guessed(table: UnknownTable, said: ColumnMapping | dict[str, str] | None) -> dict[int, str]:
    """Place of a column -> field as it is offered: as said before, else as guessed."""
    mapping = said.mapping if isinstance(said, ColumnMapping) else said
    if mapping is None:
        return {column.place: column.guess or "" for column in table.columns}
    fields = {header: field for field, header in mapping.items()}
    return {column.place: fields.get(column.header, "") for column in table.columns}
