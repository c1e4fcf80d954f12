"""A small PDF for each invented report, made without a library: text on two pages, in a font every reader has."""

import textwrap
import unicodedata
from collections.abc import Sequence

_TOP, _LEFT, _LEADING, _SIZE = 780, 64, 15, 11
_WIDTH = 84
"""Characters on a line."""
_PLAIN = str.maketrans("łŁ\u2010", "lL-")

INVENTED = "INVENTED for the demonstration of the workbench."
REST = (
    "This page stands for the rest of the article. Read the abstract on page 1 and vote on that; there is nothing "
    "more to find here, and nothing to cite."
)


def paper(title: str, byline: str, place: str, abstract: str) -> bytes:
    """Two pages that say of themselves that they are invented."""
    head = [*_wrapped(title), "", *_wrapped(byline), *_wrapped(place)]
    first = [*head, "", INVENTED, "", "Abstract", *_wrapped(abstract or "No abstract.")]
    second = ["Methods and results", "", *_wrapped(REST)]
    return _document([first, second])


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH)


def _document(pages: Sequence[Sequence[str]]) -> bytes:
    """Objects, one by one: catalogue, page tree, font, then a page and its content for each page."""
    numbers = [4 + 2 * place for place in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in zip(numbers, pages, strict=True):
        content = _content(lines)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    return _file(objects)


def _content(lines: Sequence[str]) -> bytes:
    shown = b"\n".join(b"(%s) Tj T*" % _escaped(line) for line in lines)
    return b"BT /F1 %d Tf %d TL %d %d Td\n%s\nET" % (_SIZE, _LEADING, _LEFT, _TOP, shown)


def _escaped(line: str) -> bytes:
    """The line in the encoding of the font, with the signs escaped that mean something in a PDF."""
    text = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return "".join(map(_in_font, text)).encode("cp1252", "replace")


def _in_font(letter: str) -> str:
    """A letter that the font lacks, without its stroke or accent.

    >>> "".join(map(_in_font, "Paweł Zieliński, Gödel"))
    'Pawel Zielinski, Gödel'
    """
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return unicodedata.normalize("NFKD", letter.translate(_PLAIN))[0]
    return letter


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects with the table that says at which byte each begins."""
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % size + entries + end
