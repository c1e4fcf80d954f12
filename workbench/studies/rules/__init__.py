"""Where a study stands, which instruments wait for it, and what it is called. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from string import ascii_lowercase

from workbench.deduplication.rules.names import family_name
from workbench.screening.rules import Design, Outcome
from workbench.words import _

LONGEST_LABEL = 120


class State(StrEnum):
    """Where a study stands."""

    INCLUDED = "included"
    ONGOING = "ongoing"
    AWAITING = "awaiting classification"
    UNDECIDED = "undecided"
    EXCLUDED = "excluded"


class DeedKind(StrEnum):
    """What was done to studies; each deed can be undone."""

    GATHER = "gather"
    SPLIT = "split"
    MERGE = "merge"
    PRIMARY = "primary"
    NAME = "name"
    UNDO = "undo"


class PairAnswer(StrEnum):
    """What a person says of two groups of reports that may be of one study; "same" is a deed and no answer."""

    DIFFERENT = "different"
    LATER = "later"


def state_of(outcomes: Collection[Outcome | None], n_ongoing: int = 0) -> State:
    """Say where a study stands by the full-text outcomes of its reports; None is a report not assessed yet.

    One report included is enough for the study to be included; it is excluded when all its reports are.

    Args:
        outcomes: one for each report.
        n_ongoing: how many of the reports that await classification tell of a study still under way.

    >>> state_of([Outcome.EXCLUDED, Outcome.INCLUDED]).value, state_of([Outcome.EXCLUDED, Outcome.PENDING]).value
    ('included', 'undecided')
    """
    if Outcome.INCLUDED in outcomes:
        return State.INCLUDED
    if Outcome.AWAITING in outcomes:
        return State.ONGOING if n_ongoing else State.AWAITING
    return State.EXCLUDED if set(outcomes) == {Outcome.EXCLUDED} else State.UNDECIDED


def instruments(designs: Iterable[Design | None], by_design: Mapping[str, str]) -> list[str]:
    """Name the instruments that wait for a study: one for each settled design of its included reports.

    The protocol says which (`appraisal.by_design`); a design for which it names none waits for none.

    >>> instruments([Design.GUIDELINE, Design.OTHER], {"guideline": "agree2", "randomised-trial": "rob2"})
    ['agree2']
    """
    settled = [design.value for design in Design if design in set(designs)]
    return list(dict.fromkeys(by_design[design] for design in settled if by_design.get(design)))


def label_of(authors: Sequence[str], year: int | None, record_id: int) -> str:
    """What a study is called by its first report, as tables of reviews call it.

    >>> label_of(["Klazen, Caroline A H", "Lohle, P"], 2010, 7), label_of([], None, 7)
    ('Klazen 2010', 'Report 7')
    """
    family = family_name(authors[0]).strip() if authors else ""
    words = (family or _("Report %(id)s", id=record_id), str(year or ""))
    return " ".join(part for part in words if part)[:LONGEST_LABEL]


def told_apart(labels: Sequence[str]) -> list[str]:
    """Give a letter to labels that are alike, in the order in which they stand.

    >>> told_apart(["Berg 2012", "Dahl 2009", "Berg 2012"])
    ['Berg 2012a', 'Dahl 2009', 'Berg 2012b']
    """
    seen: dict[str, int] = {}
    found = []
    for label in labels:
        place = seen[label] = seen.get(label, -1) + 1
        letter = ascii_lowercase[place % 26] * (1 + place // 26)
        found.append(f"{label}{letter}" if labels.count(label) > 1 else label)
    return found
