"""From a record of XML, JSON or BibTeX to its canonical form: its values under the names of its format's table."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from workbench.records.formats import bibtex, endnote_xml, ictrp_xml, json_items
from workbench.records.formats.raw import Pair, Piece, RawRecord
from workbench.records.rules import latex, own
from workbench.records.rules.canonical import canonical
from workbench.records.rules.items import Item
from workbench.records.rules.markup_fields import MARKUP
from workbench.records.rules.tags import Tags

Named = Iterator[tuple[str, Pair]]
"""A pair under the name its format's table asks for; the pair itself keeps its tag, its value cleaned."""

READERS: Mapping[str, Callable[[Iterable[str]], Iterator[Piece]]] = {
    "endnote-xml": endnote_xml.records,
    "ictrp-xml": ictrp_xml.records,
    "bibtex": bibtex.records,
    "csl-json": json_items.records,
    "ctgov-json": json_items.records,
}
"""What reads each format, given its text in blocks that may end anywhere."""

PART = 200_000
"""How many characters are looked at to tell the source."""

_SOURCES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "endnote-xml": ((own.SOURCE, own.NAME), ("endnote", "")),
    "ictrp-xml": (("ictrp", ""),),
    "bibtex": (
        (own.SOURCE, own.NAME),
        ("scopus", "www.scopus.com/inward"),
        ("wos", "{ WOS:"),
        ("proquest", "www.proquest.com/"),
        ("ebsco", "ebscohost.com/"),
    ),
    "csl-json": ((own.SOURCE, f'"{own.SOURCE}"'), ("zotero", "zotero.org/")),
    "ctgov-json": (("ctgov", ""),),
}
_TAGS = re.compile(r"</?(?:br|p|div|b|i|u|em|strong|sub|sup|span|li|ul|ol)\b[^<>]*/?>", re.IGNORECASE)
_LINE = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]*/?>", re.IGNORECASE)
_INDEX = re.compile(r"/\d+(?=/|$)")
_EIGHT_DIGITS = re.compile(r"\s*(\d{4})(\d\d)(\d\d)\s*$")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*$")
_ICTRP_DATES = frozenset(("Date_registration3", "Date_registration", "Date_enrollement"))
_VERBATIM = frozenset(("url", "doi", "link", "file", "bdsk-url-1"))
_PARTICLES = ("dropping-particle", "non-dropping-particle")


def source_of(text: str, kind: str) -> str | None:
    """Name what wrote a file, by its beginning; None where nothing gives it away."""
    start = text[:PART]
    return next((name for name, sign in _SOURCES[kind] if sign in start), None)


def maker(kind: str) -> Callable[[int, RawRecord], Item]:
    """Return what makes an item of a record of one format; a record that our own writers wrote is told by its mark."""
    named, table, usual = _NAMED[kind], MARKUP[kind], _KINDS.get(kind)

    def foreign(number: int, record: RawRecord) -> Item:
        found = canonical(number, record, Tags.named(named(record), table))
        return replace(found, kind=usual) if usual else found

    if kind not in _OWN:
        return foreign
    is_own, told = _OWN[kind]
    return lambda number, record: own.item(number, record, told(record)) if is_own(record) else foreign(number, record)


def _endnote(record: RawRecord) -> Named:
    """Take the values of an EndNote reference as they are; a number that PubMed's connection brought is a PMID."""
    from_pubmed = any(tag == "remote-database-provider" and value.strip() == "NLM" for tag, value, _ in record.pairs)
    for pair in record.pairs:
        yield ("pmid" if from_pubmed and pair[0] == "accession-num" else pair[0]), pair


def _ictrp(record: RawRecord) -> Named:
    """Clean the values of ICTRP: blanks and line ends around them, HTML within; dates come in three styles."""
    for tag, value, line in record.pairs:
        cleaned = plain_html(value)
        yield tag, (tag, iso_date(cleaned) if tag in _ICTRP_DATES else cleaned, line)


def plain_html(value: str) -> str:
    r"""Return the text of a value that holds HTML; a break within it stays one.

    >>> plain_html(" Pain&lt;br&gt;Back &amp;amp; neck ")
    'Pain\nBack & neck'
    """
    value = html.unescape(value) if "&" in value else value
    return html.unescape(_TAGS.sub("", _LINE.sub("\n", value)) if "<" in value else value).strip()


