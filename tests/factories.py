"""Things tests need, named by what matters: a_review(), a_member(), a_record()."""

import hashlib
import itertools
import json

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from workbench.accounts.models import User
from workbench.accounts.service import add_person
from workbench.db import now
from workbench.deduplication.models import Duplicate
from workbench.files.models import StoredFile
from workbench.protocols.models import ProtocolVersion, SearchRun
from workbench.records.models import Import, ImportedDecision, Record
from workbench.records.rules.decisions import Choice, Tool
from workbench.reviews import service as reviews
from workbench.reviews.models import ExclusionReason, Member, Question, Review
from workbench.reviews.rules import Lane, Role, Stage
from workbench.screening.models import Vote
from workbench.screening.rules import Ballot, Decision, Design, Found
from workbench.screening.service import retrieval, stages, voting

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def start_anew() -> None:
    """Count from one again, so that two worlds get the same names and numbers."""
    global _numbers  # noqa: PLW0603
    _numbers = itertools.count(1)


def a_person(session: Session, name: str = "Karen Holm", email: str | None = None) -> User:
    """A person who can sign in with PASSWORD."""
    return add_person(session, name, email or f"person{next(_numbers)}@example.org", PASSWORD)


def a_review(
    session: Session, slug: str | None = None, *, lead: User | None = None, document: dict | None = None
) -> Review:
    """A review with a lead, one protocol version, two questions and three exclusion reasons."""
    slug = slug or f"review-{next(_numbers)}"
    member = reviews.create(
        session, lead or a_person(session), slug, "Cement augmentation of painful vertebral lesions"
    )
    document = document or minimal_document(slug)
    session.add(
        ProtocolVersion(
            review_id=member.review_id,
            number=1,
            document=document,
            source=json.dumps(document),
            plan_sha256="0" * 64,
            registered_by=member.id,
            registered_at=now(),
        )
    )
    for position, code in enumerate(("pico1", "pico2"), start=1):
        session.add(Question(review_id=member.review_id, code=code, position=position, text=f"Question {position}"))
    for position, label in enumerate(("Not malignant", "Not cement", "Wrong design"), start=1):
        session.add(
            ExclusionReason(
                review_id=member.review_id,
                code=label.lower().replace(" ", "-"),
                position=position,
                label=label,
                at_title_abstract=True,
                at_full_text=True,
                concerns_outcome_data=False,
            )
        )
    session.flush()
    return member.review


def minimal_document(slug: str) -> dict:
    """The smallest protocol that holds: two people judge every record at both stages."""
    return {
        "schema": "search_protocol/1",
        "review": {"id": slug, "title": "Cement augmentation of painful vertebral lesions"},
        "questions": [
            {"id": code, "text": code, "population": "adults", "intervention": "cement"} for code in ("pico1", "pico2")
        ],
        "exclusion_reasons": [{"id": code, "label": code} for code in ("not-malignant", "not-cement", "wrong-design")],
        "steps": [
            {
                "id": "s1",
                "title": "Trials",
                "sources": [
                    {
                        "id": "pubmed",
                        "name": "MEDLINE",
                        "prisma_lane": "database",
                        "runs": [{"id": "pm-1", "searched_on": "2026"}],
                    }
                ],
            }
        ],
        "screening": {
            "title-abstract": {"votes": 2, "variant": "full-dual", "order": "as-imported"},
            "full-text": {"votes": 2, "variant": "full-dual", "order": "as-imported"},
        },
    }


def the_lead(session: Session, review: Review) -> Member:
    """The member who began the review."""
    from sqlalchemy import select

    return session.scalars(select(Member).where(Member.review_id == review.id).order_by(Member.id)).first()


def a_member(
    session: Session, review: Review, *roles: Role, name: str = "Jonas Lindqvist", email: str | None = None
) -> Member:
    """One more person in the team; a reviewer unless said otherwise."""
    person = a_person(session, name, email)
    for role in roles or (Role.REVIEWER,):
        member = reviews.join(session, review, person, role)
    return member


def a_run(session: Session, review: Review, lane: Lane = Lane.DATABASE, code: str | None = None, **values) -> SearchRun:
    """A documented search run."""
    code = code or f"run-{next(_numbers)}"
    run = SearchRun(
        **{
            "review_id": review.id,
            "code": code,
            "step": "s1",
            "source": "pubmed",
            "source_name": "MEDLINE",
            "lane": lane,
            "searched_on": "2026-05-12",
            "documented_at": now(),
        }
        | values
    )
    session.add(run)
    session.flush()
    return run


