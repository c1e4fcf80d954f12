"""Which records of a review may be one report with the record on the desk, and which stand beside it as linked.

Nothing here asks a vote, so nothing can tell one (B1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Indel
from sqlalchemy import ColumnElement, Select, Text, cast, or_, select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication.models import Duplicate, RecordLink
from workbench.deduplication.rules import normal_form, title_key
from workbench.deduplication.rules.compare import compare
from workbench.deduplication.rules.evidence import evidence, score
from workbench.deduplication.rules.settings import NUMBERS
from workbench.records.models import Record
from workbench.screening.queries.votes import cluster

LOOKED_AT = 30
"""So many records of the most alike titles are compared in every field."""
SHOWN = 8
ALIKE = 0.55
"""Titles less alike than this are not compared; the worst true pairs of the labelled sets have 0.6."""
LIKELY = 0.1
FOUND = 20
MOST_WORDS = 8


@dataclass(frozen=True)
class Alike:
    """One record that may be the same report; `why` is the engine's line, None where a search found it."""

    record: Record
    why: str | None = None


@dataclass(frozen=True)
class Linked:
    """One record that is linked with the one shown; `is_first` where that one is the `kind` of this."""

    record: Record
    kind: str
    is_first: bool


def likely(session: Session, review_id: int, record: Record) -> list[Alike]:
    """The kept records most alike to this one by the engine's comparison, the likeliest first."""
    own = set(cluster(session, record.id))
    near = {row.id: row.title for row in session.execute(_near(review_id, record)) if row.id not in own}
    keys = {record_id: title_key(title or "") for record_id, title in near.items()}
    mine = title_key(record.title or "")
    best = process.extract(mine, keys, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, limit=LOOKED_AT)
    by_number = [one for one in session.scalars(_same_number(review_id, record)) if one not in own]
    return _compared(session, record, {record_id for _key, _likeness, record_id in best} | set(by_number))


def _compared(session: Session, record: Record, others: set[int]) -> list[Alike]:
    forms = {one: normal_form(item) for one, item in deduplication.delivered(session, {record.id, *others}).items()}
    compared = {one: compare(forms[record.id], forms[one]) for one in sorted(others)}
    scores = {one: score(found, NUMBERS) for one, found in compared.items()}
    order = sorted((one for one in scores if scores[one] >= LIKELY), key=lambda one: (-scores[one], one))[:SHOWN]
    records = deduplication.records(session, order)
    return [Alike(records[one], evidence(compared[one])) for one in order]


def _near(review_id: int, record: Record) -> Select[int, str | None]:
    """Kept records of about the same year, or without one."""
    wanted = select(Record.id, Record.title).where(Record.id.in_(deduplication.kept_records(review_id)))
    if record.year is None:
        return wanted
    return wanted.where(or_(Record.year.is_(None), Record.year.between(record.year - 1, record.year + 1)))


def _same_number(review_id: int, record: Record) -> Select[int]:
    numbers = [column == value for column, value in ((Record.doi, record.doi), (Record.pmid, record.pmid)) if value]
    kept = select(Record.id).where(Record.id.in_(deduplication.kept_records(review_id)))
    return kept.where(or_(*numbers)).limit(LOOKED_AT) if numbers else kept.where(Record.id.is_(None))


def search(session: Session, review_id: int, record: Record, text: str, *, masked: bool) -> list[Alike]:
    """Kept records that hold every word of a text in title or authors, or that have this number.

    Where the stage masks authors and identifiers they are not searched either, or asking would tell them.
    """
    words, own = text.split()[:MOST_WORDS], set(cluster(session, record.id))
    holds = [_holds(word, masked=masked) for word in words]
    wanted = select(Record.id).where(Record.id.in_(deduplication.kept_records(review_id)), Record.id.not_in(own))
    ids = [] if not words else list(session.scalars(wanted.where(*holds).order_by(Record.id).limit(FOUND)))
    named = _by_number(session, review_id, text.strip(), own)
    records = deduplication.records(session, {*ids, *named})
    return [Alike(records[one]) for one in dict.fromkeys([*named, *ids])]


def _holds(word: str, *, masked: bool) -> ColumnElement[bool]:
    columns: list[ColumnElement[str]] = [cast(column, Text) for column in (Record.title, Record.original_title)]
    columns += [] if masked else [cast(column, Text) for column in (Record.authors, Record.doi)]
    return or_(*(column.icontains(spelt, autoescape=True) for column in columns for spelt in _spellings(word)))


def _spellings(word: str) -> Iterable[str]:
    r"""A word, and as it stands in a list that is stored as JSON.

    >>> sorted(_spellings("Østby"))
    ['\\u00d8stby', 'Østby']
    """
    return {word, word.encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00")}


def _by_number(session: Session, review_id: int, text: str, own: set[int]) -> list[int]:
    """The kept record of the record with this number in the review, if it is another report's."""
    if not text.isdecimal() or len(text) > 18:
        return []
    kept = deduplication.clusters(review_id).where(Record.id == int(text))
    return [row.kept_id for row in session.execute(kept) if row.kept_id not in own]


def linked(session: Session, kept_ids: Sequence[int]) -> dict[int, list[Linked]]:
    """The records that errata, versions and other links lead to from each of these reports."""
    under = select(Duplicate.record_id, Duplicate.kept_id).where(Duplicate.kept_id.in_(kept_ids))
    home = {row.record_id: row.kept_id for row in session.execute(under)} | {one: one for one in kept_ids}
    rows = session.scalars(
        select(RecordLink)
        .where(or_(RecordLink.first_id.in_(home), RecordLink.second_id.in_(home)))
        .order_by(RecordLink.id)
    ).all()
    records = deduplication.records(session, {end for row in rows for end in (row.first_id, row.second_id)})
    found: dict[int, dict[tuple[int, str], Linked]] = {kept: {} for kept in kept_ids}
    for row in rows:
        for here, there, is_first in ((row.first_id, row.second_id, True), (row.second_id, row.first_id, False)):
            if here in home and home[here] != home.get(there):
                found[home[here]].setdefault((there, row.kind), Linked(records[there], row.kind, is_first))
    return {kept: list(some.values()) for kept, some in found.items()}
