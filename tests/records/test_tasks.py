"""An import as a job: written part by part, so that a killed worker loses nothing."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select

from tests.factories import a_review, a_run, the_lead
from workbench.audit.queries import broken_at
from workbench.errors import Invalid
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.records import queries, service, tasks
from workbench.records.models import Import, ImportLine, LineKind, Record
from workbench.records.rules import read

MANY = b"".join(b"TY  - JOUR\nT1  - Trial %d of cement\nER  - \n\n" % n for n in range(25))


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


@pytest.fixture
def parts_of_ten(monkeypatch):
    monkeypatch.setattr(tasks, "PART", 10)


class KilledError(BaseException):
    """The worker's process ends, as by kill -9: nobody writes anything down."""


def started(sessions, store, data=MANY):
    with sessions.write.begin() as session:
        review = a_review(session)
        the_import, job = service.start_import(
            session, store, the_lead(session, review), a_run(session, review).id, "a.ris", data
        )
        return review.id, the_import.id, job.id


def run(sessions, store, job_id, tell=None, **more):
    return jobs.run(
        sessions, store, {"records:import": lambda work: tasks.import_file(work, tell)}, job_id, "a worker", **more
    )


def after(parts, error):
    """Something that goes wrong once so many parts are written."""

    def tell(done, _total):
        if done >= parts * 10:
            raise error

    return tell


def numbers(sessions, import_id):
    with sessions.read() as session:
        return list(session.scalars(select(Record.number).where(Record.import_id == import_id).order_by(Record.number)))


@pytest.mark.usefixtures("parts_of_ten")
@pytest.mark.parametrize("parts", [1, 2, 2.5])
def test_a_killed_worker_loses_nothing(sessions, store, parts):
    review_id, import_id, job_id = started(sessions, store)
    with pytest.raises(KilledError):
        run(sessions, store, job_id, after(parts, KilledError()))
    with sessions.read() as session:
        beat = session.get_one(Job, job_id).beat
        assert queries.standing_imports(session, review_id) == []

    assert run(sessions, store, job_id, gone_at=beat)

    assert numbers(sessions, import_id) == list(range(1, 26))
    with sessions.read() as session:
        [the_import] = queries.standing_imports(session, review_id)
        job = session.get_one(Job, job_id)
        assert (the_import.records_in_file, job.done, job.total, job.failure) == (25, 25, 25, None)
        assert broken_at(session, review_id) is None


@pytest.mark.usefixtures("parts_of_ten")
def test_a_worker_that_was_taken_over_writes_nothing_more(sessions, store):
    _review_id, import_id, job_id = started(sessions, store)

    def taken_over(done, _total):
        if done == 10:
            with sessions.write.begin() as session:
                assert jobs.claim(session, job_id, "another", gone_at=session.get_one(Job, job_id).beat)

    run(sessions, store, job_id, taken_over)

    assert numbers(sessions, import_id) == list(range(1, 11))
    with sessions.read() as session:
        assert session.get_one(Job, job_id).finished_at is None


@pytest.mark.usefixtures("parts_of_ten")
def test_an_import_that_failed_goes_on_where_it_stood_when_tried_again(sessions, store):
    review_id, import_id, job_id = started(sessions, store)
    run(sessions, store, job_id, after(1, OSError("disk full")))
    with sessions.write.begin() as session:
        assert session.get_one(Job, job_id).failure
        the_import = session.get_one(Import, import_id)
        review = session.get_one(type(a_review(session)), review_id)
        again = service.try_again(session, the_lead(session, review), the_import.id).id

    run(sessions, store, again)

    assert numbers(sessions, import_id) == list(range(1, 26))


def test_a_file_that_turns_out_unreadable_fails_with_its_reason_and_counts_nothing(sessions, store, monkeypatch):
    review_id, _import_id, job_id = started(sessions, store)

    def unreadable(*_given):
        raise Invalid("The file ends in the middle.", "Export it again.")

    monkeypatch.setattr(tasks, "open_reading", unreadable)
    run(sessions, store, job_id)

    with sessions.read() as session:
        assert session.get_one(Job, job_id).failure == "The file ends in the middle. Export it again."
        assert queries.count_records(session, review_id) == 0
        [arrival] = queries.arrivals(session, review_id)
        assert arrival.is_stuck


def test_done_twice_it_is_done_once(sessions, store):
    review_id, import_id, job_id = started(sessions, store)
    run(sessions, store, job_id)
    with sessions.write.begin() as session:
        job = session.get_one(Job, job_id)
        job.finished_at, job.owner = None, None

    run(sessions, store, job_id)

    assert numbers(sessions, import_id) == list(range(1, 26))
    with sessions.read() as session:
        assert session.scalar(select(func.count()).select_from(ImportLine)) == 0
        assert broken_at(session, review_id) is None


PIECES = st.lists(
    st.sampled_from(
        [
            "TY  - JOUR\nT1  - A trial\nER  - \n",
            "T1  - No start\nER  - \n",
            "TY  - JOUR\nER  - \n",
            "some words\n",
            "\n",
            "TY  - JOUR\nTY  - JOUR\nT1  - Twice\nER  - \n",
            "ER  - \n",
            "TY  - JOUR\nT1  - No end\n",
            "TY  - CHAP\nPY  - 20l7\nER  - \n",
        ]
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=PIECES)
def test_imported_and_rejected_are_all_records_of_the_file(sqlite_url, tmp_path, pieces):
    from workbench.db import open_sessions

    data = ("TY  - JOUR\nT1  - A first one\nER  - \n" + "".join(pieces)).encode()
    sessions, store = open_sessions(sqlite_url), FolderStore(tmp_path / "files")
    review_id, import_id, job_id = started(sessions, store, data)

    run(sessions, store, job_id)

    reading = read(data, "a.ris")
    with sessions.read() as session:
        arrival = queries.arrival(session, review_id, import_id)
        assert arrival.the_import.records_in_file == arrival.records + arrival.rejected
        assert (arrival.records, arrival.rejected) == (reading.records, len(reading.rejected))
        assert len(queries.lines(session, import_id, LineKind.REJECTED)) == arrival.rejected
    sessions.engine.dispose()


@pytest.mark.long
def test_the_cardiac_set_arrives_whole(sessions, store, shared_data):
    data = (shared_data / "duplicates" / "cardiac" / "records.csv.gz").read_bytes()
    review_id, _import_id, job_id = started(sessions, store, data)

    run(sessions, store, job_id)

    with sessions.read() as session:
        assert queries.count_records(session, review_id) == 8948
