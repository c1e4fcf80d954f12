"""What tests of live searches share: a review whose run is searched on a PubMed of our own, without any waiting."""

from tests.factories import a_review, a_run, minimal_document, the_lead
from workbench.jobs import service as jobs
from workbench.records.entrez import Access, Pace, Patience, PubMed, Transport
from workbench.records.service import live
from workbench.records.tasks import import_file
from workbench.records.tasks import live as tasks

KEY = "0123456789abcdef0123456789abcdef0123"
STRATEGY = [
    {"n": 1, "query": "cement OR glue", "hits": 12},
    {"n": 2, "query": "trial"},
    {"n": 3, "query": "#1 AND #2"},
]
KNOWN = [
    {"title": "Cement trial 0", "pmid": "30000001"},
    {"title": "Cement trial 1", "doi": "10.5555/second"},
    {"title": "Nowhere to be found", "pmid": "99"},
]


class Clock:
    """A clock that goes on only when somebody sleeps."""

    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


def pubmed(held, tries=5):
    clock = Clock()
    return PubMed(Transport(Access(held.url, key=KEY), Patience(tries=tries), Pace(clock, clock.sleep)))


def a_document(slug, strategy=STRATEGY, known=KNOWN, platform="PubMed", **run):
    """A protocol whose run pm-1 is a search of PubMed."""
    document = minimal_document(slug)
    source = document["steps"][0]["sources"][0]
    source["platform"] = platform
    source["runs"] = [{"id": "pm-1", "searched_on": "2026", "strategy": strategy} | run]
    return document | {"known_studies": known}


def a_search(session, slug="spine", **more):
    """A review with its lead and the run of its protocol."""
    review = a_review(session, slug, document=a_document(slug, **more))
    return the_lead(session, review), a_run(session, review, code="pm-1")


def work(sessions, store, job_id, asking, tell=None, **more):
    """Do one job, asking this PubMed."""
    kinds = {
        "records:import": import_file,
        live.HARVEST: lambda its: tasks.harvest(its, asking, tell),
        live.ASK_LINES: lambda its: tasks.ask_lines(its, asking),
    }
    return jobs.run(sessions, store, kinds, job_id, "a worker", **more)
