"""Pairs of which two people said different things: what each said, and the answer that settles it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answered

from workbench.deduplication import queries, service
from workbench.deduplication.queries import WaitingPair, asked
from workbench.deduplication.queries.asked import Disputed
from workbench.deduplication.views.answers import read
from workbench.deduplication.views.desk import show
from workbench.deduplication.views.wording import answer_words, link_words
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("duplicate_disputes", __name__, url_prefix="/reviews/<slug>/duplicates/to-settle")

AT_ONCE = 10


@bp.get("")
@door(Deed.LOOK)
def disputes(slug: str) -> str:
    """Show the oldest pairs to settle, side by side, with what the two said; names stay away, so that reasons win."""
    session, member = current_session(), asking_member()
    found = asked.disputed(session, member.review_id)
    kept = queries.homes(session, {end for one in found[:AT_ONCE] for end in (one.low_id, one.high_id)})
    pairs = [_as_pair(one, kept) for one in found[:AT_ONCE]]
    return render_template(
        "deduplication/disputes.html",
        disputes=list(zip(found, show(session, pairs), strict=False)),
        n=len(found),
        link_words=link_words(),
        answer_words=answer_words(),
        new_key=service.new_key,
        may_decide=may(member.roles, Deed.DEDUPLICATE),
    )


@bp.post("")
@door(Deed.DEDUPLICATE)
def settle(slug: str) -> Answered:
    """Decide one of them."""
    sent = read(request.form, None)
    with transaction() as session:
        service.settle(session, asking_member(), *sent.pair, sent.answer, sent.link)
    flash(_("Records %(first)s and %(second)s are settled.", first=sent.pair[0], second=sent.pair[1]))
    return redirect(url_for(".disputes", slug=slug), 303)


def _as_pair(one: Disputed, kept: dict[int, int]) -> WaitingPair:
    """A pair to settle as the desk shows pairs; the evidence of a later run may no longer name it."""
    low, high = one.low_id, one.high_id
    return WaitingPair(low, high, 0.0, "", [], queries.in_order(kept.get(low, low), kept.get(high, high)))
