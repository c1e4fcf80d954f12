"""What spreadsheets do to a table, and back again: pages turned into dates, numbers into floats, errors, formulas.

A cell is repaired only where its field tells what it must have been; what cannot be told is left empty and said so.
The value as delivered stays in `raw`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from workbench.records.formats.raw import Pair, Warning_
from workbench.records.formats.tables import clean
from workbench.records.rules.items import ITEM_FIELDS, Item
from workbench.records.rules.mapping import FieldTable
from workbench.words import _

REPAIRED = "repaired"
"""How `found` begins to say that a value is not as delivered."""

_PLACES = frozenset(("start", "end", "issue"))
_NUMBERS = frozenset(("pmid", "embase", "accession", "references", "issn", "isbn", "volume"))
_PLAIN = _PLACES | _NUMBERS
_NAMED = {"start": "pages", "end": "pages", "embase": "embase_id", "registry": "registry_ids", "references": "pmid"}
_SILENT = frozenset(("source", "notes", "doi_notes", "doi_urls", "accession", "authors_short"))

# Months as spreadsheets write them in English, German and the languages of Scandinavia.
_MONTH_WORDS = "jan|feb|mar mär mrz|apr|may mai maj|jun|jul|aug|sep|oct okt|nov|dec dez des"
_MONTHS = {word: at for at, words in enumerate(_MONTH_WORDS.split("|"), 1) for word in words.split()}
_DAY_MONTH = re.compile(r"(\d{1,2})[-/. ]{1,2}([^\W\d_]{3})[^\W\d_]*\.?(?:[-/. ](?:\d{2}|\d{4}))?")
_MONTH_YEAR = re.compile(r"([^\W\d_]{3})[^\W\d_]*\.?[-/. ](\d{1,2}|\d{4})")
_POINTS = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4})(?: 00:00(?::00)?)?")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_FLOAT = re.compile(r"(\d+)(?:[.,](\d*))?(?:[eE]\+?(\d{1,2}))?")
_GUARDED = re.compile(r"'[=+\-@\t\r][^']*", re.DOTALL)
_GUARDED_NUMBER = re.compile(r"'\d[^']*")
EXACT = 7
"""How many digits a spreadsheet never shows when it rounds (it shows six); a number with so many is not rounded."""


_FIELDS = frozenset(ITEM_FIELDS)


@dataclass(frozen=True, slots=True)
class Repair:
    """One cell that was not read as delivered: the field it feeds, where it stands, and what it is read as."""

    field: str
    tag: str
    line: int
    before: str
    after: str
    how: str


@dataclass(slots=True)
class Mender:
    """Repairs the cells of one table, whose headers say what each cell must be."""

    table: FieldTable
    fields: Mapping[str, tuple[str, ...]] = field(init=False)

    def __post_init__(self) -> None:
        found: dict[str, list[str]] = {}
        for name, tags in self.table.fields.items():
            for tag in tags:
                found.setdefault(tag, []).append(name)
        self.fields = {tag: tuple(names) for tag, names in found.items()}

    def mend(self, pairs: list[Pair]) -> tuple[list[Pair], list[Repair]]:
        """Return the cells as they are to be read, and what was repaired in them."""
        mended: list[Pair] = []
        repairs: list[Repair] = []
        for pair in pairs:
            tag, value, line = pair
            names = self.fields.get(tag, ())
            after, how = _mended(value, frozenset(names))
            mended.append(pair if after is value else (tag, after, line))
            if how and set(names) - {"notes"}:
                repairs.append(Repair(_told(names), tag, line, value, after, how))
        return mended, repairs


def _told(names: tuple[str, ...]) -> str:
    """Name the field of a record that a cell feeds; "" for a number that is no field by itself."""
    return next((_NAMED.get(name, name) for name in names if name not in _SILENT), "")


def _mended(value: str, names: frozenset[str]) -> tuple[str, str]:
    """Return a cell as it is to be read, and how it was repaired; "" where it was not."""
    plain = clean(value)
    if not plain and "#" in value:
        return plain, _("a spreadsheet wrote an error there; the value is lost")
    if plain.startswith("'") and (_GUARDED.fullmatch(plain) or (names & _PLAIN and _GUARDED_NUMBER.fullmatch(plain))):
        return plain[1:], _("the mark that keeps a spreadsheet from calculating is taken off")
    if names & _PLACES and (pages := repaired_pages(plain)):
        return pages, _("a spreadsheet had made a date of it")
    if names & _NUMBERS and (whole := whole_number(plain)) is not None:
        return whole, _number_words(whole)
    return plain, ""


def _number_words(whole: str) -> str:
    """Say what happened to a number."""
    if whole:
        return _("a spreadsheet had made a decimal number of it")
    return _("a spreadsheet rounded the number; its last digits are lost")


def repaired_pages(value: str) -> str | None:
    """Return the pages a spreadsheet made a date of, or None where it did not; a range of pages ascends.

    >>> repaired_pages("06-Oct"), repaired_pages("10-Jun"), repaired_pages("Oct-25"), repaired_pages("6-10")
    ('6-10', '6-10', '10-25', None)
    >>> repaired_pages("Jan-15"), repaired_pages("01.12.2020"), repaired_pages("2020-01-15 00:00:00")
    ('1-15', '1-12', '1-15')
    >>> repaired_pages("1985-03-01T00:00:00"), repaired_pages("12. Okt"), repaired_pages("Mar-Apr")
    ('3-85', '10-12', None)
    """
    value = value.strip()
    if len(value) > 30 or not any(mark.isdecimal() for mark in value):
        return None
    ends = _ends(value)
    return f"{min(ends)}-{max(ends)}" if ends and min(ends) else None


def _ends(value: str) -> tuple[int, int] | None:
    """Return the two numbers a date was made of."""
    if found := _DAY_MONTH.fullmatch(value):
        return int(found[1]), _MONTHS.get(found[2].casefold(), 0)
    if found := _MONTH_YEAR.fullmatch(value):
        return _MONTHS.get(found[1].casefold(), 0), int(found[2]) % 100
    if found := _POINTS.fullmatch(value):
        return _day(int(found[4]), int(found[1]), int(found[3]))
    if found := _ISO.fullmatch(value):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    return None


def _day(year: int, one: int, other: int) -> tuple[int, int] | None:
    """Return day and month of a date; 3-85 becomes the first of March 1985, since no month has 85 days."""
    if not (_is_date(year, one, other) or _is_date(year, other, one)):
        return None
    if min(one, other) == 1 and 1932 <= year <= 1999:
        return max(one, other), year % 100
    return one, other


def _is_date(year: int, month: int, day: int) -> bool:
    """Say whether there is such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def whole_number(value: str) -> str | None:
    """Return the number a spreadsheet made a decimal of: "" where digits are lost, None where it did not.

    >>> whole_number("3.4176716E7"), whole_number("34176716.0"), whole_number("3,4177E+07"), whole_number("34176716")
    ('34176716', '34176716', '', None)
    """
    value = value.strip()
    found = _FLOAT.fullmatch(value) if "." in value or "," in value or "E" in value or "e" in value else None
    if found is None:
        return None
    behind, power = found[2] or "", int(found[3] or 0)
    if behind[power:].strip("0"):
        return None
    if power > len(behind) and len(found[1] + behind) < EXACT:
        return ""
    return found[1] + behind[:power].ljust(power, "0")


def noted(item: Item, repairs: list[Repair]) -> Item:
    """Write into `found` what was repaired in a record, where the record has the value from that very cell."""
    for one in repairs:
        where = item.found.get(one.field)
        if one.after and one.field in _FIELDS and (where is None or where["tag"] == one.tag):
            item.found[one.field] = {"tag": one.tag, "line": one.line, "how": f"{REPAIRED}: {one.how}"}
    return item


def warnings(repairs: list[Repair]) -> Iterator[Warning_]:
    """Say for each repaired cell on which line it stands and what was done."""
    for one in repairs:
        told = (
            _("%(tag)s: “%(before)s” is read as “%(after)s”: %(how)s.")
            if one.after
            else _("%(tag)s: “%(before)s” cannot be read: %(how)s.")
        )
        yield Warning_(
            one.line, told % {"tag": one.tag, "before": one.before[:60], "after": one.after[:60], "how": one.how}
        )
