"""Text in boxes: how wide it is, where it breaks, and what XML can carry. SVG breaks no lines by itself."""

import re
import unicodedata
from collections.abc import Iterator

SIZE = 13
"""Pixels of a text that says nothing else."""

_WIDTHS = {
    "'": 28, " ,.IJijl\u00a0": 32, "-/:;\\f|": 37, "!()[]rt": 41, '"*_`': 50, "?Lcsz": 55,
    "FPTYaekovxyäöéåø": 62, "ABCRVXZÄ": 70, "DGHNUÜ": 77, "&OQwÖ#+<=>M^~": 84, "%mæ": 97, "@W": 101,
}  # fmt: skip
_WIDTH = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
"""Hundredths of the text size, from DejaVu Sans: the widest of the usual system fonts."""
_USUAL = 0.95
"""Share of that width to reckon with: other fonts are narrower still, and DejaVu stays inside the edge of its box."""

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    r"""Replace what no XML file may hold (control characters, halves of surrogate pairs).

    >>> legal("a\x00b")
    'a�b'
    """
    return _ILLEGAL.sub("\ufffd", text)


def width(text: str, *, bold: bool = False, size: int = SIZE) -> float:
    """Estimate the width of a text in pixels, rather too wide than too narrow."""
    return sum(map(_share, text)) * size / 100 * _USUAL * (1.1 if bold else 1)


def _share(letter: str) -> int:
    """Give the width of a letter in hundredths of the text size."""
    if unicodedata.combining(letter):
        return 0
    return _WIDTH.get(letter) or (100 if unicodedata.east_asian_width(letter) in "WF" else 65)


def wrap(text: str, tail: str, room: float, *, hang: float = 0, bold: bool = False) -> list[str]:
    """Break a text into lines that fit into `room` pixels, all but the first `hang` pixels narrower.

    The tail, its number, keeps the last word beside it where both fit into a line.

    >>> wrap("Language outside the protocol", "(n = 2)", 210)
    ['Language outside the', 'protocol (n = 2)']
    """
    words = legal(text).split()
    last = "\u00a0".join([*words[-1:], tail.replace(" ", "\u00a0")]) if tail else "".join(words[-1:])
    ends = [last] if width(last, bold=bold) <= room - hang else [*words[-1:], tail.replace(" ", "\u00a0")]
    pieces = [piece for word in [*words[:-1], *ends] for piece in _broken(word, room - hang, bold)]
    lines = [""]
    for piece in pieces:
        longer = f"{lines[-1]} {piece}".strip(" ")
        if lines[-1] and width(longer, bold=bold) > room - (hang if len(lines) > 1 else 0):
            lines.append(piece)
        else:
            lines[-1] = longer
    return [line.replace("\u00a0", " ") for line in lines]


def _broken(word: str, room: float, bold: bool) -> Iterator[str]:
    """Break a word that is wider than a line; any other stays whole."""
    start = 0
    for end in range(1, len(word) + 1):
        if end - start > 1 and width(word[start:end], bold=bold) > room:
            yield word[start : end - 1]
            start = end - 1
    if start < len(word):
        yield word[start:]
