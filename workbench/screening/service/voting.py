"""Casting votes, taking them back while they are in hand, and handing them in."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid, NotAllowed
from workbench.protocols.queries import which_in_force
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import VoteCast, VotesHandedIn
from workbench.screening.models import Bulk, HandIn, Place, Vote
from workbench.screening.queries import merged, queue, reports
from workbench.screening.queries import votes as queries
from workbench.screening.queries.again import asked_again
from workbench.screening.rules import (
    IN_HAND,
    Ballot,
    Decision,
    Found,
    HandedInBy,
    Origin,
    StageRule,
    Wish,
    is_history,
)
from workbench.screening.service import pilots
from workbench.screening.service.stages import StageClosed
from workbench.words import _

A_DAY = timedelta(days=1)


class AlreadyHandedIn(Clash):
    """A vote that is handed in is not changed by its author."""

    hint = "Say it in the discussion of the record."


class KeyUsed(Clash):
    """One key belongs to one vote, so that a vote sent twice is kept once."""


class NotNamed(NotAllowed):
    """The protocol may name who votes at a stage."""

    hint = "An amendment of the protocol changes who votes."


class IsBarred(NotAllowed):
    """A barred person does not vote on the record (B12)."""


class NotRetrieved(Clash):
    """A report is judged on its full text, so the full text comes first."""

    hint = "Attach the full text, or log that it was retrieved."


class IsRemoved(Clash):
    """A record that was removed before screening is not voted on."""

    hint = "Whoever may amend the protocol can put the list back that it was removed with."


class BallotIncomplete(Invalid):
    """At full text an exclusion names one reason, an include its questions and the design of the report."""


class NotItsPage(Invalid):
    """The page and the words that a vote rests on are those of the report's own full text."""

    hint = "Load the page again; leave page and quote empty if in doubt."


def cast_vote(session: Session, reviewer: Member, record_id: int, stage: Stage, ballot: Ballot, key: str) -> Vote:
    """Put one reviewer's ballot on record, in hand until handed in, blind to every other ballot.

    Votes belong to the report: on a record that stands under another the ballot is put on the kept one, unless it
    changes a ballot given before they were joined. The same key twice is one vote. A newer ballot supersedes one's own
    while it is in hand; Decision.WITHDRAWN takes it back. Twenty newer votes hand an older one in.
    """
    allowed(reviewer.roles, Deed.VOTE, stage)
    _wait_for_own_votes(session, reviewer)
    sent = queries.vote_by_key(session, reviewer, key)
    if sent is not None:
        return _same(session, sent, record_id, stage)
    rule = _check(session, reviewer, record_id, stage, ballot)
    vote = _put_on_record(session, reviewer, record_id, rule, ballot, key)
    _hand_in_older(session, reviewer, stage)
    return vote


def cast_in_bulk(session: Session, reviewer: Member, record_ids: Sequence[int], ballot: Ballot, bulk: Bulk) -> None:
    """Put the same ballot on each of these records, marked as given with this list; the list is one deed.

    The caller has made sure that each of them waits for this reviewer, so stage and ballot are looked at once.
    """
    allowed(reviewer.roles, Deed.VOTE, bulk.stage)
    rule = _check(session, reviewer, record_ids[0], bulk.stage, ballot)
    for record_id in record_ids:
        key = f"bulk-{bulk.id}-{record_id}"
        _put_on_record(session, reviewer, record_id, rule, ballot, key).bulk_id = bulk.id
    _hand_in_older(session, reviewer, bulk.stage)


def withdraw_bulk(session: Session, reviewer: Member, stage: Stage, votes: Sequence[Vote]) -> None:
    """Take these votes of one's own back, all of which are in hand and were given with one list."""
    allowed(reviewer.roles, Deed.VOTE, stage)
    back = Ballot(Decision.WITHDRAWN)
    if not votes:
        return
    rule = _check(session, reviewer, votes[0].record_id, stage, back)
    for vote in votes:
        _put_on_record(session, reviewer, vote.record_id, rule, back, f"{vote.idempotency_key}-back")


