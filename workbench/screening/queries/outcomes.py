"""Where every record of a stage stands, as one SQL expression; the twin of `rules.outcome`."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import HandIn, Rank, Removal, Settlement, Vote
from workbench.screening.rules import Decision, Design, Origin, Outcome, StageRule, Variant

KNOWN = {outcome.value: outcome for outcome in Outcome}


class Standing(NamedTuple):
    """Where one record stands at a stage."""

    record_id: int
    outcome: Outcome
    reason_id: int | None
    questions: tuple[str, ...]
    design: Design | None


def standing_records(review_id: int, only: Collection[int] | None = None) -> Select[int]:
    """Ids of the kept records that count: their import is complete and not taken back, nothing removed them."""
    wanted = (
        select(Record.id)
        .join(Import, Import.id == Record.import_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .outerjoin(Removal, Removal.record_id == Record.id)
        .where(
            Record.review_id == review_id,
            Import.completed_at.is_not(None),
            Import.taken_back_at.is_(None),
            Duplicate.id.is_(None),
            Removal.id.is_(None),
        )
    )
    return wanted if only is None else wanted.where(Record.id.in_(only))


def outcomes(review_id: int, rule: StageRule, only: Collection[int] | None = None) -> CTE:
    """One row per kept record that counts: record_id, outcome, reason_id, questions, design (of a settled outcome).

    A later stage starts from the records that an earlier one included; that is the caller's to join.
    """
    base = standing_records(review_id, only).subquery("standing")
    votes, settled = _counted(review_id, rule, only), _settlements(review_id, rule.stage, only)
    first = aliased(Vote)
    said = _said(votes, rule)
    verdict = case(
        (settled.c.lowest != settled.c.highest, literal(Outcome.CONFLICT.value)),
        (settled.c.lowest.is_not(None), settled.c.lowest),
        else_=said,
    )
    is_settled = settled.c.settlement_id.is_not(None)
    final = aliased(Settlement)
    return (
        select(
            base.c.id.label("record_id"),
            cast(verdict, String).label("outcome"),
            case((is_settled, final.reason_id), (said == Outcome.EXCLUDED.value, first.reason_id)).label("reason_id"),
            case((is_settled, final.questions), (said == Outcome.INCLUDED.value, first.questions)).label("questions"),
            case(
                (is_settled, cast(final.design, String)), (said == Outcome.INCLUDED.value, cast(first.design, String))
            ).label("design"),
        )
        .select_from(base)
        .outerjoin(votes, votes.c.kept == base.c.id)
        .outerjoin(settled, settled.c.kept == base.c.id)
        .outerjoin(first, first.id == votes.c.first_vote)
        .outerjoin(final, final.id == settled.c.settlement_id)
        .cte(_named("outcomes", rule.stage))
    )


def standings(session: Session, review_id: int, rule: StageRule, only: Collection[int] | None = None) -> list[Standing]:
    """Where each record stands, as values."""
    found = outcomes(review_id, rule, only)
    return _as_values(session, select(found).order_by(found.c.record_id))


def decided(session: Session, review_id: int, rule: StageRule) -> list[Standing]:
    """Where each record stands that is no longer pending; what nobody has judged yet is not fetched."""
    found = outcomes(review_id, rule)
    wanted = select(found).where(found.c.outcome != Outcome.PENDING.value)
    return _as_values(session, wanted.order_by(found.c.record_id))


def _as_values(session: Session, wanted: Select[*tuple[Any, ...]]) -> list[Standing]:
    return [
        Standing(record_id, KNOWN[outcome], reason_id, tuple(questions.split()) if questions else (),
                 Design(design) if design else None)
        for record_id, outcome, reason_id, questions, design in session.execute(wanted)
    ]  # fmt: skip


def kept_id(record_id: ColumnElement[int] | type[Vote] | object) -> ColumnElement[int]:
    """The record that stands for this one, where Duplicate is outer-joined on it.

    The cast says that it is a whole number; without it SQLite builds no index over it and joins by searching all rows.
    """
    return cast(func.coalesce(Duplicate.kept_id, record_id), BigInteger)


def of_team(review_id: int) -> ColumnElement[bool]:
    """The vote is of a member of the review, and so on one of its records; quicker than asking each record."""
    return Vote.reviewer_id.in_(select(Member.id).where(Member.review_id == review_id))


def _named(part: str, stage: Stage) -> str:
    """Name a part of the statement, so that the outcomes of both stages can stand in one."""
    return f"{part}_{stage.name.lower()}"


def _says(stage: Stage, vote: type[Vote]) -> ColumnElement[str]:
    """What counts when ballots are compared; the twin of `Ballot.says`."""
    if stage is Stage.TITLE_ABSTRACT:
        return case((vote.decision == Decision.EXCLUDE, literal("exclude")), else_=literal("include"))
    included = (
        literal("include ") + func.coalesce(vote.questions, "") + " " + func.coalesce(cast(vote.design, Text), "")
    )
    excluded = literal("exclude ") + cast(vote.reason_id, Text)
    return case(
        (vote.decision == Decision.EXCLUDE, excluded),
        (vote.decision == Decision.INCLUDE, included),
        else_=literal("unclear"),
    )


def _handed_in(review_id: int, stage: Stage, only: Collection[int] | None) -> CTE:
    """Every handed-in ballot, on the record that now stands for the one it was cast on."""
    kept = kept_id(Vote.record_id)
    wanted = (
        select(
            kept.label("kept"),
            Vote.reviewer_id,
            Vote.id.label("vote_id"),
            HandIn.id.label("handed"),
            Vote.record_id.label("cast_on"),
            _says(stage, Vote).label("says"),
            case((Vote.origin == Origin.ASKED_AGAIN, Vote.id)).label("again"),
        )
        .join(HandIn, HandIn.vote_id == Vote.id)
        .join(Record, Record.id == Vote.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(Vote.stage == stage, Record.review_id == review_id, Vote.decision != Decision.WITHDRAWN)
    )
    if only is not None:
        wanted = wanted.where(kept.in_(only))
    return wanted.cte(_named("handed_in", stage))


def _persons(review_id: int, stage: Stage, only: Collection[int] | None) -> CTE:
    """What each person says of each record.

    Where one person's own votes differ on two records of a cluster none of them counts until they are asked again; then
    that answer counts.
    """
    ballots = _handed_in(review_id, stage, only)
    lowest, highest, again = func.min(ballots.c.says), func.max(ballots.c.says), func.max(ballots.c.again)
    each = (
        select(
            ballots.c.kept,
            ballots.c.reviewer_id,
            func.min(ballots.c.handed).label("handed"),
            lowest.label("says"),
            func.max(ballots.c.vote_id).label("vote_id"),
            func.min(ballots.c.cast_on).label("cast_on"),
            again.label("again"),
        )
        .group_by(ballots.c.kept, ballots.c.reviewer_id)
        .having(or_(again.is_not(None), lowest == highest))
        .cte(_named("each", stage))
    )
    answer, handed = aliased(Vote), aliased(HandIn)
    return (
        select(
            each.c.kept,
            func.coalesce(handed.id, each.c.handed).label("handed"),
            case((answer.id.is_not(None), _says(stage, answer)), else_=each.c.says).label("says"),
            func.coalesce(each.c.again, each.c.vote_id).label("vote_id"),
            each.c.cast_on,
        )
        .outerjoin(answer, answer.id == each.c.again)
        .outerjoin(handed, handed.vote_id == each.c.again)
        .cte(_named("persons", stage))
    )


def _counted(review_id: int, rule: StageRule, only: Collection[int] | None) -> CTE:
    """The ballots that count, side by side: one per person, in the order of hand-in, no more than the rule asks.

    Where more people than asked voted on different records of one report and do not say the same, `differs` is 1: its
    members stood at different outcomes, and somebody settles that.
    """
    persons = _persons(review_id, rule.stage, only)
    place = func.row_number().over(partition_by=persons.c.kept, order_by=persons.c.handed)
    ordered = select(persons, place.label("place")).cte(_named("ordered", rule.stage))
    first, second = ordered.c.place == 1, ordered.c.place == 2
    wanted = select(
        ordered.c.kept,
        func.max(case((first, ordered.c.says))).label("first"),
        func.max(case((second, ordered.c.says))).label("second"),
        func.max(case((first, ordered.c.vote_id))).label("first_vote"),
        case((_differs(ordered, rule), 1), else_=0).label("differs"),
        _is_checked(rule),
    ).group_by(ordered.c.kept)
    if rule.variant is Variant.SINGLE_PLUS_CHECK:
        wanted = wanted.outerjoin(Rank, and_(Rank.record_id == ordered.c.kept, Rank.stage == rule.stage))
    return wanted.cte(_named("counted", rule.stage))


def _differs(ordered: CTE, rule: StageRule) -> ColumnElement[bool]:
    return and_(
        func.count() > rule.most_votes,
        func.min(ordered.c.cast_on) != func.max(ordered.c.cast_on),
        func.min(ordered.c.says) != func.max(ordered.c.says),
    )


def _is_checked(rule: StageRule) -> ColumnElement[int]:
    """Whether a second person checks this record's single exclusion; asked only where the rule has such a check."""
    if rule.variant is not Variant.SINGLE_PLUS_CHECK:
        return literal(0).label("is_checked")
    return func.max(case((Rank.is_checked, 1), else_=0)).label("is_checked")


