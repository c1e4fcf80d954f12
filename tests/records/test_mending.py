"""Garbled letters: what is right is never touched, what is garbled is offered, mended by a person and put back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import a_member, a_record, a_review, an_import, sign_in, the_lead
from tests.records.pages import BASE, send, work
from workbench.app import database_of
from workbench.audit.models import AuditEntry
from workbench.deduplication.models import StoredForm
from workbench.jobs.models import Job
from workbench.records.models import MendedField, Record
from workbench.records.queries.mending import garbled
from workbench.records.rules.mending import mended, mended_value
from workbench.records.service import mending
from workbench.reviews.rules import Role

GARBLED = (
    "TY  - JOUR\nT1  - Smerter hos SÃ¸ren: it didnâ€™t help\nAU  - MÃ¸ller, Ã…\nAB  - p =Â 0.01\nER  - \n".encode()
)


def as_read_wrongly(text, encoding):
    """The text as it looks when its UTF-8 is read as another encoding, undefined bytes as themselves."""
    read = (bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode())
    return "".join(read)


LANGUAGES = ["abcdæøåé", "abcdåäöé", "abcdäöüß", "abcdàâçéèêëîïôûùüÿœ", "abcdáâãàçéêíóôõú", "abcdáéíñóúü",
             "abcdáčďéěíňóřšťúůýž", "ąćęłńóśźżab", "abcdăâîșț", "abcçdğıöşüâî", "abcõäöüšž", "αβγδεήίόώ", "абвгдежйы",
             "abāčēģīķļņšūž", "abčćđšž", "abáéíóöőúüű"]  # fmt: skip
WORDS = st.sampled_from(LANGUAGES).flatmap(
    lambda letters: st.text(letters, min_size=1, max_size=8).flatmap(
        lambda word: st.sampled_from([word, word.upper(), word.capitalize()] if len(word) > 1 else [word])
    )
)
SIGNS = ["", ".", ",", "’s", "”", "…", "–", "™", ")", "»", "\u00a0", " °C", ":", "’"]
OPENING = ["", "", "“", "‘", "«", "(", "5 "]
RIGHT = st.lists(
    st.builds(lambda opened, word, sign: opened + word + sign, st.sampled_from(OPENING), WORDS, st.sampled_from(SIGNS)),
    min_size=1,
    max_size=8,
).map(" ".join)


@settings(max_examples=600, deadline=None)
@given(RIGHT)
def test_a_text_that_is_right_is_never_changed(text):
    assert mended(text) == text


@settings(max_examples=200, deadline=None)
@given(text=RIGHT, encoding=st.sampled_from(["cp1252", "latin-1"]))
def test_a_garbled_text_is_put_right_whole_or_left_alone(text, encoding):
    wrong = as_read_wrongly(text, encoding)

    assert mended(wrong) in {text, wrong}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_mending_twice_is_mending_once(text):
    assert mended(mended(text)) == mended(text)


@pytest.mark.parametrize(
    "text",
    [
        "5 Å² of 1.8 Å\u00a0width",
        "NÅ…",
        "“ESPAÑ”",
        "MAÇÃ”",
        "ZEKÂ TABANLI",
        "CAFÉ™",
        "fiancé’s",
        "Å±2",
        "São Paulo «NÃO»",
    ],
)
def test_what_people_do_write_is_left_alone(text):
    assert mended(text) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("JosÃ© didnâ€™t", "José didn’t"),
        ("Ã˜stergÃ¥rd", "Østergård"),
        ("GRÃ–SSE, nicht grÃ¶ÃŸer", "GRÖSSE, nicht größer"),
        ("p =Â 0.05", "p = 0.05"),
        ("JosÃƒÂ©", "José"),
        ("VuÄ‡iÄ‡ and MÃ¸ller", "Vućić and Møller"),
    ],
)
def test_what_nobody_writes_is_put_right(wrong, right):
    assert mended(wrong) == right


def test_lists_are_put_right_name_by_name():
    assert mended_value(["MÃ¸ller, K", "Berg, M"]) == ["Møller, K", "Berg, M"] and mended_value(7) == 7


@pytest.fixture
def page(app, client, house):
    _member, runs = house
    address = send(client, f"/searches/{runs['demo-pubmed']}/imports", ("a.ris", GARBLED)).location
    work(app, follow=True)
    return address


def fields(app):
    with database_of(app).read() as session:
        record = session.get_one(Record, 1)
        return record.title, record.authors, record.abstract


def test_it_is_offered_before_and_after_mended_by_a_person_and_put_back(app, client, page):
    as_delivered = fields(app)
    assert "Letters of 1 record look garbled." in client.get(page).text
    offered = client.get(page + "/letters").text
    assert "SÃ¸ren" in offered and "Søren" in offered and fields(app) == as_delivered

    assert send(client, page.removeprefix(BASE) + "/letters").status_code == 303
    assert fields(app) == ("Smerter hos Søren: it didn’t help", ["Møller, Å"], "p = 0.01")
    assert "put right by Karen Holm" in client.get(BASE + "/records/1").text
    assert "were put right" in client.get(page).text
    with database_of(app).read() as session:
        assert "SÃ¸ren" in str(session.get_one(Record, 1).raw)
    assert send(client, page.removeprefix(BASE) + "/letters/back").status_code == 303

    assert fields(app) == as_delivered
    assert send(client, page.removeprefix(BASE) + "/letters/back").status_code == 409
    with database_of(app).read() as session:
        assert all(row.undone_by for row in session.scalars(select(MendedField)))
        events = session.scalars(select(AuditEntry.event)).all()
    assert "records:letters:mended" in events and "records:letters:restored" in events


def test_what_the_search_for_duplicates_compares_is_made_anew(app, client, page):
    with database_of(app).read() as session:
        before = session.get_one(StoredForm, 1).form
    send(client, page.removeprefix(BASE) + "/letters")

    work(app, follow=True)

    with database_of(app).read() as session:
        assert session.get_one(StoredForm, 1).form != before
        kinds = session.scalars(select(Job.kind).order_by(Job.id)).all()
    assert kinds[-2:] == ["deduplication:form", "deduplication:run"]


def test_nothing_is_mended_where_nothing_is_garbled_or_counts(session):
    review = a_review(session)
    lead, of = the_lead(session, review), an_import(session, review)
    a_record(session, review, of=of, title="Møller’s trial", abstract="5 Å² – “right”")
    gone = an_import(session, review, completed_at=None)
    a_record(session, review, of=gone, title="MÃ¸ller")

    assert garbled(session, of.id) == []
    for one in (of, gone):
        with pytest.raises(mending.NothingToMend):
            mending.mend(session, lead, one.id)


def test_a_field_changed_since_is_not_put_back(session):
    review = a_review(session)
    record, lead = a_record(session, review, title="MÃ¸ller", authors=["BÃ¦k, L"]), the_lead(session, review)
    mending.mend(session, lead, record.import_id)
    record.title = "Another title"

    mending.restore(session, lead, record.import_id)

    assert record.title == "Another title" and record.authors == ["BÃ¦k, L"]


def test_only_who_may_import_puts_letters_right(app, client, house, page):
    member, _runs = house
    with database_of(app).write.begin() as session:
        reviewer = a_member(session, session.merge(member.review), Role.REVIEWER).user
    other = sign_in(app.test_client(), reviewer)

    assert "Put the letters" not in other.get(page + "/letters").text
    assert send(other, page.removeprefix(BASE) + "/letters").status_code == 403
