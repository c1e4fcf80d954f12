"""What each search run brought: the records that count, report by report, and the runs they belong to."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.protocols import queries as protocols
from workbench.protocols.models import SearchRun
from workbench.records import queries as records
from workbench.records.models import Record

Member = tuple[int, int]
"""A record and its import, both by their id."""


def runs_of_imports(session: Session, review_id: int) -> dict[int, list[SearchRun]]:
    """The runs that the records of each import belong to: the one that brought them, then those that share the file."""
    runs = {run.id: run for run in protocols.runs(session, review_id)}
    imports = records.standing_imports(session, review_id)
    found = {one.id: [runs[one.run_id]] for one in imports if one.same_as_id is None}
    for one in imports:
        if one.same_as_id in found and runs[one.run_id] not in found[one.same_as_id]:
            found[one.same_as_id].append(runs[one.run_id])
    return found


def reports(session: Session, review_id: int) -> Mapping[int, Sequence[Member]]:
    """Every report by its kept record, with its records in the order in which they arrived."""
    wanted = deduplication.clusters(review_id).add_columns(Record.import_id).order_by(Record.id)
    found: dict[int, list[Member]] = {}
    for record_id, kept_id, import_id in session.execute(wanted):
        found.setdefault(kept_id, []).append((record_id, import_id))
    return found
