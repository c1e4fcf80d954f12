"""A documented run as PubMed would be asked: which source it is, whose strategy it follows, each line written out."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import Invalid, WorkbenchError
from workbench.protocols.rules import KnownStudy, Plan, Run, Source, StrategyLine
from workbench.protocols.rules.strategies import UnresolvedLine, resolved
from workbench.words import _

PUBMED = ("pubmed", "ncbi.nlm.nih.gov")


class NotPubMed(Invalid):
    """Only a search of PubMed itself can be run here."""

    hint = "Search the database at its own page, and import the file it gives."


class NoStrategy(Invalid):
    """A search is run by its strategy."""

    hint = "Write the strategy into the protocol, line by line as PubMed takes it, and put the new version in force."


@dataclass(frozen=True, slots=True)
class LiveLine:
    """One line of a strategy with its references written out; where that fails, `trouble` says why."""

    line: StrategyLine
    term: str | None
    trouble: WorkbenchError | None = None

    @property
    def name(self) -> str:
        """The line's number as it is kept with an answer."""
        return str(self.line.n)[:20]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a run asks: the lines, which of them is the search itself, and the run of the protocol they stand in."""

    run: Run
    lines: tuple[LiveLine, ...]
    final: LiveLine

    @property
    def limits_left_out(self) -> bool:
        """Whether the run's limits were set beside the strategy, so that the lines do not hold them."""
        return self.run.limits is not None and self.run.limits.applied_in == "interface"


def is_pubmed(source: Source | None) -> bool:
    """Say whether a source is PubMed itself, by its platform, else by its address or name.

    MEDLINE on another platform is searched in another language.
    """
    if source is None:
        return False
    said = source.platform or f"{source.url or ''} {source.name}"
    return any(word in said.lower() for word in PUBMED)


def wording(plan: Plan, source_id: str, code: str) -> Wording:
    """How a run is put to PubMed. A run without a strategy of its own, such as an update, follows its source's newest.

    Raises:
        NotPubMed, NoStrategy: it cannot be.
    """
    source = next((one for _step, one in plan.sources() if one.id == source_id), None)
    if source is None or not is_pubmed(source):
        raise NotPubMed(_("This run is no search of PubMed: its platform in the protocol is another."))
    run = _run(source, code)
    lines = tuple(_live(run.strategy or (), line) for line in run.strategy or ())
    return Wording(run, lines, _final(run, lines))


def known(plan: Plan) -> tuple[KnownStudy, ...]:
    """The studies that the team knows by a DOI or a PubMed number."""
    return tuple(study for study in plan.known_studies if study.doi or study.pmid)


def _run(source: Source, code: str) -> Run:
    own = next((run for run in source.runs if run.id == code), None)
    if own is not None and own.strategy:
        return own
    with_strategy = [run for run in source.runs if run.strategy]
    if not with_strategy:
        raise NoStrategy(_("The protocol holds no strategy for this run yet."))
    return with_strategy[-1]


def _live(strategy: Sequence[StrategyLine], line: StrategyLine) -> LiveLine:
    try:
        return LiveLine(line, resolved(strategy, line.n))
    except UnresolvedLine as error:
        return LiveLine(line, None, error)


def _final(run: Run, lines: tuple[LiveLine, ...]) -> LiveLine:
    """The line whose records are fetched: the one the run names, else its last."""
    named = [one for one in lines if run.final_line is not None and str(one.line.n) == str(run.final_line)]
    return named[0] if named else lines[-1]
