"""The pages and commands of agreement and progress, of tags and of questions to the team."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from tests.factories import a_member, a_record, a_review, an_import, the_lead
from tests.screening.test_cli import House as CommandLine
from tests.screening.test_stage_faces import browser, do
from workbench.app import database_of
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import Inquiry, Reply, Tag
from workbench.screening.queries.agreement import Point, figures
from workbench.screening.rules import Ballot, Decision, Verdict
from workbench.screening.service import conflicts, stages, voting

STAGE = "/reviews/spine/stages/title-abstract"
SAID = (
    [(Decision.INCLUDE, Decision.INCLUDE)] * 3
    + [(Decision.INCLUDE, Decision.EXCLUDE)]
    + [(Decision.UNCLEAR, Decision.EXCLUDE)]
    + [(Decision.EXCLUDE, Decision.EXCLUDE)] * 5
)


@pytest.fixture
def house(app):
    """A review whose two voters have handed in ten pairs; a methodologist and an observer look on."""
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        app.lead, app.second = the_lead(session, review), a_member(session, review, name="=Jonas")
        app.methodologist = a_member(session, review, Role.METHODOLOGIST, name="Mette")
        app.observer = a_member(session, review, Role.OBSERVER, name="Ole")
        of = an_import(session, review)
        app.records = [a_record(session, review, of=of, title=f"Trial {n}").id for n in range(len(SAID) + 1)]
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)
        for record_id, pair in zip(app.records, SAID, strict=False):
            for person, decision in zip((app.lead, app.second), pair, strict=True):
                key = f"{person.id}-{record_id}-key"
                voting.cast_vote(session, person, record_id, Stage.TITLE_ABSTRACT, Ballot(decision), key)
        for person in (app.lead, app.second):
            voting.hand_in(session, person, Stage.TITLE_ABSTRACT)
    return app


def close(app):
    with database_of(app).write.begin() as session:
        stages.close_stage(session, session.merge(app.lead), Stage.TITLE_ABSTRACT)


def rows(answer):
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_tables_open_to_who_may_decide_once_the_conflicts_are_settled(house):
    judge, observer = browser(house, house.methodologist.user), browser(house, house.observer.user)

    page = judge.get(f"{STAGE}/agreement").text
    assert "Two by two table" not in page and "2 conflicts are open that you may be asked to decide" in page
    assert "Two by two table" in observer.get(f"{STAGE}/agreement").text

    with database_of(house).write.begin() as session:
        for record_id in house.records[3:5]:
            member = session.merge(house.methodologist)
            conflicts.adjudicate(session, member, record_id, Stage.TITLE_ABSTRACT, Verdict.INCLUDED, "In.")
    assert "Two by two table" in judge.get(f"{STAGE}/agreement").text


def test_agreement_is_hidden_from_who_may_still_vote_until_the_stage_closes(house):
    client = browser(house, house.lead.user)

    page = client.get(f"{STAGE}/agreement")
    assert "hidden from you while it is open" in page.text and "Cohen" not in page.text
    assert client.get(f"{STAGE}/agreement/pairs.csv").status_code == 403
    close(house)

    page = client.get(f"{STAGE}/agreement")
    assert "agree on 80 % of 10 records, and on 75 % of their includes" in page.text
    assert client.get(f"{STAGE}/agreement/pairs.csv").status_code == 200


def test_who_does_not_vote_sees_the_figures_while_the_stage_is_open(house):
    page = browser(house, house.observer.user).get(f"{STAGE}/agreement").text

    assert "agree on 80 % of 10 records" in page and "Unclear for itself" in page
    assert re.search(r"Cohen’s kappa</dt><dd class=\"num\">\.60", page)


def test_the_pairs_come_row_by_row_and_no_name_is_a_formula(house):
    found = rows(browser(house, house.observer.user).get(f"{STAGE}/agreement/pairs.csv"))

    assert len(found) == 10 and {row["reviewer_2"] for row in found} == {"'=Jonas"}
    unclear = next(row for row in found if row["decision_1"] == "unclear")
    assert (unclear["decision_2"], unclear["agree"], unclear["agree_unclear_apart"]) == ("exclude", "no", "no")


def test_who_may_decide_a_conflict_does_not_read_its_votes_in_the_rows(house):
    found = rows(browser(house, house.methodologist.user).get(f"{STAGE}/agreement/pairs.csv"))

    hidden = [row for row in found if row["decision_1"].startswith("hidden")]
    assert len(hidden) == 2 and all(row["reviewer_1"] == row["agree"] == row["decision_1"] for row in hidden)


def test_one_pair_is_asked_for_by_itself_and_an_unknown_one_is_not_found(house):
    client = browser(house, house.observer.user)

    assert "=Jonas: include" in client.get(f"{STAGE}/agreement?pair={house.lead.id}-{house.second.id}").text
    assert client.get(f"{STAGE}/agreement?pair=7-8").status_code == 404


def test_the_figures_over_time_are_handed_out_as_a_picture(house, monkeypatch):
    with database_of(house).write.begin() as session:
        session.merge(house.lead).review.title = "Cement <b>& bone"
    halves = lambda chosen: [Point(name, figures(some)) for name, some in (("1", chosen[:5]), ("2", chosen[5:]))]  # noqa: E731
    client = browser(house, house.observer.user)

    too_few = client.get(f"{STAGE}/agreement/picture.svg")
    monkeypatch.setattr("workbench.screening.views.agreement._points", halves)
    drawn = client.get(f"{STAGE}/agreement/picture.svg?pair={house.lead.id}-{house.second.id}")
    hidden = browser(house, house.lead.user).get(f"{STAGE}/agreement/picture.svg")

    assert (too_few.status_code, hidden.status_code, drawn.mimetype) == (409, 403, "image/svg+xml")
    texts = [one.text for one in ElementTree.fromstring(drawn.text).iter("{http://www.w3.org/2000/svg}text")]
    assert "Cement <b>& bone" in texts and {"Observed agreement", "Cohen’s kappa"} <= set(texts)
    assert any("=Jonas" in text for text in texts)


def test_a_stage_without_pairs_says_when_figures_come(house):
    page = browser(house, house.observer.user).get("/reviews/spine/stages/full-text/agreement").text

    assert "Nothing to compare yet" in page


def test_progress_tells_shares_to_who_runs_the_stage_and_one_s_own_pace_to_oneself(house):
    lead, second = (browser(house, one.user).get(f"{STAGE}/progress").text for one in (house.lead, house.second))

    assert "Who still has how much to give" in lead and "Who still has how much" not in second
    assert "2 votes are still to be given" in lead and "only you see this" in second
    assert "only you see this" not in browser(house, house.observer.user).get(f"{STAGE}/progress").text


def test_the_lead_defines_a_tag_which_is_offered_at_the_ballot_and_taken_out_of_use(house):
    lead, second = browser(house, house.lead.user), browser(house, house.second.user)
    form = {"name": "key paper", "meaning": "Read it first", "judgement": "yes"}

    assert do(lead, "/reviews/spine/tags", **form).status_code == 303
    assert do(lead, "/reviews/spine/tags", **form).status_code == 409
    assert do(lead, "/reviews/spine/tags", **form | {"name": " "}).status_code == 422
    assert 'data-tag="key paper"' in second.get("/reviews/spine/screen/title-abstract").text
    assert do(second, "/reviews/spine/tags", **form).status_code == 403

    [tag] = stored(house, Tag)
    assert do(lead, f"/reviews/spine/tags/{tag.id}/retire").status_code == 303
    assert 'data-tag="key paper"' not in second.get("/reviews/spine/screen/title-abstract").text


def test_a_question_is_asked_answered_told_on_the_desk_and_read(house):
    asker, judge, lead = (browser(house, one.user) for one in (house.second, house.methodologist, house.lead))
    about = f"/reviews/spine/team-questions/title-abstract/{house.records[-1]}"

    assert f'href="{about}"' in asker.get("/reviews/spine/screen/title-abstract").text
    for _twice in range(2):
        assert do(asker, about, text="Which language?", key="key-of-the-form").status_code == 303
    [asked] = stored(house, Inquiry)
    assert do(asker, about, text=" ").status_code == 422
    assert "question to the team" in judge.get("/reviews/spine/").text
    assert do(lead, f"/reviews/spine/team-questions/{asked.id}/replies", text="Mine").status_code == 404
    assert "Which language?" not in lead.get(about).text
    assert do(judge, f"/reviews/spine/team-questions/{asked.id}/replies", text="German").status_code == 303

    assert "has a new reply" in asker.get("/reviews/spine/screen/title-abstract").text
    assert "German" in asker.get(about).text
    assert do(asker, f"/reviews/spine/team-questions/{asked.id}/read").status_code == 303
    assert "has a new reply" not in asker.get("/reviews/spine/screen/title-abstract").text
    assert len(stored(house, Reply)) == 1


def test_an_observer_reads_questions_and_asks_none(house):
    client = browser(house, house.observer.user)
    about = f"/reviews/spine/team-questions/title-abstract/{house.records[0]}"

    assert "Observers read" in client.get(about).text
    assert do(client, about, text="Why?").status_code == 403


def stored(app, table):
    with database_of(app).read() as session:
        return session.query(table).all()


@pytest.fixture
def line(sqlite_url, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setenv("WORKBENCH_DATABASE_URL", sqlite_url)
    made = CommandLine(sqlite_url, capsys, monkeypatch)
    yield made
    made.sessions.engine.dispose()


def test_the_commands_tell_agreement_to_nobody_who_still_votes_and_progress_to_all(line):
    line.conflict()
    asked = ("screening", "agreement", "spine", "title-abstract")

    for refused in (asked, (*asked, "--user", "first@example.org")):
        code, out, err = line.say(*refused)
        assert code == 2 and not out and "The stage is open" in err
    code, out, _err = line.say(*asked, "--user", "judge@example.org")
    assert code == 0 and "Observed agreement\t0" in out and "not estimable" in out
    assert "Tables are hidden while conflicts are open that you may be asked to decide: 1." in out
    told = json.loads(line.say(*asked, "--user", "judge@example.org", "--json")[1])
    assert (told["undecided"], told["two_by_two"]["cells"], told["three_by_three"]) == (1, None, None)
    assert told["pairs"][0]["two_by_two"]["cells"] is told["pairs"][0]["three_by_three"] is None

    line.say("screening", "close", "spine", "title-abstract", "--user", "lead@example.org")
    told = json.loads(line.say(*asked, "--json")[1])
    assert told["two_by_two"]["cells"] == [[0, 1], [0, 0]] and told["two_by_two"]["kappa"] == 0
    assert told["two_by_two"]["kappa_low"] is None and told["pairs"][0]["people"] == ["Jonas Lindqvist"] * 2

    told = json.loads(line.say("screening", "progress", "spine", "--json")[1])
    assert [stage["in_conflict"] for stage in told["stages"]] == [1, 0]
    assert "in conflict\t1" in line.say("screening", "progress", "spine")[1]
