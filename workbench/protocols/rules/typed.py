"""What was typed into a form, put back into the document: what was not touched stays as it was, to the letter."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.protocols.formats import Path, path_text
from workbench.protocols.rules.form import (
    OUT_OF_SIGHT,
    Kind,
    Schema,
    is_rows,
    kind_of,
    resolved,
    schema_at,
    shown,
    value_at,
)

Form = Mapping[str, Sequence[str]]
"""Names of fields with everything that was sent under each."""

ABSENT: Any = object()
"""A key that is left out."""

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,12}\.[0-9]{1,12}")


def read_form(
    form: Form, document: Mapping[str, Any], path: Path, only: Sequence[str] = (), hidden: Sequence[str] = ()
) -> Any:
    """The group at this place with what the form says; keys that the form is not about are kept."""
    old = value_at(document, path)
    return _Reader(form, frozenset(hidden) | OUT_OF_SIGHT).group(schema_at(path), old, path, tuple(only))


def put(document: Mapping[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """The document with this value at this place; the one given stays as it was."""
    if not path:
        return dict(value)
    key, rest = path[0], path[1:]
    inside: Any = document.get(str(key))
    if rest and isinstance(rest[0], int):
        items = list(inside or [])
        items[rest[0]] = put(items[rest[0]], rest[1:], value) if rest[1:] else value
        return {**document, str(key): items}
    return {**document, str(key): put(inside or {}, rest, value) if rest else value}


class _Reader:
    """Walks contract, form and the earlier document side by side."""

    def __init__(self, form: Form, hidden: frozenset[str]) -> None:
        self.form, self.hidden = form, hidden

    def group(self, schema: Schema, old: Any, path: Path, only: tuple[str, ...] = ()) -> dict[str, Any]:
        earlier = old if isinstance(old, dict) else {}
        found: dict[str, Any] = {}
        for key, each in schema["properties"].items():
            is_asked = key in only if only else key not in self.hidden
            before = earlier.get(key, ABSENT)
            value = self.part(resolved(each), before, (*path, key)) if is_asked else before
            if value is not ABSENT:
                found[key] = value
        return found | {key: value for key, value in earlier.items() if key not in schema["properties"]}

    def part(self, schema: Schema, old: Any, path: Path) -> Any:
        if is_rows(schema):
            return self.rows(schema, old, path)
        if "properties" in schema:
            found = self.group(schema, old, path)
            return found if found or old == {} else ABSENT
        return self.field(schema, old, path)

    def rows(self, schema: Schema, old: Any, path: Path) -> Any:
        """The rows in the order sent; the sign beside each says which of the earlier rows it is."""
        sent = self.form.get(path_text(path) + "@")
        if sent is None:
            return old
        earlier, item = (old if isinstance(old, list) else []), resolved(schema["items"])
        places = [int(place) for place in sent if place.isdecimal() and int(place) < len(earlier)]
        found = [self.group(item, earlier[place], (*path, place)) for place in dict.fromkeys(places)]
        return found or _left(old)

    def field(self, schema: Schema, old: Any, path: Path) -> Any:
        name, before = path_text(path), None if old is ABSENT else old
        kind = kind_of(schema, path, shown(before))
        sent = self.form.get(f"{name}@" if kind is Kind.SEVERAL else name)
        if sent is None:
            return old
        if kind is Kind.SEVERAL:
            return _several(self.form.get(name, ()), old)
        text = _UNSEEN.sub("", "\n".join(sent[-1].splitlines()))
        if text.strip() == shown(before).strip():
            return old
        return _value(schema, kind, text.strip()) if text.strip() else (None if old is None else ABSENT)


def _left(old: Any) -> Any:
    """What an empty list becomes: as before an empty list, null, or no key at all."""
    return [] if old == [] else None if old is None else ABSENT


def _several(sent: Sequence[str], old: Any) -> Any:
    chosen = [each for each in sent if each]
    if isinstance(old, list) and [shown(each) for each in old if each] == chosen:
        return old
    if isinstance(old, list) and sorted(map(shown, old)) == sorted(chosen):
        return old
    return chosen or ABSENT


def _value(schema: Schema, kind: Kind, text: str) -> Any:
    if kind is Kind.LINES:
        return [line.strip() for line in text.split("\n") if line.strip()]
    if kind is Kind.PAIRS:
        return _pairs(schema, text)
    if kind is Kind.CHOICE:
        return _chosen(schema, text)
    types = schema.get("type", "string")
    if "integer" in types or "number" in types:
        return number_in(text)
    return text


def _chosen(schema: Schema, text: str) -> Any:
    choices = schema.get("enum") or ([True, False] if schema.get("type") == "boolean" else [])
    return next((each for each in choices if shown(each) == text), text)


def _pairs(schema: Schema, text: str) -> dict[str, Any]:
    asked = schema["additionalProperties"].get("type")
    pairs = (line.partition(":") for line in text.split("\n") if line.strip())
    return {
        key.strip(): number_in(value.strip()) if asked == "number" else value.strip() for key, _colon, value in pairs
    }


def number_in(text: str) -> int | float | str:
    """The number that was typed, or the text itself where it is none: the check then says what is wrong.

    >>> number_in("12"), number_in("2.5"), number_in("some")
    (12, 2.5, 'some')
    """
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
