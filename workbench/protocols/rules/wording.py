"""What the schema found, said to a librarian: what is wrong, and what to write instead."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from workbench.protocols.formats import MOST_TOLD, Path, Problem, Violation, Written, path_text, violations
from workbench.protocols.rules.languages import meant_language
from workbench.words import _

Said = tuple[str, str]
"""A message and its remedy."""


def schema_problems(written: Written) -> Iterator[Problem]:
    """Say every rule of the schema that the document breaks."""
    found = violations(written.document)
    typed_wrong = {at for violation in found for at in _meant_keys(violation)}
    for violation in found:
        if violation.rule == "additionalProperties":
            yield from _unknown_keys(violation, written)
        elif violation.rule == "required":
            yield from _missing_keys(violation, written, typed_wrong)
        else:
            message, remedy = _SAY.get(violation.rule, _otherwise)(violation, written)
            yield Problem(written.line(violation.path), path_text(violation.path), message, remedy)


def quoted_list(choices: Iterable[object]) -> str:
    """Name the choices in the order given."""
    return ", ".join(str(choice) for choice in choices)


def nearest(word: str, choices: Iterable[object]) -> str | None:
    """The choice a person most likely meant, spaces and case aside; None where nothing is near."""
    plain = {_bare(str(choice)): str(choice) for choice in choices}
    near = difflib.get_close_matches(_bare(word[:100]), plain, n=1, cutoff=0.6)
    return plain[near[0]] if near else None


def _bare(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")


def did_you_mean(word: str, choices: Sequence[object]) -> str:
    """Offer the nearest choice, or else all of them."""
    near = nearest(word, choices)
    if near is not None:
        return _("Did you mean “%(near)s”?", near=near)
    return _("Choose one of: %(choices)s.", choices=quoted_list(choices)) if choices else _("Delete it.")


def _extra_keys(violation: Violation) -> list[str]:
    known = violation.schema.get("properties", {})
    return [key for key in violation.found if key not in known][:MOST_TOLD]


def _free_keys(violation: Violation) -> list[str]:
    return [key for key in violation.schema.get("properties", {}) if key not in violation.found]


def _meant_keys(violation: Violation) -> Iterator[Path]:
    """Places of keys that are there under a slip of the pen, so that they need not be called missing too."""
    if violation.rule == "additionalProperties":
        for key in _extra_keys(violation):
            if near := nearest(key, _free_keys(violation)):
                yield (*violation.path, near)


def _unknown_keys(violation: Violation, written: Written) -> Iterator[Problem]:
    for key in _extra_keys(violation):
        path = (*violation.path, key)
        message = _("“%(key)s” is not a key that is known here.", key=key)
        yield Problem(written.line(path), path_text(path), message, did_you_mean(key, _free_keys(violation)))


def _missing_keys(violation: Violation, written: Written, typed_wrong: set[Path]) -> Iterator[Problem]:
    for key in violation.asked:
        path = (*violation.path, key)
        if key not in violation.found and path not in typed_wrong:
            example = _described(violation.schema.get("properties", {}).get(key, {}))
            remedy = " ".join(part for part in (_("Add a line “%(key)s: …”.", key=key), example) if part)
            yield Problem(written.line(path), path_text(path), _("“%(key)s” is missing.", key=key), remedy)


def _described(schema: Mapping[str, Any]) -> str:
    return _(schema["description"]) if "description" in schema else ""


def _wrong_kind(violation: Violation, written: Written) -> Said:
    kinds = [violation.asked] if isinstance(violation.asked, str) else list(violation.asked)
    found, key = violation.found, str(_key(violation.path))
    if found is None:
        return _("“%(key)s” has no value.", key=key), _no_value_remedy()
    if "string" in kinds and isinstance(found, (bool, int, float)):
        return _without_quotes(violation, written)
    if "integer" in kinds and isinstance(found, str):
        message = _("“%(given)s” is not a whole number.", given=_short(found))
        return message, _("Write the digits alone, without quotes, commas or words.")
    if "array" in kinds:
        return _("“%(key)s” must be a list.", key=key), _list_remedy(key, found)
    names = _(" or ").join(_kind_name(kind) for kind in kinds)
    message = _("“%(key)s” must be %(wanted)s, not %(found)s.", key=key, wanted=names, found=_kind_of(found))
    return message, _("Compare with a shipped protocol; a text that holds a colon stands in quotes.")


def _no_value_remedy() -> str:
    return _("Fill it in, or delete the line; a text that begins with # stands in quotes.")


def _without_quotes(violation: Violation, written: Written) -> Said:
    """A year, a number or true where a text is asked for."""
    place = written.places.get(violation.path)
    text = place.written if place and place.written else str(violation.found)
    in_list = isinstance(violation.path[-1], int) if violation.path else False
    shown = f'"{text}"' if in_list else f'{_key(violation.path)}: "{text}"'
    is_year = violation.schema.get("title") == "date" and len(text) == 4
    message = (
        _("The year %(given)s stands without quotes.", given=text)
        if is_year
        else _("%(given)s stands without quotes, but a text is asked for here.", given=text)
    )
    return message, _("Put it in quotes: %(shown)s", shown=shown)


def _list_remedy(key: str, found: object) -> str:
    if isinstance(found, (str, int, float)):
        return _("Put it in square brackets: %(key)s: [%(value)s]", key=key, value=_short(str(found)))
    return _("Begin every entry with a hyphen.")


def _key(path: Path) -> str | int:
    names = [part for part in path if isinstance(part, str)]
    return names[-1] if names else _("the file")


def _kind_name(kind: str) -> str:
    names = {
        "string": _("a text"),
        "integer": _("a whole number"),
        "number": _("a number"),
        "boolean": _("true or false"),
        "array": _("a list"),
        "object": _("a group of keys"),
        "null": _("null"),
    }
    return names[kind]


def _kind_of(value: object) -> str:
    kinds = {bool: "boolean", str: "string", int: "integer", float: "number", list: "array", dict: "object"}
    return _kind_name(kinds.get(type(value), "null"))


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _wrong_choice(violation: Violation, _written: Written) -> Said:
    if violation.found is None:
        return _("“%(key)s” has no value.", key=_key(violation.path)), _choices(violation.asked)
    message = _("“%(given)s” is not one of the choices.", given=_short(_as_typed(violation.found)))
    if violation.found in [str(choice) for choice in violation.asked if isinstance(choice, int)]:
        return message, _("Write it without quotes: %(key)s: %(n)s", key=_key(violation.path), n=violation.found)
    near = nearest(violation.found, violation.asked) if isinstance(violation.found, str) else None
    guess = _("Did you mean “%(near)s”?", near=near) if near else ""
    return message, " ".join(part for part in (guess, _choices(violation.asked)) if part)


def _choices(choices: Sequence[object]) -> str:
    return _("Choose one of: %(choices)s.", choices=quoted_list(choices))


def _as_typed(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _wrong_constant(violation: Violation, _written: Written) -> Said:
    message = _("“%(given)s” is not a form of protocol that is known.", given=_short(str(violation.found)))
    return message, _described(violation.schema)


def _wrong_form(violation: Violation, _written: Written) -> Said:
    title = violation.schema.get("title", "text")
    if title == "text":
        return _("The text is empty."), _described(violation.schema)
    message = _("“%(given)s” is not a %(what)s.", given=_short(violation.found), what=_(title))
    near = meant_language(violation.found) if title == "language" else None
    guess = _("Did you mean “%(near)s”?", near=near) if near else ""
    return message, " ".join(part for part in (guess, _described(violation.schema)) if part)


def _too_few(violation: Violation, _written: Written) -> Said:
    return _("“%(key)s” is an empty list.", key=_key(violation.path)), _("Give at least one entry.")


def _out_of_range(violation: Violation, _written: Written) -> Said:
    message = _("%(n)s is out of range.", n=violation.found)
    schema = violation.schema
    if "description" in schema:
        return message, _described(schema)
    return message, _("Write a number of at least %(least)s.", least=schema.get("minimum", 0))


def _otherwise(violation: Violation, _written: Written) -> Said:
    message = _("“%(key)s” does not hold (%(rule)s).", key=_key(violation.path), rule=violation.rule)
    return message, _described(violation.schema) or _("Compare with a shipped protocol.")


_SAY: dict[str, Callable[[Violation, Written], Said]] = {
    "type": _wrong_kind,
    "enum": _wrong_choice,
    "const": _wrong_constant,
    "pattern": _wrong_form,
    "minItems": _too_few,
    "minimum": _out_of_range,
    "maximum": _out_of_range,
    "exclusiveMinimum": _out_of_range,
}
