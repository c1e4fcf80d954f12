"""The screening desk over HTTP: forms without script, the queue and votes of the module, and what is refused."""

import re

import pytest
from sqlalchemy import func, select

from tests.factories import a_duplicate, a_member, a_record, a_review, an_import, minimal_document, sign_in, the_lead
from workbench.app import database_of
from workbench.protocols.rules import Highlights
from workbench.records.models import Record
from workbench.reviews.rules import Role, Stage
from workbench.screening.models import HandIn, Place, Vote
from workbench.screening.rules import Ballot, Decision, Found
from workbench.screening.service import retrieval, stages, voting
from workbench.screening.views.reading import language, paragraphs, shown

DESK = "/reviews/spine/screen/title-abstract"
FULL = "/reviews/spine/screen/full-text"
HOSTILE = "<script>alert(1)</script> <b>bold</b> & vertebroplasty"


class Desk:
    """One person's browser at the desk, with the token of the page."""

    def __init__(self, app, person, address=DESK):
        self.client, self.address = sign_in(app.test_client(), person), address
        self.token = re.search(r'csrf-token" content="([^"]+)', self.client.get("/").text)[1]

    def page(self, **query):
        return self.client.get(self.address, query_string=query)

    def shown(self):
        return int(re.search(r'data-record="(\d+)"', self.page().text)[1])

    def post(self, where, **form):
        return self.client.post(f"{self.address}/{where}", data={"csrf_token": self.token} | form)

    def send(self, where, body):
        return self.client.post(f"{self.address}/{where}", json=body, headers={"X-CSRFToken": self.token})

    def queue(self, *skip):
        return [one["id"] for one in self.send("queue", {"skip": list(skip)}).json]

    def vote(self, record, decision, key, **more):
        return self.send("votes", {"record": record, "decision": decision, "key": key} | more)


@pytest.fixture
def house(app):
    """A review with two voters and eight records, its first stage open."""
    with database_of(app).write.begin() as session:
        document = minimal_document("spine")
        document["screening"]["title-abstract"]["reasons_asked"] = True
        document["screening"]["highlights"] = {"include": ["vertebroplast*"], "exclude": ["osteoporo*"]}
        review = a_review(session, "spine", document=document)
        lead, second = the_lead(session, review), a_member(session, review)
        of = an_import(session, review)
        app.records = [a_record(session, review, of=of, title=f"Record {n}").id for n in range(8)]
        stages.open_stage(session, lead, Stage.TITLE_ABSTRACT)
        app.review, app.lead, app.second = review, lead, second
    return app


def rows(app, model=Vote):
    with database_of(app).read() as session:
        return session.scalar(select(func.count()).select_from(model))


def decisions(app, person):
    with database_of(app).read() as session:
        return [
            (vote.record_id, vote.decision.value)
            for vote in session.scalars(select(Vote).where(Vote.reviewer_id == person.id).order_by(Vote.id))
        ]


# ---- without script ----------------------------------------------------------------------------


def test_without_script_a_form_votes_and_the_next_record_is_shown(house):
    desk = Desk(house, house.lead.user)
    first = desk.shown()

    answer = desk.post("votes", record=first, decision="exclude", turn=0, note="Animals", tags="animal, dog")

    assert answer.status_code == 303 and desk.shown() == house.records[1]
    with database_of(house).read() as session:
        vote = session.scalars(select(Vote)).one()
    assert (vote.decision, vote.note, vote.tags) == (Decision.EXCLUDE, "Animals", ["animal", "dog"])


def test_a_reasons_own_button_excludes_for_that_reason(house):
    desk = Desk(house, house.lead.user)
    reason = re.search(r'name="reason" value="(\d+)"', desk.page().text)[1]

    desk.post("votes", record=desk.shown(), reason=reason, turn=0)

    with database_of(house).read() as session:
        vote = session.scalars(select(Vote)).one()
    assert (vote.decision, vote.reason_id) == (Decision.EXCLUDE, int(reason))


def test_a_form_sent_twice_is_one_vote_and_a_changed_one_is_a_newer_vote(house):
    desk = Desk(house, house.lead.user)
    for decision in ("include", "include", "exclude"):
        desk.post("votes", record=house.records[0], decision=decision, turn=0)

    assert decisions(house, house.lead) == [(house.records[0], "include"), (house.records[0], "exclude")]


