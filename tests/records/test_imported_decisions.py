"""Decisions of other tools, kept with their records: by the import itself, and from Rayyan's log."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from tests.factories import a_record, a_review, a_run, an_import, an_imported_decision, the_lead
from workbench.audit.models import AuditEntry
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.records import service, tasks
from workbench.records.models import ImportedDecision, ImportLine, LineKind, Record
from workbench.records.queries import decisions as queries
from workbench.records.rules import Unreadable
from workbench.records.rules.decisions import Choice, Tool
from workbench.records.service import decisions
from workbench.reviews.rules import Role
from workbench.screening.models import Vote

NOTE = 'RAYYAN-INCLUSION: {"Emily"=>"Excluded"} | RAYYAN-EXCLUSION-REASONS: wrong population'
TABLE = (
    "key,title,authors,pages,notes,pubmed_id,pmc_id\n"
    f'rayyan-7,One,Berg N,06-Oct,"{NOTE.replace(chr(34), chr(34) * 2)}",,\n'
    "rayyan-8,Two,Berg N,06-Oct,,,\n"
).encode()
LOG = (
    b"article_id,user_email,key,value,created_at\n"
    b"7,a@x.example,included,1,2026-01-01\n"
    b'7,a@x.example,"""__EXR__wrong design""",1,2026-01-02\n'
    b"99,a@x.example,included,1,2026-01-01\n"
)


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


def imported(sessions, store, data=TABLE):
    with sessions.write.begin() as session:
        review = a_review(session)
        lead, run = the_lead(session, review), a_run(session, review)
        the_import, job = service.start_import(session, store, lead, run.id, "articles.csv", data)
        the_import, job, lead = the_import.id, job.id, lead.id
    jobs.run(sessions, store, {"records:import": tasks.import_file}, job, "a worker")
    return the_import, lead


def kept(session):
    return session.scalars(
        select(ImportedDecision).order_by(ImportedDecision.record_id, ImportedDecision.position)
    ).all()


def test_an_import_keeps_what_came_along_and_makes_no_vote_of_it(sessions, store):
    imported(sessions, store)

    with sessions.read() as session:
        found = kept(session)
        assert [(one.person, one.decision, one.reason, one.tag, one.line) for one in found] == [
            ("Emily", Choice.EXCLUDE, None, "notes", 2),
            (None, None, "wrong population", "notes", 2),
        ]
        assert session.get_one(Record, found[0].record_id).title == "One"
        assert session.scalar(select(Vote.id)) is None


def test_a_warning_on_a_judged_row_shows_none_of_its_text(sessions, store):
    the_import, _lead = imported(sessions, store)

    with sessions.read() as session:
        told = session.scalars(select(ImportLine).where(ImportLine.kind == LineKind.WARNING).order_by(ImportLine.line))
        assert [(one.line, bool(one.text)) for one in told] == [(2, False), (3, True)]
        assert queries.records_with_decisions(session, the_import) == 1


def test_the_page_of_a_record_leaves_the_judgement_out_of_what_was_delivered(sessions, store):
    imported(sessions, store)

    with sessions.read() as session:
        assert queries.places(kept(session)) == {("notes", 2)}


def added(sessions, store, the_import, lead, log=LOG):
    from workbench.reviews.models import Member

    with sessions.write.begin() as session:
        return decisions.add_log(session, store, session.get_one(Member, lead), the_import, log)


def test_rayyan_s_log_is_matched_by_its_own_numbers_and_leaves_a_trace(sessions, store):
    the_import, lead = imported(sessions, store)

    event = added(sessions, store, the_import, lead)

    assert (event.records, event.decisions, event.unmatched) == (1, 2, 1)
    with sessions.read() as session:
        assert [(one.position, one.person, one.decision, one.reason) for one in kept(session)][2:] == [
            (3, "a@x.example", Choice.INCLUDE, None),
            (4, "a@x.example", None, "wrong design"),
        ]
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (last.event, last.payload["unmatched"]) == ("records:decisions:added", 1)
        assert "a@x.example" not in str(last.payload)


def test_a_log_is_added_once(sessions, store):
    the_import, lead = imported(sessions, store)
    added(sessions, store, the_import, lead)

    with pytest.raises(decisions.SameLog):
        added(sessions, store, the_import, lead)

    with sessions.read() as session:
        assert len(kept(session)) == 4


def test_a_log_of_another_export_is_refused_and_changes_nothing(sessions, store):
    the_import, lead = imported(sessions, store)

    with pytest.raises(decisions.NoSuchArticles):
        added(sessions, store, the_import, lead, LOG.replace(b"\n7,", b"\n70,"))

    with sessions.read() as session:
        assert len(kept(session)) == 2


@pytest.mark.parametrize("data", [b"", b"title,year\nOne,2020\n", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_log_is_refused(sessions, store, data):
    the_import, lead = imported(sessions, store)

    with pytest.raises(Unreadable):
        added(sessions, store, the_import, lead, data)


@pytest.mark.parametrize("said", [{"decision": None}, {"position": 0}, {"tool": "paper"}])
def test_the_database_refuses_what_says_nothing_or_comes_from_nowhere(session, said):
    record = a_record(session, a_review(session))

    with pytest.raises((IntegrityError, StatementError)):
        an_imported_decision(session, record, **said)


def test_two_things_said_cannot_stand_in_one_place(session):
    record = a_record(session, a_review(session))
    an_imported_decision(session, record)

    with pytest.raises(IntegrityError):
        an_imported_decision(session, record, tool=Tool.COVIDENCE)


def test_an_observer_cannot_add_a_log(session, store):
    from tests.factories import a_member
    from workbench.reviews.rules import NotYours

    review = a_review(session)
    of = an_import(session, review)

    with pytest.raises(NotYours):
        decisions.add_log(session, store, a_member(session, review, Role.OBSERVER), of.id, LOG)
