"""Importing the files of a search run, and taking an import back."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from io import BytesIO
from itertools import islice
from operator import attrgetter
from typing import Any, BinaryIO

from sqlalchemy import insert
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash
from workbench.files import service as files
from workbench.files.rules import plain_name
from workbench.files.stores import Store
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.protocols import queries as protocols
from workbench.records import queries
from workbench.records.events import ImportCompleted, ImportStarted, ImportTakenBack
from workbench.records.models import Import, ImportLine, LineKind, Record
from workbench.records.rules import Item, Rejected, Stream, Unreadable, Warning_, open_reading
from workbench.records.service import decisions
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, allowed
from workbench.words import _

KIND = "records:import"
LONGEST_TEXT = 400
"""Characters of a rejected line that are kept to be shown; the file itself keeps all of it."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AS_COLUMNS = tuple(column.key for column in Record.__table__.columns if column.key in Item.__slots__)
_columns_of = attrgetter(*_AS_COLUMNS)


class SameFile(Clash):
    """One file brings its records into a review once."""

    hint = (
        "Nothing was changed. If a second search brought the same file, say that it belongs to this run too: "
        "then no record is added."
    )


class TakenBack(Clash):
    """An import is taken back once."""


class StillRunning(Clash):
    """An import can be taken back or tried again once no work on it is under way."""

    hint = "Wait until it is complete, then look again."


class NotStuck(Clash):
    """Only an import that failed is tried again."""


def start_import(
    session: Session,
    store: Store,
    member: Member,
    run_id: int,
    file_name: str,
    data: bytes | BinaryIO,
    columns: Mapping[str, str] | None = None,
    *,
    part: str | None = None,
    also_another_run: bool = False,
) -> tuple[Import, Job | None]:
    """Take one file of a search run in: check that it can be read, keep it, and put the reading on the list of jobs.

    A file whose records another run brought already is noted for this run too where that is said
    (`also_another_run`); then there is no job, since no record is added. Where the database caps its export, `part`
    says which of the hits the file holds, such as "1-10000". The import keeps the protocol version in force.
    An open file is never held in memory.

    Raises:
        Unreadable: it holds no records; nothing was stored.
        SameFile: its records are in this review already.
    """
    allowed(member.roles, Deed.IMPORT)
    run = protocols.run_of(session, member.review_id, run_id)
    file = BytesIO(data) if isinstance(data, bytes) else data
    sha256, name = _fingerprint(file), plain_name(file_name)
    earlier = queries.standing_file(session, member.review_id, sha256)
    if earlier is not None:
        _refuse_twice(session, earlier, run.id, name, said=also_another_run)
        return _import(session, member, run.id, sha256, name, columns, part, same_as=earlier), None
    check_readable(file, name, columns)
    files.keep(session, store, file, "application/octet-stream")
    the_import = _import(session, member, run.id, sha256, name, columns, part)
    return the_import, _submit(session, member, the_import)


