"""What every route of the JSON API shares: what it takes and gives as dataclasses, and how both are read and written.

A route says with `@answers(Given, takes=Body, asks=Query)` what goes in and out; the OpenAPI document is made of that.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, get_args, get_type_hints

from flask import Response, request

from workbench.errors import Invalid
from workbench.web.schemas import schemas_of
from workbench.words import _

PREFIX = "/api/v1"
LARGEST_BODY = 256 * 1024
"""The most bytes one request may send; the longest vote with its notes and tags takes a tenth of it."""
LONGEST_COMPLAINT = 300
LARGEST_NUMBER = 2**53

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""The one character that PostgreSQL keeps in no text, as JSON writes it."""

Kind = TypeVar("Kind")
View = TypeVar("View", bound=Callable[..., Any])
Params = ParamSpec("Params")


class BodyNotJson(Invalid):
    """The body of a request is one JSON object, as text in UTF-8."""

    hint = "Send “Content-Type: application/json” and check the body with a JSON checker. Nothing was changed."


class BodyTooLarge(Invalid):
    """The body of one request has at most 256 KiB."""

    hint = "Send one vote or one answer with each request. Nothing was changed."


class BodyNotAsAsked(Invalid):
    """A body holds what its route asks for, by the names and kinds of the OpenAPI document."""

    hint = "The document at /api/v1/openapi.json says what this address takes. Nothing was changed."


class QueryNotAsAsked(Invalid):
    """What stands behind the ? of an address is of the kinds that the OpenAPI document names."""

    hint = "The document at /api/v1/openapi.json says what may stand there."


@dataclass(frozen=True)
class Operation:
    """What one route takes and gives."""

    gives: type | None
    takes: type | None
    asks: type | None
    hands_out: str = ""
    """The kind of file that it gives instead of JSON."""
    sends: str = ""
    """The kind of file that it takes instead of JSON."""


@dataclass(frozen=True)
class Refused:
    """What every answer says that is no success: the kind of error as one word, what happened, and what to do."""

    error: str
    message: str
    hint: str


def answers(
    gives: type[Kind], *, takes: type | None = None, asks: type | None = None, sends: str = ""
) -> Callable[[Callable[Params, Kind]], Callable[Params, Response]]:
    """Say what a route gives (a dataclass, which becomes JSON), and what it takes as its body and after the `?`.

    What it `sends` is the kind of file that is its body instead of JSON.
    """

    def dress(view: Callable[Params, Kind]) -> Callable[Params, Response]:
        @wraps(view)
        def dressed(*args: Params.args, **values: Params.kwargs) -> Response:
            return as_json(view(*args, **values))

        dressed.operation = Operation(gives, takes, asks, sends=sends)  # type: ignore[attr-defined]
        return dressed

    return dress


def hands_out(kind: str, *, asks: type | None = None) -> Callable[[View], View]:
    """Say what kind of file a route gives, such as text/csv, and what it takes after the `?`."""

    def mark(view: View) -> View:
        view.operation = Operation(None, None, asks, hands_out=kind)  # type: ignore[attr-defined]
        return view

    return mark


def as_json(value: object, status: int = 200) -> Response:
    """A value as an answer in JSON, its fields in their own order."""
    text = json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


def plain(value: Any) -> Any:
    """A value as JSON knows it: dataclasses as objects, words of the field as text, moments in ISO 8601.

    >>> plain(Refused("no-token", "No.", ""))
    {'error': 'no-token', 'message': 'No.', 'hint': ''}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def body(kind: type[Kind]) -> Kind:
    """What was sent, as the kind the route takes.

    Raises:
        BodyTooLarge, BodyNotJson: it cannot be read.
        BodyNotAsAsked: a part is missing, of the wrong kind, or not known.
    """
    sent = _read()
    checker = _checker(kind)  # type: ignore[arg-type]  # mypy holds that types have no hash
    wrong = min(checker.iter_errors(sent), key=lambda error: [str(part) for part in error.path], default=None)
    if wrong is not None:
        place = ".".join(str(part) for part in wrong.path)
        what = f"{place}: {wrong.message}" if place else wrong.message
        raise BodyNotAsAsked(_("The body is not as asked: %(what)s", what=what[:LONGEST_COMPLAINT]))
    hints = get_type_hints(kind)
    return kind(**{name: _built(hints[name], value) for name, value in sent.items()})


def _built(hint: Any, value: Any) -> Any:
    """A value that fits its schema, as its type: a word of the field, or several in a tuple."""
    if isinstance(value, list):
        return tuple(value)
    words = next((one for one in (hint, *get_args(hint)) if isinstance(one, type) and issubclass(one, Enum)), None)
    return words(value) if words and value is not None else value


def asked(kind: type[Kind]) -> Kind:
    """What stands after the ? of the address, as the kind the route asks for; what is not there has its default."""
    given = {name: request.args[name] for name in request.args if name in get_type_hints(kind)}
    return kind(**{name: _number(name, text) if _is_number(kind, name) else text for name, text in given.items()})


def _is_number(kind: type, name: str) -> bool:
    return get_type_hints(kind)[name] is int


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_NUMBER:
        raise QueryNotAsAsked(_("“%(name)s” is a whole number.", name=name))
    return int(text)


def _read() -> Any:
    if (request.content_length or 0) > LARGEST_BODY or len(request.get_data()) > LARGEST_BODY:
        raise BodyTooLarge(_("This body is larger than 256 KiB."))
    try:
        sent = json.loads(request.get_data().decode("utf-8"))
        text = json.dumps(sent, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (ValueError, RecursionError):
        raise BodyNotJson(_("The body is no JSON that could be read.")) from None
    if not isinstance(sent, dict) or _NUL.search(text):
        raise BodyNotJson(_("The body is not one JSON object, or holds a character that cannot be kept."))
    return sent


@cache
def _checker(kind: Any) -> Any:
    from jsonschema import Draft202012Validator

    schemas = schemas_of([kind], taken=True)
    return Draft202012Validator({"$ref": f"#/components/schemas/{kind.__name__}", "components": {"schemas": schemas}})
