"""The pages of duplicates, as the people at them see them."""

import csv
import io
import re

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.deduplication.house import a_copy, a_waiting_pair, another
from tests.factories import a_member, a_person, a_review, an_import, minimal_document, sign_in, the_lead
from workbench.app import database_of
from workbench.db import open_sessions
from workbench.deduplication import queries, service
from workbench.deduplication.cli import duplicates
from workbench.deduplication.models import Answer, DoubtedRecord, Duplicate
from workbench.deduplication.rules import ENGINE
from workbench.deduplication.views.sides import bare, differences, words
from workbench.errors import NotAllowed, NotFound
from workbench.jobs.models import Job
from workbench.reviews.queries import review_by_slug
from workbench.reviews.rules import Role


@pytest.fixture
def spine(app):
    """A review with one waiting pair, one joined pair, and people of several roles, by what they are."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead = the_lead(session, review)
        observer = a_member(session, review, Role.OBSERVER)
        people = {"lead": lead.user, "observer": observer.user, "stranger": a_person(session)}
        title = "=1+1 warm foot baths for night cramps in older adults"
        kept, copy = a_copy(session, review, title=title), a_copy(session, review, title=title)
        service.run(session, lead)
        left = another(session, review, title="Cold compresses: a randomised trial <b>of</b> clubs", doi="10.1000/a")
        told = {"title": "Cold compresses: a randomized trial <b>of</b> clubs", "doi": "10.1000/b", "pages": "3-9"}
        right = another(session, review, **told)
        a_waiting_pair(session, review, left, right)
    return people | {"kept": kept.id, "copy": copy.id, "left": left.id, "right": right.id}


def posted(client, path, **form):
    """Send a form as the page would."""
    page = client.get("/reviews/spine/duplicates").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    return client.post(f"/reviews/spine/duplicates{path}", data=form | {"csrf_token": token})


def test_the_next_pair_stands_side_by_side_with_what_differs_marked(client, spine):
    page = sign_in(client, spine["lead"]).get("/reviews/spine/duplicates").text

    assert '<mark class="hl hl-diff">randomised</mark>' in page and '<mark class="hl hl-diff">randomized</mark>' in page
    assert "&lt;b&gt;of&lt;/b&gt;" in page
    assert "1 pair waits for an answer" in page and "title 97 %" in page
    assert page.count("<h1") == 1 and 'data-key="s"' in page


def test_same_report_joins_the_pair_and_the_next_page_is_empty(app, client, spine):
    answer = posted(sign_in(client, spine["lead"]), "", first=spine["left"], second=spine["right"], answer="same")

    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "No pair waits" in page and "Undo my last answer" in page
    with database_of(app).read() as session:
        assert queries.cluster_of(session, _review_id(session), spine["right"]) == [spine["left"], spine["right"]]


def test_undo_brings_the_pair_back(client, spine):
    signed_in = sign_in(client, spine["lead"])
    posted(signed_in, "", first=spine["left"], second=spine["right"], answer="two")

    posted(signed_in, "/undo")

    assert "1 pair waits" in client.get("/reviews/spine/duplicates").text


def test_undo_without_an_answer_says_so(client, spine):
    answer = posted(sign_in(client, spine["lead"]), "/undo")

    assert "You have no answer to take back." in client.get(answer.location).text


def test_joined_records_are_listed_with_why_and_who_and_can_be_parted(client, spine):
    signed_in = sign_in(client, spine["lead"])
    page = signed_in.get("/reviews/spine/duplicates/joined").text
    assert f"Record {spine['copy']}" in page and f"engine {ENGINE}" in page and "MEDLINE" in page

    answer = posted(signed_in, f"/{spine['copy']}/part")

    page = client.get(answer.location).text
    assert "Nothing is joined here" in page and "Kept apart by a person" in page


def test_a_group_that_the_engine_would_part_now_is_listed_with_why(app, client, spine):
    with database_of(app).write.begin() as session:
        doubt = DoubtedRecord(record_id=spine["copy"], kept_id=spine["kept"], reason="different DOIs (title 100 %)")
        doubt.review_id = review_by_slug(session, "spine").id
        session.add(doubt)

    page = sign_in(client, spine["lead"]).get("/reviews/spine/duplicates/joined").text

    assert "The engine would part these now" in page and "different DOIs (title 100 %)" in page


def test_a_pair_kept_apart_can_be_asked_again(client, spine):
    signed_in = sign_in(client, spine["lead"])
    posted(signed_in, f"/{spine['copy']}/part")

    posted(signed_in, "/ask-again", first=spine["kept"], second=spine["copy"])

    page = client.get("/reviews/spine/duplicates/joined?by=engine&page=1").text
    assert f"Record {spine['copy']}" in page and "Kept apart by a person" not in page


def test_the_table_of_removed_records_holds_no_formula(client, spine):
    answer = sign_in(client, spine["lead"]).get("/reviews/spine/duplicates/removed.csv")

    [header, row] = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    told = dict(zip(header, row, strict=True))
    assert answer.mimetype == "text/csv"
    assert told["title"].startswith("'=1+1") and told["decided_by"] == f"engine {ENGINE}"
    assert (told["record_id"], told["kept_record_id"]) == (str(spine["copy"]), str(spine["kept"]))


def test_a_search_is_started_once_and_its_progress_is_shown(app, client, spine):
    signed_in = sign_in(client, spine["lead"])

    first, second = posted(signed_in, "/run"), posted(signed_in, "/run")

    assert first.status_code == 303 and first.location == second.location and "/jobs/" in first.location
    with database_of(app).read() as session:
        assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == "deduplication:run")) == 1
    assert "The search for duplicates is running" in client.get("/reviews/spine/duplicates").text


def test_records_that_were_not_compared_yet_are_told(app, client, spine):
    with database_of(app).write.begin() as session:
        review = _review(session)
        a_copy(session, review, of=an_import(session, review))

    page = sign_in(client, spine["lead"]).get("/reviews/spine/duplicates").text

    assert "not been compared yet" in page and "Search for duplicates" in page


def test_an_empty_review_says_how_duplicates_begin(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead = the_lead(session, review).user

    page = sign_in(client, lead).get("/reviews/spine/duplicates").text

    assert "There are no records yet" in page
    assert "Nothing is joined here" in client.get("/reviews/spine/duplicates/joined").text


def test_an_observer_looks_and_decides_nothing(client, spine):
    signed_in = sign_in(client, spine["observer"])

    page = signed_in.get("/reviews/spine/duplicates").text
    assert "Same report or two?" in page and "data-key" not in page
    for path, form in (
        ("", {"first": spine["left"], "second": spine["right"], "answer": "same"}),
        ("/undo", {}),
        ("/run", {}),
        (f"/{spine['copy']}/part", {}),
        ("/ask-again", {"first": 1, "second": 2}),
    ):
        assert posted(signed_in, path, **form).status_code == 403, path


def test_a_stranger_finds_no_duplicates(client, spine):
    signed_in = sign_in(client, spine["stranger"])

    for path in ("", "/joined", "/removed.csv"):
        assert signed_in.get(f"/reviews/spine/duplicates{path}").status_code == 404


def test_bad_ids_are_not_found_and_bad_answers_are_refused(client, spine):
    signed_in = sign_in(client, spine["lead"])

    for first, second in (("", ""), ("x", "1"), (10**9, spine["left"]), (10**30, spine["left"])):
        assert posted(signed_in, "", first=first, second=second, answer="same").status_code == 404
    assert posted(signed_in, "", first=spine["left"], second=spine["right"], answer="maybe").status_code == 422
    assert posted(signed_in, "", first=spine["left"], second=spine["left"], answer="same").status_code == 422
    assert posted(signed_in, "/999999/part").status_code == 404
    assert signed_in.get("/reviews/spine/duplicates/joined?page=0").status_code == 200
    assert signed_in.get("/reviews/spine/duplicates/joined?page=99&by=nobody").status_code == 200


def test_a_second_person_who_answers_otherwise_is_told_what_stands(app, client, spine):
    with database_of(app).write.begin() as session:
        other = a_member(session, _review(session))
        service.answer(session, other, spine["left"], spine["right"], Answer.TWO)

    answer = posted(sign_in(client, spine["lead"]), "", first=spine["left"], second=spine["right"], answer="same")

    assert answer.status_code == 409 and "two reports" in answer.text
    with database_of(app).read() as session:
        assert session.scalar(select(func.count()).select_from(Duplicate)) == 1


def test_a_run_on_the_command_line_says_what_it_found(sessions_at_home):
    with sessions_at_home.write.begin() as session:
        review = a_review(session, "spine")
        a_copy(session, review), a_copy(session, review)
        email = the_lead(session, review).user.email

    answer = CliRunner().invoke(duplicates, ["run", "spine", "--user", email])

    assert answer.output.startswith("2 records, 1 of them duplicates: 1 joined"), answer.output


def test_a_run_on_the_command_line_needs_a_member_who_may(sessions_at_home):
    with sessions_at_home.write.begin() as session:
        review = a_review(session, "spine")
        observer = a_member(session, review, Role.OBSERVER).user.email

    for user, error in (("nobody@example.org", NotFound), (observer, NotAllowed)):
        assert isinstance(CliRunner().invoke(duplicates, ["run", "spine", "--user", user]).exception, error)


@pytest.fixture
def sessions_at_home(sqlite_url, tmp_path, monkeypatch):
    """An empty house where the command line looks for it."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DATABASE_URL", raising=False)
    found = open_sessions(sqlite_url)
    yield found
    found.engine.dispose()


