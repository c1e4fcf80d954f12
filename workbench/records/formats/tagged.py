"""One lexer for every export made of tagged lines, told by a dialect where tags and records begin.

RIS, PubMed/MEDLINE, Ovid, Web of Science, Refer (EndNote .enw), RefWorks and the text of the Cochrane Library
differ only in the shape of a tag and in what starts and ends a record.

Nearly every record of RIS and PubMed files is plain: it begins with its start, every line of it belongs to a tag, it
ends as it should. Such a record is taken apart in one pass of one pattern (`plain_record`). All else goes line by line
through the lexer (`lex`) and is gathered with all the rules (`Gathering`); both ways give the same, which a test holds.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

from workbench.records.formats.raw import Pair, Piece, RawRecord, Rejected, Unreadable, Warning_
from workbench.words import _

MOST_IN_RECORD = 20_000_000
"""Characters of one record; no database writes a tenth of that."""
SIZE_OF_PAIR = 100
"""What a pair takes beside its characters, counted as characters."""


@dataclass(frozen=True)
class Dialect:
    """How one tagged format writes its lines and records.

    Attributes:
        tag: matches a line that begins a field; two groups, the tag and the value.
        starts: tags that begin a record.
        ends: tags that end one; empty where only the next start does.
        titles: a block without a start is a record nevertheless when it holds one of these.
        header: tags that describe the file, not a record.
        noise: text between records that belongs to the layout (numbers, the provider's banner).
        after: text behind the end line that still belongs to the record.
        last: the tag every whole record closes with, where the format has one.
        blank_ends: whether a blank line ends a record.
        is_linear: whether the pattern of a tag never looks beyond its line, so that it may be used on many lines.
    """

    tag: re.Pattern[str]
    starts: frozenset[str]
    titles: frozenset[str]
    ends: frozenset[str] = frozenset()
    header: frozenset[str] = frozenset()
    noise: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    last: str = ""
    blank_ends: bool = False
    is_linear: bool = False

    @cached_property
    def frame(self) -> frozenset[str]:
        """Tags that begin or end a record; no tag at all counts among them."""
        return self.starts | self.ends | {""}

    @cached_property
    def start(self) -> re.Pattern[str]:
        """Matches the end of a line behind which a record may begin; that it does is told by the tag."""
        return re.compile(r"\n(?=" + "|".join(map(re.escape, sorted(self.starts))) + ")")

    @cached_property
    def field(self) -> re.Pattern[str]:
        """Matches a field with the lines that continue it, or one line that belongs to no field: tag, value."""
        tag = self.tag.pattern.removesuffix("(.*)")
        other = rf"{tag.replace('(', '(?:', 1)}|[^\S\n]*(?:\n|\Z)"
        return re.compile(rf"(?:{tag})?(.*(?:\n(?!{other}).*)*)\n")


_RIS = Dialect(
    tag=re.compile(r"(PMID|[A-Z][A-Z0-9])  - ?(.*)"),
    starts=frozenset({"TY"}),
    ends=frozenset({"ER"}),
    titles=frozenset({"TI", "T1", "CT", "BT"}),
    noise=re.compile(r"\d+\.\s*$|Record #\d+ of \d+|Provider:|Content:|Database:|EF\b"),
    after=re.compile(r"Link to the Ovid Full Text"),
    is_linear=True,
)
_NBIB = Dialect(
    tag=re.compile(r"([A-Z][A-Z0-9]{1,4}) {0,2}- ?(.*)"),
    starts=frozenset({"PMID"}),
    titles=frozenset({"TI", "BTI"}),
    last="SO",
    is_linear=True,
)
_OVID = Dialect(
    tag=re.compile(r" {0,3}(<(?=\d+\.? *>)|[A-Z][A-Z0-9]{1,4}(?= {1,2}- ?))(?: {1,2}- ?)?(.*)"),
    starts=frozenset({"<"}),
    titles=frozenset({"TI"}),
)
DIALECTS = {
    "ris": _RIS,
    "ris-narrow": replace(_RIS, tag=re.compile(r"(PMID|[A-Z][A-Z0-9]) {1,2}- ?(.*)")),
    "ris-wide": replace(_RIS, tag=re.compile(r"(PMID|[A-Z][A-Z0-9])  - {0,2}(.*)")),
    "nbib": _NBIB,
    "nbib-eric": replace(_NBIB, starts=frozenset({"OWN"}), last=""),
    "ovid": _OVID,
    "ovid-long": replace(
        _OVID, tag=re.compile(r"(<(?=\d+\.? *>)|[A-Z][^<]*?(?=\s*$))(.*)"), titles=frozenset({"Title"})
    ),
    "wos": Dialect(
        tag=re.compile(r"([A-Z][A-Z0-9])(?: (.*)|$)"),
        starts=frozenset({"PT"}),
        ends=frozenset({"ER"}),
        titles=frozenset({"TI"}),
        header=frozenset({"FN", "VR", "EF"}),
    ),
    "refer": Dialect(
        tag=re.compile(r"(%\S)(?: (.*)|$)"),
        starts=frozenset({"%0"}),
        titles=frozenset({"%T"}),
        blank_ends=True,
    ),
    "refworks": Dialect(
        tag=re.compile(r"([A-Z][A-Z0-9]{1,2})(?: (.*)|$)"),
        starts=frozenset({"RT"}),
        titles=frozenset({"T1"}),
    ),
    "cochrane-text": Dialect(
        tag=re.compile(r"(Record(?= #\d+ of \d+)|[A-Z]{2,3}(?=:))[: ] ?(.*)"),
        starts=frozenset({"Record"}),
        titles=frozenset({"TI"}),
    ),
}


def lex(lines: Iterable[str], dialect: Dialect, first: int = 1) -> Iterator[Pair]:
    r"""Hand out (tag, value, line) one by one; what belongs to no tag comes with an empty tag.

    A line without a tag continues the value before it, joined with \n, indentation and blank lines kept: Ovid and
    EndNote continue at column 0. After the end of a record nothing is continued. Where a blank line ends a record,
    it comes as an empty tag with an empty value. `first` is the number of the first line.
    """
    match, ends, starts, blank_ends = dialect.tag.match, dialect.ends, dialect.starts, dialect.blank_ends
    tag, at, blank, ended, size = "", 0, 0, False, 0
    parts: list[str] = []
    for number, line in enumerate(lines, first):
        if found := match(line):
            if parts:
                yield tag, parts[0] if len(parts) == 1 else "\n".join(parts), at
            tag, value = found.groups("")
            parts, at, blank, size = [value], number, 0, 0
            ended = tag in ends or (ended and tag not in starts)
        elif not line or line.isspace():
            blank += 1
            if blank_ends and parts:
                yield tag, "\n".join(parts), at
                yield "", "", number
                parts = []
        elif parts and tag not in ends and not (ended and is_noise(dialect, line)):
            parts.extend([""] * blank)
            parts.append(line)
            size, blank = size + len(line) + blank + SIZE_OF_PAIR, 0
            if size > MOST_IN_RECORD:
                raise _endless()
        else:
            if parts:
                yield tag, "\n".join(parts), at
                parts = []
            yield "", line, number
    if parts:
        yield tag, "\n".join(parts), at


def _endless() -> Unreadable:
    """Say that a record goes on for ever."""
    most = MOST_IN_RECORD // 10**6
    return Unreadable(_("No record begins or ends within %(n)s million characters: this is no export.", n=most))


def is_noise(dialect: Dialect, line: str) -> bool:
    """Say whether a line between records belongs to the layout."""
    return dialect.noise is not None and dialect.noise.match(line) is not None


def last_line(pair: Pair) -> int:
    """Say on which line the value of a pair ends."""
    return pair[2] + pair[1].count("\n")


class Gathering:
    """Gathers the pairs of a file into records, and says what belongs to none."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.frame = dialect.frame
        self.record: RawRecord | None = None
        self.closed = True
        self.loose: list[Pair] = []
        self.records = 0
        self.whole = 0
        self.size = 0

    def through(self, pairs: Iterable[Pair]) -> Iterator[Piece]:
        """Take pairs; hand out what is complete by them."""
        for pair in pairs:
            self.size += len(pair[1]) + SIZE_OF_PAIR
            if self.size > MOST_IN_RECORD:
                raise _endless()
            if not self.takes(pair):
                yield from self.feed(pair)

    def takes(self, pair: Pair) -> bool:
        """Take a pair that simply goes on with the open record, as nearly all do."""
        if self.closed or self.record is None or pair[0] in self.frame:
            return False
        self.record.pairs.append(pair)
        return True

    def feed(self, pair: Pair) -> Iterator[Piece]:
        """Take a pair that may begin or end a record; hand out what is complete by it."""
        tag = pair[0]
        if self._opens(tag):
            yield from self.settle()
            self.record, self.closed = RawRecord(pair[2], last_line(pair), [pair]), False
        elif self.closed:
            self.loose.append(pair)
            if tag in self.dialect.ends and any(other in self.dialect.titles for other, _value, _line in self.loose):
                yield from self.settle()
        elif tag or pair[1]:
            self._add(pair)
            self.closed = tag in self.dialect.ends
        else:
            self.closed = True

    def _opens(self, tag: str) -> bool:
        """Say whether this tag begins a record; in Refer any does, and %0 may come later than the first line."""
        if not self.dialect.blank_ends or self.record is None:
            return tag in self.dialect.starts or (self.dialect.blank_ends and tag != "")
        if self.closed:
            return tag != ""
        return tag in self.dialect.starts and any(tag == other for other, _value, _line in self.record.pairs)

    def _add(self, pair: Pair) -> None:
        """Put a pair into the open record."""
        assert self.record is not None  # noqa: S101  # only called while a record is open
        self.record.pairs.append(pair)

    def finish(self, *, line_ended: bool) -> Iterator[Piece]:
        """Hand out the last record and say whether the file seems to be cut off in it."""
        record, closed = self.record, self.closed
        if record is not None:
            record.last = last_line(record.pairs[-1])
        cut = record is not None and not closed and self._is_cut(record, line_ended=line_ended)
        if record is not None and cut and not any(tag in self.dialect.titles for tag, _value, _line in record.pairs):
            self.record = None
            yield Rejected(record.first, record.last, _("The file is cut off inside this record, before its title."))
        elif record is not None and cut:
            reason = _("The file seems to be cut off: the last record, from line %(line)s on, is not whole.")
            yield Warning_(record.last, reason % {"line": record.first})
        self.closed = True
        yield from self.settle()

    def _is_cut(self, record: RawRecord, *, line_ended: bool) -> bool:
        """Say whether the last record lacks the end that records of this format have."""
        if self.dialect.ends:
            return True
        if not self.dialect.last or any(tag == self.dialect.last for tag, _value, _line in record.pairs):
            return False
        return self.whole > 0 or not line_ended

    def settle(self) -> Iterator[Piece]:
        """Hand out the record gathered so far, then whatever stood after its end."""
        trailing = self._trailing()
        if self.record is not None:
            self.record.last = last_line(self.record.pairs[-1])
            if not self.closed and self.dialect.ends:
                reason = _("The record from line %(line)s on has no end line (ER); the next one begins after it.")
                yield Warning_(self.record.last, reason % {"line": self.record.first})
            yield self.judged(self.record)
        yield from self._outside(trailing)
        self.record, self.loose, self.closed, self.size = None, [], True, 0

    def _trailing(self) -> list[Pair]:
        """Give what follows the end line to the record before (Ovid writes NL and a link there); return the rest."""
        rest = list(self.loose)
        holds_title = any(tag in self.dialect.titles for tag, _value, _line in rest)
        while self.record is not None and rest and self._belongs_before(rest[0]) and not holds_title:
            self._add(rest.pop(0))
        return rest

    def _belongs_before(self, pair: Pair) -> bool:
        """Say whether a pair behind the end line belongs to the record it follows."""
        if pair[0]:
            return pair[0] not in self.dialect.header
        return self.dialect.after is not None and self.dialect.after.match(pair[1]) is not None

    def judged(self, record: RawRecord) -> Piece:
        """Reject a record that holds nothing but its start and end."""
        if not any(value.strip() for tag, value, _line in record.pairs if tag not in self.frame):
            return Rejected(record.first, record.last, _("This record holds nothing but its type."))
        self.records += 1
        self.whole += any(tag == self.dialect.last for tag, _value, _line in record.pairs)
        return record

    def _outside(self, pairs: list[Pair]) -> Iterator[Piece]:
        """Say what stands between records: a record without its start, the layout's own lines, or lines to report."""
        kept = [pair for pair in pairs if not self._is_layout(pair)]
        if any(tag in self.dialect.titles for tag, _value, _line in kept):
            tagged = [pair for pair in kept if pair[0]]
            yield Warning_(tagged[0][2], _("This record does not begin with its start line."))
            yield self.judged(RawRecord(tagged[0][2], last_line(tagged[-1]), tagged))
            kept = [pair for pair in kept if not tagged[0][2] <= pair[2] <= last_line(tagged[-1])]
        for first, last in _runs(kept):
            yield Rejected(first, last, _("These lines belong to no record."))

    def _is_layout(self, pair: Pair) -> bool:
        """Say whether a line outside the records is expected there."""
        tag, value, _line = pair
        if tag:
            return tag in self.dialect.header
        return not value or self.records == 0 or is_noise(self.dialect, value)


def _runs(pairs: list[Pair]) -> Iterator[tuple[int, int]]:
    """Join neighbouring lines into ranges."""
    first = last = 0
    for pair in pairs:
        if first and pair[2] == last + 1:
            last = last_line(pair)
            continue
        if first:
            yield first, last
        first, last = pair[2], last_line(pair)
    if first:
        yield first, last


def plain_record(text: str, number: int, dialect: Dialect) -> RawRecord | None:
    """Take a record apart at once, if it is plain; None where it must be looked at line by line.

    Args:
        text: its lines, from its start up to the start of the next one.
        number: its first line.
        dialect: how this format writes tags and records.
    """
    tags, values = zip(*dialect.field.findall(text + "\n"), strict=True)
    last = _last_field(tags, values, dialect)
    if not last:
        return None
    lines: Iterable[int] = range(number, number + len(tags))
    if text.count("\n") >= len(tags):
        lines = accumulate((1 + value.count("\n") for value in values), initial=number)
    pairs = list(zip(tags[: last + 1], values, lines, strict=False))
    if dialect.ends:
        tag, value, line = pairs[-1]
        pairs[-1] = (tag, value.partition("\n")[0], line)
    return RawRecord(number, last_line(pairs[-1]), pairs)


def _last_field(tags: tuple[str, ...], values: tuple[str, ...], dialect: Dialect) -> int:
    """Return the place of a plain record's last field, 0 where it is not plain."""
    last = len(tags) - 1
    while not tags[last]:
        if values[last] and not values[last].isspace():
            return 0
        last -= 1
    if tags.count("") != len(tags) - 1 - last:
        return 0
    if not dialect.ends:
        return last
    ended_once = tags[last] in dialect.ends and sum(map(tags.count, dialect.ends)) == 1
    end = values[last]
    return last if ended_once and ("\n" not in end or _are_noise(end, dialect)) else 0


def _are_noise(value: str, dialect: Dialect) -> bool:
    """Say whether all lines behind an end line belong to the layout."""
    return all(is_noise(dialect, line) for line in value.split("\n")[1:])


def records_of(parts: Iterable[str], dialect: Dialect, *, line_ended: bool = True) -> Iterator[Piece]:
    """Read a tagged file.

    Args:
        parts: the text in parts of whole lines.
        dialect: how this format writes tags and records.
        line_ended: whether the file ends with a line end; one that does not may be cut off.

    Yields:
        Records, rejected lines and warnings, in the order of the file.
    """
    if not dialect.is_linear:
        lines = (line for part in parts for line in part.removesuffix("\n").split("\n"))
        yield from records(lines, dialect, line_ended=line_ended)
        return
    gathering = Gathering(dialect)
    chapters = _chapters(parts, dialect)
    before = next(chapters)
    yield from gathering.through(lex(before.split("\n")[1:], dialect))
    number, last = 1 + before.count("\n"), next(chapters, None)
    for text in chapters:
        assert last is not None  # noqa: S101  # there was one before this one
        if plain := plain_record(last, number, dialect):
            yield from gathering.settle()
            yield gathering.judged(plain)
        else:
            yield from gathering.through(lex(last.split("\n"), dialect, number))
        number += last.count("\n") + 1
        last = text
    if last is not None:
        yield from gathering.through(lex(last.split("\n"), dialect, number))
    yield from gathering.finish(line_ended=line_ended)


def _chapters(parts: Iterable[str], dialect: Dialect) -> Iterator[str]:
    r"""Cut a text before every start of a record; first comes what stands before the first, with a \n before each line.

    Raises:
        Unreadable: no record begins for many millions of characters.
    """
    split, match, starts = dialect.start.split, dialect.tag.match, dialect.starts
    gathered, size = [""], 0
    for part in parts:
        before, *chapters = split("\n" + part.removesuffix("\n"))
        gathered.append(before)
        size += len(before)
        if size > MOST_IN_RECORD:
            raise _endless()
        for chapter in chapters:
            if (found := match(chapter)) and found[1] in starts:
                yield "".join(gathered)
                gathered, size = [chapter], 0
            else:
                gathered.append("\n" + chapter)
                size += len(chapter)
    yield "".join(gathered)


def records(lines: Iterable[str], dialect: Dialect, *, line_ended: bool = True) -> Iterator[Piece]:
    """Read tagged lines one by one, as `records_of` does where no record is plain; lines come without their ends."""
    gathering = Gathering(dialect)
    yield from gathering.through(lex(lines, dialect))
    yield from gathering.finish(line_ended=line_ended)
