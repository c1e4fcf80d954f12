"""What leaves the room, what waits, what was removed and why; and that the clusters always hold together."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.deduplication.house import (
    a_copy,
    a_house,
    a_waiting_pair,
    another,
    the_partition,
    the_rows_tie_every_cluster,
)
from tests.factories import a_run, an_import
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer, Duplicate
from workbench.deduplication.queries import BY_ENGINE, BY_PERSON
from workbench.deduplication.rules import ENGINE
from workbench.deduplication.service.partition import Edge, changes
from workbench.errors import Clash, NotFound
from workbench.records.models import Import, Record
from workbench.reviews.rules import Lane


def test_one_record_of_each_report_leaves_the_room(session):
    review, lead = a_house(session)
    first, alone = a_copy(session, review), another(session, review)
    a_copy(session, review)
    a_copy(session, review, of=an_import(session, review, taken_back_at=now(), taken_back_by=lead.id))
    service.run(session, lead)

    kept = session.scalars(queries.kept_records(review.id)).all()

    assert sorted(kept) == [first.id, alone.id]


def test_the_kept_record_can_be_asked_in_sql_for_any_record(session):
    review, lead = a_house(session)
    first, second, alone = a_copy(session, review), a_copy(session, review), another(session, review)
    service.run(session, lead)

    homes = dict(list(row) for row in session.execute(select(Record.id, queries.kept_of(Record.id))))

    assert homes == {first.id: first.id, second.id: first.id, alone.id: alone.id}
    assert queries.members(session, first.id) == [first.id, second.id]


def test_pairs_wait_most_likely_first_and_once_for_two_clusters(session):
    review, lead = a_house(session)
    first, second, other = a_copy(session, review), a_copy(session, review), another(session, review)
    third = another(session, review, title="A different thing altogether, told at length in a book", year=1999)
    service.run(session, lead)
    a_waiting_pair(session, review, first, third, score=0.55)
    a_waiting_pair(session, review, first, other, score=0.6)
    a_waiting_pair(session, review, second, other, score=0.9)

    waiting = queries.waiting_pairs(session, review.id)

    assert [(pair.score, {pair.first_id, pair.second_id}) for pair in waiting] == [
        (0.9, {second.id, other.id}),
        (0.55, {first.id, third.id}),
    ]
    assert queries.counts(session, review.id).waiting == 2


def test_a_pair_whose_clusters_a_person_keeps_apart_is_not_asked(session):
    review, lead = a_house(session)
    first, second, other = a_copy(session, review), a_copy(session, review), another(session, review)
    service.run(session, lead)
    service.answer(session, lead, first.id, other.id, Answer.TWO)
    a_waiting_pair(session, review, second, other)

    assert queries.waiting_pairs(session, review.id) == []


def test_a_pair_with_a_record_of_an_import_taken_back_does_not_wait(session):
    review, lead = a_house(session)
    gone = an_import(session, review)
    a_waiting_pair(session, review, a_copy(session, review, of=gone), another(session, review))
    gone.taken_back_at, gone.taken_back_by = now(), lead.id
    session.flush()

    assert queries.waiting_pairs(session, review.id) == []


def test_each_source_is_counted_before_and_after(session):
    review, lead = a_house(session)
    pubmed = an_import(session, review, a_run(session, review))
    embase = an_import(session, review, a_run(session, review, source="embase", source_name="Embase"))
    a_copy(session, review, of=pubmed), another(session, review, of=pubmed), a_copy(session, review, of=embase)
    service.run(session, lead)

    found = queries.by_source(session, review.id)

    assert [(one.name, one.lane, one.records, one.duplicates, one.kept) for one in found] == [
        ("MEDLINE", Lane.DATABASE, 2, 0, 2),
        ("Embase", Lane.DATABASE, 1, 1, 0),
    ]


def test_every_removed_record_has_its_row_with_why_who_and_when(session):
    review, lead = a_house(session)
    first, second, other = a_copy(session, review), a_copy(session, review), another(session, review)
    service.run(session, lead)
    service.answer(session, lead, first.id, other.id, Answer.SAME)

    rows = queries.removed(session, review.id)

    assert [(row.record_id, row.kept_id, row.engine, row.person) for row in rows] == [
        (second.id, first.id, ENGINE, None),
        (other.id, first.id, None, lead.name),
    ]
    assert all(row.reason and row.rule and row.decided_at for row in rows)
    assert queries.removed(session, review.id, [other.id]) == []


def test_joined_clusters_come_page_by_page_all_or_by_who_joined_them(session):
    review, lead = a_house(session)
    first, _second = a_copy(session, review), a_copy(session, review)
    one = another(session, review)
    other = another(session, review, title="Nothing like any of the others in this house", pages="11-19", year=1999)
    service.run(session, lead)
    service.answer(session, lead, one.id, other.id, Answer.SAME)

    assert queries.joined(session, review.id, None, 1, 1) == ([first.id], 2)
    assert queries.joined(session, review.id, None, 2, 1) == ([one.id], 2)
    assert queries.joined(session, review.id, BY_ENGINE, 1, 9) == ([first.id], 1)
    assert queries.joined(session, review.id, BY_PERSON, 1, 9) == ([one.id], 1)


def test_records_that_came_after_the_last_run_are_counted(session):
    review, lead = a_house(session)
    a_copy(session, review)
    assert queries.newer_records(session, review.id, queries.last_run(session, review.id)) == 1
    service.run(session, lead)
    a_copy(session, review, of=an_import(session, review))

    assert queries.newer_records(session, review.id, queries.last_run(session, review.id)) == 1


NAMES = ("same", "two", "later", "part", "undo", "run", "release")
DEEDS = st.tuples(st.sampled_from(NAMES), st.integers(0, 5), st.integers(0, 5))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEEDS, min_size=1, max_size=7))
def test_whatever_is_done_the_clusters_hold_together(session, deeds):
    review, lead = a_house(session)
    imports = [an_import(session, review) for _each in range(3)]
    records = [make(session, review, of=imports[place % 3]) for place, make in enumerate([a_copy, another] * 3)]
    service.run(session, lead)

    for deed, one, other in deeds:
        _do(session, lead, imports, deed, records[one].id, records[other].id)
        _holds(session, review)


def _do(session, lead, imports, deed, one, other):
    try:
        if deed in set(Answer):
            service.answer(session, lead, one, other, Answer(deed)) if one != other else None
        elif deed == "release":
            _take_back(session, lead, imports[one % 3])
        else:
            {
                "part": lambda: service.part(session, lead, one),
                "undo": lambda: service.undo(session, lead),
                "run": lambda: service.run(session, lead),
            }[deed]()
    except (Clash, NotFound):
        session.flush()


def _take_back(session, lead, the_import: Import):
    the_import.taken_back_at, the_import.taken_back_by = now(), lead.id
    service.release(session, the_import.id)


def _holds(session, review):
    """No chain, nothing under a record that does not count, and every answer of a person is kept."""
    the_rows_tie_every_cluster(session, review)
    homes = the_partition(session, review)
    assert all(homes[kept] == kept for kept in homes.values())
    rows = session.execute(select(Duplicate.record_id, Duplicate.kept_id).where(Duplicate.record_id.in_(homes))).all()
    assert {row.record_id: row.kept_id for row in rows} == {one: kept for one, kept in homes.items() if one != kept}
    for (low, high), said in queries.verdicts(session, review.id).items():
        assert said.answer is not Answer.TWO or homes[low] != homes[high]
        assert said.answer is not Answer.SAME or homes[low] == homes[high] or _is_overruled(session, review)


def _is_overruled(session, review):
    return any(said.answer is Answer.TWO for said in queries.verdicts(session, review.id).values())


GROUPS = st.lists(st.lists(st.integers(1, 8), min_size=1, max_size=4), max_size=4)


@given(before=GROUPS, after=GROUPS)
def test_differences_lead_from_any_partition_to_any_other(before, after):
    standing = _applied({}, changes(_disjoint(before), _edges(before), {}))
    wanted = _disjoint(after)

    there = _applied(standing, changes(wanted, _edges(after), standing))

    clusters = [
        {record, *(one for one, row in there.items() if row.kept_id == record)}
        for record in {record for cluster in wanted for record in cluster} - set(there)
    ]
    assert sorted(map(sorted, clusters)) == sorted(map(sorted, wanted))
    again = changes(wanted, _edges(after), there)
    assert (again.gone, again.moved, again.new) == ([], {}, [])


def _disjoint(lists):
    seen: set[int] = set()
    clusters = []
    for one in lists:
        cluster = [record for record in dict.fromkeys(one) if record not in seen]
        seen |= set(cluster)
        clusters += [cluster] if cluster else []
    return clusters


def _edges(lists):
    return [Edge(one[0], other, "rule", "reason") for one in _disjoint(lists) for other in one[1:]]


def _applied(standing, found):
    rows = {record: row for record, row in standing.items() if record not in found.gone}
    rows |= {record: replace(rows[record], kept_id=kept) for record, kept in found.moved.items()}
    return rows | {
        record: queries.Standing(record, kept, *edge.pair, edge.decided_by, edge.rule, edge.reason)
        for record, kept, edge in found.new
    }
