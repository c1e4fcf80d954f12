"""Decisions that come along with a record from another screening tool: Rayyan, Covidence, ASReview, EPPI-Reviewer.

They are kept beside the record under the tool's name and are never votes. Sources: the exports of the tools, and
Rayyan's `customizations_log.csv` (key `included` with value 1, 0 or -1, `__EXR__…` for a reason, `deleted` undoes).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

from workbench.records.formats import tables
from workbench.records.formats.decoding import Delivered
from workbench.records.formats.raw import Pair, Unreadable
from workbench.records.rules.items import Item
from workbench.words import _


class Tool(StrEnum):
    """The screening tool that a decision comes from."""

    RAYYAN = "rayyan"
    COVIDENCE = "covidence"
    ASREVIEW = "asreview"
    EPPI = "eppi"


class Choice(StrEnum):
    """What somebody decided in another tool."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class ImportedDecision:
    """One thing that another tool says of a record: a decision, a reason, a label or a note.

    Attributes:
        tool: which tool says it.
        person: who, as written there; None where the tool tells only a result.
        decision: include, exclude or maybe; None where this is a reason, a label or a note.
        reason: why it was excluded.
        label: a tag or label.
        note: free words.
        tag: the tag or header it stands under.
        line: the line on which that stands.
        text: the whole value as delivered.
    """

    tool: Tool
    tag: str
    line: int
    text: str
    person: str | None = None
    decision: Choice | None = None
    reason: str | None = None
    label: str | None = None
    note: str | None = None


_NOTES = frozenset(("N1", "notes", "Notes", "note", "%Z", "NO", "RAYYAN-INCLUSION"))
_KEYWORDS = frozenset(("KW", "keywords", "%K"))
_MARKS = ("RAYYAN-", "USER-NOTES:", "ASReview_")

_RAYYAN_PART = re.compile(r"(RAYYAN-INCLUSION|RAYYAN-EXCLUSION-REASONS|RAYYAN-LABELS|USER-NOTES):?")
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_SAID = re.compile(_TEXT + r"\s*=>\s*(?:" + _TEXT + r"|(true|false)\b)")
_WROTE = re.compile(_TEXT + r"\s*=>\s*\[((?:[^\]\"]|" + _TEXT + r")*)\]")
_WORD = re.compile(_TEXT)
_RAYYAN_WORDS = {"included": Choice.INCLUDE, "excluded": Choice.EXCLUDE, "maybe": Choice.MAYBE,
                 "true": Choice.INCLUDE, "false": Choice.EXCLUDE}  # fmt: skip
_RAYYAN_VALUES = {"1": Choice.INCLUDE, "0": Choice.MAYBE, "-1": Choice.EXCLUDE}
_REASON_KEY = "__EXR__"

_COVIDENCE_REASON = re.compile(r"Exclusion reasons?:\s*([^;\n]+);?", re.IGNORECASE)

_ASREVIEW = "ASReview_"
_ASREVIEW_WORD = re.compile(r"ASReview_(relevant|irrelevant|not_seen|prior)\b")
_ASREVIEW_VALUES = {"1": Choice.INCLUDE, "0": Choice.EXCLUDE}
_ASREVIEW_LABELS = frozenset(("asreview_label", "label_included", "included_label", "final_included"))
_EPPI_HEADERS = frozenset(("Included", "ID", "ShortTitle", "Title"))
_EPPI_VALUES = {"I": Choice.INCLUDE, "E": Choice.EXCLUDE}

_ASREVIEW_NOTES = ("asreview_note", "exported_notes", "asreview_tags")


def decisions_of(item: Item) -> list[ImportedDecision]:
    """Return what other tools say of a record, in the order of its tags."""
    found: list[ImportedDecision] = []
    for pair in item.raw:
        if pair[0] in _NOTES and (any(mark in pair[1] for mark in _MARKS) or pair[0] == "RAYYAN-INCLUSION"):
            found += _of_rayyan(pair)
            found += _of_asreview(pair)
        elif pair[0] in _KEYWORDS and _ASREVIEW in pair[1]:
            found += _of_asreview(pair)
    tags = {tag for tag, _value, _line in item.raw}
    if "Covidence #" in tags or {"NS", "PD"} <= tags:
        found += _of_covidence(item.raw)
    if any(tag.startswith(("asreview_", "exported_notes")) or tag in _ASREVIEW_LABELS for tag in tags):
        found += _of_columns(item.raw)
    if tags >= _EPPI_HEADERS:
        found += _of_eppi(item.raw)
    return found


