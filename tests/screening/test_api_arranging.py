"""What a stage arranges, by the JSON API and the same by command line: one answer, the same limits."""

import json
import re
import sys

import pytest

from tests.factories import a_report, open_stage, the_lead
from tests.pdfs import a_pdf
from tests.screening.test_api import REPORTS, TITLES, House, vote
from workbench import cli
from workbench.app import create_app, database_of
from workbench.reviews.rules import Stage

HERE = "/reviews/spine"


@pytest.fixture
def house(app):
    """A review with a lead, two reviewers and a judge, six records, each person with a program."""
    made = House(app, records=6)
    made.leading = made.mine.__class__(app, made.lead.user)
    return made


def test_a_program_drafts_and_makes_an_allocation_once(house):
    people = [one.user.email for one in (house.first, house.second)]
    asked = {"split": "batch", "people": people, "name": "A", "size": 2, "key": "batch-key-1"}

    drafted = house.leading.send(f"{TITLES}/allocation/draft", asked).json
    made = [house.leading.send(f"{TITLES}/allocation", asked).status_code for _ in range(2)]
    told = house.leading.ask(f"{TITLES}/allocation").json

    assert (drafted["records"], drafted["done"], drafted["people"]) == (2, False, dict.fromkeys(people, 2))
    assert made == [200, 200] and [one["name"] for one in told["made"]] == ["A"]
    assert {one["email"]: one["left"] for one in told["people"]} == {house.lead.user.email: 0} | dict.fromkeys(
        people, 2
    )


@pytest.mark.parametrize(
    ("asked", "status", "named"),
    [
        ({"split": "shares"}, 422, "nobody-named"),
        ({"split": "batch", "people": ["nobody@example.org"]}, 404, "no-such-person"),
        ({"split": "half"}, 422, "body-not-as-asked"),
        ({"split": "batch", "seed": -1}, 422, "body-not-as-asked"),
        ({"split": "shares", "shares": {"x": "many"}}, 422, "body-not-as-asked"),
    ],
)
def test_an_allocation_that_cannot_be_made_is_refused(house, asked, status, named):
    answer = house.leading.send(f"{TITLES}/allocation", asked)

    assert (answer.status_code, answer.json["error"]) == (status, named)


def test_a_reviewer_arranges_nothing(house):
    sent = [
        house.mine.send(f"{TITLES}/allocation", {"split": "everyone"}),
        house.mine.send(f"{TITLES}/pilots", {"size": 1}),
        house.mine.send(f"{TITLES}/close"),
        house.mine.ask(f"{TITLES}/allocation"),
        house.mine.send(f"{HERE}/tags", {"name": "x", "meaning": "y", "carries_judgement": False}),
    ]

    assert [one.status_code for one in sent] == [403] * len(sent)


def test_a_pilot_round_from_its_sample_to_what_all_said(house):
    begun = house.leading.send(f"{TITLES}/pilots", {"size": 2, "seed": 3}).json
    again = house.leading.send(f"{TITLES}/pilots", {"size": 2, "seed": 3})
    for program, decision in ((house.mine, "include"), (house.theirs, "exclude")):
        for card in program.send(f"{TITLES}/queue").json["items"]:
            vote(program, card["record"], decision=decision, key=f"{decision}-{card['record']}-key")
        program.send(f"{TITLES}/finish")
    waits = house.mine.ask(f"{TITLES}/pilots/1").json
    early = house.leading.send(f"{TITLES}/pilots/1/open")
    opened = house.leading.send(f"{TITLES}/pilots/1/release", {"person": house.lead.user.email}).json

    assert (begun["number"], begun["open"], again.status_code, early.status_code) == (1, False, 409, 409)
    assert (waits["differ"], waits["agreement"], waits["disagreements"]) == (None, None, None)
    assert (opened["open"], opened["differ"]) == (True, 2)
    assert len(house.mine.ask(f"{TITLES}/pilots/1").json["disagreements"]) == 2
    assert house.judging.ask(f"{TITLES}/pilots/1").json["disagreements"] is None


def test_agreement_is_refused_to_who_votes_and_told_to_who_does_not(house):
    house.conflict(house.records[0])

    figures, rows = (house.judging.ask(f"{TITLES}/agreement{part}") for part in ("", "/pairs.csv"))

    assert figures.json["two_by_two"]["n"] == 1 and figures.json["two_by_two"]["observed"] == 0
    assert rows.mimetype == "text/csv" and "hidden until the conflict is settled" in rows.text
    hidden = [house.mine.ask(f"{TITLES}/agreement{part}") for part in ("", "/pairs.csv")]
    assert [(one.status_code, one.json["error"]) for one in hidden] == [(403, "hidden-while-open")] * 2


