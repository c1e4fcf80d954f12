"""Where every record of a stage stands, as one SQL expression; the twin of `rules.outcome`."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from workbench.deduplication.models import Duplicate
from workbench.records.models import Import, Record
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import (
    HandIn,
    PilotRecord,
    PilotRound,
    Rank,
    Removal,
    SettledWith,
    Settlement,
    Vote,
)
from workbench.screening.queries.arranged import still_counts
from workbench.screening.rules import Decision, Design, Origin, Outcome, StageRule, Variant, Verdict

KNOWN = {outcome.value: outcome for outcome in Outcome}
ASKED = 512
"""Questions to the database that are kept as asked: building this one takes longer than its answer on few records."""

Some = Collection[int] | BindParameter[list[int]]
"""Records that are asked about: their ids, or the place for them in a question that is kept."""

THESE: BindParameter[list[int]] = bindparam("these", expanding=True)


class Standing(NamedTuple):
    """Where one record stands at a stage."""

    record_id: int
    outcome: Outcome
    reason_id: int | None
    questions: tuple[str, ...]
    design: Design | None


def standing_records(review_id: int, only: Some | None = None) -> Select[int]:
    """Ids of the kept records that count: their import is complete and not taken back, nothing removed the report."""
    wanted = (
        select(Record.id)
        .join(Import, Import.id == Record.import_id)
        .outerjoin(Duplicate, Duplicate.record_id == Record.id)
        .where(
            Record.review_id == review_id,
            Import.completed_at.is_not(None),
            Import.taken_back_at.is_(None),
            Duplicate.id.is_(None),
            not_(is_out(Record.id)),
        )
    )
    return wanted if only is None else wanted.where(Record.id.in_(only))


def is_out(kept: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether the report that this kept record stands for was removed before screening: each of its records was.

    A record that nobody removed and that joins the report later brings it back: it is within the limits.
    """
    under, own, others = aliased(Duplicate), aliased(Removal), aliased(Removal)
    stays = select(under.id).outerjoin(others, others.record_id == under.record_id)
    stays = stays.where(under.kept_id == kept, others.id.is_(None))
    return and_(exists(own.id).where(own.record_id == kept), not_(stays.exists()))


def outcomes(review_id: int, rule: StageRule, only: Some | None = None) -> CTE:
    """One row per kept record that counts: record_id, outcome, reason_id, questions, design (of a settled outcome).

    A later stage starts from the records that an earlier one included; that is the caller's to join. A settlement
    speaks for the records that were one report when it was made: where another joined them later and stood at another
    outcome, or at full text was excluded for another reason or included for other questions (B9), the report is in
    conflict until somebody settles that.
    """
    base = standing_records(review_id, only).subquery("standing")
    standing = _standing_settlements(review_id, rule.stage, only)
    votes, settled = _counted(review_id, rule, standing, only), _settlements(standing, rule.stage)
    telling = aliased(Vote)
    said = _said(votes, rule)
    stood_elsewhere: ColumnElement[bool] = said.not_in([Outcome.PENDING.value, settled.c.lowest])
    if rule.stage is Stage.FULL_TEXT:
        said_otherwise = and_(said == settled.c.lowest, _says(rule.stage, telling) != settled.c.says)
        stood_elsewhere = or_(stood_elsewhere, said_otherwise)
    verdict = case(
        (settled.c.differs == 1, literal(Outcome.CONFLICT.value)),
        (settled.c.lowest.is_not(None) & stood_elsewhere, literal(Outcome.CONFLICT.value)),
        (settled.c.lowest.is_not(None), settled.c.lowest),
        else_=said,
    )
    is_settled = settled.c.settlement_id.is_not(None)
    final = aliased(Settlement)
    return (
        select(
            base.c.id.label("record_id"),
            cast(verdict, String).label("outcome"),
            case((is_settled, final.reason_id), (said == Outcome.EXCLUDED.value, telling.reason_id)).label("reason_id"),
            case((is_settled, final.questions), (said == Outcome.INCLUDED.value, telling.questions)).label("questions"),
            case(
                (is_settled, cast(final.design, String)), (said == Outcome.INCLUDED.value, cast(telling.design, String))
            ).label("design"),
        )
        .select_from(base)
        .outerjoin(votes, votes.c.kept == base.c.id)
        .outerjoin(settled, settled.c.kept == base.c.id)
        .outerjoin(telling, telling.id == _telling(votes, said))
        .outerjoin(final, final.id == settled.c.settlement_id)
        .cte(_named("outcomes", rule.stage))
    )


def standings(session: Session, review_id: int, rule: StageRule, only: Collection[int] | None = None) -> list[Standing]:
    """Where each record stands, as values."""
    if only is None:
        return _as_values(session, _standings(review_id, rule))
    return _as_values(session, _standings_of_these(review_id, rule), {"these": sorted(only)})


