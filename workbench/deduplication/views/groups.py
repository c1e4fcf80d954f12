"""Pairs that wait for the same reason, answered together after a look at a sample."""

import hashlib
from collections.abc import Sequence
from random import Random

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answered

from workbench.deduplication import queries, service
from workbench.deduplication.models import Answer
from workbench.deduplication.queries import WaitingPair, asked
from workbench.deduplication.rules.grouping import Group, group_of
from workbench.deduplication.views.answers import NoSuchAnswer, form_key
from workbench.deduplication.views.desk import show
from workbench.deduplication.views.wording import answer_words
from workbench.errors import Clash, Invalid, NotFound
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed, may
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("duplicate_groups", __name__, url_prefix="/reviews/<slug>/duplicates/groups")

SAMPLE = 10
MOST_AT_ONCE = 200
"""So many pairs are answered in one deed at most; the others of the group are the next deed."""


class NoSuchGroup(NotFound):
    """A group is there as long as pairs wait in it."""

    hint = "The list of groups shows what waits now."


class GroupChanged(Clash):
    """What is answered together is what was shown."""

    hint = "Look at the group once more; nothing was answered."


class NotLookedAt(Invalid):
    """A whole group is answered by somebody who looked at its sample."""

    hint = "Look at the sample, tick the box and answer again."


@bp.get("")
@door(Deed.LOOK)
def groups(slug: str) -> str:
    """List what waits by why it waits, the safest and largest groups first."""
    session, member = current_session(), asking_member()
    found = _groups(session)
    ordered = sorted(found.items(), key=lambda one: (not one[0].is_safe, -len(one[1]), one[0].words))
    return render_template(
        "deduplication/groups.html",
        groups=ordered,
        mine=queries.in_hand(session, member),
        answer_words=answer_words(),
        may_decide=may(member.roles, Deed.DEDUPLICATE),
    )


@bp.get("/<code>")
@door(Deed.LOOK)
def group(slug: str, code: str) -> str:
    """Show a sample of one group, drawn so that everybody gets the same."""
    session, member = current_session(), asking_member()
    found, pairs = _group(session, code)
    here = pairs[:MOST_AT_ONCE]
    sample = Random(code).sample(here, min(SAMPLE, len(here)))  # noqa: S311 -- a sample, no secret
    return render_template(
        "deduplication/group.html",
        group=found,
        n=len(pairs),
        here=len(here),
        digest=_digest(here),
        key=service.new_key(),
        sample=show(session, sample),
        may_decide=may(member.roles, Deed.DEDUPLICATE),
    )


@bp.post("/<code>")
@door(Deed.DEDUPLICATE)
def answer(slug: str, code: str) -> Answered:
    """Say the same of every pair of the group that was shown."""
    said = request.form.get("answer")
    if said not in {Answer.SAME, Answer.TWO}:
        raise NoSuchAnswer(_("A group is answered with same report or two reports."))
    if not request.form.get("looked"):
        raise NotLookedAt(_("Nobody said that the sample was looked at."))
    key = form_key(request.form.get("key")) or service.new_key()
    with transaction() as session:
        member = asking_member()
        if queries.is_done(session, member, key):
            return redirect(url_for(".groups", slug=slug), 303)
        found, pairs = _group(session, code)
        here = pairs[:MOST_AT_ONCE]
        if request.form.get("digest") != _digest(here):
            raise GroupChanged(_("The group has changed since you looked at it."))
        done, left = service.answer_group(session, member, [_ids(one) for one in here], Answer(said), found.words, key)
    flash(_("Pairs answered: %(n)s, %(answer)s.", n=len(done), answer=answer_words()[said]))
    if left:
        flash(_("Pairs left as they were, since an answer of a person speaks against it: %(n)s.", n=len(left)))
    return redirect(url_for(".groups", slug=slug), 303)


def _groups(session: Session) -> dict[Group, list[WaitingPair]]:
    found: dict[Group, list[WaitingPair]] = {}
    for pair in asked.waiting_for(session, asking_member()):
        found.setdefault(group_of(pair.evidence, pair.reason), []).append(pair)
    return found


def _group(session: Session, code: str) -> tuple[Group, list[WaitingPair]]:
    for found, pairs in _groups(session).items():
        if found.code == code:
            return found, pairs
    raise NoSuchGroup(_("No pair waits in this group any more."))


def _ids(pair: WaitingPair) -> queries.Pair:
    return queries.in_order(pair.first_id, pair.second_id)


def _digest(pairs: Sequence[WaitingPair]) -> str:
    """What was shown, so that nothing else is answered."""
    return hashlib.sha256(repr([_ids(pair) for pair in pairs]).encode()).hexdigest()