def test_undo_without_script_brings_the_record_back(house):
    desk = Desk(house, house.lead.user)
    desk.post("votes", record=house.records[0], decision="include", turn=0)

    answer = desk.post("votes", record=house.records[0], decision="withdrawn", turn=1)

    assert f'data-record="{house.records[0]}"' in desk.client.get(answer.location).text


def test_a_vote_in_hand_is_shown_again_to_be_changed_and_one_handed_in_to_be_read(house):
    desk = Desk(house, house.lead.user)
    desk.post("votes", record=house.records[0], decision="exclude", turn=0, private_note="Only mine")

    again = desk.page(record=house.records[0])
    desk.post("finish")
    after = desk.page(record=house.records[0])

    assert "Only mine" in again.text and "A new vote takes its place." in again.text
    assert "It is final." in after.text and 'data-vote="include" aria-keyshortcuts="Y" disabled' in after.text


def test_finish_hands_in_and_says_how_many(house):
    desk = Desk(house, house.lead.user)
    for record in house.records[:3]:
        desk.vote(record, "include", f"finish-{record}")

    assert desk.send("finish", {}).json == {"handed_in": 3}
    assert rows(house, HandIn) == 3 and desk.send("finish", {}).json == {"handed_in": 0}


def test_an_incomplete_full_text_vote_comes_back_as_it_was_filled_in(house):
    with database_of(house).write.begin() as session:
        report = a_full_text(session, house)
    desk = Desk(house, house.lead.user, FULL)

    answer = desk.post("votes", record=report, decision="include", questions="pico1", note="Good one", turn=0)

    assert answer.status_code == 422 and "Choose a design" in answer.text
    assert "Good one" in answer.text and re.search(r'value="pico1" checked', answer.text)


def test_a_whole_full_text_vote_is_taken(house):
    with database_of(house).write.begin() as session:
        report = a_full_text(session, house)
    desk = Desk(house, house.lead.user, FULL)

    answer = desk.post(
        "votes", record=report, decision="include", questions=["pico2", "pico1"], design="guideline", turn=0
    )

    assert answer.status_code == 303 and "voted on every record" in desk.page().text
    with database_of(house).read() as session:
        vote = session.scalars(select(Vote).where(Vote.stage == Stage.FULL_TEXT)).one()
    assert vote.questions == "pico1 pico2" and vote.design == "guideline"


def a_full_text(session, house):
    """A report that both kept in and whose full text was retrieved, on an open full-text stage."""
    record = house.records[0]
    for voter in (house.lead, house.second):
        voting.cast_vote(session, voter, record, Stage.TITLE_ABSTRACT, Ballot(Decision.INCLUDE), f"title-{voter.id}")
        voting.hand_in(session, voter, Stage.TITLE_ABSTRACT)
    retrieval.log_report(session, house.lead, record, Found.RETRIEVED)
    stages.open_stage(session, house.lead, Stage.FULL_TEXT)
    return record


# ---- the module's requests -------------------------------------------------------------------------


def test_the_queue_gives_the_next_records_and_leaves_out_those_the_desk_holds(house):
    desk = Desk(house, house.lead.user)

    assert desk.queue() == house.records[:5]
    assert desk.queue(*house.records[:5]) == house.records[5:]


def test_the_same_key_twice_is_one_vote(house):
    desk = Desk(house, house.lead.user)
    answers = [desk.vote(house.records[0], "include", "the-very-key") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200] and rows(house) == 1


def test_votes_sent_again_in_order_after_a_lost_connection_end_as_they_were_given(house):
    desk = Desk(house, house.lead.user)
    kept = [
        (house.records[0], "include", "offline-1"),
        (house.records[1], "exclude", "offline-2"),
        (house.records[1], "withdrawn", "offline-3"),
        (house.records[1], "include", "offline-4"),
    ]
    for record, decision, key in [*kept[:2], *kept]:  # the first two arrived, their answers did not
        assert desk.vote(record, decision, key).status_code == 200

    first, second = house.records[:2]
    assert decisions(house, house.lead) == [
        (first, "include"),
        (second, "exclude"),
        (second, "withdrawn"),
        (second, "include"),
    ]


