"""JSON Schemas made from dataclasses: what the JSON API takes and gives is said once, in types.

`Annotated[int, "what it is"]` describes a field; a mapping beside it adds to the schema, such as `{"maxLength": 80}`.
"""

import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Any: {},
    object: {},
}


class NoSchema(TypeError):
    """A type that JSON does not know; the programmer's mistake."""


def schemas_of(kinds: Iterable[type], *, taken: bool = False) -> dict[str, Schema]:
    """The schemas of these dataclasses and of all that they hold, by name.

    What is given holds every field, always. What is taken may leave out what has a default, and holds nothing else.
    """
    found: dict[str, Schema] = {}
    for kind in kinds:
        _add(kind, found, taken=taken)
    return found


def schema_of(kind: Any, found: dict[str, Schema] | None = None, *, taken: bool = False) -> Schema:
    """The schema of any type; dataclasses are added to `found` and pointed at.

    >>> schema_of(int | None)
    {'type': ['integer', 'null']}
    """
    if get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        return _described(schema_of(inner, found, taken=taken), notes)
    if kind in PLAIN:
        return dict(PLAIN[kind])
    if is_dataclass(kind) and isinstance(kind, type):
        _add(kind, {} if found is None else found, taken=taken)
        return {"$ref": f"#/components/schemas/{kind.__name__}"}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [one.value for one in kind]}
    return _of_generic(kind, found, taken=taken)


def _of_generic(kind: Any, found: dict[str, Schema] | None, *, taken: bool) -> Schema:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return _either([schema_of(one, found, taken=taken) for one in inner])
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(inner[1], found, taken=taken)}
    if origin is not None and issubclass(origin, Sequence):
        return {"type": "array", "items": schema_of(inner[0], found, taken=taken)}
    raise NoSchema(repr(kind))


def _described(schema: Schema, notes: Iterable[Any]) -> Schema:
    for note in notes:
        schema = schema | ({"description": note} if isinstance(note, str) else dict(note))
    return schema


def _either(parts: list[Schema]) -> Schema:
    if all(set(part) == {"type"} for part in parts):
        return {"type": [part["type"] for part in parts]}
    return {"anyOf": parts}


def _add(kind: Any, found: dict[str, Schema], *, taken: bool) -> None:
    if kind.__name__ in found:
        return
    found[kind.__name__] = {}  # a name that points at itself ends here
    hints = get_type_hints(kind, include_extras=True)
    found[kind.__name__] = {
        "type": "object",
        "description": " ".join((kind.__doc__ or "").split()),
        "properties": {one.name: schema_of(hints[one.name], found, taken=taken) for one in fields(kind)},
        "required": [one.name for one in fields(kind) if not taken or _has_no_default(one)],
        **({"additionalProperties": False} if taken else {}),
    }


def _has_no_default(one: Any) -> bool:
    return one.default is MISSING and one.default_factory is MISSING
