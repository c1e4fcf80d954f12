"""The known-item check: which of the studies that a team already knows the searches found, where, and where not."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication.rules import normal_form, same_title, titled
from workbench.protocols import queries as protocols
from workbench.protocols.models import SearchRun
from workbench.protocols.rules import KnownStudy
from workbench.records.models import Record
from workbench.records.rules.identifiers import digits, doi
from workbench.reporting.queries.brought import Member, reports, runs_of_imports
from workbench.reporting.queries.yields import SourceName, source_of

ONE_IN = 3
"""A title that holds less than one in three of a known title's words is another title: it is not compared."""

FEWEST_LETTERS = 5
MOST_WORDS = 12


class FoundRecord(NamedTuple):
    """One record of a known study: with the kept record of its report, and each run that brought it."""

    record_id: int
    kept_id: int
    title: str | None
    import_id: int
    runs: Sequence[SearchRun]


class LineFind(NamedTuple):
    """One line of a run's strategy that finds a known study; `pmid` says which."""

    run_id: int
    line: str
    pmid: str


@dataclass(frozen=True, slots=True)
class KnownItem:
    """One known study: by what it was found ("doi", "pmid", "title" or ""), its records, and the sources without it.

    `lines` are the lines of strategies that find it, by run, where hits can be told.
    """

    study: KnownStudy
    how: str
    records: Sequence[FoundRecord]
    missed_by: Sequence[SourceName]
    lines: Mapping[int, Sequence[str]]

    @property
    def is_found(self) -> bool:
        """Whether any search brought it."""
        return bool(self.records)

    @property
    def found_in(self) -> list[SourceName]:
        """The sources that brought it, each once."""
        return list(dict.fromkeys(source_of(run) for record in self.records for run in record.runs))


def known_items(session: Session, review_id: int, lines: Iterable[LineFind] = ()) -> list[KnownItem]:
    """Look for every known study of the protocol among the records that count, in the protocol's order.

    By DOI or PMID; where neither finds it, by the title as duplicates are told. What stands in one report with a record
    that was found is found with it.

    Args:
        session: reads.
        review_id: the review.
        lines: which lines of strategies find which PMID, as far as databases tell it.
    """
    studies = protocols.plan_in_force(session, review_id).known_studies
    runs = runs_of_imports(session, review_id)
    sources = list(dict.fromkeys(source_of(run) for some in runs.values() for run in some))
    found = [_found(session, review_id, study) for study in studies]
    every = reports(session, review_id) if any(ids for _how, ids in found) else {}
    kept = {record_id: kept_id for kept_id, members in every.items() for record_id, _import in members}
    told = list(lines)
    return [
        _item(study, how, _records(session, every, {kept[one] for one in ids}, runs), sources, told)
        for study, (how, ids) in zip(studies, found, strict=True)
    ]


def _item(
    study: KnownStudy, how: str, records: list[FoundRecord], sources: list[SourceName], lines: list[LineFind]
) -> KnownItem:
    brought = {source_of(run) for record in records for run in record.runs}
    finds: dict[int, list[str]] = {}
    for line in lines:
        if study.pmid and line.pmid == digits(study.pmid):
            finds.setdefault(line.run_id, []).append(line.line)
    return KnownItem(study, how, records, [source for source in sources if source not in brought], finds)


def _records(
    session: Session,
    every: Mapping[int, Sequence[Member]],
    kept_ids: Collection[int],
    runs: Mapping[int, Sequence[SearchRun]],
) -> list[FoundRecord]:
    """All records of these reports."""
    members = [(kept_id, *member) for kept_id in sorted(kept_ids) for member in every[kept_id]]
    wanted = select(Record.id, Record.title).where(Record.id.in_([record_id for _kept, record_id, _import in members]))
    titles = {row.id: row.title for row in session.execute(wanted)} if members else {}
    return [FoundRecord(record, kept, titles[record], of, runs[of]) for kept, record, of in members]


def _found(session: Session, review_id: int, study: KnownStudy) -> tuple[str, list[int]]:
    """By what a study was found, and the records that were."""
    for how, wanted in (("doi", _by_doi(review_id, study)), ("pmid", _by_pmid(review_id, study))):
        if wanted is not None and (ids := list(session.scalars(wanted))):
            return how, ids
    ids = _by_title(session, review_id, study.title)
    return ("title" if ids else ""), ids


def _by_doi(review_id: int, study: KnownStudy) -> Select[int] | None:
    name = doi(study.doi or "")
    return deduplication.standing_records(review_id).where(func.lower(Record.doi) == name) if name else None


def _by_pmid(review_id: int, study: KnownStudy) -> Select[int] | None:
    name = digits(study.pmid or "")
    return deduplication.standing_records(review_id).where(Record.pmid == name) if name else None


def _by_title(session: Session, review_id: int, title: str) -> list[int]:
    """Records that bear the title; only those that hold some of its words are compared."""
    known = titled(title)
    candidates = session.scalars(_holding(deduplication.standing_records(review_id), title)).all()
    ids: list[int] = []
    for start in range(0, len(candidates), deduplication.AT_ONCE):
        delivered = deduplication.delivered(session, candidates[start : start + deduplication.AT_ONCE])
        ids += [record_id for record_id, item in delivered.items() if same_title(known, normal_form(item))]
    return ids


def _holding(wanted: Select[int], title: str) -> Select[int]:
    """Of the records wanted those whose title holds one in three of the longer words of a title."""
    found = set(re.findall(rf"[A-Za-z]{{{FEWEST_LETTERS},}}", title))
    words = sorted(found, key=lambda word: (-len(word), word))[:MOST_WORDS]
    text = func.coalesce(Record.title, "") + " " + func.coalesce(Record.original_title, "")
    held = [case((text.icontains(word, autoescape=True), 1), else_=0) for word in words]
    return wanted.where(ONE_IN * sum(held[1:], held[0]) >= len(held)) if held else wanted
