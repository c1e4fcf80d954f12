"""`workbench demo`: an invented review stands, holds together, is resumed and never touches another's house."""

import io
import json
import sys

import pytest
from click.testing import CliRunner
from flask_security import verify_password
from sqlalchemy import func, select

from tests.factories import a_person, a_review
from workbench import db, serving
from workbench.accounts.models import User
from workbench.app import create_app, database_of
from workbench.audit.models import AuditEntry
from workbench.db import open_sessions
from workbench.demo.building import SLUG
from workbench.demo.command import demo
from workbench.demo.home import NotAHome, OtherReviews, open_home, start_over
from workbench.demo.people import LEAD, PASSPHRASE, SECOND
from workbench.reporting.rules import equations, read_flow
from workbench.tables import metadata


def run(home, *arguments, url=""):
    environment = {"WORKBENCH_HOME": str(home), "WORKBENCH_DATABASE_URL": url or None}
    result = CliRunner().invoke(demo, [*arguments], standalone_mode=False, env=environment)
    if result.exception:
        raise result.exception
    return result


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture(scope="module")
def told(home):
    return json.loads(run(home, "--no-serve", "--json").stdout)


def address(home):
    return f"sqlite:///{home / 'workbench.sqlite'}"


def row_counts(url):
    sessions = open_sessions(url)
    with sessions.read() as session:
        tables = metadata.sorted_tables
        counts = {table.name: session.scalar(select(func.count()).select_from(table)) for table in tables}
    sessions.engine.dispose()
    return counts


def test_the_answer_has_exactly_the_promised_keys(told):
    assert list(told) == ["home", "review", "files", "records", "duplicates", "title_abstract", "full_text", "included",
                          "prisma", "equations", "draft", "people"]  # fmt: skip
    assert [set(one) for one in told["files"]] == 5 * [{"file", "format", "records", "imported", "rejected"}]
    assert set(told["duplicates"]) == {"automatic", "by_person", "waiting"}
    assert set(told["title_abstract"]) == {"screened", "included", "excluded", "conflicts", "pending"}
    assert set(told["full_text"]) == {"sought", "not_retrieved", "assessed", "included", "excluded", "conflicts",
                                      "pending"}  # fmt: skip
    assert set(told["included"]) == {"reports", "studies"}
    assert [set(one) for one in told["people"]] == 5 * [{"name", "role", "email"}]
    assert all(value is None or type(value) is int for value in told["prisma"].values())
    assert {tuple(one) for one in told["equations"]} == {("id", "holds")}


def test_the_numbers_agree_with_each_other(told):
    duplicates, screened, read = told["duplicates"], told["title_abstract"], told["full_text"]

    assert told["records"] == sum(one["imported"] for one in told["files"]) == 134
    assert all(one["records"] == one["imported"] + one["rejected"] for one in told["files"])
    assert told["records"] - duplicates["automatic"] - duplicates["by_person"] - 3 == screened["screened"]
    assert screened["screened"] == sum(screened[key] for key in ("included", "excluded", "conflicts", "pending"))
    assert screened["included"] == read["sought"]
    assert read["assessed"] == sum(read[key] for key in ("included", "excluded", "conflicts", "pending"))
    assert told["included"]["reports"] == read["included"] == told["prisma"]["new_reports"]


def test_there_is_work_left_of_every_kind(told):
    assert told["draft"] is True
    assert told["duplicates"]["by_person"] > 0 and told["duplicates"]["waiting"] > 0
    assert told["title_abstract"]["conflicts"] == 2 and told["title_abstract"]["pending"] > 10
    assert told["full_text"]["conflicts"] == 1 and told["full_text"]["pending"] > 3
    assert told["full_text"]["not_retrieved"] == 2 and told["included"]["reports"] > 10
    assert sum(one["rejected"] for one in told["files"]) == 2


def test_every_sum_of_the_flow_holds(told):
    holds = {one["id"]: one["holds"] for one in told["equations"] if one["id"] != "R15"}

    assert False not in holds.values() and None not in holds.values()
    assert not [one.id for one in equations(read_flow(told["prisma"])) if one.holds is False and one.id != "R15"]


def test_run_again_it_changes_nothing(told, home):
    before = row_counts(address(home))

    again = run(home, "--no-serve", "--json")

    assert json.loads(again.stdout) == told
    assert row_counts(address(home)) == before
    assert again.stderr == ""


