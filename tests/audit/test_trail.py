"""The trail holds, and shows where it was touched."""

from sqlalchemy import select, update

from tests.factories import a_review
from workbench.audit import queries
from workbench.audit.models import AuditEntry


def test_the_chain_of_a_new_review_holds(session):
    review = a_review(session)

    assert queries.broken_at(session, review.id) is None
    assert len(queries.entries(session, review.id)) == 2


def test_a_changed_payload_breaks_the_chain_at_its_position(session):
    review = a_review(session)
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()

    session.execute(
        update(AuditEntry).where(AuditEntry.id == entry.id).values(payload={"member_id": 99, "role": "lead"})
    )

    assert queries.broken_at(session, review.id) == entry.position


def test_a_removed_entry_breaks_the_chain(session):
    review = a_review(session)
    first = queries.entries(session, review.id)[-1]

    session.delete(first)
    session.flush()

    assert queries.broken_at(session, review.id) == 1


def test_two_entries_with_one_payload_have_different_salts(session):
    review = a_review(session)

    salts = [entry.salt for entry in queries.entries(session, review.id)]

    assert len(set(salts)) == len(salts) and all(len(salt) == 32 for salt in salts)
