"""Pairs of independent votes: what two people said first of the same record, each without knowing of the other.

Left out: what is not handed in, whoever came after the pair was whole (surplus), answers to being asked again, reports
whose two votes were cast on two of its records ("met by merge"), and everything said after opening.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workbench.deduplication.models import Duplicate
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.agreement import Agreement, Pair, Table, agreement, three_by_three, two_by_two
from workbench.screening.models import HandIn, Rank, Vote
from workbench.screening.queries import votes as queries
from workbench.screening.queries.arranged import still_counts
from workbench.screening.queries.memo import decided_standings
from workbench.screening.queries.merged import are_spread
from workbench.screening.queries.outcomes import kept_id, of_team
from workbench.screening.rules import Ballot, Decision, Design, Origin, StageRule, Variant, enough, paired
from workbench.words import _, spaced


class Said(NamedTuple):
    """One handed-in ballot as far as agreement asks: whose, on which record, what, and when it was handed in."""

    kept: int
    cast_on: int
    reviewer_id: int
    decision: Decision
    reason_id: int | None
    questions: str | None
    design: Design | None
    origin: Origin
    is_senior: bool
    handed_in_at: datetime

    def says(self, stage: Stage) -> str:
        """What counts when ballots are compared."""
        return Ballot(self.decision, self.reason_id, tuple((self.questions or "").split()), self.design).says(stage)


@dataclass(frozen=True)
class Paired:
    """Two people's first votes on one record; `one` joined the team before `other`, whoever voted first."""

    record_id: int
    """The record that now stands for the report."""
    one: Said
    other: Said

    @property
    def opened_at(self) -> datetime:
        """When the second of the two was handed in."""
        return max(self.one.handed_in_at, self.other.handed_in_at)

    @property
    def people(self) -> tuple[int, int]:
        """Whose votes these are."""
        return self.one.reviewer_id, self.other.reviewer_id

    @property
    def said(self) -> Pair:
        """What the two said."""
        return self.one.decision.value, self.other.decision.value


@dataclass(frozen=True)
class Pairs:
    """The pairs of a stage in the order in which their records opened, and how many reports gave none, by the cause."""

    found: Sequence[Paired]
    met_by_merge: int
    asked_again: int
    surplus: int
    """Votes beyond the number that the rule asks for."""


def still_votes(session: Session, member: Member, rule: StageRule) -> bool:
    """Whether this person may yet vote at the stage; to them no figure shows what another keeps in (B10)."""
    return queries.is_running(session, member.review_id, rule.stage) and queries.may_vote(member, rule)


@dataclass(frozen=True)
class Figures:
    """Some pairs as tables, once with unclear as include and once with unclear for itself, and what they amount to."""

    two: Table
    three: Table
    of_two: Agreement
    of_three: Agreement


def figures(found: Iterable[Paired]) -> Figures:
    """Ask some pairs for everything."""
    return figures_of([pair.said for pair in found])


def figures_of(said: Sequence[Pair]) -> Figures:
    """Ask for everything where only what two people said is known."""
    two, three = two_by_two(said), three_by_three(said)
    return Figures(two, three, agreement(two), agreement(three))


def pairs(session: Session, review_id: int, rule: StageRule, only: Collection[int] | None = None) -> Pairs:
    """Ask for the pairs of a stage.

    Args:
        session: reading is enough.
        review_id: the review.
        rule: the rule that the stage was opened under; with less than two votes asked there are no pairs.
        only: kept records to look at, those of a batch or of a pilot round; all where not given.
    """
    drawn = _drawn(session, review_id, rule)
    by_report: dict[int, list[Said]] = {}
    for row in session.execute(_handed_in(review_id, rule)):
        said = Said(*row)
        by_report.setdefault(said.kept, []).append(said)
    chosen = by_report if only is None else {kept: by_report[kept] for kept in set(only) & by_report.keys()}
    return _sorted_out(chosen, rule, drawn, decided_standings(session, review_id, rule).keys())


def by_hundred(found: Sequence[Paired], size: int = 100) -> list[Sequence[Paired]]:
    """Pairs in the order in which their records opened, by hundreds; a rest of less than half joins the last one."""
    cuts = list(range(0, max(1, len(found)), size))
    if len(cuts) > 1 and len(found) - cuts[-1] < size / 2:
        cuts.pop()
    return [found[start:end] for start, end in zip(cuts, [*cuts[1:], len(found)], strict=True) if found]


def by_week(found: Sequence[Paired]) -> list[tuple[tuple[int, int], Sequence[Paired]]]:
    """Pairs by the week (year and number, ISO 8601) in which their records opened."""
    grouped = groupby(found, key=lambda pair: tuple(pair.opened_at.isocalendar())[:2])
    return [((year, week), list(some)) for (year, week), some in grouped]


@dataclass(frozen=True)
class Point:
    """Some pairs that opened one after another, and their place in time."""

    name: str
    figures: Figures


def over_time(found: Sequence[Paired], *, by_week: bool = False, size: int = 100) -> list[Point]:
    """The figures by hundred records (or several hundred) or by week, in the order in which the records opened."""
    return [Point(name, figures(some)) for name, some in (_weeks(found) if by_week else _hundreds(found, size))]


