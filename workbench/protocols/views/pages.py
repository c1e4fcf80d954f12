"""Beginning a review from its protocol, and the protocol's page."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as Answer

from workbench.errors import Clash, Invalid, WorkbenchError
from workbench.protocols import queries, service, writers
from workbench.protocols.formats import LARGEST_FILE
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import (
    Change,
    InvalidProtocol,
    Plan,
    Problem,
    Run,
    Source,
    Step,
    UnresolvedLine,
    differences,
    final_line,
    line_name,
    resolved,
    unresolved,
    unused,
)
from workbench.protocols.views.blueprint import bp
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, may
from workbench.web.access import signed_in
from workbench.web.transactions import current_session, transaction
from workbench.words import _


class NoFile(Invalid):
    """An upload carries a file."""

    hint = "Choose the protocol's YAML file, then send it."


@dataclass(frozen=True)
class Refused:
    """Why an upload was not taken: in one sentence, or line by line."""

    message: str
    hint: str
    problems: list[Problem]
    status: int


@dataclass(frozen=True)
class Row:
    """One version as the page lists it: who registered it, and what it changed."""

    version: ProtocolVersion
    member: Member
    changed: list[Change]


@dataclass(frozen=True)
class FinalQuery:
    """The final line of a run written out, or why it cannot be; and what the protocol's page says of each line."""

    line: int | str | None
    text: str
    trouble: str
    said: dict[str, list[str]]


@bp.get("/reviews/new")
@signed_in
def begin() -> str:
    """Show how a review begins: in the editor, from a file, or with the set-up of another review."""
    return _begin_page(None)


def _begin_page(refused: "Refused | None") -> str:
    session, user_id = current_session(), current_user.id
    return render_template(
        "protocols/begin.html",
        refused=refused,
        drafts=queries.own_drafts(session, user_id),
        mine=reviews.memberships(session, user_id),
    )


@bp.post("/reviews/new")
@signed_in
def begin_from_file() -> Answer | tuple[str, int]:
    """Begin a review from an uploaded protocol."""
    try:
        with transaction() as session:
            member = service.begin(session, current_user._get_current_object(), *upload())
            slug = member.review.slug
    except (Invalid, Clash) as error:
        refused = refusal(error)
        return _begin_page(refused), refused.status
    flash(_("The review has begun. Its protocol is in force as version 1."))
    return redirect(url_for(".protocol", slug=slug), 303)


@bp.get("/reviews/<slug>/protocol")
@door(Deed.LOOK)
def protocol(slug: str) -> str:
    """Show the protocol in force, readably, with its versions."""
    return _page(None)


@bp.post("/reviews/<slug>/protocol")
@door(Deed.AMEND_PROTOCOL)
def amend(slug: str) -> Answer | tuple[str, int]:
    """Put a new version in force, with its reason."""
    try:
        with transaction() as session:
            version = service.amend(session, asking_member(), *upload(), request.form.get("reason", ""))
    except (Invalid, Clash) as error:
        refused = refusal(error)
        return _page(refused), refused.status
    flash(_("Version %(n)s of the protocol is in force.", n=version.number))
    return redirect(url_for(".protocol", slug=slug), 303)


@bp.get("/reviews/<slug>/protocol/versions/<int:number>.yaml")
@door(Deed.LOOK)
def version_file(slug: str, number: int) -> Response:
    """Give one version as it was uploaded."""
    version = queries.version_number(current_session(), asking_member().review_id, number)
    return yaml_file(version.source, f"{slug}-version-{number}.yaml")


def yaml_file(text: str, name: str) -> Response:
    """A protocol as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="application/yaml", headers=headers)


def upload() -> tuple[bytes, str]:
    """The file of this request, and its name; no more of it than is needed to see that it is too large."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise NoFile(_("No file was chosen."))
    return file.read(LARGEST_FILE + 1), file.filename


def refusal(error: WorkbenchError) -> Refused:
    """Why something was not taken, with what does not hold line by line where a file was read."""
    problems = error.problems if isinstance(error, InvalidProtocol) else []
    return Refused(str(error), error.way_out, problems, 409 if isinstance(error, Clash) else 422)


def _page(refused: Refused | None) -> str:
    session, member = current_session(), asking_member()
    rows = _rows(queries.versions(session, member.review_id))
    plan = queries.plan_in_force(session, member.review_id)
    return render_template(
        "protocols/protocol.html",
        plan=plan,
        rows=rows,
        refused=refused,
        searched=_searched(plan),
        final_queries={run.id: _final_query(run) for _step, _source, run in plan.runs() if run.strategy},
        line_name=line_name,
        stages=[(rule, writers.stage_words(rule), writers.independence_warning(rule)) for rule in plan.stages.values()],
        runs={run.code: run for run in queries.runs(session, member.review_id)},
        hits=queries.hits(session, member.review_id),
        line_hits=queries.line_hits(session, member.review_id),
        draft=queries.open_draft(session, member.review_id),
        aside=queries.laid_aside(session, rows[0].version),
        may_draft=may(member.roles, Deed.DRAFT_PROTOCOL),
        reason=request.form.get("reason", ""),
        may_amend=may(member.roles, Deed.AMEND_PROTOCOL),
    )


def _final_query(run: Run) -> FinalQuery:
    lines, final = run.strategy or (), final_line(run)
    said: dict[str, list[str]] = {}
    for loose in unresolved(lines):
        words = _("leads back to itself") if loose.is_circle else _("there is no line %(n)s", n=loose.to)
        said.setdefault(loose.line, []).append(words)
    for name in unused(lines, run.final_line) if run.final_line is not None else ():
        said.setdefault(name, []).append(_("not used by the final line"))
    try:
        return FinalQuery(final, resolved(lines, final) if final is not None else "", "", said)
    except UnresolvedLine as error:
        return FinalQuery(final, "", str(error), said)


def _rows(versions: Any) -> list[Row]:
    """The versions, newest first, each with what differs from the one before."""
    found = list(versions)
    earlier = [version.document for version, _member in found[1:]] + [None]
    return [
        Row(version, member, differences(before, version.document) if before else [])
        for (version, member), before in zip(found, earlier, strict=True)
    ]


def _searched(plan: Plan) -> list[tuple[Source, dict[str, tuple[Step, Source]]]]:
    """Sources as the reader knows them, by name and lane, with the source that each step means by it."""
    found: dict[tuple[str, str], tuple[Source, dict[str, tuple[Step, Source]]]] = {}
    for step, source in plan.sources():
        _first, steps = found.setdefault((source.name, source.lane), (source, {}))
        steps[step.id] = (step, source)
    return list(found.values())
