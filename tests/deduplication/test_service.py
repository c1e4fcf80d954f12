"""A run joins what is one report, and never undoes what a person said."""

import pytest
from sqlalchemy import select

from tests.deduplication.house import a_copy, a_house, a_waiting_pair, another, the_partition, the_rows
from tests.factories import a_member, a_review, an_import, minimal_document
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer, CandidatePair, DeduplicationRun, Duplicate, RecordLink, StoredForm
from workbench.deduplication.queries import asked
from workbench.deduplication.rules.evidence import speaking_of
from workbench.deduplication.service import search
from workbench.deduplication.service.partition import Edge, changes, elect
from workbench.errors import NotAllowed, NotFound
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.reviews.rules import Role


def test_a_run_joins_the_records_of_one_report_under_the_first_imported(session):
    review, lead = a_house(session)
    first, alone, second = a_copy(session, review), another(session, review), a_copy(session, review, issue=None)

    found = service.run(session, lead)

    assert the_partition(session, review) == {first.id: first.id, alone.id: alone.id, second.id: first.id}
    assert (found["records"], found["joined"], found["duplicates"]) == (3, 1, 1)
    [row] = session.scalars(select(Duplicate))
    assert row.engine == search.ENGINE and row.decided_by is None and row.reason


def test_a_second_run_changes_nothing(session):
    review, lead = a_house(session)
    for _each in range(3):
        a_copy(session, review)
    service.run(session, lead)
    before = the_rows(session)

    found = service.run(session, lead)

    assert the_rows(session) == before
    assert (found["joined"], found["parted"]) == (0, 0)
    assert len(session.scalars(select(StoredForm)).all()) == 3
    assert len(session.scalars(select(DeduplicationRun)).all()) == 2


def test_a_run_leaves_one_entry_in_the_trail_with_its_counts(session):
    review, lead = a_house(session)
    a_copy(session, review), a_copy(session, review)

    service.run(session, lead)

    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.event.like("deduplication:%")))
    assert entry.event == "deduplication:run:finished" and entry.payload["joined"] == 1


def test_forms_of_an_earlier_engine_are_made_anew(session):
    review, lead = a_house(session)
    record = a_copy(session, review)
    session.add(StoredForm(record_id=record.id, engine="0", form={}))
    session.flush()

    service.run(session, lead)

    [engine] = session.scalars(select(StoredForm.engine))
    assert engine == search.ENGINE


def test_records_of_another_review_of_unfinished_imports_and_of_imports_taken_back_are_left_alone(session):
    review, lead = a_house(session)
    kept = a_copy(session, review)
    a_copy(session, review, of=an_import(session, review, completed_at=None))
    a_copy(session, review, of=an_import(session, review, taken_back_at=now(), taken_back_by=lead.id))
    a_copy(session, a_review(session))

    found = service.run(session, lead)

    assert found["records"] == 1 and the_partition(session, review) == {kept.id: kept.id}


def test_a_kept_record_stays_kept_when_later_imports_bring_its_copies(session):
    review, lead = a_house(session)
    first, second = a_copy(session, review), a_copy(session, review)
    service.run(session, lead)
    before = the_rows(session)

    third = a_copy(session, review)
    service.run(session, lead)

    assert the_partition(session, review) == {first.id: first.id, second.id: first.id, third.id: first.id}
    assert the_rows(session)[: len(before)] == before


def test_records_that_must_stay_together_stay_whatever_the_engine_thinks(session):
    review, lead = a_house(session)
    strange, voted = another(session, review), a_copy(session, review)

    service.run(session, lead, together=[{strange.id, voted.id}])

    assert the_partition(session, review) == {strange.id: strange.id, voted.id: strange.id}


def test_the_kept_record_of_a_cluster_with_votes_stays_kept(session):
    review, lead = a_house(session)
    first, voted = a_copy(session, review), a_copy(session, review)

    service.run(session, lead, together=[{voted.id}])

    assert the_partition(session, review) == {first.id: voted.id, voted.id: voted.id}


