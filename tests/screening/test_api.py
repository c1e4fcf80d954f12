"""A program as a reviewer: the same deeds as on the pages, with the same limits, said in JSON."""

import pytest

from tests.factories import (
    a_document,
    a_member,
    a_record,
    a_report,
    a_review,
    an_import,
    open_stage,
    the_lead,
)
from tests.programs import Program
from workbench.accounts.rules import Scope
from workbench.app import create_app, database_of
from workbench.reviews.rules import Role, Stage

TITLES = "/reviews/spine/stages/title-abstract"
REPORTS = "/reviews/spine/stages/full-text"


@pytest.fixture
def api(url, tmp_path):
    """The application on each of the two databases."""
    made = create_app(tmp_path, url, "Testing")
    yield made
    made.extensions["workbench.sessions"].engine.dispose()


class House:
    """A review with two reviewers and a judge, each with a program of their own."""

    def __init__(self, app, *, records=3, document=None, scope=Scope.FULL):
        self.app = app
        with database_of(app).write.begin() as session:
            review = a_review(session, "spine", document=document)
            self.lead = the_lead(session, review)
            self.first = a_member(session, review, name="Jonas Lindqvist")
            self.second = a_member(session, review, name="Sofia Nyberg")
            self.judge = a_member(session, review, Role.ADJUDICATOR, name="Tove Eriksen")
            of = an_import(session, review)
            self.records = [
                a_record(session, review, of=of, authors=["Holm K"], doi="10.5/x").id for _ in range(records)
            ]
            open_stage(session, review)
        self.mine, self.theirs, self.judging = (
            Program(app, one.user, scope) for one in (self.first, self.second, self.judge)
        )

    def conflict(self, record):
        """The two vote differently on a record and hand in."""
        vote(self.mine, record, decision="include", note="clearly in", private_note="ask Karen")
        vote(self.theirs, record, decision="exclude", key="second-vote")
        for one in (self.mine, self.theirs):
            assert one.send(f"{TITLES}/finish").status_code == 200
        return record


def vote(program, number, stage=TITLES, **more):
    return program.send(f"{stage}/votes", {"record": number, "decision": "include", "key": f"key-{number}-abc"} | more)


def test_a_program_reads_the_queue_votes_undoes_and_finishes(api):
    house = House(api)

    cards = house.mine.send(f"{TITLES}/queue", {"limit": 2}).json["items"]
    cast = [vote(house.mine, one["record"]).json for one in cards]
    undone = vote(house.mine, cards[0]["record"], decision="withdrawn", key="undo-1234").json
    finished = house.mine.send(f"{TITLES}/finish").json
    stage = house.mine.ask(TITLES).json

    assert [one["record"] for one in cards] == house.records[:2] and not any(one["is_handed_in"] for one in cast)
    assert (undone["decision"], undone["turn"], finished) == ("withdrawn", 2, {"handed_in": 1})
    assert stage["mine"] == {"left": 2, "voted": 1, "in_hand": 0, "included": 1, "excluded": 0, "unclear": 0}
    assert house.mine.ask(f"{TITLES}/votes").json["items"][0]["is_handed_in"] is True


def test_the_same_vote_sent_twice_is_one_vote(api):
    house = House(api)

    first, again = vote(house.mine, house.records[0]), vote(house.mine, house.records[0])

    assert first.status_code == again.status_code == 200 and first.json == again.json
    assert house.mine.ask(f"{TITLES}/votes").json["total"] == 1


def test_a_key_used_for_another_record_is_refused(api):
    house = House(api)
    vote(house.mine, house.records[0], key="one-key-for-all")

    answer = vote(house.mine, house.records[1], key="one-key-for-all")

    assert answer.status_code == 409 and answer.json["error"] == "key-used"
    assert set(answer.json) == {"error", "message", "hint"}


def test_a_vote_that_is_handed_in_stays(api):
    house = House(api)
    vote(house.mine, house.records[0])
    house.mine.send(f"{TITLES}/finish")

    changed = vote(house.mine, house.records[0], decision="exclude", key="changed-mind")
    withdrawn = vote(house.mine, house.records[0], decision="withdrawn", key="withdraw-it")

    assert (changed.status_code, withdrawn.status_code) == (409, 409)


