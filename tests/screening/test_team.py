"""Tags with a meaning and questions to the team: who may do what, and who may know what when (B1)."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import EXCLUDE, INCLUDE, a_duplicate, a_member, a_record, a_review, a_vote, open_stage, the_lead
from workbench.audit.models import AuditEntry
from workbench.db import now
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import Inquiry, Reply, Tag
from workbench.screening.queries import inquiries, tags
from workbench.screening.rules import Ballot, Decision
from workbench.screening.service import team

TITLES = Stage.TITLE_ABSTRACT


class House:
    """A review with an open stage: the lead and a reviewer vote, an adjudicator and an observer do not."""

    def __init__(self, session):
        self.session, self.review = session, a_review(session, "spine")
        self.lead, self.second = the_lead(session, self.review), a_member(session, self.review, name="Jonas")
        self.judge = a_member(session, self.review, Role.ADJUDICATOR, name="Tove")
        self.observer = a_member(session, self.review, Role.OBSERVER, name="Henrik")
        open_stage(session, self.review)
        self.record = a_record(session, self.review)

    def tagged(self, person, *names, decision=Decision.INCLUDE, **values):
        return a_vote(self.session, person, self.record, Ballot(decision, tags=names), **values)

    def define(self, name, *, carries_judgement=True):
        return team.define_tag(self.session, self.lead, name, "When to use it", carries_judgement=carries_judgement)

    def known(self, reader):
        return {one.name: list(one.record_ids) for one in tags.used(self.session, reader)}

    def ask(self, person, text="Which language is it in?", key="key-one"):
        return team.ask(self.session, person, self.record.id, TITLES, text, key)

    def reply(self, person, asked, text="In German.", key="key-two"):
        return team.reply(self.session, person, asked.id, text, key)

    def texts(self, reader):
        return [one.inquiry.text for one in inquiries.threads(self.session, reader)]


@pytest.fixture
def house(session):
    return House(session)


def test_what_another_voter_tagged_opens_with_the_votes_even_where_it_carries_no_judgement(house):
    house.define("language", carries_judgement=False)
    house.tagged(house.second, "language", "hm")
    assert house.known(house.lead) == {"language": []}

    house.tagged(house.lead, "mine")

    assert house.known(house.lead) == {name: [house.record.id] for name in ("language", "hm", "mine")}


def test_who_does_not_vote_sees_at_once_a_tag_without_judgement_and_no_other(house):
    house.define("language", carries_judgement=False)
    house.define("key paper")
    house.tagged(house.second, "language", "key paper", "hm")

    assert house.known(house.judge) == {"key paper": [], "language": [house.record.id]}


def test_a_tag_of_a_vote_in_hand_is_known_to_its_author_alone(house):
    house.define("language", carries_judgement=False)
    house.tagged(house.second, "language", in_hand=True)

    assert house.known(house.second)["language"] == [house.record.id]
    assert house.known(house.judge)["language"] == []


def test_of_an_open_conflict_who_may_decide_it_knows_no_tag_that_carries_judgement(house):
    house.tagged(house.second, "hm")
    house.tagged(house.lead, "key", decision=Decision.EXCLUDE)

    assert house.known(house.judge) == {}
    assert set(house.known(house.observer)) == {"hm", "key"}


def test_a_tag_has_one_meaning_until_it_is_taken_out_of_use(house):
    first = house.define("  key   paper ")
    with pytest.raises(team.TagTaken):
        house.define("key paper")

    team.retire_tag(house.session, house.lead, first.id)
    again = house.define("key paper")

    assert first.name == "key paper" and tags.defined(house.session, house.review.id) == [again]


def test_the_database_holds_a_name_in_use_once(house):
    house.define("key paper")
    house.session.add(
        Tag(review_id=house.review.id, name="key paper", meaning="x", carries_judgement=True,
            defined_by=house.lead.id, defined_at=now())
    )  # fmt: skip

    with pytest.raises(IntegrityError):
        house.session.flush()


def test_a_tag_without_name_or_meaning_is_refused(house):
    for name, meaning in (("", "x"), ("a,b", "x"), ("x" * 81, "x"), ("x", "  ")):
        with pytest.raises(team.TagIncomplete):
            team.define_tag(house.session, house.lead, name, meaning, carries_judgement=True)


def test_a_reviewer_defines_no_tag_and_an_observer_asks_nothing(house):
    with pytest.raises(NotYours):
        team.define_tag(house.session, house.second, "x", "y", carries_judgement=True)
    with pytest.raises(NotYours):
        house.ask(house.observer)


def test_a_tag_of_another_review_is_not_taken_out_of_use(house):
    tag = house.define("key paper")

    with pytest.raises(team.NoSuchTag):
        team.retire_tag(house.session, the_lead(house.session, a_review(house.session, "other")), tag.id)


def test_a_question_goes_to_those_who_do_not_vote_and_opens_to_the_others_with_the_votes(house):
    house.ask(house.second)
    assert house.texts(house.second) == house.texts(house.judge) == house.texts(house.observer) != []
    assert house.texts(house.lead) == []

    a_vote(house.session, house.lead, house.record, INCLUDE)
    assert house.texts(house.lead) == []
    a_vote(house.session, house.second, house.record, EXCLUDE)

    assert house.texts(house.lead) == ["Which language is it in?"]


def test_who_may_not_read_a_question_does_not_reply_to_it_nor_learn_that_it_is_there(house):
    asked = house.ask(house.second)

    with pytest.raises(inquiries.NoSuchInquiry):
        house.reply(house.lead, asked)


def test_a_question_follows_its_record_into_the_report_that_it_proves_to_be(house):
    house.ask(house.second)
    kept = a_record(house.session, house.review)
    a_duplicate(house.session, house.record, kept)

    [found] = inquiries.threads(house.session, house.judge)

    assert found.kept == kept.id


def test_replies_are_news_until_who_asked_says_to_have_read_them(house):
    asked = house.ask(house.second)
    house.reply(house.second, asked, "I mean the full text.", "own")
    assert inquiries.with_news(house.session, house.second) == 0

    house.reply(house.judge, asked)
    assert inquiries.with_news(house.session, house.second) == 1
    assert inquiries.thread(house.session, house.second, asked.id).has_news

    team.read_replies(house.session, house.second, asked.id)
    assert inquiries.with_news(house.session, house.second) == 0
    house.reply(house.judge, asked, "And in French.", "key-three")
    assert inquiries.with_news(house.session, house.second) == 1


def test_only_who_asked_says_to_have_read_the_replies(house):
    asked = house.ask(house.second)

    with pytest.raises(team.NotYourInquiry):
        team.read_replies(house.session, house.judge, asked.id)


def test_what_is_sent_twice_is_kept_once_and_another_text_with_the_same_key_is_refused(house):
    asked = house.ask(house.second)
    assert house.ask(house.second) is asked
    assert house.reply(house.judge, asked) is house.reply(house.judge, asked)
    with pytest.raises(team.SentBefore):
        house.ask(house.second, "Something else?")
    with pytest.raises(team.SentBefore):
        house.reply(house.judge, asked, "Something else.")

    assert [len(house.session.scalars(select(table)).all()) for table in (Inquiry, Reply)] == [1, 1]


def test_a_question_without_words_or_with_too_many_is_refused(house):
    for text in ("", " \x00 ", "x" * 10_001):
        with pytest.raises(team.TextMissing):
            house.ask(house.second, text)


def test_the_page_says_who_reads_a_question_at_once(house):
    assert inquiries.readers_at_once(house.session, house.second, TITLES) == ["Tove"]


def test_each_deed_leaves_its_trace_without_a_word_of_the_text(house):
    tag = house.define("key paper")
    team.retire_tag(house.session, house.lead, tag.id)
    asked = house.ask(house.second)
    house.reply(house.judge, asked)
    team.read_replies(house.session, house.second, asked.id)

    told = house.session.execute(select(AuditEntry.event, AuditEntry.payload, AuditEntry.record_id)).all()[-5:]
    assert [row.event for row in told] == [
        "screening:tag:defined", "screening:tag:defined", "screening:team:asked", "screening:team:replied",
        "screening:replies:read",
    ]  # fmt: skip
    assert all("German" not in str(row.payload) and "language" not in str(row.payload) for row in told)
    assert [row.record_id for row in told[2:]] == [house.record.id] * 3