def test_the_same_report_joins_all_members_of_both_clusters(session):
    review, lead = a_house(session)
    ones = [a_copy(session, review) for _each in range(2)]
    others = [another(session, review) for _each in range(2)]
    service.run(session, lead)

    service.answer(session, lead, others[1].id, ones[1].id, Answer.SAME)

    assert set(the_partition(session, review).values()) == {ones[0].id}
    by_person = session.scalars(select(Duplicate).where(Duplicate.decided_by == lead.id)).all()
    assert [row.record_id for row in by_person] == [others[0].id]
    assert queries.counts(session, review.id).by_person == 1


def test_what_a_person_joined_outlasts_a_run(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)
    service.run(session, lead)
    service.answer(session, lead, one.id, other.id, Answer.SAME)
    before = the_rows(session)

    service.run(session, lead)

    assert the_rows(session) == before


def test_two_reports_are_parted_and_no_run_joins_them_again(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), a_copy(session, review)
    service.run(session, lead)

    service.answer(session, lead, one.id, other.id, Answer.TWO)
    service.run(session, lead)

    assert the_partition(session, review) == {one.id: one.id, other.id: other.id}


def test_parting_two_of_three_leaves_the_third_with_one_of_them(session):
    review, lead = a_house(session)
    one, other, third = (a_copy(session, review) for _each in range(3))
    service.run(session, lead)

    service.answer(session, lead, one.id, other.id, Answer.TWO)

    homes = the_partition(session, review)
    assert homes[one.id] != homes[other.id] and homes[third.id] in {one.id, other.id}


def test_saying_the_same_twice_changes_nothing(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)
    service.answer(session, lead, one.id, other.id, Answer.SAME)
    before = the_rows(session)

    service.answer(session, lead, other.id, one.id, Answer.SAME)

    assert the_rows(session) == before
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.event == "deduplication:pair:answered")).all()) == 1


def test_another_person_does_not_change_an_answer_by_accident(session):
    review, lead = a_house(session)
    second = a_member(session, review)
    one, other = a_copy(session, review), another(session, review)
    service.answer(session, lead, one.id, other.id, Answer.SAME)

    with pytest.raises(service.AlreadyAnswered):
        service.answer(session, second, one.id, other.id, Answer.TWO)


def test_clusters_that_a_person_keeps_apart_are_not_joined_through_others(session):
    review, lead = a_house(session)
    ones = [a_copy(session, review) for _each in range(2)]
    other = another(session, review)
    service.run(session, lead)
    service.answer(session, lead, ones[0].id, other.id, Answer.TWO)

    with pytest.raises(service.KeptApart, match=f"{ones[0].id} and {other.id}"):
        service.answer(session, lead, ones[1].id, other.id, Answer.SAME)


def test_later_puts_the_pair_behind_the_others(session):
    review, lead = a_house(session)
    first, second, third = a_copy(session, review), another(session, review), a_copy(session, review, doi="10.1/x")
    a_waiting_pair(session, review, first, second, score=0.9)
    a_waiting_pair(session, review, second, third, score=0.6)

    service.answer(session, lead, first.id, second.id, Answer.LATER)

    assert [pair.score for pair in asked.next_pairs(session, lead, 9)] == [0.6, 0.9]
    second_person = a_member(session, review)
    assert [pair.score for pair in asked.next_pairs(session, second_person, 9)] == [0.9, 0.6]


def test_a_parted_record_stands_alone_and_the_others_stay_together(session):
    review, lead = a_house(session)
    first, second, third = (a_copy(session, review) for _each in range(3))
    service.run(session, lead)

    service.part(session, lead, second.id)
    service.run(session, lead)

    assert the_partition(session, review) == {first.id: first.id, second.id: second.id, third.id: first.id}


def test_parting_the_kept_record_lets_the_next_member_be_kept(session):
    review, lead = a_house(session)
    first, second, third = (a_copy(session, review) for _each in range(3))
    service.run(session, lead)

    service.part(session, lead, first.id)

    assert the_partition(session, review) == {first.id: first.id, second.id: second.id, third.id: second.id}


def test_a_record_that_stands_alone_cannot_be_parted(session):
    review, lead = a_house(session)
    alone = a_copy(session, review)

    with pytest.raises(queries.NotJoined):
        service.part(session, lead, alone.id)


