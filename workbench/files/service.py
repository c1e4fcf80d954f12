"""Keeping a file: the bytes in the store, the fact in the database."""

from typing import BinaryIO

from sqlalchemy.orm import Session

from workbench.db import now
from workbench.files.models import StoredFile
from workbench.files.stores import Store


def keep(session: Session, store: Store, data: bytes | BinaryIO, media_type: str) -> StoredFile:
    """Keep these bytes, or those of an open file; kept twice they are one file."""
    sha256 = store.put(data)
    found = session.get(StoredFile, sha256)
    if found is None:
        found = StoredFile(sha256=sha256, size=store.size(sha256), media_type=media_type, stored_at=now())
        session.add(found)
        session.flush()
    return found