def _fingerprint(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def check_readable(file: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> None:
    """Let a file pass in which at least one record is found; it is read up to the first.

    Raises:
        Unreadable: there is none.
    """
    try:
        next(one for one in open_reading(file, name, columns) if isinstance(one, Item))
    except Unreadable as error:
        raise Unreadable(f"{name}: {error}", error.way_out) from error


def try_again(session: Session, member: Member, import_id: int) -> Job:
    """Put an import that failed on the list of jobs once more; what is written of it stays written."""
    allowed(member.roles, Deed.IMPORT)
    arrival = queries.arrival(session, member.review_id, import_id)
    if not arrival.is_stuck:
        raise NotStuck(_("Import %(id)s did not fail.", id=import_id))
    return _submit(session, member, arrival.the_import)


def take_back(session: Session, member: Member, import_id: int) -> Import:
    """Take an import back: its records count no more, and its file may be imported again.

    Whether votes stand in the way is asked by a later room, before it calls this deed.
    """
    allowed(member.roles, Deed.IMPORT)
    arrival = queries.arrival(session, member.review_id, import_id)
    the_import = arrival.the_import
    if the_import.taken_back_at is not None:
        raise TakenBack(_("Import %(id)s was taken back already.", id=import_id))
    if the_import.completed_at is None and not arrival.is_stuck:
        raise StillRunning(_("Import %(id)s is still running.", id=import_id))
    for one in [the_import, *queries.shared_with(session, the_import)]:
        one.taken_back_at, one.taken_back_by = now(), member.id
        audit.record(session, member.review_id, member.id, ImportTakenBack(one.id))
    session.flush()
    return the_import


def drop_failed(session: Session, member: Member, import_id: int) -> Import:
    """Take back an import that failed; none of its records ever counted, so no vote can stand in the way."""
    if not queries.arrival(session, member.review_id, import_id).is_stuck:
        raise NotStuck(_("Import %(id)s did not fail.", id=import_id))
    return take_back(session, member, import_id)


def add_records(session: Session, the_import: Import, items: Sequence[Item]) -> None:
    """Write a part of an import's records, all in one statement, with the decisions that came along."""
    if items:
        session.execute(insert(Record.__table__), [_row(the_import, item) for item in items])  # type: ignore[arg-type]
        decisions.keep(session, the_import.id, items)


@dataclass(slots=True)
class Told:
    """What was said of lines while a file was read."""

    rejected: list[Rejected] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)

    def add(self, one: Rejected | Warning_) -> None:
        """Keep what was said."""
        if isinstance(one, Rejected):
            self.rejected.append(one)
        else:
            self.warnings.append(one)


def complete(session: Session, import_id: int, stream: Stream, told: Told) -> None:
    """Write what the file was like and which of its lines are no record; from now on its records count.

    Args:
        session: where to write.
        import_id: the import, all of whose records are written.
        stream: its file, read to its end and still open.
        told: what was said of lines on the way.
    """
    the_import = session.get_one(Import, import_id)
    if the_import.completed_at is not None:
        return
    if rows := _lines_told(the_import.id, stream, told, decisions.spans(session, import_id)):
        session.execute(insert(ImportLine.__table__), rows)  # type: ignore[arg-type]
    the_import.format, the_import.source = stream.format, stream.source
    the_import.encoding, the_import.lines = stream.delivered.encoding, stream.delivered.lines
    the_import.records_in_file = stream.records + len(told.rejected)
    the_import.completed_at = now()
    event = ImportCompleted(the_import.id, stream.records, len(told.rejected))
    audit.record(session, the_import.review_id, the_import.imported_by, event)


def _refuse_twice(session: Session, earlier: Import, run_id: int, name: str, *, said: bool) -> None:
    """Refuse a file that is in the review already, unless it is said to belong to a run it is not noted for yet."""
    noted = {earlier.run_id, *(one.run_id for one in queries.shared_with(session, earlier))}
    if said and run_id not in noted:
        return
    run = protocols.run_of(session, earlier.review_id, earlier.run_id)
    message = _(
        "“%(name)s” is in this review already: import %(id)s of %(date)s, for run %(run)s.",
        name=name,
        id=earlier.id,
        date=f"{earlier.started_at:%Y-%m-%d}",
        run=run.code,
    )
    raise SameFile(message, _("Nothing was changed.") if run_id in noted else None)


def _import(
    session: Session,
    member: Member,
    run_id: int,
    sha256: str,
    name: str,
    columns: Mapping[str, str] | None,
    part: str | None = None,
    same_as: Import | None = None,
) -> Import:
    the_import = Import(
        review_id=member.review_id,
        run_id=run_id,
        protocol_version_id=protocols.version_in_force(session, member.review_id).id,
        part=_CONTROL.sub(" ", part or "").strip()[:200] or None,
        sha256=sha256,
        file_name=name,
        columns=dict(columns) if columns else None,
        imported_by=member.id,
        started_at=now(),
    )
    if same_as is not None:
        the_import.same_as_id, the_import.completed_at = same_as.id, now()
    session.add(the_import)
    session.flush()
    event = ImportStarted(the_import.id, run_id, sha256, the_import.same_as_id)
    audit.record(session, member.review_id, member.id, event)
    return the_import


def _submit(session: Session, member: Member, the_import: Import) -> Job:
    job = jobs.submit(session, KIND, {"import_id": the_import.id}, review_id=member.review_id, started_by=member.id)
    the_import.job_id = job.id
    session.flush()
    return job


def _row(the_import: Import, item: Item) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(_AS_COLUMNS, _columns_of(item), strict=True))
    if "\x00" in "".join([value for value in row.values() if isinstance(value, str)]):
        row = {name: _storable(value) for name, value in row.items()}
    row["review_id"], row["import_id"] = the_import.review_id, the_import.id
    row["first_line"], row["last_line"] = item.lines
    return row


