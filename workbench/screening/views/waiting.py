"""What waits for one member of a review, over all rooms: a handful of counts for the first pages."""

from collections.abc import Iterator

from flask import url_for
from sqlalchemy.orm import Session

from workbench.deduplication import queries as deduplication
from workbench.records import queries as records
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Role, Stage, may
from workbench.reviews.views import Waiting
from workbench.screening.queries import lists, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import StageRule
from workbench.words import _


def waiting(session: Session, member: Member) -> list[Waiting]:
    """What this member can do now, in the order of the review; nothing that only others may do."""
    found = [*_searches(session, member), *_duplicates(session, member)]
    for stage in Stage:
        rule = queries.stage_rule(session, member.review_id, stage)
        found += [*_votes(session, member, rule), *_conflicts(session, member, rule)]
        if stage is Stage.TITLE_ABSTRACT:
            found += _retrieval(session, member, rule)
    return [one for one in found if one.n]


def _searches(session: Session, member: Member) -> Iterator[Waiting]:
    if may(member.roles, Deed.DOCUMENT_SEARCH):
        n = sum(bool(balance.unexplained) for balance in records.balances(session, member.review_id))
        yield Waiting(n, _("search runs with a difference to explain"), _at("records.searches", member))


def _duplicates(session: Session, member: Member) -> Iterator[Waiting]:
    if may(member.roles, Deed.DEDUPLICATE):
        n = len(deduplication.waiting_pairs(session, member.review_id))
        yield Waiting(n, _("pairs: same report or two?"), _at("deduplication.pairs", member))


def _retrieval(session: Session, member: Member, titles: StageRule) -> Iterator[Waiting]:
    if {Role.LEAD, Role.SEARCH_SPECIALIST} & set(member.roles):
        n = lists.n_to_retrieve(session, member.review_id, titles)
        yield Waiting(n, _("reports to retrieve"), _at("retrieval.reports", member))


def _votes(session: Session, member: Member, rule: StageRule) -> Iterator[Waiting]:
    if not queries.may_vote(member, rule) or not queries.is_running(session, member.review_id, rule.stage):
        return
    titles = rule.stage is Stage.TITLE_ABSTRACT
    screen = _("titles and abstracts to screen") if titles else _("full texts to judge")
    yield Waiting(queue.how_many_wait(session, member, rule), screen, _at("voting.desk", member, rule.stage))
    in_hand = len(queries.in_hand(session, member, rule.stage))
    finish = _("votes in hand on titles and abstracts") if titles else _("votes in hand on full texts")
    yield Waiting(in_hand, finish, _at("voting.mine", member, rule.stage))


def _conflicts(session: Session, member: Member, rule: StageRule) -> Iterator[Waiting]:
    may_discuss, may_judge = queries.may_vote(member, rule), queries.may_adjudicate(member, rule)
    if not may_discuss and not may_judge:
        return
    voters = queries.voters_of(session, lists.conflicts_at(session, member.review_id, rule), rule.stage)
    mine = sum(member.id in who for who in voters.values())
    place = _at("conflicts.index", member, rule.stage)
    if may_discuss:
        yield Waiting(mine, _("conflicts to discuss"), place)
    if may_judge:
        yield Waiting(len(voters) - mine, _("conflicts to adjudicate"), place)


def _at(endpoint: str, member: Member, stage: Stage | None = None) -> str:
    slug = member.review.slug
    return url_for(endpoint, slug=slug, stage=stage.value) if stage else url_for(endpoint, slug=slug)
