"""Agreement and progress for programs: what their pages show to the same person (B10)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated

from sqlalchemy.orm import Session

from workbench.errors import Invalid
from workbench.protocols.rules import plan_of
from workbench.protocols.writers import independence_warning
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Deed, Stage, may
from workbench.screening.agreement import Agreement, Table
from workbench.screening.queries import agreement as queries
from workbench.screening.queries import awaiting, votes
from workbench.screening.queries.agreement import Figures
from workbench.screening.queries.allocation import allotted
from workbench.screening.queries.progress import Progress, Share, own_pace
from workbench.screening.queries.progress import progress as progress_of
from workbench.screening.views.agreement import HiddenWhileOpen, parts, undecided
from workbench.words import _


class NoCheck(Invalid):
    """Only single screening with a second check has an error rate."""

    hint = "It belongs to the variant single-plus-check."


HIDDEN = "Null while a conflict is open that you may be asked to decide: it would tell who said what."


@dataclass(frozen=True)
class TableTold:
    """What two people said of the same records, and what it amounts to; what is not estimable is null."""

    classes: Sequence[str]
    cells: Annotated[Sequence[Sequence[int]] | None, "Rows: what the first said; columns: the other. Null: hidden."]
    n: int
    observed: float | None
    kappa: float | None
    kappa_low: Annotated[float | None, "95 % interval, large sample."]
    kappa_high: float | None
    pabak: float | None
    ac1: float | None
    positive: Annotated[float | None, "Agreement on includes."]
    negative: Annotated[float | None, "Agreement on excludes."]


@dataclass(frozen=True)
class OfPair:
    """The figures of two people."""

    people: Sequence[str]
    two_by_two: TableTold
    three_by_three: Annotated[TableTold | None, HIDDEN]


@dataclass(frozen=True)
class OfPart:
    """The figures of an open pilot round or of a batch."""

    name: str
    two_by_two: TableTold
    three_by_three: Annotated[TableTold | None, HIDDEN]


@dataclass(frozen=True)
class OfHundred:
    """The figures of records that opened one after another."""

    records: str
    two_by_two: TableTold
    three_by_three: Annotated[TableTold | None, HIDDEN]


@dataclass(frozen=True)
class OfWeek:
    """The figures of the records that opened in one week."""

    week: str
    two_by_two: TableTold
    three_by_three: Annotated[TableTold | None, HIDDEN]


@dataclass(frozen=True)
class LeftOut:
    """How many reports, or votes, make no pair, by the cause."""

    met_by_merge: int
    asked_again: int
    surplus: int


@dataclass(frozen=True)
class AgreementTold:
    """How far two people's first handed-in votes agree; unclear once as include (2×2), once for itself (3×3)."""

    review: str
    stage: Stage
    rests_on: Annotated[str | None, "Why the votes are not independent, where the rule makes them so."]
    left_out: LeftOut
    undecided: Annotated[int, "Open conflicts that you may be asked to decide; while there are any, tables are hidden."]
    two_by_two: TableTold
    three_by_three: Annotated[TableTold | None, HIDDEN]
    pairs: Sequence[OfPair]
    parts: Sequence[OfPart]
    by_hundred: Sequence[OfHundred]
    by_week: Sequence[OfWeek]


@dataclass(frozen=True)
class ShareTold:
    """What one person has given and can still give; only that they voted, never what."""

    name: str
    may_vote: bool
    given: int
    still_to_give: int
    only_theirs_missing: int
    in_conflict: int


@dataclass(frozen=True)
class OwnPaceTold:
    """One's own pace; it is told to nobody else."""

    given: int
    in_hand: int
    still_to_give: int
    only_mine_missing: int
    in_conflict: int
    an_hour: Annotated[float | None, "Votes an hour while at it; null before there are enough."]
    expected_end: date | None


@dataclass(frozen=True)
class ProgressTold:
    """How far a stage is, counted from votes that are handed in."""

    stage: Stage
    is_open: bool
    records: int
    all_votes_in: int
    in_conflict: int
    await_another_vote: int
    no_vote_in: int
    votes_left: int
    votes_a_day: float
    expected_end: Annotated[date | None, "If all goes on like in the last days; null where nothing goes on."]
    people: Annotated[Sequence[ShareTold] | None, "Told to who runs the stage."]
    mine: Annotated[OwnPaceTold | None, "Told to who votes at the stage."]


@dataclass(frozen=True)
class CheckTold:
    """The second check of single exclusions; it is not independent."""

    percent: float
    drawn: Annotated[int, "Exclusions drawn for the check."]
    checked: int
    wrong: Annotated[int | None, "Null until it is over."]
    rate: float | None
    interval: Annotated[Sequence[float] | None, "95 %."]
    independent: bool


