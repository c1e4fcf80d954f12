"""Files in an S3-compatible store; boto3 finds the keys to it where it always does (environment, profile, role)."""

import hashlib
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Self
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from workbench.files.stores import AT_ONCE

PATIENCE = Config(connect_timeout=10, read_timeout=60, retries={"max_attempts": 4, "mode": "standard"})


class S3Store:
    """Files under their fingerprint in a bucket; each is checked against its fingerprint whenever it is fetched."""

    def __init__(self, client: Any, bucket: str, prefix: str, folder: Path) -> None:
        self.client, self.bucket, self.prefix, self.folder = client, bucket, prefix, folder

    @classmethod
    def at(cls, url: str, folder: Path) -> Self:
        """Open the store of an address: `s3://bucket/prefix?endpoint=https://host&region=eu-north-1`."""
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        client = boto3.client(
            "s3", endpoint_url=asked.get("endpoint"), region_name=asked.get("region"), config=PATIENCE
        )
        return cls(client, parts.netloc, parts.path.strip("/"), folder)

    def key(self, sha256: str) -> str:
        """The name of the file with this fingerprint in the bucket."""
        return "/".join(part for part in (self.prefix, sha256[:2], sha256) if part)

    def put(self, data: bytes | BinaryIO) -> str:
        """Keep these bytes, or those of an open file from its beginning; return their sha256. Twice is once."""
        source, digest = BytesIO(data) if isinstance(data, bytes) else data, hashlib.sha256()
        self.folder.mkdir(parents=True, exist_ok=True)
        source.seek(0)
        with tempfile.TemporaryFile(dir=self.folder) as arriving:
            while block := source.read(AT_ONCE):
                digest.update(block)
                arriving.write(block)
            arriving.seek(0)
            sha256 = digest.hexdigest()
            if not self._is_there(sha256):
                self.client.upload_fileobj(arriving, self.bucket, self.key(sha256))
        return sha256

    def _is_there(self, sha256: str) -> bool:
        try:
            self.size(sha256)
        except FileNotFoundError:
            return False
        return True

    def size(self, sha256: str) -> int:
        """How many bytes the file with this fingerprint has.

        Raises:
            FileNotFoundError: the store does not hold it.
        """
        try:
            return int(self.client.head_object(Bucket=self.bucket, Key=self.key(sha256))["ContentLength"])
        except ClientError as error:
            raise _missing(error, sha256) from error

    def open(self, sha256: str) -> BinaryIO:
        """The file with this fingerprint, fetched part by part into a file without a name on this machine.

        Raises:
            FileNotFoundError: the store does not hold it, or holds other bytes under its name.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        fetched, digest = tempfile.TemporaryFile(dir=self.folder), hashlib.sha256()  # noqa: SIM115  (the caller closes it)
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.key(sha256))["Body"]
            for block in body.iter_chunks(AT_ONCE):
                digest.update(block)
                fetched.write(block)
        except ClientError as error:
            fetched.close()
            raise _missing(error, sha256) from error
        if digest.hexdigest() != sha256:
            fetched.close()
            raise FileNotFoundError(f"the store holds other bytes under {sha256}")
        fetched.seek(0)
        return fetched

    def get(self, sha256: str) -> bytes:
        """The bytes with this fingerprint.

        Raises:
            FileNotFoundError: the store does not hold them.
        """
        with self.open(sha256) as file:
            return file.read()


def _missing(error: ClientError, sha256: str) -> Exception:
    """A file that is not there, as a folder says it; anything else as the store said it."""
    code = str(error.response.get("Error", {}).get("Code"))
    return FileNotFoundError(sha256) if code in {"404", "NoSuchKey", "NotFound"} else error
