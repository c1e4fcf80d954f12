"""A part of the protocol as a form: the fields that its contract asks for, what stands in them, and what does not hold.

The form follows the JSON Schema, so whatever can be written in the file can be written here. Nothing here draws a page.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workbench.protocols.formats import Path, Problem, contract, path_text
from workbench.protocols.rules.labels import LONG_KEYS, choice_words, hint, label, singular

Schema = Mapping[str, Any]

OUT_OF_SIGHT = frozenset({"imports", "difference", "evidence"})
"""What the house itself knows of a run: it is written into the file on export, never typed."""


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    LONG = "long"
    LINES = "lines"
    CHOICE = "choice"
    SEVERAL = "several"
    NUMBER = "number"
    PAIRS = "pairs"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One value to write or to choose."""

    name: str
    key: str
    label: str
    hint: str
    kind: Kind
    value: str
    choices: tuple[Choice, ...]
    is_required: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Several parts that belong together, such as one question; `number` is its place in a list, from 1."""

    name: str
    key: str
    label: str
    parts: "tuple[Field | Group | Rows, ...]"
    problems: tuple[Problem, ...]
    number: int = 0

    @property
    def is_filled(self) -> bool:
        """Whether anything stands in its own fields."""
        return any(isinstance(part, Field) and part.value for part in self.parts)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of groups that can grow, shrink and be put in another order."""

    name: str
    key: str
    label: str
    hint: str
    singular: str
    rows: tuple[Group, ...]
    problems: tuple[Problem, ...]


Part = Field | Group | Rows


