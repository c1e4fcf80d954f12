"""Where a report stands: pages, volumes, journals, and their damaged or abbreviated spellings."""

import re
from functools import lru_cache

from workbench.deduplication.rules.settings import NUMBERS
from workbench.deduplication.rules.text import fold, word_set

_MONTHS = {
    "jan": "1", "feb": "2", "mar": "3", "apr": "4", "may": "5", "jun": "6",
    "jul": "7", "aug": "8", "sep": "9", "oct": "10", "nov": "11", "dec": "12",
}  # fmt: skip
_SPREADSHEET = re.compile(r"^(?:(\d{1,2})-([a-z]{3})|([a-z]{3})-(\d{1,2}))$")
_PAGES = re.compile(r"([a-z]{0,4}\.?)\s*(\d+)([a-z]?)(?:\s*[-/]\s*([a-z]{0,3}\.?)\s*(\d+))?")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]|--+")
_JUNK = re.compile(r"pagi|^n/?\.?a\.?$|no page|unpaged|^-+$|^(?:suppl|pt|t)\W+\d+$")
_EXTENT = re.compile(r"^(?:[xvi]+,? ?\+? ?)?\d+(?: ?(?:p|pp|pages|leaves)| (?:s|bl|f))\.?$")
_MARK = re.compile(r"([a-z]{1,4})\.?\s*\d")
_NUMBER = re.compile(r"\d+")
_VOLUME_JUNK = re.compile(r"^\W*\d\)$")
COCHRANE = "cochrane database systematic reviews"
_LOCATOR = re.compile(r"^(?!p|s\d)[a-z]{1,4}\.?\s*\d|^(?!P|S\d|A\d|O\d)[A-Z]{1,4}\d|article|art\.")
_SMALL = word_set(
    "of the and in for on de la le und der die et a an del di y e des du d l supplement supplements suppl"
)
_ELISION = re.compile(r"\b[dl]['’]|(?<=\w)\?(?=\w)", re.IGNORECASE)
_CONGRESS = re.compile(r"\bconference\s*[:.]\s*(.{12,})$", re.IGNORECASE | re.DOTALL)
_CUT = re.compile(r"\s*(?:[;:(\[=]|\.\s*conference\b|\bconference\b).*$", re.IGNORECASE | re.DOTALL)


def pages(text: str) -> tuple[str, str, bool]:
    """Read first page, last page and whether it is an e-locator; unknown is empty.

    A spreadsheet's "06-Oct" is 6-10, "139-54" is 139-154, an article number stands alone; the extent of a thesis
    ("215 p") is no place.

    >>> pages("139-54"), pages("06-Oct"), pages("e1002.e8"), pages("215 p")
    (('139', '154', False), ('6', '10', False), ('1002', '', True), ('', '', False))
    """
    delivered = plain_dashes(text.strip())
    text = delivered.lower()
    if not text or _JUNK.search(text) or _EXTENT.match(text):
        return "", "", False
    damaged = _SPREADSHEET.match(text)
    if damaged and (damaged[2] or damaged[3]) in _MONTHS:
        day, month = damaged[1] or damaged[4], _MONTHS[damaged[2] or damaged[3]]
        text = f"{int(day)}-{month}" if damaged[1] else f"{month}-{int(day)}"
    found = _PAGES.search(text)
    if not found:
        return "", "", False
    first, last = found[2].lstrip("0"), (found[5] or "").lstrip("0")
    return first, _whole(first, last), not last and (_is_locator(delivered) or len(first) >= NUMBERS.locator_digits)


def _is_locator(text: str) -> bool:
    """Say whether a lone number is an article's, not a page's: e505, a1754, not S35, A599 or the talk O45."""
    return bool(_LOCATOR.search(text))


def page_mark(text: str) -> str:
    """Read the letters before a page: talks ("O45") and posters ("P45") of a congress are counted apart.

    >>> page_mark("S702-S703"), page_mark("p. 12"), page_mark("12-19")
    ('s', '', '')
    """
    found = _MARK.match(text.strip().lower())
    return "" if not found or found[0].startswith(("p.", "p ", "pp")) else found[1]


