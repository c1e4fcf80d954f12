"""Allocating records to people: by shares, as a named batch, from one person to others, or to everybody again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workbench.audit import service as audit
from workbench.db import now
from workbench.errors import Clash, Invalid
from workbench.jobs import service as jobs
from workbench.jobs.models import Job
from workbench.jobs.queries import running_in
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member, Review
from workbench.reviews.rules import Deed, Stage, allowed
from workbench.screening.events import Allocated
from workbench.screening.models import Allocation, Assignment
from workbench.screening.queries import allocation as queries
from workbench.screening.queries import votes
from workbench.screening.rules import Split, StageRule
from workbench.screening.rules.allocation import Open, Wish, sample, split
from workbench.screening.service.voting import KeyUsed
from workbench.words import _

LARGEST_SEED = 2**31 - 1
MOST_AT_ONCE = 3000
"""Records of a stage that are allocated while the lead waits; more take longer than a second, so a job does them."""
KIND = "screening:allocate"
AT_ONCE = 1000
"""How many ids go into one question to the database."""


class SharesDoNotFit(Invalid):
    """The shares make up the places of a record: 100 % for one person, 200 % for two; nobody has more than 100 %."""


class NobodyNamed(Invalid):
    """Records are allocated to people who may vote at the stage."""

    hint = "Choose at least one person."


class NoSeniorNamed(Invalid):
    """Where each pair needs a senior, the people named hold one."""

    hint = "Name a senior too, with a share of at least 100 % among the seniors."


class NothingToAllocate(Clash):
    """An allocation gives at least one record to somebody."""

    hint = "Choose other records, or also those that are allocated already."


class AllocationChanged(Clash):
    """An allocation is made as it was seen."""

    hint = "Look at it as it is now. Nothing was changed."


class AlreadyAllocating(Clash):
    """One allocation of a review is made at a time."""

    hint = "Wait until it is done, then look at the draft again."


@dataclass(frozen=True)
class Draft:
    """Who would get what: for each record the people asked, and how many places nobody takes."""

    people: Mapping[int, tuple[int, ...]]
    ends: Sequence[int]
    """Assignments that would end."""
    unfilled: int
    pairs_without_senior: int

    @property
    def given(self) -> int:
        """How many records are given to somebody."""
        return sum(bool(people) for people in self.people.values())

    def of(self, member_id: int) -> int:
        """How many records one person would get."""
        return sum(member_id in people for people in self.people.values())


def draft(session: Session, lead: Member, stage: Stage, wish: Wish) -> Draft:
    """Draw the allocation without making it; the same wish on the same records gives the same draft.

    Raises:
        SharesDoNotFit: the shares do not make up the places of a record.
        NobodyNamed: a person named may not vote at the stage, or nobody is named.
        NoSeniorNamed: a pair needs a senior and none is named.
    """
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    rule = votes.stage_rule(session, lead.review_id, stage)
    if wish.split is Split.EVERYONE:
        return Draft({}, _unvoted(session, lead.review_id, rule), 0, 0)
    seniors = _check(session, lead, rule, wish)
    there = {one.record_id: one for one in queries.open_places(session, lead.review_id, rule, wish.chosen)}
    drawn = list(there.values())
    if wish.chosen.size is not None:
        drawn = [there[one] for one in sample(list(there), wish.chosen.size, wish.seed)]
    people = split(drawn, wish.shares, wish.seed, seniors)
    ends = _to_end(session, lead.review_id, rule, wish, people)
    unfilled = sum(one.places - len(people[one.record_id]) for one in drawn)
    return Draft(people, ends, unfilled, _without_senior(drawn, people, seniors))


def allocate(
    session: Session, lead: Member, stage: Stage, wish: Wish, seen: int | None = None, key: str | None = None
) -> Allocation:
    """Make the allocation as it was drafted; votes stay, whoever gave them.

    Args:
        session: of the transaction.
        lead: who does it.
        stage: whose records are allocated.
        wish: to whom, by what.
        seen: how many records the lead saw in the draft, where there was one.
        key: one of the lead's own; the same key twice is one allocation.

    Raises:
        KeyUsed: the key belongs to an allocation at the other stage.
        AllocationChanged: the draft has other records now, since people voted or records came.
        NothingToAllocate: nobody would get anything.
    """
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    session.execute(select(Review.id).where(Review.id == lead.review_id).with_for_update())
    if key and (sent := queries.allocation_by_key(session, lead, key)):
        if sent.stage is not stage:
            raise KeyUsed(_("This key belongs to an allocation at the other stage."))
        return sent
    found = draft(session, lead, stage, wish)
    if seen is not None and seen != found.given:
        raise AllocationChanged(_("You saw %(seen)s records; now there are %(n)s.", seen=seen, n=found.given))
    if not found.given and not found.ends:
        raise NothingToAllocate(_("There is no record to allocate."))
    made = Allocation(
        review_id=lead.review_id, stage=stage, split=wish.split, name=wish.name.strip() or None, seed=wish.seed,
        shares={str(who): share for who, share in wish.shares.items()}, chosen=asdict(wish.chosen),
        member_id=lead.id, idempotency_key=key, made_at=now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _end(session, made, found.ends)
    _assign(session, made, found.people, _seniors(session, lead, stage))
    audit.record(
        session, lead.review_id, lead.id, Allocated(stage.value, wish.split.value, made.id, found.given, wish.seed)
    )
    session.flush()
    return made


def allocate_later(session: Session, lead: Member, stage: Stage, wish: Wish, seen: int, key: str | None) -> Job:
    """Leave a large allocation to the worker, which makes it as it was seen, or tells why not.

    Raises:
        AlreadyAllocating: one is under way.
    """
    allowed(lead.roles, Deed.RUN_STAGE, stage)
    if running_in(session, lead.review_id, KIND) is not None:
        raise AlreadyAllocating(_("Records of this review are being allocated."))
    payload = {"stage": stage.value, "wish": wish.as_json(), "seen": seen, "key": key}
    return jobs.submit(session, KIND, payload, review_id=lead.review_id, started_by=lead.id)


def voters(session: Session, review_id: int, rule: StageRule) -> list[Member]:
    """Who may vote at the stage, in the order in which they joined."""
    return [one for one in reviews.team(session, review_id) if votes.may_vote(one, rule)]


def _check(session: Session, lead: Member, rule: StageRule, wish: Wish) -> frozenset[int]:
    """Refuse what cannot be drawn; the seniors among those who are named."""
    known = {one.id: one for one in voters(session, lead.review_id, rule)}
    named = {who for who, share in wish.shares.items() if share > 0}
    if not named or not named <= set(known):
        raise NobodyNamed(_("Only people who may vote at this stage get records."))
    if wish.split is Split.SHARES:
        _check_shares(rule, wish.shares)
    seniors = frozenset(one for one in named if votes.is_senior(known[one], rule))
    _check_seniors(rule, wish, seniors)
    return seniors


def _check_shares(rule: StageRule, shares: Mapping[int, float]) -> None:
    total, wanted = sum(shares.values()), 100 * rule.places
    if abs(total - wanted) > 0.05 * len(shares):
        hint = _("Two people judge each record.") if rule.places == 2 else _("One person judges each record.")
        raise SharesDoNotFit(_("The shares make %(total)g %%, not %(wanted)s %%.", total=total, wanted=wanted), hint)
    if max(shares.values()) > 100 or min(shares.values()) < 0:
        raise SharesDoNotFit(_("A share is from 0 to 100 %."), _("Nobody judges a record twice."))


def _check_seniors(rule: StageRule, wish: Wish, seniors: Collection[int]) -> None:
    if not rule.seniors or wish.split is Split.HANDED_OVER:
        return
    of_seniors = sum(wish.shares[one] for one in seniors)
    if not seniors or (wish.split is Split.SHARES and of_seniors < 100 - 0.05 * len(wish.shares)):
        raise NoSeniorNamed(_("One of each pair is a senior; the seniors named have %(n)g %%.", n=of_seniors))


def _seniors(session: Session, lead: Member, stage: Stage) -> frozenset[int]:
    rule = votes.stage_rule(session, lead.review_id, stage)
    return frozenset(one.id for one in reviews.team(session, lead.review_id) if votes.is_senior(one, rule))


def _without_senior(drawn: Iterable[Open], people: Mapping[int, tuple[int, ...]], seniors: Collection[int]) -> int:
    """Records that need a senior and get none here; their open place waits for one of the others who are."""
    return sum(one.needs_senior and not set(people[one.record_id]) & set(seniors) for one in drawn)


def _to_end(
    session: Session, review_id: int, rule: StageRule, wish: Wish, people: Mapping[int, tuple[int, ...]]
) -> list[int]:
    """Assignments without a vote that the new ones stand in for."""
    if not wish.chosen.again and wish.chosen.of_member is None:
        return []
    who = wish.chosen.of_member
    wanted = {one for one, got in people.items() if got or who is not None}
    rows = _unvoted_rows(session, review_id, rule)
    return [one for one, record_id, member in rows if record_id in wanted and who in {None, member}]


def _unvoted(session: Session, review_id: int, rule: StageRule) -> list[int]:
    return [one for one, _record, _member in _unvoted_rows(session, review_id, rule)]


def _unvoted_rows(session: Session, review_id: int, rule: StageRule) -> list[tuple[int, int, int]]:
    """The standing assignments whose person has not voted, with record and person."""
    voted = queries.voted(session, review_id, rule)
    rows = session.execute(
        select(Assignment.id, Assignment.record_id, Assignment.member_id)
        .join(Allocation, Allocation.id == Assignment.allocation_id)
        .where(Allocation.review_id == review_id, Assignment.stage == rule.stage, Assignment.ended_by.is_(None))
    )
    return [(one, record_id, who) for one, record_id, who in rows if (record_id, who) not in voted]


def _end(session: Session, made: Allocation, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), AT_ONCE):
        ended = update(Assignment).where(Assignment.id.in_(ids[start : start + AT_ONCE])).values(ended_by=made.id)
        session.execute(ended, execution_options={"synchronize_session": False})


def _assign(
    session: Session, made: Allocation, people: Mapping[int, tuple[int, ...]], seniors: Collection[int]
) -> None:
    rows = [
        {"allocation_id": made.id, "record_id": record_id, "stage": made.stage, "member_id": who,
         "is_senior": who in seniors}
        for record_id, asked in people.items()
        for who in asked
    ]  # fmt: skip
    if rows:
        session.execute(insert(Assignment), rows)
