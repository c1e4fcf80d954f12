"""Passing a record on, since one does not read its language: it leaves the queue, others judge it, it can come back."""

import pytest
from sqlalchemy import select

from tests.factories import INCLUDE, a_member, a_record, a_review, an_import, open_stage, the_lead
from tests.screening.test_bars_faces import DESK, shown
from tests.screening.test_stage_faces import browser, do
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.errors import Clash
from workbench.reviews.rules import Stage
from workbench.screening.models import Bar
from workbench.screening.queries import allocation as allocated
from workbench.screening.queries import passing, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import BarKind, Split
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation, aside, languages, stages, voting

TITLES = Stage.TITLE_ABSTRACT


class Team:
    """Three voters on records whose language nobody stated, the stage open."""

    def __init__(self, session, people=3, records=2, **values):
        self.session, self.review = session, a_review(session)
        self.lead = the_lead(session, self.review)
        self.others = [a_member(session, self.review, name=f"Voter {n}") for n in range(people - 1)]
        of = an_import(session, self.review)
        self.records = [
            a_record(session, self.review, of=of, title=f"Record number {n}", **values).id for n in range(records)
        ]
        open_stage(session, self.review)

    def waits_for(self, member):
        """The records that wait for a person."""
        rule = queries.stage_rule(self.session, self.review.id, TITLES)
        return [one.record_id for one in queue.waiting_for(self.session, member, rule, 9)]

    def pass_on(self, member, record_id):
        return aside.pass_on(self.session, member, record_id, TITLES)


def test_a_record_that_is_passed_on_leaves_ones_queue_and_stays_in_those_of_others(session):
    team = Team(session)
    one = team.others[0]

    team.pass_on(one, team.records[0])

    assert team.waits_for(one) == team.records[1:] and team.waits_for(team.lead) == team.records
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.event == "screening:record:passed-on" and entry.payload["record_id"] == team.records[0]


def test_passed_on_twice_it_is_passed_on_once_and_comes_back_when_taken_back(session):
    team = Team(session)
    one = team.others[0]
    bars = [team.pass_on(one, team.records[0]).id for _ in range(2)]

    stages.lift_bar(session, one, bars[0])

    assert bars[0] == bars[1] and team.waits_for(one) == team.records
    assert passing.passed_on_by_hand(session, one) == []


def test_a_record_stays_where_too_few_others_may_judge_it(session):
    team = Team(session, people=3)
    team.pass_on(team.lead, team.records[0])

    with pytest.raises(Clash, match="Too few others"):
        team.pass_on(team.others[0], team.records[0])

    assert team.waits_for(team.others[0]) == team.records and len(session.scalars(select(Bar)).all()) == 1


def test_others_who_said_that_they_do_not_read_the_language_do_not_count(session):
    team = Team(session, languages=["dan"])
    languages.say_languages(session, team.lead, ["en"])

    with pytest.raises(Clash, match="Too few others"):
        team.pass_on(team.others[0], team.records[0])


def test_a_vote_in_hand_is_taken_back_and_one_that_is_handed_in_stays(session):
    team = Team(session)
    one, (first, second) = team.others[0], team.records
    voting.cast_vote(session, one, first, TITLES, INCLUDE, "first-vote")
    voting.hand_in(session, one, TITLES)
    voting.cast_vote(session, one, second, TITLES, INCLUDE, "second-vote")

    team.pass_on(one, second)

    assert queries.own_vote(session, one, second, TITLES).decision.value == "withdrawn"
    with pytest.raises(Clash, match="handed in"):
        team.pass_on(one, first)


def test_the_place_of_an_allocated_record_goes_to_somebody_else(session):
    team = Team(session)
    one, other = team.others
    wish = Wish(Split.BATCH, {team.lead.id: 1, one.id: 1}, chosen=Chosen())
    allocation.allocate(session, team.lead, TITLES, wish)
    assert team.waits_for(other) == []

    team.pass_on(one, team.records[0])

    assert team.waits_for(other) == team.records[:1]


def test_the_same_allocation_sent_twice_is_one(session):
    team = Team(session, records=4)
    wish = Wish(Split.BATCH, {team.lead.id: 1, team.others[0].id: 1}, chosen=Chosen(size=2))

    made = [allocation.allocate(session, team.lead, TITLES, wish, key="monday-batch").id for _ in range(2)]

    assert made[0] == made[1] and len(allocated.allocations(session, team.review.id, TITLES)) == 1
    with pytest.raises(Clash, match="other stage"):
        allocation.allocate(session, team.lead, Stage.FULL_TEXT, wish, key="monday-batch")


# At the desk, without any script


@pytest.fixture
def house(app):
    """The same team, with a browser."""
    with database_of(app).write.begin() as session:
        team = Team(session)
        app.slug, app.lead, app.one, app.records = team.review.slug, team.lead, team.others[0], team.records
    return app


def test_one_passes_a_record_on_at_the_desk_and_takes_it_back_on_the_list(house):
    client = browser(house, house.one.user)
    here = {name: address.replace("spine", house.slug) for name, address in (("desk", DESK), ("list", LIST))}

    answer = do(client, f"/reviews/{house.slug}/bars/language", record=house.records[0], stage="title-abstract")
    page, listed = client.get(answer.location).text, client.get(here["list"]).text
    bar = passed_on(house)[0]
    back = do(client, f"/reviews/{house.slug}/bars/{bar}/lift", stage="title-abstract", back="language")

    assert shown(page.split("<h1")[1]) == "Record number 1" and "goes to somebody else" in page
    assert "Passed on one by one" in listed and "Record number 0" in listed
    assert back.location.endswith("/lists/language") and passed_on(house) == []


def test_where_nobody_else_can_judge_it_the_desk_says_so_and_shows_it_again(house):
    for person in (house.lead, house.one):
        client = browser(house, person.user)
        answer = do(client, f"/reviews/{house.slug}/bars/language", record=house.records[0], stage="title-abstract")

    page = client.get(answer.location).text

    assert "Too few others may judge this record" in page and shown(page.split("<h1")[1]) == "Record number 0"


LIST = "/reviews/spine/stages/title-abstract/lists/language"


def passed_on(app):
    with database_of(app).read() as session:
        return list(session.scalars(select(Bar.id).where(Bar.kind == BarKind.LANGUAGE, Bar.lifted_at.is_(None))))