def an_import(session: Session, review: Review, run: SearchRun | None = None, **values) -> Import:
    """A completed import of an invented file."""
    run = run or a_run(session, review)
    sha256 = hashlib.sha256(f"file {next(_numbers)}".encode()).hexdigest()
    session.add(StoredFile(sha256=sha256, size=1, media_type="text/plain", stored_at=now()))
    session.flush()
    lead = the_lead(session, review)
    found = Import(
        **{
            "review_id": review.id,
            "run_id": run.id,
            "sha256": sha256,
            "file_name": "export.nbib",
            "imported_by": lead.id,
            "started_at": now(),
            "completed_at": now(),
            "format": "nbib",
            "records_in_file": 0,
            "lines": 1,
        }
        | values
    )
    session.add(found)
    session.flush()
    return found


def a_record(session: Session, review: Review, *, of: Import | None = None, **values) -> Record:
    """A record; each has its own title unless said otherwise."""
    of = of or an_import(session, review)
    number = next(_numbers)
    empty = {
        name: []
        for name in (
            "authors",
            "registry_ids",
            "issn",
            "isbn",
            "keywords",
            "subject_headings",
            "languages",
            "publication_types",
            "databases",
            "urls",
        )
    }
    record = Record(
        **{
            "review_id": review.id,
            "import_id": of.id,
            "number": number,
            "first_line": number,
            "last_line": number,
            "title": f"Vertebroplasty in painful metastases, trial {number}",
            "abstract": "We randomised adults.",
            "year": 2014,
            "found": {},
            "raw": [],
        }
        | empty
        | values
    )
    session.add(record)
    session.flush()
    return record


def an_imported_decision(
    session: Session, record: Record, decision: Choice | None = Choice.EXCLUDE, **values
) -> ImportedDecision:
    """What Emily decided on this record in Rayyan, in the first note of its file."""
    row = ImportedDecision(
        **{
            "record_id": record.id,
            "position": 1,
            "tool": Tool.RAYYAN,
            "person": "Emily",
            "decision": decision,
            "tag": "N1",
            "line": record.first_line,
        }
        | values
    )
    session.add(row)
    session.flush()
    return row


def a_document(slug: str, stage: Stage = Stage.TITLE_ABSTRACT, **rule) -> dict:
    """The smallest protocol, with another rule at one stage: a_document("x", variant="single", votes=1)."""
    document = minimal_document(slug)
    document["screening"][stage.value] |= rule
    return document


def a_duplicate(session: Session, record: Record, kept: Record) -> Duplicate:
    """Two records that the engine joined; deleting the row parts them."""
    low, high = sorted((record.id, kept.id))
    row = Duplicate(
        record_id=record.id,
        kept_id=kept.id,
        low_id=low,
        high_id=high,
        rule="same-doi",
        reason="same DOI",
        engine="1",
        decided_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def open_stage(session: Session, review: Review, stage: Stage = Stage.TITLE_ABSTRACT) -> None:
    """Open a stage under the protocol in force."""
    stages.open_stage(session, the_lead(session, review), stage)


INCLUDE = Ballot(Decision.INCLUDE, questions=("pico1",), design=Design.RANDOMISED_TRIAL)
EXCLUDE = Ballot(Decision.EXCLUDE)
UNCLEAR = Ballot(Decision.UNCLEAR)


def a_vote(
    session: Session,
    reviewer: Member,
    record: Record,
    ballot: Ballot = INCLUDE,
    stage: Stage = Stage.TITLE_ABSTRACT,
    *,
    in_hand: bool = False,
) -> Vote:
    """A vote by one reviewer; with all of their votes in hand it is handed in, unless it stays in hand."""
    vote = voting.cast_vote(session, reviewer, record.id, stage, ballot, f"key-{next(_numbers)}")
    if not in_hand:
        voting.hand_in(session, reviewer, stage)
    return vote


def a_report(
    session: Session, review: Review, first: Member, second: Member, *, found: Found | None = Found.RETRIEVED, **values
) -> Record:
    """A record that two reviewers included at title and abstract, and where its full text stands."""
    record = a_record(session, review, **values)
    for reviewer in (first, second):
        a_vote(session, reviewer, record)
    if found:
        retrieval.log_report(session, the_lead(session, review), record.id, found, "as the test wants it")
    return record


def a_reason(session: Session, review: Review, code: str = "wrong-design") -> int:
    """The id of an exclusion reason of the review."""
    from sqlalchemy import select

    return session.scalars(
        select(ExclusionReason.id).where(ExclusionReason.review_id == review.id, ExclusionReason.code == code)
    ).one()


def sign_in(client: FlaskClient, person: User) -> FlaskClient:
    """Sign a person in through the form, as a browser would."""
    import re

    page = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    answer = client.post("/sign-in", data={"email": person.email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code in {302, 303}, answer.text
    return client
