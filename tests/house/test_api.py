"""The OpenAPI document holds every route of the API, and every answer is as the document says."""

import re

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from tests import worlds
from tests.house.test_interference import HIDDEN, SAYS_IN
from tests.worlds import Scene
from workbench.app import database_of
from workbench.db import now

ANSWERED = Scene(first_votes=True, second_votes=True, is_handed_in=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory, sqlite_template):
    """A review with open and unopened records, conflicts, a waiting pair and a finished job."""
    from workbench.jobs.models import Job
    from workbench.screening.rules import Decision

    folder = tmp_path_factory.mktemp("api") / "world"
    differs = worlds.Saying(Decision.EXCLUDE, 1, "out", "drop", "pico2")
    script = [*((scene, SAYS_IN) for scene in HIDDEN), (ANSWERED, differs), (ANSWERED, SAYS_IN)]
    made = worlds.a_world(folder, sqlite_template, script, script)
    with database_of(made.app).write.begin() as session:
        session.add(
            Job(kind="records:import", payload={"import_id": 1}, review_id=1, created_at=now(), finished_at=now())
        )
    return made


@pytest.fixture(scope="module")
def document(world):
    return world.app.test_client().get("/api/v1/openapi.json").json


def test_the_document_is_whole_by_the_rules_of_openapi(document):
    validate(document)

    assert document["openapi"].startswith("3.1")


def test_every_route_of_the_api_is_in_the_document_with_its_words(world, document):
    routes = {
        (re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")), method.lower())
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "openapi.document"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    described = {(path, method): one for path, some in document["paths"].items() for method, one in some.items()}

    assert set(described) == routes and len(routes) > 20
    assert [key for key, one in described.items() if not one["summary"] or "scope" not in one["description"]] == []
    assert [key for key, one in described.items() if key[1] == "post" and "403" not in one["responses"]] == []
    assert len({one["operationId"] for one in described.values()}) == len(described)


def schema_of(document, address, status):
    """What the document says that this GET answers."""
    bare = address.removeprefix("/api/v1").partition("?")[0]
    if status >= 400:
        return {"$ref": "#/components/schemas/Refused"}
    for path, methods in sorted(document["paths"].items(), key=lambda one: one[0].count("{")):  # the plainest first
        if re.fullmatch(re.sub(r"\\\{\w+\\\}|\{\w+\}", "[^/]+", path), bare):
            [(kind, content)] = methods["get"]["responses"]["200"]["content"].items()
            return content["schema"] if kind == "application/json" else {"file": kind}
    raise AssertionError(f"the document does not know {address}")


@pytest.mark.parametrize("person", ["first", "judge"])
def test_every_answer_is_as_the_document_says(world, document, person):
    browser, headers = world.app.test_client(), {"Authorization": f"Bearer {world.tokens[person]}"}
    met = set()
    for address in worlds.addresses(world):
        if not address.startswith("/api/v1/") or address.endswith("openapi.json"):
            continue
        with worlds.time_machine.travel(worlds.LATER, tick=False):
            answer = browser.get(address, headers=headers)
        schema = schema_of(document, address, answer.status_code) | {"components": document["components"]}
        if "file" in schema:
            assert answer.mimetype == schema["file"], address
            continue
        assert list(Draft202012Validator(schema).iter_errors(answer.json)) == [], address
        met.add((schema["$ref"], answer.status_code))

    only = {"first": "AllocationTold", "judge": "AgreementTold"}  # the lead arranges; who does not vote sees figures
    names = {name.rsplit("/", 1)[-1] for name, status in met if status == 200}
    assert {"Me", "MyReviews", "ReviewTold", "StageTold", "OpenConflicts", "ConflictTold", "RecordsFound", "PairsWaiting",
            "PrismaTold", "Work", "AllWork", "PilotsTold", "ProgressTold", "ListTold", "TagsTold",
            "InquiriesTold", "BarsTold", "ReportsTold", "ReportTold"} | {only[person]} <= names  # fmt: skip


def test_the_page_tells_every_route(world):
    browser = world.app.test_client()
    browser.post("/sign-in", data={"email": world.emails["first"], "password": worlds.PASSWORD})

    page = browser.get("/api").text

    document = browser.get("/api/v1/openapi.json").json
    assert [path for path in document["paths"] if path.replace("{", "{") not in page] == []