def _put_on_record(
    session: Session, reviewer: Member, record_id: int, rule: StageRule, ballot: Ballot, key: str
) -> Vote:
    stage = rule.stage
    record_id, earlier = own_place(session, reviewer, record_id, stage)
    vote = _after(session, reviewer, earlier, record_id, rule, ballot, key)
    session.add(vote)
    session.flush()
    audit.record(
        session,
        reviewer.review_id,
        reviewer.id,
        VoteCast(record_id, stage.value, ballot.decision.value, ballot.reason_id, vote.turn),
    )
    _give_place_back(session, reviewer, record_id, stage)
    session.flush()
    return vote


def _hand_in_older(session: Session, reviewer: Member, stage: Stage) -> None:
    _hand_in(session, reviewer, stage, _older(queries.in_hand(session, reviewer, stage)), HandedInBy.NEWER)


def withdraw(session: Session, reviewer: Member, record_id: int, stage: Stage, key: str) -> Vote | None:
    """Take one's own vote back while it is in hand; nothing of anybody else's changes (B6)."""
    record_id, earlier = own_place(session, reviewer, record_id, stage)
    if earlier is None or (earlier.decision is Decision.WITHDRAWN and earlier.idempotency_key != key):
        return None
    return cast_vote(session, reviewer, record_id, stage, Ballot(Decision.WITHDRAWN), key)


def hand_in(session: Session, reviewer: Member, stage: Stage) -> int:
    """Finish: all of one's votes in hand at this stage become final; returns how many."""
    allowed(reviewer.roles, Deed.VOTE, stage)
    _wait_for_own_votes(session, reviewer)
    return _hand_in(session, reviewer, stage, queries.all_in_hand(session, reviewer, stage), HandedInBy.FINISH)


def hand_in_after_a_day(session: Session) -> int:
    """Write the hand-in of every vote that has been in hand for a day; returns how many."""
    by_author: dict[tuple[int, Stage], list[Vote]] = {}
    for vote in queries.in_hand_since_before(session, now() - A_DAY):
        by_author.setdefault((vote.reviewer_id, vote.stage), []).append(vote)
    return sum(
        _hand_in(session, session.get_one(Member, author), stage, votes, HandedInBy.DAY)
        for (author, stage), votes in by_author.items()
    )


def serve(
    session: Session, reviewer: Member, stage: Stage, limit: int, skip: Sequence[int] = (), wish: Wish | None = None
) -> list[queue.Turn]:
    """The next records for this reviewer; each holds a place for a day where more people may vote than votes are asked.

    Nothing is written, and no place is needed, where everybody who may vote is asked to.
    """
    allowed(reviewer.roles, Deed.VOTE, stage)
    rule = queries.stage_rule(session, reviewer.review_id, stage)
    if not queries.is_running(session, reviewer.review_id, stage) or not queries.may_vote(reviewer, rule):
        return []
    held_back = merged.held_back(session, reviewer.review_id, stage)
    places = needs_places(session, reviewer.review_id, rule)
    if places:
        _one_at_a_time(session, reviewer.review_id)
    turns = queue.waiting_for(session, reviewer, rule, limit, [*skip, *held_back], wish)
    if places:
        _hold_places(session, reviewer, rule, [turn.record_id for turn in turns])
    return turns


def needs_places(session: Session, review_id: int, rule: StageRule) -> bool:
    """Whether more people may vote than votes are asked, so that places must be held."""
    if not rule.is_independent or rule.seniors:
        return True
    if rule.voters:
        voters = sum(queries.may_vote(member, rule) for member in reviews.team(session, review_id))
    else:
        voters = reviews.how_many_may(session, review_id, Deed.VOTE)
    return voters > rule.most_votes


def _check(session: Session, reviewer: Member, record_id: int, stage: Stage, ballot: Ballot) -> StageRule:
    queries.check_screenable(session, reviewer.review_id, record_id)
    rule = queries.stage_rule(session, reviewer.review_id, stage)
    if not queries.is_running(session, reviewer.review_id, stage):
        raise StageClosed(_("This stage is not open, so no vote was taken."))
    if not queries.may_vote(reviewer, rule):
        raise NotNamed(_("The protocol does not name you among those who vote at this stage."))
    if ballot.decision is not Decision.WITHDRAWN and queries.is_barred(session, reviewer.id, record_id):
        raise IsBarred(_("You do not vote on record %(id)s: a bar is set.", id=record_id))
    if ballot.decision is not Decision.WITHDRAWN:
        _check_ballot(session, reviewer, record_id, stage, ballot)
    return rule


