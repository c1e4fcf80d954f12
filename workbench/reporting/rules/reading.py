"""Flows out of files: a JSON object, an object of named objects, or the CSV of the PRISMA2020 R package."""

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from workbench.errors import Invalid
from workbench.reporting.rules.flow import COUNTS, DATABASES, INCLUDED, LISTS, OTHER, TOTALS, ZERO_WHERE_ABSENT, Flow
from workbench.words import _

LARGEST = 5_000_000
"""Bytes of a file of counts; a real one has a few thousand."""

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
"""The columns of the R package's PRISMA.csv (PRISMA2020 1.1.4); `data` names the number, `n` holds it."""
TITLES = {"identification", "screening", "included", "prevstud", "newstud", "othstud"}
"""Rows of the R package that are headings and hold no number."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run; we write an apostrophe before it and take it off again."""

UNKNOWN = {"", "xxx", "na", "n/a", "null", "none", "?"}
_GROUPED = r"\d{1,3}(?:[,'\u2019\u00a0\u202f\u2009 ]\d{3})+"
_WHOLE = re.compile(rf"[-\u2212]?(?:{_GROUPED}|\d+)")
_BROKEN = re.compile(r"[-\u2212]?(?:\d+\.\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_NAMED = re.compile(rf"(?P<name>.*?\S)\s*(?:,|\.\s)\s*(?P<n>{_GROUPED}|-?\d+|xxx|na|\?|)", re.IGNORECASE | re.DOTALL)


class UnreadableFlow(Invalid):
    """A flow is a JSON object, an object of named objects, or the CSV of the PRISMA2020 R package."""

    hint = "Numbers are whole or text with digits; unknown numbers are null, empty or xxx."


class _NotWholeError(ValueError):
    """A number that is not whole."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What a file held: its flows in order, and the keys nobody knows (a misspelt key is a number lost)."""

    flows: list[Flow]
    unknown_keys: list[str]


def read_flows(data: bytes, name: str) -> Flows:
    """Read every flow of a file by its content.

    Raises:
        UnreadableFlow: neither JSON nor the R package's CSV, or a value that is no number.
    """
    text = _text(_unpacked(data, name), name)
    if text.lstrip()[:1] in {"{", "["}:
        found = list(_json_flows(text, name))
    else:
        found = [(PurePath(name.removesuffix(".gz")).stem, _csv_values(text, name))]
    strange = sorted({key for _flow, values in found for key in values if key not in {*COUNTS, *LISTS, *TITLES}})
    return Flows([read_flow(values, name=flow) for flow, values in found], strange)


def read_flow(values: Mapping[str, object], name: str = "") -> Flow:
    """Read one flow from plain values: integers, text with digits, lists of names as text or as a mapping.

    What is absent, null, empty or `xxx` is unknown; what is still open counts 0 where it is absent.

    Raises:
        UnreadableFlow: a value is no number.
    """
    lists = {key: _listed(key, values.get(key)) for key in LISTS}
    given = {key: values.get(key, 0 if key in ZERO_WHERE_ABSENT else None) for key in COUNTS}
    for key, sum_key in TOTALS.items():
        if lists[key] is None and given[sum_key] is None:
            given[sum_key] = values.get(key)
    counts, not_whole = _counts(given)
    _forget_placeholders(counts, values)
    return Flow(counts, lists, name, not_whole)


def _counts(given: Mapping[str, object]) -> tuple[dict[str, int | None], dict[str, str]]:
    """Read the plain numbers; keep apart those that are not whole."""
    counts: dict[str, int | None] = {}
    not_whole: dict[str, str] = {}
    for key, value in given.items():
        try:
            counts[key] = _number(key, value)
        except _NotWholeError:
            counts[key], not_whole[key] = None, str(value).strip()
    return counts, not_whole


def _number(key: str, value: object) -> int | None:
    """Read one number: 1873, "1,873", "1 873"; None where unknown."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    text = str(value).strip()
    if text.casefold() in UNKNOWN:
        return None
    if _WHOLE.fullmatch(text):
        return int(re.sub(r"[^\d-]", "", text.replace("\u2212", "-")))
    if _BROKEN.fullmatch(text):
        raise _NotWholeError(text)
    raise UnreadableFlow(_("%(key)s is “%(value)s”, which is no number.", key=key, value=text[:60]))


def _listed(key: str, value: object) -> Mapping[str, int | None] | None:
    """Read names with their numbers, from a mapping or from `name, n; name, n`; None where not given."""
    if isinstance(value, Mapping):
        return {str(name): _whole_in_list(key, str(name), n) for name, n in value.items()}
    text = "" if value is None else str(value).strip()
    if text.casefold() in UNKNOWN or _WHOLE.fullmatch(text) or _BROKEN.fullmatch(text):
        return None
    listed: dict[str, int | None] = {}
    for part in filter(None, (" ".join(part.split()) for part in text.split(";"))):
        name, n = _named_number(part)
        before = listed.get(name, 0)
        listed[name] = None if n is None or before is None else before + n  # a name that stands twice is added up
    return listed or None


def _whole_in_list(key: str, name: str, value: object) -> int | None:
    """Read the number beside a name of a mapping."""
    try:
        return _number(f"{key}: {name}", value)
    except _NotWholeError as error:
        case = _("%(key)s: “%(name)s” is %(n)s, which is not whole.", key=key, name=name[:60], n=error)
        raise UnreadableFlow(case) from None


def _named_number(part: str) -> tuple[str, int | None]:
    """Take `EMBASE, 1,332` apart; a full stop for the comma is a common slip of the pen.

    >>> _named_number("EMBASE. 1332"), _named_number("Study design, other, xxx")
    (('EMBASE', 1332), ('Study design, other', None))
    """
    found = _NAMED.fullmatch(part)
    return (found["name"].strip(), _number(part, found["n"])) if found else (part, None)


def _forget_placeholders(counts: dict[str, int | None], values: Mapping[str, object]) -> None:
    """Make a lane's last zeros unknown where its reasons were never filled in.

    The R package fills what nobody typed with 0 and its reasons with `xxx`; so where reasons hold `xxx`, every 0
    after the last number above 0 in that lane is unknown.
    """
    if _holds_placeholder(values.get("dbr_excluded")):
        _forget_last_zeros(counts, DATABASES)
        _forget_last_zeros(counts, INCLUDED)
    if _holds_placeholder(values.get("other_excluded")):
        _forget_last_zeros(counts, OTHER)


def _forget_last_zeros(counts: dict[str, int | None], lane: Sequence[str]) -> None:
    """Make every 0 after the last number above 0 unknown."""
    for key in reversed(lane):
        if counts[key]:
            break
        counts[key] = None


def _holds_placeholder(value: object) -> bool:
    """Say whether a reason's number is still the R package's `xxx`."""
    if isinstance(value, Mapping):
        return any(str(n).strip().casefold() == "xxx" for n in value.values())
    return bool(re.search(r"(?:^|[,.])\s*xxx\s*(?:;|$)", str(value), re.IGNORECASE))


def _unpacked(data: bytes, name: str) -> bytes:
    """Unpack .gz and refuse what is too large to be a file of counts."""
    try:
        if name.endswith(".gz"):
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise UnreadableFlow(_("%(name)s ends in .gz and cannot be unpacked.", name=name)) from error
    if len(data) > LARGEST:
        raise UnreadableFlow(_("%(name)s is larger than 5 MB, too large for counts.", name=name))
    return data


def _text(data: bytes, name: str) -> str:
    """Decode UTF-8 and UTF-16 by their marks, and what a Western spreadsheet saves."""
    if not data.strip():
        raise UnreadableFlow(_("%(name)s is empty.", name=name))
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFlow(_("%(name)s is no text.", name=name))


def _json_flows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the flows of a JSON file under their names."""
    try:
        whole = json.loads(text, object_pairs_hook=_once(name))
    except (ValueError, RecursionError) as error:
        raise UnreadableFlow(_("%(name)s is no valid JSON: %(error)s.", name=name, error=error)) from error
    if not isinstance(whole, dict) or not whole:
        raise UnreadableFlow(_("%(name)s holds no JSON object with counts.", name=name))
    if whole.keys() & {*COUNTS, *LISTS}:
        yield PurePath(name.removesuffix(".gz")).stem, whole
        return
    for flow, values in whole.items():
        if not isinstance(values, dict) or not values.keys() & {*COUNTS, *LISTS}:
            case = _("“%(flow)s” in %(name)s is no flow: it holds no PRISMA count.", flow=flow[:60], name=name)
            raise UnreadableFlow(case)
        yield flow, values


def _once(name: str) -> Callable[[list[tuple[str, object]]], dict[str, object]]:
    """Refuse an object that names a key twice: one of the two numbers would be lost in silence."""

    def keep(pairs: list[tuple[str, object]]) -> dict[str, object]:
        values = dict(pairs)
        if len(values) < len(pairs):
            keys = [key for key, _value in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise UnreadableFlow(_("“%(key)s” stands twice in %(name)s.", key=twice[:60], name=name))
        return values

    return keep


def _csv_values(text: str, name: str) -> dict[str, object]:
    """Read the numbers of the R package's CSV; our own keys stand in `box` on rows without `data`."""
    header = text.splitlines()[0]
    mark = max(",;\t", key=header.count)
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise UnreadableFlow(_("%(name)s is no valid CSV: %(error)s.", name=name, error=error)) from error
    if not rows or not {"data", "n"} <= rows[0].keys():
        raise UnreadableFlow(_("%(name)s is neither JSON nor a CSV with the columns data and n.", name=name))
    values: dict[str, object] = {}
    for row in rows:
        key = _key_of(row)
        if key in values:
            raise UnreadableFlow(_("“%(key)s” stands twice in %(name)s.", key=key[:60], name=name))
        if key:
            values[key] = _armed(row["n"] or "")
    return values


def _key_of(row: Mapping[str, str | None]) -> str:
    """Name the number of a CSV row; empty for a heading."""
    data, box = (str(row.get(column) or "").strip() for column in ("data", "box"))
    if data in {"", "NA"}:
        return box if box in {*COUNTS, *LISTS} else ""
    return data


def _armed(cell: str) -> str:
    """Take off the apostrophe that kept a spreadsheet from running the cell."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell
