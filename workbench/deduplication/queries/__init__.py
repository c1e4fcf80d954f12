"""Reading duplicates. What leaves this room is `kept_records`: one record for each report."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workbench.accounts.models import User
from workbench.deduplication.models import (
    Answer,
    CandidatePair,
    ComparedRecord,
    DeduplicationRun,
    DoubtedRecord,
    Duplicate,
    LinkKind,
    StoredForm,
    StoredLikeness,
    Suspicion,
    Verdict,
)
from workbench.deduplication.rules import ENGINE, Likeness, Mark, NormalForm
from workbench.deduplication.rules.compare import unpacked
from workbench.deduplication.rules.evidence import speaking_of
from workbench.deduplication.rules.people import Saying, in_force, is_open
from workbench.errors import NotFound
from workbench.protocols.models import SearchRun
from workbench.protocols.queries import plan_in_force
from workbench.records.models import Import, Record
from workbench.records.queries import NoSuchRecord, counts_now
from workbench.records.rules import Item
from workbench.reviews.models import Member
from workbench.reviews.rules import Lane
from workbench.words import _

BY_PERSON, BY_ENGINE = "person", "engine"
AT_ONCE = 500
"""How many ids go into one question to the database."""
KNOWN = 512
"""Questions to the database that are kept as asked, since building one takes longer than its answer."""

DELIVERED = (
    Record.number, Record.title, Record.original_title, Record.authors, Record.year, Record.journal,
    Record.journal_abbreviation, Record.volume, Record.issue, Record.pages, Record.doi, Record.pmid, Record.embase_id,
    Record.cochrane_id, Record.registry_ids, Record.issn, Record.abstract, Record.publication_types, Record.urls,
    Record.kind,
)  # fmt: skip
"""What the engine reads of a record, named as in an Item, without the rest of its row."""


class NotJoined(NotFound):
    """Only a record that stands in one cluster with another can be parted from it."""

    hint = "The list of joined records shows what stands together."


def standing_records(review_id: int) -> Select[int]:
    """Ids of all records of a review that count, duplicates among them."""
    wanted = select(Record.id).join(Import, Import.id == Record.import_id)
    return wanted.where(Record.review_id == review_id, *counts_now())


def kept_records(review_id: int) -> Select[int]:
    """What leaves this room: ids of the records that count and stand under no other, one for each report."""
    return standing_records(review_id).where(~exists().where(Duplicate.record_id == Record.id))


def kept_of(record_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """The kept record of the cluster of a record, as SQL: itself, where it is no duplicate."""
    kept = select(Duplicate.kept_id).where(Duplicate.record_id == record_id).correlate_except(Duplicate)
    return func.coalesce(kept.scalar_subquery(), record_id)


def clusters(review_id: int) -> Select[int, int]:
    """Every record that counts, with the kept record of its cluster: columns record_id and kept_id."""
    kept = func.coalesce(Duplicate.kept_id, Record.id)
    wanted = select(Record.id.label("record_id"), kept.label("kept_id")).join(Import, Import.id == Record.import_id)
    return wanted.outerjoin(Duplicate, Duplicate.record_id == Record.id).where(
        Record.review_id == review_id, *counts_now()
    )


def members(session: Session, kept_id: int) -> list[int]:
    """The records of one cluster, the kept one first."""
    wanted = select(Duplicate.record_id).where(Duplicate.kept_id == kept_id).order_by(Duplicate.record_id)
    return [kept_id, *session.scalars(wanted)]


def members_of(session: Session, kept_ids: Collection[int]) -> dict[int, list[int]]:
    """The records of each of these clusters, the kept one first."""
    found = {kept_id: [kept_id] for kept_id in sorted(kept_ids)}
    for some in _portions(kept_ids):
        wanted = select(Duplicate.kept_id, Duplicate.record_id).where(Duplicate.kept_id.in_(some))
        for kept_id, record_id in session.execute(wanted.order_by(Duplicate.record_id)):
            found[kept_id].append(record_id)
    return found


def kept_over(session: Session, record_ids: Collection[int]) -> set[int]:
    """The kept records of the clusters of more than one record in which any of these records stands."""
    found: set[int] = set()
    for some in _portions(record_ids):
        found |= set(
            session.scalars(
                select(Duplicate.kept_id).where(or_(Duplicate.record_id.in_(some), Duplicate.kept_id.in_(some)))
            )
        )
    return found


def cluster_of(session: Session, review_id: int, record_id: int) -> list[int]:
    """The records of the cluster in which a record of this review stands, the kept one first.

    Raises:
        NoSuchRecord: the review has no such record, or its import was taken back.
    """
    wanted = clusters(review_id).where(Record.id == record_id)
    found = session.execute(wanted).first()
    if found is None:
        raise NoSuchRecord(_("There is no record %(id)s in this review.", id=record_id))
    return members(session, found.kept_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """One duplicate as it stands: the record, the kept one, the pair it joins, who decided (None: the engine), why."""

    record_id: int
    kept_id: int
    low_id: int
    high_id: int
    decided_by: int | None
    rule: str = ""
    reason: str = ""
    engine: str | None = None
    decided_at: datetime | None = None

    @property
    def pair(self) -> "Pair":
        """The two records of which the reason speaks."""
        return self.low_id, self.high_id


def duplicates_of(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[int, Standing]:
    """The duplicates of a review by their record, all of them or those among some records."""
    columns = (Duplicate.record_id, Duplicate.kept_id, Duplicate.low_id, Duplicate.high_id, Duplicate.decided_by,
               Duplicate.rule, Duplicate.reason, Duplicate.engine, Duplicate.decided_at)  # fmt: skip
    wanted = select(*columns).join(Record, Record.id == Duplicate.record_id).where(Record.review_id == review_id)
    if among is not None:
        rows = [
            row for some in _portions(among) for row in session.execute(wanted.where(Duplicate.record_id.in_(some)))
        ]
    else:
        rows = list(session.execute(wanted))
    return {row.record_id: Standing(*row) for row in rows}


def _portions(ids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


@dataclass(frozen=True, slots=True)
class Said:
    """What counts of a pair: an answer with its link, and who gave it, or who was the second to give it."""

    id: int
    answer: Answer
    member_id: int
    said_at: datetime
    link: LinkKind | None = None
    pointing_id: int | None = None
    alone: bool = True


Pair = tuple[int, int]


def in_order(first_id: int, second_id: int) -> Pair:
    """A pair with the lower record first, as it is stored."""
    return (first_id, second_id) if first_id < second_id else (second_id, first_id)


def verdicts(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[Pair, Said]:
    """What counts of the pairs of this review's records that count, or of those among some records.

    An answer that waits for a second person counts nowhere, and a pair that was put off has none.
    """
    said = answers(session, review_id, among)
    return {pair: found for pair, rows in said.items() if (found := counted(rows)) is not None}


def open_pairs(session: Session, pairs: Collection[Pair]) -> set[Pair]:
    """Those of some pairs of which everybody may know what was said."""
    found = _by_pair(session, _standing().where(Verdict.low_id.in_(sorted({low for low, _high in pairs}))))
    return {pair for pair, rows in found.items() if pair in pairs and is_open([_saying(one) for one in rows])}


def said_of(session: Session, pair: Pair) -> list[Said]:
    """Every answer to a pair that was not taken back, in the order of time; being put off is none."""
    wanted = _standing().where(Verdict.low_id == pair[0], Verdict.high_id == pair[1]).order_by(Verdict.id)
    return [_as_said(row) for row in session.execute(wanted)]


def answers(session: Session, review_id: int, among: Collection[int] | None = None) -> dict[Pair, list[Said]]:
    """Every answer not taken back to pairs of this review's records that count, or of those among some records."""
    if among is not None:
        ids = sorted(among)
        return _by_pair(session, _standing().where(Verdict.low_id.in_(ids), Verdict.high_id.in_(ids)))
    return _by_pair(session, _answers_of(review_id))


@lru_cache(maxsize=KNOWN)
def _answers_of(review_id: int) -> Select[*tuple[Any, ...]]:
    return _of_counting(_standing(), Verdict, review_id)


def _of_counting(wanted: Select[*tuple[Any, ...]], table: Any, review_id: int) -> Select[*tuple[Any, ...]]:
    """Pairs of this review, of which both records count; joined, since two lists of ids would be walked crosswise."""
    for end in (table.low_id, table.high_id):
        record, arrived = aliased(Record), aliased(Import)
        wanted = wanted.join(record, record.id == end).join(arrived, arrived.id == record.import_id)
        wanted = wanted.where(
            record.review_id == review_id, arrived.completed_at.is_not(None), arrived.taken_back_at.is_(None)
        )
    return wanted


def _by_pair(session: Session, wanted: Select[*tuple[Any, ...]]) -> dict[Pair, list[Said]]:
    found: dict[Pair, list[Said]] = {}
    for row in session.execute(wanted.order_by(Verdict.id)):
        found.setdefault((row.low_id, row.high_id), []).append(_as_said(row))
    return found


def _standing() -> Select[*tuple[Any, ...]]:
    columns = (Verdict.id, Verdict.low_id, Verdict.high_id, Verdict.answer, Verdict.member_id, Verdict.said_at,
               Verdict.link, Verdict.pointing_id, Verdict.alone)  # fmt: skip
    return select(*columns).where(Verdict.withdrawn_at.is_(None), Verdict.answer != Answer.LATER)


