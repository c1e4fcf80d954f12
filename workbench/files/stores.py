"""Where bytes lie: a folder in which each file is named by its sha256."""

import hashlib
import os
import tempfile
from pathlib import Path


class FolderStore:
    """Files under their fingerprint; a file appears whole or not at all, and is never overwritten."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file with this fingerprint lies."""
        return self.folder / sha256[:2] / sha256

    def put(self, data: bytes) -> str:
        """Keep these bytes and return their sha256; the same bytes twice are kept once."""
        sha256 = hashlib.sha256(data).hexdigest()
        target = self.path(sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write(target, data)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes with this fingerprint.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        return self.path(sha256).read_bytes()

    @staticmethod
    def _write(target: Path, data: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
