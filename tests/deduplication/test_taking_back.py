"""Taking back a merge after a history: what stood before the merge stands again.

Each duplicate says which two records its reason speaks of, so that without it there are the two sides that it joined.
"""

from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.deduplication.house import a_copy, a_house, another, the_partition, the_rows_tie_every_cluster
from tests.factories import a_duplicate, a_member, a_review, an_import
from tests.house.test_migrations import alembic
from workbench import db
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer, Duplicate
from workbench.records.models import Record


def test_an_engines_join_that_a_persons_join_speaks_against_outlasts_another_merge_taken_back(session):
    review, lead = a_house(session)
    kept, joined = a_copy(session, review), a_copy(session, review, issue=None)
    strange = a_copy(session, review, title="Erratum: something else altogether", pages="390")
    other = another(session, review)
    service.run(session, lead)
    service.answer(session, lead, kept.id, strange.id, Answer.SAME)
    before = the_partition(session, review)
    assert before[joined.id] == kept.id

    service.answer(session, lead, kept.id, other.id, Answer.SAME)
    service.undo(session, lead)

    assert the_partition(session, review) == before


def test_a_join_that_stands_by_votes_alone_outlasts_another_merge_taken_back(session):
    review, lead = a_house(session)
    kept, held, other = a_copy(session, review), another(session, review), another(session, review, title="Mud")
    service.run(session, lead, together=[{kept.id, held.id}])
    before = the_partition(session, review)

    service.answer(session, lead, kept.id, other.id, Answer.SAME)
    service.undo(session, lead)

    assert the_partition(session, review) == before


def test_two_records_that_only_an_answer_joined_are_parted_when_it_is_taken_back(session):
    review, lead = a_house(session)
    voted, held, newer = a_copy(session, review), another(session, review), a_copy(session, review, issue=None)
    service.run(session, lead, together=[{voted.id, held.id}])
    assert the_partition(session, review) == {voted.id: voted.id, held.id: voted.id, newer.id: newer.id}

    service.answer(session, lead, voted.id, newer.id, Answer.SAME)
    service.undo(session, lead)

    assert the_partition(session, review) == {voted.id: voted.id, held.id: voted.id, newer.id: newer.id}


def test_the_kept_record_is_the_same_after_a_merge_taken_back(session):
    review, lead = a_house(session)
    other, copy, voted = another(session, review), a_copy(session, review), a_copy(session, review)
    service.run(session, lead, together=[{voted.id}])
    before = the_partition(session, review)
    assert before[copy.id] == voted.id

    service.answer(session, lead, other.id, voted.id, Answer.SAME)
    service.undo(session, lead)

    assert the_partition(session, review) == before


def test_a_reason_names_the_records_it_speaks_of_after_a_merge(session):
    review, lead = a_house(session)
    other, kept, joined = another(session, review), a_copy(session, review), a_copy(session, review)
    service.run(session, lead)

    service.answer(session, lead, other.id, kept.id, Answer.SAME)

    [moved] = [row for row in queries.removed(session, review.id) if row.record_id == joined.id]
    assert moved.kept_id == other.id
    assert str(kept.id) in moved.reason, moved.reason
    service.undo(session, lead)
    [back] = queries.removed(session, review.id)
    assert (back.kept_id, back.reason) == (kept.id, back.told)


def three_apart(session):
    """Three records that have nothing to do with each other, each alone."""
    review, lead = a_house(session)
    records = [another(session, review, title=title, authors=[]) for title in ("Mud", "Salt", "Stone")]
    service.run(session, lead)
    return review, lead, [record.id for record in records]


def test_a_merge_is_taken_back_though_another_came_upon_it(session):
    review, lead, (one, two, three) = three_apart(session)
    service.answer(session, lead, two, three, Answer.SAME, key="the-first-one")
    service.answer(session, lead, one, three, Answer.SAME, key="the-second-one")

    service.undo(session, lead, "the-first-one")

    assert the_partition(session, review) == {one: one, two: two, three: one}
    [row] = queries.removed(session, review.id)
    assert (row.record_id, row.person, row.low_id, row.high_id) == (three, lead.name, one, three)
    the_rows_tie_every_cluster(session, review)


def test_an_answer_on_records_that_were_joined_already_parts_nothing_when_it_is_taken_back(session):
    review, lead, (one, two, three) = three_apart(session)
    for pair in ((one, two), (two, three), (one, three)):
        service.answer(session, lead, *pair, Answer.SAME)
    before = the_partition(session, review)

    service.undo(session, lead)

    assert the_partition(session, review) == before


