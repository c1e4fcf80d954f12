"""What a title says of its own kind: an erratum, a retraction, a comment; and what is only decoration around it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from workbench.deduplication.rules.text import phrase_set

_NOTICE = r"(?:errat(?:um|a)|corrigend(?:um|a)|addendum|author(?:'s|s'|s)? correction|publisher(?:'s)? correction)"
_ERRATUM = re.compile(
    rf"^\W*(?:{_NOTICE}\b|correction(?:s)?(?: notice)?\s*(?::|to\b|for\b.*\(vol|\[)|correction(?:s)?\W*$)"
    rf"[\s:.\-–—]*(?:to|for|in|of)?[\s:\"“]*"
    rf"|\W+(?:\(|\[)?{_NOTICE}(?:\)|\])?\W*$|\s\(correction\)\W*$"
    r"|\s*\(vol(?:\.|ume)? ?\w+,? (?:pg?|pp|pages?)\.? [\w-]+,? \d{4}\)\W*$"
    r"|\s*\([A-Z][^()]* \(\d{4}\)[\s,:;]*[\d(].*\)\W*$",
    re.IGNORECASE,
)
_RETRACTION = re.compile(
    r"^\W*(?:notice of retraction|retraction(?: note| notice)?|expression of concern|withdrawal)\b"
    r"\s*(?::|of\b|to\b|notice\b|\.|-|–)[\s:\"“]*(?:of|to)?\s*",
    re.IGNORECASE,
)
_COMMENT = re.compile(
    r"^\W*(?:(?:invited |editorial )?comment(?:s|ary)? (?:on|to)\b"
    r"|comment(?:s|ary)?\s*:|(?:in )?(?:reply|response) to\b|re\s*:"
    r"|(?:the )?author(?:'s|s'|s)? (?:reply|response)\b|reply\s*[:.]|reply\W*$"
    r"|in (?:reply|response)\W*$|editorial comment\b"
    r"|letter to the editor\s*:|letter (?:by|regarding)\b|response\s*:)[\s:\"“]*"
    r"|[\s:.\-–—(\[]+(?:(?:the )?author(?:'s|s'|s)? )?(?:reply|response|(?:invited )?comment(?:ary)?)[)\]]?\W*$"
    r"|\s*[:.\-–—(\[]+\s*(?:author(?:'s|s'|s)? )?(?:reply|response) (?:to|from|by) .{3,60}$|\s*\[comment\]\W*",
    re.IGNORECASE,
)
_KINDS = {"erratum": _ERRATUM, "retraction": _RETRACTION, "comment": _COMMENT}
_HINTS = (
    "(", "errat", "corrig", "addend", "correction", "retract", "concern", "withdraw", "comment", "reply", "response",
    "re:", "re :", "letter",
)  # fmt: skip
_STAMP = re.compile(
    r"^\W*(?:retracted(?: article)?|withdrawn|article retracted)\s*[:.\-–]\s*|\W*\(retracted[^)]*\)\W*$",
    re.IGNORECASE,
)
_APPEARS = re.compile(
    r"\W*[\[(](?:erratum|corrigendum|correction|published erratum|comment|see comment|retraction)s?\b"
    r"[^\[\]]*\b(?:appears?|published|in)\b.*$|\W*\[see comments?\]",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(
    r"\s*[\[(](?:\d+ refs?|review|in (?:process )?citation|abstract|article in|editorial|letter|see comments?"
    r"|proceedings|(?:in )?[a-z]*(?:ese|ish|ian|ench|erman|utch|urkish|reek|ebrew|echt|orean|zech|rabic|erbo-croatian)"
    r"|(?:article|text) in [a-z]+|meeting abstract|conference abstract|short survey|note)\b[^\[\]()]{0,25}[\])]\W*$",
    re.IGNORECASE,
)
_CITATION = re.compile(r"\s*\.\.\.\s*.{8,}$", re.DOTALL)
_CONFERENCE = (
    "conference", "congress", "annual meeting", "annual scientific", "symposium", "scientific sessions", "meeting abs",
)  # fmt: skip
_THESES = ("dissertation", "thesis", "theses")
_DEGREE = re.compile(r"\W*(?:ph\.? ?d|m\.? ?sc|m\.? ?d|d\.? ?phil)\b\.?\W*$", re.IGNORECASE)
_SERVERS = ("medrxiv", "biorxiv", "chemrxiv", "arxiv", "research square", "ssrn", "preprint")
_SERVER_DOIS = (
    "10.64898/", "10.21203/rs", "10.2139/ssrn", "10.48550/arxiv", "10.20944/preprints", "10.26434/chemrxiv",
    "10.31234/", "10.31219/", "10.22541/au", "10.2196/preprints",
)  # fmt: skip
_COLD_SPRING = re.compile(r"10\.1101/(?:\d{4}\.\d\d\.\d\d\.|\d{6}(?:v|$))")
_SUPPLEMENT = re.compile(r"suppl|\bpt\b|\bspec", re.IGNORECASE)
GENERIC = phrase_set(
    "abstract|abstracts|announcement|annual report|authors reply|author reply|book review|case report|comment"
    "|commentary|conclusion|correction|corrections|correspondence|discussion|editorial|editorial comment"
    "|editors note|erratum|foreword|from the editor|guest editorial|highlights|in brief|in this issue|in reply"
    "|index|introduction|invited commentary|letter|letter to the editor|letters|letters to the editor"
    "|meeting abstracts|news|news and views|obituary|overview|perspective|preface|reply|response|retraction|review"
    "|summary|untitled|viewpoint|na|no title|name|no title available|title not available|not available"
)


@dataclass(frozen=True, slots=True)
class Told:
    """A title without its decoration, and the kinds its decoration told."""

    title: str
    kinds: tuple[str, ...]


def told(title: str) -> Told:
    """Strip what databases and publishers add around a title, and say what kind of report it tells of.

    >>> told("Erratum: Foot baths in gout [German]")
    Told(title='Foot baths in gout', kinds=('erratum',))
    >>> told("[Foot baths in gout]. [Review] [33 refs]")
    Told(title='Foot baths in gout', kinds=())
    >>> told("Foot baths in gout [Erratum appears in J Foot 2001;3:9]").kinds
    ()
    """
    text = _undecorated(title.strip())
    lower = text.lower()
    if not _has_one(lower, _HINTS):
        return Told(text, ())
    text = _STAMP.sub("", text)
    found = []
    for kind, pattern in _KINDS.items():
        if pattern.search(text):
            found.append(kind)
            text = pattern.sub("", text, count=1).strip()
    return Told(_undecorated(text), tuple(found))


def _undecorated(text: str) -> str:
    """Take off notes in brackets, translated-title brackets, and the cited article some databases append."""
    if "[" in text or "(" in text:
        text = text[:1] + _APPEARS.sub(" ", text[1:])
        text = _without_tails(text)
    if "..." in text[20:]:
        text = text[:20] + _CITATION.sub("", text[20:])
    text = text.strip()
    if text.startswith("[") and text.rstrip(" .").endswith("]") and text.count("[") == 1:
        return text.rstrip(" .")[1:-1].strip()
    return text


def _without_tails(text: str) -> str:
    """Take off notes in brackets at the end, one after another."""
    while text.rstrip(" .").endswith(("]", ")")):
        shorter = _TAIL.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text


@lru_cache(maxsize=20_000)
def told_by_journal(journal: str, types: str, kind: str) -> tuple[str, ...]:
    """Name the kinds that journal, publication types and kind of export tell of: most records share them with others.

    >>> told_by_journal("Dissertation Abstracts International", "", "")
    ('thesis',)
    """
    text = f"{journal} {types}".lower()
    told = {
        "conference": kind == "conference" or _has_one(text, _CONFERENCE),
        "thesis": _has_one(f"{text} {kind.lower()}", _THESES),
        "preprint": _has_one(text, _SERVERS),
        "erratum": "erratum" in types,
    }
    return tuple(name for name, is_so in told.items() if is_so)


def _has_one(text: str, words: tuple[str, ...]) -> bool:
    return any(map(text.__contains__, words))


def is_degree(volume: str) -> bool:
    """Say whether what stands for the volume is the degree of a thesis ("Ph.D.")."""
    return bool(volume) and bool(_DEGREE.match(volume))


def is_preprint(doi: str) -> bool:
    """Say whether the prefix of a DOI is that of a preprint server; Cold Spring Harbor prints journals too."""
    return bool(doi) and (doi.startswith(_SERVER_DOIS) or bool(_COLD_SPRING.match(doi)))


def is_supplement(volume: str, issue: str) -> bool:
    """Say whether the volume or the issue is a supplement."""
    return bool(_SUPPLEMENT.search(volume) or _SUPPLEMENT.search(issue))
