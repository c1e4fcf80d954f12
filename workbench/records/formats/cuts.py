"""What is cut out of a text that goes by in blocks, and on which lines it stands.

XML and JSON often come without a line end, so what is read of them is never a line but an element or an object.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from workbench.records.formats.raw import Unreadable
from workbench.words import _

MOST_IN_ONE = 20_000_000
"""Characters of one record; no database writes a tenth of that."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Text cut out of a file: what it is, its first and last line, and whether its end was found.

    `at` is the line on which the text begins; `first` may be later, where the record before has that line.
    """

    text: str
    first: int
    last: int
    at: int
    whole: bool = True


def cut_out(text: str, at: int, *, whole: bool = True) -> Cut:
    """Return a text that begins on a line with the lines it covers."""
    return Cut(text, at, at + text.count("\n"), at, whole)


def apart(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """Give a line that two share to the later one, so that no line is counted twice.

    What is left without a line of its own gets an empty range, its last line before its first.
    """
    waiting: Cut | None = None
    taken = 0
    for cut in cuts:
        if waiting is not None:
            settled = _settled(waiting, taken, cut.first)
            taken = settled.last
            yield settled
        waiting = cut
    if waiting is not None:
        yield _settled(waiting, taken, 0)


def _settled(cut: Cut, taken: int, following: int) -> Cut:
    """Return a cut without the lines up to `taken`, and without its last where the following one begins there."""
    first = max(cut.first, taken + 1)
    last = cut.last - 1 if following == cut.last and cut.first < cut.last else cut.last
    return replace(cut, first=first, last=max(last, first - 1))


def too_large(line: int) -> Unreadable:
    """Say that something that should be one record is larger than any."""
    message = _("From line %(line)s on, one record is longer than %(n)s million characters, so this is no export.")
    return Unreadable(message % {"line": line, "n": MOST_IN_ONE // 10**6})
