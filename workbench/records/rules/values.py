"""Single values to canonical form: text, year and date, pages, issue, numbers of journals and books."""

import re
from functools import lru_cache

MOST_REPEATED = 4096
"""How many different values are kept with what they mean: dates, journals and their numbers come again and again."""

# U+2010-2015 and U+2212 are written for "-" by Cochrane and some publishers; ids and pages are compared with "-".
_DASH = re.compile("[\u2010-\u2015\u2212]")
_MISSING = frozenset(("", "[no abstract available]", "[no author name available]", "no pagination specified"))
_MAY_BE_MISSING = ("", "[", "n", "N")
LONGEST_MISSING = 40
_FOLD = "\n      "
"""How PubMed goes on with a value on its next line."""
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?=(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))?(?!\d))")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)")
_NUMERIC_DATE = re.compile(r"(\d{4})[/-](\d{1,2})(?:[/-](\d{1,2}))?(?![\d])")
_MONTHS = {
    name: place
    for place, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MONTH_WORD = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?![a-z])", re.IGNORECASE)
_DAY = re.compile(r"(?<![\d/])([12]?\d|3[01])(?!\d)")
_RANGE = re.compile(r"([A-Za-z]*)(\d+)\s*-+\s*([A-Za-z]*)(\d+)([A-Za-z]?)$")
_ARTICLE = re.compile(r"^(?:UNSP|ARTN|ARTICLE NO\.?|ART\.? NO\.?)\s+", re.IGNORECASE)
_ISSN = re.compile(r"(?<![\dXx-])(\d{4})-?(\d{3}[\dXx])(?![\dXx-])")
_ISBN = re.compile(r"(?<!\d)(97[89](?:[- ]?\d){10}|\d(?:[- ]?\d){8}[- ]?[\dXx])(?![\dXx])")


def text(value: str) -> str:
    """Return a value on one line, blanks joined; "" where it says there is nothing."""
    if "\n" in value and value.isascii():
        value = value.replace(_FOLD, " ")
    if "\n" in value or "  " in value or "\t" in value or "\xa0" in value:
        value = " ".join(value.split())
    else:
        value = value.strip()
    if value[:1] in _MAY_BE_MISSING and len(value) < LONGEST_MISSING and value.casefold() in _MISSING:
        return ""
    return value


@lru_cache(maxsize=MOST_REPEATED)
def name(value: str) -> str:
    """Return a name that comes again and again, such as a journal's, as `text` does."""
    return text(value)


def folded(value: str) -> str:
    """Return a value with every kind of dash as "-".

    >>> folded("1350‐1356")
    '1350-1356'
    """
    return value if value.isascii() else _DASH.sub("-", value)


@lru_cache(maxsize=MOST_REPEATED)
def year(value: str) -> int | None:
    """Return the first year from 1500 to 2099 in a value, also that of a date in eight digits."""
    found = _YEAR.search(value)
    return int(found[1]) if found else None


@lru_cache(maxsize=MOST_REPEATED)
def date(value: str, known_year: int | None) -> str | None:
    """Return YYYY, YYYY-MM or YYYY-MM-DD, as exact as the value tells; what cannot be told stays as delivered.

    >>> date("2014//", None), date("1996 Jul 9", None), date("JAN", 2017), date("Spring", 2017)
    ('2014', '1996-07-09', '2017-01', '2017 Spring')
    """
    value = folded(value).strip(" /")
    if found := _NUMERIC_DATE.match(value) or _EIGHT_DIGITS.fullmatch(value):
        return _joined(int(found[1]), int(found[2]), int(found[3] or 0)) or value
    at = year(value) or known_year
    if at is None:
        return value or None
    rest = _YEAR.sub(" ", value, count=1).strip(" ,;/.-")
    if not rest:
        return str(at)
    months = _MONTH_WORD.findall(rest)
    if len(months) != 1:
        return value if year(value) else f"{at} {value}"
    day = _DAY.search(_MONTH_WORD.sub(" ", rest))
    return _joined(at, _MONTHS[months[0].lower()], int(day[1]) if day else 0)


def _joined(at: int, month: int, day: int) -> str | None:
    """Write a date; None where month or day cannot be."""
    if not 0 <= month <= 12 or not 0 <= day <= 31:
        return None
    return f"{at}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if month and day else "")


def pages(first: str, last: str = "") -> str | None:
    """Return pages as first-last, dashes folded and short ends written out.

    >>> pages("152", "160"), pages("6913-7"), pages("S12-9"), pages("e101")
    ('152-160', '6913-6917', 'S12-S19', 'e101')
    """
    first, last = folded(text(first)).strip(" .,;"), folded(text(last)).strip(" .,;")
    if first.casefold() == "no" and last.casefold().startswith("specified"):
        return None
    first = _ARTICLE.sub("", first)
    whole = f"{first}-{last}" if last and last != first and "-" not in first else first or last
    found = _RANGE.match(whole)
    return _expanded(found) if found else (whole or None)


def _expanded(found: re.Match[str]) -> str:
    """Write out the end of a range: 454-81 is 454-481."""
    letters, first, end_letters, last, tail = found.groups()
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    if first == last and not tail:
        return letters + first
    return f"{letters}{first}-{end_letters or letters}{last}{tail}"


@lru_cache(maxsize=MOST_REPEATED)
def issns(value: str) -> tuple[str, ...]:
    """Return every ISSN in a value as 1234-567X."""
    return tuple(f"{found[1]}-{found[2].upper()}" for found in _ISSN.finditer(folded(value)))


@lru_cache(maxsize=MOST_REPEATED)
def isbns(value: str) -> tuple[str, ...]:
    """Return every ISBN in a value, 10 or 13 characters without dashes."""
    return tuple(re.sub(r"[- ]", "", found[1]).upper() for found in _ISBN.finditer(folded(value)))
