"""Reading a PDF that somebody sent, in a process that can be lost: run as a program, it reads one file after the other.

A request is a line of JSON with a path and limits, the answer a line of JSON. Where the system can fork, each file is
read in a child that may use so much memory and so many seconds, opens nothing for writing, and is gone afterwards: a
file made to do harm ends its own child and nothing else. The program imports nothing of the workbench, so it starts
quickly and knows no secret.
"""

import html
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

KEYS = ("Title", "Author", "Subject", "Keywords", "doi", "DOI", "WPS-ARTICLEDOI")
"""Properties of a PDF in which publishers write what it is."""
ON_A_PAGE = 20_000
"""Characters of a page that are kept."""
UNPACKED = 8 << 20
"""Bytes to which one stream is unpacked when its names are read, and all of them eightfold."""
AFTER_THE_END = 1024
"""Bytes after the end that some writers leave behind; more is another file."""

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_CARRIED = {
    "javascript": re.compile(rb"/(?:JavaScript|JS)(?![A-Za-z])"),
    "launch": re.compile(rb"/Launch(?![A-Za-z])"),
    "files": re.compile(rb"/Embedded(?:Files?|FileStreams?)(?![A-Za-z])"),
    "form": re.compile(rb"/(?:XFA|SubmitForm|ImportData)(?![A-Za-z])"),
    "media": re.compile(rb"/(?:RichMedia|Movie|Sound)(?![A-Za-z])"),
}
_XMP = {
    "title": re.compile(r"<dc:title\b[^>]*>\s*(?:<rdf:Alt>\s*<rdf:li[^>]*>)?([^<]+)", re.DOTALL),
    "doi": re.compile(r"(?:prism|pdfx|crossmark):doi(?:>|=\")\s*([^<\"]+)", re.IGNORECASE),
    "identifier": re.compile(r"dc:identifier(?:>|=\")\s*([^<\"]+)"),
}


def read(path: str, limits: dict[str, int]) -> dict[str, Any]:
    """Say what a file is and holds.

    Args:
        path: where it lies.
        limits: `pages` a document may have, and `text`: of how many pages, from the first, the text is wanted.

    Returns:
        `state` (a word of `State`), and where it could be opened `pages`, `text` page by page, `told` (its properties
        by name) and `carries` (words of `Carries`).
    """
    import pypdfium2

    data = Path(path).read_bytes()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == pypdfium2.raw.FPDF_ERR_PASSWORD
        return {"state": "encrypted" if is_locked else "broken"}
    pages = len(document)
    if pages == 0:
        return {"state": "broken"}
    if pages > limits["pages"]:
        return {"state": "too-many-pages", "pages": pages}
    text = [_text_of(document, number) for number in range(min(pages, limits["text"]))]
    parts = list(_parts(data))
    return {
        "state": "read" if any(re.search(r"\w{3}", page) for page in text) else "no-text",
        "pages": pages,
        "text": text,
        "told": _properties(document) | _xmp(parts),
        "carries": carried(data, parts),
    }


def _text_of(document: Any, number: int) -> str:
    """The text of a page; a page that cannot be laid out has none."""
    import pypdfium2

    with suppress(pypdfium2.PdfiumError):
        page = document[number].get_textpage()
        words: str = page.get_text_range(0, min(page.count_chars(), ON_A_PAGE))
        return words.replace("\r", "").replace("\ufffe", "-").replace("\x00", "").encode("utf-8", "ignore").decode()
    return ""


def _properties(document: Any) -> dict[str, str]:
    import pypdfium2

    found: dict[str, str] = {}
    for key in KEYS:
        with suppress(pypdfium2.PdfiumError, UnicodeError):
            found[key] = document.get_metadata_value(key)[:2000].encode("utf-8", "ignore").decode().replace("\x00", "")
    return {key: value for key, value in found.items() if value}


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Streams with packed objects or a description, unpacked to a limit: (what each is said to be, its bytes)."""
    left = 8 * UNPACKED
    for found in _STREAM.finditer(data):
        said = data[max(0, found.start() - 400) : found.start()].rpartition(b" obj")[2]
        if left <= 0 or not (b"/ObjStm" in said or b"/XML" in said):
            continue
        body = _unpacked(found[1]) if b"/FlateDecode" in said else found[1][:UNPACKED]
        left -= len(body)
        yield said, body


def _unpacked(packed: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompressobj().decompress(packed, UNPACKED)
    return b""


def carried(data: bytes, parts: list[tuple[bytes, bytes]]) -> list[str]:
    """What a document carries besides pages, read off the names of its objects; what is drawn is passed over.

    >>> carried(b"1 0 obj <</S /J#61vaScript /JS (app.alert)>> endobj", [])
    ['javascript']
    """
    names = b" ".join([_STREAM.sub(b" ", data), *(body for said, body in parts if b"/ObjStm" in said)])
    names = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), names)
    found = [word for word, sign in _CARRIED.items() if sign.search(names)]
    return [*found, "appended"] if _after_the_end(data) else found


def _after_the_end(data: bytes) -> bool:
    end = data.rfind(b"%%EOF")
    return end >= 0 and len(data[end + 5 :].strip(b"\0\r\n \t")) > AFTER_THE_END


def _xmp(parts: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Title and DOI in the description that publishers put beside the properties."""
    text = " ".join(body[:200_000].decode("utf-8", "ignore") for said, body in parts if b"/ObjStm" not in said)
    found = {f"xmp {name}": sign.search(text) for name, sign in _XMP.items()}
    return {name: html.unescape(one[1]).strip()[:2000] for name, one in found.items() if one}


def _confine(seconds: int, memory: int) -> None:
    """Take from this process what reading does not need: time and memory beyond the limits, and writing files."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _answer(request: dict[str, Any]) -> str:
    try:
        found = read(request["path"], request)
    except MemoryError:
        found = {"state": "too-heavy"}
    return json.dumps(found)


def _apart(request: dict[str, Any]) -> str:
    """The answer of a child that reads this one file; where it died, that the file is too heavy."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        _confine(request["seconds"], request["memory"])
        with suppress(BaseException), os.fdopen(into, "w", encoding="utf-8") as told:
            told.write(_answer(request))
        os._exit(0)
    os.close(into)
    with os.fdopen(out, encoding="utf-8") as told:
        answer = told.read()
    os.waitpid(child, 0)
    return answer or json.dumps({"state": "too-heavy"})


def main() -> None:
    """Answer one request after the other until there are no more."""
    import pypdfium2  # noqa: F401  (once, before the children)

    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write((_apart(request) if hasattr(os, "fork") else _answer(request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