def test_progress_tells_shares_to_the_lead_and_ones_own_pace_to_oneself(house):
    house.conflict(house.records[0])

    mine, lead, judge = (one.ask(f"{TITLES}/progress").json for one in (house.mine, house.leading, house.judging))

    assert mine["people"] is None and mine["mine"]["given"] == 1 and mine["in_conflict"] == 1
    assert {one["name"]: one["given"] for one in lead["people"]}["Jonas Lindqvist"] == 1
    assert judge["people"] is None and judge["mine"] is None


def test_tags_are_defined_put_on_ones_own_vote_and_taken_off(house):
    record = house.records[0]
    house.leading.send(
        f"{HERE}/tags", {"name": "cement leak", "meaning": "Tells of a leak", "carries_judgement": False}
    )
    none = house.mine.send(f"{TITLES}/votes/{record}/tags", {"put": ["cement leak"], "key": "tag-key-0"})
    vote(house.mine, record, note="clearly in")

    put = house.mine.send(f"{TITLES}/votes/{record}/tags", {"put": ["cement leak", "read"], "key": "tag-key-1"})
    off = house.mine.send(f"{TITLES}/votes/{record}/tags", {"take_off": ["read"], "key": "tag-key-2"})
    listed = {one["name"]: one for one in house.mine.ask(f"{HERE}/tags").json["items"]}
    theirs = {one["name"]: one for one in house.theirs.ask(f"{HERE}/tags").json["items"]}
    house.mine.send(f"{TITLES}/finish")
    late = house.mine.send(f"{TITLES}/votes/{record}/tags", {"put": ["late"], "key": "tag-key-3"})
    retired = house.leading.send(f"{HERE}/tags/{listed['cement leak']['id']}/retire").json["items"]

    assert none.status_code == 409 and put.json["tags"] == ["cement leak", "read"]
    assert (off.json["tags"], off.json["note"], off.json["decision"]) == (["cement leak"], "clearly in", "include")
    assert listed["cement leak"]["records"] == [record] and theirs["cement leak"]["records"] == []
    assert late.status_code == 409 and late.json["error"] == "already-handed-in"
    assert [one["id"] for one in retired] == []


def test_more_tags_than_a_vote_bears_are_refused(house):
    vote(house.mine, house.records[0], tags=[f"tag {n}" for n in range(20)])

    answer = house.mine.send(f"{TITLES}/votes/{house.records[0]}/tags", {"put": ["one more"], "key": "tag-key-9"})

    assert answer.status_code == 422 and "at most 20 tags" in answer.json["message"]


def test_a_question_to_the_team_is_asked_once_and_replied_to(house):
    asked = {"stage": "title-abstract", "record": house.records[0], "text": "Which language?", "key": "ask-key-1"}
    number = [house.mine.send(f"{HERE}/team-questions", asked).json["id"] for _ in range(2)]
    here = f"{HERE}/team-questions/{number[0]}"

    replied = house.judging.send(f"{here}/replies", {"text": "In German.", "key": "reply-key-1"}).json
    hidden = house.theirs.send(f"{here}/replies", {"text": "No.", "key": "reply-key-2"})
    [mine] = house.mine.ask(f"{HERE}/team-questions").json["items"]
    read = house.mine.send(f"{here}/read").json

    assert number[0] == number[1] and replied["replies"][0]["text"] == "In German." and hidden.status_code == 404
    assert (mine["has_news"], read["has_news"]) == (True, False)
    assert house.theirs.ask(f"{HERE}/team-questions").json["items"] == []


def test_one_stands_aside_passes_on_and_is_barred(house):
    first, second, third, *_rest = house.records
    aside = {"stage": "title-abstract", "record": first, "reason": "My own trial."}
    by_lead = {"record": third, "person": house.second.user.email, "reason": "Paid by the maker."}

    house.mine.send(f"{HERE}/bars/mine", aside)
    house.mine.send(f"{HERE}/bars/language", {"stage": "title-abstract", "record": second})
    bars = house.leading.send(f"{HERE}/bars", by_lead).json["items"]
    others = house.mine.send(f"{HERE}/bars", by_lead)
    lifted = house.mine.send(f"{HERE}/bars/{bars[0]['id']}/lift").json["items"]

    assert [(one["record"], one["kind"]) for one in bars] == [
        (first, "interest"), (second, "language"), (third, "interest"),
    ]  # fmt: skip
    assert others.status_code == 403 and sum(one["lifted_at"] is not None for one in lifted) == 1
    waiting = [one["record"] for one in house.mine.send(f"{TITLES}/queue").json["items"]]
    assert waiting[:2] == [first, third]


