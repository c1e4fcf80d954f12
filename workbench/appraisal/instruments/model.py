"""An instrument as data: its domains, items and answers, and the table that suggests a judgement."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

NOT_ASKED = "NA"
"""The answer of an item that a condition leaves out; a blank there means the same."""


class Trust(StrEnum):
    """How far the table behind an instrument has been checked."""

    CHECKED = "checked"
    BETA = "beta"
    BY_HAND = "by-hand"


class Level(StrEnum):
    """How bad a judgement is, whatever an instrument calls it; pictures take colour and symbol from it."""

    LOW = "low"
    SOME = "some"
    HIGH = "high"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Combine(StrEnum):
    """How the parts of a domain become one judgement."""

    WORST = "worst"
    SUM = "sum"
    """The steps above the best judgement are added, up to the worst there is."""


class Match(StrEnum):
    """Whether one clause of a condition is enough."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True)
class Condition:
    """When an item is asked: any or all of (item, set of answers)."""

    match: Match
    clauses: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Boxes:
    """Criteria to tick from which an answer follows: those of a partial yes, and those of a full one."""

    full: Mapping[str, str]
    partial: Mapping[str, str] = field(default_factory=dict)
    is_one_enough: bool = False


@dataclass(frozen=True)
class Item:
    """One question of an instrument, in our own short words."""

    id: str
    label: str
    responses: tuple[str, ...]
    asked_if: Condition | None = None
    applicable_if: tuple[str, str] | None = None
    """The preliminary, and which of its values makes the item applicable; else it is NA."""
    is_yes_bad: bool = False
    part_of: str = ""
    """The item whose part this is, such as the randomised studies of item 9."""
    boxes: Boxes | None = None
    stars: tuple[str, ...] = ()
    """Answers that earn a star."""

    @property
    def is_conditional(self) -> bool:
        """Whether NA is an answer only where the item does not apply."""
        return self.asked_if is not None or self.applicable_if is not None


@dataclass(frozen=True)
class Rule:
    """One line of a decision table: where every item has an answer of its set, this judgement is suggested."""

    id: str
    clauses: tuple[tuple[str, str], ...]
    then: str
    disputed: str = ""


@dataclass(frozen=True)
class Table:
    """The decision table of a domain: one or several lists of rules, each with one outcome."""

    parts: tuple[tuple[Rule, ...], ...]
    combine: Combine = Combine.WORST
    after: tuple[str, tuple[Rule, ...]] | None = None
    """A judgement that is looked at once more, and by which rules."""

    def rules(self) -> Iterator[Rule]:
        """Every rule of the table."""
        for part in self.parts:
            yield from part
        if self.after:
            yield from self.after[1]


@dataclass(frozen=True)
class Domain:
    """A part of an instrument that gets a judgement, a score or stars of its own."""

    id: str
    slot: str
    """What the domain is called in tables and pictures; variants of one domain share it."""
    label: str
    name: str
    """The name on pictures and in exchange files."""
    items: Mapping[str, Item]
    table: Table | None = None
    is_judged: bool = True
    leaves_rest: bool = False
    """Whether the table suggests only what is clear and leaves the rest to a person."""
    when: tuple[str, str] | None = None
    """The preliminary, and which of its values chooses this variant."""
    per: str = ""
    is_repeatable: bool = False
    has_applicability: bool = False
    judgements: tuple[str, ...] = ()
    ends_at: str = ""
    """The judgement after which no other domain is asked, and the whole has it too."""


@dataclass(frozen=True)
class OverallRule:
    """One line of the table for the whole: any, or all, of the domains have one of these judgements."""

    id: str
    match: Match
    judgements: tuple[str, ...]
    then: str


@dataclass(frozen=True)
class Escalation:
    """A worse judgement than the rules give, which a person may state with a reason."""

    start: str
    end: str
    at_least: int
    """Domains at `start` from which on this may be stated."""
    condition: str


@dataclass(frozen=True)
class OfDomains:
    """The whole follows from the judgements of the domains."""

    rules: tuple[OverallRule, ...]
    escalations: tuple[Escalation, ...] = ()
    needs_key_domains: bool = False
    """Whether there is a judgement of the whole only where the protocol names the domains that count."""


@dataclass(frozen=True)
class WeaknessRule:
    """One line of a table that counts weaknesses: at least so many critical ones and so many others."""

    id: str
    critical: int
    others: int
    then: str
    may_become: str = ""


@dataclass(frozen=True)
class OfWeaknesses:
    """The whole follows from how many critical and how many other items are weak."""

    answer: str
    partial: str
    left_out: tuple[str, ...]
    ranks: tuple[str, ...]
    """Answers from worst to best, by which the parts of an item become one."""
    critical: tuple[str, ...]
    rules: tuple[WeaknessRule, ...]


@dataclass(frozen=True)
class OfCount:
    """The whole is a count of answers, or of the stars they earn."""

    answers: tuple[str, ...]
    may_leave_out: tuple[str, ...] = ()
    counts_stars: bool = False


Overall = OfDomains | OfWeaknesses | OfCount


@dataclass(frozen=True)
class Scale:
    """Numbers to choose from; the score of a domain is the share of its range that was given."""

    lowest: int
    highest: int


@dataclass(frozen=True)
class Preliminary:
    """What is agreed before anybody judges, or asked about the whole at the end."""

    id: str
    label: str
    options: tuple[str, ...] = ()
    takes_several: bool = False


@dataclass(frozen=True)
class Instrument:
    """One version of an instrument; never edited once in use, a revision is a new file."""

    id: str
    version: str
    name: str
    short: str
    unit: str
    trust: Trust
    citation: str
    official_form: str
    answers: Mapping[str, str]
    sets: Mapping[str, frozenset[str]]
    judgements: Mapping[str, Level]
    """From best to worst, then those that say that nothing can be said."""
    domains: Mapping[str, Domain]
    overall: Overall | None = None
    overall_judgements: Mapping[str, Level] = field(default_factory=dict)
    scale: Scale | None = None
    preliminaries: tuple[Preliminary, ...] = ()
    closing: tuple[Preliminary, ...] = ()
    """What is asked about the whole, beside the items."""
    licence: str = ""
    note: str = ""
    sha256: str = ""
    """Of the file, so that an answer can name the very table it was given under."""

    @property
    def items(self) -> Mapping[str, Item]:
        """The items of all domains; of variants that share a number, the first."""
        found: dict[str, Item] = {}
        for domain in self.domains.values():
            for item in domain.items.values():
                found.setdefault(item.id, item)
        return found

    @property
    def slots(self) -> tuple[str, ...]:
        """The domains as tables and pictures show them, in order."""
        return tuple(dict.fromkeys(domain.slot for domain in self.domains.values() if domain.is_judged))

    def level(self, judgement: str) -> Level:
        """How bad a judgement of this instrument is."""
        return {**self.judgements, **self.overall_judgements}[judgement]
