"""Records and rejected lines as people, spreadsheets and other programs read them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.records.writers import markup, tables, tagged
from workbench.records.writers.cells import as_csv, safe_cell
from workbench.records.writers.record import Entry, Losses
from workbench.words import _

__all__ = ["WRITERS", "Entry", "Losses", "Writer", "as_csv", "as_text", "paragraphs", "safe_cell", "told_types"]

_LABEL = re.compile(r"^([A-Z][A-Z ,/&-]{2,60}|[A-Z][A-Za-z]+(?: [A-Za-z]+){0,4}):\s+(?=\S)")
_LABELS_INSIDE = re.compile(r"(?<=[.!?)]) +(?=(?:[A-Z][A-Z ,/&-]{3,60}): )")


@dataclass(frozen=True, slots=True)
class Writer:
    """One format in which records can be had.

    Attributes:
        name: as people say it.
        suffix: how a file of it ends.
        mimetype: of the file.
        parts: hands out the file part by part, and counts what it cannot carry.
    """

    name: str
    suffix: str
    mimetype: str
    parts: Callable[[Iterable[Entry], Losses], Iterator[str] | Iterator[bytes]]

    def write(self, entries: Iterable[Entry], losses: Losses | None = None) -> Iterator[bytes]:
        """Hand out the bytes of a file, part by part; `losses` then tells what the format could not carry."""
        losses = Losses() if losses is None else losses
        for part in self.parts(_counted(entries, losses), losses):
            yield part.encode() if isinstance(part, str) else part


def _counted(entries: Iterable[Entry], losses: Losses) -> Iterator[Entry]:
    for entry in entries:
        losses.written += 1
        yield entry


WRITERS = {
    "ris": Writer("RIS", "ris", "application/x-research-info-systems", tagged.ris),
    "csv": Writer("CSV", "csv", "text/csv", tables.csv),
    "xlsx": Writer("Excel", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", tables.xlsx),
    "csl-json": Writer("CSL-JSON", "json", "application/vnd.citationstyles.csl+json", markup.csl_json),
    "bibtex": Writer("BibTeX", "bib", "application/x-bibtex", markup.bibtex),
    "nbib": Writer("nbib (PubMed)", "nbib", "application/nbib", tagged.nbib),
    "endnote-xml": Writer("EndNote XML", "xml", "application/xml", markup.endnote_xml),
}
"""Every format that records are written in, by the name that commands and addresses use; the most usual first."""


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