def resolved(schema: Schema) -> Schema:
    """The schema with what it refers to written out."""
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rsplit("/", 1)[-1]
    found: Schema = {**contract()["$defs"][name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return found


def schema_at(path: Path) -> Schema:
    """What the contract asks for at this place.

    Raises:
        KeyError: there is no such place in any protocol.
    """
    schema = resolved(contract())
    for part in path:
        schema = resolved(schema["items"] if isinstance(part, int) else schema["properties"][part])
    return schema


def is_rows(schema: Schema) -> bool:
    """Whether this is a list of groups, as against a list of texts."""
    return "array" in _types(schema) and "properties" in resolved(schema.get("items", {}))


def value_at(document: Any, path: Path) -> Any:
    """What stands at this place; None where nothing does."""
    for part in path:
        if isinstance(part, int):
            document = document[part] if isinstance(document, list) and part < len(document) else None
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return document


def kind_of(schema: Schema, path: Path, shown: str = "") -> Kind:
    """How a value that is no group and no list of groups is written."""
    types, key = _types(schema), str(path[-1])
    if "array" in types:
        named = key == "questions" or "enum" in resolved(schema.get("items", {}))
        return Kind.SEVERAL if named else Kind.LINES
    if "enum" in schema or types == ["boolean"] or key == "criterion":
        return Kind.CHOICE
    if "additionalProperties" in schema:
        return Kind.PAIRS
    if {"integer", "number"} & set(types) and "string" not in types:
        return Kind.NUMBER
    return Kind.LONG if key in LONG_KEYS or not types or "\n" in shown else Kind.TEXT


def shown(value: Any) -> str:
    r"""A value as it stands in its field.

    >>> shown(["en", "da"]), shown({"guideline": "agree2"}), shown(None), shown(True)
    ('en\nda', 'guideline: agree2', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in value)
    if isinstance(value, dict):
        return "\n".join(f"{key}: {shown(each)}" for key, each in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def form_of(
    document: Mapping[str, Any],
    path: Path,
    only: Sequence[str] = (),
    hidden: Sequence[str] = (),
    told: Sequence[Problem] = (),
) -> Group:
    """The form of the group at this place: of these keys, or of all but the hidden ones.

    Args:
        document: the whole protocol; other parts of it are offered as choices.
        path: where the group stands.
        only: the keys that the form is about; empty for all.
        hidden: keys that are written elsewhere.
        told: what does not hold in the protocol; each problem is put beside its field.
    """
    return _Builder(document, told, frozenset(hidden) | OUT_OF_SIGHT).group(
        schema_at(path), value_at(document, path), path, tuple(only)
    )


class _Builder:
    """Walks contract and document side by side."""

    def __init__(self, document: Mapping[str, Any], told: Sequence[Problem], hidden: frozenset[str]) -> None:
        self.document, self.told, self.hidden = document, told, hidden

    def group(self, schema: Schema, value: Any, path: Path, only: tuple[str, ...] = (), number: int = 0) -> Group:
        required, inside = schema.get("required", ()), value if isinstance(value, dict) else {}
        parts = tuple(
            self.part(resolved(each), inside.get(key), (*path, key), is_required=key in required)
            for key, each in schema["properties"].items()
            if (key in only if only else not {key, f"{_key(path)}.{key}"} & self.hidden)
        )
        return Group(path_text(path), _key(path), label(path), parts, self.problems(path), number)

    def part(self, schema: Schema, value: Any, path: Path, *, is_required: bool) -> Part:
        if is_rows(schema):
            return self.rows(schema, value, path)
        if "properties" in schema:
            return self.group(schema, value, path)
        return self.field(schema, value, path, is_required=is_required)

    def rows(self, schema: Schema, value: Any, path: Path) -> Rows:
        inside = value if isinstance(value, list) else []
        item = resolved(schema["items"])
        rows = tuple(self.group(item, each, (*path, place), number=place + 1) for place, each in enumerate(inside))
        return Rows(path_text(path), _key(path), label(path), hint(path), singular(path), rows, self.problems(path))

    def field(self, schema: Schema, value: Any, path: Path, *, is_required: bool) -> Field:
        text = shown(value)
        kind = kind_of(schema, path, text)
        return Field(
            name=path_text(path),
            key=_key(path),
            label=label(path),
            hint=hint(path),
            kind=kind,
            value=text,
            choices=tuple(self.choices(schema, value, path, kind)),
            is_required=is_required,
            problems=self.problems(path, inside=True),
        )

    def problems(self, path: Path, *, inside: bool = False) -> tuple[Problem, ...]:
        name = path_text(path)
        return tuple(
            one for one in self.told if one.path == name or (inside and one.path.startswith((f"{name}[", f"{name}.")))
        )

    def choices(self, schema: Schema, value: Any, path: Path, kind: Kind) -> Iterator[Choice]:
        if kind not in {Kind.CHOICE, Kind.SEVERAL}:
            return
        chosen = [shown(each) for each in value] if isinstance(value, list) else [shown(value)]
        offered = dict(self.offered(schema, path))
        if kind is Kind.CHOICE:
            yield Choice("", "–", value is None)
        for text in [*offered, *(each for each in chosen if each and each not in offered)]:
            yield Choice(text, offered.get(text, text), text in chosen)

    def offered(self, schema: Schema, path: Path) -> Iterator[tuple[str, str]]:
        """What can be chosen, each with its words: what the contract names, or what the protocol itself holds."""
        if path[-1] == "criterion":
            criteria = self.document.get("eligibility") or {}
            yield from _named([*criteria.get("include", []), *criteria.get("exclude", [])])
        elif path[-1] == "questions":
            yield from _named(self.document.get("questions") or [])
        else:
            boolean = [True, False] if _types(schema) == ["boolean"] else []
            for each in schema.get("enum") or resolved(schema.get("items", {})).get("enum") or boolean:
                yield shown(each), choice_words(path, each)


def _named(items: Sequence[Any]) -> Iterator[tuple[str, str]]:
    for each in items:
        if isinstance(each, dict) and each.get("id"):
            text = str(each.get("text") or "")
            yield (
                str(each["id"]),
                f"{each['id']}: {text[:80]}{'…' if len(text) > 80 else ''}" if text else str(each["id"]),
            )


def _types(schema: Schema) -> list[str]:
    given = schema.get("type", [])
    return [given] if isinstance(given, str) else list(given)


def _key(path: Path) -> str:
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else ""
