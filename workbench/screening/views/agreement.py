"""How far the reviewers of a stage agree: tables, figures over time, and the pairs row by row.

To nobody who may still vote at the stage (B10): a table of two people's votes shows how much the other keeps in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from sqlalchemy.orm import Session

from workbench.errors import Clash, NotAllowed, NotFound
from workbench.protocols.rules import plan_of
from workbench.protocols.writers import independence_warning
from workbench.records.writers import as_csv
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening.agreement import Interval
from workbench.screening.pictures import Chart, chart
from workbench.screening.queries import agreement as queries
from workbench.screening.queries import allocation, conflicts, lists, pilots
from workbench.screening.queries import votes as stages
from workbench.screening.queries.agreement import Figures, Paired, Point, figures
from workbench.screening.rules import StageRule
from workbench.screening.writers import figure, interval
from workbench.web.transactions import current_session
from workbench.words import _

bp = Blueprint(
    "agreement", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>/agreement'
)


class HiddenWhileOpen(NotAllowed):
    """Whoever may still vote at a stage does not see how much another keeps in (B10)."""

    hint = "The figures open to you when the stage is closed."


class NoLineYet(Clash):
    """A line over time has two points or more."""

    hint = "It begins with 150 records, or with records of two weeks; the figures themselves are on the page."


class NoSuchPair(NotFound):
    """Figures are asked of two people who voted on the same record."""

    hint = "Choose a pair from the page of agreement."


@dataclass(frozen=True)
class Multiple:
    """One figure over time, as a small picture with its first and last value."""

    name: str
    values: Sequence[float | None]
    chart: Chart


@dataclass(frozen=True)
class Two:
    """Two people and what their pairs amount to."""

    key: str
    names: tuple[str, str]
    figures: Figures


@dataclass(frozen=True)
class Part:
    """A batch or an open pilot round, and what its pairs amount to."""

    name: str
    figures: Figures


@bp.get("")
@door(Deed.REPORT)
def page(slug: str, stage: str) -> str:
    """Show the figures of a stage, of all pairs or of one, over time; or why they are hidden."""
    session, member, here = current_session(), asking_member(), Stage(stage)
    plan = plan_of(stages.stage_version(session, member.review_id, here).document).stages[here]
    rule = stages.stage_rule(session, member.review_id, here)
    frame = {"stage": here, "rule": rule, "rests_on": independence_warning(plan)}
    if queries.still_votes(session, member, rule):
        return render_template("screening/agreement.html", is_hidden=True, **frame)
    every = queries.pairs(session, member.review_id, rule)
    names = reviews.names(session, member.review_id)
    chosen = _chosen(every.found, request.args.get("pair", ""))
    points = _points(chosen)
    return render_template(
        "screening/agreement.html", is_hidden=False, every=every, whole=figures(chosen), points=points,
        multiples=multiples(points), size=queries.fitting_size(len(chosen)), twos=list(_twos(every.found, names)),
        pair=request.args.get("pair", ""),
        parts=list(parts(session, member.review_id, here, chosen)),
        by="week" if request.args.get("by") == "week" else "hundred", figure=figure, interval=interval,
        undecided=undecided(session, member, rule, every.found), same_reason=_same_reason(chosen),
        is_running=stages.is_running(session, member.review_id, here),
        **frame,
    )  # fmt: skip


@bp.get("/picture.svg")
@door(Deed.REPORT)
def picture(slug: str, stage: str) -> Response:
    """Hand out the figures over time as a picture, of all pairs or of one."""
    session, member, here = current_session(), asking_member(), Stage(stage)
    rule = stages.stage_rule(session, member.review_id, here)
    _refuse(session, member, rule)
    chosen = _chosen(queries.pairs(session, member.review_id, rule).found, request.args.get("pair", ""))
    points = _points(chosen)
    if len(points) < 2:
        raise NoLineYet(_("There are too few records for a line over time."))
    drawn = render_template(
        "screening/agreement.svg", points=points, multiples=multiples(points), figure=figure, n=len(chosen),
        heading=_heading(session, member, here, request.args.get("pair", "")),
    )  # fmt: skip
    disposition = f'attachment; filename="{slug}-{stage}-agreement.svg"'
    return Response(drawn.strip(), mimetype="image/svg+xml", headers={"Content-Disposition": disposition})


@bp.get("/pairs.csv")
@door(Deed.REPORT)
def pairs_file(slug: str, stage: str) -> Response:
    """Hand out the pairs row by row."""
    body = pairs_csv(current_session(), asking_member(), Stage(stage))
    disposition = f'attachment; filename="{slug}-{stage}-pairs.csv"'
    return Response(body, mimetype="text/csv", headers={"Content-Disposition": disposition})


COLUMNS = (
    "record_id", "title", "reviewer_1", "decision_1", "reason_1", "handed_in_1", "reviewer_2", "decision_2", "reason_2",
    "handed_in_2", "opened", "agree", "agree_unclear_apart",
)  # fmt: skip


def pairs_csv(session: Session, member: Member, stage: Stage) -> str:
    """The pairs row by row, as far as this person may see them.

    Raises:
        HiddenWhileOpen: the stage is open, and they may still vote at it (B10).
    """
    rule = stages.stage_rule(session, member.review_id, stage)
    _refuse(session, member, rule)
    return as_csv(COLUMNS, _rows(session, member, rule))


def multiples(points: Sequence[Point]) -> list[Multiple]:
    """The figures that answer the page's question, each over time, with unclear as include."""
    of = [point.figures.of_two for point in points]
    bands: list[Interval | None] = [one.interval for one in of]
    shown: Mapping[str, list[float | None]] = {
        _("Observed agreement"): [one.observed for one in of],
        _("On includes"): [one.positive for one in of],
        _("Cohen’s kappa"): [one.kappa for one in of],
        _("Gwet’s AC1"): [one.ac1 for one in of],
    }
    kappa = _("Cohen’s kappa")
    return [Multiple(name, values, chart(values, bands if name == kappa else ())) for name, values in shown.items()]