def decided(session: Session, review_id: int, rule: StageRule) -> list[Standing]:
    """Where each record stands that is no longer pending; what nobody has judged yet is not fetched."""
    return _as_values(session, _decided(review_id, rule))


@lru_cache(maxsize=ASKED)
def _standings(review_id: int, rule: StageRule) -> Select[*tuple[Any, ...]]:
    found = outcomes(review_id, rule)
    return select(found).order_by(found.c.record_id)


@lru_cache(maxsize=ASKED)
def _standings_of_these(review_id: int, rule: StageRule) -> Select[*tuple[Any, ...]]:
    found = outcomes(review_id, rule, THESE)
    return select(found).order_by(found.c.record_id)


@lru_cache(maxsize=ASKED)
def _decided(review_id: int, rule: StageRule) -> Select[*tuple[Any, ...]]:
    found = outcomes(review_id, rule)
    return select(found).where(found.c.outcome != Outcome.PENDING.value).order_by(found.c.record_id)


def checked_exclusions(review_id: int, rule: StageRule) -> Select[int, str | None, str | None]:
    """The single exclusions drawn for the second check: record, what the second person says, how it was settled.

    What both said is asked for here also where a settlement stands upon it.
    """
    votes = _counted(review_id, rule, None, None)
    settled = _settlements(_standing_settlements(review_id, rule.stage, None), rule.stage)
    return (
        select(votes.c.kept, votes.c.second, settled.c.lowest)
        .outerjoin(settled, settled.c.kept == votes.c.kept)
        .where(
            votes.c.is_checked == 1,
            votes.c.first.like("exclude%"),
            votes.c.kept.in_(standing_records(review_id).correlate(None)),
        )
        .order_by(votes.c.kept)
    )


def _as_values(
    session: Session, wanted: Select[*tuple[Any, ...]], values: Mapping[str, list[int]] | None = None
) -> list[Standing]:
    return [
        Standing(record_id, KNOWN[outcome], reason_id, tuple(questions.split()) if questions else (),
                 Design(design) if design else None)
        for record_id, outcome, reason_id, questions, design in session.execute(wanted, values)
    ]  # fmt: skip


def kept_id(record_id: ColumnElement[int] | type[Vote] | object) -> ColumnElement[int]:
    """The record that stands for this one, where Duplicate is outer-joined on it.

    The cast says that it is a whole number; without it SQLite builds no index over it and joins by searching all rows.
    """
    return cast(func.coalesce(Duplicate.kept_id, record_id), BigInteger)


def of_team(review_id: int) -> ColumnElement[bool]:
    """The vote is of a member of the review, and so on one of its records; quicker than asking each record."""
    return Vote.reviewer_id.in_(select(Member.id).where(Member.review_id == review_id))


def pilot_samples(review_id: int, stage: Stage) -> Select[int, object, int]:
    """The kept records of all pilot rounds of a stage: `kept`, `opened_at`, and whether its round still `runs`."""
    kept = kept_id(PilotRecord.record_id)
    return (
        select(
            kept.label("kept"),
            func.max(PilotRound.opened_at).label("opened_at"),
            func.max(case((PilotRound.opened_at.is_(None), 1), else_=0)).label("runs"),
        )
        .select_from(PilotRecord)
        .join(PilotRound, PilotRound.id == PilotRecord.round_id)
        .outerjoin(Duplicate, Duplicate.record_id == PilotRecord.record_id)
        .where(PilotRound.review_id == review_id, PilotRound.stage == stage)
        .group_by(kept)
    )