def test_nothing_is_withdrawn_where_nothing_was_said(api):
    house = House(api)

    answer = vote(house.mine, house.records[0], decision="withdrawn")

    assert answer.status_code == 409 and answer.json["error"] == "nothing-to-withdraw"


WRONG = [
    ({"record": "x"}, "record"),
    ({"decision": "maybe"}, "decision"),
    ({"key": "short"}, "key"),
    ({"note": 7}, "note"),
    ({"note": "x" * 10_001}, "note"),
    ({"tags": "keep"}, "tags"),
    ({"tags": ["x" * 81]}, "tags"),
    ({"record": True}, "record"),
    ({"record": 2**60}, "record"),
    ({"verdict": "include"}, "verdict"),
    ({"questions": [{}]}, "questions"),
]


def test_a_vote_that_is_not_as_asked_is_refused_with_the_name_of_what_is_wrong(app):
    house = House(app)

    for change, named in WRONG:
        answer = vote(house.mine, house.records[0], **change)
        assert answer.status_code == 422 and named in answer.json["message"], (change, answer.json)
    assert house.mine.ask(f"{TITLES}/votes").json["total"] == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'"vote"', b"\xff\xfe{}", b"[" * 100_000, b'{"record": NaN}', b'{"key": "\\ud800"}',
     b'{"note": "a\\u0000b"}', b'{"record": ' + b"9" * 5000 + b"}"],
    ids=["nothing", "half", "list", "text", "latin", "deep", "nan", "surrogate", "nul", "long-number"],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused_with_a_word(app, data):
    house = House(app)

    answer = house.mine.send(f"{TITLES}/votes", data=data, content_type="application/json")

    assert answer.status_code == 400 and answer.json["error"] == "body-not-json"


def test_a_text_that_only_looks_like_the_forbidden_character_is_kept(app):
    house = House(app)

    answer = vote(house.mine, house.records[0], note="a \\u0000 b")

    assert answer.status_code == 200 and answer.json["note"] == "a \\u0000 b"


def test_a_body_that_is_too_large_is_refused(app):
    house = House(app)

    answer = house.mine.send(f"{TITLES}/votes", data=b" " * 300_000 + b"{}", content_type="application/json")

    assert answer.status_code == 413 and answer.json["error"] == "body-too-large"


def test_a_stage_that_masks_masks_for_programs_too(app):
    house = House(app, document=a_document("spine", masked=True))

    [card, *_rest] = house.mine.send(f"{TITLES}/queue").json["items"]

    assert card["is_masked"] and card["authors"] == [] and card["sources"] == []
    assert (card["journal"], card["doi"]) == (None, None)


def test_a_card_tells_what_the_record_says_without_our_marks(app):
    house = House(app, records=0, document=a_document("spine") | {"screening": {
        "title-abstract": {"votes": 2, "variant": "full-dual", "order": "as-imported"},
        "full-text": {"votes": 2, "variant": "full-dual"}, "highlights": {"include": ["cement*"]}}})  # fmt: skip
    with database_of(app).write.begin() as session:
        review = session.merge(house.lead).review
        a_record(session, review, title="Cement <mark>& bone</mark>", abstract="AIM: Pain < 3.\nCement helps.")
        from workbench.screening.service import stages

        stages.close_stage(session, session.merge(house.lead), Stage.TITLE_ABSTRACT)
        stages.open_stage(session, session.merge(house.lead), Stage.TITLE_ABSTRACT)

    [card] = house.mine.send(f"{TITLES}/queue").json["items"]

    assert card["title"] == "Cement <mark>& bone</mark>"
    assert card["abstract"] == [{"label": "Aim", "text": "Pain < 3."}, {"label": None, "text": "Cement helps."}]


def test_an_exclusion_names_its_reason_by_its_code(api):
    house = House(api)

    known = vote(house.mine, house.records[0], decision="exclude", reason="not-cement")
    unknown = vote(house.mine, house.records[1], decision="exclude", reason="too-old", key="other-key")

    assert known.json["reason"] == "not-cement"
    assert unknown.status_code == 404 and "not-cement" in unknown.json["hint"]


