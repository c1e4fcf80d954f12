"""What waits for one member of a review, over all rooms: a handful of counts for the first pages."""

from collections.abc import Iterator

from flask import url_for
from sqlalchemy.orm import Session

from workbench.deduplication.queries import asked as duplicates
from workbench.records import queries as records
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Role, Stage, may
from workbench.reviews.views import Waiting
from workbench.screening.queries import inquiries, lists, merged, queue
from workbench.screening.queries import votes as queries
from workbench.screening.rules import Outcome, StageRule
from workbench.words import _, several


def waiting(session: Session, member: Member) -> list[Waiting]:
    """What this member can do now; screening first, then the order of the review; nothing that only others may do."""
    found: list[Waiting] = []
    for stage in Stage:
        rule = queries.stage_rule(session, member.review_id, stage)
        found += [*_opening(session, member, rule), *_votes(session, member, rule), *_conflicts(session, member, rule)]
        if stage is Stage.TITLE_ABSTRACT:
            found += _retrieval(session, member, rule)
    found += [*_inquiries(session, member), *_searches(session, member), *_duplicates(session, member)]
    return [one for one in found if one.n]


def _searches(session: Session, member: Member) -> Iterator[Waiting]:
    if may(member.roles, Deed.DOCUMENT_SEARCH):
        n = sum(bool(balance.unexplained) for balance in records.balances(session, member.review_id))
        what = several(n, _("search run with a difference to explain"), _("search runs with a difference to explain"))
        yield Waiting(n, what, _at("records.searches", member), _("Explain"))


def _duplicates(session: Session, member: Member) -> Iterator[Waiting]:
    if may(member.roles, Deed.DEDUPLICATE):
        n = duplicates.how_many_wait(session, member)
        what = several(n, _("pair: same report or two?"), _("pairs: same report or two?"))
        yield Waiting(n, what, _at("deduplication.pairs", member), _("Compare"))


def _retrieval(session: Session, member: Member, titles: StageRule) -> Iterator[Waiting]:
    if {Role.LEAD, Role.SEARCH_SPECIALIST} & set(member.roles):
        n = lists.n_to_retrieve(session, member.review_id, titles)
        what = several(n, _("report to retrieve"), _("reports to retrieve"))
        yield Waiting(n, what, _at("retrieval.reports", member), _("Retrieve"))


def _opening(session: Session, member: Member, rule: StageRule) -> Iterator[Waiting]:
    """Records on which nobody can vote before the stage is opened for the first time."""
    if may(member.roles, Deed.RUN_STAGE, rule.stage) and not queries.last_event(session, member.review_id, rule.stage):
        n = lists.stage_counts(session, member.review_id, rule)[Outcome.PENDING]
        titles = several(n, _("record waits for the stage to open"), _("records wait for the stage to open"))
        texts = several(n, _("full text waits for the stage to open"), _("full texts wait for the stage to open"))
        what = titles if rule.stage is Stage.TITLE_ABSTRACT else texts
        yield Waiting(n, what, _at("stages.stage", member, rule.stage), _("Open"))


def _votes(session: Session, member: Member, rule: StageRule) -> Iterator[Waiting]:
    if not queries.may_vote(member, rule) or not queries.is_running(session, member.review_id, rule.stage):
        return
    titles = rule.stage is Stage.TITLE_ABSTRACT
    n = queue.how_many_wait(session, member, rule, merged.held_back(session, member.review_id, rule.stage))
    screen = several(n, _("title and abstract to screen"), _("titles and abstracts to screen"))
    judge = several(n, _("full text to judge"), _("full texts to judge"))
    desk = _at("voting.desk", member, rule.stage)
    yield Waiting(n, screen if titles else judge, desk, _("Screen") if titles else _("Read"))
    n = len(queries.in_hand(session, member, rule.stage))
    finish = several(n, _("vote in hand on a title and abstract"), _("votes in hand on titles and abstracts"))
    final = several(n, _("vote in hand on a full text"), _("votes in hand on full texts"))
    yield Waiting(n, finish if titles else final, _at("voting.mine", member, rule.stage), _("Finish"))


def _conflicts(session: Session, member: Member, rule: StageRule) -> Iterator[Waiting]:
    may_discuss, may_judge = queries.may_vote(member, rule), queries.may_adjudicate(member, rule)
    if not may_discuss and not may_judge:
        return
    voters = queries.voters_of(session, lists.conflicts_at(session, member.review_id, rule), rule.stage)
    mine = sum(member.id in who for who in voters.values())
    place = _at("conflicts.index", member, rule.stage)
    if may_discuss:
        yield Waiting(mine, several(mine, _("conflict to discuss"), _("conflicts to discuss")), place, _("Discuss"))
    if may_judge:
        others = len(voters) - mine
        what = several(others, _("conflict to adjudicate"), _("conflicts to adjudicate"))
        yield Waiting(others, what, place, _("Decide"))


def _inquiries(session: Session, member: Member) -> Iterator[Waiting]:
    """Replies to one's own questions, and questions of others that one may read and nobody has replied to."""
    threads, place = inquiries.threads(session, member), _at("inquiries.index", member)
    news = sum(one.is_mine and one.has_news for one in threads)
    what = several(news, _("question of mine with a new reply"), _("questions of mine with new replies"))
    yield Waiting(news, what, place, _("Read"))
    if may(member.roles, Deed.ASK):
        open_ones = sum(not one.is_mine and not one.replies for one in threads)
        what = several(open_ones, _("question to the team"), _("questions to the team"))
        yield Waiting(open_ones, what, place, _("Reply"))


def _at(endpoint: str, member: Member, stage: Stage | None = None) -> str:
    slug = member.review.slug
    return url_for(endpoint, slug=slug, stage=stage.value) if stage else url_for(endpoint, slug=slug)