def test_the_table_is_the_whole_of_standard_output(told, home):
    table = run(home, "--no-serve").stdout

    assert table.splitlines()[0].split() == ["file", "format", "records", "imported", "rejected"]
    assert f"{told['title_abstract']['screened']} screened: {told['title_abstract']['included']} included" in table


def test_the_deeds_are_in_the_trail_under_those_who_did_them(told, home):
    sessions = open_sessions(address(home))
    with sessions.read() as session:
        rows = session.execute(select(AuditEntry.event, AuditEntry.actor_id).distinct()).all()
    sessions.engine.dispose()
    actors = {name: {actor for other, actor in rows if other == name} for name, _actor in rows}

    assert len(actors["screening:vote:cast"]) == 2
    assert {"screening:consensus:proposed", "screening:discussion:said", "screening:report:logged"} <= set(actors)


def test_both_reviewers_can_sign_in_with_what_is_printed(told, home, monkeypatch):
    monkeypatch.setattr(serving, "serve", lambda _home, _url, announce: announce("http://127.0.0.1:5/"))

    printed = run(home).stdout

    assert all(part in printed for part in ("http://127.0.0.1:5/", LEAD.email, SECOND.email, PASSPHRASE))
    app = create_app(home, address(home))
    with app.app_context(), database_of(app).read() as session:
        stored = session.scalars(select(User.password).where(User.email.in_([LEAD.email, SECOND.email]))).all()
        assert [verify_password(PASSPHRASE, one) for one in stored] == [True, True]
    database_of(app).engine.dispose()


def test_with_json_the_address_is_told_aside(told, home, monkeypatch):
    monkeypatch.setattr(serving, "serve", lambda _home, _url, announce: announce("http://127.0.0.1:5/"))

    result = run(home, "--json")

    assert json.loads(result.stdout) == told and "http://127.0.0.1:5/" in result.stderr


def test_it_does_not_move_in_with_reviews_of_others(sqlite_url, tmp_path):
    sessions = open_sessions(sqlite_url)
    with sessions.write.begin() as session:
        a_review(session, "real")
    before = row_counts(sqlite_url)

    for arguments in ([], ["--fresh"]):
        with pytest.raises(OtherReviews):
            run(tmp_path, "--no-serve", *arguments)

    assert row_counts(sqlite_url) == before
    sessions.engine.dispose()


def test_it_does_not_move_in_with_people_who_have_no_review_yet(sqlite_url, tmp_path):
    sessions = open_sessions(sqlite_url)
    with sessions.write.begin() as session:
        a_person(session)
    sessions.engine.dispose()

    with pytest.raises(OtherReviews):
        open_home(tmp_path, sqlite_url)


def test_starting_over_takes_an_earlier_demonstration_away(sqlite_url, tmp_path):
    sessions = open_sessions(sqlite_url)
    with sessions.write.begin() as session:
        a_review(session, SLUG)
    sessions.engine.dispose()
    (tmp_path / "files").mkdir()

    start_over(tmp_path, sqlite_url)

    assert not tmp_path.exists()


def test_starting_over_empties_a_database_that_lies_elsewhere(url, tmp_path):
    sessions = open_sessions(url)
    with sessions.write.begin() as session:
        a_review(session, SLUG)
    sessions.engine.dispose()

    start_over(tmp_path / "none", url)
    db.upgrade(url)

    assert row_counts(url)["review"] == 0


def test_starting_over_leaves_a_folder_of_other_things_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(NotAHome):
        start_over(tmp_path, f"sqlite:///{tmp_path / 'workbench.sqlite'}")

    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_starting_over_asks_where_somebody_can_answer(home, told, monkeypatch):
    from click import Abort

    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("workbench.demo.command.sys", type("Sys", (), {"stdin": Terminal(), "stdout": sys.stdout}))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _text="": "n")

    with pytest.raises(Abort):
        run(home, "--no-serve", "--fresh")

    assert row_counts(address(home))["review"] == 1


@pytest.mark.long
def test_on_either_database_it_stands_and_starts_over(url, tmp_path):
    first = json.loads(run(tmp_path / "home", "--no-serve", "--json", url=url).stdout)
    fresh = json.loads(run(tmp_path / "home", "--no-serve", "--json", "--fresh", url=url).stdout)

    assert fresh == first and fresh["records"] == 134
