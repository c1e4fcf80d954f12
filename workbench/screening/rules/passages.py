"""Finding words in the text of a full text, page by page, however its lines were broken. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.protocols.rules import Highlights

AROUND = 70
"""Characters that are shown before and after what was found."""
MOST_HITS = 200
"""Places that are listed; the rest is counted."""
BROKEN = "\u00ad"
"""Stands where a line ended after a hyphen, so that a word is found whether the hyphen is its own or the line's."""


@dataclass(frozen=True)
class Hit:
    """One place at which the words stand, with what stands around them."""

    page: int
    before: str
    found: str
    after: str

    @property
    def quote(self) -> str:
        """The place as it can be quoted."""
        return " ".join(f"{self.before}{self.found}{self.after}".split())


@dataclass(frozen=True)
class Hits:
    """The places at which words stand: the first of them, and how many there are."""

    shown: Sequence[Hit] = ()
    total: int = 0


@dataclass(frozen=True)
class TermPages:
    """A term that is marked at the desk, and the pages on which it stands."""

    term: str
    kind: str
    """`in` speaks for a record, `out` against it, `pico` for neither."""
    pages: Sequence[int]
    times: int


def find(pages: Sequence[str], words: str) -> Hits:
    r"""Where these words stand together, whatever their case and accents.

    >>> [(hit.page, hit.found) for hit in find(["A verte-\nbroplasty", "Vértebroplasty"], "vertebroplasty").shown]
    [(1, 'vertebroplasty'), (2, 'Vértebroplasty')]
    """
    wanted = _folded(flat(words)).replace(BROKEN, "")
    if not wanted.strip():
        return Hits()
    pattern, total = re.compile(_tolerant(wanted.strip())), 0
    shown: list[Hit] = []
    for number, text in enumerate(map(flat, pages), start=1):
        for match in pattern.finditer(_folded(text)):
            total += 1
            if len(shown) < MOST_HITS:
                shown.append(_hit(number, text, match.start(), match.end()))
    return Hits(shown, total)


def term_pages(pages: Sequence[str], terms: Highlights) -> list[TermPages]:
    """On which pages each term stands, those that stand nowhere left out; a * at its end stands for any ending."""
    kinds = {"in": terms.include, "out": terms.exclude, "pico": terms.pico}
    known = [(term, kind) for kind, some in kinds.items() for term in some if term.strip(" *")]
    if not known:
        return []
    places = sorted(range(len(known)), key=lambda at: len(known[at][0]), reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(f'({_of_a_term(known[at][0])})' for at in places)})(?!\w)")
    found: dict[int, list[int]] = {}
    for number, text in enumerate(pages, start=1):
        for match in pattern.finditer(_joined(text)):
            found.setdefault(places[(match.lastindex or 1) - 1], []).append(number)
    return [TermPages(*known[at], sorted(set(on)), len(on)) for at, on in sorted(found.items())]


def flat(text: str) -> str:
    r"""A page on one line: ligatures spelt out, white space as blanks, a hyphen at a line's end marked.

    >>> flat("e\ufb03cacy of\n  cement")
    'efficacy of cement'
    """
    spelt = unicodedata.normalize("NFKC", text.replace(BROKEN + "\n", "-\n").replace(BROKEN, ""))
    return re.sub(r"\s+", " ", re.sub(r"(?<=\w)-[ \t]*\n\s*(?=\w)", f"-{BROKEN}", spelt))


def _folded(text: str) -> str:
    """Small letters without accents, sign for sign, so that places stay what they are."""
    return text.lower() if text.isascii() else "".join(map(_plain, text))


def _plain(sign: str) -> str:
    if sign.isascii():
        return sign.lower()
    small = unicodedata.normalize("NFKD", sign)[0].lower()
    return small if len(small) == 1 else sign


def _joined(text: str) -> str:
    return _folded(flat(text)).replace(f"-{BROKEN}", "")


def _tolerant(words: str) -> str:
    """A pattern for words that a line may have broken at any sign."""
    return f"(?:-?{BROKEN})?".join(map(re.escape, words)).replace("\\ ", r"\s+")


def _of_a_term(term: str) -> str:
    folded = _folded(unicodedata.normalize("NFKC", " ".join(term.split())))
    return re.escape(folded).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")


def _hit(page: int, text: str, start: int, end: int) -> Hit:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    if start > AROUND:
        before = before[before.find(" ") + 1 :] if " " in before else before
    if end + AROUND < len(text) and " " in after:
        after = after[: after.rfind(" ")]
    return Hit(page, *(_shown(part) for part in (before, text[start:end], after)))


def _shown(text: str) -> str:
    return text.replace(f"-{BROKEN}", "").replace(BROKEN, "")