def test_undo_of_a_vote_that_never_arrived_changes_nothing(house):
    desk = Desk(house, house.lead.user)

    assert desk.vote(house.records[0], "withdrawn", "undo-nothing").status_code == 200 and rows(house) == 0


def test_a_vote_that_is_handed_in_is_refused_with_the_way_out(house):
    desk = Desk(house, house.lead.user)
    desk.vote(house.records[0], "include", "first-vote")
    desk.send("finish", {})

    answer = desk.vote(house.records[0], "exclude", "second-vote")

    assert answer.status_code == 409 and "discussion" in answer.json["hint"]
    assert answer.json["type"] == "already-handed-in"


def test_a_record_of_another_review_is_not_found(house):
    with database_of(house).write.begin() as session:
        foreign = a_record(session, a_review(session, "other")).id
    desk = Desk(house, house.lead.user)

    assert desk.vote(foreign, "include", "foreign-vote").status_code == 404
    assert desk.page(record=foreign).status_code == 404 and rows(house) == 0


def test_a_vote_kept_by_somebody_else_in_the_same_browser_is_not_sent_under_this_name(house):
    desk = Desk(house, house.lead.user)

    answer = desk.vote(house.records[0], "include", "whose-vote", reviewer=house.second.id)

    assert answer.status_code == 403 and answer.json["type"] == "other-account" and rows(house) == 0


def test_a_closed_stage_takes_no_vote_and_serves_nothing(house):
    with database_of(house).write.begin() as session:
        stages.close_stage(session, house.lead, Stage.TITLE_ABSTRACT)
    desk = Desk(house, house.lead.user)

    assert desk.vote(house.records[0], "include", "too-late-vote").status_code == 409
    assert desk.queue() == [] and "not open" in desk.page().text


WHOLE = {"record": 1, "decision": "include", "key": "long-enough"}


@pytest.mark.parametrize("body", [
    [], {}, {"record": 1, "decision": "include"}, WHOLE | {"key": "short"}, WHOLE | {"key": "a" * 81},
    WHOLE | {"record": True}, WHOLE | {"record": "x"}, WHOLE | {"record": 10**30}, WHOLE | {"decision": "maybe"},
    WHOLE | {"note": 7}, WHOLE | {"note": "x" * 10_001}, WHOLE | {"tags": "not a list"}, WHOLE | {"tags": ["x" * 81]},
    WHOLE | {"decision": "exclude", "reason": "first"},
])  # fmt: skip
def test_a_vote_that_cannot_be_read_is_refused_and_changes_nothing(house, body):
    answer = Desk(house, house.lead.user).send("votes", body)

    assert answer.status_code == 422 and answer.json["title"] and rows(house) == 0


def test_where_more_may_vote_than_votes_are_asked_the_page_holds_a_place(house):
    with database_of(house).write.begin() as session:
        a_member(session, house.review)
    desk = Desk(house, house.lead.user)

    assert desk.shown() == house.records[0] and rows(house, Place) == 1
    desk.queue()
    assert rows(house, Place) == 5


def test_looking_at_the_desk_writes_nothing_where_no_place_is_needed(house):
    assert Desk(house, house.lead.user).page().status_code == 200 and rows(house, Place) == 0


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ADJUDICATOR, Role.SEARCH_SPECIALIST])
def test_who_does_not_vote_has_no_desk(house, role):
    with database_of(house).write.begin() as session:
        person = a_member(session, house.review, role).user

    assert Desk(house, person).page().status_code == 403


def test_whom_the_protocol_does_not_name_is_told_so(house):
    with database_of(house).write.begin() as session:
        document = minimal_document("named")
        document["screening"]["title-abstract"]["voters"] = ["somebody@example.org"]
        review = a_review(session, "named", document=document)
        lead = the_lead(session, review)
        a_record(session, review)
        stages.open_stage(session, lead, Stage.TITLE_ABSTRACT)
        person = lead.user

    page = Desk(house, person, "/reviews/named/screen/title-abstract").page()

    assert "does not name you" in page.text


# ---- what a record shows -------------------------------------------------------------------------


