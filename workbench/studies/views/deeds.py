"""What people do to studies on their pages; every deed leads back to the page it was done on."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.studies import service
from workbench.studies.rules import PairAnswer
from workbench.studies.views.blueprint import bp
from workbench.studies.views.pages import index_page, report_page, study_page, suggestions_page
from workbench.web.transactions import transaction
from workbench.words import _

Refusal = Callable[[WorkbenchError], str]


class UnknownAnswer(Invalid):
    """Two reports are of one study, of different ones, or the question is put off."""


class NoNumber(Invalid):
    """A report is named by the number of its record."""

    hint = "It stands on the record's page and in every list."


def _do(deed: Callable[[Session], str], refuse: Refusal) -> ResponseReturnValue:
    """Do something in one transaction and go where it says; what cannot be done is told on the page it came from."""
    try:
        with transaction() as session:
            address = deed(session)
    except (Invalid, Clash) as error:
        return refuse(error), 409 if isinstance(error, Clash) else 422
    return redirect(address, 303)


@bp.post("/gather")
@door(Deed.GATHER)
def gather(slug: str) -> ResponseReturnValue:
    """Gather the ticked or named reports into one study."""

    def deed(session: Session) -> str:
        found = service.gather(session, asking_member(), _records("record"))
        flash(_("Gathered into one study. Its trail below can undo it."))
        return url_for(".study", slug=slug, study_id=found.id)

    return _do(deed, _refusal)


@bp.post("/<int:study_id>/split")
@door(Deed.GATHER)
def split(slug: str, study_id: int) -> ResponseReturnValue:
    """Take the ticked reports out of a study."""

    def deed(session: Session) -> str:
        service.split(session, asking_member(), study_id, _records("record"))
        flash(_("Taken out. The trail below can undo it."))
        return url_for(".study", slug=slug, study_id=study_id)

    return _do(deed, lambda error: study_page(study_id, error))


@bp.post("/<int:study_id>/merge")
@door(Deed.GATHER)
def merge(slug: str, study_id: int) -> ResponseReturnValue:
    """Let the reports of another study stand in this one."""

    def deed(session: Session) -> str:
        service.merge(session, asking_member(), study_id, request.form.get("other", 0, type=int))
        flash(_("Merged. The trail below can undo it."))
        return url_for(".study", slug=slug, study_id=study_id)

    return _do(deed, lambda error: study_page(study_id, error))


@bp.post("/<int:study_id>/primary")
@door(Deed.GATHER)
def primary(slug: str, study_id: int) -> ResponseReturnValue:
    """Name the primary report of a study."""

    def deed(session: Session) -> str:
        service.name_primary(session, asking_member(), study_id, request.form.get("record", 0, type=int))
        return url_for(".study", slug=slug, study_id=study_id)

    return _do(deed, lambda error: study_page(study_id, error))


@bp.post("/<int:study_id>/name")
@door(Deed.GATHER)
def name(slug: str, study_id: int) -> ResponseReturnValue:
    """Name a study, with its registration numbers and a note."""

    def deed(session: Session) -> str:
        _name(session, study_id)
        return url_for(".study", slug=slug, study_id=study_id)

    return _do(deed, lambda error: study_page(study_id, error))


@bp.post("/of/<int:record_id>/name")
@door(Deed.GATHER)
def name_report(slug: str, record_id: int) -> ResponseReturnValue:
    """Name the study of a report that stands alone."""

    def deed(session: Session) -> str:
        found = service.gather(session, asking_member(), [record_id])
        _name(session, found.id)
        return url_for(".study", slug=slug, study_id=found.id)

    return _do(deed, lambda error: report_page(record_id, error))


@bp.post("/of/<int:record_id>/ongoing")
@door(Deed.GATHER)
def ongoing(slug: str, record_id: int) -> ResponseReturnValue:
    """Say whether a report that awaits classification tells of a study under way."""

    def deed(session: Session) -> str:
        service.say_ongoing(session, asking_member(), record_id, is_ongoing=request.form.get("said") == "yes")
        return url_for(".of_report", slug=slug, record_id=record_id)

    return _do(deed, lambda error: report_page(record_id, error))


@bp.post("/of/<int:record_id>/seen")
@door(Deed.GATHER)
def seen(slug: str, record_id: int) -> ResponseReturnValue:
    """Note that somebody looked at the late changes of a report."""

    def deed(session: Session) -> str:
        service.look_at_notices(session, asking_member(), record_id)
        return url_for(".of_report", slug=slug, record_id=record_id)

    return _do(deed, lambda error: report_page(record_id, error))


@bp.post("/deeds/<int:deed_id>/undo")
@door(Deed.GATHER)
def undo(slug: str, deed_id: int) -> ResponseReturnValue:
    """Undo one deed exactly."""
    study_id = request.form.get("study", 0, type=int)

    def deed(session: Session) -> str:
        service.undo(session, asking_member(), deed_id)
        flash(_("Undone: everything is as it was before."))
        return url_for(".study", slug=slug, study_id=study_id) if study_id else url_for(".index", slug=slug)

    return _do(deed, lambda error: study_page(study_id, error) if study_id else index_page(error))


@bp.post("/suggestions/answers")
@door(Deed.GATHER)
def answer(slug: str) -> ResponseReturnValue:
    """Answer a suggestion: one study, different studies, or later."""

    def deed(session: Session) -> str:
        first, second = (request.form.get(end, 0, type=int) for end in ("first", "second"))
        said = request.form.get("answer", "")
        if said == "same":
            found = service.are_one(session, asking_member(), first, second)
            flash(_("Gathered into one study. Its trail can undo it."))
            return _after(slug, found.id)
        if said not in set(PairAnswer):
            raise UnknownAnswer(_("Say whether the two are one study."), "Choose one of the three.")
        service.say(session, asking_member(), first, second, PairAnswer(said))
        return _after(slug, None, first)

    return _do(deed, suggestions_page)


@bp.post("/suggestions/take-back")
@door(Deed.GATHER)
def take_back(slug: str) -> ResponseReturnValue:
    """Take back that two reports are of different studies."""
    first, second = (request.form.get(end, 0, type=int) for end in ("first", "second"))

    def deed(session: Session) -> str:
        service.take_back(session, asking_member(), first, second)
        flash(_("Taken back. The two may be suggested again."))
        return url_for(".of_report", slug=slug, record_id=first)

    return _do(deed, suggestions_page)


def _name(session: Session, study_id: int) -> None:
    label, numbers, note = (request.form.get(field, "") for field in ("label", "numbers", "note"))
    service.name(session, asking_member(), study_id, label, [numbers], note)
    flash(_("Named."))


def _after(slug: str, study_id: int | None, record_id: int = 0) -> str:
    """To where the question stood: the list of suggestions, or the study's own page."""
    if request.form.get("back") != "study":
        return url_for(".suggested", slug=slug)
    if study_id is not None:
        return url_for(".study", slug=slug, study_id=study_id)
    return url_for(".of_report", slug=slug, record_id=record_id)


def _records(field: str) -> list[int]:
    """The numbers of records in a field, ticked or typed."""
    words = [word for value in request.form.getlist(field) for word in value.replace(",", " ").split()]
    if wrong := [word for word in words if not (word.isascii() and word.isdigit() and len(word) < 16)]:
        raise NoNumber(_("“%(word)s” is no number of a record.", word=wrong[0][:40]))
    return [int(word) for word in words]


def _refusal(error: WorkbenchError) -> str:
    """To the page that asked to gather: the study's or the report's own, else the list."""
    if study_id := request.form.get("study", 0, type=int):
        return study_page(study_id, error)
    if record_id := request.form.get("of", 0, type=int):
        return report_page(record_id, error)
    return index_page(error)
