"""The instruments that come with the house, each one file: numbers, our own short labels, answer codes and logic."""

from functools import cache
from pathlib import Path

from workbench.appraisal.instruments.model import (
    NOT_ASKED,
    Boxes,
    Combine,
    Condition,
    Domain,
    Escalation,
    Instrument,
    Item,
    Level,
    Match,
    OfCount,
    OfDomains,
    OfWeaknesses,
    Overall,
    OverallRule,
    Preliminary,
    Rule,
    Scale,
    Table,
    Trust,
    WeaknessRule,
)
from workbench.appraisal.instruments.reading import BadInstrument, read_instrument
from workbench.errors import NotFound
from workbench.words import _

__all__ = [
    "NOT_ASKED",
    "BadInstrument",
    "Boxes",
    "Combine",
    "Condition",
    "Domain",
    "Escalation",
    "Instrument",
    "Item",
    "Level",
    "Match",
    "NoSuchInstrument",
    "OfCount",
    "OfDomains",
    "OfWeaknesses",
    "Overall",
    "OverallRule",
    "Preliminary",
    "Rule",
    "Scale",
    "Table",
    "Trust",
    "WeaknessRule",
    "load",
    "names",
    "read_instrument",
]

_FOLDER = Path(__file__).resolve().parent


class NoSuchInstrument(NotFound):
    """An instrument is called by the name of its file."""

    hint = "`workbench appraisal instruments` lists them."


def names() -> list[str]:
    """What the instruments are called that come with the house."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@cache
def load(name: str) -> Instrument:
    """Read an instrument that comes with the house.

    Raises:
        NoSuchInstrument: there is none of this name.
    """
    if name not in names():
        raise NoSuchInstrument(_("There is no instrument “%(name)s”.", name=name))
    path = _FOLDER / f"{name}.yaml"
    return read_instrument(path.read_bytes(), path.name)
