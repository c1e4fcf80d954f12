"""What differs between two versions of a plan, in words: where, what stood there before, and what stands there now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.protocols.formats import Path, path_text
from workbench.protocols.rules.labels import choice_words, label, singular
from workbench.protocols.rules.versions import plan_part
from workbench.words import _


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: the words for its place, and before and after as they are read; None where nothing stood."""

    path: Path
    where: tuple[str, ...]
    before: str | None
    after: str | None

    @property
    def section(self) -> str:
        """The part of the protocol it belongs to."""
        return self.where[0]

    @property
    def what(self) -> str:
        """The place in words."""
        return ", ".join(self.where)

    @property
    def place(self) -> str:
        """The place as it is written in the file."""
        return path_text(self.path)

    def __str__(self) -> str:
        """Say it in one line: `Limits, Languages: en, da → en, da, no`."""
        return f"{self.what}: {self.before or _('nothing')} → {self.after or _('nothing')}"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Everything that differs between two plans; results of runs are no part of a plan.

    >>> old = {"steps": [], "limits": {"languages": ["en", "da"]}}
    >>> [str(one) for one in differences(old, {"steps": [], "limits": {"languages": ["en", "da", "no"]}})]
    ['Limits, Languages: en, da → en, da, no']
    """
    return list(_group(plan_part(before), plan_part(after), (), ()))


def changed_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """The parts of the plan, as the file names them, that differ."""
    return {str(change.path[0]) for change in differences(before, after)}


def _group(before: Mapping[str, Any], after: Mapping[str, Any], path: Path, where: tuple[str, ...]) -> Iterator[Change]:
    for key in dict.fromkeys([*before, *after]):
        here = (*path, key)
        yield from _value(before.get(key), after.get(key), here, (*where, label(here)))


def _value(before: Any, after: Any, path: Path, where: tuple[str, ...]) -> Iterator[Change]:
    if before == after:
        return
    if _is_group(before) and _is_group(after) and (before or after):
        yield from _group(before or {}, after or {}, path, where)
    elif _is_rows(before) and _is_rows(after):
        yield from _rows(before or [], after or [], path, where)
    elif (old := words(before, path)) != (new := words(after, path)):
        yield Change(path, where, old, new)


def _rows(before: Sequence[Any], after: Sequence[Any], path: Path, where: tuple[str, ...]) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        here = (*path, (after if now is not None else before).index(now if now is not None else was))
        if was is not None and now is not None:
            yield from _value(was, now, here, (*where, title(now)))
        else:
            yield Change(here, (*where, singular(path)), summary(was, path), summary(now, path))
    kept = [name for name in old if name in new]
    if kept != [name for name in new if name in old]:
        order = ", ".join(title(old[name]) for name in kept)
        yield Change(path, (*where, _("order")), order, ", ".join(title(new[name]) for name in new if name in old))


def _by_name(rows: Sequence[Any]) -> dict[str, Any]:
    """Rows by what they are known by; those without a name by their place."""
    found: dict[str, Any] = {}
    for place, row in enumerate(rows):
        name = next((str(row[key]) for key in ("id", "n", "name", "title", "date") if row.get(key) is not None), "")
        found[name if name and name not in found else f"#{place}"] = row
    return found


def title(row: Mapping[str, Any]) -> str:
    """What a row is called, in few words."""
    text = next((str(row[key]) for key in ("name", "label", "title", "id", "n", "text", "query") if row.get(key)), "")
    return text if len(text) <= 60 else text[:59] + "…"


def summary(row: Mapping[str, Any] | None, path: Path) -> str | None:
    """A whole row in words, as it is told when it comes or goes."""
    if row is None:
        return None
    told = {key: value for key, value in row.items() if key != "id" or len(row) == 1}
    return "; ".join(
        f"{label((*path, key))}: {said}" for key, value in told.items() if (said := words(value, (*path, key)))
    )


def words(value: Any, path: Path) -> str | None:
    """A value as it is read; None for nothing."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, list):
        each = (title(one) if isinstance(one, dict) else choice_words(path, one) for one in value)
        return ", ".join(each)
    if isinstance(value, dict):
        return "; ".join(f"{label((*path, key))}: {words(one, (*path, key)) or '–'}" for key, one in value.items())
    return choice_words(path, value)


def _is_group(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_rows(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, dict) for each in value))