def _check_ballot(session: Session, reviewer: Member, record_id: int, stage: Stage, ballot: Ballot) -> None:
    if queries.is_removed(session, record_id):
        raise IsRemoved(_("Record %(id)s was removed before screening: it is outside the limits.", id=record_id))
    if ballot.reason_id is not None:
        _check_reason(session, reviewer.review_id, stage, ballot)
    if stage is Stage.TITLE_ABSTRACT:
        _check_no_passage(ballot)
        return
    check_verdict(session, reviewer.review_id, ballot)
    kept = queries.kept_of(session, record_id)
    if reports.found(session, kept) is not Found.RETRIEVED:
        raise NotRetrieved(_("The full text of record %(id)s has not been retrieved yet.", id=record_id))
    if not reports.is_sought(session, reviewer.review_id, kept):
        raise NotRetrieved(_("Record %(id)s was not included at title and abstract.", id=record_id), "")
    if ballot.quoted_from is not None and ballot.quoted_from not in reports.ever_attached(session, record_id):
        raise NotItsPage(_("File %(id)s is none of this report.", id=ballot.quoted_from))


def _check_no_passage(ballot: Ballot) -> None:
    if ballot.page is not None or ballot.quote is not None:
        raise NotItsPage(_("At title and abstract there is no full text to quote."))


def _check_reason(session: Session, review_id: int, stage: Stage, ballot: Ballot) -> None:
    reasons = {reason.id for reason in reviews.reasons(session, review_id, stage)}
    if ballot.reason_id not in reasons or ballot.decision is not Decision.EXCLUDE:
        raise BallotIncomplete(_("This reason is not on the list of this stage."))


def check_verdict(session: Session, review_id: int, ballot: Ballot) -> None:
    """A full-text ballot or settlement is whole: one reason, or questions and design."""
    known = {question.code for question in reviews.questions(session, review_id)}
    if ballot.decision is Decision.EXCLUDE and ballot.reason_id is None:
        raise BallotIncomplete(_("At full text an exclusion names one reason."), "Choose the first that applies.")
    if ballot.decision is Decision.INCLUDE and (not ballot.questions or not set(ballot.questions) <= known):
        raise BallotIncomplete(_("Say which question the report answers."), "Tick at least one question.")
    if ballot.decision is Decision.INCLUDE and ballot.design is None:
        raise BallotIncomplete(_("Say what kind of report it is."), "Choose a design.")


def own_place(session: Session, reviewer: Member, record_id: int, stage: Stage) -> tuple[int, Vote | None]:
    """Where a reviewer's ballot on a report belongs, with the one given there.

    Whoever is asked again answers on the kept record. Else a ballot changes the one that was given on this record, or
    before the records were joined on another one; else it is put on the kept record.
    """
    cluster = queries.cluster(session, record_id)
    earlier = {one: vote for one in cluster if (vote := queries.own_vote(session, reviewer, one, stage))}
    place = record_id if record_id in earlier else cluster[0]
    if len(cluster) > 1 and earlier:
        given = [one for one, vote in earlier.items() if vote.decision is not Decision.WITHDRAWN]
        rule = queries.stage_rule(session, reviewer.review_id, stage)
        if asked_again(session, reviewer, rule, only=cluster[:1]):
            place = cluster[0]
        elif record_id not in earlier and given:
            place = given[0]
    return place, earlier.get(place)


def _same(session: Session, sent: Vote, record_id: int, stage: Stage) -> Vote:
    if sent.stage is not stage or record_id not in {sent.record_id, *queries.cluster(session, sent.record_id)}:
        raise KeyUsed(_("This key belongs to a vote on another record."))
    return sent