def _settlements(review_id: int, stage: Stage, only: Collection[int] | None) -> CTE:
    """The settlements of the newest turn of each report; where they differ the report is in conflict again."""
    kept = kept_id(Settlement.record_id)
    wanted = (
        select(
            kept.label("kept"),
            Settlement.id,
            cast(Settlement.verdict, String).label("verdict"),
            Settlement.turn,
            func.max(Settlement.turn).over(partition_by=kept).label("newest"),
        )
        .join(Record, Record.id == Settlement.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Settlement.record_id)
        .where(Settlement.stage == stage, Record.review_id == review_id)
    )
    if only is not None:
        wanted = wanted.where(kept.in_(only))
    each = wanted.cte(_named("settlements", stage))
    return (
        select(
            each.c.kept,
            func.min(each.c.verdict).label("lowest"),
            func.max(each.c.verdict).label("highest"),
            func.max(each.c.id).label("settlement_id"),
        )
        .where(each.c.turn == each.c.newest)
        .group_by(each.c.kept)
        .cte(_named("settled", stage))
    )


def _said(votes: CTE, rule: StageRule) -> ColumnElement[str]:
    """The outcome that the counted ballots alone amount to; the twin of `rules.outcome` without a settlement."""
    first, second = votes.c.first, votes.c.second
    passes = first.like("include%")
    enough: dict[Variant, ColumnElement[bool]] = {
        Variant.SINGLE: first.is_not(None),
        Variant.LIBERAL: passes,
        Variant.SINGLE_PLUS_CHECK: or_(passes, first == "unclear", and_(first.is_not(None), votes.c.is_checked == 0)),
        Variant.FULL_DUAL: null().is_not(None),
    }
    alone = case(
        (first == "unclear", literal(Outcome.CONFLICT.value)),
        (passes, literal(Outcome.INCLUDED.value)),
        else_=literal(Outcome.EXCLUDED.value),
    )
    liberal = [(second.like("include%"), literal(Outcome.INCLUDED.value))] if rule.variant is Variant.LIBERAL else []
    return case(
        (first.is_(None), literal(Outcome.PENDING.value)),
        (votes.c.differs == 1, literal(Outcome.CONFLICT.value)),
        (enough[rule.variant], alone),
        (second.is_(None), literal(Outcome.PENDING.value)),
        (or_(first == "unclear", second == "unclear"), literal(Outcome.CONFLICT.value)),
        *liberal,
        (first == second, alone),
        else_=literal(Outcome.CONFLICT.value),
    )