def _as_said(row: Row[Any]) -> Said:
    return Said(row.id, row.answer, row.member_id, row.said_at, row.link, row.pointing_id, row.alone)


def _saying(one: Said) -> Saying:
    return Saying(one.member_id, (one.answer, one.link, one.pointing_id), one.alone)


def counted(said: Sequence[Said]) -> Said | None:
    """Which of the answers to one pair counts."""
    found = in_force([_saying(one) for one in said])
    return next((one for one in reversed(said) if _saying(one) == found), None)


def differ(said: Sequence[Said]) -> bool:
    """Whether two people answered one pair and did not say the same."""
    return counted(said) is None and is_open([_saying(one) for one in said])


def people_asked(session: Session, review_id: int) -> int:
    """How many people the protocol in force asks about each pair."""
    return plan_in_force(session, review_id).deduplication.people


def is_done(session: Session, member: Member, act: str) -> bool:
    """Whether a deed of this member under this key was done before."""
    return session.scalar(select(exists().where(Verdict.member_id == member.id, Verdict.act == act))) or False


def in_hand(session: Session, member: Member, act: str | None = None) -> list[Verdict]:
    """What a member said in one deed and may take back: in the last of this review, or in the one under this key.

    Where two people are asked, an answer is out of one's hand once the other has answered too.
    """
    other = aliased(Verdict)
    same_pair = (other.low_id == Verdict.low_id, other.high_id == Verdict.high_id, other.member_id != member.id)
    answered = exists().where(*same_pair, other.withdrawn_at.is_(None), other.answer != Answer.LATER)
    mine = (
        select(Verdict)
        .join(Record, Record.id == Verdict.low_id)
        .where(Verdict.member_id == member.id, Verdict.withdrawn_at.is_(None), Record.review_id == member.review_id)
        .where(or_(Verdict.alone, Verdict.answer == Answer.LATER, ~answered))
    )
    last = session.scalars(mine.order_by(Verdict.id.desc()).limit(1)).first() if act is None else None
    if act is None and last is None:
        return []
    together = mine.where(Verdict.act == (last.act if last else act))
    return list(session.scalars(together.order_by(Verdict.id)))


def forms_missing(session: Session, review_id: int) -> list[int]:
    """Records that count and have no normal form of this version of the engine."""
    made = exists().where(StoredForm.record_id == Record.id, StoredForm.engine == ENGINE)
    return list(session.scalars(standing_records(review_id).where(~made).order_by(Record.id)))


def delivered(session: Session, record_ids: Collection[int]) -> dict[int, Item]:
    """What the engine reads of these records."""
    found = {}
    for some in _portions(record_ids):
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
        for some in _portions(record_ids)
        for record_id, form in session.execute(wanted.where(StoredForm.record_id.in_(some)))
    }


def compared(session: Session, review_id: int, edition: str) -> list[tuple[int, Mark]]:
    """The records that the last search compared with each other, in this edition; sorted as that search did."""
    wanted = select(ComparedRecord.record_id, ComparedRecord.rank, ComparedRecord.keys)
    wanted = wanted.where(ComparedRecord.review_id == review_id, ComparedRecord.edition == edition)
    rows = session.connection().execute(wanted).all()
    found = [(record_id, Mark(rank, keys)) for record_id, rank, keys in rows]
    return sorted(found, key=lambda one: (one[1].rank, one[0]))


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
        for some in _portions(record_ids)
        for record_id, step in session.execute(wanted.where(Record.id.in_(some)))
    }


@dataclass(frozen=True, slots=True)
class WaitingPair:
    """A pair that waits for a person's answer: first the record whose cluster stays kept if they are one report."""

    first_id: int
    second_id: int
    score: float
    reason: str
    evidence: list[tuple[str, str]]
    ends: Pair
    """The kept records of both clusters."""


