"""Adding what a record lacks: with its source, only where nothing is, seen everywhere, withdrawn again."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import a_member, a_record, a_review, sign_in, the_lead
from tests.records.pages import BASE, send, work
from tests.records.test_by_hand import FakePubMed
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.deduplication.models import StoredForm
from workbench.errors import NotFound
from workbench.jobs.models import Job
from workbench.records.models import Addition, Record
from workbench.records.rules.additions import BadAddition, value_of
from workbench.records.service import additions
from workbench.reviews.rules import NotYours, Role

RIS = b"TY  - JOUR\nT1  - Vertebroplasty for painful metastases\nAU  - Holm, K\nID  - x\nER  - \n"


@pytest.fixture
def record(app, client, house):
    _member, runs = house
    send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", RIS))
    work(app, follow=True)
    return BASE + "/records/1"


def test_a_missing_abstract_is_added_with_its_source_and_shown_with_it(app, client, record):
    assert "No abstract came with this record." in client.get(record).text
    form = {"field": "abstract", "value": "AIM: To see.", "said_source": "the paper itself"}
    assert send(client, "/records/1/additions", **form).status_code == 303

    page = client.get(record).text

    assert "Abstract added by Karen Holm on" in page and "from the paper itself" in page and "To see." in page
    with database_of(app).read() as session:
        stored = session.get_one(Record, 1)
        assert stored.abstract == "AIM: To see." and stored.found["abstract"]["how"] == "added"
        assert "To see" not in str(stored.raw)
        payload = session.scalars(select(AuditEntry).where(AuditEntry.event == "records:field:added")).one().payload
    assert "To see" not in str(payload) and "paper" not in str(payload)


def test_what_the_search_for_duplicates_compares_is_made_anew(app, client, record):
    with database_of(app).read() as session:
        before = session.get_one(StoredForm, 1).form
    send(client, "/records/1/additions", field="doi", value="https://doi.org/10.1000/ABC", said_source="Crossref")

    work(app, follow=True)

    with database_of(app).read() as session:
        form = session.get_one(StoredForm, 1).form
        done = session.scalars(select(Job.kind).order_by(Job.id)).all()
    assert form != before and "10.1000/abc" in str(form) and done[-2:] == ["deduplication:form", "deduplication:run"]


def test_what_was_added_is_withdrawn_and_the_record_is_as_delivered(app, client, record):
    send(client, "/records/1/additions", field="year", value="2014", said_source="the paper")

    assert send(client, "/records/1/additions/1/withdraw").status_code == 303
    assert send(client, "/records/1/additions/1/withdraw").status_code == 409

    with database_of(app).read() as session:
        stored = session.get_one(Record, 1)
        assert stored.year is None and "year" not in stored.found
        assert session.get_one(Addition, 1).withdrawn_by is not None
    send(client, "/records/1/additions", field="year", value="2015", said_source="the paper")
    assert "2015" in client.get(record).text


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"field": "abstract", "value": "", "said_source": "x"}, 422),
        ({"field": "abstract", "value": "Words", "said_source": " "}, 422),
        ({"field": "title", "value": "Another", "said_source": "x"}, 422),
        ({"field": "year", "value": "20l4", "said_source": "x"}, 422),
    ],
)
def test_what_does_not_fit_is_refused_and_stays_typed(app, client, record, form, status):
    answer = send(client, "/records/1/additions", **form)

    assert answer.status_code == status and 'role="alert"' in answer.text
    with database_of(app).read() as session:
        assert session.scalars(select(Addition)).all() == []


def test_what_the_database_delivered_is_never_replaced(session):
    review = a_review(session)
    record = a_record(session, review, abstract="As delivered.")

    with pytest.raises(additions.AlreadyFilled):
        additions.add(session, the_lead(session, review), record.id, "abstract", "Mine.", "elsewhere")

    assert record.abstract == "As delivered."


def test_one_field_holds_one_addition(session):
    review = a_review(session)
    record, lead = a_record(session, review, abstract=None), the_lead(session, review)
    additions.add(session, lead, record.id, "abstract", "Mine.", "elsewhere")

    session.add(
        Addition(record_id=record.id, field="abstract", value="x", said_source="y", added_by=lead.id, added_at=now())
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_whoever_may_not_import_may_not_add_and_is_told_whom_to_ask(app, client, house, record):
    member, _runs = house
    with database_of(app).write.begin() as session:
        reviewer = a_member(session, session.merge(member.review), Role.REVIEWER)
    client = sign_in(app.test_client(), reviewer.user)

    assert "can add it here; ask one of them" in client.get(record).text
    assert send(client, "/records/1/additions", field="year", value="2014", said_source="x").status_code == 403
    with database_of(app).write() as session, pytest.raises(NotYours):
        additions.add(session, session.merge(reviewer), 1, "year", "2014", "x")


def test_a_record_of_another_review_is_not_there(session):
    record = a_record(session, a_review(session), year=None)

    with pytest.raises(NotFound):
        additions.add(session, the_lead(session, a_review(session)), record.id, "year", "2014", "x")


def test_pubmed_offers_what_is_missing_and_a_person_confirms(app, client, record):
    app.extensions["workbench.pubmed"] = FakePubMed()
    send(client, "/records/1/additions", field="pmid", value="7", said_source="the paper")

    page = send(client, "/records/1/additions/look-up").text

    assert "We asked." in page and "PubMed, PMID 7" in page
    with database_of(app).read() as session:
        assert session.get_one(Record, 1).abstract is None


@pytest.mark.parametrize(("field", "text"), [("doi", "10.1"), ("pmid", "x"), ("abstract", "\x00"), ("title", "x")])
def test_a_value_that_is_none_is_refused(field, text):
    with pytest.raises(BadAddition):
        value_of(field, text)