def _storable(value: Any) -> Any:
    """The value without the one character that no database keeps in a text."""
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value


@dataclass(slots=True)
class _Span:
    """Lines that deserve a word, and the beginning of what stands in them."""

    kind: LineKind
    first: int
    last: int
    reason: str
    lines: list[str] = field(default_factory=list)
    size: int = 0
    is_blank: bool = True

    def take(self, line: str) -> None:
        """Look at one of the lines; what is needed of it is kept."""
        self.is_blank = self.is_blank and (not line or line.isspace())
        if self.size <= LONGEST_TEXT:
            self.lines.append(line[:LONGEST_TEXT])
            self.size += len(self.lines[-1]) + 1

    def text(self) -> str:
        """Return the beginning of the lines, short enough to show."""
        whole = "\n".join(self.lines)
        cut = whole if len(whole) <= LONGEST_TEXT else whole[: LONGEST_TEXT - 1] + "…"
        return str(_storable(cut))


def _lines_told(import_id: int, stream: Stream, told: Told, judged: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Rows for all lines that are no record or deserve a word; ranges of blank lines hold nothing to tell.

    Of a record on which decisions came along (`judged`) no text is kept here, since anybody may read it (B1).
    """
    warnings = stream.about_text() + told.warnings
    spans = [_Span(LineKind.REJECTED, one.line, one.last_line, one.reason) for one in told.rejected]
    spans += [_Span(LineKind.WARNING, one.line, one.line, one.reason) for one in warnings]
    spans.sort(key=_first)
    skipped = (_Span(LineKind.SKIPPED, first, last, _("No record begins here.")) for first, last in stream.skipped())
    return [
        {
            "import_id": import_id,
            "kind": one.kind,
            "line": one.first,
            "last_line": one.last,
            "reason": _storable(one.reason),
            "text": "" if _is_within(one.first, judged) else one.text(),
        }
        for one in _filled(merge(spans, skipped, key=_first), stream.delivered.each_line())
        if one.kind is not LineKind.SKIPPED or not one.is_blank
    ]


def _is_within(line: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a line stands in one of these ranges, which are sorted and do not overlap."""
    at = bisect_right(spans, line, key=lambda span: span[0])
    return at > 0 and line <= spans[at - 1][1]


def _first(span: _Span) -> int:
    return span.first


def _filled(spans: Iterator[_Span], lines: Iterator[str]) -> Iterator[_Span]:
    """Show each span, in the order of their first lines, the lines it is about; hand it out when it has them all."""
    number, following = 0, next(spans, None)
    here: list[_Span] = []
    while here or following:
        if following and not here and following.first > number + 1:
            between = following.first - number - 1
            next(islice(lines, between, between), None)
            number += between
        line = next(lines, None)
        if line is None:
            break
        number += 1
        while following and following.first <= number:
            here.append(following)
            following = next(spans, None)
        for one in here:
            one.take(line)
        yield from (one for one in here if one.last <= number)
        here = [one for one in here if one.last > number]
    yield from (*here, *((following,) if following else ()), *spans)
