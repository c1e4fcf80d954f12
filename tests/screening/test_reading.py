"""Attempts to get a full text, the text of files, and the page that a vote rests on."""

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import INCLUDE, a_member, a_reason, a_report, a_review, open_stage, the_lead
from tests.pdfs import a_pdf
from workbench.audit.models import AuditEntry
from workbench.files import service as files
from workbench.files.formats import Reading, State, read
from workbench.files.models import FileText
from workbench.files.stores import FolderStore
from workbench.protocols.rules import Highlights
from workbench.reporting import queries as reporting
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import Retrieval, Vote
from workbench.screening.queries import reports
from workbench.screening.queries.ballots import ballot_of
from workbench.screening.rules import Attempt, Ballot, Channel, Decision, Found
from workbench.screening.rules.passages import find, term_pages
from workbench.screening.service import retrieval, voting

TODAY = date(2026, 5, 12)
SOON = TODAY + timedelta(days=14)


@pytest.fixture
def house(session):
    """A lead, two reviewers and a report that is sought, on a day in May."""
    with time_machine.travel("2026-05-12 09:00:00", tick=False):
        review = a_review(session)
        lead, second = the_lead(session, review), a_member(session, review)
        open_stage(session, review)
        yield session, lead, second, a_report(session, review, lead, second, found=None)


def test_an_attempt_is_kept_with_its_way_its_day_and_what_is_expected(house):
    session, lead, _second, report = house
    retrieval.log_report(session, lead, report.id, Found.REQUESTED, "Loan 55", Attempt(Channel.LIBRARY, None, SOON))

    [found] = reports.reports(session, lead.review_id)

    assert (found.found, found.channel, found.since, found.expected_by) == (
        Found.REQUESTED,
        Channel.LIBRARY,
        TODAY,
        SOON,
    )
    assert not found.is_overdue(SOON) and found.is_overdue(SOON + timedelta(days=1))
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.payload["channel"] == "library" and entry.payload["expected_by"] == SOON.isoformat()


