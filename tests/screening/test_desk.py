"""What is one's own at the desk, on both databases: put off, looked for, voted on at once, words, keys, pace."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, func, select

from tests.factories import (
    EXCLUDE,
    INCLUDE,
    a_document,
    a_duplicate,
    a_member,
    a_record,
    a_review,
    a_run,
    a_vote,
    an_import,
    minimal_document,
    open_stage,
    the_lead,
)
from workbench.audit import queries as trail
from workbench.db import now
from workbench.protocols.queries import plan_in_force
from workbench.protocols.rules import Highlights, pico_terms, plan_of
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import Bulk, HandIn, Postponement, TermList, Vote
from workbench.screening.queries import desk as queries
from workbench.screening.queries import queue, votes
from workbench.screening.rules import IN_HAND, MOST_IN_BULK, RAYYAN_KEYS, WORKBENCH_KEYS, Ballot, Decision, Wish, pace
from workbench.screening.service import bulk, desk, voting

TITLES = Stage.TITLE_ABSTRACT


class House:
    """A review with its first stage open, and two reviewers."""

    def __init__(self, session, n=5, **values):
        self.session = session
        self.review = a_review(session)
        self.lead, self.second = the_lead(session, self.review), a_member(session, self.review)
        self.of = an_import(session, self.review)
        self.records = [self.a_record(title=f"Record {at}", **values) for at in range(n)]
        open_stage(session, self.review)

    def a_record(self, **values):
        return a_record(self.session, self.review, of=self.of, **values)

    def rule(self):
        return votes.stage_rule(self.session, self.review.id, TITLES)

    def queue(self, member=None, wish=None, most=50):
        turns = queue.waiting_for(self.session, member or self.lead, self.rule(), most, wish=wish)
        return [turn.record_id for turn in turns]

    def put_off(self, at, key=None):
        return desk.postpone(self.session, self.lead, self.ids[at], TITLES, key or f"later-{at}")

    @property
    def ids(self):
        return [record.id for record in self.records]


@pytest.fixture
def house(session):
    return House(session)


# ---- put off ------------------------------------------------------------------------------------


def test_a_record_that_is_put_off_comes_back_at_the_end_of_ones_own_queue(house):
    house.put_off(0)
    house.put_off(2)

    assert house.queue() == [house.ids[at] for at in (1, 3, 4, 0, 2)]
    assert house.queue(house.second) == house.ids
    assert queue.how_many_wait(house.session, house.lead, house.rule()) == 5


def test_what_is_put_off_once_more_goes_behind_the_others_that_were_put_off(house):
    for at in (0, 1):
        house.put_off(at)

    house.put_off(0, "again-0001")

    assert house.queue()[-2:] == [house.ids[1], house.ids[0]]


def test_a_record_that_is_called_back_stands_where_it_stood(house):
    house.put_off(1)

    desk.call_back(house.session, house.lead, house.ids[1], TITLES)

    assert house.queue() == house.ids


def test_putting_off_sent_twice_is_done_once_and_its_key_belongs_to_one_record(house):
    assert house.put_off(0, "key-one") is house.put_off(0, "key-one")
    with pytest.raises(voting.KeyUsed):
        house.put_off(1, "key-one")
    assert house.session.scalar(select(func.count(Postponement.id))) == 1


def test_putting_off_leaves_no_trace_that_others_could_read(house):
    before = len(trail.entries(house.session, house.review.id, 100))

    house.put_off(0)
    desk.save_terms(house.session, house.lead, Highlights(("mine",)), 0, for_review=False)

    assert len(trail.entries(house.session, house.review.id, 100)) == before


def test_an_observer_puts_nothing_off(house):
    observer = a_member(house.session, house.review, Role.OBSERVER)

    with pytest.raises(NotYours):
        desk.postpone(house.session, observer, house.ids[0], TITLES, "key")


# ---- looked for -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        (Wish(words="cement SPINE"), ["both"]),
        (Wish(words="emtree"), ["keyword"]),
        (Wish(words="100%"), ["percent"]),
        (Wish(term="kyphoplast*"), ["term"]),
        (Wish(first_year=2020), ["new"]),
        (Wish(last_year=1999), ["old"]),
        (Wish(language="da"), ["danish"]),
        (Wish(no_abstract=True), ["bare"]),
        (Wish(words="cement", no_abstract=True), []),
    ],
    ids=str,
)
def test_a_wish_finds_the_records_that_fit_all_its_parts(session, wish, found):
    house = House(session, 0)
    names = {
        "both": {"title": "Cement", "abstract": "of the spine"},
        "half": {"title": "Cement", "abstract": "of the hip, 100 of them"},
        "keyword": {"keywords": ["Emtree term"]},
        "percent": {"abstract": "Relief in 100% of them"},
        "term": {"abstract": "Balloon kyphoplasties"},
        "new": {"year": 2024},
        "old": {"year": 1987},
        "danish": {"languages": ["en", "da"]},
        "bare": {"abstract": None},
    }
    made = {house.a_record(**values).id: name for name, values in names.items()}
    voting_order(house)

    assert [made[one] for one in house.queue(wish=wish)] == found
    assert queue.how_many_wait(session, house.lead, house.rule(), wish=wish) == len(found)


def voting_order(house):
    """Give records that came after the opening their place."""
    from workbench.screening.service import stages

    stages.close_stage(house.session, house.lead, TITLES)
    stages.open_stage(house.session, house.lead, TITLES)


def test_a_source_finds_the_report_also_by_the_record_that_stands_under_another(session):
    house = House(session, 2)
    other = an_import(session, house.review, a_run(session, house.review, source_name="Embase"))
    twin = a_record(session, house.review, of=other)
    a_duplicate(session, twin, house.records[1])

    assert house.queue(wish=Wish(run_id=other.run_id)) == [house.ids[1]]


def test_what_one_has_put_off_is_found_too(house):
    house.put_off(0)

    assert house.queue(wish=Wish(words="record")) == [*house.ids[1:], house.ids[0]]


# ---- voted on at once -------------------------------------------------------------------------------


RECORDS = Wish(words="record")


def in_bulk(house, ids, ballot=EXCLUDE, wish=RECORDS, key="bulk-key-1"):
    return bulk.vote_in_bulk(house.session, house.lead, TITLES, ids, wish, ballot, key)


def test_a_list_voted_on_at_once_is_marked_in_hand_and_taken_back_as_a_whole(house):
    given = in_bulk(house, house.ids[:3])

    assert [vote.bulk_id for vote in votes.in_hand(house.session, house.lead, TITLES)] == [given.id] * 3
    assert house.queue() == house.ids[3:]
    assert bulk.take_back(house.session, house.lead, TITLES, given.id) == 3
    assert sorted(house.queue()) == house.ids
    assert bulk.take_back(house.session, house.lead, TITLES, given.id) == 0


def test_a_list_sent_twice_is_voted_on_once(house):
    assert in_bulk(house, house.ids[:2]) is in_bulk(house, house.ids[:2])
    assert house.session.scalar(select(func.count(Vote.id))) == 2


def test_every_vote_of_a_list_has_its_entry_and_the_list_one_without_a_decision(house):
    in_bulk(house, house.ids[:2])

    events = [(one.event, one.payload) for one in trail.entries(house.session, house.review.id, 3)]
    assert [name for name, _payload in events] == ["screening:votes:in-bulk", *["screening:vote:cast"] * 2]
    assert set(events[0][1]) == {"stage", "n", "wish_sha256"} and "record" not in str(events[0][1])


@pytest.mark.parametrize(
    ("ids", "more"),
    [
        ([], {}),
        (list(range(1, MOST_IN_BULK + 2)), {}),
        ([1, 1], {}),
        ([1], {"wish": Wish()}),
        ([1], {"ballot": Ballot(Decision.WITHDRAWN)}),
    ],
)
def test_only_a_filtered_list_of_at_most_two_hundred_is_voted_on_at_once(house, ids, more):
    with pytest.raises(bulk.NotInBulk):
        in_bulk(house, ids, **more)


def test_a_list_of_which_a_record_waits_no_more_is_refused_whole(house):
    a_vote(house.session, house.lead, house.records[0])

    with pytest.raises(bulk.ListMoved):
        in_bulk(house, house.ids[:3])
    assert house.session.scalar(select(func.count(Bulk.id))) == 0


def test_a_list_stays_in_hand_as_one_under_twenty_newer_votes(session):
    house = House(session, 25 + IN_HAND)
    in_bulk(house, house.ids[:25])

    for record in house.records[25 : 24 + IN_HAND]:
        a_vote(session, house.lead, record, in_hand=True)
    assert session.scalar(select(func.count(HandIn.id))) == 0
    a_vote(session, house.lead, house.records[24 + IN_HAND], in_hand=True)

    assert session.scalar(select(func.count(HandIn.id))) == 25
    assert len(votes.in_hand(session, house.lead, TITLES)) == IN_HAND


def test_full_texts_are_never_voted_on_at_once(house):
    with pytest.raises(bulk.NotInBulk):
        bulk.vote_in_bulk(house.session, house.lead, Stage.FULL_TEXT, [1], Wish(words="x"), INCLUDE, "key-12345")


# ---- earlier votes, votes in hand ---------------------------------------------------------------------


def test_one_walks_back_and_forth_through_ones_own_votes_only(house):
    for record in house.records[:3]:
        a_vote(house.session, house.lead, record)
        a_vote(house.session, house.second, record)
    voting.withdraw(house.session, house.lead, house.ids[4], TITLES, "never-cast")

    walked, than = [], None
    while vote := queries.earlier(house.session, house.lead, TITLES, than):
        walked.append(than := vote.record_id)
        assert vote.reviewer_id == house.lead.id

    assert walked == house.ids[2::-1]
    assert queries.later(house.session, house.lead, TITLES, house.ids[0]).record_id == house.ids[1]
    assert queries.later(house.session, house.lead, TITLES, house.ids[2]) is None


def test_a_vote_and_the_next_five_take_as_many_statements_however_many_votes_there_are(session):
    house = House(session, 60)
    said = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *args: said.append(args[2]))
    taken = []
    for record in house.records[:50]:
        said.clear()
        house.queue(most=5)
        a_vote(session, house.lead, record, in_hand=True)
        taken.append(len(said))

    assert taken[5] == taken[15] and taken[25] == taken[49]


def test_finish_hands_in_a_vote_that_two_devices_left_below_a_newer_final_one(house):
    low = a_vote(house.session, house.lead, house.records[0], in_hand=True)
    high = a_vote(house.session, house.lead, house.records[1], in_hand=True)
    house.session.add(HandIn(vote_id=high.id, how="finish", handed_in_at=now()))
    house.session.flush()

    voting.hand_in(house.session, house.lead, TITLES)

    assert votes.is_handed_in(house.session, low)


def test_the_pace_leaves_pauses_and_lists_out(house):
    with time_machine.travel("2026-05-12 09:00", tick=False) as clock:
        for record in house.records:
            a_vote(house.session, house.lead, record, in_hand=True)
            clock.shift(timedelta(minutes=30) if record is house.records[2] else timedelta(seconds=36))
        moments = queries.moments(house.session, house.lead, TITLES)

    assert len(moments) == 5 and pace(moments) is None  # four gaps, one a pause: too few
    assert pace([moments[0] - timedelta(seconds=36 * n) for n in range(12)]) == 100
    assert queries.moments(house.session, house.second, TITLES) == []


# ---- words to mark --------------------------------------------------------------------------------------


def terms(house, member):
    return queries.terms_of(house.session, member, plan_in_force(house.session, house.review.id))


def test_words_are_ones_own_or_the_whole_reviews_and_the_newest_list_counts(house):
    first = desk.save_terms(house.session, house.lead, Highlights(("all*",)), 0, for_review=True)
    desk.save_terms(house.session, house.lead, Highlights(("all*", "more")), first.id, for_review=True)
    desk.save_terms(house.session, house.second, Highlights((), ("mine",)), 0, for_review=False)

    assert terms(house, house.lead).all.include == ("all*", "more")
    assert terms(house, house.lead).all.exclude == ()
    assert terms(house, house.second).all.exclude == ("mine",)
    assert trail.entries(house.session, house.review.id, 1)[0].event == "screening:terms:saved"


def test_where_lists_differ_ones_own_decides(house):
    desk.save_terms(house.session, house.lead, Highlights(("Pain",), ("cement",)), 0, for_review=True)
    desk.save_terms(house.session, house.second, Highlights((), ("pain",)), 0, for_review=False)

    marked = terms(house, house.second).all

    assert marked.include == () and set(marked.exclude) == {"pain", "cement"}
    assert "cement" in terms(house, a_member(house.session, house.review)).all.exclude


@pytest.mark.parametrize("bad", [("*",), ("a",), ("mid*dle",), ("x" * 101,), ("twice",)])
def test_words_that_cannot_be_marked_are_refused(house, bad):
    with pytest.raises(desk.UnmarkableTerm):
        desk.save_terms(house.session, house.lead, Highlights(bad, ("Twice",)), 0, for_review=False)
    assert house.session.scalar(select(func.count(TermList.id))) == 0


def test_too_many_words_are_refused_and_blanks_and_repeats_are_dropped(house):
    with pytest.raises(desk.UnmarkableTerm):
        desk.clean(Highlights(tuple(f"word{n}" for n in range(desk.MOST_TERMS + 1))))

    assert desk.clean(Highlights((" bone   cement ", "", "Bone cement", "sham"))).include == ("bone cement", "sham")


def test_a_list_that_was_saved_meanwhile_is_not_overwritten(house):
    desk.save_terms(house.session, house.lead, Highlights(("one",)), 0, for_review=True)

    with pytest.raises(desk.ListChanged):
        desk.save_terms(house.session, house.lead, Highlights(("two",)), 0, for_review=True)


def test_only_the_lead_changes_the_words_of_the_review(house):
    with pytest.raises(NotYours):
        desk.save_terms(house.session, house.second, Highlights(("one",)), 0, for_review=True)


def test_words_of_the_question_are_read_off_the_protocol():
    document = minimal_document("spine") | {
        "questions": [{"id": "q", "text": "?", "population": "Adults with painful metastases",
                       "intervention": "Vertebroplasty or kyphoplasty", "comparison": "usual care"}]
    }  # fmt: skip

    assert pico_terms(plan_of(document)) == ("adults", "painful", "metastases", "vertebroplasty", "kyphoplasty")


# ---- keys -----------------------------------------------------------------------------------------------


def test_keys_are_one_persons_in_every_review(house):
    desk.save_keys(house.session, house.lead, RAYYAN_KEYS, are_on=False)

    assert queries.keys_of(house.session, house.lead.user_id) == queries.Keys(dict(RAYYAN_KEYS), are_on=False)
    assert queries.keys_of(house.session, house.second.user_id) == queries.Keys(WORKBENCH_KEYS)


@pytest.mark.parametrize("wrong", [{"undo": "y"}, {"undo": ""}, {"undo": "3"}, {"undo": "uu"}, {"undo": " "}])
def test_a_key_that_cannot_be_used_changes_nothing(house, wrong):
    with pytest.raises(desk.UnusableKeys):
        desk.save_keys(house.session, house.lead, {**WORKBENCH_KEYS, **wrong}, are_on=True)
    assert queries.keys_of(house.session, house.lead.user_id).keys == WORKBENCH_KEYS


def test_the_masked_stage_still_marks_words(session):
    review = a_review(session, "masked", document=a_document("masked", masked=True))

    assert queries.terms_of(session, the_lead(session, review), plan_in_force(session, review.id)).all.pico


def test_votes_on_one_report_take_no_room_on_others(session):
    """Two others who voted on a record that now stands under another have voted on that report, and on no other one."""
    house = House(session, 4)
    third = a_member(session, house.review)
    for member in (house.lead, house.second):
        a_vote(session, member, house.records[0])
    a_duplicate(session, house.records[0], house.records[1])

    assert house.queue(third) == house.ids[2:]
