"""Folding text so that two databases' spellings of one thing meet: accents, Greek, entities, brackets, numerals."""

import html
import re
import unicodedata
from itertools import pairwise

_GREEK = {
    "α": "alpha", "β": "beta", "ß": "ss", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "µ": "mu", "ν": "nu", "ξ": "xi", "π": "pi",
    "ρ": "rho", "σ": "sigma", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega",
}  # fmt: skip
_LETTERS = {
    "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
    "'": "", "’": "", "‘": "", "ʼ": "", "`": "", "´": "",
}  # fmt: skip
_TABLE = str.maketrans(_GREEK | _LETTERS)
_PLAIN = {code: None if chr(code) in "'`" else " " for code in range(128) if not chr(code).isalnum()}
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,40}>")
_MARKS = re.compile("[\u0300-\u036f]")
_GAP = re.compile(r"[\W_]+")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_SINGLE = {"i": "1", "v": "5", "x": "10", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5"}
_ORDINAL = {"first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5"}
_DIGITS = re.compile(r"\d+")


def word_set(text: str) -> frozenset[str]:
    """Read a list of words, written with blanks between."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Read a list of phrases, written with bars between."""
    return frozenset(text.split("|"))


def fold(text: str) -> str:
    """Write a text as lower-case words with one blank between: no accents, marks, tags or entities; Greek spelled out.

    >>> fold("TGF-&beta;1 &amp; the <i>Müller</i> cell’s rôle.")
    'tgf beta1 the muller cells role'
    """
    return " ".join(folded_words(text))


def folded_words(text: str) -> list[str]:
    """List the words of a text as `fold` writes them."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    text = text.lower()
    if text.isascii():
        return text.translate(_PLAIN).split()
    text = _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_TABLE)).lower()).translate(_TABLE)
    return _GAP.sub(" ", text).split()


_DIVIDED = word_set("part parts chapter volume")
_COUNTED = word_set("part type phase study volume chapter stage grade class paper report series")


def numerals(words: list[str]) -> tuple[str, ...]:
    """List the numbers of folded words in order; Roman and spelled numbers count where they number something.

    >>> numerals("part ii of a phase i trial in 30 patients".split())
    ('2', '1', '30')
    """
    found: list[str] = []
    before = ""
    for word in words:
        if word in _ROMAN:
            found.append(_ROMAN[word])
        elif before in _COUNTED and word in _SINGLE:
            found.append(_SINGLE[word])
        elif not word.isalpha():
            found.extend(number.lstrip("0") or "0" for number in _DIGITS.findall(word))
        before = word
    return tuple(found)


def numbered_parts(words: list[str]) -> tuple[str, ...]:
    """List the numbers that follow "part", "chapter" or "volume".

    >>> numbered_parts("foot baths in gout part ii a phase 2 trial".split())
    ('2',)
    """
    return tuple((_ROMAN | _SINGLE).get(word, word) for before, word in pairwise(words) if before in _DIVIDED)


def numbered_series(words: list[str]) -> tuple[str, ...]:
    """List single Roman or ordinal words that may number a series ("V. Effects of …"), for comparing alike titles.

    >>> numbered_series("hypertension v the second year".split())
    ('5', '2')
    """
    marks = {"i": "1", "v": "5", "x": "10"} | _ORDINAL
    return tuple(marks[word] for word in words if word in marks)
