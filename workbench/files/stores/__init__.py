"""Where bytes lie: a folder or an S3-compatible store in which each file is named by its sha256."""

import hashlib
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from workbench.errors import Invalid
from workbench.words import _

AT_ONCE = 1 << 20
"""Bytes that are held at a time while a file is kept."""


class Store(Protocol):
    """Where bytes lie, each file under its fingerprint."""

    folder: Path
    """A folder on this machine, for the store itself or for what is on its way to it."""

    def put(self, data: bytes | BinaryIO) -> str:
        """Keep these bytes, or those of an open file from its beginning; return their sha256. Twice is once."""

    def size(self, sha256: str) -> int:
        """How many bytes the file with this fingerprint has."""

    def open(self, sha256: str) -> BinaryIO:
        """The file with this fingerprint, to be read part by part, or FileNotFoundError."""

    def get(self, sha256: str) -> bytes:
        """The bytes with this fingerprint, or FileNotFoundError."""


class FolderStore:
    """Files under their fingerprint; a file appears whole or not at all, and is never overwritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file with this fingerprint lies."""
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes | BinaryIO) -> str:
        """Keep these bytes, or those of an open file from its beginning; return their sha256. Kept twice, they are one.

        A file is copied part by part, so that none is ever held in memory.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix="arriving-")
        arriving = Path(name)
        try:
            sha256 = self._copy(BytesIO(data) if isinstance(data, bytes) else data, handle)
            target = self.path(sha256)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                arriving.replace(target)
        finally:
            arriving.unlink(missing_ok=True)
        return sha256

    @staticmethod
    def _copy(source: BinaryIO, handle: int) -> str:
        """Write a file to where it arrives, and return its sha256."""
        digest = hashlib.sha256()
        source.seek(0)
        with os.fdopen(handle, "wb") as file:
            while block := source.read(AT_ONCE):
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def size(self, sha256: str) -> int:
        """How many bytes the file with this fingerprint has."""
        return self.path(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        """The file with this fingerprint, to be read part by part.

        Raises:
            FileNotFoundError: the store does not hold it.
        """
        return self.path(sha256).open("rb")

    def get(self, sha256: str) -> bytes:
        """The bytes with this fingerprint.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return self.path(sha256).read_bytes()


class StoreMissing(Invalid):
    """Files lie in a folder, or in a store whose address begins with s3://."""

    hint = "Leave WORKBENCH_FILES_URL empty, or write s3://bucket/prefix?endpoint=https://host."


def open_store(home: Path, url: str = "") -> Store:
    """The store of the files of this installation.

    Args:
        home: its folder; files lie in `files`, or what is on its way to a store elsewhere.
        url: where files lie, else WORKBENCH_FILES_URL; empty for the folder.

    Raises:
        StoreMissing: nothing answers to such an address.
    """
    folder, address = home / "files", url or os.environ.get("WORKBENCH_FILES_URL", "")
    if not address:
        return FolderStore(folder)
    if not address.startswith("s3://"):
        raise StoreMissing(_("“%(address)s” is no store of files.", address=address))
    try:
        from workbench.files.stores.s3 import S3Store
    except ImportError as error:
        hint = _('Install it with: pip install "screening-workbench[s3]"')
        raise StoreMissing(_("Files are to lie in an S3 store, and boto3 is not installed."), hint) from error
    return S3Store.at(address, folder)
