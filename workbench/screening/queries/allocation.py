"""Reading the allocation: which places of which records can be given to people, and how far each has got."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.protocols.models import SearchRun
from workbench.protocols.rules.languages import short_code
from workbench.records.models import Import, Record
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import (
    Allocation,
    Assignment,
    Bar,
    PilotRecord,
    PilotRound,
    Rank,
    Settlement,
    Vote,
)
from workbench.screening.queries import languages
from workbench.screening.queries.again import silent_votes
from workbench.screening.queries.arranged import still_counts
from workbench.screening.queries.ballots import is_current
from workbench.screening.queries.memo import standing_at
from workbench.screening.queries.outcomes import kept_id, standing_records
from workbench.screening.queries.votes import stage_rule
from workbench.screening.rules import Decision, Outcome, Split, StageRule
from workbench.screening.rules.allocation import Chosen, Open

Given = tuple[int, int, bool]
"""A person on a record: the kept record, the person, and whether they are a senior."""


@dataclass(frozen=True)
class Load:
    """What is allocated to one person: how many records, and on how many of them they have voted."""

    member: Member
    records: int
    voted: int
    may_vote: bool

    @property
    def left(self) -> int:
        """Records that are still theirs to vote on."""
        return self.records - self.voted


def open_places(session: Session, review_id: int, rule: StageRule, chosen: Chosen) -> list[Open]:
    """The chosen records with places that nobody has, in the order of ids; it shows that there are votes, never what.

    A place is somebody's who has voted on the record, or who is asked for it and is not asked anew. It is not for those
    who said that they do not read the record's language.
    """
    silent = silent_votes(session, review_id, rule)
    given = _by_record(session.execute(_votes(review_id, rule).where(Vote.id.not_in(silent))).all())
    asked = _by_record(standing(session, review_id, rule.stage))
    barred = _by_record(session.execute(_bars(review_id)).all())
    read = languages.read_by(session, review_id) if rule.arranged.languages else {}
    found = []
    for one, said in _chosen(session, review_id, rule, chosen).items():
        asked_here, given_here = asked.get(one, {}), given.get(one, {})
        stays = {} if chosen.again else asked_here
        if chosen.of_member is not None:
            if chosen.of_member not in asked_here or chosen.of_member in given_here:
                continue
            stays = {who: senior for who, senior in asked_here.items() if who != chosen.of_member}
        elif asked_here and not chosen.again:
            continue
        taken = given_here | stays
        if (places := rule.places - len(taken)) > 0:
            needs = bool(rule.seniors) and not any(taken.values())
            strangers = {who for who, codes in read.items() if said and not said & codes}
            leaver = {chosen.of_member} if chosen.of_member else set()
            not_for = frozenset({*taken, *barred.get(one, ()), *strangers, *leaver})
            found.append(Open(one, places, needs, not_for))
    return found


def standing(session: Session, review_id: int, stage: Stage) -> Sequence[Given]:
    """Who is asked for which record, as the allocation stands."""
    rows = session.execute(
        select(Assignment.record_id, Assignment.member_id, Assignment.is_senior)
        .join(Allocation, Allocation.id == Assignment.allocation_id)
        .where(Allocation.review_id == review_id, Assignment.stage == stage, Assignment.ended_by.is_(None))
    )
    return [(record_id, who, senior) for record_id, who, senior in rows]


def allotted(session: Session, review_id: int, rule: StageRule) -> dict[int, set[int]] | None:
    """The kept records that each member is to judge, by the member's id; None where nothing is allocated.

    Records with places that nobody who is still in the team is asked for are everybody's.
    """
    if not rule.arranged.allocated:
        return None
    members = [one.id for one in reviews.team(session, review_id) if one.left_at is None]
    asked = _by_record(row for row in standing(session, review_id, rule.stage) if row[1] in members)
    free = {one for one in session.scalars(standing_records(review_id)) if len(asked.get(one, ())) < rule.places}
    return {who: free | {one for one, people in asked.items() if who in people} for who in members}


def n_given(session: Session, allocation_id: int) -> int:
    """How many records an allocation gave to somebody."""
    given = select(func.count(Assignment.record_id.distinct())).where(Assignment.allocation_id == allocation_id)
    return session.scalar(given) or 0


def voted(session: Session, review_id: int, rule: StageRule) -> set[tuple[int, int]]:
    """Who has voted on which kept record, in hand or handed in."""
    return {(record_id, who) for record_id, who, _senior in session.execute(_votes(review_id, rule))}


def loads(session: Session, review_id: int, rule: StageRule, may_vote: Iterable[int]) -> list[Load]:
    """What is allocated to each person who votes or has something allocated, in the order in which they joined."""
    has_voted = voted(session, review_id, rule)
    stands = set(session.scalars(standing_records(review_id)))
    mine: dict[int, list[bool]] = defaultdict(list)
    for record_id, who, _senior in standing(session, review_id, rule.stage):
        if record_id in stands:
            mine[who].append((record_id, who) in has_voted)
    voters = set(may_vote)
    return [
        Load(one, len(mine[one.id]), sum(mine[one.id]), one.id in voters)
        for one in reviews.team(session, review_id)
        if one.id in voters or mine[one.id]
    ]


def n_free(session: Session, review_id: int, rule: StageRule) -> int:
    """How many records with open places are allocated to nobody, so that anybody may take them."""
    return len(open_places(session, review_id, rule, Chosen()))


def allocations(session: Session, review_id: int, stage: Stage) -> Sequence[tuple[Allocation, Member, int, int]]:
    """Every allocation of a stage, the newest first: by whom, on how many records, and how many of its places ended."""
    n, ended = func.count(Assignment.record_id.distinct()), func.count(Assignment.ended_by)
    rows = session.execute(
        select(Allocation, Member, n, ended)
        .join(Member, Member.id == Allocation.member_id)
        .outerjoin(Assignment, Assignment.allocation_id == Allocation.id)
        .where(Allocation.review_id == review_id, Allocation.stage == stage)
        .group_by(Allocation.id, Member.id)
        .order_by(Allocation.id.desc())
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows.unique()]


def allocation_by_key(session: Session, lead: Member, key: str) -> Allocation | None:
    """The allocation that was sent with this key before."""
    wanted = select(Allocation).where(Allocation.member_id == lead.id, Allocation.idempotency_key == key)
    return session.scalar(wanted)


def batches(session: Session, review_id: int, stage: Stage) -> list[tuple[str, set[int]]]:
    """The named batches of a stage, in the order in which they were allocated, each with its kept records."""
    rows = session.execute(
        _kept_of(Assignment)
        .add_columns(Allocation.id, Allocation.name)
        .join(Allocation, Allocation.id == Assignment.allocation_id)
        .where(Allocation.review_id == review_id, Allocation.stage == stage, Allocation.split == Split.BATCH)
        .order_by(Allocation.id)
    )
    found: dict[int, tuple[str, set[int]]] = {}
    for record_id, allocation_id, name in rows:
        found.setdefault(allocation_id, (name or "", set()))[1].add(record_id)
    return list(found.values())


def sources(session: Session, review_id: int) -> list[str]:
    """The names of the sources that brought records, in the order in which they were documented."""
    wanted = select(SearchRun.source_name).join(Import, Import.run_id == SearchRun.id)
    names = session.scalars(wanted.where(SearchRun.review_id == review_id).order_by(SearchRun.id))
    return list(dict.fromkeys(names))


def _chosen(session: Session, review_id: int, rule: StageRule, chosen: Chosen) -> dict[int, frozenset[str]]:
    """The records that are meant, with their languages: they count, nothing settles them, no running pilot has them."""
    settled = _kept_of(Settlement).where(Settlement.stage == rule.stage)
    piloted = (
        _kept_of(PilotRecord)
        .join(PilotRound, PilotRound.id == PilotRecord.round_id)
        .where(PilotRecord.stage == rule.stage, PilotRound.opened_at.is_(None))
    )
    wanted = (
        standing_records(review_id)
        .add_columns(Record.year, cast(Record.languages, Text))
        .join(Rank, (Rank.record_id == Record.id) & (Rank.stage == rule.stage))
        .where(*(Record.id.not_in(some.correlate(None)) for some in (settled, piloted)))
    )
    if chosen.sources:
        wanted = wanted.where(Record.id.in_(_from_sources(review_id, chosen.sources).correlate(None)))
    rows = session.execute(wanted.order_by(Record.id))
    coded = ((one, year, _codes(said)) for one, year, said in rows)
    found = {one: codes for one, year, codes in coded if chosen.fits(year, codes)}
    return found if rule.stage is Stage.TITLE_ABSTRACT else _sought(session, review_id, found)


@lru_cache(maxsize=1024)
def _codes(stored: str | None) -> frozenset[str]:
    """The languages of a record as stored; a review has few different ones, and reading each anew takes a second."""
    return frozenset(short_code(code.lower()) for code in json.loads(stored or "[]"))


def _sought(session: Session, review_id: int, found: dict[int, frozenset[str]]) -> dict[int, frozenset[str]]:
    titles = stage_rule(session, review_id, Stage.TITLE_ABSTRACT)
    included = {one.record_id for one in standing_at(session, review_id, titles, Outcome.INCLUDED)}
    return {one: codes for one, codes in found.items() if one in included}


def _from_sources(review_id: int, names: Sequence[str]) -> Select[int]:
    return (
        select(kept_id(Record.id))
        .select_from(Record)
        .join(Import, Import.id == Record.import_id)
        .join(SearchRun, SearchRun.id == Import.run_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(Record.review_id == review_id, SearchRun.source_name.in_(names))
    )


def _votes(review_id: int, rule: StageRule) -> Select[int, int, bool]:
    return (
        _kept_of(Vote)
        .add_columns(Vote.reviewer_id, Vote.is_senior)
        .join(Record, Record.id == Vote.record_id)
        .where(
            Record.review_id == review_id,
            Vote.stage == rule.stage,
            Vote.decision != Decision.WITHDRAWN,
            is_current(Vote),
            *still_counts(rule.arranged, Vote),
        )
    )


def _bars(review_id: int) -> Select[int, int, bool]:
    wanted = _kept_of(Bar).add_columns(Bar.member_id, Bar.lifted_at.is_(None))
    return wanted.join(Record, Record.id == Bar.record_id).where(Record.review_id == review_id, Bar.lifted_at.is_(None))


def _kept_of(table: type[Vote | Settlement | PilotRecord | Bar | Assignment]) -> Select[int]:
    """The records that stand for those of this table."""
    wanted = select(kept_id(table.record_id)).select_from(table)
    return wanted.outerjoin(Duplicate, Duplicate.record_id == table.record_id)


def _by_record(rows: Iterable[Given]) -> Mapping[int, dict[int, bool]]:
    """The people on each record, with whether they are seniors."""
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for record_id, who, senior in rows:
        found[record_id][who] = senior
    return found
