"""Garbled letters put right: text that was written as UTF-8 and read as cp1252 or latin-1 (`Ã©` for é, `â€™` for ’).

Only what can hardly be anything else is mended. `Å²` (square ångström), `NÅ…` or `ESPAÑ”` are right as they stand, so a
pair of characters that a text may well hold counts as garbled only beside one that no text holds. That a text is
garbled is offered, never mended unasked.
"""

import re
from typing import Any

FIELDS = (
    "title", "original_title", "authors", "journal", "journal_abbreviation", "abstract", "keywords",
    "subject_headings",
)  # fmt: skip
"""What is looked at: the fields in which people's languages stand."""

MOST_TIMES = 3
"""How many times over a text may have been read wrongly."""

_SPECIAL = {byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0xA0)}
_BYTE = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    char: byte for byte, char in _SPECIAL.items() if char != "\ufffd"
}
_NEXT = "".join(re.escape(char) for char, byte in _BYTE.items() if byte < 0xC0)
_TWO = "".join(chr(byte) for byte in range(0xC2, 0xE0))
_GARBLED = re.compile(
    f"[{_TWO}][{_NEXT}]"
    f"|[{''.join(chr(byte) for byte in range(0xE0, 0xF0))}][{_NEXT}]{{2}}"
    f"|[{''.join(chr(byte) for byte in range(0xF0, 0xF5))}][{_NEXT}]{{3}}"
    "|[ÂÃ] "
)
_SUSPECT = re.compile(f"[{_TWO}âãäåçèéêëìíîïðñò][{_NEXT}]|[ÂÃ] ")
_WITH_BLANK = {"Â ": " ", "Ã ": "à "}
"""A no-break space that became a plain blank before we saw it; no word ends in a capital after small letters."""
_PUNCTUATION = frozenset("‚„…†‡ˆ‰‹‘’“”•–—˜›¡¿«»·¸´¨¯\u00a0\u00ad")
"""What may well follow a letter in a text that is right."""

_AFTER_WORDS = frozenset("’”…–—™»›«‹·•†‡°®\u00a0\u00ad")
"""What may well follow a word in capitals that ends in Ã or Â."""

_UNITS = frozenset("°±²³µ¹º·\u00a0")
_NORTHERN = frozenset("ÄÅÎÏÐÑ")
"""First bytes of European letters beyond Western ones, Greek and Cyrillic; a text may hold these capitals itself."""

LIKELY = re.compile(
    "[\u00a0-\u024f\u0259\u02b0-\u02ff\u0300-\u036f\u0386-\u03ff\u0400-\u045f\u1e00-\u1eff\u2000-\u206f\u2070-\u209f"
    "\u20ac\u2100-\u214f\u2190-\u21ff\u2200-\u22ff\u2460-\u24ff\u25a0-\u25ff\ufb00-\ufb06\ufeff\u3000-\u30ff"
    "\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]"
)
"""What bibliographic records are written in, beyond ASCII."""


def looks_garbled(text: str) -> bool:
    """Say quickly that a text may hold garbled letters; most do not."""
    return not text.isascii() and _SUSPECT.search(text) is not None


def mended(text: str) -> str:
    """The text with garbled letters put right; a text that is right comes back unchanged.

    >>> mended("JosÃ© didnâ€™t"), mended("2 Å² of CAFÉ…")
    ('José didn’t', '2 Å² of CAFÉ…')
    """
    for _time in range(MOST_TIMES):
        better = _once(text) if looks_garbled(text) else text
        if better == text:
            break
        text = better
    return text


def mended_value(value: Any) -> Any:
    """A field's value with garbled letters put right: a text, or a list of them; anything else as it is."""
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [mended_value(one) for one in value]
    return value


def _once(text: str) -> str:
    """One reading undone: what is surely garbled, and what may be, where all of the text beyond ASCII can be."""
    found = [(match, read) for match in _GARBLED.finditer(text) if (read := _read(match[0]))]
    sure = [(match, read) for match, read in found if _is_sure(text, match)]
    if not sure:
        return text
    whole = sum(_foreign(match[0]) for match, _letter in found) == _foreign(text)
    parts, at = [], 0
    for match, read in found if whole else sure:
        parts += [text[at : match.start()], read]
        at = match.end()
    return "".join([*parts, text[at:]])


def _foreign(text: str) -> int:
    """How many characters are beyond ASCII."""
    return sum(char > "\x7f" for char in text)


def _read(garbled: str) -> str | None:
    """The one letter that these characters stand for, if it is one that records are written in."""
    if garbled in _WITH_BLANK:
        return _WITH_BLANK[garbled]
    try:
        letter = bytes(_BYTE[char] for char in garbled).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return letter if LIKELY.fullmatch(letter) or (_is_control(letter) and _is_control(garbled[1])) else None


def _is_control(char: str) -> bool:
    """Whether this is one of the control characters as which latin-1 reads what cp1252 has signs for."""
    return "\x80" <= char <= "\x9f"


def _is_sure(text: str, match: re.Match[str]) -> bool:
    """Whether no text holds these characters by itself."""
    if len(match[0]) > 2:
        return match[0][0] in "âïãäåæçèéêëìíà" and not _may_be_written(match[0])
    first, second = match[0][0], match[0][1]
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if second in " \u00a0" and first in "ÃÂ":
        return _is_sure_before_blank(first, before, text[match.end() : match.end() + 2].lstrip()[:1])
    if first in "ÃÂ":
        is_start = second == "\u00ad" or (after.islower() and second != "’")
        return second not in _AFTER_WORDS or (not before.isupper() and is_start)
    return _is_control(second) or (first in _NORTHERN and _is_within_word(second, before, after))


def _is_within_word(second: str, before: str, after: str) -> bool:
    """Whether this sign stands where only a letter can: between small letters, or beside one where it is no unit."""
    if second in _PUNCTUATION or second.isalpha():
        return before.islower() and after.islower()
    return before.islower() or (after.islower() and second not in _UNITS)


def _is_sure_before_blank(first: str, before: str, after: str) -> bool:
    """Whether Â or Ã before a blank stands where no word ends so: after a small letter, a digit or a sign."""
    if first == "Ã" and before in {"", " "}:
        return after.islower()
    return before.islower() or before.isdigit() or (before != "" and before in "=<>≤≥.,;:)]%×±+/-")


def _may_be_written(garbled: str) -> bool:
    """Whether a letter with others after it may be meant, such as é”… at the end of a quotation."""
    if garbled[0] == "â":
        return garbled[1] in "’”…»™" and garbled[2] in _PUNCTUATION
    return all(char in _PUNCTUATION | _AFTER_WORDS or char.isalpha() for char in garbled[1:])
