"""Pairs that wait, and their answers, for programs."""

import pytest

from tests.factories import a_member, a_record, a_review
from tests.programs import Program
from workbench.accounts.rules import Scope
from workbench.app import create_app, database_of
from workbench.deduplication.models import CandidatePair
from workbench.reviews.rules import Role

HERE = "/reviews/spine/duplicates"


@pytest.fixture
def api(url, tmp_path):
    made = create_app(tmp_path, url, "Testing")
    yield made
    made.extensions["workbench.sessions"].engine.dispose()


@pytest.fixture
def house(api):
    """A review with one pair that waits, and a program that may answer it."""
    with database_of(api).write.begin() as session:
        review = a_review(session, "spine")
        member = a_member(session, review, Role.SEARCH_SPECIALIST)
        pair = [a_record(session, review, title=f"Trial {n}").id for n in (1, 2)]
        session.add(
            CandidatePair(
                review_id=review.id, low_id=pair[0], high_id=pair[1], score=0.7, reason="title 80 %",
                evidence=[["title", "80 % alike"]],
            )
        )  # fmt: skip
    return Program(api, member.user), pair


def test_a_program_lists_answers_and_takes_back(house):
    program, (first, second) = house

    [pair] = program.ask(HERE).json["items"]
    answered = program.send(f"{HERE}/answers", {"first": first, "second": second, "answer": "same"})
    again = program.send(f"{HERE}/answers", {"first": first, "second": second, "answer": "same"})
    undone = program.send(f"{HERE}/undo")

    assert (pair["first"]["id"], pair["second"]["title"], pair["score"]) == (first, "Trial 2", 0.7)
    assert pair["evidence"] == [{"kind": "title", "words": "80 % alike"}]
    assert (answered.json, again.status_code, undone.json) == ({"waiting": 0}, 200, {"waiting": 1})


@pytest.mark.parametrize("change, status", [
    ({"answer": "maybe"}, 422), ({"first": 0}, 422), ({"first": "1"}, 422), ({"second": 10**15}, 404), ({"both": 1}, 422),
])  # fmt: skip
def test_an_answer_that_makes_no_sense_changes_nothing(house, change, status):
    program, (first, second) = house

    answer = program.send(f"{HERE}/answers", {"first": first, "second": second, "answer": "same"} | change)

    assert answer.status_code == status and set(answer.json) == {"error", "message", "hint"}
    assert program.ask(HERE).json["total"] == 1


def test_a_page_beyond_the_last_is_the_last_and_a_page_that_is_no_number_is_refused(house):
    program, _pair = house

    assert program.ask(f"{HERE}?page=9").json["page"] == 1
    assert program.ask(f"{HERE}?page=x").status_code == 422
    assert program.ask(f"{HERE}?page=" + "9" * 30).status_code == 422


def test_records_are_searched_and_told_one_by_one(house):
    program, (first, second) = house

    found = program.ask("/reviews/spine/records?q=Trial%202").json

    assert [one["id"] for one in found["items"]] == [second] and found["total"] == 1
    assert program.ask(f"/reviews/spine/records/{first}").json["title"] == "Trial 1"
    assert program.ask("/reviews/spine/records/99999").status_code == 404
    assert program.ask("/reviews/spine/records/" + "9" * 30).status_code == 404


def test_who_may_not_decide_on_duplicates_may_not_by_a_program_either(api, house):
    with database_of(api).write.begin() as session:
        from workbench.reviews.queries import review_by_slug

        observer = a_member(session, review_by_slug(session, "spine"), Role.OBSERVER, name="Ole Falk")
    _program, (first, second) = house

    sent = {"first": first, "second": second, "answer": "same"}
    answer = Program(api, observer.user, Scope.FULL).send(f"{HERE}/answers", sent)

    assert answer.status_code == 403 and answer.json["error"] == "not-yours"
