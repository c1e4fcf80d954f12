"""A documented search run on PubMed: everything or nothing, resumed where it stopped, every missing record named."""

import random
import signal

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from tests.eutils import PAGE, Eutils, fine, forgets, says, serving, some, status
from tests.factories import a_member, a_run, an_import
from tests.records.harvests import KEY, a_document, a_search, pubmed, work
from tests.workers import a_worker, wait_until
from workbench.audit.models import AuditEntry
from workbench.audit.queries import broken_at
from workbench.db import now, open_sessions
from workbench.files.stores import FolderStore
from workbench.jobs.models import Job
from workbench.jobs.rules import State
from workbench.protocols import queries as protocols
from workbench.records import queries, service
from workbench.records.models import Harvest, HarvestBatch, Import, LiveSearch, Record
from workbench.records.queries import live as asked
from workbench.records.rules.live import NoStrategy, NotPubMed, is_pubmed
from workbench.records.service import live
from workbench.reviews.models import Member
from workbench.reviews.rules import NotYours, Role


class KilledError(BaseException):
    """The worker's process ends, as by kill -9: nobody writes anything down."""


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


@pytest.fixture
def lite(sqlite_url):
    """One database, where the other would do the same."""
    found = open_sessions(sqlite_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def held():
    with serving(Eutils(some(450))) as server:
        yield server


def started(sessions, **more):
    with sessions.write.begin() as session:
        lead, run = a_search(session, **more)
        _harvest, job = live.start_harvest(session, lead, run.id)
        return lead.id, lead.review_id, run.id, job.id


def finished(sessions, job_id):
    with sessions.read() as session:
        job = session.get_one(Job, job_id)
        return job.state, job.failure


def imports(sessions, store, asking):
    """Do the import that a harvest handed in."""
    with sessions.read() as session:
        [job_id] = session.scalars(select(Job.id).where(Job.kind == "records:import", Job.finished_at.is_(None)))
    work(sessions, store, job_id, asking)


def pmids(sessions):
    with sessions.read() as session:
        return sorted(int(pmid) for pmid in session.scalars(select(Record.pmid)))


def whole(sessions, store, held, review_id, run_id):
    """Import what was fetched, and see that the balance of the run holds."""
    imports(sessions, store, pubmed(held))
    with sessions.read() as session:
        balance = queries.balance(session, review_id, run_id)
        assert broken_at(session, review_id) is None
    assert balance.is_complete and not balance.unexplained
    return balance


def test_a_run_is_fetched_imported_and_balanced(sessions, store, held):
    _lead, review_id, run_id, job_id = started(sessions)

    work(sessions, store, job_id, pubmed(held))

    assert finished(sessions, job_id) == (State.DONE, None)
    balance = whole(sessions, store, held, review_id, run_id)
    assert (balance.hits, balance.imported, balance.difference) == (450, 450, 0)
    assert pmids(sessions) == sorted(held.titles)
    with sessions.read() as session:
        [(answer, member)] = asked.answers(session, run_id)
        assert (answer.term, answer.count, answer.line) == ("(cement OR glue) AND trial", 450, "3")
        assert answer.translation == "(cement OR glue) AND trial as understood"
        assert abs((now() - answer.asked_at).total_seconds()) < 60 and member.id
        the_import = session.scalars(select(Import)).one()
        assert (the_import.format, the_import.file_name[:5]) == ("pubmed-xml", "pm-1-")
    assert not (store.folder / "harvests" / "1").exists()


def test_nothing_is_imported_or_reported_before_all_of_it_is_there(lite, store, held):
    held.mishaps = [fine, fine, fine, *[status(500)] * 5]
    _lead, review_id, run_id, job_id = started(lite)

    work(lite, store, job_id, pubmed(held))

    state, failure = finished(lite, job_id)
    assert state is State.FAILED and "did not answer, tried 5 times" in failure and "Try again" in failure
    with lite.read() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 0
        assert protocols.hits(session, review_id) == {}
        found = asked.newest_harvest(session, run_id)
        assert found.is_stuck and found.delivered == 200


def test_a_harvest_that_failed_goes_on_where_it_stopped(lite, store, held):
    held.mishaps = [fine, fine, fine, *[status(500)] * 5]
    lead_id, review_id, run_id, job_id = started(lite)
    work(lite, store, job_id, pubmed(held))
    held.asked.clear()
    with lite.write.begin() as session:
        again = live.resume_harvest(session, session.get_one(Member, lead_id), run_id).id

    work(lite, store, again, pubmed(held))

    assert held.utilities() == ["epost", "efetch", "efetch"]
    assert whole(lite, store, held, review_id, run_id).imported == 450


@pytest.mark.parametrize("after", [200, 450])
def test_a_killed_worker_loses_nothing(sessions, store, held, after):
    _lead, review_id, run_id, job_id = started(sessions)

    def dies(done, _total):
        if done >= after:
            raise KilledError

    with pytest.raises(KilledError):
        work(sessions, store, job_id, pubmed(held), dies)
    with sessions.read() as session:
        beat = session.get_one(Job, job_id).beat
        assert session.scalar(select(func.count()).select_from(Import)) == 0

    assert work(sessions, store, job_id, pubmed(held), gone_at=beat)

    assert whole(sessions, store, held, review_id, run_id).imported == 450
    assert pmids(sessions) == sorted(held.titles)


def test_done_twice_it_is_done_once(lite, store, held):
    _lead, review_id, run_id, job_id = started(lite)
    work(lite, store, job_id, pubmed(held))
    with lite.write.begin() as session:
        job = session.get_one(Job, job_id)
        job.finished_at, job.owner = None, None
    held.asked.clear()

    work(lite, store, job_id, pubmed(held))

    assert held.asked == []
    assert whole(lite, store, held, review_id, run_id).imported == 450


@pytest.mark.parametrize(
    "mishaps",
    [
        [fine, fine, fine, forgets],
        [fine, fine, says(PAGE)],
        [status(429, Retry_After="3")],
        [fine, status(500), status(502)],
        [fine, fine, says("<?xml version='1.0'?><PubmedArticleSet><PubmedArticle>")],
    ],
    ids=["forgotten list", "page for people", "too many requests", "servers down", "cut off"],
)
def test_mishaps_on_the_way_lose_no_record(lite, store, held, mishaps):
    held.mishaps = list(mishaps)
    _lead, review_id, run_id, job_id = started(lite)

    work(lite, store, job_id, pubmed(held))

    assert finished(lite, job_id) == (State.DONE, None)
    assert whole(lite, store, held, review_id, run_id).imported == 450


def test_records_that_pubmed_does_not_deliver_are_named_and_explained(sessions, store, held):
    held.hidden = {30_000_008, 30_000_701}
    _lead, review_id, run_id, job_id = started(sessions)

    work(sessions, store, job_id, pubmed(held))

    balance = whole(sessions, store, held, review_id, run_id)
    assert (balance.hits, balance.imported, balance.difference) == (450, 448, 2)
    assert "not delivered: PMID 30000701, 30000008." in balance.explanation.reason
    with sessions.read() as session:
        assert set(asked.newest_harvest(session, run_id).missing) == held.hidden


def test_books_are_fetched_like_articles(lite, store, held):
    held.books = {30_000_008, 30_000_015}
    _lead, review_id, run_id, job_id = started(lite)

    work(lite, store, job_id, pubmed(held))

    assert whole(lite, store, held, review_id, run_id).imported == 450
    assert pmids(lite) == sorted(held.titles)


def test_a_search_that_finds_nothing_is_complete_with_0_hits(lite, store, held):
    held.titles.clear()
    _lead, review_id, run_id, job_id = started(lite)

    work(lite, store, job_id, pubmed(held))

    assert finished(lite, job_id) == (State.DONE, None)
    with lite.read() as session:
        balance = queries.balance(session, review_id, run_id)
        assert balance.is_complete and balance.hits == 0
        assert session.scalar(select(func.count()).select_from(Import)) == 0


def test_more_than_9999_hits_arrive_whole(sqlite_url, store):
    sessions = open_sessions(sqlite_url)
    _lead, review_id, run_id, job_id = started(sessions)
    with serving(Eutils(some(23_456))) as held:
        work(sessions, store, job_id, pubmed(held))

        assert finished(sessions, job_id) == (State.DONE, None)
        assert len(held.asked) < 180
    with sessions.read() as session:
        found = asked.newest_harvest(session, run_id)
        parts = asked.parts(session, found.harvest.id)
        assert found.delivered == found.search.count == 23_456
        assert len(parts) >= 3 and sum(len(part.uids) for part in parts) == 23_456
        assert protocols.hits(session, review_id) == {run_id: 23_456}
        assert session.scalar(select(func.count()).select_from(Import)) == 1
    sessions.engine.dispose()


def test_a_count_that_changes_all_the_time_is_told_in_the_explanation(sqlite_url, store):
    sessions = open_sessions(sqlite_url)
    _lead, _review_id, run_id, job_id = started(sessions)
    with serving(Eutils(some(10_500))) as held:
        numbers = iter(range(20_000_000, 20_001_000))

        def always_more(handler, asking):
            if "[uid]" not in asking.values["term"]:
                handler.server.held.titles[next(numbers)] = "Cement trial, just published"
            return False

        held.always["esearch"] = always_more
        work(sessions, store, job_id, pubmed(held))
    with sessions.read() as session:
        [explanation] = protocols.explanations(session, _review_id).values()
        assert explanation.difference == 1 and "count changed while" in explanation.reason
        assert protocols.hits(session, _review_id)[run_id] == 10_506
    sessions.engine.dispose()


def test_a_run_that_has_its_file_is_not_fetched_again(session, store, held):
    lead, run = a_search(session)
    an_import(session, lead.review, run)

    with pytest.raises(live.HasRecords, match="has its file already"):
        live.start_harvest(session, lead, run.id)


def test_a_run_is_fetched_by_one_harvest_at_a_time(session):
    lead, run = a_search(session)
    harvest, _job = live.start_harvest(session, lead, run.id)

    with pytest.raises(live.HarvestUnderWay):
        live.start_harvest(session, lead, run.id)
    twin = {name: getattr(harvest, name) for name in ("run_id", "protocol_version_id", "line", "term", "started_by")}
    session.add(Harvest(**twin, started_at=now()))
    with pytest.raises(IntegrityError):
        session.flush()


def test_the_same_file_for_another_run_adds_no_record(lite, store, held):
    _lead, review_id, run_id, job_id = started(lite)
    work(lite, store, job_id, pubmed(held))
    whole(lite, store, held, review_id, run_id)
    with lite.write.begin() as session:
        lead = session.get_one(Member, _lead)
        update = a_run(session, lead.review, code="pm-2").id
        again = live.start_harvest(session, lead, update)[1].id

    work(lite, store, again, pubmed(held))

    assert finished(lite, again) == (State.DONE, None)
    with lite.read() as session:
        balance = queries.balance(session, review_id, update)
        assert (balance.imported, balance.elsewhere, balance.difference) == (0, 450, 0)


def test_after_its_import_is_taken_back_a_run_can_be_fetched_anew(lite, store, held):
    lead_id, review_id, run_id, job_id = started(lite)
    work(lite, store, job_id, pubmed(held))
    whole(lite, store, held, review_id, run_id)
    with lite.write.begin() as session:
        lead = session.get_one(Member, lead_id)
        service.take_back(session, lead, session.scalars(select(Import.id)).one())
        again = live.start_harvest(session, lead, run_id)[1].id

    work(lite, store, again, pubmed(held))

    assert whole(lite, store, held, review_id, run_id).imported == 450


def test_a_harvest_that_failed_can_be_given_up(lite, store, held):
    held.always["efetch"] = status(500)
    lead_id, _review_id, run_id, job_id = started(lite)
    work(lite, store, job_id, pubmed(held, tries=1))
    with lite.write.begin() as session:
        lead = session.get_one(Member, lead_id)
        dropped = live.drop_harvest(session, lead, run_id)
        live.clear_shelf(store, dropped.id)

    with lite.write.begin() as session:
        lead = session.get_one(Member, lead_id)
        with pytest.raises(live.NothingStuck):
            live.resume_harvest(session, lead, run_id)
        assert live.start_harvest(session, lead, run_id)[0].id == 2


def test_a_shelf_that_was_emptied_is_told(lite, store, held):
    _lead, _review_id, _run_id, job_id = started(lite)

    def empties(done, _total):
        if done >= 450:
            live.clear_shelf(store, 1)

    work(lite, store, job_id, pubmed(held), empties)

    state, failure = finished(lite, job_id)
    assert state is State.FAILED and "no longer on the disk" in failure


@pytest.mark.parametrize(
    ("document", "error"),
    [({"platform": "Ovid"}, NotPubMed), ({"strategy": None}, NoStrategy), ({"strategy": []}, NoStrategy)],
)
def test_what_cannot_be_run_says_why(session, document, error):
    lead, run = a_search(session, **document)

    with pytest.raises(error):
        live.start_harvest(session, lead, run.id)


def test_an_update_follows_the_newest_strategy_of_its_source(session):
    lead, _run = a_search(session)
    update = a_run(session, lead.review, code="pm-2027")

    harvest, _job = live.start_harvest(session, lead, update.id)

    assert harvest.term == "(cement OR glue) AND trial"


def test_an_observer_fetches_nothing(session):
    lead, run = a_search(session)
    observer = a_member(session, lead.review, Role.OBSERVER)

    for deed in (live.start_harvest, live.resume_harvest, live.drop_harvest, live.ask_lines):
        with pytest.raises(NotYours):
            deed(session, observer, run.id)


def test_which_sources_are_pubmed():
    from workbench.protocols.rules import plan_of

    def source(**values):
        document = a_document("spine")
        document["steps"][0]["sources"][0] |= values
        return next(source for _step, source in plan_of(document).sources())

    assert is_pubmed(source(platform="PubMed (NLM)")) and is_pubmed(source(platform=None, name="PubMed"))
    assert is_pubmed(source(platform=None, name="MEDLINE", url="https://pubmed.ncbi.nlm.nih.gov/"))
    assert not is_pubmed(source(platform="Ovid", name="MEDLINE (as in PubMed)")) and not is_pubmed(None)


def test_the_key_is_in_no_table_and_no_trail(lite, store, held, caplog):
    caplog.set_level("DEBUG")
    held.mishaps = [fine, status(500, f"<ERROR>bad key {KEY}</ERROR>"), fine, status(400, f"<ERROR>key {KEY}</ERROR>")]
    _lead, _review_id, _run_id, job_id = started(lite)

    work(lite, store, job_id, pubmed(held))

    assert finished(lite, job_id)[0] is State.FAILED
    with lite.read() as session:
        tables = [Job, LiveSearch, Harvest, HarvestBatch, AuditEntry]
        rows = [str(vars(row)) for table in tables for row in session.scalars(select(table))]
    assert rows and [row for row in [*rows, caplog.text] if KEY in row] == []


def test_every_deed_is_in_the_trail(sessions, store, held):
    held.always["efetch"] = status(500)
    lead_id, review_id, run_id, job_id = started(sessions)
    work(sessions, store, job_id, pubmed(held, tries=1))
    held.always.clear()
    with sessions.write.begin() as session:
        again = live.resume_harvest(session, session.get_one(Member, lead_id), run_id).id
    work(sessions, store, again, pubmed(held))

    with sessions.read() as session:
        events = [one for one in session.scalars(select(AuditEntry.event).order_by(AuditEntry.id)) if "records" in one]
        assert broken_at(session, review_id) is None
    assert events == [
        "records:harvest:started",
        "records:search:asked",
        "records:harvest:resumed",
        "records:import:started",
        "records:harvest:completed",
    ]


def test_a_harvest_whose_worker_is_killed_outright_ends_with_every_record_once(sqlite_url, tmp_path):
    sessions = open_sessions(sqlite_url)
    _lead, _review_id, run_id, job_id = started(sessions)
    goal = random.Random(2026).randint(400, 1400)
    with serving(Eutils(some(2000))) as held:
        worker = a_worker(tmp_path, sqlite_url, WORKBENCH_PUBMED_URL=held.url, WORKBENCH_PUBMED_API_KEY=KEY)
        wait_until(sessions, job_id, lambda job: job.done >= goal or job.finished_at)
        worker.send_signal(signal.SIGKILL)
        said = worker.communicate()[0]
        fetched = len(held.asked)
        worker = a_worker(tmp_path, sqlite_url, WORKBENCH_PUBMED_URL=held.url, WORKBENCH_PUBMED_API_KEY=KEY)
        job = wait_until(sessions, job_id, lambda job: job.finished_at)
        with sessions.read() as session:
            [importing] = session.scalars(select(Job.id).where(Job.kind == "records:import"))
        wait_until(sessions, importing, lambda job: job.finished_at)
        worker.terminate()
        said += worker.communicate()[0]

        assert job.state is State.DONE and len(held.asked) < fetched + 20
        assert held.asked[-1].at - held.asked[0].at > 0.1 * (len(held.asked) - 2)
    assert pmids(sessions) == sorted(held.titles)
    with sessions.read() as session:
        assert asked.newest_harvest(session, run_id).delivered == 2000
    assert KEY.encode() not in said
    sessions.engine.dispose()
