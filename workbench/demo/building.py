"""Setting the demonstration up: people, review, imports and the search for duplicates, then what the people do."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from workbench.accounts import queries as accounts
from workbench.accounts.models import User
from workbench.accounts.service import sign_up
from workbench.app import create_app, database_of, tasks
from workbench.db import Sessions
from workbench.deduplication import queries as deduplication
from workbench.demo import playing
from workbench.demo.people import LEAD, PASSPHRASE, PEOPLE, SPECIALIST, Person
from workbench.demo.script import EXPLAINED, EXPORTS, FILES
from workbench.files.stores import Store, open_store
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.protocols import queries as searches
from workbench.protocols import service as protocols
from workbench.records import queries as records
from workbench.records import service as imports
from workbench.resources import resource
from workbench.reviews import queries as reviews
from workbench.reviews import service as teams
from workbench.reviews.models import Member, Review
from workbench.words import _

SLUG = "demo-vertebroplasty"
WORKER = "demonstration"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where the demonstration is set up, and whom it tells how far it is."""

    home: Path
    url: str
    sessions: Sessions
    tell: Tell

    @property
    def store(self) -> Store:
        """The files of this home."""
        return open_store(self.home)


def build(place: Place) -> None:
    """Set up whatever of the demonstration is not there yet; once it is whole nothing is touched.

    What is begun is gone on with: each file, the search and what the people do stand or fall as one piece each.
    """
    if not _has_begun(place):
        place.tell(_("Making five accounts and a review from its protocol …"))
        _begin(place)
    for name, run in FILES.items():
        _import(place, name, run)
    _search(place)
    with place.sessions.write.begin() as session:
        playing.play(session, place.store, SLUG, place.tell)


def _has_begun(place: Place) -> bool:
    with place.sessions.read() as session:
        return session.scalar(select(Review.id).where(Review.slug == SLUG)) is not None


def _begin(place: Place) -> None:
    hashes = _hashes(place)
    protocol = resource("search_protocols") / f"{SLUG}.yaml"
    with place.sessions.write.begin() as session:
        users = [_account(session, person, hashed) for person, hashed in zip(PEOPLE, hashes, strict=True)]
        lead = protocols.begin(session, users[0], protocol.read_bytes(), protocol.name)
        for person, user in zip(PEOPLE, users, strict=True):
            for role in person.roles if person is not LEAD else ():
                teams.join(session, lead.review, user, role)


def _hashes(place: Place) -> list[str]:
    """The passphrase as it is stored, salted for each person anew; only the application knows how."""
    app = create_app(place.home, place.url)
    with app.app_context():
        hashes = [hash_password(PASSPHRASE) for _person in PEOPLE]
    database_of(app).engine.dispose()
    return hashes


def _account(session: Session, person: Person, hashed: str) -> User:
    known = accounts.person_or_none(session, person.email)
    return known or sign_up(session, person.name, person.email, PASSPHRASE, hashed)


def _specialist(session: Session) -> Member:
    return reviews.member_by_email(session, SLUG, SPECIALIST.email)


def _import(place: Place, name: str, run: str) -> None:
    """Import one export into its search run, as the search specialist would, unless that is done."""
    data = (EXPORTS / name).read_bytes()
    with place.sessions.write.begin() as session:
        member = _specialist(session)
        known = records.standing_file(session, member.review_id, hashlib.sha256(data).hexdigest())
        if known is not None and known.completed_at is not None:
            return
        place.tell(_("Importing %(name)s …", name=name))
        run_id = searches.run_by_code(session, member.review_id, run).id
        job_id = known.job_id if known else _started(session, place, member, run_id, name, data)
        if run == EXPLAINED[0] and not known:
            protocols.explain(session, member, run_id, EXPLAINED[1], EXPLAINED[2])
    _do(place, job_id)


def _started(session: Session, place: Place, member: Member, run_id: int, name: str, data: bytes) -> int | None:
    _the_import, job = imports.start_import(session, place.store, member, run_id, name, data)
    return job.id if job else None


def _search(place: Place) -> None:
    """Search for duplicates, unless that was done."""
    with place.sessions.write.begin() as session:
        member = _specialist(session)
        if deduplication.last_run(session, member.review_id) is not None:
            return
        place.tell(_("Searching for duplicates …"))
        job = jobs.submit(session, "deduplication:run", {}, review_id=member.review_id, started_by=member.id)
    _do(place, job.id)


def _do(place: Place, job_id: int | None) -> None:
    """Do a job here and now; one that an earlier run was stopped in the middle of is taken over."""
    if job_id is None:
        return
    with place.sessions.read() as session:
        beat = session.get_one(Job, job_id).beat
    jobs.run(place.sessions, place.store, tasks(), job_id, WORKER, gone_at=beat)
