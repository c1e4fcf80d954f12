"""Tokens for programs: made once, kept as a hash, ended by time or by hand, never stronger than their person."""

import json
import re
import sys
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.factories import a_member, a_person, a_record, a_review, open_stage, sign_in, the_lead
from tests.programs import Program
from workbench import cli
from workbench.accounts import queries, service
from workbench.accounts.models import Token
from workbench.accounts.rules import Scope, Throttle, fingerprint
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.audit.queries import broken_at
from workbench.db import now, open_sessions
from workbench.reviews.rules import Role


def test_only_the_hash_of_a_token_is_kept(session):
    person = a_person(session)

    token, secret = service.make_token(session, person, "laptop", Scope.READ, 30)

    assert token.token_sha256 == fingerprint(secret) and len(secret) > 40
    assert secret not in json.dumps([entry.payload for entry in session.scalars(select(AuditEntry))])


def test_making_and_revoking_leave_entries_in_the_trail_of_the_house(session):
    person = a_person(session)
    token, _secret = service.make_token(session, person, "laptop", Scope.VOTE, 7)

    service.revoke_token(session, person, token.id)

    told = {entry.event: entry.payload for entry in session.scalars(select(AuditEntry))}
    assert told["accounts:token:made"]["scope"] == "vote" and "laptop" not in json.dumps(told)
    assert told["accounts:token:revoked"] == {"token_id": token.id}
    assert broken_at(session, 0) is None


@pytest.mark.parametrize("name, days, error", [
    ("", 30, service.TokenNameMissing), ("x" * 81, 30, service.TokenNameMissing), ("laptop", 30, service.TokenNameTaken),
    ("other", 31, service.NoSuchLife), ("other", 0, service.NoSuchLife),
])  # fmt: skip
def test_a_token_needs_a_name_of_its_own_and_a_known_life(session, name, days, error):
    person = a_person(session)
    service.make_token(session, person, "laptop", Scope.READ, 30)

    with pytest.raises(error):
        service.make_token(session, person, name, Scope.READ, days)


def test_the_name_of_a_revoked_token_is_free_again(session):
    person = a_person(session)
    token, _secret = service.make_token(session, person, "laptop", Scope.READ, 30)
    service.revoke_token(session, person, token.id)

    service.make_token(session, person, "laptop", Scope.READ, 30)

    assert len(queries.tokens_of(session, person.id)) == 1


def test_nobody_revokes_the_token_of_another(session):
    mine, theirs = a_person(session), a_person(session, "Jonas Lindqvist")
    token, _secret = service.make_token(session, theirs, "laptop", Scope.READ, 30)

    with pytest.raises(service.NoSuchToken):
        service.revoke_token(session, mine, token.id)


@pytest.fixture
def person(app):
    with database_of(app).write.begin() as session:
        return the_lead(session, a_review(session, "spine")).user


def test_a_token_says_for_whom_it_acts(app, person):
    program = Program(app, person, Scope.VOTE)

    told = program.ask("/me").json

    assert (told["name"], told["scope"], told["email"]) == (person.name, "vote", person.email)


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic d2I6eA==", "wb_x", "Bearer wb_unknown", "Bearer ü"]
)
def test_without_a_token_that_works_nothing_is_told(app, person, header):
    headers = {} if header is None else {"Authorization": header.encode("utf-8").decode("latin-1")}

    answer = app.test_client().get("/api/v1/reviews", headers=headers)

    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
    assert set(answer.json) == {"error", "message", "hint"} and "spine" not in answer.text


def test_a_session_of_a_browser_opens_no_door_of_the_api(app, client, person):
    browser = sign_in(client, person)

    assert browser.get("/reviews/spine/team").status_code == 200
    assert browser.get("/api/v1/reviews/spine").status_code == 401
    assert browser.post("/api/v1/reviews/spine/stages/title-abstract/finish", json={}).status_code == 401