def test_lists_languages_and_a_check_that_is_not_there(house):
    said = house.mine.send(f"{HERE}/languages", {"languages": ["English", "da"]})

    assert said.json == {"languages": ["da", "en"]}
    assert house.mine.ask(f"{TITLES}/lists/mine").json["total"] == 6
    assert house.judging.ask(f"{TITLES}/lists/mine").json["total"] == 0
    assert house.mine.ask(f"{TITLES}/check").json["error"] == "no-check"


def test_a_message_and_a_proposal_sent_twice_are_said_once(house):
    here = f"{TITLES}/conflicts/{house.conflict(house.records[0])}"
    way = {"verdict": "included", "statement": "Seen now.", "key": "way-key-1"}

    for _ in range(2):
        house.mine.send(f"{here}/messages", {"text": "Table 2 says so.", "key": "say-key-1"})
        told = house.theirs.send(f"{here}/proposals", way).json
    other = f"{TITLES}/conflicts/{house.records[1]}"
    elsewhere = house.mine.send(f"{other}/messages", {"text": "x", "key": "say-key-1"})

    assert len(told["talk"]) == 2
    assert elsewhere.status_code == 409 and elsewhere.json["error"] == "key-used"


def test_a_full_text_is_attached_listed_and_read_by_a_program(house):
    pdf = a_pdf(["Read me"])
    with database_of(house.app).write.begin() as session:
        review = session.merge(house.lead).review
        people = session.merge(house.first), session.merge(house.second)
        report = a_report(session, review, *people, found=None, title="Cement").id
        open_stage(session, review, Stage.FULL_TEXT)
    where = f"{HERE}/full-texts"

    no_pdf = house.mine.send(f"{where}/{report}/files", data=b"<html>", content_type="application/pdf")
    requested = house.mine.send(f"{where}/{report}/log", {"state": "requested", "note": "library"}).json
    for _ in range(2):
        told = house.mine.send(f"{where}/{report}/files?name=holm.pdf", data=pdf, content_type="application/pdf").json
    [card] = house.theirs.send(f"{REPORTS}/queue").json["items"]
    [file] = card["full_texts"]
    read = house.theirs.ask(f"{where}/{file['id']}/file")

    assert no_pdf.status_code == 422 and "PDF" in no_pdf.json["message"] and requested["state"] == "requested"
    assert told["state"] == "retrieved" and [one["name"] for one in told["files"]] == ["holm.pdf"]
    assert read.data == pdf and read.mimetype == "application/pdf"
    assert [one["state"] for one in house.theirs.ask(where).json["items"]] == ["retrieved"]
    assert house.theirs.ask(f"{where}/{house.records[0]}").status_code == 404


# The same by command line


