"""Studies for programs: the list, one study, suggestions, and the deeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.studies import queries, service
from workbench.studies.queries.history import exists, history
from workbench.studies.queries.suggestions import suggestions
from workbench.studies.rules import PairAnswer
from workbench.studies.told import (
    DeedsTold,
    StudiesTold,
    StudyTold,
    SuggestionsTold,
    deeds_told,
    studies_told,
    study_told,
    suggestions_told,
)
from workbench.web.api import answers, body
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("studies_api", __name__)
MOST = 200
ID = {"minimum": 1, "maximum": 2**53}


class Said(StrEnum):
    """What is said of two reports."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"


@dataclass(frozen=True)
class Gathering:
    """Reports to be gathered into one study."""

    records: Annotated[
        Sequence[int], "Records of the reports.", {"minItems": 1, "maxItems": MOST, "items": {"type": "integer", **ID}}
    ]
    primary: Annotated[int | None, "The primary one of a new study; else its oldest included article.", ID] = None


@dataclass(frozen=True)
class Splitting:
    """Reports to be taken out of a study."""

    records: Annotated[
        Sequence[int], "Records of the reports.", {"minItems": 1, "maxItems": MOST, "items": {"type": "integer", **ID}}
    ]


@dataclass(frozen=True)
class Merging:
    """Another study whose reports come into this one."""

    other: Annotated[int, "The number of the other study.", ID]


@dataclass(frozen=True)
class Naming:
    """What a study is called."""

    label: Annotated[str, {"minLength": 1, "maxLength": 120}]
    registry_ids: Annotated[Sequence[str], "Registration numbers; none: those its reports name."] = ()
    note: Annotated[str, {"maxLength": 4000}] = ""


@dataclass(frozen=True)
class Primary:
    """The primary report of a study."""

    record: Annotated[int, "A record of the report.", ID]


@dataclass(frozen=True)
class PairSaidOf:
    """An answer to a suggestion."""

    first: Annotated[int, "A record of one report.", ID]
    second: Annotated[int, "A record of the other.", ID]
    answer: Annotated[Said, "same: one study; different: never suggest it again; later: put it off."]


@dataclass(frozen=True)
class UndoneTold:
    """A deed that was undone, and the deed by which it was."""

    undone: int
    deed: int


@bp.get("/reviews/<slug>/studies")
@door(Deed.LOOK, Scope.READ)
@answers(StudiesTold)
def studies(slug: str) -> StudiesTold:
    """List every study with its reports, by label; an assessed report that stands alone is a study too."""
    return _all()


@bp.get("/reviews/<slug>/studies/<int:study_id>")
@door(Deed.LOOK, Scope.READ)
@answers(StudyTold)
def study(slug: str, study_id: int) -> StudyTold:
    """Tell one gathered study."""
    return _one(study_id)


@bp.get("/reviews/<slug>/studies/<int:study_id>/deeds")
@door(Deed.LOOK, Scope.READ)
@answers(DeedsTold)
def deeds(slug: str, study_id: int) -> DeedsTold:
    """List what was done to a study, newest first, with what can be undone."""
    session, review_id = current_session(), asking_member().review_id
    if not exists(session, review_id, study_id):
        raise queries.NoSuchStudy(_("There is no study %(id)s in this review.", id=study_id))
    return deeds_told(history(session, review_id, study_id))


@bp.get("/reviews/<slug>/studies/suggestions")
@door(Deed.LOOK, Scope.READ)
@answers(SuggestionsTold)
def suggested(slug: str) -> SuggestionsTold:
    """List what may be one study, with why."""
    return _suggested()


@bp.post("/reviews/<slug>/studies")
@door(Deed.GATHER, Scope.FULL)
@answers(StudyTold, takes=Gathering)
def gather(slug: str) -> StudyTold:
    """Gather reports into one study; doing it twice changes nothing."""
    sent = body(Gathering)
    with transaction() as session:
        found = service.gather(session, asking_member(), sent.records, primary_id=sent.primary)
    return _one(found.id)


@bp.post("/reviews/<slug>/studies/<int:study_id>/split")
@door(Deed.GATHER, Scope.FULL)
@answers(StudyTold, takes=Splitting)
def split(slug: str, study_id: int) -> StudyTold:
    """Take reports out of a study; several of them are a new study together."""
    sent = body(Splitting)
    with transaction() as session:
        service.split(session, asking_member(), study_id, sent.records)
    return _one(study_id)


@bp.post("/reviews/<slug>/studies/<int:study_id>/merge")
@door(Deed.GATHER, Scope.FULL)
@answers(StudyTold, takes=Merging)
def merge(slug: str, study_id: int) -> StudyTold:
    """Let the reports of another study stand in this one."""
    sent = body(Merging)
    with transaction() as session:
        service.merge(session, asking_member(), study_id, sent.other)
    return _one(study_id)


@bp.post("/reviews/<slug>/studies/<int:study_id>/name")
@door(Deed.GATHER, Scope.FULL)
@answers(StudyTold, takes=Naming)
def name(slug: str, study_id: int) -> StudyTold:
    """Name a study, with its registration numbers and a note."""
    sent = body(Naming)
    with transaction() as session:
        service.name(session, asking_member(), study_id, sent.label, sent.registry_ids, sent.note)
    return _one(study_id)


@bp.post("/reviews/<slug>/studies/<int:study_id>/primary")
@door(Deed.GATHER, Scope.FULL)
@answers(StudyTold, takes=Primary)
def primary(slug: str, study_id: int) -> StudyTold:
    """Name the primary report of a study."""
    sent = body(Primary)
    with transaction() as session:
        service.name_primary(session, asking_member(), study_id, sent.record)
    return _one(study_id)


@bp.post("/reviews/<slug>/studies/deeds/<int:deed_id>/undo")
@door(Deed.GATHER, Scope.FULL)
@answers(UndoneTold)
def undo(slug: str, deed_id: int) -> UndoneTold:
    """Undo one deed exactly."""
    with transaction() as session:
        undoing = service.undo(session, asking_member(), deed_id)
    return UndoneTold(deed_id, undoing.id)


@bp.post("/reviews/<slug>/studies/suggestions/answers")
@door(Deed.GATHER, Scope.FULL)
@answers(SuggestionsTold, takes=PairSaidOf)
def answer(slug: str) -> SuggestionsTold:
    """Answer a suggestion; what is called different never comes back."""
    sent = body(PairSaidOf)
    with transaction() as session:
        if sent.answer is Said.SAME:
            service.are_one(session, asking_member(), sent.first, sent.second)
        else:
            service.say(session, asking_member(), sent.first, sent.second, PairAnswer(sent.answer.value))
    return _suggested()


def _all() -> StudiesTold:
    return studies_told(queries.studies(current_session(), asking_member().review_id))


def _one(study_id: int) -> StudyTold:
    return study_told(queries.study(current_session(), asking_member().review_id, study_id))


def _suggested() -> SuggestionsTold:
    return suggestions_told(suggestions(current_session(), asking_member().review_id))
