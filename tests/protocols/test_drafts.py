"""Drafts as deeds, on both databases: one open draft per review, nothing overwritten unseen, hits kept as facts."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.factories import a_member, a_person
from tests.protocols.conftest import SMALL
from workbench.db import now
from workbench.protocols import queries, service
from workbench.protocols.models import LineHits, ProtocolDraft
from workbench.protocols.rules import fresh, put, section
from workbench.reviews.rules import NotYours, Role


@pytest.fixture
def lead(session):
    return service.begin(session, a_person(session), SMALL.encode(), "small.yaml")


def typed(session, member, draft, code, key, value, seen=None):
    of = section(code)
    group = {**{key: draft.document[key] for key in draft.document}, key: value}
    service.save(session, member.user_id, draft, of, group, seen or service.fingerprint(draft, of))


def test_a_review_has_one_open_draft_and_whoever_comes_second_finds_it(session, lead):
    second = a_member(session, lead.review, Role.SEARCH_SPECIALIST)

    assert service.begin_draft(session, lead).id == service.begin_draft(session, second).id
    draft = session.scalars(select(ProtocolDraft)).one()
    session.add(
        ProtocolDraft(
            review_id=draft.review_id, base_version_id=draft.base_version_id, author_id=draft.author_id,
            document={}, begun_at=now(), saved_by=draft.author_id, saved_at=now(),
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.flush()


def test_only_those_who_document_searches_write_and_only_lead_and_methodologist_put_in_force(session, lead):
    specialist, reviewer = (a_member(session, lead.review, role) for role in (Role.SEARCH_SPECIALIST, Role.REVIEWER))
    with pytest.raises(NotYours):
        service.begin_draft(session, reviewer)
    draft = service.begin_draft(session, specialist)
    typed(session, specialist, draft, "around", "updates", "Every year")

    with pytest.raises(NotYours):
        service.put_in_force(session, specialist, draft, "because")


def test_what_was_changed_meanwhile_is_told_and_kept(session, lead):
    draft = service.begin_draft(session, lead)
    seen = service.fingerprint(draft, section("around"))
    typed(session, lead, draft, "around", "updates", "Every year", seen)

    with pytest.raises(service.DraftChanged):
        typed(session, lead, draft, "around", "updates", "Never", seen)

    assert draft.document["updates"] == "Every year"


def test_hits_of_lines_become_facts_when_a_version_is_registered_and_later_without_one(session, lead):
    [run] = queries.runs(session, lead.review_id)
    assert queries.line_hits(session, lead.review_id) == {run.id: {"1": 10}}
    draft = service.begin_draft(session, lead)
    line = ("steps", 0, "sources", 0, "runs", 0, "strategy", 1, "hits")
    service.drafts.write(session, lead.user_id, draft, put(draft.document, line, 4))

    assert service.put_in_force(session, lead, draft, "") is None

    assert queries.line_hits(session, lead.review_id) == {run.id: {"1": 10, "2": 4}}
    assert len(session.scalars(select(LineHits)).all()) == 2
    assert service.begin_draft(session, lead).document["steps"][0]["sources"][0]["runs"][0]["strategy"][1]["hits"] == 4


def test_a_draft_that_changes_nothing_is_no_version(session, lead):
    draft = service.begin_draft(session, lead)

    with pytest.raises(service.SamePlan):
        service.put_in_force(session, lead, draft, "because")


def test_a_draft_as_large_as_no_protocol_is_refused(session):
    person = a_person(session)
    draft = service.begin_new(session, person)

    with pytest.raises(service.DraftTooLarge):
        service.drafts.write(session, person.id, draft, fresh() | {"updates": "x" * 1_000_001})
