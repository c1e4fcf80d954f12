"""The stage, the next records, one's own votes, and finishing, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint
from sqlalchemy.orm import Session

from workbench.accounts.rules import Scope
from workbench.errors import Clash
from workbench.reviews.access import asking_member, door
from workbench.reviews.models import Member
from workbench.reviews.rules import Deed, Stage
from workbench.screening import told
from workbench.screening.models import Vote
from workbench.screening.queries import votes as queries
from workbench.screening.queries.reasons import reason_id
from workbench.screening.rules import Decision, Design
from workbench.screening.service import team, voting
from workbench.screening.service.team import LONGEST_TAG, MOST_TAGS
from workbench.screening.told import OwnVote, OwnVotes, StageTold
from workbench.screening.told.records import Cards, cards
from workbench.screening.views.ballots import LAST_PAGE, LONGEST_NOTE, MOST_SKIPPED, Sent, from_json, tags_from
from workbench.web.api import answers, asked, body, plain
from workbench.web.transactions import current_session, transaction
from workbench.words import _

bp = Blueprint("voting_api", __name__, url_prefix='/reviews/<slug>/stages/<any("title-abstract", "full-text"):stage>')
MOST_AT_ONCE = 20
A_RECORD: Mapping[str, Any] = {"minimum": 1, "maximum": 2**53}
A_KEY: Mapping[str, Any] = {"pattern": "^[A-Za-z0-9_.:-]{8,80}$"}
A_NOTE: Mapping[str, Any] = {"maxLength": LONGEST_NOTE}
A_PAGE: Mapping[str, Any] = {"minimum": 1, "maximum": LAST_PAGE}
WORDS: Mapping[str, Any] = {"maxItems": MOST_TAGS, "items": {"type": "string", "maxLength": LONGEST_TAG}}


class NothingToWithdraw(Clash):
    """Only a vote of one's own that is there is taken back."""

    hint = "List your votes to see what stands."


@dataclass(frozen=True)
class More:
    """How many records are wanted, and which the program holds already."""

    limit: Annotated[int, "How many.", {"minimum": 1, "maximum": MOST_AT_ONCE}] = 5
    skip: Annotated[Sequence[int], "Records not to be given.", {"maxItems": MOST_SKIPPED}] = ()


@dataclass(frozen=True)
class VoteSent:
    """One vote. A newer one on the same record takes its place while it is in hand; `withdrawn` takes it back."""

    record: Annotated[int, "The record that is judged.", A_RECORD]
    decision: Decision
    key: Annotated[str, "One of your own for each vote: sent twice, it is one vote.", A_KEY]
    reason: Annotated[str | None, "The code of the exclusion reason; at full text an exclusion needs one."] = None
    questions: Annotated[Sequence[str], "Codes of questions it answers; at full text an include needs one.", WORDS] = ()
    design: Annotated[Design | None, "What kind of report it is; at full text an include needs it."] = None
    note: Annotated[str | None, "Opens with the vote.", A_NOTE] = None
    private_note: Annotated[str | None, "Nobody else ever sees it.", A_NOTE] = None
    tags: Annotated[Sequence[str], "Words that you sort records by.", WORDS] = ()
    page: Annotated[int | None, "The page of the full text on which it rests.", A_PAGE] = None
    quote: Annotated[str | None, "The words on that page; they open with the vote.", A_NOTE] = None
    quoted_from: Annotated[int | None, "The id of the file of the report that has the page.", A_RECORD] = None


@dataclass(frozen=True)
class TagsSent:
    """Tags that one's own vote should bear, or bear no more."""

    key: Annotated[str, "One of your own: sent twice, it is one deed.", A_KEY]
    put: Annotated[Sequence[str], "Put these on.", WORDS] = ()
    take_off: Annotated[Sequence[str], "Take these off.", WORDS] = ()


@dataclass(frozen=True)
class Finished:
    """How many votes were handed in; they are final."""

    handed_in: int


@dataclass(frozen=True)
class WhichVotes:
    """Which page of one's own votes."""

    page: Annotated[int, "Pages are numbered from 1.", {"minimum": 1}] = 1


@bp.get("")
@door(Deed.LOOK, Scope.READ)
@answers(StageTold)
def stage(slug: str, stage: str) -> StageTold:
    """Say where a stage stands for you: its rule, the reasons, how much is left."""
    return told.stage_told(current_session(), asking_member(), Stage(stage))


@bp.post("/queue")
@door(Deed.VOTE, Scope.VOTE)
@answers(Cards, takes=More)
def queue(slug: str, stage: str) -> Cards:
    """Get the next records that wait for your vote.

    A POST, since being served can hold a place on a record for a day, so that no more people judge it than votes are
    asked.
    """
    wanted = body(More)
    with transaction() as session:
        member = asking_member()
        turns = voting.serve(session, member, Stage(stage), wanted.limit, wanted.skip)
        rule = queries.stage_rule(session, member.review_id, Stage(stage))
        return Cards(cards(session, member, rule, [turn.record_id for turn in turns]))


@bp.post("/votes")
@door(Deed.VOTE, Scope.VOTE)
@answers(OwnVote, takes=VoteSent)
def vote(slug: str, stage: str) -> OwnVote:
    """Cast, change or withdraw one vote.

    It is in hand: it counts nowhere until it is handed in, by finishing, by twenty newer votes, or after a day.
    """
    wanted = body(VoteSent)
    with transaction() as session:
        member = asking_member()
        reason = reason_id(session, member.review_id, Stage(stage), wanted.reason)
        cast = _cast(session, member, Stage(stage), from_json(plain(wanted) | {"reason": reason}, member))
        return told.one_vote(session, member, cast)


@bp.get("/votes")
@door(Deed.VOTE, Scope.READ)
@answers(OwnVotes, asks=WhichVotes)
def votes(slug: str, stage: str) -> OwnVotes:
    """List your own votes as they stand, newest first, fifty a page."""
    return told.own_votes(current_session(), asking_member(), Stage(stage), asked(WhichVotes).page)


@bp.post("/votes/<int:record_id>/tags")
@door(Deed.VOTE, Scope.VOTE)
@answers(OwnVote, takes=TagsSent)
def tags(slug: str, stage: str, record_id: int) -> OwnVote:
    """Put tags on your own vote, or take them off, while it is in hand.

    It is a newer vote that says the same else; the tags open with it.
    """
    sent = body(TagsSent)
    with transaction() as session:
        member, put, off = asking_member(), tags_from([*sent.put]), tags_from([*sent.take_off])
        cast = team.retag(session, member, record_id, Stage(stage), sent.key, put=put, take_off=off)
        return told.one_vote(session, member, cast)


@bp.post("/finish")
@door(Deed.VOTE, Scope.VOTE)
@answers(Finished)
def finish(slug: str, stage: str) -> Finished:
    """Hand in all your votes in hand; from here on they are final and count."""
    with transaction() as session:
        return Finished(voting.hand_in(session, asking_member(), Stage(stage)))


def _cast(session: Session, member: Member, stage: Stage, sent: Sent) -> Vote:
    if sent.ballot.decision is not Decision.WITHDRAWN:
        return voting.cast_vote(session, member, sent.record_id, stage, sent.ballot, sent.key)
    vote = voting.withdraw(session, member, sent.record_id, stage, sent.key)
    if vote is None:
        raise NothingToWithdraw(_("You have no vote on record %(id)s.", id=sent.record_id))
    return vote
