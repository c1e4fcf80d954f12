"""Files sent together: what is attached by itself, what waits, and how each can be undone."""

from functools import partial

import pytest
from sqlalchemy import func, select

from tests.factories import INCLUDE, a_duplicate, a_member, a_record, a_report, a_review, a_vote, open_stage, the_lead
from tests.pdfs import a_bomb, a_locked_pdf, a_long_pdf, a_pdf, a_scan
from workbench.audit.models import AuditEntry
from workbench.db import now, open_sessions
from workbench.files.formats import Limits
from workbench.files.stores import FolderStore
from workbench.jobs import service as jobs
from workbench.records.models import Record
from workbench.reviews.models import Member
from workbench.reviews.rules import NotYours, Role, Stage
from workbench.screening.models import FullText, Retrieval, SentPdf
from workbench.screening.queries import reports
from workbench.screening.queries import sent as queries
from workbench.screening.rules import FileKind, Found
from workbench.screening.service import retrieval
from workbench.screening.service import sent as service
from workbench.screening.tasks import match_full_texts

TITLE = "Cement augmentation of painful vertebral lesions"
OTHER = "Warm foot baths for gout in elderly men and women"
LIMITS = Limits(seconds=3, memory=300 << 20)


def an_article(title=TITLE, doi="10.1000/spine.14", *more: str) -> bytes:
    return a_pdf([f"doi: {doi}" if doi else "Journal 2014", title, "Karen Holm", "2014", "Abstract", *more])


class House:
    """A review with two reports that are sought, files sent to it, and the job that matches them."""

    def __init__(self, sessions, folder) -> None:
        self.sessions, self.store = sessions, FolderStore(folder / "files")
        with sessions.write.begin() as session:
            review = a_review(session)
            self.lead, first, second = the_lead(session, review), a_member(session, review), a_member(session, review)
            self.observer = a_member(session, review, Role.OBSERVER)
            open_stage(session, review)
            said = {"authors": ["Holm, K."], "year": 2014}
            self.cement = a_report(
                session, review, first, second, found=None, title=TITLE, doi="10.1000/spine.14", **said
            ).id
            self.baths = a_report(session, review, first, second, found=None, title=OTHER, doi=None, **said).id
            self.review_id, self.first, self.second = review.id, first, second

    def do(self, deed, *args, by=None, **more):
        with self.sessions.write.begin() as session:
            return deed(session, session.get_one(Member, (by or self.lead).id), *args, **more)

    def send(self, *files: bytes, name="paper.pdf", by=None) -> list[int]:
        def hold(session, member):
            return [service.hold(session, self.store, member, data, name).id for data in files]

        return self.do(hold, by=by)

    def match(self):
        job = self.do(service.start)
        return job and self.run(job.id)

    def run(self, job_id):
        tasks = {service.KIND: partial(match_full_texts, limits=LIMITS)}
        return jobs.run(self.sessions, self.store, tasks, job_id, "the test")

    def ask(self, query, *args):
        with self.sessions.read() as session:
            return query(session, *args)

    def lists(self):
        return self.ask(queries.lists, self.review_id)

    def files(self, record_id):
        return [(one.file_name, one.kind, one.pages) for one in self.ask(reports.files_of, record_id)]


@pytest.fixture
def house(sqlite_url, tmp_path) -> House:
    return House(open_sessions(sqlite_url), tmp_path)


@pytest.fixture
def anywhere(sessions, tmp_path) -> House:
    """The same on both databases, for what is said in SQL."""
    return House(sessions, tmp_path)


def test_a_certain_file_is_attached_in_the_name_of_who_sent_it_and_can_be_taken_off(anywhere):
    [pdf_id] = anywhere.send(an_article(), by=anywhere.first)
    anywhere.match()

    [(_pdf, file, record, match)] = anywhere.lists().automatic
    assert (record.id, file.attached_by, match.is_safe) == (anywhere.cement, anywhere.first.id, True)
    assert anywhere.files(anywhere.cement) == [("paper.pdf", FileKind.ARTICLE, 1)]
    assert anywhere.ask(reports.found, anywhere.cement) is Found.RETRIEVED

    anywhere.do(service.take_off, pdf_id, by=anywhere.second)
    assert anywhere.files(anywhere.cement) == [] and anywhere.ask(reports.found, anywhere.cement) is None
    assert [one.pdf.id for one in anywhere.lists().to_confirm] == [pdf_id]
    anywhere.match()
    assert anywhere.files(anywhere.cement) == []


