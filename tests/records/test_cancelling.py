"""An import that is cancelled counts nowhere, and is resumed or taken back."""

import re

from sqlalchemy import func, select

from tests.factories import a_member, sign_in
from tests.records.pages import BASE, send, work
from workbench.app import database_of
from workbench.jobs.models import Job
from workbench.records import tasks
from workbench.records.models import Record
from workbench.reviews.rules import Role

MANY = b"".join(b"TY  - JOUR\nT1  - Trial %d of cement\nER  - \n\n" % n for n in range(25))


def test_an_import_is_cancelled_on_its_page_and_resumed_where_it_stopped(app, client, house, monkeypatch):
    _member, runs = house
    monkeypatch.setattr(tasks, "PART", 10)
    page = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", MANY)).location
    address = re.search(r'action="(/reviews/cement-spine/jobs/\d+/cancel)"', client.get(page).text)[1]

    answer = send(client, address.removeprefix(BASE))
    work(app)

    assert answer.status_code == 303 and answer.location == page
    told = client.get(page).text
    assert "It was cancelled" in told and "Resume" in told and "Nothing of it counts." in told
    assert "cancelled" in client.get(BASE + "/searches").text
    assert send(client, address.removeprefix(BASE)).status_code == 409
    send(client, page.removeprefix(BASE) + "/again")
    work(app)
    assert "25 of 25 records in the file were imported." in client.get(page).text
    with database_of(app).read() as session:
        assert session.scalar(select(func.count(Record.id))) == 25


def test_a_cancelled_import_is_taken_back(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", MANY))
    send(client, "/jobs/1/cancel")

    assert "Resume" in client.get(BASE + "/jobs/1").text
    assert send(client, "/imports/1/drop").status_code == 303
    assert send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", MANY)).status_code == 303


def test_only_who_may_import_cancels_and_only_imports_are_cancelled(app, client, house):
    member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", MANY))
    with database_of(app).write.begin() as session:
        reviewer = a_member(session, session.merge(member.review), Role.REVIEWER).user
        session.add(
            Job(
                kind="deduplication:run",
                payload={},
                review_id=member.review_id,
                created_at=session.get_one(Job, 1).created_at,
            )
        )
    other = sign_in(app.test_client(), reviewer)

    assert "/cancel" not in other.get(BASE + "/jobs/1").text and "/cancel" in client.get(BASE + "/jobs/1").text
    assert send(other, "/jobs/1/cancel").status_code == 403
    assert send(client, "/jobs/2/cancel").status_code == 404