def test_two_sides_that_another_answer_ties_stay_one_under_its_author(session):
    review, lead, (one, two, three) = three_apart(session)
    second = a_member(session, review)
    service.answer(session, lead, one, two, Answer.SAME)
    service.answer(session, lead, two, three, Answer.SAME)
    service.answer(session, second, one, three, Answer.SAME)

    service.undo(session, lead)

    assert set(the_partition(session, review).values()) == {one}
    assert {row.person for row in queries.removed(session, review.id)} == {lead.name, second.name}


def test_who_calls_two_what_was_called_one_gets_both_sides_back(session):
    review, lead = a_house(session)
    _kept, copy = a_copy(session, review), a_copy(session, review)
    voted, held = another(session, review), another(session, review, title="Mud")
    service.run(session, lead, together=[{voted.id, held.id}])
    before = the_partition(session, review)
    service.answer(session, lead, copy.id, held.id, Answer.SAME)

    service.answer(session, lead, copy.id, held.id, Answer.TWO)

    assert the_partition(session, review) == before
    the_rows_tie_every_cluster(session, review)


def test_what_hung_on_a_record_that_is_parted_stays_with_the_kept_one(session):
    review, lead, (one, two, three) = three_apart(session)
    service.answer(session, lead, one, two, Answer.SAME)
    service.answer(session, lead, two, three, Answer.SAME)

    service.part(session, lead, two)

    assert the_partition(session, review) == {one: one, two: two, three: one}
    [row] = queries.removed(session, review.id)
    assert (row.rule, row.low_id, row.high_id, row.person) == ("together", one, three, None)


def test_what_hung_on_a_record_whose_import_is_taken_back_stays_with_the_kept_one(session):
    review, lead = a_house(session)
    batch = an_import(session, review)
    one, two, three, four = (
        another(session, review, of=batch if title == "Salt" else None, title=title, authors=[])
        for title in ("Mud", "Salt", "Stone", "Towel")
    )
    for pair in ((one.id, two.id), (two.id, three.id), (three.id, four.id)):
        service.answer(session, lead, *pair, Answer.SAME)
    batch.taken_back_at, batch.taken_back_by = now(), lead.id

    service.release(session, batch.id)

    assert the_partition(session, review) == {one.id: one.id, three.id: one.id, four.id: one.id}
    the_rows_tie_every_cluster(session, review)
    assert {row.rule for row in queries.removed(session, review.id)} == {"person", "together"}


def test_a_row_given_to_another_record_keeps_its_day(session):
    _review, lead, (one, two, three) = three_apart(session)
    service.answer(session, lead, two, three, Answer.SAME, key="the-first-one")
    service.answer(session, lead, one, three, Answer.SAME)
    early = now() - timedelta(days=9)
    session.execute(update(Duplicate).values(decided_at=early))

    service.undo(session, lead, "the-first-one")

    [row] = queries.removed(session, lead.review_id)
    assert (row.record_id, row.decided_at) == (three, early)


def test_the_database_holds_no_pair_twice_and_none_turned_round(session):
    _review, _lead, (one, two, three) = three_apart(session)
    row = {"rule": "x", "reason": "x", "engine": "1", "decided_at": now()}
    session.add(Duplicate(record_id=two, kept_id=one, low_id=one, high_id=two, **row))
    session.flush()

    for record, low, high in ((three, one, two), (three, three, one)):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(Duplicate(record_id=record, kept_id=one, low_id=low, high_id=high, **row))
            session.flush()


def test_a_duplicate_from_before_is_taken_to_be_joined_to_its_kept_record(url):
    with db.open_sessions(url).write.begin() as session:
        review = a_review(session)
        first, second, third = (another(session, review).id for _each in range(3))
        a_duplicate(session, session.get_one(Record, first), session.get_one(Record, second))
        a_duplicate(session, session.get_one(Record, third), session.get_one(Record, second))

    command.downgrade(alembic(url), "0009_flow")
    command.upgrade(alembic(url), "head")

    with db.open_sessions(url).read() as session:
        pairs = session.execute(select(Duplicate.low_id, Duplicate.high_id).order_by(Duplicate.low_id)).all()
        assert [tuple(pair) for pair in pairs] == [(first, second), (second, third)]