def _of_rayyan(pair: Pair) -> Iterator[ImportedDecision]:
    """Read Rayyan's note: `RAYYAN-INCLUSION: {"Emily"=>"Included"} | RAYYAN-LABELS: a,b | USER-NOTES: {…}`."""
    if pair[0] == "RAYYAN-INCLUSION":
        yield from _included(pair, pair[1])
        return
    _before, *parts = _RAYYAN_PART.split(pair[1])
    for name, told in zip(parts[::2], parts[1::2], strict=True):
        if name == "RAYYAN-INCLUSION":
            yield from _included(pair, told)
        elif name == "USER-NOTES":
            yield from _notes(pair, told)
        else:
            field = "label" if name == "RAYYAN-LABELS" else "reason"
            yield from (_said(Tool.RAYYAN, pair, **{field: one}) for one in _listed(told.strip(" |\n"), ","))


def _included(pair: Pair, told: str) -> Iterator[ImportedDecision]:
    """Hand out what each person decided; a word that is no decision is kept as a label."""
    for found in _SAID.finditer(told):
        word = found[2] or found[3] or ""
        choice = _RAYYAN_WORDS.get(word.casefold())
        person = _plain(found[1])
        yield _said(Tool.RAYYAN, pair, person=person, decision=choice, label=None if choice else word or "?")


def _notes(pair: Pair, told: str) -> Iterator[ImportedDecision]:
    """Hand out what each person noted."""
    for found in _WROTE.finditer(told):
        for word in _WORD.finditer(found[2]):
            yield _said(Tool.RAYYAN, pair, person=_plain(found[1]), note=_plain(word[1]))


def _of_asreview(pair: Pair) -> Iterator[ImportedDecision]:
    """Read the marks ASReview writes into a note; what it has not shown anybody is no decision."""
    for found in _ASREVIEW_WORD.finditer(pair[1]):
        choice = {"relevant": Choice.INCLUDE, "irrelevant": Choice.EXCLUDE}.get(found[1])
        yield _said(Tool.ASREVIEW, pair, decision=choice, label=None if choice else found[1].replace("_", " "))


def _of_columns(pairs: Iterable[Pair]) -> Iterator[ImportedDecision]:
    """Read the columns ASReview adds to a table."""
    pairs = list(pairs)
    person = next((value.strip() for tag, value, _line in pairs if tag == "asreview_user_name"), None) or None
    for pair in pairs:
        tag, value = pair[0], pair[1].strip().removesuffix(".0")
        if tag in _ASREVIEW_LABELS and value in _ASREVIEW_VALUES:
            yield _said(Tool.ASREVIEW, pair, person=person, decision=_ASREVIEW_VALUES[value])
        elif tag == "asreview_prior" and value == "1":
            yield _said(Tool.ASREVIEW, pair, label="prior")
        elif tag.startswith(_ASREVIEW_NOTES) and value:
            yield _said(Tool.ASREVIEW, pair, person=person, note=value)


def _of_eppi(pairs: Iterable[Pair]) -> Iterator[ImportedDecision]:
    """Read the column of EPPI-Reviewer's table that says which items are in; another word than I or E is a label."""
    for pair in pairs:
        if pair[0] == "Included" and (word := pair[1].strip()):
            choice = _EPPI_VALUES.get(word)
            yield _said(Tool.EPPI, pair, decision=choice, label=None if choice else word)


