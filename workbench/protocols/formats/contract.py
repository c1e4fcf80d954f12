"""The JSON Schema of a protocol, shipped beside this file: the contract of what may be written."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from workbench.protocols.formats.problem import Path

MOST_TOLD = 200
"""More problems than a person reads at a sitting; a hostile file must not hold the house up."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of the schema that a value breaks: where, which rule, what it asks, what is there."""

    path: Path
    rule: str
    asked: Any
    found: Any
    schema: Mapping[str, Any]


@cache
def contract() -> Mapping[str, Any]:
    """The JSON Schema itself."""
    text = resources.files(__package__).joinpath("search_protocol.schema.json").read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Any:
    validator: Any = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return validator(contract())


def _pattern(_validator: Any, pattern: str, found: object, _schema: object) -> Iterator[ValidationError]:
    """Match as JSON Schema means it: $ is the very end of the text, a digit is 0 to 9; Python differs in both."""
    if isinstance(found, str) and not re.search(re.sub(r"\$$", r"\\Z", pattern), found, re.ASCII):
        yield ValidationError(pattern)


def violations(document: object) -> Sequence[Violation]:
    """The rules of the schema that the document breaks, each once per place; the first MOST_TOLD of them."""
    found: dict[tuple[Path, str], Violation] = {}
    for error in islice(_validator().iter_errors(document), MOST_TOLD):
        path, rule = tuple(error.absolute_path), str(error.validator)
        violation = Violation(path, rule, error.validator_value, error.instance, error.schema)
        found.setdefault((path, rule), violation)
    return list(found.values())