def test_what_was_said_before_stands_again_when_a_file_is_taken_off(house):
    house.do(retrieval.log_report, house.cement, Found.NOT_RETRIEVED, "No library has it.")
    [pdf_id] = house.send(an_article())
    house.match()
    assert house.ask(reports.found, house.cement) is Found.RETRIEVED

    house.do(service.take_off, pdf_id)

    assert house.ask(reports.found, house.cement) is Found.NOT_RETRIEVED
    with pytest.raises(queries.NoSuchPdf):
        house.do(service.take_off, pdf_id)


def test_a_report_that_somebody_judged_stays_retrieved_when_its_file_is_taken_off(house):
    [pdf_id] = house.send(an_article())
    house.match()
    with house.sessions.write.begin() as session:
        lead = session.get_one(Member, house.lead.id)
        open_stage(session, lead.review, Stage.FULL_TEXT)
        first = session.get_one(Member, house.first.id)
        a_vote(session, first, session.get_one(Record, house.cement), INCLUDE, Stage.FULL_TEXT, in_hand=True)

    house.do(service.take_off, pdf_id)

    assert house.ask(reports.found, house.cement) is Found.RETRIEVED


def test_a_doubtful_file_waits_and_is_attached_as_what_a_person_says(house):
    [pdf_id] = house.send(an_article(OTHER, None).replace(b"Karen Holm", b"Karin Berg"))
    house.match()
    [waiting] = house.lists().to_confirm
    assert waiting.proposals[0][1].id == house.baths and "Warm foot baths" in waiting.first_lines
    assert house.files(house.baths) == []

    house.do(service.confirm, pdf_id, house.baths, FileKind.PROTOCOL)

    assert house.files(house.baths) == [("paper.pdf", FileKind.PROTOCOL, 1)] and house.lists().waiting == 0
    with pytest.raises(queries.NoSuchPdf):
        house.do(service.confirm, pdf_id, house.baths, FileKind.PROTOCOL)


def test_a_second_file_for_a_report_waits_and_becomes_its_newer_version(anywhere):
    anywhere.send(an_article())
    anywhere.match()
    [pdf_id] = anywhere.send(an_article(TITLE, "10.1000/spine.14", "corrected"), name="newer.pdf")
    anywhere.match()
    assert len(anywhere.lists().to_confirm) == 1

    anywhere.do(service.confirm, pdf_id, anywhere.cement, FileKind.ARTICLE, is_newer=True)

    files = anywhere.ask(reports.files_of, anywhere.cement)
    assert [one.file_name for one in files] == ["newer.pdf", "paper.pdf"]
    assert files[0].supersedes_id == files[1].id and reports.replaced_among(files) == {files[1].id}


def test_two_files_of_one_report_sent_at_once_are_not_both_attached(house):
    house.send(an_article(), an_article(TITLE, "10.1000/spine.14", "two"))
    house.match()

    assert len(house.files(house.cement)) == 1 and len(house.lists().to_confirm) == 1


def test_none_of_these_and_letting_go_leave_their_trace_and_no_file(house):
    ids = house.send(a_pdf(["doi: 10.1000/spine.14", "Etwas anderes"]), a_pdf(["Milk and sleep"]))
    house.match()
    assert [one.pdf.id for one in house.lists().to_confirm] == ids[:1]

    house.do(service.set_aside, ids[0])
    assert [one.pdf.id for one in house.lists().without_report] == ids
    for one in ids:
        house.do(service.let_go, one)

    assert (
        house.lists().waiting == 0 and house.ask(lambda session: session.scalar(select(func.count(FullText.id)))) == 0
    )
    events = house.ask(lambda session: session.scalars(select(AuditEntry.event)).all())
    assert events.count("screening:pdf:let-go") == 2 and "screening:pdf:none-fits" in events


def test_a_file_that_came_before_its_report_was_sought_is_looked_at_again(house):
    [pdf_id, aside] = house.send(an_article("Milk and sleep in elderly people at home", None), a_pdf(["Odd"]))
    house.match()
    assert len(house.lists().without_report) == 2
    house.do(service.set_aside, aside)
    with house.sessions.write.begin() as session:
        review, voters = session.get_one(Member, house.lead.id).review, (house.first, house.second)
        report = a_report(
            session, review, *(session.get_one(Member, one.id) for one in voters), found=None,
            title="Milk and sleep in elderly people at home", authors=["Holm, K."], year=2014,
        ).id  # fmt: skip

    job = house.do(service.look_again)
    assert [one.id for one in house.lists().unread] == [pdf_id]
    house.run(job.id)

    assert len(house.files(report)) == 1


def test_the_same_bytes_wait_once_and_are_named_where_they_are_attached(anywhere):
    data = an_article()
    assert len(set(anywhere.send(data, data))) == 1
    anywhere.match()
    [again] = anywhere.send(data)
    anywhere.match()

    [waiting] = anywhere.lists().without_report
    assert (waiting.pdf.id, waiting.same_as) == (again, anywhere.cement)
    anywhere.do(service.confirm, again, anywhere.cement, FileKind.ARTICLE)
    assert len(anywhere.files(anywhere.cement)) == 1 and anywhere.lists().waiting == 0