def test_a_token_opens_no_page(app, person):
    program = Program(app, person)

    answer = app.test_client().get("/reviews/spine/team", headers=program.headers)

    assert answer.status_code == 302 and "/sign-in" in answer.location


def test_a_token_ends_with_its_day(app, person):
    program = Program(app, person)

    with time_machine.travel(now() + timedelta(days=31)):
        answer = program.ask("/reviews")

    assert answer.status_code == 401 and "expired" in answer.json["message"]


def test_a_revoked_token_says_so(app, person):
    program = Program(app, person)
    with database_of(app).write.begin() as session:
        service.revoke_token(session, session.merge(person), program.token.id)

    answer = program.ask("/reviews")

    assert answer.status_code == 401 and "revoked" in answer.json["message"]


def test_a_person_who_may_no_longer_sign_in_has_no_program_either(app, person):
    program = Program(app, person)
    with database_of(app).write.begin() as session:
        session.merge(person).active = False

    assert program.ask("/reviews").status_code == 401


def test_a_reading_token_does_not_vote_and_says_what_it_takes(app):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        reviewer = a_member(session, review)
        record = a_record(session, review).id
        open_stage(session, review)
    program = Program(app, reviewer.user, Scope.READ)

    sent = {"record": record, "decision": "include", "key": "key-12345"}
    answer = program.send("/reviews/spine/stages/title-abstract/votes", sent)

    assert answer.status_code == 403 and answer.json["error"] == "scope-too-small"
    assert "“read”" in answer.json["message"] and "“vote”" in answer.json["message"]


def test_a_voting_token_does_not_answer_duplicates(app, person):
    program = Program(app, person, Scope.VOTE)

    answer = program.send("/reviews/spine/duplicates/answers", {"first": 1, "second": 2, "answer": "same"})

    assert answer.status_code == 403 and answer.json["error"] == "scope-too-small"


def test_a_full_token_of_an_observer_is_an_observer(app):
    with database_of(app).write.begin() as session:
        observer = a_member(session, a_review(session, "spine"), Role.OBSERVER)
    program = Program(app, observer.user, Scope.FULL)

    answer = program.send("/reviews/spine/stages/title-abstract/finish")

    assert answer.status_code == 403 and answer.json["error"] == "not-yours"


def test_a_review_of_others_is_not_there(app, person):
    with database_of(app).write.begin() as session:
        stranger = a_person(session, "Ole Falk")
    program = Program(app, stranger)

    assert program.ask("/reviews").json == {"items": []}
    for address in ("/reviews/spine", "/reviews/spine/records", "/reviews/spine/prisma", "/reviews/none"):
        answer = program.ask(address)
        assert (answer.status_code, answer.json["error"]) == (404, "no-such-review")


def test_of_the_last_use_the_day_is_kept_and_no_more(app, person):
    program = Program(app, person)
    stored = lambda: database_of(app).read().get_one(Token, program.token.id)  # noqa: E731

    assert stored().last_used_at is None
    program.ask("/reviews")

    used = stored().last_used_at
    assert used.date() == now().date() and (used.hour, used.minute, used.second) == (0, 0, 0)


def test_a_write_notes_the_use_too(app, person):
    program = Program(app, person)

    assert program.send("/reviews/spine/stages/title-abstract/finish").status_code == 200

    with database_of(app).read() as session:
        assert session.get_one(Token, program.token.id).last_used_at is not None


def test_many_wrong_tokens_are_put_off_but_a_right_one_from_the_same_place_is_not(app, person):
    program = Program(app, person)
    assert program.ask("/reviews").status_code == 200
    wrong = app.test_client()

    codes = [wrong.get("/api/v1/me", headers={"Authorization": f"Bearer wb_{n}"}).status_code for n in range(25)]
    last = wrong.get("/api/v1/me", headers={"Authorization": "Bearer wb_x"})

    assert codes == [401] * 20 + [429] * 5 and last.headers["Retry-After"] == "60"
    assert program.ask("/reviews").status_code == 200


