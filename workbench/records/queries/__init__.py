"""Reading imports, their balance, and the records that count."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Text, cast, func, or_, select
from sqlalchemy.orm import Session, undefer

from workbench.errors import NotFound
from workbench.jobs.models import Job
from workbench.jobs.rules import MOST_ATTEMPTS
from workbench.protocols import queries as protocols
from workbench.protocols.models import Explanation, SearchRun
from workbench.records.models import Import, ImportLine, LineKind, Record
from workbench.records.rules import Item
from workbench.records.rules.own import LISTS, SINGLE
from workbench.reviews.models import Member
from workbench.words import _

ON_A_PAGE = 50
AT_ONCE = 1000
"""How many records are fetched with one question for an export."""

_CANONICAL = (Record.id, Record.number, *(getattr(Record, name) for name in ("year", *SINGLE, *LISTS)))


class NoSuchImport(NotFound):
    """An import belongs to one review, and is known there by its number."""


class NoSuchRecord(NotFound):
    """A record belongs to one review, and is known there by its number."""


@dataclass(frozen=True)
class Balance:
    """Whether everything of one run arrived (R16): hits = imported + rejected + explained difference.

    `elsewhere` counts records that a file of this run shares with another run, where they were imported.
    """

    run: SearchRun
    hits: int | None
    files: int
    imported: int
    rejected: int
    elsewhere: int
    explanation: Explanation | None

    @property
    def in_files(self) -> int:
        """How many records the files of this run hold."""
        return self.imported + self.rejected + self.elsewhere

    @property
    def difference(self) -> int | None:
        """Hits that are in no file of this run; below 0 where the files hold more. None while no hits are reported."""
        return None if self.hits is None else self.hits - self.in_files

    @property
    def is_explained(self) -> bool:
        """Whether somebody said why exactly this many are missing or too many."""
        return self.explanation is not None and self.explanation.difference == self.difference

    @property
    def unexplained(self) -> int:
        """The difference that nobody explained yet; 0 also while nothing can be said."""
        return 0 if self.is_explained or self.difference is None else self.difference

    @property
    def is_complete(self) -> bool:
        """Whether the run holds: hits are known, a file was imported (or there was no hit), no difference is open."""
        return self.hits is not None and bool(self.files or not self.hits) and not self.unexplained


@dataclass(frozen=True)
class Arrival:
    """One import with what is counted of it."""

    the_import: Import
    run: SearchRun
    member: Member
    job: Job | None
    records: int
    rejected: int

    @property
    def counts(self) -> bool:
        """Whether its records count: it is complete and was not taken back."""
        return self.the_import.completed_at is not None and self.the_import.taken_back_at is None

    @property
    def is_stuck(self) -> bool:
        """Whether it is not complete and no worker will try again by itself."""
        if self.the_import.completed_at or self.the_import.taken_back_at:
            return False
        return self.job is None or self.job.finished_at is not None or self.job.attempts >= MOST_ATTEMPTS

    @property
    def is_under_way(self) -> bool:
        """Whether a worker is at it or will be."""
        return not (self.the_import.completed_at or self.the_import.taken_back_at or self.is_stuck)


@dataclass(frozen=True)
class Wanted:
    """Which records are looked for: by text, import, run, or by what they lack ("abstract", "identifier")."""

    text: str = ""
    import_id: int | None = None
    run_id: int | None = None
    without: str = ""


@dataclass(frozen=True)
class Page:
    """One page of the records found; pages are numbered from 1."""

    rows: Sequence[Record]
    total: int
    number: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.total // ON_A_PAGE))


def counts_now() -> tuple[ColumnElement[bool], ...]:
    """Conditions on Import under which its records count: complete, and not taken back."""
    return Import.completed_at.is_not(None), Import.taken_back_at.is_(None)


def standing_imports(session: Session, review_id: int) -> Sequence[Import]:
    """The imports whose records count, in the order they were started."""
    return session.scalars(select(Import).where(Import.review_id == review_id, *counts_now()).order_by(Import.id)).all()


def import_of(session: Session, review_id: int, import_id: int) -> Import:
    """One import of this review."""
    found = session.get(Import, import_id)
    if found is None or found.review_id != review_id:
        raise NoSuchImport(_("There is no import %(id)s in this review.", id=import_id))
    return found


def standing_file(session: Session, review_id: int, sha256: str) -> Import | None:
    """The import that brought the records of this file, unless it was taken back."""
    return session.scalar(
        select(Import).where(
            Import.review_id == review_id,
            Import.sha256 == sha256,
            Import.taken_back_at.is_(None),
            Import.same_as_id.is_(None),
        )
    )


def shared_with(session: Session, the_import: Import) -> Sequence[Import]:
    """Standing imports of other runs that say their file is this one."""
    wanted = select(Import).where(Import.same_as_id == the_import.id, Import.taken_back_at.is_(None))
    return session.scalars(wanted.order_by(Import.id)).all()


def records_so_far(session: Session, import_id: int) -> int:
    """How many records of this import are written; they are numbered without a gap."""
    return session.scalar(select(func.max(Record.number)).where(Record.import_id == import_id)) or 0


def arrivals(session: Session, review_id: int) -> list[Arrival]:
    """Every import of the review with its counts, in the order they were started, those taken back included."""
    rows = session.execute(
        select(Import, SearchRun, Member, Job)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .join(Member, Member.id == Import.imported_by)
        .outerjoin(Job, Job.id == Import.job_id)
        .where(Import.review_id == review_id)
        .order_by(Import.id)
    ).unique()
    records, rejected = _records_by_import(session, review_id), _rejected_by_import(session, review_id)
    return [Arrival(*row, records.get(row[0].id, 0), rejected.get(row[0].id, 0)) for row in rows]


def arrival(session: Session, review_id: int, import_id: int) -> Arrival:
    """One import with its counts."""
    import_of(session, review_id, import_id)
    return next(one for one in arrivals(session, review_id) if one.the_import.id == import_id)


def balances(session: Session, review_id: int) -> list[Balance]:
    """The balance of every run, in the order the runs were documented."""
    hits, reasons = protocols.hits(session, review_id), protocols.explanations(session, review_id)
    standing = [one for one in arrivals(session, review_id) if one.counts]
    return [
        _balance(run, standing, hits.get(run.id), reasons.get(run.id)) for run in protocols.runs(session, review_id)
    ]


def _balance(run: SearchRun, standing: list[Arrival], hits: int | None, explanation: Explanation | None) -> Balance:
    by_import = {one.the_import.id: one for one in standing}
    files = [one for one in standing if one.run.id == run.id]
    shared = [by_import[one.the_import.same_as_id] for one in files if one.the_import.same_as_id in by_import]
    return Balance(
        run,
        hits,
        len(files),
        imported=sum(one.records for one in files),
        rejected=sum(one.rejected for one in files),
        elsewhere=sum(one.records + one.rejected for one in shared),
        explanation=explanation,
    )


def balance(session: Session, review_id: int, run_id: int) -> Balance:
    """The balance of one run."""
    protocols.run_of(session, review_id, run_id)
    return next(one for one in balances(session, review_id) if one.run.id == run_id)


def records_per_run(session: Session, review_id: int) -> dict[int, int]:
    """How many records that count each run brought, by the run's id (R1, R2); runs without records are left out."""
    wanted = select(Import.run_id, func.count()).join(Record, Record.import_id == Import.id)
    wanted = wanted.where(Import.review_id == review_id, *counts_now()).group_by(Import.run_id)
    return {row[0]: row[1] for row in session.execute(wanted)}


