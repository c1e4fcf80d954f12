"""Pairs that wait for a person's answer, and the answers, for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from flask import Blueprint

from workbench.accounts.rules import Scope
from workbench.deduplication import service
from workbench.deduplication.models import Answer, LinkKind
from workbench.deduplication.queries import WaitingPair
from workbench.deduplication.queries import asked as queries
from workbench.records.api import RecordTold, told
from workbench.reviews.access import asking_member, door
from workbench.reviews.rules import Deed
from workbench.web.api import answers, asked, body
from workbench.web.paging import cut
from workbench.web.transactions import current_session, transaction

bp = Blueprint("deduplication_api", __name__)
ON_A_PAGE = 25
KEY = {"pattern": "^[A-Za-z0-9_.:-]{8,40}$"}


@dataclass(frozen=True)
class Evidence:
    """One thing that was compared."""

    kind: str
    words: str


@dataclass(frozen=True)
class PairTold:
    """Two records that may be one report; the first stays kept if they are."""

    first: RecordTold
    second: RecordTold
    score: Annotated[float, "How likely, from 0 to 1."]
    reason: str
    evidence: Sequence[Evidence]


@dataclass(frozen=True)
class PairsWaiting:
    """One page of the pairs that wait, most likely first, those put off last."""

    items: Sequence[PairTold]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class PageOfPairs:
    """Which page of the pairs."""

    page: Annotated[int, "Pages are numbered from 1.", {"minimum": 1}] = 1


@dataclass(frozen=True)
class PairAnswer:
    """What a person says of a pair."""

    first: Annotated[int, "One record's id.", {"minimum": 1, "maximum": 2**53}]
    second: Annotated[int, "The other record's id.", {"minimum": 1, "maximum": 2**53}]
    answer: Annotated[Answer, "same: one report; two: two reports; linked: two that belong together; later: put off."]
    link: Annotated[LinkKind | None, "Where linked: what the pointing record is of the other."] = None
    pointing: Annotated[int | None, "Where linked: the record that points, such as the erratum."] = None
    key: Annotated[str | None, "A key of its own: the same key twice is one answer.", KEY] = None


@dataclass(frozen=True)
class PairsLeft:
    """How many pairs still wait."""

    waiting: int


@bp.get("/reviews/<slug>/duplicates")
@door(Deed.LOOK, Scope.READ)
@answers(PairsWaiting, asks=PageOfPairs)
def pairs(slug: str) -> PairsWaiting:
    """List the pairs of records that wait for an answer: same report, or two?"""
    session, member = current_session(), asking_member()
    waiting = queries.waiting_for(session, member)
    page = cut(len(waiting), asked(PageOfPairs).page, ON_A_PAGE)
    here = waiting[page.first : page.end]
    by_id = {one.id: one for one in told(session, sorted({end for pair in here for end in _ends(pair)}))}
    items = [_told(pair, by_id[pair.first_id], by_id[pair.second_id]) for pair in here]
    return PairsWaiting(items, len(waiting), page.number, page.last)


@bp.post("/reviews/<slug>/duplicates/answers")
@door(Deed.DEDUPLICATE, Scope.FULL)
@answers(PairsLeft, takes=PairAnswer)
def answer(slug: str) -> PairsLeft:
    """Answer one pair; saying the same twice changes nothing."""
    sent = body(PairAnswer)
    with transaction() as session:
        service.answer(session, asking_member(), sent.first, sent.second, sent.answer, _link(sent), sent.key)
    return _left()


@bp.post("/reviews/<slug>/duplicates/undo")
@door(Deed.DEDUPLICATE, Scope.FULL)
@answers(PairsLeft)
def undo(slug: str) -> PairsLeft:
    """Take back one's own last answer; where there is none, nothing changes."""
    with transaction() as session:
        service.undo(session, asking_member())
    return _left()


def _link(sent: PairAnswer) -> service.Link | None:
    return service.Link(sent.link, sent.pointing) if sent.link and sent.pointing else None


def _left() -> PairsLeft:
    return PairsLeft(queries.how_many_wait(current_session(), asking_member()))


def _ends(pair: WaitingPair) -> tuple[int, int]:
    return pair.first_id, pair.second_id


def _told(pair: WaitingPair, first: RecordTold, second: RecordTold) -> PairTold:
    return PairTold(first, second, pair.score, pair.reason, [Evidence(*one) for one in pair.evidence])
