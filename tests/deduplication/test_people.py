"""Links, deeds taken back as a whole, answers of two people, groups, and the field a person chose."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.deduplication.house import a_copy, a_house, a_waiting_pair, another, the_partition
from tests.factories import a_member, a_review, minimal_document, the_lead
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer, FieldChoice, LinkKind, Verdict
from workbench.deduplication.queries import asked, merged
from workbench.deduplication.rules.fullest import FIELDS, put_together
from workbench.deduplication.rules.grouping import group_of
from workbench.deduplication.rules.people import Saying, in_force, is_open
from workbench.errors import NotAllowed
from workbench.reporting.queries.trail import trail
from workbench.reviews.rules import Role


def a_house_of_two(session):
    """A review whose protocol asks two people about each pair: its lead, a second person, and a pair that waits."""
    review = a_review(session, "two", document=minimal_document("two") | {"deduplication": {"people": 2}})
    one, other = a_copy(session, review), another(session, review)
    a_waiting_pair(session, review, one, other)
    return the_lead(session, review), a_member(session, review), one, other


def entries(session, event):
    return session.scalars(select(AuditEntry).where(AuditEntry.event == event)).all()


def test_linked_records_are_never_joined_and_no_run_removes_the_link(session):
    review, lead = a_house(session)
    old, new = a_copy(session, review), a_copy(session, review)
    service.run(session, lead)

    service.answer(session, lead, old.id, new.id, Answer.LINKED, service.Link(LinkKind.ERRATUM_OF, new.id))
    service.run(session, lead)

    assert the_partition(session, review) == {old.id: old.id, new.id: new.id}
    [told] = queries.kept_apart(session, review.id)
    assert (told.link, told.pointing_id, told.person) == (LinkKind.ERRATUM_OF, new.id, lead.name)


@pytest.mark.parametrize(
    ("said", "link"),
    [(Answer.LINKED, None), (Answer.SAME, LinkKind.VERSION_OF), (Answer.LINKED, LinkKind.VERSION_OF)],
)
def test_a_link_names_its_kind_and_one_of_the_two_records(session, said, link):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)

    with pytest.raises(service.LinkUnclear):
        service.answer(session, lead, one.id, other.id, said, link and service.Link(link, other.id + 9))
    assert queries.verdicts(session, review.id) == {}


def test_the_database_holds_no_link_without_its_kind(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)

    session.add(
        Verdict(low_id=one.id, high_id=other.id, answer=Answer.LINKED, act="x", member_id=lead.id, said_at=now())
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_answer_sent_twice_under_one_key_is_one_answer(session):
    review, lead = a_house(session)
    one, other = a_copy(session, review), another(session, review)

    for _each in range(2):
        service.answer(session, lead, one.id, other.id, Answer.LATER, key="the-same-key")

    assert session.scalar(select(func.count(Verdict.id))) == 1


def test_a_withdrawal_sent_twice_takes_back_one_answer(session):
    review, lead = a_house(session)
    one, other, third = a_copy(session, review), another(session, review), a_copy(session, review, doi="10.1/x")
    service.answer(session, lead, one.id, other.id, Answer.TWO, key="first-key")
    service.answer(session, lead, other.id, third.id, Answer.TWO, key="second-key")

    for _each in range(2):
        service.undo(session, lead, "second-key")

    assert list(queries.verdicts(session, review.id)) == [(one.id, other.id)]


def test_one_of_two_answers_decides_nothing_and_is_not_asked_again(session):
    lead, second, one, other = a_house_of_two(session)

    service.answer(session, lead, one.id, other.id, Answer.SAME)
    service.run(session, lead)
    a_waiting_pair(session, lead.review, one, other)

    assert queries.verdicts(session, lead.review_id) == {}
    assert the_partition(session, lead.review)[other.id] == other.id
    assert asked.next_pairs(session, lead, 9) == [] and asked.how_many_wait(session, lead) == 0
    assert len(asked.next_pairs(session, second, 9)) == asked.how_many_wait(session, second) == 1
    assert queries.counts(session, lead.review_id).waiting == 1


def test_two_people_who_say_the_same_decide_a_pair(session):
    lead, second, one, other = a_house_of_two(session)

    service.answer(session, lead, one.id, other.id, Answer.SAME)
    service.answer(session, second, one.id, other.id, Answer.SAME)

    assert the_partition(session, lead.review)[other.id] == one.id
    assert queries.counts(session, lead.review_id).waiting == 0


def test_two_people_who_differ_are_listed_and_a_settlement_decides(session):
    lead, second, one, other = a_house_of_two(session)
    service.answer(session, lead, one.id, other.id, Answer.SAME)
    service.answer(session, second, one.id, other.id, Answer.TWO)
    [open_one] = asked.disputed(session, lead.review_id)
    assert [said.answer for said in open_one.said] == [Answer.SAME, Answer.TWO]
    assert asked.next_pairs(session, lead, 9) == asked.next_pairs(session, second, 9) == []
    assert queries.counts(session, lead.review_id).waiting == 1

    service.settle(session, second, one.id, other.id, Answer.SAME)

    assert asked.disputed(session, lead.review_id) == []
    assert the_partition(session, lead.review)[other.id] == one.id
    assert len(entries(session, "deduplication:pair:settled")) == 1
    service.undo(session, second)
    assert len(asked.disputed(session, lead.review_id)) == 1


def test_nothing_is_settled_before_two_have_answered(session):
    lead, second, one, other = a_house_of_two(session)
    service.answer(session, lead, one.id, other.id, Answer.SAME)

    with pytest.raises(service.NothingToSettle):
        service.settle(session, second, one.id, other.id, Answer.SAME)


def test_an_answer_is_out_of_hand_once_the_other_has_answered(session):
    lead, second, one, other = a_house_of_two(session)
    service.answer(session, lead, one.id, other.id, Answer.SAME)
    assert len(queries.in_hand(session, lead)) == 1

    service.answer(session, second, one.id, other.id, Answer.TWO)

    assert service.undo(session, lead) == []
    with pytest.raises(service.AlreadyAnswered):
        service.answer(session, lead, one.id, other.id, Answer.TWO)


def test_asking_again_leaves_an_answer_that_nobody_may_know_of(session):
    lead, second, one, other = a_house_of_two(session)
    service.answer(session, second, one.id, other.id, Answer.TWO)

    service.ask_again(session, lead, one.id, other.id)

    assert len(queries.said_of(session, (one.id, other.id))) == 1


def test_taking_back_an_answer_that_decided_nothing_leaves_the_clusters(session):
    lead, _second, one, other = a_house_of_two(session)
    service.answer(session, lead, one.id, other.id, Answer.SAME)
    before = the_partition(session, lead.review)

    service.undo(session, lead)

    assert the_partition(session, lead.review) == before
    assert len(asked.next_pairs(session, lead, 9)) == 1


def test_the_trail_hides_what_one_of_two_said_until_the_other_has_answered(session):
    lead, second, one, other = a_house_of_two(session)
    service.answer(session, second, one.id, other.id, Answer.TWO)

    def told():
        return [line.particulars for line in trail(session, lead) if line.who == second.name and "pair" in line.what]

    assert told() == [None]
    service.answer(session, lead, one.id, other.id, Answer.TWO)
    assert told() != [None]


def test_a_group_is_one_deed_with_one_entry_and_is_taken_back_as_a_whole(session):
    review, lead = a_house(session)
    pairs = []
    for year in (1990, 2000):
        place: Any = {"year": year, "volume": str(year), "doi": f"10.1/{year}", "pages": f"{year}-{year + 9}"}
        one, other = another(session, review, **place), another(session, review, title=f"Of {year}", **place)
        a_waiting_pair(session, review, one, other)
        pairs.append((one.id, other.id))
    before = the_partition(session, review)

    done, left = service.answer_group(session, lead, pairs, Answer.SAME, "same DOI", "the-group-key")
    again = service.answer_group(session, lead, pairs, Answer.SAME, "same DOI", "the-group-key")

    assert (done, left, again) == (pairs, [], ([], []))
    assert all(the_partition(session, review)[high] == low for low, high in pairs)
    assert len(entries(session, "deduplication:group:answered")) == 1
    assert entries(session, "deduplication:pair:answered") == []
    assert {one.member_id for one in queries.verdicts(session, review.id).values()} == {lead.id}
    assert service.undo(session, lead) == pairs
    assert the_partition(session, review) == before


def test_a_pair_of_a_group_that_a_person_speaks_against_is_left(session):
    review, lead = a_house(session)
    ones, other = [a_copy(session, review) for _each in range(2)], another(session, review)
    service.run(session, lead)
    service.answer(session, lead, ones[0].id, other.id, Answer.TWO)

    done, left = service.answer_group(session, lead, [(ones[1].id, other.id)], Answer.SAME, "same DOI", "group-key")

    assert (done, left) == ([], [(ones[1].id, other.id)])


def test_pairs_come_from_the_top_of_the_list_without_those_in_hand(session):
    review, lead = a_house(session)
    records = [another(session, review, title=f"Trial number {n}", year=1980 + n) for n in range(6)]
    for n in range(0, 6, 2):
        a_waiting_pair(session, review, records[n], records[n + 1], score=0.9 - n / 10)

    first, *_rest = asked.next_pairs(session, lead, 1)
    more = asked.next_pairs(session, lead, 9, skip=[(first.first_id, first.second_id)])

    assert first.score == 0.9 and [pair.score for pair in more] == [0.7, 0.5]


def test_the_queue_takes_as_many_statements_for_many_pairs_as_for_few(session):
    from sqlalchemy import event

    review, lead = a_house(session)
    asked_for = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: asked_for.append(args[2]))
    taken = []
    for n in range(40):
        one, other = another(session, review, title=f"One {n}"), another(session, review, title=f"Other {n}")
        a_waiting_pair(session, review, one, other)
        if n in {0, 39}:
            asked_for.clear()
            asked.next_pairs(session, lead, 6)
            taken.append(len(asked_for))

    assert taken[1] <= taken[0] + 2


def test_a_report_takes_each_field_from_its_fullest_record(session):
    review, lead = a_house(session)
    kept = a_copy(session, review, abstract="Short.", doi=None)
    full = a_copy(session, review, abstract="A much longer abstract.", doi="10.1000/full")
    service.run(session, lead)

    [report] = merged.reports(session, [kept])

    assert (report.abstract, report.doi, report.title) == ("A much longer abstract.", "10.1000/full", kept.title)
    assert report.from_others == {"doi": full.id, "abstract": full.id}


def test_a_person_chooses_a_field_and_leaves_it_again(session):
    review, lead = a_house(session)
    kept = a_copy(session, review, abstract="A much longer abstract.")
    other = a_copy(session, review, abstract="Short.")
    service.run(session, lead)

    for _each in range(2):
        service.choose_field(session, lead, other.id, "abstract")

    assert merged.reports(session, [kept])[0].abstract == "Short."
    assert session.scalar(select(func.count(FieldChoice.id))) == 1
    service.leave_field(session, lead, kept.id, "abstract")
    assert merged.reports(session, [kept])[0].abstract == "A much longer abstract."
    assert len(entries(session, "deduplication:field:chosen")) == 2


def test_a_choice_goes_with_its_record_when_that_is_parted(session):
    review, lead = a_house(session)
    kept = a_copy(session, review, abstract="A much longer abstract.")
    other = a_copy(session, review, abstract="Short.")
    service.run(session, lead)
    service.choose_field(session, lead, other.id, "abstract")

    service.part(session, lead, other.id)

    assert merged.reports(session, [kept])[0].abstract == "A much longer abstract."


def test_a_field_that_no_record_has_cannot_be_chosen_and_an_observer_chooses_none(session):
    review, lead = a_house(session)
    one = a_copy(session, review)
    observer = a_member(session, review, Role.OBSERVER)

    for field in ("doi", "raw", "id", ""):
        with pytest.raises(service.NothingToTake):
            service.choose_field(session, lead, one.id, field)
    with pytest.raises(NotAllowed):
        service.choose_field(session, observer, one.id, "title")


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=5)), min_size=1, max_size=4))
def test_a_report_lacks_nothing_that_a_record_of_it_has(told):
    members = [(place, dict.fromkeys(FIELDS, None) | values) for place, values in enumerate(told)]

    values, sources = put_together(members, {})

    assert {field for field in FIELDS if values[field]} == {field for one in told for field in one if one[field]}
    assert all(values[field] == members[place][1][field] for field, place in sources.items())


SAYINGS = st.lists(st.builds(Saying, st.integers(1, 3), st.sampled_from("ab"), st.booleans()), max_size=5)


@given(SAYINGS)
def test_whatever_counts_is_open_and_was_said_alone_or_by_two(said):
    found = in_force(said)

    assert found is None or is_open(said)
    if found and not found.alone:
        newest = {one.member_id: one for one in said}
        assert sum(one.content == found.content for one in newest.values()) > 1


def test_pairs_are_grouped_by_shared_numbers_likeness_and_reason():
    one = group_of([("same", "same DOI"), ("same", "title 100 %"), ("differs", "pages differ")], "pages differ")
    other = group_of([("near", "title 98 %")], "pages differ")

    assert one.is_safe and not other.is_safe and one.code != other.code
    assert "same DOI" in one.words and "pages differ" in one.words
