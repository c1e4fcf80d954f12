"""Screening and retrieval from the command line: one line each, and exit code 2 with a reason where it does not go."""

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.factories import EXCLUDE, INCLUDE, a_member, a_person, a_record, a_report, a_review, a_vote, open_stage
from tests.pdfs import a_pdf
from workbench import cli
from workbench.db import open_sessions
from workbench.records.models import Record
from workbench.reviews.models import Review
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import Assignment, FullText, HandIn, SentPdf, Settlement, StageEvent, Vote
from workbench.screening.rules import Path as Way
from workbench.screening.rules import Verdict
from workbench.screening.service import conflicts

TITLES = Stage.TITLE_ABSTRACT


class House:
    """A review in a house of its own, and the command line on it."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.sessions, self._capsys, self._monkeypatch = open_sessions(url), capsys, monkeypatch
        with self.sessions.write.begin() as session:
            review = a_review(session, "spine", lead=a_person(session, email="lead@example.org"))
            self.first = a_member(session, review, email="first@example.org")
            self.second = a_member(session, review, email="second@example.org")
            a_member(session, review, Role.ADJUDICATOR, email="judge@example.org")
            open_stage(session, review)
            self.review_id = review.id

    def make(self, what, *arguments, **values):
        """Make a record or report in the review; gives its id."""
        with self.sessions.write.begin() as session:
            review = session.get_one(Review, self.review_id)
            return what(session, review, *(session.merge(one) for one in arguments), **values).id

    def conflict(self) -> int:
        """A record on which the two reviewers differ."""
        record_id = self.make(a_record)
        with self.sessions.write.begin() as session:
            for one, ballot in ((self.first, INCLUDE), (self.second, EXCLUDE)):
                a_vote(session, session.merge(one), session.get_one(Record, record_id), ballot)
        return record_id

    def say(self, *words: object) -> tuple[int, str, str]:
        """Run a command; its exit code, what it answered, and what it said beside."""
        self._monkeypatch.setattr(sys, "argv", ["workbench", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        answer = self._capsys.readouterr()
        return int(ended.value.code or 0), answer.out.strip(), answer.err.strip()

    def stored(self, table) -> list:
        with self.sessions.read() as session:
            return list(session.scalars(select(table)))


@pytest.fixture
def house(sqlite_url, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", sqlite_url)
    made = House(sqlite_url, capsys, monkeypatch)
    yield made
    made.sessions.engine.dispose()


def test_a_vote_is_cast_and_handed_in(house):
    record = house.make(a_record)

    cast = house.say("screening", "vote", "spine", "title-abstract", record, "exclude", "--user", "First@example.org",
                     "--reason", "wrong-design", "--note", "A cohort.")  # fmt: skip
    assert cast == (0, f"Record {record}: exclude, in hand.", "")
    assert house.stored(Vote)[0].note == "A cohort." and house.stored(HandIn) == []

    handed = house.say("screening", "hand-in", "spine", "title-abstract", "--user", "first@example.org")
    assert handed == (0, "Votes handed in: 1", "") and len(house.stored(HandIn)) == 1


def test_a_conflict_is_adjudicated(house):
    record = house.conflict()
    settled = house.say("screening", "settle", "spine", "title-abstract", record, "included",
                        "--user", "judge@example.org", "--why", "In doubt, in.")  # fmt: skip

    assert settled == (0, f"Record {record}: included, by adjudication.", "")


def test_a_consensus_is_agreed_to(house):
    record = house.conflict()
    command = ("screening", "settle", "spine", "title-abstract", record, "--agree", "--user")
    code, _out, error = house.say(*command, "second@example.org")
    assert code == 2 and "Nobody has proposed" in error
    with house.sessions.write.begin() as session:
        conflicts.propose(session, session.merge(house.first), record, TITLES, Verdict.INCLUDED, "In.")

    code, _out, error = house.say(*command, "first@example.org")
    assert code == 2 and "other reviewer" in error
    assert house.say(*command, "second@example.org") == (0, f"Record {record}: included, by consensus.", "")
    assert house.stored(Settlement)[0].path is Way.CONSENSUS


def test_a_stage_is_closed_and_opened_again(house):
    lead = ("--user", "lead@example.org")

    assert house.say("screening", "close", "spine", "title-abstract", *lead) == (0, "title-abstract is closed.", "")
    assert house.say("screening", "open", "spine", "title-abstract", *lead)[1] == "title-abstract is open again."
    assert house.say("screening", "open", "spine", "full-text", *lead)[1] == "full-text is open."
    assert len(house.stored(StageEvent)) == 4


def test_reports_are_listed_logged_and_attached(house, tmp_path):
    report = house.make(a_report, house.first, house.second, found=None, doi="10.1/x", title="Two\nlines")
    file = tmp_path / "paper.pdf"
    file.write_bytes(a_pdf(["Two lines"]))
    user = ("--user", "first@example.org")

    assert house.say("full-texts", "list", "spine")[1] == f"{report}\tsought\t0\t10.1/x\tTwo lines"
    assert house.say("full-texts", "log", "spine", report, "requested", *user)[1] == f"Record {report}: requested."
    attached = house.say("full-texts", "attach", "spine", report, file, *user)
    assert attached == (0, f"Record {report}: paper.pdf attached.", "")
    code, out, told = house.say("full-texts", "list", "spine")
    assert (code, out.split("\t")[1:3], told) == (0, ["retrieved", "1"], "1 reports are sought: 1 retrieved.")


def test_pdfs_find_their_reports_from_the_command_line(house, tmp_path):
    report = house.make(
        a_report, house.first, house.second, found=None, doi="10.1000/x", title="Two lines on the spine"
    )
    files = [tmp_path / name for name in ("right.pdf", "doubtful.pdf", "web.pdf")]
    for path, data in zip(
        files, (a_pdf(["doi:10.1000/x", "Two lines on the spine"]), a_pdf(["doi:10.1000/x"]), b"<html>"), strict=True
    ):
        path.write_bytes(data)
    command = ("full-texts", "attach", "spine", *files, "--user", "first@example.org")

    code, out, told = house.say(*command, "--dry-run")
    assert (code, told) == (0, "Nothing was written: 1 attached, 1 refused, 1 to-confirm.")
    assert out.split("\n")[0] == f"right.pdf\tattached\t{report}\tDOI on page 1, title 100 %"
    assert house.stored(FullText) == house.stored(SentPdf) == []

    code, out, _told = house.say(*command, "--json")
    found = json.loads(out)
    assert [one["standing"] for one in found] == ["attached", "to-confirm", "refused"] and found[0]["record"] == report
    assert len(house.stored(FullText)) == 1 and len(house.stored(SentPdf)) == 3
    assert "a web page" in found[2]["reason"] and found[1]["proposals"][0]["doubts"] == ["has-file", "other-title"]


def test_a_full_text_is_voted_on_with_questions_and_design(house):
    report = house.make(a_report, house.first, house.second)
    house.say("screening", "open", "spine", "full-text", "--user", "lead@example.org")
    command = ("screening", "vote", "spine", "full-text", report, "include", "--user", "first@example.org")

    code, _out, error = house.say(*command)
    assert code == 2 and "which question" in error
    answered = ("--question", "pico2", "--question", "pico1", "--design", "guideline")
    assert house.say(*command, *answered)[0] == 0
    assert house.stored(Vote)[-1].questions == "pico1 pico2"


@pytest.mark.parametrize(("words", "why"), [
    (("screening", "vote", "spine", "title-abstract", "999", "include", "--user", "first@example.org"), "no record"),
    (("screening", "vote", "other", "title-abstract", "1", "include", "--user", "first@example.org"), "not a member"),
    (("screening", "vote", "spine", "title-abstract", "1", "include", "--user", "nobody@example.org"), "not a member"),
    (("screening", "vote", "spine", "title-abstract", "1", "include", "--user", "judge@example.org"), "role"),
    (("screening", "vote", "spine", "title-abstract", "1", "exclude", "--user", "first@example.org", "--reason", "x"),
     "They are: not-malignant"),
    (("screening", "vote", "spine", "title", "1", "include", "--user", "first@example.org"), "title"),
    (("screening", "settle", "spine", "title-abstract", "1", "--user", "judge@example.org"), "--agree"),
    (("screening", "open", "spine", "full-text", "--user", "first@example.org"), "role"),
    (("full-texts", "log", "spine", "1", "requested", "--user", "first@example.org"), "not sought"),
    (("full-texts", "attach", "spine", "1", "nowhere.pdf", "--user", "first@example.org"), "cannot be read"),
    (("full-texts", "list", "other"), "no review"),
])  # fmt: skip
def test_what_does_not_go_ends_with_a_reason_and_changes_nothing(house, words, why):
    house.make(a_record)
    code, out, error = house.say(*words)

    assert code == 2 and out == "" and why in error
    assert house.stored(Vote) == house.stored(Settlement) == house.stored(FullText) == []


def test_without_a_database_it_says_what_to_run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "nowhere"))
    monkeypatch.delenv("WORKBENCH_DATABASE_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["workbench", "full-texts", "list", "spine"])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2 and "db upgrade" in capsys.readouterr().err
    assert not Path(tmp_path / "nowhere" / "workbench.sqlite").exists()


def test_the_queue_and_ones_own_votes_from_the_command_line(house):
    records = [house.make(a_record) for _ in range(3)]
    for deed in ("close", "open"):
        house.say("screening", deed, "spine", "title-abstract", "--user", "lead@example.org")

    shown = house.say("screening", "queue", "spine", "title-abstract", "--user", "first@example.org", "--limit", 2)
    code, told, _said = house.say(
        "screening", "queue", "spine", "title-abstract", "--user", "first@example.org", "--json"
    )
    cards = json.loads(told)["items"]
    for record in records[:2]:
        house.say("screening", "vote", "spine", "title-abstract", record, "include", "--user", "first@example.org")
    taken = house.say("screening", "withdraw", "spine", "title-abstract", records[0], "--user", "first@example.org")
    nothing = house.say("screening", "withdraw", "spine", "title-abstract", records[2], "--user", "first@example.org")
    mine = house.say("screening", "mine", "spine", "title-abstract", "--user", "first@example.org")
    as_json = house.say("screening", "mine", "spine", "title-abstract", "--user", "first@example.org", "--json")

    assert code == 0 and [one["record"] for one in cards] == records and "abstract" in cards[0]
    assert len(shown[1].splitlines()) == 2 and shown[1].startswith(f"{records[0]}\t2014\t")
    assert "taken back" in taken[1] and "no vote there" in nothing[1]
    assert mine[1] == f"{records[1]}\tinclude\t\tin hand" and json.loads(as_json[1])["total"] == 1


def test_an_empty_queue_says_so_beside_an_empty_answer(house):
    code, told, said = house.say("screening", "queue", "spine", "full-text", "--user", "first@example.org")

    assert (code, told) == (0, "") and "No record waits" in said


def test_one_key_is_one_vote_from_the_command_line_too(house):
    record = house.make(a_record)
    words = ("screening", "vote", "spine", "title-abstract", record, "include", "--user", "first@example.org")

    codes = [house.say(*words, "--key", "my-own-key-1")[0] for _ in range(2)]

    assert codes == [0, 0] and len(house.stored(Vote)) == 1


def test_a_conflict_is_discussed_and_settled_from_the_command_line(house):
    record, where = house.conflict(), ("spine", "title-abstract")

    said = house.say("screening", "message", *where, record, "Table 2 says so.", "--user", "first@example.org")
    proposed = house.say(
        "screening", "propose", *where, record, "included", "--why", "Seen now.", "--user", "second@example.org"
    )
    own = house.say("screening", "agree", *where, record, "--user", "second@example.org")
    agreed = house.say("screening", "agree", *where, record, "--user", "first@example.org")

    assert (said[0], proposed[0], own[0], agreed[0]) == (0, 0, 2, 0)
    assert "included, by consensus" in agreed[1] and house.stored(Settlement)[0].path is Way.CONSENSUS


# Arranging a stage


def test_records_are_allocated_by_shares_and_a_dry_run_changes_nothing(house):
    for _ in range(4):
        house.make(a_record)
    house.say("screening", "close", "spine", TITLES, "--user", "lead@example.org")
    house.say("screening", "open", "spine", TITLES, "--user", "lead@example.org")
    words = ["screening", "allocate", "spine", TITLES, "--user", "lead@example.org", "--share", "lead@example.org=100",
             "--share", "first@example.org=75", "--share", "second@example.org=25", "--json"]  # fmt: skip

    code, answer, _err = house.say(*words, "--dry-run")
    assert (code, json.loads(answer)["people"]) == (
        0, {"lead@example.org": 4, "first@example.org": 3, "second@example.org": 1},
    )  # fmt: skip
    assert house.stored(Assignment) == []

    assert house.say(*words)[0] == 0 and len(house.stored(Assignment)) == 8
    code, answer, _err = house.say(
        "screening", "allocate", "spine", TITLES, "--user", "lead@example.org", "--from", "second@example.org", "--to",
        "first@example.org",
    )  # fmt: skip
    assert (code, answer) == (0, "first@example.org\t1")
    listed = house.say("screening", "lists", "spine", TITLES, "mine", "--user", "second@example.org", "--json")[1]
    assert json.loads(listed)["total"] == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "not clear how"),
        (["--everyone", "--batch", "A"], "not clear how"),
        (["--share", "lead@example.org=half"], "is no share"),
        (["--batch", "A", "--to", "nobody@example.org"], "not a member"),
        (["--share", "lead@example.org=50"], "The shares make 50"),
    ],
)
def test_an_allocation_that_is_not_clear_is_refused(house, words, says):
    code, _answer, error = house.say("screening", "allocate", "spine", TITLES, "--user", "lead@example.org", *words)

    assert code == 2 and says in error


def test_a_pilot_round_from_the_command_line(house):
    record = house.make(a_record)
    house.say("screening", "close", "spine", TITLES, "--user", "lead@example.org")
    house.say("screening", "open", "spine", TITLES, "--user", "lead@example.org")

    assert house.say("screening", "pilot", "begin", "spine", TITLES, "--user", "lead@example.org", "--size", 1)[0] == 0
    shown = ["screening", "pilot", "show", "spine", TITLES, 1, "--user", "first@example.org", "--json"]
    for who, decision in (("first", "include"), ("second", "exclude")):
        house.say("screening", "vote", "spine", TITLES, record, decision, "--user", f"{who}@example.org")
        house.say("screening", "hand-in", "spine", TITLES, "--user", f"{who}@example.org")
    assert json.loads(house.say(*shown)[1])["disagreements"] is None
    house.say("screening", "pilot", "release", "spine", TITLES, 1, "lead@example.org", "--user", "lead@example.org")

    told = json.loads(house.say(*shown)[1])
    assert told["open"] and told["disagreements"] == [
        {"record": record, "votes": {"first@example.org": "include", "second@example.org": "exclude"}}
    ]
    told = json.loads(house.say(*shown[:-2], "judge@example.org", "--json")[1])
    assert told["differ"] == 1 and told["disagreements"] is None


def test_a_rule_without_a_second_check_has_no_error_rate(house):
    code, _answer, error = house.say("screening", "check", "spine", TITLES, "--user", "lead@example.org", "--json")

    assert code == 2 and "no second check" in error


def test_the_languages_that_one_reads(house):
    said = house.say("screening", "languages", "spine", "English", "da", "--user", "first@example.org")

    assert said[:2] == (0, "You read: da, en.")
