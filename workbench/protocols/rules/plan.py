"""The plan of a review as objects: what the other rooms ask of a protocol.

Defaults where the protocol is silent: both stages full dual in random order; reasons asked at full text only; nothing
masked; criteria and reasons apply at both stages; deduplication cautious, versions of one work apart; steps in the
order written; a step that names no question serves all; a run is an original one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.protocols.rules.languages import expanded
from workbench.reviews.rules import Lane, Stage

BOTH_STAGES = (Stage.TITLE_ABSTRACT, Stage.FULL_TEXT)
VOTES_OF_VARIANT = {"full-dual": 2, "liberal-accelerated": 2, "single": 1, "single-plus-check": 1}
"""How many people vote on a record before its outcome stands (domain.md, stages)."""


@dataclass(frozen=True, slots=True)
class AwaitedOutcome:
    """An outcome a question asks about (the O of PICO), with how much it matters."""

    name: str
    importance: str | None = None
    timepoint: str | None = None
    measure: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the review, in the parts of PICO."""

    id: str
    text: str
    population: str
    intervention: str
    comparison: str | None
    outcomes: tuple[AwaitedOutcome, ...]
    study_designs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of eligibility; `includes` says on which list it stands. No questions means all of them."""

    id: str
    text: str
    includes: bool
    questions: tuple[str, ...]
    applies_at: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class ExclusionReason:
    """A reason to exclude; the one with the lowest `order` (from 1) that applies is the primary reason."""

    order: int
    id: str
    label: str
    criterion: str | None
    applies_at: tuple[Stage, ...]
    concerns: str | None

    @property
    def concerns_outcome_data(self) -> bool:
        """Say whether MECIR C40 asks for a warning: unusable outcome data alone is no ground to exclude."""
        return self.concerns == "outcome-data"


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a review, a step or a run; dates as written ("2019", "2019-05"), both ends within."""

    date_field: str | None = None
    first_date: str | None = None
    last_date: str | None = None
    languages: tuple[str, ...] = ()
    publication_types: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    justification: str | None = None
    applied_in: str | None = None
    box: str | None = None

    @property
    def first_year(self) -> int | None:
        """The first year within the limits; None where there is no such limit."""
        return int(self.first_date[:4]) if self.first_date else None

    @property
    def is_automation(self) -> bool:
        """Whether a list accepted whole counts as removed by automation tools; the protocol may say otherwise."""
        return self.box != "other"

    @property
    def last_year(self) -> int | None:
        """The last year within the limits; None where there is no such limit."""
        return int(self.last_date[:4]) if self.last_date else None


@dataclass(frozen=True, slots=True)
class StagePlan:
    """The rules of one stage, fixed before it opens and printed in the methods text."""

    stage: Stage
    variant: str = "full-dual"
    votes: int = 2
    check_percent: float | None = None
    senior_in_pair: bool = False
    seniors: tuple[str, ...] = ()
    reasons_asked: bool = False
    masked: bool = False
    reasons_at_once: bool = False
    order: str = "random"
    seed: int = 0
    voters: tuple[str, ...] = ()
    adjudicators: tuple[str, ...] = ()

    @property
    def is_independent(self) -> bool:
        """Say whether two people judge every record without knowing of each other: full dual alone."""
        return self.variant == "full-dual"


@dataclass(frozen=True, slots=True)
class Highlights:
    """Words marked in titles and abstracts; a * at the end stands for any ending.

    A protocol lists those that speak for and against a record; those of its questions (`pico`) are read off them.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    pico: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deduplication:
    """How records of one report are brought together."""

    strictness: str = "cautious"
    versions: str = "apart"
    scope: str = "across_all_steps"
    people: int = 1
    """How many people must give the same answer before a pair is decided."""


@dataclass(frozen=True, slots=True)
class StrategyLine:
    """One numbered line of a search strategy; hits as the database gave them, None where not known."""

    n: int | str
    query: str
    hits: int | None
    concept: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One search of one source on one day. `strategy` is None where it is not known."""

    id: str
    searched_on: str
    kind: str
    provenance: str | None
    by: str | None
    strategy: tuple[StrategyLine, ...] | None
    final_line: int | str | None
    hits_reported: int | None
    hits_note: str | None
    limits: Limits | None


@dataclass(frozen=True, slots=True)
class Source:
    """A database, register, website or other place that is searched; its lane says in which column it counts."""

    id: str
    name: str
    platform: str | None
    lane: Lane
    method: str | None
    url: str | None
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the search, such as guidelines first, then trials."""

    id: str
    order: int
    title: str
    targets: str | None
    questions: tuple[str, ...]
    condition: str | None
    limits: Limits | None
    sources: tuple[Source, ...]

    def serves(self, question: str) -> bool:
        """Say whether this step searches for the question; a step that names none serves all (R17)."""
        return not self.questions or question in self.questions


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """A study the team knows beforehand, which the searches must find."""

    title: str
    doi: str | None
    pmid: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All that was fixed beforehand, in the order of the protocol."""

    review_id: str
    title: str
    type: str
    provenance: str | None
    questions: tuple[Question, ...]
    criteria: tuple[Criterion, ...]
    exclusion_reasons: tuple[ExclusionReason, ...]
    limits: Limits | None
    stages: Mapping[Stage, StagePlan]
    highlights: Highlights
    deduplication: Deduplication
    steps: tuple[Step, ...]
    known_studies: tuple[KnownStudy, ...]
    appraisal: Mapping[str, Any]

    def stage(self, stage: str) -> StagePlan:
        """The rules of one stage."""
        return self.stages[Stage(stage)]

    def sources(self) -> Iterator[tuple[Step, Source]]:
        """Every source with its step, in order."""
        return ((step, source) for step in self.steps for source in step.sources)

    def runs(self) -> Iterator[tuple[Step, Source, Run]]:
        """Every run with its step and source, in order."""
        return ((step, source, run) for step, source in self.sources() for run in source.runs)

    def reasons_at(self, stage: str) -> tuple[ExclusionReason, ...]:
        """The exclusion reasons of one stage, in order of priority."""
        return tuple(reason for reason in self.exclusion_reasons if stage in reason.applies_at)


