"""A search strategy line by line: a line with the lines that it refers to written out.

A reference is written `#1 AND #2`; in a line that holds nothing but numbers and operators also `1 or 2` and
`S1 AND S2`. Quoted text never refers.
"""

import re
from collections.abc import Mapping, Sequence

from workbench.errors import Invalid
from workbench.protocols.rules.plan import StrategyLine
from workbench.words import _

LONGEST = 200_000
"""Letters of a query written out; more is a slip, and no database would take it."""

_SIGNED = re.compile(r'"[^"]*"|(?<![\w#])#\s?(\d{1,3}[a-z]?)(?!\w)', re.IGNORECASE)
_BARE = re.compile(r"(?<![^\s()])s?(\d{1,3}[a-z]?)(?![^\s()])", re.IGNORECASE)
_COMBINATION = re.compile(r"[\s(]*s?\d{1,3}[a-z]?[\s)]*(?:(?:and|or|not)[\s(]+s?\d{1,3}[a-z]?[\s)]*)+", re.IGNORECASE)


class UnresolvedLine(Invalid):
    """A line is written out only if every line that it refers to is there and none refers to itself."""

    hint = "Mend the numbers in the protocol; `workbench protocols check` names them."


def line_name(n: int | str) -> str:
    """The number of a line as references write it, without # or S.

    >>> line_name(" #12 "), line_name("S3"), line_name(4)
    ('12', '3', '4')
    """
    name = str(n).strip().removeprefix("#").strip().lower()
    return name[1:] if re.fullmatch(r"s\d{1,3}[a-z]?", name) else name


def resolved(strategy: Sequence[StrategyLine], line: int | str) -> str:
    """A line with every reference written out, in parentheses where more than one word stands there.

    Raises:
        UnresolvedLine: there is no such line, it leads to one that is not there or to itself, or it grows too long.

    >>> lines = [StrategyLine(n, text, None, None, None) for n, text in enumerate(["a or b", "c", "#1 AND #2"], 1)]
    >>> resolved(lines, 3)
    '(a or b) AND c'
    """
    named = {line_name(one.n): one.query for one in reversed(strategy)}
    wanted = line_name(line)
    if wanted not in named:
        raise UnresolvedLine(_("The strategy has no line %(n)s.", n=wanted))
    return _written_out(named, wanted, (), {})


def _written_out(named: Mapping[str, str], name: str, above: tuple[str, ...], known: dict[str, str]) -> str:
    """Write one line out; `above` are the lines that led here, `known` those that are written out already."""
    if name in above:
        raise UnresolvedLine(_("Line %(n)s leads back to itself.", n=name))
    if name not in named:
        raise UnresolvedLine(_("Line %(n)s leads to line %(missing)s, which is not there.", n=above[-1], missing=name))
    if name not in known:

        def put(found: re.Match[str]) -> str:
            if found[1] is None:
                return found[0]
            return _bracketed(_written_out(named, line_name(found[1]), (*above, name), known))

        query = named[name]
        known[name] = (_BARE if _COMBINATION.fullmatch(query) else _SIGNED).sub(put, query).strip()
        if len(known[name]) > LONGEST:
            raise UnresolvedLine(_("Line %(n)s is too long to be written out.", n=name))
    return known[name]


def _bracketed(text: str) -> str:
    return text if not re.search(r"\s", text) else f"({text})"