def test_case_accents_and_punctuation_make_no_difference():
    left, right = differences(words("A Müller: trial, of"), words("a muller trial of"), bare)

    assert not any(run.differs for run in (*left, *right))


def _review(session):
    return review_by_slug(session, "spine")


def _review_id(session):
    return _review(session).id


def as_json(client, path, payload):
    page = client.get("/reviews/spine/duplicates").text
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
    return client.post(f"/reviews/spine/duplicates{path}", json=payload, headers={"X-CSRFToken": token})


def test_the_queue_gives_the_next_pairs_as_the_page_shows_them(client, spine):
    signed_in = sign_in(client, spine["lead"])

    [one] = as_json(signed_in, "/queue", {"skip": []}).json
    nothing = as_json(signed_in, "/queue", {"skip": [one["pair"]]}).json

    assert one["pair"] == f"{spine['left']}-{spine['right']}" and nothing == []
    assert "&lt;b&gt;of&lt;/b&gt;" in one["html"] and "<html" not in one["html"]


def test_the_module_answers_with_a_key_of_its_own_and_takes_it_back_by_that_key(app, client, spine):
    signed_in = sign_in(client, spine["lead"])
    said = {"first": spine["left"], "second": spine["right"], "answer": "linked", "link": "erratum-of",
            "pointing": spine["right"], "key": "one-of-mine"}  # fmt: skip

    assert [as_json(signed_in, "", said).status_code for _each in range(2)] == [200, 200]
    page = client.get("/reviews/spine/duplicates/joined").text
    assert f"record {spine['right']} is an erratum of the other" in page
    as_json(signed_in, "", {"answer": "withdrawn", "act": "one-of-mine"})

    assert "1 pair waits" in client.get("/reviews/spine/duplicates").text


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ([], 422),
        ({"answer": "same"}, 422),
        ({"answer": "same", "key": "x"}, 422),
        ({"answer": "maybe", "key": "long-enough"}, 422),
        ({"answer": "linked", "key": "long-enough", "first": 3, "second": 4}, 422),
        ({"answer": "linked", "link": "x", "key": "long-enough", "first": 3, "second": 4}, 422),
        ({"answer": "same", "key": "long-enough", "first": True, "second": -1}, 404),
        ({"answer": "withdrawn"}, 422),
        ({"answer": "same", "key": "long-enough", "reviewer": 999}, 403),
    ],
)
def test_what_the_module_could_not_have_sent_changes_nothing(client, spine, payload, status):
    signed_in = sign_in(client, spine["lead"])

    assert as_json(signed_in, "", payload).status_code == status
    assert as_json(signed_in, "/queue", {"skip": payload if payload == [] else ["1"]}).status_code in {200, 422}
    assert "1 pair waits" in client.get("/reviews/spine/duplicates").text