def agreement(session: Session, review: Review, member: Member | None, stage: Stage) -> AgreementTold:
    """The figures of a stage.

    Args:
        session: reading is enough.
        review: whose stage.
        member: who asks; nobody on the host, who is told them once the stage is closed.
        stage: which one.

    Raises:
        HiddenWhileOpen: the stage is open, and the asker may still vote at it, or is not named (B10).
    """
    rule = votes.stage_rule(session, review.id, stage)
    refuse_voters(session, review, member, stage)
    plan = plan_of(votes.stage_version(session, review.id, stage).document).stages[stage]
    every, names = queries.pairs(session, review.id, rule), reviews.names(session, review.id)
    open_to_me = undecided(session, member, rule, every.found) if member else 0
    told = partial(both, is_hidden=bool(open_to_me))
    return AgreementTold(
        review.slug, stage, independence_warning(plan),
        LeftOut(every.met_by_merge, every.asked_again, every.surplus), open_to_me, *told(queries.figures(every.found)),
        pairs=[OfPair([names[one] for one in people], *told(queries.figures(some)))
               for people, some in queries.by_people(every.found).items()],
        parts=[OfPart(one.name, *told(one.figures)) for one in parts(session, review.id, stage, every.found)],
        by_hundred=[OfHundred(one.name, *told(one.figures)) for one in queries.over_time(every.found)],
        by_week=[OfWeek(one.name, *told(one.figures)) for one in queries.over_time(every.found, by_week=True)],
    )  # fmt: skip


def refuse_voters(session: Session, review: Review, member: Member | None, stage: Stage) -> None:
    """Keep figures from who may still vote at a stage, and while it is open from who is not named (B10)."""
    rule = votes.stage_rule(session, review.id, stage)
    if member is not None and not queries.still_votes(session, member, rule):
        return
    if votes.is_running(session, review.id, stage):
        said = _("The stage is open, and who may still vote at it does not see how much another keeps in.")
        unnamed = _("Name a member who does not vote there with --user, or ask again when the stage is closed.")
        raise HiddenWhileOpen(said, None if member else unnamed)


def both(figures: Figures, *, is_hidden: bool = False) -> tuple[TableTold, TableTold | None]:
    """Both tables of some pairs: unclear as include, and for itself; hidden is what would tell who said what."""
    two = _table(figures.two, figures.of_two)
    return (replace(two, cells=None), None) if is_hidden else (two, _table(figures.three, figures.of_three))


def progress(session: Session, review: Review, member: Member | None, stage: Stage) -> ProgressTold:
    """How far a stage is; people's shares to who runs it, or to who asks on the host; one's own pace to oneself."""
    rule = votes.stage_rule(session, review.id, stage)
    found = progress_of(session, review.id, rule, allotted(session, review.id, rule))
    is_open = votes.is_running(session, review.id, stage)
    sees_people = member is None or may(member.roles, Deed.RUN_STAGE, stage)
    mine = next((one for one in found.shares if member and one.member.id == member.id and one.may_vote), None)
    return ProgressTold(
        stage, is_open, found.total, found.settled, found.conflicts, found.awaited, found.untouched, found.votes_left,
        round(found.pace.a_day, 2), found.pace.end if is_open else None,
        people=_people(found) if sees_people else None,
        mine=_mine(session, mine, stage) if mine else None,
    )  # fmt: skip


def check(session: Session, member: Member, stage: Stage) -> CheckTold:
    """How the second check stands.

    Raises:
        NoCheck: the rule of the stage has none.
    """
    rule = votes.stage_rule(session, member.review_id, stage)
    found = awaiting.check(session, member.review_id, rule)
    if found is None:
        raise NoCheck(_("The rule of this stage has no second check."))
    return CheckTold(
        rule.check_percent, found.drawn, found.checked, found.wrong if found.is_over else None, found.rate,
        found.interval, rule.is_independent,
    )  # fmt: skip


def _table(table: Table, found: Agreement) -> TableTold:
    low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
    return TableTold(
        table.classes, table.cells, found.n, found.observed, found.kappa, low, high, found.pabak, found.ac1,
        found.positive, found.negative,
    )  # fmt: skip


def _people(found: Progress) -> list[ShareTold]:
    return [
        ShareTold(one.member.name, one.may_vote, one.given, one.waiting, one.awaited, one.conflicts)
        for one in found.shares
    ]


def _mine(session: Session, share: Share, stage: Stage) -> OwnPaceTold:
    rule = votes.stage_rule(session, share.member.review_id, stage)
    own = own_pace(session, share.member, rule, share.waiting)
    return OwnPaceTold(own.given, own.in_hand, own.waiting, share.awaited, share.conflicts, own.an_hour, own.pace.end)