def fitting_size(n: int, most: int = 24) -> int:
    """How many hundred records make a point, so that a picture has no more points than the eye can follow.

    >>> fitting_size(2400), fitting_size(2401), fitting_size(0)
    (100, 200, 100)
    """
    return 100 * max(1, -(-n // (100 * most)))


def _weeks(found: Sequence[Paired]) -> Iterator[tuple[str, Sequence[Paired]]]:
    for (year, week), some in by_week(found):
        yield _("%(year)s, week %(week)s", year=year, week=week), some


def _hundreds(found: Sequence[Paired], size: int) -> Iterator[tuple[str, Sequence[Paired]]]:
    end = 0
    for some in by_hundred(found, size):
        start, end = end + 1, end + len(some)
        yield f"{spaced(start)} – {spaced(end)}", some


def by_people(found: Iterable[Paired]) -> dict[tuple[int, int], list[Paired]]:
    """Pairs of votes by whose they are, in the order in which the people joined."""
    ordered = sorted(found, key=attrgetter("people", "opened_at", "record_id"))
    return {people: list(some) for people, some in groupby(ordered, key=attrgetter("people"))}


def part_of(found: Iterable[Paired], record_ids: AbstractSet[int]) -> list[Paired]:
    """The pairs on these kept records, those of a batch or of a pilot round, without asking the database again."""
    return [pair for pair in found if pair.record_id in record_ids]


def _sorted_out(
    by_report: dict[int, list[Said]], rule: StageRule, drawn: AbstractSet[int], opened: AbstractSet[int]
) -> Pairs:
    """Find the pair of each report that is open (B3): all votes that its rule asks for are in."""
    found, merged, again, surplus = [], 0, 0, 0
    for kept, votes in by_report.items():
        if _is_asked_again(votes, rule.stage):
            again += 1
            continue
        if kept not in opened:
            continue
        pair = _pair(kept, votes, rule, is_checked=kept in drawn)
        merged += rule.most_votes > 1 and are_spread(_voters(votes))
        surplus += _surplus(votes, rule)
        found += [pair] if pair else []
    return Pairs(sorted(found, key=attrgetter("opened_at", "record_id")), merged, again, surplus)


def _surplus(votes: Sequence[Said], rule: StageRule) -> int:
    """How many people voted beyond the number asked; a pilot round asks everybody."""
    people = {vote.reviewer_id for vote in votes}
    asked = {vote.reviewer_id for vote in votes if vote.origin is Origin.PILOT}
    return len(people) - max(len(asked), min(len(people), rule.most_votes))


def _voters(votes: Sequence[Said]) -> list[set[int]]:
    by_record: dict[int, set[int]] = {}
    for vote in votes:
        by_record.setdefault(vote.cast_on, set()).add(vote.reviewer_id)
    return list(by_record.values())


def _pair(kept: int, votes: Sequence[Said], rule: StageRule, *, is_checked: bool) -> Paired | None:
    """The first two people's votes on one and the same record of the report that make a pair by the rule.

    Where the first ballot alone decides, nobody is asked for a second: what comes all the same is surplus.
    """
    first: dict[int, dict[int, Said]] = {}
    for vote in votes:
        here = first.setdefault(vote.cast_on, {})
        here.setdefault(vote.reviewer_id, vote)
        pair = paired([*here.values()], rule)
        if len(pair) > 1 and not _is_enough(pair[0], rule, is_checked):
            return Paired(kept, *sorted(pair, key=attrgetter("reviewer_id")))
    return None


def _is_enough(first: Said, rule: StageRule, is_checked: bool) -> bool:
    return not rule.is_independent and enough(first.says(rule.stage), rule, checked=is_checked)


def _is_asked_again(votes: Sequence[Said], stage: Stage) -> bool:
    """Whether one person's own votes on the report differ, or did until that person was asked again."""
    if not _is_spread(votes) and not any(vote.origin is Origin.ASKED_AGAIN for vote in votes):
        return False
    own: dict[int, set[str]] = {}
    for vote in votes:
        own.setdefault(vote.reviewer_id, set()).add(vote.says(stage))
    return any(len(said) > 1 for said in own.values()) or any(vote.origin is Origin.ASKED_AGAIN for vote in votes)


def _is_spread(votes: Sequence[Said]) -> bool:
    return any(vote.cast_on != votes[0].cast_on for vote in votes)


def _handed_in(review_id: int, rule: StageRule) -> Select[*tuple[Any, ...]]:
    """Every handed-in ballot of the stage that is no history, on the record that now stands for its own."""
    return (
        select(
            kept_id(Vote.record_id), Vote.record_id, Vote.reviewer_id, Vote.decision, Vote.reason_id, Vote.questions,
            Vote.design, Vote.origin, Vote.is_senior, HandIn.handed_in_at,
        )
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(
            Vote.stage == rule.stage,
            of_team(review_id),
            Vote.decision != Decision.WITHDRAWN,
            *still_counts(rule.arranged, Vote),
        )
        .order_by(HandIn.id)
    )  # fmt: skip


def _drawn(session: Session, review_id: int, rule: StageRule) -> AbstractSet[int]:
    """The records whose single exclusion a second person checks; asked only where the rule has such a check."""
    if rule.variant is not Variant.SINGLE_PLUS_CHECK:
        return frozenset()
    wanted = select(Rank.record_id).where(Rank.review_id == review_id, Rank.stage == rule.stage, Rank.is_checked)
    return frozenset(session.scalars(wanted))
