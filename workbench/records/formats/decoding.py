"""From bytes to lines: unpack, refuse what is no text, find the encoding, split on every kind of line end."""

import codecs
import gzip
import io
import re
import zlib

from workbench.records.formats.raw import Unreadable
from workbench.words import _

MOST_BYTES = 1_000_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")
_STRAY_MARK = re.compile("^[ \t]*\ufeff", re.MULTILINE)
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf]|â€[\u0080-\u2122]")

_NOT_TEXT = (
    (b"%PDF", "This is a PDF, not an export of records."),
    (b"\xd0\xcf\x11\xe0", "This is an old Word or Excel file, which is not read here. Save the sheet as CSV."),
    (b"\x89PNG", "This is a picture, not an export of records."),
    (b"\xff\xd8\xff", "This is a picture, not an export of records."),
)


def unpacked(data: bytes) -> bytes:
    """Return what is inside a .gz file, known by its first bytes; anything else as it is.

    Raises:
        Unreadable: the packed file is damaged, or larger than a billion bytes inside.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            inside = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(_("The packed file (.gz) is damaged or cut off.")) from error
    if len(inside) > MOST_BYTES:
        raise Unreadable(_("The packed file (.gz) is too large inside."))
    return inside


def decoded(data: bytes) -> tuple[str, str]:
    """Return the text and the name of its encoding: UTF-8, UTF-16 by its mark, cp1252, latin-1, in this order.

    Raises:
        Unreadable: the file is empty or holds no text.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable(_("The file is empty."))
    for start, reason in _NOT_TEXT:
        if data.startswith(start):
            raise Unreadable(_(reason))
    text, encoding = _decode(data)
    if not text.strip("\ufeff \t\r\n"):
        raise Unreadable(_("The file is empty."))
    if len(_CONTROL.findall(text[:100_000])) > max(3, len(text[:100_000]) // 1000):
        raise Unreadable(_("The file holds no text (it is binary), so it is no export of records."))
    return (_STRAY_MARK.sub("", text) if "\ufeff" in text else text), encoding


def _decode(data: bytes) -> tuple[str, str]:
    """Try the encodings in turn; latin-1 always fits. An XML file may name its own."""
    if data.startswith(codecs.BOM_UTF8):
        return data[3:].decode("utf-8", errors="replace"), "utf-8-sig"
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace"), "utf-16"
    for encoding in (*_declared(data), "utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _declared(data: bytes) -> list[str]:
    """Name the encoding an XML declaration gives, where Python knows it; UTF-16 is told by its mark alone."""
    found = _DECLARED.match(data[:200])
    if not found:
        return []
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return []
    return [] if name.startswith(("utf-16", "utf-32")) else [name]


def is_mojibake(text: str) -> bool:
    """Say whether the text looks decoded twice (`Ã©` for é); it is only reported, never mended silently."""
    return ("Ã" in text or "â€" in text) and len(_MOJIBAKE.findall(text)) >= 3


def lines_of(text: str) -> list[str]:
    r"""Split on \r\n, \n and \r alike; WoS, Citavi and Cochrane files hold bare \r.

    >>> lines_of("a\r\nb\rc\n")
    ['a', 'b', 'c']
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    return lines
