"""Records and rejected lines as people and spreadsheets read them."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from workbench.words import _

_LABEL = re.compile(r"^([A-Z][A-Z ,/&-]{2,60}|[A-Z][A-Za-z]+(?: [A-Za-z]+){0,4}):\s+(?=\S)")
_LABELS_INSIDE = re.compile(r"(?<=[.!?)]) +(?=(?:[A-Z][A-Z ,/&-]{3,60}): )")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def paragraphs(abstract: str | None) -> Iterator[tuple[str | None, str]]:
    """Cut a structured abstract into its parts: (label or None, text).

    >>> list(paragraphs("AIM: To see. RESULTS: We saw."))
    [('Aim', 'To see.'), ('Results', 'We saw.')]
    """
    for part in re.split(r"\n+", abstract or ""):
        for piece in _LABELS_INSIDE.split(part.strip()):
            if label := _LABEL.match(piece):
                yield label[1].capitalize(), piece[label.end() :]
            elif piece:
                yield None, piece


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> safe_cell("=1+1")
    "'=1+1"
    """
    text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def as_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table for spreadsheets: marked as UTF-8, lines ended as they like it, no cell a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return "\ufeff" + out.getvalue()


def as_text(ranges: Iterable[tuple[int, int, str]], lines: Sequence[str]) -> str:
    r"""Lines of a file word for word, below their numbers and the reason: (first, last, reason), counted from 1.

    >>> as_text([(2, 2, "No title.")], ["TY  - JOUR", "ER  - "])
    'Line 2: No title.\nER  - \n\n'
    """
    parts = []
    for first, last, reason in ranges:
        said = (
            _("Line %(n)s: %(why)s", n=first, why=reason)
            if first == last
            else _("Lines %(first)s to %(last)s: %(why)s", first=first, last=last, why=reason)
        )
        parts += [said, *lines[first - 1 : last], ""]
    return "".join(part + "\n" for part in parts)


def told_types(types: Sequence[str]) -> list[str]:
    """Publication types as people read them: a code of RIS, such as JOUR, only where nothing else says what it is.

    >>> told_types(["JOUR", "Journal article"])
    ['Journal article']
    """
    words = [one for one in types if not re.fullmatch(r"[A-Z]{3,5}", one)]
    return words or list(types)
