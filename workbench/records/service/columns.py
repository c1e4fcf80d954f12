"""Tables whose headers are not known: held until a person says what the columns hold, then read so from then on."""

import hashlib
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.files.rules import plain_name
from workbench.files.stores import Store
from workbench.jobs.models import Job
from workbench.protocols import queries as protocols
from workbench.records import service
from workbench.records.events import ColumnsMapped, UploadDropped, UploadHeld
from workbench.records.models import ColumnMapping, HeldUpload, Import
from workbench.records.queries import columns as queries
from workbench.records.rules import Unreadable
from workbench.records.rules.columns import UnknownTable, mapping_of, unknown_table
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

Started = tuple[Import, Job | None]


@dataclass(frozen=True)
class Upload:
    """One file as a person sent it, for one run, with what was said beside it."""

    run_id: int
    name: str
    data: bytes | BinaryIO
    columns: Mapping[str, str] | None = None
    also_another_run: bool = False
    part: str | None = None


def take(session: Session, store: Store, member: Member, upload: Upload) -> Started | HeldUpload:
    """Start the import of a file; a table whose headers nobody explained yet is held instead.

    A table like one that was explained before, from the same source, is read as it was explained then.

    Raises:
        Unreadable: it is no table, and holds no records.
        SameFile: its records are in this review already.
    """
    run = protocols.run_of(session, member.review_id, upload.run_id)
    said = upload.columns or queries.remembered(session, member.review_id, run, upload.data)
    try:
        return service.start_import(
            session,
            store,
            member,
            run.id,
            upload.name,
            upload.data,
            said,
            part=upload.part,
            also_another_run=upload.also_another_run,
        )
    except Unreadable:
        if upload.columns or unknown_table(upload.data) is None:
            raise
    return hold(session, member, upload)


def hold(session: Session, member: Member, upload: Upload) -> HeldUpload:
    """Keep a table until somebody says what its columns hold; sent twice for one run it waits once."""
    allowed(member.roles, Deed.IMPORT)
    data = _all_of(upload.data)
    packed = zlib.compress(data)
    for one, run in queries.held(session, member.review_id):
        if run.id == upload.run_id and one.packed == packed:
            return one
    held = HeldUpload(
        review_id=member.review_id,
        run_id=upload.run_id,
        file_name=plain_name(upload.name),
        part=upload.part,
        packed=packed,
        uploaded_by=member.id,
        uploaded_at=now(),
    )
    session.add(held)
    session.flush()
    event = UploadHeld(held.id, held.run_id, hashlib.sha256(data).hexdigest())
    audit.record(session, member.review_id, member.id, event)
    return held


def _all_of(data: bytes | BinaryIO) -> bytes:
    """Return all bytes of a file, however far it was read."""
    if isinstance(data, bytes):
        return data
    data.seek(0)
    return data.read()


def table_of(held: HeldUpload) -> UnknownTable:
    """The table that waits, with its columns.

    Raises:
        Unreadable: it is none; it was held by a version of the program that took it for one.
    """
    table = unknown_table(data_of(held))
    if table is None:
        raise Unreadable(_("This file is no table."))
    return table


def data_of(held: HeldUpload) -> bytes:
    """The bytes of a held table as they were sent."""
    return zlib.decompress(held.packed)


def explain(session: Session, store: Store, member: Member, upload_id: int, said: Mapping[int, str]) -> list[Started]:
    """Say what the columns of a held table hold, and import it, with all that wait with the same headers.

    Args:
        session: Where to write.
        store: Where imported files are kept.
        member: Who says it.
        upload_id: Which table.
        said: place of a column -> field; "" for a column that is kept as delivered only.

    Raises:
        BadMapping: what was said does not hold together.
        Unreadable: read so, the table holds no records.
        SameFile: its records are in this review already.
    """
    allowed(member.roles, Deed.IMPORT)
    held = queries.held_of(session, member.review_id, upload_id)
    source = protocols.run_of(session, member.review_id, held.run_id).source
    mapping = remember(session, member, source, table_of(held), said)
    started = [_import(session, store, member, held, mapping.mapping)]
    for one, run in queries.held(session, member.review_id):
        if run.source == source and table_of(one).headers_sha256 == mapping.headers_sha256:
            with suppress(Unreadable, service.SameFile):  # it goes on waiting, and says why when it is asked for
                started.append(_import(session, store, member, one, mapping.mapping))
    return started


def remember(
    session: Session, member: Member, source: str, table: UnknownTable, said: Mapping[int, str]
) -> ColumnMapping:
    """Write down what the columns of a source's tables hold; from now on tables with these headers are read so."""
    allowed(member.roles, Deed.IMPORT)
    row = ColumnMapping(
        review_id=member.review_id,
        source=source,
        headers_sha256=table.headers_sha256,
        mapping=mapping_of(table, said),
        mapped_by=member.id,
        mapped_at=now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, member.review_id, member.id, ColumnsMapped(row.id, source, row.headers_sha256))
    return row


def drop(session: Session, member: Member, upload_id: int) -> None:
    """Let a table go that waits for its columns."""
    allowed(member.roles, Deed.IMPORT)
    held = queries.held_of(session, member.review_id, upload_id)
    audit.record(session, member.review_id, member.id, UploadDropped(held.id))
    session.delete(held)
    session.flush()


def clear(session: Session, older_than: datetime) -> int:
    """Let all tables go that nobody explained since this moment; returns how many."""
    old = session.scalars(select(HeldUpload).where(HeldUpload.uploaded_at < older_than)).all()
    for held in old:
        audit.record(session, held.review_id, None, UploadDropped(held.id))
        session.delete(held)
    session.flush()
    return len(old)


def _import(session: Session, store: Store, member: Member, held: HeldUpload, mapping: Mapping[str, str]) -> Started:
    started = service.start_import(
        session, store, member, held.run_id, held.file_name, data_of(held), mapping, part=held.part
    )
    session.delete(held)
    session.flush()
    return started