def waiting_pairs(session: Session, review_id: int) -> list[WaitingPair]:
    """Pairs that are not decided, most likely first; once for any two clusters.

    What somebody met while screening comes before what the engine left to a person. A pair that stands in one
    cluster, or whose clusters hold two records that people keep apart, does not wait.
    """
    return once_each(_undecided(session, review_id, [of(review_id) for of in LISTS.values()]))


def how_many_wait(session: Session, review_id: int) -> int:
    """How many pairs are not decided."""
    wanted = [without_evidence(of(review_id)) for of in LISTS.values()]
    return len({ends(row) for row in _undecided(session, review_id, wanted)})


def without_evidence(wanted: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """The records of candidates and of their clusters alone, which is all that counting takes."""
    ids = ("low_id", "high_id", "low_kept", "high_kept")
    return wanted.with_only_columns(*(one for one in wanted.selected_columns if one.key in ids))


def _undecided(session: Session, review_id: int, wanted: Sequence[Select[*tuple[Any, ...]]]) -> Iterator[Row[Any]]:
    said = verdicts(session, review_id)
    apart = kept_homes(session, said)
    rows = (row for some in wanted for row in session.execute(some))
    return (row for row in rows if (row.low_id, row.high_id) not in said and ends(row) not in apart)


def once_each(rows: Iterable[Row[Any]]) -> list[WaitingPair]:
    """The first pair of any two clusters."""
    found: dict[Pair, Row[Any]] = {}
    for row in rows:
        found.setdefault(ends(row), row)
    return [_waiting(row) for row in found.values()]


def ends(row: Row[Any]) -> Pair:
    """The kept records of a candidate's two clusters."""
    return in_order(row.low_kept, row.high_kept)


@lru_cache(maxsize=KNOWN)
def candidates(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every pair of two clusters the last run left to a person, with their kept records; most likely first."""
    told = (CandidatePair.score, CandidatePair.reason, CandidatePair.evidence)
    wanted = _of_two_clusters(CandidatePair, *told).where(CandidatePair.review_id == review_id)
    ordered = wanted.order_by(CandidatePair.score.desc(), CandidatePair.id.desc())
    return _of_counting(ordered, CandidatePair, review_id)


@lru_cache(maxsize=KNOWN)
def suspected(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every pair of two clusters that somebody met while screening and left to others; the first one first."""
    told = (literal(1.0).label("score"), null().label("reason"), null().label("evidence"))
    wanted = _of_two_clusters(Suspicion, *told).where(Suspicion.withdrawn_at.is_(None)).order_by(Suspicion.id)
    return _of_counting(wanted, Suspicion, review_id)


def _of_two_clusters(table: Any, *told: Any) -> Select[*tuple[Any, ...]]:
    one, other = aliased(Duplicate), aliased(Duplicate)
    low, high = func.coalesce(one.kept_id, table.low_id), func.coalesce(other.kept_id, table.high_id)
    return (
        select(table.id, table.low_id, table.high_id, *told, low.label("low_kept"), high.label("high_kept"))
        .outerjoin(one, one.record_id == table.low_id)
        .outerjoin(other, other.record_id == table.high_id)
        .where(low != high)
    )


LISTS: Mapping[Any, Callable[[int], Select[*tuple[Any, ...]]]] = {Suspicion: suspected, CandidatePair: candidates}
"""Where pairs that wait come from, in the order in which they are asked."""


def left_to_a_person(session: Session, pairs: Collection[Pair]) -> list[Pair]:
    """Those of some pairs that the last run left to a person, answered or not."""
    lows = {low for low, _high in pairs}
    wanted = select(CandidatePair.low_id, CandidatePair.high_id).where(CandidatePair.low_id.in_(sorted(lows)))
    return [pair for low, high in session.execute(wanted) if (pair := (low, high)) in pairs]


def _waiting(row: Row[Any]) -> WaitingPair:
    evidence = [(kind, words) for kind, words in row.evidence or ()]
    in_turn = row.low_kept < row.high_kept
    first, second = (row.low_id, row.high_id) if in_turn else (row.high_id, row.low_id)
    reason = row.reason or _("somebody met them while screening")
    return WaitingPair(first, second, row.score, reason, evidence, ends(row))


def homes(session: Session, record_ids: Collection[int]) -> dict[int, int]:
    """The kept records of those of some records that stand under another."""
    wanted = select(Duplicate.record_id, Duplicate.kept_id)
    rows = (session.execute(wanted.where(Duplicate.record_id.in_(some))) for some in _portions(record_ids))
    return {row.record_id: row.kept_id for some in rows for row in some}


def kept_homes(session: Session, said: Mapping[Pair, Said]) -> set[Pair]:
    """Kept records of clusters that people keep apart, as pairs."""
    pairs = [pair for pair, one in said.items() if one.answer.parts]
    home = homes(session, {record for pair in pairs for record in pair})
    return {in_order(home.get(low, low), home.get(high, high)) for low, high in pairs}


@dataclass(frozen=True, slots=True)
class Counts:
    """Where deduplication stands: records that count, duplicates by who decided, and pairs that wait."""

    records: int
    automatic: int
    by_person: int
    waiting: int

    @property
    def duplicates(self) -> int:
        """All records that stand under another."""
        return self.automatic + self.by_person

    @property
    def kept(self) -> int:
        """Records that go on to screening."""
        return self.records - self.duplicates


def counts(session: Session, review_id: int) -> Counts:
    """Count records, duplicates and waiting pairs of a review."""
    wanted = (
        select(func.count(Record.id), func.count(Duplicate.id), func.count(Duplicate.decided_by))
        .join(Import, Import.id == Record.import_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(Record.review_id == review_id, *counts_now())
    )
    records, duplicates, by_person = session.execute(wanted).one()
    return Counts(records, duplicates - by_person, by_person, how_many_wait(session, review_id))


@dataclass(frozen=True, slots=True)
class SourceCount:
    """One source before and after deduplication; a duplicate counts where it came from itself."""

    name: str
    lane: Lane
    records: int
    automatic: int
    by_person: int

    @property
    def duplicates(self) -> int:
        """Records of this source that stand under another."""
        return self.automatic + self.by_person

    @property
    def kept(self) -> int:
        """Records of this source that go on."""
        return self.records - self.duplicates


def by_source(session: Session, review_id: int) -> list[SourceCount]:
    """Count each source's records and duplicates in whatever steps it was searched, in the order documented."""
    names = (SearchRun.source_name, SearchRun.lane)
    by_person = func.count(Duplicate.decided_by)
    wanted = (
        select(*names, func.count(Record.id), func.count(Duplicate.id) - by_person, by_person)
        .select_from(Record)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(Record.review_id == review_id, *counts_now())
        .group_by(*names)
        .order_by(func.min(SearchRun.id))
    )
    return [SourceCount(*row) for row in session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Removed:
    """One record that stands under another: what, under which, why, who (None: the engine), when."""

    record_id: int
    title: str | None
    year: int | None
    journal: str | None
    source: str
    run: str
    kept_id: int
    kept_title: str | None
    kept_source: str
    rule: str
    told: str
    low_id: int
    high_id: int
    engine: str | None
    person: str | None
    decided_at: datetime

    @property
    def reason(self) -> str:
        """Why, with the names of the records it speaks of where they are others."""
        return speaking_of(self.told, (self.low_id, self.high_id), (self.record_id, self.kept_id))


def removed(session: Session, review_id: int, kept_ids: Collection[int] | None = None) -> list[Removed]:
    """Every record that stands under another, cluster by cluster: of all clusters, or of those with these kept ones."""
    wanted = every_removed(review_id)
    if kept_ids is not None:
        wanted = wanted.where(Duplicate.kept_id.in_(sorted(kept_ids)))
    return [Removed(*list(row)) for row in session.execute(wanted)]


def every_removed(review_id: int) -> Select[*tuple[Any, ...]]:
    """Every record that stands under another, as columns of Removed, to be narrowed by Duplicate and SearchRun."""
    kept, kept_import, kept_run = aliased(Record), aliased(Import), aliased(SearchRun)
    return (
        select(
            Record.id,
            Record.title,
            Record.year,
            Record.journal,
            SearchRun.source_name,
            SearchRun.code,
            kept.id,
            kept.title,
            kept_run.source_name,
            Duplicate.rule,
            Duplicate.reason,
            Duplicate.low_id,
            Duplicate.high_id,
            Duplicate.engine,
            User.name,
            Duplicate.decided_at,
        )
        .select_from(Duplicate)
        .join(Record, Record.id == Duplicate.record_id)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .join(kept, kept.id == Duplicate.kept_id)
        .join(kept_import, kept_import.id == kept.import_id)
        .join(kept_run, kept_run.id == kept_import.run_id)
        .outerjoin(Member, Member.id == Duplicate.decided_by)
        .outerjoin(User, User.id == Member.user_id)
        .where(Record.review_id == review_id, *counts_now())
        .order_by(Duplicate.kept_id, Duplicate.record_id)
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a record came from."""

    record_id: int
    source: str
    step: str
    run: str
    searched_on: str


def sources(session: Session, record_ids: Collection[int]) -> dict[int, Source]:
    """The search run of each of these records."""
    wanted = (
        select(Record.id, SearchRun.source_name, SearchRun.step, SearchRun.code, SearchRun.searched_on)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
    )
    rows = [row for some in _portions(record_ids) for row in session.execute(wanted.where(Record.id.in_(some)))]
    return {row.id: Source(*row) for row in rows}


def records(session: Session, record_ids: Collection[int]) -> dict[int, Record]:
    """These records, by their id."""
    found = session.scalars(select(Record).where(Record.id.in_(sorted(record_ids))))
    return {record.id: record for record in found}


def joined(session: Session, review_id: int, by: str | None, page: int, size: int) -> tuple[list[int], int]:
    """One page of clusters of more than one record, as ids of their kept records, and how many clusters there are.

    `by` leaves those in which a person (BY_PERSON) or the engine (BY_ENGINE) put at least one record.
    """
    wanted = select(Duplicate.kept_id).where(Duplicate.record_id.in_(standing_records(review_id)))
    if by == BY_PERSON:
        wanted = wanted.where(Duplicate.decided_by.is_not(None))
    elif by == BY_ENGINE:
        wanted = wanted.where(Duplicate.decided_by.is_(None))
    total = session.scalar(select(func.count()).select_from(wanted.distinct().subquery())) or 0
    some = wanted.distinct().order_by(Duplicate.kept_id).offset((page - 1) * size).limit(size)
    return list(session.scalars(some)), total


@dataclass(frozen=True, slots=True)
class KeptApart:
    """Two records that people keep apart: two reports, or linked ones, of which `pointing_id` is `link` the other."""

    low_id: int
    high_id: int
    low_title: str | None
    high_title: str | None
    person: str
    said_at: datetime
    link: LinkKind | None = None
    pointing_id: int | None = None


def kept_apart(session: Session, review_id: int) -> list[KeptApart]:
    """Every pair that people called two reports or linked, newest first."""
    two = {pair: one for pair, one in verdicts(session, review_id).items() if one.answer.parts}
    titles = titles_of(session, {record for pair in two for record in pair})
    names = names_of(session, review_id)
    rows = [
        KeptApart(low, high, titles[low], titles[high], names[one.member_id], one.said_at, one.link, one.pointing_id)
        for (low, high), one in two.items()
    ]
    return sorted(rows, key=lambda row: (row.said_at, row.low_id), reverse=True)


def names_of(session: Session, review_id: int) -> dict[int, str]:
    """The names of a review's members, of those who left too."""
    wanted = select(Member.id, User.name).join(User, User.id == Member.user_id).where(Member.review_id == review_id)
    return {row.id: row.name for row in session.execute(wanted)}


def titles_of(session: Session, record_ids: Collection[int]) -> dict[int, str | None]:
    """The titles of some records."""
    wanted = select(Record.id, Record.title)
    return {
        row.id: row.title
        for some in _portions(record_ids)
        for row in session.execute(wanted.where(Record.id.in_(some)))
    }


@dataclass(frozen=True, slots=True)
class Doubted:
    """A duplicate in a cluster held by votes that the engine would part from the kept record by now, and why."""

    record_id: int
    kept_id: int
    title: str | None
    kept_title: str | None
    reason: str


def doubted(session: Session, review_id: int) -> list[Doubted]:
    """The list of the last run, without records that stand elsewhere since; a person parts a cluster with votes."""
    kept = aliased(Record)
    wanted = (
        select(DoubtedRecord.record_id, DoubtedRecord.kept_id, Record.title, kept.title, DoubtedRecord.reason)
        .join(Record, Record.id == DoubtedRecord.record_id)
        .join(kept, kept.id == DoubtedRecord.kept_id)
        .join(Duplicate, Duplicate.record_id == DoubtedRecord.record_id)
        .where(DoubtedRecord.review_id == review_id, Duplicate.kept_id == kept_of(DoubtedRecord.kept_id))
        .order_by(DoubtedRecord.kept_id, DoubtedRecord.record_id)
    )
    return [Doubted(*row) for row in session.execute(wanted)]


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
