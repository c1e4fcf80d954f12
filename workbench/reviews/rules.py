"""Stages and roles, and the one table of who may do what, when."""

from collections.abc import Collection
from enum import StrEnum

from workbench.errors import NotAllowed
from workbench.words import _


class Stage(StrEnum):
    """The two passes in which records, then reports, are judged."""

    TITLE_ABSTRACT = "title-abstract"
    FULL_TEXT = "full-text"


class Lane(StrEnum):
    """Where records come from, as PRISMA 2020 sorts them."""

    DATABASE = "database"
    REGISTER = "register"
    WEBSITE = "website"
    ORGANISATION = "organisation"
    CITATION = "citation"
    OTHER = "other"


FIRST_COLUMN = frozenset({Lane.DATABASE, Lane.REGISTER})
"""The lanes of the left column; all others are "other methods"."""


class Role(StrEnum):
    """What a person is in one review; one may hold several."""

    LEAD = "lead"
    REVIEWER = "reviewer"
    ADJUDICATOR = "adjudicator"
    SEARCH_SPECIALIST = "search-specialist"
    METHODOLOGIST = "methodologist"
    OBSERVER = "observer"


class Deed(StrEnum):
    """What can be done in a review; every route and every service function names one."""

    LOOK = "look at the review"
    REPORT = "read counts and the flow diagram"
    READ_TRAIL = "read the trail"
    MANAGE_TEAM = "manage the team"
    AMEND_PROTOCOL = "amend the protocol"
    DRAFT_PROTOCOL = "write a draft of the protocol"
    DOCUMENT_SEARCH = "document searches"
    IMPORT = "import records"
    DEDUPLICATE = "decide on duplicates"
    RUN_STAGE = "open and close a stage"
    VOTE = "vote"
    SETTLE = "discuss and settle by consensus"
    ADJUDICATE = "adjudicate"
    RETRIEVE = "retrieve reports"
    READ_FULL_TEXT = "read full texts"
    ASK = "ask the team about a record"
    GATHER = "gather reports into studies"


EVERYWHERE = frozenset(Stage)
_ALL = frozenset(Role)
_STAFF = _ALL - {Role.OBSERVER}
_SEARCH = frozenset({Role.LEAD, Role.SEARCH_SPECIALIST, Role.METHODOLOGIST})
_VOTERS = frozenset({Role.LEAD, Role.REVIEWER})
_JUDGES = frozenset({Role.LEAD, Role.ADJUDICATOR, Role.METHODOLOGIST})
_LEAD = frozenset({Role.LEAD})

MAY: dict[Deed, dict[Role, frozenset[Stage]]] = {
    deed: dict.fromkeys(sorted(roles), EVERYWHERE)
    for deed, roles in {
        Deed.LOOK: _ALL,
        Deed.REPORT: _ALL,
        Deed.READ_TRAIL: _LEAD | {Role.METHODOLOGIST},
        Deed.MANAGE_TEAM: _LEAD,
        Deed.AMEND_PROTOCOL: _LEAD | {Role.METHODOLOGIST},
        Deed.DRAFT_PROTOCOL: _SEARCH,
        Deed.DOCUMENT_SEARCH: _SEARCH,
        Deed.IMPORT: _SEARCH,
        Deed.DEDUPLICATE: _SEARCH | {Role.REVIEWER},
        Deed.RUN_STAGE: _LEAD,
        Deed.VOTE: _VOTERS,
        Deed.SETTLE: _VOTERS,
        Deed.ADJUDICATE: _JUDGES,
        Deed.RETRIEVE: _STAFF,
        Deed.READ_FULL_TEXT: _STAFF,
        Deed.ASK: _STAFF,
        Deed.GATHER: _JUDGES,
    }.items()
}
"""The table role × deed × stage: which roles may do a deed, and at which stages."""


class NotYours(NotAllowed):
    """A deed is done by those whose role in the review allows it."""

    hint = "Ask the lead of the review."


def may(roles: Collection[Role], deed: Deed, stage: Stage | None = None) -> bool:
    """Say whether any of these roles allows the deed (at this stage, where the deed has one).

    >>> may([Role.OBSERVER], Deed.VOTE, Stage.FULL_TEXT)
    False
    """
    stages = frozenset[Stage]().union(*(MAY[deed].get(role, frozenset()) for role in roles))
    return bool(stages) if stage is None else stage in stages


def allowed(roles: Collection[Role], deed: Deed, stage: Stage | None = None) -> None:
    """Let the deed pass, or raise NotYours with the roles that it needs."""
    if not may(roles, deed, stage):
        needed = ", ".join(role.value for role in MAY[deed])
        raise NotYours(
            _(
                "Your role in this review does not let you %(deed)s; it takes one of: %(roles)s.",
                deed=deed.value,
                roles=needed,
            )
        )