def iso_date(value: str) -> str:
    """Write a date of ICTRP year first, so that day and month are not mistaken for each other.

    >>> iso_date("20190402"), iso_date("02/04/2019"), iso_date("April 2, 2019")
    ('2019-04-02', '2019-04-02', 'April 2, 2019')
    """
    if found := _EIGHT_DIGITS.match(value):
        return "-".join(found.groups())
    if found := _DAY_FIRST.match(value):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    return value


def _bibtex(record: RawRecord) -> Named:
    """Take the LaTeX out of the values; a year with a month is one date, a title with its subtitle one title."""
    by_key: dict[str, Pair] = {}
    for tag, value, line in record.pairs:
        key = tag.lower()
        if key == "author":
            yield from ((key, (tag, name, line)) for name in _names(value))
            continue
        pair = (tag, latex.unescaped(value) if key in _VERBATIM else html.unescape(latex.plain(value)), line)
        by_key.setdefault(key, pair)
        if key != "title":
            yield key, pair
    if "title" in by_key:
        tag, title, line = by_key["title"]
        subtitle = by_key.get("subtitle", ("", "", 0))[1]
        yield "title", (tag, f"{title}: {subtitle}" if subtitle else title, line)
    if "month" in by_key and "year" in by_key:
        (tag, month, line), year = by_key["month"], by_key["year"][1]
        yield "@date", (tag, f"{year}/{month}" if month.isdecimal() else f"{year} {month}", line)


def _names(value: str) -> list[str]:
    """Split names at `and` outside braces; a group in braces is one name, `others` is none."""
    names = (latex.plain(part.strip()) for part in own.AND.split(value))
    return [name for name in names if name.casefold() != "others"]


def _csl(record: RawRecord) -> Named:
    """Put names and dates together that CSL-JSON gives in parts; a list of values is one value each."""
    people: dict[str, dict[str, Pair]] = {}
    parts: list[Pair] = []
    for pair in record.pairs:
        name, _sign, rest = pair[0].partition("/")
        if name == "author":
            place, _sign, part = rest.partition("/")
            people.setdefault(place, {})[part] = pair
        elif name == "issued":
            parts.append(pair)
        else:
            yield _INDEX.sub("", pair[0]), pair
    for person in people.values():
        first = next(iter(person.values()))
        yield "author", (first[0].rsplit("/", 1)[0], _person(person), first[2])
    if parts:
        yield "issued", ("issued", _issued(parts), parts[0][2])


def _person(parts: dict[str, Pair]) -> str:
    """Write a name as family, given; a group as it is."""
    told = {name: pair[1].strip() for name, pair in parts.items()}
    if "literal" in told or "" in told:
        return told.get("literal", "") or told[""]
    family = " ".join(filter(None, (*(told.get(name, "") for name in _PARTICLES), told.get("family", ""))))
    return ", ".join(filter(None, (family, told.get("suffix", ""), told.get("given", ""))))


def _issued(parts: list[Pair]) -> str:
    """Write a date; of a span its beginning."""
    told = [(tag.split("/"), value) for tag, value, _line in parts]
    first = [value for path, value in told if path[:3] == ["issued", "date-parts", "0"]]
    words = [value for path, value in told if path[-1] in ("raw", "literal", "season") or path == ["issued"]]
    return "/".join(first) if first else " ".join(words)


def _trial(record: RawRecord) -> Named:
    """Name the values of a trial without their places in lists; its page is told by its number."""
    for pair in record.pairs:
        path = _INDEX.sub("", pair[0])
        yield path, pair
        if path.endswith("identificationModule/nctId"):
            yield "address", (pair[0], f"https://clinicaltrials.gov/study/{pair[1].strip()}", pair[2])


_NAMED: dict[str, Callable[[RawRecord], Named]] = {
    "endnote-xml": _endnote,
    "ictrp-xml": _ictrp,
    "bibtex": _bibtex,
    "csl-json": _csl,
    "ctgov-json": _trial,
}
_KINDS = {"ictrp-xml": "registry", "ctgov-json": "registry"}
_OWN: dict[str, tuple[Callable[[RawRecord], bool], Callable[[RawRecord], own.Told]]] = {
    "endnote-xml": (own.is_own_endnote, own.from_endnote),
    "bibtex": (own.is_own_bibtex, own.from_bibtex),
    "csl-json": (own.is_own_csl, lambda record: own.from_csl(record, _csl(record))),
}
