"""The OpenAPI document of the JSON API, made from its routes, and the page that tells of the API in plain words."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from importlib.metadata import version
from typing import Any, get_type_hints

from flask import Blueprint, Response, current_app, render_template, request
from werkzeug.routing import Rule

from workbench.web.access import public, signed_in
from workbench.web.api import PREFIX, Operation, Refused, as_json
from workbench.web.schemas import Schema, schema_of, schemas_of
from workbench.words import _

bp = Blueprint("openapi", __name__)

REFUSED = (
    '{"error": "already-handed-in", "message": "Your vote on record 17 is handed in.",\n'
    ' "hint": "Say it in the discussion of the record."}'
)
VOTE = '{"record": 17, "decision": "exclude", "key": "run-1-record-17"}'
HEADER = '-H "Authorization: Bearer $WORKBENCH_TOKEN"'
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
    base = request.host_url.rstrip("/") + PREFIX
    return render_template(
        "api.html",
        base=base,
        routes=list(routes()),
        refusals=refusals(),
        examples=list(_examples(base)),
        refused=REFUSED,
    )


def refusals() -> dict[str, str]:
    """Each status that is no success, and when it comes."""
    return {
        "400": _("The body is no JSON that could be read."),
        "401": _("No token came along, or one that does not work."),
        "403": _("The scope of the token, or the role of its person, does not allow this."),
        "404": _("There is no such thing, or the person is no member of its review."),
        "409": _("It contradicts what already stands."),
        "413": _("The body is too large."),
        "422": _("The body or the address is not as asked, or not complete."),
        "429": _("Too many wrong tokens came from this address."),
    }


def _examples(base: str) -> Iterator[tuple[str, str]]:
    """What a reviewer does first, in words and as a command line."""
    stage = f"{base}/reviews/SLUG/stages/title-abstract"
    yield _("Which reviews are mine?"), f"curl {HEADER} {base}/reviews"
    yield (
        _("The next five records of a stage, with what the stage shows of them:"),
        f"curl {HEADER} --json '{{\"limit\": 5}}' \\\n  {stage}/queue",
    )
    yield (
        _("One vote. Its key is yours to choose: the same key twice is one vote, so what got lost is just sent again."),
        f"curl {HEADER} \\\n  --json '{VOTE}' \\\n  {stage}/votes",
    )
    yield _("Hand in all votes in hand; they are final then:"), f"curl -X POST {HEADER} \\\n  {stage}/finish"


def openapi() -> Schema:
    """The document of this application's routes, in OpenAPI 3.1."""
    found = list(routes())
    taken = schemas_of([one.operation.takes for one in found if one.operation.takes], taken=True)
    given = schemas_of([Refused, *(one.operation.gives for one in found if one.operation.gives)])
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
            "responses": {code: _refusal(says) for code, says in refusals().items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "A token of a person."}},
        },
    }


def routes() -> Iterator[Route]:
    """Every route of the API, in the order of its addresses."""
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(f"{PREFIX}/")]
    for rule in sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ()))):
        view: Any = current_app.view_functions[rule.endpoint]
        if hasattr(view, "operation"):
            summary, _line, more = (inspect.getdoc(view) or "").partition("\n")
            path = _ARGUMENT.sub(r"{\g<name>}", rule.rule.removeprefix(PREFIX))
            [method] = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield Route(method, path, summary, " ".join(more.split()), view.scope, view.operation, rule)


def _described(route: Route) -> Schema:
    operation = route.operation
    told = {
        "operationId": route.rule.endpoint.replace(".", "_"),
        "summary": route.summary,
        "description": " ".join(part for part in (route.more, f"Takes a token of scope {route.scope}.") if part),
        "parameters": [*_in_path(route.rule), *_in_query(operation.asks)],
        "responses": {
            "200": {"description": route.summary, "content": _content(operation.gives, operation.hands_out)},
            **{code: {"$ref": f"#/components/responses/{code}"} for code in refusals()},
        },
    }
    if operation.takes or operation.sends:
        told["requestBody"] = {"required": True, "content": _content(operation.takes, operation.sends)}
    return told


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


def _content(kind: type | None, file: str) -> Schema:
    """A JSON object, or a file of a kind."""
    return _json(kind) if kind else {file: {"schema": {"type": "string", "format": "binary"}}}


def _json(kind: type) -> Schema:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _refusal(says: str) -> Schema:
    return {"description": says, "content": _json(Refused)}
