"""Who is asked for which records: how they are shared out, a draft of it first, and how far each has got."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from workbench.errors import Clash, Invalid
from workbench.protocols.rules.languages import meant_language, short_code
from workbench.reviews import queries as reviews
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening.queries import allocation as queries
from workbench.screening.queries import lists, votes
from workbench.screening.rules import Split, StageRule
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation
from workbench.screening.views.ballots import form_key
from workbench.web.transactions import current_session, transaction
from workbench.words import _, several

bp = Blueprint(
    "allocation", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>/allocation'
)


class UnreadableWish(Invalid):
    """An allocation is described by numbers: shares in percent, a size, years, a seed."""


@dataclass(frozen=True)
class Got:
    """What one person would get."""

    member: Member
    records: int
    is_senior: bool


@bp.get("")
@door(Deed.RUN_STAGE)
def overview(slug: str, stage: str) -> str:
    """Show who is asked for what, how far each has got, and the ways to share records out."""
    return _page(Stage(stage))


@bp.get("/draft")
@door(Deed.RUN_STAGE)
def draft(slug: str, stage: str) -> ResponseReturnValue:
    """Show who would get how many, before anything is done."""
    session, lead, here = current_session(), asking_member(), Stage(stage)
    try:
        wish = wish_of(request.args)
        found = allocation.draft(session, lead, here, wish)
    except (Invalid, Clash) as error:
        return _page(here, error), 422 if isinstance(error, Invalid) else 409
    rule = votes.stage_rule(session, lead.review_id, here)
    people = allocation.voters(session, lead.review_id, rule)
    got = [Got(one, found.of(one.id), votes.is_senior(one, rule)) for one in people]
    return render_template(
        "screening/allocation_draft.html", stage=here, rule=rule, wish=wish, draft=found, got=got,
        sent=[(name, value) for name, value in request.args.items(multi=True) if name != "csrf_token"],
        key=secrets.token_hex(12),
        leaver=session.get(Member, wish.chosen.of_member) if wish.chosen.of_member else None,
    )  # fmt: skip


@bp.post("")
@door(Deed.RUN_STAGE)
def allocate(slug: str, stage: str) -> ResponseReturnValue:
    """Make the allocation as it was seen in the draft; a large one is left to the worker."""
    here, seen = Stage(stage), request.form.get("seen", type=int)
    try:
        wish = wish_of(request.form)
        with transaction() as session:
            lead, key = asking_member(), form_key(request.form)
            if seen and lists.n_ranked(session, lead.review_id, here) > allocation.MOST_AT_ONCE:
                job_id = allocation.allocate_later(session, lead, here, wish, seen, key).id
            else:
                job_id, made = 0, allocation.allocate(session, lead, here, wish, seen, key)
                flash(_told(wish, queries.n_given(session, made.id)))
    except (Invalid, Clash) as error:
        return _page(here, error), 422 if isinstance(error, Invalid) else 409
    if job_id:
        current_app.extensions["workbench.queue"].wake(job_id)
        return redirect(url_for("review_jobs.job", slug=slug, job_id=job_id), 303)
    return redirect(url_for(".overview", slug=slug, stage=stage), 303)


def wish_of(sent: MultiDict[str, str]) -> Wish:
    """Read what the lead wants from the form's fields.

    Raises:
        UnreadableWish: a number is none, or the way of sharing out is not known.
    """
    kind = sent.get("split", "")
    if kind not in set(Split):
        raise UnreadableWish(_("It is not said how the records are shared out."), _("Choose one of the ways."))
    split = Split(kind)
    seed = int(_number(sent.get("seed")) or 0)
    if not 0 <= seed <= allocation.LARGEST_SEED:
        raise UnreadableWish(_("A seed is a whole number from 0 to %(n)s.", n=allocation.LARGEST_SEED))
    return Wish(split, _shares(sent, split), seed, sent.get("name", "")[:200].replace("\x00", ""), _chosen(sent))


def _shares(sent: MultiDict[str, str], split: Split) -> dict[int, float]:
    if split is Split.SHARES:
        typed = {name.removeprefix("share-"): value for name, value in sent.items() if name.startswith("share-")}
        return {int(who): _number(value) or 0 for who, value in typed.items() if who.isdigit() and len(who) < 16}
    return {int(who): 1 for who in sent.getlist("member") if who.isdigit() and len(who) < 16}


def _chosen(sent: MultiDict[str, str]) -> Chosen:
    years = [_number(sent.get(name)) for name in ("first_year", "last_year")]
    size, whose = _number(sent.get("size")), _number(sent.get("of_member"))
    named = sent.get("languages", "").replace(",", " ").split()
    return Chosen(
        size=int(size) if size else None,
        sources=tuple(sent.getlist("source")),
        first_year=int(years[0]) if years[0] else None,
        last_year=int(years[1]) if years[1] else None,
        languages=tuple(short_code(meant_language(one) or one.lower()) for one in named),
        again=bool(sent.get("again")),
        of_member=int(whose) if whose else None,
    )


def _number(text: str | None) -> float | None:
    """A number that is not below 0 and not above what a column holds; None where nothing is typed."""
    typed = (text or "").strip().removesuffix("%").strip().replace(",", ".")
    if not typed:
        return None
    try:
        number = float(typed)
    except ValueError:
        number = -1
    if not 0 <= number < 2**53:
        raise UnreadableWish(_("“%(typed)s” is no number that could be meant.", typed=typed[:40]))
    return number


def _page(here: Stage, refused: Exception | None = None) -> str:
    session, lead = current_session(), asking_member()
    rule = votes.stage_rule(session, lead.review_id, here)
    people = allocation.voters(session, lead.review_id, rule)
    return render_template(
        "screening/allocation.html", stage=here, rule=rule, people=people, refused=refused, sent=request.values,
        loads=queries.loads(session, lead.review_id, rule, [one.id for one in people]),
        free=queries.n_free(session, lead.review_id, rule),
        history=queries.allocations(session, lead.review_id, here),
        sources=queries.sources(session, lead.review_id), even=_even(people, rule),
        seniors={one.id for one in people if votes.is_senior(one, rule)},
        names=_names(session, lead),
    )  # fmt: skip


def _even(people: list[Member], rule: StageRule) -> Mapping[int, str]:
    """The same share for everybody, in percent to one place, the last ones getting what is left."""
    if len(people) < rule.places:
        return {one.id: "100" for one in people}
    tenths = [1000 * rule.places * (place + 1) // len(people) for place in range(len(people))]
    shares = [later - earlier for earlier, later in zip([0, *tenths], tenths, strict=False)]
    return {one.id: f"{share / 10:g}" for one, share in zip(people, shares, strict=True)}


def _names(session: Session, lead: Member) -> Mapping[int, str]:
    return {one.id: one.name for one in reviews.team(session, lead.review_id)}


def _told(wish: Wish, n: int) -> str:
    if wish.split is Split.EVERYONE:
        return _("Every record is anybody’s again. Votes stay as they were.")
    return several(n, _("One record is allocated."), _("%(n)s records are allocated."))
