"""Ballots and outcomes: what a record's handed-in votes amount to under the rule of its stage. Pure thought."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from workbench.protocols.rules import Limits, StagePlan, languages_allowed, short_code
from workbench.protocols.rules.languages import is_language
from workbench.reviews.rules import Role, Stage


class Decision(StrEnum):
    """What a ballot says; a withdrawal is a ballot too."""

    INCLUDE = "include"
    EXCLUDE = "exclude"
    UNCLEAR = "unclear"
    WITHDRAWN = "withdrawn"


class Design(StrEnum):
    """What kind of report an include found."""

    GUIDELINE = "guideline"
    SYSTEMATIC_REVIEW = "systematic-review"
    RANDOMISED_TRIAL = "randomised-trial"
    NON_RANDOMISED = "non-randomised"
    OTHER = "other"


class Origin(StrEnum):
    """How a vote came about; asked again: one person's votes differed on two records that proved to be one report."""

    CAST = "cast"
    PILOT = "pilot"
    IMPORTED = "imported"
    ASKED_AGAIN = "asked-again"


class HandedInBy(StrEnum):
    """What made a vote final: its author's finish, twenty newer votes on top, or a day."""

    FINISH = "finish"
    NEWER = "newer"
    DAY = "day"


class StageDeed(StrEnum):
    """What can happen to a stage."""

    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"


