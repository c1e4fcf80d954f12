"""Files in: every record of every file in normal form, made by two processes where the files are large."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import click

from workbench.deduplication.cli.second import pays, second
from workbench.deduplication.rules import Mark, NormalForm, mark_of, normal_form
from workbench.errors import Invalid
from workbench.records.rules import Item, Stream, Unreadable, open_reading
from workbench.words import _

Progress = Callable[[int, int], None]

AT_A_TIME = 250
"""Records that one process makes before it is the other's turn; also how many are sent at once."""
LARGE = 3_000_000
"""Bytes of all files from which a second process pays; it reads every file too, and makes half of the records."""
_OWN_COLUMN = "record_id"
_PACKED = 4


class CannotOpen(Invalid):
    """A file named on the command line must be there and be readable."""

    hint = "Give the paths of exports of databases, such as embase.ris or pubmed.nbib."


class Prepared(NamedTuple):
    """One record: the name its file gives it ("" if none), its place in the file, what the engine compares."""

    own_name: str
    number: int
    form: NormalForm
    mark: Mark


class End(NamedTuple):
    """The end of a file: how much of it could not be read as records, from which line on, and why."""

    rejected: int
    line: int
    reason: str


class Lot(NamedTuple):
    """Some records that follow each other in a file, and which part of its lines has been read, 0 to 1."""

    records: list[Prepared]
    done: float


Share = Iterator[Lot | End]
"""Lots of records, and an End after those of each file."""


@dataclass(slots=True)
class Named:
    """Every record read, in order: its name for the answer, its normal form and its mark; and how many in each file."""

    ids: list[str] = field(default_factory=list)
    forms: list[NormalForm] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)


def read_files(files: Sequence[Path], progress: Progress) -> Named:
    """Read every file and bring its records into normal form; what was rejected is said on standard error.

    Raises:
        CannotOpen: a file is not there.
        Unreadable: a file holds no record.
    """
    found, numbers = Named(), array("q")
    sizes = [_size(file) for file in files]
    with _made(files, by_two=sum(sizes) >= LARGE and pays()) as lots:
        for at, file in enumerate(files):
            before = len(found.ids)
            while isinstance(one := next(lots), Lot):
                _take(one, found, numbers)
                progress(sum(sizes[:at]) + int(sizes[at] * one.done), sum(sizes))
            if one.rejected:
                _tell(file, one)
            found.sizes.append(len(found.ids) - before)
    _name(files, found, numbers)
    return found


def _take(lot: Lot, found: Named, numbers: "array[int]") -> None:
    for one in lot.records:
        found.ids.append(one.own_name)
        found.forms.append(one.form)
        found.marks.append(one.mark)
        numbers.append(one.number)


def _tell(file: Path, end: End) -> None:
    """Say on standard error what of a file is not among the records; nothing is left out in silence."""
    told = {"file": file, "n": end.rejected, "line": end.line, "why": end.reason}
    click.echo(
        _(
            "%(file)s: %(n)s pieces could not be read as records, the first at line %(line)s: %(why)s"
            " `workbench records read` lists them.",
            **told,
        ),
        err=True,
    )


def _size(file: Path) -> int:
    """Say roughly how many bytes are inside; a file that is not there has none, and is refused when it is opened."""
    with suppress(OSError):
        return file.stat().st_size * (_PACKED if file.suffix == ".gz" else 1)
    return 0


def _name(files: Sequence[Path], found: Named, numbers: "array[int]") -> None:
    """Name each record by the file's own column, else by file and number; where a name comes twice, by the latter."""
    times, at = Counter(found.ids), 0
    for file, size in zip(labels(files), found.sizes, strict=True):
        for place in range(at, at + size):
            own = found.ids[place]
            if not own or times[own] > 1:
                found.ids[place] = f"{file}#{numbers[place]}"
        at += size


def labels(files: Sequence[Path]) -> list[str]:
    """Name files as answers do; of several with one name, the later ones are numbered.

    >>> labels([Path("a/export.ris"), Path("b/export.ris")])
    ['export.ris', 'export.ris (2)']
    """
    seen: Counter[str] = Counter()
    seen_names = []
    for file in files:
        seen[file.name] += 1
        seen_names.append(file.name if seen[file.name] == 1 else f"{file.name} ({seen[file.name]})")
    return seen_names


@contextmanager
def opened(file: Path) -> Iterator[Stream]:
    """Open an export; what is packed is read as what is inside.

    Raises:
        CannotOpen: it is not there, or may not be read.
        Unreadable: it is no export that is known, or ends early; the message names the file.
    """
    try:
        with file.open("rb") as data:
            yield open_reading(data, file.name.removesuffix(".gz"))
    except OSError as error:
        raise CannotOpen(_("%(file)s cannot be read: %(why)s.", file=file, why=error.strerror or error)) from error
    except Unreadable as error:
        raise Unreadable(_("%(file)s cannot be read: %(why)s", file=file, why=error), error.way_out) from error


def _share(files: Sequence[Path], turn: int, turns: int) -> Share:
    """Read all files, and make every `turns`-th lot of the records of each."""
    for file in files:
        with opened(file) as stream:
            made: list[Prepared] = []
            for item in stream.items(lambda number: (number - 1) // AT_A_TIME % turns == turn):
                form = normal_form(item)
                made.append(Prepared(own_name(item), item.number, form, mark_of(form)))
                if item.number % AT_A_TIME == 0:
                    yield Lot(made, item.lines[1] / stream.delivered.lines)
                    made = []
            if made:
                yield Lot(made, 1)
            first = stream.first_rejected
            yield End(stream.rejected, first.line, first.reason) if first else End(0, 0, "")


def own_name(item: Item) -> str:
    """Read the column record_id of the file, if it has one."""
    return next((value.strip() for tag, value, _line in item.raw if tag == _OWN_COLUMN), "")


@contextmanager
def _made(files: Sequence[Path], *, by_two: bool) -> Iterator[Share]:
    """Hand out all records in order, made by this process alone or by it and another."""
    if not by_two:
        yield _share(files, 0, 1)
        return
    with second(_share, files, 1, 2) as theirs:
        yield _merged(_share(files, 0, 2), theirs)


def _merged(mine: Share, theirs: Share) -> Share:
    """Put two shares in order again: lots in turn, until both have come to the end of a file."""
    while True:
        ends: dict[int, End] = {}
        while len(ends) < 2:
            for turn, share in enumerate((mine, theirs)):
                if turn not in ends:
                    one = next(share)
                    if isinstance(one, End):
                        ends[turn] = one
                    else:
                        yield one
        yield ends[0]