def test_what_a_record_says_is_never_markup(house):
    with database_of(house).write.begin() as session:
        record = a_record(
            session,
            house.review,
            title=HOSTILE,
            abstract=f"RESULTS: {HOSTILE}",
            keywords=[HOSTILE],
            authors=[HOSTILE],
            journal=HOSTILE,
            doi=HOSTILE,
            publication_types=[HOSTILE],
            languages=[HOSTILE],
        )
        stages.rank(session, house.review.id, Stage.TITLE_ABSTRACT)
        record_id = record.id
    desk = Desk(house, house.lead.user)
    html = next(one["html"] for one in desk.send("queue", {"skip": house.records}).json if one["id"] == record_id)

    assert "<script" not in html and "<b>bold" not in html
    assert '<mark class="hl hl-in">vertebroplasty</mark>' in html


def test_a_reviewer_reads_what_all_records_of_a_report_tell_together(house):
    with database_of(house).write.begin() as session:
        first = session.get(Record, Desk(house, house.lead.user).shown())
        other = a_record(session, house.review, abstract="A much longer abstract than the first one.", doi="10.1000/x")
        a_duplicate(session, other, first)

    desk = Desk(house, house.lead.user)
    page = desk.page().text

    assert "A much longer abstract" in page and "10.1000/x" in page and "Put together from several records." in page
    assert desk.queue()[0] == first.id and "A much longer" in desk.send("queue", {"skip": []}).json[0]["html"]


def test_a_masked_stage_shows_the_fuller_abstract_and_nothing_else_of_another_record(house):
    with database_of(house).write.begin() as session:
        document = minimal_document("masked")
        document["screening"]["title-abstract"]["masked"] = True
        review = a_review(session, "masked", document=document)
        kept = a_record(session, review, abstract="Short.")
        other = a_record(session, review, abstract="A longer abstract.", doi="10.1000/x", journal="J Hidden")
        a_duplicate(session, other, kept)
        stages.open_stage(session, the_lead(session, review), Stage.TITLE_ABSTRACT)
        person = the_lead(session, review).user

    page = Desk(house, person, "/reviews/masked/screen/title-abstract").page().text

    assert "A longer abstract." in page
    assert "10.1000/x" not in page and "J Hidden" not in page and "Put together" not in page


def test_a_masked_stage_shows_no_author_journal_identifier_or_source(house):
    with database_of(house).write.begin() as session:
        document = minimal_document("masked")
        document["screening"]["title-abstract"]["masked"] = True
        review = a_review(session, "masked", document=document)
        lead = the_lead(session, review)
        a_record(session, review, authors=["Halvorsen AK"], journal="Spine", doi="10.1000/secret", pmid="12345678")
        stages.open_stage(session, lead, Stage.TITLE_ABSTRACT)
        person = lead.user
    page = Desk(house, person, "/reviews/masked/screen/title-abstract").page().text

    assert "are hidden at this stage" in page
    assert not any(word in page for word in ("Halvorsen", "<cite>", "10.1000", "12345678", "MEDLINE"))


def test_terms_are_marked_with_any_ending_and_counted(session):
    record = a_record(
        session,
        a_review(session),
        title="Vertebroplasties in osteoporosis",
        abstract="Vertebroplasty. Revertebroplasty.",
    )

    found = shown(record, Highlights(("vertebroplast*",), ("osteoporo*",)), [], masked=False)

    assert dict(found.tally) == {"in": 2, "out": 1, "pico": 0}


@pytest.mark.parametrize(("abstract", "parts"), [
    ("Pain fell.", [(None, "Pain fell.")]),
    ("BACKGROUND: Pain.\nMETHODS: We asked: why?", [("Background", "Pain."), ("Methods", "We asked: why?")]),
    ("Objective: To ask. Results: It fell. p=.04: good.",
     [("Objective", "To ask."), ("Results", "It fell. p=.04: good.")]),
    ("UNLABELLED: Pain. CONCLUSION: Yes.", [(None, "Pain."), ("Conclusion", "Yes.")]),
    ("", []),
])  # fmt: skip
def test_an_abstract_is_shown_in_its_labelled_parts(abstract, parts):
    assert paragraphs(abstract) == parts


def test_only_a_language_that_is_known_is_named_to_the_screen_reader():
    assert [language(codes) for codes in (["eng"], ["dan"], ["x"], [], ['"><b>'])] == ["en", "da", None, None, None]
