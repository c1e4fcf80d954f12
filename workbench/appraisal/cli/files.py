"""Files named on the command line: their bytes, their rows, and what is written."""

import csv
import gzip
import io
import zlib
from pathlib import Path

from workbench.errors import Invalid
from workbench.words import _

LARGEST_FILE = 50_000_000
"""Bytes; half a million rows of answers have less."""


class CannotOpen(Invalid):
    """A file named on the command line must be there and be readable."""

    hint = "Give the path of a CSV file in UTF-8."


class CannotWrite(Invalid):
    """A file that is to be written must be writable."""


def content(file: Path) -> bytes:
    """Read a file; one that ends in .gz is read as what is inside.

    Raises:
        CannotOpen: it is not there, is damaged, or is far too large.
    """
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CannotOpen(_("%(file)s cannot be read: %(why)s.", file=file, why=why)) from error
    if len(data) > LARGEST_FILE:
        raise CannotOpen(_("%(file)s holds more than 50 MB.", file=file), _("Divide it into parts."))
    return data


def rows(file: Path, needed: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    """Read a CSV: its headers, and its rows, each as long as the headers.

    Raises:
        CannotOpen: it is no CSV in UTF-8, or lacks a column that is needed.
    """
    try:
        table = [row for row in csv.reader(io.StringIO(content(file).decode("utf-8-sig"), newline="")) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise CannotOpen(_("%(file)s is no CSV in UTF-8: %(why)s.", file=file, why=error)) from error
    header = [name.strip() for name in table[0]] if table else []
    if missing := [name for name in needed if name not in header]:
        names, columns = ", ".join(missing), ", ".join(needed)
        message = _("%(file)s has no column %(names)s.", file=file, names=names)
        raise CannotOpen(message, _("Its first row must name the columns %(columns)s.", columns=columns))
    return header, [(row + [""] * len(header))[: len(header)] for row in table[1:]]


def write(file: Path, data: bytes) -> None:
    """Write a file.

    Raises:
        CannotWrite: it cannot be written.
    """
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CannotWrite(_("%(file)s cannot be written: %(why)s.", file=file, why=error.strerror)) from error
