"""Amendments and the records they may concern, and the protocol as a file with all that came of it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from workbench.protocols import queries as protocols
from workbench.protocols.models import ProtocolVersion
from workbench.protocols.rules import Change, differences
from workbench.protocols.writers import RunLog, with_log
from workbench.records import queries as records
from workbench.records.queries import Arrival, Balance
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, Stage
from workbench.screening.queries import amendments as queries
from workbench.screening.queries.limits import a_page
from workbench.web.transactions import current_session
from workbench.words import _

bp = Blueprint("amendments", __name__, url_prefix="/reviews/<slug>")


@bp.app_template_global()
def judged_before(version: ProtocolVersion, changes: Sequence[Change]) -> list[tuple[Stage, int]]:
    """For each stage that an amendment touches, how many records were judged before it; stages without any left out."""
    counts = [
        (stage, queries.n_judged_earlier(current_session(), version, stage))
        for stage in queries.stages_touched(changes)
    ]
    return [(stage, n) for stage, n in counts if n]


@bp.app_template_global()
def moment_of_amendment(version: ProtocolVersion) -> str:
    """Whether an amendment came before, during or after screening, in words."""
    words = {
        "before_screening": _("before screening"),
        "during_screening": _("during screening"),
        "after_screening": _("after screening"),
    }
    return words[queries.moment_of(current_session(), version)]


@bp.get('/protocol/versions/<int:number>/affected/<any("title-abstract", "full-text"):stage>')
@door(Deed.LOOK)
def affected(slug: str, number: int, stage: str) -> str:
    """List the open records that were judged before an amendment; of the others only how many there are (B1)."""
    session, review_id = current_session(), asking_member().review_id
    version = protocols.version_number(session, review_id, number)
    found = queries.affected(session, version, Stage(stage))
    return render_template(
        "screening/affected.html",
        version=version,
        stage=Stage(stage),
        found=found,
        removed=queries.n_removed_earlier(session, version) if stage == Stage.TITLE_ABSTRACT else 0,
        page=a_page(session, found.open_ids, request.args.get("page", 1, type=int)),
        changes=_changes(session, version),
    )


@bp.get("/protocol.yaml")
@door(Deed.LOOK)
def protocol_file(slug: str) -> Response:
    """Give the protocol in force as a file, with what every run brought and every amendment written into it."""
    session, review_id = current_session(), asking_member().review_id
    source = protocols.version_in_force(session, review_id).source
    text = with_log(source, _log(session, review_id), list(_amendments(session, review_id)))
    headers = {"Content-Disposition": f'attachment; filename="{slug}.yaml"'}
    return Response(text, mimetype="application/yaml", headers=headers)


def _changes(session: Session, version: ProtocolVersion) -> list[Change]:
    """What a version changed; nothing for the first one."""
    if version.number == 1:
        return []
    before = protocols.version_number(session, version.review_id, version.number - 1)
    return differences(before.document, version.document)


def _amendments(session: Session, review_id: int) -> Iterator[dict[str, str]]:
    """Every change of every amendment, the oldest first, as the protocol file says it."""
    oldest_first = list(reversed(protocols.versions(session, review_id)))
    for (earlier, _by), (version, member) in pairwise(oldest_first):
        stage = queries.moment_of(session, version)
        for change in differences(earlier.document, version.document):
            said = {"before": change.before, "after": change.after}
            yield {
                "date": f"{version.registered_at:%Y-%m-%d}",
                "what": change.what,
                "why": version.reason or "",
                "path": change.place,
                **{key: text for key, text in said.items() if text is not None},
                "by": member.name,
                "stage": stage,
            }


def _log(session: Session, review_id: int) -> Mapping[str, RunLog]:
    """What every run brought, as the protocol file says it."""
    arrived = [one for one in records.arrivals(session, review_id) if one.counts]
    lines = protocols.line_hits(session, review_id)
    return {
        one.run.code: _run_log(one, [each for each in arrived if each.run.id == one.run.id], lines.get(one.run.id, {}))
        for one in records.balances(session, review_id)
    }


def _run_log(one: Balance, arrived: Sequence[Arrival], lines: Mapping[str, int]) -> RunLog:
    return RunLog(
        source=one.run.source,
        searched_on=one.run.searched_on,
        hits=one.hits,
        imports=[_logged(each) for each in arrived],
        difference=one.difference if one.is_explained else None,
        reason=one.explanation.reason if one.explanation else None,
        lines=lines,
    )


def _logged(one: Arrival) -> dict[str, Any]:
    of = one.the_import
    return {
        "file": of.file_name,
        "sha256": of.sha256,
        "format": of.format or _("as in the other run"),
        **({"part": of.part} if of.part else {}),
        "records_in_file": of.records_in_file or 0,
        "records_imported": one.records,
        "records_rejected": one.rejected,
    }
