"""What the engine reads of records, and what its earlier searches compared."""

from collections.abc import Collection, Container, Mapping

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import ComparedRecord, DeduplicationRun, StoredForm, StoredLikeness
from workbench.deduplication.queries.standing import Pair, portions, standing_records
from workbench.deduplication.rules import ENGINE, Likeness, Mark, NormalForm
from workbench.deduplication.rules.compare import unpacked
from workbench.protocols.models import SearchRun
from workbench.records.models import Import, Record
from workbench.records.queries import counts_now
from workbench.records.rules import Item

DELIVERED = (
    Record.number, Record.title, Record.original_title, Record.authors, Record.year, Record.journal,
    Record.journal_abbreviation, Record.volume, Record.issue, Record.pages, Record.doi, Record.pmid, Record.embase_id,
    Record.cochrane_id, Record.registry_ids, Record.issn, Record.abstract, Record.publication_types, Record.urls,
    Record.kind,
)  # fmt: skip
"""What the engine reads of a record, named as in an Item, without the rest of its row."""


def forms_missing(session: Session, review_id: int) -> list[int]:
    """Records that count and have no normal form of this version of the engine."""
    made = exists().where(StoredForm.record_id == Record.id, StoredForm.engine == ENGINE)
    return list(session.scalars(standing_records(review_id).where(~made).order_by(Record.id)))


def delivered(session: Session, record_ids: Collection[int]) -> dict[int, Item]:
    """What the engine reads of these records."""
    found = {}
    for some in portions(record_ids):
        wanted = select(Record.id, Record.first_line, Record.last_line, *DELIVERED).where(Record.id.in_(some))
        for record_id, first, last, *values in session.execute(wanted):
            named = zip((column.key for column in DELIVERED), values, strict=True)
            found[record_id] = Item(lines=(first, last), **dict(named))
    return found


def marks(session: Session, review_id: int) -> dict[int, Mark]:
    """Ranks and keys of all records that count and have a normal form of this version of the engine."""
    wanted = select(StoredForm.record_id, StoredForm.rank, StoredForm.keys).where(
        StoredForm.record_id.in_(standing_records(review_id)), StoredForm.engine == ENGINE
    )
    return {record_id: Mark(rank, keys) for record_id, rank, keys in session.connection().execute(wanted).all()}


def forms(session: Session, record_ids: Collection[int]) -> dict[int, NormalForm]:
    """The stored normal forms of these records, of this version of the engine."""
    wanted = select(StoredForm.record_id, StoredForm.form).where(StoredForm.engine == ENGINE)
    return {
        record_id: NormalForm.from_dict(form)
        for some in portions(record_ids)
        for record_id, form in session.execute(wanted.where(StoredForm.record_id.in_(some)))
    }


def compared(session: Session, review_id: int, edition: str, now: Mapping[int, Mark]) -> list[tuple[int, Mark]]:
    """The records that the last search compared with each other, in this edition; sorted as that search did.

    `now` are the marks of records as they are. Where the rank is the same, so is the mark, and its keys, which are
    much to read, are not read again.
    """
    wanted = select(ComparedRecord.record_id, ComparedRecord.rank)
    wanted = wanted.where(ComparedRecord.review_id == review_id, ComparedRecord.edition == edition)
    ranks = session.connection().execute(wanted).all()
    same = {record_id: now[record_id] for record_id, rank in ranks if record_id in now and now[record_id].rank == rank}
    others = _marks_then(session, [record_id for record_id, _rank in ranks if record_id not in same])
    return sorted((same | others).items(), key=lambda one: (one[1].rank, one[0]))


def _marks_then(session: Session, record_ids: Collection[int]) -> dict[int, Mark]:
    wanted = select(ComparedRecord.record_id, ComparedRecord.rank, ComparedRecord.keys)
    rows = (session.execute(wanted.where(ComparedRecord.record_id.in_(some))) for some in portions(record_ids))
    return {record_id: Mark(rank, keys) for some in rows for record_id, rank, keys in some}


def likenesses(session: Session, review_id: int, among: Container[int]) -> dict[Pair, Likeness]:
    """What the last search found of pairs of these records."""
    wanted = select(
        StoredLikeness.low_id,
        StoredLikeness.high_id,
        StoredLikeness.comparison,
        StoredLikeness.link,
        StoredLikeness.is_forward,
    ).where(StoredLikeness.review_id == review_id)
    return {
        (low, high): Likeness(unpacked(comparison), None if link is None else (link, bool(is_forward)))
        for low, high, comparison, link, is_forward in session.connection().execute(wanted).all()
        if low in among and high in among
    }


def steps(session: Session, record_ids: Collection[int]) -> dict[int, str]:
    """The step of the search that brought each of these records."""
    wanted = select(Record.id, SearchRun.step).join(Import, Import.id == Record.import_id)
    wanted = wanted.join(SearchRun, SearchRun.id == Import.run_id)
    return {
        record_id: step
        for some in portions(record_ids)
        for record_id, step in session.execute(wanted.where(Record.id.in_(some)))
    }


def last_run(session: Session, review_id: int) -> DeduplicationRun | None:
    """The newest run of the engine over this review."""
    wanted = select(DeduplicationRun).where(DeduplicationRun.review_id == review_id)
    return session.scalars(wanted.order_by(DeduplicationRun.id.desc()).limit(1)).first()


def newer_records(session: Session, review_id: int, run: DeduplicationRun | None) -> int:
    """How many records came after the last run of the engine, and were not compared yet."""
    wanted = select(func.count()).select_from(Record).join(Import, Import.id == Record.import_id)
    wanted = wanted.where(Record.review_id == review_id, *counts_now())
    if run is not None:
        wanted = wanted.where(Import.completed_at > run.finished_at)
    return session.scalar(wanted) or 0
