"""Who may pass."""

from tests.factories import a_member, a_person, a_review, sign_in, the_lead
from workbench.app import database_of
from workbench.reviews.rules import Deed, Role, may


def test_someone_who_is_not_signed_in_is_sent_to_the_sign_in_page(client):
    answer = client.get("/reviews/anything/team")

    assert answer.status_code == 302 and "/sign-in" in answer.location


def test_a_review_does_not_exist_for_somebody_who_is_not_in_it(app, client):
    with database_of(app).write.begin() as session:
        a_review(session, "spine")
        stranger = a_person(session)

    answer = sign_in(client, stranger).get("/reviews/spine/team")

    assert answer.status_code == 404 and "“spine”" in answer.text


def test_the_lead_sees_the_team_page(app, client):
    with database_of(app).write.begin() as session:
        review = a_review(session, "spine")
        lead = the_lead(session, review).user
        a_member(session, review, Role.OBSERVER, name="Tove Eriksen")

    page = sign_in(client, lead).get("/reviews/spine/team")

    assert page.status_code == 200 and "Tove Eriksen" in page.text


def test_every_deed_has_somebody_who_may_do_it():
    for deed in Deed:
        assert any(may([role], deed) for role in Role), deed


def test_an_observer_changes_nothing():
    changing = set(Deed) - {Deed.LOOK, Deed.REPORT}

    assert not any(may([Role.OBSERVER], deed) for deed in changing)
