"""The protocol's pages and the commands on reviews."""

import io
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests.factories import a_document, a_member, a_person, a_review, sign_in, the_lead
from workbench.accounts.models import User
from workbench.app import database_of
from workbench.errors import Clash
from workbench.protocols import service
from workbench.protocols.cli import reviews
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import read_protocol
from workbench.resources import resource
from workbench.reviews.models import Review
from workbench.reviews.rules import Role

PROTOCOL = Path(__file__).resolve().parent.parent / "data" / "protocol.yaml"
CEMENT = PROTOCOL.read_bytes()
FLAGSHIP = (resource("search_protocols") / "vertebral-augmentation.yaml").read_bytes()
ADDRESS = "/reviews/cement-spine/protocol"


@pytest.fixture
def app(app):
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def post(client, address, file=None, **form):
    """Send a form as a browser does, with the token of the page it stands on."""
    import re

    page = client.get("/reviews/new").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    files = {"file": (io.BytesIO(file), "protocol.yaml")} if file is not None else {}
    return client.post(address, data=form | files | {"csrf_token": token}, content_type="multipart/form-data")


def begun(app, data=CEMENT):
    with database_of(app).write.begin() as session:
        return service.begin(session, a_person(session), data, "protocol.yaml")


def count(app, table):
    with database_of(app).read() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_review_begins_in_the_browser(app, client):
    with database_of(app).write.begin() as session:
        person = a_person(session)

    answer = post(sign_in(client, person), "/reviews/new", CEMENT)

    assert answer.status_code == 303 and answer.location.endswith(ADDRESS)
    page = client.get(ADDRESS).text
    assert "Version 1 has been in force" in page and "not recorded" in page and "Kyphoplasty" in page


def test_every_problem_of_a_file_is_listed_with_its_line_and_nothing_is_changed(app, client):
    with database_of(app).write.begin() as session:
        person = a_person(session)
    broken = CEMENT.replace(b'"2005"', b"2005").replace(b"type: new", b"typ: new")

    answer = post(sign_in(client, person), "/reviews/new", broken)

    assert answer.status_code == 422 and count(app, Review) == 0
    assert "limits.from" in answer.text and "The year 2005 stands without quotes." in answer.text
    assert "“typ” is not a key that is known here." in answer.text


@pytest.mark.parametrize(
    ("file", "status"), [(None, 422), (b"", 422), (b"<script>alert(1)</script>", 422), (CEMENT, 409)]
)
def test_what_cannot_begin_a_review_is_said_on_the_page_of_the_form(app, client, file, status):
    member = begun(app)

    answer = post(sign_in(client, member.user), "/reviews/new", file)

    assert answer.status_code == status and 'role="alert"' in answer.text and count(app, Review) == 1
    assert "<script>alert" not in answer.text


def test_the_flagship_s_page_says_what_is_not_independent(app, client):
    member = begun(app, FLAGSHIP)

    page = sign_in(client, member.user).get("/reviews/vertebral-augmentation/protocol").text

    assert "Not independent: nobody checks what one person excludes." in page
    assert "Two people judge every record, independently of each other." in page


def test_an_amendment_comes_into_force_in_the_browser(app, client):
    member = begun(app)
    amended = CEMENT.replace(b"Randomised trials\n    targets", b"Trials\n    targets")

    answer = post(sign_in(client, member.user), ADDRESS, amended, reason="A shorter name.")

    assert answer.status_code == 303
    page = client.get(ADDRESS).text
    assert "Version 2" in page and "A shorter name." in page and "steps" in page


def test_an_amendment_that_changes_nothing_is_refused_and_keeps_the_reason_that_was_typed(app, client):
    member = begun(app)

    answer = post(sign_in(client, member.user), ADDRESS, CEMENT, reason="Because of this")

    assert answer.status_code == 409 and "Because of this" in answer.text and count(app, ProtocolVersion) == 1


def test_an_observer_reads_the_protocol_and_cannot_amend_it(app, client):
    member = begun(app)
    with database_of(app).write.begin() as session:
        observer = a_member(session, session.merge(member.review), Role.OBSERVER).user

    page = sign_in(client, observer).get(ADDRESS)

    assert page.status_code == 200 and 'id="amend"' not in page.text
    assert post(client, ADDRESS, CEMENT, reason="x").status_code == 403


def test_to_a_stranger_the_protocol_does_not_exist(app, client):
    begun(app)
    with database_of(app).write.begin() as session:
        stranger = a_person(session)
    sign_in(client, stranger)

    for address in (ADDRESS, ADDRESS + "/versions/1.yaml", ADDRESS + ".yaml"):
        assert client.get(address).status_code == 404


def test_the_file_is_given_back_as_it_was_uploaded_and_with_its_log(app, client):
    member = begun(app)
    sign_in(client, member.user)

    uploaded, logged = client.get(ADDRESS + "/versions/1.yaml"), client.get(ADDRESS + ".yaml")

    assert uploaded.data == CEMENT and "attachment" in logged.headers["Content-Disposition"]
    assert read_protocol(logged.data, "x").plan_sha256 == read_protocol(CEMENT, "x").plan_sha256
    assert client.get(ADDRESS + "/versions/2.yaml").status_code == 404


@pytest.fixture
def home(sqlite_template, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_DATABASE_URL", raising=False)
    shutil.copy(sqlite_template, tmp_path / "workbench.sqlite")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(reviews, [str(argument) for argument in arguments], catch_exceptions=True)


def create(email="karen@example.org", *more):
    return run("create", "--protocol", PROTOCOL, "--lead", email, *more)


@pytest.mark.usefixtures("home")
def test_a_review_is_created_and_listed_on_the_command_line():
    assert run("list", "--json").stdout.strip() == "[]"

    assert create("karen@example.org", "--name", "Karen Holm").exit_code == 0

    [review] = json.loads(run("list", "--json").stdout)
    assert review["review"] == "cement-spine" and "cement-spine" in run("list").stdout
    assert isinstance(create().exception, Clash)


def test_a_new_lead_signs_in_with_the_password_that_was_printed(home):
    from workbench.app import create_app

    password = create().stdout.split("shown only now: ")[1].split()[0]

    app = create_app(
        home, f"sqlite:///{home / 'workbench.sqlite'}", SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False
    )
    answer = app.test_client().post("/sign-in", data={"email": "karen@example.org", "password": password})
    assert answer.status_code in {302, 303} and answer.location == "/"
    assert count(app, User) == 1
    database_of(app).engine.dispose()


def test_the_protocol_page_writes_the_final_query_out_and_says_what_does_not_resolve(app, client):

    document = a_document("written")
    lines = [{"n": 1, "query": "cement"}, {"n": 2, "query": "spine or bone"}, {"n": 3, "query": "#1 AND #2"}]
    runs = document["steps"][0]["sources"][0]["runs"]
    runs[0] |= {"strategy": lines, "final_line": 3}
    runs.append({"id": "pm-2", "searched_on": "2026", "strategy": [*lines, {"n": 4, "query": "#9"}], "final_line": 4})
    with database_of(app).write.begin() as session:
        person = the_lead(session, a_review(session, "written", document=document)).user

    page = sign_in(client, person).get("/reviews/written/protocol").text

    assert ">cement AND (spine or bone)</textarea>" in page
    assert "there is no line 9" in page and "The query cannot be written out." in page
    assert page.count("not used by the final line") == 3