def test_undo_parts_what_ones_own_answer_joined(session):
    review, lead = a_house(session)
    ones = [a_copy(session, review) for _each in range(2)]
    others = [another(session, review) for _each in range(2)]
    service.run(session, lead)
    before = the_partition(session, review)
    service.answer(session, lead, ones[0].id, others[1].id, Answer.SAME)

    taken_back = service.undo(session, lead)

    assert the_partition(session, review) == before
    assert taken_back == [(ones[0].id, others[1].id)]


def test_undo_of_a_parting_brings_the_record_back(session):
    review, lead = a_house(session)
    for _each in range(3):
        last = a_copy(session, review)
    service.run(session, lead)
    before = the_partition(session, review)
    service.part(session, lead, last.id)

    service.undo(session, lead)

    assert the_partition(session, review) == before


def test_undo_goes_back_answer_by_answer_and_takes_back_nobody_elses(session):
    review, lead = a_house(session)
    second = a_member(session, review)
    one, other, third = a_copy(session, review), another(session, review), a_copy(session, review, doi="10.1/x")
    service.answer(session, second, one.id, third.id, Answer.TWO)
    service.answer(session, lead, one.id, other.id, Answer.LATER)
    service.answer(session, lead, other.id, third.id, Answer.TWO)

    assert service.undo(session, lead) == [(other.id, third.id)]
    assert service.undo(session, lead) == [(one.id, other.id)]
    assert service.undo(session, lead) == []
    assert list(queries.verdicts(session, review.id)) == [(one.id, third.id)]


def test_an_undone_pair_waits_again(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), a_copy(session, review, title="Whatever the engine thinks of it by now")
    a_waiting_pair(session, review, one, other)

    for said in (Answer.SAME, Answer.TWO, Answer.LATER):
        service.answer(session, lead, one.id, other.id, said)
        service.undo(session, lead)

        assert len(queries.waiting_pairs(session, review.id)) == 1


def test_a_pair_can_be_asked_again_whoever_answered_it(session):
    review, lead = a_house(session)
    second = a_member(session, review)
    one, other = a_copy(session, review), a_copy(session, review)
    service.run(session, lead)
    service.answer(session, second, one.id, other.id, Answer.TWO)

    service.ask_again(session, lead, one.id, other.id)

    assert queries.verdicts(session, review.id) == {}
    assert the_partition(session, review) == {one.id: one.id, other.id: one.id}


def test_an_import_that_is_taken_back_leaves_its_clusters_and_the_next_member_is_kept(session):
    review, lead = a_house(session)
    early, late = an_import(session, review), an_import(session, review)
    first, second = a_copy(session, review, of=early), a_copy(session, review, of=early)
    third, fourth = a_copy(session, review, of=late), a_copy(session, review, of=late)
    service.run(session, lead)
    early.taken_back_at, early.taken_back_by = now(), lead.id

    service.release(session, early.id)

    assert the_partition(session, review) == {third.id: third.id, fourth.id: third.id}
    assert not session.scalars(select(Duplicate).where(Duplicate.record_id.in_([first.id, second.id]))).all()
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.payload == {"import_id": early.id, "left": 1, "kept_anew": 1}


def test_releasing_twice_changes_nothing(session):
    review, lead = a_house(session)
    early = an_import(session, review)
    a_copy(session, review, of=early), a_copy(session, review), a_copy(session, review)
    service.run(session, lead)
    early.taken_back_at, early.taken_back_by = now(), lead.id
    service.release(session, early.id)
    before = the_rows(session)

    service.release(session, early.id)

    assert the_rows(session) == before


def test_versions_of_one_review_are_linked_and_stay_apart(session):
    review, lead = a_house(session)
    cochrane = {
        "title": "Warm foot baths for night cramps in older adults",
        "journal": "Cochrane Database Syst Rev",
        "volume": None,
        "issue": None,
        "pages": None,
    }
    a_copy(session, review, **cochrane, doi="10.1002/14651858.CD001234.pub2", year=2010)
    a_copy(session, review, **cochrane, doi="10.1002/14651858.CD001234.pub3", year=2014)

    service.run(session, lead)
    service.run(session, lead)

    assert [link.kind for link in session.scalars(select(RecordLink))] == ["version-of"]
    assert session.scalars(select(Duplicate)).all() == []