@pytest.fixture
def both(sqlite_url, tmp_path, monkeypatch, capsys):
    """A house on which both faces look: `ask(address)` of the API and `say(words…)` of the command line."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", sqlite_url)
    made = House(create_app(tmp_path, sqlite_url, "Testing"), records=6)
    made.leading = made.mine.__class__(made.app, made.lead.user)
    made.conflict(made.records[0])

    def say(*words):
        monkeypatch.setattr(sys, "argv", ["workbench", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        answer = capsys.readouterr()
        return int(ended.value.code or 0), answer.out, answer.err

    made.say = say
    yield made
    made.app.extensions["workbench.sessions"].engine.dispose()


SAME = [
    ("mine", "stages/title-abstract/lists/mine", "screening lists spine title-abstract mine"),
    ("mine", "stages/title-abstract/votes", "screening mine spine title-abstract"),
    ("mine", "stages/title-abstract/conflicts", "screening conflicts spine title-abstract"),
    ("judging", "stages/title-abstract/conflicts/1", "screening conflict spine title-abstract 1"),
    ("judging", "stages/title-abstract/agreement", "screening agreement spine title-abstract"),
    ("leading", "stages/title-abstract/allocation", "screening allocation spine title-abstract"),
    ("mine", "stages/title-abstract/pilots/1", "screening pilot show spine title-abstract 1"),
    ("mine", "stages/title-abstract/pilots", "screening pilot list spine title-abstract"),
    ("mine", "tags", "screening tags list spine"),
    ("mine", "team-questions", "screening questions list spine"),
    ("mine", "bars", "screening bars list spine"),
]


def test_both_faces_give_the_same_answers(both):
    mine, lead, judge = (one.user.email for one in (both.first, both.lead, both.judge))
    where = ("spine", "title-abstract")
    for words in (
        ("pilot", "begin", *where, "--size", 2, "--user", lead),
        ("tags", "define", "spine", "leak", "Tells of a leak", "--user", lead),
        ("questions", "ask", *where, both.records[1], "Which language?", "--user", mine, "--key", "ask-it-once"),
        ("questions", "reply", "spine", 1, "German.", "--user", judge),
        ("bars", "stand-aside", *where, both.records[2], "My own trial.", "--user", mine),
        ("pass-on", *where, both.records[3], "--user", mine),
        ("bars", "set", "spine", both.records[4], both.second.user.email, "Paid.", "--user", lead),
        ("questions", "read", "spine", 1, "--user", mine),
        ("look", *where, both.records[0], "reasons", "--user", judge),
    ):
        code, _out, err = both.say("screening", *words)
        assert code == 0, (words, err)

    people = {"mine": mine, "leading": lead, "judging": judge}
    for person, address, words in SAME:
        asked = re.sub(r"conflicts/1$", f"conflicts/{both.records[0]}", address)
        said = [re.sub(r"^1$", str(both.records[0]), one) if "conflict " in words else one for one in words.split()]
        code, out, err = both.say(*said, "--user", people[person], "--json")
        assert code == 0, (words, err)
        assert json.loads(out) == getattr(both, person).ask(f"{HERE}/{asked}").json, words


def test_every_list_has_a_plain_form_for_the_eye(both):
    lead, judge = both.lead.user.email, both.judge.user.email

    shown = both.say(
        "screening", "conflict", "spine", "title-abstract", both.records[0], "--user", both.first.user.email
    )
    allocation = both.say("screening", "allocation", "spine", "title-abstract", "--user", lead)
    pilots = both.say("screening", "pilot", "list", "spine", "title-abstract", "--user", lead)
    refused = both.say("screening", "allocation", "spine", "title-abstract", "--user", judge)

    assert "clearly in" in shown[1] and f"{lead}\t0\t0\t0" in allocation[1] and "No pilot round" in pilots[2]
    assert refused[0] == 2 and "does not let you" in refused[2]


def test_tags_and_pairs_from_the_command_line(both, tmp_path):
    mine, judge = both.first.user.email, both.judge.user.email
    where, table = ("spine", "title-abstract"), tmp_path / "pairs.csv"
    both.say("screening", "vote", *where, both.records[1], "include", "--user", mine)

    put = both.say("screening", "tags", "put", *where, both.records[1], "leak", "read", "--user", mine)
    off = both.say("screening", "tags", "put", *where, both.records[1], "--take-off", "read", "--user", mine)
    pairs = both.say("screening", "agreement", *where, "--user", judge, "--pairs", table)
    voter = both.say("screening", "agreement", *where, "--user", mine)

    assert "the tags: leak, read." in put[1] and "the tags: leak." in off[1]
    assert pairs[0] == 0 and table.read_text("utf-8-sig").startswith("record_id,") and voter[0] == 2


def test_a_full_text_is_saved_from_the_command_line(both, tmp_path):
    pdf, lead = tmp_path / "holm.pdf", both.lead.user.email
    pdf.write_bytes(a_pdf(["Read me"]))
    with database_of(both.app).write.begin() as session:
        review = session.merge(both.lead).review
        report = a_report(session, review, the_lead(session, review), session.merge(both.second), found=None).id
    both.say("full-texts", "attach", "spine", report, pdf, "--user", lead)

    shown = both.say("full-texts", "show", "spine", report, "--user", lead)
    saved = both.say("full-texts", "save", "spine", 1, tmp_path / "again.pdf", "--user", lead)
    nowhere = both.say("full-texts", "save", "spine", 1, tmp_path / "no" / "where.pdf", "--user", lead)

    assert shown[1].startswith("retrieved") and "holm.pdf" in shown[1]
    assert saved[0] == 0 and (tmp_path / "again.pdf").read_bytes() == pdf.read_bytes()
    assert nowhere[0] == 2 and "cannot be written" in nowhere[2]
