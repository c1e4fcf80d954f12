"""A duplicate met while screening: proposed, searched, marked or left to others, and taken back, over HTTP."""

import re

import pytest
from sqlalchemy import select

from tests.factories import a_document, a_member, a_record, a_review, an_import, sign_in, the_lead
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.deduplication import queries as deduplication
from workbench.deduplication import service as duplicates
from workbench.deduplication.models import Answer, RecordLink, Suspicion
from workbench.deduplication.service.suspicions import OneReport
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.queries import alike
from workbench.screening.service import stages

TITLE = "Warm foot baths for night cramps in older adults: a randomised trial"


class Reader:
    """One person's browser, with the token of the page."""

    def __init__(self, app, person):
        self.client = sign_in(app.test_client(), person)
        self.token = re.search(r'csrf-token" content="([^"]+)', self.client.get("/").text)[1]

    def page(self, record_id, **query):
        return self.client.get(f"/reviews/spine/screen/title-abstract/{record_id}/duplicate", query_string=query)

    def post(self, record_id, where="", **form):
        address = f"/reviews/spine/screen/title-abstract/{record_id}/duplicate{where}"
        return self.client.post(address, data={"csrf_token": self.token} | form, follow_redirects=True)


@pytest.fixture(params=[False, True], ids=["plain", "masked"])
def house(app, request):
    """Three records: an article, its twin with a longer title, another one; titles are screened, masked or not."""
    with database_of(app).write.begin() as session:
        app.review = a_review(session, "spine", document=a_document("spine", masked=request.param))
        app.lead, app.second = the_lead(session, app.review), a_member(session, app.review)
        of = an_import(session, app.review)
        shared = {"of": of, "year": 2014, "journal": "Journal of Podiatry", "authors": ["Zeuthen, A.", "Østby, C."]}
        app.article = a_record(session, app.review, title=TITLE, pages="201-209", **shared).id
        app.twin = a_record(session, app.review, title=f"{TITLE}, CRAMP", **(shared | {"year": 2015})).id
        app.other = a_record(session, app.review, title="Cold compresses against shin pain", **shared).id
        stages.open_stage(session, app.lead, Stage.TITLE_ABSTRACT)
    app.masked = request.param
    return app


def kept(app, record_id):
    with database_of(app).read() as session:
        return deduplication.cluster_of(session, app.review.id, record_id)[0]


def waiting(app):
    with database_of(app).read() as session:
        return [(one.first_id, one.second_id) for one in deduplication.waiting_pairs(session, app.review.id)]


def test_the_likely_record_is_proposed_and_an_unlike_one_is_not(house):
    page = Reader(house, house.lead.user).page(house.twin).text

    assert f"other={house.article}" in page and f"other={house.other}" not in page


def test_authors_are_shown_and_searched_only_where_the_stage_does_not_mask_them(house):
    reader = Reader(house, house.lead.user)
    side_by_side = reader.page(house.twin, other=house.article).text

    found = reader.page(house.other, q="Østby").text

    assert ("Zeuthen" in side_by_side) is not house.masked
    assert (f"other={house.article}" in found) is not house.masked


def test_a_record_is_found_by_words_of_its_title_and_by_its_number(house):
    reader = Reader(house, house.lead.user)

    for asked in ("shin cold", str(house.other)):
        assert f"other={house.other}" in reader.page(house.twin, q=asked).text
    assert "No record holds these words" in reader.page(house.twin, q="x" * 30).text


def test_one_key_joins_the_two_and_one_takes_it_back(house):
    reader = Reader(house, house.lead.user)

    page = reader.post(house.twin, other=house.article, deed="join").text
    assert f"Records {house.twin} and {house.article} are one report now." in page
    assert kept(house, house.twin) == house.article

    page = reader.post(house.twin, "/undo", other=house.article).text
    assert "two reports again" in page and kept(house, house.twin) == house.twin


def test_what_one_is_not_sure_of_waits_first_in_the_list_of_duplicates(house):
    reader = Reader(house, house.second.user)

    page = reader.post(house.twin, other=house.article, deed="leave").text

    assert "wait in the list of duplicates" in page and kept(house, house.twin) == house.twin
    assert waiting(house) == [(house.article, house.twin)]
    queue = reader.client.get("/reviews/spine/duplicates")
    assert queue.status_code == 200 and "somebody met them while screening" in queue.text
    reader.post(house.twin, "/undo", other=house.article)
    assert waiting(house) == []