def lines(session: Session, import_id: int, kind: LineKind, limit: int | None = None) -> Sequence[ImportLine]:
    """The lines of one kind that were told apart from the records, in the order of the file."""
    wanted = select(ImportLine).where(ImportLine.import_id == import_id, ImportLine.kind == kind)
    return session.scalars(wanted.order_by(ImportLine.line, ImportLine.id).limit(limit)).all()


def line_counts(session: Session, import_id: int) -> dict[LineKind, int]:
    """How many lines of each kind were told apart from the records."""
    wanted = select(ImportLine.kind, func.count()).where(ImportLine.import_id == import_id).group_by(ImportLine.kind)
    found = {row[0]: row[1] for row in session.execute(wanted)}
    return {kind: found.get(kind, 0) for kind in LineKind}


def records_page(session: Session, review_id: int, wanted: Wanted, number: int = 1) -> Page:
    """One page of the records that count, in the order they arrived."""
    found = _found(review_id, wanted)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    number = min(max(1, number), max(1, -(-total // ON_A_PAGE)))
    ids = found.order_by(Record.id).offset((number - 1) * ON_A_PAGE).limit(ON_A_PAGE)
    rows = session.scalars(select(Record).where(Record.id.in_(ids)).order_by(Record.id)).all()
    return Page(rows, total, number)


def count_records(session: Session, review_id: int, wanted: Wanted | None = None) -> int:
    """How many records that count there are, all or those looked for."""
    return session.scalar(select(func.count()).select_from(_found(review_id, wanted or Wanted()).subquery())) or 0


def each_record(session: Session, review_id: int, wanted: Wanted) -> Iterator[tuple[int, Item]]:
    """Every record that counts, or of those looked for, in canonical form by its id, in the order they arrived."""
    ids, after = _found(review_id, wanted), 0
    while some := session.scalars(ids.where(Record.id > after).order_by(Record.id).limit(AT_ONCE)).all():
        yield from canonical(session, some)
        after = some[-1]


def canonical(session: Session, record_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    """These records in canonical form, each by its id, in the order of their ids; not many at once."""
    wanted = select(*_CANONICAL).where(Record.id.in_(record_ids)).order_by(Record.id)
    for record_id, number, *values in session.execute(wanted):
        told = dict(zip(("year", *SINGLE, *LISTS), values, strict=True))
        yield record_id, Item(number=number, lines=(0, 0), **told)


def record_of(session: Session, review_id: int, record_id: int, *, raw: bool = False) -> Record:
    """One record of this review; with every tag as delivered where asked."""
    options = [undefer(Record.raw)] if raw else []
    found = session.get(Record, record_id, options=options)
    if found is None or found.review_id != review_id:
        raise NoSuchRecord(_("There is no record %(id)s in this review.", id=record_id))
    return found


def _found(review_id: int, wanted: Wanted) -> Select[int]:
    found = select(Record.id).join(Import, Import.id == Record.import_id)
    found = found.where(Record.review_id == review_id, *counts_now())
    if wanted.import_id is not None:
        found = found.where(Record.import_id == wanted.import_id)
    if wanted.run_id is not None:
        found = found.where(Import.run_id == wanted.run_id)
    if wanted.without == "abstract":
        found = found.where(Record.abstract.is_(None))
    if wanted.without == "identifier":
        found = found.where(Record.doi.is_(None), Record.pmid.is_(None))
    return found.where(_says(wanted.text)) if wanted.text.strip() else found


def _says(text: str) -> ColumnElement[bool]:
    """Title, authors, DOI or PMID hold this text. Authors are JSON, in which letters beyond ASCII are escaped."""
    text = text.strip()
    authors = cast(Record.authors, Text)
    spellings = {text, json.dumps(text)[1:-1], json.dumps(text.title())[1:-1], json.dumps(text.upper())[1:-1]}
    return or_(
        *(column.icontains(text, autoescape=True) for column in (Record.title, Record.original_title, Record.doi)),
        Record.pmid == text,
        *(authors.icontains(spelling, autoescape=True) for spelling in sorted(spellings)),
    )


def _records_by_import(session: Session, review_id: int) -> dict[int, int]:
    wanted = select(Record.import_id, func.count()).where(Record.review_id == review_id).group_by(Record.import_id)
    return {row[0]: row[1] for row in session.execute(wanted)}


def _rejected_by_import(session: Session, review_id: int) -> dict[int, int]:
    wanted = select(ImportLine.import_id, func.count()).join(Import, Import.id == ImportLine.import_id)
    wanted = wanted.where(Import.review_id == review_id, ImportLine.kind == LineKind.REJECTED)
    return {row[0]: row[1] for row in session.execute(wanted.group_by(ImportLine.import_id))}
