"""An allocation as programs ask for it, and as they are told of it; people are named by their addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy.orm import Session

from workbench.protocols.rules.languages import meant_language, short_code
from workbench.reviews import queries as reviews
from workbench.reviews.models import Member
from workbench.reviews.rules import Stage
from workbench.screening.models import Allocation
from workbench.screening.queries import allocation as queries
from workbench.screening.queries import votes
from workbench.screening.rules import Split
from workbench.screening.rules.allocation import Chosen, Wish
from workbench.screening.service import allocation as service

A_YEAR: Mapping[str, Any] = {"minimum": 1, "maximum": 9999}
A_SEED: Mapping[str, Any] = {"minimum": 0, "maximum": service.LARGEST_SEED}
A_KEY: Mapping[str, Any] = {"pattern": "^[A-Za-z0-9_.:-]{8,80}$"}
MANY: Mapping[str, Any] = {"maxItems": 500}


@dataclass(frozen=True)
class AllocationAsked:
    """Who should get which records. People are named by their addresses."""

    split: Annotated[Split, "shares; batch and handed-over: to `people`; everyone: free what nobody has voted on."]
    shares: Annotated[Mapping[str, float], "Percent of the records by address; 200 in all where two people judge."] = (
        field(default_factory=dict)
    )
    people: Annotated[Sequence[str], "Who gets a batch, or what is handed over.", MANY] = ()
    name: Annotated[str, "What the batch is called.", {"maxLength": 200}] = ""
    of_member: Annotated[str | None, "Whose open records are handed over."] = None
    size: Annotated[int | None, "So many records, drawn by the seed.", {"minimum": 1, "maximum": 2**31}] = None
    sources: Annotated[Sequence[str], "Only records from these sources.", MANY] = ()
    first_year: Annotated[int | None, "Only records from this year on.", A_YEAR] = None
    last_year: Annotated[int | None, "Only records to this year.", A_YEAR] = None
    languages: Annotated[Sequence[str], "Only records in these languages.", MANY] = ()
    again: Annotated[bool, "Also records that are allocated already, as long as nobody has voted."] = False
    seed: Annotated[int, "Draws who gets which; the same seed gives the same.", A_SEED] = 0
    seen: Annotated[int | None, "How many records the draft had; refused where they are others now."] = None
    key: Annotated[str | None, "One of your own: sent twice, it is one allocation.", A_KEY] = None


@dataclass(frozen=True)
class DraftTold:
    """Who gets how many records."""

    split: Split
    seed: int
    records: Annotated[int, "How many are given to somebody."]
    people: Annotated[Mapping[str, int], "Records of each person, by address."]
    ended: Annotated[int, "Places without a vote that end."]
    unfilled: Annotated[int, "Places that stay anybody's."]
    pairs_without_senior: int
    done: Annotated[bool, "Whether it was made, or is a draft."]


@dataclass(frozen=True)
class LoadTold:
    """What is allocated to one person."""

    email: str
    name: str
    records: int
    voted: int
    left: int
    may_vote: bool


@dataclass(frozen=True)
class AllocationMade:
    """One allocation that was made."""

    id: int
    split: Split
    name: str | None
    seed: int
    shares: Annotated[Mapping[str, float], "As they were asked, by address."]
    by: str
    made_at: datetime
    records: int
    ended: Annotated[int, "Places of it that a later one ended."]


@dataclass(frozen=True)
class AllocationTold:
    """Who is asked for what at a stage."""

    stage: Stage
    people: Sequence[LoadTold]
    free: Annotated[int, "Records with open places that are anybody's."]
    sources: Annotated[Sequence[str], "Names of the sources that brought records."]
    made: Annotated[Sequence[AllocationMade], "Newest first."]


def wish_of(session: Session, review_id: int, asked: AllocationAsked) -> Wish:
    """What is asked, with people by their ids.

    Raises:
        NoSuchPerson: an address is no member's.
    """
    shares = dict(asked.shares) if asked.split is Split.SHARES else dict.fromkeys(asked.people, 1.0)
    whose = reviews.member_called(session, review_id, asked.of_member).id if asked.of_member else None
    codes = tuple(short_code(meant_language(one) or one.lower()) for one in asked.languages)
    chosen = Chosen(
        asked.size, tuple(asked.sources), asked.first_year, asked.last_year, codes, asked.again, whose,
    )  # fmt: skip
    by_id = {reviews.member_called(session, review_id, email).id: share for email, share in shares.items()}
    return Wish(asked.split, by_id, asked.seed, asked.name, chosen)


def draft(session: Session, lead: Member, stage: Stage, asked: AllocationAsked) -> DraftTold:
    """Who would get how many; nothing is done."""
    wish = wish_of(session, lead.review_id, asked)
    return _draft(session, lead, wish, service.draft(session, lead, stage, wish), done=False)


def allocate(session: Session, lead: Member, stage: Stage, asked: AllocationAsked) -> DraftTold:
    """Make the allocation, and say who got how many."""
    wish = wish_of(session, lead.review_id, asked)
    found = service.draft(session, lead, stage, wish)
    service.allocate(session, lead, stage, wish, asked.seen, asked.key)
    return _draft(session, lead, wish, found, done=True)


def allocation(session: Session, lead: Member, stage: Stage) -> AllocationTold:
    """Who is asked for what, and what was allocated."""
    rule, emails = votes.stage_rule(session, lead.review_id, stage), _emails(session, lead)
    voters = [one.id for one in service.voters(session, lead.review_id, rule)]
    return AllocationTold(
        stage,
        [LoadTold(one.member.user.email, one.member.name, one.records, one.voted, one.left, one.may_vote)
         for one in queries.loads(session, lead.review_id, rule, voters)],
        queries.n_free(session, lead.review_id, rule), queries.sources(session, lead.review_id),
        [_made(one, by, n, ended, emails) for one, by, n, ended in queries.allocations(session, lead.review_id, stage)],
    )  # fmt: skip


def _made(one: Allocation, by: Member, n: int, ended: int, emails: Mapping[int, str]) -> AllocationMade:
    shares = {emails[int(who)]: share for who, share in one.shares.items()}
    return AllocationMade(one.id, one.split, one.name, one.seed, shares, by.name, one.made_at, n, ended)


def _draft(session: Session, lead: Member, wish: Wish, found: service.Draft, *, done: bool) -> DraftTold:
    emails = _emails(session, lead)
    return DraftTold(
        wish.split, wish.seed, found.given, {emails[who]: found.of(who) for who in wish.shares}, len(found.ends),
        found.unfilled, found.pairs_without_senior, done,
    )  # fmt: skip


def _emails(session: Session, lead: Member) -> dict[int, str]:
    return {one.id: one.user.email for one in reviews.team(session, lead.review_id)}