def _after(
    session: Session, reviewer: Member, earlier: Vote | None, record_id: int, rule: StageRule, ballot: Ballot, key: str
) -> Vote:
    stage = rule.stage
    again = bool(asked_again(session, reviewer, rule, only=queries.cluster(session, record_id)[:1]))
    if earlier is None or _is_free(session, earlier, rule, ballot):
        again = again or (earlier is not None and earlier.origin is Origin.ASKED_AGAIN)
    elif not again or ballot.decision is Decision.WITHDRAWN:
        raise AlreadyHandedIn(_("Your vote on record %(id)s is handed in.", id=record_id))
    version_id, _registered_at = which_in_force(session, reviewer.review_id)
    return Vote(
        record_id=record_id,
        reviewer_id=reviewer.id,
        stage=stage,
        turn=earlier.turn + 1 if earlier else 1,
        supersedes_id=earlier.id if earlier else None,
        decision=ballot.decision,
        reason_id=ballot.reason_id,
        questions=_codes(stage, ballot),
        design=ballot.design,
        note=ballot.note,
        private_note=ballot.private_note,
        tags=list(ballot.tags) or None,
        page=ballot.page,
        quote=ballot.quote,
        quoted_from=ballot.quoted_from if ballot.page else None,
        origin=Origin.ASKED_AGAIN if again else _origin(session, reviewer, record_id, rule),
        is_senior=queries.is_senior(reviewer, rule),
        protocol_version_id=version_id,
        idempotency_key=key,
        cast_at=now(),
    )


def _older(in_hand: Sequence[Vote]) -> Sequence[Vote]:
    """The votes, newest first, on which twenty newer lie; a list voted on at once counts as one."""
    deeds: set[tuple[str, int]] = set()
    for at, vote in enumerate(in_hand):
        deeds.add(("bulk", vote.bulk_id) if vote.bulk_id else ("vote", vote.id))
        if len(deeds) > IN_HAND:
            return in_hand[at:]
    return []


def _is_free(session: Session, earlier: Vote, rule: StageRule, ballot: Ballot) -> bool:
    """Whether this ballot may follow the earlier vote: it is in hand, or the criteria changed after its pilot round."""
    is_past = is_history(earlier.origin, earlier.protocol_version_id, rule.arranged)
    return not queries.is_handed_in(session, earlier) or (is_past and ballot.decision is not Decision.WITHDRAWN)


def _origin(session: Session, reviewer: Member, record_id: int, rule: StageRule) -> Origin:
    if not rule.arranged.piloted:
        return Origin.CAST
    kept = queries.kept_of(session, record_id)
    return Origin.PILOT if queue.is_piloting(session, reviewer, rule, kept) else Origin.CAST


def _codes(stage: Stage, ballot: Ballot) -> str | None:
    named = stage is Stage.FULL_TEXT and ballot.decision is Decision.INCLUDE
    return " ".join(sorted(ballot.questions)) if named else None


def _hand_in(session: Session, author: Member, stage: Stage, votes: Sequence[Vote], how: HandedInBy) -> int:
    at = now()
    session.add_all(
        HandIn(vote_id=vote.id, how=how, handed_in_at=at) for vote in sorted(votes, key=lambda vote: vote.id)
    )
    if votes:
        audit.record(session, author.review_id, author.id, VotesHandedIn(stage.value, how.value, len(votes)))
    session.flush()
    if votes:
        pilots.open_when_complete(session, author.review_id, stage)
    return len(votes)


def _wait_for_own_votes(session: Session, reviewer: Member) -> None:
    """Let two tabs of one person vote one after the other: what both send at once is then found, and kept once."""
    if session.get_bind().dialect.name != "sqlite":  # there a write waits for all others from its beginning
        session.execute(select(Member.id).where(Member.id == reviewer.id).with_for_update(key_share=True))


def _one_at_a_time(session: Session, review_id: int) -> None:
    """Let nobody else of the review be served until commit: two who looked at once would both take the last place."""
    session.execute(select(Review.id).where(Review.id == review_id).with_for_update(key_share=True))


def _hold_places(session: Session, reviewer: Member, rule: StageRule, record_ids: Sequence[int]) -> None:
    if not record_ids:
        return
    until, is_senior = now() + A_DAY, queries.is_senior(reviewer, rule)
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    rows = insert(Place).values(
        [
            {"record_id": one, "stage": rule.stage, "reviewer_id": reviewer.id, "until": until, "is_senior": is_senior}
            for one in record_ids
        ]
    )
    held = ["record_id", "stage", "reviewer_id"]
    session.execute(rows.on_conflict_do_update(index_elements=held, set_={"until": until, "is_senior": is_senior}))


def _give_place_back(session: Session, reviewer: Member, record_id: int, stage: Stage) -> None:
    mine = (Place.record_id == record_id, Place.stage == stage, Place.reviewer_id == reviewer.id)
    session.execute(delete(Place).where(*mine), execution_options={"synchronize_session": False})