def test_only_ones_own_last_word_is_taken_back(house):
    first, second = Reader(house, house.lead.user), Reader(house, house.second.user)
    first.post(house.twin, other=house.article, deed="join")

    page = second.post(house.twin, "/undo", other=house.article).text

    assert "nothing of yours to take back" in page and kept(house, house.twin) == house.article


def test_a_pair_that_a_person_called_two_reports_is_refused_with_the_way_out(house):
    with database_of(house).write.begin() as session:
        duplicates.answer(session, session.merge(house.second), house.article, house.twin, Answer.TWO)
    reader = Reader(house, house.lead.user)

    for deed in ("join", "leave"):
        page = reader.post(house.twin, other=house.article, deed=deed)
        assert page.status_code == 409 and 'role="alert"' in page.text
    assert kept(house, house.twin) == house.twin and waiting(house) == []


def test_without_another_record_nothing_is_marked(house):
    reader = Reader(house, house.lead.user)

    assert reader.post(house.twin, deed="join").status_code == 422
    assert reader.post(house.twin, other=house.twin, deed="join").status_code == 422
    assert reader.post(house.twin, other=999_999, deed="join").status_code == 404


def test_the_desk_tells_of_a_linked_report_and_names_it_only_where_nothing_is_masked(house):
    with database_of(house).write.begin() as session:
        erratum = a_record(session, house.review, title="Erratum to foot baths")
        session.add(
            RecordLink(review_id=house.review.id, first_id=erratum.id, second_id=house.article, kind="erratum-of",
                       rule="kinds", reason="title 97 %")
        )  # fmt: skip

    page = Reader(house, house.lead.user).client.get("/reviews/spine/screen/title-abstract").text

    assert "An erratum of this report is among the records" in page
    assert ("Erratum to foot baths" in page) is not house.masked


# On both databases


def test_a_suspicion_is_stored_once_leaves_its_entry_and_ends_with_an_answer(session):
    review = a_review(session)
    lead, reviewer = the_lead(session, review), a_member(session, review)
    one, other = a_record(session, review), a_record(session, review)

    duplicates.suspect(session, reviewer, other.id, one.id)
    duplicates.suspect(session, lead, one.id, other.id)

    [row] = session.scalars(select(Suspicion))
    assert (row.low_id, row.high_id, row.member_id) == (one.id, other.id, reviewer.id)
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.event == "deduplication:pair:suspected"))
    assert entry.payload["low_id"] == one.id
    assert len(deduplication.waiting_pairs(session, review.id)) == 1
    duplicates.answer(session, lead, one.id, other.id, Answer.SAME)
    assert deduplication.waiting_pairs(session, review.id) == []
    with pytest.raises(OneReport):
        duplicates.suspect(session, reviewer, one.id, other.id)


def test_who_does_not_vote_points_out_no_pair_from_the_desk(session):
    review = a_review(session)
    observer = a_member(session, review, Role.OBSERVER)

    with pytest.raises(NotYours):
        duplicates.suspect(session, observer, a_record(session, review).id, a_record(session, review).id)


def test_the_likeliest_record_comes_first_and_members_of_the_same_report_never(session):
    review = a_review(session)
    lead = the_lead(session, review)
    base = {"authors": ["Holm, A.", "Lindqvist, C."], "year": 2014, "journal": "Journal of Podiatry", "abstract": None}
    record = a_record(session, review, title=TITLE, doi="10.5555/a", pages="201-209", volume="12", **base)
    near = a_record(session, review, title=TITLE.replace("Warm", "Hot"), volume="9", **base)
    same = a_record(session, review, title="Foot baths", doi="10.5555/a", pages="201-209", volume="12", **base)
    joined = a_record(session, review, title=TITLE, **base)
    duplicates.answer(session, lead, record.id, joined.id, Answer.SAME)

    found = [one.record.id for one in alike.likely(session, review.id, record)]

    assert set(found) <= {near.id, same.id} and near.id in found


def test_a_link_of_either_record_of_a_report_is_told_once_and_none_within_it(session):
    review = a_review(session)
    lead = the_lead(session, review)
    kept_one, member, erratum = (a_record(session, review) for _each in range(3))
    duplicates.answer(session, lead, kept_one.id, member.id, Answer.SAME)
    for first, second in ((erratum, kept_one), (erratum, member), (member, kept_one)):
        session.add(
            RecordLink(review_id=review.id, first_id=first.id, second_id=second.id, kind="erratum-of", rule="kinds",
                       reason="")
        )  # fmt: skip
    session.flush()

    [link] = alike.linked(session, [kept_one.id])[kept_one.id]

    assert (link.record.id, link.kind, link.is_first) == (erratum.id, "erratum-of", False)
