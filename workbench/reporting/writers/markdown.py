"""The PRISMA-S report as Markdown, which opens in any editor and turns into Word: items, then strategies verbatim."""

import re
from collections.abc import Iterable, Iterator

from workbench.reporting.rules import Item, Strategy
from workbench.words import _

_SIGNS = re.compile(r"([\\`*_\[\]<>|~&])")
_AT_THE_START = re.compile(r"^(?:[#+=-]|\d+(?=[.)]))")


def prisma_s_markdown(title: str, stand: str, items: Iterable[Item], strategies: Iterable[Strategy]) -> str:
    """Write the report.

    Args:
        title: the review's.
        stand: on which version and day it stands, in words.
        items: the 16 items.
        strategies: all of them, for the appendix.
    """
    every = list(items)
    filled = sum(item.is_filled for item in every)
    head = [f"# PRISMA-S: {_plain(title)}", _plain(stand), _plain(_("%(n)s of 16 items are filled.", n=filled))]
    return "\n\n".join([*head, *_sections(every), *_appendix(strategies)]) + "\n"


def _sections(items: Iterable[Item]) -> Iterator[str]:
    section = ""
    for item in items:
        if item.section != section:
            section = item.section
            yield f"## {_plain(section)}"
        yield f"### {item.number}. {_plain(item.name)}"
        lines = [f"- {_plain(line)}" for line in item.lines]
        lines += [f"- **{_plain(_('Missing:'))}** {_plain(f'{one.what} {one.remedy}')}" for one in item.missing]
        yield "\n".join(lines)


def _appendix(strategies: Iterable[Strategy]) -> Iterator[str]:
    yield f"## {_plain(_('Appendix: full search strategies'))}"
    some = False
    for one in strategies:
        some = True
        yield f"### {_plain(_heading(one))}"
        yield _lines(one) if one.lines else _plain(_("The strategy is not recorded."))
    if not some:
        yield _plain(_("No run is documented."))


def _heading(one: Strategy) -> str:
    source = f"{one.source} ({one.platform})" if one.platform else one.source
    return _("%(source)s, run %(run)s, searched %(day)s", source=source, run=one.run, day=one.searched_on)


def _lines(one: Strategy) -> str:
    """The lines verbatim, in a fence longer than any within them, since a strategy may hold signs of Markdown."""
    text = "\n".join(_line(*line) for line in one.lines)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _line(n: str, query: str, hits: int | None, note: str) -> str:
    after = [_("%(n)s hits", n=hits)] if hits is not None else []
    after += [note] if note else []
    return f"{n}\t{query}" + (f"\t({'; '.join(after)})" if after else "")


def _plain(text: str) -> str:
    r"""Text that Markdown takes as it is: its signs escaped, at the start those of headings and lists, on one line.

    >>> print(_plain("1. *not* a list"))
    1\. \*not\* a list
    """
    plain = _SIGNS.sub(r"\\\1", " ".join(text.split()))
    return _AT_THE_START.sub(lambda sign: f"{sign[0]}\\" if sign[0].isdigit() else f"\\{sign[0]}", plain)
