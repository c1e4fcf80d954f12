"""Every route names its door, and no route lets pass whom its door keeps out."""

import re

import pytest

from tests.factories import a_member, a_person, a_review, sign_in, the_lead
from tests.programs import Program
from workbench.accounts.rules import Scope
from workbench.app import database_of
from workbench.reviews.rules import Deed, Role, may

BORROWED = {
    "static",
    "bootstrap.static",
    "favicon",
    "security.login",
    "security.logout",
    "security.change_password",
    "security.verify",
}
"""Routes of the libraries: files, and the sign-in that stands before every door."""


def rules_of(app):
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in BORROWED and not rule.endpoint.startswith("security.")
    ]


def test_every_route_has_an_entry_at_the_door(app):
    without = [rule.endpoint for rule in rules_of(app) if not hasattr(app.view_functions[rule.endpoint], "door")]

    assert without == []


def test_every_route_of_a_review_asks_for_a_deed_of_the_table(app):
    inside = [rule for rule in rules_of(app) if "<slug>" in rule.rule]

    loose = [rule.endpoint for rule in inside if not isinstance(app.view_functions[rule.endpoint].door, Deed)]

    assert len(inside) > 20 and loose == []


def test_only_signing_up_joining_and_the_look_of_the_page_are_public(app):
    public = {rule.endpoint for rule in rules_of(app) if app.view_functions[rule.endpoint].door == "public"}

    assert public == {
        "accounts.welcome", "accounts.sign_up", "accounts.set_theme", "reviews.join", "reviews.accept",
        "openapi.document",
    }  # fmt: skip


def address_of(rule):
    filled = re.sub(r'<any\("([\w-]+)"[^>]*>', r"\1", rule.rule.replace("<slug>", "spine"))
    return re.sub(r"<int:\w+>", "999999", re.sub(r"<(?:path:|string:)?\w+>", "x", filled))


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ADJUDICATOR, Role.SEARCH_SPECIALIST, None])
def test_no_route_lets_pass_whom_its_door_keeps_out(app, role):
    app.config["WTF_CSRF_ENABLED"] = False
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        person = a_member(session, review, role).user if role else a_person(session)
    browser = sign_in_without_token(app.test_client(), person)
    headers = Program(app, person).headers

    passed = []
    for rule in rules_of(app):
        deed = app.view_functions[rule.endpoint].door
        if not isinstance(deed, Deed) or (role and may([role], deed)):
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            status = browser.open(address_of(rule), method=method, headers=headers).status_code
            if status != (403 if role else 404):
                passed.append((rule.endpoint, method, status))

    assert passed == []


def test_someone_signed_out_is_sent_to_the_sign_in_page_from_every_door(app):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()

    wrong = []
    for rule in rules_of(app):
        if app.view_functions[rule.endpoint].door == "public":
            continue
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = browser.open(address_of(rule), method=method)
            led_to_the_door = answer.status_code == 302 and "/sign-in" in answer.location
            if not (answer.status_code == 401 if is_for_programs(rule) else led_to_the_door):
                wrong.append((rule.endpoint, method, answer.status_code))

    assert wrong == []


def test_a_form_without_its_token_changes_nothing(app, client):
    with database_of(app).write.begin() as session:
        lead = the_lead(session, a_review(session, "spine")).user

    answer = sign_in(client, lead).post("/reviews/spine/team/invitations", data={"role": "reviewer"})

    assert answer.status_code == 400 and "no longer valid" in answer.text


def test_every_route_for_programs_asks_for_a_token_of_some_scope_and_writes_take_more_than_reading(app):
    routes = [(rule, app.view_functions[rule.endpoint]) for rule in rules_of(app) if is_for_programs(rule)]

    loose = [rule.rule for rule, view in routes if not isinstance(view.scope, Scope)]
    writes = [rule.rule for rule, view in routes if "POST" in rule.methods and view.scope is Scope.READ]

    assert len(routes) > 20 and loose == [] and writes == []


def is_for_programs(rule):
    return rule.rule.startswith("/api/v1/") and rule.endpoint != "openapi.document"


def test_a_signed_in_browser_alone_passes_no_door_for_programs(app):
    """So a page elsewhere can make nobody's browser write here, though no form's token is asked."""
    with database_of(app).write.begin() as session:
        lead = the_lead(session, a_review(session, "spine")).user
    browser = sign_in(app.test_client(), lead)

    passed = [
        (rule.rule, method)
        for rule in rules_of(app)
        if is_for_programs(rule)
        for method in rule.methods - {"OPTIONS", "HEAD"}
        if browser.open(address_of(rule), method=method, json={}).status_code != 401
    ]

    assert passed == []


def sign_in_without_token(browser, person):
    from tests.factories import PASSWORD

    answer = browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser
