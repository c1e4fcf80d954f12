"""Reading what other screening tools decided. Whether it may be shown is asked of a later room."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workbench.records.models import ImportedDecision, Record


def imported_decisions(session: Session, record_id: int) -> Sequence[ImportedDecision]:
    """What came along with a record, in the order of its file, then of any log."""
    wanted = select(ImportedDecision).where(ImportedDecision.record_id == record_id)
    return session.scalars(wanted.order_by(ImportedDecision.position)).all()


def places(found: Iterable[ImportedDecision]) -> set[tuple[str, int]]:
    """Tags and lines of the record's own file where judgement of others stands, to be left out of what anybody sees."""
    return {(one.tag, one.line) for one in found if one.log_sha256 is None}


def records_with_decisions(session: Session, import_id: int) -> int:
    """On how many records of an import decisions came along."""
    wanted = select(func.count(func.distinct(ImportedDecision.record_id)))
    wanted = wanted.join(Record, Record.id == ImportedDecision.record_id).where(Record.import_id == import_id)
    return session.scalar(wanted) or 0