def group_form(client):
    """The one group's address and what its form holds."""
    listed = client.get("/reviews/spine/duplicates/groups").text
    code = re.search(r"/duplicates/groups/(\w+)", listed)[1]
    page = client.get(f"/reviews/spine/duplicates/groups/{code}").text
    return f"/groups/{code}", {name: re.search(rf'name="{name}" value="(\w+)"', page)[1] for name in ("digest", "key")}


def test_a_group_is_answered_after_a_look_and_taken_back_as_a_whole(client, spine):
    signed_in = sign_in(client, spine["lead"])
    path, form = group_form(signed_in)
    assert posted(signed_in, path, **form, answer="same").status_code == 422
    assert posted(signed_in, path, **form, answer="linked", looked="yes").status_code == 422
    assert posted(signed_in, path, **form | {"digest": "0"}, answer="same", looked="yes").status_code == 409

    answer = posted(signed_in, path, **form, answer="same", looked="yes")

    assert "Pairs answered: 1, same report" in client.get(answer.location).text
    assert posted(signed_in, path, **form, answer="same", looked="yes").status_code == 303
    assert client.get(f"/reviews/spine/duplicates{path}").status_code == 404
    posted(signed_in, "/undo")
    assert client.get(f"/reviews/spine/duplicates{path}").status_code == 200