def _points(chosen: Sequence[Paired]) -> Sequence[Point]:
    """The figures by week where the address asks for that, else by hundreds of records."""
    by_week = request.args.get("by") == "week"
    return queries.over_time(chosen, by_week=by_week, size=queries.fitting_size(len(chosen)))


def _refuse(session: Session, member: Member, rule: StageRule) -> None:
    if queries.still_votes(session, member, rule):
        raise HiddenWhileOpen(_("You vote at this stage, so the votes of others stay hidden while it is open."))


def _heading(session: Session, member: Member, stage: Stage, pair: str) -> str:
    """What the picture shows: the stage, and the two people where it is asked of one pair."""
    said = _("Agreement, full text") if stage is Stage.FULL_TEXT else _("Agreement, title and abstract")
    names = reviews.names(session, member.review_id)
    people = [names[int(one)] for one in pair.split("-") if pair]
    return f"{said}: {_('%(one)s and %(other)s', one=people[0], other=people[1])}" if people else said


def _chosen(found: Sequence[Paired], pair: str) -> Sequence[Paired]:
    if not pair:
        return found
    of = queries.by_people(found)
    people = next((people for people in of if _key(people) == pair), None)
    if people is None:
        raise NoSuchPair(_("No record has votes of these two."))
    return of[people]


def _key(people: tuple[int, int]) -> str:
    return f"{people[0]}-{people[1]}"


def _twos(found: Sequence[Paired], names: Mapping[int, str]) -> Iterator[Two]:
    for people, some in queries.by_people(found).items():
        yield Two(_key(people), (names[people[0]], names[people[1]]), figures(some))


def parts(session: Session, review_id: int, stage: Stage, found: Sequence[Paired]) -> Iterator[Part]:
    """These pairs by open pilot round and by batch."""
    for one in reversed(pilots.rounds(session, review_id, stage)):
        if one.opened_at:
            of_round = queries.part_of(found, set(pilots.sample(session, one)))
            yield Part(_("Pilot round %(n)s", n=one.number), figures(of_round))
    for name, record_ids in allocation.batches(session, review_id, stage):
        yield Part(_("Batch “%(name)s”", name=name), figures(queries.part_of(found, record_ids)))


def _same_reason(found: Sequence[Paired]) -> tuple[int, int]:
    """Of the pairs that both exclude: how many name the same reason, and how many there are."""
    both = [pair for pair in found if pair.said == ("exclude", "exclude")]
    return sum(pair.one.reason_id == pair.other.reason_id for pair in both), len(both)


def _rows(session: Session, member: Member, rule: StageRule) -> Iterator[list[object]]:
    found = queries.pairs(session, member.review_id, rule).found
    names, reasons = reviews.names(session, member.review_id), conflicts.reason_labels(session, member.review_id)
    hidden = kept_back(session, member, rule)
    titles = lists.titles_by_id(session, [pair.record_id for pair in found])
    for pair in found:
        about = [pair.record_id, titles[pair.record_id]]
        if pair.record_id in hidden and member.id not in pair.people:
            yield [*about, *[_("hidden until the conflict is settled")] * (len(COLUMNS) - len(about))]
        else:
            yield [*about, *_sides(pair, names, reasons)]


def undecided(session: Session, member: Member, rule: StageRule, found: Sequence[Paired]) -> int:
    """Open conflicts that this person may be asked to decide; a table would tell who said what of them (B5)."""
    hidden = kept_back(session, member, rule)
    return sum(pair.record_id in hidden and member.id not in pair.people for pair in found)


def kept_back(session: Session, member: Member, rule: StageRule) -> Collection[int]:
    """Open conflicts that this person may be asked to decide; what the two say is seen there, by a stored look (B5)."""
    if not stages.may_adjudicate(member, rule) or rule.reasons_at_once:
        return ()
    return set(lists.conflicts_at(session, member.review_id, rule))


def _sides(pair: Paired, names: Mapping[int, str], reasons: Mapping[int, str]) -> Iterator[object]:
    for said in (pair.one, pair.other):
        yield names[said.reviewer_id]
        yield said.decision.value
        yield reasons.get(said.reason_id or 0)
        yield said.handed_in_at.isoformat(timespec="seconds")
    yield pair.opened_at.isoformat(timespec="seconds")
    yield _yes(figures([pair]).two.agreed)
    yield _yes(figures([pair]).three.agreed)


def _yes(n: int) -> str:
    return "yes" if n else "no"