def handed_in_for_pilots(session: Session, review_id: int, stage: Stage, votes: Collection[Vote]) -> set[int]:
    """Ids of those of these votes that were handed in for a pilot round before it opened; a later one is surplus."""
    samples = pilot_samples(review_id, stage).subquery()
    wanted = (
        select(Vote.id)
        .join(HandIn, HandIn.vote_id == Vote.id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .join(samples, samples.c.kept == kept_id(Vote.record_id))
        .where(Vote.id.in_([vote.id for vote in votes]), _is_in_time(samples))
    )
    return set(session.scalars(wanted))


def _is_in_time(samples: FromClause) -> ColumnElement[bool]:
    """The ballot was handed in for a pilot round before it opened."""
    return and_(Vote.origin == Origin.PILOT, HandIn.handed_in_at <= samples.c.opened_at)


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


def _settled_says(stage: Stage) -> ColumnElement[str]:
    """What counts when settlements are compared, in the words of `_says`; at title-abstract the verdict alone."""
    verdict = cast(Settlement.verdict, String)
    if stage is Stage.TITLE_ABSTRACT:
        return verdict
    design = func.coalesce(cast(Settlement.design, Text), "")
    included = literal("include ") + func.coalesce(Settlement.questions, "") + " " + design
    return case(
        (Settlement.verdict == Verdict.INCLUDED, included),
        (Settlement.verdict == Verdict.EXCLUDED, literal("exclude ") + cast(Settlement.reason_id, Text)),
        else_=verdict,
    )


def _handed_in(review_id: int, rule: StageRule, standing: CTE | None, only: Some | None) -> CTE:
    """Every handed-in ballot that counts, on the record that now stands for the one it was cast on.

    Ballots that led to a settlement in `standing` do not count, nor those of a pilot round that has not opened yet, nor
    those that were given in one before the criteria changed.
    """
    kept, stage = kept_id(Vote.record_id), rule.stage
    wanted = (
        select(
            kept.label("kept"),
            Vote.reviewer_id,
            Vote.id.label("vote_id"),
            HandIn.id.label("handed"),
            Vote.record_id.label("cast_on"),
            _says(stage, Vote).label("says"),
            case((Vote.origin == Origin.ASKED_AGAIN, Vote.id)).label("again"),
            case((Vote.is_senior, 1), else_=0).label("senior"),
        )
        .join(HandIn, HandIn.vote_id == Vote.id)
        .join(Record, Record.id == Vote.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Vote.record_id)
        .where(Vote.stage == stage, Record.review_id == review_id, Vote.decision != Decision.WITHDRAWN)
    )
    if standing is not None:
        covered = _covered(standing, stage)
        led_there = and_(covered.c.record_id == Vote.record_id, covered.c.kept == kept)
        wanted = wanted.outerjoin(covered, led_there).where(covered.c.record_id.is_(None))
    if rule.arranged.piloted:
        samples = pilot_samples(review_id, stage).cte(_named("pilots", stage))
        wanted = wanted.outerjoin(samples, samples.c.kept == kept).where(func.coalesce(samples.c.runs, 0) == 0)
        wanted = wanted.where(*still_counts(rule.arranged, Vote)).add_columns(_in_pilot(samples))
    if only is not None:
        wanted = wanted.where(kept.in_(only))
    return wanted.cte(_named("handed_in", stage))


def _in_pilot(samples: CTE) -> ColumnElement[int]:
    """1 for a ballot that was handed in for a pilot round before it opened."""
    return case((_is_in_time(samples), 1), else_=0).label("in_pilot")


def _persons(review_id: int, rule: StageRule, standing: CTE | None, only: Some | None) -> CTE:
    """What each person says of each record.

    Where one person's own votes differ on two records of a cluster none of them counts until they are asked again; then
    that answer counts.
    """
    ballots, stage = _handed_in(review_id, rule, standing, only), rule.stage
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
            func.max(ballots.c.senior).label("senior"),
            *([func.max(ballots.c.in_pilot).label("in_pilot")] if rule.arranged.piloted else []),
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
            each.c.senior,
            *([each.c.in_pilot] if rule.arranged.piloted else []),
        )
        .outerjoin(answer, answer.id == each.c.again)
        .outerjoin(handed, handed.vote_id == each.c.again)
        .cte(_named("persons", stage))
    )


def _counted(review_id: int, rule: StageRule, standing: CTE | None, only: Some | None) -> CTE:
    """The ballots that count, side by side: one per person, in the order of hand-in, no more than the rule asks.

    Where more people than asked voted on different records of one report and do not say the same, `differs` is 1: its
    members stood at different outcomes, and somebody settles that.
    """
    ordered = _ordered(_persons(review_id, rule, standing, only), rule)
    first, second = ordered.c.place == 1, ordered.c.place == 2
    wanted = select(
        ordered.c.kept,
        func.max(case((first, ordered.c.says))).label("first"),
        func.max(case((second, ordered.c.says))).label("second"),
        func.max(case((first, ordered.c.vote_id))).label("first_vote"),
        func.max(case((second, ordered.c.vote_id))).label("second_vote"),
        case((_differs(ordered, rule), 1), else_=0).label("differs"),
        _is_checked(rule),
    ).group_by(ordered.c.kept)
    if rule.variant is Variant.SINGLE_PLUS_CHECK:
        wanted = wanted.outerjoin(Rank, and_(Rank.record_id == ordered.c.kept, Rank.stage == rule.stage))
    return wanted.cte(_named("counted", rule.stage))