def test_an_attempt_without_success_leaves_the_report_sought(house):
    session, lead, _second, report = house
    retrieval.log_report(session, lead, report.id, Found.TRIED, None, Attempt(Channel.LINK, TODAY - timedelta(days=3)))

    flow = reporting.counted(session, lead.review_id, reporting.scope_of(session, lead.review_id, None, None)).flow

    assert (flow["dbr_sought_reports"], flow["dbr_notretrieved_reports"], flow["dbr_awaited"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("found", "note", "attempt", "error"),
    [
        (Found.NOT_RETRIEVED, " ", Attempt(), retrieval.NoReason),
        (Found.TRIED, "Looked.", Attempt(), retrieval.NoReason),
        (Found.REQUESTED, None, Attempt(on=TODAY + timedelta(days=2)), retrieval.NotThatDay),
        (Found.REQUESTED, None, Attempt(expected_by=TODAY - timedelta(days=1)), retrieval.NotThatDay),
        (Found.TRIED, None, Attempt(Channel.LINK, expected_by=SOON), retrieval.NotThatDay),
    ],
)
def test_an_attempt_that_cannot_be_is_refused_and_changes_nothing(house, found, note, attempt, error):
    session, lead, _second, report = house

    with pytest.raises(error):
        retrieval.log_report(session, lead, report.id, found, note, attempt)

    assert reports.history(session, report.id) == []


def test_the_database_keeps_no_expectation_of_what_is_here(house):
    session, lead, _second, report = house
    retrieval.log_report(session, lead, report.id, Found.REQUESTED, None, Attempt(expected_by=SOON))

    with pytest.raises(IntegrityError):
        session.execute(update(Retrieval).values(found=Found.RETRIEVED))


def test_the_same_is_written_down_for_many_once(house):
    session, lead, second, report = house
    other = a_report(session, lead.review, lead, second, found=None)
    ids, attempt = [report.id, other.id], Attempt(Channel.INTERLIBRARY_LOAN, None, SOON)

    said = [retrieval.log_reports(session, lead, ids, Found.REQUESTED, "By post", attempt) for _again in range(2)]

    assert said == [2, 0]
    assert retrieval.log_reports(session, second, ids, Found.REQUESTED, "By post", attempt) == 2


def test_nothing_is_written_down_for_many_where_one_of_them_cannot_be(house):
    session, lead, _second, report = house

    with pytest.raises(retrieval.OneByOne):
        retrieval.log_reports(session, lead, [report.id], Found.NOT_RETRIEVED, "Gone")
    with pytest.raises(NotYours):
        observer = a_member(session, lead.review, Role.OBSERVER)
        retrieval.log_reports(session, observer, [report.id], Found.REQUESTED)
    assert reports.history(session, report.id) == []


@pytest.fixture
def at_full_text(house, tmp_path):
    """The report with a PDF, and the full-text stage open."""
    session, lead, _second, report = house
    store = FolderStore(tmp_path / "files")
    file = retrieval.attach(session, store, lead, report.id, a_pdf(["One"], ["Two"]), "a.pdf")
    open_stage(session, lead.review, Stage.FULL_TEXT)
    return session, lead, report, file, store


def test_a_vote_keeps_the_page_and_the_words_it_rests_on(at_full_text):
    session, lead, report, file, _store = at_full_text
    reason = a_reason(session, lead.review)
    said = Ballot(Decision.EXCLUDE, reason, page=2, quote="No cement", quoted_from=file.id)

    vote = voting.cast_vote(session, lead, report.id, Stage.FULL_TEXT, said, "k1")

    assert ballot_of(session.get_one(Vote, vote.id)) == said


def test_a_page_of_another_report_is_refused(at_full_text):
    session, lead, report, file, store = at_full_text
    other = a_report(session, lead.review, lead, a_member(session, lead.review), found=None)
    foreign = retrieval.attach(session, store, lead, other.id, a_pdf(["Else"]), "b.pdf")
    said = Ballot(INCLUDE.decision, questions=INCLUDE.questions, design=INCLUDE.design, page=1, quoted_from=foreign.id)

    with pytest.raises(voting.NotItsPage):
        voting.cast_vote(session, lead, report.id, Stage.FULL_TEXT, said, "k1")
    with pytest.raises(voting.NotItsPage):
        voting.cast_vote(session, lead, report.id, Stage.TITLE_ABSTRACT, Ballot(Decision.INCLUDE, page=1), "k2")
    assert file.id != foreign.id


def test_the_text_of_a_file_is_kept_once_whoever_reads_it(at_full_text):
    session, _lead, _report, file, _store = at_full_text
    reading = read(a_pdf(["One"], ["Two"]), text_of=9)

    kept = [files.keep_text(session, file.sha256, one) for one in (reading, Reading(State.BROKEN))]

    assert [row.state for row in kept] == ["read", "read"] and len(session.scalars(select(FileText)).all()) == 1
    assert [page.strip() for page in kept[0].pages] == ["One", "Two"] and kept[0].of_pages == 2


# Finding words

PAGES = ["Vertebro-\nplasty was\nfollow-\nup care.", "", "The eﬃcacy of VERTEBROPLASTY (Müller)."]


@pytest.mark.parametrize(
    ("words", "on"),
    [("vertebroplasty", [1, 3]), ("follow-up", [1]), ("was  follow-up", [1]), ("efficacy", [3]), ("muller)", [3]),
     ("MÜLLER", [3]), (".*", []), ("", []), ("  ", [])],
)  # fmt: skip
def test_words_are_found_however_their_lines_are_broken(words, on):
    assert [hit.page for hit in find(PAGES, words).shown] == on


def test_each_term_is_told_with_its_pages():
    terms = Highlights(("vertebro*",), ("rabbit",), ("care", "up"))

    found = {one.term: (one.kind, one.pages, one.times) for one in term_pages([*PAGES, "care care"], terms)}

    assert found == {"vertebro*": ("in", [1, 3], 2), "care": ("pico", [1, 4], 3)}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=12))
def test_whatever_is_searched_every_place_that_is_told_holds_it(pages, words):
    found = find(pages, words)

    assert found.total >= len(found.shown) and all(1 <= hit.page <= len(pages) for hit in found.shown)
    assert all(hit.found in hit.quote or not hit.found.strip() or " " in hit.found for hit in found.shown)