def test_a_report_shows_where_each_field_comes_from_and_takes_another_value(app, client, spine):
    with database_of(app).write.begin() as session:
        both = queries.records(session, [spine["kept"], spine["copy"]])
        both[spine["kept"]].abstract, both[spine["copy"]].abstract = "Short.", "A longer <i>abstract</i>."
    signed_in = sign_in(client, spine["lead"])
    page = signed_in.get(f"/reviews/spine/duplicates/reports/{spine['copy']}").text
    assert "A longer &lt;i&gt;abstract&lt;/i&gt;." in page and "1 other value" in page

    posted(signed_in, f"/reports/{spine['kept']}", field="abstract")
    page = signed_in.get(f"/reviews/spine/duplicates/reports/{spine['copy']}").text
    assert "chosen by Karen Holm" in page
    posted(signed_in, f"/reports/{spine['kept']}", field="abstract", leave="yes")

    assert "chosen by" not in signed_in.get(f"/reviews/spine/duplicates/reports/{spine['copy']}").text
    assert posted(signed_in, f"/reports/{spine['kept']}", field="raw").status_code == 422
    assert signed_in.get("/reviews/spine/duplicates/reports/999999").status_code == 404


def test_what_two_people_differ_on_is_settled_on_its_page(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine", document=minimal_document("spine") | {"deduplication": {"people": 2}})
        lead, second = the_lead(session, review), a_member(session, review)
        left, right = a_copy(session, review), another(session, review)
        a_waiting_pair(session, review, left, right)
        service.answer(session, lead, left.id, right.id, Answer.SAME)
        service.answer(session, second, left.id, right.id, Answer.TWO)
        person, ids = lead.user, (left.id, right.id)
    signed_in = sign_in(client, person)
    assert "Two people answered 1 pair differently" in signed_in.get("/reviews/spine/duplicates").text
    page = signed_in.get("/reviews/spine/duplicates/to-settle").text
    assert "same report" in page and "two reports" in page and "Jonas Lindqvist" not in page

    posted(signed_in, "/to-settle", first=ids[0], second=ids[1], answer="two")

    assert "Nothing to settle" in signed_in.get("/reviews/spine/duplicates/to-settle").text
    assert posted(signed_in, "/to-settle", first=ids[0], second=ids[1], answer="same").status_code == 409