def test_a_place_is_let_in_again_after_a_while_and_forgotten_when_there_are_too_many():
    throttle = Throttle(most=2, seconds=60, places=2)
    for moment in (0.0, 1.0):
        throttle.was_wrong("here", moment)

    assert throttle.is_shut("here", "x", 59.0) and not throttle.is_shut("here", "x", 61.0)
    assert not throttle.is_shut("there", "x", 2.0)
    throttle.was_wrong("b", 3.0)
    throttle.was_wrong("c", 3.0)
    assert not throttle.is_shut("here", "x", 4.0)


def test_no_token_is_written_into_a_log(app, person, caplog, capfd, monkeypatch):
    program = Program(app, person)
    monkeypatch.setattr("workbench.reviews.api.queries.memberships", lambda *_: 1 / 0)

    answer = program.ask("/reviews")
    program.send("/reviews/spine/stages/title-abstract/votes", {"key": program.secret})
    app.test_client().get("/api/v1/me", headers={"Authorization": "Bearer wb_wrong_one"})

    said = caplog.text + "".join(capfd.readouterr())
    assert answer.status_code == 500 and "request failed" in said
    assert program.secret not in said and "wb_wrong_one" not in said


def csrf(page):
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


def test_on_their_page_a_person_makes_a_token_sees_it_once_and_revokes_it(app, client, person):
    browser = sign_in(client, person)
    token = csrf(browser.get("/account/tokens").text)
    form = {"name": "reading script", "scope": "read", "days": "30", "csrf_token": token}

    made = browser.post("/account/tokens", data=form)
    secret = re.search(r'value="(wb_[^"]+)"', made.text)[1]
    again, later = browser.post("/account/tokens", data=form), browser.get("/account/tokens")

    headers = {"Authorization": f"Bearer {secret}"}
    assert app.test_client().get("/api/v1/me", headers=headers).status_code == 200
    assert again.status_code == 409 and "reading script" in later.text and secret not in later.text
    number = re.search(r"/account/tokens/(\d+)/revoke", later.text)[1]
    gone = browser.post(f"/account/tokens/{number}/revoke", data={"csrf_token": token}, follow_redirects=True)
    assert "is revoked" in gone.text and app.test_client().get("/api/v1/me", headers=headers).status_code == 401


def test_a_token_that_was_not_made_keeps_the_form_and_says_why(app, client, person):
    browser = sign_in(client, person)
    token = csrf(browser.get("/account/tokens").text)

    answer = browser.post("/account/tokens", data={"name": "laptop", "scope": "all", "days": "x", "csrf_token": token})

    assert (
        answer.status_code == 422 and 'value="laptop"' in answer.text and "Say what the program may do" in answer.text
    )


@pytest.fixture
def say(url, capsys, monkeypatch):
    """The command line on a house with one person in it."""
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", url)
    with open_sessions(url).write.begin() as session:
        a_person(session, email="karen@example.org")

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["workbench", "tokens", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        answer = capsys.readouterr()
        return int(ended.value.code or 0), answer.out.strip(), answer.err.strip()

    return run


def test_tokens_from_the_command_line(say):
    made = say("create", "--user", "karen@example.org", "--name", "laptop", "--scope", "vote", "--days", "90")
    listed = say("list", "--user", "karen@example.org", "--json")
    revoked = say("revoke", "laptop", "--user", "karen@example.org")
    unknown = say("revoke", "laptop", "--user", "karen@example.org")

    assert made[0] == 0 and re.fullmatch(r"wb_\S+", made[1]) and "not shown again" in made[2]
    [one] = json.loads(listed[1])
    assert (one["name"], one["scope"], one["last_used"]) == ("laptop", "vote", None) and made[1] not in listed[1]
    assert revoked[0] == 0 and unknown[0] == 2 and "laptop" in unknown[2]