def _of_covidence(pairs: Iterable[Pair]) -> Iterator[ImportedDecision]:
    """Read Covidence's tags and notes; an exclusion reason in a note says that the study was excluded."""
    for pair in pairs:
        tag, value = pair[0], pair[1].strip()
        if tag == "Tags":
            yield from (_said(Tool.COVIDENCE, pair, label=one) for one in _listed(value, ";,"))
        elif tag in ("Notes", "N1") and value:
            yield from _covidence_note(pair, value)


def _covidence_note(pair: Pair, value: str) -> Iterator[ImportedDecision]:
    """Take a note of Covidence apart: reasons, and what is left."""
    for found in _COVIDENCE_REASON.finditer(value):
        yield _said(Tool.COVIDENCE, pair, decision=Choice.EXCLUDE, reason=found[1].strip())
    if rest := _COVIDENCE_REASON.sub("", value).strip(" ;\n"):
        yield _said(Tool.COVIDENCE, pair, note=rest)


def _said(tool: Tool, pair: Pair, **told: str | None) -> ImportedDecision:
    """Write down one thing with the place it stands at."""
    return ImportedDecision(tool, pair[0], pair[2], pair[1], **told)  # type: ignore[arg-type]


def _listed(told: str, marks: str) -> Iterator[str]:
    """Split a list, each entry once."""
    parts = (part.strip() for part in re.split(f"[{marks}]", told))
    yield from dict.fromkeys(part for part in parts if part)


def _plain(text: str) -> str:
    """Return a quoted word without the marks that guard its quotation marks."""
    return re.sub(r"\\(.)", r"\1", text)


LOG_HEADERS = frozenset(("article_id", "key", "value"))
"""What a log of Rayyan names its columns; beside them it has `user_email` or `user_id`, and `created_at`."""


def log_rows(data: bytes) -> list[tuple[int, Mapping[str, str]]]:
    """Read the table of Rayyan's log, each row with its line.

    Raises:
        Unreadable: it lacks the columns of such a log.
    """
    rows = list(tables.rows(Delivered.of(BytesIO(data)).each_line(), ","))
    headers = [cell.strip() for cell in rows[0].cells] if rows else []
    if not set(headers) >= LOG_HEADERS:
        missing = ", ".join(sorted(LOG_HEADERS - set(headers)))
        reason = _("This is no log of Rayyan: it has no column %(names)s.", names=missing)
        raise Unreadable(reason, _("Give the file customizations_log.csv from Rayyan's export."))
    return [(row.first, dict(zip(headers, row.cells, strict=False))) for row in rows[1:] if row.filled]


def of_log(rows: Iterable[tuple[int, Mapping[str, str]]]) -> dict[str, list[ImportedDecision]]:
    """Read Rayyan's log of customisations: what stands at the end, by the article's number.

    Args:
        rows: each row with its line in the file.

    A later row of the same person on the same key wins; `deleted` undoes.
    """
    latest: dict[tuple[str, str, str], tuple[int, Mapping[str, str]]] = {}
    for line, row in sorted(rows, key=lambda one: (one[1].get("created_at") or "", one[0])):
        person = (row.get("user_email") or row.get("user_name") or row.get("user_id") or "").strip()
        key = (row.get("key") or "").strip().strip('"')
        latest[(row.get("article_id") or "").strip(), person, key] = (line, row)
    found: dict[str, list[ImportedDecision]] = {}
    for (article, person, key), (line, row) in latest.items():
        if one := _of_entry(person or None, key, line, row):
            found.setdefault(article, []).append(one)
    return found


def _of_entry(person: str | None, key: str, line: int, row: Mapping[str, str]) -> ImportedDecision | None:
    """Read what one entry of the log leaves behind, if anything."""
    value = (row.get("value") or "").strip()
    pair = (key, ",".join(str(cell) for cell in row.values()), line)
    if key == "included":
        choice = _RAYYAN_VALUES.get(value)
        return _said(Tool.RAYYAN, pair, person=person, decision=choice) if choice else None
    if value != "1" or not key:
        return None
    if key.startswith(_REASON_KEY):
        return _said(Tool.RAYYAN, pair, person=person, reason=key.removeprefix(_REASON_KEY).strip())
    return _said(Tool.RAYYAN, pair, person=person, label=key)