def plain_dashes(text: str) -> str:
    """Write every kind of dash as a hyphen: some databases set typographic ones into page and trial numbers."""
    return _DASHES.sub("-", text)


def _whole(first: str, last: str) -> str:
    """Complete a shortened last page from the first."""
    return first[: len(first) - len(last)] + last if 0 < len(last) < len(first) else last


def volume(text: str) -> str:
    """Read the number of a volume; "1)" and texts without a number are unknown.

    >>> volume("88 Suppl 1"), volume("29A"), volume("1)")
    ('88', '29', '')
    """
    if _VOLUME_JUNK.match(text):
        return ""
    found = _NUMBER.search(text)
    return found[0].lstrip("0") if found else ""


@lru_cache(maxsize=20_000)
def journal(text: str) -> str:
    """Fold a journal's name to its words of weight, without subtitle, place and congress.

    >>> journal("Stroke; a journal of cerebral circulation"), journal("J. Clin. Oncol.")
    ('stroke', 'j clin oncol')
    """
    text = _ELISION.sub("", text.strip().strip('"'))
    cut = _CUT.sub("", text)
    words = fold(cut if len(cut) > 2 else text).split()
    name = " ".join([word for word in words if word not in _SMALL] or words)
    return COCHRANE if name == "cochrane library" else name


def congress(text: str) -> str:
    """Fold the name of the congress that some databases write behind the journal's; empty where there is none.

    >>> congress("Acta Podiatrica.Conference: 23rd Congress of the Foot Society Oslo Norway. Conference Start: 2011")
    '23rd congress foot society oslo norway'
    """
    found = _CONGRESS.search(text) if "onference" in text else None
    return journal(found[1].split(". ")[0]) if found else ""


@lru_cache(maxsize=100_000)
def same_journal(one: str, other: str) -> bool:
    """Say whether two folded names can be one journal: equal, abbreviated word by word, or initials.

    Diabetes is not Diabetologia, nor Diabetes Care: each word must find its partner.

    >>> same_journal("basic res cardiol", "basic research cardiology"), same_journal("diabetes", "diabetes care")
    (True, False)
    """
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return True
    ones, others = one.split(), other.split()
    if len(ones) == len(others):
        return all(_abbreviates(a, b, len(ones) > 1) for a, b in zip(ones, others, strict=True))
    return _initials(ones, others) or _initials(others, ones) or _run_together(ones, others)


def _abbreviates(one: str, other: str, several: bool) -> bool:
    """Say whether one word is the other's abbreviation: its start, or among several words letters of it in order."""
    if len(one) > len(other):
        one, other = other, one
    if other.startswith(one):
        return True
    short = NUMBERS.abbreviated_least <= len(one) <= NUMBERS.abbreviated_most
    return several and short and one[0] == other[0] and _in_order(one, other)


def _in_order(one: str, other: str) -> bool:
    """Say whether the letters of one appear in other in their order: natl in national."""
    rest = iter(other)
    return all(letter in rest for letter in one)


def _initials(short: list[str], long: list[str]) -> bool:
    """Say whether one name is the initials of the other: bmj, jama, pnas."""
    word = short[0] if len(short) == 1 else ""
    first = "".join(part[0] for part in long)
    enough = min(len(word), len(long)) >= NUMBERS.initials_least
    return enough and first.startswith(word) and len(first) <= len(word) + NUMBERS.initials_left_out


def _run_together(ones: list[str], others: list[str]) -> bool:
    """Say whether the longer name only repeats an acronym before or a place or section after the shorter."""
    short, long = sorted((ones, others), key=len)
    if len(short) < NUMBERS.journal_words:
        return False
    for part in (long[: len(short)], long[-len(short) :]):
        if all(_abbreviates(a, b, several=True) for a, b in zip(short, part, strict=True)):
            return True
    return False