def test_what_is_no_pdf_is_named_and_its_bytes_are_not_kept(house):
    [pdf_id] = house.send(b"<html><script>alert(1)</script>", name="../../x/page\n.html")

    [refused] = house.lists().refused
    assert refused.pdf.file_name == "page.html" and refused.pdf.sha256 is None
    assert not house.store.folder.exists() and house.match() is None
    with pytest.raises(retrieval.NotAPdf):
        house.do(service.confirm, pdf_id, house.cement, FileKind.ARTICLE)


def test_files_that_cannot_be_read_are_named_and_never_attached_and_the_rest_goes_on(house):
    house.send(a_bomb(310), a_long_pdf(3000), a_pdf()[:200], a_locked_pdf(TITLE), a_scan(), an_article())
    house.match()

    found = house.lists()
    assert {one.reading.state.value for one in found.refused} == {"too-heavy", "too-many-pages", "broken"}
    assert {one.reading.state.value for one in found.without_report} == {"encrypted", "no-text"}
    assert len(found.automatic) == 1
    for one in found.refused:
        with pytest.raises(retrieval.NotAPdf):
            house.do(service.confirm, one.pdf.id, house.cement, FileKind.ARTICLE)


def test_a_file_is_found_by_the_doi_of_any_record_of_its_report(anywhere):
    with anywhere.sessions.write.begin() as session:
        kept = session.get_one(Record, anywhere.baths)
        other = a_record(session, session.get_one(Member, anywhere.lead.id).review, title=OTHER, doi="10.1000/second")
        a_duplicate(session, other, kept)
    anywhere.send(an_article(OTHER, "10.1000/second"))
    anywhere.match()

    assert len(anywhere.files(anywhere.baths)) == 1


def test_a_file_of_who_left_waits_for_somebody_who_may(house):
    house.send(an_article(), by=house.first)
    with house.sessions.write.begin() as session:
        session.get_one(Member, house.first.id).left_at = now()
    house.match()

    assert house.files(house.cement) == [] and len(house.lists().to_confirm) == 1


def test_an_observer_sends_confirms_and_lets_go_nothing(house):
    [pdf_id] = house.send(an_article())
    for deed, *args in (
        (service.let_go, pdf_id), (service.set_aside, pdf_id), (service.start,), (service.take_off, pdf_id),
        (service.confirm, pdf_id, house.cement, FileKind.ARTICLE),
    ):  # fmt: skip
        with pytest.raises(NotYours):
            house.do(deed, *args, by=house.observer)
    with pytest.raises(NotYours):
        house.send(an_article(), by=house.observer)


def test_a_file_of_one_review_is_nothing_to_another(house):
    [pdf_id] = house.send(an_article())
    with house.sessions.write.begin() as session:
        stranger = the_lead(session, a_review(session))

    for deed, *args in (
        (service.let_go, pdf_id), (service.set_aside, pdf_id), (service.confirm, pdf_id, house.cement, FileKind.ARTICLE)
    ):  # fmt: skip
        with pytest.raises(queries.NoSuchPdf):
            house.do(deed, *args, by=stranger)
    house.match()
    with pytest.raises(queries.NoSuchPdf):
        house.do(service.take_off, pdf_id, by=stranger)


def test_a_job_that_died_goes_on_with_the_files_that_are_left(anywhere):
    anywhere.send(an_article(), an_article(OTHER, None))
    job = anywhere.do(service.start)
    real, tries = service.place, []

    def dies(*args):
        tries.append(args)
        if len(tries) == 2:
            raise SystemExit
        return real(*args)

    tasks = {service.KIND: partial(match_full_texts, limits=LIMITS)}
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(service, "place", dies)
        jobs.run(anywhere.sessions, anywhere.store, tasks, job.id, "one")
    with anywhere.sessions.write.begin() as session:
        session.get_one(type(job), job.id).owner = None
    jobs.run(anywhere.sessions, anywhere.store, tasks, job.id, "two")

    assert len(anywhere.files(anywhere.cement)) == len(anywhere.files(anywhere.baths)) == 1
    assert anywhere.ask(lambda session: session.scalar(select(func.count(Retrieval.id)))) == 2
    assert anywhere.ask(lambda session: session.scalar(select(func.count(SentPdf.id)))) == 2


def test_one_job_at_a_time_is_asked_for(house):
    house.send(an_article())

    assert house.do(service.start) is not None and house.do(service.start) is None