def test_the_protocol_in_force_sets_what_the_engine_may(session):
    review = a_review(
        session,
        "bold",
        document=minimal_document("bold") | {"deduplication": {"strictness": "thorough", "versions": "together"}},
    )

    assert search.settings(session, review.id) == search.Settings("thorough", "together")


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ADJUDICATOR])
def test_whoever_may_not_decide_changes_nothing(session, role):
    review, _lead = a_house(session)
    onlooker = a_member(session, review, role)
    one, other = a_copy(session, review), a_copy(session, review)

    for deed in (
        lambda: service.run(session, onlooker),
        lambda: service.answer(session, onlooker, one.id, other.id, Answer.SAME),
        lambda: service.part(session, onlooker, one.id),
        lambda: service.undo(session, onlooker),
        lambda: service.ask_again(session, onlooker, one.id, other.id),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_records_of_other_reviews_and_unknown_ids_are_not_found(session):
    review, lead = a_house(session)
    one, foreign = a_copy(session, review), a_copy(session, a_review(session))

    for other in (foreign.id, 10**9, 0, -1):
        with pytest.raises(NotFound):
            service.answer(session, lead, one.id, other, Answer.SAME)
        with pytest.raises(NotFound):
            service.part(session, lead, other)
    with pytest.raises(service.OneRecord):
        service.answer(session, lead, one.id, one.id, Answer.SAME)


def test_the_job_makes_forms_joins_and_reports_its_progress(sessions, tmp_path):
    with sessions.write.begin() as session:
        review, lead = a_house(session)
        first, second = a_copy(session, review), a_copy(session, review)
        job = jobs.submit(session, "deduplication:run", {}, review_id=review.id, started_by=lead.id)

    result = _worked(sessions, job.id, lambda session: [])

    assert result["joined"] == 1
    with sessions.read() as session:
        assert the_partition(session, review) == {first.id: first.id, second.id: first.id}
        assert session.get(Job, job.id).total == 4


def test_what_a_person_answers_while_the_engine_compares_is_not_lost(sessions, monkeypatch):
    with sessions.write.begin() as session:
        review, lead = a_house(session)
        first, second = a_copy(session, review), a_copy(session, review)
        job = jobs.submit(session, "deduplication:run", {}, review_id=review.id, started_by=lead.id)
    looks, look = [], search.look_at_all

    def look_slowly(session, review_id, here, progress, *, whole):
        if not looks:
            with sessions.write.begin() as meanwhile:
                service.answer(meanwhile, lead, first.id, second.id, Answer.TWO)
        looks.append(here)
        return look(session, review_id, here, progress, whole=whole)

    monkeypatch.setattr(search, "look_at_all", look_slowly)

    result = _worked(sessions, job.id, lambda session: [])

    assert len(looks) == 2 and result["duplicates"] == 0


def _worked(sessions, job_id, together):
    with sessions.write.begin() as session:
        jobs.claim(session, job_id, "me")
    return service.run_job(jobs.Work(sessions, None, job_id, "me"), together)


def test_the_first_record_that_was_kept_before_is_kept():
    assert elect([4, 7, 9], kept={7, 9}) == 7
    assert elect([4, 7, 9], kept={7, 9}, preferred={9}) == 9


def test_a_reason_that_speaks_of_other_records_names_them():
    found = changes([[1, 2, 3]], [Edge(1, 2, "a", "same DOI"), Edge(2, 3, "b", "same place")], {})

    assert [speaking_of(edge.reason, edge.pair, (record, kept)) for record, kept, edge in found.new] == [
        "same DOI",
        "records 2 and 3: same place",
    ]


def test_the_pairs_of_a_run_replace_those_of_the_run_before(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)
    a_waiting_pair(session, review, one, other)

    service.run(session, lead)

    assert session.scalars(select(CandidatePair)).all() == []