def test_a_full_text_is_voted_with_its_questions_and_design(api):
    house = House(api, records=0)
    with database_of(api).write.begin() as session:
        review = session.merge(house.lead).review
        report = a_report(session, review, session.merge(house.first), session.merge(house.second)).id
        open_stage(session, review, Stage.FULL_TEXT)

    bare = vote(house.mine, report, REPORTS)
    whole = vote(house.mine, report, REPORTS, questions=["pico2"], design="guideline", key="whole-vote")

    assert bare.status_code == 422 and bare.json["error"] == "ballot-incomplete"
    assert (whole.json["questions"], whole.json["design"]) == (["pico2"], "guideline")


def test_two_programs_discuss_and_settle_a_conflict(api):
    house = House(api)
    record = house.conflict(house.records[0])
    here = f"{TITLES}/conflicts/{record}"

    said = house.mine.send(f"{here}/messages", {"text": "Table 2 says so."})
    proposed = house.theirs.send(f"{here}/proposals", {"verdict": "included", "statement": "I missed table 2."})
    number = proposed.json["talk"][-1]["proposal"]["id"]
    own = house.theirs.send(f"{here}/proposals/{number}/agree")
    settled = house.mine.send(f"{here}/proposals/{number}/agree")

    assert said.json["talk"][0]["text"] == "Table 2 says so." and said.json["part"] == "voter"
    assert own.status_code == 409 and own.json["error"] == "own-proposal"
    assert settled.json["settlement"]["path"] == "consensus"
    assert house.mine.ask(f"{TITLES}/conflicts").json == {"items": []}


def test_a_private_note_is_in_no_answer_to_anybody_else(app):
    house = House(app)
    record = house.conflict(house.records[0])

    theirs = house.theirs.ask(f"{TITLES}/conflicts/{record}")

    assert "clearly in" in theirs.text and "ask Karen" not in theirs.text


def test_a_third_person_sees_the_record_alone_then_asks_then_decides(api):
    house = House(api)
    here = f"{TITLES}/conflicts/{house.conflict(house.records[0])}"

    bare = house.judging.ask(here).json
    reasons = house.judging.send(f"{here}/looks", {"what": "reasons"}).json
    names = house.judging.send(f"{here}/looks", {"what": "names"}).json
    voter = house.mine.send(f"{here}/decision", {"verdict": "excluded", "statement": "no"})
    decided = house.judging.send(f"{here}/decision", {"verdict": "excluded", "statement": "No cement."}).json

    assert (bare["part"], bare["sides"]) == ("judge", [])
    assert [one["name"] for one in reasons["sides"]] == [None, None]
    assert {one["name"] for one in names["sides"]} == {"Jonas Lindqvist", "Sofia Nyberg"}
    assert voter.status_code == 403 and decided["settlement"]["verdict"] == "excluded"


def test_an_onlooker_learns_that_there_is_a_conflict_and_no_more(app):
    house = House(app)
    record = house.conflict(house.records[0])
    with database_of(app).write.begin() as session:
        observer = a_member(session, session.merge(house.lead).review, Role.OBSERVER, name="Ole Falk")
    onlooker = Program(app, observer.user)

    [listed] = onlooker.ask(f"{TITLES}/conflicts").json["items"]
    told = onlooker.ask(f"{TITLES}/conflicts/{record}").json

    assert (listed["record"], listed["part"], listed["proposal"]) == (record, "onlooker", None)
    assert (told["part"], told["sides"], told["talk"], told["settlement"]) == ("onlooker", [], [], None)


def test_a_record_without_a_conflict_has_no_conflict_to_tell(app):
    house = House(app)

    answer = house.mine.ask(f"{TITLES}/conflicts/{house.records[0]}")

    assert answer.status_code == 404 and answer.json["error"] == "no-such-conflict"


def test_a_conflict_of_a_joined_record_is_told_under_the_kept_one(app):
    from tests.factories import a_duplicate
    from workbench.records.models import Record

    house = House(app)
    record = house.conflict(house.records[0])
    with database_of(app).write.begin() as session:
        a_duplicate(session, session.get_one(Record, house.records[1]), session.get_one(Record, record))

    assert house.mine.ask(f"{TITLES}/conflicts/{house.records[1]}").json["card"]["record"] == record
