"""From which search runs a diagram starts: all of them, those of one question, or those of one step (R17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from workbench.errors import NotFound
from workbench.protocols import queries as protocols
from workbench.protocols.models import SearchRun
from workbench.protocols.rules import Plan
from workbench.records import queries as records
from workbench.records.models import Import
from workbench.reviews import queries as reviews
from workbench.reviews.rules import FIRST_COLUMN
from workbench.words import _


class NoSuchQuestion(NotFound):
    """A diagram of one question names a question of the protocol in force."""


class NoSuchStep(NotFound):
    """A diagram of one step names a step of the search."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a diagram shows: the search runs it starts from, and from which of them each import came.

    `arrivals` names the run of every import that counts here. A file that belongs to two runs counts once, for the run
    that brought its records where that run is shown, else for the other.
    """

    question: str | None
    step: str | None
    runs: Sequence[SearchRun]
    arrivals: Mapping[int, SearchRun]

    @property
    def is_whole(self) -> bool:
        """Whether the diagram shows the whole review."""
        return self.question is None and self.step is None

    @property
    def name(self) -> str:
        """What the diagram is called; empty for the whole review."""
        return ", ".join(part for part in (self.question, self.step) if part)

    @property
    def first_column(self) -> list[int]:
        """The imports from databases and registers."""
        return [import_id for import_id, run in self.arrivals.items() if run.lane in FIRST_COLUMN]

    @property
    def has_other_methods(self) -> bool:
        """Whether any run searched a website, an organisation, citations or elsewhere."""
        return any(run.lane not in FIRST_COLUMN for run in self.runs)


def scope_of(session: Session, review_id: int, question: str | None = None, step: str | None = None) -> Scope:
    """The runs of a review that a diagram starts from, with the imports that count.

    Raises:
        NoSuchQuestion: the protocol in force has no such question.
        NoSuchStep: neither the protocol in force nor a documented run has such a step.
    """
    every = protocols.runs(session, review_id)
    plan = protocols.plan_in_force(session, review_id)
    if question is not None and question not in {one.code for one in reviews.questions(session, review_id)}:
        raise NoSuchQuestion(_("The protocol has no question “%(code)s”.", code=question))
    if step is not None and step not in {one.id for one in plan.steps} | {run.step for run in every}:
        raise NoSuchStep(_("The search has no step “%(code)s”.", code=step))
    runs = [run for run in every if _serves(run, plan, question) and step in {None, run.step}]
    return Scope(question, step, runs, _arrivals(records.standing_imports(session, review_id), runs))


def _serves(run: SearchRun, plan: Plan, question: str | None) -> bool:
    """Say whether a run searched for the question; a step that names none, or that is no longer planned, serves all."""
    named = {one.id: one for one in plan.steps}.get(run.step)
    return question is None or named is None or named.serves(question)


def _arrivals(imports: Sequence[Import], runs: Sequence[SearchRun]) -> dict[int, SearchRun]:
    """Name the run of each import that brought records, as this diagram sees it."""
    shown = {run.id: run for run in runs}
    brought = {one.id: shown[one.run_id] for one in imports if one.same_as_id is None and one.run_id in shown}
    standing = {one.id for one in imports}
    for again in imports:
        if again.same_as_id in standing and again.run_id in shown:
            brought.setdefault(again.same_as_id, shown[again.run_id])
    return brought
