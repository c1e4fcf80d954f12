"""CSV tables of judgements: rows with their lines, and words made full."""

import csv
import io
from collections.abc import Iterator

from workbench.appraisal.formats.judged import WORDS, Mark, UnreadableJudgements
from workbench.words import _

LONGEST_HEADER = 300
"""Characters of a header; what goes on longer is no name of a domain."""


def table_of(data: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Read headers, and rows with the line each begins on.

    Raises:
        UnreadableJudgements: it is no CSV in UTF-8, or has no row.
    """
    try:
        text = data.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        rows = list(_numbered(reader))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableJudgements(_("This is no CSV in UTF-8: %(why)s.", why=error)) from error
    if len(rows) < 2:
        raise UnreadableJudgements(_("The table has no row below its headers."))
    header = [cell.strip()[:LONGEST_HEADER] for cell in rows[0][1]]
    return header, [(line, (cells + [""] * len(header))[: len(header)]) for line, cells in rows[1:]]


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _numbered(reader: "csv._reader") -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    before = 0
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield before + 1, cells
        before = reader.line_num


def mark_of(text: str, where: str, support: str = "") -> Mark | None:
    """Read one judgement; an empty cell was not assessed.

    Args:
        text: the cell.
        where: what an error calls the place.
        support: what supports it.

    Raises:
        UnreadableJudgements: the word is not known.
    """
    word = without_apostrophe(text).strip()
    if not word:
        return None
    if word.lower() not in WORDS:
        raise UnreadableJudgements(
            _("%(where)s: “%(word)s” is no judgement that is known.", where=where, word=word[:60])
        )
    return Mark(WORDS[word.lower()][0], without_apostrophe(support))


def without_apostrophe(text: str) -> str:
    """Take off the apostrophe by which our own writers keep a spreadsheet from calculating."""
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@", "\t", "\r", "'"} else text
