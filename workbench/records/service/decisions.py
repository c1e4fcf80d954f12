"""Keeping what other screening tools decided beside the records: with their file, or from a log of its own."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.errors import Clash
from workbench.files import service as files
from workbench.files.stores import Store
from workbench.records import queries
from workbench.records.events import DecisionsAdded
from workbench.records.models import Import, ImportedDecision, Record
from workbench.records.rules import Item, decisions
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

AT_ONCE = 500
"""How many records are looked at between two questions to the database."""

_ARTICLE = re.compile(r"rayyan-(\d+)")
_KEYS = ("key", "AN", "ID")


class SameLog(Clash):
    """A log is added to an import once."""

    hint = "Nothing was changed."


class NoSuchArticles(Clash):
    """A log belongs to the import that brought its articles."""

    hint = "Nothing was changed. Choose the import of the file that Rayyan exported together with this log."


def keep(session: Session, import_id: int, items: Sequence[Item]) -> None:
    """Write what came along with these items, whose records were just written."""
    said = {item.number: found for item in items if (found := decisions.decisions_of(item))}
    if not said:
        return
    wanted = select(Record.number, Record.id).where(Record.import_id == import_id, Record.number.in_(said))
    ids = {row[0]: row[1] for row in session.execute(wanted)}
    rows = [row for number, found in said.items() for row in _rows(ids[number], found)]
    session.execute(insert(ImportedDecision.__table__), rows)  # type: ignore[arg-type]


def spans(session: Session, import_id: int) -> list[tuple[int, int]]:
    """Say on which lines of the file those records stand on which decisions came along, in its order."""
    judged = select(ImportedDecision.record_id)
    wanted = select(Record.first_line, Record.last_line).where(Record.import_id == import_id, Record.id.in_(judged))
    return [(row[0], row[1]) for row in session.execute(wanted.order_by(Record.first_line))]


def add_log(session: Session, store: Store, member: Member, import_id: int, data: bytes) -> DecisionsAdded:
    """Add what Rayyan's log of customisations says to the records of an import, matched by Rayyan's own numbers.

    Raises:
        Unreadable: it is no such log.
        SameLog: it was added before.
        NoSuchArticles: none of its articles came with this import.
    """
    allowed(member.roles, Deed.IMPORT)
    the_import = queries.import_of(session, member.review_id, import_id)
    sha256 = hashlib.sha256(data).hexdigest()
    said = decisions.of_log(decisions.log_rows(data))
    if session.scalar(_so_far(the_import).where(ImportedDecision.log_sha256 == sha256)):
        raise SameLog(_("This log was added to import %(id)s before.", id=import_id))
    found = {record_id: said[article] for record_id, article in _articles(session, the_import) if article in said}
    if not found:
        raise NoSuchArticles(_("No article of this log came with import %(id)s.", id=import_id))
    files.keep(session, store, data, "text/csv")
    rows = list(_after_those_before(session, the_import, found, sha256))
    session.execute(insert(ImportedDecision.__table__), rows)  # type: ignore[arg-type]
    event = DecisionsAdded(import_id, sha256, len(found), len(rows), len(said) - len(found))
    audit.record(session, member.review_id, member.id, event)
    session.flush()
    return event


def _so_far(the_import: Import) -> Any:
    """How many decisions the records of an import carry."""
    wanted = select(func.count(ImportedDecision.id)).join(Record, Record.id == ImportedDecision.record_id)
    return wanted.where(Record.import_id == the_import.id)


def _articles(session: Session, the_import: Import) -> Iterator[tuple[int, str]]:
    """Hand out Rayyan's number of each record that has one."""
    wanted = select(Record.id, Record.raw).where(Record.import_id == the_import.id).order_by(Record.id)
    for record_id, raw in session.execute(wanted.execution_options(yield_per=AT_ONCE)):
        numbers = (_ARTICLE.match(value) for tag, value, _line in raw if tag in _KEYS)
        if number := next(filter(None, numbers), None):
            yield record_id, number[1]


def _after_those_before(
    session: Session, the_import: Import, found: dict[int, list[decisions.ImportedDecision]], sha256: str
) -> Iterator[dict[str, Any]]:
    """Number what is new after what each record carries already."""
    last = select(ImportedDecision.record_id, func.max(ImportedDecision.position))
    last = last.join(Record, Record.id == ImportedDecision.record_id).where(Record.import_id == the_import.id)
    before = {row[0]: row[1] for row in session.execute(last.group_by(ImportedDecision.record_id))}
    for record_id, said in found.items():
        yield from _rows(record_id, said, after=before.get(record_id, 0), log_sha256=sha256)


def _rows(
    record_id: int, said: Sequence[decisions.ImportedDecision], *, after: int = 0, log_sha256: str | None = None
) -> Iterator[dict[str, Any]]:
    for position, one in enumerate(said, after + 1):
        told = {name: _storable(value) for name, value in asdict(one).items() if name != "text"}
        yield told | {"record_id": record_id, "position": position, "log_sha256": log_sha256}


def _storable(value: Any) -> Any:
    """The value without the one character that no database keeps in a text."""
    return value.replace("\x00", "") if type(value) is str else value
