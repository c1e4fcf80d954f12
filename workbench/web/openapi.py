"""The OpenAPI document of the JSON API, made from its routes, and the page that tells of the API in plain words."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.metadata import version
from typing import Any, get_type_hints

from flask import Blueprint, Response, current_app, render_template
from werkzeug.routing import Rule

from workbench.web.access import public, signed_in
from workbench.web.api import PREFIX, Operation, Refused, as_json
from workbench.web.schemas import Schema, schema_of, schemas_of

bp = Blueprint("openapi", __name__)

REFUSALS = {
    "400": "The body is no JSON that could be read.",
    "401": "No token came along, or one that does not work.",
    "403": "The scope of the token, or the role of its person, does not allow this.",
    "404": "There is no such thing, or the person is no member of its review.",
    "409": "It contradicts what already stands.",
    "413": "The body is too large.",
    "422": "The body or the address is not as asked, or not complete.",
    "429": "Too many wrong tokens came from this address.",
}
_ARGUMENT = re.compile(r"<(?:(?P<kind>\w+)(?:\([^>]*\))?:)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Route:
    """One way to call the API."""

    method: str
    path: str
    summary: str
    more: str
    scope: str
    operation: Operation
    rule: Rule


@bp.get(f"{PREFIX}/openapi.json")
@public
def document() -> Response:
    """Give the OpenAPI document."""
    return as_json(openapi())


@bp.get("/api")
@signed_in
def page() -> str:
    """Tell in plain words what a program can do, and how it begins."""
    return render_template("api.html", routes=list(routes()), refusals=REFUSALS)


def openapi() -> Schema:
    """The document of this application's routes, in OpenAPI 3.1."""
    found = list(routes())
    taken = schemas_of([one.operation.takes for one in found if one.operation.takes], taken=True)
    given = schemas_of([Refused, *(one.operation.gives for one in found)])
    paths: dict[str, dict[str, Schema]] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _described(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Screening workbench",
            "version": version("screening-workbench"),
            "description": "Screen a systematic review from a program, with the rights of the person whose token it "
            "has. Whatever is hidden from that person is hidden from the program.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": given | taken,
            "responses": {code: _refusal(says) for code, says in REFUSALS.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A token of a person."}},
        },
    }


def routes() -> Iterator[Route]:
    """Every route of the API, in the order of its addresses."""
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(f"{PREFIX}/")]
    for rule in sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        view: Any = current_app.view_functions[rule.endpoint]
        if hasattr(view, "operation"):
            summary, _blank, more = (inspect.getdoc(view) or "").partition("\n")
            path = _ARGUMENT.sub(r"{\g<name>}", rule.rule.removeprefix(PREFIX))
            [method] = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield Route(method, path, summary.rstrip("."), " ".join(more.split()), view.scope, view.operation, rule)


def _described(route: Route) -> Schema:
    operation = route.operation
    told = {
        "operationId": route.rule.endpoint.replace(".", "_"),
        "summary": route.summary,
        "description": " ".join(part for part in (route.more, f"Takes a token of scope {route.scope}.") if part),
        "parameters": [*_in_path(route.rule), *_in_query(operation.asks)],
        "responses": {
            "200": {"description": route.summary, "content": _json(operation.gives)},
            **{code: {"$ref": f"#/components/responses/{code}"} for code in REFUSALS},
        },
    }
    return told | ({"requestBody": {"required": True, "content": _json(operation.takes)}} if operation.takes else {})


def _in_path(rule: Rule) -> Iterator[Schema]:
    for found in _ARGUMENT.finditer(rule.rule):
        choices = re.findall(r'"([\w-]+)"', found[0])
        schema: Schema = {"type": "integer"} if found["kind"] == "int" else {"type": "string"}
        schema |= {"enum": choices} if choices else {}
        yield {"name": found["name"], "in": "path", "required": True, "schema": schema}


def _in_query(kind: type | None) -> Iterator[Schema]:
    if kind is None:
        return
    hints = get_type_hints(kind, include_extras=True)
    for one in fields(kind):
        default = {} if one.default is MISSING else {"default": one.default}
        schema = schema_of(hints[one.name]) | default
        says = schema.pop("description", "")
        yield {"name": one.name, "in": "query", "required": False, "description": says, "schema": schema}


def _json(kind: type) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


@cache
def _refusal(says: str) -> Schema:
    return {"description": says, "content": _json(Refused)}
