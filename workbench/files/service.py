"""Keeping a file: the bytes in the store, the fact in the database."""

from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workbench.db import now
from workbench.files.formats import Reading
from workbench.files.models import FileText, StoredFile
from workbench.files.stores import Store

MOST_TEXT = 4_000_000
"""Characters of one file that are kept: some 1,500 pages."""


def keep(session: Session, store: Store, data: bytes | BinaryIO, media_type: str) -> StoredFile:
    """Keep these bytes, or those of an open file; kept twice they are one file."""
    sha256 = store.put(data)
    found = session.get(StoredFile, sha256)
    if found is None:
        found = StoredFile(sha256=sha256, size=store.size(sha256), media_type=media_type, stored_at=now())
        session.add(found)
        session.flush()
    return found


def keep_text(session: Session, sha256: str, reading: Reading) -> FileText:
    """Keep what a file of the store says; where somebody else read it meanwhile, theirs stays."""
    known = session.get(FileText, sha256)
    if known is not None:
        return known
    row = FileText(
        sha256=sha256, state=reading.state, pages=_within(reading.text), of_pages=reading.pages, read_at=now()
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        row = session.get_one(FileText, sha256)
    return row


def _within(pages: Sequence[str]) -> list[str]:
    """The pages from the first, as many as are kept whole."""
    kept, left = [], MOST_TEXT
    for text in pages:
        left -= len(text)
        if left < 0:
            break
        kept.append(text)
    return kept