class Verdict(StrEnum):
    """What a settlement says."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    AWAITING = "awaiting classification"


class Path(StrEnum):
    """How a settlement came about."""

    CONSENSUS = "consensus"
    ADJUDICATION = "adjudication"


class Look(StrEnum):
    """What an adjudicator asked to see."""

    REASONS = "reasons"
    NAMES = "names"


class Found(StrEnum):
    """Where the full text of a report stands; tried: looked for without success, and still sought."""

    TRIED = "tried"
    REQUESTED = "requested"
    NEEDS_TRANSLATION = "needs-translation"
    RETRIEVED = "retrieved"
    NOT_RETRIEVED = "not-retrieved"


class BarKind(StrEnum):
    """Why a person does not vote on a record."""

    INTEREST = "interest"
    """Own work, or another interest (B12)."""
    LANGUAGE = "language"
    """They do not read its language, so it goes to somebody else."""


UNDER_WAY = frozenset({Found.REQUESTED, Found.NEEDS_TRANSLATION})
"""States in which somebody waits for something, which may be expected by a day."""


class Channel(StrEnum):
    """By which way a full text was looked for."""

    LIBRARY = "library"
    INTERLIBRARY_LOAN = "interlibrary-loan"
    AUTHORS = "authors"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True)
class Attempt:
    """How a full text was looked for: the way, the day where it is not today, and the day it is expected by."""

    channel: Channel | None = None
    on: date | None = None
    expected_by: date | None = None


NO_ATTEMPT = Attempt()


class FileKind(StrEnum):
    """What a file of a report is."""

    ARTICLE = "article"
    SUPPLEMENT = "supplement"
    PROTOCOL = "protocol"
    REGISTRY_ENTRY = "registry-entry"


class Outcome(StrEnum):
    """Where a record stands at a stage."""

    PENDING = "pending"
    CONFLICT = "conflict"
    INCLUDED = "included"
    EXCLUDED = "excluded"
    AWAITING = "awaiting classification"


class Split(StrEnum):
    """How records were allocated: to everybody again, by shares, as a batch, or from one person to others."""

    EVERYONE = "everyone"
    SHARES = "shares"
    BATCH = "batch"
    HANDED_OVER = "handed-over"


class Variant(StrEnum):
    """How many people decide, and how."""

    FULL_DUAL = "full-dual"
    LIBERAL = "liberal-accelerated"
    SINGLE = "single"
    SINGLE_PLUS_CHECK = "single-plus-check"


class LimitRule(StrEnum):
    """The limits of a protocol that a record can be seen to be outside of."""

    YEAR = "year"
    LANGUAGE = "language"


JUDGED_BY = frozenset({"questions", "eligibility", "exclusion_reasons", "limits"})
"""The parts of a plan by which records are judged at both stages; the rule of a stage is asked for at that stage."""

One = TypeVar("One", bound="Voted")

IN_HAND = 20
"""So many newer votes of the same person make a vote final (domain B2); votes given in bulk count as one."""

MOST_IN_BULK = 200
"""So many records of a filtered list may be voted on at once."""

PAUSE = timedelta(minutes=5)
"""Who gives no vote for so long has paused; the time does not count in the pace."""

WORKBENCH_KEYS: Mapping[str, str] = {
    "include": "y", "unclear": "m", "exclude": "n", "undo": "u", "redo": "r", "later": "l", "back": "k", "forward": "j",
    "marks": "h", "note": "/", "find": "s", "duplicate": "d", "finish": "f", "help": "?",
}  # fmt: skip
"""The single keys of the desk, by what they do; 1 to 9 exclude with that reason and stay as they are."""

RAYYAN_KEYS: Mapping[str, str] = {
    **WORKBENCH_KEYS, "include": "i", "unclear": "u", "exclude": "e", "undo": "z", "redo": "y",
}  # fmt: skip
"""The keys that those who come from Rayyan have in their fingers: I, E, and U for undecided."""


@dataclass(frozen=True)
class Wish:
    """What a reviewer looks for in the own queue; parts that are empty ask for nothing. Nobody else learns of it."""

    words: str = ""
    """Words that all stand in title, abstract or keywords."""
    term: str = ""
    """One marked term, looked for in title and abstract; a * at its end is left off."""
    first_year: int | None = None
    last_year: int | None = None
    run_id: int | None = None
    language: str = ""
    """Two letters, as records spell it."""
    no_abstract: bool = False

    def __bool__(self) -> bool:
        return self != Wish()

    def parts(self) -> dict[str, Any]:
        """The parts that ask for something, as an address spells them."""
        return {name: int(value) if isinstance(value, bool) else value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class Arranged:
    """What was arranged at a stage beside its rule, so that nothing is asked about what is not there."""

    allocated: bool = False
    """Some records are allocated to people."""
    piloted: bool = False
    """There has been a pilot round."""
    counts_since: int = 0
    """The protocol version that changed the criteria last; pilot votes given under earlier ones are history."""
    languages: bool = False
    """Some people have said which languages they read."""


NOTHING_ARRANGED = Arranged()


@dataclass(frozen=True)
class StageRule:
    """The rule a stage was opened under; fixed in the protocol before."""

    stage: Stage
    variant: Variant = Variant.FULL_DUAL
    check_percent: float = 0.0
    reasons_asked: bool = False
    masked: bool = False
    reasons_at_once: bool = False
    seniors: tuple[str, ...] = ()
    """Roles and addresses of those one of whom each pair needs; none: no pair needs a senior."""
    order: str = "random"
    seed: int = 0
    voters: tuple[str, ...] = ()
    adjudicators: tuple[str, ...] = ()
    arranged: Arranged = NOTHING_ARRANGED

    @property
    def most_votes(self) -> int:
        """The most votes one record can need."""
        return 1 if self.variant is Variant.SINGLE else 2

    @property
    def places(self) -> int:
        """How many people a record is allocated to; a second check is open to everybody else."""
        return 1 if self.variant in {Variant.SINGLE, Variant.SINGLE_PLUS_CHECK} else 2

    @property
    def is_independent(self) -> bool:
        """Whether two people judge every record without knowing what the first decided (only full dual)."""
        return self.variant is Variant.FULL_DUAL


@dataclass(frozen=True)
class Ballot:
    """What one person says of one record."""

    decision: Decision
    reason_id: int | None = None
    questions: tuple[str, ...] = ()
    design: Design | None = None
    note: str | None = None
    private_note: str | None = None
    tags: tuple[str, ...] = ()
    page: int | None = None
    """The page of the full text on which the decision rests."""
    quote: str | None = None
    """The words on that page, as they stand there."""
    quoted_from: int | None = None
    """The file of the report that has the page."""
    is_senior: bool = field(default=False, compare=False)
    """Whether its author was a senior by the rule when it was cast."""
    in_pilot: bool = field(default=False, compare=False)
    """Whether it was handed in for a pilot round, before the round opened."""

    def says(self, stage: Stage) -> str:
        """What counts when ballots are compared: two ballots agree when they say the same.

        At title-abstract unclear counts as include and reasons do not matter; at full text reasons, questions and
        design matter.

        >>> Ballot(Decision.UNCLEAR).says(Stage.TITLE_ABSTRACT)
        'include'
        """
        if stage is Stage.TITLE_ABSTRACT:
            return (Decision.EXCLUDE if self.decision is Decision.EXCLUDE else Decision.INCLUDE).value
        if self.decision is Decision.EXCLUDE:
            return f"exclude {self.reason_id}"
        if self.decision is Decision.INCLUDE:
            return f"include {' '.join(sorted(self.questions))} {self.design or ''}"
        return self.decision.value


def outcome(
    ballots: Sequence[Ballot], rule: StageRule, settled: Verdict | None = None, *, checked: bool = False
) -> Outcome:
    """Say where a record stands after these handed-in ballots, one per person, in the order of hand-in.

    At title-abstract, unclear counts as include and reasons do not matter. At full text, unclear decides nothing: with
    any other ballot, or two of them, it is a conflict. Exclusions for different full-text reasons are a conflict:
    PRISMA counts by reason. Liberal-accelerated: one include passes, an exclusion needs two. A ballot beyond the number
    asked is surplus and counts nowhere, and so is a second one where the pair would have no senior. The ballots of a
    pilot round all count, however many: where they differ it is a conflict, since a pilot is there to find what people
    read differently. `checked` marks the seeded share of records whose single exclusion a second person checks.

    >>> dual = StageRule(Stage.TITLE_ABSTRACT)
    >>> outcome([Ballot(Decision.INCLUDE), Ballot(Decision.UNCLEAR)], dual).value
    'included'
    >>> outcome([Ballot(Decision.INCLUDE), Ballot(Decision.UNCLEAR)], StageRule(Stage.FULL_TEXT)).value
    'conflict'
    """
    if settled:
        return Outcome(settled.value)
    if not ballots:
        return Outcome.PENDING
    if len({ballot.says(rule.stage) for ballot in ballots if ballot.in_pilot}) > 1:
        return Outcome.CONFLICT
    says = [ballot.says(rule.stage) for ballot in paired(ballots, rule)]
    if enough(says[0], rule, checked=checked):
        return _alone(says[0])
    return _pair(says[0], says[1], rule) if len(says) > 1 else Outcome.PENDING


def is_history(origin: Origin, version_id: int, arranged: Arranged) -> bool:
    """Say whether a vote was given in a pilot round and the criteria changed after it; it stays and counts nowhere."""
    return origin is Origin.PILOT and version_id < arranged.counts_since


class Voted(Protocol):
    """What a pair is made of."""

    @property
    def is_senior(self) -> bool:
        """Whether its author was a senior by the rule when it was cast."""


def paired(ballots: Sequence[One], rule: StageRule) -> list[One]:
    """The first ballot and, where the rule can need two, the next one that may stand beside it.

    Where each pair needs a senior, two ballots of people who are none do not make a pair.

    >>> junior, senior = Ballot(Decision.INCLUDE), Ballot(Decision.EXCLUDE, is_senior=True)
    >>> [one.is_senior for one in paired([junior, junior, senior], StageRule(Stage.FULL_TEXT, seniors=("lead",)))]
    [False, True]
    """
    fitting = [one for one in ballots[1:] if not rule.seniors or ballots[0].is_senior or one.is_senior]
    return [*ballots[:1], *fitting][: rule.most_votes]


def counting(ballots: Sequence[Ballot], rule: StageRule) -> list[int]:
    """The places of the ballots that count: all of a pilot round, and the pair that the rule asks for."""
    pair = paired(ballots, rule)
    return [place for place, one in enumerate(ballots) if one.in_pilot or any(one is each for each in pair)]


def enough(first: str, rule: StageRule, *, checked: bool = False) -> bool:
    """Say whether the first ballot alone decides."""
    passes = first.startswith(Decision.INCLUDE)
    match rule.variant:
        case Variant.SINGLE:
            return True
        case Variant.LIBERAL:
            return passes
        case Variant.SINGLE_PLUS_CHECK:
            return passes or first == Decision.UNCLEAR or not checked
        case Variant.FULL_DUAL:
            return False


def _alone(says: str) -> Outcome:
    if says == Decision.UNCLEAR:
        return Outcome.CONFLICT
    return Outcome.INCLUDED if says.startswith(Decision.INCLUDE) else Outcome.EXCLUDED


def _pair(first: str, second: str, rule: StageRule) -> Outcome:
    if Decision.UNCLEAR in (first, second):
        return Outcome.CONFLICT
    if rule.variant is Variant.LIBERAL and second.startswith(Decision.INCLUDE):
        return Outcome.INCLUDED
    return _alone(first) if first == second else Outcome.CONFLICT


def pace(moments: Sequence[datetime]) -> int | None:
    """How many votes an hour one gives, from the moments of the last ones, newest first.

    None where they are too few, or given by a script: more than one a second.

    >>> at = datetime(2026, 5, 12, 9, 0)
    >>> pace([at - timedelta(seconds=40 * n) for n in range(10)]), pace([at])
    (90, None)
    """
    gaps = [gap for newer, older in pairwise(moments) if (gap := newer - older) <= PAUSE]
    total = sum(gaps, timedelta())
    is_told = len(gaps) > 4 and total.total_seconds() > len(gaps)
    return round(len(gaps) * 3600 / total.total_seconds()) if is_told else None


def unusable_keys(keys: Mapping[str, str]) -> list[str]:
    """Name the deeds of the desk whose key cannot be used: none, more than one sign, a number, or another's key.

    >>> unusable_keys(WORKBENCH_KEYS), unusable_keys(WORKBENCH_KEYS | {"undo": "y", "later": "1"})
    ([], ['include', 'undo', 'later'])
    """
    times = Counter(keys.get(deed, "") for deed in WORKBENCH_KEYS)
    return [deed for deed in WORKBENCH_KEYS if not is_key(keys.get(deed, "")) or times[keys[deed]] > 1]


def is_key(key: str) -> bool:
    """Say whether this is one sign that a single key can give: a letter or a sign, no number, no blank."""
    return len(key) == 1 and unicodedata.category(key)[0] in "LPS"


def rule_of(plan: StagePlan, arranged: Arranged = NOTHING_ARRANGED) -> StageRule:
    """Read a stage's rule from the protocol, with what was arranged beside it."""
    return StageRule(
        stage=plan.stage,
        variant=Variant(plan.variant),
        check_percent=plan.check_percent or 0.0,
        reasons_asked=plan.reasons_asked,
        masked=plan.masked,
        reasons_at_once=plan.reasons_at_once,
        seniors=(plan.seniors or (Role.LEAD.value,)) if plan.senior_in_pair else (),
        order=plan.order,
        seed=plan.seed,
        voters=plan.voters,
        adjudicators=plan.adjudicators,
        arranged=arranged,
    )


