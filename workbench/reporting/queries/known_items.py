"""The known-item check: which of the studies that a team already knows the searches found, where, and where not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.deduplication.rules import may_bear, normal_form, same_title, title_key, titled
from workbench.protocols import queries as protocols
from workbench.protocols.models import SearchRun
from workbench.protocols.rules import KnownStudy
from workbench.records.models import Record
from workbench.records.rules.identifiers import digits, doi
from workbench.reporting.queries.brought import Member, reports, runs_of_imports
from workbench.reporting.queries.yields import SourceName, source_of


class FoundRecord(NamedTuple):
    """One record of a known study: with the kept record of its report, and each run that brought it."""

    record_id: int
    kept_id: int
    title: str | None
    import_id: int
    runs: Sequence[SearchRun]


class LineFind(Protocol):
    """Whether one line of a run's strategy finds a known study, which DOI or PMID names, as the database answered."""

    @property
    def run_id(self) -> int:
        """The run."""

    @property
    def line(self) -> str:
        """The line's number."""

    @property
    def doi(self) -> str | None:
        """The study's DOI as asked."""

    @property
    def pmid(self) -> str | None:
        """The study's PMID as asked."""

    @property
    def is_found(self) -> bool:
        """Whether the line finds it."""


@dataclass(slots=True)
class Lines:
    """The lines of one run's strategy that find a study, and those that do not."""

    find: list[str] = field(default_factory=list)
    miss: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """One known study: by what it was found ("doi", "pmid", "title" or ""), its records, and the sources without it.

    `lines` are, by run, the lines of strategies that find it and that do not, where hits can be told.
    """

    study: KnownStudy
    how: str
    records: Sequence[FoundRecord]
    missed_by: Sequence[SourceName]
    lines: Mapping[int, Lines]

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
        lines: which lines of strategies find which study, as far as databases tell it.
    """
    studies = protocols.plan_in_force(session, review_id).known_studies
    runs = runs_of_imports(session, review_id)
    sources = list(dict.fromkeys(source_of(run) for some in runs.values() for run in some))
    found = _found(session, review_id, studies)
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
    return KnownItem(study, how, records, [source for source in sources if source not in brought], _lines(study, lines))


def _lines(study: KnownStudy, lines: Iterable[LineFind]) -> dict[int, Lines]:
    found: dict[int, Lines] = {}
    for one in lines:
        same = (study.doi and doi(one.doi or "") == doi(study.doi)) or (study.pmid and one.pmid == digits(study.pmid))
        if same:
            of_run = found.setdefault(one.run_id, Lines())
            (of_run.find if one.is_found else of_run.miss).append(one.line)
    return found


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


def _found(session: Session, review_id: int, studies: Sequence[KnownStudy]) -> list[tuple[str, list[int]]]:
    """By what each study was found, and the records that were."""
    found = [_by_number(session, review_id, study) for study in studies]
    left = [study.title for study, (how, _ids) in zip(studies, found, strict=True) if not how]
    by_title = _by_titles(session, review_id, left) if left else {}
    return [
        (how, ids) if how else ("title" if by_title[study.title] else "", by_title[study.title])
        for study, (how, ids) in zip(studies, found, strict=True)
    ]


def _by_number(session: Session, review_id: int, study: KnownStudy) -> tuple[str, list[int]]:
    for how, wanted in (("doi", _by_doi(review_id, study)), ("pmid", _by_pmid(review_id, study))):
        if wanted is not None and (ids := list(session.scalars(wanted))):
            return how, ids
    return "", []


def _by_doi(review_id: int, study: KnownStudy) -> Select[int] | None:
    name = doi(study.doi or "")
    return deduplication.standing_records(review_id).where(func.lower(Record.doi) == name) if name else None


def _by_pmid(review_id: int, study: KnownStudy) -> Select[int] | None:
    name = digits(study.pmid or "")
    return deduplication.standing_records(review_id).where(Record.pmid == name) if name else None


def _by_titles(session: Session, review_id: int, titles: Sequence[str]) -> dict[str, list[int]]:
    """Records that bear each title: one pass over all titles finds those whose whole record is worth reading."""
    known = {title: titled(title) for title in titles}
    maybe: dict[str, list[int]] = {title: [] for title in titles}
    wanted = deduplication.standing_records(review_id).add_columns(Record.title, Record.original_title)
    for record_id, *texts in session.execute(wanted.order_by(Record.id)):
        keys = [title_key(text) for text in texts if text]
        for title, form in known.items():
            if form.key and any(may_bear(key, form) for key in keys):
                maybe[title].append(record_id)
    delivered = deduplication.delivered(session, {one for ids in maybe.values() for one in ids})
    forms = {record_id: normal_form(item) for record_id, item in delivered.items()}
    return {title: [one for one in ids if same_title(known[title], forms[one])] for title, ids in maybe.items()}