def _ordered(persons: CTE, rule: StageRule) -> CTE:
    """The ballots of each record with their place: the twin of `rules.paired`.

    Where each pair needs a senior, a ballot that makes none with the first stands behind those that do, beyond place 2.
    """
    in_time = func.row_number().over(partition_by=persons.c.kept, order_by=persons.c.handed)
    if not rule.seniors:
        return select(persons, in_time.label("place")).cte(_named("ordered", rule.stage))
    lead = func.first_value(persons.c.senior).over(partition_by=persons.c.kept, order_by=persons.c.handed)
    timed = select(persons, in_time.label("at"), lead.label("lead")).cte(_named("timed", rule.stage))
    fits = case((or_(timed.c.at == 1, timed.c.lead == 1, timed.c.senior == 1), 0), else_=1)
    place = func.row_number().over(partition_by=timed.c.kept, order_by=[fits, timed.c.at])
    return select(timed, (place + fits).label("place")).cte(_named("ordered", rule.stage))


def _differs(ordered: CTE, rule: StageRule) -> ColumnElement[bool]:
    """More people than asked differ over different records of one report, or those who piloted the record differ."""
    merged = and_(
        func.count() > rule.most_votes,
        func.min(ordered.c.cast_on) != func.max(ordered.c.cast_on),
        func.min(ordered.c.says) != func.max(ordered.c.says),
    )
    if not rule.arranged.piloted:
        return merged
    piloted = case((ordered.c.in_pilot == 1, ordered.c.says))
    return or_(merged, func.min(piloted) != func.max(piloted))


def _telling(votes: CTE, said: ColumnElement[str]) -> ColumnElement[int]:
    """The ballot that says reason, questions and design: the first, or the second where that one alone included."""
    second_included = and_(said == Outcome.INCLUDED.value, votes.c.first.not_like("include%"))
    return case((second_included, votes.c.second_vote), else_=votes.c.first_vote)


def _is_checked(rule: StageRule) -> ColumnElement[int]:
    """Whether a second person checks this record's single exclusion; asked only where the rule has such a check."""
    if rule.variant is not Variant.SINGLE_PLUS_CHECK:
        return literal(0).label("is_checked")
    return func.max(case((Rank.is_checked, 1), else_=0)).label("is_checked")


def _standing_settlements(review_id: int, stage: Stage, only: Some | None) -> CTE:
    """The settlements of each report that no later one took up: kept, id, record_id, verdict, and what it says."""
    kept = kept_id(Settlement.record_id)
    wanted = (
        select(
            kept.label("kept"),
            Settlement.id,
            Settlement.record_id,
            cast(Settlement.verdict, String).label("verdict"),
            _settled_says(stage).label("says"),
            Settlement.turn,
        )
        .join(Record, Record.id == Settlement.record_id)
        .outerjoin(Duplicate, Duplicate.record_id == Settlement.record_id)
        .where(Settlement.stage == stage, Record.review_id == review_id)
    )
    if only is not None:
        wanted = wanted.where(kept.in_(only))
    each = wanted.cte(_named("settlements", stage))
    later, covers = each.alias(), _covers()
    taken_up = (
        select(each.c.id)
        .join(later, and_(later.c.kept == each.c.kept, later.c.turn > each.c.turn))
        .join(covers, and_(covers.c.settlement_id == later.c.id, covers.c.record_id == each.c.record_id))
    )
    return select(each).where(each.c.id.not_in(taken_up)).cte(_named("standing_settlements", stage))


def _covers() -> Subquery:
    """Which records each settlement speaks for: its own, and those that stood with it under one report."""
    own = select(Settlement.id.label("settlement_id"), Settlement.record_id.label("record_id"))
    return own.union_all(select(SettledWith.settlement_id, SettledWith.record_id)).subquery()


def _covered(standing: CTE, stage: Stage) -> CTE:
    """The records whose ballots led to a settlement that stands, each with the kept record of its report."""
    covers = _covers()
    wanted = select(standing.c.kept, covers.c.record_id).join(covers, covers.c.settlement_id == standing.c.id)
    return wanted.distinct().cte(_named("covered", stage))


def _settlements(standing: CTE, stage: Stage) -> CTE:
    """What the standing settlements of each report say; where they differ the report is in conflict again."""
    return (
        select(
            standing.c.kept,
            func.min(standing.c.verdict).label("lowest"),
            func.max(standing.c.says).label("says"),
            case((func.min(standing.c.says) != func.max(standing.c.says), 1), else_=0).label("differs"),
            func.max(standing.c.id).label("settlement_id"),
        )
        .group_by(standing.c.kept)
        .cte(_named("settled", stage))
    )


def settled_records(session: Session, review_id: int, stage: Stage, kept_ids: Collection[int]) -> set[int]:
    """Of the records of these reports, those whose ballots led to a settlement that stands."""
    covered = _covered(_standing_settlements(review_id, stage, kept_ids), stage)
    return set(session.scalars(select(covered.c.record_id)))


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
