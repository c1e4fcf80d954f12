"""The list of studies, one study, the suggestions, and the tables of included and excluded studies."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from workbench.errors import WorkbenchError
from workbench.records.writers.cells import as_csv
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.screening.rules import Outcome
from workbench.studies import queries
from workbench.studies.queries import Entry, NoSuchStudy, tables
from workbench.studies.queries.history import exists, history
from workbench.studies.queries.notices import Late, late
from workbench.studies.queries.suggestions import about, kept_apart, suggestions
from workbench.studies.queries.tables import Table
from workbench.studies.rules import State
from workbench.studies.views import wording
from workbench.studies.views.blueprint import bp
from workbench.studies.writers import citation
from workbench.web.paging import page_of
from workbench.web.transactions import current_session
from workbench.words import _

ON_A_PAGE = 50
STATES = {state.name.lower(): state for state in State}
"""The states by the word in the address."""


@bp.app_template_global()
def late_changes_of(record_id: int) -> Sequence[Late]:
    """The late changes of a report, for the pages that other rooms show of it."""
    return late(current_session(), asking_member().review_id, [record_id]).get(record_id, [])


bp.add_app_template_global(wording.notice_words)


@bp.get("")
@door(Deed.LOOK)
def index(slug: str) -> str:
    """List the studies with their state; what may be one study is ticked and gathered here."""
    return index_page()


@bp.get("/<int:study_id>")
@door(Deed.LOOK)
def study(slug: str, study_id: int) -> str:
    """Show one study: its reports, what it waits for, what was done to it."""
    return study_page(study_id)


@bp.get("/of/<int:record_id>")
@door(Deed.LOOK)
def of_report(slug: str, record_id: int) -> ResponseReturnValue:
    """Show the study of a report; one that was gathered has its own address."""
    session, member = current_session(), asking_member()
    entries = queries.studies(session, member.review_id)
    entry = _with_report(entries, record_id)
    if entry.study_id is not None:
        return redirect(url_for(".study", slug=slug, study_id=entry.study_id))
    return _page(session, entry, entries)


@bp.get("/suggestions")
@door(Deed.LOOK)
def suggested(slug: str) -> str:
    """List what may be one study, the strongest first."""
    return suggestions_page()


@bp.get('/tables/<any("included", "excluded"):table>')
@door(Deed.LOOK)
def table(slug: str, table: str) -> str:
    """Show the table of included or of excluded studies, ready for print."""
    entries = queries.studies(current_session(), asking_member().review_id)
    rows = tables.rows(entries, Table(table))
    return render_template(
        "studies/table.html", rows=rows, table=table, warning=tables.outcome_data_warning(),
        n_warned=sum(row.entry.is_excluded_for_outcome_data_alone for row in rows), **_words(),
    )  # fmt: skip


@bp.get('/tables/<any("included", "excluded"):table>.csv')
@door(Deed.LOOK)
def table_file(slug: str, table: str) -> Response:
    """Give a table of studies as a file for spreadsheets."""
    wanted = Table(table)
    rows = tables.rows(queries.studies(current_session(), asking_member().review_id), wanted)
    text = as_csv(tables.header(wanted), (tables.cells(row, wanted) for row in rows))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-{table}-studies.csv"', "Cache-Control": "no-store"}
    return Response(text, mimetype="text/csv", headers=headers)


def index_page(refused: WorkbenchError | None = None) -> str:
    """The list, perhaps with why something was refused."""
    session, member = current_session(), asking_member()
    entries = queries.studies(session, member.review_id)
    counts = {word: len(queries.in_state(entries, state)) for word, state in STATES.items()}
    shown, word, question = _shown(entries, counts)
    page = page_of(len(shown), ON_A_PAGE)
    return render_template(
        "studies/studies.html", entries=shown[page.first : page.end], page=page, counts=counts, state=word,
        question=question, questions=reviews.questions(session, member.review_id), names_of_states=STATES,
        n_reports=sum(report.outcome is Outcome.INCLUDED for one in entries for report in one.reports),
        n_suggestions=len(suggestions(session, member.review_id, entries)), refused=refused,
        n_shown=len(shown), retracted=[one for one in entries if one.is_retracted],
        n_unseen=sum(one.n_unseen for one in entries), may_gather=may(member.roles, Deed.GATHER), **_words(),
    )  # fmt: skip


def study_page(study_id: int, refused: WorkbenchError | None = None) -> str:
    """One study that was gathered; where all its reports left, what became of it."""
    session, member = current_session(), asking_member()
    entries = queries.studies(session, member.review_id)
    entry = next((one for one in entries if one.study_id == study_id), None)
    if entry is not None:
        return _page(session, entry, entries, refused)
    if not exists(session, member.review_id, study_id):
        raise NoSuchStudy(_("There is no study %(id)s in this review.", id=study_id))
    return render_template(
        "studies/gone.html", study_id=study_id, history=history(session, member.review_id, study_id),
        may_gather=may(member.roles, Deed.GATHER), refused=refused, **_words(),
    )  # fmt: skip


def report_page(record_id: int, refused: WorkbenchError | None = None) -> str:
    """The study of a report, gathered or not, perhaps with why something was refused."""
    session, member = current_session(), asking_member()
    entries = queries.studies(session, member.review_id)
    return _page(session, _with_report(entries, record_id), entries, refused)


def suggestions_page(refused: WorkbenchError | None = None) -> str:
    """The suggestions, perhaps with why an answer was refused."""
    session, member = current_session(), asking_member()
    found = suggestions(session, member.review_id)
    return render_template(
        "studies/suggestions.html", found=found, refused=refused, may_gather=may(member.roles, Deed.GATHER), **_words()
    )


def _page(session: Session, entry: Entry, entries: Sequence[Entry], refused: WorkbenchError | None = None) -> str:
    member = asking_member()
    found = suggestions(session, member.review_id, entries)
    return render_template(
        "studies/study.html", entry=entry, refused=refused, form=request.form if refused else {},
        found=about(found, entry), apart=kept_apart(session, member.review_id, entry, entries),
        others=[one for one in entries if one.study_id and one is not entry],
        history=history(session, member.review_id, entry.study_id) if entry.study_id else [],
        warning=tables.outcome_data_warning(), may_gather=may(member.roles, Deed.GATHER), **_words(),
    )  # fmt: skip


def _with_report(entries: Iterable[Entry], record_id: int) -> Entry:
    for one in entries:
        if record_id in {report.id for report in one.reports}:
            return one
    raise NoSuchStudy(_("Record %(id)s is no report of a study in this review.", id=record_id))


def _shown(entries: Sequence[Entry], counts: Mapping[str, int]) -> tuple[Sequence[Entry], str | None, str | None]:
    """The studies that the address asks for: of one state, of one question; at first the included ones, if any are."""
    word, question = request.args.get("state"), request.args.get("question") or None
    if word not in (*STATES, "all"):
        word = "included" if counts["included"] else "all"
    shown = entries if word == "all" else queries.in_state(entries, STATES[word])
    return [one for one in shown if question is None or question in one.questions], word, question


def _words() -> dict[str, Any]:
    """What every page of this room says of states, outcomes, designs and late changes."""
    return {
        "state_words": wording.state_words(), "signs": wording.SIGNS, "outcome_words": wording.outcome_words(),
        "design_words": wording.design_words(),
        "deed_words": wording.deed_words, "citation": citation,
    }  # fmt: skip
