"""A search strategy line by line: which lines a line refers to, what does not resolve, and the query written out.

A reference is written as the databases write it: `#1 AND #2`, `#1-#4`, `{or #1-#3}` (Cochrane), `S1 AND S2` (EBSCO),
`1 or 2`, `or/1-3`, `1-3/OR`, `limit 5 to yr="2009"` (Ovid). A bare number or an S with a number refers only where the
line can mean nothing else: it holds nothing but such numbers and operators, or it bears the syntax of Ovid or EBSCO
and the number stands between operators. Quoted text never refers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import Invalid
from workbench.protocols.rules.plan import Run, StrategyLine
from workbench.words import _

MOST_LINES = 500
"""A wider range than any strategy has lines is read as its two ends."""

LONGEST = 200_000
"""Letters of a query written out; more is a slip, and no database would take it."""

_NUMBER = r"\d{1,3}[a-z]?"
_LIST = rf"[#s]?{_NUMBER}(?:\s*[-–]\s*[#s]?\d{{1,3}})?(?:\s*,\s*[#s]?{_NUMBER}(?:\s*[-–]\s*[#s]?\d{{1,3}})?)*"
_GROUPS = (
    re.compile(rf"(?<![\w/])(?P<operator>and|or)/\s*(?P<lines>{_LIST})(?![\w./-])", re.IGNORECASE),
    re.compile(rf"(?<![\w./:-])(?P<lines>{_LIST})/\s*(?P<operator>and|or)\b", re.IGNORECASE),
    re.compile(rf"\{{\s*(?P<operator>and|or)\s+(?P<lines>{_LIST})\s*\}}", re.IGNORECASE),
)
_SIGNED = re.compile(rf"(?<![\w#*?$])#\s?(?P<lines>{_NUMBER}(?:\s*[-–]\s*#?\d{{1,3}})?)(?!\w)", re.IGNORECASE)
_COMMANDS = (
    re.compile(r"^\s*limit\s+(?P<lines>\d{1,3})\s+to\b", re.IGNORECASE),
    re.compile(r"^\s*remove duplicates from\s+(?P<lines>\d{1,3})\s*$", re.IGNORECASE),
    re.compile(r"^\s*(?P<lines>\d{1,3})\s+use\s+\w+", re.IGNORECASE),
    re.compile(r"^\s*(?P<lines>s\d{1,3})\s+(?:limiters|expanders)\b", re.IGNORECASE),
)
_ALONE = re.compile(rf"(?<![^\s()])(?P<lines>s?{_NUMBER}|s\d{{1,3}}\s*[-–]\s*s\d{{1,3}})(?![^\s()])", re.IGNORECASE)
_OPERAND = r"(?:^|\(|\b(?:and|or|not))\s*(?P<lines>{})\s*(?=$|\)|(?:and|or|not)\b)"
_OVID = re.compile(r"[a-z]/(?=\s|\)|$)|\.(?:[a-z]{2}|mp)(?:,[a-z]{2})*\.?(?=\s|\)|$)", re.IGNORECASE)
_OVID_OPERAND = re.compile(_OPERAND.format(r"\d{1,3}"), re.IGNORECASE)
_EBSCO = re.compile(r"\b(?:MH|MM|DE|TI|AB|SU|TX|PT|LA|XB|SO|AU)\s+[\x00(\w]")
_EBSCO_OPERAND = re.compile(_OPERAND.format(r"s\d{1,3}"), re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|(?<!\w)\'[^\']*\'(?!\w)')
_OPERATORS = frozenset({"and", "or", "not"})
_QUOTE, _KNOWN = "\x00", "\x01"


class UnresolvedLine(Invalid):
    """A line is written out only if every line that it refers to is there and none refers to itself."""

    hint = "Mend the numbers in the protocol; `workbench protocols check` names them."


@dataclass(frozen=True, slots=True)
class Loose:
    """A reference that does not resolve: in which line, to which, and whether it goes round in a circle."""

    line: str
    to: str
    is_circle: bool


@dataclass(frozen=True, slots=True)
class _Reference:
    """Where in the text a line names others, and how several of them are joined."""

    start: int
    end: int
    lines: tuple[str, ...]
    operator: str = "OR"


def references(line: StrategyLine) -> tuple[str, ...]:
    """The lines that a line names, each once, in the order named, without # or S.

    >>> references(StrategyLine(4, '#1 AND "covid 19" AND 2019:2020[dp] NOT #3', None, None, None))
    ('1', '3')
    >>> references(StrategyLine(9, "or/1-3,5", None, None, None))
    ('1', '2', '3', '5')
    """
    return tuple(dict.fromkeys(name for found in _references(line.query) for name in found.lines))


def line_name(n: int | str) -> str:
    """The number of a line as references write it, without # or S.

    >>> line_name(" #12 "), line_name("S3"), line_name(4)
    ('12', '3', '4')
    """
    name = str(n).strip().removeprefix("#").strip().lower()
    return name[1:] if re.fullmatch(rf"s{_NUMBER}", name) else name


def unresolved(strategy: Sequence[StrategyLine]) -> list[Loose]:
    """Every reference to a line that is not there or that leads back to itself, in the order of the lines."""
    named = _named(strategy)
    circling = _circling(named)
    return [
        Loose(name, to, to in circling)
        for name, line in named.items()
        for to in references(line)
        if to not in named or (name in circling and to in circling)
    ]


def unused(strategy: Sequence[StrategyLine], final_line: int | str) -> list[str]:
    """The lines whose records the final line does not bring in, in order; none where there is no such final line."""
    named = _named(strategy)
    final = line_name(final_line)
    used = _needed(named, final) if final in named else set(named)
    return [name for name in named if name not in used]


def final_line(run: Run) -> int | str | None:
    """The line whose records were exported: the one the run names, else its last; None without a strategy."""
    if run.final_line is not None or not run.strategy:
        return run.final_line
    return run.strategy[-1].n


def resolved(strategy: Sequence[StrategyLine], line: int | str) -> str:
    """A line with every reference written out, in parentheses where more than one word stands there.

    Raises:
        UnresolvedLine: no such line; it leads to one that is not there or back to itself; it grows too long.

    >>> lines = [StrategyLine(n, text, None, None, None) for n, text in enumerate(["a or b", "c", "#1 AND #2"], 1)]
    >>> resolved(lines, 3)
    '(a or b) AND c'
    """
    named = _named(strategy)
    wanted = line_name(line)
    if wanted not in named:
        raise UnresolvedLine(_("The strategy has no line %(n)s.", n=wanted))
    texts: dict[str, str] = {}
    for name in _in_order(named, wanted):
        texts[name] = _written_out(named[name].query, texts)
        if len(texts[name]) > LONGEST:
            raise UnresolvedLine(_("Line %(n)s is too long to be written out.", n=name))
    return texts[wanted]


def _named(strategy: Iterable[StrategyLine]) -> dict[str, StrategyLine]:
    """Lines by the name that references use; the first of two with one number."""
    named: dict[str, StrategyLine] = {}
    for line in strategy:
        named.setdefault(line_name(line.n), line)
    return named


def _needed(named: Mapping[str, StrategyLine], wanted: str) -> set[str]:
    """The line itself and all that it leads to, those that are not there among them."""
    found, waiting = {wanted}, [wanted]
    while waiting:
        if (name := waiting.pop()) in named:
            more = set(references(named[name])) - found
            found |= more
            waiting += more
    return found


def _in_order(named: Mapping[str, StrategyLine], wanted: str) -> list[str]:
    """The lines that a line needs, each after those it refers to."""
    needed = _needed(named, wanted)
    if missing := sorted(needed - set(named)):
        raise UnresolvedLine(
            _("Line %(n)s leads to line %(missing)s, which is not there.", n=wanted, missing=missing[0])
        )
    waits = {name: set(references(named[name])) for name in needed}
    order = _peeled(waits)
    if circle := sorted(needed - set(order)):
        raise UnresolvedLine(_("Line %(n)s leads back to itself.", n=circle[0]))
    return order


def _circling(named: Mapping[str, StrategyLine]) -> set[str]:
    """The lines that lead back to themselves."""
    waits = {name: set(references(line)) & set(named) for name, line in named.items()}
    left = set(waits) - set(_peeled(waits))
    meant: dict[str, set[str]] = {name: set() for name in left}
    for name in left:
        for to in waits[name] & left:
            meant[to].add(name)
    return left - set(_peeled(meant))


def _peeled(waits: Mapping[str, set[str]]) -> list[str]:
    """Names in an order in which each comes after those it waits for; what waits in a circle is left out."""
    waiters: dict[str, list[str]] = {name: [] for name in waits}
    for name, others in waits.items():
        for other in others:
            waiters[other].append(name)
    left = {name: len(others) for name, others in waits.items()}
    ready = [name for name, n in left.items() if not n]
    for name in ready:
        for waiter in waiters[name]:
            left[waiter] -= 1
            if not left[waiter]:
                ready.append(waiter)
    return ready


def _written_out(query: str, texts: Mapping[str, str]) -> str:
    parts, at = [], 0
    for found in _references(query):
        parts += [query[at : found.start], _joined(found, texts)]
        at = found.end
    return "".join([*parts, query[at:]]).strip()


def _joined(found: _Reference, texts: Mapping[str, str]) -> str:
    words = [_bracketed(texts[name]) for name in found.lines]
    return words[0] if len(words) == 1 else f"({f' {found.operator} '.join(words)})"


def _bracketed(text: str) -> str:
    return text if not re.search(r"\s", text) or _is_in_brackets(text) else f"({text})"


def _is_in_brackets(text: str) -> bool:
    """Say whether the first parenthesis of a text closes with its last letter."""
    depth = 0
    plain = _QUOTED.sub(lambda found: _QUOTE * len(found[0]), text)
    for at, letter in enumerate(plain if plain.startswith("(") else ""):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return at == len(plain) - 1
    return False


def _references(query: str) -> list[_Reference]:
    """Every reference of a line in the order of the text, none within another."""
    masked = _QUOTED.sub(lambda found: _QUOTE * len(found[0]), query)
    found: list[_Reference] = []
    for pattern in (*_GROUPS, _SIGNED, *_COMMANDS):
        masked = _take(pattern, masked, found)
    if _is_combination(masked):
        _take(_ALONE, masked, found)
    elif _OVID.search(masked):
        _take(_OVID_OPERAND, masked, found)
    elif _EBSCO.search(masked):
        _take(_EBSCO_OPERAND, masked, found)
    return sorted(found, key=lambda one: one.start)


def _take(pattern: re.Pattern[str], masked: str, found: list[_Reference]) -> str:
    """Add what a pattern finds, and give back the text with it marked as known."""
    pieces, at = [], 0
    for match in pattern.finditer(masked):
        whole = "operator" in pattern.groupindex or pattern is _SIGNED
        start, end = match.span() if whole else match.span("lines")
        operator = match["operator"].upper() if "operator" in pattern.groupindex else "OR"
        found.append(_Reference(start, end, tuple(_listed(match["lines"])), operator))
        pieces += [masked[at:start], _KNOWN * (end - start)]
        at = end
    return "".join([*pieces, masked[at:]])


def _is_combination(masked: str) -> bool:
    """Say whether a line holds nothing but lines and operators: at least one of each."""
    words = re.findall(r"[^\s()]+", re.sub(r"(?<=[\ds])\s*[-–]\s*(?=s\d)", "-", masked, flags=re.IGNORECASE))
    operators = sum(word.lower() in _OPERATORS for word in words)
    return 0 < operators < len(words) and all(map(_is_part, words))


def _is_part(word: str) -> bool:
    if word.lower() in _OPERATORS or not word.strip(_KNOWN):
        return True
    return bool(re.fullmatch(rf"s?{_NUMBER}|s\d{{1,3}}[-–]s\d{{1,3}}", word, re.IGNORECASE))


def _listed(text: str) -> Iterator[str]:
    """The names in a list such as `1-3,5`."""
    for part in text.split(","):
        first, *last = (line_name(end.strip()) for end in re.split(r"[-–]", part))
        if last and first.isdecimal() and last[0].isdecimal():
            yield from _between(int(first), int(last[0]))
        else:
            yield from (first, *last)


def _between(first: int, last: int) -> Iterator[str]:
    low, high = sorted((first, last))
    return map(str, range(low, high + 1) if high - low < MOST_LINES else (low, high))