def is_named(named: Collection[str], roles: Collection[Role], email: str) -> bool:
    """Say whether a list of the protocol (roles or addresses) names this person; an empty list names everybody."""
    return not named or email in named or any(role.value in named for role in roles)


def shuffled(seed: int, record_id: int) -> str:
    """The place of a record in a random order that anyone can draw again from the seed."""
    return hashlib.sha256(f"{seed}:{record_id}".encode()).hexdigest()


def is_drawn(seed: int, record_id: int, percent: float) -> bool:
    """Say whether a record is in the seeded share whose single exclusion a second person checks."""
    return int(shuffled(seed + 1, record_id)[:8], 16) < percent / 100 * 2**32


def limit_rules(limits: Limits | None) -> list[LimitRule]:
    """Name the limits that can be checked on a record: its year of publication and its languages."""
    if limits is None:
        return []
    has_years = limits.date_field in {None, "publication"} and bool(limits.first_date or limits.last_date)
    return [LimitRule.YEAR] * has_years + [LimitRule.LANGUAGE] * bool(limits.languages)


def outside(limits: Limits | None, year: int | None, languages: Collection[str]) -> list[LimitRule]:
    """Name the limits that a record is outside of; where its year or a language is not known it is within.

    A record in several languages is within as soon as one of them is.
    """
    return [
        rule
        for rule in limit_rules(limits)
        if limits
        and (_is_other_year(limits, year) if rule is LimitRule.YEAR else _is_other_language(limits, languages))
    ]


def _is_other_year(limits: Limits, year: int | None) -> bool:
    first, last = limits.first_year, limits.last_year
    return year is not None and ((first is not None and year < first) or (last is not None and year > last))


def _is_other_language(limits: Limits, languages: Collection[str]) -> bool:
    """Only codes of two letters name a language for sure: "multilingual" or "und" may hide one that is allowed."""
    allowed, found = languages_allowed(limits) or frozenset(), {short_code(code.lower()) for code in languages}
    return bool(found) and not found & allowed and all(len(code) == 2 and is_language(code) for code in found)