def languages_allowed(limits: Limits | None) -> frozenset[str] | None:
    """Two-letter codes of the languages within the limits, Norwegian spelt out (`no` is nb, nn and no).

    None where nothing limits the language. Codes without a two-letter form stay as they are.
    """
    return expanded(limits.languages) if limits is not None and limits.languages else None


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Build the plan from a document that holds (one that `read_protocol` gave, or that was stored)."""
    review, screening = document["review"], document.get("screening", {})
    return Plan(
        review_id=review["id"],
        title=review["title"],
        type=review.get("type", "new"),
        provenance=review.get("provenance"),
        questions=tuple(_question(each) for each in document["questions"]),
        criteria=tuple(_criteria(document.get("eligibility", {}))),
        exclusion_reasons=tuple(_reasons(document.get("exclusion_reasons", []))),
        limits=_limits(document.get("limits")),
        stages={stage: _stage(stage, screening.get(stage.value, {})) for stage in Stage},
        highlights=Highlights(**_tuples(screening.get("highlights", {}))),
        deduplication=_deduplication(document.get("deduplication", {})),
        steps=_steps(document["steps"]),
        known_studies=tuple(_known_study(each) for each in document.get("known_studies", [])),
        appraisal=document.get("appraisal", {}),
    )


def _tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _question(given: Mapping[str, Any]) -> Question:
    return Question(
        id=given["id"],
        text=given["text"],
        population=given["population"],
        intervention=given["intervention"],
        comparison=given.get("comparison"),
        outcomes=tuple(AwaitedOutcome(**outcome) for outcome in given.get("outcomes", [])),
        study_designs=tuple(given.get("study_designs", [])),
    )


def _stages(names: Sequence[str] | None) -> tuple[Stage, ...]:
    return tuple(Stage(name) for name in names) if names else BOTH_STAGES


def _criteria(given: Mapping[str, Any]) -> Iterator[Criterion]:
    for key in ("include", "exclude"):
        for each in given.get(key, []):
            questions = tuple(each.get("questions", []))
            yield Criterion(each["id"], each["text"], key == "include", questions, _stages(each.get("applies_at")))


def _reasons(given: Sequence[Mapping[str, Any]]) -> Iterator[ExclusionReason]:
    for order, each in enumerate(given, start=1):
        yield ExclusionReason(
            order=order,
            id=each["id"],
            label=each["label"],
            criterion=each.get("criterion"),
            applies_at=_stages(each.get("applies_at")),
            concerns=each.get("concerns"),
        )


def _limits(given: Mapping[str, Any] | None) -> Limits | None:
    if given is None:
        return None
    names = {"from": "first_date", "to": "last_date"}
    return Limits(**{names.get(key, key): value for key, value in _tuples(given).items()})


def _stage(stage: Stage, given: Mapping[str, Any]) -> StagePlan:
    variant = given.get("variant") or ("single" if given.get("votes") == 1 else "full-dual")
    silent = {"votes": VOTES_OF_VARIANT[variant], "reasons_asked": stage is Stage.FULL_TEXT}
    return StagePlan(**{**silent, **_tuples(given), "variant": variant, "stage": stage})


def _deduplication(given: Mapping[str, Any]) -> Deduplication:
    known = Deduplication.__slots__
    return Deduplication(**{key: value for key, value in given.items() if key in known})


def _steps(given: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    numbered = [(each.get("order", place), each) for place, each in enumerate(given, start=1)]
    return tuple(_step(order, each) for order, each in sorted(numbered, key=lambda pair: pair[0]))


def _step(order: int, given: Mapping[str, Any]) -> Step:
    return Step(
        id=given["id"],
        order=order,
        title=given["title"],
        targets=given.get("targets"),
        questions=tuple(given.get("questions", [])),
        condition=given.get("condition"),
        limits=_limits(given.get("limits")),
        sources=tuple(_source(each) for each in given["sources"]),
    )


def _source(given: Mapping[str, Any]) -> Source:
    return Source(
        id=given["id"],
        name=given["name"],
        platform=given.get("platform"),
        lane=Lane(given["prisma_lane"]),
        method=given.get("method"),
        url=given.get("url"),
        runs=tuple(_run(each) for each in given.get("runs", [])),
    )


def _run(given: Mapping[str, Any]) -> Run:
    lines = given.get("strategy")
    return Run(
        id=given["id"],
        searched_on=given["searched_on"],
        kind=given.get("kind", "original"),
        provenance=given.get("provenance"),
        by=given.get("by"),
        strategy=None if lines is None else tuple(_line(each) for each in lines),
        final_line=given.get("final_line"),
        hits_reported=given.get("hits_reported"),
        hits_note=given.get("hits_note"),
        limits=_limits(given.get("limits")),
    )


def _line(given: Mapping[str, Any]) -> StrategyLine:
    optional = (given.get(key) for key in ("hits", "concept", "note"))
    return StrategyLine(given["n"], given["query"], *optional)


def _known_study(given: Mapping[str, Any]) -> KnownStudy:
    return KnownStudy(given["title"], *(given.get(key) for key in ("doi", "pmid", "why")))
