"""The home page of a review: where it stands, what is mine, what holds it up, what happened lately."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app, render_template
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.protocols import queries as protocols
from workbench.protocols.rules import plan_of
from workbench.protocols.writers import independence_warning, stage_words
from workbench.records import queries as records
from workbench.reporting import queries
from workbench.reporting.queries import Counted
from workbench.reporting.queries.boxes import conflicts
from workbench.reporting.queries.trail import lately
from workbench.reporting.views.steps import address, steps
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage, may
from workbench.reviews.views import AskWaiting
from workbench.screening.queries.votes import is_running
from workbench.studies import queries as studies
from workbench.web.pages import number
from workbench.web.transactions import current_session
from workbench.words import _, several


@dataclass(frozen=True)
class Hurdle:
    """Something that keeps the review from moving, why it does, and where to deal with it."""

    what: str
    why: str
    url: str


@dataclass(frozen=True)
class Rules:
    """The rules of a stage in words."""

    stage: Stage
    name: str
    words: list[str]
    warning: str | None
    is_open: bool


@door(Deed.LOOK)
def overview(slug: str) -> str:
    """Show where the review stands."""
    session, member = current_session(), asking_member()
    ask: AskWaiting = current_app.extensions["workbench.waiting"]
    found = queries.counted(session, member.review_id, queries.scope_of(session, member.review_id))
    balances = [one for one in records.balances(session, member.review_id) if one.unexplained]
    version = protocols.version_in_force(session, member.review_id)
    return render_template(
        "reporting/overview.html",
        lede=_lede(found), waiting=ask(session, member), version=version,
        flow_steps=list(steps(found, member, version.number, len(balances), _by_person(session, member))),
        hurdles=[*_hurdles(found, balances, member), *_closed(session, found, member), *_late_changes(session, member)],
        lately=lately(session, member.review_id),
        rules=_rules(session, member.review_id, version.document), is_empty=not found.scope.arrivals,
        may_import=may(member.roles, Deed.IMPORT), may_read_trail=may(member.roles, Deed.READ_TRAIL),
    )  # fmt: skip


def _by_person(session: Session, member: Member) -> int:
    """How many of the removed records a person joined to another; the engine joined the rest."""
    return sum(one.by_person for one in deduplication.by_source(session, member.review_id))


def _lede(found: Counted) -> str:
    """Say in one sentence how far the review is."""
    screened, undecided = found.both("screened"), found.both("undecided")
    if not screened:
        return _("No record is here yet: the review begins with its searches.")
    if undecided:
        return _("Title and abstract screening is %(share)s %% decided. %(open)s of %(all)s records are open.",
                 share=100 * (screened - undecided) // screened, open=number(undecided),
                 all=number(screened))  # fmt: skip
    if awaited := found.both("awaited"):
        said = _("Titles and abstracts are decided. %(open)s of %(all)s reports are still sought.")
        return said % {"open": number(awaited), "all": number(found.both("sought"))}
    if unread := found.both("open"):
        said = _("All full texts are here or given up. %(open)s of %(all)s wait for an outcome.")
        return said % {"open": number(unread), "all": number(found.both("assessed"))}
    return several(found.n("new_reports"), _("Every record has an outcome. 1 report is included."),
                   _("Every record has an outcome. %(n)s reports are included."))  # fmt: skip


def _hurdles(found: Counted, balances: list[records.Balance], member: Member) -> Iterator[Hurdle]:
    """What keeps the review from moving, in the order of its steps; conflicts are open to all by their nature."""
    yield from (_unexplained(one, member) for one in balances)
    if n := found.n("duplicates_waiting"):
        what = several(n, _("1 pair of records waits for an answer"), _("%(n)s pairs of records wait for an answer"))
        why = _("Screening can go on; the diagram stays a draft.")
        yield Hurdle(what, why, address("deduplication.pairs", member))
    for stage in Stage:
        if n := found.n(conflicts(stage)):
            yield _in_conflict(stage, n, member)
    if n := found.both("awaited"):
        what = several(n, _("1 report is still sought"), _("%(n)s reports are still sought"))
        why = _("Each needs its full text, or the reason why there is none.")
        yield Hurdle(what, why, address("retrieval.reports", member))


def _closed(session: Session, found: Counted, member: Member) -> Iterator[Hurdle]:
    """Stages at which something is undecided and nobody can vote."""
    undecided = {Stage.TITLE_ABSTRACT: found.both("undecided"), Stage.FULL_TEXT: found.both("open")}
    named = {
        Stage.TITLE_ABSTRACT: _("Title and abstract is not open for votes"),
        Stage.FULL_TEXT: _("Full-text screening is not open for votes"),
    }
    for stage, n in undecided.items():
        if n and not is_running(session, member.review_id, stage):
            url = address("stages.stage", member, stage=stage.value)
            yield Hurdle(named[stage], _("The lead opens it; then its records come to those who vote."), url)


def _late_changes(session: Session, member: Member) -> Iterator[Hurdle]:
    """Retractions, concerns and errata of reports that nobody has looked at."""
    if n := studies.unseen_changes(session, member.review_id):
        what = several(n, _("1 late change waits for a look"), _("%(n)s late changes wait for a look"))
        why = _("A retraction or an erratum may change what the study counts for.")
        yield Hurdle(what, why, address("studies.index", member))


def _unexplained(one: records.Balance, member: Member) -> Hurdle:
    what = _("%(source)s, %(run)s: %(hits)s hits, %(imported)s imported", source=one.run.source_name,
             run=one.run.code, hits=number(one.hits), imported=number(one.imported))  # fmt: skip
    why = _("%(n)s rejected; the rest needs an explanation before the run counts as complete.", n=one.rejected)
    return Hurdle(what, why, address("records.searches", member))


def _in_conflict(stage: Stage, n: int, member: Member) -> Hurdle:
    what = {
        Stage.TITLE_ABSTRACT: (_("1 conflict at title and abstract"), _("%(n)s conflicts at title and abstract")),
        Stage.FULL_TEXT: (_("1 conflict at full text"), _("%(n)s conflicts at full text")),
    }[stage]
    why = _("The votes differ; consensus or a third person settles it.")
    return Hurdle(several(n, *what), why, address("conflicts.index", member, stage=stage.value))


def _rules(session: Session, review_id: int, document: dict[str, object]) -> list[Rules]:
    """The rules of both stages in words, as the protocol in force has them."""
    names = {Stage.TITLE_ABSTRACT: _("Title and abstract"), Stage.FULL_TEXT: _("Full text")}
    return [
        Rules(stage, names[stage], stage_words(rule), independence_warning(rule), is_running(session, review_id, stage))
        for stage, rule in plan_of(document).stages.items()
    ]
